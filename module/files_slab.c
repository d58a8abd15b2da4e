// SPDX-License-Identifier: GPL-2.0
/*
 * The directory slab of a box: for each cache a directory with a file for each
 * of its attributes, named and written as those in /sys/kernel/slab.
 *
 * Caches come and go while the box lives. A cache is freed only when its files
 * are gone, and removing a file waits for those who are reading it; so what a
 * file shows is read without a lock on the list of caches.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "compat.h"
#include "files_slab.h"
#include "internal.h"
#include "slab.h"
#include "slab_count.h"

/*
 * Attributes of one number.
 */

static unsigned long no_value(struct mmbox_cache *cache)
{
	return 0;
}

static unsigned long align_value(struct mmbox_cache *cache)
{
	return cache->layout.align;
}

static unsigned long object_size_value(struct mmbox_cache *cache)
{
	return cache->layout.object_size;
}

static unsigned long slab_size_value(struct mmbox_cache *cache)
{
	return cache->layout.size;
}

static unsigned long order_value(struct mmbox_cache *cache)
{
	return cache->layout.order;
}

static unsigned long objs_per_slab_value(struct mmbox_cache *cache)
{
	return mmbox_slab_capacity(&cache->layout, cache->layout.order);
}

static unsigned long min_partial_value(struct mmbox_cache *cache)
{
	return MMBOX_KEEP_EMPTY;
}

static unsigned long sheaf_capacity_value(struct mmbox_cache *cache)
{
	return READ_ONCE(cache->capacity);
}

/* Bytes of slabs that no object can have. */
static unsigned long waste_value(struct mmbox_cache *cache)
{
	struct mmbox_cache_count count;

	mmbox_cache_count(cache, &count);
	return (count.nr_pages << PAGE_SHIFT) -
	       count.nr_objects * cache->layout.object_size;
}

static unsigned long errors_value(struct mmbox_cache *cache)
{
	return atomic_long_read(&cache->nr_errors);
}

/* Objects that are counted, and what was asked for of them. */
static unsigned long counted_value(struct mmbox_cache *cache)
{
	struct mmbox_requests requests;

	mmbox_cache_count_requests(cache, &requests);
	return requests.nr;
}

static unsigned long requested_value(struct mmbox_cache *cache)
{
	struct mmbox_requests requests;

	mmbox_cache_count_requests(cache, &requests);
	return requests.bytes;
}

/* How large requests were, a line for each part of an object. */
static int show_requests(struct seq_file *m, struct mmbox_cache *cache)
{
	unsigned int size = cache->layout.object_size, i;
	struct mmbox_requests requests;

	mmbox_cache_count_requests(cache, &requests);
	seq_puts(m, "#    from         to    objects        bytes\n");
	for (i = 0; i < MMBOX_REQUEST_PARTS; i++)
		seq_printf(m, "%9llu %10llu %10lu %12lu\n",
			   (u64)size * i / MMBOX_REQUEST_PARTS + 1,
			   (u64)size * (i + 1) / MMBOX_REQUEST_PARTS,
			   requests.part[i].nr, requests.part[i].bytes);
	return 0;
}

/*
 * Numbers of each node.
 */

static unsigned long slabs_of(const struct mmbox_cache_count *count)
{
	return count->nr_slabs;
}

static unsigned long partial_of(const struct mmbox_cache_count *count)
{
	return count->nr_partial;
}

static unsigned long objects_of(const struct mmbox_cache_count *count)
{
	return count->nr_out;
}

static unsigned long objects_partial_of(const struct mmbox_cache_count *count)
{
	return count->nr_partial_out;
}

static unsigned long objects_total_of(const struct mmbox_cache_count *count)
{
	return count->nr_objects;
}

static unsigned long barn_objects_of(const struct mmbox_cache_count *count)
{
	return count->barn.nr_objects;
}

static unsigned long barn_full_of(const struct mmbox_cache_count *count)
{
	return count->barn.nr_full;
}

static unsigned long barn_empty_of(const struct mmbox_cache_count *count)
{
	return count->barn.nr_empty;
}

/*
 * Numbers of each CPU.
 */

static unsigned long at_hand_of(const struct mmbox_sheaves_count *count)
{
	return count->nr_at_hand;
}

static unsigned long alloc_fast_of(const struct mmbox_sheaves_count *count)
{
	return count->alloc_fast;
}

static unsigned long alloc_slow_of(const struct mmbox_sheaves_count *count)
{
	return count->alloc_slow;
}

static unsigned long free_fast_of(const struct mmbox_sheaves_count *count)
{
	return count->free_fast;
}

