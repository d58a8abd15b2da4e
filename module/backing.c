// SPDX-License-Identifier: GPL-2.0
/*
 * Backing: pages taken from the host, and given back. Nothing else in mmbox
 * calls the host's page allocator for the memory of a box.
 *
 * Blocks come in the largest order the host will serve, up to a section. Each
 * is split at once, so that every page has a reference count of its own: then
 * any page can be mapped, referenced by a driver, and returned by itself.
 *
 * The host is never pushed: an attempt that would need the OOM killer or long
 * reclaim is given up in favour of a smaller block.
 */
#include <linux/atomic.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched.h>

#include "backing.h"
#include "page.h"

/* Pages of the host in all boxes: must be 0 when the module goes. */
static atomic_long_t pages_held = ATOMIC_LONG_INIT(0);

static gfp_t zone_gfp(enum mmbox_zone_type zone)
{
	switch (zone) {
	case MMBOX_ZONE_DMA:
		return GFP_KERNEL | GFP_DMA;
	case MMBOX_ZONE_DMA32:
		return GFP_KERNEL | GFP_DMA32;
	case MMBOX_ZONE_HIGHMEM:
		return GFP_HIGHUSER;
	default:
		return GFP_KERNEL;
	}
}

/**
 * mmbox_backing_strays - whether a zone of a box may have any page of the host
 * @zone: the zone
 *
 * Movable is a part of memory that is set apart, in the kernel too: there is
 * nothing about the pages themselves. And a kernel that maps all of its memory
 * has no HighMem: a box can have one all the same, whose pages have no address
 * as far as the box is concerned.
 *
 * Return: true for these two.
 */
bool mmbox_backing_strays(enum mmbox_zone_type zone)
{
	return zone == MMBOX_ZONE_MOVABLE ||
	       (zone == MMBOX_ZONE_HIGHMEM && !IS_ENABLED(CONFIG_HIGHMEM));
}

/**
 * mmbox_backing_zone - the zone that a page of the host lies in
 * @page: the host's page
 *
 * Context: any.
 * Return: the zone; MMBOX_ZONE_NORMAL for one that has no name here.
 */
enum mmbox_zone_type mmbox_backing_zone(const struct page *page)
{
	switch (page_zonenum(page)) {
#ifdef CONFIG_ZONE_DMA
	case ZONE_DMA:
		return MMBOX_ZONE_DMA;
#endif
#ifdef CONFIG_ZONE_DMA32
	case ZONE_DMA32:
		return MMBOX_ZONE_DMA32;
#endif
#ifdef CONFIG_HIGHMEM
	case ZONE_HIGHMEM:
		return MMBOX_ZONE_HIGHMEM;
#endif
	case ZONE_MOVABLE:
		return MMBOX_ZONE_MOVABLE;
	default:
		return MMBOX_ZONE_NORMAL;
	}
}

/* Is a page where pages are wanted? */
static bool lies_right(enum mmbox_zone_type zone, const struct page *page)
{
	return zone == MMBOX_ZONE_ANY || mmbox_backing_strays(zone) ||
	       zone == mmbox_backing_zone(page);
}

/* One block of the right zone; @nid NUMA_NO_NODE leaves the node to the host. */
static struct page *take_from(const struct mmbox_backing *backing, int nid,
			      unsigned int order)
{
	gfp_t gfp = zone_gfp(backing->zone) | __GFP_NORETRY | __GFP_NOWARN;
	struct page *page;

	if (backing->clear)
		gfp |= __GFP_ZERO;
	if (nid == NUMA_NO_NODE)
		page = alloc_pages(gfp, order);
	else
		page = alloc_pages_node(nid, gfp | __GFP_THISNODE, order);
	if (!page || lies_right(backing->zone, page))
		return page;
	__free_pages(page, order);
	return NULL;
}

/* Has somebody said which nodes memory is to come from? */
static bool has_policy(void)
{
#ifdef CONFIG_NUMA
	return current->mempolicy;
#else
	return false;
#endif
}

/*
 * The host begins with the local node, or does what the task's memory policy
 * says. But rather than go to another node it falls back to a lower zone, which
 * is of no use here: then the nodes are asked one by one.
 */
static struct page *take_block(const struct mmbox_backing *backing,
			       unsigned int order)
{
	struct page *page = take_from(backing, NUMA_NO_NODE, order);
	int nid;

	if (page || backing->zone == MMBOX_ZONE_ANY || has_policy())
		return page;
	for_each_node_state(nid, N_MEMORY) {
		page = take_from(backing, nid, order);
		if (page)
			return page;
	}
	return NULL;
}

/**
 * mmbox_backing_take - take one block from the host
 * @backing:   where from; its order falls when the host has no such block
 * @max_pages: pages still wanted, at least 1 and of the smallest order
 * @order:     order of the block taken
 *
 * The local node's pages come first. The host falls back to a lower zone when
 * the one asked for is short. Such a block is returned: the box wants pages that
 * really lie where it says.
 *
 * Context: process context, may sleep.
 * Return: first page of the block, every page with a reference count of 1, or
 * NULL if the host gives none.
 */
struct page *mmbox_backing_take(struct mmbox_backing *backing,
				unsigned long max_pages, unsigned int *order)
{
	unsigned int try = min_t(unsigned int, backing->order,
				 ilog2(max_pages));

	for (;;) {
		struct page *page = take_block(backing, try);

		if (page) {
			split_page(page, try);
			atomic_long_add(1L << try, &pages_held);
			*order = try;
			return page;
		}
		if (try <= backing->min_order)
			return NULL;
		backing->order = --try;
	}
}

/**
 * mmbox_backing_give - give pages back to the host
 * @page:     first page
 * @nr_pages: pages from there on, contiguous
 *
 * A page that somebody still references is freed by the host when the last
 * reference goes. A page without any is not the box's any more: somebody freed
 * it behind the box's back, and it is left alone.
 *
 * Context: process context, may sleep.
 * Return: false if any page had not just the box's reference.
 */
bool mmbox_backing_give(struct page *page, unsigned long nr_pages)
{
	bool sole = true;
	unsigned long i;

	for (i = 0; i < nr_pages; i++) {
		if (page_ref_count(page + i) != 1)
			sole = false;
		if (page_ref_count(page + i))
			__free_page(page + i);
	}
	atomic_long_sub(nr_pages, &pages_held);
	return sole;
}

/**
 * mmbox_backing_held - pages of the host that boxes have now
 *
 * Context: any.
 * Return: the number of pages.
 */
unsigned long mmbox_backing_held(void)
{
	return atomic_long_read(&pages_held);
}

/**
 * mmbox_backing_spare - pages that the host can do without
 *
 * A sixteenth of what it has available stays with it, to live on.
 *
 * Context: any.
 * Return: the number of pages.
 */
unsigned long mmbox_backing_spare(void)
{
	long available = si_mem_available();

	return available > 0 ? available - available / 16 : 0;
}
