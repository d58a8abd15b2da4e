/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_RANDOM_H
#define SHIM_LINUX_RANDOM_H

#include <linux/types.h>

/* The host's, which depend on the test's seed only. */
u64 get_random_u64(void);

#define get_random_long()	((unsigned long)get_random_u64())

#endif /* SHIM_LINUX_RANDOM_H */
