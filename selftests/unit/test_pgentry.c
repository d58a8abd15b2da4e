// SPDX-License-Identifier: GPL-2.0
/*
 * Page-table entries, decoded: every bit, the three sizes of leaves, four and
 * five levels, and tables that hold nonsense. The tables stand in an array that
 * plays physical memory; what is expected is worked out from the processor's
 * manual.
 */
#include "unit.h"

#include <string.h>

#include "pgentry.h"

#define NR_TABLES	8
#define BASE		0x40000000ULL	/* of the tables */
#define FRAME_MASK	0x000ffffffffff000ULL
#define LINUX_PAT	0x0407050600070106ULL

#define P		0x001ULL	/* bits of an entry, as in the manual */
#define RW		0x002ULL
#define US		0x004ULL
#define PWT		0x008ULL
#define PCD		0x010ULL
#define A		0x020ULL
#define D		0x040ULL
#define PS		0x080ULL
#define G		0x100ULL
#define XD		(1ULL << 63)

static u64 tables[NR_TABLES][512];
static unsigned int nr_reads;

static const struct mmbox_paging four = {
	.frame_mask = FRAME_MASK, .pat = LINUX_PAT,
};

static const struct mmbox_paging five = {
	.frame_mask = FRAME_MASK, .pat = LINUX_PAT, .five_levels = true,
};

static u64 table(unsigned int nr)
{
	return BASE + nr * 4096;
}

static bool read_table(void *data, u64 phys, u64 *entry)
{
	assert_ptr_equal(data, tables);
	assert_int_equal(phys % sizeof(*entry), 0);
	nr_reads++;
	if (phys < BASE || phys >= table(NR_TABLES))
		return false;
	*entry = tables[(phys - BASE) / 4096][phys % 4096 / sizeof(*entry)];
	return true;
}

static int setup(void **state)
{
	(void)state;
	memset(tables, 0, sizeof(tables));
	nr_reads = 0;
	return 0;
}

static struct mmbox_walk walk_to(const struct mmbox_paging *paging, u64 address)
{
	struct mmbox_walk walk;

	memset(&walk, 0x5a, sizeof(walk));
	mmbox_pgentry_walk(paging, table(0), address, read_table, tables, &walk);
	assert_int_equal(walk.address, address);
	return walk;
}

/* Index 1, 2, 3, 4 and, with five levels, 5 before them. */
#define ADDRESS4	(1ULL << 39 | 2ULL << 30 | 3ULL << 21 | 4ULL << 12 | 0x123)
#define ADDRESS5	(5ULL << 48 | ADDRESS4)

static void check_entry(const struct mmbox_walk *walk, unsigned int nr,
			unsigned int level, unsigned int index, u64 entry)
{
	assert_int_equal(walk->entry[nr].level, level);
	assert_int_equal(walk->entry[nr].index, index);
	assert_int_equal(walk->entry[nr].entry, entry);
}

static void four_levels_to_a_page(void **state)
{
	struct mmbox_walk walk;

	(void)state;
	tables[0][1] = table(1) | P | RW | US;
	tables[1][2] = table(2) | P | RW | US;
	tables[2][3] = table(3) | P | RW | US;
	tables[3][4] = 0x123456789000 | P | RW | US | XD;
	walk = walk_to(&four, ADDRESS4);
	assert_int_equal(walk.nr_levels, 4);
	assert_int_equal(walk.nr_entries, 4);
	assert_int_equal(nr_reads, 4);
	check_entry(&walk, 0, MMBOX_LEVEL_PGD, 1, tables[0][1]);
	check_entry(&walk, 1, MMBOX_LEVEL_PUD, 2, tables[1][2]);
	check_entry(&walk, 2, MMBOX_LEVEL_PMD, 3, tables[2][3]);
	check_entry(&walk, 3, MMBOX_LEVEL_PTE, 4, tables[3][4]);
	assert_int_equal(walk.entry[0].table, table(0));
	assert_int_equal(walk.entry[3].table, table(3));
	assert_int_equal(walk.flags, MMBOX_WALK_MAPPED);
	assert_int_equal(walk.phys, 0x123456789123);
	assert_int_equal(walk.size, 4096);
}

