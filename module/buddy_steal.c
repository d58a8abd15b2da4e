// SPDX-License-Identifier: GPL-2.0
/*
 * Falling back: what an allocation does when no pageblock of its type has a
 * block for it.
 *
 * It takes from pageblocks of another type, and does so in a way that keeps the
 * types apart in the long run, by the kernel's rules: the largest free block is
 * taken, so that what follows finds the rest; and a pageblock that is free to
 * the better part goes over to the new type as a whole, with all that is free
 * in it. Only then do pages that are freed there later serve the new type.
 *
 * Movable pages do little harm in a foreign pageblock, for they could be moved.
 * They take the smallest block there that will do, and leave it its type.
 *
 * Builds in user space, like buddy.c.
 */
#include <linux/bitops.h>

#include "buddy.h"
#include "buddy_lists.h"

/* From whom each type takes, best first: the kernel's table. */
static const enum mmbox_migratetype
fallback[MMBOX_NR_PCP_TYPES][MMBOX_NR_PCP_TYPES - 1] = {
	[MMBOX_UNMOVABLE]   = { MMBOX_RECLAIMABLE, MMBOX_MOVABLE },
	[MMBOX_MOVABLE]	    = { MMBOX_RECLAIMABLE, MMBOX_UNMOVABLE },
	[MMBOX_RECLAIMABLE] = { MMBOX_UNMOVABLE, MMBOX_MOVABLE },
};

/* A free block as large as this makes it worth a look at its pageblock. */
static bool may_convert(unsigned int order, enum mmbox_migratetype type)
{
	return type != MMBOX_MOVABLE || order >= MMBOX_PAGEBLOCK_ORDER / 2;
}

/* Finds the order and the type of the free block to take from. */
static bool find_fallback(const struct mmbox_buddy *buddy, unsigned int order,
			  enum mmbox_migratetype type, struct mmbox_steal *steal)
{
	unsigned long first = buddy->lists[fallback[type][0]].orders;
	unsigned long second = buddy->lists[fallback[type][1]].orders;
	unsigned long orders = (first | second) >> order << order;

	if (!orders)
		return false;
	steal->order = __fls(orders);
	if (!may_convert(steal->order, type))
		steal->order = __ffs(orders);
	steal->from = fallback[type][!(first >> steal->order & 1)];
	steal->page =
		list_first_entry(&buddy->lists[steal->from].area[steal->order].free_list,
				 struct mmbox_page, lru);
	return true;
}

/* Is at least half of what the box has of a pageblock free? */
static bool half_free(const struct mmbox_page *first)
{
	unsigned int i, order, nr_free = 0, nr_used = 0;

	for (i = 0; i < MMBOX_PAGEBLOCK_PAGES; i += 1U << order) {
		enum mmbox_page_state state = mmbox_page_state(first + i);

		order = mmbox_page_order(first + i);
		if (state == MMBOX_PAGE_FREE)
			nr_free += 1U << order;
		else if (state != MMBOX_PAGE_ABSENT)
			nr_used += 1U << order;
	}
	return nr_free >= nr_used;
}

/*
 * Makes the pageblock of the found block the type's own, if half of it is free:
 * what is allocated there counts as being of the other type. Two pageblocks, if
 * the block is so large.
 */
static bool convert(struct mmbox_buddy *buddy, enum mmbox_migratetype type,
		    const struct mmbox_steal *steal)
{
	struct mmbox_map *map = mmbox_page_map(steal->page);
	unsigned int nr = mmbox_page_index(steal->page) / MMBOX_PAGEBLOCK_PAGES;
	unsigned int i;

	if (steal->order > MMBOX_PAGEBLOCK_ORDER) {
		mmbox_block_unlink(&buddy->lists[steal->from], steal->page,
				   steal->order);
		mmbox_buddy_count(buddy, steal->from, -(1L << steal->order));
		for (i = 0; i < MMBOX_SECTION_BLOCKS; i++)
			mmbox_buddy_set_type(buddy, &map->block[i], type);
		mmbox_block_link(&buddy->lists[type], steal->page,
				 steal->order);
		mmbox_buddy_count(buddy, type, 1L << steal->order);
		return true;
	}
	if (!may_convert(steal->order, type) ||
	    !half_free(&map->page[nr * MMBOX_PAGEBLOCK_PAGES]))
		return false;
	mmbox_buddy_convert(buddy, map, nr, type);
	return true;
}

/**
 * mmbox_buddy_steal - take a block from pageblocks of another type
 * @buddy: the buddy, which has no free block of @type and large enough
 * @order: order of the block, at most MMBOX_MAX_ORDER
 * @type:  what the block is for: one of the types before MMBOX_NR_PCP_TYPES
 * @state: as for mmbox_buddy_alloc()
 * @steal: tells what was taken from where
 *
 * Never takes from HighAtomic and isolated pageblocks.
 *
 * Return: first page of the block, in state @state, or NULL if there is none;
 * then @steal is left as it was.
 */
struct mmbox_page *mmbox_buddy_steal(struct mmbox_buddy *buddy,
				     unsigned int order,
				     enum mmbox_migratetype type,
				     enum mmbox_page_state state,
				     struct mmbox_steal *steal)
{
	if (!find_fallback(buddy, order, type, steal))
		return NULL;
	steal->converted = convert(buddy, type, steal);
	if (steal->converted)
		return mmbox_buddy_alloc(buddy, order, type, state);
	return mmbox_buddy_cut(buddy, steal->order, order, steal->from, state);
}
