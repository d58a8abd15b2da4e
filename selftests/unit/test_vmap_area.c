// SPDX-License-Identifier: GPL-2.0
/*
 * Address space: cases written by hand, and random operations beside a model
 * that has a letter for each page and looks at all of them.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include <linux/kernel.h>

#include "vmap_area.h"

/* Pages that the model knows; areas may be entered beyond the space as well. */
#define NR_PAGES	700
#define NR_AREAS	128

/**
 * struct twin - a space and its model
 * @space: the space
 * @page:  'F' for a free page, 'B' for a taken one, 0 for one unknown
 * @area:  all areas
 * @nr_areas: how many
 * @nr_nodes: descriptors in all
 */
struct twin {
	struct mmbox_va_space space;
	char page[NR_PAGES];
	struct mmbox_va *area[NR_AREAS];
	unsigned int nr_areas;
	unsigned int nr_nodes;
};

static void provide(struct twin *twin)
{
	while (twin->space.nr_spare < MMBOX_VA_SPARE) {
		struct mmbox_va *va = malloc(sizeof(*va));

		assert_non_null(va);
		memset(va, 0x5a, sizeof(*va));
		mmbox_va_add_spare(&twin->space, va);
		twin->nr_nodes++;
	}
}

static struct twin *twin_create(void)
{
	struct twin *twin = calloc(1, sizeof(*twin));

	assert_non_null(twin);
	mmbox_va_init(&twin->space);
	provide(twin);
	return twin;
}

static unsigned long count(const struct twin *twin, char letter)
{
	unsigned long nr = 0, i;

	for (i = 0; i < NR_PAGES; i++)
		nr += twin->page[i] == letter;
	return nr;
}

static unsigned long end_of(const struct twin *twin, unsigned long page)
{
	unsigned long end = page;

	while (end < NR_PAGES && twin->page[end] == 'F')
		end++;
	return end;
}

/* What the space tells of each page is what the model has. */
static void twin_check(const struct twin *twin)
{
	unsigned long page, largest = 0;
	unsigned int nr_free = 0;

	for (page = 0; page < NR_PAGES; page++) {
		const struct mmbox_va *gap = mmbox_va_gap(&twin->space, page);
		const struct mmbox_va *busy = mmbox_va_busy(&twin->space, page);

		assert_int_equal(gap && gap->start <= page,
				 twin->page[page] == 'F');
		assert_int_equal(busy && busy->start <= page,
				 twin->page[page] == 'B');
		if (gap && gap->start == page) {
			assert_int_equal(gap->start + gap->nr,
					 end_of(twin, page));
			assert_true(!page || twin->page[page - 1] != 'F');
			largest = max(largest, gap->nr);
			nr_free++;
		}
	}
	assert_int_equal(mmbox_va_largest(&twin->space), largest);
	assert_int_equal(twin->space.nr_free, count(twin, 'F'));
	assert_int_equal(twin->space.nr_spare + twin->nr_areas + nr_free,
			 twin->nr_nodes);
}

static void twin_add(struct twin *twin, unsigned long start, unsigned long nr)
{
	unsigned long i;
	bool known = false;

	for (i = start; i < start + nr; i++)
		known |= twin->page[i];
	provide(twin);
	assert_int_equal(mmbox_va_add(&twin->space, start, nr), !known);
	if (!known)
		memset(twin->page + start, 'F', nr);
}

static void twin_adopt(struct twin *twin, unsigned long start, unsigned long nr)
{
	struct mmbox_va *va;
	bool known = false;
	unsigned long i;

	for (i = start; i < start + nr; i++)
		known |= twin->page[i];
	provide(twin);
	va = mmbox_va_adopt(&twin->space, start, nr);
	assert_int_equal(!va, known);
	if (!va)
		return;
	memset(twin->page + start, 'B', nr);
	twin->area[twin->nr_areas++] = va;
}

/* Where the model puts an area; NR_PAGES if nowhere. */
static unsigned long find(const struct twin *twin, unsigned long nr,
			  unsigned long align, enum mmbox_va_fit fit,
			  unsigned long from)
{
	unsigned long page, best = NR_PAGES, best_size = NR_PAGES + 1;
	unsigned long start, size;

	for (start = 0; start < NR_PAGES; start += size + 1) {
		size = end_of(twin, start) - start;
		page = start;
		if (fit == MMBOX_VA_FIRST)
			page = max(page, from);
		page = ALIGN(page, align);
		if (page + nr > start + size)
			continue;
		if (fit == MMBOX_VA_FIRST)
			return page;
		if (size < best_size) {
			best_size = size;
			best = page;
		}
	}
	return best;
}

