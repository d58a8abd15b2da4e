// SPDX-License-Identifier: GPL-2.0
/*
 * What allocations and frees of a cache have to do beyond the fast path, and
 * how that is switched while the cache is in use.
 *
 * While there is anything to do, the fast path finds no sheaves, and all goes
 * the long way. Checks of objects need more of a slab than objects without
 * checks do: each slab has the layout that was chosen when it was made, and
 * keeps it. Objects with checks go between slab and caller, past the sheaves.
 */
#include <linux/cpu.h>
#include <linux/ctype.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "internal.h"
#include "ledger.h"
#include "slab_debug.h"
#include "slab_guard.h"
#include "slab_hooks.h"
#include "slab_quarantine.h"

/* Frees are always checked as the kernel does it with F. */
#define NEEDS_LAYOUT	(MMBOX_SLAB_DEBUG & ~MMBOX_SLAB_SANITY)

static bool has_checks(const struct mmbox_cache *cache)
{
	return cache->new_layout->debug || cache->debug & NEEDS_LAYOUT ||
	       cache->nr_checked;
}

/* Objects that have contents while they are free keep these. */
static bool has_contents(const struct mmbox_cache *cache)
{
	return cache->ctor || cache->flags & SLAB_TYPESAFE_BY_RCU;
}

static unsigned int hooks_of(const struct mmbox_cache *cache)
{
	const struct mmbox_settings *settings = &cache->box->settings;
	unsigned int hooks = 0;

	if (has_checks(cache))
		hooks |= MMBOX_HOOK_CHECKS;
	if (READ_ONCE(cache->quarantine))
		hooks |= MMBOX_HOOK_QUARANTINE;
	if (READ_ONCE(cache->guard))
		hooks |= MMBOX_HOOK_GUARD;
	if (has_contents(cache))
		return hooks;
	if (READ_ONCE(settings->init_on_alloc))
		hooks |= MMBOX_HOOK_INIT_ALLOC;
	if (READ_ONCE(settings->init_on_free))
		hooks |= MMBOX_HOOK_INIT_FREE;
	return hooks;
}

static void __choose_path(struct mmbox_cache *cache)
{
	unsigned int hooks = hooks_of(cache);

	lockdep_assert_held(&cache->path_lock);
	if (READ_ONCE(cache->box->accounts) & MMBOX_LEDGER_SITES)
		hooks |= MMBOX_HOOK_LEDGER;
	WRITE_ONCE(cache->hooks, hooks);
	WRITE_ONCE(cache->capacity, hooks & MMBOX_HOOK_CHECKS ? 0 :
				    cache->usual_capacity);
	mmbox_cache_set_fast(cache, hooks ? &mmbox_no_sheaves : cache->sheaves);
}

/**
 * mmbox_cache_choose_path - choose what allocations and frees go through
 * @cache: the cache
 *
 * Context: any in which a spinlock_t may be taken.
 */
void mmbox_cache_choose_path(struct mmbox_cache *cache)
{
	unsigned long flags;

	spin_lock_irqsave(&cache->path_lock, flags);
	__choose_path(cache);
	spin_unlock_irqrestore(&cache->path_lock, flags);
}

/**
 * mmbox_caches_choose_paths - the same for all caches of a box
 * @box: the box, of which something has changed that paths follow from
 *
 * Some may be on the former way until RCU's grace period has passed.
 *
 * Context: process context, may sleep.
 */
void mmbox_caches_choose_paths(struct mmbox *box)
{
	struct mmbox_cache *cache;

	mutex_lock(&box->caches_lock);
	list_for_each_entry(cache, &box->caches, list)
		mmbox_cache_choose_path(cache);
	mutex_unlock(&box->caches_lock);
}

/**
 * mmbox_cache_layout_get - the layout of a slab that is to be made
 * @cache: the cache
 *
 * Context: as mmbox_cache_choose_path().
 * Return: the layout, to be given back when the slab has gone.
 */
const struct mmbox_slab_layout *mmbox_cache_layout_get(struct mmbox_cache *cache)
{
	const struct mmbox_slab_layout *layout;
	unsigned long flags;

	spin_lock_irqsave(&cache->path_lock, flags);
	layout = cache->new_layout;
	cache->nr_checked += !!layout->debug;
	spin_unlock_irqrestore(&cache->path_lock, flags);
	return layout;
}

