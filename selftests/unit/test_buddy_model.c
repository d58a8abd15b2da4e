// SPDX-License-Identifier: GPL-2.0
/*
 * Random operations on a buddy and on its model. The mix changes every few
 * hundred operations: nearly full, nearly empty, small or large blocks, the
 * newest or any block freed, one migrate type or several, pageblocks converted
 * now and then, and some of them to types that nobody falls back to.
 */
#include "unit.h"

#include "twin.h"

#define PHASE_OPS	1000

struct mix {
	unsigned int alloc_percent;
	unsigned int max_order;
	unsigned int newest_percent;
	bool small_mostly;
	unsigned int nr_types;
	unsigned int convert_permille;
	unsigned int del_permille;
};

static int teardown(void **state)
{
	if (*state)
		twin_destroy(*state);
	return 0;
}

static void next_mix(struct mix *mix, struct rng *rng)
{
	mix->alloc_percent = 30 + rng_below(rng, 51);
	mix->max_order = rng_below(rng, 3) ? rng_below(rng, MMBOX_NR_ORDERS) :
					     MMBOX_MAX_ORDER;
	mix->newest_percent = rng_below(rng, 101);
	mix->small_mostly = rng_below(rng, 2);
	mix->nr_types = 1 + rng_below(rng, MMBOX_NR_TYPES);
	mix->convert_permille = rng_below(rng, 2) ? 0 : rng_below(rng, 30);
	mix->del_permille = rng_below(rng, 3) ? 0 : rng_below(rng, 50);
}

static unsigned int pick_order(const struct mix *mix, struct rng *rng)
{
	unsigned int order;

	if (!mix->small_mostly)
		return rng_below(rng, mix->max_order + 1);
	for (order = 0; order < mix->max_order; order++)
		if (rng_below(rng, 2))
			break;
	return order;
}

static unsigned int pick_live(const struct twin *twin, const struct mix *mix,
			      struct rng *rng)
{
	if (rng_below(rng, 100) < mix->newest_percent)
		return twin->nr_live - 1;
	return rng_below(rng, twin->nr_live);
}

/* The common types most of the time: the others never fall back. */
static enum mmbox_migratetype pick_type(const struct mix *mix, struct rng *rng)
{
	if (mix->nr_types > MMBOX_NR_PCP_TYPES && rng_below(rng, 4))
		return rng_below(rng, MMBOX_NR_PCP_TYPES);
	return rng_below(rng, mix->nr_types);
}

static void step(struct twin *twin, const struct mix *mix, struct rng *rng)
{
	if (rng_below(rng, 1000) < mix->convert_permille)
		twin_convert(twin, rng_below(rng, pool_blocks(twin->pool)),
			     pick_type(mix, rng));
	else if (rng_below(rng, 1000) < mix->del_permille)
		twin_del(twin, rng_below(rng, MMBOX_NR_ORDERS),
			 pick_type(mix, rng));
	else if (!twin->nr_live || rng_below(rng, 100) < mix->alloc_percent)
		twin_alloc(twin, pick_order(mix, rng), pick_type(mix, rng));
	else
		twin_free(twin, pick_live(twin, mix, rng));
}

/* Everything is compared after each of the first operations, then often. */
static bool check_is_due(const struct twin *twin, unsigned long op,
			 struct rng *rng)
{
	return op < 500 || !rng_below(rng, 64 * twin->pool->nr_sections);
}

/* In the end all is of one type after another, and joined. */
static void free_all(struct twin *twin, struct rng *rng)
{
	unsigned int type, block;

	while (twin->nr_live)
		twin_free(twin, rng_below(rng, twin->nr_live));
	twin_check(twin);
	assert_int_equal(twin->model->nr_free, twin->nr_present);
	for (type = 0; type < MMBOX_NR_TYPES; type++) {
		for (block = 0; block < pool_blocks(twin->pool); block++)
			twin_convert(twin, block, type);
		twin_check(twin);
	}
}

static void run(struct twin *twin, struct rng *rng)
{
	const struct mmbox_buddy *buddy = &twin->pool->buddy;
	struct mix mix = { 0 };
	unsigned long op;

	print_message("# SEED=%llu OPS=%lu\n", unit_options.seed,
		      unit_options.ops);
	for (op = 0; op < unit_options.ops; op++) {
		if (op % PHASE_OPS == 0)
			next_mix(&mix, rng);
		step(twin, &mix, rng);
		if (check_is_due(twin, op, rng))
			twin_check(twin);
	}
	twin_check(twin);
	free_all(twin, rng);
	print_message("# %lu allocated, %lu refused, %lu split, %lu stolen, %lu of them with the pageblock\n",
		      twin->nr_alloc, twin->nr_refused, buddy->nr_split,
		      twin->nr_steal, twin->nr_convert);
}

static void whole_sections(void **state, unsigned int nr)
{
	struct twin *twin = *state = twin_create(nr);
	struct rng rng = { .state = unit_options.seed };
	unsigned int i;

	for (i = 0; i < pool_blocks(twin->pool); i++)
		twin_set_type(twin, i, i / MMBOX_SECTION_BLOCKS %
				       MMBOX_NR_TYPES);
	for (i = 0; i < nr; i++)
		twin_add(twin, i * MMBOX_SECTION_PAGES, MMBOX_MAX_ORDER);
	run(twin, &rng);
}

static void one_section(void **state)
{
	whole_sections(state, 1);
}

static void several_sections(void **state)
{
	whole_sections(state, 7);
}

enum { NR_SECTIONS = 5 };

/*
 * Memory with holes: in each section, chunks of so many frames or none, and
 * nothing where a frame's number has the bit @absent.
 */
static void sections_of_chunks(void **state, const unsigned int *chunk,
			       unsigned int absent)
{
	static bool present[NR_SECTIONS * MMBOX_SECTION_PAGES];
	struct twin *twin = *state = twin_create(NR_SECTIONS);
	struct rng rng = { .state = unit_options.seed };
	unsigned int i;

	for (i = 0; i < pool_frames(twin->pool); i++)
		present[i] = i % chunk[i / MMBOX_SECTION_PAGES] ?
			     present[i - 1] :
			     !(i & absent) && rng_below(&rng, 3) > 0;
	twin_add_present(twin, present);
	run(twin, &rng);
}

/* Memory as a fragmented host gives it: holes of every size. */
static void sections_with_holes(void **state)
{
	static const unsigned int chunk[] = { 512, 128, 32, 8, 2 };

	sections_of_chunks(state, chunk, 0);
}

/* No block is larger than order 3, and yet all of a pageblock may be free. */
static void sections_of_small_chunks(void **state)
{
	static const unsigned int chunk[] = { 4, 4, 2, 2, 1 };

	sections_of_chunks(state, chunk, 8);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(one_section, teardown),
		cmocka_unit_test_teardown(several_sections, teardown),
		cmocka_unit_test_teardown(sections_with_holes, teardown),
		cmocka_unit_test_teardown(sections_of_small_chunks, teardown),
	};

	unit_start(argc, argv);
	return unit_run(tests);
}
