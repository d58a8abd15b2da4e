// SPDX-License-Identifier: GPL-2.0
/*
 * The work of mmbox_bench with objects: caches and memory by size.
 *
 * Each side has loops of its own, with direct calls, as code that uses an
 * allocator has. The empty side calls functions that do nothing, so that what
 * the loop and the calls cost can be taken off.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include <mmbox.h>

#include "bench.h"

#define BATCH		MMBOX_BENCH_BATCH
#define BULK		MMBOX_BENCH_BULK

static struct mmbox *box;

/* A cache of objects of one size on each side. */
static struct {
	unsigned int size;
	const char *name;
	struct kmem_cache *kernel;
	struct mmbox_cache *mmbox;
} caches[] = {
	{ 64, "mmbox_bench_64" },
	{ 256, "mmbox_bench_256" },
	{ 1024, "mmbox_bench_1024" },
	{ 256, "mmbox_bench_pass" },
};

/*
 * What is measured with a switch on: a box for each, with a cache. For work with
 * pages the size of an object counts nothing.
 */
static struct {
	const char *config;
	const char *letters;
	unsigned long quarantine;
	unsigned int guard;
	struct mmbox *box;
	struct mmbox_cache *cache;
} prices[MMBOX_NR_PRICES] = {
	[MMBOX_PRICE_F] = { "4M", .letters = "F" },
	[MMBOX_PRICE_Z] = { "4M", .letters = "Z" },
	[MMBOX_PRICE_P] = { "4M", .letters = "P" },
	[MMBOX_PRICE_U] = { "4M", .letters = "U" },
	[MMBOX_PRICE_INIT_ALLOC] = { "4M,init_on_alloc=1" },
	[MMBOX_PRICE_INIT_FREE] = { "4M,init_on_free=1" },
	[MMBOX_PRICE_RANDOM] = { "4M,freelist_random=1" },
	[MMBOX_PRICE_COPIES] = { "4M,kmalloc_copies=15" },
	[MMBOX_PRICE_QUARANTINE] = { "4M", .quarantine = 65536 },
	[MMBOX_PRICE_GUARD] = { "4M,window=64M", .guard = 100 },
};

/* The one that is measured now. */
static enum mmbox_bench_price price;

static noinline void *empty_alloc(void *arg, size_t size, gfp_t gfp)
{
	/* Else the compiler sees that there is nothing to call. */
	barrier();
	return &caches;
}

static noinline void empty_free(void *arg, void *object)
{
	barrier();
}

static noinline int empty_alloc_bulk(void *arg, gfp_t gfp, size_t nr,
				     void **objects)
{
	barrier();
	return nr;
}

static noinline void empty_free_bulk(void *arg, size_t nr, void **objects)
{
	barrier();
}

static __always_inline void *kernel_cache_alloc(void *cache, size_t size,
						gfp_t gfp)
{
	return kmem_cache_alloc(cache, gfp);
}

static __always_inline void kernel_cache_free(void *cache, void *object)
{
	kmem_cache_free(cache, object);
}

static __always_inline void *mmbox_alloc(void *cache, size_t size, gfp_t gfp)
{
	return mmbox_cache_alloc(cache, gfp);
}

static __always_inline void mmbox_free(void *cache, void *object)
{
	mmbox_cache_free(cache, object);
}

static __always_inline void *kernel_size_alloc(void *arg, size_t size,
					       gfp_t gfp)
{
	return kmalloc(size, gfp);
}

static __always_inline void kernel_size_free(void *arg, void *object)
{
	kfree(object);
}

static __always_inline void *mmbox_size_alloc(void *arg, size_t size,
					      gfp_t gfp)
{
	return mmbox_kmalloc(arg, size, gfp);
}

static __always_inline void mmbox_size_free(void *arg, void *object)
{
	mmbox_kfree(object);
}

/* The loops, inlined for each side, so that the calls in them are direct. */

