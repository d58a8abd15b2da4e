// SPDX-License-Identifier: GPL-2.0
/* What stands in the file faults (docs/abi/files.md). */
#include <linux/seq_file.h>

#include "internal.h"
#include "object.h"
#include "report.h"

/* A position: the handle, and which of the faults that are known of it. */
static bool find(struct mmbox *box, loff_t *pos,
		 struct mmbox_object_fault *found)
{
	u64 id = (u64)*pos / MMBOX_FAULTS;

	if (id > U32_MAX)
		return false;
	found->id = id;
	found->which = (u64)*pos % MMBOX_FAULTS;
	if (!mmbox_object_next_fault(box, found))
		return false;
	*pos = (loff_t)found->id * MMBOX_FAULTS + found->which;
	return true;
}

/**
 * mmbox_report_next_fault - the position of a fault, or 0, the head
 * @box: the box
 * @pos: position
 *
 * Return: whether there is a row.
 */
bool mmbox_report_next_fault(struct mmbox *box, loff_t *pos)
{
	struct mmbox_object_fault found;

	return !*pos || find(box, pos, &found);
}

/**
 * mmbox_report_faults - a row of faults
 * @m:	 where to print
 * @box: the box
 * @pos: which one, or 0: the head
 *
 * Return: 0, or SEQ_SKIP if it has gone meanwhile.
 */
int mmbox_report_faults(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	struct mmbox_object_fault found;
	const struct mmbox_fault *fault = &found.fault;
	loff_t at = pos;

	if (!pos) {
		seq_puts(m, "#       id variant       nr            address access        pfn       ns      pid\n");
		return 0;
	}
	if (!find(box, &at, &found) || at != pos)
		return SEQ_SKIP;
	seq_printf(m, "%10u %-7s %8lu 0x%016lx %-6s %10lu %8llu %8d\n",
		   found.id, found.variant, fault->nr, fault->address,
		   fault->write ? "write" : "read", fault->pfn, fault->time,
		   fault->pid);
	return 0;
}
