// SPDX-License-Identifier: GPL-2.0
/*
 * A ledger of what is allocated: an entry for each block of pages and each
 * object, found by where it is, with who asked for it.
 *
 * It stands apart from pages and objects, so that it costs nothing while it is
 * not kept, and can be begun and ended at any time. What was allocated before
 * has no entry, and is not missed when it is freed. Its memory is the host's.
 */
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "ledger.h"

/* Chains share locks, as many as make it rare that CPUs meet. */
#define NR_LOCKS	64U

/* For a box of small objects a chain has some dozen entries. */
#define CHAINS_PER_PAGE	4

/**
 * struct mmbox_ledger - the ledger of a box
 * @sites:  who asks for memory
 * @bits:   there are 1 << @bits chains
 * @what:   what is kept now, MMBOX_LEDGER_* bits
 * @lock:   each guards the chains whose number it has, modulo NR_LOCKS
 * @chain:  entries
 */
struct mmbox_ledger {
	struct mmbox_sites *sites;
	unsigned int bits;
	unsigned int what;
	raw_spinlock_t lock[NR_LOCKS];
	struct hlist_head chain[];
};

static unsigned int chain_of(const struct mmbox_ledger *ledger,
			     unsigned long key)
{
	return hash_long(key, ledger->bits);
}

static raw_spinlock_t *lock_of(struct mmbox_ledger *ledger, unsigned int chain)
{
	return &ledger->lock[chain % NR_LOCKS];
}

/**
 * mmbox_ledger_create - make a ledger that is not kept yet
 * @pages: how many the box has
 * @sites: who asks for memory
 *
 * Context: process context, may sleep.
 * Return: the ledger, or NULL if the host has no memory.
 */
struct mmbox_ledger *mmbox_ledger_create(unsigned long pages,
					 struct mmbox_sites *sites)
{
	unsigned int i, bits = ilog2(max(pages, 256UL) * CHAINS_PER_PAGE);
	struct mmbox_ledger *ledger;

	ledger = kvzalloc(struct_size(ledger, chain, 1UL << bits), GFP_KERNEL);
	if (!ledger)
		return NULL;
	ledger->sites = sites;
	ledger->bits = bits;
	for (i = 0; i < NR_LOCKS; i++)
		raw_spin_lock_init(&ledger->lock[i]);
	return ledger;
}

static void charge(struct mmbox_entry *entry, struct mmbox_site *site)
{
	entry->site = site;
	atomic64_add(entry->bytes, &site->bytes);
	atomic64_inc(&site->calls);
}

static void discharge(struct mmbox_entry *entry)
{
	if (!entry->site)
		return;
	atomic64_sub(entry->bytes, &entry->site->bytes);
	atomic64_dec(&entry->site->calls);
	entry->site = NULL;
}

static void drop(struct mmbox_entry *entry)
{
	discharge(entry);
	kfree(entry);
}

static void drop_chain(struct mmbox_ledger *ledger, unsigned int chain)
{
	raw_spinlock_t *lock = lock_of(ledger, chain);
	struct mmbox_entry *entry;
	struct hlist_node *next;
	HLIST_HEAD(old);
	unsigned long flags;

	raw_spin_lock_irqsave(lock, flags);
	hlist_move_list(&ledger->chain[chain], &old);
	raw_spin_unlock_irqrestore(lock, flags);
	hlist_for_each_entry_safe(entry, next, &old, link)
		drop(entry);
}

static void drop_all(struct mmbox_ledger *ledger)
{
	unsigned int chain;

	for (chain = 0; chain < 1U << ledger->bits; chain++) {
		drop_chain(ledger, chain);
		cond_resched();
	}
}

/**
 * mmbox_ledger_keep - say what is kept from now on
 * @ledger: the ledger
 * @what:   MMBOX_LEDGER_* bits
 *
 * What is not kept any more is dropped.
 *
 * Context: process context, may sleep; one caller at a time.
 */
