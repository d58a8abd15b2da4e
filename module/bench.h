/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the modules that measure share: mmbox_bench, and those that add an
 * allocator of the host's for comparison.
 */
#ifndef MMBOX_BENCH_H
#define MMBOX_BENCH_H

#include <linux/list.h>

struct page;

/**
 * struct mmbox_bench_side - one of the allocators compared
 * @list:  link in the list of all
 * @name:  how it is called in the output
 * @max_order: the largest order that it is measured for
 * @alloc: allocates a block, and returns what names it, or NULL
 * @free:  frees it
 * @alloc_bulk: allocates MMBOX_BENCH_BULK pages into an array of NULLs, returns
 *	   how many; NULL if the allocator has no such call
 * @free_bulk:  frees them, and leaves NULLs
 */
struct mmbox_bench_side {
	struct list_head list;
	const char *name;
	unsigned int max_order;
	void *(*alloc)(unsigned int order);
	void (*free)(void *block, unsigned int order);
	unsigned long (*alloc_bulk)(struct page **pages);
	void (*free_bulk)(struct page **pages);
};

#define MMBOX_BENCH_BULK	16

void mmbox_bench_add(struct mmbox_bench_side *side);
void mmbox_bench_remove(struct mmbox_bench_side *side);

#endif /* MMBOX_BENCH_H */
