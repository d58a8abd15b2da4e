// SPDX-License-Identifier: GPL-2.0
/*
 * Slabs: blocks of pages cut up into objects, and which of these are free.
 *
 * Which objects are free stands in a bitmap apart from them. There is no list
 * through free objects that a write to one of them could corrupt, and a whole
 * word of objects, which share the cache line of their states, goes to a CPU at
 * once.
 *
 * A slab is on one of three lists of its node, by how many of its objects are
 * free. A node keeps a few empty slabs; the pages of others go back at once.
 * Their descriptors, and with SLAB_TYPESAFE_BY_RCU the pages as well, wait for
 * those who may still look at them.
 */
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/smp.h>
#include <linux/topology.h>

#include "internal.h"
#include "slab.h"
#include "slab_debug.h"
#include "slab_hooks.h"

/**
 * mmbox_cache_node_init - make the empty lists of a node
 * @node: the node, zeroed
 */
void mmbox_cache_node_init(struct mmbox_cache_node *node)
{
	spin_lock_init(&node->lock);
	INIT_LIST_HEAD(&node->partial);
	INIT_LIST_HEAD(&node->full);
	INIT_LIST_HEAD(&node->empty);
	mmbox_barn_init(&node->barn);
}

static void init_slab(struct mmbox_cache *cache, struct mmbox_slab *slab)
{
	const struct mmbox_slab_layout *layout = slab->layout;
	unsigned int order = slab->area ? layout->min_order : slab->order;
	unsigned int nr = mmbox_slab_capacity(layout, order);
	unsigned int i, colour = 0;

	if (slab->order == layout->order && layout->nr_colours > 1)
		colour = (unsigned int)atomic_inc_return(&cache->colour) %
			 layout->nr_colours;
	slab->base = slab->addr + colour * layout->colour_step +
		     layout->red_left;
	slab->inverse = layout->inverse;
	slab->shift = layout->shift;
	slab->cache = cache;
	slab->nr_objects = nr;
	slab->nr_free = nr;
	slab->free = (unsigned long *)&slab->state[ALIGN(nr, sizeof(long))];
	bitmap_set(slab->free, 0, nr);
	if (layout->debug)
		mmbox_slab_debug_init(slab);
	for (i = 0; cache->ctor && i < nr; i++)
		cache->ctor(mmbox_slab_object(slab, i));
}

/* Context: the node's lock is held; all objects of the slab are free. */
static void count_slab(struct mmbox_cache_node *node,
		       const struct mmbox_slab *slab, int sign)
{
	lockdep_assert_held(&node->lock);
	node->nr_slabs += sign;
	node->nr_empty += sign;
	node->nr_pages += sign * (long)slab->nr_pages;
	node->nr_objects += sign * (long)slab->nr_objects;
	node->nr_free += sign * (long)slab->nr_objects;
}

static void add_slab(struct mmbox_slab *slab)
{
	struct mmbox_cache_node *node = slab->node;
	unsigned long flags;

	mmbox_slab_pages_publish(slab);
	spin_lock_irqsave(&node->lock, flags);
	list_add(&slab->list, &node->empty);
	count_slab(node, slab, 1);
	spin_unlock_irqrestore(&node->lock, flags);
}

static struct mmbox_slab *new_slab(struct mmbox_cache *cache, gfp_t gfp)
{
	struct mmbox_slab *slab;

	gfp = (gfp & ~MMBOX_GFP_NOT_FOR_PAGES) | cache->gfp;
	slab = mmbox_slab_pool_get(cache, gfp & ~(GFP_ZONEMASK |
						  __GFP_RECLAIMABLE));
	if (!slab)
		return NULL;
	memset(slab, 0, cache->pool.size);
	slab->layout = mmbox_cache_layout_get(cache);
	if (!mmbox_slab_pages_get(cache, slab, gfp)) {
		mmbox_cache_layout_put(cache, slab->layout);
		mmbox_slab_pool_put(cache, slab);
		return NULL;
	}
	init_slab(cache, slab);
	add_slab(slab);
	return slab;
}

