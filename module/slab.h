/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_SLAB_H
#define MMBOX_SLAB_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <mmbox.h>

#include "sheaf.h"
#include "slab_index.h"
#include "slab_layout.h"

struct mmbox;
struct mmbox_cache_files;
struct mmbox_quarantine;

/**
 * struct mmbox_cache_node - slabs of a cache on one NUMA node
 * @lock:	guards what follows but @barn, and the slabs on the lists
 * @partial:	slabs with free objects and others
 * @full:	slabs without free objects
 * @empty:	slabs with free objects only
 * @nr_slabs:	slabs on all lists
 * @nr_partial:	slabs on @partial
 * @nr_empty:	slabs on @empty
 * @nr_pages:	pages of all slabs
 * @nr_objects:	objects in all slabs
 * @nr_partial_objects: of these, the ones in slabs on @partial
 * @nr_free:	of these, the ones that are IN_SLAB
 * @barn:	sheaves that any CPU of the node may have
 */
struct mmbox_cache_node {
	spinlock_t lock;
	struct list_head partial;
	struct list_head full;
	struct list_head empty;
	unsigned long nr_slabs;
	unsigned long nr_partial;
	unsigned long nr_empty;
	unsigned long nr_pages;
	unsigned long nr_objects;
	unsigned long nr_partial_objects;
	unsigned long nr_free;
	struct mmbox_barn barn ____cacheline_aligned_in_smp;
} ____cacheline_aligned_in_smp;

/**
 * struct mmbox_slab_pool - where descriptors of slabs come from
 * @lock:      guards what follows
 * @blocks:    blocks of pages with room for another descriptor
 * @nr_blocks: all blocks
 * @size:      bytes of a descriptor
 * @order:     pages of a block are 2^@order
 */
struct mmbox_slab_pool {
	spinlock_t lock;
	struct list_head blocks;
	unsigned long nr_blocks;
	unsigned int size;
	unsigned int order;
};

/**
 * struct mmbox_cache - a cache of objects of one size
 * @fast:	what the fast path reads; has to stand first
 * @sheaves:	each CPU's sheaves
 * @fast_copy:	where a copy of @fast.cpu is kept, or NULL
 * @capacity:	objects in a sheaf; 0 for no sheaves
 * @gfp:	bits that each allocation of pages gets
 * @box:	the box its pages come from
 * @layout:	layout of slabs without checks
 * @flags:	SLAB_* as at creation
 * @ctor:	called for each object of a new slab
 * @pool:	descriptors of its slabs
 * @colour:	of the next slab
 * @nr_errors:	errors found since the beginning
 * @nr_validated: of these, the ones that mmbox_cache_validate() told of
 * @nr:	its number, ascending in the caches of the box; set once
 * @files:	its files, see files_slab.c; or NULL
 * @by_user:	made through the device: it goes with the box, too
 * @limit:	so that one error does not fill the log
 * @hooks:	MMBOX_HOOK_*: why there is no fast path  (path_lock)
 * @usual_capacity: of sheaves, while there are no checks
 * @path_lock:	guards what follows, and what the fast path works on
 * @debug:	MMBOX_SLAB_* checks that are wanted
 * @nr_checked:	slabs with checks, also those that are being made
 * @new_layout:	layout of new slabs
 * @checked_layout: layouts with checks, by these   (box->caches_lock)
 * @quarantine_lock: guards what follows but @next_quarantine
 * @quarantine:	freed objects that are kept back, or NULL
 * @nr_held:	how many they are
 * @next_quarantine: what takes its place        (box->caches_lock)
 * @guard:	one allocation in so many is guarded, or 0  (box->caches_lock)
 * @guard_layout: layout of those
 * @internal:	one of the box's own: it comes and goes with it
 * @list:	link in the caches of the box            (box->caches_lock)
 * @name:	its name, unique in the box
 * @node:	its slabs, by NUMA node id; NULL where the host has no such node
 */
struct mmbox_cache {
	struct mmbox_cache_fast fast;
	struct mmbox_cpu_sheaves __percpu *sheaves;
	struct mmbox_cpu_sheaves __percpu **fast_copy;
	unsigned int capacity;
	gfp_t gfp;
	struct mmbox *box;
	struct mmbox_slab_layout layout;
	slab_flags_t flags;
	void (*ctor)(void *object);
	struct mmbox_slab_pool pool;
	atomic_t colour;
	atomic_long_t nr_errors;
	long nr_validated;
	u32 nr;
	struct mmbox_cache_files *files;
	bool by_user;
	struct ratelimit_state limit;
	unsigned int hooks;
	unsigned int usual_capacity;
	spinlock_t path_lock;
	unsigned int debug;
	unsigned long nr_checked;
	const struct mmbox_slab_layout *new_layout;
	struct mmbox_slab_layout *checked_layout[MMBOX_SLAB_DEBUG + 1];
	spinlock_t quarantine_lock;
	struct mmbox_quarantine *quarantine;
	unsigned long nr_held;
	struct mmbox_quarantine *next_quarantine;
	unsigned long guard;
	struct mmbox_slab_layout guard_layout;
	bool internal;
	struct list_head list;
	const char *name;
	struct mmbox_cache_node *node[];
};

