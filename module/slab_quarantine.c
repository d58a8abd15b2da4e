// SPDX-License-Identifier: GPL-2.0
/*
 * Quarantine: freed objects that are kept back before they can be allocated
 * again, first in, first out.
 *
 * Who goes on using an object after its free then still meets what he left, and
 * not somebody else's object; with poison, a write to it is found when it leaves.
 * The objects are HELD meanwhile: a second free is refused like any other.
 *
 * The queue is a ring in memory of the host, for nothing may stand in the
 * objects. It is emptied whenever what is at hand goes back to the slabs: when the
 * box is short of pages, when the cache is shrunk, and when it goes.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "internal.h"
#include "slab_debug.h"
#include "slab_hooks.h"
#include "slab_quarantine.h"

/* However small objects are, no more are kept back. */
#define MAX_OBJECTS	65536UL

/* Objects that leave together. */
#define BATCH		16U

/**
 * struct mmbox_quarantine - objects of a cache that are kept back
 * @max:    how many there may be
 * @nr:	    how many there are
 * @oldest: place of the first to leave
 * @entry:  a ring of them
 */
struct mmbox_quarantine {
	unsigned int max;
	unsigned int nr;
	unsigned int oldest;
	struct mmbox_sheaf_entry entry[];
};

/* Puts an object in. Returns whether another one had to leave for it. */
static bool swap_oldest(struct mmbox_quarantine *quarantine,
			struct mmbox_sheaf_entry *entry)
{
	unsigned int oldest = quarantine->oldest;

	if (quarantine->nr < quarantine->max) {
		oldest = (oldest + quarantine->nr++) % quarantine->max;
		quarantine->entry[oldest] = *entry;
		return false;
	}
	swap(quarantine->entry[oldest], *entry);
	quarantine->oldest = (oldest + 1) % quarantine->max;
	return true;
}

/**
 * mmbox_quarantine_swap - keep a freed object back
 * @cache: its cache
 * @entry: the object, whose state is HELD; set to the one that is to go on in
 *	   its place: it has been looked at, and is still HELD
 *
 * Context: any in which a spinlock_t may be taken.
 * Return: whether there is such a one.
 */
bool mmbox_quarantine_swap(struct mmbox_cache *cache,
			   struct mmbox_sheaf_entry *entry)
{
	unsigned long flags;
	bool leaves = true, waited = false;

	spin_lock_irqsave(&cache->quarantine_lock, flags);
	if (cache->quarantine) {
		leaves = swap_oldest(cache->quarantine, entry);
		waited = leaves;
		WRITE_ONCE(cache->nr_held, cache->nr_held + !leaves);
	}
	spin_unlock_irqrestore(&cache->quarantine_lock, flags);
	if (waited)
		mmbox_slab_debug_held(entry->object);
	return leaves;
}

/* Takes the oldest objects out, at most BATCH. Returns how many. */
static unsigned int take_oldest(struct mmbox_cache *cache,
				struct mmbox_quarantine *quarantine,
				struct mmbox_sheaf_entry *entry)
{
	unsigned long flags;
	unsigned int got;

	spin_lock_irqsave(&cache->quarantine_lock, flags);
	for (got = 0; got < BATCH && quarantine->nr; got++) {
		entry[got] = quarantine->entry[quarantine->oldest];
		quarantine->oldest = (quarantine->oldest + 1) % quarantine->max;
		quarantine->nr--;
	}
	WRITE_ONCE(cache->nr_held, cache->nr_held - got);
	spin_unlock_irqrestore(&cache->quarantine_lock, flags);
	return got;
}

static void empty(struct mmbox_cache *cache,
		  struct mmbox_quarantine *quarantine)
{
	struct mmbox_sheaf_entry entry[BATCH];
	unsigned int i, nr;

	while ((nr = take_oldest(cache, quarantine, entry))) {
		for (i = 0; i < nr; i++) {
			mmbox_slab_debug_held(entry[i].object);
			WRITE_ONCE(*entry[i].state, MMBOX_OBJECT_IN_SHEAF);
		}
		mmbox_slab_put(cache, entry, nr);
	}
}

/**
 * mmbox_quarantine_flush - let all objects go that are kept back
 * @cache: the cache
 *
 * Context: process context; the caller holds box->caches_lock, by which the
 * quarantine stays.
 */
void mmbox_quarantine_flush(struct mmbox_cache *cache)
{
	lockdep_assert_held(&cache->box->caches_lock);
	if (cache->quarantine)
		empty(cache, cache->quarantine);
}

/**
 * mmbox_quarantine_prepare - get ready to keep objects of a cache back
 * @cache: the cache
 * @bytes: so many bytes of objects, at least one object; 0 for none
 *
 * Context: process context, may sleep; the caller holds box->caches_lock. Then
 * comes mmbox_quarantine_commit(), or mmbox_quarantine_discard().
 * Return: 0 or -ENOMEM.
 */
int mmbox_quarantine_prepare(struct mmbox_cache *cache, unsigned long bytes)
{
	struct mmbox_quarantine *next = NULL;
	unsigned long max;

	lockdep_assert_held(&cache->box->caches_lock);
	if (bytes) {
		max = clamp(bytes / cache->layout.size, 1UL, MAX_OBJECTS);
		next = kvmalloc(struct_size(next, entry, max), GFP_KERNEL);
		if (!next)
			return -ENOMEM;
		next->max = max;
		next->nr = 0;
		next->oldest = 0;
	}
	cache->next_quarantine = next;
	return 0;
}

/**
 * mmbox_quarantine_commit - keep back what was prepared
 * @cache: the cache
 *
 * What was kept back until now goes on to the slabs. Frees may be on their former
 * way until RCU's grace period has passed.
 *
 * Context: process context; the caller holds box->caches_lock.
 */
void mmbox_quarantine_commit(struct mmbox_cache *cache)
{
	struct mmbox_quarantine *old;
	unsigned long flags;

	lockdep_assert_held(&cache->box->caches_lock);
	spin_lock_irqsave(&cache->quarantine_lock, flags);
	old = cache->quarantine;
	cache->quarantine = cache->next_quarantine;
	spin_unlock_irqrestore(&cache->quarantine_lock, flags);
	cache->next_quarantine = NULL;
	mmbox_cache_choose_path(cache);
	if (old)
		empty(cache, old);
	kvfree(old);
}

/**
 * mmbox_quarantine_discard - undo mmbox_quarantine_prepare()
 * @cache: the cache, maybe with nothing prepared
 *
 * Context: process context; the caller holds box->caches_lock.
 */
void mmbox_quarantine_discard(struct mmbox_cache *cache)
{
	kvfree(cache->next_quarantine);
	cache->next_quarantine = NULL;
}

/**
 * mmbox_quarantine_free - end the quarantine of a cache that goes
 * @cache: the cache; objects that are kept back go with their pages
 *
 * Context: process context, may sleep.
 */
void mmbox_quarantine_free(struct mmbox_cache *cache)
{
	kvfree(cache->quarantine);
}

/**
 * mmbox_quarantine_validate - look at all objects that are kept back
 * @cache: the cache
 *
 * Context: any in which a spinlock_t may be taken; it takes a while.
 */
void mmbox_quarantine_validate(struct mmbox_cache *cache)
{
	const struct mmbox_quarantine *quarantine;
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&cache->quarantine_lock, flags);
	quarantine = cache->quarantine;
	for (i = 0; quarantine && i < quarantine->nr; i++)
		mmbox_slab_debug_held(quarantine->entry[(quarantine->oldest + i) %
							quarantine->max].object);
	spin_unlock_irqrestore(&cache->quarantine_lock, flags);
}
