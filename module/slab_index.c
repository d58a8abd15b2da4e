// SPDX-License-Identifier: GPL-2.0
/*
 * The index of slabs: which slab is at an address, for the path of every free.
 *
 * It is a table in two levels. The upper one is an array, indexed by some bits
 * of an address, the lower a leaf for each stretch of addresses in which a box
 * has, or had, pages. Where nothing is, a leaf without slabs and a slab without
 * objects stand, so that a look-up takes no branch: that an address was foreign
 * shows in the end.
 *
 * The index is a short cut and no more. A slot has room for one slab; slabs
 * smaller than a slot share it, and so do addresses that are 16 GiB apart. Who
 * is not found here is looked for with the descriptor of its page.
 *
 * Leaves are made with the sections of a box, in process context, so that
 * entering a slab needs no memory. They stay until the module goes: 2 KiB for
 * 4 MiB of addresses.
 */
#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "slab_index.h"

struct mmbox_slab_leaf *mmbox_slab_leaf[MMBOX_SLAB_LEAVES];

/* Shared by all that is not there; nothing ever writes to them. */
struct mmbox_slab mmbox_no_slab;
static struct mmbox_slab_leaf no_leaf;

static struct mmbox_slab_leaf **leaf_at(unsigned long addr)
{
	return &mmbox_slab_leaf[addr >> MMBOX_SLAB_LEAF_SHIFT &
				(MMBOX_SLAB_LEAVES - 1)];
}

static struct mmbox_slab **slot_at(unsigned long addr)
{
	return &READ_ONCE(*leaf_at(addr))->slot[addr >> MMBOX_SLOT_SHIFT &
						(MMBOX_SLAB_LEAF_SLOTS - 1)];
}

static void leaf_clear(struct mmbox_slab_leaf *leaf)
{
	unsigned int i;

	for (i = 0; i < MMBOX_SLAB_LEAF_SLOTS; i++)
		leaf->slot[i] = &mmbox_no_slab;
}

static int reserve_leaf(unsigned long addr)
{
	struct mmbox_slab_leaf *leaf;

	if (READ_ONCE(*leaf_at(addr)) != &no_leaf)
		return 0;
	leaf = kmalloc(sizeof(*leaf), GFP_KERNEL);
	if (!leaf)
		return -ENOMEM;
	leaf_clear(leaf);
	/* Others may do the same, and readers look into it right away. */
	if (cmpxchg(leaf_at(addr), &no_leaf, leaf) != &no_leaf)
		kfree(leaf);
	return 0;
}

/**
 * mmbox_slab_index_reserve - make sure that slabs of a section can be entered
 * @pfn: first frame of the section
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmbox_slab_index_reserve(unsigned long pfn)
{
	unsigned long addr = (unsigned long)page_address(pfn_to_page(pfn));

	if (!addr)	/* no kernel address, no slabs */
		return 0;
	/* Frames and addresses need not be aligned alike. */
	return reserve_leaf(addr) ?:
	       reserve_leaf(addr + (1UL << MMBOX_SLAB_LEAF_SHIFT) - 1);
}

/*
 * Changes all slots of a slab that are @from. Neighbours that share a slot may
 * do the same at once.
 */
static void change_slots(const struct mmbox_slab *slab, unsigned long addr,
			 struct mmbox_slab *from, struct mmbox_slab *to)
{
	unsigned long end = addr + slab->nr_pages * PAGE_SIZE;

	for (; addr < end; addr += 1UL << MMBOX_SLOT_SHIFT)
		cmpxchg(slot_at(addr), from, to);
}

/**
 * mmbox_slab_index_add - enter a slab into the index
 * @slab: the slab, ready to be freed to
 * @addr: address of its first page
 *
 * A slot that has another slab is left alone.
 *
 * Context: any.
 */
void mmbox_slab_index_add(struct mmbox_slab *slab, unsigned long addr)
{
	change_slots(slab, addr, &mmbox_no_slab, slab);
}

/**
 * mmbox_slab_index_del - take a slab out of the index
 * @slab: the slab; others may look at it until RCU's grace period has passed
 * @addr: address of its first page
 *
 * Context: any.
 */
void mmbox_slab_index_del(struct mmbox_slab *slab, unsigned long addr)
{
	change_slots(slab, addr, slab, &mmbox_no_slab);
}

/**
 * mmbox_slab_index_init - make an empty index
 *
 * Context: module initialisation.
 */
void mmbox_slab_index_init(void)
{
	unsigned int i;

	leaf_clear(&no_leaf);
	for (i = 0; i < MMBOX_SLAB_LEAVES; i++)
		mmbox_slab_leaf[i] = &no_leaf;
}

/**
 * mmbox_slab_index_exit - free the index as the module goes; no slab is left
 */
void mmbox_slab_index_exit(void)
{
	unsigned int i;

	for (i = 0; i < MMBOX_SLAB_LEAVES; i++)
		if (mmbox_slab_leaf[i] != &no_leaf)
			kfree(mmbox_slab_leaf[i]);
}
