// SPDX-License-Identifier: GPL-2.0
/*
 * Where the descriptors of slabs come from: blocks of the box's own pages, cut
 * up into places of one size for each cache.
 *
 * A descriptor has a byte and a bit for each object of its slab. It could stand
 * in the slab itself, but then objects of a power of two would not fill their
 * pages, and the first thing a runaway write meets would be our own records.
 *
 * The last descriptor that is given back takes its block along.
 */
#include <linux/list.h>
#include <linux/mm.h>

#include "slab.h"

/**
 * struct block - pages with places for descriptors
 * @list:    link in the pool while there is a place left
 * @free:    places that are free, linked through their first word
 * @nr_used: places that are not
 */
struct block {
	struct list_head list;
	void *free;
	unsigned int nr_used;
};

/* So large a part of a block may be wasted, for the sake of small blocks. */
#define WASTE_SHARE	8

static unsigned int first_place(void)
{
	return ALIGN(sizeof(struct block), SMP_CACHE_BYTES);
}

static unsigned int places(const struct mmbox_slab_pool *pool)
{
	return ((PAGE_SIZE << pool->order) - first_place()) / pool->size;
}

/**
 * mmbox_slab_pool_init - make an empty pool
 * @pool: the pool
 * @size: bytes of a descriptor
 */
void mmbox_slab_pool_init(struct mmbox_slab_pool *pool, unsigned int size)
{
	spin_lock_init(&pool->lock);
	INIT_LIST_HEAD(&pool->blocks);
	pool->nr_blocks = 0;
	pool->size = ALIGN(size, SMP_CACHE_BYTES);
	for (pool->order = 0; pool->order < 3; pool->order++) {
		unsigned int bytes = PAGE_SIZE << pool->order;

		if (places(pool) &&
		    bytes - places(pool) * pool->size <= bytes / WASTE_SHARE)
			break;
	}
}

static struct block *new_block(struct mmbox_cache *cache, gfp_t gfp)
{
	struct mmbox_slab_pool *pool = &cache->pool;
	struct page *page = mmbox_alloc_pages(cache->box, gfp, pool->order);
	struct block *block;
	unsigned int i;
	char *place;

	if (!page)
		return NULL;
	block = page_address(page);
	block->free = NULL;
	block->nr_used = 0;
	place = (char *)block + first_place();
	for (i = 0; i < places(pool); i++, place += pool->size) {
		*(void **)place = block->free;
		block->free = place;
	}
	return block;
}

static void *take_place(struct mmbox_slab_pool *pool)
{
	struct block *block;
	void *place;

	lockdep_assert_held(&pool->lock);
	block = list_first_entry_or_null(&pool->blocks, struct block, list);
	if (!block)
		return NULL;
	place = block->free;
	block->free = *(void **)place;
	block->nr_used++;
	if (!block->free)
		list_del_init(&block->list);
	return place;
}

/**
 * mmbox_slab_pool_get - get a descriptor
 * @cache: the cache whose slab it will describe
 * @gfp:   for more pages, if these are needed
 *
 * Context: as mmbox_alloc_pages().
 * Return: the descriptor, of any contents, or NULL.
 */
struct mmbox_slab *mmbox_slab_pool_get(struct mmbox_cache *cache, gfp_t gfp)
{
	struct mmbox_slab_pool *pool = &cache->pool;
	struct block *block;
	unsigned long flags;
	void *place;

	spin_lock_irqsave(&pool->lock, flags);
	place = take_place(pool);
	spin_unlock_irqrestore(&pool->lock, flags);
	if (place)
		return place;

	block = new_block(cache, gfp);
	if (!block)
		return NULL;
	spin_lock_irqsave(&pool->lock, flags);
	list_add(&block->list, &pool->blocks);
	pool->nr_blocks++;
	place = take_place(pool);
	spin_unlock_irqrestore(&pool->lock, flags);
	return place;
}

/**
 * mmbox_slab_pool_put - give a descriptor back
 * @cache: the cache whose slab it described
 * @slab:  the descriptor, which nobody looks at any more
 *
 * Context: any in which a spinlock_t may be taken.
 */
void mmbox_slab_pool_put(struct mmbox_cache *cache, struct mmbox_slab *slab)
{
	struct mmbox_slab_pool *pool = &cache->pool;
	unsigned long addr = (unsigned long)slab;
	struct block *block;
	unsigned long flags;
	bool unused;

	/* Blocks are aligned to their size. */
	block = (void *)(addr & ~((PAGE_SIZE << pool->order) - 1));
	spin_lock_irqsave(&pool->lock, flags);
	if (!block->free)
		list_add(&block->list, &pool->blocks);
	*(void **)slab = block->free;
	block->free = slab;
	unused = !--block->nr_used;
	if (unused) {
		list_del(&block->list);
		pool->nr_blocks--;
	}
	spin_unlock_irqrestore(&pool->lock, flags);
	if (unused)
		mmbox_free_pages_addr((unsigned long)block, pool->order);
}
