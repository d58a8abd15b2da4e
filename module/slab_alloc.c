// SPDX-License-Identifier: GPL-2.0
/*
 * Allocating objects of a cache and freeing them: the fast paths, which work on
 * this CPU's sheaf alone, and what there is to do where that did not serve.
 *
 * Each free is checked, whichever path it takes: the address has to be the first
 * byte of an allocated object, and of the cache that is said. Who finds that it
 * is not leaves everything as it was to slab_wrong.c.
 */
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/topology.h>

#include "account.h"
#include "internal.h"
#include "slab.h"
#include "slab_debug.h"
#include "slab_guard.h"
#include "slab_quarantine.h"
#include "slab_wrong.h"
#include "trace.h"

/* One object straight from a slab, past the sheaves. */
static void *take_one(struct mmbox_cache *cache, gfp_t gfp,
		      unsigned long caller)
{
	struct mmbox_sheaf_entry entry;

	if (!mmbox_slab_take(cache, gfp, numa_mem_id(), &entry, 1))
		return NULL;
	if (READ_ONCE(cache->hooks) & MMBOX_HOOK_CHECKS)
		mmbox_slab_debug_alloc(cache, entry.object, caller);
	/* Who looks at it from now on finds it as an allocated one should be. */
	smp_store_release(entry.state, MMBOX_OBJECT_ALLOC);
	return entry.object;
}

/* Clears an object for its new owner, but not what a constructor has made. */
static void init_object(const struct mmbox_cache *cache, void *object,
			gfp_t gfp)
{
	if (gfp & __GFP_ZERO ? !cache->ctor :
			       READ_ONCE(cache->hooks) & MMBOX_HOOK_INIT_ALLOC)
		memset(object, 0, cache->layout.object_size);
}

/**
 * mmbox_cache_alloc_sized - allocate an object the long way
 * @cache:  the cache
 * @gfp:    as for mmbox_cache_alloc()
 * @wanted: bytes that were asked for
 * @caller: address that the request came from
 *
 * Context: as mmbox_cache_alloc().
 * Return: likewise.
 */
void *mmbox_cache_alloc_sized(struct mmbox_cache *cache, gfp_t gfp,
			      size_t wanted, unsigned long caller)
{
	void *object = NULL;

	this_cpu_inc(cache->sheaves->nr_slow_alloc);
	if (READ_ONCE(cache->hooks) & MMBOX_HOOK_GUARD)
		object = mmbox_guard_alloc(cache, gfp, caller);
	if (!object && READ_ONCE(cache->capacity))
		object = mmbox_sheaves_alloc_slow(cache, gfp, caller);
	if (!object)
		object = take_one(cache, gfp, caller);
	if (object)
		init_object(cache, object, gfp);
	if (READ_ONCE(cache->hooks) & MMBOX_HOOK_LEDGER)
		mmbox_account_object(cache, object, wanted, caller);
	return object;
}

/**
 * mmbox_cache_alloc_slow - the same for who wants all of it
 * @cache:  the cache
 * @gfp:    as for mmbox_cache_alloc()
 * @caller: address that the request came from
 *
 * Context: as mmbox_cache_alloc().
 * Return: likewise.
 */
void *mmbox_cache_alloc_slow(struct mmbox_cache *cache, gfp_t gfp,
			     unsigned long caller)
{
	return mmbox_cache_alloc_sized(cache, gfp, cache->layout.object_size,
				       caller);
}

/*
 * Takes an object from whoever had it. Context: preemption off, which keeps the
 * slab until the object is claimed; from then on the object does. Returns its
 * slab, or NULL if it is not an allocated object of the cache, or, without
 * @cache, of any.
 */
static struct mmbox_slab *claim(const struct mmbox_cache *cache, void *object,
				u8 **state)
{
	struct mmbox_slab *slab = mmbox_slab_find(object);
	unsigned long nr;

	if (!slab || (cache && slab->cache != cache))
		return NULL;
	nr = mmbox_slab_nr(slab, object);
	if (nr >= slab->nr_objects)
		return NULL;
	*state = &slab->state[nr];
	if (cmpxchg(*state, MMBOX_OBJECT_ALLOC, MMBOX_OBJECT_HELD) !=
	    MMBOX_OBJECT_ALLOC)
		return NULL;
	return slab;
}

