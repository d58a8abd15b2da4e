/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries of a window written, many at a time, and what the kernel's calls of
 * vmap.c and vmalloc.c share; see vmap_map.c.
 */
#ifndef MMBOX_VMAP_MAP_H
#define MMBOX_VMAP_MAP_H

#include "vmap.h"
#include "vmap_chunk.h"

#define mmbox_page_addr(page)	((void *)((page) << PAGE_SHIFT))

static __always_inline bool mmbox_entry_set(pte_t *pte, struct page *page,
					    pteval_t bits)
{
	if (unlikely(!page))
		return false;
	mmbox_pte_set(pte, page_to_pfn(page), bits);
	return true;
}

static __always_inline bool mmbox_entries_set(pte_t *pte, struct page **pages,
					      unsigned long nr, pteval_t bits)
{
	for (; nr >= 4; nr -= 4, pte += 4, pages += 4)
		if (unlikely(!mmbox_entry_set(pte, pages[0], bits) ||
			     !mmbox_entry_set(pte + 1, pages[1], bits) ||
			     !mmbox_entry_set(pte + 2, pages[2], bits) ||
			     !mmbox_entry_set(pte + 3, pages[3], bits)))
			return false;
	for (; nr; nr--, pte++, pages++)
		if (unlikely(!mmbox_entry_set(pte, pages[0], bits)))
			return false;
	return true;
}

static __always_inline void mmbox_entries_clear(pte_t *pte, unsigned long nr)
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
static inline unsigned long
mmbox_entries_run(unsigned long page, unsigned long nr)
{
	return min(nr, MMBOX_TABLE_PAGES - page % MMBOX_TABLE_PAGES);
}

static inline bool mmbox_no_page_missing(struct page **pages, unsigned long nr)
{
	while (nr--)
		if (!*pages++)
			return false;
	return true;
}

void *mmbox_area_map_by_host(struct mmbox *box,
			     const struct mmbox_area_req *req,
			     struct page **pages, pgprot_t prot);
void mmbox_area_unmap_by_host(struct mmbox_claim *claim);
void mmbox_area_note_map(struct mmbox_vmap *vmap,
			 const struct mmbox_area_req *req, unsigned long page);
void mmbox_area_give_back(const struct mmbox_claim *claim);
void mmbox_area_undo(struct mmbox_vmap *vmap, unsigned long page,
		     enum mmbox_area_kind kind);
void *mmbox_area_refuse_room(struct mmbox *box, const char *what,
			     unsigned long nr_pages);

#endif /* MMBOX_VMAP_MAP_H */
