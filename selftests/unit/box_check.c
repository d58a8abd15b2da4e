// SPDX-License-Identifier: GPL-2.0
/* A look at all that a box has, while nobody is at work. */
#include "box_check.h"

#include <string.h>

#include <linux/mm.h>

#include "section.h"

/**
 * struct tally - what the pages of a zone and its lists say
 * @free:	free blocks by type and order, from the pages' words
 * @nr_free:	pages in them
 * @nr_listed:	pages on CPUs' lists
 * @nr_alloc:	pages that users have
 * @nr_own:	pages that the box keeps for itself
 * @nr_block:	pageblocks by type
 */
struct tally {
	unsigned long free[MMBOX_NR_TYPES][MMBOX_NR_ORDERS];
	unsigned long nr_free;
	unsigned long nr_listed;
	unsigned long nr_alloc;
	unsigned long nr_own;
	unsigned long nr_block[MMBOX_NR_TYPES];
};

/* Frames at the start of a block that is on a CPU's list. */
static bool on_list[HOST_FRAMES];

static void check_pcp_list(const struct mmbox_pcp_list *list,
			   unsigned int order, struct tally *tally)
{
	const struct mmbox_page *page;
	unsigned int nr = 0;

	for (page = list->head; page; page = page->next) {
		unsigned long pfn = mmbox_page_pfn(page);

		expect(mmbox_page_is(page, MMBOX_PAGE_PCP, order),
		       "pfn %lu is on a list, but has word %x", pfn,
		       page->word);
		expect(!on_list[pfn], "pfn %lu is on two lists", pfn);
		on_list[pfn] = true;
		nr++;
	}
	expect(nr == list->count, "a list's count is %u, not %u", list->count,
	       nr);
	tally->nr_listed += (unsigned long)nr << order;
}

static void check_pcp(const struct mmbox_zone *zone, struct tally *tally)
{
	unsigned int cpu, type, order;

	for (cpu = 0; cpu < HOST_CPUS; cpu++)
		for (type = 0; type < MMBOX_NR_PCP_TYPES; type++) {
			const struct mmbox_pcp *pcp =
				per_cpu_ptr(zone->buddy.pcp[type], cpu);

			expect(!pcp->busy, "a CPU's lists are busy");
			for (order = 0; order < MMBOX_NR_ORDERS; order++)
				check_pcp_list(&pcp->list[order], order, tally);
		}
}

static bool common(enum mmbox_migratetype type)
{
	return type < MMBOX_HIGHATOMIC;
}

/* A free block has one type, and is joined with its buddy if that is free. */
static void check_free(const struct mmbox_section *section, unsigned int index,
		       unsigned int order, struct tally *tally)
{
	const struct mmbox_pageblock *block = section->map.block;
	enum mmbox_migratetype type = block[index / 512].type;
	enum mmbox_migratetype other;

	expect(type == block[(index + (1U << order) - 1) / 512].type,
	       "a free block is of two types");
	tally->free[type][order]++;
	tally->nr_free += 1UL << order;
	if (order == MMBOX_MAX_ORDER ||
	    !mmbox_page_is(&section->map.page[index ^ 1U << order],
			   MMBOX_PAGE_FREE, order))
		return;
	other = block[(index ^ 1U << order) / 512].type;
	expect(type != other && !(common(type) && common(other)),
	       "pfn %lu of order %u and its buddy are free",
	       section->start_pfn + index, order);
}

/* The block that begins here; returns how many frames it has. */
static unsigned int check_block(const struct sim_box *sim,
				const struct mmbox_section *section,
				unsigned int index, struct tally *tally)
{
	const struct mmbox_page *page = &section->map.page[index];
	unsigned long pfn = section->start_pfn + index;
	unsigned int order = mmbox_page_order(page), i;

	expect(mmbox_page_index(page) == index, "pfn %lu: wrong index", pfn);
	switch (mmbox_page_state(page)) {
	case MMBOX_PAGE_ABSENT:
		return 1;
	case MMBOX_PAGE_FREE:
		check_free(section, index, order, tally);
		break;
	case MMBOX_PAGE_PCP:
		expect(on_list[pfn], "pfn %lu is on no list", pfn);
		break;
	case MMBOX_PAGE_ALLOC:
		expect(sim->owned[pfn] && sim->order[pfn] == order,
		       "pfn %lu of order %u is not that user's", pfn, order);
		tally->nr_alloc += 1UL << order;
		break;
	case MMBOX_PAGE_RESERVED:
		expect(!sim->owned[pfn], "pfn %lu is the box's own", pfn);
		tally->nr_own++;
		return 1;
	default:
		expect(false, "pfn %lu is lost", pfn);
	}
	for (i = 0; i < 1U << order; i++) {
		expect(sim->present[pfn + i], "pfn %lu has come", pfn + i);
		expect(sim->owned[pfn + i] ==
		       (mmbox_page_state(page) == MMBOX_PAGE_ALLOC),
		       "pfn %lu: block and owner disagree", pfn + i);
		expect(!i || mmbox_page_is(page + i, MMBOX_PAGE_TAIL, 0),
		       "pfn %lu is not inside its block", pfn + i);
	}
	return 1U << order;
}

