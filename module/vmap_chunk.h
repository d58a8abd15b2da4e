/* SPDX-License-Identifier: GPL-2.0 */
/* Pieces of a window that CPUs cut small areas off; see vmap_chunk.c. */
#ifndef MMBOX_VMAP_CHUNK_H
#define MMBOX_VMAP_CHUNK_H

#include "vmap_space.h"

struct mmbox_purged;

int mmbox_chunks_create(struct mmbox_vmap *vmap);
void mmbox_chunks_destroy(struct mmbox_vmap *vmap);
bool mmbox_chunks_drop(struct mmbox_vmap *vmap);
unsigned long mmbox_chunks_clean(struct mmbox_vmap *vmap,
				 struct list_head *dirty,
				 struct mmbox_purged *purged);
bool mmbox_chunk_refill(struct mmbox_vmap *vmap, gfp_t gfp);
void mmbox_chunk_done(struct mmbox_vmap *vmap, struct mmbox_chunk *chunk);
void mmbox_vmap_drain_dead_cpu(struct mmbox *box, unsigned int cpu);

/* The first page of a chunk that is in no area yet. */
static inline unsigned int mmbox_chunk_head(const struct mmbox_chunk *chunk)
{
	/* Who sees the head sees the areas before it, too. */
	return smp_load_acquire(&chunk->head);
}

static inline struct mmbox_chunk *mmbox_page_chunk(struct mmbox_vmap *vmap,
						   unsigned long page)
{
	return &vmap->chunk[(page - vmap->window.first) / MMBOX_CHUNK_PAGES];
}

/**
 * mmbox_area_cut - a small area off the CPU's chunk
 * @vmap:   address space with a window
 * @nr:	    pages, 1 to MMBOX_SMALL_PAGES
 * @kind:   what for
 * @caller: who asks
 * @page:   set to the number of its first page
 * @pte:    set to the entry of its first page; all of them are empty
 *
 * Takes no lock. A CPU's chunk is not for interrupts.
 *
 * Context: process context, or any other but interrupts.
 * Return: false if the chunk has no room.
 */
static __always_inline bool
mmbox_area_cut(struct mmbox_vmap *vmap, unsigned long nr,
	       enum mmbox_area_kind kind, unsigned long caller,
	       unsigned long *page, pte_t **pte)
{
	struct mmbox_chunk *chunk;
	unsigned int at;

	preempt_disable();
	chunk = *this_cpu_ptr(vmap->current_chunk);
	if (unlikely(!chunk || chunk->head + nr >= MMBOX_CHUNK_PAGES)) {
		preempt_enable();
		return false;
	}
	at = chunk->head;
	chunk->small[at].caller = caller;
	WRITE_ONCE(chunk->small[at].word,
		   mmbox_area_word(MMBOX_AREA_LIVE, kind, nr));
	chunk->nr_cut++;
	/* Who sees the new head sees what is before it, too. */
	smp_store_release(&chunk->head, at + nr + 1);
	preempt_enable();
	*pte = chunk->pte + at;
	*page = chunk->first + at;
	return true;
}

/**
 * struct mmbox_small_ref - a small area found by its address
 * @vmap:  the address space
 * @chunk: the chunk
 * @small: what stands at its first page
 * @word:  the word there
 * @pte:   page table entry of its first page
 */
struct mmbox_small_ref {
	struct mmbox_vmap *vmap;
	struct mmbox_chunk *chunk;
	struct mmbox_small *small;
	unsigned long word;
	pte_t *pte;
};

/**
 * mmbox_small_find - find a small area that somebody has
 * @addr: its address
 * @kind: what it must be
 * @ref:  filled in
 *
 * Context: any, with preemption off until mmbox_small_claim().
 * Return: false if it is none: then mmbox_area_claim() tells more.
 */
static __always_inline bool mmbox_small_find(unsigned long addr,
					     enum mmbox_area_kind kind,
					     struct mmbox_small_ref *ref)
{
	unsigned long page = addr >> PAGE_SHIFT;
	struct mmbox_vmap *vmap;

	list_for_each_entry_rcu(vmap, &mmbox_vmaps, list, !preemptible())
		if (page - vmap->window.first < vmap->window.nr_pages)
			goto found;
	return false;

found:
	ref->vmap = vmap;
	ref->chunk = mmbox_page_chunk(vmap, page);
	/* Who finds it a chunk finds its areas, too. */
	if (unlikely(!smp_load_acquire(&ref->chunk->va) ||
		     offset_in_page(addr)))
		return false;
	ref->small = &ref->chunk->small[page % MMBOX_CHUNK_PAGES];
	ref->word = READ_ONCE(ref->small->word);
	ref->pte = ref->chunk->pte + page % MMBOX_CHUNK_PAGES;
	return likely((u8)ref->word ==
		      mmbox_area_word(MMBOX_AREA_LIVE, kind, 0));
}

/**
 * mmbox_small_claim - take a small area from whoever had it
 * @ref: the area
 *
 * As mmbox_area_claim(). The caller empties the entries, and ends with
 * mmbox_small_release().
 *
 * Return: false if somebody else was faster.
 */
static __always_inline bool mmbox_small_claim(struct mmbox_small_ref *ref)
{
	return likely(try_cmpxchg(&ref->small->word, &ref->word,
				  ref->word ^ (MMBOX_AREA_LIVE ^
					       MMBOX_AREA_LAZY)));
}

static __always_inline void mmbox_small_release(struct mmbox_vmap *vmap,
						struct mmbox_chunk *chunk)
{
	if (unlikely(!atomic_inc_return(&chunk->nr_back)))
		mmbox_chunk_done(vmap, chunk);
}

#endif /* MMBOX_VMAP_CHUNK_H */
