/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_LOG2_H
#define SHIM_LINUX_LOG2_H

#include <linux/bitops.h>

#define ilog2(n)	((int)__fls(n))

#define is_power_of_2(n)	((n) && !((n) & ((n) - 1)))

#endif /* SHIM_LINUX_LOG2_H */
