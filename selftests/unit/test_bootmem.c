// SPDX-License-Identifier: GPL-2.0
/*
 * bootmem: cases written out, random operations compared with a note for each
 * page, and the hand-over compared with that of a memblock.
 */
#include "unit.h"

#include <string.h>
#include <asm/page.h>
#include <linux/align.h>

#include "bootmem.h"
#include "page.h"

#define START	7UL
#define NR	500UL
#define END	(START + NR)

static struct mmbox_bootmem bm;
static unsigned long map[(NR + 63) / 64];

static const struct mmbox_window all = { .end = ~0ULL };

static u64 at(u64 pfn)
{
	return pfn << PAGE_SHIFT;
}

static int setup(void **state)
{
	(void)state;
	memset(map, 0, sizeof(map));
	memset(&bm, 0xa5, sizeof(bm));
	assert_int_equal(mmbox_bootmem_bytes(NR), sizeof(map));
	mmbox_bootmem_init(&bm, map, START, END);
	return 0;
}

static void nothing_is_free_at_first(void **state)
{
	struct mmbox_range range;

	(void)state;
	assert_false(mmbox_bootmem_next_free(&bm, &all, 0, &range));
	assert_true(mmbox_bootmem_alloc(&bm, &all, 1, 1) == MMBOX_NO_ADDR);
}

static void whole_pages_become_free(void **state)
{
	struct mmbox_range range;

	(void)state;
	mmbox_bootmem_free(&bm, at(10) + 1, 3 * PAGE_SIZE);
	assert_true(mmbox_bootmem_next_free(&bm, &all, 0, &range));
	assert_int_equal(range.start, at(11));
	assert_int_equal(range.end, at(13));
	assert_false(mmbox_bootmem_next_free(&bm, &all, range.end, &range));
	/* What lies before and behind the bits is left alone. */
	mmbox_bootmem_free(&bm, 0, at(2 * END));
	assert_true(mmbox_bootmem_next_free(&bm, &all, 0, &range));
	assert_int_equal(range.start, at(START));
	assert_int_equal(range.end, at(END));
	/* Part of a page in use is a page in use. */
	mmbox_bootmem_reserve(&bm, at(20) - 1, 2);
	assert_true(mmbox_bootmem_next_free(&bm, &all, 0, &range));
	assert_int_equal(range.end, at(19));
	assert_true(mmbox_bootmem_next_free(&bm, &all, range.end, &range));
	assert_int_equal(range.start, at(21));
}

static void small_ones_are_packed(void **state)
{
	(void)state;
	mmbox_bootmem_free(&bm, 0, at(END));
	assert_int_equal(mmbox_bootmem_alloc(&bm, &all, 100, 64), at(START));
	assert_int_equal(mmbox_bootmem_alloc(&bm, &all, 100, 64),
			 at(START) + 128);
	assert_int_equal(mmbox_bootmem_alloc(&bm, &all, 2 * PAGE_SIZE, 64),
			 at(START) + 256);
	assert_int_equal(bm.last_pos, START + 2);
	assert_int_equal(bm.last_offset, 256);
	/* A page that is full has no rest. */
	assert_int_equal(mmbox_bootmem_alloc(&bm, &all, PAGE_SIZE - 256, 64),
			 at(START + 2) + 256);
	assert_int_equal(mmbox_bootmem_alloc(&bm, &all, 1, 1), at(START + 3));
}

static void nothing_is_packed_into_what_was_freed(void **state)
{
	(void)state;
	mmbox_bootmem_free(&bm, 0, at(END));
	assert_int_equal(mmbox_bootmem_alloc(&bm, &all, 100, 64), at(START));
	mmbox_bootmem_free(&bm, at(START), PAGE_SIZE);
	/* Somebody else has it, as a whole. */
	mmbox_bootmem_reserve(&bm, at(START), PAGE_SIZE);
	assert_int_equal(mmbox_bootmem_alloc(&bm, &all, 100, 64),
			 at(START + 1));
}

