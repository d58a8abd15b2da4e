// SPDX-License-Identifier: GPL-2.0
/*
 * Guarded objects: one allocation of so many gets a page to itself, with pages
 * beside it that are not mapped, as the kernel's KFENCE does it.
 *
 * The object lies at the end of its page, so that what runs over it faults in
 * that instruction; what runs over its beginning is found when it is freed, in
 * the red zone that fills the page before it. When it is freed the page is taken
 * away, and who goes on using it faults, too. Such an object is a slab of its own:
 * to be found, freed and looked at like any other. It is on no list, as it is
 * never allocated again.
 *
 * Of those that were freed last it is remembered what they were, so that a second
 * free can be told from one of an address that never was anything.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "internal.h"
#include "slab_debug.h"
#include "slab_guard.h"
#include "slab_hooks.h"

/* So many are remembered in a box. */
#define NR_GRAVES	64

const struct mmbox_guard_ops *mmbox_guard_ops;

/**
 * struct mmbox_guard - guarded objects of a box that were freed last
 * @lock:  raw spinlock: guards what follows
 * @next:  place of the next one
 * @grave: a ring of them
 */
struct mmbox_guard {
	raw_spinlock_t lock;
	unsigned int next;
	struct mmbox_grave grave[NR_GRAVES];
};

/* In a page: records of users, the left red zone, the object, the right one. */
static bool choose_layout(struct mmbox_slab_layout *guarded,
			  const struct mmbox_slab_layout *layout)
{
	const unsigned int tracks = MMBOX_NR_TRACKS * sizeof(struct mmbox_track);
	unsigned int at;

	/* It never changes: objects may have it. */
	if (guarded->debug)
		return true;
	if (layout->object_size > PAGE_SIZE - tracks)
		return false;
	at = round_down(PAGE_SIZE - layout->object_size, layout->align);
	if (at < tracks)
		return false;
	*guarded = *layout;
	guarded->debug = MMBOX_SLAB_RED_ZONE | MMBOX_SLAB_USER;
	guarded->red_left = at - tracks;
	guarded->red_right = PAGE_SIZE - at - layout->object_size;
	guarded->track = -(int)at;
	return true;
}

static int make_graves(struct mmbox *box)
{
	struct mmbox_guard *guard;

	lockdep_assert_held(&box->caches_lock);
	if (box->guard)
		return 0;
	guard = kvzalloc(sizeof(*guard), GFP_KERNEL);
	if (!guard)
		return -ENOMEM;
	raw_spin_lock_init(&guard->lock);
	/* Who looks for an object looks into it right away. */
	smp_store_release(&box->guard, guard);
	return 0;
}

/**
 * mmbox_guard_set - say which part of a cache's objects is guarded
 * @cache:  the cache
 * @one_in: one allocation in so many on each CPU; 0 for none
 *
 * Objects that keep contents for their readers, those that leave no room for
 * records in a page, and those for devices never are. Others may be on the former
 * way until RCU's grace period has passed.
 *
 * Context: process context, may sleep; the caller holds box->caches_lock.
 * Return: 0 or -ENOMEM, and nothing has changed.
 */
int mmbox_guard_set(struct mmbox_cache *cache, unsigned long one_in)
{
	if (one_in && make_graves(cache->box))
		return -ENOMEM;
	if (cache->flags & (SLAB_TYPESAFE_BY_RCU | SLAB_CACHE_DMA |
			    SLAB_CACHE_DMA32) ||
	    !choose_layout(&cache->guard_layout, &cache->layout))
		one_in = 0;
	WRITE_ONCE(cache->guard, one_in);
	mmbox_cache_choose_path(cache);
	return 0;
}

/* Its page counts with those of its node, but is on no list there. */
static void count_guarded(struct mmbox_cache_node *node, int sign)
{
	unsigned long flags;

	spin_lock_irqsave(&node->lock, flags);
	node->nr_slabs += sign;
	node->nr_pages += sign;
	node->nr_objects += sign;
	spin_unlock_irqrestore(&node->lock, flags);
}

static struct mmbox_slab *make_slab(struct mmbox_cache *cache, gfp_t gfp,
				    unsigned long caller)
{
	const struct mmbox_slab_layout *layout = &cache->guard_layout;
	struct mmbox_slab *slab;
	void *page;

	slab = mmbox_slab_pool_get(cache, gfp & ~__GFP_RECLAIMABLE);
	if (!slab)
		return NULL;
	page = mmbox_guard_ops->map(cache->box, gfp, caller);
	if (!page) {
		mmbox_slab_pool_put(cache, slab);
		return NULL;
	}
	memset(slab, 0, cache->pool.size);
	slab->layout = layout;
	slab->base = (unsigned long)page + PAGE_SIZE -
		     layout->object_size - layout->red_right;
	slab->inverse = layout->inverse;
	slab->shift = layout->shift;
	slab->cache = cache;
	slab->nr_objects = 1;
	slab->addr = (unsigned long)page;
	slab->nr_pages = 1;
	slab->area = true;
	slab->guarded = true;
	slab->node = cache->node[page_to_nid(mmbox_vmalloc_to_page(page))];
	return slab;
}

