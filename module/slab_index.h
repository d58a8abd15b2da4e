/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_SLAB_INDEX_H
#define MMBOX_SLAB_INDEX_H

#include <linux/mm.h>
#include <linux/rcupdate.h>

#include "page.h"

struct mmbox_cache;
struct mmbox_cache_node;
struct mmbox_slab_layout;

/**
 * enum mmbox_object_state - who has an object
 * @MMBOX_OBJECT_IN_SLAB: its slab: it is free
 * @MMBOX_OBJECT_IN_SHEAF: an array of free objects, a CPU's or a node's
 * @MMBOX_OBJECT_ALLOC:	  a caller
 * @MMBOX_OBJECT_HELD:	  nobody: it was freed, and is kept from being used again
 */
enum mmbox_object_state {
	MMBOX_OBJECT_IN_SLAB,
	MMBOX_OBJECT_IN_SHEAF,
	MMBOX_OBJECT_ALLOC,
	MMBOX_OBJECT_HELD,
};

/**
 * struct mmbox_slab - a block of pages that is cut up into objects
 * @base:	 address of the first object
 * @inverse:	 with @shift turns an offset into a number, see mmbox_slab_nr()
 * @cache:	 whose objects they are
 * @shift:	 see @inverse
 * @nr_objects:	 objects in it
 * @nr_free:	 of these, the ones that are IN_SLAB   (node's lock)
 * @hint:	 where the search for the next one starts (likewise)
 * @node:	 on whose lists it is
 * @list:	 link in one of these                  (likewise)
 * @layout:	 how its objects are laid out
 * @addr:	 address of its first page
 * @nr_pages:	 its pages
 * @order:	 they are a block of that order; 0 in an area
 * @area:	 they lie in an area, see slab_pages.c
 * @guarded:	 it is one guarded object, see slab_guard.c
 * @cutter:	 the CPU, counted from 1, that cut into it when all was free; 0
 *		 since something came back                  (node's lock)
 * @free:	 a bit for each object, set while it is IN_SLAB (likewise)
 * @rcu:	 for those who may still look at it when it is gone
 * @state:	 enum mmbox_object_state of each object
 *
 * It stands apart from its pages: what overflows an object does not reach it,
 * and objects of a power of two fill their pages.
 *
 * The state of an object is written by whoever has it: its slab's node, the CPU
 * or node in whose sheaf it is, or who frees it.
 */
struct mmbox_slab {
	/* All that a free looks at. */
	unsigned long base;
	unsigned long inverse;
	struct mmbox_cache *cache;
	unsigned int shift;
	unsigned long nr_objects;

	unsigned int nr_free;
	unsigned int hint;
	struct mmbox_cache_node *node;
	struct list_head list;
	const struct mmbox_slab_layout *layout;
	unsigned long addr;
	unsigned long nr_pages;
	unsigned int order;
	bool area;
	bool guarded;
	u16 cutter;
	unsigned long *free;
	struct rcu_head rcu;
	u8 state[];
};

/**
 * mmbox_slab_nr - the number of the object at an address
 * @slab:   the slab
 * @object: any address
 *
 * For an offset that is a multiple of size = odd * 2^shift, multiplying by the
 * inverse of odd, modulo the word size, divides by odd, and turning right by
 * shift divides by 2^shift. Both steps are one-to-one, so that no other offset
 * leads to a small number: one comparison tells a first byte of an object from
 * all other addresses. (T. Granlund, P. L. Montgomery: Division by invariant
 * integers using multiplication, PLDI 1994, section 9.)
 *
 * Return: the number; not less than @slab->nr_objects for any address but those
 * of the objects.
 */
static __always_inline unsigned long
mmbox_slab_nr(const struct mmbox_slab *slab, const void *object)
{
	unsigned long nr = ((unsigned long)object - slab->base) * slab->inverse;

#if BITS_PER_LONG == 64
	return ror64(nr, slab->shift);
#else
	return ror32(nr, slab->shift);
#endif
}

/* The index of slabs answers by stretches of so many bytes of address space ... */
#define MMBOX_SLOT_ORDER	2
#define MMBOX_SLOT_SHIFT	(PAGE_SHIFT + MMBOX_SLOT_ORDER)
/* ... which are kept by leaves, one for as many bytes as a section has ... */
#define MMBOX_SLAB_LEAF_SHIFT	(PAGE_SHIFT + MMBOX_SECTION_ORDER)
#define MMBOX_SLAB_LEAF_SLOTS	(1UL << (MMBOX_SECTION_ORDER - MMBOX_SLOT_ORDER))
/* ... and so many of these there are, for 16 GiB with 4 KiB pages. */
#define MMBOX_SLAB_LEAVES	4096UL

/**
 * struct mmbox_slab_leaf - which slabs there are in a stretch of addresses
 * @slot: a slab in each slot, &mmbox_no_slab if there is none
 */
struct mmbox_slab_leaf {
	struct mmbox_slab *slot[MMBOX_SLAB_LEAF_SLOTS];
};

extern struct mmbox_slab_leaf *mmbox_slab_leaf[MMBOX_SLAB_LEAVES];
extern struct mmbox_slab mmbox_no_slab;

void mmbox_slab_index_init(void);
void mmbox_slab_index_exit(void);
int mmbox_slab_index_reserve(unsigned long pfn);
void mmbox_slab_index_add(struct mmbox_slab *slab, unsigned long addr);
void mmbox_slab_index_del(struct mmbox_slab *slab, unsigned long addr);

/**
 * mmbox_slab_guess - the slab that most likely has an object
 * @object: any address
 *
 * On the path of every free: two loads and no branch. Different addresses may
 * lead to the same slot, so the answer is right only if mmbox_slab_nr() says so;
 * and where slabs are smaller than a slot, it may be another than the right one.
 *
 * Context: any, with preemption off, which RCU waits for.
 * Return: a slab, maybe &mmbox_no_slab, which has no objects.
 */
static __always_inline struct mmbox_slab *mmbox_slab_guess(const void *object)
{
	unsigned long addr = (unsigned long)object;
	const struct mmbox_slab_leaf *leaf;

	leaf = READ_ONCE(mmbox_slab_leaf[addr >> MMBOX_SLAB_LEAF_SHIFT &
					 (MMBOX_SLAB_LEAVES - 1)]);
	return READ_ONCE(leaf->slot[addr >> MMBOX_SLOT_SHIFT &
				    (MMBOX_SLAB_LEAF_SLOTS - 1)]);
}

#endif /* MMBOX_SLAB_INDEX_H */
