// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on the buddy cost the same however many blocks are free.
 *
 * The buddy is built so that each basic block it enters calls the function
 * below. The number of calls in one operation is its cost: the same on every
 * machine and in every run, and no loop escapes it, over a list or otherwise.
 *
 * Each scenario runs with 16 MiB and with 1 GiB. The dearest operation of
 * a kind must cost the same in both, and no more than the limit. To take from
 * pageblocks of another type may cost a look at each page of a pageblock.
 */
#include "unit.h"

#include <stdlib.h>

#include "pool.h"
#include "trace_pc.h"

#define SMALL_SECTIONS	4
#define LARGE_SECTIONS	256

/*
 * Basic blocks, with those of the sanitizers: a few around an operation, and
 * some for each order that it may pass.
 */
#define LIMIT		(16 * (MMBOX_NR_ORDERS + 1))
#define STEAL_LIMIT	(2 * LIMIT + 32 * MMBOX_PAGEBLOCK_PAGES)

static unsigned long blocks_entered;

void __sanitizer_cov_trace_pc(void)
{
	blocks_entered++;
}

/* What the operations of one kind have cost. */
struct cost {
	unsigned long nr;
	unsigned long sum;
	unsigned long max;
};

struct costs {
	struct cost alloc;
	struct cost refusal;
	struct cost free;
	struct cost steal;
};

static void cost_add(struct cost *cost, unsigned long blocks,
		     unsigned long limit)
{
	cost->nr++;
	cost->sum += blocks;
	if (blocks > cost->max)
		cost->max = blocks;
	assert_in_range(blocks, 1, limit);
}

static struct mmbox_page *count_alloc(struct pool *pool, struct costs *costs,
				      unsigned int order,
				      enum mmbox_migratetype type)
{
	unsigned long before = blocks_entered;
	struct mmbox_page *page = mmbox_buddy_alloc(&pool->buddy, order, type,
						    MMBOX_PAGE_ALLOC);

	cost_add(page ? &costs->alloc : &costs->refusal,
		 blocks_entered - before, LIMIT);
	return page;
}

/* As an allocation does it: what its own type does not have is stolen. */
static struct mmbox_page *count_request(struct pool *pool, struct costs *costs,
					unsigned int order,
					enum mmbox_migratetype type)
{
	struct mmbox_page *page = count_alloc(pool, costs, order, type);
	struct mmbox_steal steal;
	unsigned long before;

	if (page)
		return page;
	before = blocks_entered;
	page = mmbox_buddy_steal(&pool->buddy, order, type, MMBOX_PAGE_ALLOC,
				 &steal);
	if (page)
		cost_add(&costs->steal, blocks_entered - before, STEAL_LIMIT);
	else
		cost_add(&costs->refusal, blocks_entered - before, LIMIT);
	return page;
}

static void count_free(struct pool *pool, struct costs *costs,
		       unsigned int frame)
{
	unsigned long before = blocks_entered;

	mmbox_buddy_free(&pool->buddy, pool_page(pool, frame));
	cost_add(&costs->free, blocks_entered - before, LIMIT);
}

/* Allocate all there is, each type from its own pageblocks. */
static void fill(struct pool *pool, struct costs *costs, unsigned int order)
{
	enum mmbox_migratetype type;
	unsigned int nr = 0;

	for (type = 0; type < MMBOX_NR_PCP_TYPES; type++)
		while (count_alloc(pool, costs, order, type))
			nr++;
	assert_int_equal(nr, pool_frames(pool) >> order);
}

static unsigned long free_blocks(const struct pool *pool, unsigned int order)
{
	unsigned long nr = 0;
	unsigned int type;

	for (type = 0; type < MMBOX_NR_TYPES; type++)
		nr += pool->buddy.lists[type].area[order].nr_free;
	return nr;
}