static void five_levels_to_a_page(void **state)
{
	struct mmbox_walk walk;

	(void)state;
	tables[0][5] = table(1) | P;
	tables[1][1] = table(2) | P;
	tables[2][2] = table(3) | P;
	tables[3][3] = table(4) | P;
	tables[4][4] = 0x7000 | P;
	walk = walk_to(&five, ADDRESS5);
	assert_int_equal(walk.nr_levels, 5);
	assert_int_equal(walk.nr_entries, 5);
	check_entry(&walk, 0, MMBOX_LEVEL_PGD, 5, tables[0][5]);
	check_entry(&walk, 1, MMBOX_LEVEL_P4D, 1, tables[1][1]);
	check_entry(&walk, 4, MMBOX_LEVEL_PTE, 4, tables[4][4]);
	assert_int_equal(walk.phys, 0x7123);
}

static void a_2M_leaf(void **state)
{
	struct mmbox_walk walk;

	(void)state;
	tables[0][1] = table(1) | P;
	tables[1][2] = table(2) | P;
	/* The lowest bit of its frame is the PAT bit: WP with this table. */
	tables[2][3] = 0x80000000 | P | PS | PWT | 0x1000;
	walk = walk_to(&four, ADDRESS4);
	assert_int_equal(walk.nr_entries, 3);
	assert_int_equal(walk.size, 2 << 20);
	assert_int_equal(walk.phys, 0x80000000 + (4 << 12) + 0x123);
	assert_true(walk.entry[2].flags & MMBOX_ENTRY_LEAF);
	assert_true(walk.entry[2].flags & MMBOX_ENTRY_PAT);
	assert_int_equal(walk.memtype, MMBOX_MEMTYPE_WP);
}

static void a_1G_leaf(void **state)
{
	struct mmbox_walk walk;

	(void)state;
	tables[0][1] = table(1) | P;
	tables[1][2] = 0x1c0000000 | P | PS;
	walk = walk_to(&four, ADDRESS4);
	assert_int_equal(walk.nr_entries, 2);
	assert_int_equal(walk.size, 1 << 30);
	assert_int_equal(walk.phys, 0x1c0000000 + (3 << 21) + (4 << 12) + 0x123);
	assert_int_equal(walk.memtype, MMBOX_MEMTYPE_WB);
}

static void memory_types(void **state)
{
	static const struct {
		u64 bits;
		u32 type;
	} types[] = {
		{ 0, MMBOX_MEMTYPE_WB }, { PWT, MMBOX_MEMTYPE_WC },
		{ PCD, MMBOX_MEMTYPE_UC_MINUS }, { PCD | PWT, MMBOX_MEMTYPE_UC },
		{ PS, MMBOX_MEMTYPE_WB }, { PS | PWT, MMBOX_MEMTYPE_WP },
		{ PS | PCD, MMBOX_MEMTYPE_UC_MINUS },
		{ PS | PCD | PWT, MMBOX_MEMTYPE_WT },
	};
	unsigned int i;

	(void)state;
	tables[0][1] = table(1) | P;
	tables[1][2] = table(2) | P;
	tables[2][3] = table(3) | P;
	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		tables[3][4] = 0x5000 | P | types[i].bits;
		assert_int_equal(walk_to(&four, ADDRESS4).memtype, types[i].type);
	}
}