void mmbox_ledger_keep(struct mmbox_ledger *ledger, unsigned int what)
{
	unsigned long flags;
	unsigned int i;

	WRITE_ONCE(ledger->what, what);
	/* Who adds an entry from here on sees that. */
	for (i = 0; i < NR_LOCKS; i++) {
		raw_spin_lock_irqsave(&ledger->lock[i], flags);
		raw_spin_unlock_irqrestore(&ledger->lock[i], flags);
	}
	if (!what)
		drop_all(ledger);
}

/**
 * mmbox_ledger_destroy - unmake a ledger
 * @ledger: the ledger, which nobody uses any more; or NULL
 *
 * Context: process context, may sleep.
 */
void mmbox_ledger_destroy(struct mmbox_ledger *ledger)
{
	if (!ledger)
		return;
	drop_all(ledger);
	kvfree(ledger);
}

static struct mmbox_entry *find_entry(struct mmbox_ledger *ledger,
				      unsigned int chain, unsigned long key)
{
	struct mmbox_entry *entry;

	hlist_for_each_entry(entry, &ledger->chain[chain], link)
		if (entry->key == key)
			return entry;
	return NULL;
}

/**
 * mmbox_ledger_add - enter an allocation
 * @ledger: the ledger, or NULL while there is none
 * @key:    where it is
 * @bytes:  that it takes
 * @wanted: bytes that were asked for
 * @caller: address that the request came from
 *
 * Context: as mmbox_alloc_pages(); nobody can free it yet.
 * Return: false if the host has no memory for that; true also if the ledger is
 * not kept.
 */
bool mmbox_ledger_add(struct mmbox_ledger *ledger, unsigned long key,
		      size_t bytes, size_t wanted, unsigned long caller)
{
	struct mmbox_entry *entry;
	unsigned int chain, what;
	unsigned long flags;

	if (!ledger || !READ_ONCE(ledger->what))
		return true;
	chain = chain_of(ledger, key);
	entry = kmalloc(sizeof(*entry), GFP_NOWAIT | __GFP_NOWARN);
	if (!entry)
		return false;
	entry->key = key;
	entry->bytes = bytes;
	entry->wanted = wanted;
	charge(entry, mmbox_site_get(ledger->sites, caller));
	raw_spin_lock_irqsave(lock_of(ledger, chain), flags);
	what = READ_ONCE(ledger->what);
	if (what)
		hlist_add_head(&entry->link, &ledger->chain[chain]);
	raw_spin_unlock_irqrestore(lock_of(ledger, chain), flags);
	if (!what)
		drop(entry);
	return true;
}

/**
 * mmbox_ledger_del - strike an allocation out
 * @ledger: the ledger, or NULL while there is none
 * @key:    where it is; it may have no entry
 *
 * Context: as mmbox_free_pages(); the memory is nobody else's yet.
 */
void mmbox_ledger_del(struct mmbox_ledger *ledger, unsigned long key)
{
	struct mmbox_entry *entry;
	unsigned long flags;
	unsigned int chain;

	if (!ledger)
		return;
	chain = chain_of(ledger, key);
	raw_spin_lock_irqsave(lock_of(ledger, chain), flags);
	entry = find_entry(ledger, chain, key);
	if (entry)
		hlist_del(&entry->link);
	raw_spin_unlock_irqrestore(lock_of(ledger, chain), flags);
	if (entry)
		drop(entry);
}

/**
 * mmbox_ledger_each - look at all entries
 * @ledger: the ledger
 * @call:   called for each, under a raw spinlock
 * @data:   for that
 *
 * Others go on allocating and freeing meanwhile.
 *
 * Context: process context, may sleep.
 */
void mmbox_ledger_each(struct mmbox_ledger *ledger,
		       void (*call)(const struct mmbox_entry *entry,
				    void *data),
		       void *data)
{
	const struct mmbox_entry *entry;
	unsigned long flags;
	unsigned int chain;

	for (chain = 0; chain < 1U << ledger->bits; chain++) {
		raw_spin_lock_irqsave(lock_of(ledger, chain), flags);
		hlist_for_each_entry(entry, &ledger->chain[chain], link)
			call(entry, data);
		raw_spin_unlock_irqrestore(lock_of(ledger, chain), flags);
		cond_resched();
	}
}
