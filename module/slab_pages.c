// SPDX-License-Identifier: GPL-2.0
/*
 * The pages of slabs: where they come from, and the way from a page back to its
 * slab.
 *
 * A slab is a block of contiguous pages. Objects that are larger than the largest
 * block, and large ones while the box has no such block left, lie in areas: in
 * pages from anywhere, mapped side by side. Either way the descriptor of each
 * page names the slab.
 */
#include <linux/mm.h>

#include "section.h"
#include "slab.h"
#include "slab_guard.h"

/* Blocks beyond this order cannot be counted on; the kernel's own limit. */
#define COSTLY_ORDER	PAGE_ALLOC_COSTLY_ORDER

static struct page *page_of(unsigned long addr, bool area)
{
	return area ? mmbox_vmalloc_to_page((void *)addr) :
		      virt_to_page((void *)addr);
}

static struct mmbox_page *descriptor_of(const struct page *host)
{
	unsigned long pfn = page_to_pfn(host);
	struct mmbox_section *section;

	preempt_disable();
	section = mmbox_section_find(pfn);
	preempt_enable();
	/* The pages are the caller's, so that their section stays. */
	return mmbox_section_page(section, pfn);
}

/*
 * Says of all pages of a slab what they are for, of the first one last: with
 * that a whole block can be freed. They have an owner, who alone may do that.
 * Pages of an area are blocks of their own.
 */
static void mark_pages(struct mmbox_slab *slab, bool in_use)
{
	unsigned long i;

	for (i = slab->nr_pages; i--;) {
		unsigned long addr = slab->addr + i * PAGE_SIZE;
		bool tail = i && !slab->area;
		struct mmbox_page *page;

		page = descriptor_of(page_of(addr, slab->area));
		if (in_use) {
			page->slab = slab;
			smp_wmb();	/* who sees the state sees the slab */
			mmbox_page_set(page, MMBOX_PAGE_SLAB, slab->order);
		} else {
			mmbox_page_set(page, tail ? MMBOX_PAGE_TAIL :
						    MMBOX_PAGE_ALLOC,
				       tail ? 0 : slab->order);
		}
	}
}

static bool get_block(struct mmbox_cache *cache, struct mmbox_slab *slab,
		      unsigned int order, gfp_t gfp)
{
	struct page *page = mmbox_alloc_pages(cache->box, gfp, order);

	if (!page)
		return false;
	slab->addr = (unsigned long)page_address(page);
	slab->nr_pages = 1UL << order;
	slab->order = order;
	slab->node = cache->node[page_to_nid(page)];
	return true;
}

static bool get_area(struct mmbox_cache *cache, struct mmbox_slab *slab,
		     unsigned long nr_pages, gfp_t gfp)
{
	void *area;

	/* To be mapped takes time, and a device needs contiguous pages. */
	if (!gfpflags_allow_blocking(gfp) || gfp & (__GFP_DMA | __GFP_DMA32))
		return false;
	area = mmbox_vmalloc_node(cache->box, nr_pages * PAGE_SIZE,
				  max_t(unsigned long, cache->layout.align,
					PAGE_SIZE), gfp | __GFP_NOWARN,
				  NUMA_NO_NODE, mmbox_slab_pages_get);
	if (!area)
		return false;
	slab->addr = (unsigned long)area;
	slab->nr_pages = nr_pages;
	slab->area = true;
	slab->node = cache->node[page_to_nid(page_of(slab->addr, true))];
	return true;
}

/**
 * mmbox_slab_pages_get - get pages for a slab
 * @cache: its cache
 * @slab:  its descriptor, zeroed but for the layout; address, pages and node
 *	   are set
 * @gfp:   for the pages
 *
 * Context: as mmbox_alloc_pages().
 * Return: whether there are any.
 */
bool mmbox_slab_pages_get(struct mmbox_cache *cache, struct mmbox_slab *slab,
			  gfp_t gfp)
{
	const struct mmbox_slab_layout *layout = slab->layout;

	if (layout->min_order > MMBOX_MAX_ORDER)
		return get_area(cache, slab,
				DIV_ROUND_UP(layout->size, PAGE_SIZE), gfp);
	if (layout->order > layout->min_order &&
	    get_block(cache, slab, layout->order,
		      (gfp | __GFP_NOWARN | __GFP_NORETRY) & ~__GFP_NOFAIL))
		return true;
	if (get_block(cache, slab, layout->min_order, gfp))
		return true;
	return layout->min_order > COSTLY_ORDER &&
	       get_area(cache, slab, 1UL << layout->min_order, gfp);
}

/**
 * mmbox_slab_pages_publish - let a slab be found by its pages
 * @slab: the slab, ready to be freed to
 *
 * Context: any.
 */
void mmbox_slab_pages_publish(struct mmbox_slab *slab)
{
	mark_pages(slab, true);
	if (!slab->area)
		mmbox_slab_index_add(slab, slab->addr);
}

/**
 * mmbox_slab_pages_withdraw - take a slab out of the index
 * @slab: the slab, without objects that anybody has
 *
 * Context: any.
 */
void mmbox_slab_pages_withdraw(struct mmbox_slab *slab)
{
	if (!slab->area)
		mmbox_slab_index_del(slab, slab->addr);
}

/**
 * mmbox_slab_pages_put - give the pages of a slab back
 * @slab: the slab, withdrawn
 *
 * Context: any in which a spinlock_t may be taken.
 */
void mmbox_slab_pages_put(struct mmbox_slab *slab)
{
	mark_pages(slab, false);
	if (slab->guarded)
		mmbox_guard_ops->unmap((void *)slab->addr);
	else if (slab->area)
		mmbox_vfree((void *)slab->addr);
	else
		mmbox_free_pages(virt_to_page((void *)slab->addr),
				 slab->order);
}

/**
 * mmbox_slab_of_page - the slab in whose pages an address is
 * @object: any address
 *
 * Context: preemption off.
 * Return: the slab, or NULL.
 */
struct mmbox_slab *mmbox_slab_of_page(const void *object)
{
	struct mmbox_section *section;
	const struct mmbox_page *page;
	struct mmbox_slab *slab;
	struct page *host;
	unsigned long pfn;

	if (virt_addr_valid(object))
		host = virt_to_page(object);
	else
		host = mmbox_vmalloc_to_page(object);
	if (!host)
		return NULL;
	pfn = page_to_pfn(host);
	section = mmbox_section_find(pfn);
	if (!section)
		return NULL;
	page = mmbox_section_page(section, pfn);
	if (mmbox_page_state(page) != MMBOX_PAGE_SLAB)
		return NULL;
	smp_rmb();	/* pairs with the barrier in mark_pages() */
	slab = READ_ONCE(page->slab);
	/*
	 * Nobody need have an object of the slab, so that the page may have
	 * become free meanwhile: then a link of a list stands there.
	 */
	smp_rmb();
	return mmbox_page_state(page) == MMBOX_PAGE_SLAB &&
	       READ_ONCE(page->slab) == slab ? slab : NULL;
}
