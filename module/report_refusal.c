// SPDX-License-Identifier: GPL-2.0
/*
 * What stands in the files refusals and refused_frees: lines of words
 * "name=value", and behind a colon what they mean (docs/abi/files.md).
 */
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "internal.h"
#include "refusal.h"
#include "report.h"

static const struct {
	const char *word;
	const char *text;
} reasons[MMBOX_NR_REFUSAL_REASONS] = {
	[MMBOX_REFUSAL_ORDER] = { "order", "no block is ever of that order" },
	[MMBOX_REFUSAL_GFP] = { "gfp", "the request is for lower zones" },
	[MMBOX_REFUSAL_NODE] = { "node", "the request keeps to its own node" },
	[MMBOX_REFUSAL_BLOCK] = { "block", "no free block is large enough" },
	[MMBOX_REFUSAL_MARK] = { "mark", "it is down to the mark of such requests" },
	[MMBOX_REFUSAL_RESERVE] = { "reserve", "the rest is kept for lower zones' requests" },
	[MMBOX_REFUSAL_LATE] = { "late", "a block large enough came free afterwards" },
};

static const char *const free_word[MMBOX_NR_WRONG_FREE_REASONS] = {
	[MMBOX_WRONG_FREE_TWICE]  = "free",
	[MMBOX_WRONG_FREE_ORDER]  = "order",
	[MMBOX_WRONG_FREE_INSIDE] = "inside",
	[MMBOX_WRONG_FREE_RESERVED] = "reserved",
	[MMBOX_WRONG_FREE_OBJECT] = "object",
	[MMBOX_WRONG_FREE_OTHER]  = "other",
	[MMBOX_WRONG_FREE_ADDR]	  = "address",
};

/**
 * mmbox_report_next_refusal - the position of a record: its number, or 0
 * @box: the box
 * @pos: position; 0 is the head
 *
 * Return: whether there is a row.
 */
bool mmbox_report_next_refusal(struct mmbox *box, loff_t *pos)
{
	u64 nr;

	if (!*pos)
		return true;
	nr = mmbox_refusal_first(box, *pos);
	if (nr)
		*pos = nr;
	return nr;
}

static void show_zone(struct seq_file *m, u64 nr,
		      const struct mmbox_refusal_zone *zone)
{
	seq_printf(m, "zone %llu node=%d name=%s reason=%s free=%lu", nr,
		   zone->nid, mmbox_zone_name[zone->type],
		   reasons[zone->reason].word, zone->free);
	if (zone->largest >= 0)
		seq_printf(m, " largest=%d", zone->largest);
	else
		seq_puts(m, " largest=-");
	seq_printf(m, " index=%s%d.%03d pcp=%lu mark=%lu reserve=%lu: %s\n",
		   zone->index < 0 ? "-" : "", abs(zone->index) / 1000,
		   abs(zone->index) % 1000, zone->pcp, zone->mark,
		   zone->reserve, reasons[zone->reason].text);
}

/**
 * mmbox_report_refusals - a failed allocation: its line and those of its zones
 * @m:	 where to print
 * @box: the box
 * @pos: its number, or 0: the head
 *
 * Return: 0, or SEQ_SKIP if it has made room for a later one.
 */
int mmbox_report_refusals(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	struct mmbox_refusal *refusal;
	unsigned int i;

	if (!pos) {
		seq_printf(m, "# %llu allocations failed; the last %u are kept; %llu could not be recorded\n",
			   mmbox_refusals_total(box), MMBOX_NR_REFUSALS,
			   mmbox_refusals_lost(box));
		return 0;
	}
	refusal = mmbox_refusal_copy(box, pos);
	if (!refusal)
		return SEQ_SKIP;
	seq_printf(m, "alloc %llu", refusal->nr);
	mmbox_report_time(m, &refusal->who);
	seq_printf(m, " order=%u gfp=%#x(%pGg) wait=%s node=%d", refusal->order,
		   (__force unsigned int)refusal->gfp, &refusal->gfp,
		   gfpflags_allow_blocking(refusal->gfp) ? "yes" : "no",
		   refusal->nid);
	mmbox_report_who(m, &refusal->who);
	seq_putc(m, '\n');
	for (i = 0; i < refusal->nr_zones; i++)
		show_zone(m, refusal->nr, &refusal->zone[i]);
	kfree(refusal);
	return 0;
}

/**
 * mmbox_report_next_wrong_free - the position of a wrong free, or 0
 * @box: the box
 * @pos: position; 0 is the head
 *
 * Return: whether there is a row.
 */
bool mmbox_report_next_wrong_free(struct mmbox *box, loff_t *pos)
{
	u64 nr;

	if (!*pos)
		return true;
	nr = mmbox_wrong_free_first(box, *pos);
	if (nr)
		*pos = nr;
	return nr;
}

/**
 * mmbox_report_wrong_frees - a free that was refused
 * @m:	 where to print
 * @box: the box
 * @pos: its number, or 0: the head
 *
 * Return: 0, or SEQ_SKIP if it has made room for a later one.
 */
int mmbox_report_wrong_frees(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	struct mmbox_wrong_free entry;

	if (!pos) {
		seq_printf(m, "# %lu frees were refused; the last %u kinds are kept\n",
			   mmbox_stat_read(box->stat, MMBOX_EVENT_FREE_REFUSED),
			   MMBOX_NR_WRONG_FREES);
		return 0;
	}
	if (!mmbox_wrong_free_copy(box, pos, &entry))
		return SEQ_SKIP;
	seq_printf(m, "free %llu", entry.nr);
	mmbox_report_time(m, &entry.who);
	seq_printf(m, " count=%lu pfn=%#lx order=%u reason=%s", entry.count,
		   entry.pfn, entry.order, free_word[entry.reason]);
	mmbox_report_who(m, &entry.who);
	seq_printf(m, ": %s\n", mmbox_wrong_free_text[entry.reason]);
	return 0;
}