/* Lets an object go that is HELD: to a sheaf or, with checks, to its slab. */
static void put_away(struct mmbox_cache *cache, const struct mmbox_slab *slab,
		     const struct mmbox_sheaf_entry *entry)
{
	bool checked = slab->layout->debug;

	WRITE_ONCE(*entry->state, MMBOX_OBJECT_IN_SHEAF);
	if (checked || !READ_ONCE(cache->capacity) ||
	    !mmbox_sheaves_free_slow(cache, entry->object, entry->state))
		mmbox_slab_put(cache, entry, 1);
}

/**
 * mmbox_cache_free_slow - free an object the long way
 * @cache:  the cache it should be of, or NULL for any
 * @object: the object; NULL does nothing
 * @caller: address that the free came from
 *
 * Context: as mmbox_cache_free().
 */
void mmbox_cache_free_slow(struct mmbox_cache *cache, void *object,
			   unsigned long caller)
{
	struct mmbox_sheaf_entry entry = { .object = object };
	struct mmbox_slab *slab;
	unsigned int hooks;

	if (!object)
		return;
	preempt_disable();
	slab = claim(cache, object, &entry.state);
	preempt_enable();
	if (!slab) {
		mmbox_slab_refuse(cache, object, caller);
		return;
	}
	cache = slab->cache;
	hooks = READ_ONCE(cache->hooks);
	this_cpu_inc(cache->sheaves->nr_slow_free);
	if (hooks & MMBOX_HOOK_LEDGER)
		mmbox_account_object_free(cache, object);
	if (slab->guarded) {
		mmbox_guard_free(slab, object, caller);
		return;
	}
	/* Poison says no more of what was there than zeroes do. */
	if (hooks & MMBOX_HOOK_INIT_FREE &&
	    !(slab->layout->debug & MMBOX_SLAB_POISON))
		memset(object, 0, slab->layout->object_size);
	if (slab->layout->debug)
		mmbox_slab_debug_free(slab, object, caller);
	if (hooks & MMBOX_HOOK_QUARANTINE) {
		if (!mmbox_quarantine_swap(cache, &entry))
			return;
		slab = mmbox_slab_find(entry.object);
	}
	put_away(cache, slab, &entry);
}

static __always_inline bool alloc_fast(struct mmbox_cache *cache, gfp_t gfp,
				       void **object)
{
	bool done;

	if (unlikely(gfp & __GFP_ZERO))
		return false;
	preempt_disable();
	done = mmbox_sheaves_alloc(mmbox_cache_sheaves(cache), object);
	preempt_enable();
	return done;
}

/*
 * While it is traced, an allocation goes this way, and so does a free below:
 * a tracepoint within the fast path would make it save registers for a call
 * that is not made.
 */
static noinline void *alloc_traced(struct mmbox_cache *cache, gfp_t gfp,
				   unsigned long caller)
{
	void *object;

	if (!alloc_fast(cache, gfp, &object))
		object = mmbox_cache_alloc_slow(cache, gfp, caller);
	trace_kmem_cache_alloc(caller, object, cache->layout.object_size,
			       cache->layout.size, gfp, cache->box->name);
	return object;
}

/**
 * mmbox_cache_alloc - allocate an object
 * @cache: the cache
 * @gfp:   __GFP_ZERO clears the object unless the cache has a constructor; the
 *	   rest is for the pages of a new slab, as for mmbox_alloc_pages(), but
 *	   zone and migrate type are the cache's
 *
 * Context: as mmbox_alloc_pages().
 * Return: the object, or NULL.
 */
void *mmbox_cache_alloc(struct mmbox_cache *cache, gfp_t gfp)
{
	void *object;

	if (trace_kmem_cache_alloc_enabled())
		return alloc_traced(cache, gfp, _RET_IP_);
	if (likely(alloc_fast(cache, gfp, &object)))
		return object;
	return mmbox_cache_alloc_slow(cache, gfp, _RET_IP_);
}
EXPORT_SYMBOL_GPL(mmbox_cache_alloc);

