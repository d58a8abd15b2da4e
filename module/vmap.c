// SPDX-License-Identifier: GPL-2.0
/*
 * Pages mapped at addresses that lie side by side: vmap, and vmalloc, which
 * takes the pages from the box.
 *
 * In a window a page table entry holds all that is known of a page there:
 * vfree reads from it what to give back to the box, and keeps no array.
 *
 * What a caller does wrong is refused, counted and reported, and changes
 * nothing.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>

#include "internal.h"
#include "section.h"
#include "trace.h"
#include "vmap.h"

/* Pages that are moved between the box and a window at once. */
#define BATCH		64UL

/* A kernel may clear all that is on the stack: not what is written first. */
#if __has_attribute(__uninitialized__)
#define __unset		__attribute__((__uninitialized__))
#else
#define __unset
#endif

#define page_addr(page)	((void *)((page) << PAGE_SHIFT))

/*
 * Refusals
 */

static noinline void refuse(struct mmbox *box, const char *what,
			    const char *why)
{
	static DEFINE_RATELIMIT_STATE(limit, DEFAULT_RATELIMIT_INTERVAL,
				      DEFAULT_RATELIMIT_BURST);

	if (box)
		mmbox_stat_inc(box->stat, MMBOX_EVENT_VMAP_REFUSED);
	if (!__ratelimit(&limit))
		return;
	pr_err("%s: %s refused: %s\n", box ? box->name : "no box", what, why);
	dump_stack();
}

/* Says why an area could not be given back. */
static noinline void refuse_return(unsigned long addr, const char *what,
				   int err)
{
	struct mmbox_vmap *vmap;
	const char *why;

	if (err == -EALREADY)
		why = "it is already given back";
	else if (err == -EINVAL)
		why = "it is an area of another kind";
	else if (err == -EBUSY)
		why = "its pages hold objects, which are freed otherwise";
	else
		why = "no area begins there";
	preempt_disable();
	vmap = mmbox_vmap_find(addr >> PAGE_SHIFT);
	refuse(vmap ? vmap->box : NULL, what, why);
	preempt_enable();
}

/**
 * mmbox_area_refuse - count and report a wrong call
 * @box:  the box, or NULL for none
 * @what: the call
 * @why:  what is wrong with it
 *
 * Context: any.
 */
void mmbox_area_refuse(struct mmbox *box, const char *what, const char *why)
{
	refuse(box, what, why);
}

/**
 * mmbox_area_refuse_return - count and report an area that was not given back
 * @addr: its address
 * @what: the call
 * @err:  what mmbox_area_claim() said
 *
 * Context: any.
 */
void mmbox_area_refuse_return(const void *addr, const char *what, int err)
{
	refuse_return((unsigned long)addr, what, err);
}

/* In numbers: what is free may be in pieces, or wait for areas beside it. */
static noinline void *refuse_room(struct mmbox *box, const char *what,
				  unsigned long nr_pages)
{
	struct mmbox_vmap *vmap = box->vmap;
	unsigned long flags, free, largest;
	unsigned int chunks;
	char why[128];

	raw_spin_lock_irqsave(&vmap->lock, flags);
	free = vmap->space.nr_free;
	largest = mmbox_va_largest(&vmap->space);
	chunks = vmap->nr_used;
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	snprintf(why, sizeof(why),
		 "no room for %lu pages: %lu are free, at most %lu side by side, and %u chunks are in use",
		 nr_pages, free, largest, chunks);
	refuse(box, what, why);
	return NULL;
}

/*
 * Tracing: out of line, as in page_alloc.c
 */

static noinline void trace_taken(struct mmbox_vmap *vmap,
				 const struct mmbox_area_req *req,
				 unsigned long page)
{
	unsigned long first = vmap->window.first << PAGE_SHIFT;

	trace_alloc_vmap_area(page << PAGE_SHIFT,
			      (req->nr_pages + 1) << PAGE_SHIFT,
			      req->align << PAGE_SHIFT, first,
			      first + (vmap->nr_pages << PAGE_SHIFT), !page,
			      vmap->box->name);
	if (page)
		trace_mmbox_vmap_map(page << PAGE_SHIFT, req->nr_pages,
				     vmap->box->name);
}

