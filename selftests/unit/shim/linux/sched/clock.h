/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SCHED_CLOCK_H
#define SHIM_LINUX_SCHED_CLOCK_H

#include <linux/types.h>

static inline u64 local_clock(void)
{
	static u64 now;

	return ++now;
}

#endif /* SHIM_LINUX_SCHED_CLOCK_H */
