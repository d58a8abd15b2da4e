// SPDX-License-Identifier: GPL-2.0
/*
 * Migrate types in the buddy, one rule of docs/design/migratetypes.md per case.
 * Expected values are written out by hand: no model here.
 */
#include "unit.h"

#include <linux/kernel.h>

#include "pool.h"

static int teardown(void **state)
{
	if (*state)
		pool_destroy(*state);
	return 0;
}

static void again(void **state)
{
	pool_destroy(*state);
	*state = NULL;
}

/* A pool without free pages, with the types of its pageblocks in sequence. */
static struct pool *typed_pool(void **state, unsigned int nr_blocks,
			       const enum mmbox_migratetype *types)
{
	struct pool *pool;
	unsigned int i;

	pool = *state = pool_create(nr_blocks / MMBOX_SECTION_BLOCKS);
	for (i = 0; i < nr_blocks; i++)
		pool_set_type(pool, i, types[i]);
	return pool;
}

#define new_pool(state, ...)						\
	typed_pool(state,						\
		   ARRAY_SIZE(((enum mmbox_migratetype[]){ __VA_ARGS__ })), \
		   (enum mmbox_migratetype[]){ __VA_ARGS__ })

/* How many blocks a list has; each is of the list's order and type. */
static unsigned long count_list(const struct pool *pool,
				enum mmbox_migratetype type,
				unsigned int order)
{
	const struct mmbox_free_lists *lists = &pool->buddy.lists[type];
	const struct mmbox_page *page;
	unsigned long nr = 0;

	list_for_each_entry(page, &lists->area[order].free_list, lru) {
		assert_true(mmbox_page_is(page, MMBOX_PAGE_FREE, order));
		assert_int_equal(mmbox_page_block(page)->type, type);
		assert_int_equal(mmbox_page_block(page + (1U << order) - 1)->type,
				 type);
		nr++;
		assert_in_range(nr, 1, pool_frames(pool));
	}
	assert_int_equal(lists->area[order].nr_free, nr);
	assert_int_equal(lists->orders >> order & 1, nr > 0);
	return nr;
}

/* All counts say what lists and pageblocks say. */
static void check_counts(const struct pool *pool)
{
	unsigned long nr_block[MMBOX_NR_TYPES] = { 0 };
	unsigned long sum = 0;
	unsigned int type, order, i;

	for (i = 0; i < pool_blocks(pool); i++) {
		const struct mmbox_pageblock *block = pool_block(pool, i);

		nr_block[block->type]++;
		assert_ptr_equal(block->pcp, pool_pcp(block->type));
	}
	for (type = 0; type < MMBOX_NR_TYPES; type++) {
		const struct mmbox_free_lists *lists = &pool->buddy.lists[type];
		unsigned long nr_free = 0;

		for (order = 0; order < MMBOX_NR_ORDERS; order++)
			nr_free += count_list(pool, type, order) << order;
		assert_int_equal(lists->nr_free, nr_free);
		assert_int_equal(lists->nr_block, nr_block[type]);
		sum += nr_free;
	}
	assert_int_equal(pool->buddy.nr_free, sum);
}

static void type_is(const struct pool *pool, unsigned int block,
		    enum mmbox_migratetype type)
{
	assert_int_equal(pool_block(pool, block)->type, type);
}

/* Such a block is free, on the list of this type. */
static void free_is(const struct pool *pool, unsigned int frame,
		    unsigned int order, enum mmbox_migratetype type)
{
	const struct mmbox_free_area *area =
		&pool->buddy.lists[type].area[order];
	const struct mmbox_page *page;
	bool found = false;

	list_for_each_entry(page, &area->free_list, lru)
		found |= pool_frame(page) == frame;
	assert_true(found);
	check_counts(pool);
}

static struct mmbox_page *take(struct pool *pool, unsigned int order,
			       enum mmbox_migratetype type)
{
	return mmbox_buddy_alloc(&pool->buddy, order, type, MMBOX_PAGE_ALLOC);
}

static void alloc_is(struct pool *pool, unsigned int order,
		     enum mmbox_migratetype type, unsigned int frame)
{
	struct mmbox_page *page = take(pool, order, type);