static noinline void trace_back(const struct mmbox_claim *claim)
{
	trace_free_vmap_area_noflush(claim->page << PAGE_SHIFT,
				     READ_ONCE(claim->vmap->nr_lazy),
				     claim->vmap->nr_pages / 4,
				     claim->vmap->box->name);
}

/*
 * Entries of a window
 */

static __always_inline bool set_page(pte_t *pte, struct page *page,
				     pteval_t bits)
{
	if (unlikely(!page))
		return false;
	mmbox_pte_set(pte, page_to_pfn(page), bits);
	return true;
}

static __always_inline bool set_pages(pte_t *pte, struct page **pages,
				      unsigned long nr, pteval_t bits)
{
	for (; nr >= 4; nr -= 4, pte += 4, pages += 4)
		if (unlikely(!set_page(pte, pages[0], bits) ||
			     !set_page(pte + 1, pages[1], bits) ||
			     !set_page(pte + 2, pages[2], bits) ||
			     !set_page(pte + 3, pages[3], bits)))
			return false;
	for (; nr; nr--, pte++, pages++)
		if (unlikely(!set_page(pte, pages[0], bits)))
			return false;
	return true;
}

static __always_inline void clear_entries(pte_t *pte, unsigned long nr)
{
	for (; nr >= 4; nr -= 4, pte += 4) {
		mmbox_pte_clear(pte);
		mmbox_pte_clear(pte + 1);
		mmbox_pte_clear(pte + 2);
		mmbox_pte_clear(pte + 3);
	}
	while (nr--)
		mmbox_pte_clear(pte++);
}

/* Entries from that of @page on that lie side by side, at most @nr. */
static unsigned long run_of(unsigned long page, unsigned long nr)
{
	return min(nr, MMBOX_TABLE_PAGES - page % MMBOX_TABLE_PAGES);
}

static void clear_pages(const struct mmbox_vmap *vmap, unsigned long page,
			unsigned long nr)
{
	while (nr) {
		unsigned long run = run_of(page, nr);

		clear_entries(mmbox_pgwindow_pte(&vmap->window, page), run);
		page += run;
		nr -= run;
	}
}

static bool map_run(const struct mmbox_vmap *vmap, unsigned long page,
		    unsigned long nr, struct page **pages, pteval_t bits)
{
	while (nr) {
		unsigned long run = run_of(page, nr);

		if (!set_pages(mmbox_pgwindow_pte(&vmap->window, page), pages,
			       run, bits))
			return false;
		page += run;
		pages += run;
		nr -= run;
	}
	return true;
}

/* An area of the host's that it gave back. */
static void unmap_by_host(struct mmbox_claim *claim)
{
	mmbox_area_disown(claim);
	vunmap(page_addr(claim->page));
}

static void give_back(const struct mmbox_claim *claim)
{
	if (trace_free_vmap_area_noflush_enabled())
		trace_back(claim);
	mmbox_area_release(claim);
}

/* Undoes what maps an area, whole or in part; its pages stay as they are. */
static noinline void undo(struct mmbox_vmap *vmap, unsigned long page,
			  enum mmbox_area_kind kind)
{
	struct mmbox_claim claim;

	if (mmbox_area_claim(page << PAGE_SHIFT, kind, &claim))
		return;
	mmbox_stat_inc(vmap->box->stat, MMBOX_EVENT_VMAP_UNMAP);
	clear_pages(vmap, page, claim.nr);
	mmbox_area_release(&claim);
}

/*
 * Mapping
 */

static void *map_by_host(struct mmbox *box, const struct mmbox_area_req *req,
			 struct page **pages, pgprot_t prot)
{
	void *addr;

	/* The host's vmap() takes the size of a page for any alignment. */
	if (req->align > 1 || !gfpflags_allow_blocking(req->gfp) ||
	    req->nr_pages > UINT_MAX ||
	    req->nr_pages >= box->vmap->nr_pages)
		return NULL;
	addr = vmap(pages, req->nr_pages, VM_MAP, prot);
	if (!addr)
		return NULL;
	if (mmbox_area_adopt(box->vmap, (unsigned long)addr, req)) {
		vunmap(addr);
		return NULL;
	}
	return addr;
}