static void free_descriptor(struct rcu_head *rcu)
{
	struct mmbox_slab *slab = container_of(rcu, struct mmbox_slab, rcu);

	mmbox_slab_pool_put(slab->cache, slab);
}

static void free_typesafe(struct rcu_head *rcu)
{
	mmbox_slab_pages_put(container_of(rcu, struct mmbox_slab, rcu));
	free_descriptor(rcu);
}

/* Ends a slab that is on no list any more. */
static void discard(struct mmbox_slab *slab)
{
	mmbox_slab_pages_withdraw(slab);
	mmbox_cache_layout_put(slab->cache, slab->layout);
	if (slab->cache->flags & SLAB_TYPESAFE_BY_RCU) {
		call_rcu(&slab->rcu, free_typesafe);
		return;
	}
	mmbox_slab_pages_put(slab);
	call_rcu(&slab->rcu, free_descriptor);
}

static void discard_all(struct list_head *slabs)
{
	struct mmbox_slab *slab, *tmp;

	list_for_each_entry_safe(slab, tmp, slabs, list)
		discard(slab);
}

/* Takes objects off a slab, word by word of its bitmap. */
static unsigned int take_from(struct mmbox_slab *slab,
			      struct mmbox_sheaf_entry *entry, unsigned int nr)
{
	unsigned int words = BITS_TO_LONGS(slab->nr_objects);
	unsigned int got = 0, word = slab->hint;
	unsigned int size = slab->layout->size;

	nr = min(nr, slab->nr_free);
	while (got < nr) {
		unsigned long bits = slab->free[word];
		unsigned int first = word * BITS_PER_LONG;

		for (; bits && got < nr; got++, bits &= bits - 1) {
			unsigned int i = first + __ffs(bits);

			WRITE_ONCE(slab->state[i], MMBOX_OBJECT_IN_SHEAF);
			entry[got].object = (void *)(slab->base +
						     (unsigned long)i * size);
			entry[got].state = &slab->state[i];
		}
		slab->free[word] = bits;
		slab->hint = word;
		if (++word == words)
			word = 0;
	}
	slab->nr_free -= got;
	return got;
}

/* The same, one by one: each time the first one behind a random place. */
static unsigned int take_random(struct mmbox_slab *slab,
				struct mmbox_sheaf_entry *entry,
				unsigned int nr, struct rnd_state *random)
{
	unsigned long size = slab->nr_objects, i;
	unsigned int got;

	nr = min(nr, slab->nr_free);
	for (got = 0; got < nr; got++) {
		i = reciprocal_scale(prandom_u32_state(random), size);
		i = find_next_bit(slab->free, size, i);
		if (i == size)
			i = find_first_bit(slab->free, size);
		__clear_bit(i, slab->free);
		WRITE_ONCE(slab->state[i], MMBOX_OBJECT_IN_SHEAF);
		entry[got].object = mmbox_slab_object(slab, i);
		entry[got].state = &slab->state[i];
	}
	slab->nr_free -= got;
	return got;
}

/* After the number of free objects of a slab has changed. */
static void move_slab(struct mmbox_cache_node *node, struct mmbox_slab *slab,
		      unsigned int had_free)
{
	bool was_partial = had_free && had_free < slab->nr_objects;
	bool is_partial = slab->nr_free && slab->nr_free < slab->nr_objects;

	if (was_partial == is_partial && had_free && slab->nr_free)
		return;
	node->nr_partial += is_partial - was_partial;
	node->nr_partial_objects += (is_partial - was_partial) *
				    (long)slab->nr_objects;
	if (slab->nr_free == slab->nr_objects) {
		list_move(&slab->list, &node->empty);
		node->nr_empty++;
	} else {
		if (had_free == slab->nr_objects)
			node->nr_empty--;
		list_move(&slab->list, is_partial ? &node->partial :
						    &node->full);
	}
}