	assert_non_null(page);
	assert_int_equal(pool_frame(page), frame);
	check_counts(pool);
}

static void free_frame(struct pool *pool, unsigned int frame)
{
	mmbox_buddy_free(&pool->buddy, pool_page(pool, frame));
	check_counts(pool);
}

static void convert(struct pool *pool, unsigned int block,
		    enum mmbox_migratetype type)
{
	mmbox_buddy_convert(&pool->buddy, pool_map(pool, block),
			    block % MMBOX_SECTION_BLOCKS, type);
	check_counts(pool);
}

/* A request of @type takes this frame from that free block. */
static void steal_is(struct pool *pool, unsigned int order,
		     enum mmbox_migratetype type, unsigned int frame,
		     unsigned int found, enum mmbox_migratetype from,
		     bool converted)
{
	struct mmbox_steal steal;
	struct mmbox_page *page;

	assert_null(take(pool, order, type));
	page = mmbox_buddy_steal(&pool->buddy, order, type, MMBOX_PAGE_PCP,
				 &steal);
	assert_non_null(page);
	assert_true(mmbox_page_is(page, MMBOX_PAGE_PCP, order));
	assert_int_equal(pool_frame(page), frame);
	assert_int_equal(steal.order, found);
	assert_int_equal(steal.from, from);
	assert_int_equal(steal.converted, converted);
	assert_int_equal(pool_frame(steal.page) >> found, frame >> found);
	check_counts(pool);
}

static void steal_fails(struct pool *pool, unsigned int order,
			enum mmbox_migratetype type)
{
	const struct mmbox_steal before = { .order = 77, .converted = true };
	struct mmbox_steal steal = before;

	assert_null(mmbox_buddy_steal(&pool->buddy, order, type,
				      MMBOX_PAGE_ALLOC, &steal));
	assert_memory_equal(&steal, &before, sizeof(steal));
	check_counts(pool);
}

static void pageblocks_are_counted_by_type(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_MOVABLE, MMBOX_HIGHATOMIC,
				     MMBOX_MOVABLE, MMBOX_ISOLATE);
	const struct mmbox_free_lists *lists = pool->buddy.lists;

	assert_int_equal(lists[MMBOX_UNMOVABLE].nr_block, 0);
	assert_int_equal(lists[MMBOX_MOVABLE].nr_block, 2);
	assert_int_equal(lists[MMBOX_RECLAIMABLE].nr_block, 0);
	assert_int_equal(lists[MMBOX_HIGHATOMIC].nr_block, 1);
	assert_int_equal(lists[MMBOX_ISOLATE].nr_block, 1);
	mmbox_buddy_del_block(&pool->buddy, pool_block(pool, 0));
	assert_int_equal(lists[MMBOX_MOVABLE].nr_block, 1);
	mmbox_buddy_add_block(&pool->buddy, pool_block(pool, 0),
			      MMBOX_RECLAIMABLE);
	assert_int_equal(lists[MMBOX_MOVABLE].nr_block, 1);
	assert_int_equal(lists[MMBOX_RECLAIMABLE].nr_block, 1);
	type_is(pool, 0, MMBOX_RECLAIMABLE);
	check_counts(pool);
}

static void frees_go_to_the_lists_of_the_type(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_UNMOVABLE, MMBOX_MOVABLE,
				     MMBOX_RECLAIMABLE, MMBOX_HIGHATOMIC,
				     MMBOX_ISOLATE, MMBOX_MOVABLE);

	assert_ptr_equal(pool_block(pool, 0)->pcp, pool_pcp(MMBOX_UNMOVABLE));
	assert_ptr_equal(pool_block(pool, 1)->pcp, pool_pcp(MMBOX_MOVABLE));
	assert_ptr_equal(pool_block(pool, 2)->pcp,
			 pool_pcp(MMBOX_RECLAIMABLE));
	assert_null(pool_block(pool, 3)->pcp);
	assert_null(pool_block(pool, 4)->pcp);
}