static struct mmbox_va *twin_alloc(struct twin *twin, unsigned long nr,
				   unsigned long align, enum mmbox_va_fit fit,
				   unsigned long from)
{
	unsigned long wanted = find(twin, nr, align, fit, from);
	struct mmbox_va *va;

	provide(twin);
	va = mmbox_va_alloc(&twin->space, nr, align, fit, from);
	assert_int_equal(!va, wanted == NR_PAGES);
	if (!va)
		return NULL;
	assert_int_equal(va->start, wanted);
	assert_int_equal(va->nr, nr);
	memset(twin->page + wanted, 'B', nr);
	twin->area[twin->nr_areas++] = va;
	return va;
}

static void twin_free(struct twin *twin, unsigned int number, bool forget)
{
	struct mmbox_va *va = twin->area[number];

	memset(twin->page + va->start, forget ? 0 : 'F', va->nr);
	twin->area[number] = twin->area[--twin->nr_areas];
	if (forget)
		mmbox_va_forget(&twin->space, va);
	else
		mmbox_va_free(&twin->space, va);
}

static void twin_destroy(struct twin *twin)
{
	struct mmbox_va *va;

	while (twin->nr_areas)
		twin_free(twin, 0, true);
	twin_check(twin);
	while ((va = mmbox_va_gap(&twin->space, 0)))
		mmbox_va_drop(&twin->space, va);
	assert_int_equal(twin->space.nr_free, 0);
	while ((va = mmbox_va_take_spare(&twin->space))) {
		free(va);
		twin->nr_nodes--;
	}
	assert_int_equal(twin->nr_nodes, 0);
	free(twin);
}

/*
 * By hand
 */

static void empty_space(void **state)
{
	struct twin *twin = twin_create();

	(void)state;
	assert_null(mmbox_va_busy(&twin->space, 0));
	assert_null(mmbox_va_gap(&twin->space, 0));
	assert_null(twin_alloc(twin, 1, 1, MMBOX_VA_FIRST, 0));
	assert_null(twin_alloc(twin, 1, 1, MMBOX_VA_BEST, 0));
	twin_destroy(twin);
}

static void first_is_lowest(void **state)
{
	struct twin *twin = twin_create();

	(void)state;
	twin_add(twin, 10, 100);
	assert_int_equal(twin_alloc(twin, 5, 1, MMBOX_VA_FIRST, 0)->start, 10);
	assert_int_equal(twin_alloc(twin, 95, 1, MMBOX_VA_FIRST, 0)->start, 15);
	assert_null(twin_alloc(twin, 1, 1, MMBOX_VA_FIRST, 0));
	twin_check(twin);
	twin_destroy(twin);
}

static void best_is_smallest(void **state)
{
	struct twin *twin = twin_create();

	(void)state;
	twin_add(twin, 0, 100);
	twin_add(twin, 200, 8);
	twin_add(twin, 300, 9);
	twin_add(twin, 400, 8);
	assert_int_equal(twin_alloc(twin, 8, 1, MMBOX_VA_BEST, 0)->start, 200);
	assert_int_equal(twin_alloc(twin, 8, 1, MMBOX_VA_BEST, 0)->start, 400);
	assert_int_equal(twin_alloc(twin, 8, 1, MMBOX_VA_BEST, 0)->start, 300);
	assert_int_equal(twin_alloc(twin, 8, 1, MMBOX_VA_BEST, 0)->start, 0);
	twin_check(twin);
	twin_destroy(twin);
}

static void alignment_leaves_the_rest(void **state)
{
	struct twin *twin = twin_create();

	(void)state;
	twin_add(twin, 3, 200);
	assert_int_equal(twin_alloc(twin, 10, 64, MMBOX_VA_FIRST, 0)->start, 64);
	assert_int_equal(twin_alloc(twin, 61, 1, MMBOX_VA_FIRST, 0)->start, 3);
	assert_int_equal(twin_alloc(twin, 64, 128, MMBOX_VA_BEST, 0)->start, 128);
	/* 192 would be next, and is too near the end. */
	assert_null(twin_alloc(twin, 12, 64, MMBOX_VA_FIRST, 0));
	twin_check(twin);
	twin_destroy(twin);
}

static void from_a_place_on(void **state)
{
	struct twin *twin = twin_create();

	(void)state;
	twin_add(twin, 0, 100);
	twin_add(twin, 200, 100);
	assert_int_equal(twin_alloc(twin, 10, 1, MMBOX_VA_FIRST, 50)->start, 50);
	assert_int_equal(twin_alloc(twin, 10, 1, MMBOX_VA_FIRST, 95)->start, 200);
	assert_null(twin_alloc(twin, 10, 1, MMBOX_VA_FIRST, 291));
	twin_check(twin);
	twin_destroy(twin);
}

