/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_VERSION_H
#define SHIM_LINUX_VERSION_H

/* Of the newest series, so that compat.h stands in for nothing. */
#define KERNEL_VERSION(a, b, c)	(((a) << 16) + ((b) << 8) + (c))
#define LINUX_VERSION_CODE	KERNEL_VERSION(7, 0, 0)

#endif /* SHIM_LINUX_VERSION_H */