static void added_block_is_of_its_type(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_RECLAIMABLE, MMBOX_ISOLATE);

	pool_add(pool, 0, 9);
	pool_add(pool, 512, 9);
	free_is(pool, 0, 9, MMBOX_RECLAIMABLE);
	free_is(pool, 512, 9, MMBOX_ISOLATE);
	assert_int_equal(pool->buddy.lists[MMBOX_RECLAIMABLE].nr_free, 512);
	assert_int_equal(pool->buddy.lists[MMBOX_ISOLATE].nr_free, 512);
}

static void allocation_takes_of_its_type_only(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_MOVABLE, MMBOX_HIGHATOMIC);

	pool_add(pool, 0, 9);
	pool_add(pool, 512, 9);
	assert_null(take(pool, 0, MMBOX_UNMOVABLE));
	assert_null(take(pool, 0, MMBOX_RECLAIMABLE));
	assert_null(take(pool, 0, MMBOX_ISOLATE));
	alloc_is(pool, 3, MMBOX_HIGHATOMIC, 512);
	alloc_is(pool, 3, MMBOX_MOVABLE, 0);
	assert_int_equal(pool->buddy.lists[MMBOX_MOVABLE].nr_free, 504);
	assert_int_equal(pool->buddy.lists[MMBOX_HIGHATOMIC].nr_free, 504);
}

static void free_goes_by_the_pageblock(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE);

	pool_add(pool, 0, 2);
	alloc_is(pool, 2, MMBOX_MOVABLE, 0);
	convert(pool, 0, MMBOX_RECLAIMABLE);
	assert_int_equal(pool->buddy.nr_free, 0);
	free_frame(pool, 0);
	free_is(pool, 0, 2, MMBOX_RECLAIMABLE);
}

/* No list is left with a bit that says it has blocks, or without one. */
static void emptied_list_serves_no_more(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE);

	pool_add(pool, 0, 3);
	pool_add(pool, 16, 1);
	assert_int_equal(pool->buddy.lists[MMBOX_MOVABLE].orders, 0xa);
	alloc_is(pool, 1, MMBOX_MOVABLE, 16);
	assert_int_equal(pool->buddy.lists[MMBOX_MOVABLE].orders, 0x8);
	alloc_is(pool, 1, MMBOX_MOVABLE, 0);
	assert_int_equal(pool->buddy.lists[MMBOX_MOVABLE].orders, 0x6);
	assert_null(take(pool, 3, MMBOX_MOVABLE));
	free_frame(pool, 0);
	assert_int_equal(pool->buddy.lists[MMBOX_MOVABLE].orders, 0x8);
}

struct fallback {
	enum mmbox_migratetype wanted;
	enum mmbox_migratetype first;
	enum mmbox_migratetype then;
};

static const struct fallback fallbacks[] = {
	{ MMBOX_UNMOVABLE, MMBOX_RECLAIMABLE, MMBOX_MOVABLE },
	{ MMBOX_MOVABLE, MMBOX_RECLAIMABLE, MMBOX_UNMOVABLE },
	{ MMBOX_RECLAIMABLE, MMBOX_UNMOVABLE, MMBOX_MOVABLE },
};

static void types_are_taken_from_in_sequence(void **state)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fallbacks); i++) {
		const struct fallback *f = &fallbacks[i];
		struct pool *pool = new_pool(state, f->then, f->then, f->first,
					     f->first, f->then, f->then);

		pool_add(pool, 0, 8);
		pool_add(pool, 1024, 8);
		pool_add(pool, 2048, 8);
		steal_is(pool, 8, f->wanted, 1024, 8, f->first, true);
		steal_is(pool, 8, f->wanted, 0, 8, f->then, true);
		again(state);
	}
}

/* A larger block of the second choice comes before one of the first. */
static void the_largest_block_counts_first(void **state)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fallbacks); i++) {
		const struct fallback *f = &fallbacks[i];
		struct pool *pool = new_pool(state, f->first, f->first, f->then,
					     f->then);

		pool_add(pool, 0, 6);
		pool_add(pool, 1024, 7);
		steal_is(pool, 0, f->wanted, 1024, 7, f->then, true);
		again(state);
	}
}

/* Pages of which most are in use, and free blocks of orders 2, 5 and 3. */
static struct pool *busy_pool(void **state, enum mmbox_migratetype type)
{
	struct pool *pool = new_pool(state, type, type);

