// SPDX-License-Identifier: GPL-2.0
/*
 * Watermarks: the figures of a real kernel, limits at their edges, and random
 * zones against a model that counts pages one by one and in fractions.
 */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <linux/kernel.h>

#include "watermark.h"

static const unsigned long ratio_default[MMBOX_NR_ZONES] = { 256, 256, 32, 0, 0 };
static const unsigned long no_reserve[MMBOX_NR_ZONES];

static void default_is_the_kernels(void **state)
{
	(void)state;
	/* The table in mm/page_alloc.c, which is for sizes from 16 MB. */
	assert_int_equal(mmbox_min_free_default(16UL << 10), 512);
	assert_int_equal(mmbox_min_free_default(32UL << 10), 724);
	assert_int_equal(mmbox_min_free_default(64UL << 10), 1024);
	assert_int_equal(mmbox_min_free_default(128UL << 10), 1448);
	assert_int_equal(mmbox_min_free_default(256UL << 10), 2048);
	assert_int_equal(mmbox_min_free_default(512UL << 10), 2896);
	assert_int_equal(mmbox_min_free_default(1024UL << 10), 4096);
	assert_int_equal(mmbox_min_free_default(16384UL << 10), 16384);
	/* Its upper end is reached at 4 TB. */
	assert_int_equal(mmbox_min_free_default(4UL << 30), 262144);
	assert_int_equal(mmbox_min_free_default(64UL << 30), 262144);
}

static void small_boxes_stay_usable(void **state)
{
	unsigned long kbytes;

	(void)state;
	assert_int_equal(mmbox_min_free_default(0), 0);
	assert_int_equal(mmbox_min_free_default(64), 4);
	assert_int_equal(mmbox_min_free_default(1024), 64);
	assert_int_equal(mmbox_min_free_default(2048), 128);
	assert_int_equal(mmbox_min_free_default(4096), 256);
	for (kbytes = 4; kbytes < 20000; kbytes += 4)
		assert_true(mmbox_min_free_default(kbytes) <= kbytes / 16);
}

/* One zone of a kernel as /proc/zoneinfo had it. */
struct real_zone {
	unsigned long managed;
	unsigned long mark[MMBOX_NR_WMARKS];
	unsigned long reserve[MMBOX_NR_ZONES];
};

/* Debian 6.12 on 1 GB: settings, and its zones DMA, DMA32 and Normal then. */
struct real_kernel {
	unsigned long min_free_kbytes;
	unsigned long scale_factor;
	unsigned long ratio[MMBOX_NR_ZONES];
	struct real_zone zone[3];
};

static const struct real_kernel kernels[] = {
	{
		.min_free_kbytes = 3660,
		.scale_factor = 10,
		.ratio = { 256, 256, 32, 0, 0 },
		.zone = {
			{ 3840, { 15, 18, 21, 24 }, { 0, 394, 867, 867, 867 } },
			{ 101005, { 409, 511, 613, 715 }, { 0, 0, 473, 473, 473 } },
			{ 121092, { 490, 612, 734, 856 }, { 0 } },
		},
	}, {
		.min_free_kbytes = 3000,
		.scale_factor = 50,
		.ratio = { 64, 16, 8, 0, 0 },
		.zone = {
			{ 3840, { 12, 31, 50, 69 }, { 0, 1727, 3470, 3470, 3470 } },
			{ 110560, { 367, 919, 1471, 2023 }, { 0, 0, 6971, 6971, 6971 } },
			{ 111539, { 370, 927, 1484, 2041 }, { 0 } },
		},
	},
};

static void check_kernel(const struct real_kernel *kernel)
{
	unsigned long managed[MMBOX_NR_ZONES] = { 0 };
	struct mmbox_watermark_input in = {
		.pages_min = kernel->min_free_kbytes / 4,
		.scale_factor = kernel->scale_factor,
	};
	struct mmbox_watermark wm;
	unsigned int type;

	for (type = 0; type < ARRAY_SIZE(kernel->zone); type++) {
		managed[type] = kernel->zone[type].managed;
		in.lowmem += managed[type];
	}
	for (type = 0; type < ARRAY_SIZE(kernel->zone); type++) {
		unsigned long reserve[MMBOX_NR_ZONES];

		in.managed = managed[type];
		mmbox_lowmem_reserve(reserve, type, managed, kernel->ratio);
		mmbox_watermark_init(&wm, &in, reserve);
		assert_memory_equal(wm.mark, kernel->zone[type].mark, sizeof(wm.mark));
		assert_memory_equal(wm.reserve, kernel->zone[type].reserve,
				    sizeof(wm.reserve));
	}
}

static void marks_are_those_of_a_real_kernel(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(kernels); i++)
		check_kernel(&kernels[i]);
}

