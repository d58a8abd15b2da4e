// SPDX-License-Identifier: GPL-2.0
/*
 * Memory by size from wherever it can be had: an object or a block of contiguous
 * pages if that is easy, else pages from anywhere, mapped side by side.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include <mmbox.h>

#include "kmalloc.h"
#include "slab.h"
#include "vmap.h"

/**
 * mmbox_kvmalloc - allocate memory that need not be contiguous
 * @box:  the box
 * @size: bytes wanted
 * @gfp:  as for mmbox_kmalloc(); without __GFP_DIRECT_RECLAIM memory is
 *	  contiguous, as mapping may sleep
 *
 * Context: as mmbox_kmalloc().
 * Return: the memory, for mmbox_kvfree(), ZERO_SIZE_PTR for 0 bytes, or NULL.
 */
void *mmbox_kvmalloc(struct mmbox *box, size_t size, gfp_t gfp)
{
	bool other = size > PAGE_SIZE && gfpflags_allow_blocking(gfp) &&
		     !(gfp & (__GFP_DMA | __GFP_DMA32));
	gfp_t first = gfp;
	void *memory;

	/* There is another way: not worth any effort, nor a report. */
	if (other)
		first = (gfp | __GFP_NOWARN | __GFP_NORETRY) & ~__GFP_NOFAIL;
	memory = mmbox_kmalloc_for(box, size, first, _RET_IP_);
	if (memory || !other)
		return memory;
	return mmbox_vmalloc_node(box, size, 1, gfp, NUMA_NO_NODE,
				  __builtin_return_address(0));
}
EXPORT_SYMBOL_GPL(mmbox_kvmalloc);

/**
 * mmbox_kvfree - free memory from mmbox_kvmalloc()
 * @ptr: the memory, or any that mmbox_kfree() or mmbox_vfree() takes
 *
 * Context: as mmbox_vfree().
 */
void mmbox_kvfree(const void *ptr)
{
	/* An object may lie in an area, too: then the area is its slab's. */
	if (mmbox_area_box(ptr) && !mmbox_ksize(ptr))
		mmbox_vfree(ptr);
	else
		mmbox_kfree(ptr);
}
EXPORT_SYMBOL_GPL(mmbox_kvfree);

static void free_after_grace(struct rcu_head *head)
{
	bool in_slab;

	preempt_disable();
	in_slab = mmbox_slab_find(head);
	preempt_enable();
	if (mmbox_area_box(head) && !in_slab)
		mmbox_vfree((void *)((unsigned long)head & PAGE_MASK));
	else
		mmbox_kfree_around(head);
}

/**
 * mmbox_kvfree_call_rcu - free memory when no reader can have it any more
 * @head: within the first page of the memory; mmbox_kvfree_rcu() is a
 *	  convenient way to name it
 *
 * Context: any.
 */
void mmbox_kvfree_call_rcu(struct rcu_head *head)
{
	call_rcu(head, free_after_grace);
}
EXPORT_SYMBOL_GPL(mmbox_kvfree_call_rcu);

/**
 * mmbox_kvfree_rcu_mightsleep - free memory after the readers of now have gone
 * @ptr: as for mmbox_kvfree(); NULL does nothing
 *
 * For memory that has no struct rcu_head in it. This waits.
 *
 * Context: process context, may sleep.
 */
void mmbox_kvfree_rcu_mightsleep(const void *ptr)
{
	if (!ptr)
		return;
	synchronize_rcu();
	mmbox_kvfree(ptr);
}
EXPORT_SYMBOL_GPL(mmbox_kvfree_rcu_mightsleep);