/**
 * mmbox_cache_alloc_from - allocate an object, the quick way if there is one
 * @cache:  the cache
 * @gfp:    as for mmbox_cache_alloc()
 * @wanted: bytes that were asked for
 * @caller: address that the request came from
 *
 * Context: as mmbox_cache_alloc().
 * Return: likewise.
 */
void *mmbox_cache_alloc_from(struct mmbox_cache *cache, gfp_t gfp,
			     size_t wanted, unsigned long caller)
{
	void *object;

	if (likely(alloc_fast(cache, gfp, &object)))
		return object;
	return mmbox_cache_alloc_sized(cache, gfp, wanted, caller);
}

static __always_inline bool free_fast(struct mmbox_cache *cache, void *object)
{
	struct mmbox_slab *slab;
	bool done;

	preempt_disable();
	slab = mmbox_slab_guess(object);
	done = slab->cache == cache && mmbox_sheaves_free(slab, object);
	preempt_enable();
	return done;
}

static noinline void free_traced(struct mmbox_cache *cache, void *object,
				 unsigned long caller)
{
	trace_kmem_cache_free(caller, object, cache->name, cache->box->name);
	if (!free_fast(cache, object))
		mmbox_cache_free_slow(cache, object, caller);
}

/**
 * mmbox_cache_free - give an object back
 * @cache:  the cache it came from
 * @object: the object; NULL does nothing
 *
 * A wrong free changes nothing: it is refused, counted and reported.
 *
 * Context: as mmbox_cache_alloc() without __GFP_DIRECT_RECLAIM.
 */
void mmbox_cache_free(struct mmbox_cache *cache, void *object)
{
	if (trace_kmem_cache_free_enabled()) {
		free_traced(cache, object, _RET_IP_);
		return;
	}
	if (unlikely(!free_fast(cache, object)))
		mmbox_cache_free_slow(cache, object, _RET_IP_);
}
EXPORT_SYMBOL_GPL(mmbox_cache_free);

/*
 * Takes objects off this CPU's sheaf for the first places of an array, or off
 * its spare one if that has more where the first has too few. Whoever interrupts
 * meanwhile does without. Returns how many.
 */
static unsigned long bulk_fast(struct mmbox_cache *cache, unsigned long nr,
			       void **objects)
{
	struct mmbox_cpu_sheaves __percpu *cpus;
	struct mmbox_cpu_sheaves *cpu;
	struct mmbox_sheaf_entry *entry;
	unsigned long i = 0, pos;

	preempt_disable();
	cpus = mmbox_cache_sheaves(cache);
	cpu = raw_cpu_ptr(cpus);
	pos = mmbox_sheaves_begin(cpus);
	if (likely(pos && !(pos & MMBOX_SHEAF_IS_BUSY))) {
		if (nr > mmbox_sheaf_entries(pos) && cpu->spare &&
		    cpu->spare->nr > mmbox_sheaf_entries(pos))
			pos = mmbox_sheaves_swap(cpu, pos);
		entry = (struct mmbox_sheaf_entry *)pos;
		nr = min_t(unsigned long, nr, mmbox_sheaf_entries(pos));
		for (; i < nr; i++) {
			entry--;
			/* One byte, that others may claim at most. */
			if (unlikely(data_race(*entry->state) !=
				     MMBOX_OBJECT_IN_SHEAF))
				break;
			WRITE_ONCE(*entry->state, MMBOX_OBJECT_ALLOC);
			objects[i] = entry->object;
		}
		cpu->nr_alloc += i;
		barrier();
		WRITE_ONCE(cpu->pos, pos - i * sizeof(*entry));
	} else {
		mmbox_sheaves_leave(cpus);
	}
	preempt_enable();
	return i;
}

/* Between two looks at whether somebody else wants the CPU. */
#define BULK_CHUNK	64UL

static noinline int bulk_traced(struct mmbox_cache *cache, gfp_t gfp,
				size_t nr, void **objects,
				unsigned long caller)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		objects[i] = alloc_traced(cache, gfp, caller);
		if (!objects[i]) {
			mmbox_cache_free_bulk(cache, i, objects);
			return 0;
		}
	}
	return nr;
}

