// SPDX-License-Identifier: GPL-2.0
/*
 * Purges: what was given back is made of use again, after all CPUs have
 * forgotten all translations, once for all of it.
 */
#include "internal.h"
#include "trace.h"
#include "vmap_chunk.h"
#include "vmap_purge.h"

/* Descriptors that are kept for later; more of them are freed by a purge. */
#define MAX_SPARE	64

static unsigned long lazy_max(const struct mmbox_vmap *vmap)
{
	return vmap->nr_pages / 4;
}

/**
 * mmbox_vmap_queue_purge - have a purge done when much is lazy
 * @vmap: address space
 *
 * Context: any.
 */
void mmbox_vmap_queue_purge(struct mmbox_vmap *vmap)
{
	if (READ_ONCE(vmap->nr_lazy) > lazy_max(vmap))
		schedule_work(&vmap->purge);
}

static unsigned long free_lazy(struct mmbox_vmap *vmap, struct list_head *lazy,
			       struct mmbox_purged *purged)
{
	struct mmbox_area *area, *next;
	unsigned long nr = 0, flags;

	list_for_each_entry_safe(area, next, lazy, lazy) {
		mmbox_purged_widen(purged, area->va.start, area->va.nr);
		nr += area->va.nr;
		raw_spin_lock_irqsave(&vmap->lock, flags);
		WRITE_ONCE(vmap->nr_lazy, vmap->nr_lazy - area->va.nr);
		mmbox_va_free(&vmap->space, &area->va);
		raw_spin_unlock_irqrestore(&vmap->lock, flags);
	}
	return nr;
}

/**
 * mmbox_vmap_purge - make the addresses of lazy areas of use again
 * @vmap: address space
 * @seen: its @nr_purges before the caller found that it needs one
 *
 * Context: process context, may sleep.
 * Return: whether there were any, or somebody else has done it since.
 */
bool mmbox_vmap_purge(struct mmbox_vmap *vmap, unsigned long seen)
{
	unsigned long flags, nr;
	struct mmbox_purged purged = { .first = ULONG_MAX };
	LIST_HEAD(dirty);
	LIST_HEAD(lazy);

	mutex_lock(&vmap->mutex);
	if (vmap->nr_purges != seen) {
		mutex_unlock(&vmap->mutex);
		return true;
	}
	raw_spin_lock_irqsave(&vmap->lock, flags);
	list_splice_init(&vmap->dirty, &dirty);
	list_splice_init(&vmap->lazy, &lazy);
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	if (list_empty(&dirty) && list_empty(&lazy)) {
		mutex_unlock(&vmap->mutex);
		return false;
	}

	mmbox_shootdown();
	mmbox_stat_inc(vmap->box->stat, MMBOX_EVENT_VMAP_SHOOTDOWN);
	nr = mmbox_chunks_clean(vmap, &dirty, &purged);
	nr += free_lazy(vmap, &lazy, &purged);
	/* See mmbox_vmap_purges(). */
	smp_store_release(&vmap->nr_purges, vmap->nr_purges + 1);
	mutex_unlock(&vmap->mutex);

	mmbox_spare_free(vmap, MAX_SPARE);
	mmbox_stat_inc(vmap->box->stat, MMBOX_EVENT_VMAP_PURGE);
	mmbox_stat_add(vmap->box->stat, MMBOX_EVENT_VMAP_FLUSH, nr);
	trace_purge_vmap_area_lazy(purged.first << PAGE_SHIFT,
				   purged.end << PAGE_SHIFT, purged.nr,
				   vmap->box->name);
	trace_mmbox_vmap_flush(nr, vmap->box->name);
	return true;
}

/**
 * mmbox_vmap_purge_work - purge in the background
 * @work: of an address space
 */
void mmbox_vmap_purge_work(struct work_struct *work)
{
	struct mmbox_vmap *vmap = container_of(work, struct mmbox_vmap, purge);

	mmbox_vmap_purge(vmap, READ_ONCE(vmap->nr_purges));
}
