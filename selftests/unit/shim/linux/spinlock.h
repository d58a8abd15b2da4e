/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SPINLOCK_H
#define SHIM_LINUX_SPINLOCK_H

#include <linux/lockdep.h>
#include <linux/types.h>

#include <host.h>

/* A lock is taken once at a time; on PREEMPT_RT this one sleeps. */
typedef struct host_lock {
	bool held;
} spinlock_t;

typedef struct host_raw_lock {
	bool held;
} raw_spinlock_t;

static inline void spin_lock_init(spinlock_t *lock)
{
	lock->held = false;
}

static inline void raw_spin_lock_init(raw_spinlock_t *lock)
{
	lock->held = false;
}

#define spin_lock_irqsave(lock, flags)					\
	do {								\
		expect(!host_preempt_is_off(),				\
		       "a spinlock is taken with preemption off");	\
		host_step();						\
		(flags) = host_irq_save();				\
		expect(!(lock)->held, "%s is taken twice", #lock);	\
		(lock)->held = true;					\
	} while (0)

#define spin_unlock_irqrestore(lock, flags)				\
	do {								\
		expect((lock)->held, "%s is not held", #lock);		\
		(lock)->held = false;					\
		host_irq_restore(flags);				\
		host_step();						\
	} while (0)

#define raw_spin_lock_irqsave(lock, flags)				\
	do {								\
		(flags) = host_irq_save();				\
		expect(!(lock)->held, "%s is taken twice", #lock);	\
		(lock)->held = true;					\
	} while (0)

#define raw_spin_unlock_irqrestore(lock, flags)				\
	do {								\
		expect((lock)->held, "%s is not held", #lock);		\
		(lock)->held = false;					\
		host_irq_restore(flags);				\
	} while (0)

#endif /* SHIM_LINUX_SPINLOCK_H */
