// SPDX-License-Identifier: GPL-2.0
/*
 * Caches looked at: how many objects, slabs and pages there are, for files.
 *
 * Numbers of one node are of one moment. Those of different nodes, and of what
 * CPUs have at hand, are not: everybody goes on working meanwhile.
 */
#include "account.h"
#include "internal.h"
#include "ledger.h"
#include "slab.h"
#include "slab_count.h"

static void count_node(struct mmbox_cache_node *node,
		       struct mmbox_cache_count *count)
{
	const struct mmbox_slab *slab;
	unsigned long flags, empty = 0;

	spin_lock_irqsave(&node->lock, flags);
	list_for_each_entry(slab, &node->empty, list)
		empty += slab->nr_objects;
	count->nr_slabs = node->nr_slabs;
	count->nr_partial = node->nr_partial + node->nr_empty;
	count->nr_empty = node->nr_empty;
	count->nr_pages = node->nr_pages;
	count->nr_objects = node->nr_objects;
	count->nr_out = node->nr_objects - node->nr_free;
	count->nr_partial_out = node->nr_partial_objects -
				(node->nr_free - empty);
	spin_unlock_irqrestore(&node->lock, flags);
	mmbox_barn_count(&node->barn, &count->barn);
}

/**
 * mmbox_cache_count_node - count what a cache has on a node
 * @cache: the cache
 * @nid:   the node
 * @count: set; all 0 if the box has nothing there
 *
 * Context: any in which a spinlock_t may be taken.
 */
void mmbox_cache_count_node(const struct mmbox_cache *cache, int nid,
			    struct mmbox_cache_count *count)
{
	memset(count, 0, sizeof(*count));
	if (cache->node[nid])
		count_node(cache->node[nid], count);
}

/**
 * mmbox_cache_count - count what a cache has on all nodes
 * @cache: the cache
 * @sum:   set
 *
 * Context: any in which a spinlock_t may be taken.
 */
void mmbox_cache_count(const struct mmbox_cache *cache,
		       struct mmbox_cache_count *sum)
{
	int nid;

	memset(sum, 0, sizeof(*sum));
	for (nid = 0; nid < nr_node_ids; nid++) {
		struct mmbox_cache_count count;

		mmbox_cache_count_node(cache, nid, &count);
		sum->nr_slabs += count.nr_slabs;
		sum->nr_partial += count.nr_partial;
		sum->nr_empty += count.nr_empty;
		sum->nr_pages += count.nr_pages;
		sum->nr_objects += count.nr_objects;
		sum->nr_out += count.nr_out;
		sum->nr_partial_out += count.nr_partial_out;
		sum->barn.nr_objects += count.barn.nr_objects;
		sum->barn.nr_full += count.barn.nr_full;
		sum->barn.nr_empty += count.barn.nr_empty;
	}
}

/**
 * mmbox_cache_at_hand - how many free objects of a cache are in no slab
 * @cache: the cache
 * @count: what it has on all nodes
 *
 * Context: any.
 * Return: objects in CPUs' sheaves and in barns, and those that are kept back, at
 * most those out of slabs.
 */
unsigned long mmbox_cache_at_hand(const struct mmbox_cache *cache,
				  const struct mmbox_cache_count *count)
{
	unsigned long at_hand = count->barn.nr_objects;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct mmbox_sheaves_count sheaves;

		mmbox_sheaves_count(cache, cpu, &sheaves);
		at_hand += sheaves.nr_at_hand;
	}
	at_hand += READ_ONCE(cache->nr_held);
	/* They were counted at different moments. */
	return min(at_hand, count->nr_out);
}

struct count_data {
	struct mmbox_cache *cache;
	struct mmbox_requests *requests;
};

static void count_entry(const struct mmbox_entry *entry, void *data)
{
	const struct count_data *to = data;
	struct mmbox_requests *requests = to->requests;
	unsigned int i;

	if (!mmbox_cache_has(to->cache, entry->key))
		return;
	requests->nr++;
	requests->bytes += entry->wanted;
	i = (entry->wanted * MMBOX_REQUEST_PARTS - 1) / entry->bytes;
	i = min(i, MMBOX_REQUEST_PARTS - 1U);
	requests->part[i].nr++;
	requests->part[i].bytes += entry->wanted;
}

/**
 * mmbox_cache_count_requests - what callers of a cache have asked for
 * @cache:    the cache
 * @requests: set; all 0 unless the ledger has objects
 *
 * Context: process context, may sleep.
 */
void mmbox_cache_count_requests(struct mmbox_cache *cache,
				struct mmbox_requests *requests)
{
	struct mmbox_ledger *ledger = READ_ONCE(cache->box->ledger);
	struct count_data data = { cache, requests };

	memset(requests, 0, sizeof(*requests));
	if (ledger)
		mmbox_ledger_each(ledger, count_entry, &data);
}

/**
 * mmbox_caches_count_node - pages of all slabs on a node, or on all
 * @box:	 the box
 * @nid:	 the node, or NUMA_NO_NODE for all
 * @reclaimable: set to those of caches with SLAB_RECLAIM_ACCOUNT
 * @unreclaimable: set to those of others
 *
 * Context: process context, may sleep.
 */
void mmbox_caches_count_node(struct mmbox *box, int nid,
			     unsigned long *reclaimable,
			     unsigned long *unreclaimable)
{
	struct mmbox_cache *cache;

	*reclaimable = 0;
	*unreclaimable = 0;
	mutex_lock(&box->caches_lock);
	list_for_each_entry(cache, &box->caches, list) {
		struct mmbox_cache_count count;

		if (nid == NUMA_NO_NODE)
			mmbox_cache_count(cache, &count);
		else
			mmbox_cache_count_node(cache, nid, &count);
		if (cache->flags & SLAB_RECLAIM_ACCOUNT)
			*reclaimable += count.nr_pages;
		else
			*unreclaimable += count.nr_pages;
	}
	mutex_unlock(&box->caches_lock);
}

/**
 * mmbox_caches_descriptor_pages - pages that hold descriptors of slabs
 * @box: the box
 *
 * Context: process context, may sleep.
 * Return: how many, of all caches.
 */
unsigned long mmbox_caches_descriptor_pages(struct mmbox *box)
{
	struct mmbox_cache *cache;
	unsigned long nr = 0;

	mutex_lock(&box->caches_lock);
	list_for_each_entry(cache, &box->caches, list) {
		unsigned long flags;

		spin_lock_irqsave(&cache->pool.lock, flags);
		nr += cache->pool.nr_blocks << cache->pool.order;
		spin_unlock_irqrestore(&cache->pool.lock, flags);
	}
	mutex_unlock(&box->caches_lock);
	return nr;
}
