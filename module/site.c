// SPDX-License-Identifier: GPL-2.0
/*
 * Places that call for memory of a box: found by their address, each with a name
 * and a count of what was allocated from there.
 *
 * The name is looked up when a place is met for the first time. Later on its
 * module may be gone, and that is when one wants to know who has left something
 * behind. A place is kept as long as the box.
 */
#include <linux/ctype.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "site.h"

#define CHAIN_BITS	8

/* More of them share the first one, which stands for any. */
#define MAX_SITES	4096U

/**
 * struct mmbox_sites - the places that a box has met
 * @lock:  guards additions
 * @list:  link in the list of such tables    (tables_lock)
 * @nr:	   how many there are; ascends
 * @chain: they by address, read without a lock
 * @at:	   they by number
 */
struct mmbox_sites {
	raw_spinlock_t lock;
	struct list_head list;
	unsigned int nr;
	struct hlist_head chain[1 << CHAIN_BITS];
	struct mmbox_site *at[MAX_SITES];
};

static DEFINE_MUTEX(tables_lock);
static LIST_HEAD(tables);

static struct hlist_head *chain_of(struct mmbox_sites *sites,
				   unsigned long caller)
{
	return &sites->chain[hash_long(caller, CHAIN_BITS)];
}

static struct mmbox_site *find_site(struct mmbox_sites *sites,
				    unsigned long caller)
{
	struct mmbox_site *site;

	/* Sites stay, so that a walk needs no protection. */
	hlist_for_each_entry_rcu(site, chain_of(sites, caller), link, true)
		if (site->caller == caller && !READ_ONCE(site->gone))
			return site;
	return NULL;
}

/* An address that has no name is nobody's business. */
static void name_site(struct mmbox_site *site)
{
	snprintf(site->text, sizeof(site->text), "%pS", (void *)site->caller);
	if (!isalpha(site->text[0]) && site->text[0] != '_')
		strscpy(site->text, "?", sizeof(site->text));
}

static void add_site(struct mmbox_sites *sites, struct mmbox_site *site)
{
	site->nr = sites->nr;
	sites->at[site->nr] = site;
	hlist_add_head_rcu(&site->link, chain_of(sites, site->caller));
	/* Who sees the number sees the site. */
	smp_store_release(&sites->nr, site->nr + 1);
}

static struct mmbox_site *alloc_site(unsigned long caller, gfp_t gfp)
{
	struct mmbox_site *site = kzalloc(sizeof(*site), gfp);

	if (!site)
		return NULL;
	site->caller = caller;
	name_site(site);
	return site;
}

/**
 * mmbox_site_get - the place that has an address
 * @sites:  the table
 * @caller: the address
 *
 * Context: any in which a spinlock_t may be taken.
 * Return: the place; where there is no room for another one, the first one,
 * which is called "?".
 */
struct mmbox_site *mmbox_site_get(struct mmbox_sites *sites,
				  unsigned long caller)
{
	struct mmbox_site *site = find_site(sites, caller), *new;
	unsigned long flags;

	if (likely(site))
		return site;
	new = alloc_site(caller, GFP_NOWAIT | __GFP_NOWARN);
	if (!new)
		return sites->at[0];
	raw_spin_lock_irqsave(&sites->lock, flags);
	site = find_site(sites, caller);
	if (!site && sites->nr < MAX_SITES) {
		site = new;
		new = NULL;
		add_site(sites, site);
	}
	raw_spin_unlock_irqrestore(&sites->lock, flags);
	kfree(new);
	return site ?: sites->at[0];
}

/**
 * mmbox_site_known - the place that has an address, or that has had it last
 * @sites:  the table
 * @caller: the address
 *
 * Context: any.
 * Return: the place, or the first one, which is called "?".
 */
const struct mmbox_site *mmbox_site_known(struct mmbox_sites *sites,
					  unsigned long caller)
{
	const struct mmbox_site *site;

	/* The latest stands first. */
	hlist_for_each_entry_rcu(site, chain_of(sites, caller), link, true)
		if (site->caller == caller)
			return site;
	return sites->at[0];
}

/**
 * mmbox_sites_nr - how many places there are
 * @sites: the table
 *
 * Context: any.
 * Return: the number of the last one, plus 1.
 */
unsigned int mmbox_sites_nr(const struct mmbox_sites *sites)
{
	/* Pairs with add_site(). */
	return smp_load_acquire(&sites->nr);
}

/**
 * mmbox_site_at - the place that has a number
 * @sites: the table
 * @nr:	   the number
 *
 * Context: any.
 * Return: the place, or NULL if there are not so many.
 */
struct mmbox_site *mmbox_site_at(const struct mmbox_sites *sites,
				 unsigned int nr)
{
	return nr < mmbox_sites_nr(sites) ? sites->at[nr] : NULL;
}

/**
 * mmbox_sites_create - make a table without places
 *
 * Context: process context, may sleep.
 * Return: the table, or NULL if the host has no memory.
 */
struct mmbox_sites *mmbox_sites_create(void)
{
	struct mmbox_sites *sites = kvzalloc(sizeof(*sites), GFP_KERNEL);
	struct mmbox_site *any;

	if (!sites)
		return NULL;
	any = alloc_site(0, GFP_KERNEL);
	if (!any) {
		kvfree(sites);
		return NULL;
	}
	raw_spin_lock_init(&sites->lock);
	add_site(sites, any);
	mutex_lock(&tables_lock);
	list_add(&sites->list, &tables);
	mutex_unlock(&tables_lock);
	return sites;
}

/**
 * mmbox_sites_destroy - unmake a table
 * @sites: the table, which nobody uses any more
 *
 * Context: process context, may sleep.
 */
void mmbox_sites_destroy(struct mmbox_sites *sites)
{
	unsigned int i;

	mutex_lock(&tables_lock);
	list_del(&sites->list);
	mutex_unlock(&tables_lock);
	for (i = 0; i < sites->nr; i++)
		kfree(sites->at[i]);
	kvfree(sites);
}

/* What a module leaves behind keeps its name, and gives up its address. */
static int module_event(struct notifier_block *nb, unsigned long event,
			void *data)
{
	struct mmbox_sites *sites;
	unsigned int i;

	if (event != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	mutex_lock(&tables_lock);
	list_for_each_entry(sites, &tables, list)
		for (i = 0; i < mmbox_sites_nr(sites); i++)
			if (within_module(sites->at[i]->caller, data))
				WRITE_ONCE(sites->at[i]->gone, true);
	mutex_unlock(&tables_lock);
	return NOTIFY_DONE;
}

static struct notifier_block module_notifier = {
	.notifier_call = module_event,
};

/**
 * mmbox_sites_init - get ready for such tables
 *
 * Context: module initialisation.
 * Return: 0 or -errno.
 */
int mmbox_sites_init(void)
{
	return register_module_notifier(&module_notifier);
}

/**
 * mmbox_sites_exit - undo mmbox_sites_init(); there is no table any more
 */
void mmbox_sites_exit(void)
{
	unregister_module_notifier(&module_notifier);
}