	pool_add(pool, 256, 8);
	alloc_is(pool, 8, type, 256);
	pool_add(pool, 4, 2);
	pool_add(pool, 32, 5);
	pool_add(pool, 8, 3);
	return pool;
}

static void the_largest_block_is_cut(void **state)
{
	struct pool *pool = busy_pool(state, MMBOX_MOVABLE);

	steal_is(pool, 0, MMBOX_UNMOVABLE, 32, 5, MMBOX_MOVABLE, false);
	type_is(pool, 0, MMBOX_MOVABLE);
	free_is(pool, 33, 0, MMBOX_MOVABLE);
	free_is(pool, 34, 1, MMBOX_MOVABLE);
	free_is(pool, 36, 2, MMBOX_MOVABLE);
	free_is(pool, 40, 3, MMBOX_MOVABLE);
	free_is(pool, 48, 4, MMBOX_MOVABLE);
	assert_int_equal(pool->buddy.lists[MMBOX_MOVABLE].nr_free, 43);
	assert_int_equal(pool->buddy.nr_split, 5);
}

/* Only small blocks are free, and it is all the box has of the pageblock. */
static void movable_takes_the_smallest(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_UNMOVABLE, MMBOX_UNMOVABLE,
				     MMBOX_RECLAIMABLE, MMBOX_RECLAIMABLE);

	pool_add(pool, 8, 3);
	pool_add(pool, 2, 1);
	pool_add(pool, 1028, 2);
	steal_is(pool, 0, MMBOX_MOVABLE, 2, 1, MMBOX_UNMOVABLE, false);
	steal_is(pool, 1, MMBOX_MOVABLE, 1028, 2, MMBOX_RECLAIMABLE, false);
	steal_is(pool, 1, MMBOX_MOVABLE, 1030, 1, MMBOX_RECLAIMABLE, false);
	steal_is(pool, 1, MMBOX_MOVABLE, 8, 3, MMBOX_UNMOVABLE, false);
	type_is(pool, 0, MMBOX_UNMOVABLE);
	type_is(pool, 2, MMBOX_RECLAIMABLE);
}

static void movable_takes_a_large_block_whole(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_UNMOVABLE, MMBOX_UNMOVABLE);

	pool_add(pool, 16, 4);
	pool_add(pool, 2, 1);
	steal_is(pool, 4, MMBOX_MOVABLE, 16, 4, MMBOX_UNMOVABLE, true);
	type_is(pool, 0, MMBOX_MOVABLE);
	free_is(pool, 2, 1, MMBOX_MOVABLE);
}

static void movable_takes_order_3_small(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_UNMOVABLE, MMBOX_UNMOVABLE);

	pool_add(pool, 8, 3);
	steal_is(pool, 3, MMBOX_MOVABLE, 8, 3, MMBOX_UNMOVABLE, false);
	type_is(pool, 0, MMBOX_UNMOVABLE);
}

/* Unmovable pages take a pageblock over for a block of any order. */
static void others_take_small_blocks_whole(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE);

	pool_add(pool, 8, 1);
	steal_is(pool, 0, MMBOX_RECLAIMABLE, 8, 1, MMBOX_MOVABLE, true);
	type_is(pool, 0, MMBOX_RECLAIMABLE);
	free_is(pool, 9, 0, MMBOX_RECLAIMABLE);
}

/* Of 512 pages 256 are free, in a block, and then one less. */
static void half_free_is_enough(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE);

	pool_add(pool, 0, 9);
	alloc_is(pool, 8, MMBOX_MOVABLE, 0);
	steal_is(pool, 7, MMBOX_UNMOVABLE, 256, 8, MMBOX_MOVABLE, true);
	type_is(pool, 0, MMBOX_UNMOVABLE);
	type_is(pool, 1, MMBOX_MOVABLE);
	free_is(pool, 384, 7, MMBOX_UNMOVABLE);
	again(state);

	pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE);
	pool_add(pool, 0, 9);
	alloc_is(pool, 8, MMBOX_MOVABLE, 0);
	alloc_is(pool, 0, MMBOX_MOVABLE, 256);
	steal_is(pool, 6, MMBOX_UNMOVABLE, 384, 7, MMBOX_MOVABLE, false);
	type_is(pool, 0, MMBOX_MOVABLE);
	free_is(pool, 448, 6, MMBOX_MOVABLE);
	free_is(pool, 257, 0, MMBOX_MOVABLE);
}

