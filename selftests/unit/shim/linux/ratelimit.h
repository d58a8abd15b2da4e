/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_RATELIMIT_H
#define SHIM_LINUX_RATELIMIT_H

#include <linux/printk.h>

struct ratelimit_state {
	int unused;
};

#define DEFAULT_RATELIMIT_INTERVAL	5
#define DEFAULT_RATELIMIT_BURST		10
#define RATELIMIT_MSG_ON_RELEASE	1

#define DEFINE_RATELIMIT_STATE(name, interval, burst) \
	struct ratelimit_state name = { 0 }

#define ratelimit_state_init(state, interval, burst)	((void)(state))
#define ratelimit_set_flags(state, flags)		((void)(state))
#define __ratelimit(state)				((void)(state), 1)

#endif /* SHIM_LINUX_RATELIMIT_H */
