/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_SHEAF_H
#define MMBOX_SHEAF_H

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>

#include <mmbox.h>

#include "slab_index.h"

struct mmbox_cache;

/**
 * struct mmbox_sheaf_entry - a free object at hand
 * @object: the object
 * @state:  where its slab keeps its state
 */
struct mmbox_sheaf_entry {
	void *object;
	u8 *state;
};

/* The most that there may be in a sheaf. */
#define MMBOX_SHEAF_MAX		60U

/**
 * struct mmbox_sheaf - an array of free objects
 * @entry: a stack of them
 * @list:  link in a barn
 * @nr:	   entries in it; not kept while it is a CPU's @main
 * @cpu:   who has put it into a barn
 */
struct mmbox_sheaf {
	struct mmbox_sheaf_entry entry[MMBOX_SHEAF_MAX];
	struct list_head list;
	unsigned int nr;
	unsigned int cpu;
};

/*
 * A sheaf is an object, too, of this size and, for the sake of one bit, twice
 * this alignment: the address of the last entry of a sheaf that has none lies in
 * front of it, and only there this bit is set.
 */
#define MMBOX_SHEAF_BYTES	1024UL
#define MMBOX_SHEAF_ALIGN	(2 * MMBOX_SHEAF_BYTES)

static_assert(sizeof(struct mmbox_sheaf) <= MMBOX_SHEAF_BYTES);
static_assert(MMBOX_PREFILL_MAX <= MMBOX_SHEAF_MAX);

/*
 * Added to @pos while the CPU is at work, and once more by each that interrupts
 * it, finds it so, and takes it off again. The lowest bits tell, which no address
 * of an entry has, and so does that it is above any limit.
 */
#define MMBOX_SHEAF_BUSY	((1UL << (BITS_PER_LONG == 64 ? 40 : 24)) | 1)
#define MMBOX_SHEAF_IS_BUSY	15UL

/* How many entries there are in front of a place in a sheaf. */
static __always_inline unsigned int mmbox_sheaf_entries(unsigned long pos)
{
	return (pos & (MMBOX_SHEAF_BYTES - 1)) /
	       sizeof(struct mmbox_sheaf_entry);
}

/* The place behind the first @nr entries of a sheaf. */
static __always_inline unsigned long
mmbox_sheaf_pos(const struct mmbox_sheaf *sheaf, unsigned int nr)
{
	return (unsigned long)sheaf + nr * sizeof(struct mmbox_sheaf_entry);
}

/**
 * struct mmbox_cpu_sheaves - what one CPU has at hand of a cache
 * @pos:   address behind the last entry of @main, or 0; plus MMBOX_SHEAF_BUSY
 *	   while the CPU is at work on any of this: whoever interrupts it stays away
 * @limit: the most that @pos may become, or 0
 * @main:  allocations take from it, frees go to it; may be NULL
 * @spare: takes the place of @main when that is empty, or full; or NULL
 * @nr_alloc: allocations that the fast path has served
 * @nr_in:  entries that have come with sheaves, or the long way
 * @nr_out: entries that have left with sheaves, or the long way
 * @nr_spare: entries in @spare, for others to read
 * @nr_slow_alloc: allocations that have gone the long way
 * @nr_slow_free: frees that have gone the long way
 *
 * Frees that the fast path has taken are not counted, but follow from the rest,
 * see mmbox_sheaves_count().
 *
 * Only its CPU touches it, with preemption off, and for a CPU that is offline
 * the one that drains it.
 */
struct mmbox_cpu_sheaves {
	unsigned long pos;
	unsigned long limit;
	struct mmbox_sheaf *main;
	struct mmbox_sheaf *spare;
	unsigned long nr_alloc;
	unsigned long nr_in;
	unsigned long nr_out;
	unsigned long nr_spare;
	unsigned long nr_slow_alloc;
	unsigned long nr_slow_free;
};

DECLARE_PER_CPU(struct mmbox_cpu_sheaves, mmbox_no_sheaves);

/**
 * struct mmbox_barn - sheaves of a cache that any CPU of a node may have
 * @lock:     guards what follows
 * @full:     sheaves with objects
 * @empty:    sheaves without
 * @nr_full:  sheaves on @full
 * @nr_empty: sheaves on @empty
 */
struct mmbox_barn {
	spinlock_t lock;
	struct list_head full;
	struct list_head empty;
	unsigned int nr_full;
	unsigned int nr_empty;
};

/**
 * mmbox_sheaves_begin - begin work on this CPU's sheaves
 * @cpus: the sheaves
 *
 * To look at the place and to mark it busy is one step: an interrupt in between
 * would move the place.
 *
 * Context: preemption off.
 * Return: the place as it was. With bits of MMBOX_SHEAF_IS_BUSY in it this CPU
 * was interrupted at work. In that case, and whenever the place is not to be
 * written anew, mmbox_sheaves_leave() has to follow.
 */
static __always_inline unsigned long
mmbox_sheaves_begin(struct mmbox_cpu_sheaves __percpu *cpus)
{
	unsigned long pos = this_cpu_add_return(cpus->pos, MMBOX_SHEAF_BUSY);

	barrier();
	return pos - MMBOX_SHEAF_BUSY;
}

/* Ends work on this CPU's sheaves that has changed nothing. */
static __always_inline void
mmbox_sheaves_leave(struct mmbox_cpu_sheaves __percpu *cpus)
{
	barrier();
	this_cpu_sub(cpus->pos, MMBOX_SHEAF_BUSY);
}