static void the_first_hole_that_fits(void **state)
{
	const struct mmbox_window window = { .start = at(60), .end = at(70) };

	(void)state;
	mmbox_bootmem_free(&bm, at(10), 2 * PAGE_SIZE);
	mmbox_bootmem_free(&bm, at(50), 50 * PAGE_SIZE);
	assert_int_equal(mmbox_bootmem_alloc(&bm, &all, 3 * PAGE_SIZE, 1),
			 at(50));
	assert_int_equal(mmbox_bootmem_alloc(&bm, &all, PAGE_SIZE, PAGE_SIZE),
			 at(10));
	assert_int_equal(mmbox_bootmem_alloc(&bm, &window, PAGE_SIZE,
					     8 * PAGE_SIZE), at(64));
	assert_true(mmbox_bootmem_alloc(&bm, &window, 6 * PAGE_SIZE, 1) ==
		    MMBOX_NO_ADDR);
	assert_int_equal(mmbox_bootmem_alloc(&bm, &window, 5 * PAGE_SIZE, 1),
			 at(65));
}

/*
 * Random operations
 */

static bool used[END];

static void check(struct rng *rng)
{
	const struct mmbox_window window = {
		.start = at(rng_below(rng, END)) + rng_below(rng, PAGE_SIZE),
		.end = at(rng_below(rng, END + 10)) + rng_below(rng, PAGE_SIZE),
	};
	bool seen[END] = { 0 };
	struct mmbox_range range;
	u64 from = 0, pfn;

	while (mmbox_bootmem_next_free(&bm, &window, from, &range)) {
		expect(range.start < range.end && range.start >= from &&
		       range.end <= at(END), "%llx-%llx", range.start,
		       range.end);
		for (from = range.start; from < range.end; from += PAGE_SIZE)
			seen[from >> PAGE_SHIFT] = true;
	}
	for (pfn = START; pfn < END; pfn++)
		expect(seen[pfn] == (!used[pfn] && at(pfn) >= window.start &&
				     at(pfn + 1) <= window.end), "page %llu",
		       pfn);
}

/* Bytes of the last allocation's page that are left to be packed into. */
static u64 packed_end;

static void step_alloc(struct rng *rng)
{
	unsigned int size = 1 + rng_below(rng, 5 * PAGE_SIZE);
	u64 align = 1ULL << rng_below(rng, 14), base, pfn;
	u64 got = mmbox_bootmem_alloc(&bm, &all, size, align);
	bool packed;

	if (got == MMBOX_NO_ADDR)
		return;
	packed = got < ALIGN(packed_end, PAGE_SIZE) && got >= packed_end;
	expect(!(got & (align - 1)), "%llx is not aligned to %llx", got, align);
	for (base = got; base < got + size; base = at(pfn + 1)) {
		pfn = base >> PAGE_SHIFT;
		expect(pfn >= START && pfn < END, "page %llu is not there", pfn);
		expect(!used[pfn] || (packed && base == got),
		       "page %llu is given out twice", pfn);
		used[pfn] = true;
	}
	packed_end = got + size;
}

static void step(struct rng *rng)
{
	u64 base = rng_below(rng, at(END)), pfn;
	unsigned int size = rng_below(rng, 10 * PAGE_SIZE);

	switch (rng_below(rng, 3)) {
	case 0:
		step_alloc(rng);
		break;
	case 1:
		mmbox_bootmem_reserve(&bm, base, size);
		for (pfn = base >> PAGE_SHIFT;
		     size && pfn < END && at(pfn) < base + size; pfn++)
			used[pfn] = true;
		break;
	default:
		mmbox_bootmem_free(&bm, base, size);
		for (pfn = 0; pfn < END; pfn++) {
			if (at(pfn) < base || at(pfn + 1) > base + size)
				continue;
			used[pfn] = false;
			if (packed_end >> PAGE_SHIFT == pfn)
				packed_end = 0;
		}
	}
}

