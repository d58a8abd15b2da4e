// SPDX-License-Identifier: GPL-2.0
/*
 * memblock: cases written out, and random operations compared with a model
 * that keeps a note for each byte.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/errno.h>

#include "bytes.h"

static unsigned long nr_steps[MMBOX_NR_STEPS];
static struct mmbox_boot_step last_step;
static bool no_memory;
static int nr_arrays;

static void *array_alloc(size_t size)
{
	if (no_memory)
		return NULL;
	nr_arrays++;
	return malloc(size);
}

static void array_free(void *memory)
{
	nr_arrays--;
	free(memory);
}

static void event(void *arg, const struct mmbox_boot_step *step)
{
	assert_ptr_equal(arg, &last_step);
	last_step = *step;
	nr_steps[step->kind] += step->kind == MMBOX_STEP_MERGE ? step->count : 1;
}

static const struct mmbox_memblock_ops ops = {
	.alloc = array_alloc,
	.free = array_free,
	.event = event,
};

static struct mmbox_memblock mb;

static int setup(void **state)
{
	(void)state;
	memset(nr_steps, 0, sizeof(nr_steps));
	no_memory = false;
	/* Init must not rely on what was there. */
	memset(&mb, 0xa5, sizeof(mb));
	mmbox_memblock_init(&mb, &ops, &last_step);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mmbox_memblock_exit(&mb);
	expect(!nr_arrays, "%d arrays were not given back", nr_arrays);
	return 0;
}

static void add(u64 base, u64 size)
{
	assert_int_equal(mmbox_memblock_add(&mb, base, size, 0, 0), 0);
}

static void reserve(u64 base, u64 size)
{
	assert_int_equal(mmbox_memblock_reserve(&mb, base, size), 0);
}

/* The regions as text: "base-end base-end". */
static const char *text_of(const struct mmbox_regions *regions)
{
	static char text[1024];
	char *to = text;
	unsigned int i;

	*to = '\0';
	for (i = 0; i < regions->nr; i++)
		to += sprintf(to, "%s%llu-%llu", i ? " " : "",
			      regions->region[i].base,
			      regions->region[i].base + regions->region[i].size);
	return text;
}

#define memory_is(text)	assert_string_equal(text_of(&mb.memory), text)
#define reserved_is(text)	assert_string_equal(text_of(&mb.reserved), text)

static const struct mmbox_window all = {
	.end = ~0ULL,
	.nid = MMBOX_NO_NODE,
};

static void neighbours_merge(void **state)
{
	(void)state;
	add(100, 50);
	add(200, 50);
	memory_is("100-150 200-250");
	assert_int_equal(nr_steps[MMBOX_STEP_MERGE], 0);
	add(150, 50);
	memory_is("100-250");
	assert_int_equal(nr_steps[MMBOX_STEP_MERGE], 2);
	assert_int_equal(last_step.base, 100);
	assert_int_equal(last_step.size, 150);
	add(90, 10);
	memory_is("90-250");
	add(250, 1);
	memory_is("90-251");
}

static void other_nodes_and_flags_stay_apart(void **state)
{
	(void)state;
	add(0, 100);
	assert_int_equal(mmbox_memblock_add(&mb, 100, 100, 1, 0), 0);
	assert_int_equal(mmbox_memblock_add(&mb, 200, 100, 1,
					    MMBOX_REGION_NOMAP), 0);
	memory_is("0-100 100-200 200-300");
	assert_int_equal(nr_steps[MMBOX_STEP_MERGE], 0);
}

static void overlapping_reserve(void **state)
{
	(void)state;
	reserve(100, 100);
	reserve(150, 100);
	reserved_is("100-250");
	reserve(120, 20);
	reserved_is("100-250");
	reserve(300, 100);
	reserve(500, 100);
	reserve(50, 1000);
	reserved_is("50-1050");
	reserve(0, 0);
	reserved_is("50-1050");
}

/* What is there already keeps its node; what is new around it is split. */
static void overlapping_add_keeps_what_is_there(void **state)
{
	(void)state;
	assert_int_equal(mmbox_memblock_add(&mb, 100, 100, 1, 0), 0);
	add(50, 200);
	memory_is("50-100 100-200 200-250");
	assert_int_equal(mb.memory.region[0].nid, 0);
	assert_int_equal(mb.memory.region[1].nid, 1);
	assert_int_equal(mb.memory.region[2].nid, 0);
}

static void free_and_remove_split(void **state)
{
	(void)state;
	add(0, 1000);
	reserve(100, 300);
	assert_int_equal(mmbox_memblock_free(&mb, 200, 100), 0);
	reserved_is("100-200 300-400");
	assert_int_equal(nr_steps[MMBOX_STEP_SPLIT], 2);
	assert_int_equal(mmbox_memblock_free(&mb, 150, 200), 0);
	reserved_is("100-150 350-400");
	assert_int_equal(mmbox_memblock_free(&mb, 0, 100), 0);
	assert_int_equal(mmbox_memblock_free(&mb, 120, 0), 0);
	reserved_is("100-150 350-400");
	assert_int_equal(mmbox_memblock_remove(&mb, 500, 10000), 0);
	memory_is("0-500");
	assert_int_equal(mmbox_memblock_remove(&mb, 0, ~0ULL), 0);
	memory_is("");
}

