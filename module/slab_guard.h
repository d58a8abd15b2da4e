/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_SLAB_GUARD_H
#define MMBOX_SLAB_GUARD_H

#include <linux/gfp.h>

#include <mmbox.h>

#include "slab_track.h"

struct mmbox_slab;

/**
 * struct mmbox_guard_ops - where pages come from that have none beside them
 * @map:   gets one, for requests that may sleep; NULL if there is none
 * @unmap: takes it away, in any context: whoever touches it from then on faults
 * @owner: the box at whose addresses an address is, or NULL; called with
 *	   preemption off, which keeps the box
 */
struct mmbox_guard_ops {
	void *(*map)(struct mmbox *box, gfp_t gfp, unsigned long caller);
	void (*unmap)(void *addr);
	struct mmbox *(*owner)(const void *addr);
};

/* Set once, before there is a box. */
extern const struct mmbox_guard_ops *mmbox_guard_ops;

/**
 * struct mmbox_grave - a guarded object that was freed
 * @object: where it was
 * @cache:  name of its cache
 * @track:  who allocated it, and who freed it
 */
struct mmbox_grave {
	const void *object;
	char cache[MMBOX_CACHE_NAME_LEN];
	struct mmbox_track track[MMBOX_NR_TRACKS];
};

int mmbox_guard_set(struct mmbox_cache *cache, unsigned long one_in);
void *mmbox_guard_alloc(struct mmbox_cache *cache, gfp_t gfp,
			unsigned long caller);
void mmbox_guard_free(struct mmbox_slab *slab, void *object,
		      unsigned long caller);
struct mmbox *mmbox_guard_find_freed(const void *addr,
				     struct mmbox_grave *grave);
void mmbox_guard_destroy(struct mmbox *box);

#endif /* MMBOX_SLAB_GUARD_H */
