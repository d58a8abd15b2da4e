/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_RCUPDATE_H
#define SHIM_LINUX_RCUPDATE_H

#include <linux/compiler.h>

#include <host.h>

#define __rcu

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

#define rcu_assign_pointer(p, value)		((p) = (value))
#define RCU_INIT_POINTER(p, value)		((p) = (value))
#define rcu_access_pointer(p)			(p)
#define rcu_dereference_protected(p, cond)	((void)(cond), (p))
#define rcu_dereference_sched(p)					\
({									\
	expect(host_preempt_is_off(),					\
	       "%s is read with preemption on", #p);			\
	(p);								\
})

/* Nobody is suspended in a reader's section while others may sleep. */
#define synchronize_rcu()	host_might_sleep()

#define rcu_read_lock()				host_step()
#define rcu_read_unlock()			host_step()

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));
void rcu_barrier(void);

#endif /* SHIM_LINUX_RCUPDATE_H */
