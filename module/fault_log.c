// SPDX-License-Identifier: GPL-2.0
/*
 * The last faults in mappings of each object, and how many there were.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>

#include "fault_log.h"
#include "internal.h"
#include "object.h"
#include "trace.h"

/**
 * mmbox_fault_log_init - make an empty log
 * @log: the log, zeroed
 */
void mmbox_fault_log_init(struct mmbox_fault_log *log)
{
	spin_lock_init(&log->lock);
}

static enum mmbox_event event_of(u32 variant)
{
	switch (variant) {
	case MMBOX_VARIANT_FAULT:
		return MMBOX_EVENT_FAULT_ONE;
	case MMBOX_VARIANT_BATCH:
		return MMBOX_EVENT_FAULT_BATCH;
	default:
		return MMBOX_EVENT_FAULT_INSERT;
	}
}

/**
 * mmbox_fault_note - write a fault down
 * @object: what is mapped there
 * @vmf:    the fault
 * @pfn:    frame that is shown now, or -1UL: it ends in SIGBUS
 * @start:  local_clock() when it came
 *
 * Context: process context, at the end of a fault.
 */
void mmbox_fault_note(struct mmbox_object *object, const struct vm_fault *vmf,
		      unsigned long pfn, u64 start)
{
	struct mmbox_fault_log *log = &object->faults;
	struct mmbox *box = object->box;
	struct mmbox_fault fault = {
		.address = vmf->address & PAGE_MASK,
		.pfn = pfn,
		.pid = task_tgid_nr(current),
		.write = vmf->flags & FAULT_FLAG_WRITE,
	};
	/* Clocks of two CPUs may be apart. */
	s64 time = local_clock() - start;

	fault.time = max(time, 0LL);
	trace_mmbox_fault(object->id, fault.address, fault.write, pfn,
			  fault.time, box->name);
	if (pfn == -1UL) {
		mmbox_stat_inc(box->stat, MMBOX_EVENT_FAULT_SIGBUS);
		return;
	}
	mmbox_stat_inc(box->stat, event_of(object->variant));
	spin_lock(&log->lock);
	fault.nr = log->nr++;
	log->last[fault.nr % MMBOX_FAULTS] = fault;
	spin_unlock(&log->lock);
}

/**
 * mmbox_fault_get - look at one of the last faults of an object
 * @object: the object
 * @which:  counted from 0, the oldest one that is still known
 * @fault:  set, if there are so many
 *
 * Context: process context.
 * Return: how many are known.
 */
unsigned int mmbox_fault_get(struct mmbox_object *object, unsigned int which,
			     struct mmbox_fault *fault)
{
	struct mmbox_fault_log *log = &object->faults;
	unsigned int known;

	spin_lock(&log->lock);
	known = min_t(unsigned long, log->nr, MMBOX_FAULTS);
	if (which < known)
		*fault = log->last[(log->nr - known + which) % MMBOX_FAULTS];
	spin_unlock(&log->lock);
	return known;
}
