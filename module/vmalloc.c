// SPDX-License-Identifier: GPL-2.0
/*
 * vmalloc: pages of the box mapped side by side.
 *
 * In a window a page table entry holds all that is known of a page there:
 * vfree reads from it what to give back to the box, and keeps no array.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>

#include "internal.h"
#include "section.h"
#include "trace.h"
#include "vmap_map.h"

/* Pages that are moved between the box and a window at once. */
#define BATCH		64UL

/* A kernel may clear all that is on the stack: not what is written first. */
#if __has_attribute(__uninitialized__)
#define __unset		__attribute__((__uninitialized__))
#else
#define __unset
#endif

/* Empties entries that lie side by side, and frees the pages mapped there. */
static void free_entries(pte_t *pte, unsigned long nr)
{
	struct page *pages[BATCH] __unset;

	while (nr) {
		unsigned long i, run = min(nr, BATCH);

		for (i = 0; i < run; i++) {
			pages[i] = pfn_to_page(mmbox_pte_pfn(pte[i]));
			mmbox_pte_clear(pte + i);
		}
		mmbox_free_pages_bulk(run, pages);
		pte += run;
		nr -= run;
	}
}

/* The same for an area of any size. */
static void free_window_pages(const struct mmbox_vmap *vmap,
			      unsigned long page, unsigned long nr)
{
	while (nr) {
		unsigned long run = mmbox_entries_run(page, nr);

		free_entries(mmbox_pgwindow_pte(&vmap->window, page), run);
		page += run;
		nr -= run;
	}
}

/* Pages of the box, mapped from @page on. Returns how many there were. */
static unsigned long fill_window(struct mmbox_vmap *vmap, unsigned long page,
				 const struct mmbox_area_req *req)
{
	pteval_t bits = mmbox_pte_bits(PAGE_KERNEL);
	unsigned long done = 0, nr = req->nr_pages;
	struct page *pages[BATCH] __unset;

	while (done < nr) {
		unsigned long run = min(mmbox_entries_run(page, nr - done), BATCH), got;

		got = mmbox_alloc_pages_fresh(vmap->box, req->gfp, run, pages,
					      req->caller);
		mmbox_entries_set(mmbox_pgwindow_pte(&vmap->window, page),
				  pages, got, bits);
		page += got;
		done += got;
		if (unlikely(got < run))
			break;
	}
	return done;
}

static void *vmalloc_window(struct mmbox_vmap *vmap,
			    const struct mmbox_area_req *req)
{
	unsigned long page, got;

	page = mmbox_area_reserve(vmap, req);
	mmbox_area_note_map(vmap, req, page);
	if (!page)
		return mmbox_area_refuse_room(vmap->box, "vmalloc", req->nr_pages);
	got = fill_window(vmap, page, req);
	if (unlikely(got < req->nr_pages)) {
		free_window_pages(vmap, page, got);
		mmbox_area_undo(vmap, page, req->kind);
		return NULL;	/* the page allocator has reported it */
	}
	return mmbox_page_addr(page);
}