static void highmem_and_movable_have_marks_of_their_own(void **state)
{
	struct mmbox_watermark_input in = {
		.lowmem = 100000, .pages_min = 1000, .scale_factor = 10, .apart = true,
	};
	static const struct { unsigned long managed, min, step; } zone[] = {
		{ 1024, 32, 2 }, { 65536, 64, 163 }, { 1048576, 128, 2621 },
	};
	struct mmbox_watermark wm;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(zone); i++) {
		in.managed = zone[i].managed;
		mmbox_watermark_init(&wm, &in, no_reserve);
		assert_int_equal(wm.mark[MMBOX_WMARK_MIN], zone[i].min);
		assert_int_equal(wm.mark[MMBOX_WMARK_LOW], zone[i].min + zone[i].step);
		assert_int_equal(wm.mark[MMBOX_WMARK_PROMO], zone[i].min + 3 * zone[i].step);
	}
	/* A box of nothing else has no lowmem to divide by. */
	in.lowmem = 0;
	mmbox_watermark_init(&wm, &in, no_reserve);
	assert_int_equal(wm.mark[MMBOX_WMARK_MIN], 128);
}

static void urgent_requests_go_below_min(void **state)
{
	struct mmbox_watermark wm = {
		.mark = { 100, 125, 150, 175 }, .boost = 1000,
		.reserve = { 0, 0, 40, 50, 60 },
	};

	(void)state;
	assert_int_equal(mmbox_watermark_mark(&wm, MMBOX_URGENT_NOT), 1125);
	assert_int_equal(mmbox_watermark_mark(&wm, 0), 100);
	assert_int_equal(mmbox_watermark_mark(&wm, MMBOX_URGENT_NO_WAIT), 100);
	assert_int_equal(mmbox_watermark_mark(&wm, MMBOX_URGENT_HIGH), 50);
	assert_int_equal(mmbox_watermark_mark(&wm, MMBOX_URGENT_RESERVES), 38);
	assert_int_equal(mmbox_watermark_mark(&wm, MMBOX_URGENT_ALL), 0);
	assert_int_equal(mmbox_watermark_limit(&wm, 0, MMBOX_ZONE_DMA32), 100);
	assert_int_equal(mmbox_watermark_limit(&wm, 0, MMBOX_ZONE_NORMAL), 140);
	assert_int_equal(mmbox_watermark_limit(&wm, MMBOX_URGENT_RESERVES,
					       MMBOX_ZONE_MOVABLE), 98);
	assert_int_equal(mmbox_watermark_limit(&wm, MMBOX_URGENT_ALL | MMBOX_URGENT_NOT,
					       MMBOX_ZONE_MOVABLE), 0);
}

static void the_last_page_can_be_had(void **state)
{
	(void)state;
	assert_int_equal(mmbox_watermark_room(0, 0, 0), 0);
	assert_int_equal(mmbox_watermark_room(1, 0, 0), 1);
	assert_int_equal(mmbox_watermark_room(1, 0, 1), 0);
	assert_int_equal(mmbox_watermark_room(7, 3, 0), 0);
	assert_int_equal(mmbox_watermark_room(8, 3, 0), 1);
	assert_int_equal(mmbox_watermark_room(8, 3, 1), 0);
	assert_int_equal(mmbox_watermark_room(ULONG_MAX, 0, ULONG_MAX), 0);
	assert_int_equal(mmbox_watermark_room(5, 0, ULONG_MAX), 0);
}

/* Fragmentation, of a zone of four pageblocks, or a page less. */
static void boost_rises_and_ends(void **state)
{
	unsigned long block = MMBOX_PAGEBLOCK_PAGES;
	struct mmbox_watermark wm = { .mark = { 600, 700, 800, 900 } };

	(void)state;
	mmbox_watermark_raise(&wm, 4 * block - 1, 15000);
	assert_int_equal(wm.boost, 0);
	mmbox_watermark_raise(&wm, 4 * block, 0);
	assert_int_equal(wm.boost, 0);
	mmbox_watermark_raise(&wm, 4 * block, 15000);
	assert_int_equal(wm.boost, block);
	assert_true(wm.enough == ULONG_MAX);
	/* At most one and a half times the high mark. */
	mmbox_watermark_raise(&wm, 4 * block, 15000);
	mmbox_watermark_raise(&wm, 4 * block, 15000);
	assert_int_equal(wm.boost, 1200);
	mmbox_watermark_settle(&wm, 2000);
	assert_int_equal(wm.boost, 1200);
	mmbox_watermark_settle(&wm, 2001);
	assert_int_equal(wm.boost, 0);
	assert_true(wm.enough < ULONG_MAX);
	/* One pageblock at least, however little is 1/10000 of the mark. */
	mmbox_watermark_raise(&wm, 4 * block, 100);
	assert_int_equal(wm.boost, block);
	mmbox_watermark_raise(&wm, 4 * block, 100);
	assert_int_equal(wm.boost, block);
}

/*
 * The model: the same by other means. Marks by fractions, reserves zone by
 * zone from above, room by taking block after block as the kernel checks each.
 */
static unsigned long model_room(long free, unsigned int order, long limit)
{
	unsigned long nr = 0;

	while (free - ((1L << order) - 1) > limit) {
		free -= 1L << order;
		nr++;
	}
	return nr;
}