static void check_section(const struct sim_box *sim,
			  const struct mmbox_zone *zone,
			  const struct mmbox_section *section,
			  struct tally *tally)
{
	bool present[MMBOX_SECTION_BLOCKS] = { false };
	unsigned int index, i;

	for (index = 0; index < MMBOX_SECTION_PAGES;
	     index += check_block(sim, section, index, tally))
		;
	for (index = 0; index < MMBOX_SECTION_PAGES; index++)
		if (mmbox_page_state(&section->map.page[index]) !=
		    MMBOX_PAGE_ABSENT)
			present[index / MMBOX_PAGEBLOCK_PAGES] = true;
	for (i = 0; i < MMBOX_SECTION_BLOCKS; i++) {
		const struct mmbox_pageblock *block = &section->map.block[i];

		if (!present[i])
			continue;
		tally->nr_block[block->type]++;
		expect(block->pcp == zone->buddy.pcp[block->type],
		       "frees of a pageblock go to the wrong lists");
	}
}

static void check_free_list(const struct mmbox_free_lists *lists,
			    enum mmbox_migratetype type, unsigned int order,
			    unsigned long want)
{
	const struct mmbox_free_area *area = &lists->area[order];
	const struct mmbox_page *page;
	unsigned long nr = 0;

	list_for_each_entry(page, &area->free_list, lru) {
		expect(mmbox_page_is(page, MMBOX_PAGE_FREE, order) &&
		       mmbox_page_block(page)->type == type,
		       "pfn %lu is on the wrong list", mmbox_page_pfn(page));
		expect(++nr <= want, "type %u order %u: a list too long", type,
		       order);
	}
	expect(nr == want && area->nr_free == want,
	       "type %u order %u: %lu are listed, %lu counted, %lu free", type,
	       order, nr, area->nr_free, want);
	expect((lists->orders >> order & 1) == !!nr,
	       "type %u: orders is %lx", type, lists->orders);
}

static void check_lists(const struct mmbox_zone *zone,
			const struct tally *tally)
{
	unsigned int type, order;

	for (type = 0; type < MMBOX_NR_TYPES; type++) {
		const struct mmbox_free_lists *lists = &zone->buddy.lists[type];
		unsigned long nr_free = 0;

		for (order = 0; order < MMBOX_NR_ORDERS; order++) {
			check_free_list(lists, type, order,
					tally->free[type][order]);
			nr_free += tally->free[type][order] << order;
		}
		expect(lists->nr_free == nr_free,
		       "type %u: nr_free is %lu, not %lu", type,
		       lists->nr_free, nr_free);
		expect(lists->nr_block == tally->nr_block[type],
		       "type %u: %lu pageblocks, not %lu", type,
		       lists->nr_block, tally->nr_block[type]);
	}
	expect(zone->buddy.nr_free == tally->nr_free,
	       "nr_free is %lu, not %lu", zone->buddy.nr_free, tally->nr_free);
}

/* Returns the pages of the zone that users have. */
static unsigned long check_zone(const struct sim_box *sim,
				struct mmbox_zone *zone)
{
	const struct mmbox_section *section;
	struct tally tally = { .nr_free = 0 };

	expect(!zone->lock.held, "a zone is locked");
	if (zone->managed)
		check_pcp(zone, &tally);
	list_for_each_entry(section, &zone->sections, list)
		check_section(sim, zone, section, &tally);
	check_lists(zone, &tally);
	expect(tally.nr_free + tally.nr_listed + tally.nr_alloc ==
	       zone->managed, "%lu + %lu + %lu pages, not %lu", tally.nr_free,
	       tally.nr_listed, tally.nr_alloc, zone->managed);
	expect(zone->managed + tally.nr_own == zone->present,
	       "%lu pages are in no block, not %lu", tally.nr_own,
	       zone->present - zone->managed);
	return tally.nr_alloc;
}

/* What came and went, by the events, leaves what users have. */
static void check_events(const struct sim_box *sim)
{
	const struct mmbox_stat *stat = sim->box->stat;
	unsigned long alloc, free, left = 0;
	unsigned int pos, type;

	for (type = 0; type < MMBOX_NR_ZONES; type++)
		left += mmbox_stat_read(stat, MMBOX_EVENT_PGALLOC + type);
	left -= mmbox_stat_read(stat, MMBOX_EVENT_PGFREE);
	for (pos = 0; pos < mmbox_nr_zones(sim->box); pos++) {
		mmbox_zone_pcp_events(mmbox_zone_at(sim->box, pos), &alloc,
				      &free);
		left += alloc - free;
	}
	expect(left == sim->nr_pages, "%lu pages by the events, not %lu", left,
	       sim->nr_pages);
}

/**
 * box_check - compare all there is
 * @sim: the box
 */
void box_check(const struct sim_box *sim)
{
	unsigned long nr_alloc = 0;
	unsigned int pos;

	memset(on_list, 0, sizeof(on_list));
	for (pos = 0; pos < mmbox_nr_zones(sim->box); pos++)
		nr_alloc += check_zone(sim, mmbox_zone_at(sim->box, pos));
	expect(nr_alloc == sim->nr_pages, "users have %lu pages, not %lu",
	       sim->nr_pages, nr_alloc);
	check_events(sim);
}
