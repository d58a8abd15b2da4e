// SPDX-License-Identifier: GPL-2.0
/*
 * mmbox_bench_genalloc: lib/genalloc beside the others in mmbox_bench.
 *
 * A pool of addresses, one bit for a page. Nothing is ever there: the pool does
 * not touch what it hands out.
 */
#include <linux/genalloc.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/sizes.h>

#include "bench.h"

#define POOL_START	SZ_256M		/* 0 would read as a failure */
#define POOL_SIZE	SZ_64M

static struct gen_pool *pool;

static void *genalloc_alloc(unsigned int order)
{
	return (void *)gen_pool_alloc(pool, PAGE_SIZE << order);
}

static void genalloc_free(void *block, unsigned int order)
{
	gen_pool_free(pool, (unsigned long)block, PAGE_SIZE << order);
}

static struct mmbox_bench_side genalloc_side = {
	.name = "genalloc",
	.alloc = genalloc_alloc,
	.free = genalloc_free,
};

static int __init genalloc_init(void)
{
	int err;

	pool = gen_pool_create(PAGE_SHIFT, NUMA_NO_NODE);
	if (!pool)
		return -ENOMEM;
	err = gen_pool_add(pool, POOL_START, POOL_SIZE, NUMA_NO_NODE);
	if (err) {
		gen_pool_destroy(pool);
		return err;
	}
	mmbox_bench_add(&genalloc_side);
	return 0;
}

static void __exit genalloc_exit(void)
{
	mmbox_bench_remove(&genalloc_side);
	gen_pool_destroy(pool);
}

module_init(genalloc_init);
module_exit(genalloc_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("lib/genalloc beside mmbox");
MODULE_LICENSE("GPL");