static __always_inline int
do_pairs(void *(*alloc)(void *arg, size_t size, gfp_t gfp),
	 void (*free)(void *arg, void *object), void *arg, unsigned int size,
	 unsigned int nr)
{
	while (nr--) {
		void *object = alloc(arg, size, GFP_KERNEL);

		if (!object)
			return -ENOMEM;
		free(arg, object);
	}
	return 0;
}

static __always_inline int
do_batches(void *(*alloc)(void *arg, size_t size, gfp_t gfp),
	   void (*free)(void *arg, void *object), void *arg, unsigned int size,
	   unsigned int nr, void **batch)
{
	unsigned int got, i;

	for (; nr >= BATCH; nr -= BATCH) {
		for (got = 0; got < BATCH; got++) {
			batch[got] = alloc(arg, size, GFP_KERNEL);
			if (!batch[got])
				break;
		}
		for (i = 0; i < got; i++)
			free(arg, batch[i]);
		if (got < BATCH)
			return -ENOMEM;
	}
	return 0;
}

static __always_inline int
do_bulks(int (*alloc)(void *arg, gfp_t gfp, size_t nr, void **objects),
	 void (*free)(void *arg, size_t nr, void **objects), void *arg,
	 unsigned int nr, void **batch)
{
	for (; nr >= BULK; nr -= BULK) {
		if (alloc(arg, GFP_KERNEL, BULK, batch) != BULK)
			return -ENOMEM;
		free(arg, BULK, batch);
	}
	return 0;
}

static unsigned int cache_of(unsigned int size)
{
	unsigned int i = 0;

	while (caches[i].size != size)
		i++;
	return i;
}

static int empty_pairs(unsigned int size, unsigned int nr, void **batch)
{
	return do_pairs(empty_alloc, empty_free, NULL, size, nr);
}

static int empty_batches(unsigned int size, unsigned int nr, void **batch)
{
	return do_batches(empty_alloc, empty_free, NULL, size, nr, batch);
}

static int kernel_cache_pairs(unsigned int size, unsigned int nr, void **batch)
{
	return do_pairs(kernel_cache_alloc, kernel_cache_free,
			caches[cache_of(size)].kernel, size, nr);
}

static int kernel_cache_batches(unsigned int size, unsigned int nr, void **batch)
{
	return do_batches(kernel_cache_alloc, kernel_cache_free,
			  caches[cache_of(size)].kernel, size, nr, batch);
}

static int mmbox_cache_pairs(unsigned int size, unsigned int nr, void **batch)
{
	return do_pairs(mmbox_alloc, mmbox_free, caches[cache_of(size)].mmbox,
			size, nr);
}

static int mmbox_cache_batches(unsigned int size, unsigned int nr, void **batch)
{
	return do_batches(mmbox_alloc, mmbox_free, caches[cache_of(size)].mmbox,
			  size, nr, batch);
}

static int kernel_size_pairs(unsigned int size, unsigned int nr, void **batch)
{
	return do_pairs(kernel_size_alloc, kernel_size_free, NULL, size, nr);
}

static int kernel_size_batches(unsigned int size, unsigned int nr, void **batch)
{
	return do_batches(kernel_size_alloc, kernel_size_free, NULL, size, nr,
			  batch);
}

static int mmbox_size_pairs(unsigned int size, unsigned int nr, void **batch)
{
	return do_pairs(mmbox_size_alloc, mmbox_size_free, box, size, nr);
}

static int mmbox_size_batches(unsigned int size, unsigned int nr, void **batch)
{
	return do_batches(mmbox_size_alloc, mmbox_size_free, box, size, nr,
			  batch);
}

static int empty_bulk(unsigned int size, unsigned int nr, void **batch)
{
	return do_bulks(empty_alloc_bulk, empty_free_bulk, NULL, nr, batch);
}

