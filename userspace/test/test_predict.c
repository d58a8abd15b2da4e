// SPDX-License-Identifier: GPL-2.0
/* The prediction against cases worked out by hand, and against its own laws. */
#include "../predict.h"
#include "unit.h"

#define U	MMBOX_TYPE_UNMOVABLE
#define M	MMBOX_TYPE_MOVABLE
#define R	MMBOX_TYPE_RECLAIMABLE

static const struct mmbox_pagetypeinfo orders = { .nr_orders = 11, .block_order = 9 };

static struct mmbox_typed_area area_of(const char *zone, unsigned int node)
{
	struct mmbox_typed_area area = { .node = node };

	snprintf(area.zone, sizeof(area.zone), "%s", zone);
	return area;
}

static uint64_t pages_of(const struct mmbox_typed_area *area)
{
	uint64_t pages = 0;

	for (unsigned int type = 0; type < MMBOX_NR_TYPES; type++)
		pages += mmbox_free_pages(area->free[type], 11);
	return pages;
}

static void splits_the_largest(void **state)
{
	struct mmbox_typed_area a = area_of("Normal", 0);
	struct prediction p;

	(void)state;
	a.free[U][10] = 16;
	assert_int_equal(predict_take(&orders, &a, 3, &p), 0);
	assert_int_equal(p.order, 3);
	assert_int_equal(p.from, 10);
	assert_int_equal(p.type, U);
	assert_false(p.vague);
	assert_int_equal(a.free[U][10], 15);
	for (unsigned int o = 3; o < 10; o++)
		assert_int_equal(a.free[U][o], 1);
	for (unsigned int o = 0; o < 3; o++)
		assert_int_equal(a.free[U][o], 0);
}

/* Of its own type the smallest, whatever the others have. */
static void takes_the_smallest_that_fits(void **state)
{
	struct mmbox_typed_area a = area_of("Normal", 0);
	struct prediction p;

	(void)state;
	a.free[U][2] = 9;
	a.free[M][3] = 3;
	a.free[U][5] = 2;
	a.free[U][10] = 1;
	a.free[M][10] = 7;
	assert_int_equal(predict_take(&orders, &a, 3, &p), 0);
	assert_int_equal(p.from, 5);
	assert_int_equal(p.type, U);
	assert_int_equal(a.free[U][5], 1);
	assert_int_equal(a.free[U][4], 1);
	assert_int_equal(a.free[U][3], 1);
	assert_int_equal(a.free[U][2], 9);
	assert_int_equal(a.free[U][10], 1);
	assert_int_equal(a.free[M][3], 3);
	assert_int_equal(a.free[M][10], 7);
}

static void takes_an_exact_one_whole(void **state)
{
	struct mmbox_typed_area a = area_of("Normal", 0);
	struct prediction p;

	(void)state;
	a.free[U][3] = 1;
	a.free[U][4] = 1;
	assert_int_equal(predict_take(&orders, &a, 3, &p), 0);
	assert_int_equal(p.from, 3);
	assert_int_equal(a.free[U][3], 0);
	assert_int_equal(a.free[U][4], 1);
}

/* A fresh zone, whose last section is in pieces, has no unmovable block. */
static void takes_over_the_largest_of_another_type(void **state)
{
	struct mmbox_typed_area a = area_of("Normal", 0);
	struct prediction p;

	(void)state;
	a.free[U][1] = 4;
	for (unsigned int o = 3; o < 10; o++)
		a.free[M][o] = 1;
	a.free[M][10] = 3;
	a.pageblocks[M] = 8;
	assert_int_equal(predict_take(&orders, &a, 3, &p), 0);
	assert_int_equal(p.from, 10);
	assert_int_equal(p.type, M);
	assert_true(p.whole);
	assert_false(p.vague);
	assert_int_equal(a.free[M][10], 2);
	assert_int_equal(a.free[M][3], 1);
	assert_int_equal(a.pageblocks[M], 6);
	assert_int_equal(a.pageblocks[U], 2);
	for (unsigned int o = 3; o < 10; o++)
		assert_int_equal(a.free[U][o], 1);
	assert_int_equal(a.free[U][10], 0);
	/* The next one finds the rest. */
	assert_int_equal(predict_take(&orders, &a, 3, &p), 0);
	assert_int_equal(p.from, 3);
	assert_int_equal(p.type, U);
	assert_int_equal(a.free[M][3], 1);
}