static void model_reserve(unsigned long *reserve, unsigned int zone,
			  const unsigned long *managed, const unsigned long *ratio)
{
	unsigned int type, above;

	for (type = 0; type < MMBOX_NR_ZONES; type++) {
		unsigned long pages = 0;

		for (above = MMBOX_NR_ZONES - 1; above > zone; above--)
			if (above <= type)
				pages += managed[above];
		reserve[type] = !ratio[zone] || !managed[zone] ? 0 :
				(unsigned long)floorl((long double)pages / ratio[zone]);
	}
}

static void model_marks(unsigned long *mark, const struct mmbox_watermark_input *in)
{
	long double share = floorl((long double)in->pages_min * in->managed / in->lowmem);
	long double step = fmaxl(floorl(share / 4),
				 floorl((long double)in->managed * in->scale_factor / 10000));
	long double min = share;
	unsigned int i;

	if (in->apart)
		min = fminl(fmaxl(floorl((long double)in->managed / 1024), 32), 128);
	for (i = 0; i < MMBOX_NR_WMARKS; i++)
		mark[i] = (unsigned long)(min + i * step);
}

static void random_input(struct rng *rng, unsigned long *managed, unsigned long *ratio,
			 struct mmbox_watermark_input *in)
{
	unsigned int type;

	memset(in, 0, sizeof(*in));
	for (type = 0; type < MMBOX_NR_ZONES; type++) {
		managed[type] = 0;
		if (rng_below(rng, 4))
			managed[type] = 1 + rng_below(rng, 1U << (4 + rng_below(rng, 20)));
		ratio[type] = rng_below(rng, 3) ? rng_below(rng, 512) : ratio_default[type];
		if (type < MMBOX_ZONE_HIGHMEM)
			in->lowmem += managed[type];
	}
	in->pages_min = rng_below(rng, in->lowmem / 2 + 1);
	in->scale_factor = 1 + rng_below(rng, 3000);
}

/* More free than "enough" is above every limit, for any order and any batch. */
static void check_enough(struct rng *rng, const struct mmbox_watermark *wm)
{
	unsigned int order = rng_below(rng, MMBOX_MAX_ORDER + 1);
	unsigned int type = rng_below(rng, MMBOX_NR_ZONES);
	unsigned long batch = (32 >> order) ?: 1;

	unsigned long limit = mmbox_watermark_limit(wm, MMBOX_URGENT_NOT, type);

	assert_true(mmbox_watermark_room(wm->enough + 1, order, limit) >= batch);
}

static void random_zones_match_the_model(void **state)
{
	struct rng rng = { .state = unit_options.seed };
	unsigned long managed[MMBOX_NR_ZONES], ratio[MMBOX_NR_ZONES];
	unsigned long reserve[MMBOX_NR_ZONES], mark[MMBOX_NR_WMARKS];
	struct mmbox_watermark_input in;
	struct mmbox_watermark wm;
	unsigned long op;
	unsigned int type;

	(void)state;
	for (op = 0; op < unit_options.ops / 100; op++) {
		random_input(&rng, managed, ratio, &in);
		if (!in.lowmem)
			continue;
		type = rng_below(&rng, MMBOX_NR_ZONES);
		in.managed = managed[type];
		in.apart = type >= MMBOX_ZONE_HIGHMEM;
		mmbox_lowmem_reserve(reserve, type, managed, ratio);
		mmbox_watermark_init(&wm, &in, reserve);
		model_reserve(reserve, type, managed, ratio);
		assert_memory_equal(wm.reserve, reserve, sizeof(reserve));
		model_marks(mark, &in);
		assert_memory_equal(wm.mark, mark, sizeof(mark));
		check_enough(&rng, &wm);
	}
}

static void random_rooms_match_the_model(void **state)
{
	struct rng rng = { .state = unit_options.seed };
	unsigned long op;

	(void)state;
	for (op = 0; op < unit_options.ops / 100; op++) {
		unsigned int order = rng_below(&rng, MMBOX_MAX_ORDER + 1);
		unsigned long free = rng_below(&rng, 4096);
		unsigned long limit = rng_below(&rng, 2) ? rng_below(&rng, 4096) :
							   rng_below(&rng, 64);

		assert_int_equal(mmbox_watermark_room(free, order, limit),
				 model_room((long)free, order, (long)limit));
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_is_the_kernels),
		cmocka_unit_test(small_boxes_stay_usable),
		cmocka_unit_test(marks_are_those_of_a_real_kernel),
		cmocka_unit_test(highmem_and_movable_have_marks_of_their_own),
		cmocka_unit_test(urgent_requests_go_below_min),
		cmocka_unit_test(the_last_page_can_be_had),
		cmocka_unit_test(boost_rises_and_ends),
		cmocka_unit_test(random_zones_match_the_model),
		cmocka_unit_test(random_rooms_match_the_model),
	};

	unit_start(argc, argv);
	return unit_run(tests);
}
