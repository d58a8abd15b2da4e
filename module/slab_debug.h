/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_SLAB_DEBUG_H
#define MMBOX_SLAB_DEBUG_H

#include "slab.h"
#include "slab_track.h"

void mmbox_slab_debug_init(struct mmbox_slab *slab);
void mmbox_slab_debug_alloc(struct mmbox_cache *cache, void *object,
			    unsigned long caller);
void mmbox_slab_debug_free(struct mmbox_slab *slab, void *object,
			   unsigned long caller);
void mmbox_slab_debug_held(void *object);
void mmbox_slab_debug_validate(struct mmbox_cache *cache);

/* The records of an object's users, or NULL. */
static inline struct mmbox_track *mmbox_slab_tracks(const struct mmbox_slab *slab,
						    void *object)
{
	int track = slab->layout->track;

	return track ? object + track : NULL;
}

#endif /* MMBOX_SLAB_DEBUG_H */
