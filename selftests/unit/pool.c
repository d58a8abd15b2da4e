// SPDX-License-Identifier: GPL-2.0
#include "pool.h"

#include <stdlib.h>
#include <string.h>

static void *must_alloc(size_t nr, size_t size)
{
	void *memory = calloc(nr, size);

	if (!memory)
		abort();
	return memory;
}

static struct pool_section *section_create(struct mmbox_buddy *buddy,
					   unsigned int start)
{
	struct pool_section *section;
	unsigned int i;

	section = must_alloc(1, sizeof(*section));
	section->start = start;
	for (i = 0; i < MMBOX_SECTION_PAGES; i++) {
		section->map.page[i].word = i;
		mmbox_page_set(&section->map.page[i], MMBOX_PAGE_ABSENT, 0);
	}
	for (i = 0; i < MMBOX_SECTION_BLOCKS; i++)
		mmbox_buddy_add_block(buddy, &section->map.block[i],
				      MMBOX_UNMOVABLE);
	return section;
}

/**
 * pool_create - make a buddy and descriptors, all of them absent
 * @nr_sections: how many sections
 *
 * Return: the pool; it has no free page yet, see pool_add(). All pageblocks
 * are Unmovable.
 */
struct pool *pool_create(unsigned int nr_sections)
{
	struct pool *pool = must_alloc(1, sizeof(*pool));
	unsigned int i, type;

	pool->nr_sections = nr_sections;
	pool->sections = must_alloc(nr_sections, sizeof(pool->sections[0]));

	/* Init must not rely on what was there. */
	memset(&pool->buddy, 0xa5, sizeof(pool->buddy));
	for (type = 0; type < MMBOX_NR_TYPES; type++)
		pool->buddy.pcp[type] = pool_pcp(type);
	pool->buddy.long_frees = false;
	mmbox_buddy_init(&pool->buddy);
	for (i = 0; i < nr_sections; i++)
		pool->sections[i] = section_create(&pool->buddy,
						   i * MMBOX_SECTION_PAGES);
	return pool;
}

void pool_destroy(struct pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->nr_sections; i++)
		free(pool->sections[i]);
	free(pool->sections);
	free(pool);
}

/**
 * pool_set_type - enter a pageblock anew, with another type
 * @pool:  the pool
 * @block: the pageblock, without free pages
 * @type:  its type
 */
void pool_set_type(struct pool *pool, unsigned int block,
		   enum mmbox_migratetype type)
{
	mmbox_buddy_del_block(&pool->buddy, pool_block(pool, block));
	mmbox_buddy_add_block(&pool->buddy, pool_block(pool, block), type);
}

/**
 * pool_add - make the frames of a block present and give them to the buddy
 * @pool:  the pool
 * @frame: first frame, aligned to the block's size
 * @order: order of the block
 */
void pool_add(struct pool *pool, unsigned int frame, unsigned int order)
{
	unsigned int i;

	for (i = 0; i < 1U << order; i++)
		mmbox_page_set(pool_page(pool, frame + i), MMBOX_PAGE_TAIL, 0);
	mmbox_buddy_add(&pool->buddy, pool_page(pool, frame), order);
}
