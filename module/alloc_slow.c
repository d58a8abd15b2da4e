// SPDX-License-Identifier: GPL-2.0
/*
 * The way of an allocation that the CPU's list in its first zone could not
 * serve at once: through a zonelist, zone by zone, and again with less
 * restraint.
 *
 * The first time a zone keeps back what is below its low mark, so that zones
 * are used evenly; then the min mark counts, and how urgent the request is, see
 * mmbox_urgency(). At last, if the request may wait, what CPUs have at hand is
 * collected for it. docs/design/gfp.md tells what each flag does.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/topology.h>

#include "alloc_slow.h"
#include "highatomic.h"
#include "internal.h"
#include "page_owner.h"
#include "refusal.h"
#include "section.h"
#include "steal.h"
#include "trace.h"

/**
 * struct alloc_context - a request on its way through a zonelist
 * @gfp:     what was asked for
 * @order:   likewise
 * @type:    the migrate type that follows from @gfp
 * @highest: the highest zone, likewise
 * @nid:     the node whose zonelist it is
 * @path:    whether the CPUs' lists are used
 * @urgency: which marks of the zones it keeps to, MMBOX_URGENT_* bits
 * @caller:  address that the request came from
 */
struct alloc_context {
	gfp_t gfp;
	unsigned int order;
	enum mmbox_migratetype type;
	enum mmbox_zone_type highest;
	int nid;
	enum mmbox_alloc_path path;
	unsigned int urgency;
	unsigned long caller;
};

/* A request for few pages that must not fail is tried so often ... */
#define NOFAIL_MAX_ORDER	1
#define NOFAIL_TRIES		50
/* ... and waits so long in between. */
#define NOFAIL_WAIT		msecs_to_jiffies(20)

static noinline void trace_taken(const struct mmbox_zone *zone,
				 const struct alloc_context *ac,
				 const struct mmbox_page *page, bool refill)
{
	trace_mm_page_alloc_zone_locked(mmbox_page_host(page), ac->order,
					ac->type, refill, zone->box->name);
}

/* Takes a block from pageblocks of another type, and remembers that. */
static noinline struct mmbox_page *steal_block(struct mmbox_zone *zone,
					       const struct alloc_context *ac,
					       enum mmbox_page_state state)
{
	struct mmbox_steal steal;
	struct mmbox_page *page;

	page = mmbox_buddy_steal(&zone->buddy, ac->order, ac->type, state,
				 &steal);
	if (!page)
		return NULL;
	if (steal.order < MMBOX_PAGEBLOCK_ORDER)
		mmbox_watermark_boost(zone);
	mmbox_stat_inc(zone->box->stat, MMBOX_EVENT_STEAL);
	if (steal.converted)
		mmbox_stat_inc(zone->box->stat, MMBOX_EVENT_STEAL_CONVERT);
	mmbox_steal_note(zone, &steal, ac->order, ac->type, ac->caller);
	trace_mm_page_alloc_extfrag(mmbox_page_host(page), ac->order,
				    steal.order, ac->type, steal.from,
				    steal.converted, zone->box->name);
	return page;
}

/* Takes a block from the zone's buddy; @refill: not for the caller alone. */
static __always_inline struct mmbox_page *
take_block(struct mmbox_zone *zone, const struct alloc_context *ac,
	   enum mmbox_page_state state, bool refill)
{
	struct mmbox_page *page;

	lockdep_assert_held(&zone->lock);
	page = mmbox_buddy_alloc(&zone->buddy, ac->order, ac->type, state);
	if (unlikely(!page))
		page = steal_block(zone, ac, state);
	if (unlikely(!page && state == MMBOX_PAGE_ALLOC &&
		     ac->urgency & MMBOX_URGENT_RESERVES))
		page = mmbox_buddy_alloc(&zone->buddy, ac->order,
					 MMBOX_HIGHATOMIC, state);
	if (trace_mm_page_alloc_zone_locked_enabled() && page)
		trace_taken(zone, ac, page, refill);
	return page;
}

/* How many blocks a zone has for a request, one after the other. */
static __always_inline unsigned long zone_room(const struct mmbox_zone *zone,
					       const struct alloc_context *ac)
{
	unsigned long free = mmbox_zone_usable(zone, ac->urgency);

	if (likely(free > READ_ONCE(zone->wmark.enough)))
		return ULONG_MAX;
	return mmbox_watermark_room(free, ac->order,
				    mmbox_watermark_limit(&zone->wmark,
							  ac->urgency,
							  ac->highest));
}

