// SPDX-License-Identifier: GPL-2.0
/*
 * mmbox_bench: the same work in a box and with the host's own allocator, timed
 * in one run. Reading /sys/kernel/debug/mmbox_bench/pages runs it and prints
 * comma-separated rows; docs/performance.md tells how to read them. Other
 * modules add allocators to compare with.
 *
 * A figure is the time of one operation, an allocation and its free: that of a
 * round divided by the operations in it, the cost of the empty loop taken off.
 * Of all rounds the minimum and the median are printed. In a guest that counts
 * instructions, time is instructions.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/timex.h>

#include <mmbox.h>

#include "bench.h"
#include "compat.h"

#define MAX_ROUNDS	101
#define BATCH		MMBOX_BENCH_BATCH
#define BULK		MMBOX_BENCH_BULK
/* Enough for a batch of all but the huge orders: 128 MiB with 4 KiB pages. */
#define BOX_PAGES	(32UL << MMBOX_MAX_ORDER)

static unsigned int rounds = 25;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "rounds per figure, 1 to 101 (default 25)");

static unsigned int loops = 256;
module_param(loops, uint, 0444);
MODULE_PARM_DESC(loops, "operations per round, rounded down to whole batches (default 256)");

static char *only = "";
module_param(only, charp, 0444);
MODULE_PARM_DESC(only, "only work whose name begins so (default all)");

static struct mmbox *bench_box;
static struct dentry *bench_dir;

/* Where a reader's batches keep what names a block. */
static struct page *own_batch[BATCH];

/* Guards that and what follows: one reader measures at a time. */
static DEFINE_MUTEX(run_lock);
static LIST_HEAD(sides);
static unsigned int nr_sides;

static void *kernel_alloc(unsigned int order)
{
	return alloc_pages(GFP_KERNEL, order);
}

static void kernel_free(void *page, unsigned int order)
{
	__free_pages(page, order);
}

static unsigned long kernel_alloc_bulk(struct page **pages)
{
	unsigned long had, nr = 0;

	/* A kernel that keeps track of owners serves one page at a time. */
	do {
		had = nr;
		nr = mmbox_host_alloc_bulk(GFP_KERNEL, BULK, pages);
	} while (nr > had && nr < BULK);
	return nr;
}

/* The host has no bulk free that is exported. */
static void kernel_free_bulk(struct page **pages)
{
	unsigned int i;

	for (i = 0; i < BULK; i++) {
		__free_page(pages[i]);
		pages[i] = NULL;
	}
}

static void *box_alloc(unsigned int order)
{
	return mmbox_alloc_pages(bench_box, GFP_KERNEL, order);
}

static void box_free(void *page, unsigned int order)
{
	mmbox_free_pages(page, order);
}

static unsigned long box_alloc_bulk(struct page **pages)
{
	return mmbox_alloc_pages_bulk(bench_box, GFP_KERNEL, BULK, pages);
}

static void box_free_bulk(struct page **pages)
{
	unsigned int i;

	mmbox_free_pages_bulk(BULK, pages);
	for (i = 0; i < BULK; i++)
		pages[i] = NULL;
}

/* The call through a pointer and the loop, with no allocator behind. */
static void *empty_alloc(unsigned int order)
{
	return &bench_box;
}

static void empty_free(void *page, unsigned int order)
{
}

static unsigned long empty_alloc_bulk(struct page **pages)
{
	return BULK;
}

static void empty_free_bulk(struct page **pages)
{
	unsigned int i;

	for (i = 0; i < BULK; i++)
		pages[i] = NULL;
}

static struct mmbox_bench_side empty_side = {
	.name = "empty",
	.own = 0,
	.max_order = MMBOX_MAX_ORDER,
	.alloc = empty_alloc,
	.free = empty_free,
	.alloc_bulk = empty_alloc_bulk,
	.free_bulk = empty_free_bulk,
};

static struct mmbox_bench_side kernel_side = {
	.name = "kernel",
	.own = 1,
	.max_order = MMBOX_MAX_ORDER,
	.alloc = kernel_alloc,
	.free = kernel_free,
	.alloc_bulk = kernel_alloc_bulk,
	.free_bulk = kernel_free_bulk,
};