/**
 * mmbox_sheaves_alloc - take an object off this CPU's sheaf
 * @cpus:   the sheaves
 * @object: set to the object, marked as allocated
 *
 * No lock in memory, as with the CPUs' lists of pages: see mmbox_pcp_trylock().
 * That the CPU is busy and that the sheaf is empty are one comparison.
 *
 * Context: preemption off.
 * Return: whether there is one: not if the sheaf is empty, this CPU was
 * interrupted at work on it, or the object was freed twice.
 */
static __always_inline bool
mmbox_sheaves_alloc(struct mmbox_cpu_sheaves __percpu *cpus, void **object)
{
	unsigned long pos = mmbox_sheaves_begin(cpus);
	const struct mmbox_sheaf_entry *entry;
	u8 *state;

	pos -= sizeof(*entry);
	if (unlikely(pos & (MMBOX_SHEAF_BYTES | MMBOX_SHEAF_IS_BUSY))) {
		mmbox_sheaves_leave(cpus);
		return false;
	}
	entry = (const struct mmbox_sheaf_entry *)pos;
	*object = entry->object;
	state = entry->state;
	raw_cpu_inc(cpus->nr_alloc);
	barrier();
	raw_cpu_write(cpus->pos, pos);
	/* One byte, that others may claim at most. */
	if (unlikely(data_race(*state) != MMBOX_OBJECT_IN_SHEAF))
		return false;
	WRITE_ONCE(*state, MMBOX_OBJECT_ALLOC);
	return true;
}

/**
 * struct mmbox_cache_fast - what the fast path reads of a cache: its beginning
 * @cpu: what it works on: the sheaves of the cache, or &mmbox_no_sheaves while
 *	 allocations and frees have more to do than that
 */
struct mmbox_cache_fast {
	struct mmbox_cpu_sheaves __percpu *cpu;
};

static __always_inline struct mmbox_cpu_sheaves __percpu *
mmbox_cache_sheaves(const struct mmbox_cache *cache)
{
	return READ_ONCE(((const struct mmbox_cache_fast *)cache)->cpu);
}

/**
 * mmbox_sheaves_free - put an object on this CPU's sheaf
 * @slab:   the slab that maybe has the object
 * @object: any address
 *
 * Two CPUs that free the same object at once may both succeed; it is found when
 * the object is to be allocated the second time.
 *
 * Context: preemption off.
 * Return: false, with nothing changed, if it is not an allocated object of the
 * slab, the sheaf is full, or this CPU was interrupted at work on it.
 */
static __always_inline bool mmbox_sheaves_free(struct mmbox_slab *slab,
					       void *object)
{
	unsigned long nr = mmbox_slab_nr(slab, object);
	struct mmbox_cpu_sheaves __percpu *cpus;
	struct mmbox_sheaf_entry *entry;
	unsigned long pos;
	u8 *state;

	if (unlikely(nr >= slab->nr_objects))
		return false;
	state = &slab->state[nr];
	/* Likewise. */
	if (unlikely(data_race(*state) != MMBOX_OBJECT_ALLOC))
		return false;
	cpus = mmbox_cache_sheaves(slab->cache);
	pos = mmbox_sheaves_begin(cpus);
	/* Busy is more than any limit. */
	if (unlikely(pos >= raw_cpu_read(cpus->limit))) {
		mmbox_sheaves_leave(cpus);
		return false;
	}
	WRITE_ONCE(*state, MMBOX_OBJECT_IN_SHEAF);
	entry = (struct mmbox_sheaf_entry *)pos;
	entry->object = object;
	entry->state = state;
	barrier();
	raw_cpu_write(cpus->pos, pos + sizeof(*entry));
	return true;
}

/**
 * struct mmbox_sheaves_count - what has happened to a CPU's sheaves of a cache
 * @nr_at_hand: objects in them
 * @alloc_fast: allocations that the fast path has served
 * @alloc_slow: allocations that have gone the long way
 * @free_fast:	frees that the fast path has taken
 * @free_slow:	frees that have gone the long way
 */
struct mmbox_sheaves_count {
	unsigned long nr_at_hand;
	unsigned long alloc_fast;
	unsigned long alloc_slow;
	unsigned long free_fast;
	unsigned long free_slow;
};

/**
 * struct mmbox_barn_count - what is in a node's barn of a cache
 * @nr_objects: objects in sheaves
 * @nr_full:	sheaves with objects
 * @nr_empty:	sheaves without
 */
struct mmbox_barn_count {
	unsigned long nr_objects;
	unsigned long nr_full;
	unsigned long nr_empty;
};

void mmbox_sheaves_count(const struct mmbox_cache *cache, unsigned int cpu,
			 struct mmbox_sheaves_count *count);
void mmbox_barn_count(struct mmbox_barn *barn, struct mmbox_barn_count *count);
unsigned long mmbox_sheaves_swap(struct mmbox_cpu_sheaves *cpu,
				 unsigned long pos);
void *mmbox_sheaves_alloc_slow(struct mmbox_cache *cache, gfp_t gfp,
			       unsigned long caller);
bool mmbox_sheaves_free_slow(struct mmbox_cache *cache, void *object,
			     u8 *state);
struct mmbox_sheaf *mmbox_sheaf_fill(struct mmbox_cache *cache, gfp_t gfp,
				     unsigned int nr);
void *mmbox_sheaf_pop(struct mmbox_cache *cache, struct mmbox_sheaf *sheaf,
		      unsigned long caller);
void mmbox_sheaf_put(struct mmbox_cache *cache, struct mmbox_sheaf *sheaf);
void mmbox_barn_init(struct mmbox_barn *barn);
void mmbox_barns_flush(struct mmbox_cache *cache);
void mmbox_sheaves_flush_cpu(struct mmbox_cache *cache);
void mmbox_sheaves_flush_dead_cpu(struct mmbox_cache *cache, unsigned int cpu);

#endif /* MMBOX_SHEAF_H */
