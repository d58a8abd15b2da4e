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
 * Free blocks stand on lists by the type of the pageblock they lie in, and all
 * pageblocks of one free block have the same type. An allocation takes from its
 * own type's lists; what happens when these are empty is in buddy_steal.c.
 *
 * A block never reaches over the end of a section, so a buddy is found inside
 * the section's descriptor array, by flipping one bit of the page's index.
 *
 * The caller holds the lock that guards the buddy and the words of its pages,
 * and has checked what it frees. No kernel services beyond lists and bits: this
 * file builds in user space too, see selftests/unit.
 */
#include <linux/bitops.h>
#include <linux/minmax.h>

#include "buddy.h"
#include "buddy_lists.h"

/**
 * mmbox_buddy_init - make a buddy without pages
 * @buddy: memory for it; its @pcp and @long_frees are left as they are
 */
void mmbox_buddy_init(struct mmbox_buddy *buddy)
{
	unsigned int order, type;

	for (type = 0; type < MMBOX_NR_TYPES; type++) {
		struct mmbox_free_lists *lists = &buddy->lists[type];

		for (order = 0; order < MMBOX_NR_ORDERS; order++) {
			INIT_LIST_HEAD(&lists->area[order].free_list);
			lists->area[order].nr_free = 0;
		}
		lists->orders = 0;
		lists->nr_free = 0;
		lists->nr_block = 0;
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

/**
 * mmbox_buddy_point_block - tell a pageblock where frees of its pages go
 * @buddy: the buddy
 * @block: the pageblock
 */
void mmbox_buddy_point_block(const struct mmbox_buddy *buddy,
			     struct mmbox_pageblock *block)
{
	WRITE_ONCE(block->pcp, buddy->long_frees ? NULL :
						   buddy->pcp[block->type]);
}

/**
 * mmbox_buddy_add_block - let a buddy know of a pageblock
 * @buddy: the buddy
 * @block: the pageblock, none of whose pages the buddy has had
 * @type:  its type
 */
void mmbox_buddy_add_block(struct mmbox_buddy *buddy,
			   struct mmbox_pageblock *block,
			   enum mmbox_migratetype type)
{
	WRITE_ONCE(block->type, type);
	mmbox_buddy_point_block(buddy, block);
	buddy->lists[type].nr_block++;
}

/**
 * mmbox_buddy_del_block - take a pageblock away from a buddy
 * @buddy: the buddy
 * @block: the pageblock, none of whose pages the buddy has any more
 */
void mmbox_buddy_del_block(struct mmbox_buddy *buddy,
			   struct mmbox_pageblock *block)
{
	buddy->lists[block->type].nr_block--;
}

/**
 * mmbox_buddy_add - give the buddy a block it has not had before
 * @buddy: the buddy
 * @page:  first page of the block, aligned to its size; all pages TAIL; its
 *	   pageblocks are of the same type
 * @order: order of the block
 *
 * Blocks added in ascending order are later allocated in ascending order. The
 * block is not joined with others: the caller adds the largest ones it has.
 */
void mmbox_buddy_add(struct mmbox_buddy *buddy, struct mmbox_page *page,
		     unsigned int order)
{
	enum mmbox_migratetype type = mmbox_page_block(page)->type;

	mmbox_block_link_tail(&buddy->lists[type], page, order);
	mmbox_buddy_count(buddy, type, 1L << order);
}

/**
 * mmbox_buddy_del - take a free block out for good
 * @buddy: the buddy
 * @page:  first page of a free block; all of its pages are TAIL afterwards
 */
void mmbox_buddy_del(struct mmbox_buddy *buddy, struct mmbox_page *page)
{
	enum mmbox_migratetype type = mmbox_page_block(page)->type;
	unsigned int order = mmbox_page_order(page);

	mmbox_block_unlink(&buddy->lists[type], page, order);
	mmbox_page_set(page, MMBOX_PAGE_TAIL, 0);
	mmbox_buddy_count(buddy, type, -(1L << order));
}

/**
 * mmbox_buddy_alloc - take a block from pageblocks of a type
 * @buddy: the buddy
 * @order: order of the block, at most MMBOX_MAX_ORDER
 * @type:  of which pageblocks
 * @state: what the block is taken for: ALLOC only if it goes to a caller as it
 *	   is, for from that moment on a free of it succeeds
 *
 * Return: first page of the block, in state @state, or NULL if no free block
 * of that type is large enough.
 */
struct mmbox_page *mmbox_buddy_alloc(struct mmbox_buddy *buddy,
				     unsigned int order,
				     enum mmbox_migratetype type,
				     enum mmbox_page_state state)
{
	unsigned long orders = buddy->lists[type].orders >> order << order;

	if (!orders)
		return NULL;
	return mmbox_buddy_cut(buddy, __ffs(orders), order, type, state);
}

/* Two free blocks, at least a pageblock each, of which types may be joined? */
static bool types_join(enum mmbox_migratetype a, enum mmbox_migratetype b)
{
	return a == b || (a < MMBOX_NR_PCP_TYPES && b < MMBOX_NR_PCP_TYPES);
}

/*
 * A free pageblock, or one half of the section, is to be joined with one of
 * another type: it takes on that type, if it may.
 */
static bool adopt(struct mmbox_buddy *buddy, struct mmbox_page *page,
		  unsigned int order, enum mmbox_migratetype type)
{
	struct mmbox_pageblock *block = mmbox_page_block(page);
	enum mmbox_migratetype from = block->type;

	if (!types_join(from, type))
		return false;
	if (from == type)
		return true;
	mmbox_block_unlink(&buddy->lists[from], page, order);
	mmbox_buddy_count(buddy, from, -(1L << order));
	mmbox_buddy_set_type(buddy, block, type);
	mmbox_block_link(&buddy->lists[type], page, order);
	mmbox_buddy_count(buddy, type, 1L << order);
	return true;
}

static void free_block(struct mmbox_buddy *buddy, struct mmbox_page *page,
		       unsigned int order)
{
	enum mmbox_migratetype type = mmbox_page_block(page)->type;
	struct mmbox_free_lists *lists = &buddy->lists[type];

	for (; order < MMBOX_MAX_ORDER; order++) {
		struct mmbox_page *other = buddy_of(page, order);

		if (!mmbox_page_is(other, MMBOX_PAGE_FREE, order))
			break;
		/* Smaller ones lie in the same pageblock. */
		if (order >= MMBOX_PAGEBLOCK_ORDER &&
		    !adopt(buddy, other, order, type))
			break;
		mmbox_block_unlink(lists, other, order);
		/* The upper half becomes the inside of the joined block. */
		if (other < page)
			swap(other, page);
		mmbox_page_set(other, MMBOX_PAGE_TAIL, 0);
		buddy->nr_merge++;
	}
	mmbox_block_link(lists, page, order);
}

/* Has a block's second pageblock another type by now than its first one? */
static bool types_differ(const struct mmbox_page *page, unsigned int order)
{
	const struct mmbox_map *map = mmbox_page_map(page);

	return order > MMBOX_PAGEBLOCK_ORDER &&
	       map->block[0].type != map->block[1].type;
}

static void give_block(struct mmbox_buddy *buddy, struct mmbox_page *page,
		       unsigned int order)
{
	mmbox_buddy_count(buddy, mmbox_page_block(page)->type, 1L << order);
	free_block(buddy, page, order);
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

	if (unlikely(types_differ(page, order))) {
		order = MMBOX_PAGEBLOCK_ORDER;
		give_block(buddy, page + MMBOX_PAGEBLOCK_PAGES, order);
	}
	give_block(buddy, page, order);
}

/*
 * A free block of both pageblocks becomes two. They are of the same type, but
 * will not be for long.
 */
static void cut_section(struct mmbox_buddy *buddy, struct mmbox_map *map)
{
	struct mmbox_free_lists *lists = &buddy->lists[map->block[0].type];
	unsigned int i;

	mmbox_block_unlink(lists, &map->page[0], MMBOX_MAX_ORDER);
	for (i = 0; i < MMBOX_SECTION_BLOCKS; i++)
		mmbox_block_link(lists, &map->page[i * MMBOX_PAGEBLOCK_PAGES],
				 MMBOX_PAGEBLOCK_ORDER);
	buddy->nr_split++;
}

/* Moves what is free in a pageblock to the lists of its new type. */
static void move_blocks(struct mmbox_buddy *buddy, struct mmbox_page *first,
			enum mmbox_migratetype from, enum mmbox_migratetype to)
{
	unsigned int i, order;

	for (i = 0; i < MMBOX_PAGEBLOCK_PAGES; i += 1U << order) {
		order = mmbox_page_order(first + i);
		if (mmbox_page_state(first + i) != MMBOX_PAGE_FREE)
			continue;
		mmbox_block_unlink(&buddy->lists[from], first + i, order);
		mmbox_buddy_count(buddy, from, -(1L << order));
		mmbox_block_link(&buddy->lists[to], first + i, order);
		mmbox_buddy_count(buddy, to, 1L << order);
	}
}

/**
 * mmbox_buddy_convert - change the type of a pageblock and what is free in it
 * @buddy: the buddy
 * @map:   descriptors of a section
 * @nr:    which of its pageblocks
 * @type:  the new type
 *
 * Looks at each descriptor of the pageblock at most once.
 */
void mmbox_buddy_convert(struct mmbox_buddy *buddy, struct mmbox_map *map,
			 unsigned int nr, enum mmbox_migratetype type)
{
	struct mmbox_page *first = &map->page[nr * MMBOX_PAGEBLOCK_PAGES];
	struct mmbox_pageblock *block = &map->block[nr];
	enum mmbox_migratetype from = block->type;

	if (mmbox_page_is(&map->page[0], MMBOX_PAGE_FREE, MMBOX_MAX_ORDER))
		cut_section(buddy, map);
	mmbox_buddy_set_type(buddy, block, type);
	move_blocks(buddy, first, from, type);
	/* All of it may fit together with the other pageblock now. */
	if (mmbox_page_is(first, MMBOX_PAGE_FREE, MMBOX_PAGEBLOCK_ORDER)) {
		mmbox_block_unlink(&buddy->lists[type], first,
				   MMBOX_PAGEBLOCK_ORDER);
		free_block(buddy, first, MMBOX_PAGEBLOCK_ORDER);
	}
}
