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

struct pool *pool_create(unsigned int nr_sections);
void pool_destroy(struct pool *pool);
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

static inline unsigned int pool_frame(const struct mmbox_page *page)
{
	const struct pool_section *section;

	section = container_of(mmbox_page_map(page), const struct pool_section,
			       map);
	return section->start + mmbox_page_index(page);
}

#endif /* POOL_H */