/* Free one block of each pair: the lower ones, or the upper ones. */
static void free_halves(struct pool *pool, struct costs *costs,
			unsigned int order, bool upper)
{
	unsigned int size = 1U << order;
	unsigned int frame;

	for (frame = upper ? size : 0; frame < pool_frames(pool);
	     frame += 2 * size)
		count_free(pool, costs, frame);
}

static void all_is_merged(const struct pool *pool)
{
	assert_int_equal(free_blocks(pool, MMBOX_MAX_ORDER), pool->nr_sections);
	assert_int_equal(pool->buddy.nr_free, pool_frames(pool));
	assert_int_equal(pool->buddy.nr_split, pool->buddy.nr_merge);
}

/*
 * Half of the memory is free, none of it in two blocks side by side: each
 * larger request fails, and each block that is freed then joins others.
 */
static void pathological_order(struct pool *pool, struct costs *costs,
			       unsigned int order)
{
	unsigned int repeat = 10 * pool->nr_sections;
	unsigned int larger, i;

	fill(pool, costs, order);
	free_halves(pool, costs, order, true);
	assert_int_equal(free_blocks(pool, order),
			 pool_frames(pool) >> (order + 1));
	for (i = 0; i < repeat; i++)
		for (larger = order + 1; larger < MMBOX_NR_ORDERS; larger++)
			assert_null(count_request(pool, costs, larger,
						  i % MMBOX_NR_PCP_TYPES));
	for (i = 0; i < repeat; i++)
		count_free(pool, costs,
			   pool_frame(count_alloc(pool, costs, order,
						  MMBOX_UNMOVABLE)));
	free_halves(pool, costs, order, false);
	all_is_merged(pool);
}

static void pathological(struct pool *pool, struct costs *costs)
{
	unsigned int order;

	for (order = 0; order < MMBOX_MAX_ORDER; order++)
		pathological_order(pool, costs, order);
}

static void reverse(struct pool *pool, struct costs *costs)
{
	unsigned int order, frame;

	for (order = 0; order < MMBOX_NR_ORDERS; order++) {
		fill(pool, costs, order);
		frame = pool_frames(pool);
		while (frame) {
			frame -= 1U << order;
			count_free(pool, costs, frame);
		}
		all_is_merged(pool);
	}
}

/* One page at a time from a long list of single pages, in any sequence. */
static void scattered(struct pool *pool, struct costs *costs)
{
	struct rng rng = { .state = 1 };
	unsigned int nr = pool_frames(pool);
	unsigned int *frames = calloc(nr, sizeof(frames[0]));
	unsigned int i, pick;

	assert_non_null(frames);
	for (i = 0; i < nr; i++)
		frames[i] = pool_frame(count_alloc(pool, costs, 0,
						   MMBOX_UNMOVABLE));
	for (; nr; nr--) {
		pick = rng_below(&rng, nr);
		count_free(pool, costs, frames[pick]);
		frames[pick] = frames[nr - 1];
	}
	free(frames);
	all_is_merged(pool);
}

/*
 * Of the blocks of an order one in @part is free, all of Movable pageblocks.
 * Unmovable requests find none of their own: with every second one free, each
 * takes a pageblock and what is free in it; with fewer it takes just a block.
 */
static void steal_order(struct pool *pool, struct costs *costs,
			unsigned int order, unsigned int part)
{
	unsigned int step = part << order;
	unsigned int nr = pool_frames(pool) / step / (part / 2);
	u32 *stolen = calloc(nr, sizeof(stolen[0]));
	unsigned int frame, i;

	assert_non_null(stolen);
	for (i = 0; i < pool_blocks(pool); i++)
		mmbox_buddy_convert(&pool->buddy, pool_map(pool, i),
				    i % MMBOX_SECTION_BLOCKS, MMBOX_MOVABLE);
	fill(pool, costs, order);
	for (frame = 0; frame < pool_frames(pool); frame += step)
		count_free(pool, costs, frame);
	for (i = 0; i < nr; i++)
		stolen[i] = pool_frame(count_request(pool, costs, order,
						     MMBOX_UNMOVABLE));
	for (i = 0; i < nr; i++)
		count_free(pool, costs, stolen[i]);
	free(stolen);
	for (frame = 0; frame < pool_frames(pool); frame += 1U << order)
		if (frame % step)
			count_free(pool, costs, frame);
	assert_int_equal(free_blocks(pool, MMBOX_MAX_ORDER), pool->nr_sections);
}