static void random_operations(void **state)
{
	struct rng rng = { .state = unit_options.seed };
	unsigned long op;

	(void)state;
	print_message("# SEED=%llu OPS=%lu\n", unit_options.seed,
		      unit_options.ops);
	memset(used, true, sizeof(used));
	packed_end = 0;
	for (op = 0; op < unit_options.ops / 20; op++) {
		step(&rng);
		check(&rng);
	}
}

/*
 * Both kinds hand over the same blocks
 */

static void *no_array(size_t size)
{
	return test_malloc(size);
}

static void free_array(void *memory)
{
	test_free(memory);
}

static void no_event(void *arg, const struct mmbox_boot_step *step)
{
	(void)arg;
	(void)step;
}

static const struct mmbox_memblock_ops ops = {
	.alloc = no_array,
	.free = free_array,
	.event = no_event,
};

/* Whole pages of a range, as the largest aligned blocks: a digest of them. */
static u64 hand_over(u64 digest, const struct mmbox_range *range)
{
	unsigned long pfn = (range->start + PAGE_SIZE - 1) >> PAGE_SHIFT;
	unsigned long end = range->end >> PAGE_SHIFT;
	unsigned int order;

	for (; pfn < end; pfn += 1UL << order) {
		order = mmbox_block_order(pfn, end);
		expect(!(pfn & ((1UL << order) - 1)) &&
		       pfn + (1UL << order) <= end, "block %lu order %u", pfn,
		       order);
		digest = (digest * 1000003 + pfn) * 1000003 + order;
	}
	return digest;
}

static void memblock_and_bitmap_hand_over_the_same(void **state)
{
	struct rng rng = { .state = unit_options.seed };
	struct mmbox_window any = { .end = ~0ULL, .nid = MMBOX_NO_NODE };
	static struct mmbox_memblock mb;
	unsigned int round, i;

	(void)state;
	print_message("# SEED=%llu\n", unit_options.seed);
	for (round = 0; round < 200; round++) {
		u64 one = 0, other = 0, from;
		struct mmbox_range range;

		setup(NULL);
		mmbox_memblock_init(&mb, &ops, NULL);
		for (i = 0; i < 10; i++) {
			u64 base = at(START + rng_below(&rng, NR - 50));
			u64 size = at(rng_below(&rng, 50));

			mmbox_bootmem_free(&bm, base, size);
			assert_int_equal(mmbox_memblock_add(&mb, base, size, 0,
							    0), 0);
		}
		for (i = 0; i < 20; i++) {
			u64 base = rng_below(&rng, at(END));
			u64 size = 1 + rng_below(&rng, 2 * PAGE_SIZE);

			mmbox_bootmem_reserve(&bm, base, size);
			assert_int_equal(mmbox_memblock_reserve(&mb, base, size),
					 0);
		}
		for (from = 0; mmbox_memblock_next_free(&mb, &any, from, &range);
		     from = range.end)
			one = hand_over(one, &range);
		for (from = 0; mmbox_bootmem_next_free(&bm, &all, from, &range);
		     from = range.end)
			other = hand_over(other, &range);
		assert_true(one == other);
		mmbox_memblock_exit(&mb);
	}
}

static void blocks_are_the_largest(void **state)
{
	(void)state;
	assert_int_equal(mmbox_block_order(0, 1), 0);
	assert_int_equal(mmbox_block_order(0, 1024), 10);
	assert_int_equal(mmbox_block_order(0, 1023), 9);
	assert_int_equal(mmbox_block_order(1, 1024), 0);
	assert_int_equal(mmbox_block_order(512, 1024), 9);
	assert_int_equal(mmbox_block_order(1024, 8192), 10);
	assert_int_equal(mmbox_block_order(4, 7), 1);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(nothing_is_free_at_first),
		CASE(whole_pages_become_free),
		CASE(small_ones_are_packed),
		CASE(nothing_is_packed_into_what_was_freed),
		CASE(the_first_hole_that_fits),
		CASE(random_operations),
		CASE(memblock_and_bitmap_hand_over_the_same),
		CASE(blocks_are_the_largest),
	};

	unit_start(argc, argv);
	return unit_run(tests);
}
