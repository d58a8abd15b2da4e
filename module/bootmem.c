// SPDX-License-Identifier: GPL-2.0
/*
 * bootmem: the boot allocator that the kernel had before memblock. A bitmap has
 * a bit for each page from the first to the last one of a node. All bits are
 * set in the beginning; memory that there is gets its bits cleared; an
 * allocation takes the first clear bits that are enough and sets them.
 *
 * It counts in pages. Small allocations are packed all the same: one that
 * begins right behind the page in which the last one ended uses the rest of
 * that page first. What is not given out is found by looking at each bit.
 *
 * The caller keeps others out. No kernel services but bit operations: this file
 * builds in user space too, see selftests/unit.
 */
#include <linux/align.h>
#include <linux/bitmap.h>
#include <linux/minmax.h>
#include <asm/page.h>

#include "bootmem.h"

/**
 * mmbox_bootmem_bytes - size of a bitmap
 * @nr_pages: pages from the first to the last one, holes included
 *
 * Return: bytes.
 */
size_t mmbox_bootmem_bytes(unsigned long nr_pages)
{
	return BITS_TO_LONGS(nr_pages) * sizeof(unsigned long);
}

/**
 * mmbox_bootmem_init - make a bitmap in which no page is free
 * @bm:	       the bitmap's head
 * @map:       memory for the bits, mmbox_bootmem_bytes() long
 * @start_pfn: the first page
 * @end_pfn:   the page behind the last one
 */
void mmbox_bootmem_init(struct mmbox_bootmem *bm, unsigned long *map,
			unsigned long start_pfn, unsigned long end_pfn)
{
	bm->start_pfn = start_pfn;
	bm->end_pfn = end_pfn;
	bm->map = map;
	bm->last_pos = 0;
	bm->last_offset = 0;
	bitmap_set(map, 0, end_pfn - start_pfn);
}

/* The bits of pages from @first to @end, cut off where there are none. */
static void set_bits(struct mmbox_bootmem *bm, u64 first, u64 end, bool set)
{
	first = max_t(u64, first, bm->start_pfn);
	end = min_t(u64, end, bm->end_pfn);
	if (first >= end)
		return;
	if (set)
		bitmap_set(bm->map, first - bm->start_pfn, end - first);
	else
		bitmap_clear(bm->map, first - bm->start_pfn, end - first);
}

/**
 * mmbox_bootmem_free - mark pages as free
 * @bm:	  the bitmap
 * @base: first byte
 * @size: bytes; a page of which only a part is freed stays in use
 */
void mmbox_bootmem_free(struct mmbox_bootmem *bm, u64 base, u64 size)
{
	u64 first = (base + PAGE_SIZE - 1) >> PAGE_SHIFT;
	u64 end = (base + size) >> PAGE_SHIFT;

	if (bm->last_pos >= first && bm->last_pos < end)
		bm->last_offset = 0;
	set_bits(bm, first, end, false);
}

/**
 * mmbox_bootmem_reserve - mark pages as in use
 * @bm:	  the bitmap
 * @base: first byte
 * @size: bytes; a page of which only a part is in use is
 */
void mmbox_bootmem_reserve(struct mmbox_bootmem *bm, u64 base, u64 size)
{
	set_bits(bm, base >> PAGE_SHIFT,
		 (base + size + PAGE_SIZE - 1) >> PAGE_SHIFT, true);
}

/**
 * mmbox_bootmem_next_free - the first free pages from an address on
 * @bm:	    the bitmap
 * @window: where to look; only pages that are in it as a whole
 * @from:   address to begin with
 * @range:  set to all free pages in a row; for the next ones begin with its end
 *
 * Return: whether there are any.
 */
bool mmbox_bootmem_next_free(const struct mmbox_bootmem *bm,
			     const struct mmbox_window *window, u64 from,
			     struct mmbox_range *range)
{
	u64 first = (max(from, window->start) + PAGE_SIZE - 1) >> PAGE_SHIFT;
	u64 last = min_t(u64, window->end >> PAGE_SHIFT, bm->end_pfn);
	unsigned long bit, end;

	first = max_t(u64, first, bm->start_pfn);
	if (first >= last)
		return false;
	end = last - bm->start_pfn;
	bit = find_next_zero_bit(bm->map, end, first - bm->start_pfn);
	if (bit >= end)
		return false;
	end = find_next_bit(bm->map, end, bit);
	range->start = ((u64)bm->start_pfn + bit) << PAGE_SHIFT;
	range->end = ((u64)bm->start_pfn + end) << PAGE_SHIFT;
	return true;
}

/* May an allocation that begins with page @pfn begin in the page before it? */
static bool can_pack(const struct mmbox_bootmem *bm, u64 pfn,
		     const struct mmbox_window *window)
{
	return bm->last_offset && bm->last_pos + 1 == pfn &&
	       (u64)bm->last_pos << PAGE_SHIFT >= window->start;
}

/* Gives out @size bytes at @base, of which the first may be in use already. */
static void give_out(struct mmbox_bootmem *bm, u64 base, u64 size)
{
	u64 end = base + size;

	mmbox_bootmem_reserve(bm, base, size);
	bm->last_pos = (end - 1) >> PAGE_SHIFT;
	bm->last_offset = end & (PAGE_SIZE - 1);
}

/**
 * mmbox_bootmem_alloc - give out free memory, as low as possible
 * @bm:	    the bitmap
 * @window: where to look
 * @size:   bytes, not 0
 * @align:  a power of two that the address is a multiple of
 *
 * Return: the address, or MMBOX_NO_ADDR if there is no room.
 */
u64 mmbox_bootmem_alloc(struct mmbox_bootmem *bm,
			const struct mmbox_window *window, u64 size, u64 align)
{
	struct mmbox_range range;
	u64 from = window->start;

	while (mmbox_bootmem_next_free(bm, window, from, &range)) {
		u64 base = ALIGN(range.start, align);

		if (can_pack(bm, range.start >> PAGE_SHIFT, window)) {
			u64 end = ((u64)bm->last_pos << PAGE_SHIFT) +
				  bm->last_offset;

			base = ALIGN(end, align);
		}
		if (base < range.end && range.end - base >= size) {
			give_out(bm, base, size);
			return base;
		}
		from = range.end;
	}
	return MMBOX_NO_ADDR;
}
