// SPDX-License-Identifier: GPL-2.0
/*
 * The ledger of a box, switched on and off while the box is in use, and objects
 * in it.
 *
 * While it is kept, no allocation or free may pass by it: CPUs keep no pages at
 * hand, so that each block comes from and goes to a buddy, and caches have no
 * fast path. The ledger begins when nobody is on these paths any more, and ends
 * before somebody can be: an entry never outlives what it is about.
 */
#include <linux/mm.h>
#include <linux/rcupdate.h>

#include "account.h"
#include "internal.h"
#include "ledger.h"
#include "slab.h"
#include "slab_hooks.h"

/* What the settings of a box ask for. */
static unsigned int wanted_of(const struct mmbox *box)
{
	return (box->settings.allocinfo ? MMBOX_LEDGER_SITES : 0) |
	       (box->settings.page_owner ? MMBOX_LEDGER_OWNERS : 0);
}

/**
 * mmbox_account_apply - keep the ledger of a box as its settings say
 * @box: the box
 *
 * Context: process context, may sleep; the caller holds box->tune_lock.
 * Return: 0, or -ENOMEM, and nothing has changed.
 */
int mmbox_account_apply(struct mmbox *box)
{
	unsigned int wanted = wanted_of(box);

	lockdep_assert_held(&box->tune_lock);
	if (wanted == box->accounts)
		return 0;
	if (!box->ledger) {
		struct mmbox_ledger *ledger;

		ledger = mmbox_ledger_create(box->nr_taken, box->sites);
		if (!ledger)
			return -ENOMEM;
		/* Who sees the ledger sees what is in it. */
		smp_store_release(&box->ledger, ledger);
	}
	mmbox_ledger_keep(box->ledger, wanted & box->accounts);
	WRITE_ONCE(box->accounts, wanted);
	mmbox_zones_limit_lists(box);
	mmbox_caches_choose_paths(box);
	/* From here on nobody is on a path that was quicker. */
	synchronize_rcu();
	mmbox_ledger_keep(box->ledger, wanted);
	return 0;
}

/**
 * mmbox_account_object - enter an object
 * @cache:  its cache, whose objects are entered
 * @object: the object, or NULL: nothing is done
 * @wanted: bytes that were asked for
 * @caller: address that the request came from
 *
 * Context: as mmbox_cache_alloc(); nobody can free it yet.
 */
void mmbox_account_object(struct mmbox_cache *cache, const void *object,
			  size_t wanted, unsigned long caller)
{
	struct mmbox *box = cache->box;

	if (object && !mmbox_ledger_add(READ_ONCE(box->ledger),
					mmbox_ledger_object(object),
					cache->layout.object_size, wanted,
					caller, NULL))
		mmbox_stat_inc(box->stat, MMBOX_EVENT_LEDGER_LOST);
}

/**
 * mmbox_account_object_free - strike an object out
 * @cache:  its cache, whose objects are entered
 * @object: the object
 *
 * Context: as mmbox_cache_free(); nobody can allocate it yet.
 */
void mmbox_account_object_free(struct mmbox_cache *cache, const void *object)
{
	mmbox_ledger_del(READ_ONCE(cache->box->ledger), mmbox_ledger_object(object));
}

/**
 * mmbox_cache_has - whether an entry is an object of a cache
 * @cache: the cache
 * @key:   of an entry of the ledger
 *
 * Context: any; the entry stays meanwhile.
 * Return: true if it is.
 */
bool mmbox_cache_has(const struct mmbox_cache *cache, unsigned long key)
{
	const struct mmbox_slab *slab;
	bool found;

	if (!mmbox_ledger_is_object(key))
		return false;
	preempt_disable();
	slab = mmbox_slab_find((void *)key);
	found = slab && slab->cache == cache;
	preempt_enable();
	return found;
}
