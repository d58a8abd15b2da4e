/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SCHED_H
#define SHIM_LINUX_SCHED_H

#include <sys/types.h>

#include <linux/preempt.h>
#include <linux/types.h>

#define TASK_COMM_LEN		16

struct task_struct {
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

extern struct task_struct host_task;

#define current			(&host_task)
#define cond_resched()		host_step()
#define might_sleep()		host_might_sleep()
#define might_sleep_if(cond)	do { if (cond) host_might_sleep(); } while (0)

#endif /* SHIM_LINUX_SCHED_H */
