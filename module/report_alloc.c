// SPDX-License-Identifier: GPL-2.0
/* What stands in the files allocinfo and page_owner (docs/abi/files.md). */
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "internal.h"
#include "ledger.h"
#include "report.h"
#include "section.h"
#include "site.h"

/**
 * mmbox_report_next_site - the position of a place: its number, plus 1, or 0,
 *			    the head
 * @box: the box
 * @pos: position
 *
 * Return: whether there is a row.
 */
bool mmbox_report_next_site(struct mmbox *box, loff_t *pos)
{
	bool counted = READ_ONCE(box->accounts) & MMBOX_LEDGER_SITES;

	return !*pos || (counted && *pos <= mmbox_sites_nr(box->sites));
}

/**
 * mmbox_report_allocinfo - a place's row of allocinfo
 * @m:	 where to print
 * @box: the box
 * @pos: the place, or 0: the head
 *
 * Return: 0, or SEQ_SKIP if nothing is allocated from there.
 */
int mmbox_report_allocinfo(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	const struct mmbox_site *site;
	s64 bytes, calls;

	if (!pos) {
		seq_puts(m, "allocinfo - version: 1.0\n");
		seq_puts(m, "#     <size>  <calls> <tag info>\n");
		return 0;
	}
	site = mmbox_site_at(box->sites, pos - 1);
	bytes = atomic64_read(&site->bytes);
	calls = atomic64_read(&site->calls);
	if (!calls)
		return SEQ_SKIP;
	/* The kernel has file and line, which no kernel knows of a module. */
	seq_printf(m, "%12lld %8llu %s func:%.*s\n", bytes, calls, site->text,
		   (int)strcspn(site->text, "+ "), site->text);
	return 0;
}

/* Is it the first page of a block that somebody has? */
static bool is_block(struct mmbox *box, unsigned long pfn)
{
	struct mmbox_section *section;
	bool found = false;

	preempt_disable();
	for (section = mmbox_section_newest(pfn); section && !found;
	     section = rcu_dereference_sched(section->next))
		found = section->zone->box == box &&
			mmbox_page_in_use(mmbox_section_page(section, pfn));
	preempt_enable();
	return found;
}

/* Behind the last frame of the box, or of one that it has had. */
static unsigned long end_pfn(struct mmbox *box)
{
	unsigned long end = 0;
	unsigned int pos;

	for (pos = 0; pos < mmbox_nr_zones(box); pos++) {
		struct mmbox_zone *zone = mmbox_zone_at(box, pos);

		if (zone && zone->present)
			end = max(end, zone->start_pfn + zone->spanned);
	}
	return end;
}

/**
 * mmbox_report_next_owner - the position of a block: the number of its first
 *			     page
 * @box: the box
 * @pos: position
 *
 * Return: whether there is one whose owner is known.
 */
bool mmbox_report_next_owner(struct mmbox *box, loff_t *pos)
{
	struct mmbox_ledger *ledger = READ_ONCE(box->ledger);
	unsigned long pfn = *pos, end = end_pfn(box);
	struct mmbox_owner owner;

	if (!ledger || !(READ_ONCE(box->accounts) & MMBOX_LEDGER_OWNERS))
		return false;
	for (; pfn < end; pfn++) {
		if (!is_block(box, pfn) ||
		    !mmbox_ledger_owner(ledger, mmbox_ledger_pages(pfn),
					&owner))
			continue;
		*pos = pfn;
		return true;
	}
	return false;
}

/* The type of the pageblock that a page of the box is in. */
static enum mmbox_migratetype block_type(unsigned long pfn)
{
	enum mmbox_migratetype type = MMBOX_UNMOVABLE;
	struct mmbox_section *section;

	preempt_disable();
	section = mmbox_section_find(pfn);
	if (section) {
		struct mmbox_page *page = mmbox_section_page(section, pfn);

		type = READ_ONCE(mmbox_page_block(page)->type);
	}
	preempt_enable();
	return type;
}

/* Stacks are longer than that only with very long names. */
#define STACK_TEXT	2048

/* An address that has no name any more is nobody's business. */
static void show_stack(struct seq_file *m, u32 stack)
{
	char *text = kmalloc(STACK_TEXT, GFP_KERNEL);
	char *line, *rest = text;

	if (!text || !mmbox_stack_text(stack, text, STACK_TEXT))
		rest = NULL;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			seq_printf(m, "%s\n",
				   strncmp(line, " 0x", 3) ? line : " ?");
	kfree(text);
}

/**
 * mmbox_report_page_owner - the lines of a block in page_owner
 * @m:	 where to print
 * @box: the box
 * @pos: its first page
 *
 * Return: 0, or SEQ_SKIP if it has no owner any more.
 */
int mmbox_report_page_owner(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	unsigned long pfn = pos;
	struct mmbox_owner owner;

	if (!mmbox_ledger_owner(box->ledger, mmbox_ledger_pages(pfn), &owner))
		return SEQ_SKIP;
	seq_printf(m, "Page allocated via order %u, mask %#x(%pGg), pid %d, tgid %d (%s), ts %llu ns\n",
		   owner.order, (__force unsigned int)owner.gfp, &owner.gfp,
		   owner.pid, owner.tgid, owner.comm, owner.time);
	seq_printf(m, "PFN 0x%lx type %s Block %lu type %s Flags %pGp\n", pfn,
		   mmbox_migratetype_name[mmbox_gfp_type(owner.gfp)],
		   pfn >> MMBOX_PAGEBLOCK_ORDER,
		   mmbox_migratetype_name[block_type(pfn)],
		   &pfn_to_page(pfn)->flags);
	show_stack(m, owner.stack);
	seq_putc(m, '\n');
	return 0;
}
