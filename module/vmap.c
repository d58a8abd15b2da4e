// SPDX-License-Identifier: GPL-2.0
/*
 * vmap: pages of anybody mapped side by side. A small area is cut off the CPU's
 * chunk and its entries are written, all in one function; what does not fit
 * goes the long way, where it is also said what a caller did wrong.
 */
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "internal.h"
#include "trace.h"
#include "vmap_map.h"

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
	else if (!mmbox_no_page_missing(pages, nr))
		why = "a page is NULL";
	if (why) {
		mmbox_area_refuse(box, "vmap", why);
		return NULL;
	}
	might_sleep();
	addr = mmbox_area_map(box, &req, pages, prot);
	return addr ?: mmbox_area_refuse_room(box, "vmap", nr);
}

/* A page is NULL: the area was taken for nothing. */
static noinline void *vmap_undo(struct mmbox_vmap *vmap, unsigned long page)
{
	mmbox_area_undo(vmap, page, MMBOX_AREA_VMAP);
	mmbox_area_refuse(vmap->box, "vmap", "a page is NULL");
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
	*addr = mmbox_page_addr(page);
	if (unlikely(!mmbox_entries_set(pte, pages, nr, mmbox_pte_bits(prot))))
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
		mmbox_area_refuse(mmbox_area_box(addr), "vunmap", "not in an interrupt");
		return;
	}
	err = mmbox_area_unmap(addr, MMBOX_AREA_VMAP);
	if (err)
		mmbox_area_refuse_return(addr, "vunmap", err);
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
		mmbox_entries_clear(ref.pte, mmbox_word_nr(ref.word));
		mmbox_small_release(ref.vmap, ref.chunk);
	}
	preempt_enable();
	if (unlikely(!claimed))
		vunmap_slow(addr);
}
EXPORT_SYMBOL_GPL(mmbox_vunmap);
