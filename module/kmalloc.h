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

void mmbox_kmalloc_init(void);
int mmbox_kmalloc_create(struct mmbox *box);

#endif /* MMBOX_KMALLOC_H */
