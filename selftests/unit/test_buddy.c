// SPDX-License-Identifier: GPL-2.0
/*
 * The buddy, one behaviour per case. Expected values are written out by hand
 * or follow from the rule that the case is named after: no model here.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "pool.h"

static int teardown(void **state)
{
	if (*state)
		pool_destroy(*state);
	return 0;
}

/* A pool of whole sections. */
static struct pool *whole_pool(void **state, unsigned int nr_sections)
{
	struct pool *pool = *state = pool_create(nr_sections);
	unsigned int i;

	for (i = 0; i < nr_sections; i++)
		pool_add(pool, i * MMBOX_SECTION_PAGES, MMBOX_MAX_ORDER);
	return pool;
}

/* A pool of one section that has only this block. */
static struct pool *block_pool(void **state, unsigned int frame,
			       unsigned int order)
{
	struct pool *pool = *state = pool_create(1);

	pool_add(pool, frame, order);
	return pool;
}

/* Allocate, which must give this frame. */
static void alloc_is(struct pool *pool, unsigned int order,
		     unsigned int frame)
{
	struct mmbox_page *page = mmbox_buddy_alloc(&pool->buddy, order,
						    MMBOX_UNMOVABLE,
						    MMBOX_PAGE_ALLOC);

	assert_non_null(page);
	assert_int_equal(pool_frame(page), frame);
	assert_true(mmbox_page_is(page, MMBOX_PAGE_ALLOC, order));
}

static void alloc_fails(struct pool *pool, unsigned int order)
{
	assert_null(mmbox_buddy_alloc(&pool->buddy, order, MMBOX_UNMOVABLE,
				      MMBOX_PAGE_ALLOC));
}

static void free_frame(struct pool *pool, unsigned int frame)
{
	mmbox_buddy_free(&pool->buddy, pool_page(pool, frame));
}

static unsigned long free_blocks(const struct pool *pool, unsigned int order)
{
	const struct mmbox_free_area *area = &pool->buddy.lists[MMBOX_UNMOVABLE].area[order];
	const struct mmbox_page *page;
	unsigned long nr = 0;

	list_for_each_entry(page, &area->free_list, lru) {
		nr++;
		assert_in_range(nr, 1, pool_frames(pool));
	}
	assert_int_equal(area->nr_free, nr);
	return nr;
}

/* The lists hold no block but one of this order, at this frame. */
static void only_block_is(const struct pool *pool, unsigned int order,
			  unsigned int frame)
{
	const struct mmbox_page *page = pool_page(pool, frame);
	unsigned int i;

	for (i = 0; i < MMBOX_NR_ORDERS; i++)
		assert_int_equal(free_blocks(pool, i), i == order);
	assert_ptr_equal(pool->buddy.lists[MMBOX_UNMOVABLE].area[order].free_list.next, &page->lru);
	assert_true(mmbox_page_is(page, MMBOX_PAGE_FREE, order));
	assert_int_equal(pool->buddy.nr_free, 1UL << order);
}

static void tail_is(const struct pool *pool, unsigned int frame)
{
	assert_int_equal(mmbox_page_state(pool_page(pool, frame)),
			 MMBOX_PAGE_TAIL);
}

static void new_buddy_is_empty(void **state)
{
	struct pool *pool = *state = pool_create(1);
	unsigned int order;

	for (order = 0; order < MMBOX_NR_ORDERS; order++) {
		assert_int_equal(free_blocks(pool, order), 0);
		alloc_fails(pool, order);
	}
	assert_int_equal(pool->buddy.nr_free, 0);
	assert_int_equal(pool->buddy.nr_split, 0);
	assert_int_equal(pool->buddy.nr_merge, 0);
}

static void added_block_is_free(void **state)
{
	struct pool *pool;
	unsigned int order;

	for (order = 0; order < MMBOX_NR_ORDERS; order++) {
		pool = block_pool(state, 0, order);
		only_block_is(pool, order, 0);
		assert_int_equal(pool->buddy.nr_split, 0);
		assert_int_equal(pool->buddy.nr_merge, 0);
		pool_destroy(pool);
		*state = NULL;
	}
}

/* After a split, each order in between has one block: the upper half. */
static void check_halves(const struct pool *pool, unsigned int frame,
			 unsigned int from, unsigned int order)
{
	const struct mmbox_page *half;
	unsigned int i;

	for (i = 0; i < MMBOX_NR_ORDERS; i++) {
		if (i < order || i >= from) {
			assert_int_equal(free_blocks(pool, i), 0);
			continue;
		}
		half = pool_page(pool, frame + (1U << i));
		assert_int_equal(free_blocks(pool, i), 1);
		assert_ptr_equal(pool->buddy.lists[MMBOX_UNMOVABLE].area[i].free_list.next,
				 &half->lru);
		assert_true(mmbox_page_is(half, MMBOX_PAGE_FREE, i));
	}
	assert_int_equal(pool->buddy.nr_free, (1UL << from) - (1UL << order));
	assert_int_equal(pool->buddy.nr_split, from - order);
}