static void neighbours_join(void **state)
{
	struct twin *twin = twin_create();
	unsigned int i;

	(void)state;
	twin_add(twin, 0, 30);
	for (i = 0; i < 3; i++)
		twin_alloc(twin, 10, 1, MMBOX_VA_FIRST, 0);
	twin_free(twin, 0, false);
	twin_check(twin);
	twin_free(twin, 0, false);	/* the last one */
	twin_check(twin);
	twin_free(twin, 0, false);	/* between both */
	twin_check(twin);
	assert_int_equal(mmbox_va_largest(&twin->space), 30);
	twin_destroy(twin);
}

static void nothing_twice(void **state)
{
	struct twin *twin = twin_create();

	(void)state;
	twin_add(twin, 10, 10);
	twin_add(twin, 19, 1);
	twin_add(twin, 5, 6);
	twin_adopt(twin, 15, 1);
	twin_adopt(twin, 30, 10);
	twin_adopt(twin, 39, 2);
	twin_add(twin, 25, 10);
	twin_check(twin);
	twin_destroy(twin);
}

static void huge_requests(void **state)
{
	struct twin *twin = twin_create();

	(void)state;
	twin_add(twin, 0, NR_PAGES);
	provide(twin);
	assert_null(mmbox_va_alloc(&twin->space, ~0UL, 1, MMBOX_VA_FIRST, 0));
	assert_null(mmbox_va_alloc(&twin->space, ~0UL - 3, 1, MMBOX_VA_BEST, 0));
	assert_null(mmbox_va_alloc(&twin->space, 1, 1, MMBOX_VA_FIRST, ~0UL));
	/* No multiple of it follows, unless one begins at 0 again. */
	assert_null(mmbox_va_alloc(&twin->space, 1, 64, MMBOX_VA_FIRST, ~0UL));
	/* The lowest page is a multiple of anything, the next one is far. */
	assert_int_equal(twin_alloc(twin, 1, 1UL << 63, MMBOX_VA_FIRST, 0)->start,
			 0);
	provide(twin);
	assert_null(mmbox_va_alloc(&twin->space, 1, 1UL << 63, MMBOX_VA_FIRST,
				   0));
	assert_null(mmbox_va_alloc(&twin->space, 1, 1UL << 63, MMBOX_VA_BEST,
				   0));
	twin_check(twin);
	twin_destroy(twin);
}

/*
 * At random
 */

static unsigned long some_pages(struct rng *rng)
{
	return 1 + (rng_below(rng, 8) ? rng_below(rng, 20) :
					rng_below(rng, 200));
}

static void step(struct twin *twin, struct rng *rng)
{
	unsigned long nr = some_pages(rng);
	unsigned long start = rng_below(rng, NR_PAGES - nr);

	switch (rng_below(rng, 40)) {
	case 0:
		twin_add(twin, start, nr);
		return;
	case 1:
		if (twin->nr_areas < NR_AREAS)
			twin_adopt(twin, start, nr);
		return;
	case 2:
		if (twin->nr_areas)
			twin_free(twin, rng_below(rng, twin->nr_areas), true);
		return;
	}
	if (twin->nr_areas < NR_AREAS && rng_below(rng, 2))
		twin_alloc(twin, nr,
			   1UL << (rng_below(rng, 2) ? 0 : rng_below(rng, 8)),
			   rng_below(rng, 2) ? MMBOX_VA_BEST : MMBOX_VA_FIRST,
			   rng_below(rng, 2) ? 0 : start);
	else if (twin->nr_areas)
		twin_free(twin, rng_below(rng, twin->nr_areas), false);
}

static void random_operations(void **state)
{
	struct rng rng = { .state = unit_options.seed };
	struct twin *twin = twin_create();
	unsigned long op;

	(void)state;
	print_message("# SEED=%llu OPS=%lu\n", unit_options.seed,
		      unit_options.ops);
	for (op = 0; op < unit_options.ops; op++) {
		step(twin, &rng);
		if (op < 500 || !rng_below(&rng, 64))
			twin_check(twin);
	}
	twin_destroy(twin);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_space),
		cmocka_unit_test(first_is_lowest),
		cmocka_unit_test(best_is_smallest),
		cmocka_unit_test(alignment_leaves_the_rest),
		cmocka_unit_test(from_a_place_on),
		cmocka_unit_test(neighbours_join),
		cmocka_unit_test(nothing_twice),
		cmocka_unit_test(huge_requests),
		cmocka_unit_test(random_operations),
	};

	unit_start_ops(argc, argv, 200000);
	return unit_run(tests);
}
