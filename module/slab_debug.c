// SPDX-License-Identifier: GPL-2.0
/*
 * Checks of objects and of what surrounds them: the kernel's red zones, poison,
 * records of users and trace.
 *
 * An object's red zones say whether it is allocated, and a free object is full
 * of poison. Both are looked at, and written anew, whenever the object changes
 * hands, and by mmbox_cache_validate(). What is found wrong is an error each: it
 * is counted, reported, and put right, so that the box goes on working and the
 * same damage is not found twice.
 *
 * The object is IN_SHEAF or HELD meanwhile, and so belongs to whoever looks. To
 * look at objects that others have is up to those who hold the node's lock: the
 * bytes around an allocated object change only under it.
 */
#include <linux/poison.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/string.h>

#include "internal.h"
#include "site.h"
#include "slab_debug.h"

/**
 * struct area - bytes that should be as they were left
 * @what:  what is wrong if they are not
 * @from:  where they begin, counted from the object
 * @bytes: how many
 * @value: what each of them should be ...
 * @last:  ... but for the last one
 */
struct area {
	const char *what;
	long from;
	unsigned int bytes;
	u8 value;
	u8 last;
};

static u8 should_be(const struct area *area, unsigned int i)
{
	return i + 1 == area->bytes ? area->last : area->value;
}

static void fill(void *object, const struct area *area)
{
	u8 *start = object + area->from;

	if (!area->bytes)
		return;
	memset(start, area->value, area->bytes - 1);
	start[area->bytes - 1] = area->last;
}

static bool is_whole(void *object, const struct area *area)
{
	u8 *start = object + area->from;

	return !area->bytes ||
	       (!memchr_inv(start, area->value, area->bytes - 1) &&
		start[area->bytes - 1] == area->last);
}

static struct area left_of(const struct mmbox_slab_layout *layout, u8 value)
{
	return (struct area) {
		.what = "Left redzone overwritten",
		.from = -(long)layout->red_left,
		.bytes = layout->red_left,
		.value = value,
		.last = value,
	};
}

static struct area right_of(const struct mmbox_slab_layout *layout, u8 value)
{
	return (struct area) {
		.what = "Right redzone overwritten",
		.from = layout->object_size,
		.bytes = layout->red_right,
		.value = value,
		.last = value,
	};
}

static struct area poison_of(const struct mmbox_slab_layout *layout)
{
	bool poison = layout->debug & MMBOX_SLAB_POISON;

	return (struct area) {
		.what = "Poison overwritten",
		.bytes = poison ? layout->object_size : 0,
		.value = POISON_FREE,
		.last = POISON_END,
	};
}

/* Bytes of a dump before and behind what is wrong. */
#define DUMP_AROUND	16L
/* And no more of these. */
#define DUMP_MAX	128L

/* Found wrong are the bytes from @first to @last of the area. */
static void report_area(const struct mmbox_slab *slab, void *object,
			const struct area *area, unsigned int first,
			unsigned int last)
{
	const struct mmbox_cache *cache = slab->cache;
	long from = area->from + first, to = area->from + last, end;
	const u8 *bytes = object;

	pr_err("BUG %s/%s: %s\n", cache->box->name, cache->name, area->what);
	pr_err("Object %p, number %lu of %lu in its slab, %u bytes\n", object,
	       mmbox_slab_nr(slab, object), slab->nr_objects,
	       slab->layout->object_size);
	pr_err("Bytes %ld to %ld of the object: the first is 0x%02x and should be 0x%02x\n",
	       from, to, bytes[from], should_be(area, first));
	from = max(from - DUMP_AROUND, -(long)slab->layout->red_left);
	end = slab->layout->object_size + slab->layout->red_right;
	to = min3(to + DUMP_AROUND + 1, end, from + DUMP_MAX);
	pr_err("What is there, from byte %ld on:\n", from);
	print_hex_dump(KERN_ERR, KBUILD_MODNAME ": ", DUMP_PREFIX_OFFSET, 16,
		       1, bytes + from, to - from, true);
	if (mmbox_slab_tracks(slab, object))
		mmbox_track_print(mmbox_slab_tracks(slab, object));
	dump_stack();
}