typedef void (*split_check)(struct pool *pool, unsigned int frame,
			    unsigned int from, unsigned int order);

/* Call this for a block of each order, and each order to ask of it. */
static void try_every_split(void **state, bool last, split_check check)
{
	unsigned int from, order, frame;
	struct pool *pool;

	for (from = 0; from < MMBOX_NR_ORDERS; from++) {
		frame = last ? MMBOX_SECTION_PAGES - (1U << from) : 0;
		for (order = 0; order <= from; order++) {
			pool = block_pool(state, frame, from);
			check(pool, frame, from, order);
			pool_destroy(pool);
			*state = NULL;
		}
	}
}

static void check_split(struct pool *pool, unsigned int frame,
			unsigned int from, unsigned int order)
{
	alloc_is(pool, order, frame);
	check_halves(pool, frame, from, order);
	assert_int_equal(pool->buddy.nr_merge, 0);
}

static void split_keeps_the_lower_half(void **state)
{
	try_every_split(state, false, check_split);
}

static void split_at_the_end_of_a_section(void **state)
{
	try_every_split(state, true, check_split);
}

static void copy_words(const struct pool *pool, u32 *words)
{
	unsigned int i;

	for (i = 0; i < MMBOX_SECTION_PAGES; i++)
		words[i] = pool_page(pool, i)->word;
}

static void check_merge(struct pool *pool, unsigned int frame,
			unsigned int from, unsigned int order)
{
	u32 before[MMBOX_SECTION_PAGES];
	u32 after[MMBOX_SECTION_PAGES];

	copy_words(pool, before);
	alloc_is(pool, order, frame);
	free_frame(pool, frame);
	copy_words(pool, after);
	assert_memory_equal(before, after, sizeof(before));
	only_block_is(pool, from, frame);
	assert_int_equal(pool->buddy.nr_split, from - order);
	assert_int_equal(pool->buddy.nr_merge, from - order);
}

static void merge_restores_the_state(void **state)
{
	try_every_split(state, false, check_merge);
}

static void merge_at_the_end_of_a_section(void **state)
{
	try_every_split(state, true, check_merge);
}

/* The number'th way to put 0, 1, 2, 3 in sequence, of 24. */
static void permutation(unsigned int number, unsigned int *frames)
{
	unsigned int i, j, pick;

	for (i = 0; i < 4; i++)
		frames[i] = i;
	for (i = 0; i < 3; i++) {
		pick = i + number % (4 - i);
		number /= 4 - i;
		j = frames[i];
		frames[i] = frames[pick];
		frames[pick] = j;
	}
}

static void any_sequence_of_frees_merges(void **state)
{
	unsigned int frames[4];
	struct pool *pool;
	unsigned int n, i;

	for (n = 0; n < 24; n++) {
		pool = block_pool(state, 0, 2);
		for (i = 0; i < 4; i++)
			alloc_is(pool, 0, i);
		permutation(n, frames);
		for (i = 0; i < 4; i++)
			free_frame(pool, frames[i]);
		only_block_is(pool, 2, 0);
		for (i = 1; i < 4; i++)
			tail_is(pool, i);
		assert_int_equal(pool->buddy.nr_merge, 3);
		pool_destroy(pool);
		*state = NULL;
	}
}

/* The upper half's descriptor must not look like a block any more. */
static void merged_upper_half_is_tail(void **state)
{
	struct pool *pool = block_pool(state, 0, 1);

	alloc_is(pool, 0, 0);
	alloc_is(pool, 0, 1);
	free_frame(pool, 0);
	free_frame(pool, 1);
	only_block_is(pool, 1, 0);
	tail_is(pool, 1);

	alloc_is(pool, 0, 0);
	alloc_is(pool, 0, 1);
	free_frame(pool, 1);
	free_frame(pool, 0);
	only_block_is(pool, 1, 0);
	tail_is(pool, 1);
}

