/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_MINMAX_H
#define SHIM_LINUX_MINMAX_H

#include <limits.h>

#define min(x, y)				\
({						\
	__typeof__(x) min_x_ = (x);		\
	__typeof__(y) min_y_ = (y);		\
						\
	(void)(&min_x_ == &min_y_);		\
	min_x_ < min_y_ ? min_x_ : min_y_;	\
})

#define max(x, y)				\
({						\
	__typeof__(x) max_x_ = (x);		\
	__typeof__(y) max_y_ = (y);		\
						\
	(void)(&max_x_ == &max_y_);		\
	max_x_ > max_y_ ? max_x_ : max_y_;	\
})

#define clamp(x, lo, hi)	min_t(__typeof__(x), max_t(__typeof__(x), x, lo), hi)

#define min_t(type, x, y)	min((type)(x), (type)(y))
#define max_t(type, x, y)	max((type)(x), (type)(y))

#define swap(x, y)				\
	do {					\
		__typeof__(x) old_x_ = (x);	\
						\
		(x) = (y);			\
		(y) = old_x_;			\
	} while (0)

#define clamp_t(type, x, lo, hi)	min_t(type, max_t(type, x, lo), hi)

#endif /* SHIM_LINUX_MINMAX_H */