static bool count_error(struct mmbox_cache *cache)
{
	atomic_long_inc(&cache->nr_errors);
	mmbox_stat_inc(cache->box->stat, MMBOX_EVENT_SLAB_ERROR);
	return __ratelimit(&cache->limit);
}

/* An area that is not as it should be is counted, reported and put right. */
static void check_area(const struct mmbox_slab *slab, void *object,
		       struct area area)
{
	const u8 *start = object + area.from;
	unsigned int first = 0, last;

	if (likely(is_whole(object, &area)))
		return;
	while (start[first] == should_be(&area, first) &&
	       first < area.bytes - 1)
		first++;
	for (last = area.bytes - 1; last > first; last--)
		if (start[last] != should_be(&area, last))
			break;
	if (count_error(slab->cache))
		report_area(slab, object, &area, first, last);
	fill(object, &area);
}

static void check_tracks(const struct mmbox_slab *slab, void *object)
{
	struct mmbox_track *tracks = mmbox_slab_tracks(slab, object);
	const struct mmbox_cache *cache = slab->cache;
	unsigned int i;
	bool ok = true;

	if (!tracks)
		return;
	for (i = 0; i < MMBOX_NR_TRACKS; i++)
		ok = ok && mmbox_track_ok(&tracks[i]);
	if (likely(ok))
		return;
	if (count_error(slab->cache)) {
		pr_err("BUG %s/%s: Records of users overwritten\n",
		       cache->box->name, cache->name);
		pr_err("Object %p, number %lu of %lu in its slab, %u bytes\n",
		       object, mmbox_slab_nr(slab, object), slab->nr_objects,
		       slab->layout->object_size);
		mmbox_track_print(tracks);
		dump_stack();
	}
	for (i = 0; i < MMBOX_NR_TRACKS; i++)
		mmbox_track_clear(&tracks[i]);
}

static void check_object(const struct mmbox_slab *slab, void *object,
			 bool allocated)
{
	const struct mmbox_slab_layout *layout = slab->layout;
	u8 red = allocated ? SLUB_RED_ACTIVE : SLUB_RED_INACTIVE;

	check_area(slab, object, left_of(layout, red));
	check_area(slab, object, right_of(layout, red));
	if (!allocated)
		check_area(slab, object, poison_of(layout));
	check_tracks(slab, object);
}

static void set_object(const struct mmbox_slab *slab, void *object,
		       bool allocated)
{
	const struct mmbox_slab_layout *layout = slab->layout;
	u8 red = allocated ? SLUB_RED_ACTIVE : SLUB_RED_INACTIVE;
	struct area left = left_of(layout, red);
	struct area right = right_of(layout, red);
	struct area poison = poison_of(layout);

	fill(object, &left);
	fill(object, &right);
	if (!allocated)
		fill(object, &poison);
}

/**
 * mmbox_slab_debug_init - make the objects of a new slab free ones
 * @slab: the slab, on no list yet
 */
void mmbox_slab_debug_init(struct mmbox_slab *slab)
{
	unsigned long i;

	for (i = 0; i < slab->nr_objects; i++) {
		void *object = mmbox_slab_object(slab, i);
		struct mmbox_track *tracks = mmbox_slab_tracks(slab, object);

		set_object(slab, object, false);
		if (tracks) {
			mmbox_track_clear(&tracks[MMBOX_TRACK_ALLOC]);
			mmbox_track_clear(&tracks[MMBOX_TRACK_FREE]);
		}
	}
}

