// SPDX-License-Identifier: GPL-2.0
/*
 * The format of x86-64 page tables, from the processor's manuals.
 *
 * Nothing that stands in a table is trusted: who walks tables without their
 * owner's locks may meet one that has just been given another use.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "pgentry.h"

#define BIT_PRESENT	0
#define BIT_WRITE	1
#define BIT_USER	2
#define BIT_PWT		3
#define BIT_PCD		4
#define BIT_ACCESSED	5
#define BIT_DIRTY	6
#define BIT_LARGE	7	/* in a PTE it is the PAT bit */
#define BIT_GLOBAL	8	/* Linux: PROT_NONE, if not present */
#define BIT_LARGE_PAT	12
#define BIT_NX		63

#define TABLE_SHIFT	12	/* a table is as large as a page */
#define INDEX_BITS	9

static bool has(u64 entry, unsigned int bit)
{
	return entry >> bit & 1;
}

/* Bits of an address below those that choose an entry at a level. */
static unsigned int level_shift(const struct mmbox_paging *paging,
				unsigned int level)
{
	/* Without a P4D the PGD is the fourth level. */
	if (level == MMBOX_LEVEL_PGD && !paging->five_levels)
		level--;
	return TABLE_SHIFT + (level - 1) * INDEX_BITS;
}

static unsigned int next_level(const struct mmbox_paging *paging,
			       unsigned int level)
{
	return level == MMBOX_LEVEL_PGD && !paging->five_levels ?
	       MMBOX_LEVEL_PUD : level - 1;
}

/**
 * mmbox_pgentry_canonical - whether an address can be in page tables at all
 * @paging:  the machine's way
 * @address: a virtual address
 *
 * Return: true if the bits above those that choose entries are all alike.
 */
bool mmbox_pgentry_canonical(const struct mmbox_paging *paging, u64 address)
{
	unsigned int bits = level_shift(paging, MMBOX_LEVEL_PGD) + INDEX_BITS;
	u64 upper = address >> (bits - 1);

	return !upper || upper == ~0ULL >> (bits - 1);
}

static u32 absent_flags(u64 entry)
{
	if (!entry)
		return 0;
	return has(entry, BIT_GLOBAL) ? MMBOX_ENTRY_PROTNONE :
					MMBOX_ENTRY_OTHER;
}

/* A PTE is always a leaf, PMD and PUD if they say so, those above never. */
static u32 leaf_flags(u64 entry, unsigned int level)
{
	if (level == MMBOX_LEVEL_PTE)
		return MMBOX_ENTRY_LEAF |
		       (has(entry, BIT_LARGE) ? MMBOX_ENTRY_PAT : 0);
	if (!has(entry, BIT_LARGE))
		return 0;
	if (level > MMBOX_LEVEL_PUD)
		return MMBOX_ENTRY_BAD;
	return MMBOX_ENTRY_LEAF |
	       (has(entry, BIT_LARGE_PAT) ? MMBOX_ENTRY_PAT : 0);
}

/**
 * mmbox_pgentry_flags - what the bits of an entry say
 * @entry: the entry
 * @level: MMBOX_LEVEL_* of the table it stands in
 *
 * Return: MMBOX_ENTRY_* bits. Nothing else is said of an entry that is not
 * present: its bits then mean what the kernel likes.
 */
u32 mmbox_pgentry_flags(u64 entry, unsigned int level)
{
	static const struct {
		u32 flag;
		unsigned int bit;
	} meaning[] = {
		{ MMBOX_ENTRY_WRITE, BIT_WRITE },
		{ MMBOX_ENTRY_USER, BIT_USER },
		{ MMBOX_ENTRY_PWT, BIT_PWT },
		{ MMBOX_ENTRY_PCD, BIT_PCD },
		{ MMBOX_ENTRY_ACCESSED, BIT_ACCESSED },
		{ MMBOX_ENTRY_DIRTY, BIT_DIRTY },
		{ MMBOX_ENTRY_GLOBAL, BIT_GLOBAL },
		{ MMBOX_ENTRY_NX, BIT_NX },
	};
	u32 flags = MMBOX_ENTRY_PRESENT | leaf_flags(entry, level);
	unsigned int i;

	if (!has(entry, BIT_PRESENT))
		return absent_flags(entry);
	for (i = 0; i < ARRAY_SIZE(meaning); i++)
		if (has(entry, meaning[i].bit))
			flags |= meaning[i].flag;
	/* The processor looks at these two where memory is mapped only. */
	if (!(flags & MMBOX_ENTRY_LEAF))
		flags &= ~(MMBOX_ENTRY_DIRTY | MMBOX_ENTRY_GLOBAL);
	return flags;
}