/**
 * mmbox_cache_layout_put - a slab has gone
 * @cache:  its cache
 * @layout: its layout
 *
 * When the last slab with checks goes, and no new ones are wanted, the fast
 * path is open again.
 *
 * Context: as mmbox_cache_choose_path().
 */
void mmbox_cache_layout_put(struct mmbox_cache *cache,
			    const struct mmbox_slab_layout *layout)
{
	unsigned long flags;

	if (!layout->debug)
		return;
	spin_lock_irqsave(&cache->path_lock, flags);
	if (!--cache->nr_checked)
		__choose_path(cache);
	spin_unlock_irqrestore(&cache->path_lock, flags);
}

/* What the layout needs room for; objects with contents keep these. */
static unsigned int checks_of(const struct mmbox_cache *cache,
			      unsigned int debug)
{
	if (has_contents(cache))
		debug &= ~MMBOX_SLAB_POISON;
	return debug & NEEDS_LAYOUT;
}

/*
 * The layout for some checks: made when it is first wanted, it stays as long as
 * the cache. Returns NULL if there is no memory, or no block for an object.
 */
static struct mmbox_slab_layout *find_layout(struct mmbox_cache *cache,
					     unsigned int debug)
{
	unsigned int checks = checks_of(cache, debug);
	struct mmbox_slab_layout *layout;

	if (!checks)
		return &cache->layout;
	layout = cache->checked_layout[checks];
	if (layout)
		return layout;
	layout = kmalloc(sizeof(*layout), GFP_KERNEL);
	if (!layout)
		return NULL;
	if (mmbox_slab_layout(layout, cache->layout.object_size,
			      cache->layout.align, checks,
			      MMBOX_NR_TRACKS * sizeof(struct mmbox_track))) {
		kfree(layout);
		return NULL;
	}
	/* No more objects than descriptors have room for. */
	mmbox_slab_layout_limit(layout, cache->layout.order);
	cache->checked_layout[checks] = layout;
	return layout;
}

/**
 * mmbox_cache_init_debug - choose the checks of a cache that nobody has yet
 * @cache: the cache
 * @debug: MMBOX_SLAB_* checks
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmbox_cache_init_debug(struct mmbox_cache *cache, unsigned int debug)
{
	struct mmbox_slab_layout *layout = find_layout(cache, debug);

	if (!layout)
		return -ENOMEM;
	cache->debug = debug;
	cache->new_layout = layout;
	mmbox_cache_choose_path(cache);
	return 0;
}

/* Whether the checks of @only are switched, or without it, those of kmalloc. */
static bool is_meant(const struct mmbox_cache *cache,
		     const struct mmbox_cache *only)
{
	return only ? cache == only :
		      cache->internal && cache != cache->box->sheaf_cache;
}

static void set_checks(struct mmbox_cache *cache, unsigned int debug)
{
	unsigned long flags;

	spin_lock_irqsave(&cache->path_lock, flags);
	cache->debug = debug;
	__choose_path(cache);
	spin_unlock_irqrestore(&cache->path_lock, flags);
}

static void set_new_layout(struct mmbox_cache *cache)
{
	struct mmbox_slab_layout *layout = find_layout(cache, cache->debug);
	unsigned long flags;

	spin_lock_irqsave(&cache->path_lock, flags);
	cache->new_layout = layout;
	__choose_path(cache);
	spin_unlock_irqrestore(&cache->path_lock, flags);
	/* The sooner slabs are made anew. */
	mmbox_slab_shrink(cache);
}

static int switch_debug(struct mmbox *box, struct mmbox_cache *only,
			unsigned int debug)
{
	struct mmbox_cache *cache;

	lockdep_assert_held(&box->caches_lock);
	list_for_each_entry(cache, &box->caches, list)
		if (is_meant(cache, only) && !find_layout(cache, debug))
			return -ENOMEM;
	list_for_each_entry(cache, &box->caches, list)
		if (is_meant(cache, only))
			set_checks(cache, debug);
	/* From here on nobody is on the fast path, or comes to it. */
	synchronize_rcu();
	mmbox_caches_flush_sheaves(box, only);
	list_for_each_entry(cache, &box->caches, list)
		if (is_meant(cache, only))
			set_new_layout(cache);
	return 0;
}