static void the_end_does_not_go_round(void **state)
{
	(void)state;
	add(~0ULL - 10, 100);
	assert_int_equal(mb.memory.nr, 1);
	assert_int_equal(mb.memory.region[0].size, 10);
}

static void arrays_grow(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < MMBOX_REGIONS_FIRST; i++)
		add(i * 10, 5);
	assert_int_equal(nr_steps[MMBOX_STEP_GROW], 0);
	no_memory = true;
	assert_int_equal(mmbox_memblock_add(&mb, 1000, 5, 0, 0), -ENOMEM);
	assert_int_equal(mmbox_memblock_remove(&mb, 1, 1), -ENOMEM);
	assert_int_equal(mb.memory.nr, MMBOX_REGIONS_FIRST);
	/* What needs no room is done all the same. */
	add(11, 3);
	assert_int_equal(mmbox_memblock_remove(&mb, 15, 5), 0);
	assert_int_equal(mb.memory.nr, MMBOX_REGIONS_FIRST);
	no_memory = false;
	for (i = MMBOX_REGIONS_FIRST; i < 100; i++)
		add(i * 10, 5);
	assert_int_equal(mb.memory.nr, 100);
	assert_int_equal(mb.memory.max, 128);
	assert_int_equal(nr_steps[MMBOX_STEP_GROW], 3);
	for (i = 0; i < 100; i++)
		assert_int_equal(mb.memory.region[i].base, i * 10);
}

static void allocations_go_down(void **state)
{
	struct mmbox_window window = { .start = 100, .end = 900, .nid = 0 };

	(void)state;
	add(0, 1000);
	assert_int_equal(mmbox_memblock_alloc(&mb, &all, 10, 1), 990);
	assert_int_equal(mmbox_memblock_alloc(&mb, &all, 10, 64), 960);
	/* Between the two there is room, and it is higher. */
	assert_int_equal(mmbox_memblock_alloc(&mb, &all, 15, 1), 975);
	reserved_is("960-970 975-1000");
	assert_int_equal(mmbox_memblock_alloc(&mb, &window, 10, 1), 890);
	assert_true(mmbox_memblock_alloc(&mb, &window, 800, 1) == MMBOX_NO_ADDR);
	assert_int_equal(mmbox_memblock_alloc(&mb, &window, 790, 1), 100);
	assert_true(mmbox_memblock_alloc(&mb, &window, 1, 1) == MMBOX_NO_ADDR);
	window.nid = 1;
	window.end = 1000;
	assert_true(mmbox_memblock_alloc(&mb, &window, 1, 1) == MMBOX_NO_ADDR);
}

static void no_allocation_without_an_address(void **state)
{
	struct mmbox_window window = all;

	(void)state;
	add(0, 100);
	assert_int_equal(mmbox_memblock_add(&mb, 100, 100, 0,
					    MMBOX_REGION_NOMAP), 0);
	window.without = MMBOX_REGION_NOMAP;
	assert_int_equal(mmbox_memblock_alloc(&mb, &window, 10, 1), 90);
	assert_int_equal(mmbox_memblock_alloc(&mb, &all, 10, 1), 190);
}

static void alignment_needs_room_of_its_own(void **state)
{
	(void)state;
	add(65, 62);
	assert_true(mmbox_memblock_alloc(&mb, &all, 32, 64) == MMBOX_NO_ADDR);
	assert_int_equal(mmbox_memblock_alloc(&mb, &all, 31, 32), 96);
	reserved_is("96-127");
}

/*
 * Random operations
 */

#define NR	512U

static struct bytes bytes;

/* Are the regions the runs of bytes that are alike, in order? */
static void check_array(const struct mmbox_regions *regions, bool memory)
{
	const bool *there = memory ? bytes.memory : bytes.reserved;
	unsigned int i, n = 0;

	for (i = 0; i < NR; i++) {
		const struct mmbox_region *region = &regions->region[n];
		unsigned int start = i;

		if (!there[i])
			continue;
		while (i + 1 < NR && (memory ? bytes_alike(&bytes, i) :
				      bytes.reserved[i + 1]))
			i++;
		expect(n < regions->nr && region->base == start &&
		       region->size == i + 1 - start,
		       "no region is %u-%u: %s", start, i + 1,
		       text_of(regions));
		expect(!memory || (region->nid == bytes.nid[start] &&
				   region->flags == bytes.flags[start]),
		       "node or flags of %u", start);
		n++;
	}
	expect(n == regions->nr, "too many regions: %s", text_of(regions));
}

static struct mmbox_window random_window(struct rng *rng)
{
	struct mmbox_window window = {
		.start = rng_below(rng, NR),
		.nid = (int)rng_below(rng, 3) - 1,
		.without = rng_below(rng, 2) ? MMBOX_REGION_NOMAP : 0,
	};

