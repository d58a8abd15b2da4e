// SPDX-License-Identifier: GPL-2.0
/*
 * mmbox_bench_drm: the graphics drivers' buddy beside the others in
 * mmbox_bench.
 *
 * It manages addresses of memory on a card, and touches none of it. It leaves
 * locking to its callers: there is one here at a time, and no lock is counted.
 */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/sizes.h>

#include "bench.h"

/* It has moved out of drm, and stable series have followed. */
#if IS_ENABLED(CONFIG_GPU_BUDDY)
#include <linux/gpu_buddy.h>

#define drm_buddy		gpu_buddy
#define drm_buddy_block		gpu_buddy_block
#define drm_buddy_init		gpu_buddy_init
#define drm_buddy_fini		gpu_buddy_fini
#define drm_buddy_alloc_blocks	gpu_buddy_alloc_blocks
#define drm_buddy_free_block	gpu_buddy_free_block
#else
#include <drm/drm_buddy.h>
#endif

#define CARD_SIZE	SZ_256M

static struct drm_buddy buddy;

static void *drm_alloc(unsigned int order)
{
	LIST_HEAD(blocks);

	if (drm_buddy_alloc_blocks(&buddy, 0, CARD_SIZE, PAGE_SIZE << order,
				   PAGE_SIZE << order, &blocks, 0))
		return NULL;
	return list_first_entry(&blocks, struct drm_buddy_block, link);
}

static void drm_free(void *block, unsigned int order)
{
	drm_buddy_free_block(&buddy, block);
}

static struct mmbox_bench_side drm_side = {
	.name = "drm_buddy",
	.alloc = drm_alloc,
	.free = drm_free,
};

static int __init drm_init(void)
{
	int err = drm_buddy_init(&buddy, CARD_SIZE, PAGE_SIZE);

	if (!err)
		mmbox_bench_add(&drm_side);
	return err;
}

static void __exit drm_exit(void)
{
	mmbox_bench_remove(&drm_side);
	drm_buddy_fini(&buddy);
}

module_init(drm_init);
module_exit(drm_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("The graphics drivers' buddy beside mmbox");
MODULE_LICENSE("GPL");
