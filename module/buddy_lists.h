/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The free lists of a buddy, for the files that make it up: what stands on
 * them, and the counts that go with that, change here only.
 */
#ifndef MMBOX_BUDDY_LISTS_H
#define MMBOX_BUDDY_LISTS_H

#include <linux/bitops.h>

#include "buddy.h"

/* Puts a block where it is allocated next: it is likely still in the caches. */
static inline void mmbox_block_link(struct mmbox_free_lists *lists,
				    struct mmbox_page *page,
				    unsigned int order)
{
	struct mmbox_free_area *area = &lists->area[order];

	mmbox_page_set(page, MMBOX_PAGE_FREE, order);
	list_add(&page->lru, &area->free_list);
	area->nr_free++;
	lists->orders |= 1UL << order;
}

static inline void mmbox_block_link_tail(struct mmbox_free_lists *lists,
					 struct mmbox_page *page,
					 unsigned int order)
{
	struct mmbox_free_area *area = &lists->area[order];

	mmbox_page_set(page, MMBOX_PAGE_FREE, order);
	list_add_tail(&page->lru, &area->free_list);
	area->nr_free++;
	lists->orders |= 1UL << order;
}

static inline void mmbox_block_unlink(struct mmbox_free_lists *lists,
				      struct mmbox_page *page,
				      unsigned int order)
{
	struct mmbox_free_area *area = &lists->area[order];

	list_del(&page->lru);
	if (!--area->nr_free)
		lists->orders &= ~(1UL << order);
}

/* Free pages come to pageblocks of a type, or go from them. */
static inline void mmbox_buddy_count(struct mmbox_buddy *buddy,
				     enum mmbox_migratetype type, long nr_pages)
{
	buddy->lists[type].nr_free += nr_pages;
	buddy->nr_free += nr_pages;
}

/* Without regard to what is free in the pageblock. */
static inline void mmbox_buddy_set_type(struct mmbox_buddy *buddy,
					struct mmbox_pageblock *block,
					enum mmbox_migratetype type)
{
	buddy->lists[block->type].nr_block--;
	mmbox_buddy_add_block(buddy, block, type);
}

/*
 * Takes the first free block of order @found and type @type, which is there,
 * and cuts it down to @order.
 */
static inline struct mmbox_page *
mmbox_buddy_cut(struct mmbox_buddy *buddy, unsigned int found,
		unsigned int order, enum mmbox_migratetype type,
		enum mmbox_page_state state)
{
	struct mmbox_free_lists *lists = &buddy->lists[type];
	struct mmbox_page *page;

	page = list_first_entry(&lists->area[found].free_list,
				struct mmbox_page, lru);
	mmbox_block_unlink(lists, page, found);
	buddy->nr_split += found - order;
	while (found > order) {
		found--;
		mmbox_block_link(lists, page + (1UL << found), found);
	}
	mmbox_page_set(page, state, order);
	mmbox_buddy_count(buddy, type, -(1L << order));
	return page;
}

#endif /* MMBOX_BUDDY_LISTS_H */