static void note_map(struct mmbox_vmap *vmap, const struct mmbox_area_req *req,
		     unsigned long page)
{
	if (trace_alloc_vmap_area_enabled() || trace_mmbox_vmap_map_enabled())
		trace_taken(vmap, req, page);
	if (page)
		mmbox_stat_inc(vmap->box->stat, MMBOX_EVENT_VMAP_MAP);
}

static bool no_page_missing(struct page **pages, unsigned long nr)
{
	while (nr--)
		if (!*pages++)
			return false;
	return true;
}

/**
 * mmbox_area_map - map pages side by side
 * @box:   the box
 * @req:   what is wanted
 * @pages: the pages
 * @prot:  protection and cache attributes
 *
 * Context: process context, or any other but interrupts; may sleep if @req
 * says so.
 * Return: address of the first page, or NULL, unreported, if there is no room.
 */
void *mmbox_area_map(struct mmbox *box, const struct mmbox_area_req *req,
		     struct page **pages, pgprot_t prot)
{
	struct mmbox_vmap *vmap = box->vmap;
	unsigned long page;
	void *addr;

	if (!mmbox_vmap_ready(vmap, req->gfp) || !mmbox_prot_ok(prot) ||
	    !no_page_missing(pages, req->nr_pages))
		return NULL;
	if (!vmap->own) {
		addr = map_by_host(box, req, pages, prot);
		note_map(vmap, req, (unsigned long)addr >> PAGE_SHIFT);
		return addr;
	}
	page = mmbox_area_reserve(vmap, req);
	if (page)
		map_run(vmap, page, req->nr_pages, pages, mmbox_pte_bits(prot));
	note_map(vmap, req, page);
	return page ? page_addr(page) : NULL;
}

/**
 * mmbox_area_map_pfn - map frames that follow each other
 * @box:  the box, whose page tables are written here
 * @req:  what is wanted
 * @pfn:  the first frame, of memory or of a device
 * @prot: protection and cache attributes
 *
 * Context: as mmbox_area_map().
 * Return: likewise; NULL also where the box has no window.
 */
void *mmbox_area_map_pfn(struct mmbox *box, const struct mmbox_area_req *req,
			 unsigned long pfn, pgprot_t prot)
{
	struct mmbox_vmap *vmap = box->vmap;
	pteval_t bits = mmbox_pte_bits(prot);
	unsigned long page, i;

	if (!mmbox_vmap_ready(vmap, req->gfp) || !vmap->own ||
	    !mmbox_prot_ok(prot))
		return NULL;
	page = mmbox_area_reserve(vmap, req);
	for (i = 0; page && i < req->nr_pages; i++)
		mmbox_pte_set(mmbox_pgwindow_pte(&vmap->window, page + i),
			      pfn + i, bits);
	note_map(vmap, req, page);
	return page ? page_addr(page) : NULL;
}

/**
 * mmbox_area_unmap - give back what mmbox_area_map() gave
 * @addr: the address
 * @kind: what the area is for
 *
 * Context: any with a window; process context without.
 * Return: 0, or what mmbox_area_claim() says, unreported.
 */
int mmbox_area_unmap(const void *addr, enum mmbox_area_kind kind)
{
	struct mmbox_claim claim;
	int err;

	err = mmbox_area_claim((unsigned long)addr, kind, &claim);
	if (err)
		return err;
	mmbox_stat_inc(claim.vmap->box->stat, MMBOX_EVENT_VMAP_UNMAP);
	if (claim.vmap->own)
		clear_pages(claim.vmap, claim.page, claim.nr);
	else
		unmap_by_host(&claim);
	give_back(&claim);
	return 0;
}

/**
 * mmbox_area_box - the box in whose address space an address lies
 * @addr: any address
 *
 * Context: any. If the caller has an area there, the box stays.
 * Return: the box, or NULL if the address is in no box's.
 */
struct mmbox *mmbox_area_box(const void *addr)
{
	struct mmbox_vmap *vmap;
	struct mmbox *box = NULL;

	preempt_disable();
	vmap = mmbox_vmap_find((unsigned long)addr >> PAGE_SHIFT);
	if (vmap)
		box = vmap->box;
	preempt_enable();
	return box;
}

/*
 * vmap
 */