static void every_flag(void **state)
{
	static const struct {
		u64 bit;
		u32 flag;
	} flags[] = {
		{ RW, MMBOX_ENTRY_WRITE }, { US, MMBOX_ENTRY_USER },
		{ PWT, MMBOX_ENTRY_PWT }, { PCD, MMBOX_ENTRY_PCD },
		{ A, MMBOX_ENTRY_ACCESSED }, { D, MMBOX_ENTRY_DIRTY },
		{ G, MMBOX_ENTRY_GLOBAL }, { PS, MMBOX_ENTRY_PAT },
		{ XD, MMBOX_ENTRY_NX },
	};
	const u32 leaf = MMBOX_ENTRY_PRESENT | MMBOX_ENTRY_LEAF;
	unsigned int i;

	(void)state;
	assert_int_equal(mmbox_pgentry_flags(P, MMBOX_LEVEL_PTE), leaf);
	for (i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		assert_int_equal(mmbox_pgentry_flags(P | flags[i].bit,
						     MMBOX_LEVEL_PTE),
				 leaf | flags[i].flag);
	/* Bits 9 to 11 and 52 to 62 and the frame mean nothing here. */
	assert_int_equal(mmbox_pgentry_flags(P | 0x7ffffffffffffe00, MMBOX_LEVEL_PTE),
			 leaf);
	/* In what leads to a table the processor looks at neither of these. */
	assert_int_equal(mmbox_pgentry_flags(P | D | G, MMBOX_LEVEL_PMD),
			 MMBOX_ENTRY_PRESENT);
	assert_int_equal(mmbox_pgentry_flags(P | 0x1000, MMBOX_LEVEL_PMD),
			 MMBOX_ENTRY_PRESENT);
	assert_int_equal(mmbox_pgentry_flags(P | PS | D | G, MMBOX_LEVEL_PUD),
			 leaf | MMBOX_ENTRY_DIRTY | MMBOX_ENTRY_GLOBAL);
}

static void access_is_what_all_levels_allow(void **state)
{
	unsigned int nr;

	(void)state;
	tables[0][1] = table(1) | P | RW | US;
	tables[1][2] = table(2) | P | RW | US;
	tables[2][3] = table(3) | P | RW | US;
	tables[3][4] = 0x5000 | P | RW | US;
	assert_int_equal(walk_to(&four, ADDRESS4).access,
			 MMBOX_ENTRY_WRITE | MMBOX_ENTRY_USER);
	for (nr = 0; nr < 4; nr++) {
		tables[nr][nr + 1] ^= RW;
		assert_int_equal(walk_to(&four, ADDRESS4).access, MMBOX_ENTRY_USER);
		tables[nr][nr + 1] ^= RW | US;
		assert_int_equal(walk_to(&four, ADDRESS4).access, MMBOX_ENTRY_WRITE);
		tables[nr][nr + 1] ^= US | XD;
		assert_int_equal(walk_to(&four, ADDRESS4).access, MMBOX_ENTRY_WRITE |
				 MMBOX_ENTRY_USER | MMBOX_ENTRY_NX);
		tables[nr][nr + 1] ^= XD;
	}
}

static void the_way_ends_where_nothing_is(void **state)
{
	static const u64 size[] = { 1ULL << 39, 1 << 30, 2 << 20, 4096 };
	struct mmbox_walk walk;
	unsigned int nr;

	(void)state;
	for (nr = 0; nr < 4; nr++) {
		walk = walk_to(&four, ADDRESS4);
		assert_int_equal(walk.nr_entries, nr + 1);
		assert_int_equal(walk.flags, 0);
		assert_int_equal(walk.access, 0);
		assert_int_equal(walk.phys, 0);
		assert_int_equal(walk.entry[nr].flags, 0);
		assert_int_equal(walk.size, size[nr]);
		tables[nr][nr + 1] = table(nr + 1) | P | RW;
	}
}

static void what_is_not_present_says_little(void **state)
{
	(void)state;
	assert_int_equal(mmbox_pgentry_flags(0, MMBOX_LEVEL_PTE), 0);
	assert_int_equal(mmbox_pgentry_flags(0x5000 | G | RW, MMBOX_LEVEL_PTE),
			 MMBOX_ENTRY_PROTNONE);
	assert_int_equal(mmbox_pgentry_flags(0x5000 | PS | RW | XD, MMBOX_LEVEL_PMD),
			 MMBOX_ENTRY_OTHER);
}

static void nonsense_ends_the_way(void **state)
{
	struct mmbox_walk walk;
	unsigned int nr;

	(void)state;
	/* A table where there is no memory. */
	tables[0][1] = 0xdead000 | P | RW;
	walk = walk_to(&four, ADDRESS4);
	assert_int_equal(walk.nr_entries, 2);
	assert_int_equal(walk.entry[1].flags, MMBOX_ENTRY_BAD);
	assert_int_equal(walk.entry[1].entry, 0);
	assert_int_equal(walk.flags, 0);
	assert_int_equal(walk.access, 0);
	/* There are no leaves of 512 GB. */
	tables[0][1] = table(1) | P | PS;
	walk = walk_to(&four, ADDRESS4);
	assert_int_equal(walk.nr_entries, 1);
	assert_int_equal(walk.entry[0].flags, MMBOX_ENTRY_PRESENT | MMBOX_ENTRY_BAD);
	/* Tables in a circle: each level is passed once. */
	memset(tables, 0, sizeof(tables));
	for (nr = 1; nr <= 4; nr++)
		tables[0][nr] = table(0) | P;
	nr_reads = 0;
	walk = walk_to(&four, ADDRESS4);
	assert_int_equal(nr_reads, 4);
	assert_int_equal(walk.phys, table(0) + 0x123);
}

/* All bits of all entries, at random: never beyond what there is. */
static void any_tables_at_all(void **state)
{
	struct rng rng = { unit_options.seed };
	unsigned long i;

	(void)state;
	for (i = 0; i < unit_options.ops / 100; i++) {
		const struct mmbox_paging *paging = i & 1 ? &five : &four;
		u64 address = rng_next(&rng);
		struct mmbox_walk walk;
		unsigned int nr, at;

		for (nr = 0; nr < NR_TABLES; nr++)
			for (at = 0; at < 512; at += 1 + rng_below(&rng, 64))
				tables[nr][at] = rng_next(&rng) % 4 ?
					table(rng_below(&rng, NR_TABLES)) | P :
					rng_next(&rng);
		walk = walk_to(paging, address);
		assert_in_range(walk.nr_entries, 1, walk.nr_levels);
		if (walk.flags & MMBOX_WALK_MAPPED) {
			assert_int_equal(walk.phys & ~FRAME_MASK & ~0xfffULL, 0);
			assert_int_equal(walk.phys % 4096, address % 4096);
			assert_int_equal(walk.phys % walk.size, address % walk.size);
		}
	}
}

static void hidden_is_hidden(void **state)
{
	struct mmbox_walk walk;
	unsigned int i;

	(void)state;
	tables[0][1] = table(1) | P | RW | US;
	tables[1][2] = table(2) | P | RW | US;
	tables[2][3] = 0x1a0001000 | P | RW | PS | D | G | XD | 0x7ff0000000000e00;
	walk = walk_to(&four, ADDRESS4);
	walk.page_index = 3;
	mmbox_pgentry_hide(&four, &walk);
	assert_int_equal(walk.flags, MMBOX_WALK_MAPPED | MMBOX_WALK_HIDDEN);
	assert_int_equal(walk.phys, 0);
	assert_int_equal(walk.page_index, 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(walk.entry[i].table, 0);
	assert_int_equal(walk.entry[0].entry, P | RW | US);
	assert_int_equal(walk.entry[2].entry, P | RW | PS | D | G | XD | 0xe00);
	/* A place in swap is not for everybody either. */
	tables[2][3] = 0x123456789abcde00;
	walk = walk_to(&four, ADDRESS4);
	mmbox_pgentry_hide(&four, &walk);
	assert_int_equal(walk.entry[2].entry, 0);
	assert_int_equal(walk.entry[2].flags, MMBOX_ENTRY_OTHER);
}

static void canonical_addresses(void **state)
{
	static const struct {
		u64 address;
		bool in_four;
		bool in_five;
	} cases[] = {
		{ 0, true, true },
		{ 0x00007fffffffffff, true, true },
		{ 0x0000800000000000, false, true },
		{ 0x00ffffffffffffff, false, true },
		{ 0x0100000000000000, false, false },
		{ 0x8000000000000000, false, false },
		{ 0xfeffffffffffffff, false, false },
		{ 0xff00000000000000, false, true },
		{ 0xffff7fffffffffff, false, true },
		{ 0xffff800000000000, true, true },
		{ 0xffffffffffffffff, true, true },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(mmbox_pgentry_canonical(&four, cases[i].address),
				 cases[i].in_four);
		assert_int_equal(mmbox_pgentry_canonical(&five, cases[i].address),
				 cases[i].in_five);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(four_levels_to_a_page, setup),
		cmocka_unit_test_setup(five_levels_to_a_page, setup),
		cmocka_unit_test_setup(a_2M_leaf, setup),
		cmocka_unit_test_setup(a_1G_leaf, setup),
		cmocka_unit_test_setup(memory_types, setup),
		cmocka_unit_test_setup(every_flag, setup),
		cmocka_unit_test_setup(access_is_what_all_levels_allow, setup),
		cmocka_unit_test_setup(the_way_ends_where_nothing_is, setup),
		cmocka_unit_test_setup(what_is_not_present_says_little, setup),
		cmocka_unit_test_setup(nonsense_ends_the_way, setup),
		cmocka_unit_test_setup(any_tables_at_all, setup),
		cmocka_unit_test_setup(hidden_is_hidden, setup),
		cmocka_unit_test(canonical_addresses),
	};

	unit_start(argc, argv);
	return unit_run(tests);
}