/* The box has 8 pages of the pageblock; 4 are free, and then 3. */
static void absent_frames_are_not_used(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE);

	pool_add(pool, 40, 3);
	alloc_is(pool, 2, MMBOX_MOVABLE, 40);
	steal_is(pool, 0, MMBOX_UNMOVABLE, 44, 2, MMBOX_MOVABLE, true);
	again(state);

	pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE);
	pool_add(pool, 40, 3);
	alloc_is(pool, 2, MMBOX_MOVABLE, 40);
	alloc_is(pool, 0, MMBOX_MOVABLE, 44);
	steal_is(pool, 0, MMBOX_UNMOVABLE, 46, 1, MMBOX_MOVABLE, false);
}

/* On a CPU's list, or held by the box itself: not free. */
static void pages_off_the_lists_are_used(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE);

	pool_add(pool, 0, 3);
	assert_non_null(mmbox_buddy_alloc(&pool->buddy, 2, MMBOX_MOVABLE,
					  MMBOX_PAGE_PCP));
	pool_add(pool, 64, 3);
	pool_add(pool, 128, 2);
	mmbox_buddy_del(&pool->buddy, pool_page(pool, 64));
	steal_is(pool, 0, MMBOX_UNMOVABLE, 4, 2, MMBOX_MOVABLE, false);
}

static void whole_section_goes_over(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE);

	pool_add(pool, 0, 10);
	steal_is(pool, 0, MMBOX_UNMOVABLE, 0, 10, MMBOX_MOVABLE, true);
	type_is(pool, 0, MMBOX_UNMOVABLE);
	type_is(pool, 1, MMBOX_UNMOVABLE);
	free_is(pool, 512, 9, MMBOX_UNMOVABLE);
	free_is(pool, 1, 0, MMBOX_UNMOVABLE);
	assert_int_equal(pool->buddy.lists[MMBOX_UNMOVABLE].nr_free, 1023);
	assert_int_equal(pool->buddy.lists[MMBOX_UNMOVABLE].nr_block, 2);
	assert_int_equal(pool->buddy.lists[MMBOX_MOVABLE].nr_free, 0);
	assert_int_equal(pool->buddy.nr_split, 10);
	assert_int_equal(pool->buddy.nr_merge, 0);
	again(state);

	pool = new_pool(state, MMBOX_UNMOVABLE, MMBOX_UNMOVABLE);
	pool_add(pool, 0, 10);
	steal_is(pool, 10, MMBOX_MOVABLE, 0, 10, MMBOX_UNMOVABLE, true);
	type_is(pool, 1, MMBOX_MOVABLE);
}

/* All that is free in the pageblock goes over, and nothing beside it. */
static void conversion_takes_all_of_a_pageblock(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE);

	pool_add(pool, 0, 8);
	pool_add(pool, 256, 0);
	pool_add(pool, 510, 1);
	pool_add(pool, 512, 2);
	steal_is(pool, 8, MMBOX_RECLAIMABLE, 0, 8, MMBOX_MOVABLE, true);
	free_is(pool, 256, 0, MMBOX_RECLAIMABLE);
	free_is(pool, 510, 1, MMBOX_RECLAIMABLE);
	free_is(pool, 512, 2, MMBOX_MOVABLE);
	assert_int_equal(pool->buddy.lists[MMBOX_RECLAIMABLE].nr_free, 3);
	assert_int_equal(pool->buddy.lists[MMBOX_MOVABLE].nr_free, 4);
}

static void reserved_types_are_not_taken_from(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_HIGHATOMIC, MMBOX_HIGHATOMIC,
				     MMBOX_ISOLATE, MMBOX_ISOLATE);
	enum mmbox_migratetype type;

	pool_add(pool, 0, 10);
	pool_add(pool, 1024, 10);
	for (type = 0; type < MMBOX_NR_PCP_TYPES; type++)
		steal_fails(pool, 0, type);
	assert_int_equal(pool->buddy.nr_free, 2048);
}