static noinline void *vmap_slow(struct mmbox *box, struct page **pages,
				unsigned int nr, unsigned long flags,
				pgprot_t prot, unsigned long caller)
{
	const struct mmbox_area_req req = {
		.nr_pages = nr,
		.align = 1,
		.kind = MMBOX_AREA_VMAP,
		.gfp = GFP_KERNEL,
		.caller = caller,
	};
	const char *why = NULL;
	void *addr;

	if (in_interrupt())
		why = "not in an interrupt";
	else if (!nr)
		why = "no page is to be mapped";
	else if (flags & ~VM_MAP)
		why = "it has flags other than VM_MAP";
	else if (!mmbox_prot_ok(prot))
		why = "the protection is not one of the kernel's";
	else if (!no_page_missing(pages, nr))
		why = "a page is NULL";
	if (why) {
		refuse(box, "vmap", why);
		return NULL;
	}
	might_sleep();
	addr = mmbox_area_map(box, &req, pages, prot);
	return addr ?: refuse_room(box, "vmap", nr);
}

/* A page is NULL: the area was taken for nothing. */
static noinline void *vmap_undo(struct mmbox_vmap *vmap, unsigned long page)
{
	undo(vmap, page, MMBOX_AREA_VMAP);
	refuse(vmap->box, "vmap", "a page is NULL");
	return NULL;
}

/* Maps in the CPU's chunk. Returns false if that has no room. */
static __always_inline bool vmap_small(struct mmbox_vmap *vmap,
				       struct page **pages, unsigned int nr,
				       pgprot_t prot, unsigned long caller,
				       void **addr)
{
	unsigned long page;
	pte_t *pte;

	if (unlikely(!mmbox_area_cut(vmap, nr, MMBOX_AREA_VMAP, caller, &page,
				     &pte)))
		return false;
	mmbox_stat_inc(vmap->box->stat, MMBOX_EVENT_VMAP_MAP);
	*addr = page_addr(page);
	if (unlikely(!set_pages(pte, pages, nr, mmbox_pte_bits(prot))))
		*addr = vmap_undo(vmap, page);
	return true;
}

static noinline void *vmap_refill(struct mmbox_vmap *vmap, struct page **pages,
				  unsigned int nr, unsigned long flags,
				  pgprot_t prot, unsigned long caller)
{
	void *addr;

	might_sleep();
	while (mmbox_chunk_refill(vmap, GFP_KERNEL))
		if (vmap_small(vmap, pages, nr, prot, caller, &addr))
			return addr;
	return vmap_slow(vmap->box, pages, nr, flags, prot, caller);
}

/**
 * mmbox_vmap - map pages side by side
 * @box:   the box that gives the addresses
 * @pages: the pages, of a box or of the host; they stay the caller's
 * @nr:	   their number
 * @flags: VM_MAP, or 0
 * @prot:  protection and cache attributes, as PAGE_KERNEL
 *
 * Context: process context, may sleep.
 * Return: address of the first page, or NULL, with one report.
 */
void *mmbox_vmap(struct mmbox *box, struct page **pages, unsigned int nr,
		 unsigned long flags, pgprot_t prot)
{
	struct mmbox_vmap *vmap = box->vmap;
	void *addr;

	/* Nothing is called but in the end: there is nothing to save before. */
	if (unlikely(nr - 1 >= MMBOX_SMALL_PAGES || flags & ~VM_MAP ||
		     !mmbox_vmap_is_fast(vmap) || !mmbox_prot_ok(prot) ||
		     in_interrupt() || trace_alloc_vmap_area_enabled() ||
		     trace_mmbox_vmap_map_enabled()))
		return vmap_slow(box, pages, nr, flags, prot, _RET_IP_);
	if (unlikely(!vmap_small(vmap, pages, nr, prot, _RET_IP_, &addr)))
		return vmap_refill(vmap, pages, nr, flags, prot, _RET_IP_);
	return addr;
}
EXPORT_SYMBOL_GPL(mmbox_vmap);

/* Whether nothing of the host's is needed to unmap what is at an address. */
static bool area_is_own(const void *addr)
{
	struct mmbox_vmap *vmap;
	bool own;

	preempt_disable();
	vmap = mmbox_vmap_find((unsigned long)addr >> PAGE_SHIFT);
	own = !vmap || vmap->own;
	preempt_enable();
	return own;
}

