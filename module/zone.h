/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_ZONE_H
#define MMBOX_ZONE_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/gfp.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include <mmbox.h>

#include "buddy.h"
#include "pcp.h"
#include "watermark.h"

struct mmbox_section;

/**
 * struct mmbox_zone - pages of one kind on one node
 * @lock:	 guards @buddy and the words of the zone's pages
 * @buddy:	 the free pages
 * @box:	 the box it belongs to
 * @type:	 which zone it is
 * @nid:	 the node it is on
 * @sections:	 its sections, in ascending order
 * @start_pfn:	 first frame it spans
 * @spanned:	 frames from the first to the last one, holes included
 * @present:	 frames it has
 * @managed:	 frames the buddy was given
 * @nr_mapped:	 pages of allocations that user space has mapped
 * @pcp_limits:	 how long each CPU's lists of free blocks may get
 * @wmark:	 what the zone keeps back
 *
 * All but @lock, @nr_mapped, @pcp_limits, @wmark and @buddy without its @pcp
 * are set before the box is published. @pcp_limits and @wmark change under
 * tune_lock of the box, the boost in @wmark under @lock.
 */
struct mmbox_zone {
	struct mmbox_pcp_limits pcp_limits;
	struct mmbox_watermark wmark;
	struct mmbox *box;
	enum mmbox_zone_type type;
	int nid;
	struct list_head sections;
	unsigned long start_pfn;
	unsigned long spanned;
	unsigned long present;
	unsigned long managed;
	atomic_long_t nr_mapped;

	/* What all CPUs write stays away from what all CPUs read. */
	spinlock_t lock ____cacheline_aligned_in_smp;
	struct mmbox_buddy buddy;
} ____cacheline_aligned_in_smp;

/**
 * mmbox_zone_managed - how many pages a zone has
 * @zone: the zone
 *
 * A zone may get its first pages at any time. Who sees that it has some sees
 * the CPUs' lists, too, which it got before.
 *
 * Context: any.
 * Return: pages that its buddy was given.
 */
static inline unsigned long mmbox_zone_managed(const struct mmbox_zone *zone)
{
	unsigned long managed = READ_ONCE(zone->managed);

	/* Pairs with the barrier in mmbox_zone_create_pcp(). */
	smp_rmb();
	return managed;
}

/**
 * struct mmbox_drain - what empties the lists of one CPU
 * @work: runs on that CPU
 * @box:  the box
 */
struct mmbox_drain {
	struct work_struct work;
	struct mmbox *box;
};

/*
 * The bits of a gfp mask that choose zone and migrate type, as an index. They
 * are the lowest.
 */
#define MMBOX_GFP_INDEX_MASK	(GFP_ZONEMASK | __GFP_RECLAIMABLE)
#define MMBOX_NR_GFP_INDICES	((__force unsigned int)MMBOX_GFP_INDEX_MASK + 1)

static_assert(!(MMBOX_NR_GFP_INDICES & (MMBOX_NR_GFP_INDICES - 1)));

static inline unsigned int mmbox_gfp_index(gfp_t gfp)
{
	return (__force unsigned int)(gfp & MMBOX_GFP_INDEX_MASK);
}

/* Both bits make no sense, and the kernel warns: the weaker promise counts. */
static inline enum mmbox_migratetype mmbox_gfp_type(gfp_t gfp)
{
	if (gfp & __GFP_MOVABLE)
		return MMBOX_MOVABLE;
	return gfp & __GFP_RECLAIMABLE ? MMBOX_RECLAIMABLE : MMBOX_UNMOVABLE;
}

/**
 * struct mmbox_node - the zones of one NUMA node
 * @zone:     its zones, populated or not
 * @zonelist: all populated zones of the box in the order in which an
 *	      allocation from this node tries them; NULL ends it
 * @first:    for each combination of the bits in a gfp mask that choose zone
 *	      and migrate type, the CPUs' lists that may serve it: those of the
 *	      first zone in @zonelist; or NULL, also where allocations have more
 *	      to do than that
 */
struct mmbox_node {
	struct mmbox_pcp __percpu *first[MMBOX_NR_GFP_INDICES];
	struct mmbox_zone **zonelist;
	struct mmbox_zone zone[MMBOX_NR_ZONES];
};

/*
 * The highest zone that a request may be served from, as gfp_zone() has it: a
 * zone that the host lacks stands for its Normal zone.
 */
static inline enum mmbox_zone_type mmbox_gfp_zone(gfp_t gfp)
{
	if (IS_ENABLED(CONFIG_ZONE_DMA) && gfp & __GFP_DMA)
		return MMBOX_ZONE_DMA;
	if (IS_ENABLED(CONFIG_ZONE_DMA32) && gfp & __GFP_DMA32)
		return MMBOX_ZONE_DMA32;
	if (!(gfp & __GFP_HIGHMEM))
		return MMBOX_ZONE_NORMAL;
	return gfp & __GFP_MOVABLE ? MMBOX_ZONE_MOVABLE : MMBOX_ZONE_HIGHMEM;
}

/**
 * mmbox_zone_usable - free pages that a request may count on
 * @zone:    the zone
 * @urgency: MMBOX_URGENT_* bits
 *
 * Context: any. Without the zone's lock it is a good guess.
 * Return: free pages but those in pageblocks that are not for the request.
 */