/**
 * mmbox_cache_alloc_bulk - allocate many objects
 * @cache:   the cache
 * @gfp:     as for mmbox_cache_alloc()
 * @nr:	     how many are wanted
 * @objects: set to the objects
 *
 * Context: as mmbox_cache_alloc().
 * Return: @nr, or 0 if there is not enough memory for all of them.
 */
int mmbox_cache_alloc_bulk(struct mmbox_cache *cache, gfp_t gfp, size_t nr,
			   void **objects)
{
	bool fast = !(gfp & __GFP_ZERO);
	size_t i = 0;

	if (trace_kmem_cache_alloc_enabled())
		return bulk_traced(cache, gfp, nr, objects, _RET_IP_);
	while (i < nr) {
		if (likely(fast)) {
			i += bulk_fast(cache, min(nr - i, BULK_CHUNK),
				       objects + i);
			if (i == nr)
				break;
		}
		/* This refills the sheaf, too. */
		objects[i] = mmbox_cache_alloc_slow(cache, gfp, _RET_IP_);
		if (unlikely(!objects[i])) {
			mmbox_cache_free_bulk(cache, i, objects);
			return 0;
		}
		i++;
	}
	return i;
}
EXPORT_SYMBOL_GPL(mmbox_cache_alloc_bulk);

/*
 * Puts the objects at the start of an array on this CPU's sheaf, or on its spare
 * one if that has more room where the first has too little, for as long as there
 * is room and they are right. Without @cache, they may be of any cache as long as
 * it is the same. Context: preemption off. Returns how many.
 */
static unsigned long free_run(struct mmbox_cache *cache, unsigned long nr,
			      void **objects)
{
	struct mmbox_cpu_sheaves __percpu *cpus;
	struct mmbox_cpu_sheaves *cpu;
	struct mmbox_sheaf_entry *entry;
	unsigned long i = 0, room, pos;

	if (!cache)
		cache = mmbox_slab_guess(objects[0])->cache;
	if (unlikely(!cache))
		return 0;
	cpus = mmbox_cache_sheaves(cache);
	cpu = raw_cpu_ptr(cpus);
	pos = mmbox_sheaves_begin(cpus);
	if (unlikely(!pos || pos & MMBOX_SHEAF_IS_BUSY)) {
		mmbox_sheaves_leave(cpus);
		return 0;
	}
	if (pos + nr * sizeof(*entry) > cpu->limit && cpu->spare &&
	    cpu->spare->nr < mmbox_sheaf_entries(pos))
		pos = mmbox_sheaves_swap(cpu, pos);
	entry = (struct mmbox_sheaf_entry *)pos;
	room = pos < cpu->limit ? (cpu->limit - pos) / sizeof(*entry) : 0;
	for (nr = min(nr, room); i < nr; i++, entry++) {
		void *object = objects[i];
		struct mmbox_slab *slab = mmbox_slab_guess(object);
		unsigned long index = mmbox_slab_nr(slab, object);
		u8 *state;

		if (unlikely(slab->cache != cache || index >= slab->nr_objects))
			break;
		state = &slab->state[index];
		/* One byte, that others may claim at most. */
		if (unlikely(data_race(*state) != MMBOX_OBJECT_ALLOC))
			break;
		WRITE_ONCE(*state, MMBOX_OBJECT_IN_SHEAF);
		entry->object = object;
		entry->state = state;
	}
	barrier();
	WRITE_ONCE(cpu->pos, pos + i * sizeof(*entry));
	return i;
}

static noinline void free_bulk_traced(struct mmbox_cache *cache, size_t nr,
				      void **objects, unsigned long caller)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (objects[i])
			free_traced(cache, objects[i], caller);
}

static void free_bulk(struct mmbox_cache *cache, size_t nr, void **objects,
		      unsigned long caller)
{
	size_t i = 0;

	while (i < nr) {
		unsigned long done;

		preempt_disable();
		done = free_run(cache, min(nr - i, BULK_CHUNK), objects + i);
		preempt_enable();
		i += done;
		if (i < nr && !done) {	/* this makes room, too */
			if (cache)
				mmbox_cache_free_slow(cache, objects[i],
						      caller);
			else
				mmbox_kfree(objects[i]);
			i++;
		}
	}
}