static __always_inline int kernel_alloc_bulk(void *cache, gfp_t gfp, size_t nr,
					     void **objects)
{
	return kmem_cache_alloc_bulk(cache, gfp, nr, objects);
}

static __always_inline void kernel_free_bulk(void *cache, size_t nr,
					     void **objects)
{
	kmem_cache_free_bulk(cache, nr, objects);
}

static int kernel_bulk(unsigned int size, unsigned int nr, void **batch)
{
	return do_bulks(kernel_alloc_bulk, kernel_free_bulk,
			caches[cache_of(size)].kernel, nr, batch);
}

static __always_inline int mmbox_alloc_bulk(void *cache, gfp_t gfp, size_t nr,
					    void **objects)
{
	return mmbox_cache_alloc_bulk(cache, gfp, nr, objects);
}

static __always_inline void mmbox_free_bulk(void *cache, size_t nr,
					    void **objects)
{
	mmbox_cache_free_bulk(cache, nr, objects);
}

static int mmbox_bulk(unsigned int size, unsigned int nr, void **batch)
{
	return do_bulks(mmbox_alloc_bulk, mmbox_free_bulk,
			caches[cache_of(size)].mmbox, nr, batch);
}

/*
 * For one CPU that allocates and another that frees: a cache of its own, because
 * afterwards objects of all slabs are on both.
 */
#define PASSED	3

static void *empty_get(void)
{
	return empty_alloc(NULL, 0, GFP_KERNEL);
}

static void empty_put(void *object)
{
	empty_free(NULL, object);
}

static void *kernel_get(void)
{
	return kmem_cache_alloc(caches[PASSED].kernel, GFP_KERNEL);
}

static void kernel_put(void *object)
{
	kmem_cache_free(caches[PASSED].kernel, object);
}

static void *mmbox_get_object(void)
{
	return mmbox_cache_alloc(caches[PASSED].mmbox, GFP_KERNEL);
}

static void mmbox_put_object(void *object)
{
	mmbox_cache_free(caches[PASSED].mmbox, object);
}

const struct mmbox_bench_objects mmbox_bench_objects[MMBOX_BENCH_OWN_SIDES] = {
	{ "empty", empty_get, empty_put },
	{ "kernel", kernel_get, kernel_put },
	{ "mmbox", mmbox_get_object, mmbox_put_object },
};

static int price_pairs(unsigned int size, unsigned int nr, void **batch)
{
	return do_pairs(mmbox_alloc, mmbox_free, prices[price].cache, size, nr);
}

static int price_batches(unsigned int size, unsigned int nr, void **batch)
{
	return do_batches(mmbox_alloc, mmbox_free, prices[price].cache, size,
			  nr, batch);
}

static int price_sizes(unsigned int size, unsigned int nr, void **batch)
{
	return do_pairs(mmbox_size_alloc, mmbox_size_free, prices[price].box,
			size, nr);
}

static __always_inline void *price_page_alloc(void *arg, size_t size,
					      gfp_t gfp)
{
	return mmbox_alloc_pages(arg, gfp, 0);
}

static __always_inline void price_page_free(void *arg, void *page)
{
	mmbox_free_pages(page, 0);
}

static int price_pages(unsigned int size, unsigned int nr, void **batch)
{
	return do_pairs(price_page_alloc, price_page_free, prices[price].box,
			size, nr);
}

const mmbox_bench_run_t mmbox_bench_price_pairs[MMBOX_BENCH_OWN_SIDES] = {
	empty_pairs, NULL, price_pairs,
};

const mmbox_bench_run_t mmbox_bench_price_batches[MMBOX_BENCH_OWN_SIDES] = {
	empty_batches, NULL, price_batches,
};

const mmbox_bench_run_t mmbox_bench_price_sizes[MMBOX_BENCH_OWN_SIDES] = {
	empty_pairs, NULL, price_sizes,
};

const mmbox_bench_run_t mmbox_bench_price_pages[MMBOX_BENCH_OWN_SIDES] = {
	empty_pairs, NULL, price_pages,
};