static void last_page_of_a_section_merges(void **state)
{
	struct pool *pool = whole_pool(state, 1);
	unsigned int i;

	for (i = 0; i < MMBOX_SECTION_PAGES; i++)
		alloc_is(pool, 0, i);
	free_frame(pool, MMBOX_SECTION_PAGES - 1);
	only_block_is(pool, 0, MMBOX_SECTION_PAGES - 1);
	free_frame(pool, MMBOX_SECTION_PAGES - 2);
	only_block_is(pool, 1, MMBOX_SECTION_PAGES - 2);
	assert_int_equal(pool->buddy.nr_merge, 1);
}

static void whole_sections_do_not_merge(void **state)
{
	struct pool *pool = whole_pool(state, 2);

	alloc_is(pool, MMBOX_MAX_ORDER, 0);
	alloc_is(pool, MMBOX_MAX_ORDER, MMBOX_SECTION_PAGES);
	free_frame(pool, 0);
	free_frame(pool, MMBOX_SECTION_PAGES);
	assert_int_equal(free_blocks(pool, MMBOX_MAX_ORDER), 2);
	assert_int_equal(pool->buddy.nr_merge, 0);
}

/* The end of one section and the start of the next, at every order. */
static void no_merge_across_sections(void **state)
{
	struct pool *pool = *state = pool_create(2);
	unsigned int order, lower;

	for (order = 0; order < MMBOX_MAX_ORDER; order++) {
		lower = MMBOX_SECTION_PAGES - (1U << order);
		mmbox_buddy_init(&pool->buddy);
		pool_add(pool, lower, order);
		pool_add(pool, MMBOX_SECTION_PAGES, order);
		alloc_is(pool, order, lower);
		alloc_is(pool, order, MMBOX_SECTION_PAGES);
		free_frame(pool, MMBOX_SECTION_PAGES);
		free_frame(pool, lower);
		assert_int_equal(free_blocks(pool, order), 2);
		assert_int_equal(pool->buddy.nr_merge, 0);
	}
}

/* Blocks 1 and 2 of a size lie side by side, but no larger block has both. */
static void neighbours_which_are_not_buddies(void **state)
{
	struct pool *pool = block_pool(state, 0, 2);
	unsigned int i;

	for (i = 0; i < 4; i++)
		alloc_is(pool, 0, i);
	free_frame(pool, 1);
	free_frame(pool, 2);
	assert_int_equal(free_blocks(pool, 0), 2);
	assert_int_equal(free_blocks(pool, 1), 0);
	assert_int_equal(pool->buddy.nr_merge, 0);
}

static void absent_buddy(void **state)
{
	struct pool *pool = block_pool(state, 6, 0);

	alloc_is(pool, 0, 6);
	free_frame(pool, 6);
	only_block_is(pool, 0, 6);
	assert_int_equal(mmbox_page_state(pool_page(pool, 7)),
			 MMBOX_PAGE_ABSENT);
}

/* The buddy's first page is free, but only as part of a smaller block. */
static void buddy_that_is_free_in_part(void **state)
{
	struct pool *pool = block_pool(state, 0, 2);

	alloc_is(pool, 1, 0);
	alloc_is(pool, 0, 2);
	alloc_is(pool, 0, 3);
	free_frame(pool, 2);
	free_frame(pool, 0);
	assert_int_equal(free_blocks(pool, 0), 1);
	assert_int_equal(free_blocks(pool, 1), 1);
	assert_int_equal(free_blocks(pool, 2), 0);
	free_frame(pool, 3);
	only_block_is(pool, 2, 0);
}

/* All blocks of an order, until there is none, and back. */
static void check_exhaustion(struct pool *pool, unsigned int order)
{
	unsigned int nr = pool_frames(pool) >> order;
	unsigned int i;

	for (i = 0; i < nr; i++)
		alloc_is(pool, order, i << order);
	assert_int_equal(pool->buddy.nr_free, 0);
	for (i = 0; i < MMBOX_NR_ORDERS; i++)
		alloc_fails(pool, i);
	assert_int_equal(pool->buddy.nr_free, 0);
	for (i = 0; i < nr; i++)
		free_frame(pool, i << order);
	assert_int_equal(free_blocks(pool, MMBOX_MAX_ORDER),
			 pool->nr_sections);
	assert_int_equal(pool->buddy.nr_free, pool_frames(pool));
	assert_int_equal(pool->buddy.nr_split, pool->buddy.nr_merge);
}

/* Also: allocations of any one order ascend through all of the memory. */
static void exhaustion_in_ascending_sequence(void **state)
{
	struct pool *pool;
	unsigned int order;

	for (order = 0; order < MMBOX_NR_ORDERS; order++) {
		pool = whole_pool(state, 3);
		check_exhaustion(pool, order);
		pool_destroy(pool);
		*state = NULL;
	}
}

