/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_MINMAX_H
#define SHIM_LINUX_MINMAX_H

#define swap(x, y)				\
	do {					\
		__typeof__(x) old_x_ = (x);	\
						\
		(x) = (y);			\
		(y) = old_x_;			\
	} while (0)

#endif /* SHIM_LINUX_MINMAX_H */