static struct mmbox_bench_side box_side = {
	.name = "mmbox",
	.own = 2,
	.max_order = MMBOX_MAX_ORDER,
	.alloc = box_alloc,
	.free = box_free,
	.alloc_bulk = box_alloc_bulk,
	.free_bulk = box_free_bulk,
};

struct mmbox_bench_side *const mmbox_bench_sides[MMBOX_BENCH_OWN_SIDES] = {
	&empty_side, &kernel_side, &box_side,
};

/**
 * mmbox_bench_add - have an allocator measured beside the others
 * @side: the allocator
 *
 * Context: process context, may sleep.
 */
void mmbox_bench_add(struct mmbox_bench_side *side)
{
	mutex_lock(&run_lock);
	list_add_tail(&side->list, &sides);
	nr_sides++;
	mutex_unlock(&run_lock);
}
EXPORT_SYMBOL_GPL(mmbox_bench_add);

/**
 * mmbox_bench_remove - undo mmbox_bench_add()
 * @side: the allocator
 *
 * Context: process context, sleeps until nobody measures.
 */
void mmbox_bench_remove(struct mmbox_bench_side *side)
{
	mutex_lock(&run_lock);
	list_del(&side->list);
	nr_sides--;
	mutex_unlock(&run_lock);
}
EXPORT_SYMBOL_GPL(mmbox_bench_remove);

static int run_pairs(const struct mmbox_bench_side *side, unsigned int order,
		     unsigned int nr, struct page **batch)
{
	while (nr--) {
		void *block = side->alloc(order);

		if (!block)
			return -ENOMEM;
		side->free(block, order);
	}
	return 0;
}

static unsigned int batch_size(unsigned int order)
{
	return min_t(unsigned int, BATCH, BOX_PAGES / 2 >> order);
}

static int run_batches(const struct mmbox_bench_side *side, unsigned int order,
		       unsigned int nr, struct page **batch)
{
	unsigned int size = batch_size(order);

	for (; nr >= size; nr -= size) {
		unsigned int got, i;

		for (got = 0; got < size; got++) {
			batch[got] = side->alloc(order);
			if (!batch[got])
				break;
		}
		for (i = 0; i < got; i++)
			side->free(batch[i], order);
		if (got < size)
			return -ENOMEM;
	}
	return 0;
}

static int run_bulk(const struct mmbox_bench_side *side, unsigned int order,
		    unsigned int nr, struct page **batch)
{
	memset(batch, 0, BULK * sizeof(*batch));
	for (; nr >= BULK; nr -= BULK) {
		unsigned long got = side->alloc_bulk(batch);

		if (got < BULK) {
			while (got--)
				side->free(batch[got], order);
			return -ENOMEM;
		}
		side->free_bulk(batch);
	}
	return 0;
}

#define PAGES(work_name, blocks_order, runs, both) \
	{ .name = work_name, .order = blocks_order, .run = runs, \
	  .two_cpus = both }
#define OBJECTS(work_name, bytes, runs, both) \
	{ .name = work_name, .size = bytes, .own = mmbox_bench_##runs, \
	  .two_cpus = both }
