/* SPDX-License-Identifier: GPL-2.0 */
/*
 * struct mmbox_page: what the box knows of one page frame.
 *
 * Descriptors live in the array of their section, one for each frame of the
 * section whether the box has that frame or not. A descriptor's word holds its
 * own index in that array, so that the section, and through it zone, box and
 * pfn, are found from a descriptor by arithmetic alone.
 *
 * Only the first page of a block carries the block's state and order; the
 * others are TAIL. Splitting or joining blocks therefore touches one word.
 *
 * Words change under the zone's lock, but for three steps that take none: a free
 * claims its block with one compare-and-exchange, a block that a CPU has on
 * its own lists is marked allocated by that CPU, and the owner of a block may
 * say what it is used for. Others who look at such a word
 * see one value or the other, and neither is FREE. A word says ALLOC only while
 * a caller has the block, or is about to get it: any free of it succeeds.
 *
 * Uses lists and bit operations only: this header builds in user space too.
 */
#ifndef MMBOX_PAGE_H
#define MMBOX_PAGE_H

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/types.h>

#include <mmbox.h>

#define MMBOX_NR_ORDERS		(MMBOX_MAX_ORDER + 1)

/* A section is a naturally aligned block of the largest order. */
#define MMBOX_SECTION_ORDER	MMBOX_MAX_ORDER
#define MMBOX_SECTION_PAGES	(1UL << MMBOX_SECTION_ORDER)

/* Pages are grouped by mobility in blocks of a huge page, as in the kernel. */
#define MMBOX_PAGEBLOCK_ORDER	9
#define MMBOX_PAGEBLOCK_PAGES	(1UL << MMBOX_PAGEBLOCK_ORDER)
#define MMBOX_SECTION_BLOCKS	(MMBOX_SECTION_PAGES / MMBOX_PAGEBLOCK_PAGES)

/**
 * enum mmbox_migratetype - what a pageblock is meant for; the kernel's order
 * @MMBOX_UNMOVABLE:	pages that stay where they are
 * @MMBOX_MOVABLE:	pages that could be moved
 * @MMBOX_RECLAIMABLE:	pages that could be reclaimed
 * @MMBOX_NR_PCP_TYPES:	the types before this one have lists on each CPU, and
 *			fall back to one another
 * @MMBOX_HIGHATOMIC:	kept for high-order allocations that cannot wait
 * @MMBOX_ISOLATE:	not to be allocated from
 * @MMBOX_NR_TYPES:	number of types
 */
enum mmbox_migratetype {
	MMBOX_UNMOVABLE,
	MMBOX_MOVABLE,
	MMBOX_RECLAIMABLE,
	MMBOX_NR_PCP_TYPES,
	MMBOX_HIGHATOMIC = MMBOX_NR_PCP_TYPES,
	MMBOX_ISOLATE,
	MMBOX_NR_TYPES,
};

/**
 * enum mmbox_page_state - what a page frame is used for
 * @MMBOX_PAGE_ABSENT:	the box does not have this frame
 * @MMBOX_PAGE_TAIL:	inside a block, behind its first page
 * @MMBOX_PAGE_FREE:	first page of a block on a free list
 * @MMBOX_PAGE_PCP:	first page of a block on a CPU's list, or on its way
 *			from or to one
 * @MMBOX_PAGE_ALLOC:	first page of an allocated block
 * @MMBOX_PAGE_RESERVED: present, but not the buddy's: it holds descriptors of
 *			the box, or is not handed over yet
 * @MMBOX_PAGE_SLAB:	any page of an allocated block that is cut up into objects
 * @MMBOX_PAGE_LARGE:	first page of a block that was allocated as an object
 */
enum mmbox_page_state {
	MMBOX_PAGE_ABSENT,
	MMBOX_PAGE_TAIL,
	MMBOX_PAGE_FREE,
	MMBOX_PAGE_PCP,
	MMBOX_PAGE_ALLOC,
	MMBOX_PAGE_RESERVED,
	MMBOX_PAGE_SLAB,
	MMBOX_PAGE_LARGE,
};

struct mmbox_slab;

/**
 * struct mmbox_page - descriptor of one page frame
 * @lru:	link in a free list while the page heads a free block
 * @next:	link in a CPU's list
 * @slab:	what the page is part of, if its state is SLAB
 * @word:	index in the section, state, and order of the block
 */
struct mmbox_page {
	union {
		struct list_head lru;
		struct mmbox_page *next;
		struct mmbox_slab *slab;
	};
	u32 word;
};

/* Researchers keep millions of these: the size is part of the contract. */
static_assert(sizeof(struct mmbox_page) <= 32);

#define MMBOX_PAGE_INDEX_BITS	MMBOX_SECTION_ORDER
#define MMBOX_PAGE_ORDER_SHIFT	MMBOX_PAGE_INDEX_BITS
#define MMBOX_PAGE_ORDER_BITS	4
#define MMBOX_PAGE_STATE_SHIFT	(MMBOX_PAGE_ORDER_SHIFT + MMBOX_PAGE_ORDER_BITS)
#define MMBOX_PAGE_STATE_BITS	4

static_assert(MMBOX_MAX_ORDER < (1 << MMBOX_PAGE_ORDER_BITS));
static_assert(MMBOX_PAGE_STATE_SHIFT + MMBOX_PAGE_STATE_BITS <= 32);

#define MMBOX_PAGE_INDEX_MASK	((1U << MMBOX_PAGE_INDEX_BITS) - 1)

static inline u32 mmbox_page_word(enum mmbox_page_state state,
				  unsigned int order)
{
	return (u32)state << MMBOX_PAGE_STATE_SHIFT |
	       order << MMBOX_PAGE_ORDER_SHIFT;
}

