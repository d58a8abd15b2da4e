// SPDX-License-Identifier: GPL-2.0
/*
 * Random operations on a buddy and on its model. The mix changes every few
 * thousand operations: nearly full, nearly empty, small or large blocks, the
 * newest or any block freed.
 */
#include "unit.h"

#include "twin.h"

#define PHASE_OPS	4000

struct mix {
	unsigned int alloc_percent;
	unsigned int max_order;
	unsigned int newest_percent;
	bool small_mostly;
};

static int teardown(void **state)
{
	if (*state)
		twin_destroy(*state);
	return 0;
}

static void next_mix(struct mix *mix, struct rng *rng)
{
	mix->alloc_percent = 30 + rng_below(rng, 41);
	mix->max_order = rng_below(rng, MMBOX_NR_ORDERS);
	mix->newest_percent = rng_below(rng, 101);
	mix->small_mostly = rng_below(rng, 2);
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

static void step(struct twin *twin, const struct mix *mix, struct rng *rng)
{
	if (!twin->nr_live || rng_below(rng, 100) < mix->alloc_percent)
		twin_alloc(twin, pick_order(mix, rng));
	else
		twin_free(twin, pick_live(twin, mix, rng));
}

/* Everything is compared after each of the first operations, then often. */
static bool check_is_due(const struct twin *twin, unsigned long op,
			 struct rng *rng)
{
	return op < 500 || !rng_below(rng, 64 * twin->pool->nr_sections);
}

static void free_all(struct twin *twin, struct rng *rng)
{
	while (twin->nr_live)
		twin_free(twin, rng_below(rng, twin->nr_live));
	twin_check(twin);
	assert_int_equal(twin->model->nr_free, twin->nr_present);
	assert_int_equal(twin->pool->buddy.nr_split,
			 twin->pool->buddy.nr_merge);
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
	print_message("# %lu allocated, %lu refused, %lu split\n",
		      twin->nr_alloc, twin->nr_refused, buddy->nr_split);
}

static void whole_sections(void **state, unsigned int nr)
{
	struct twin *twin = *state = twin_create(nr);
	struct rng rng = { .state = unit_options.seed };
	unsigned int i;

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

/* Memory as a fragmented host gives it: holes of every size. */
static void sections_with_holes(void **state)
{
	enum { NR_SECTIONS = 5 };
	static bool present[NR_SECTIONS * MMBOX_SECTION_PAGES];
	struct twin *twin = *state = twin_create(NR_SECTIONS);
	struct rng rng = { .state = unit_options.seed };
	unsigned int i, chunk, start;

	for (i = 0; i < pool_frames(twin->pool); i++) {
		start = i % MMBOX_SECTION_PAGES;
		/* Chunks of 512 pages in the first section, then smaller. */
		chunk = 512 >> 2 * (i / MMBOX_SECTION_PAGES);
		present[i] = start % chunk ? present[i - 1] :
					     rng_below(&rng, 3) > 0;
	}
	twin_add_present(twin, present);
	run(twin, &rng);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(one_section, teardown),
		cmocka_unit_test_teardown(several_sections, teardown),
		cmocka_unit_test_teardown(sections_with_holes, teardown),
	};

	unit_start(argc, argv);
	return unit_run(tests);
}
