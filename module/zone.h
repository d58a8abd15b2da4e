/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_ZONE_H
#define MMBOX_ZONE_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/spinlock.h>

#include <mmbox.h>

#include "buddy.h"

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
 *
 * All but @lock, @buddy and @nr_mapped are set before the box is published.
 */
struct mmbox_zone {
	spinlock_t lock;
	struct mmbox_buddy buddy;
	struct mmbox *box;
	enum mmbox_zone_type type;
	int nid;
	struct list_head sections;
	unsigned long start_pfn;
	unsigned long spanned;
	unsigned long present;
	unsigned long managed;
	atomic_long_t nr_mapped;
} ____cacheline_aligned_in_smp;

/**
 * struct mmbox_node - the zones of one NUMA node
 * @zone:     its zones, populated or not
 * @zonelist: all populated zones of the box in the order in which an
 *	      allocation from this node tries them; NULL ends it
 */
struct mmbox_node {
	struct mmbox_zone zone[MMBOX_NR_ZONES];
	struct mmbox_zone **zonelist;
};

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

extern const char *const mmbox_zone_name[MMBOX_NR_ZONES + 1];

int mmbox_zones_create(struct mmbox *box, const struct mmbox_config *cfg);
unsigned long mmbox_zones_destroy(struct mmbox *box);
unsigned long mmbox_zones_allocated(struct mmbox *box);
void mmbox_zone_snapshot(struct mmbox_zone *zone,
			 struct mmbox_zone_snapshot *snap);
unsigned int mmbox_nr_zones(const struct mmbox *box);
struct mmbox_zone *mmbox_zone_at(struct mmbox *box, unsigned int pos);
struct mmbox_zone *mmbox_page_zone(struct page *page);

#endif /* MMBOX_ZONE_H */