static void takes_over_one_pageblock(void **state)
{
	struct mmbox_typed_area a = area_of("Normal", 0);
	struct prediction p;

	(void)state;
	a.free[M][9] = 2;
	a.pageblocks[M] = 2;
	assert_int_equal(predict_take(&orders, &a, 9, &p), 0);
	assert_int_equal(p.from, 9);
	assert_int_equal(a.free[M][9], 1);
	assert_int_equal(a.free[U][9], 0);
	assert_int_equal(a.pageblocks[M], 1);
	assert_int_equal(a.pageblocks[U], 1);
}

/* Reclaimable ones go first only where they are as large. */
static void takes_reclaimable_first(void **state)
{
	struct mmbox_typed_area a = area_of("Normal", 0), b;
	struct prediction p;

	(void)state;
	a.free[R][9] = 1;
	a.free[M][10] = 1;
	a.pageblocks[R] = 1;
	a.pageblocks[M] = 2;
	b = a;
	assert_int_equal(predict_take(&orders, &a, 0, &p), 0);
	assert_int_equal(p.type, M);
	b.free[R][10] = 1;
	b.pageblocks[R] = 3;
	assert_int_equal(predict_take(&orders, &b, 0, &p), 0);
	assert_int_equal(p.type, R);
	assert_int_equal(p.from, 10);
	assert_int_equal(b.pageblocks[R], 1);
}

/* Less than a pageblock is free: what else is in it, the file does not tell. */
static void is_vague_about_pieces(void **state)
{
	struct mmbox_typed_area a = area_of("Normal", 0), before;
	struct prediction p;

	(void)state;
	a.free[M][8] = 1;
	a.free[M][3] = 1;
	a.pageblocks[M] = 1;
	before = a;
	assert_int_equal(predict_take(&orders, &a, 3, &p), 0);
	assert_true(p.vague);
	assert_int_equal(p.type, M);
	assert_int_equal(p.from, 8);
	assert_memory_equal(&a, &before, sizeof(a));
}

/* Of which type what is left will be is open, but not what is left. */
static void cuts_the_only_piece(void **state)
{
	struct mmbox_typed_area a = area_of("Normal", 0);
	struct prediction p;

	(void)state;
	a.free[M][8] = 2;
	a.free[M][2] = 5;
	a.free[R][3] = 1;
	a.pageblocks[M] = 2;
	assert_int_equal(predict_take(&orders, &a, 3, &p), 0);
	assert_false(p.vague);
	assert_false(p.whole);
	assert_int_equal(p.type, M);
	assert_int_equal(p.from, 8);
	for (unsigned int o = 3; o < 8; o++)
		assert_int_equal(a.free[U][o] + a.free[M][o], 1);
	assert_int_equal(a.free[U][8] + a.free[M][8], 1);
	assert_int_equal(a.free[M][2], 5);
}

static void refuses_when_all_are_too_small(void **state)
{
	struct mmbox_typed_area a = area_of("Normal", 0), before;
	struct prediction p;

	(void)state;
	a.free[U][0] = 1000;
	a.free[M][2] = 1000;
	/* Nobody takes from these. */
	a.free[MMBOX_TYPE_HIGHATOMIC][10] = 1;
	a.free[MMBOX_TYPE_ISOLATE][10] = 1;
	before = a;
	assert_int_equal(predict_take(&orders, &a, 3, &p), -ENOMEM);
	assert_int_equal(predict_take(&orders, &a, 11, &p), -ENOMEM);
	assert_memory_equal(&a, &before, sizeof(a));
}

/* Pages are neither lost nor made: 2^order less than before, for all. */
static void keeps_count(void **state)
{
	uint64_t before;

	(void)state;
	for (unsigned int start = 0; start < 11; start++) {
		for (unsigned int order = 0; order <= start; order++) {
			struct mmbox_typed_area a = area_of("DMA", 0);
			struct prediction p;

			a.free[start < 9 ? U : M][start] = 2;
			a.pageblocks[M] = 4;
			before = pages_of(&a);
			assert_int_equal(predict_take(&orders, &a, order, &p), 0);
			assert_int_equal(before - pages_of(&a), 1U << order);
			assert_int_equal(a.pageblocks[M] + a.pageblocks[U], 4);
		}
	}
}

