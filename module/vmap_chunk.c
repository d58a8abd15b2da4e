// SPDX-License-Identifier: GPL-2.0
/*
 * Chunks: aligned pieces of a window, each of which one CPU cuts small areas
 * off, one behind the other, without a lock. A chunk is clean, or a CPU's, or
 * used up; when all its areas are back it is dirty, and a purge makes it clean.
 */
#include <linux/slab.h>

#include "internal.h"
#include "vmap_chunk.h"
#include "vmap_purge.h"

/**
 * mmbox_chunks_create - divide a window into chunks
 * @vmap: address space with a window
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM; then mmbox_chunks_destroy() is still to be called.
 */
int mmbox_chunks_create(struct mmbox_vmap *vmap)
{
	unsigned long page = vmap->window.first;
	unsigned int i;

	vmap->nr_chunks = vmap->nr_pages / MMBOX_CHUNK_PAGES;
	/* A long-lived area keeps its chunk: the tree has the other half. */
	vmap->max_chunks = vmap->nr_chunks / 2;
	vmap->chunk = kvcalloc(vmap->nr_chunks, sizeof(*vmap->chunk),
			       GFP_KERNEL);
	vmap->current_chunk = alloc_percpu(struct mmbox_chunk *);
	if (!vmap->chunk || !vmap->current_chunk)
		return -ENOMEM;
	for (i = 0; i < vmap->nr_chunks; i++, page += MMBOX_CHUNK_PAGES) {
		vmap->chunk[i].first = page;
		vmap->chunk[i].pte = mmbox_pgwindow_pte(&vmap->window, page);
	}
	return 0;
}

/**
 * mmbox_chunks_destroy - undo mmbox_chunks_create()
 * @vmap: address space, which nobody uses
 */
void mmbox_chunks_destroy(struct mmbox_vmap *vmap)
{
	unsigned int i;

	for (i = 0; vmap->chunk && i < vmap->nr_chunks; i++)
		kfree(vmap->chunk[i].small);
	kvfree(vmap->chunk);
	free_percpu(vmap->current_chunk);
	vmap->chunk = NULL;
	vmap->current_chunk = NULL;
}

/* All areas of a chunk that no CPU has are back. */
static void add_dirty(struct mmbox_vmap *vmap, struct mmbox_chunk *chunk)
{
	lockdep_assert_held(&vmap->lock);
	list_add_tail(&chunk->list, &vmap->dirty);
	WRITE_ONCE(vmap->nr_lazy, vmap->nr_lazy + MMBOX_CHUNK_PAGES);
}

/* Nothing more is cut off the chunk. */
static void retire(struct mmbox_vmap *vmap, struct mmbox_chunk *chunk)
{
	int nr_cut = chunk->nr_cut;

	lockdep_assert_held(&vmap->lock);
	WRITE_ONCE(chunk->nr_cut, 0);
	if (!atomic_sub_return(nr_cut, &chunk->nr_back))
		add_dirty(vmap, chunk);
}

/* Gives this CPU a clean chunk for the one it has. */
static bool next_chunk(struct mmbox_vmap *vmap)
{
	struct mmbox_chunk **place, *chunk;
	unsigned long flags;

	raw_spin_lock_irqsave(&vmap->lock, flags);
	place = this_cpu_ptr(vmap->current_chunk);
	chunk = list_first_entry_or_null(&vmap->clean, struct mmbox_chunk,
					 list);
	if (chunk) {
		list_del(&chunk->list);
		vmap->nr_clean--;
		if (*place)
			retire(vmap, *place);
		*place = chunk;
	}
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	return chunk;
}

/* Makes one more piece of the window a chunk. */
static bool add_chunk(struct mmbox_vmap *vmap, gfp_t gfp)
{
	struct mmbox_small *small;
	struct mmbox_chunk *chunk;
	struct mmbox_va *va = NULL;
	unsigned long flags;

	if (READ_ONCE(vmap->nr_used) >= vmap->max_chunks ||
	    !mmbox_spare_provide(vmap, gfp))
		return false;
	small = kcalloc(MMBOX_CHUNK_PAGES, sizeof(*small),
			gfp & (__GFP_RECLAIM | __GFP_NOWARN | __GFP_HIGH));
	if (!small)
		return false;
	raw_spin_lock_irqsave(&vmap->lock, flags);
	if (vmap->nr_used < vmap->max_chunks &&
	    vmap->space.nr_spare >= MMBOX_VA_SPARE)
		va = mmbox_area_place(vmap, MMBOX_CHUNK_PAGES, MMBOX_CHUNK_PAGES);
	if (va) {
		chunk = mmbox_page_chunk(vmap, va->start);
		mmbox_area_of(va)->word =
			mmbox_area_word(MMBOX_AREA_LIVE, MMBOX_AREA_CHUNK,
					MMBOX_CHUNK_PAGES);
		/* It may have been a chunk before. */
		if (!chunk->small) {
			chunk->small = small;
			small = NULL;
		}
		WRITE_ONCE(chunk->head, 0);
		atomic_set(&chunk->nr_back, 0);
		/* Who finds it a chunk finds its areas, too. */
		smp_store_release(&chunk->va, va);
		list_add(&chunk->list, &vmap->clean);
		vmap->nr_clean++;
		WRITE_ONCE(vmap->nr_used, vmap->nr_used + 1);
	}
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	kfree(small);
	return va;
}

