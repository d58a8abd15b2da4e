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
 * Return: the pool; it has no free page yet, see pool_add().
 */
struct pool *pool_create(unsigned int nr_sections)
{
	struct pool *pool = must_alloc(1, sizeof(*pool));
	unsigned int i;

	pool->nr_sections = nr_sections;
	pool->sections = must_alloc(nr_sections, sizeof(pool->sections[0]));

	/* Init must not rely on what was there. */
	memset(&pool->buddy, 0xa5, sizeof(pool->buddy));
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
