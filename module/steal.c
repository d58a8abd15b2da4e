// SPDX-License-Identifier: GPL-2.0
/*
 * The steal log: a box remembers its last fallbacks, which pageblock was taken
 * from, its type before and after, and for whom.
 *
 * A ring under a lock of its own. It is a raw one, for it is taken inside of a
 * zone's lock as well as by readers, and is held for one copy.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "internal.h"
#include "section.h"
#include "steal.h"

/**
 * struct mmbox_steals - what a box remembers of its fallbacks
 * @lock: guards what follows
 * @last: number of the last one
 * @ring: the last ones, found by number
 */
struct mmbox_steals {
	raw_spinlock_t lock;
	u64 last;
	struct mmbox_steal_record ring[MMBOX_NR_STEALS];
};

/**
 * mmbox_steals_create - make room for what a box is to remember
 * @box: the box, not yet published
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmbox_steals_create(struct mmbox *box)
{
	box->steals = kvzalloc(sizeof(*box->steals), GFP_KERNEL);
	if (!box->steals)
		return -ENOMEM;
	raw_spin_lock_init(&box->steals->lock);
	return 0;
}

/**
 * mmbox_steals_destroy - undo mmbox_steals_create()
 * @box: the box, no longer published
 */
void mmbox_steals_destroy(struct mmbox *box)
{
	kvfree(box->steals);
}

/**
 * mmbox_steal_note - remember a fallback
 * @zone:   where it was
 * @steal:  what was taken
 * @wanted: order asked for
 * @to:     type of the allocation
 * @caller: address that the request came from
 *
 * Context: any, under the zone's lock.
 */
void mmbox_steal_note(struct mmbox_zone *zone, const struct mmbox_steal *steal,
		      unsigned int wanted, enum mmbox_migratetype to,
		      unsigned long caller)
{
	struct mmbox_steals *steals = zone->box->steals;
	struct mmbox_steal_record *record;
	unsigned long flags;

	raw_spin_lock_irqsave(&steals->lock, flags);
	record = &steals->ring[++steals->last % MMBOX_NR_STEALS];
	*record = (struct mmbox_steal_record) {
		.nr = steals->last,
		.pfn = mmbox_page_pfn(steal->page),
		.zone = zone,
		.wanted = wanted,
		.order = steal->order,
		.from = steal->from,
		.to = to,
		.converted = steal->converted,
	};
	mmbox_who_note(&record->who, caller);
	raw_spin_unlock_irqrestore(&steals->lock, flags);
}

/**
 * mmbox_steals_total - fallbacks since the beginning
 * @box: the box
 *
 * Context: any.
 * Return: number of the last one.
 */
u64 mmbox_steals_total(struct mmbox *box)
{
	unsigned long flags;
	u64 last;

	raw_spin_lock_irqsave(&box->steals->lock, flags);
	last = box->steals->last;
	raw_spin_unlock_irqrestore(&box->steals->lock, flags);
	return last;
}

/**
 * mmbox_steal_first - the first remembered fallback from a number on
 * @box: the box
 * @nr:  number to begin with
 *
 * Context: any.
 * Return: its number, or 0 if there is none.
 */
u64 mmbox_steal_first(struct mmbox *box, u64 nr)
{
	u64 last = mmbox_steals_total(box);

	nr = max(nr, last > MMBOX_NR_STEALS ? last - MMBOX_NR_STEALS + 1 : 1);
	return nr <= last ? nr : 0;
}

/**
 * mmbox_steal_copy - a consistent copy of one record
 * @box:  the box
 * @nr:   its number
 * @copy: filled in
 *
 * Context: any.
 * Return: false if it has made room for a later one.
 */
bool mmbox_steal_copy(struct mmbox *box, u64 nr,
		      struct mmbox_steal_record *copy)
{
	struct mmbox_steals *steals = box->steals;
	unsigned long flags;

	raw_spin_lock_irqsave(&steals->lock, flags);
	*copy = steals->ring[nr % MMBOX_NR_STEALS];
	raw_spin_unlock_irqrestore(&steals->lock, flags);
	return copy->nr == nr;
}