/**
 * mmbox_caches_set_debug - switch the checks of caches in use
 * @box:   the box
 * @only:  the cache, or NULL for all of the kmalloc family
 * @debug: MMBOX_SLAB_* checks
 *
 * They hold for new slabs. Others stay as they are until they are empty.
 *
 * Context: process context, may sleep.
 * Return: 0, or -ENOMEM, and nothing has changed.
 */
int mmbox_caches_set_debug(struct mmbox *box, struct mmbox_cache *only,
			   unsigned int debug)
{
	int err;

	cpus_read_lock();
	mutex_lock(&box->caches_lock);
	err = switch_debug(box, only, debug);
	mutex_unlock(&box->caches_lock);
	cpus_read_unlock();
	return err;
}

/**
 * mmbox_cache_set_debug_named - switch the checks of a cache
 * @box:   the box
 * @name:  name of the cache
 * @debug: MMBOX_SLAB_* checks
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, or -ENOENT if there is no such cache whose checks can be
 * switched.
 */
int mmbox_cache_set_debug_named(struct mmbox *box, const char *name,
				unsigned int debug)
{
	struct mmbox_cache *cache;
	int err = -ENOENT;

	cpus_read_lock();
	mutex_lock(&box->caches_lock);
	list_for_each_entry(cache, &box->caches, list)
		if (!strcmp(cache->name, name)) {
			if (cache != box->sheaf_cache)
				err = switch_debug(box, cache, debug);
			break;
		}
	mutex_unlock(&box->caches_lock);
	cpus_read_unlock();
	return err;
}

/* Whether a setting is about a cache: one of kmalloc's, or the one of that name. */
static bool is_named(const struct mmbox_cache *cache, const char *name)
{
	return name ? !strcmp(cache->name, name) && is_meant(cache, cache) :
		      is_meant(cache, NULL);
}

static int set_quarantine(struct mmbox *box, const char *name,
			  unsigned long bytes)
{
	struct mmbox_cache *cache;
	int err = name ? -ENOENT : 0;

	lockdep_assert_held(&box->caches_lock);
	list_for_each_entry(cache, &box->caches, list)
		if (is_named(cache, name)) {
			err = mmbox_quarantine_prepare(cache, bytes);
			if (err)
				break;
		}
	list_for_each_entry(cache, &box->caches, list) {
		if (!is_named(cache, name))
			continue;
		if (err)
			mmbox_quarantine_discard(cache);
		else
			mmbox_quarantine_commit(cache);
	}
	return err;
}

/**
 * mmbox_caches_set_quarantine - say how much of freed objects is kept back
 * @box:    the box
 * @name:   of which cache, or NULL for all of the kmalloc family
 * @kbytes: kilobytes for each
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOENT if there is no such cache, or -ENOMEM: then nothing has
 * changed.
 */
int mmbox_caches_set_quarantine(struct mmbox *box, const char *name,
				unsigned long kbytes)
{
	int err;

	mutex_lock(&box->caches_lock);
	err = set_quarantine(box, name, kbytes * SZ_1K);
	mutex_unlock(&box->caches_lock);
	if (!err)
		synchronize_rcu();
	return err;
}

/**
 * mmbox_cache_set_quarantine - say how much of a cache in use is kept back
 * @cache: the cache
 * @bytes: so many bytes of freed objects, but one object at least and 65536 at
 *	   most; 0 for none
 *
 * They are allocated again only when as many others have been freed since, when
 * the cache is shrunk, or when the box is short of pages. Until then a second free
 * is refused, and with poison a write to them is found when they leave.
 *
 * Context: process context, may sleep.
 * Return: 0, or -ENOMEM, and nothing has changed.
 */