/**
 * mmbox_chunks_drop - give the tree the pieces that nothing is cut off
 * @vmap: address space with a window
 *
 * Context: any.
 * Return: whether there were any.
 */
bool mmbox_chunks_drop(struct mmbox_vmap *vmap)
{
	struct mmbox_chunk *chunk, *next;
	unsigned long flags;
	bool any;

	raw_spin_lock_irqsave(&vmap->lock, flags);
	any = !list_empty(&vmap->clean);
	list_for_each_entry_safe(chunk, next, &vmap->clean, list) {
		list_del(&chunk->list);
		mmbox_va_free(&vmap->space, chunk->va);
		WRITE_ONCE(chunk->va, NULL);
		vmap->nr_used--;
	}
	vmap->nr_clean = 0;
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	return any;
}

/**
 * mmbox_vmap_drain_dead_cpu - take the chunk of a CPU that has gone
 * @box: the box
 * @cpu: the CPU, offline
 *
 * Context: CPU hotplug, may sleep.
 */
void mmbox_vmap_drain_dead_cpu(struct mmbox *box, unsigned int cpu)
{
	struct mmbox_vmap *vmap = box->vmap;
	struct mmbox_chunk **place;
	unsigned long flags;

	if (!mmbox_vmap_is_ready(vmap) || !vmap->own)
		return;
	raw_spin_lock_irqsave(&vmap->lock, flags);
	place = per_cpu_ptr(vmap->current_chunk, cpu);
	if (*place)
		retire(vmap, *place);
	*place = NULL;
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
}

/**
 * mmbox_chunks_clean - make chunks of use again
 * @vmap:   address space
 * @dirty:  the chunks, which all CPUs have forgotten
 * @purged: told of each
 *
 * Context: any.
 * Return: their pages.
 */
unsigned long mmbox_chunks_clean(struct mmbox_vmap *vmap,
				 struct list_head *dirty,
				 struct mmbox_purged *purged)
{
	struct mmbox_chunk *chunk;
	unsigned long nr = 0, flags;

	raw_spin_lock_irqsave(&vmap->lock, flags);
	list_for_each_entry(chunk, dirty, list) {
		mmbox_purged_widen(purged, chunk->va->start, chunk->va->nr);
		WRITE_ONCE(chunk->head, 0);
		vmap->nr_clean++;
		nr += MMBOX_CHUNK_PAGES;
	}
	list_splice_tail(dirty, &vmap->clean);
	WRITE_ONCE(vmap->nr_lazy, vmap->nr_lazy - nr);
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	return nr;
}

/**
 * mmbox_chunk_refill - give the CPU another chunk to cut areas off
 * @vmap: address space with a window
 * @gfp:  without __GFP_DIRECT_RECLAIM nothing is waited for
 *
 * Context: as @gfp says; not an interrupt.
 * Return: whether to try again; if not, only the tree may have room.
 */
bool mmbox_chunk_refill(struct mmbox_vmap *vmap, gfp_t gfp)
{
	unsigned long seen = mmbox_vmap_purges(vmap);

	if (next_chunk(vmap) || (add_chunk(vmap, gfp) && next_chunk(vmap)))
		return true;
	/* A purge for no chunk's sake would be a waste: there is the tree. */
	return gfpflags_allow_blocking(gfp) &&
	       !list_empty_careful(&vmap->dirty) &&
	       mmbox_vmap_purge(vmap, seen);
}

/**
 * mmbox_chunk_done - see off a chunk whose areas are all back
 * @vmap:  address space
 * @chunk: the chunk; nothing more is cut off it
 *
 * Context: any, with preemption off.
 */
void mmbox_chunk_done(struct mmbox_vmap *vmap, struct mmbox_chunk *chunk)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&vmap->lock, flags);
	add_dirty(vmap, chunk);
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	mmbox_vmap_queue_purge(vmap);
}
