// SPDX-License-Identifier: GPL-2.0
/*
 * Pages mapped at addresses that lie side by side, for the other parts; and
 * what is done about wrong calls. vmap.c and vmalloc.c make the kernel's calls
 * of it.
 *
 * What a caller does wrong is refused, counted and reported, and changes
 * nothing.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/ratelimit.h>
#include <linux/vmalloc.h>

#include "internal.h"
#include "trace.h"
#include "vmap_map.h"

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

/**
 * mmbox_area_refuse_room - count and report that there is no room
 * @box:      the box
 * @what:     the call
 * @nr_pages: pages that were asked for
 *
 * In numbers: what is free may be in pieces, or wait for areas beside it.
 *
 * Context: any.
 * Return: NULL.
 */
noinline void *mmbox_area_refuse_room(struct mmbox *box, const char *what,
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

static void clear_pages(const struct mmbox_vmap *vmap, unsigned long page,
			unsigned long nr)
{
	while (nr) {
		unsigned long run = mmbox_entries_run(page, nr);

		mmbox_entries_clear(mmbox_pgwindow_pte(&vmap->window, page), run);
		page += run;
		nr -= run;
	}
}

static bool map_run(const struct mmbox_vmap *vmap, unsigned long page,
		    unsigned long nr, struct page **pages, pteval_t bits)
{
	while (nr) {
		unsigned long run = mmbox_entries_run(page, nr);

		if (!mmbox_entries_set(mmbox_pgwindow_pte(&vmap->window, page),
				       pages, run, bits))
			return false;
		page += run;
		pages += run;
		nr -= run;
	}
	return true;
}

/**
 * mmbox_area_unmap_by_host - unmap an area that the host mapped
 * @claim: the area
 *
 * Context: process context, may sleep.
 */
void mmbox_area_unmap_by_host(struct mmbox_claim *claim)
{
	mmbox_area_disown(claim);
	vunmap(mmbox_page_addr(claim->page));
}

/**
 * mmbox_area_give_back - give an area's addresses back, as the trace has it
 * @claim: as for mmbox_area_release()
 *
 * Context: any.
 */
void mmbox_area_give_back(const struct mmbox_claim *claim)
{
	if (trace_free_vmap_area_noflush_enabled())
		trace_back(claim);
	mmbox_area_release(claim);
}

/**
 * mmbox_area_undo - undo what maps an area, whole or in part
 * @vmap: address space with a window
 * @page: number of the area's first page
 * @kind: what it is for
 *
 * Its pages stay as they are.
 *
 * Context: any.
 */
noinline void mmbox_area_undo(struct mmbox_vmap *vmap, unsigned long page,
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

/**
 * mmbox_area_map_by_host - have the host map an area
 * @box:   the box, which has no window
 * @req:   what is wanted
 * @pages: the pages
 * @prot:  protection and cache attributes
 *
 * Context: process context, may sleep.
 * Return: address of the first page, or NULL.
 */
void *mmbox_area_map_by_host(struct mmbox *box,
			     const struct mmbox_area_req *req,
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

/**
 * mmbox_area_note_map - count and trace a mapping
 * @vmap: address space
 * @req:  what was wanted
 * @page: number of the area's first page, or 0 if there is none
 *
 * Context: any.
 */
void mmbox_area_note_map(struct mmbox_vmap *vmap,
			 const struct mmbox_area_req *req, unsigned long page)
{
	if (trace_alloc_vmap_area_enabled() || trace_mmbox_vmap_map_enabled())
		trace_taken(vmap, req, page);
	if (page)
		mmbox_stat_inc(vmap->box->stat, MMBOX_EVENT_VMAP_MAP);
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
	    !mmbox_no_page_missing(pages, req->nr_pages))
		return NULL;
	if (!vmap->own) {
		addr = mmbox_area_map_by_host(box, req, pages, prot);
		mmbox_area_note_map(vmap, req, (unsigned long)addr >> PAGE_SHIFT);
		return addr;
	}
	page = mmbox_area_reserve(vmap, req);
	if (page)
		map_run(vmap, page, req->nr_pages, pages, mmbox_pte_bits(prot));
	mmbox_area_note_map(vmap, req, page);
	return page ? mmbox_page_addr(page) : NULL;
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
	mmbox_area_note_map(vmap, req, page);
	return page ? mmbox_page_addr(page) : NULL;
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
		mmbox_area_unmap_by_host(&claim);
	mmbox_area_give_back(&claim);
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
