// SPDX-License-Identifier: GPL-2.0
/*
 * How objects lie in slabs, and which object an address is of: each size, each
 * alignment, each byte of a slab.
 */
#include "unit.h"

#include <linux/bitmap.h>
#include <linux/mm.h>

#include <mmbox.h>

#include "slab_index.h"
#include "slab_layout.h"

#define TRACK	64U

static struct mmbox_slab_layout layout;

static void make(unsigned int size, unsigned int align, unsigned int debug)
{
	assert_int_equal(mmbox_slab_layout(&layout, size, align, debug, TRACK),
			 0);
}

/* What holds for every layout. */
static void check_layout(unsigned int size, unsigned int align)
{
	unsigned long slab = PAGE_SIZE << layout.order;
	unsigned int nr = mmbox_slab_capacity(&layout, layout.order);
	unsigned long used = (unsigned long)nr * layout.size;

	expect(layout.object_size == size && layout.size >= size,
	       "%u bytes for %u", layout.size, size);
	expect(layout.size % align == 0 && layout.red_left % align == 0,
	       "objects of %u bytes are not aligned to %u", size, align);
	expect(layout.order >= layout.min_order &&
	       PAGE_SIZE << layout.min_order >= layout.size &&
	       (!layout.min_order ||
		PAGE_SIZE << (layout.min_order - 1) < layout.size),
	       "order %u, at least %u, for %u bytes", layout.order,
	       layout.min_order, layout.size);
	expect(nr && used <= slab, "%u objects of %u bytes in order %u", nr,
	       layout.size, layout.order);
	expect((layout.nr_colours - 1) * layout.colour_step + used <= slab &&
	       layout.colour_step % align == 0,
	       "the last colour does not fit objects of %u bytes", layout.size);
}

static void objects_fit(void **state)
{
	unsigned int size, align;

	(void)state;
	for (align = 8; align <= PAGE_SIZE; align *= 2)
		for (size = 1; size <= 3 * PAGE_SIZE; size += size < 300 ? 1 : 37) {
			make(size, align, 0);
			check_layout(size, align);
			expect(layout.size < size + align && !layout.red_left &&
			       !layout.track,
			       "%u bytes take %u", size, layout.size);
		}
}

/* Checks surround the object; nothing overlaps. */
static void checks_fit(void **state)
{
	unsigned int size, align, debug;

	(void)state;
	for (debug = 0; debug <= MMBOX_SLAB_DEBUG; debug++)
		for (align = 8; align <= 64; align *= 2)
			for (size = 1; size <= 5000; size += 1 + size / 8) {
				unsigned int end;

				make(size, align, debug);
				check_layout(size, align);
				end = layout.red_left + size;
				if (debug & MMBOX_SLAB_RED_ZONE)
					expect(layout.red_left >= sizeof(long) &&
					       layout.red_right,
					       "no red zones around %u bytes",
					       size);
				end += layout.red_right;
				if (debug & MMBOX_SLAB_USER) {
					expect(layout.red_left + layout.track >= end,
					       "records at %u overlap",
					       layout.track);
					end = layout.red_left + layout.track + TRACK;
				}
				expect(end <= layout.size,
				       "%u bytes end at %u of %u", size, end,
				       layout.size);
			}
}

/* Slabs are neither too small for many objects nor larger than is of use. */
static void orders_are_small(void **state)
{
	static const struct {
		unsigned int size, order, objects;
	} want[] = {
		{ 8, 2, 2048 }, { 64, 2, 256 }, { 256, 2, 64 }, { 1024, 2, 16 },
		{ 2048, 3, 16 }, { 11000, 2, 1 }, { 4096, 3, 8 }, { 8192, 3, 4 },
		{ 16384, 3, 2 }, { 32768, 3, 1 }, { 32769, 4, 1 },
		{ 4U << 20, 10, 1 },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		make(want[i].size, 8, 0);
		expect(layout.order == want[i].order &&
		       mmbox_slab_capacity(&layout, layout.order) ==
		       want[i].objects,
		       "%u bytes: order %u, %u objects", want[i].size,
		       layout.order, mmbox_slab_capacity(&layout, layout.order));
	}
	assert_int_equal(mmbox_slab_layout(&layout, MMBOX_OBJECT_MAX + 1, 8, 0,
					   0), -E2BIG);
	make((4U << 20) + 1, 8, 0);
	expect(layout.min_order > MMBOX_MAX_ORDER, "a block larger than any");
}

/* The limit of a layout with checks is that of one without. */
static void limits_hold(void **state)
{
	(void)state;
	make(100, 8, MMBOX_SLAB_RED_ZONE);
	mmbox_slab_layout_limit(&layout, 2);
	assert_int_equal(layout.order, 2);
	check_layout(100, 8);
	make(20000, 8, MMBOX_SLAB_RED_ZONE);
	mmbox_slab_layout_limit(&layout, 2);
	assert_int_equal(layout.order, 3);
}

/* For every byte of a slab and around it: is it the first of an object? */
static void only_first_bytes_have_numbers(void **state)
{
	unsigned int size;

	(void)state;
	for (size = 1; size < 700; size += 1 + size / 16) {
		struct mmbox_slab slab = { .base = 0x7f0012340000UL };
		unsigned long nr, addr, found, at;

		make(size, 8, 0);
		slab.inverse = layout.inverse;
		slab.shift = layout.shift;
		slab.nr_objects = mmbox_slab_capacity(&layout, layout.order);
		for (at = 0; at < 3 * (PAGE_SIZE << layout.order); at++) {
			addr = slab.base - (PAGE_SIZE << layout.order) + at;
			nr = (addr - slab.base) / layout.size;
			found = mmbox_slab_nr(&slab, (void *)addr);
			if (addr >= slab.base && nr < slab.nr_objects &&
			    addr == slab.base + nr * layout.size)
				expect(found == nr, "%lu instead of %lu", found,
				       nr);
			else
				expect(found >= slab.nr_objects,
				       "%#lx is object %lu of %u bytes", addr,
				       found, layout.size);
		}
	}
}

/* Addresses from anywhere, too. */
static void foreign_addresses_have_none(void **state)
{
	struct rng rng = { .state = unit_options.seed };
	struct mmbox_slab slab = { .base = 0x7f0012340000UL };
	unsigned long i, addr, offset, nr;

	(void)state;
	print_message("# SEED=%llu OPS=%lu\n", unit_options.seed,
		      unit_options.ops);
	for (i = 0; i < unit_options.ops; i++) {
		if (i % 1000 == 0) {
			make(1 + rng_below(&rng, 9000), 8, 0);
			slab.inverse = layout.inverse;
			slab.shift = layout.shift;
			slab.nr_objects = mmbox_slab_capacity(&layout,
							      layout.order);
		}
		addr = rng_next(&rng) >> rng_below(&rng, 60);
		if (i % 2)
			addr += slab.base;
		offset = addr - slab.base;
		nr = mmbox_slab_nr(&slab, (void *)addr);
		expect((nr < slab.nr_objects) ==
		       (offset % layout.size == 0 &&
			offset / layout.size < slab.nr_objects),
		       "%#lx is number %lu", offset, nr);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_fit),
		cmocka_unit_test(checks_fit),
		cmocka_unit_test(orders_are_small),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(only_first_bytes_have_numbers),
		cmocka_unit_test(foreign_addresses_have_none),
	};

	unit_start(argc, argv);
	return unit_run(tests);
}
