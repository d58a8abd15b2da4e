/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Address space: which pages of a stretch of addresses are free, and which
 * belong to an area. Numbers of pages only; what is mapped there is not known
 * here.
 *
 * Trees of the kernel's and no other service of it: this part builds in user
 * space too. The caller holds the lock.
 */
#ifndef MMBOX_VMAP_AREA_H
#define MMBOX_VMAP_AREA_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

/**
 * struct mmbox_va - a stretch of pages, free or taken
 * @link:  in the tree of free ones or in that of taken ones, by @start
 * @size:  a free one, in the tree of free ones by their size
 * @spare: of use to nobody, in the list of such
 * @start: number of its first page
 * @nr:    pages
 * @max:   a free one: the largest @nr below it in the tree of free ones
 *
 * Neighbours that are free are always one stretch.
 */
struct mmbox_va {
	struct rb_node link;
	union {
		struct rb_node size;
		struct list_head spare;
	};
	unsigned long start;
	unsigned long nr;
	unsigned long max;
};

/**
 * enum mmbox_va_fit - which of the free stretches that are large enough
 * @MMBOX_VA_FIRST: that of the lowest address, so that what is large stays
 *		    together at the other end
 * @MMBOX_VA_BEST:  the smallest, and of these that of the lowest address
 */
enum mmbox_va_fit { MMBOX_VA_FIRST, MMBOX_VA_BEST };

/**
 * struct mmbox_va_space - all stretches
 * @free:     free ones, by address
 * @by_size:  the same, by size and then by address
 * @busy:     taken ones, by address
 * @spare:    descriptors without a stretch
 * @nr_spare: how many
 * @nr_free:  free pages
 */
struct mmbox_va_space {
	struct rb_root free;
	struct rb_root by_size;
	struct rb_root busy;
	struct list_head spare;
	unsigned int nr_spare;
	unsigned long nr_free;
};

/* Descriptors that one call may need, at most. */
#define MMBOX_VA_SPARE	2

void mmbox_va_init(struct mmbox_va_space *space);
void mmbox_va_add_spare(struct mmbox_va_space *space, struct mmbox_va *va);
struct mmbox_va *mmbox_va_take_spare(struct mmbox_va_space *space);

bool mmbox_va_add(struct mmbox_va_space *space, unsigned long start,
		  unsigned long nr);
struct mmbox_va *mmbox_va_alloc(struct mmbox_va_space *space, unsigned long nr,
				unsigned long align, enum mmbox_va_fit fit,
				unsigned long from);
struct mmbox_va *mmbox_va_adopt(struct mmbox_va_space *space,
				unsigned long start, unsigned long nr);
void mmbox_va_forget(struct mmbox_va_space *space, struct mmbox_va *va);
void mmbox_va_drop(struct mmbox_va_space *space, struct mmbox_va *va);
void mmbox_va_free(struct mmbox_va_space *space, struct mmbox_va *va);

unsigned long mmbox_va_largest(const struct mmbox_va_space *space);
struct mmbox_va *mmbox_va_busy(const struct mmbox_va_space *space,
			       unsigned long page);
struct mmbox_va *mmbox_va_gap(const struct mmbox_va_space *space,
			      unsigned long page);

#endif /* MMBOX_VMAP_AREA_H */
