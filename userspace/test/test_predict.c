// SPDX-License-Identifier: GPL-2.0
/* The prediction against cases worked out by hand, and against its own laws. */
#include "../predict.h"
#include "unit.h"

static struct mmbox_area area_of(const char *zone, unsigned int node)
{
	struct mmbox_area area = { .node = node };

	snprintf(area.zone, sizeof(area.zone), "%s", zone);
	return area;
}

static void splits_the_largest(void **state)
{
	struct mmbox_area a = area_of("Normal", 0);
	unsigned int from;

	(void)state;
	a.free[10] = 16;
	assert_int_equal(predict_split(&a, 11, 3, &from), 0);
	assert_int_equal(from, 10);
	assert_int_equal(a.free[10], 15);
	for (unsigned int o = 3; o < 10; o++)
		assert_int_equal(a.free[o], 1);
	for (unsigned int o = 0; o < 3; o++)
		assert_int_equal(a.free[o], 0);
}

static void takes_the_smallest_that_fits(void **state)
{
	struct mmbox_area a = area_of("Normal", 0);
	unsigned int from;

	(void)state;
	a.free[2] = 9;
	a.free[5] = 2;
	a.free[10] = 1;
	assert_int_equal(predict_split(&a, 11, 3, &from), 0);
	assert_int_equal(from, 5);
	assert_int_equal(a.free[5], 1);
	assert_int_equal(a.free[4], 1);
	assert_int_equal(a.free[3], 1);
	assert_int_equal(a.free[2], 9);
	assert_int_equal(a.free[10], 1);
}

static void takes_an_exact_one_whole(void **state)
{
	struct mmbox_area a = area_of("Normal", 0);
	unsigned int from;

	(void)state;
	a.free[3] = 1;
	a.free[4] = 1;
	assert_int_equal(predict_split(&a, 11, 3, &from), 0);
	assert_int_equal(from, 3);
	assert_int_equal(a.free[3], 0);
	assert_int_equal(a.free[4], 1);
}

static void refuses_when_all_are_too_small(void **state)
{
	struct mmbox_area a = area_of("Normal", 0), before;
	unsigned int from = 99;

	(void)state;
	a.free[0] = 1000;
	a.free[2] = 1000;
	before = a;
	assert_int_equal(predict_split(&a, 11, 3, &from), -ENOMEM);
	assert_int_equal(predict_split(&a, 11, 11, &from), -ENOMEM);
	assert_memory_equal(&a, &before, sizeof(a));
	assert_int_equal(from, 99);
}

/* Pages are neither lost nor made: 2^order less than before, for all. */
static void keeps_count(void **state)
{
	uint64_t before;

	(void)state;
	for (unsigned int start = 0; start < 11; start++) {
		for (unsigned int order = 0; order <= start; order++) {
			struct mmbox_area a = area_of("DMA", 0);
			unsigned int from;

			a.free[start] = 2;
			before = mmbox_area_pages(&a, 11);
			assert_int_equal(predict_split(&a, 11, order, &from), 0);
			assert_int_equal(before - mmbox_area_pages(&a, 11), 1U << order);
		}
	}
}

struct zones {
	struct mmbox_area area[4];
	struct mmbox_buddyinfo bi;
	struct mmbox_zone zone[4];
	struct mmbox_zoneinfo zi;
};

/* Node 0 with DMA, DMA32 and Normal, node 1 with Normal; 4 large blocks each. */
static void make_zones(struct zones *z)
{
	static const char *const names[] = { "DMA", "DMA32", "Normal", "Normal" };

	memset(z, 0, sizeof(*z));
	for (unsigned int i = 0; i < 4; i++) {
		z->area[i] = area_of(names[i], i == 3);
		z->area[i].free[10] = 4;
		z->zone[i].node = i == 3;
		z->zone[i].free = 4096;
		z->zone[i].nr_protection = 4;
		snprintf(z->zone[i].name, sizeof(z->zone[i].name), "%s", names[i]);
	}
	z->bi = (struct mmbox_buddyinfo) { .nr_orders = 11, .nr = 4, .area = z->area };
	z->zi = (struct mmbox_zoneinfo) { .nr = 4, .zone = z->zone };
}

