// SPDX-License-Identifier: GPL-2.0
/*
 * What stands in the files on migrate types: pagetypeinfo, in the kernel's
 * format to the byte, and steals, lines of words (docs/abi/files.md).
 */
#include <linux/seq_file.h>

#include "internal.h"
#include "report.h"
#include "steal.h"

/*
 * pagetypeinfo has two parts, each with a head and a row or several for each
 * zone: positions 0 and NR + 1, and those between and behind them.
 */
static bool in_blocks_part(const struct mmbox *box, loff_t pos)
{
	return pos > mmbox_nr_zones(box);
}

static struct mmbox_zone *zone_of_row(struct mmbox *box, loff_t pos)
{
	loff_t row = pos - 1;

	if (in_blocks_part(box, pos))
		row -= mmbox_nr_zones(box) + 1;
	return row < 0 ? NULL : mmbox_zone_at(box, row);
}

/**
 * mmbox_report_next_types - the position of a row of pagetypeinfo
 * @box: the box
 * @pos: position
 *
 * Return: whether there is one.
 */
bool mmbox_report_next_types(struct mmbox *box, loff_t *pos)
{
	loff_t end = 2 * ((loff_t)mmbox_nr_zones(box) + 1);

	for (; *pos < end; ++*pos) {
		struct mmbox_zone *zone = zone_of_row(box, *pos);

		if (!*pos || *pos == mmbox_nr_zones(box) + 1 ||
		    (zone && zone->present))
			return true;
	}
	return false;
}

static void show_free_head(struct seq_file *m)
{
	unsigned int order;

	seq_printf(m, "Page block order: %d\n", MMBOX_PAGEBLOCK_ORDER);
	seq_printf(m, "Pages per block:  %lu\n\n", MMBOX_PAGEBLOCK_PAGES);
	seq_printf(m, "%-43s ", "Free pages count per migrate type at order");
	for (order = 0; order < MMBOX_NR_ORDERS; order++)
		seq_printf(m, "%6d ", order);
	seq_putc(m, '\n');
}

static void show_blocks_head(struct seq_file *m)
{
	unsigned int type;

	seq_printf(m, "\n%-23s", "Number of blocks type ");
	for (type = 0; type < MMBOX_NR_TYPES; type++)
		seq_printf(m, "%12s ", mmbox_migratetype_name[type]);
	seq_putc(m, '\n');
}

static void show_free(struct seq_file *m, const struct mmbox_zone *zone,
		      const struct mmbox_zone_types *types)
{
	unsigned int type, order;

	for (type = 0; type < MMBOX_NR_TYPES; type++) {
		seq_printf(m, "Node %4d, zone %8s, type %12s ", zone->nid,
			   mmbox_zone_name[zone->type],
			   mmbox_migratetype_name[type]);
		for (order = 0; order < MMBOX_NR_ORDERS; order++)
			seq_printf(m, "%6lu ", types->nr_blocks[type][order]);
		seq_putc(m, '\n');
	}
}

static void show_blocks(struct seq_file *m, const struct mmbox_zone *zone,
			const struct mmbox_zone_types *types)
{
	unsigned int type;

	seq_printf(m, "Node %d, zone %8s ", zone->nid,
		   mmbox_zone_name[zone->type]);
	for (type = 0; type < MMBOX_NR_TYPES; type++)
		seq_printf(m, "%12lu ", types->nr_pageblocks[type]);
	seq_putc(m, '\n');
}

/**
 * mmbox_report_pagetypeinfo - a part's head, or a zone's rows in it
 * @m:	 where to print
 * @box: the box
 * @pos: which
 *
 * Return: 0.
 */
int mmbox_report_pagetypeinfo(struct seq_file *m, struct mmbox *box,
			      loff_t pos)
{
	struct mmbox_zone *zone = zone_of_row(box, pos);
	bool blocks = in_blocks_part(box, pos);
	struct mmbox_zone_types types;

	if (!zone) {
		if (blocks)
			show_blocks_head(m);
		else
			show_free_head(m);
		return 0;
	}
	mmbox_zone_types(zone, &types);
	if (blocks)
		show_blocks(m, zone, &types);
	else
		show_free(m, zone, &types);
	return 0;
}

/**
 * mmbox_report_next_steal - the position of a fallback: its number, or 0
 * @box: the box
 * @pos: position; 0 is the head
 *
 * Return: whether there is a row.
 */
bool mmbox_report_next_steal(struct mmbox *box, loff_t *pos)
{
	u64 nr;

	if (!*pos)
		return true;
	nr = mmbox_steal_first(box, *pos);
	if (nr)
		*pos = nr;
	return nr;
}

/**
 * mmbox_report_steals - a fallback
 * @m:	 where to print
 * @box: the box
 * @pos: its number, or 0: the head
 *
 * Return: 0, or SEQ_SKIP if it has made room for a later one.
 */
int mmbox_report_steals(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	struct mmbox_steal_record record;

	if (!pos) {
		seq_printf(m, "# %llu allocations took from pageblocks of another type; the last %u are kept\n",
			   mmbox_steals_total(box), MMBOX_NR_STEALS);
		return 0;
	}
	if (!mmbox_steal_copy(box, pos, &record))
		return SEQ_SKIP;
	seq_printf(m, "steal %llu", record.nr);
	mmbox_report_time(m, &record.who);
	seq_printf(m, " node=%d zone=%s pfn=%#lx order=%u from=%s to=%s wanted=%u converted=%s",
		   record.zone->nid, mmbox_zone_name[record.zone->type],
		   record.pfn, record.order,
		   mmbox_migratetype_name[record.from],
		   mmbox_migratetype_name[record.to], record.wanted,
		   record.converted ? "yes" : "no");
	mmbox_report_who(m, &record.who);
	seq_printf(m, ": %s\n", record.converted ?
		   "the pageblock is of the new type now" :
		   "the pageblock keeps its type");
	return 0;
}