int mmbox_cache_set_quarantine(struct mmbox_cache *cache, unsigned long bytes)
{
	struct mmbox *box = cache->box;
	int err;

	mutex_lock(&box->caches_lock);
	err = mmbox_quarantine_prepare(cache, bytes);
	if (!err)
		mmbox_quarantine_commit(cache);
	mutex_unlock(&box->caches_lock);
	if (!err)
		synchronize_rcu();
	return err;
}
EXPORT_SYMBOL_GPL(mmbox_cache_set_quarantine);

/**
 * mmbox_caches_set_guard - say which part of all objects is guarded
 * @box:    the box
 * @name:   of which cache, or NULL for all of the kmalloc family
 * @one_in: one allocation in so many on each CPU; 0 for none
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOENT if there is no such cache, or -ENOMEM: then nothing has
 * changed.
 */
int mmbox_caches_set_guard(struct mmbox *box, const char *name,
			   unsigned long one_in)
{
	struct mmbox_cache *cache;
	int err = name ? -ENOENT : 0;

	mutex_lock(&box->caches_lock);
	list_for_each_entry(cache, &box->caches, list)
		if (is_named(cache, name)) {
			err = mmbox_guard_set(cache, one_in);
			if (err)	/* already with the first one */
				break;
		}
	mutex_unlock(&box->caches_lock);
	if (!err)
		synchronize_rcu();
	return err;
}

/**
 * mmbox_cache_set_guard - say which part of a cache's objects is guarded
 * @cache:  the cache
 * @one_in: one allocation in so many on each CPU; 0 for none
 *
 * A guarded object has a page to itself, with others beside it that are not
 * mapped: who writes behind it faults, and so does who uses it after its free.
 * Requests that cannot sleep, and caches with SLAB_TYPESAFE_BY_RCU,
 * SLAB_CACHE_DMA or SLAB_CACHE_DMA32, or whose objects fill a page, get none.
 *
 * Context: process context, may sleep.
 * Return: 0, or -ENOMEM, and nothing has changed.
 */
int mmbox_cache_set_guard(struct mmbox_cache *cache, unsigned int one_in)
{
	struct mmbox *box = cache->box;
	int err;

	mutex_lock(&box->caches_lock);
	err = mmbox_guard_set(cache, one_in);
	mutex_unlock(&box->caches_lock);
	if (!err)
		synchronize_rcu();
	return err;
}
EXPORT_SYMBOL_GPL(mmbox_cache_set_guard);

/**
 * mmbox_cache_init_hardening - what a cache begins with, by the settings
 * @cache: the cache, that nobody has yet
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmbox_cache_init_hardening(struct mmbox_cache *cache)
{
	struct mmbox *box = cache->box;
	int err;

	mutex_lock(&box->caches_lock);
	err = mmbox_quarantine_prepare(cache,
				       READ_ONCE(box->settings.quarantine) *
				       SZ_1K);
	if (!err)
		mmbox_quarantine_commit(cache);
	if (!err)
		err = mmbox_guard_set(cache,
				      READ_ONCE(box->settings.guard_sample));
	mutex_unlock(&box->caches_lock);
	return err;
}

/**
 * mmbox_slab_letters - read the letters of checks
 * @text:  any of F, Z, P, U, T, or just "-" for none
 * @debug: set to MMBOX_SLAB_* checks
 *
 * Return: 0 or -EINVAL.
 */
int mmbox_slab_letters(const char *text, unsigned int *debug)
{
	const char *letter;

	*debug = 0;
	if (!strcmp(text, "-"))
		return 0;
	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		letter = strchr(MMBOX_SLAB_LETTERS, toupper(*text));
		if (!letter)
			return -EINVAL;
		*debug |= 1U << (letter - MMBOX_SLAB_LETTERS);
	}
	return 0;
}

/**
 * mmbox_cache_set_debug - switch the checks of a cache that is in use
 * @cache:   the cache
 * @letters: the kernel's: F, Z, P, U, T, or "-" for none
 *
 * They hold for new slabs. Others stay as they are until they are empty.
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL for other letters, or -ENOMEM.
 */
int mmbox_cache_set_debug(struct mmbox_cache *cache, const char *letters)
{
	unsigned int debug;

	return mmbox_slab_letters(letters, &debug) ?:
	       mmbox_caches_set_debug(cache->box, cache, debug);
}
EXPORT_SYMBOL_GPL(mmbox_cache_set_debug);