static size_t chosen(struct zones *z, unsigned int node, uint32_t gfp, unsigned int order)
{
	size_t area = 99;

	assert_int_equal(predict_area(&z->bi, &z->zi, node, gfp, order, &area), 0);
	return area;
}

static void starts_at_the_right_zone(void **state)
{
	struct zones z;

	(void)state;
	make_zones(&z);
	assert_int_equal(chosen(&z, 0, 0, 3), 2);
	assert_int_equal(chosen(&z, 0, MMBOX_GFP_DMA32, 3), 1);
	assert_int_equal(chosen(&z, 0, MMBOX_GFP_DMA, 3), 0);
	assert_int_equal(chosen(&z, 1, 0, 3), 3);
	/* Node 1 has no DMA of its own. */
	assert_int_equal(chosen(&z, 1, MMBOX_GFP_DMA, 3), 0);
}

static void falls_back(void **state)
{
	struct zones z;
	size_t area;

	(void)state;
	make_zones(&z);
	z.area[2].free[10] = 0;
	z.area[2].free[2] = 50;
	assert_int_equal(chosen(&z, 0, 0, 2), 2);
	/* Lower zones of one's own node before those of another. */
	assert_int_equal(chosen(&z, 0, 0, 3), 1);
	z.area[1].free[10] = 0;
	assert_int_equal(chosen(&z, 0, 0, 3), 0);
	z.area[0].free[10] = 0;
	assert_int_equal(chosen(&z, 0, 0, 3), 3);
	assert_int_equal(predict_area(&z.bi, &z.zi, 0, MMBOX_GFP_DMA, 3, &area), -ENOMEM);
	assert_int_equal(predict_area(&z.bi, NULL, 0, MMBOX_GFP_DMA, 3, &area), -ENOMEM);
}

static void heeds_watermarks(void **state)
{
	struct zones z;

	(void)state;
	make_zones(&z);
	/* 4096 - 7 pages would be left, but for one. */
	z.zone[2].low = 4088;
	assert_int_equal(chosen(&z, 0, 0, 3), 2);
	z.zone[2].low = 4089;
	assert_int_equal(chosen(&z, 0, 0, 3), 1);
	z.zone[1].protection[2] = 4090;
	assert_int_equal(chosen(&z, 0, 0, 3), 0);
	assert_int_equal(chosen(&z, 0, MMBOX_GFP_DMA32, 3), 1);
	/* Nothing is above low anywhere: min counts, from the top again. */
	z.zone[0].low = 5000;
	z.zone[3].low = 5000;
	assert_int_equal(chosen(&z, 0, 0, 3), 2);
}

static void unknown_zones_are_left_alone(void **state)
{
	struct zones z;

	(void)state;
	make_zones(&z);
	snprintf(z.area[2].zone, sizeof(z.area[2].zone), "Movable");
	assert_int_equal(chosen(&z, 0, 0, 3), 1);
}

static void both_together(void **state)
{
	struct prediction p;
	struct zones z;

	(void)state;
	make_zones(&z);
	assert_int_equal(predict_alloc(&z.bi, &z.zi, 0, 0, 9, &p), 0);
	assert_int_equal(p.area, 2);
	assert_int_equal(p.from, 10);
	assert_int_equal(p.order, 9);
	assert_int_equal(z.area[2].free[10], 3);
	assert_int_equal(z.area[2].free[9], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_the_largest),
		cmocka_unit_test(takes_the_smallest_that_fits),
		cmocka_unit_test(takes_an_exact_one_whole),
		cmocka_unit_test(refuses_when_all_are_too_small),
		cmocka_unit_test(keeps_count),
		cmocka_unit_test(starts_at_the_right_zone),
		cmocka_unit_test(falls_back),
		cmocka_unit_test(heeds_watermarks),
		cmocka_unit_test(unknown_zones_are_left_alone),
		cmocka_unit_test(both_together),
	};

	return cmocka_run_group_tests_name("predict", tests, NULL, NULL);
}