static unsigned long free_slow_of(const struct mmbox_sheaves_count *count)
{
	return count->free_slow;
}

/**
 * struct cache_file_type - a file that each cache has; one of these is set
 * @name:    its name
 * @value:   its only number
 * @show:    prints what are many numbers
 * @of_node: its number of a node: the sum stands first, then all that are not 0
 * @of_cpu:  its number of a CPU, likewise
 * @flag:    or: 1 for a cache with this flag, else 0
 * @debug:   likewise, for one with this check
 */
struct cache_file_type {
	const char *name;
	unsigned long (*value)(struct mmbox_cache *cache);
	int (*show)(struct seq_file *m, struct mmbox_cache *cache);
	unsigned long (*of_node)(const struct mmbox_cache_count *count);
	unsigned long (*of_cpu)(const struct mmbox_sheaves_count *count);
	slab_flags_t flag;
	unsigned int debug;
};

static const struct cache_file_type attributes[] = {
	/* The kernel's. */
	{ "align", .value = align_value },
	{ "aliases", .value = no_value },
	{ "alloc_fastpath", .of_cpu = alloc_fast_of },
	{ "alloc_slowpath", .of_cpu = alloc_slow_of },
	{ "cache_dma", .flag = SLAB_CACHE_DMA },
	{ "cpu_slabs", .value = no_value },
	{ "destroy_by_rcu", .flag = SLAB_TYPESAFE_BY_RCU },
	{ "free_fastpath", .of_cpu = free_fast_of },
	{ "free_slowpath", .of_cpu = free_slow_of },
	{ "hwcache_align", .flag = SLAB_HWCACHE_ALIGN },
	{ "min_partial", .value = min_partial_value },
	{ "object_size", .value = object_size_value },
	{ "objects", .of_node = objects_of },
	{ "objects_partial", .of_node = objects_partial_of },
	{ "objs_per_slab", .value = objs_per_slab_value },
	{ "order", .value = order_value },
	{ "partial", .of_node = partial_of },
	{ "poison", .debug = MMBOX_SLAB_POISON },
	{ "reclaim_account", .flag = SLAB_RECLAIM_ACCOUNT },
	{ "red_zone", .debug = MMBOX_SLAB_RED_ZONE },
	{ "sanity_checks", .debug = MMBOX_SLAB_SANITY },
	{ "slab_size", .value = slab_size_value },
	{ "slabs", .of_node = slabs_of },
	{ "store_user", .debug = MMBOX_SLAB_USER },
	{ "total_objects", .of_node = objects_total_of },
	{ "trace", .debug = MMBOX_SLAB_TRACE },
	/* As the kernel's tool calls total_objects. */
	{ "objects_total", .of_node = objects_total_of },
	/* Our own. */
	{ "barn", .of_node = barn_objects_of },
	{ "barn_empty", .of_node = barn_empty_of },
	{ "barn_full", .of_node = barn_full_of },
	{ "counted", .value = counted_value },
	{ "cpu_sheaves", .of_cpu = at_hand_of },
	{ "errors", .value = errors_value },
	{ "requested", .value = requested_value },
	{ "requests", .show = show_requests },
	{ "sheaf_capacity", .value = sheaf_capacity_value },
	{ "waste", .value = waste_value },
};

/**
 * struct cache_file - one file of one cache: the private data of its inodes
 * @type:  which file
 * @cache: of which cache
 */
struct cache_file {
	const struct cache_file_type *type;
	struct mmbox_cache *cache;
};

/**
 * struct mmbox_cache_files - the files of a cache
 * @debugfs: their directory in debugfs
 * @proc:    likewise in procfs
 * @file:    the files
 */
struct mmbox_cache_files {
	struct dentry *debugfs;
	struct proc_dir_entry *proc;
	struct cache_file file[ARRAY_SIZE(attributes)];
};

static unsigned long number_at(const struct cache_file *file, int place)
{
	struct mmbox_sheaves_count sheaves;
	struct mmbox_cache_count count;

	if (file->type->of_cpu) {
		mmbox_sheaves_count(file->cache, place, &sheaves);
		return file->type->of_cpu(&sheaves);
	}
	mmbox_cache_count_node(file->cache, place, &count);
	return file->type->of_node(&count);
}

