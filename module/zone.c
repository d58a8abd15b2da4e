// SPDX-License-Identifier: GPL-2.0
/*
 * Zones at work: the path of an allocation through a zonelist, and of a free
 * back to the zone that the page came from.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/ratelimit.h>
#include <linux/topology.h>

#include "internal.h"
#include "section.h"

const char *const mmbox_zone_name[MMBOX_NR_ZONES + 1] = {
	[MMBOX_ZONE_DMA]	= "DMA",
	[MMBOX_ZONE_DMA32]	= "DMA32",
	[MMBOX_ZONE_NORMAL]	= "Normal",
	[MMBOX_ZONE_HIGHMEM]	= "HighMem",
	[MMBOX_ZONE_MOVABLE]	= "Movable",
	[MMBOX_ZONE_ANY]	= "any",
};

/* The highest zone that a request may be served from, as gfp_zone() has it. */
static enum mmbox_zone_type highest_zone(gfp_t gfp)
{
	if (gfp & __GFP_DMA)
		return MMBOX_ZONE_DMA;
	if (gfp & __GFP_DMA32)
		return MMBOX_ZONE_DMA32;
	if (!(gfp & __GFP_HIGHMEM))
		return MMBOX_ZONE_NORMAL;
	return gfp & __GFP_MOVABLE ? MMBOX_ZONE_MOVABLE : MMBOX_ZONE_HIGHMEM;
}

