// SPDX-License-Identifier: GPL-2.0
#include "sim_slab.h"

#include "account.h"
#include "leaks.h"
#include "ledger.h"
#include "slab_debug.h"
#include "slab_guard.h"
#include "slab_wrong.h"

/* No areas: larger objects than there are blocks cannot be had. */
void *mmbox_vmalloc_node(struct mmbox *box, unsigned long size,
			 unsigned long align, gfp_t gfp, int node,
			 const void *caller)
{
	host_might_sleep();
	return NULL;
}

void mmbox_vfree(const void *addr)
{
	expect(!addr, "there are no areas");
}

struct page *mmbox_vmalloc_to_page(const void *addr)
{
	return NULL;
}

/* Checks of objects have tests of their own, in guests. */
void mmbox_slab_debug_init(struct mmbox_slab *slab)
{
}

void mmbox_slab_debug_alloc(struct mmbox_cache *cache, void *object,
			    unsigned long caller)
{
}

void mmbox_slab_debug_free(struct mmbox_slab *slab, void *object,
			   unsigned long caller)
{
}

void mmbox_slab_debug_held(void *object)
{
}

void mmbox_slab_debug_validate(struct mmbox_cache *cache)
{
}

/* No pages to be guarded. */
static void *guard_map(struct mmbox *box, gfp_t gfp, unsigned long caller)
{
	return NULL;
}

static void guard_unmap(void *addr)
{
	expect(false, "there are no guarded pages");
}

static struct mmbox *guard_owner(const void *addr)
{
	return NULL;
}

static const struct mmbox_guard_ops guard_ops = {
	.map = guard_map,
	.unmap = guard_unmap,
	.owner = guard_owner,
};

/* Nor is there a ledger, see sim_box.c. */
void mmbox_account_object(struct mmbox_cache *cache, const void *object,
			  size_t wanted, unsigned long caller)
{
}

void mmbox_account_object_free(struct mmbox_cache *cache, const void *object)
{
}

bool mmbox_cache_has(const struct mmbox_cache *cache, unsigned long key)
{
	return false;
}

void mmbox_ledger_each(struct mmbox_ledger *ledger,
		       void (*call)(const struct mmbox_entry *entry,
				    void *data),
		       void *data)
{
	expect(false, "there is no ledger");
}

/* So many objects are left, and nobody is named. */
unsigned long mmbox_leaks_cache(struct mmbox_cache *cache, const char *what)
{
	unsigned long live = 0;
	int nid;

	for (nid = 0; nid < nr_node_ids; nid++)
		if (cache->node[nid])
			live += cache->node[nid]->nr_objects -
				cache->node[nid]->nr_free;
	return live;
}

void mmbox_track_print(const struct mmbox_track *tracks)
{
}

/**
 * sim_caches_create - make the caches of a box as box.c does
 * @sim: the box
 */
void sim_caches_create(struct sim_box *sim)
{
	struct mmbox *box = sim->box;

	mutex_init(&box->caches_lock);
	INIT_LIST_HEAD(&box->caches);
	mmbox_guard_ops = &guard_ops;
	mmbox_kmalloc_init();
	expect(!mmbox_caches_create(box), "no caches");
	box->release = mmbox_caches_release;
}

/**
 * sim_caches_destroy - unmake them; all pages are the box's again
 * @sim: the box
 */
void sim_caches_destroy(struct sim_box *sim)
{
	sim->box->release = NULL;
	mmbox_caches_destroy(sim->box);
	rcu_barrier();
}
