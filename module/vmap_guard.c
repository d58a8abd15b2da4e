// SPDX-License-Identifier: GPL-2.0
/*
 * Pages for guarded objects: each one alone in an area, with pages on both
 * sides that are never mapped.
 *
 * What a CPU remembers of a page that is taken away is forgotten at once on the
 * CPU that does so; others forget it with the next purge at the latest, before
 * the addresses are used again.
 */
#include <linux/mm.h>

#include "internal.h"
#include "vmap_guard.h"
#include "vmap_space.h"

static void *guard_map(struct mmbox *box, gfp_t gfp, unsigned long caller)
{
	struct mmbox_area_req req = {
		.nr_pages = 1,
		.align = 1,
		.kind = MMBOX_AREA_GUARDED,
		.gfp = gfp,
		.caller = caller,
	};
	struct mmbox_vmap *vmap = box->vmap;
	unsigned long number;
	struct page *page;

	if (!vmap->own || in_interrupt() || !mmbox_vmap_ready(vmap, gfp) ||
	    !vmap->own)
		return NULL;
	page = mmbox_alloc_pages(box, gfp, 0);
	if (!page)
		return NULL;
	number = mmbox_area_reserve(vmap, &req);
	if (!number) {
		mmbox_free_pages(page, 0);
		return NULL;
	}
	mmbox_stat_inc(box->stat, MMBOX_EVENT_VMAP_MAP);
	mmbox_pte_set(mmbox_pgwindow_pte(&vmap->window, number),
		      page_to_pfn(page), mmbox_pte_bits(PAGE_KERNEL));
	return (void *)(number << PAGE_SHIFT);
}

static void guard_unmap(void *addr)
{
	struct mmbox_claim claim;
	struct page *page;
	pte_t *pte;

	if (mmbox_area_claim((unsigned long)addr, MMBOX_AREA_GUARDED, &claim))
		return;
	mmbox_stat_inc(claim.vmap->box->stat, MMBOX_EVENT_VMAP_UNMAP);
	pte = mmbox_pgwindow_pte(&claim.vmap->window, claim.page);
	page = pfn_to_page(mmbox_pte_pfn(*pte));
	mmbox_pte_clear(pte);
	preempt_disable();
	mmbox_flush_this_cpu();
	preempt_enable();
	mmbox_free_pages(page, 0);
	mmbox_area_release(&claim);
}

static struct mmbox *guard_owner(const void *addr)
{
	struct mmbox_vmap *vmap;

	vmap = mmbox_vmap_find((unsigned long)addr >> PAGE_SHIFT);
	return vmap ? vmap->box : NULL;
}

const struct mmbox_guard_ops mmbox_vmap_guard_ops = {
	.map = guard_map,
	.unmap = guard_unmap,
	.owner = guard_owner,
};