/**
 * mmbox_bench_set_price - choose what is switched on for the work that follows
 * @switched: what
 *
 * Context: one at a time measures that.
 */
void mmbox_bench_set_price(enum mmbox_bench_price switched)
{
	price = switched;
}

const mmbox_bench_run_t mmbox_bench_cache_pairs[MMBOX_BENCH_OWN_SIDES] = {
	empty_pairs, kernel_cache_pairs, mmbox_cache_pairs,
};

const mmbox_bench_run_t mmbox_bench_cache_batches[MMBOX_BENCH_OWN_SIDES] = {
	empty_batches, kernel_cache_batches, mmbox_cache_batches,
};

const mmbox_bench_run_t mmbox_bench_cache_bulk[MMBOX_BENCH_OWN_SIDES] = {
	empty_bulk, kernel_bulk, mmbox_bulk,
};

const mmbox_bench_run_t mmbox_bench_size_pairs[MMBOX_BENCH_OWN_SIDES] = {
	empty_pairs, kernel_size_pairs, mmbox_size_pairs,
};

const mmbox_bench_run_t mmbox_bench_size_batches[MMBOX_BENCH_OWN_SIDES] = {
	empty_batches, kernel_size_batches, mmbox_size_batches,
};

/**
 * mmbox_bench_slab_exit - unmake the caches
 *
 * Context: process context, may sleep.
 */
void mmbox_bench_slab_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(caches); i++) {
		kmem_cache_destroy(caches[i].kernel);
		mmbox_cache_destroy(caches[i].mmbox);
	}
	for (i = 0; i < ARRAY_SIZE(prices); i++) {
		mmbox_cache_destroy(prices[i].cache);
		/* As in bench_exit(). */
		if (prices[i].box && mmbox_destroy(prices[i].box))
			mmbox_put(prices[i].box);
		prices[i].cache = NULL;
		prices[i].box = NULL;
	}
}

static int make_price(unsigned int i)
{
	struct mmbox_config cfg;
	struct mmbox_cache *cache;
	char name[16];
	int err;

	snprintf(name, sizeof(name), "bench-%u", i);
	err = mmbox_config_parse(prices[i].config, &cfg);
	if (err)
		return err;
	prices[i].box = mmbox_create(name, &cfg);
	if (IS_ERR(prices[i].box)) {
		err = PTR_ERR(prices[i].box);
		prices[i].box = NULL;
		return err;
	}
	cache = mmbox_cache_create(prices[i].box, "bench", 256, 0, 0, NULL);
	prices[i].cache = cache;
	if (!cache)
		return -ENOMEM;
	if (prices[i].letters)
		err = mmbox_cache_set_debug(cache, prices[i].letters);
	return err ?: mmbox_cache_set_quarantine(cache, prices[i].quarantine) ?:
	       mmbox_cache_set_guard(cache, prices[i].guard);
}

/**
 * mmbox_bench_slab_init - make the caches that the work is done with
 * @bench_box: the box of one side
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmbox_bench_slab_init(struct mmbox *bench_box)
{
	unsigned int i;

	box = bench_box;
	for (i = 0; i < ARRAY_SIZE(caches); i++) {
		caches[i].kernel = kmem_cache_create(caches[i].name,
						     caches[i].size, 0, 0,
						     NULL);
		caches[i].mmbox = mmbox_cache_create(box, caches[i].name,
						     caches[i].size, 0, 0,
						     NULL);
		if (!caches[i].kernel || !caches[i].mmbox) {
			mmbox_bench_slab_exit();
			return -ENOMEM;
		}
	}
	for (i = MMBOX_PRICE_NONE + 1; i < MMBOX_NR_PRICES; i++)
		if (make_price(i)) {
			mmbox_bench_slab_exit();
			return -ENOMEM;
		}
	return 0;
}
