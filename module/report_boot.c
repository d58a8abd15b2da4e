// SPDX-License-Identifier: GPL-2.0
/*
 * What stands in the files below memblock/ and in metadata: how a box was
 * filled, and what its bookkeeping costs (docs/abi/files.md).
 */
#include <linux/mm.h>
#include <linux/seq_file.h>

#include "boot.h"
#include "internal.h"
#include "report.h"
#include "slab_count.h"
#include "section.h"

static const struct {
	const char *word;
	const char *text;
} steps[MMBOX_NR_STEPS] = {
	[MMBOX_STEP_ADD] = { "add", "memory came from the host" },
	[MMBOX_STEP_REMOVE] = { "remove", "memory went" },
	[MMBOX_STEP_RESERVE] = { "reserve", "a range is in use" },
	[MMBOX_STEP_FREE] = { "free", "a range is free again" },
	[MMBOX_STEP_MERGE] = { "merge", "neighbours became one region" },
	[MMBOX_STEP_SPLIT] = { "split", "a region was cut in two" },
	[MMBOX_STEP_GROW] = { "grow", "the array became longer" },
	[MMBOX_STEP_BITMAP] = { "bitmap", "the node got a bit for each page" },
	[MMBOX_STEP_ALLOC] = { "alloc", "memory of the box was given out" },
	[MMBOX_STEP_HOST] = { "host", "the box has no room for it: memory of the host was taken" },
	[MMBOX_STEP_PUBLISH] = { "publish", "sections can be found, their pages are reserved" },
	[MMBOX_STEP_HANDOVER] = { "handover", "free blocks went to the buddy" },
};

/**
 * mmbox_report_next_memory - the position of a region of memory
 * @box: the box
 * @pos: position
 *
 * Return: whether there is a row.
 */
bool mmbox_report_next_memory(struct mmbox *box, loff_t *pos)
{
	struct mmbox_region region;

	return mmbox_boot_region(box, false, *pos, &region);
}

/**
 * mmbox_report_next_reserved - the position of a region in use
 * @box: the box
 * @pos: position
 *
 * Return: whether there is a row.
 */
bool mmbox_report_next_reserved(struct mmbox *box, loff_t *pos)
{
	struct mmbox_region region;

	return mmbox_boot_region(box, true, *pos, &region);
}

/* The kernel's row, with the node and the flags that it shows since 6.5. */
static int show_region(struct seq_file *m, struct mmbox *box, bool reserved,
		       loff_t pos)
{
	struct mmbox_region region;
	phys_addr_t base, last;

	if (!mmbox_boot_region(box, reserved, pos, &region))
		return SEQ_SKIP;
	base = region.base;
	last = region.base + region.size - 1;
	seq_printf(m, "%4d: %pa..%pa ", (int)pos, &base, &last);
	if (region.nid == MMBOX_NO_NODE)
		seq_printf(m, "%4c ", 'x');
	else
		seq_printf(m, "%4d ", region.nid);
	seq_puts(m, region.flags & MMBOX_REGION_NOMAP ? "NOMAP\n" : "NONE\n");
	return 0;
}

/**
 * mmbox_report_memory - a region of memory that came from the host
 * @m:	 where to print
 * @box: the box
 * @pos: which
 *
 * Return: 0.
 */
int mmbox_report_memory(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	return show_region(m, box, false, pos);
}

/**
 * mmbox_report_reserved - a region that was in use before there were buddies
 * @m:	 where to print
 * @box: the box
 * @pos: which
 *
 * Return: 0.
 */
int mmbox_report_reserved(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	return show_region(m, box, true, pos);
}

/**
 * mmbox_report_next_step - the position of a step: its number, or 0, the head
 * @box: the box
 * @pos: position
 *
 * Return: whether there is a row.
 */
bool mmbox_report_next_step(struct mmbox *box, loff_t *pos)
{
	return !*pos || mmbox_boot_step(box, *pos - 1);
}

static unsigned long nr_steps(const struct mmbox *box)
{
	unsigned long nr = 0;

	while (mmbox_boot_step(box, nr))
		nr++;
	return nr;
}

/* The array that a step changes. */
static const char *array_of(const struct mmbox_boot_step *step)
{
	switch (step->kind) {
	case MMBOX_STEP_BITMAP:
	case MMBOX_STEP_HOST:
	case MMBOX_STEP_PUBLISH:
	case MMBOX_STEP_HANDOVER:
		return "-";
	default:
		return step->reserved ? "reserved" : "memory";
	}
}

/**
 * mmbox_report_steps - a step in which the box was filled
 * @m:	 where to print
 * @box: the box
 * @pos: its number, or 0: the head
 *
 * Return: 0.
 */