/**
 * mmbox_guard_alloc - allocate a guarded object, if it is the turn of one
 * @cache:  the cache
 * @gfp:    as for mmbox_cache_alloc()
 * @caller: where the request came from
 *
 * Context: as mmbox_cache_alloc().
 * Return: the object, marked as allocated; or NULL: then another one will do.
 */
void *mmbox_guard_alloc(struct mmbox_cache *cache, gfp_t gfp,
			unsigned long caller)
{
	unsigned long one_in = READ_ONCE(cache->guard);
	unsigned long nr = this_cpu_read(cache->sheaves->nr_slow_alloc);
	struct mmbox_slab *slab;
	void *object;

	if (!one_in || nr % one_in || !mmbox_guard_ops ||
	    !gfpflags_allow_blocking(gfp))
		return NULL;
	gfp = (gfp & ~MMBOX_GFP_NOT_FOR_PAGES) | cache->gfp | __GFP_NOWARN;
	slab = make_slab(cache, gfp, caller);
	if (!slab)
		return NULL;
	object = mmbox_slab_object(slab, 0);
	mmbox_slab_debug_init(slab);
	if (cache->ctor)
		cache->ctor(object);
	slab->state[0] = MMBOX_OBJECT_IN_SHEAF;
	count_guarded(slab->node, 1);
	mmbox_slab_pages_publish(slab);
	mmbox_slab_debug_alloc(cache, object, caller);
	/* Who looks at it from now on finds it as an allocated one should be. */
	smp_store_release(&slab->state[0], MMBOX_OBJECT_ALLOC);
	return object;
}

static void bury(const struct mmbox_slab *slab, const void *object)
{
	struct mmbox_guard *guard = slab->cache->box->guard;
	struct mmbox_grave *grave;
	unsigned long flags;

	raw_spin_lock_irqsave(&guard->lock, flags);
	grave = &guard->grave[guard->next++ % NR_GRAVES];
	grave->object = object;
	strscpy(grave->cache, slab->cache->name, sizeof(grave->cache));
	memcpy(grave->track, object + slab->layout->track, sizeof(grave->track));
	raw_spin_unlock_irqrestore(&guard->lock, flags);
}

static void free_descriptor(struct rcu_head *rcu)
{
	struct mmbox_slab *slab = container_of(rcu, struct mmbox_slab, rcu);

	mmbox_slab_pool_put(slab->cache, slab);
}

/**
 * mmbox_guard_free - free a guarded object
 * @slab:   the slab that it is
 * @object: the object, whose state is HELD
 * @caller: where the free came from
 *
 * Context: as mmbox_cache_free().
 */
void mmbox_guard_free(struct mmbox_slab *slab, void *object,
		      unsigned long caller)
{
	mmbox_slab_debug_free(slab, object, caller);
	bury(slab, object);
	mmbox_slab_pages_put(slab);
	count_guarded(slab->node, -1);
	call_rcu(&slab->rcu, free_descriptor);
}

/**
 * mmbox_guard_find_freed - what was at an address until it was freed
 * @addr:  any address
 * @grave: set to what is known of it
 *
 * Context: any, with preemption off, which keeps the box.
 * Return: the box, or NULL if nothing is known.
 */
struct mmbox *mmbox_guard_find_freed(const void *addr,
				     struct mmbox_grave *grave)
{
	struct mmbox *box = mmbox_guard_ops ? mmbox_guard_ops->owner(addr) : NULL;
	struct mmbox_guard *guard;
	unsigned int i, next;
	unsigned long flags;
	bool found = false;

	/* Pairs with the release in make_graves(). */
	guard = box ? smp_load_acquire(&box->guard) : NULL;
	if (!guard)
		return NULL;
	raw_spin_lock_irqsave(&guard->lock, flags);
	next = guard->next;
	/* The newest first: an address may have been used before. */
	for (i = 1; i <= NR_GRAVES && !found; i++) {
		*grave = guard->grave[(next - i) % NR_GRAVES];
		found = grave->object &&
			(unsigned long)grave->object >> PAGE_SHIFT ==
			(unsigned long)addr >> PAGE_SHIFT;
	}
	raw_spin_unlock_irqrestore(&guard->lock, flags);
	return found ? box : NULL;
}

/**
 * mmbox_guard_destroy - forget the guarded objects of a box that goes
 * @box: the box, without addresses of its own by now
 *
 * Context: process context, may sleep.
 */
void mmbox_guard_destroy(struct mmbox *box)
{
	kvfree(box->guard);
}
