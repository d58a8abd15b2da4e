// SPDX-License-Identifier: GPL-2.0
/*
 * The buddy allocator: free pages in naturally aligned blocks of 2^order.
 *
 * An allocation takes the smallest block that is large enough and cuts it in
 * halves until it fits; each upper half goes on the free list of its order. A
 * free joins the block with its buddy, the other half of the block one order
 * up, for as long as the buddy is free and whole. Both cost at most one step
 * per order, however many blocks are free.
 *
 * A block never reaches over the end of a section, so a buddy is found inside
 * the section's descriptor array, by flipping one bit of the page's index.
 *
 * The caller holds the lock that guards the buddy and the words of its pages,
 * and has checked what it frees. No kernel services beyond lists: this file
 * builds in user space too, see selftests/unit.
 */
#include <linux/minmax.h>

#include "buddy.h"

/**
 * mmbox_buddy_init - make a buddy without pages
 * @buddy: memory for it
 */
void mmbox_buddy_init(struct mmbox_buddy *buddy)
{
	unsigned int order;

	for (order = 0; order < MMBOX_NR_ORDERS; order++) {
		INIT_LIST_HEAD(&buddy->area[order].free_list);
		buddy->area[order].nr_free = 0;
	}
	buddy->nr_free = 0;
	buddy->nr_split = 0;
	buddy->nr_merge = 0;
}

static struct mmbox_page *buddy_of(struct mmbox_page *page, unsigned int order)
{
	unsigned int index = mmbox_page_index(page);

	return page - index + (index ^ 1U << order);
}

static void add_block(struct mmbox_free_area *area, struct mmbox_page *page,
		      unsigned int order)
{
	mmbox_page_set(page, MMBOX_PAGE_FREE, order);
	list_add(&page->lru, &area->free_list);
	area->nr_free++;
}

static void del_block(struct mmbox_free_area *area, struct mmbox_page *page)
{
	list_del(&page->lru);
	area->nr_free--;
}

/**
 * mmbox_buddy_add - give the buddy a block it has not had before
 * @buddy: the buddy
 * @page:  first page of the block, aligned to its size; all pages TAIL
 * @order: order of the block
 *
 * Blocks added in ascending order are later allocated in ascending order. The
 * block is not joined with others: the caller adds the largest ones it has.
 */
void mmbox_buddy_add(struct mmbox_buddy *buddy, struct mmbox_page *page,
		     unsigned int order)
{
	struct mmbox_free_area *area = &buddy->area[order];

	mmbox_page_set(page, MMBOX_PAGE_FREE, order);
	list_add_tail(&page->lru, &area->free_list);
	area->nr_free++;
	buddy->nr_free += 1UL << order;
}

/**
 * mmbox_buddy_alloc - take a block
 * @buddy: the buddy
 * @order: order of the block, at most MMBOX_MAX_ORDER
 * @state: what the block is taken for: ALLOC only if it goes to a caller as it
 *	   is, for from that moment on a free of it succeeds
 *
 * Return: first page of the block, in state @state, or NULL if no free block
 * is large enough.
 */
struct mmbox_page *mmbox_buddy_alloc(struct mmbox_buddy *buddy,
				     unsigned int order,
				     enum mmbox_page_state state)
{
	struct mmbox_page *page;
	unsigned int found;

	for (found = order; found < MMBOX_NR_ORDERS; found++)
		if (!list_empty(&buddy->area[found].free_list))
			break;
	if (found == MMBOX_NR_ORDERS)
		return NULL;

	page = list_first_entry(&buddy->area[found].free_list,
				struct mmbox_page, lru);
	del_block(&buddy->area[found], page);

	while (found > order) {
		found--;
		add_block(&buddy->area[found], page + (1UL << found), found);
		buddy->nr_split++;
	}

	mmbox_page_set(page, state, order);
	buddy->nr_free -= 1UL << order;
	return page;
}

/**
 * mmbox_buddy_free - give a block back
 * @buddy: the buddy it was allocated from
 * @page:  first page of the block: its word has the order, its state is any
 *	   but FREE
 */
void mmbox_buddy_free(struct mmbox_buddy *buddy, struct mmbox_page *page)
{
	unsigned int order = mmbox_page_order(page);

	buddy->nr_free += 1UL << order;

	for (; order < MMBOX_MAX_ORDER; order++) {
		struct mmbox_page *other = buddy_of(page, order);

		if (!mmbox_page_is(other, MMBOX_PAGE_FREE, order))
			break;

		del_block(&buddy->area[order], other);
		/* The upper half becomes the inside of the joined block. */
		if (other < page)
			swap(other, page);
		mmbox_page_set(other, MMBOX_PAGE_TAIL, 0);
		buddy->nr_merge++;
	}
	add_block(&buddy->area[order], page, order);
}