int mmbox_report_steps(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	const struct mmbox_boot_step *step;
	bool descriptors;

	if (!pos) {
		seq_printf(m, "# boot=%s page=%lu steps=%lu lost=%lu\n",
			   mmbox_boot_name[mmbox_boot_kind(box)], PAGE_SIZE,
			   nr_steps(box), mmbox_boot_steps_lost(box));
		return 0;
	}
	step = mmbox_boot_step(box, pos - 1);
	descriptors = step->kind == MMBOX_STEP_ALLOC ||
		      step->kind == MMBOX_STEP_HOST;
	seq_printf(m, "step %lld what=%s array=%s base=%#llx size=%llu",
		   pos, steps[step->kind].word,
		   array_of(step), step->base, step->size);
	if (step->nid == MMBOX_NO_NODE)
		seq_puts(m, " node=-");
	else
		seq_printf(m, " node=%d", step->nid);
	seq_printf(m, " zone=%s order=%u count=%lu for=%s: %s\n",
		   step->zone < 0 ? "-" : mmbox_zone_name[step->zone],
		   step->order, step->count, descriptors ? "descriptors" : "-",
		   steps[step->kind].text);
	return 0;
}

/**
 * struct cost - what bookkeeping costs
 * @sections: sections
 * @in_box:   of these, sections whose descriptors are in the box's own pages
 * @pcp:      bytes of CPUs' lists
 * @reserved: pages that are present but not managed
 */
struct cost {
	unsigned long sections;
	unsigned long in_box;
	unsigned long pcp;
	unsigned long reserved;
};

static struct cost zone_cost(const struct mmbox_zone *zone)
{
	const struct mmbox_section *section;
	struct cost cost = {
		.pcp = MMBOX_NR_PCP_TYPES * num_possible_cpus() *
		       sizeof(struct mmbox_pcp),
		.reserved = zone->present - zone->managed,
	};

	list_for_each_entry(section, &zone->sections, list) {
		cost.sections++;
		cost.in_box += section->in_box;
	}
	return cost;
}

static void show_number(struct seq_file *m, const char *name,
			unsigned long number, const char *unit)
{
	seq_printf(m, "%-16s %10lu%s\n", name, number, unit);
}

static void show_cost(struct seq_file *m, const struct cost *cost)
{
	unsigned long bytes = ALIGN(sizeof(struct mmbox_section),
				    SMP_CACHE_BYTES);
	unsigned long descriptors = MMBOX_SECTION_PAGES *
				    sizeof(struct mmbox_page);
	unsigned long per_page = bytes * 100 / MMBOX_SECTION_PAGES;

	show_number(m, "Sections:", cost->sections, "");
	show_number(m, "Descriptors:", cost->sections * descriptors, " B");
	show_number(m, "SectionHeaders:",
		    cost->sections * (bytes - descriptors), " B");
	show_number(m, "InOwnPages:", cost->in_box * bytes, " B");
	show_number(m, "InHostMemory:",
		    (cost->sections - cost->in_box) * bytes, " B");
	seq_printf(m, "%-16s %7lu.%02lu B\n", "PerPage:", per_page / 100,
		   per_page % 100);
	show_number(m, "PerCpuLists:", cost->pcp, " B");
	show_number(m, "Reserved:", cost->reserved, " pages");
}

/**
 * mmbox_report_metadata - what the bookkeeping of a box costs
 * @m:	 where to print
 * @box: the box
 * @pos: 0
 *
 * Return: 0.
 */
int mmbox_report_metadata(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	unsigned long leaves = mmbox_section_leaves();
	struct cost all = { };
	unsigned int i;

	for (i = 0; i < mmbox_nr_zones(box); i++) {
		struct mmbox_zone *zone = mmbox_zone_at(box, i);
		struct cost cost;

		if (!zone || !zone->present)
			continue;
		cost = zone_cost(zone);
		seq_printf(m, "Node %d, zone %8s\n", zone->nid,
			   mmbox_zone_name[zone->type]);
		show_cost(m, &cost);
		all.sections += cost.sections;
		all.in_box += cost.in_box;
		all.pcp += cost.pcp;
		all.reserved += cost.reserved;
	}
	seq_puts(m, "All zones\n");
	show_cost(m, &all);
	show_number(m, "SlabDescriptors:", mmbox_caches_descriptor_pages(box),
		    " pages");
	show_number(m, "IndexLeaves:", leaves, "");
	show_number(m, "Index:", leaves * sizeof(struct mmbox_section_leaf),
		    " B");
	return 0;
}
