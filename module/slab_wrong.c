// SPDX-License-Identifier: GPL-2.0
/*
 * Wrong frees of objects: what is wrong with them, in words.
 */
#include <linux/mm.h>
#include <linux/ratelimit.h>

#include "internal.h"
#include "section.h"
#include "slab.h"
#include "slab_debug.h"
#include "slab_guard.h"
#include "slab_wrong.h"

/* The same for what was a guarded object before it was freed. */
static void describe_freed(const struct mmbox_grave *grave, const void *object,
			   char *text, size_t size)
{
	if (object == grave->object)
		strscpy(text, "it is already free", size);
	else
		scnprintf(text, size, "it points %ld bytes from an object that is free already",
			  (long)(object - grave->object));
}

/**
 * mmbox_box_of - the box that an address is of
 * @addr: an address of the kernel, any
 *
 * Context: any, with preemption off, which keeps the box.
 * Return: the box, or NULL if the address is not of a page of one.
 */
struct mmbox *mmbox_box_of(const void *addr)
{
	const struct mmbox_section *section;

	if (!virt_addr_valid(addr))
		return NULL;
	section = mmbox_section_find(page_to_pfn(virt_to_page(addr)));
	return section ? section->zone->box : NULL;
}

/* Says what is wrong; the slab, if there is one, is kept by preemption off. */
static void describe(const struct mmbox_cache *cache, const void *object,
		     struct mmbox_slab *slab, char *text, size_t size)
{
	unsigned long offset, nr;

	if (!slab) {
		strscpy(text, "it is not an object of any box", size);
		return;
	}
	if (cache && slab->cache != cache) {
		scnprintf(text, size, "it is an object of cache %s",
			  slab->cache->name);
		return;
	}
	nr = mmbox_slab_nr(slab, object);
	if (nr < slab->nr_objects) {
		strscpy(text, "it is already free", size);
		return;
	}
	offset = (unsigned long)object - slab->base;
	nr = offset / slab->layout->size;
	if (nr < slab->nr_objects)
		scnprintf(text, size, "it points %lu bytes into object %lu of its slab",
			  offset % slab->layout->size, nr);
	else
		strscpy(text, "it points outside the objects of its slab",
			size);
}

/* Copies who had the object that an address is in, if that is known. */
static bool copy_tracks(const struct mmbox_slab *slab, const void *object,
			struct mmbox_track *tracks)
{
	unsigned long nr;
	void *first;

	if (!slab || !slab->layout->track)
		return false;
	nr = ((unsigned long)object - slab->base) / slab->layout->size;
	if (nr >= slab->nr_objects)
		return false;
	first = mmbox_slab_object(slab, nr);
	memcpy(tracks, mmbox_slab_tracks(slab, first),
	       MMBOX_NR_TRACKS * sizeof(*tracks));
	return true;
}

/**
 * mmbox_slab_refuse - count and report a free that is wrong
 * @cache:  the cache that was said, or NULL
 * @object: the address
 * @caller: address that the free came from
 *
 * Context: any.
 */
void mmbox_slab_refuse(struct mmbox_cache *cache, const void *object,
		       unsigned long caller)
{
	static DEFINE_RATELIMIT_STATE(limit, DEFAULT_RATELIMIT_INTERVAL,
				      DEFAULT_RATELIMIT_BURST);
	char where[2 * MMBOX_NAME_LEN] = "no box", text[100];
	struct mmbox_track tracks[MMBOX_NR_TRACKS];
	struct mmbox *box = NULL;
	struct mmbox_grave grave;
	struct mmbox_slab *slab;
	bool tracked, guarded = false;

	preempt_disable();
	slab = mmbox_slab_find(object);
	tracked = copy_tracks(slab, object, tracks);
	describe(cache, object, slab, text, sizeof(text));
	if (slab && !cache)
		cache = slab->cache;
	if (!slab)
		box = mmbox_box_of(object);
	if (box) {
		/* Large objects, and what was in a slab that has gone. */
		strscpy(text, "no object begins there", sizeof(text));
		strscpy(where, box->name, sizeof(where));
	} else if (!slab) {
		box = mmbox_guard_find_freed(object, &grave);
		guarded = box;
	}
	if (guarded) {
		describe_freed(&grave, object, text, sizeof(text));
		memcpy(tracks, grave.track, sizeof(tracks));
		tracked = true;
		scnprintf(where, sizeof(where), "%s/%s", box->name, grave.cache);
	}
	if (cache) {
		scnprintf(where, sizeof(where), "%s/%s", cache->box->name,
			  cache->name);
		atomic_long_inc(&cache->nr_errors);
		box = cache->box;
	}
	if (box)
		mmbox_stat_inc(box->stat, MMBOX_EVENT_FREE_REFUSED);
	preempt_enable();

	if (!__ratelimit(&limit))
		return;
	pr_err("%s: free of object %p refused: %s\n", where, object, text);
	if (tracked)
		mmbox_track_print(tracks);
	dump_stack();
}