static void refused_request_changes_nothing(void **state)
{
	u32 before[MMBOX_SECTION_PAGES];
	u32 after[MMBOX_SECTION_PAGES];
	struct pool *pool = block_pool(state, 8, 3);

	copy_words(pool, before);
	alloc_fails(pool, 4);
	alloc_fails(pool, MMBOX_MAX_ORDER);
	copy_words(pool, after);
	assert_memory_equal(before, after, sizeof(before));
	only_block_is(pool, 3, 8);
	assert_int_equal(pool->buddy.nr_split, 0);
}

static void largest_order_is_not_split_or_merged(void **state)
{
	struct pool *pool = whole_pool(state, 1);

	alloc_is(pool, MMBOX_MAX_ORDER, 0);
	assert_int_equal(pool->buddy.nr_free, 0);
	alloc_fails(pool, 0);
	free_frame(pool, 0);
	only_block_is(pool, MMBOX_MAX_ORDER, 0);
	assert_int_equal(pool->buddy.nr_split, 0);
	assert_int_equal(pool->buddy.nr_merge, 0);
}

static void last_freed_is_first_allocated(void **state)
{
	struct pool *pool = whole_pool(state, 1);
	unsigned int i;

	for (i = 0; i < 8; i++)
		alloc_is(pool, 0, i);
	free_frame(pool, 0);
	free_frame(pool, 6);
	free_frame(pool, 2);
	alloc_is(pool, 0, 2);
	alloc_is(pool, 0, 6);
	alloc_is(pool, 0, 0);
}

static void added_blocks_are_allocated_in_sequence(void **state)
{
	struct pool *pool = *state = pool_create(1);
	unsigned int i;

	for (i = 0; i < 8; i++)
		pool_add(pool, i * 8, 2);
	assert_int_equal(free_blocks(pool, 2), 8);
	for (i = 0; i < 8; i++)
		alloc_is(pool, 2, i * 8);
	alloc_fails(pool, 0);
}

static void smallest_fitting_block_is_taken(void **state)
{
	struct pool *pool = *state = pool_create(1);

	pool_add(pool, 512, 9);
	pool_add(pool, 32, 5);
	pool_add(pool, 8, 3);
	pool_add(pool, 2, 1);
	alloc_is(pool, 2, 8);
	assert_int_equal(pool->buddy.nr_split, 1);
	alloc_is(pool, 1, 2);
	assert_int_equal(pool->buddy.nr_split, 1);
	alloc_is(pool, 3, 32);
	assert_int_equal(pool->buddy.nr_split, 3);
}

static void counts_add_up(void **state)
{
	struct pool *pool = whole_pool(state, 2);

	assert_int_equal(pool->buddy.nr_free, 2048);
	alloc_is(pool, 4, 0);
	assert_int_equal(pool->buddy.nr_free, 2032);
	assert_int_equal(pool->buddy.nr_split, 6);
	alloc_is(pool, 0, 16);
	assert_int_equal(pool->buddy.nr_free, 2031);
	assert_int_equal(pool->buddy.nr_split, 10);
	free_frame(pool, 0);
	assert_int_equal(pool->buddy.nr_free, 2047);
	assert_int_equal(pool->buddy.nr_merge, 0);
	free_frame(pool, 16);
	assert_int_equal(pool->buddy.nr_free, 2048);
	assert_int_equal(pool->buddy.nr_split, 10);
	assert_int_equal(pool->buddy.nr_merge, 10);
}

#define buddy_test(name) cmocka_unit_test_teardown(name, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		buddy_test(new_buddy_is_empty),
		buddy_test(added_block_is_free),
		buddy_test(split_keeps_the_lower_half),
		buddy_test(split_at_the_end_of_a_section),
		buddy_test(merge_restores_the_state),
		buddy_test(merge_at_the_end_of_a_section),
		buddy_test(any_sequence_of_frees_merges),
		buddy_test(merged_upper_half_is_tail),
		buddy_test(last_page_of_a_section_merges),
		buddy_test(whole_sections_do_not_merge),
		buddy_test(no_merge_across_sections),
		buddy_test(neighbours_which_are_not_buddies),
		buddy_test(absent_buddy),
		buddy_test(buddy_that_is_free_in_part),
		buddy_test(exhaustion_in_ascending_sequence),
		buddy_test(refused_request_changes_nothing),
		buddy_test(largest_order_is_not_split_or_merged),
		buddy_test(last_freed_is_first_allocated),
		buddy_test(added_blocks_are_allocated_in_sequence),
		buddy_test(smallest_fitting_block_is_taken),
		buddy_test(counts_add_up),
	};

	unit_start(argc, argv);
	return unit_run(tests);
}
