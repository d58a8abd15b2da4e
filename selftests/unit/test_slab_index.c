// SPDX-License-Identifier: GPL-2.0
/*
 * The index of slabs: what is entered is found at each of its addresses and
 * nowhere else, and what is not there is a slab without objects.
 */
#include "unit.h"

#include <linux/mm.h>

#include "slab_index.h"

/* An upper half is so far away that it has the same place. */
#define SAME_PLACE	(MMBOX_SLAB_LEAVES << MMBOX_SLAB_LEAF_SHIFT)
#define SLOT		(1UL << MMBOX_SLOT_SHIFT)
#define SECTION		(1UL << MMBOX_SECTION_ORDER)

static unsigned long addr_of(unsigned long pfn)
{
	return (unsigned long)page_address(pfn_to_page(pfn));
}

static struct mmbox_slab *at(unsigned long addr)
{
	return mmbox_slab_guess((void *)addr);
}

/* The first slot that begins in a section. */
static unsigned long first_slot(unsigned long pfn)
{
	return ALIGN(addr_of(pfn), SLOT);
}

static int setup(void **state)
{
	(void)state;
	host_start(1);
	mmbox_slab_index_init();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mmbox_slab_index_exit();
	return 0;
}

static void nothing_is_no_slab(void **state)
{
	struct rng rng = { .state = unit_options.seed };
	unsigned int i;

	(void)state;
	print_message("# SEED=%llu\n", unit_options.seed);
	assert_int_equal(mmbox_slab_index_reserve(SECTION), 0);
	assert_int_equal(mmbox_no_slab.nr_objects, 0);
	for (i = 0; i < 100000; i++)
		assert_ptr_equal(at(rng_next(&rng) >> rng_below(&rng, 64)),
				 &mmbox_no_slab);
	for (i = 0; i < SECTION; i++)
		assert_ptr_equal(at(addr_of(SECTION + i)), &mmbox_no_slab);
}

/* A section need not begin where a leaf does. */
static void slab_is_found_where_it_is(void **state)
{
	struct mmbox_slab slab = { .nr_pages = 16 };
	unsigned long start, addr, pfn;

	(void)state;
	assert_int_equal(mmbox_slab_index_reserve(SECTION), 0);
	for (pfn = SECTION; pfn < 2 * SECTION - 32; pfn += 16) {
		start = first_slot(pfn);
		mmbox_slab_index_add(&slab, start);
		for (addr = start - SLOT; addr < start + 5 * SLOT; addr += 8) {
			bool within = addr >= start && addr < start + 4 * SLOT;

			assert_ptr_equal(at(addr), within ? &slab : &mmbox_no_slab);
		}
		assert_ptr_equal(at(start + SAME_PLACE), &slab);
		mmbox_slab_index_del(&slab, start);
		for (addr = start - SLOT; addr < start + 5 * SLOT; addr += PAGE_SIZE)
			assert_ptr_equal(at(addr), &mmbox_no_slab);
	}
}

/* Who comes first has the slot; the other one goes without taking it away. */
static void one_slot_has_one_slab(void **state)
{
	struct mmbox_slab first = { .nr_pages = 1 }, other = { .nr_pages = 1 };
	unsigned long addr;

	(void)state;
	assert_int_equal(mmbox_slab_index_reserve(SECTION), 0);
	addr = first_slot(SECTION);
	mmbox_slab_index_add(&first, addr);
	mmbox_slab_index_add(&other, addr + PAGE_SIZE);
	assert_ptr_equal(at(addr + PAGE_SIZE), &first);
	mmbox_slab_index_del(&other, addr + PAGE_SIZE);
	assert_ptr_equal(at(addr), &first);
	mmbox_slab_index_del(&first, addr);
	assert_ptr_equal(at(addr), &mmbox_no_slab);
}

/* Reserving twice, or where slabs are, changes nothing. */
static void reserving_keeps_what_is_there(void **state)
{
	struct mmbox_slab slab = { .nr_pages = 4 };
	unsigned long addr;

	(void)state;
	assert_int_equal(mmbox_slab_index_reserve(SECTION), 0);
	addr = first_slot(SECTION);
	mmbox_slab_index_add(&slab, addr);
	assert_int_equal(mmbox_slab_index_reserve(SECTION), 0);
	assert_int_equal(mmbox_slab_index_reserve(2 * SECTION), 0);
	assert_ptr_equal(at(addr), &slab);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_no_slab, setup, teardown),
		cmocka_unit_test_setup_teardown(slab_is_found_where_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(one_slot_has_one_slab, setup, teardown),
		cmocka_unit_test_setup_teardown(reserving_keeps_what_is_there, setup, teardown),
	};

	unit_start(argc, argv);
	return unit_run(tests);
}
