/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_KMALLOC_H
#define MMBOX_KMALLOC_H

#include <linux/types.h>

struct mmbox;
struct mmbox_cache;

/**
 * enum mmbox_kmalloc_type - kinds of memory that kmalloc caches are made of
 * @MMBOX_KMALLOC_NORMAL:  unmovable pages of any zone with kernel addresses
 * @MMBOX_KMALLOC_RECLAIM: reclaimable ones
 * @MMBOX_KMALLOC_DMA:	   unmovable pages of zone DMA
 * @MMBOX_NR_KMALLOC_TYPES: number of kinds
 */
enum mmbox_kmalloc_type {
	MMBOX_KMALLOC_NORMAL,
	MMBOX_KMALLOC_RECLAIM,
	MMBOX_KMALLOC_DMA,
	MMBOX_NR_KMALLOC_TYPES,
};

/* Sizes of objects: the kernel's. */
#define MMBOX_NR_KMALLOC_CLASSES	13
#define MMBOX_KMALLOC_MAX		8192UL

/* The most copies that there may be of the caches for ordinary requests. */
#define MMBOX_KMALLOC_COPIES		15

/**
 * struct mmbox_kmalloc_copies - copies of the caches for ordinary requests
 * @nr:	   how many of them serve
 * @seed:  what makes the choice another one in each box; set once
 * @cache: by copy and class; those of the first @nr copies are there
 */
struct mmbox_kmalloc_copies {
	unsigned int nr;
	unsigned long seed;
	struct mmbox_cache *cache[MMBOX_KMALLOC_COPIES]
				 [MMBOX_NR_KMALLOC_CLASSES];
};

void mmbox_kmalloc_init(void);
int mmbox_kmalloc_create(struct mmbox *box);
int mmbox_kmalloc_set_copies(struct mmbox *box);
void *mmbox_kmalloc_for(struct mmbox *box, size_t size, gfp_t gfp,
			unsigned long caller);
void mmbox_kfree_around(const void *inside);
void mmbox_kfree_for(const void *ptr, unsigned long caller);

#endif /* MMBOX_KMALLOC_H */