#define AREAS(work_name, pages, ops, runs, both) \
	{ .name = work_name, .size = pages, .nr = ops, \
	  .own = mmbox_bench_##runs, .two_cpus = both }

#define PRICE(work_name, switched, runs) \
	{ .name = work_name, .size = 256, .price = MMBOX_PRICE_##switched, \
	  .own = mmbox_bench_price_##runs }

const struct mmbox_bench_work mmbox_bench_works[] = {
	PAGES("page-pair-0", 0, run_pairs, true),
	PAGES("page-pair-1", 1, run_pairs, false),
	PAGES("page-pair-3", 3, run_pairs, false),
	PAGES("page-pair-9", 9, run_pairs, false),
	PAGES("page-batch-0", 0, run_batches, true),
	PAGES("page-batch-1", 1, run_batches, false),
	PAGES("page-batch-3", 3, run_batches, false),
	PAGES("page-batch-9", 9, run_batches, false),
	PAGES("page-bulk-16", 0, run_bulk, true),
	OBJECTS("cache-pair-64", 64, cache_pairs, false),
	OBJECTS("cache-pair-256", 256, cache_pairs, true),
	OBJECTS("cache-pair-1024", 1024, cache_pairs, false),
	OBJECTS("cache-batch-256", 256, cache_batches, true),
	OBJECTS("cache-bulk-16", 256, cache_bulk, true),
	OBJECTS("kmalloc-pair-64", 64, size_pairs, false),
	OBJECTS("kmalloc-pair-4k", 4096, size_pairs, false),
	OBJECTS("kmalloc-batch-64", 64, size_batches, false),
	OBJECTS("kmalloc-batch-4k", 4096, size_batches, false),
	AREAS("vmap-1", 1, 4096, vmap, true),
	AREAS("vmap-4", 4, 4096, vmap, false),
	AREAS("vmap-16", 16, 2048, vmap, true),
	AREAS("vmap-256", 256, 128, vmap, false),
	AREAS("map-ram-1", 1, 4096, map_ram, false),
	AREAS("map-ram-4", 4, 4096, map_ram, false),
	AREAS("map-ram-16", 16, 2048, map_ram, false),
	AREAS("vmalloc-1", 1, 4096, vmalloc, true),
	AREAS("vmalloc-16", 16, 1024, vmalloc, false),
	AREAS("vmalloc-256", 256, 128, vmalloc, false),
	PRICE("cache-F", F, pairs),
	PRICE("cache-Z", Z, pairs),
	PRICE("cache-P", P, pairs),
	PRICE("cache-U", U, pairs),
	PRICE("cache-init-alloc", INIT_ALLOC, pairs),
	PRICE("cache-init-free", INIT_FREE, pairs),
	PRICE("page-init-alloc", INIT_ALLOC, pages),
	PRICE("page-init-free", INIT_FREE, pages),
	PRICE("cache-random", RANDOM, batches),
	PRICE("kmalloc-copies", COPIES, sizes),
	PRICE("cache-quarantine", QUARANTINE, pairs),
	PRICE("cache-guard-100", GUARD, pairs),
};

const unsigned int mmbox_bench_nr_works = ARRAY_SIZE(mmbox_bench_works);

/**
 * mmbox_bench_is_wanted - whether some work is to be measured
 * @work: its name
 *
 * Return: see parameter only.
 */
bool mmbox_bench_is_wanted(const char *work)
{
	return strstarts(work, only);
}

/**
 * mmbox_bench_do - do some work
 * @work:  what
 * @side:  by which side, one that can do it
 * @nr:    operations
 * @batch: MMBOX_BENCH_BATCH places
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmbox_bench_do(const struct mmbox_bench_work *work,
		   const struct mmbox_bench_side *side, unsigned int nr,
		   struct page **batch)
{
	mmbox_bench_set_price(work->price);
	if (work->own)
		return work->own[side->own](work->size, nr, (void **)batch);
	return work->run(side, work->order, nr, batch);
}

static int compare(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Operations in a round. */
static unsigned int ops_of(const struct mmbox_bench_work *work)
{
	return work->nr ?: loops;
}

static int measure(const struct mmbox_bench_work *work,
		   const struct mmbox_bench_side *side, u64 *time)
{
	unsigned int round, nr = ops_of(work);
	int err;

	/* One round to warm up lists and caches. */
	err = mmbox_bench_do(work, side, nr, own_batch);
	for (round = 0; !err && round < rounds; round++) {
		u64 start = get_cycles();

		err = mmbox_bench_do(work, side, nr, own_batch);
		time[round] = get_cycles() - start;
		cond_resched();
	}
	if (!err)
		sort(time, rounds, sizeof(*time), compare, NULL);
	return err;
}

static void show_row(struct seq_file *m, const struct mmbox_bench_work *work,
		     const struct mmbox_bench_side *side, const u64 *time,
		     u64 empty)
{
	u64 min = time[0] - min(time[0], empty);
	u64 median = time[rounds / 2] - min(time[rounds / 2], empty);
	unsigned int nr = ops_of(work);

	/* Tenths: a figure of 40 would else be rounded by over a percent. */
	min = div_u64(min * 10 + nr / 2, nr);
	median = div_u64(median * 10 + nr / 2, nr);
	seq_printf(m, "%s,%s,%llu.%llu,%llu.%llu\n", work->name, side->name,
		   min / 10, min % 10, median / 10, median % 10);
}

static bool can_do(const struct mmbox_bench_side *side,
		   const struct mmbox_bench_work *work)
{
	if (work->own)
		return side == mmbox_bench_sides[side->own] &&
		       work->own[side->own];
	return work->order <= side->max_order &&
	       (work->run != run_bulk || side->alloc_bulk);
}

static int show_work(struct seq_file *m, const struct mmbox_bench_work *work,
		     u64 *time)
{
	struct mmbox_bench_side *side;
	u64 empty;
	int err;

	err = measure(work, &empty_side, time);
	empty = time[0];
	list_for_each_entry(side, &sides, list) {
		if (!can_do(side, work))
			continue;
		if (!err)
			err = measure(work, side, time);
		if (!err)
			show_row(m, work, side, time, empty);
	}
	return err;
}

static int bench_show(struct seq_file *m, void *v)
{
	u64 *time = kcalloc(rounds, sizeof(*time), GFP_KERNEL);
	int err = 0;
	unsigned int i;

	if (!time)
		return -ENOMEM;
	mutex_lock(&run_lock);
	seq_puts(m, "work,side,min,median\n");
	for (i = 0; !err && i < mmbox_bench_nr_works; i++)
		if (mmbox_bench_is_wanted(mmbox_bench_works[i].name))
			err = show_work(m, &mmbox_bench_works[i], time);
	mutex_unlock(&run_lock);
	kfree(time);
	return err;
}

/* Room for all rows at once: a short buffer would run everything again. */
static int bench_open(struct inode *inode, struct file *file)
{
	size_t rows;

	mutex_lock(&run_lock);
	rows = 1 + mmbox_bench_nr_works * nr_sides;
	mutex_unlock(&run_lock);
	return single_open_size(file, bench_show, NULL, rows * 80);
}

static const struct file_operations bench_ops = {
	.owner = THIS_MODULE,
	.open = bench_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

static int cpus_show(struct seq_file *m, void *v)
{
	int err;

	mutex_lock(&run_lock);
	err = mmbox_bench_cpus(m, rounds);
	mutex_unlock(&run_lock);
	return err;
}

static int cpus_open(struct inode *inode, struct file *file)
{
	size_t rows = 1 + 2 * MMBOX_BENCH_OWN_SIDES * mmbox_bench_nr_works *
		      rounds;

	return single_open_size(file, cpus_show, NULL, rows * 80);
}

static const struct file_operations cpus_ops = {
	.owner = THIS_MODULE,
	.open = cpus_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init bench_init(void)
{
	struct mmbox_config cfg = {
		.nr_pages[MMBOX_ZONE_ANY] = BOX_PAGES,
		/* Small enough for purges in each round. */
		.window_pages = SZ_64M >> PAGE_SHIFT,
	};
	int err;

	if (!rounds || rounds > MAX_ROUNDS || loops < BATCH)
		return -EINVAL;
	loops = round_down(loops, BATCH);
	bench_box = mmbox_create("bench", &cfg);
	if (IS_ERR(bench_box))
		return PTR_ERR(bench_box);
	err = mmbox_bench_slab_init(bench_box);
	if (err)
		goto destroy_box;
	err = mmbox_bench_vmap_init(bench_box);
	if (err)
		goto exit_slab;
	mmbox_bench_add(&kernel_side);
	mmbox_bench_add(&box_side);
	bench_dir = debugfs_create_dir("mmbox_bench", NULL);
	debugfs_create_file("pages", 0400, bench_dir, NULL, &bench_ops);
	debugfs_create_file("cpus", 0400, bench_dir, NULL, &cpus_ops);
	return 0;

exit_slab:
	mmbox_bench_slab_exit();
destroy_box:
	mmbox_destroy(bench_box);
	return err;
}

static void __exit bench_exit(void)
{
	debugfs_remove(bench_dir);
	mmbox_bench_vmap_exit();
	mmbox_bench_slab_exit();
	/* Somebody has allocations in it: then the box stays without us. */
	if (mmbox_destroy(bench_box))
		mmbox_put(bench_box);
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("mmbox beside the kernel's own allocators");
MODULE_LICENSE("GPL");
