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
#include <linux/string.h>

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

static void charge(const struct mmbox_entry *entry)
{
	atomic64_add(entry->bytes, &entry->site->bytes);
	atomic64_inc(&entry->site->calls);
}

static void drop(struct mmbox_entry *entry)
{
	atomic64_sub(entry->bytes, &entry->site->bytes);
	atomic64_dec(&entry->site->calls);
	kfree(entry->owner);
	kfree(entry);
}

/* Is an entry of what is kept? Objects are for allocinfo alone. */
static bool is_kept(unsigned long key, unsigned int what)
{
	return mmbox_ledger_is_object(key) ? what & MMBOX_LEDGER_SITES : what;
}

static void prune_chain(struct mmbox_ledger *ledger, unsigned int chain,
			unsigned int what)
{
	raw_spinlock_t *lock = lock_of(ledger, chain);
	struct mmbox_entry *entry;
	struct hlist_node *next;
	HLIST_HEAD(old);
	unsigned long flags;

	raw_spin_lock_irqsave(lock, flags);
	hlist_for_each_entry_safe(entry, next, &ledger->chain[chain], link) {
		if (is_kept(entry->key, what))
			continue;
		hlist_del(&entry->link);
		hlist_add_head(&entry->link, &old);
	}
	raw_spin_unlock_irqrestore(lock, flags);
	hlist_for_each_entry_safe(entry, next, &old, link)
		drop(entry);
}

static void prune(struct mmbox_ledger *ledger, unsigned int what)
{
	unsigned int chain;

	for (chain = 0; chain < 1U << ledger->bits; chain++) {
		prune_chain(ledger, chain, what);
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
	prune(ledger, what);
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
	prune(ledger, 0);
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

static struct mmbox_entry *new_entry(struct mmbox_ledger *ledger,
				     unsigned long key, unsigned long caller,
				     const struct mmbox_owner *owner)
{
	const gfp_t gfp = GFP_NOWAIT | __GFP_NOWARN;
	struct mmbox_entry *entry = kmalloc(sizeof(*entry), gfp);

	if (!entry)
		return NULL;
	entry->key = key;
	entry->site = mmbox_site_get(ledger->sites, caller);
	entry->owner = NULL;
	if (owner)
		entry->owner = kmemdup(owner, sizeof(*owner), gfp);
	if (!owner || entry->owner)
		return entry;
	kfree(entry);
	return NULL;
}

/**
 * mmbox_ledger_add - enter an allocation
 * @ledger: the ledger, or NULL while there is none
 * @key:    where it is
 * @bytes:  that it takes
 * @wanted: bytes that were asked for
 * @caller: address that the request came from
 * @owner:  more of who asked, which is copied; or NULL
 *
 * Context: as mmbox_alloc_pages(); nobody can free it yet.
 * Return: false if the host has no memory for that; true also if such entries
 * are not kept.
 */
bool mmbox_ledger_add(struct mmbox_ledger *ledger, unsigned long key,
		      size_t bytes, size_t wanted, unsigned long caller,
		      const struct mmbox_owner *owner)
{
	struct mmbox_entry *entry;
	unsigned long flags;
	unsigned int chain;
	bool kept;

	if (!ledger || !is_kept(key, READ_ONCE(ledger->what)))
		return true;
	chain = chain_of(ledger, key);
	entry = new_entry(ledger, key, caller, owner);
	if (!entry)
		return false;
	entry->bytes = bytes;
	entry->wanted = wanted;
	charge(entry);
	raw_spin_lock_irqsave(lock_of(ledger, chain), flags);
	kept = is_kept(key, READ_ONCE(ledger->what));
	if (kept)
		hlist_add_head(&entry->link, &ledger->chain[chain]);
	raw_spin_unlock_irqrestore(lock_of(ledger, chain), flags);
	if (!kept)
		drop(entry);
	return true;
}

/**
 * mmbox_ledger_owner - look who has a block
 * @ledger: the ledger
 * @key:    where it is
 * @owner:  set
 *
 * Context: any in which a spinlock_t may be taken.
 * Return: false if that is not known.
 */
bool mmbox_ledger_owner(struct mmbox_ledger *ledger, unsigned long key,
			struct mmbox_owner *owner)
{
	unsigned int chain = chain_of(ledger, key);
	const struct mmbox_entry *entry;
	unsigned long flags;
	bool known;

	raw_spin_lock_irqsave(lock_of(ledger, chain), flags);
	entry = find_entry(ledger, chain, key);
	known = entry && entry->owner;
	if (known)
		*owner = *entry->owner;
	raw_spin_unlock_irqrestore(lock_of(ledger, chain), flags);
	return known;
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