static inline unsigned long mmbox_zone_usable(const struct mmbox_zone *zone,
					      unsigned int urgency)
{
	const struct mmbox_buddy *buddy = &zone->buddy;
	unsigned long free = READ_ONCE(buddy->nr_free);
	unsigned long other = READ_ONCE(buddy->lists[MMBOX_ISOLATE].nr_free);

	if (!(urgency & MMBOX_URGENT_RESERVES))
		other += READ_ONCE(buddy->lists[MMBOX_HIGHATOMIC].nr_free);
	return free > other ? free - other : 0;
}

/**
 * struct mmbox_zone_snapshot - a consistent view of a zone's free pages
 * @nr_blocks: free blocks of each order
 * @nr_free:   free pages
 * @nr_split:  blocks split since the beginning
 * @nr_merge:  buddies joined since the beginning
 */
struct mmbox_zone_snapshot {
	unsigned long nr_blocks[MMBOX_NR_ORDERS];
	unsigned long nr_free;
	unsigned long nr_split;
	unsigned long nr_merge;
};

/**
 * struct mmbox_zone_types - a consistent view of a zone by migrate type
 * @nr_blocks:	   free blocks of each type and order
 * @nr_pageblocks: pageblocks of each type
 */
struct mmbox_zone_types {
	unsigned long nr_blocks[MMBOX_NR_TYPES][MMBOX_NR_ORDERS];
	unsigned long nr_pageblocks[MMBOX_NR_TYPES];
};

extern const char *const mmbox_zone_name[MMBOX_NR_ZONES + 1];
extern const char *const mmbox_migratetype_name[MMBOX_NR_TYPES];

int mmbox_zones_create(struct mmbox *box, const struct mmbox_config *cfg);
unsigned long mmbox_zones_destroy(struct mmbox *box);
void mmbox_zone_span(struct mmbox_zone *zone, unsigned long pfn,
		     unsigned long nr_pages);
void mmbox_zone_link_section(struct mmbox_section *section);
void mmbox_zone_respan(struct mmbox_zone *zone);
int mmbox_zone_create_pcp(struct mmbox_zone *zone);
void mmbox_zones_build_first(struct mmbox *box);
void mmbox_zones_choose_paths(struct mmbox *box);
struct mmbox_zone *mmbox_zone_of_host(struct mmbox *box,
				      const struct page *page,
				      enum mmbox_zone_type type);
void mmbox_section_mark(struct mmbox_section *section, unsigned long pfn,
			unsigned long nr_pages);
void mmbox_section_add_blocks(struct mmbox_section *section);
unsigned int mmbox_section_hand_over(struct mmbox_section *section,
				     unsigned long pfn, unsigned long end);
unsigned long mmbox_zones_allocated(struct mmbox *box);
unsigned long mmbox_zone_pcp_pages(const struct mmbox_zone *zone,
				   unsigned int cpu);
void mmbox_zone_free_chain(struct mmbox_zone *zone, struct mmbox_page *chain);
void mmbox_zone_trace_drain(const struct mmbox_zone *zone,
			    const struct mmbox_page *chain);
int mmbox_drain_create(struct mmbox *box);
void mmbox_drain_destroy(struct mmbox *box);
void mmbox_zones_drain(struct mmbox *box);
void mmbox_zone_limit_lists(struct mmbox_zone *zone);
void mmbox_zones_limit_lists(struct mmbox *box);
unsigned long mmbox_lowmem_pages(struct mmbox *box);
void mmbox_watermarks_setup(struct mmbox *box);
void mmbox_watermark_boost(struct mmbox_zone *zone);
unsigned int mmbox_urgency(gfp_t gfp);
void mmbox_zones_drain_dead_cpu(struct mmbox *box, unsigned int cpu);
struct page *mmbox_alloc_pages_for(struct mmbox *box, gfp_t gfp,
				   unsigned int order, unsigned long caller);
struct page *mmbox_alloc_block(struct mmbox *box, gfp_t gfp,
			       unsigned int order);
void mmbox_free_block(struct page *page, unsigned int order);
unsigned long mmbox_alloc_pages_fresh(struct mmbox *box, gfp_t gfp,
				      unsigned long nr, struct page **pages,
				      unsigned long caller);
void mmbox_zone_snapshot(struct mmbox_zone *zone,
			 struct mmbox_zone_snapshot *snap);
void mmbox_zone_types(struct mmbox_zone *zone, struct mmbox_zone_types *types);
int mmbox_fragmentation_index(const struct mmbox_zone_snapshot *snap,
			      unsigned int order);
int mmbox_unusable_index(const struct mmbox_zone_snapshot *snap,
			 unsigned int order);
unsigned int mmbox_nr_zones(const struct mmbox *box);
void mmbox_zone_pcp_events(const struct mmbox_zone *zone,
			   unsigned long *alloc, unsigned long *free);
struct mmbox_zone *mmbox_zone_at(struct mmbox *box, unsigned int pos);
struct mmbox_zone *mmbox_page_zone(struct page *page);

#endif /* MMBOX_ZONE_H */
