// SPDX-License-Identifier: GPL-2.0
/*
 * What nobody has freed, when a cache or a box is to go: objects and pages,
 * added up by the place that called for them.
 *
 * Who that was is known of pages and objects in the ledger, and of objects with
 * records of their users.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "account.h"
#include "internal.h"
#include "leaks.h"
#include "ledger.h"
#include "section.h"
#include "slab.h"
#include "slab_debug.h"

/* So many places are named, those with the most bytes. */
#define MAX_LINES	10

/**
 * struct tally - what is left over
 * @box:   of which box
 * @cache: of which cache; NULL: pages
 * @nr:	   number of places that @of has room for
 * @count: allocations that were found
 * @bytes: of these
 * @of:	   both by number of the place
 */
struct tally {
	struct mmbox *box;
	struct mmbox_cache *cache;
	unsigned int nr;
	u64 count;
	u64 bytes;
	struct {
		u64 count;
		u64 bytes;
	} *of;
};

static bool tally_init(struct tally *tally, struct mmbox *box,
		       struct mmbox_cache *cache)
{
	memset(tally, 0, sizeof(*tally));
	tally->box = box;
	tally->cache = cache;
	tally->nr = mmbox_sites_nr(box->sites);
	tally->of = kvcalloc(tally->nr, sizeof(*tally->of), GFP_KERNEL);
	return tally->of;
}

static void tally_add(struct tally *tally, const struct mmbox_site *site,
		      u64 bytes)
{
	/* Others go on meanwhile: what comes from a new place counts as "?". */
	unsigned int nr = site->nr < tally->nr ? site->nr : 0;

	tally->count++;
	tally->bytes += bytes;
	tally->of[nr].count++;
	tally->of[nr].bytes += bytes;
}

/* Those of slabs are named as objects. */
static bool is_pages(unsigned long key)
{
	unsigned long pfn = key >> 1;
	struct mmbox_section *section;
	bool found = false;

	if (mmbox_ledger_is_object(key))
		return false;
	preempt_disable();
	section = mmbox_section_find(pfn);
	if (section)
		found = mmbox_page_state(mmbox_section_page(section, pfn)) !=
			MMBOX_PAGE_SLAB;
	preempt_enable();
	return found;
}

static void add_entry(const struct mmbox_entry *entry, void *data)
{
	struct tally *tally = data;

	if (tally->cache ? mmbox_cache_has(tally->cache, entry->key) :
			   is_pages(entry->key))
		tally_add(tally, entry->site, entry->bytes);
}

/* Objects of a slab that have records of who allocated them. */
static void add_slab(struct tally *tally, const struct mmbox_slab *slab)
{
	unsigned long i;

	for (i = 0; i < slab->nr_objects; i++) {
		const struct mmbox_track *track;

		if (READ_ONCE(slab->state[i]) != MMBOX_OBJECT_ALLOC)
			continue;
		track = mmbox_slab_tracks(slab, mmbox_slab_object(slab, i));
		if (!track || !mmbox_track_ok(&track[MMBOX_TRACK_ALLOC]))
			continue;
		tally_add(tally,
			  mmbox_site_known(tally->box->sites,
					   track[MMBOX_TRACK_ALLOC].caller),
			  slab->layout->object_size);
	}
}

static void add_tracks(struct tally *tally)
{
	const struct mmbox_slab *slab;
	unsigned long flags;
	int nid;

	for (nid = 0; nid < nr_node_ids; nid++) {
		struct mmbox_cache_node *node = tally->cache->node[nid];

		if (!node)
			continue;
		spin_lock_irqsave(&node->lock, flags);
		list_for_each_entry(slab, &node->partial, list)
			add_slab(tally, slab);
		list_for_each_entry(slab, &node->full, list)
			add_slab(tally, slab);
		spin_unlock_irqrestore(&node->lock, flags);
	}
}

/* The place with the most bytes, or -1 if none is left. */
static int take_largest(struct tally *tally)
{
	int largest = -1;
	unsigned int i;

	for (i = 0; i < tally->nr; i++)
		if (tally->of[i].count &&
		    (largest < 0 ||
		     tally->of[i].bytes > tally->of[largest].bytes))
			largest = i;
	return largest;
}

/* @what: what it is called of which there are so many. */
static void print_places(struct tally *tally, const char *what)
{
	unsigned int lines, more = 0, i;
	int nr;

	for (lines = 0; lines < MAX_LINES; lines++) {
		nr = take_largest(tally);
		if (nr < 0)
			return;
		pr_err("%s: %s: %llu of them, %llu bytes, from %s\n",
		       tally->box->name, what, tally->of[nr].count,
		       tally->of[nr].bytes,
		       mmbox_site_at(tally->box->sites, nr)->text);
		tally->of[nr].count = 0;
	}
	for (i = 0; i < tally->nr; i++)
		more += !!tally->of[i].count;
	if (more)
		pr_err("%s: %s: and from %u places more\n", tally->box->name,
		       what, more);
}

static unsigned long live_objects(const struct mmbox_cache *cache)
{
	unsigned long live = 0;
	int nid;

	for (nid = 0; nid < nr_node_ids; nid++)
		if (cache->node[nid])
			live += cache->node[nid]->nr_objects -
				cache->node[nid]->nr_free;
	return live;
}

/**
 * mmbox_leaks_cache - put what is left of a cache into the kernel log
 * @cache: the cache, whose sheaves are flushed
 * @what:  what it is that does not happen because of that, or ""
 *
 * Context: process context, may sleep.
 * Return: how many objects are left.
 */
unsigned long mmbox_leaks_cache(struct mmbox_cache *cache, const char *what)
{
	unsigned long live = live_objects(cache);
	struct mmbox *box = cache->box;
	struct tally tally;

	if (!live)
		return 0;
	pr_err("%s: cache %s%s: %lu objects of %u bytes are not freed\n",
	       box->name, cache->name, what, live, cache->layout.object_size);
	if (!tally_init(&tally, box, cache))
		return live;
	if (box->accounts & MMBOX_LEDGER_SITES)
		mmbox_ledger_each(box->ledger, add_entry, &tally);
	else
		add_tracks(&tally);
	print_places(&tally, cache->name);
	kvfree(tally.of);
	return live;
}

/**
 * mmbox_leaks_caches - put what is left of all caches into the kernel log
 * @box: the box, whose caches are flushed
 *
 * Context: process context, may sleep.
 */
void mmbox_leaks_caches(struct mmbox *box)
{
	struct mmbox_cache *cache;

	mutex_lock(&box->caches_lock);
	list_for_each_entry(cache, &box->caches, list)
		mmbox_leaks_cache(cache, "");
	mutex_unlock(&box->caches_lock);
}

/**
 * mmbox_leaks_pages - put what is left of pages into the kernel log
 * @box: the box
 *
 * Context: process context, may sleep.
 */
void mmbox_leaks_pages(struct mmbox *box)
{
	struct tally tally;

	if (!box->accounts || !tally_init(&tally, box, NULL))
		return;
	mmbox_ledger_each(box->ledger, add_entry, &tally);
	if (tally.count)
		pr_err("%s: %llu blocks of pages, %llu bytes, are not freed\n",
		       box->name, tally.count, tally.bytes);
	print_places(&tally, "pages");
	kvfree(tally.of);
}
