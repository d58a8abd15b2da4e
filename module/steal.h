/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_STEAL_H
#define MMBOX_STEAL_H

#include <linux/types.h>

#include "buddy.h"
#include "who.h"

struct mmbox;
struct mmbox_zone;

/* How many a box remembers. */
#define MMBOX_NR_STEALS		128

/**
 * struct mmbox_steal_record - one fallback to pageblocks of another type
 * @nr:	    its number, counted from 1; 0 in a place never used
 * @who:    whose allocation it was
 * @pfn:    first frame of the free block that was taken from
 * @zone:   the zone
 * @wanted: order asked for
 * @order:  order of the free block
 * @from:   type of its pageblock before
 * @to:     type of the allocation
 * @converted: the pageblock has become of type @to
 */
struct mmbox_steal_record {
	u64 nr;
	struct mmbox_who who;
	unsigned long pfn;
	const struct mmbox_zone *zone;
	unsigned int wanted;
	unsigned int order;
	enum mmbox_migratetype from;
	enum mmbox_migratetype to;
	bool converted;
};

int mmbox_steals_create(struct mmbox *box);
void mmbox_steals_destroy(struct mmbox *box);
void mmbox_steal_note(struct mmbox_zone *zone, const struct mmbox_steal *steal,
		      unsigned int wanted, enum mmbox_migratetype to,
		      unsigned long caller);
u64 mmbox_steals_total(struct mmbox *box);
u64 mmbox_steal_first(struct mmbox *box, u64 nr);
bool mmbox_steal_copy(struct mmbox *box, u64 nr,
		      struct mmbox_steal_record *copy);

#endif /* MMBOX_STEAL_H */
