/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_BUDDY_H
#define MMBOX_BUDDY_H

#include "page.h"

/**
 * struct mmbox_free_area - the free blocks of one order and type
 * @free_list:	their first pages
 * @nr_free:	how many there are
 */
struct mmbox_free_area {
	struct list_head free_list;
	unsigned long nr_free;
};

/**
 * struct mmbox_free_lists - what is free in pageblocks of one type
 * @area:	the free blocks by order
 * @orders:	a bit for each order that has a free block
 * @nr_free:	free pages in all of them
 * @nr_block:	pageblocks of the type
 */
struct mmbox_free_lists {
	struct mmbox_free_area area[MMBOX_NR_ORDERS];
	unsigned long orders;
	unsigned long nr_free;
	unsigned long nr_block;
};

/**
 * struct mmbox_buddy - free pages in blocks of each order
 * @lists:	by the type of the pageblock they lie in
 * @nr_free:	free pages in all of them
 * @nr_split:	blocks cut in two since the beginning
 * @nr_merge:	pairs of buddies joined since the beginning
 * @pcp:	for each type what its pageblocks get as their @pcp
 * @long_frees:	but they get none: frees have more to do than that
 */
struct mmbox_buddy {
	struct mmbox_free_lists lists[MMBOX_NR_TYPES];
	unsigned long nr_free;
	unsigned long nr_split;
	unsigned long nr_merge;
	struct mmbox_pcp __percpu *pcp[MMBOX_NR_TYPES];
	bool long_frees;
};

/**
 * struct mmbox_steal - what an allocation took from pageblocks of another type
 * @page:      first page of the free block that it took from
 * @order:     order of that block
 * @from:      type of its pageblock before
 * @converted: the pageblock, with all that is free in it, has changed its type
 */
struct mmbox_steal {
	struct mmbox_page *page;
	unsigned int order;
	enum mmbox_migratetype from;
	bool converted;
};

void mmbox_buddy_init(struct mmbox_buddy *buddy);
void mmbox_buddy_add_block(struct mmbox_buddy *buddy,
			   struct mmbox_pageblock *block,
			   enum mmbox_migratetype type);
void mmbox_buddy_point_block(const struct mmbox_buddy *buddy,
			     struct mmbox_pageblock *block);
void mmbox_buddy_del_block(struct mmbox_buddy *buddy,
			   struct mmbox_pageblock *block);
void mmbox_buddy_add(struct mmbox_buddy *buddy, struct mmbox_page *page,
		     unsigned int order);
void mmbox_buddy_del(struct mmbox_buddy *buddy, struct mmbox_page *page);
struct mmbox_page *mmbox_buddy_alloc(struct mmbox_buddy *buddy,
				     unsigned int order,
				     enum mmbox_migratetype type,
				     enum mmbox_page_state state);
struct mmbox_page *mmbox_buddy_steal(struct mmbox_buddy *buddy,
				     unsigned int order,
				     enum mmbox_migratetype type,
				     enum mmbox_page_state state,
				     struct mmbox_steal *steal);
void mmbox_buddy_free(struct mmbox_buddy *buddy, struct mmbox_page *page);
void mmbox_buddy_convert(struct mmbox_buddy *buddy, struct mmbox_map *map,
			 unsigned int nr, enum mmbox_migratetype type);

#endif /* MMBOX_BUDDY_H */