/* So many slabs that other CPUs have cut into are left to them. */
#define LEFT_TO_OTHERS	8

/*
 * The slab to take from: the rest of one that another CPU has cut into is left
 * to that one. The states of its objects share cache lines, and two CPUs that
 * write there at once are slower than one. Context: the node's lock is held.
 */
static struct mmbox_slab *pick_slab(struct mmbox_cache_node *node, u16 cutter)
{
	unsigned int left = cutter ? LEFT_TO_OTHERS : 0;
	struct mmbox_slab *slab;

	lockdep_assert_held(&node->lock);
	list_for_each_entry(slab, &node->partial, list)
		if (!slab->cutter || slab->cutter == cutter || !left--)
			return slab;
	return list_first_entry_or_null(&node->empty, struct mmbox_slab, list);
}

/* @cutter: the CPU that takes, counted from 1, or 0 for the last of anybody's */
static unsigned int take_from_node(struct mmbox_cache_node *node,
				   struct mmbox_sheaf_entry *entry,
				   unsigned int nr, struct rnd_state *random,
				   u16 cutter)
{
	struct mmbox_slab *slab;
	unsigned int got = 0;
	unsigned long flags;

	spin_lock_irqsave(&node->lock, flags);
	while (got < nr && (slab = pick_slab(node, cutter))) {
		unsigned int had = slab->nr_free, taken;

		taken = random ? take_random(slab, entry + got, nr - got,
					     random) :
				 take_from(slab, entry + got, nr - got);
		if (had == slab->nr_objects)
			slab->cutter = cutter;
		got += taken;
		node->nr_free -= taken;
		move_slab(node, slab, had);
	}
	spin_unlock_irqrestore(&node->lock, flags);
	return got;
}

static unsigned int take_from_others(struct mmbox_cache *cache,
				     struct mmbox_sheaf_entry *entry,
				     unsigned int nr, struct rnd_state *random)
{
	unsigned int got = 0;
	int nid;

	for (nid = 0; nid < nr_node_ids && got < nr; nid++)
		if (cache->node[nid])
			got += take_from_node(cache->node[nid], entry + got,
					      nr - got, random, 0);
	return got;
}

/**
 * mmbox_slab_take - take objects off slabs, of new ones if need be
 * @cache: the cache
 * @gfp:   for the pages of a new slab
 * @nid:   the node that objects should be from
 * @entry: set to objects, whose state becomes IN_SHEAF
 * @nr:    how many are wanted, at least 1
 *
 * Context: as mmbox_alloc_pages().
 * Return: how many there are; less than @nr rather than another new slab, and 0
 * if there is no memory.
 */
unsigned int mmbox_slab_take(struct mmbox_cache *cache, gfp_t gfp, int nid,
			     struct mmbox_sheaf_entry *entry, unsigned int nr)
{
	/* An object alone is not worth a slab of one's own. */
	u16 cutter = nr > 1 ? raw_smp_processor_id() + 1 : 0;
	struct rnd_state state, *random = NULL;
	unsigned int got = 0;

	if (READ_ONCE(cache->box->settings.freelist_random)) {
		prandom_seed_state(&state, get_random_u64());
		random = &state;
	}
	if (cache->node[nid])
		got = take_from_node(cache->node[nid], entry, nr, random,
				     cutter);
	while (!got) {
		struct mmbox_slab *slab = new_slab(cache, gfp);

		if (!slab)
			return take_from_others(cache, entry, nr, random);
		/* Others may be faster: then there is another round. */
		got = take_from_node(slab->node, entry, nr, random, cutter);
	}
	return got;
}

/*
 * The slab of an entry, or NULL if it has gone: two CPUs have freed an object at
 * the same time, so that it was in two sheaves, and the other one was emptied.
 */
static struct mmbox_slab *slab_of(const struct mmbox_cache *cache,
				  const struct mmbox_sheaf_entry *entry)
{
	struct mmbox_slab *slab = mmbox_slab_find(entry->object);
	unsigned long nr;

	if (!slab || slab->cache != cache)
		return NULL;
	nr = mmbox_slab_nr(slab, entry->object);
	return nr < slab->nr_objects && entry->state == &slab->state[nr] ?
	       slab : NULL;
}