static void trace(const struct mmbox_slab *slab, const void *object,
		  const char *what, unsigned long caller)
{
	const struct mmbox_cache *cache = slab->cache;

	if (slab->layout->debug & MMBOX_SLAB_TRACE)
		pr_info("TRACE %s/%s %s %p by %pS\n", cache->box->name,
			cache->name, what, object, (void *)caller);
}

/**
 * mmbox_slab_debug_alloc - look at an object that is to be allocated
 * @cache:  its cache
 * @object: the object, whose state is IN_SHEAF
 * @caller: where the request came from
 *
 * Context: as mmbox_cache_alloc(), and preemptible where that is.
 */
void mmbox_slab_debug_alloc(struct mmbox_cache *cache, void *object,
			    unsigned long caller)
{
	const struct mmbox_slab *slab = mmbox_slab_find(object);
	struct mmbox_track *tracks;

	if (!slab->layout->debug)
		return;
	check_object(slab, object, false);
	set_object(slab, object, true);
	tracks = mmbox_slab_tracks(slab, object);
	if (tracks) {
		mmbox_track_set(&tracks[MMBOX_TRACK_ALLOC], caller);
		/* If it is left over, the place is to have a name. */
		mmbox_site_get(cache->box->sites, caller);
	}
	trace(slab, object, "alloc", caller);
}

/**
 * mmbox_slab_debug_free - look at an object that is freed
 * @slab:   its slab, of a layout with checks
 * @object: the object, whose state is HELD
 * @caller: where the free came from
 *
 * Context: as mmbox_cache_free().
 */
void mmbox_slab_debug_free(struct mmbox_slab *slab, void *object,
			   unsigned long caller)
{
	struct mmbox_track *tracks = mmbox_slab_tracks(slab, object);
	struct mmbox_track track;
	unsigned long flags;

	trace(slab, object, "free", caller);
	if (tracks)
		mmbox_track_set(&track, caller);
	spin_lock_irqsave(&slab->node->lock, flags);
	check_object(slab, object, true);
	set_object(slab, object, false);
	if (tracks)
		tracks[MMBOX_TRACK_FREE] = track;
	spin_unlock_irqrestore(&slab->node->lock, flags);
}

/**
 * mmbox_slab_debug_held - look at a freed object that is kept back
 * @object: the object, whose state is HELD
 *
 * Context: any.
 */
void mmbox_slab_debug_held(void *object)
{
	const struct mmbox_slab *slab = mmbox_slab_find(object);

	if (slab->layout->debug)
		check_object(slab, object, false);
}

static void validate_slab(struct mmbox_slab *slab)
{
	unsigned long i;

	for (i = 0; i < slab->nr_objects; i++) {
		/* Pairs with the release in those who set it. */
		u8 state = smp_load_acquire(&slab->state[i]);

		if (state == MMBOX_OBJECT_ALLOC || state == MMBOX_OBJECT_IN_SLAB)
			check_object(slab, mmbox_slab_object(slab, i),
				     state == MMBOX_OBJECT_ALLOC);
	}
}

static void validate_list(struct list_head *slabs)
{
	struct mmbox_slab *slab;

	list_for_each_entry(slab, slabs, list)
		if (slab->layout->debug)
			validate_slab(slab);
}

/**
 * mmbox_slab_debug_validate - look at all objects of a cache that have checks
 * @cache: the cache
 *
 * Objects that are changing hands are left to those who do that.
 *
 * Context: any in which a spinlock_t may be taken; it takes a while.
 */
void mmbox_slab_debug_validate(struct mmbox_cache *cache)
{
	unsigned long flags;
	int nid;

	for (nid = 0; nid < nr_node_ids; nid++) {
		struct mmbox_cache_node *node = cache->node[nid];

		if (!node)
			continue;
		spin_lock_irqsave(&node->lock, flags);
		validate_list(&node->full);
		validate_list(&node->partial);
		validate_list(&node->empty);
		spin_unlock_irqrestore(&node->lock, flags);
	}
}
