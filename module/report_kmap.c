// SPDX-License-Identifier: GPL-2.0
/*
 * kmap: the slots for pages without an address of their own, those that all
 * CPUs share first. A slot's position is one more than its number; 0 is the
 * head's. Slots with nothing to tell of are left out.
 */
#include <linux/seq_file.h>

#include "internal.h"
#include "kmap.h"
#include "report.h"

/**
 * mmbox_report_next_slot - the position of a slot that is not clean
 * @box: the box
 * @pos: position
 *
 * Return: whether there is a row.
 */
bool mmbox_report_next_slot(struct mmbox *box, loff_t *pos)
{
	struct mmbox_kmap_info info;

	if (!*pos)
		return true;
	for (; *pos <= INT_MAX; ++*pos) {
		if (!mmbox_kmap_look(box, *pos - 1, &info))
			return false;
		if (info.state != MMBOX_KMAP_CLEAN)
			return true;
	}
	return false;
}

/**
 * mmbox_report_kmap - the row of a slot
 * @m:	 where to print
 * @box: the box
 * @pos: position
 *
 * Return: 0, or SEQ_SKIP if it is of no interest any more.
 */
int mmbox_report_kmap(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	static const char *const state[MMBOX_NR_KMAP_STATES] = {
		[MMBOX_KMAP_CLEAN] = "clean",
		[MMBOX_KMAP_BUSY]  = "busy",
		[MMBOX_KMAP_IDLE]  = "idle",
		[MMBOX_KMAP_STALE] = "stale",
	};
	struct mmbox_kmap_info info;

	if (!pos) {
		seq_printf(m, "# shared=%u percpu=%u\n", MMBOX_KMAP_SLOTS,
			   MMBOX_KMAP_LOCAL);
		return 0;
	}
	if (!mmbox_kmap_look(box, pos - 1, &info) ||
	    info.state == MMBOX_KMAP_CLEAN)
		return SEQ_SKIP;
	if (info.cpu < 0)
		seq_puts(m, "shared ");
	else
		seq_printf(m, "cpu%d ", info.cpu);
	seq_printf(m, "slot=%u state=%s users=%u", info.slot,
		   state[info.state], info.users);
	if (info.state == MMBOX_KMAP_STALE)
		seq_putc(m, '\n');
	else
		seq_printf(m, " pfn=%lu\n", info.pfn);
	return 0;
}
