// SPDX-License-Identifier: GPL-2.0
/*
 * Who did something: for the records that a box keeps of what went wrong, or
 * was out of the ordinary.
 */
#include <linux/preempt.h>
#include <linux/sched/clock.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "who.h"

/**
 * mmbox_who_note - note who is at work now
 * @who:    filled in
 * @caller: address that the call into mmbox came from
 *
 * Context: any.
 */
void mmbox_who_note(struct mmbox_who *who, unsigned long caller)
{
	who->time = local_clock();
	who->caller = caller;
	if (in_hardirq())
		who->context = MMBOX_CONTEXT_HARDIRQ;
	else if (in_serving_softirq())
		who->context = MMBOX_CONTEXT_SOFTIRQ;
	else
		who->context = MMBOX_CONTEXT_TASK;
	who->pid = current->pid;
	/* Without its lock, which is not for interrupts: at worst half a name. */
	strscpy_pad(who->comm, current->comm, sizeof(who->comm));
}
