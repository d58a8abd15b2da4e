// SPDX-License-Identifier: GPL-2.0
/*
 * Refusals explained: a box remembers its last failed allocations, each with
 * the state of every zone that could have served it, and its wrong frees.
 *
 * Failed allocations stand in a ring of records. Whoever writes or reads one
 * takes no lock, so that a failure in an interrupt neither waits for the one it
 * interrupted nor for a reader, and failures on many CPUs do not queue up:
 *
 *  - A writer draws a number, which names the place, and claims the place by
 *    making its @seq odd. If that is odd already, the ring has gone round while
 *    another writer was interrupted: the newcomer goes unrecorded, and is
 *    counted. When the record is complete @seq becomes even again.
 *  - A reader copies a record and takes the copy only if @seq was even before
 *    and is the same afterwards. If not, the record is on its way out, and is
 *    passed over. So nobody waits for a writer, which on PREEMPT_RT may have
 *    been preempted: it takes zone locks, and those sleep there.
 *
 * Wrong frees are rare and short to note, so a lock does. It is a raw one: the
 * box of a wrong free is known to be there only while preemption is off, and
 * that is no place for a spinlock_t, which sleeps on PREEMPT_RT. Under it some
 * dozen entries are looked at, and one is written.
 *
 * All memory is there from the beginning; recording allocates nothing.
 */
#include <linux/mm.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "internal.h"
#include "refusal.h"

/* A failure is written to the log if none has been for so long. */
#define LOG_INTERVAL	(10 * HZ)

/**
 * struct mmbox_refusals - what a box remembers
 * @last:      number of the last failed allocation
 * @nr_lost:   failed allocations that were not recorded
 * @limit:     of lines in the log
 * @max_zones: zones that a record has room for
 * @size:      bytes of a record
 * @ring:      the records, found by number
 * @lock:      guards what follows
 * @last_free: number of the last wrong free
 * @free:      wrong frees, in no order
 */
struct mmbox_refusals {
	atomic64_t last;
	atomic64_t nr_lost;
	struct ratelimit_state limit;
	unsigned int max_zones;
	size_t size;
	void *ring;

	raw_spinlock_t lock;
	u64 last_free;
	struct mmbox_wrong_free free[MMBOX_NR_WRONG_FREES];
};

const char *const mmbox_wrong_free_text[MMBOX_NR_WRONG_FREE_REASONS] = {
	[MMBOX_WRONG_FREE_TWICE]  = "it is already free",
	[MMBOX_WRONG_FREE_ORDER]  = "it was allocated with another order",
	[MMBOX_WRONG_FREE_INSIDE] = "it is not the first page of an allocated block",
	[MMBOX_WRONG_FREE_RESERVED] = "it holds the box's descriptors",
	[MMBOX_WRONG_FREE_OBJECT] = "it holds objects, which are freed otherwise",
	[MMBOX_WRONG_FREE_OTHER]  = "it is not a page of any box",
	[MMBOX_WRONG_FREE_ADDR]	  = "the address is not that of a page",
};

/**
 * mmbox_refusals_create - make room for what a box is to remember
 * @box: the box, without zones: as soon as it has pages, frees may be wrong
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmbox_refusals_create(struct mmbox *box)
{
	struct mmbox_refusals *refusals;

	refusals = kzalloc(sizeof(*refusals), GFP_KERNEL);
	if (!refusals)
		return -ENOMEM;
	raw_spin_lock_init(&refusals->lock);
	ratelimit_state_init(&refusals->limit, LOG_INTERVAL, 1);
	/* Those that were left out can be read elsewhere. */
	ratelimit_set_flags(&refusals->limit, RATELIMIT_MSG_ON_RELEASE);
	box->refusals = refusals;
	return 0;
}

/**
 * mmbox_refusals_add_ring - make room for allocations that fail
 * @box: the box, with all of its zones, not yet published
 *
 * Context: process context, may sleep.
 * Return: 0, or -ENOMEM; mmbox_refusals_destroy() is still to be called.
 */
int mmbox_refusals_add_ring(struct mmbox *box)
{
	struct mmbox_refusals *refusals = box->refusals;
	unsigned int pos;

	for (pos = 0; pos < mmbox_nr_zones(box); pos++) {
		struct mmbox_zone *zone = mmbox_zone_at(box, pos);

		/* Those without pages may get some. */
		refusals->max_zones += zone && node_state(zone->nid, N_MEMORY);
	}
	refusals->size = struct_size_t(struct mmbox_refusal, zone,
				       refusals->max_zones);
	refusals->ring = kvcalloc(MMBOX_NR_REFUSALS, refusals->size,
				  GFP_KERNEL);
	return refusals->ring ? 0 : -ENOMEM;
}