static struct mmbox_page *zone_alloc(struct mmbox_zone *zone,
				     unsigned int order)
{
	struct mmbox_page *page;
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	page = mmbox_buddy_alloc(&zone->buddy, order);
	spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

static struct mmbox_page *zonelist_alloc(struct mmbox *box, gfp_t gfp,
					 unsigned int order)
{
	enum mmbox_zone_type highest = highest_zone(gfp);
	int nid = numa_mem_id();
	struct mmbox_zone **pos;
	bool fallback = false;

	for (pos = box->node[nid]->zonelist; *pos; pos++) {
		struct mmbox_zone *zone = *pos;
		struct mmbox_page *page;

		if (zone->type > highest)
			continue;
		if (gfp & __GFP_THISNODE && zone->nid != nid)
			break;
		page = zone_alloc(zone, order);
		if (page) {
			if (fallback)
				mmbox_stat_inc(box->stat,
					       MMBOX_EVENT_ALLOC_FALLBACK);
			mmbox_stat_add(box->stat,
				       MMBOX_EVENT_PGALLOC + zone->type,
				       1UL << order);
			return page;
		}
		fallback = true;
	}
	return NULL;
}

/**
 * mmbox_alloc_pages - allocate a block of contiguous pages from a box
 * @box:   the box
 * @gfp:   __GFP_DMA, __GFP_DMA32, __GFP_HIGHMEM and __GFP_MOVABLE choose the
 *	   highest zone to take pages from; __GFP_THISNODE keeps to the local
 *	   node; __GFP_ZERO clears the pages. Other bits are accepted and have
 *	   no effect: a box neither waits nor reclaims.
 * @order: the block has 2^@order pages, at most MMBOX_MAX_ORDER
 *
 * The pages are the host's and have a reference count of 1 each; they are not
 * a compound page.
 *
 * Context: any in which a spinlock_t may be taken: process, softirq and
 * hardirq, but not hardirq on PREEMPT_RT.
 * Return: first page of the block, or NULL if no zone has one.
 */
struct page *mmbox_alloc_pages(struct mmbox *box, gfp_t gfp,
			       unsigned int order)
{
	struct mmbox_page *page = NULL;
	struct page *host;
	unsigned long i;

	if (order <= MMBOX_MAX_ORDER)
		page = zonelist_alloc(box, gfp, order);
	if (!page) {
		mmbox_stat_inc(box->stat, MMBOX_EVENT_ALLOC_FAIL);
		return NULL;
	}

	host = mmbox_page_host(page);
	if (gfp & __GFP_ZERO)
		for (i = 0; i < 1UL << order; i++)
			clear_highpage(host + i);
	return host;
}
EXPORT_SYMBOL_GPL(mmbox_alloc_pages);

/* Nothing but a look at the descriptor: what the caller did wrong, in words. */
static const char *refusal(const struct mmbox_page *page)
{
	switch (mmbox_page_state(page)) {
	case MMBOX_PAGE_FREE:
		return "it is already free";
	case MMBOX_PAGE_ALLOC:
		return "it was allocated with another order";
	default:
		return "it is not the first page of an allocated block";
	}
}

static void refuse_free(struct mmbox *box, unsigned long pfn,
			unsigned int order, const char *why)
{
	static DEFINE_RATELIMIT_STATE(limit, DEFAULT_RATELIMIT_INTERVAL,
				      DEFAULT_RATELIMIT_BURST);

	if (box)
		mmbox_stat_inc(box->stat, MMBOX_EVENT_FREE_REFUSED);
	if (!__ratelimit(&limit))
		return;
	pr_err("%s: free of pfn %#lx order %u refused: %s\n",
	       box ? box->name : "no box", pfn, order, why);
	dump_stack();
}

/**
 * mmbox_free_pages - give a block back to the box it came from
 * @page:  first page of the block, as mmbox_alloc_pages() returned it; NULL
 *	   does nothing
 * @order: its order
 *
 * A wrong free changes nothing: it is refused, counted and reported.
 *
 * Context: as mmbox_alloc_pages().
 */
void mmbox_free_pages(struct page *page, unsigned int order)
{
	struct mmbox_section *section;
	const char *why = NULL;
	struct mmbox_zone *zone;
	struct mmbox_page *mp;
	unsigned long flags;
	unsigned long pfn;

	if (!page)
		return;

	pfn = page_to_pfn(page);
	rcu_read_lock();
	section = mmbox_section_find(pfn);
	if (!section) {
		rcu_read_unlock();
		refuse_free(NULL, pfn, order, "it is not a page of any box");
		return;
	}

	zone = section->zone;
	mp = mmbox_section_page(section, pfn);
	spin_lock_irqsave(&zone->lock, flags);
	if (mmbox_page_is(mp, MMBOX_PAGE_ALLOC, order))
		mmbox_buddy_free(&zone->buddy, mp);
	else
		why = refusal(mp);
	spin_unlock_irqrestore(&zone->lock, flags);

	if (why)
		refuse_free(zone->box, pfn, order, why);
	else
		mmbox_stat_add(zone->box->stat, MMBOX_EVENT_PGFREE,
			       1UL << order);
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(mmbox_free_pages);

/**
 * mmbox_page_zone - the zone of a page that belongs to a box
 * @page: an allocated page of a box
 *
 * Context: any.
 * Return: the zone, or NULL if no box has the page.
 */
struct mmbox_zone *mmbox_page_zone(struct page *page)
{
	struct mmbox_section *section;
	struct mmbox_zone *zone;

	rcu_read_lock();
	section = mmbox_section_find(page_to_pfn(page));
	zone = section ? section->zone : NULL;
	rcu_read_unlock();
	return zone;
}

/**
 * mmbox_nr_zones - how many zones a box has, populated or not
 * @box: the box
 *
 * Return: the end of the positions that mmbox_zone_at() takes.
 */
unsigned int mmbox_nr_zones(const struct mmbox *box)
{
	return box->nr_nodes * MMBOX_NR_ZONES;
}

/**
 * mmbox_zone_at - a box's zones, counted through node by node
 * @box: the box
 * @pos: position, less than mmbox_nr_zones()
 *
 * Context: any.
 * Return: the zone, or NULL where there is no such node.
 */
struct mmbox_zone *mmbox_zone_at(struct mmbox *box, unsigned int pos)
{
	struct mmbox_node *node = box->node[pos / MMBOX_NR_ZONES];

	return node ? &node->zone[pos % MMBOX_NR_ZONES] : NULL;
}

/**
 * mmbox_zone_snapshot - look at a zone's free pages
 * @zone: the zone
 * @snap: filled with one instant's numbers
 *
 * Context: any; takes the zone's lock.
 */
void mmbox_zone_snapshot(struct mmbox_zone *zone,
			 struct mmbox_zone_snapshot *snap)
{
	unsigned int order;
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	for (order = 0; order < MMBOX_NR_ORDERS; order++)
		snap->nr_blocks[order] = zone->buddy.area[order].nr_free;
	snap->nr_free = zone->buddy.nr_free;
	snap->nr_split = zone->buddy.nr_split;
	snap->nr_merge = zone->buddy.nr_merge;
	spin_unlock_irqrestore(&zone->lock, flags);
}

/**
 * mmbox_zones_allocated - pages that somebody has
 * @box: the box
 *
 * Context: any.
 * Return: managed pages that are not free, in all zones.
 */
unsigned long mmbox_zones_allocated(struct mmbox *box)
{
	struct mmbox_zone_snapshot snap;
	unsigned long allocated = 0;
	unsigned int pos;

	for (pos = 0; pos < mmbox_nr_zones(box); pos++) {
		struct mmbox_zone *zone = mmbox_zone_at(box, pos);

		if (!zone)
			continue;
		mmbox_zone_snapshot(zone, &snap);
		allocated += zone->managed - snap.nr_free;
	}
	return allocated;
}