static struct mmbox_page *buddy_alloc(struct mmbox_zone *zone,
				      const struct alloc_context *ac)
{
	struct mmbox_page *page;
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	page = take_block(zone, ac, MMBOX_PAGE_ALLOC, false);
	spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

/*
 * Takes a batch under the lock, one block for the caller and the rest for the
 * list of whichever CPU this is by then. The lock is not taken with preemption
 * off: on PREEMPT_RT it sleeps.
 */
static struct mmbox_page *refill_alloc(struct mmbox_zone *zone,
				       const struct alloc_context *ac,
				       unsigned long batch)
{
	struct mmbox_page *page, *more, *chain = NULL;
	struct mmbox_pcp *pcp;
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	/* As far as the mark allows; the first block has passed already. */
	if (batch > 1)
		batch = min(batch, zone_room(zone, ac));
	page = take_block(zone, ac, MMBOX_PAGE_ALLOC, true);
	while (page && batch > 1) {
		more = take_block(zone, ac, MMBOX_PAGE_PCP, true);
		if (!more)
			break;
		more->next = chain;
		chain = more;
		batch--;
	}
	spin_unlock_irqrestore(&zone->lock, flags);
	if (!page)
		return NULL;

	preempt_disable();
	pcp = mmbox_pcp_trylock(zone->buddy.pcp[ac->type]);
	if (pcp) {
		/* The order may have no list any more. */
		if (READ_ONCE(zone->pcp_limits.batch[ac->order])) {
			mmbox_pcp_refill(pcp, &zone->pcp_limits, ac->order,
					 chain);
			chain = NULL;
		}
		mmbox_pcp_unlock(pcp);
	}
	preempt_enable();
	mmbox_zone_free_chain(zone, chain);
	return page;
}

static struct mmbox_page *zone_alloc(struct mmbox_zone *zone,
				     const struct alloc_context *ac)
{
	unsigned int batch = READ_ONCE(zone->pcp_limits.batch[ac->order]);
	bool listed = ac->path == MMBOX_PATH_PCP && batch;
	struct mmbox_page *page = NULL;
	struct mmbox_pcp *pcp;

	if (!zone_room(zone, ac))
		return NULL;
	if (listed) {
		preempt_disable();
		pcp = mmbox_pcp_trylock(zone->buddy.pcp[ac->type]);
		if (pcp) {
			page = mmbox_pcp_pop(&pcp->list[ac->order]);
			mmbox_pcp_unlock(pcp);
		}
		preempt_enable();
		if (page)
			return page;
		/* Who interrupted the CPU at work on its lists gets one block. */
		listed = pcp;
	}
	page = listed ? refill_alloc(zone, ac, batch) : buddy_alloc(zone, ac);
	if (page)
		mmbox_stat_add(zone->box->stat,
			       MMBOX_EVENT_PGALLOC + zone->type,
			       1UL << ac->order);
	return page;
}

/* Is a zone of the zonelist one that the request may have pages from? */
static bool zone_fits(const struct mmbox_zone *zone,
		      const struct alloc_context *ac)
{
	return mmbox_zone_managed(zone) && zone->type <= ac->highest &&
	       (zone->nid == ac->nid || !(ac->gfp & __GFP_THISNODE));
}

/* Is it for those who cannot wait that pageblocks are kept? */
static bool wants_reserve(const struct alloc_context *ac)
{
	return ac->order && (ac->urgency & MMBOX_URGENT_RESERVES) ==
			    MMBOX_URGENT_RESERVES;
}

static struct mmbox_page *zonelist_alloc(struct mmbox *box,
					 const struct alloc_context *ac)
{
	struct mmbox_zone **pos;
	bool fallback = false;

	for (pos = box->node[ac->nid]->zonelist; *pos; pos++) {
		struct mmbox_zone *zone = *pos;
		struct mmbox_page *page;

		if (!zone_fits(zone, ac))
			continue;
		page = zone_alloc(zone, ac);
		if (page) {
			if (fallback)
				mmbox_stat_inc(box->stat,
					       MMBOX_EVENT_ALLOC_FALLBACK);
			if (wants_reserve(ac))
				mmbox_highatomic_reserve(zone, page,
							 ac->caller);
			return page;
		}
		fallback = true;
	}
	return NULL;
}

/* Gives others a pageblock that was kept for those who cannot wait. */
static bool release_reserve(struct mmbox *box, const struct alloc_context *ac)
{
	struct mmbox_zone **pos;

	for (pos = box->node[ac->nid]->zonelist; *pos; pos++)
		if (zone_fits(*pos, ac) &&
		    mmbox_highatomic_release(*pos, ac->type, ac->caller))
			return true;
	return false;
}

/*
 * The kernel tries for ever. What a box is short of may never come back, and a
 * machine that hangs is worse than an allocation that fails.
 */
static struct mmbox_page *alloc_nofail(struct mmbox *box,
				       struct alloc_context *ac)
{
	struct mmbox_page *page = NULL;
	unsigned int tries;

	ac->urgency |= MMBOX_URGENT_ALL;
	for (tries = 0; tries < NOFAIL_TRIES; tries++) {
		page = zonelist_alloc(box, ac);
		if (page || fatal_signal_pending(current))
			break;
		schedule_timeout_killable(NOFAIL_WAIT);
		mmbox_zones_drain(box);
	}
	return page;
}

/* When no zone is above its low mark: how urgent is the request? */
static struct mmbox_page *alloc_harder(struct mmbox *box,
				       struct alloc_context *ac)
{
	struct mmbox_page *page;

	ac->urgency = mmbox_urgency(ac->gfp);
	page = zonelist_alloc(box, ac);
	if (page || !gfpflags_allow_blocking(ac->gfp) ||
	    ac->gfp & __GFP_NORETRY)
		return page;
	/* What CPUs keep at hand is free all the same: get it. */
	mmbox_zones_drain(box);
	ac->path = MMBOX_PATH_DIRECT;
	page = zonelist_alloc(box, ac);
	while (!page && release_reserve(box, ac))
		page = zonelist_alloc(box, ac);
	if (!page && ac->gfp & __GFP_NOFAIL && ac->order <= NOFAIL_MAX_ORDER)
		page = alloc_nofail(box, ac);
	return page;
}

/**
 * mmbox_clear_block - clear the pages of a block
 * @host:  its first page; nobody else has the block
 * @order: its order
 *
 * Context: any.
 */
void mmbox_clear_block(struct page *host, unsigned int order)
{
	unsigned long i;

	for (i = 0; i < 1UL << order; i++)
		clear_highpage(host + i);
}

/**
 * mmbox_alloc_slow - all that the CPU's list in the first zone could not do
 * @box:    the box
 * @gfp:    as for mmbox_alloc_pages()
 * @order:  likewise
 * @path:   whether CPUs' lists are used
 * @caller: address that the request came from
 *
 * Context: as mmbox_alloc_pages().
 * Return: likewise; a failure has been counted and recorded.
 */
struct page *mmbox_alloc_slow(struct mmbox *box, gfp_t gfp, unsigned int order,
			      enum mmbox_alloc_path path, unsigned long caller)
{
	struct alloc_context ac = {
		.gfp = gfp,
		.order = order,
		.type = mmbox_gfp_type(gfp),
		.highest = mmbox_gfp_zone(gfp),
		.nid = numa_mem_id(),
		.path = path,
		.urgency = MMBOX_URGENT_NOT,
		.caller = caller,
	};
	struct mmbox_page *page = NULL;
	struct page *host;

	might_sleep_if(gfpflags_allow_blocking(gfp));
	if (order <= MMBOX_MAX_ORDER) {
		page = zonelist_alloc(box, &ac);
		if (!page)
			page = alloc_harder(box, &ac);
	}
	if (!page) {
		mmbox_stat_inc(box->stat, MMBOX_EVENT_ALLOC_FAIL);
		mmbox_refusal_record(box, gfp, order, ac.urgency, caller);
		return NULL;
	}

	host = mmbox_page_host(page);
	if (unlikely(READ_ONCE(box->accounts)))
		mmbox_page_owner_set(box, page_to_pfn(host), order, gfp,
				     caller);
	if (gfp & __GFP_ZERO || READ_ONCE(box->settings.init_on_alloc))
		mmbox_clear_block(host, order);
	return host;
}
