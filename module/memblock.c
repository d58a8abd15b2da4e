// SPDX-License-Identifier: GPL-2.0
/*
 * memblock: which memory there is, and which of it is in use, while there is no
 * buddy yet. Two arrays of regions, as in the kernel's allocator of that name:
 * "memory" and "reserved". Free is what the first has and the second has not.
 *
 * The regions of an array are sorted and do not overlap; neighbours that touch
 * and are alike become one. What is added or reserved may overlap with what is
 * there: then only what is new is entered. Ranges are in bytes, so that what is
 * allocated is packed; whole pages count only when the free memory is handed
 * over.
 *
 * Allocations go from the top down: the low memory that some need most is
 * used up last, and what lies beside each other is given out in large pieces.
 *
 * An array that is full is copied into one of twice the length, from memory
 * that the user provides. Looking up an address is a binary search.
 *
 * The caller keeps others out. No kernel services: this file builds in user
 * space too, see selftests/unit.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "memblock.h"

static u64 end_of(const struct mmbox_region *region)
{
	return region->base + region->size;
}

/* The end of a range, which does not go round. */
static u64 range_end(u64 base, u64 size)
{
	return base + min(size, ~0ULL - base);
}

static void tell(struct mmbox_memblock *mb, enum mmbox_boot_step_kind kind,
		 const struct mmbox_regions *regions, u64 base, u64 size,
		 int nid, unsigned long count)
{
	const struct mmbox_boot_step step = {
		.kind = kind,
		.reserved = regions == &mb->reserved,
		.nid = nid,
		.zone = -1,
		.base = base,
		.size = size,
		.count = count,
	};

	mb->ops->event(mb->arg, &step);
}

static void regions_init(struct mmbox_regions *regions)
{
	regions->nr = 0;
	regions->max = MMBOX_REGIONS_FIRST;
	regions->region = regions->first;
}

/**
 * mmbox_memblock_init - make a memblock that knows of no memory
 * @mb:	 memory for it; it must not move
 * @ops: what it needs
 * @arg: passed to these
 */
void mmbox_memblock_init(struct mmbox_memblock *mb,
			 const struct mmbox_memblock_ops *ops, void *arg)
{
	regions_init(&mb->memory);
	regions_init(&mb->reserved);
	mb->ops = ops;
	mb->arg = arg;
}

static void regions_exit(struct mmbox_memblock *mb,
			 struct mmbox_regions *regions)
{
	if (regions->region != regions->first)
		mb->ops->free(regions->region);
	regions_init(regions);
}

/**
 * mmbox_memblock_exit - forget all memory, and give the arrays back
 * @mb: the memblock
 */
void mmbox_memblock_exit(struct mmbox_memblock *mb)
{
	regions_exit(mb, &mb->memory);
	regions_exit(mb, &mb->reserved);
}

