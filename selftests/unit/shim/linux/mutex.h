/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_MUTEX_H
#define SHIM_LINUX_MUTEX_H

#include <linux/lockdep.h>
#include <linux/types.h>

#include <host.h>

struct mutex {
	bool held;
};

#define DEFINE_MUTEX(name)	struct mutex name = { false }

static inline void mutex_init(struct mutex *mutex)
{
	mutex->held = false;
}

static inline void mutex_lock(struct mutex *mutex)
{
	host_might_sleep();
	expect(!mutex->held, "a mutex is taken twice");
	mutex->held = true;
}

static inline void mutex_unlock(struct mutex *mutex)
{
	expect(mutex->held, "a mutex is not held");
	mutex->held = false;
}

static inline bool mutex_trylock(struct mutex *mutex)
{
	host_might_sleep();
	if (mutex->held)
		return false;
	mutex->held = true;
	return true;
}

#endif /* SHIM_LINUX_MUTEX_H */
