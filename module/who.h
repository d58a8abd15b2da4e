/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_WHO_H
#define MMBOX_WHO_H

#include <linux/sched.h>
#include <linux/types.h>

/**
 * enum mmbox_context - what the CPU was at
 * @MMBOX_CONTEXT_TASK:	   a process, or a thread of the kernel
 * @MMBOX_CONTEXT_SOFTIRQ: a soft interrupt; the process is whoever it met
 * @MMBOX_CONTEXT_HARDIRQ: an interrupt, likewise
 * @MMBOX_NR_CONTEXTS:	   number of contexts
 */
enum mmbox_context {
	MMBOX_CONTEXT_TASK,
	MMBOX_CONTEXT_SOFTIRQ,
	MMBOX_CONTEXT_HARDIRQ,
	MMBOX_NR_CONTEXTS,
};

/**
 * struct mmbox_who - who did something, and when
 * @time:    nanoseconds on the clock of the kernel log
 * @caller:  where in the kernel the call came from
 * @context: what the CPU was at
 * @pid:     the current thread
 * @comm:    its name
 */
struct mmbox_who {
	u64 time;
	unsigned long caller;
	enum mmbox_context context;
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

void mmbox_who_note(struct mmbox_who *who, unsigned long caller);

#endif /* MMBOX_WHO_H */
