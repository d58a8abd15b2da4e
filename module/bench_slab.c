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
};

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
	return 0;
}
