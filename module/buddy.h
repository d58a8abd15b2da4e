/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_BUDDY_H
#define MMBOX_BUDDY_H

#include "page.h"

/**
 * struct mmbox_free_area - the free blocks of one order
 * @free_list:	their first pages
 * @nr_free:	how many there are
 */
struct mmbox_free_area {
	struct list_head free_list;
	unsigned long nr_free;
};

/**
 * struct mmbox_buddy - free pages in blocks of each order
 * @area:	the free blocks by order
 * @nr_free:	free pages in all of them
 * @nr_split:	blocks cut in two since the beginning
 * @nr_merge:	pairs of buddies joined since the beginning
 */
struct mmbox_buddy {
	struct mmbox_free_area area[MMBOX_NR_ORDERS];
	unsigned long nr_free;
	unsigned long nr_split;
	unsigned long nr_merge;
};

void mmbox_buddy_init(struct mmbox_buddy *buddy);
void mmbox_buddy_add(struct mmbox_buddy *buddy, struct mmbox_page *page,
		     unsigned int order);
struct mmbox_page *mmbox_buddy_alloc(struct mmbox_buddy *buddy,
				     unsigned int order,
				     enum mmbox_page_state state);
void mmbox_buddy_free(struct mmbox_buddy *buddy, struct mmbox_page *page);

#endif /* MMBOX_BUDDY_H */
