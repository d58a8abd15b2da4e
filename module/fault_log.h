/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_FAULT_LOG_H
#define MMBOX_FAULT_LOG_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct mmbox;
struct mmbox_object;
struct vm_fault;

/**
 * struct mmbox_fault - a fault in a mapping of an object
 * @nr:	     how many the object had before
 * @address: the page, in the process
 * @pfn:     frame that was shown there
 * @time:    nanoseconds that mmbox took
 * @pid:     the process, in the initial namespace
 * @write:   it was written to
 */
struct mmbox_fault {
	unsigned long nr;
	unsigned long address;
	unsigned long pfn;
	u64 time;
	pid_t pid;
	bool write;
};

#define MMBOX_FAULTS	16

/**
 * struct mmbox_fault_log - the last faults of an object
 * @lock: guards what follows
 * @nr:	  faults that there were
 * @last: of these, each at its number modulo MMBOX_FAULTS
 */
struct mmbox_fault_log {
	spinlock_t lock;
	unsigned long nr;
	struct mmbox_fault last[MMBOX_FAULTS];
};

void mmbox_fault_log_init(struct mmbox_fault_log *log);
void mmbox_fault_note(struct mmbox_object *object, const struct vm_fault *vmf,
		      unsigned long pfn, u64 start);
unsigned int mmbox_fault_get(struct mmbox_object *object, unsigned int which,
			     struct mmbox_fault *fault);

#endif /* MMBOX_FAULT_LOG_H */