/**
 * mmbox_refusals_destroy - undo mmbox_refusals_create()
 * @box: the box, no longer published, or half created; it has no pages
 */
void mmbox_refusals_destroy(struct mmbox *box)
{
	kvfree(box->refusals->ring);
	kfree(box->refusals);
}

static struct mmbox_refusal *place_of(const struct mmbox_refusals *refusals,
				      u64 nr)
{
	return refusals->ring + nr % MMBOX_NR_REFUSALS * refusals->size;
}

/* Makes a record's place the caller's to write; NULL if it is another's. */
static struct mmbox_refusal *claim_place(struct mmbox_refusals *refusals)
{
	u64 nr = atomic64_inc_return(&refusals->last);
	struct mmbox_refusal *refusal = place_of(refusals, nr);
	int seq = atomic_read(&refusal->seq);

	if (seq & 1 || !atomic_try_cmpxchg(&refusal->seq, &seq, seq + 1))
		goto lost;
	/* Whoever drew a later number for this place was faster. */
	if (refusal->nr > nr) {
		atomic_set_release(&refusal->seq, seq);
		goto lost;
	}
	refusal->nr = nr;
	return refusal;

lost:
	atomic64_inc(&refusals->nr_lost);
	return NULL;
}

static void publish(struct mmbox_refusal *refusal)
{
	atomic_set_release(&refusal->seq, atomic_read(&refusal->seq) + 1);
}

static enum mmbox_refusal_reason
reason_of(const struct mmbox_refusal *refusal, const struct mmbox_zone *zone,
	  const struct mmbox_refusal_zone *entry)
{
	unsigned long free = mmbox_zone_usable(zone, refusal->urgency);

	if (refusal->order > MMBOX_MAX_ORDER)
		return MMBOX_REFUSAL_ORDER;
	if (zone->type > mmbox_gfp_zone(refusal->gfp))
		return MMBOX_REFUSAL_GFP;
	if (refusal->gfp & __GFP_THISNODE && zone->nid != refusal->nid)
		return MMBOX_REFUSAL_NODE;
	if (entry->largest < (int)refusal->order)
		return MMBOX_REFUSAL_BLOCK;
	if (!mmbox_watermark_room(free, refusal->order, entry->mark))
		return MMBOX_REFUSAL_MARK;
	if (!mmbox_watermark_room(free, refusal->order,
				  entry->mark + entry->reserve))
		return MMBOX_REFUSAL_RESERVE;
	return MMBOX_REFUSAL_LATE;
}

static unsigned long pages_on_lists(const struct mmbox_zone *zone)
{
	unsigned long pages = 0;
	unsigned int cpu;

	/* The lists of a CPU that is offline are empty. */
	for_each_online_cpu(cpu)
		pages += mmbox_zone_pcp_pages(zone, cpu);
	return pages;
}

static void record_zone(struct mmbox_refusal *refusal, struct mmbox_zone *zone)
{
	struct mmbox_refusal_zone *entry = &refusal->zone[refusal->nr_zones++];
	struct mmbox_zone_snapshot snap;
	int largest = MMBOX_MAX_ORDER;

	mmbox_zone_snapshot(zone, &snap);
	while (largest >= 0 && !snap.nr_blocks[largest])
		largest--;
	entry->nid = zone->nid;
	entry->type = zone->type;
	entry->largest = largest;
	entry->mark = mmbox_watermark_mark(&zone->wmark, refusal->urgency);
	entry->reserve = mmbox_watermark_limit(&zone->wmark, refusal->urgency,
					       mmbox_gfp_zone(refusal->gfp)) -
			 entry->mark;
	entry->reason = reason_of(refusal, zone, entry);
	entry->index = refusal->order > MMBOX_MAX_ORDER ? 0 :
		       mmbox_fragmentation_index(&snap, refusal->order);
	entry->free = snap.nr_free;
	entry->pcp = pages_on_lists(zone);
}