/**
 * mmbox_cache_free_bulk - give many objects back
 * @cache:   the cache they came from
 * @nr:	     how many there are
 * @objects: the objects; NULLs are left out
 *
 * Context: as mmbox_cache_free().
 */
void mmbox_cache_free_bulk(struct mmbox_cache *cache, size_t nr, void **objects)
{
	if (trace_kmem_cache_free_enabled())
		free_bulk_traced(cache, nr, objects, _RET_IP_);
	else
		free_bulk(cache, nr, objects, _RET_IP_);
}
EXPORT_SYMBOL_GPL(mmbox_cache_free_bulk);

/**
 * mmbox_kfree_bulk - free many objects of any caches
 * @nr:	     how many there are
 * @objects: the objects, as for mmbox_kfree()
 *
 * Context: as mmbox_kfree().
 */
void mmbox_kfree_bulk(size_t nr, void **objects)
{
	size_t i;

	if (!trace_kfree_enabled()) {
		free_bulk(NULL, nr, objects, _RET_IP_);
		return;
	}
	for (i = 0; i < nr; i++)
		mmbox_kfree_for(objects[i], _RET_IP_);
}
EXPORT_SYMBOL_GPL(mmbox_kfree_bulk);

/**
 * mmbox_cache_prefill - have objects at hand where none may be asked for
 * @cache: the cache
 * @gfp:   as for mmbox_cache_alloc()
 * @nr:	   how many objects will be needed, at most MMBOX_PREFILL_MAX
 *
 * Context: as mmbox_cache_alloc().
 * Return: a sheaf with @nr objects or more, for mmbox_cache_alloc_prefilled(),
 * to be given back with mmbox_cache_return(); or NULL.
 */
struct mmbox_sheaf *mmbox_cache_prefill(struct mmbox_cache *cache, gfp_t gfp,
					unsigned int nr)
{
	struct mmbox_sheaf *sheaf;
	unsigned int got;

	if (!nr || nr > MMBOX_PREFILL_MAX)
		return NULL;
	sheaf = mmbox_sheaf_fill(cache, gfp, nr);
	while (sheaf && sheaf->nr < nr) {
		got = mmbox_slab_take(cache, gfp, numa_mem_id(),
				      &sheaf->entry[sheaf->nr],
				      nr - sheaf->nr);
		sheaf->nr += got;
		if (!got) {
			mmbox_sheaf_put(cache, sheaf);
			sheaf = NULL;
		}
	}
	return sheaf;
}
EXPORT_SYMBOL_GPL(mmbox_cache_prefill);

/**
 * mmbox_cache_alloc_prefilled - allocate an object from a sheaf
 * @cache: the cache
 * @gfp:   __GFP_ZERO, as for mmbox_cache_alloc()
 * @sheaf: from mmbox_cache_prefill()
 *
 * Context: any.
 * Return: the object, or NULL if the sheaf has been used up.
 */
void *mmbox_cache_alloc_prefilled(struct mmbox_cache *cache, gfp_t gfp,
				  struct mmbox_sheaf *sheaf)
{
	void *object = mmbox_sheaf_pop(cache, sheaf, _RET_IP_);

	if (object)
		init_object(cache, object, gfp);
	if (READ_ONCE(cache->hooks) & MMBOX_HOOK_LEDGER)
		mmbox_account_object(cache, object, cache->layout.object_size,
				     _RET_IP_);
	return object;
}
EXPORT_SYMBOL_GPL(mmbox_cache_alloc_prefilled);

/**
 * mmbox_cache_return - give a sheaf back with what is left in it
 * @cache: the cache
 * @sheaf: from mmbox_cache_prefill(); NULL does nothing
 *
 * Context: as mmbox_cache_free().
 */
void mmbox_cache_return(struct mmbox_cache *cache, struct mmbox_sheaf *sheaf)
{
	if (sheaf)
		mmbox_sheaf_put(cache, sheaf);
}
EXPORT_SYMBOL_GPL(mmbox_cache_return);