static inline unsigned int mmbox_page_index(const struct mmbox_page *page)
{
	return READ_ONCE(page->word) & MMBOX_PAGE_INDEX_MASK;
}

static inline unsigned int mmbox_page_order(const struct mmbox_page *page)
{
	return READ_ONCE(page->word) >> MMBOX_PAGE_ORDER_SHIFT &
	       ((1U << MMBOX_PAGE_ORDER_BITS) - 1);
}

static inline enum mmbox_page_state
mmbox_page_state(const struct mmbox_page *page)
{
	return READ_ONCE(page->word) >> MMBOX_PAGE_STATE_SHIFT &
	       ((1U << MMBOX_PAGE_STATE_BITS) - 1);
}

/*
 * Order of the largest block that begins with page @pfn, is aligned to its
 * size, and ends before page @end or with it.
 */
static inline unsigned int mmbox_block_order(unsigned long pfn,
					     unsigned long end)
{
	unsigned int order = 0;

	while (order < MMBOX_MAX_ORDER && !(pfn & 1UL << order) &&
	       end - pfn >= 2UL << order)
		order++;
	return order;
}

/* One comparison answers "is this the head of such a block?". */
static inline bool mmbox_page_is(const struct mmbox_page *page,
				 enum mmbox_page_state state,
				 unsigned int order)
{
	return (READ_ONCE(page->word) & ~MMBOX_PAGE_INDEX_MASK) ==
	       mmbox_page_word(state, order);
}

/* Is it the first page of a block that somebody has, for whatever purpose? */
static inline bool mmbox_page_in_use(const struct mmbox_page *page)
{
	switch (mmbox_page_state(page)) {
	case MMBOX_PAGE_ALLOC:
	case MMBOX_PAGE_RESERVED:
	case MMBOX_PAGE_SLAB:
	case MMBOX_PAGE_LARGE:
		return true;
	default:
		return false;
	}
}

static inline void mmbox_page_set(struct mmbox_page *page,
				  enum mmbox_page_state state,
				  unsigned int order)
{
	WRITE_ONCE(page->word,
		   mmbox_page_index(page) | mmbox_page_word(state, order));
}

/**
 * mmbox_page_claim - take an allocated block from whoever had it
 * @page:  a page of a box, maybe the first one of an allocated block
 * @index: its index in the section
 * @order: order of the block, at most MMBOX_MAX_ORDER
 *
 * Of two who free the same block at once only one succeeds.
 *
 * Return: whether @page was such a block. It is in state PCP now, and the
 * caller's to put on a list.
 */
static inline bool mmbox_page_claim(struct mmbox_page *page,
				    unsigned int index, unsigned int order)
{
	u32 old = index | mmbox_page_word(MMBOX_PAGE_ALLOC, order);
	u32 new = index | mmbox_page_word(MMBOX_PAGE_PCP, order);

	return try_cmpxchg(&page->word, &old, new);
}

/**
 * mmbox_page_unclaim - mark a block from a CPU's list as allocated
 * @page: first page of the block, in state PCP; its order stays
 */
static inline void mmbox_page_unclaim(struct mmbox_page *page)
{
	/* Whoever frees the block writes its links: they are read before. */
	smp_store_release(&page->word,
			  page->word ^ (mmbox_page_word(MMBOX_PAGE_PCP, 0) ^
					mmbox_page_word(MMBOX_PAGE_ALLOC, 0)));
}

/**
 * mmbox_page_change - change what an allocated block is used for
 * @page:  its first page
 * @from:  the state it should be in
 * @to:	   the state it gets
 * @order: its order
 *
 * Of two who want to change it at once only one succeeds.
 *
 * Return: whether it was in state @from.
 */
static inline bool mmbox_page_change(struct mmbox_page *page,
				     enum mmbox_page_state from,
				     enum mmbox_page_state to,
				     unsigned int order)
{
	u32 index = mmbox_page_index(page);
	u32 old = index | mmbox_page_word(from, order);

	return cmpxchg(&page->word, old,
		       index | mmbox_page_word(to, order)) == old;
}

struct mmbox_pcp;

/**
 * struct mmbox_pageblock - what is known of an aligned MMBOX_PAGEBLOCK_PAGES
 * @pcp:  the CPUs' lists that frees of its pages go to; NULL for none, or if
 *	  frees go the long way
 * @type: enum mmbox_migratetype
 *
 * Changed under the zone's lock. A free reads @pcp without it: what a CPU then
 * puts on a list of the former type is put right when it gets to the buddy.
 */
struct mmbox_pageblock {
	struct mmbox_pcp __percpu *pcp;
	enum mmbox_migratetype type;
};

/**
 * struct mmbox_map - all descriptors of a section
 * @block: its pageblocks
 * @page:  its pages
 */
struct mmbox_map {
	struct mmbox_pageblock block[MMBOX_SECTION_BLOCKS];
	struct mmbox_page page[MMBOX_SECTION_PAGES];
};

static inline struct mmbox_map *mmbox_page_map(const struct mmbox_page *page)
{
	return container_of(page - mmbox_page_index(page), struct mmbox_map,
			    page[0]);
}

static inline struct mmbox_pageblock *
mmbox_map_block(struct mmbox_map *map, unsigned int index)
{
	return &map->block[index >> MMBOX_PAGEBLOCK_ORDER];
}

static inline struct mmbox_pageblock *
mmbox_page_block(const struct mmbox_page *page)
{
	return mmbox_map_block(mmbox_page_map(page), mmbox_page_index(page));
}

#endif /* MMBOX_PAGE_H */