/* One line for the whole: of its zones the first that the request may use. */
static void log_refusal(const struct mmbox *box,
			const struct mmbox_refusal *refusal)
{
	const struct mmbox_who *who = &refusal->who;
	const struct mmbox_refusal_zone *zone;
	unsigned int i;

	for (i = 0; i < refusal->nr_zones; i++) {
		zone = &refusal->zone[i];
		if (zone->reason >= MMBOX_REFUSAL_BLOCK)
			break;
	}
	if (i < refusal->nr_zones)
		pr_warn("%s: no block of order %u for %*pE[%d]: zone %s has %lu free pages, largest order %d, and keeps %lu (gfp %pGg)\n",
			box->name, refusal->order, (int)strlen(who->comm),
			who->comm, who->pid, mmbox_zone_name[zone->type],
			zone->free, zone->largest,
			zone->mark + zone->reserve, &refusal->gfp);
	else
		pr_warn("%s: no block of order %u for %*pE[%d]: no zone may serve it (gfp %pGg)\n",
			box->name, refusal->order, (int)strlen(who->comm),
			who->comm, who->pid, &refusal->gfp);
}

/**
 * mmbox_refusal_record - remember an allocation that failed
 * @box:    the box
 * @gfp:    what was asked for; without __GFP_NOWARN the failure is also
 *	    written to the log, if none has been for a while
 * @order:  likewise
 * @urgency: which marks it kept to in the end, MMBOX_URGENT_* bits
 * @caller: address that the request came from
 *
 * Context: as mmbox_alloc_pages() without __GFP_DIRECT_RECLAIM.
 */
void mmbox_refusal_record(struct mmbox *box, gfp_t gfp, unsigned int order,
			  unsigned int urgency, unsigned long caller)
{
	struct mmbox_refusals *refusals = box->refusals;
	struct mmbox_refusal *refusal = claim_place(refusals);
	struct mmbox_zone **pos;

	if (!refusal)
		return;
	mmbox_who_note(&refusal->who, caller);
	refusal->gfp = gfp;
	refusal->order = order;
	refusal->urgency = urgency;
	refusal->nid = numa_mem_id();
	refusal->nr_zones = 0;
	for (pos = box->node[refusal->nid]->zonelist;
	     *pos && refusal->nr_zones < refusals->max_zones; pos++)
		if (mmbox_zone_managed(*pos))
			record_zone(refusal, *pos);
	if (!(gfp & __GFP_NOWARN) && __ratelimit(&refusals->limit))
		log_refusal(box, refusal);
	publish(refusal);
}

/**
 * mmbox_refusal_first - the first failed allocation from a number on
 * @box: the box
 * @nr:  number to begin with
 *
 * Context: any.
 * Return: number of the oldest one that may be remembered still and has not
 * less than @nr, or 0 if there is none.
 */
u64 mmbox_refusal_first(struct mmbox *box, u64 nr)
{
	u64 last = atomic64_read(&box->refusals->last);

	nr = max(nr, last > MMBOX_NR_REFUSALS ? last - MMBOX_NR_REFUSALS + 1 : 1);
	return nr <= last ? nr : 0;
}

/**
 * mmbox_refusal_copy - a consistent copy of one record
 * @box: the box
 * @nr:  number of the failed allocation
 *
 * Context: process context, may sleep.
 * Return: the copy, to be freed with kfree(), or NULL if there is no memory for
 * it, or the record has been replaced, or was never made.
 */
struct mmbox_refusal *mmbox_refusal_copy(struct mmbox *box, u64 nr)
{
	const struct mmbox_refusal *refusal = place_of(box->refusals, nr);
	struct mmbox_refusal *copy;
	int seq;

	copy = kmalloc(box->refusals->size, GFP_KERNEL);
	if (!copy)
		return NULL;
	seq = atomic_read_acquire(&refusal->seq);
	/* Somebody may be writing to it: then the copy is not used. */
	data_race(memcpy(copy, refusal, box->refusals->size));
	/* All of it was read before @seq is, the second time. */
	smp_rmb();
	if (seq & 1 || atomic_read(&refusal->seq) != seq || copy->nr != nr) {
		kfree(copy);
		return NULL;
	}
	return copy;
}

/**
 * mmbox_refusals_total - failed allocations since the beginning
 * @box: the box
 *
 * Return: their number.
 */
u64 mmbox_refusals_total(struct mmbox *box)
{
	return atomic64_read(&box->refusals->last);
}

/**
 * mmbox_refusals_lost - failed allocations of which there is no record
 * @box: the box
 *
 * Return: their number, without those whose record was replaced by a later one.
 */
