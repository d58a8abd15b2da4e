// SPDX-License-Identifier: GPL-2.0
/* What stands in the files slabinfo and slab_objects (docs/abi/files.md). */
#include <linux/mm.h>
#include <linux/seq_file.h>

#include "internal.h"
#include "object.h"
#include "report.h"
#include "slab.h"
#include "slab_count.h"

/* The first cache with at least that number, or NULL. */
static struct mmbox_cache *cache_from(struct mmbox *box, loff_t nr)
{
	struct mmbox_cache *cache;

	lockdep_assert_held(&box->caches_lock);
	list_for_each_entry(cache, &box->caches, list)
		if (cache->nr >= nr)
			return cache;
	return NULL;
}

/**
 * mmbox_report_next_cache - the position of a cache: its number, or 0, the head
 * @box: the box
 * @pos: position
 *
 * Return: whether there is a row.
 */
bool mmbox_report_next_cache(struct mmbox *box, loff_t *pos)
{
	struct mmbox_cache *cache;

	if (!*pos)
		return true;
	mutex_lock(&box->caches_lock);
	cache = cache_from(box, *pos);
	if (cache)
		*pos = cache->nr;
	mutex_unlock(&box->caches_lock);
	return cache;
}

/* A slab of one object that no block has room for lies in an area. */
static unsigned long slab_pages(const struct mmbox_slab_layout *layout)
{
	if (layout->min_order > MMBOX_MAX_ORDER)
		return DIV_ROUND_UP(layout->size, PAGE_SIZE);
	return 1UL << layout->order;
}

static void show_cache(struct seq_file *m, const struct mmbox_cache *cache)
{
	const struct mmbox_slab_layout *layout = &cache->layout;
	struct mmbox_cache_count count;

	mmbox_cache_count(cache, &count);
	seq_printf(m, "%-17s %6lu %6lu %6u %4u %4d", cache->name,
		   count.nr_out - mmbox_cache_at_hand(cache, &count),
		   count.nr_objects, layout->size,
		   mmbox_slab_capacity(layout, layout->order),
		   (int)slab_pages(layout));
	seq_printf(m, " : tunables %4u %4u %4u", 0, 0, 0);
	seq_printf(m, " : slabdata %6lu %6lu %6lu\n",
		   count.nr_slabs - count.nr_empty, count.nr_slabs, 0UL);
}

/**
 * mmbox_report_slabinfo - the row of a cache, or the head
 * @m:	 where to print
 * @box: the box
 * @pos: number of the cache, or 0
 *
 * Return: 0, or SEQ_SKIP if the cache has gone meanwhile.
 */
int mmbox_report_slabinfo(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	struct mmbox_cache *cache;
	int err = SEQ_SKIP;

	if (!pos) {
		seq_puts(m, "slabinfo - version: 2.1\n");
		seq_puts(m, "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>");
		seq_puts(m, " : tunables <limit> <batchcount> <sharedfactor>");
		seq_puts(m, " : slabdata <active_slabs> <num_slabs> <sharedavail>\n");
		return 0;
	}
	mutex_lock(&box->caches_lock);
	cache = cache_from(box, pos);
	if (cache && cache->nr == pos) {
		show_cache(m, cache);
		err = 0;
	}
	mutex_unlock(&box->caches_lock);
	return err;
}

/**
 * mmbox_report_next_slab_object - the position of a handle of objects: its id,
 *				   or 0, the head
 * @box: the box
 * @pos: position
 *
 * Return: whether there is a row.
 */
bool mmbox_report_next_slab_object(struct mmbox *box, loff_t *pos)
{
	struct mmbox_object_info info;

	for (; *pos; *pos = info.id + 1ULL) {
		if (*pos > U32_MAX || !mmbox_object_next(box, *pos, &info))
			return false;
		*pos = info.id;
		if (info.slab)
			return true;
	}
	return true;
}

/**
 * mmbox_report_slab_objects - a row of slab_objects
 * @m:	 where to print
 * @box: the box
 * @pos: id of the handle, or 0: the head
 *
 * Return: 0, or SEQ_SKIP if the objects have gone meanwhile.
 */
int mmbox_report_slab_objects(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	struct mmbox_object_info info;

	if (!pos) {
		seq_puts(m, "#       id       nr     size state       pid cache\n");
		return 0;
	}
	if (!mmbox_object_next(box, pos, &info) || info.id != pos || !info.slab)
		return SEQ_SKIP;
	seq_printf(m, "%10u %8u %8zu %-6s %8d %s\n", info.id, info.nr,
		   info.size, info.state, info.pid, info.cache[0] ?
						    info.cache : "-");
	return 0;
}