	window.end = window.start + 1 + rng_below(rng, NR);
	return window;
}

/* Both directions must find all free bytes of a window, and no others. */
static void check_free(struct rng *rng)
{
	const struct mmbox_window window = random_window(rng);
	bool seen[2][NR] = { 0 };
	struct mmbox_range range;
	u64 at = 0, i;

	while (mmbox_memblock_next_free(&mb, &window, at, &range)) {
		expect(range.start >= at && range.start < range.end &&
		       range.end <= NR, "next: %llu-%llu", range.start,
		       range.end);
		for (i = range.start; i < range.end; i++)
			seen[0][i] = true;
		at = range.end;
	}
	at = ~0ULL;
	while (mmbox_memblock_prev_free(&mb, &window, at, &range)) {
		expect(range.end <= at && range.start < range.end &&
		       range.end <= NR, "prev: %llu-%llu", range.start,
		       range.end);
		for (i = range.start; i < range.end; i++)
			seen[1][i] = true;
		at = range.start;
	}
	for (i = 0; i < NR; i++) {
		bool want = bytes_free(&bytes, i, &window);

		expect(seen[0][i] == want, "next: byte %llu", i);
		expect(seen[1][i] == want, "prev: byte %llu", i);
	}
}

/* The highest place that the model has, or NR. */
static unsigned int expected_place(const struct mmbox_window *window,
				   unsigned int size, unsigned int align)
{
	unsigned int base, i;

	for (base = NR; base--; ) {
		if (base % align)
			continue;
		for (i = 0; i < size; i++)
			if (base + i >= NR || !bytes_free(&bytes, base + i, window) ||
			    (i && !bytes_alike(&bytes, base + i - 1)))
				break;
		if (i == size)
			return base;
	}
	return NR;
}

static void step_alloc(struct rng *rng)
{
	const struct mmbox_window window = random_window(rng);
	unsigned int size = 1 + rng_below(rng, 20);
	unsigned int align = 1U << rng_below(rng, 6), i;
	unsigned int want = expected_place(&window, size, align);
	u64 got = mmbox_memblock_alloc(&mb, &window, size, align);

	expect(got == (want == NR ? MMBOX_NO_ADDR : want),
	       "allocation of %u aligned to %u: %llu, not %u", size, align, got,
	       want);
	for (i = 0; want != NR && i < size; i++)
		bytes.reserved[want + i] = true;
}

static void step_memory(struct rng *rng, unsigned int base, unsigned int end,
			bool there)
{
	int nid = rng_below(rng, 2);
	unsigned int flags = rng_below(rng, 4) ? 0 : MMBOX_REGION_NOMAP;

	if (there)
		assert_int_equal(mmbox_memblock_add(&mb, base, end - base, nid,
						    flags), 0);
	else
		assert_int_equal(mmbox_memblock_remove(&mb, base, end - base),
				 0);
	for (; base < end; base++) {
		if (there && !bytes.memory[base]) {
			bytes.nid[base] = nid;
			bytes.flags[base] = flags;
		}
		bytes.memory[base] = there;
	}
}

static void step(struct rng *rng)
{
	unsigned int base = rng_below(rng, NR), what = rng_below(rng, 10);
	unsigned int end = base + rng_below(rng, 40);

	end = end > NR ? NR : end;
	if (what < 3) {
		step_memory(rng, base, end, true);
	} else if (what < 4) {
		step_memory(rng, base, end, false);
	} else if (what < 6) {
		step_alloc(rng);
	} else if (what < 7) {
		assert_int_equal(mmbox_memblock_reserve(&mb, base, end - base),
				 0);
		for (; base < end; base++)
			bytes.reserved[base] = true;
	} else {
		assert_int_equal(mmbox_memblock_free(&mb, base, end - base), 0);
		for (; base < end; base++)
			bytes.reserved[base] = false;
	}
}

static void random_operations(void **state)
{
	struct rng rng = { .state = unit_options.seed };
	unsigned long op, nr = unit_options.ops / 20;

	(void)state;
	print_message("# SEED=%llu OPS=%lu\n", unit_options.seed,
		      unit_options.ops);
	memset(&bytes, 0, sizeof(bytes));
	for (op = 0; op < nr; op++) {
		step(&rng);
		check_array(&mb.memory, true);
		check_array(&mb.reserved, false);
		check_free(&rng);
	}
	print_message("# %lu merges, %lu splits\n", nr_steps[MMBOX_STEP_MERGE],
		      nr_steps[MMBOX_STEP_SPLIT]);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(neighbours_merge),
		CASE(other_nodes_and_flags_stay_apart),
		CASE(overlapping_reserve),
		CASE(overlapping_add_keeps_what_is_there),
		CASE(free_and_remove_split),
		CASE(the_end_does_not_go_round),
		CASE(arrays_grow),
		CASE(allocations_go_down),
		CASE(no_allocation_without_an_address),
		CASE(alignment_needs_room_of_its_own),
		CASE(random_operations),
	};

	unit_start(argc, argv);
	return unit_run(tests);
}