static void too_large_a_request_takes_nothing(void **state)
{
	struct pool *pool = busy_pool(state, MMBOX_UNMOVABLE);

	steal_fails(pool, 6, MMBOX_MOVABLE);
	steal_fails(pool, 6, MMBOX_RECLAIMABLE);
	assert_int_equal(pool->buddy.nr_free, 44);
}

/* Both halves of a section free, as blocks of these types: joined or not? */
static void check_join(void **state, enum mmbox_migratetype a,
		       enum mmbox_migratetype b, bool joined)
{
	struct pool *pool = new_pool(state, a, b);

	pool_add(pool, 0, 9);
	alloc_is(pool, 9, a, 0);
	pool_add(pool, 512, 9);
	free_frame(pool, 0);
	assert_int_equal(pool->buddy.nr_merge, joined);
	if (joined) {
		free_is(pool, 0, 10, a);
		type_is(pool, 1, a);
	} else {
		free_is(pool, 0, 9, a);
		free_is(pool, 512, 9, b);
	}
	again(state);
}

static void joined_pageblocks_have_one_type(void **state)
{
	enum mmbox_migratetype a, b;

	for (a = 0; a < MMBOX_NR_TYPES; a++)
		for (b = 0; b < MMBOX_NR_TYPES; b++)
			check_join(state, a, b,
				   a == b || (a <= MMBOX_RECLAIMABLE &&
					      b <= MMBOX_RECLAIMABLE));
}

/* The block that is freed last says what the section becomes. */
static void the_upper_half_can_adopt_the_lower(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_MOVABLE, MMBOX_UNMOVABLE);

	pool_add(pool, 512, 9);
	alloc_is(pool, 9, MMBOX_UNMOVABLE, 512);
	pool_add(pool, 0, 9);
	free_frame(pool, 512);
	free_is(pool, 0, 10, MMBOX_UNMOVABLE);
	type_is(pool, 0, MMBOX_UNMOVABLE);
}

static void converted_half_is_cut_off(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE);

	pool_add(pool, 0, 10);
	convert(pool, 1, MMBOX_ISOLATE);
	free_is(pool, 0, 9, MMBOX_MOVABLE);
	free_is(pool, 512, 9, MMBOX_ISOLATE);
	assert_int_equal(pool->buddy.nr_split, 1);
	assert_int_equal(pool->buddy.nr_merge, 0);
	assert_null(pool_block(pool, 1)->pcp);
	assert_int_equal(pool->buddy.lists[MMBOX_ISOLATE].nr_free, 512);
	assert_null(take(pool, 10, MMBOX_MOVABLE));

	convert(pool, 1, MMBOX_MOVABLE);
	free_is(pool, 0, 10, MMBOX_MOVABLE);
	assert_int_equal(pool->buddy.nr_merge, 1);
	again(state);

	pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE);
	pool_add(pool, 0, 10);
	convert(pool, 0, MMBOX_HIGHATOMIC);
	free_is(pool, 0, 9, MMBOX_HIGHATOMIC);
	free_is(pool, 512, 9, MMBOX_MOVABLE);
}

/* A free section has one type: the other pageblock goes with the first. */
static void converted_half_takes_the_other(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE);

	pool_add(pool, 0, 10);
	convert(pool, 1, MMBOX_RECLAIMABLE);
	free_is(pool, 0, 10, MMBOX_RECLAIMABLE);
	type_is(pool, 0, MMBOX_RECLAIMABLE);
	assert_int_equal(pool->buddy.nr_split, 1);
	assert_int_equal(pool->buddy.nr_merge, 1);
}