/* Returns false if the object is there already, for the same reason. */
static bool put_one(struct mmbox_cache_node *node, struct mmbox_slab *slab,
		    u8 *state, struct list_head *surplus)
{
	unsigned int nr = state - slab->state;

	lockdep_assert_held(&node->lock);
	if (unlikely(READ_ONCE(*state) != MMBOX_OBJECT_IN_SHEAF ||
		     __test_and_set_bit(nr, slab->free)))
		return false;
	WRITE_ONCE(*state, MMBOX_OBJECT_IN_SLAB);
	slab->hint = nr / BITS_PER_LONG;
	slab->cutter = 0;
	slab->nr_free++;
	node->nr_free++;
	move_slab(node, slab, slab->nr_free - 1);
	if (slab->nr_free == slab->nr_objects &&
	    node->nr_empty > MMBOX_KEEP_EMPTY) {
		list_move(&slab->list, surplus);
		count_slab(node, slab, -1);
	}
	return true;
}

/**
 * mmbox_slab_put - give objects back to their slabs
 * @cache: their cache
 * @entry: the objects, whose state is IN_SHEAF
 * @nr:    how many
 *
 * Context: any in which a spinlock_t may be taken.
 */
void mmbox_slab_put(struct mmbox_cache *cache,
		    const struct mmbox_sheaf_entry *entry, unsigned int nr)
{
	LIST_HEAD(surplus);
	unsigned int i = 0;

	/* An object that is in two sheaves does not keep its slab. */
	rcu_read_lock();
	while (i < nr) {
		struct mmbox_slab *slab = slab_of(cache, &entry[i]);
		struct mmbox_cache_node *node;
		unsigned long flags;

		if (unlikely(!slab)) {
			atomic_long_inc(&cache->nr_errors);
			i++;
			continue;
		}
		node = slab->node;
		spin_lock_irqsave(&node->lock, flags);
		do {
			if (!put_one(node, slab, entry[i].state, &surplus))
				atomic_long_inc(&cache->nr_errors);
			if (++i < nr)
				slab = slab_of(cache, &entry[i]);
		} while (i < nr && slab && slab->node == node);
		spin_unlock_irqrestore(&node->lock, flags);
	}
	rcu_read_unlock();
	discard_all(&surplus);
}

/**
 * mmbox_slab_find - the slab at an address
 * @object: any address
 *
 * Context: any. Unless the caller has an object of the slab, preemption is off:
 * the slab may go as soon as it is on again.
 * Return: the slab in whose pages the address is, or NULL.
 */
struct mmbox_slab *mmbox_slab_find(const void *object)
{
	struct mmbox_slab *slab;

	preempt_disable();
	slab = mmbox_slab_guess(object);
	if (mmbox_slab_nr(slab, object) >= slab->nr_objects)
		slab = mmbox_slab_of_page(object);
	preempt_enable();
	return slab;
}

/**
 * mmbox_slab_shrink - give the pages of empty slabs back
 * @cache: the cache
 *
 * Context: any in which a spinlock_t may be taken.
 * Return: slabs that stay.
 */
unsigned long mmbox_slab_shrink(struct mmbox_cache *cache)
{
	unsigned long flags, left = 0;
	int nid;

	for (nid = 0; nid < nr_node_ids; nid++) {
		struct mmbox_cache_node *node = cache->node[nid];
		struct mmbox_slab *slab;
		LIST_HEAD(empty);

		if (!node)
			continue;
		spin_lock_irqsave(&node->lock, flags);
		list_for_each_entry(slab, &node->empty, list)
			count_slab(node, slab, -1);
		list_splice_init(&node->empty, &empty);
		left += node->nr_slabs;
		spin_unlock_irqrestore(&node->lock, flags);
		discard_all(&empty);
	}
	return left;
}
