/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_SLAB_COUNT_H
#define MMBOX_SLAB_COUNT_H

#include "sheaf.h"

struct mmbox;
struct mmbox_cache;

/**
 * struct mmbox_cache_count - what a cache has
 * @nr_slabs:	slabs
 * @nr_partial: of these, slabs with free objects
 * @nr_empty:	of these, slabs with free objects only
 * @nr_pages:	pages of all slabs
 * @nr_objects: objects in all slabs
 * @nr_out:	of these, the ones that are not free in their slab: callers
 *		have them, or sheaves
 * @nr_partial_out: of these, the ones of slabs with free objects
 * @barn:	sheaves that any CPU of the node may have
 */
struct mmbox_cache_count {
	unsigned long nr_slabs;
	unsigned long nr_partial;
	unsigned long nr_empty;
	unsigned long nr_pages;
	unsigned long nr_objects;
	unsigned long nr_out;
	unsigned long nr_partial_out;
	struct mmbox_barn_count barn;
};

/* So many parts the sizes of requests are told in. */
#define MMBOX_REQUEST_PARTS	8

/**
 * struct mmbox_requests - what callers of a cache have asked for
 * @nr:	   objects that they have, as far as they are counted
 * @bytes: that they asked for
 * @part:  objects and bytes of those who asked for that part of an object at
 *	   most, and for more than the part before
 */
struct mmbox_requests {
	unsigned long nr;
	unsigned long bytes;
	struct {
		unsigned long nr;
		unsigned long bytes;
	} part[MMBOX_REQUEST_PARTS];
};

void mmbox_cache_count_node(const struct mmbox_cache *cache, int nid,
			    struct mmbox_cache_count *count);
void mmbox_cache_count(const struct mmbox_cache *cache,
		       struct mmbox_cache_count *sum);
unsigned long mmbox_cache_at_hand(const struct mmbox_cache *cache,
				  const struct mmbox_cache_count *count);
void mmbox_cache_count_requests(struct mmbox_cache *cache,
				struct mmbox_requests *requests);
void mmbox_caches_count_node(struct mmbox *box, int nid,
			     unsigned long *reclaimable,
			     unsigned long *unreclaimable);
unsigned long mmbox_caches_descriptor_pages(struct mmbox *box);

#endif /* MMBOX_SLAB_COUNT_H */