static u32 memory_type(const struct mmbox_paging *paging, u32 flags)
{
	unsigned int nr = (flags & MMBOX_ENTRY_PWT ? 1 : 0) |
			  (flags & MMBOX_ENTRY_PCD ? 2 : 0) |
			  (flags & MMBOX_ENTRY_PAT ? 4 : 0);

	return paging->pat >> (8 * nr) & 7;
}

/* Writing and user access need the leave of every level, execution too. */
static u32 restrict_access(u32 access, u32 flags)
{
	const u32 allow = MMBOX_ENTRY_WRITE | MMBOX_ENTRY_USER;

	return (access & flags & allow) |
	       ((access | flags) & MMBOX_ENTRY_NX);
}

static void found_leaf(const struct mmbox_paging *paging,
		       const struct mmbox_walk_entry *last,
		       struct mmbox_walk *walk)
{
	u64 base = last->entry & paging->frame_mask & ~(walk->size - 1);

	walk->phys = base | (walk->address & (walk->size - 1));
	walk->memtype = memory_type(paging, last->flags);
	walk->flags |= MMBOX_WALK_MAPPED;
}

/**
 * mmbox_pgentry_walk - follow an address through page tables
 * @paging:  the machine's way
 * @root:    physical address of the top table
 * @address: canonical virtual address
 * @read:    reads an entry
 * @data:    for @read
 * @walk:    filled in, but for what lies at the physical address
 *
 * The way ends at the first entry that maps memory, is not present or cannot
 * be one.
 */
void mmbox_pgentry_walk(const struct mmbox_paging *paging, u64 root,
			u64 address, mmbox_read_entry_t *read, void *data,
			struct mmbox_walk *walk)
{
	unsigned int level = MMBOX_LEVEL_PGD;
	u64 table = root;

	memset(walk, 0, sizeof(*walk));
	walk->address = address;
	walk->nr_levels = paging->five_levels ? 5 : 4;
	walk->access = MMBOX_ENTRY_WRITE | MMBOX_ENTRY_USER;
	for (;;) {
		struct mmbox_walk_entry *at = &walk->entry[walk->nr_entries++];
		unsigned int shift = level_shift(paging, level);

		walk->size = 1ULL << shift;
		at->level = level;
		at->table = table;
		at->index = address >> shift & ((1U << INDEX_BITS) - 1);
		if (!read(data, table + at->index * sizeof(u64), &at->entry)) {
			at->flags = MMBOX_ENTRY_BAD;
			break;
		}
		at->flags = mmbox_pgentry_flags(at->entry, level);
		if (!(at->flags & MMBOX_ENTRY_PRESENT) ||
		    at->flags & MMBOX_ENTRY_BAD)
			break;
		walk->access = restrict_access(walk->access, at->flags);
		if (at->flags & MMBOX_ENTRY_LEAF) {
			found_leaf(paging, at, walk);
			return;
		}
		table = at->entry & paging->frame_mask;
		level = next_level(paging, level);
	}
	walk->access = 0;
}

/**
 * mmbox_pgentry_hide - leave out all that tells a physical address
 * @paging: the machine's way
 * @walk:   what was found
 *
 * An entry that is not present may hold a place in swap, or a frame in a form
 * of its own: nothing is left of it.
 */
void mmbox_pgentry_hide(const struct mmbox_paging *paging,
			struct mmbox_walk *walk)
{
	const u64 low = (1ULL << TABLE_SHIFT) - 1;
	unsigned int i;

	for (i = 0; i < walk->nr_entries; i++) {
		struct mmbox_walk_entry *at = &walk->entry[i];

		at->table = 0;
		if (at->flags & MMBOX_ENTRY_PRESENT)
			at->entry &= ~paging->frame_mask & (low | 1ULL << BIT_NX);
		else
			at->entry = 0;
	}
	walk->phys = 0;
	walk->page_index = 0;
	walk->flags |= MMBOX_WALK_HIDDEN;
}