static noinline void vunmap_slow(const void *addr)
{
	int err;

	if (!addr)
		return;
	if (in_interrupt() && !area_is_own(addr)) {
		refuse(mmbox_area_box(addr), "vunmap", "not in an interrupt");
		return;
	}
	err = mmbox_area_unmap(addr, MMBOX_AREA_VMAP);
	if (err)
		refuse_return((unsigned long)addr, "vunmap", err);
}

/**
 * mmbox_vunmap - undo mmbox_vmap()
 * @addr: what it returned; NULL does nothing
 *
 * The addresses are not used again before all CPUs have forgotten what was
 * mapped there.
 *
 * Context: process context; any, if the box writes its page tables itself.
 */
void mmbox_vunmap(const void *addr)
{
	struct mmbox_small_ref ref;
	bool claimed;

	if (trace_free_vmap_area_noflush_enabled()) {
		vunmap_slow(addr);
		return;
	}
	preempt_disable();
	claimed = mmbox_small_find((unsigned long)addr, MMBOX_AREA_VMAP, &ref) &&
		  mmbox_small_claim(&ref);
	if (likely(claimed)) {
		mmbox_stat_inc(ref.vmap->box->stat, MMBOX_EVENT_VMAP_UNMAP);
		clear_entries(ref.pte, mmbox_word_nr(ref.word));
		mmbox_small_release(ref.vmap, ref.chunk);
	}
	preempt_enable();
	if (unlikely(!claimed))
		vunmap_slow(addr);
}
EXPORT_SYMBOL_GPL(mmbox_vunmap);

/*
 * vmalloc
 */

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
		unsigned long run = run_of(page, nr);

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
		unsigned long run = min(run_of(page, nr - done), BATCH), got;

		got = mmbox_alloc_pages_fresh(vmap->box, req->gfp, run, pages,
					      req->caller);
		set_pages(mmbox_pgwindow_pte(&vmap->window, page), pages, got,
			  bits);
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
	note_map(vmap, req, page);
	if (!page)
		return refuse_room(vmap->box, "vmalloc", req->nr_pages);
	got = fill_window(vmap, page, req);
	if (unlikely(got < req->nr_pages)) {
		free_window_pages(vmap, page, got);
		undo(vmap, page, req->kind);
		return NULL;	/* the page allocator has reported it */
	}
	return page_addr(page);
}

static void *vmalloc_by_host(struct mmbox_vmap *vmap,
			     const struct mmbox_area_req *req)
{
	unsigned long nr = req->nr_pages, got = 0;
	struct page **pages;
	void *addr = NULL;

	if (req->align > 1) {
		refuse(vmap->box, "vmalloc", "the host's vmap() aligns to pages only");
		return NULL;
	}
	if (nr >= vmap->nr_pages)
		return refuse_room(vmap->box, "vmalloc", req->nr_pages);
	pages = kvcalloc(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return NULL;
	got = mmbox_alloc_pages_fresh(vmap->box, req->gfp, nr, pages,
				      req->caller);
	if (got == nr) {
		addr = map_by_host(vmap->box, req, pages, PAGE_KERNEL);
		note_map(vmap, req, (unsigned long)addr >> PAGE_SHIFT);
		if (!addr)
			refuse_room(vmap->box, "vmalloc", req->nr_pages);
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
		refuse(box, "vmalloc", why);
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
		refuse(box, "vmalloc", "pages come from the CPU's own node");
		return NULL;
	}
	return do_vmalloc(box, size, align, gfp,
			  (unsigned long)caller ?: _RET_IP_);
}
EXPORT_SYMBOL_GPL(mmbox_vmalloc_node);

static void free_by_host(struct mmbox_claim *claim)
{
	void *addr = page_addr(claim->page);
	struct page *page, *first = NULL;
	unsigned long i;

	/* Only the host knows which pages they are: a list, in themselves. */
	for (i = 0; i < claim->nr; i++) {
		page = vmalloc_to_page(addr + i * PAGE_SIZE);
		set_page_private(page, (unsigned long)first);
		first = page;
	}
	unmap_by_host(claim);
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
	give_back(claim);
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
	struct deferred *deferred = page_addr(claim->page);
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
		refuse_return((unsigned long)addr, "vfree", err);
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
		page = vmalloc_to_page(addr);
	}
	preempt_enable();
	return page;
}
EXPORT_SYMBOL_GPL(mmbox_vmalloc_to_page);