static_assert(!offsetof(struct mmbox_cache, fast));

/* What allocations and frees have to do beyond the fast path. */
#define MMBOX_HOOK_CHECKS	(1U << 0)	/* there are slabs with checks */
#define MMBOX_HOOK_INIT_ALLOC	(1U << 1)	/* who gets an object gets zeroes */
#define MMBOX_HOOK_INIT_FREE	(1U << 2)	/* who frees one leaves zeroes */
#define MMBOX_HOOK_LEDGER	(1U << 3)	/* objects are in the ledger */
#define MMBOX_HOOK_QUARANTINE	(1U << 4)	/* freed objects are kept back */
#define MMBOX_HOOK_GUARD	(1U << 5)	/* some get a page of their own */

/* What an allocation of objects says of the pages that it may need. */
#define MMBOX_GFP_NOT_FOR_PAGES \
	(__GFP_ZERO | __GFP_HIGHMEM | __GFP_MOVABLE | __GFP_DMA | __GFP_DMA32 | \
	 __GFP_RECLAIMABLE | __GFP_COMP)

/* Empty slabs that a node keeps for the next allocation. */
#define MMBOX_KEEP_EMPTY	2

void mmbox_cache_node_init(struct mmbox_cache_node *node);
unsigned int mmbox_slab_take(struct mmbox_cache *cache, gfp_t gfp, int nid,
			     struct mmbox_sheaf_entry *entry, unsigned int nr);
void mmbox_slab_put(struct mmbox_cache *cache,
		    const struct mmbox_sheaf_entry *entry, unsigned int nr);
bool mmbox_slab_pages_get(struct mmbox_cache *cache, struct mmbox_slab *slab,
			  gfp_t gfp);
void mmbox_slab_pages_publish(struct mmbox_slab *slab);
void mmbox_slab_pages_withdraw(struct mmbox_slab *slab);
void mmbox_slab_pages_put(struct mmbox_slab *slab);
struct mmbox_slab *mmbox_slab_of_page(const void *object);
struct mmbox_slab *mmbox_slab_find(const void *object);
unsigned long mmbox_slab_shrink(struct mmbox_cache *cache);

void mmbox_slab_pool_init(struct mmbox_slab_pool *pool, unsigned int size);
struct mmbox_slab *mmbox_slab_pool_get(struct mmbox_cache *cache, gfp_t gfp);
void mmbox_slab_pool_put(struct mmbox_cache *cache, struct mmbox_slab *slab);

void mmbox_cache_enter(struct mmbox_cache *cache);
void mmbox_cache_set_fast(struct mmbox_cache *cache,
			  struct mmbox_cpu_sheaves __percpu *sheaves);
void mmbox_cache_set_fast_copy(struct mmbox_cache *cache,
			       struct mmbox_cpu_sheaves __percpu **copy);
int mmbox_cache_publish(struct mmbox_cache *cache, unsigned int debug);
int mmbox_caches_create(struct mmbox *box);
void mmbox_caches_flush(struct mmbox *box);
void mmbox_caches_flush_sheaves(struct mmbox *box, struct mmbox_cache *only);
void mmbox_caches_release(struct mmbox *box);
unsigned int mmbox_caches_foreign(struct mmbox *box);
void mmbox_caches_destroy(struct mmbox *box);
struct mmbox_cache *mmbox_cache_find_user(struct mmbox *box, const char *name);
struct mmbox_cache *mmbox_cache_create_user(struct mmbox *box, const char *name,
					    unsigned int size,
					    unsigned int align,
					    slab_flags_t flags);
void mmbox_caches_drain_dead_cpu(struct mmbox *box, unsigned int cpu);
struct mmbox_cache *mmbox_cache_make(struct mmbox *box, const char *name,
				     unsigned int size, unsigned int align,
				     slab_flags_t flags, void (*ctor)(void *));

void *mmbox_cache_alloc_from(struct mmbox_cache *cache, gfp_t gfp,
			     size_t wanted, unsigned long caller);
void *mmbox_cache_alloc_sized(struct mmbox_cache *cache, gfp_t gfp,
			      size_t wanted, unsigned long caller);
void *mmbox_cache_alloc_slow(struct mmbox_cache *cache, gfp_t gfp,
			     unsigned long caller);
void mmbox_cache_free_slow(struct mmbox_cache *cache, void *object,
			   unsigned long caller);

static inline void *mmbox_slab_object(const struct mmbox_slab *slab,
				      unsigned long nr)
{
	return (void *)(slab->base + nr * slab->layout->size);
}

#endif /* MMBOX_SLAB_H */