/* The sum first: each number is read once, so that it is the sum of the rest. */
static int show_numbers(struct seq_file *m, const struct cache_file *file)
{
	bool by_node = file->type->of_node;
	unsigned int nr = by_node ? nr_node_ids : nr_cpu_ids, i;
	unsigned long *numbers, sum = 0;

	numbers = kcalloc(nr, sizeof(*numbers), GFP_KERNEL);
	if (!numbers)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		if (by_node || cpu_possible(i))
			numbers[i] = number_at(file, i);
		sum += numbers[i];
	}
	seq_printf(m, "%lu", sum);
	for (i = 0; i < nr; i++)
		if (numbers[i])
			seq_printf(m, " %c%u=%lu", by_node ? 'N' : 'C', i,
				   numbers[i]);
	seq_putc(m, '\n');
	kfree(numbers);
	return 0;
}

static int show_attribute(struct seq_file *m, void *unused)
{
	const struct cache_file *file = m->private;
	const struct cache_file_type *type = file->type;
	unsigned long value;

	if (type->of_node || type->of_cpu)
		return show_numbers(m, file);
	if (type->show)
		return type->show(m, file->cache);
	if (type->value)
		value = type->value(file->cache);
	else if (type->debug)
		value = !!(READ_ONCE(file->cache->debug) & type->debug);
	else
		value = !!(file->cache->flags & type->flag);
	seq_printf(m, "%lu\n", value);
	return 0;
}

static int attribute_debugfs_open(struct inode *inode, struct file *file)
{
	return single_open(file, show_attribute, inode->i_private);
}

static const struct file_operations attribute_debugfs_ops = {
	.owner = THIS_MODULE,
	.open = attribute_debugfs_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

static int attribute_proc_open(struct inode *inode, struct file *file)
{
	return single_open(file, show_attribute, pde_data(inode));
}

static const struct proc_ops attribute_proc_ops = {
	.proc_open = attribute_proc_open,
	.proc_read_iter = seq_read_iter,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

static int create_files(struct mmbox_cache *cache)
{
	struct mmbox_cache_files *files = cache->files;
	size_t i;

	files->proc = proc_mkdir(cache->name, cache->box->slab_proc);
	if (!files->proc)
		return -ENOMEM;
	files->debugfs = debugfs_create_dir(cache->name,
					    cache->box->slab_debugfs);
	for (i = 0; i < ARRAY_SIZE(attributes); i++) {
		struct cache_file *file = &files->file[i];

		file->type = &attributes[i];
		file->cache = cache;
		if (!proc_create_data(file->type->name, 0400, files->proc,
				      &attribute_proc_ops, file))
			return -ENOMEM;
		debugfs_create_file(file->type->name, 0400, files->debugfs,
				    file, &attribute_debugfs_ops);
	}
	return 0;
}

/**
 * mmbox_cache_files_create - make the files of a cache
 * @cache: the cache, which nobody unmakes meanwhile
 *
 * Context: process context, may sleep; no other cache of the box has its name.
 * Return: 0 or -ENOMEM; nothing is left behind then.
 */
int mmbox_cache_files_create(struct mmbox_cache *cache)
{
	int err;

	cache->files = kzalloc(sizeof(*cache->files), GFP_KERNEL);
	if (!cache->files)
		return -ENOMEM;
	err = create_files(cache);
	if (err)
		mmbox_cache_files_remove(cache);
	return err;
}

/**
 * mmbox_cache_files_remove - remove the files of a cache
 * @cache: the cache, maybe without
 *
 * Context: process context; sleeps until no reader is inside one of them.
 */
void mmbox_cache_files_remove(struct mmbox_cache *cache)
{
	if (!cache->files)
		return;
	debugfs_remove(cache->files->debugfs);
	proc_remove(cache->files->proc);
	kfree(cache->files);
	cache->files = NULL;
}

/**
 * mmbox_slab_files_create - make the directory slab of a box
 * @box: the box, which nobody has yet, with its own caches and directories
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM; mmbox_slab_files_remove() undoes what was made.
 */
int mmbox_slab_files_create(struct mmbox *box)
{
	struct mmbox_cache *cache;
	int err;

	box->slab_proc = proc_mkdir("slab", box->proc);
	if (!box->slab_proc)
		return -ENOMEM;
	box->slab_debugfs = debugfs_create_dir("slab", box->debugfs);
	list_for_each_entry(cache, &box->caches, list) {
		err = mmbox_cache_files_create(cache);
		if (err)
			return err;
	}
	return 0;
}

/**
 * mmbox_slab_files_remove - remove the directory slab of a box
 * @box: the box, which nobody has any more
 *
 * Context: process context; sleeps until no reader is inside a file of it.
 */
void mmbox_slab_files_remove(struct mmbox *box)
{
	struct mmbox_cache *cache;

	list_for_each_entry(cache, &box->caches, list)
		mmbox_cache_files_remove(cache);
}
