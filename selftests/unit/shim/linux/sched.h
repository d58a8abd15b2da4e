/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SCHED_H
#define SHIM_LINUX_SCHED_H

#include <sys/types.h>

#include <linux/preempt.h>
#include <linux/types.h>

#define TASK_COMM_LEN		16

struct task_struct {
	pid_t pid;
	unsigned int flags;
	char comm[TASK_COMM_LEN];
};

extern struct task_struct host_task;

#define PF_MEMALLOC		0x800

#define current			(&host_task)
#define cond_resched()		host_step()
#define might_sleep()		host_might_sleep()
#define schedule_timeout_killable(timeout) \
	((void)(timeout), host_might_sleep())
#define msecs_to_jiffies(ms)	(ms)
#define might_sleep_if(cond)	do { if (cond) host_might_sleep(); } while (0)

#endif /* SHIM_LINUX_SCHED_H */
