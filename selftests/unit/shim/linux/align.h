/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_ALIGN_H
#define SHIM_LINUX_ALIGN_H

#define ALIGN(x, to)	(((x) + ((to) - 1)) & ~((__typeof__(x))(to) - 1))

#endif /* SHIM_LINUX_ALIGN_H */