static void stealing(struct pool *pool, struct costs *costs)
{
	unsigned int order;

	for (order = 0; order < MMBOX_PAGEBLOCK_ORDER; order++)
		steal_order(pool, costs, order, 2);
	for (order = 0; order < MMBOX_PAGEBLOCK_ORDER - 1; order++)
		steal_order(pool, costs, order, 4);
}

typedef void (*scenario_fn)(struct pool *pool, struct costs *costs);

/* The sections are of the first @nr_types types in turn. */
static struct costs measure(void **state, unsigned int nr_sections,
			    unsigned int nr_types, scenario_fn scenario)
{
	struct pool *pool = *state = pool_create(nr_sections);
	struct costs costs = { 0 };
	unsigned int i;

	for (i = 0; i < pool_blocks(pool); i++)
		pool_set_type(pool, i, i / MMBOX_SECTION_BLOCKS % nr_types);
	for (i = 0; i < nr_sections; i++)
		pool_add(pool, i * MMBOX_SECTION_PAGES, MMBOX_MAX_ORDER);
	scenario(pool, &costs);
	pool_destroy(pool);
	*state = NULL;
	return costs;
}

static void print_cost(const char *what, const struct cost *cost)
{
	print_message("# %s: %lu operations, at most %lu, %.2f on average\n",
		      what, cost->nr, cost->max,
		      (double)cost->sum / cost->nr);
}

static void compare(const char *what, const struct cost *small,
		    const struct cost *large)
{
	print_cost(what, small);
	print_cost(what, large);
	assert_int_equal(large->max, small->max);
	/* On average: at most by 1 in 100. */
	assert_true(100 * large->sum / large->nr <=
		    101 * small->sum / small->nr);
}

static void cost_does_not_grow(void **state, unsigned int nr_types,
			       scenario_fn scenario)
{
	struct costs small = measure(state, SMALL_SECTIONS, nr_types, scenario);
	struct costs large = measure(state, LARGE_SECTIONS, nr_types, scenario);

	compare("alloc", &small.alloc, &large.alloc);
	compare("free", &small.free, &large.free);
	if (small.refusal.nr)
		compare("refusal", &small.refusal, &large.refusal);
	if (small.steal.nr)
		compare("steal", &small.steal, &large.steal);
}

static void pathological_fragmentation(void **state)
{
	cost_does_not_grow(state, 1, pathological);
}

static void reverse_order_free(void **state)
{
	cost_does_not_grow(state, 1, reverse);
}

static void scattered_single_pages(void **state)
{
	cost_does_not_grow(state, 1, scattered);
}

static void pathological_with_types(void **state)
{
	cost_does_not_grow(state, MMBOX_NR_PCP_TYPES, pathological);
}

static void reverse_order_with_types(void **state)
{
	cost_does_not_grow(state, MMBOX_NR_PCP_TYPES, reverse);
}

static void stealing_from_other_types(void **state)
{
	cost_does_not_grow(state, 1, stealing);
}

static int teardown(void **state)
{
	if (*state)
		pool_destroy(*state);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(pathological_fragmentation, teardown),
		cmocka_unit_test_teardown(reverse_order_free, teardown),
		cmocka_unit_test_teardown(scattered_single_pages, teardown),
		cmocka_unit_test_teardown(pathological_with_types, teardown),
		cmocka_unit_test_teardown(reverse_order_with_types, teardown),
		cmocka_unit_test_teardown(stealing_from_other_types, teardown),
	};

	unit_start(argc, argv);
	return unit_run(tests);
}
