/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A buddy and the descriptors of its page frames.
 *
 * Frames are numbered from 0 through all sections. Each section's descriptors
 * are an allocation of their own, so that ASan sees a step over its end.
 */
#ifndef POOL_H
#define POOL_H

#include "buddy.h"

struct pool_section {
	unsigned int start;
	struct mmbox_map map;
};

struct pool {
	struct mmbox_buddy buddy;
	unsigned int nr_sections;
	struct pool_section **sections;
};

/* What the buddy's pageblocks get as lists: nobody looks behind the pointer. */
static inline struct mmbox_pcp *pool_pcp(enum mmbox_migratetype type)
{
	return type < MMBOX_NR_PCP_TYPES ? (void *)(0x1000UL + type) : NULL;
}

struct pool *pool_create(unsigned int nr_sections);
void pool_destroy(struct pool *pool);
void pool_set_type(struct pool *pool, unsigned int block,
		   enum mmbox_migratetype type);
void pool_add(struct pool *pool, unsigned int frame, unsigned int order);

static inline unsigned int pool_frames(const struct pool *pool)
{
	return pool->nr_sections * MMBOX_SECTION_PAGES;
}

static inline struct mmbox_page *pool_page(const struct pool *pool,
					   unsigned int frame)
{
	return &pool->sections[frame / MMBOX_SECTION_PAGES]
			->map.page[frame % MMBOX_SECTION_PAGES];
}

static inline unsigned int pool_blocks(const struct pool *pool)
{
	return pool->nr_sections * MMBOX_SECTION_BLOCKS;
}

static inline struct mmbox_map *pool_map(const struct pool *pool,
					 unsigned int block)
{
	return &pool->sections[block / MMBOX_SECTION_BLOCKS]->map;
}

static inline struct mmbox_pageblock *pool_block(const struct pool *pool,
						 unsigned int block)
{
	return &pool_map(pool, block)->block[block % MMBOX_SECTION_BLOCKS];
}

static inline unsigned int pool_frame(const struct mmbox_page *page)
{
	const struct pool_section *section;

	section = container_of(mmbox_page_map(page), const struct pool_section,
			       map);
	return section->start + mmbox_page_index(page);
}

#endif /* POOL_H */