/* Index of the first region that ends behind @addr. */
static unsigned int region_at(const struct mmbox_regions *regions, u64 addr)
{
	unsigned int low = 0, high = regions->nr;

	while (low < high) {
		unsigned int mid = low + (high - low) / 2;

		if (end_of(&regions->region[mid]) > addr)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static int make_room(struct mmbox_memblock *mb, struct mmbox_regions *regions,
		     unsigned int nr)
{
	unsigned int max = regions->max;
	struct mmbox_region *longer;

	if (regions->nr + nr <= max)
		return 0;
	while (max < regions->nr + nr)
		max *= 2;
	longer = mb->ops->alloc(max * sizeof(*longer));
	if (!longer)
		return -ENOMEM;
	memcpy(longer, regions->region, regions->nr * sizeof(*longer));
	if (regions->region != regions->first)
		mb->ops->free(regions->region);
	regions->region = longer;
	regions->max = max;
	tell(mb, MMBOX_STEP_GROW, regions, 0, 0, MMBOX_NO_NODE, max);
	return 0;
}

/* There is room. */
static void insert_region(struct mmbox_regions *regions, unsigned int at,
			  const struct mmbox_region *new)
{
	struct mmbox_region *region = &regions->region[at];

	memmove(region + 1, region, (regions->nr - at) * sizeof(*region));
	*region = *new;
	regions->nr++;
}

static void delete_regions(struct mmbox_regions *regions, unsigned int at,
			   unsigned int nr)
{
	struct mmbox_region *region = &regions->region[at];

	memmove(region, region + nr,
		(regions->nr - at - nr) * sizeof(*region));
	regions->nr -= nr;
}

/*
 * Enters, with @insert, what of a range no region has yet. Returns the number
 * of pieces.
 */
static unsigned int fill_gaps(struct mmbox_regions *regions,
			      const struct mmbox_region *range, bool insert)
{
	struct mmbox_region piece = *range;
	u64 base = range->base, end = end_of(range);
	unsigned int i, nr = 0;

	for (i = region_at(regions, base); base < end; i++) {
		u64 next = end;

		if (i < regions->nr)
			next = min(end, regions->region[i].base);
		if (base < next) {
			nr++;
			piece.base = base;
			piece.size = next - base;
			if (insert)
				insert_region(regions, i++, &piece);
		}
		if (next == end)
			break;
		base = end_of(&regions->region[i]);
	}
	return nr;
}

static bool are_one(const struct mmbox_region *region)
{
	return end_of(region) == region[1].base &&
	       region->nid == region[1].nid && region->flags == region[1].flags;
}

/* Joins regions from the one before @base to the one behind @end. */
static void merge(struct mmbox_memblock *mb, struct mmbox_regions *regions,
		  u64 base, u64 end)
{
	unsigned int i = region_at(regions, base), joined = 0;
	u64 first, last;

	if (i)
		i--;
	first = regions->region[i].base;
	last = first;
	while (i + 1 < regions->nr && regions->region[i].base < end) {
		if (!are_one(&regions->region[i])) {
			i++;
			continue;
		}
		if (!joined++)
			first = regions->region[i].base;
		regions->region[i].size += regions->region[i + 1].size;
		last = end_of(&regions->region[i]);
		delete_regions(regions, i + 1, 1);
	}
	if (joined)
		tell(mb, MMBOX_STEP_MERGE, regions, first, last - first,
		     MMBOX_NO_NODE, joined);
}

static int enter(struct mmbox_memblock *mb, struct mmbox_regions *regions,
		 const struct mmbox_region *range,
		 enum mmbox_boot_step_kind kind)
{
	int err;

	if (!range->size)
		return 0;
	err = make_room(mb, regions, fill_gaps(regions, range, false));
	if (err)
		return err;
	fill_gaps(regions, range, true);
	tell(mb, kind, regions, range->base, range->size, range->nid, 1);
	merge(mb, regions, range->base, end_of(range));
	return 0;
}

/* Makes @addr a border between regions. There is room. */
static void split_at(struct mmbox_memblock *mb, struct mmbox_regions *regions,
		     u64 addr)
{
	unsigned int i = region_at(regions, addr);
	struct mmbox_region upper;

	if (i == regions->nr || regions->region[i].base >= addr)
		return;
	upper = regions->region[i];
	upper.size = end_of(&upper) - addr;
	upper.base = addr;
	regions->region[i].size -= upper.size;
	insert_region(regions, i + 1, &upper);
	tell(mb, MMBOX_STEP_SPLIT, regions, addr, 0, MMBOX_NO_NODE, 1);
}

static int take_out(struct mmbox_memblock *mb, struct mmbox_regions *regions,
		    u64 base, u64 end, enum mmbox_boot_step_kind kind)
{
	unsigned int from = region_at(regions, base), to;
	int err;

	if (base == end || from == regions->nr ||
	    regions->region[from].base >= end)
		return 0;
	err = make_room(mb, regions, 2);
	if (err)
		return err;
	split_at(mb, regions, base);
	split_at(mb, regions, end);
	from = region_at(regions, base);
	for (to = from; to < regions->nr; to++)
		if (regions->region[to].base >= end)
			break;
	delete_regions(regions, from, to - from);
	tell(mb, kind, regions, base, end - base, MMBOX_NO_NODE, 1);
	return 0;
}

/**
 * mmbox_memblock_add - say that there is memory
 * @mb:	   the memblock
 * @base:  first byte
 * @size:  bytes
 * @nid:   node it is on
 * @flags: MMBOX_REGION_* bits; what is known already keeps its own
 *
 * Return: 0, or -ENOMEM; then nothing has changed.
 */
int mmbox_memblock_add(struct mmbox_memblock *mb, u64 base, u64 size, int nid,
		       unsigned int flags)
{
	const struct mmbox_region range = {
		.base = base,
		.size = range_end(base, size) - base,
		.nid = nid,
		.flags = flags,
	};

	return enter(mb, &mb->memory, &range, MMBOX_STEP_ADD);
}

/**
 * mmbox_memblock_remove - say that there is no memory
 * @mb:	  the memblock
 * @base: first byte
 * @size: bytes; where there was none before nothing changes
 *
 * Return: 0, or -ENOMEM; then nothing has changed.
 */
int mmbox_memblock_remove(struct mmbox_memblock *mb, u64 base, u64 size)
{
	return take_out(mb, &mb->memory, base, range_end(base, size),
			MMBOX_STEP_REMOVE);
}

/**
 * mmbox_memblock_reserve - mark a range as in use
 * @mb:	  the memblock
 * @base: first byte
 * @size: bytes; some may be in use already
 *
 * Return: 0, or -ENOMEM; then nothing has changed.
 */
int mmbox_memblock_reserve(struct mmbox_memblock *mb, u64 base, u64 size)
{
	const struct mmbox_region range = {
		.base = base,
		.size = range_end(base, size) - base,
		.nid = MMBOX_NO_NODE,
	};

	return enter(mb, &mb->reserved, &range, MMBOX_STEP_RESERVE);
}

/**
 * mmbox_memblock_free - mark a range as not in use
 * @mb:	  the memblock
 * @base: first byte
 * @size: bytes; some may not be in use
 *
 * Return: 0, or -ENOMEM; then nothing has changed.
 */
int mmbox_memblock_free(struct mmbox_memblock *mb, u64 base, u64 size)
{
	return take_out(mb, &mb->reserved, base, range_end(base, size),
			MMBOX_STEP_FREE);
}

static bool looked_at(const struct mmbox_region *region,
		      const struct mmbox_window *window)
{
	return (window->nid == MMBOX_NO_NODE || region->nid == window->nid) &&
	       (region->flags & window->with) == window->with &&
	       !(region->flags & window->without);
}

/* The lowest part of a range that is not reserved. */
static bool first_unreserved(const struct mmbox_regions *reserved,
			     struct mmbox_range *range)
{
	unsigned int i;

	for (i = region_at(reserved, range->start); i < reserved->nr; i++) {
		const struct mmbox_region *region = &reserved->region[i];

		if (range->start < region->base) {
			range->end = min(range->end, region->base);
			break;
		}
		range->start = end_of(region);
	}
	return range->start < range->end;
}

/* The highest part of a range that is not reserved. */
static bool last_unreserved(const struct mmbox_regions *reserved,
			    struct mmbox_range *range)
{
	unsigned int i = region_at(reserved, range->end - 1);

	/* The region at i may reach into the range; those behind it do not. */
	if (i < reserved->nr && reserved->region[i].base < range->end)
		range->end = reserved->region[i].base;
	while (i-- && range->start < range->end) {
		const struct mmbox_region *region = &reserved->region[i];

		if (end_of(region) < range->end) {
			range->start = max(range->start, end_of(region));
			break;
		}
		range->end = region->base;
	}
	return range->start < range->end;
}

/**
 * mmbox_memblock_next_memory - the first memory from an address on
 * @mb:	    the memblock
 * @window: where to look
 * @from:   address to begin with
 * @range:  set to it, in use or not; for the next one begin with its end
 *
 * A range does not reach from one region into the next.
 *
 * Return: whether there is any.
 */
bool mmbox_memblock_next_memory(const struct mmbox_memblock *mb,
				const struct mmbox_window *window, u64 from,
				struct mmbox_range *range)
{
	const struct mmbox_regions *memory = &mb->memory;
	unsigned int i;

	from = max(from, window->start);
	for (i = region_at(memory, from); i < memory->nr; i++) {
		const struct mmbox_region *region = &memory->region[i];

		range->start = max(from, region->base);
		range->end = min(window->end, end_of(region));
		if (range->start >= window->end)
			return false;
		if (looked_at(region, window))
			return true;
	}
	return false;
}

/**
 * mmbox_memblock_next_free - the first free range from an address on
 * @mb:	    the memblock
 * @window: where to look
 * @from:   address to begin with
 * @range:  set to it; for the next one begin with its end
 *
 * A range does not reach from one region of memory into the next.
 *
 * Return: whether there is one.
 */
bool mmbox_memblock_next_free(const struct mmbox_memblock *mb,
			      const struct mmbox_window *window, u64 from,
			      struct mmbox_range *range)
{
	while (mmbox_memblock_next_memory(mb, window, from, range)) {
		from = range->end;
		if (first_unreserved(&mb->reserved, range))
			return true;
	}
	return false;
}

/**
 * mmbox_memblock_prev_free - the last free range before an address
 * @mb:	    the memblock
 * @window: where to look
 * @before: address behind its last byte, at most
 * @range:  set to it; for the next lower one go on with its start
 *
 * Return: whether there is one.
 */
bool mmbox_memblock_prev_free(const struct mmbox_memblock *mb,
			      const struct mmbox_window *window, u64 before,
			      struct mmbox_range *range)
{
	const struct mmbox_regions *memory = &mb->memory;
	unsigned int i;

	before = min(before, window->end);
	if (!before)
		return false;
	i = min(region_at(memory, before - 1) + 1, memory->nr);
	while (i--) {
		const struct mmbox_region *region = &memory->region[i];

		range->start = max(window->start, region->base);
		range->end = min(before, end_of(region));
		if (end_of(region) <= window->start)
			return false;
		if (range->start < range->end && looked_at(region, window) &&
		    last_unreserved(&mb->reserved, range))
			return true;
	}
	return false;
}

/**
 * mmbox_memblock_alloc - reserve free memory, as high as possible
 * @mb:	    the memblock
 * @window: where to look
 * @size:   bytes, not 0
 * @align:  a power of two that the address is a multiple of
 *
 * Return: the address, or MMBOX_NO_ADDR if there is no room.
 */
u64 mmbox_memblock_alloc(struct mmbox_memblock *mb,
			 const struct mmbox_window *window, u64 size, u64 align)
{
	struct mmbox_range range;
	u64 before = window->end;

	while (mmbox_memblock_prev_free(mb, window, before, &range)) {
		u64 base = (range.end - size) & ~(align - 1);

		if (range.end - range.start >= size && base >= range.start)
			return mmbox_memblock_reserve(mb, base, size) ?
			       MMBOX_NO_ADDR : base;
		before = range.start;
	}
	return MMBOX_NO_ADDR;
}
