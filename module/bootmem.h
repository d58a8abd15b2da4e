/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_BOOTMEM_H
#define MMBOX_BOOTMEM_H

#include "memblock.h"

/**
 * struct mmbox_bootmem - a bit for each page of a node
 * @start_pfn:	 the page of the first bit
 * @end_pfn:	 the page behind the last bit
 * @map:	 the bits: set where a page is in use, or not there at all
 * @last_pos:	 the last page of the last allocation
 * @last_offset: bytes of that page in use; 0 if none is left, or not to be used
 */
struct mmbox_bootmem {
	unsigned long start_pfn;
	unsigned long end_pfn;
	unsigned long *map;
	unsigned long last_pos;
	unsigned long last_offset;
};

size_t mmbox_bootmem_bytes(unsigned long nr_pages);
void mmbox_bootmem_init(struct mmbox_bootmem *bm, unsigned long *map,
			unsigned long start_pfn, unsigned long end_pfn);
void mmbox_bootmem_free(struct mmbox_bootmem *bm, u64 base, u64 size);
void mmbox_bootmem_reserve(struct mmbox_bootmem *bm, u64 base, u64 size);
u64 mmbox_bootmem_alloc(struct mmbox_bootmem *bm,
			const struct mmbox_window *window, u64 size, u64 align);
bool mmbox_bootmem_next_free(const struct mmbox_bootmem *bm,
			     const struct mmbox_window *window, u64 from,
			     struct mmbox_range *range);

#endif /* MMBOX_BOOTMEM_H */