static void *vmalloc_by_host(struct mmbox_vmap *vmap,
			     const struct mmbox_area_req *req)
{
	unsigned long nr = req->nr_pages, got = 0;
	struct page **pages;
	void *addr = NULL;

	if (req->align > 1) {
		mmbox_area_refuse(vmap->box, "vmalloc", "the host's vmap() aligns to pages only");
		return NULL;
	}
	if (nr >= vmap->nr_pages)
		return mmbox_area_refuse_room(vmap->box, "vmalloc", req->nr_pages);
	pages = kvcalloc(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return NULL;
	got = mmbox_alloc_pages_fresh(vmap->box, req->gfp, nr, pages,
				      req->caller);
	if (got == nr) {
		addr = mmbox_area_map_by_host(vmap->box, req, pages, PAGE_KERNEL);
		mmbox_area_note_map(vmap, req, (unsigned long)addr >> PAGE_SHIFT);
		if (!addr)
			mmbox_area_refuse_room(vmap->box, "vmalloc", req->nr_pages);
	}
	if (!addr)
		mmbox_free_pages_bulk(got, pages);
	kvfree(pages);
	return addr;
}

/* Pages in @size bytes, or 0 if it is nothing that could be had. */
static unsigned long size_to_pages(unsigned long size)
{
	unsigned long nr = size >> PAGE_SHIFT;

	return nr + !!offset_in_page(size);
}

static void *do_vmalloc(struct mmbox *box, unsigned long size,
			unsigned long align, gfp_t gfp, unsigned long caller)
{
	struct mmbox_area_req req = {
		.nr_pages = size_to_pages(size),
		.align = max(align >> PAGE_SHIFT, 1UL),
		.kind = MMBOX_AREA_VMALLOC,
		.gfp = gfp & ~__GFP_ZERO,
		.caller = caller,
	};
	struct mmbox_vmap *vmap = box->vmap;
	const char *why = NULL;
	void *addr;

	/* Where pages are cleared anyway, once is enough. */
	if (READ_ONCE(box->settings.init_on_alloc))
		req.gfp = gfp;
	if (in_interrupt())
		why = "not in an interrupt";
	else if (!size)
		why = "no byte is asked for";
	else if (align & (align - 1))
		why = "the alignment is no power of two";
	else if (!gfpflags_allow_blocking(gfp))
		why = "it may sleep, and the caller may not";
	if (why) {
		mmbox_area_refuse(box, "vmalloc", why);
		return NULL;
	}
	might_sleep();
	if (!(gfp & (__GFP_DMA | __GFP_DMA32)))
		req.gfp |= __GFP_HIGHMEM;
	if (!mmbox_vmap_ready(vmap, gfp))
		return NULL;
	addr = vmap->own ? vmalloc_window(vmap, &req) :
			   vmalloc_by_host(vmap, &req);
	if (addr && gfp & ~req.gfp & __GFP_ZERO)
		memset(addr, 0, req.nr_pages << PAGE_SHIFT);
	return addr;
}

/**
 * mmbox_vmalloc - allocate pages of a box and map them side by side
 * @box:  the box
 * @size: bytes
 *
 * Context: process context, may sleep.
 * Return: address of the first page, or NULL, with one report.
 */
void *mmbox_vmalloc(struct mmbox *box, unsigned long size)
{
	return do_vmalloc(box, size, 1, GFP_KERNEL, _RET_IP_);
}
EXPORT_SYMBOL_GPL(mmbox_vmalloc);

/**
 * mmbox_vzalloc - allocate pages of a box, clear them, and map them side by side
 * @box:  the box
 * @size: bytes
 *
 * Context: process context, may sleep.
 * Return: address of the first page, or NULL, with one report.
 */
void *mmbox_vzalloc(struct mmbox *box, unsigned long size)
{
	return do_vmalloc(box, size, 1, GFP_KERNEL | __GFP_ZERO, _RET_IP_);
}
EXPORT_SYMBOL_GPL(mmbox_vzalloc);

/**
 * mmbox_vmalloc_node - allocate pages and map them, with all there is to choose
 * @box:    the box
 * @size:   bytes
 * @align:  bytes: a power of two that the address is a multiple of; without a
 *	    window of the box's own, the size of a page is the most
 * @gfp:    where pages come from, as for mmbox_alloc_pages(); it must allow to
 *	    sleep; __GFP_ZERO clears them
 * @node:   NUMA_NO_NODE, or the node of the CPU that asks
 * @caller: who asks, for vmallocinfo; NULL for the caller itself
 *
 * Context: process context, may sleep.
 * Return: address of the first page, or NULL, with one report.
 */
void *mmbox_vmalloc_node(struct mmbox *box, unsigned long size,
			 unsigned long align, gfp_t gfp, int node,
			 const void *caller)
{
	if (node != NUMA_NO_NODE && node != numa_mem_id()) {
		mmbox_area_refuse(box, "vmalloc", "pages come from the CPU's own node");
		return NULL;
	}
	return do_vmalloc(box, size, align, gfp,
			  (unsigned long)caller ?: _RET_IP_);
}
EXPORT_SYMBOL_GPL(mmbox_vmalloc_node);

static void free_by_host(struct mmbox_claim *claim)
{
	void *addr = mmbox_page_addr(claim->page);
	struct page *page, *first = NULL;
	unsigned long i;

	/* Only the host knows which pages they are: a list, in themselves. */
	for (i = 0; i < claim->nr; i++) {
		page = vmalloc_to_page(addr + i * PAGE_SIZE);
		set_page_private(page, (unsigned long)first);
		first = page;
	}
	mmbox_area_unmap_by_host(claim);
	for (page = first; page; page = first) {
		first = (struct page *)page_private(page);
		set_page_private(page, 0);
		mmbox_free_pages(page, 0);
	}
}

static void free_claimed(struct mmbox_claim *claim)
{
	if (claim->vmap->own)
		free_window_pages(claim->vmap, claim->page, claim->nr);
	else
		free_by_host(claim);
	mmbox_area_give_back(claim);
}

/**
 * struct deferred - an area given back in an interrupt, in its own memory
 * @link:  link in the list of all
 * @claim: the area
 */
struct deferred {
	struct llist_node link;
	struct mmbox_claim claim;
};

/**
 * mmbox_vmap_free_work - give back what was given back in interrupts
 * @work: of an address space
 */
void mmbox_vmap_free_work(struct work_struct *work)
{
	struct mmbox_vmap *vmap = container_of(work, struct mmbox_vmap, free);
	struct llist_node *link = llist_del_all(&vmap->deferred);

	while (link) {
		struct deferred *deferred = llist_entry(link, struct deferred,
							link);
		struct mmbox_claim claim = deferred->claim;

		link = link->next;
		free_claimed(&claim);
		cond_resched();
	}
}

static void defer(const struct mmbox_claim *claim)
{
	struct deferred *deferred = mmbox_page_addr(claim->page);
	struct mmbox_vmap *vmap = claim->vmap;

	deferred->claim = *claim;
	/* Once it is in the list it may be gone, and its box too. */
	preempt_disable();
	if (llist_add(&deferred->link, &vmap->deferred))
		schedule_work(&vmap->free);
	preempt_enable();
}

/* A slab may lie in an area, which is then not its caller's to free. */
static __always_inline bool holds_objects(unsigned long pfn)
{
	struct mmbox_section *section = mmbox_section_find(pfn);

	return section && mmbox_page_state(mmbox_section_page(section, pfn)) ==
			  MMBOX_PAGE_SLAB;
}

static bool area_holds_objects(const void *addr)
{
	struct page *host = mmbox_vmalloc_to_page(addr);
	bool holds;

	if (!host)
		return false;
	preempt_disable();
	holds = holds_objects(page_to_pfn(host));
	preempt_enable();
	return holds;
}

static noinline void vfree_slow(const void *addr)
{
	struct mmbox_claim claim;
	int err;

	if (!addr)
		return;
	err = area_holds_objects(addr) ? -EBUSY :
	      mmbox_area_claim((unsigned long)addr, MMBOX_AREA_VMALLOC, &claim);
	if (err) {
		mmbox_area_refuse_return(addr, "vfree", err);
		return;
	}
	mmbox_stat_inc(claim.vmap->box->stat, MMBOX_EVENT_VMAP_UNMAP);
	if (in_interrupt())
		defer(&claim);
	else
		free_claimed(&claim);
}

/**
 * mmbox_vfree - undo mmbox_vmalloc() and its like
 * @addr: what it returned; NULL does nothing
 *
 * The addresses are not used again before all CPUs have forgotten what was
 * mapped there. The pages are free at once, but in an interrupt: then somewhat
 * later.
 *
 * Context: any.
 */
void mmbox_vfree(const void *addr)
{
	struct mmbox_small_ref ref;
	bool claimed;

	if (unlikely(in_interrupt() || trace_free_vmap_area_noflush_enabled())) {
		vfree_slow(addr);
		return;
	}
	preempt_disable();
	claimed = mmbox_small_find((unsigned long)addr, MMBOX_AREA_VMALLOC,
				   &ref) &&
		  !holds_objects(mmbox_pte_pfn(*ref.pte)) &&
		  mmbox_small_claim(&ref);
	preempt_enable();
	if (unlikely(!claimed)) {
		vfree_slow(addr);
		return;
	}
	mmbox_stat_inc(ref.vmap->box->stat, MMBOX_EVENT_VMAP_UNMAP);
	free_entries(ref.pte, mmbox_word_nr(ref.word));
	preempt_disable();
	mmbox_small_release(ref.vmap, ref.chunk);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(mmbox_vfree);

/*
 * The page that the host has mapped at an address of an area. Registers have
 * none, and the host looks for it nevertheless.
 */
static struct page *host_page(struct mmbox_vmap *vmap, const void *addr)
{
	unsigned long number = (unsigned long)addr >> PAGE_SHIFT;
	struct mmbox_area_info info;

	if (!mmbox_area_next(vmap, number, &info) || info.page > number ||
	    mmbox_word_kind(info.word) == MMBOX_AREA_IOREMAP)
		return NULL;
	return vmalloc_to_page(addr);
}

/**
 * mmbox_vmalloc_to_page - the page mapped at an address
 * @addr: an address in an area, of any kind
 *
 * Context: any, as long as the area stays.
 * Return: the page, or NULL if no page of memory is mapped there by a box.
 */
struct page *mmbox_vmalloc_to_page(const void *addr)
{
	unsigned long number = (unsigned long)addr >> PAGE_SHIFT;
	struct page *page = NULL;
	struct mmbox_vmap *vmap;

	preempt_disable();
	vmap = mmbox_vmap_find(number);
	if (vmap && vmap->own) {
		pte_t pte = READ_ONCE(*mmbox_pgwindow_pte(&vmap->window, number));

		if (mmbox_pte_is_set(pte) && pfn_valid(mmbox_pte_pfn(pte)))
			page = pfn_to_page(mmbox_pte_pfn(pte));
	} else if (vmap) {
		page = host_page(vmap, addr);
	}
	preempt_enable();
	return page;
}
EXPORT_SYMBOL_GPL(mmbox_vmalloc_to_page);