/* A block of both pageblocks, of which one changes its type meanwhile. */
static void types_may_differ_at_a_free(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE);

	pool_add(pool, 0, 10);
	alloc_is(pool, 10, MMBOX_MOVABLE, 0);
	convert(pool, 1, MMBOX_ISOLATE);
	free_frame(pool, 0);
	free_is(pool, 0, 9, MMBOX_MOVABLE);
	free_is(pool, 512, 9, MMBOX_ISOLATE);
	again(state);

	pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE);
	pool_add(pool, 0, 10);
	alloc_is(pool, 10, MMBOX_MOVABLE, 0);
	convert(pool, 1, MMBOX_UNMOVABLE);
	free_frame(pool, 0);
	free_is(pool, 0, 10, MMBOX_MOVABLE);
	type_is(pool, 1, MMBOX_MOVABLE);
	assert_int_equal(pool->buddy.lists[MMBOX_MOVABLE].nr_free, 1024);
	again(state);

	pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE);
	pool_add(pool, 0, 10);
	alloc_is(pool, 10, MMBOX_MOVABLE, 0);
	convert(pool, 0, MMBOX_HIGHATOMIC);
	convert(pool, 1, MMBOX_HIGHATOMIC);
	free_frame(pool, 0);
	free_is(pool, 0, 10, MMBOX_HIGHATOMIC);
	assert_int_equal(pool->buddy.nr_merge, 0);
}

static void block_taken_out_is_gone(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_MOVABLE, MMBOX_MOVABLE,
				     MMBOX_UNMOVABLE, MMBOX_UNMOVABLE);
	unsigned int i;

	pool_add(pool, 0, 10);
	pool_add(pool, 1024, 1);
	alloc_is(pool, 3, MMBOX_MOVABLE, 0);
	mmbox_buddy_del(&pool->buddy, pool_page(pool, 8));
	for (i = 8; i < 16; i++)
		assert_true(mmbox_page_is(pool_page(pool, i), MMBOX_PAGE_TAIL,
					  0));
	check_counts(pool);
	assert_int_equal(pool->buddy.lists[MMBOX_MOVABLE].nr_free, 1008);
	assert_int_equal(pool->buddy.lists[MMBOX_UNMOVABLE].nr_free, 2);
	free_frame(pool, 0);
	free_is(pool, 0, 3, MMBOX_MOVABLE);
	assert_int_equal(pool->buddy.nr_merge, 0);
	mmbox_buddy_del(&pool->buddy, pool_page(pool, 1024));
	assert_null(take(pool, 0, MMBOX_UNMOVABLE));
	check_counts(pool);
}

static void last_converted_is_first_allocated(void **state)
{
	struct pool *pool = new_pool(state, MMBOX_MOVABLE, MMBOX_RECLAIMABLE);

	pool_add(pool, 512, 2);
	pool_add(pool, 0, 2);
	pool_add(pool, 8, 2);
	convert(pool, 0, MMBOX_RECLAIMABLE);
	alloc_is(pool, 2, MMBOX_RECLAIMABLE, 8);
	alloc_is(pool, 2, MMBOX_RECLAIMABLE, 0);
	alloc_is(pool, 2, MMBOX_RECLAIMABLE, 512);
}

#define types_test(name) cmocka_unit_test_teardown(name, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		types_test(pageblocks_are_counted_by_type),
		types_test(frees_go_to_the_lists_of_the_type),
		types_test(added_block_is_of_its_type),
		types_test(allocation_takes_of_its_type_only),
		types_test(free_goes_by_the_pageblock),
		types_test(emptied_list_serves_no_more),
		types_test(types_are_taken_from_in_sequence),
		types_test(the_largest_block_counts_first),
		types_test(the_largest_block_is_cut),
		types_test(movable_takes_the_smallest),
		types_test(movable_takes_a_large_block_whole),
		types_test(movable_takes_order_3_small),
		types_test(others_take_small_blocks_whole),
		types_test(half_free_is_enough),
		types_test(absent_frames_are_not_used),
		types_test(pages_off_the_lists_are_used),
		types_test(whole_section_goes_over),
		types_test(conversion_takes_all_of_a_pageblock),
		types_test(reserved_types_are_not_taken_from),
		types_test(too_large_a_request_takes_nothing),
		types_test(joined_pageblocks_have_one_type),
		types_test(the_upper_half_can_adopt_the_lower),
		types_test(converted_half_is_cut_off),
		types_test(converted_half_takes_the_other),
		types_test(types_may_differ_at_a_free),
		types_test(block_taken_out_is_gone),
		types_test(last_converted_is_first_allocated),
	};

	unit_start(argc, argv);
	return unit_run(tests);
}
