/* SPDX-License-Identifier: GPL-2.0 */
/* What was given back, made of use again; see vmap_purge.c. */
#ifndef MMBOX_VMAP_PURGE_H
#define MMBOX_VMAP_PURGE_H

#include <linux/minmax.h>

#include "vmap_space.h"

/**
 * struct mmbox_purged - what is purged, for the tracepoint
 * @first: number of the first page
 * @end:   of the one behind the last
 * @nr:	   areas and chunks
 */
struct mmbox_purged {
	unsigned long first;
	unsigned long end;
	unsigned int nr;
};

static inline void mmbox_purged_widen(struct mmbox_purged *purged,
				      unsigned long page, unsigned long nr)
{
	purged->first = min(purged->first, page);
	purged->end = max(purged->end, page + nr);
	purged->nr++;
}

/* How often was purged: to be asked before one looks for room. */
static inline unsigned long mmbox_vmap_purges(const struct mmbox_vmap *vmap)
{
	/* Who sees a purge finds what it set free. */
	return smp_load_acquire(&vmap->nr_purges);
}

bool mmbox_vmap_purge(struct mmbox_vmap *vmap, unsigned long seen);
void mmbox_vmap_queue_purge(struct mmbox_vmap *vmap);
void mmbox_vmap_purge_work(struct work_struct *work);

#endif /* MMBOX_VMAP_PURGE_H */