u64 mmbox_refusals_lost(struct mmbox *box)
{
	return atomic64_read(&box->refusals->nr_lost);
}

/* The same free seen before, or else the place that it may have. */
static struct mmbox_wrong_free *find_free(struct mmbox_refusals *refusals,
					  unsigned long pfn, unsigned int order,
					  enum mmbox_wrong_free_reason reason)
{
	struct mmbox_wrong_free *oldest = &refusals->free[0], *entry;

	lockdep_assert_held(&refusals->lock);
	for (entry = refusals->free;
	     entry < refusals->free + MMBOX_NR_WRONG_FREES; entry++) {
		if (entry->nr && entry->pfn == pfn && entry->order == order &&
		    entry->reason == reason)
			return entry;
		if (entry->nr < oldest->nr)
			oldest = entry;
	}
	*oldest = (struct mmbox_wrong_free) {
		.nr = ++refusals->last_free,
		.pfn = pfn,
		.order = order,
		.reason = reason,
	};
	return oldest;
}

/**
 * mmbox_wrong_free_record - remember a free that was refused
 * @box:    the box that has the page
 * @pfn:    the page
 * @order:  the order it was to be freed with
 * @reason: what is wrong with that
 * @caller: address that the free came from
 *
 * Context: as mmbox_free_pages(), also with preemption off.
 */
void mmbox_wrong_free_record(struct mmbox *box, unsigned long pfn,
			     unsigned int order,
			     enum mmbox_wrong_free_reason reason,
			     unsigned long caller)
{
	struct mmbox_refusals *refusals = box->refusals;
	struct mmbox_wrong_free *entry;
	unsigned long flags;

	raw_spin_lock_irqsave(&refusals->lock, flags);
	entry = find_free(refusals, pfn, order, reason);
	entry->count++;
	mmbox_who_note(&entry->who, caller);
	raw_spin_unlock_irqrestore(&refusals->lock, flags);
}

/* The entry of the lowest number from @nr on, or NULL. */
static struct mmbox_wrong_free *first_free(struct mmbox_refusals *refusals,
					   u64 nr)
{
	struct mmbox_wrong_free *entry, *first = NULL;

	lockdep_assert_held(&refusals->lock);
	for (entry = refusals->free;
	     entry < refusals->free + MMBOX_NR_WRONG_FREES; entry++)
		if (entry->nr && entry->nr >= nr &&
		    (!first || entry->nr < first->nr))
			first = entry;
	return first;
}

/**
 * mmbox_wrong_free_first - the first wrong free from a number on
 * @box: the box
 * @nr:  number to begin with
 *
 * Context: any.
 * Return: its number, or 0 if there is none.
 */
u64 mmbox_wrong_free_first(struct mmbox *box, u64 nr)
{
	struct mmbox_refusals *refusals = box->refusals;
	struct mmbox_wrong_free *entry;
	unsigned long flags;
	u64 first;

	raw_spin_lock_irqsave(&refusals->lock, flags);
	entry = first_free(refusals, nr);
	first = entry ? entry->nr : 0;
	raw_spin_unlock_irqrestore(&refusals->lock, flags);
	return first;
}

/**
 * mmbox_wrong_frees_total - wrong frees since the beginning, alike ones as one
 * @box: the box
 *
 * Context: any.
 * Return: number of the last one.
 */
u64 mmbox_wrong_frees_total(struct mmbox *box)
{
	struct mmbox_refusals *refusals = box->refusals;
	unsigned long flags;
	u64 last;

	raw_spin_lock_irqsave(&refusals->lock, flags);
	last = refusals->last_free;
	raw_spin_unlock_irqrestore(&refusals->lock, flags);
	return last;
}

/**
 * mmbox_wrong_free_copy - a consistent copy of one wrong free
 * @box:  the box
 * @nr:   its number
 * @copy: filled in
 *
 * Context: any.
 * Return: false if it has made room for a later one.
 */
bool mmbox_wrong_free_copy(struct mmbox *box, u64 nr,
			   struct mmbox_wrong_free *copy)
{
	struct mmbox_refusals *refusals = box->refusals;
	struct mmbox_wrong_free *entry;
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&refusals->lock, flags);
	entry = first_free(refusals, nr);
	found = entry && entry->nr == nr;
	if (found)
		*copy = *entry;
	raw_spin_unlock_irqrestore(&refusals->lock, flags);
	return found;
}