struct zones {
	struct mmbox_typed_area area[4];
	struct mmbox_pagetypeinfo pti;
	struct mmbox_area row[4];
	struct mmbox_buddyinfo bi;
	struct mmbox_zone zone[4];
	struct mmbox_zoneinfo zi;
};

/* Fresh: node 0 with DMA, DMA32 and Normal, node 1 with Normal; 4 large blocks each. */
static void make_zones(struct zones *z)
{
	static const char *const names[] = { "DMA", "DMA32", "Normal", "Normal" };

	memset(z, 0, sizeof(*z));
	for (unsigned int i = 0; i < 4; i++) {
		z->area[i] = area_of(names[i], i == 3);
		z->area[i].free[M][10] = 4;
		z->area[i].pageblocks[M] = 8;
		z->row[i].node = i == 3;
		z->row[i].free[10] = 4;
		snprintf(z->row[i].zone, sizeof(z->row[i].zone), "%s", names[i]);
		z->zone[i].node = i == 3;
		z->zone[i].free = 4096;
		z->zone[i].nr_protection = 4;
		snprintf(z->zone[i].name, sizeof(z->zone[i].name), "%s", names[i]);
	}
	z->pti = orders;
	z->pti.nr = 4;
	z->pti.area = z->area;
	z->bi = (struct mmbox_buddyinfo) { .nr_orders = 11, .nr = 4, .area = z->row };
	z->zi = (struct mmbox_zoneinfo) { .nr = 4, .zone = z->zone };
}

static size_t chosen(struct zones *z, unsigned int node, uint32_t gfp, unsigned int order)
{
	size_t area = 99;

	assert_int_equal(predict_area(&z->pti, &z->zi, node, gfp, order, &area), 0);
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
	z.area[2].free[M][10] = 0;
	z.area[2].free[M][2] = 50;
	z.area[2].free[MMBOX_TYPE_HIGHATOMIC][10] = 1;
	assert_int_equal(chosen(&z, 0, 0, 2), 2);
	/* Lower zones of one's own node before those of another. */
	assert_int_equal(chosen(&z, 0, 0, 3), 1);
	z.area[1].free[M][10] = 0;
	assert_int_equal(chosen(&z, 0, 0, 3), 0);
	z.area[0].free[M][10] = 0;
	assert_int_equal(chosen(&z, 0, 0, 3), 3);
	assert_int_equal(predict_area(&z.pti, &z.zi, 0, MMBOX_GFP_DMA, 3, &area), -ENOMEM);
	assert_int_equal(predict_area(&z.pti, NULL, 0, MMBOX_GFP_DMA, 3, &area), -ENOMEM);
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
	assert_int_equal(predict_alloc(&z.bi, &z.pti, &z.zi, 0, 0, 9, &p), 0);
	assert_int_equal(p.area, 2);
	assert_int_equal(p.from, 10);
	assert_int_equal(p.type, M);
	assert_int_equal(z.area[2].free[M][10], 3);
	assert_int_equal(z.area[2].free[U][9], 1);
	assert_int_equal(z.row[2].free[10], 3);
	assert_int_equal(z.row[2].free[9], 1);
	assert_int_equal(z.row[3].free[10], 4);
	/* Of two files that tell of different zones nothing follows. */
	z.pti.nr = 3;
	assert_int_equal(predict_alloc(&z.bi, &z.pti, &z.zi, 0, 0, 9, &p), -ESTALE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_the_largest),
		cmocka_unit_test(takes_the_smallest_that_fits),
		cmocka_unit_test(takes_an_exact_one_whole),
		cmocka_unit_test(takes_over_the_largest_of_another_type),
		cmocka_unit_test(takes_over_one_pageblock),
		cmocka_unit_test(takes_reclaimable_first),
		cmocka_unit_test(is_vague_about_pieces),
		cmocka_unit_test(cuts_the_only_piece),
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
