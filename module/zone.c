// SPDX-License-Identifier: GPL-2.0
/*
 * Zones looked at: which there are, what they have, and emptying the CPUs'
 * lists back into them.
 */
#include <linux/cpu.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "internal.h"
#include "section.h"
#include "trace.h"

const char *const mmbox_zone_name[MMBOX_NR_ZONES + 1] = {
	[MMBOX_ZONE_DMA]	= "DMA",
	[MMBOX_ZONE_DMA32]	= "DMA32",
	[MMBOX_ZONE_NORMAL]	= "Normal",
	[MMBOX_ZONE_HIGHMEM]	= "HighMem",
	[MMBOX_ZONE_MOVABLE]	= "Movable",
	[MMBOX_ZONE_ANY]	= "any",
};

const char *const mmbox_migratetype_name[MMBOX_NR_TYPES] = {
	[MMBOX_UNMOVABLE]	= "Unmovable",
	[MMBOX_MOVABLE]		= "Movable",
	[MMBOX_RECLAIMABLE]	= "Reclaimable",
	[MMBOX_HIGHATOMIC]	= "HighAtomic",
	[MMBOX_ISOLATE]		= "Isolate",
};

/**
 * mmbox_page_zone - the zone of a page that belongs to a box
 * @page: an allocated page of a box
 *
 * Context: any.
 * Return: the zone, or NULL if no box has the page.
 */
struct mmbox_zone *mmbox_page_zone(struct page *page)
{
	struct mmbox_section *section;
	struct mmbox_zone *zone;

	preempt_disable();
	section = mmbox_section_find(page_to_pfn(page));
	zone = section ? section->zone : NULL;
	preempt_enable();
	return zone;
}

/**
 * mmbox_nr_zones - how many zones a box has, populated or not
 * @box: the box
 *
 * Return: the end of the positions that mmbox_zone_at() takes.
 */
unsigned int mmbox_nr_zones(const struct mmbox *box)
{
	return box->nr_nodes * MMBOX_NR_ZONES;
}

/**
 * mmbox_zone_at - a box's zones, counted through node by node
 * @box: the box
 * @pos: position, less than mmbox_nr_zones()
 *
 * Context: any.
 * Return: the zone, or NULL where there is no such node.
 */
struct mmbox_zone *mmbox_zone_at(struct mmbox *box, unsigned int pos)
{
	struct mmbox_node *node = box->node[pos / MMBOX_NR_ZONES];

	return node ? &node->zone[pos % MMBOX_NR_ZONES] : NULL;
}

/* Free blocks of an order, of whatever type. */
static unsigned long free_blocks(const struct mmbox_buddy *buddy,
				 unsigned int order)
{
	unsigned long nr = 0;
	unsigned int type;

	for (type = 0; type < MMBOX_NR_TYPES; type++)
		nr += buddy->lists[type].area[order].nr_free;
	return nr;
}

/**
 * mmbox_zone_snapshot - look at a zone's free pages
 * @zone: the zone
 * @snap: filled with one instant's numbers
 *
 * Context: any; takes the zone's lock.
 */
void mmbox_zone_snapshot(struct mmbox_zone *zone,
			 struct mmbox_zone_snapshot *snap)
{
	unsigned int order;
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	for (order = 0; order < MMBOX_NR_ORDERS; order++)
		snap->nr_blocks[order] = free_blocks(&zone->buddy, order);
	snap->nr_free = zone->buddy.nr_free;
	snap->nr_split = zone->buddy.nr_split;
	snap->nr_merge = zone->buddy.nr_merge;
	spin_unlock_irqrestore(&zone->lock, flags);
}

/**
 * mmbox_zone_types - look at a zone's free blocks and pageblocks by type
 * @zone:  the zone
 * @types: filled with one instant's numbers
 *
 * Context: any; takes the zone's lock.
 */
void mmbox_zone_types(struct mmbox_zone *zone, struct mmbox_zone_types *types)
{
	unsigned int type, order;
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	for (type = 0; type < MMBOX_NR_TYPES; type++) {
		const struct mmbox_free_lists *lists = &zone->buddy.lists[type];

		for (order = 0; order < MMBOX_NR_ORDERS; order++)
			types->nr_blocks[type][order] =
				lists->area[order].nr_free;
		types->nr_pageblocks[type] = lists->nr_block;
	}
	spin_unlock_irqrestore(&zone->lock, flags);
}

/* How many blocks of @order the free blocks of that size and above make. */
static unsigned long suitable_blocks(const struct mmbox_zone_snapshot *snap,
				     unsigned int order)
{
	unsigned long nr = 0;
	unsigned int i;

	for (i = order; i < MMBOX_NR_ORDERS; i++)
		nr += snap->nr_blocks[i] << (i - order);
	return nr;
}

/**
 * mmbox_fragmentation_index - why a zone cannot serve an order
 * @snap:  the zone's free pages
 * @order: the order, at most MMBOX_MAX_ORDER
 *
 * The index that the kernel shows in extfrag/extfrag_index, by the formula of
 * __fragmentation_index() in its mm/vmstat.c. Of few blocks it may come out
 * below 0 there as well.
 *
 * Context: any.
 * Return: thousandths: towards 0 because too little is free, towards 1000
 * because what is free is in pieces; -1000 if the zone has a block to serve it.
 */
int mmbox_fragmentation_index(const struct mmbox_zone_snapshot *snap,
			      unsigned int order)
{
	unsigned long blocks = 0;
	unsigned int i;
	u64 wanted;

	for (i = 0; i < MMBOX_NR_ORDERS; i++)
		blocks += snap->nr_blocks[i];
	if (!blocks)
		return 0;
	if (suitable_blocks(snap, order))
		return -1000;
	/* As many of that order as the free pages would make, in thousandths. */
	wanted = snap->nr_free * 1000ULL >> order;
	return 1000 - (int)div64_ul(1000 + wanted, blocks);
}

/**
 * mmbox_unusable_index - the part of a zone's free pages that is of no use
 * @snap:  the zone's free pages
 * @order: for requests of this order, at most MMBOX_MAX_ORDER
 *
 * The index that the kernel shows in extfrag/unusable_index, by the formula of
 * unusable_free_index() in its mm/vmstat.c.
 *
 * Context: any.
 * Return: thousandths; all of them if nothing is free.
 */
int mmbox_unusable_index(const struct mmbox_zone_snapshot *snap,
			 unsigned int order)
{
	unsigned long usable = suitable_blocks(snap, order) << order;

	if (!snap->nr_free)
		return 1000;
	return div64_ul((snap->nr_free - usable) * 1000ULL, snap->nr_free);
}

static void add_pcp_events(const struct mmbox_pcp *pcp, unsigned long *alloc,
			   unsigned long *free)
{
	unsigned int order;

	for (order = 0; order < MMBOX_NR_ORDERS; order++) {
		/* A count for a file: off by one hurts nobody. */
		*alloc += data_race(pcp->list[order].nr_alloc) << order;
		/* Likewise. */
		*free += data_race(pcp->list[order].nr_free) << order;
	}
}

/**
 * mmbox_zone_pcp_events - pages that went through the CPUs' lists
 * @zone:  the zone
 * @alloc: set to the pages allocated from them since the beginning
 * @free:  set to the pages freed to them
 *
 * The lists count for themselves, beside what they touch anyway; what goes past
 * them is counted as an event of the box.
 *
 * Context: any. Other CPUs go on meanwhile: the sums are not one instant's.
 */
void mmbox_zone_pcp_events(const struct mmbox_zone *zone,
			   unsigned long *alloc, unsigned long *free)
{
	unsigned int cpu, type;

	*alloc = 0;
	*free = 0;
	if (!mmbox_zone_managed(zone))
		return;
	for_each_possible_cpu(cpu)
		for (type = 0; type < MMBOX_NR_PCP_TYPES; type++)
			add_pcp_events(per_cpu_ptr(zone->buddy.pcp[type], cpu),
				       alloc, free);
}

/**
 * mmbox_zone_pcp_pages - pages on a CPU's lists
 * @zone: a zone that has pages
 * @cpu:  the CPU
 *
 * Context: any. The CPU may be at work on them: the sum is not one instant's.
 * Return: pages of all orders and types.
 */
unsigned long mmbox_zone_pcp_pages(const struct mmbox_zone *zone,
				   unsigned int cpu)
{
	unsigned long pages = 0;
	unsigned int type, order;

	for (type = 0; type < MMBOX_NR_PCP_TYPES; type++) {
		const struct mmbox_pcp *pcp =
			per_cpu_ptr(zone->buddy.pcp[type], cpu);

		for (order = 0; order < MMBOX_NR_ORDERS; order++)
			/* The CPU works on: its count may be one step old. */
			pages += data_race((unsigned long)pcp->list[order].count)
				 << order;
	}
	return pages;
}

/**
 * mmbox_zones_allocated - pages that somebody has
 * @box: the box
 *
 * Context: any. Exact while nobody allocates or frees.
 * Return: managed pages that are neither free nor on a CPU's list.
 */
unsigned long mmbox_zones_allocated(struct mmbox *box)
{
	struct mmbox_zone_snapshot snap;
	unsigned long allocated = 0;
	unsigned int pos, cpu;

	for (pos = 0; pos < mmbox_nr_zones(box); pos++) {
		struct mmbox_zone *zone = mmbox_zone_at(box, pos);

		if (!zone || !mmbox_zone_managed(zone))
			continue;
		mmbox_zone_snapshot(zone, &snap);
		allocated += zone->managed - snap.nr_free;
		for_each_possible_cpu(cpu)
			allocated -= mmbox_zone_pcp_pages(zone, cpu);
	}
	return allocated;
}

/**
 * mmbox_zone_free_chain - give blocks back to the buddy
 * @zone:  the zone
 * @chain: blocks in state PCP, linked through mmbox_page.next
 *
 * Context: any in which a spinlock_t may be taken.
 */
void mmbox_zone_free_chain(struct mmbox_zone *zone, struct mmbox_page *chain)
{
	unsigned long flags;

	if (!chain)
		return;
	spin_lock_irqsave(&zone->lock, flags);
	while (chain) {
		struct mmbox_page *next = chain->next;

		mmbox_buddy_free(&zone->buddy, chain);
		chain = next;
	}
	if (unlikely(zone->wmark.boost))
		mmbox_watermark_settle(&zone->wmark, zone->buddy.nr_free);
	spin_unlock_irqrestore(&zone->lock, flags);
}

/**
 * mmbox_zone_trace_drain - trace that blocks leave a CPU's list
 * @zone:  the zone
 * @chain: the blocks, linked through mmbox_page.next
 */
void mmbox_zone_trace_drain(const struct mmbox_zone *zone,
			    const struct mmbox_page *chain)
{
	for (; chain; chain = chain->next)
		trace_mm_page_pcpu_drain(mmbox_page_host(chain),
					 mmbox_page_order(chain),
					 mmbox_page_block(chain)->type,
					 zone->box->name);
}

/* Takes all blocks off lists of a CPU, into one chain for each order. */
static void strip_lists(const struct mmbox_zone *zone, struct mmbox_pcp *pcp,
			struct mmbox_page **chains)
{
	unsigned int order;

	for (order = 0; order < MMBOX_NR_ORDERS; order++) {
		struct mmbox_pcp_list *list = &pcp->list[order];

		chains[order] = list->head;
		list->head = NULL;
		list->count = 0;
		list->high = READ_ONCE(zone->pcp_limits.high_min[order]);
	}
}

static void free_chains(struct mmbox_zone *zone, struct mmbox_page **chains)
{
	unsigned int order;

	for (order = 0; order < MMBOX_NR_ORDERS; order++) {
		if (trace_mm_page_pcpu_drain_enabled())
			mmbox_zone_trace_drain(zone, chains[order]);
		mmbox_zone_free_chain(zone, chains[order]);
	}
}

/* Empties this CPU's lists of a zone for one type. */
static void drain_type(struct mmbox_zone *zone, enum mmbox_migratetype type)
{
	struct mmbox_page *chains[MMBOX_NR_ORDERS];
	struct mmbox_pcp *pcp;

	preempt_disable();
	pcp = mmbox_pcp_trylock(zone->buddy.pcp[type]);
	/* Always there: in process context nobody is interrupted. */
	if (pcp) {
		strip_lists(zone, pcp, chains);
		mmbox_pcp_unlock(pcp);
	}
	preempt_enable();
	if (pcp)
		free_chains(zone, chains);
}

static void drain_this_cpu(struct work_struct *work)
{
	struct mmbox *box = container_of(work, struct mmbox_drain, work)->box;
	unsigned int pos, type;

	for (pos = 0; pos < mmbox_nr_zones(box); pos++) {
		struct mmbox_zone *zone = mmbox_zone_at(box, pos);

		if (!zone || !mmbox_zone_managed(zone))
			continue;
		for (type = 0; type < MMBOX_NR_PCP_TYPES; type++)
			drain_type(zone, type);
	}
}

static bool cpu_has_pages(struct mmbox *box, unsigned int cpu)
{
	unsigned int pos;

	for (pos = 0; pos < mmbox_nr_zones(box); pos++) {
		struct mmbox_zone *zone = mmbox_zone_at(box, pos);

		if (zone && mmbox_zone_managed(zone) &&
		    mmbox_zone_pcp_pages(zone, cpu))
			return true;
	}
	return false;
}

/* Empties the lists of all CPUs, or of those that have pages. */
static void drain_cpus(struct mmbox *box, bool all)
{
	unsigned int cpu;

	mutex_lock(&box->drain_lock);
	for_each_online_cpu(cpu)
		if (all || cpu_has_pages(box, cpu))
			queue_work_on(cpu, box->drain_wq,
				      &per_cpu_ptr(box->drain, cpu)->work);
	flush_workqueue(box->drain_wq);
	mutex_unlock(&box->drain_lock);
}

/**
 * mmbox_zones_drain - collect in the buddies what is free but kept at hand
 * @box: the box
 *
 * First what parts above the zones keep, then the pages on CPUs' lists.
 * Each CPU does its own: that is what keeps their fast path free of locks. A
 * CPU that goes offline meanwhile is drained by mmbox_zones_drain_dead_cpu().
 *
 * Context: process context, sleeps until all are done.
 */
void mmbox_zones_drain(struct mmbox *box)
{
	if (box->release)
		box->release(box);
	drain_cpus(box, false);
}

/**
 * mmbox_zone_limit_lists - how long CPUs' lists of a zone may get
 * @zone: the zone
 *
 * While the box keeps a ledger, there is nothing on them: it would be
 * allocated and freed without an entry.
 *
 * Context: any; who changes what it follows from holds box->tune_lock.
 */
void mmbox_zone_limit_lists(struct mmbox_zone *zone)
{
	const struct mmbox *box = zone->box;

	mmbox_pcp_set_limits(&zone->pcp_limits,
			     box->accounts ? 0 : zone->present,
			     num_possible_cpus(), box->settings.percpu_high);
}

/**
 * mmbox_zones_limit_lists - how long CPUs' lists may get, by the settings
 * @box: the box
 *
 * Then all lists are emptied: that makes each CPU forget the former limits.
 *
 * Context: process context, sleeps; the caller holds box->tune_lock.
 */
void mmbox_zones_limit_lists(struct mmbox *box)
{
	unsigned int pos, cpu;

	lockdep_assert_held(&box->tune_lock);
	cpus_read_lock();
	for (pos = 0; pos < mmbox_nr_zones(box); pos++) {
		struct mmbox_zone *zone = mmbox_zone_at(box, pos);

		if (zone && mmbox_zone_managed(zone))
			mmbox_zone_limit_lists(zone);
	}
	drain_cpus(box, true);
	/* Empty already, and nobody is at work on them. */
	for_each_possible_cpu(cpu)
		if (!cpu_online(cpu))
			mmbox_zones_drain_dead_cpu(box, cpu);
	cpus_read_unlock();
}

/**
 * mmbox_lowmem_pages - managed pages of all zones but HighMem and Movable
 * @box: the box
 *
 * Return: how many.
 */
unsigned long mmbox_lowmem_pages(struct mmbox *box)
{
	unsigned long pages = 0;
	unsigned int pos;

	for (pos = 0; pos < mmbox_nr_zones(box); pos++) {
		struct mmbox_zone *zone = mmbox_zone_at(box, pos);

		if (zone && zone->type < MMBOX_ZONE_HIGHMEM)
			pages += zone->managed;
	}
	return pages;
}

static void setup_node(struct mmbox *box, struct mmbox_node *node,
		       struct mmbox_watermark_input *in)
{
	unsigned long managed[MMBOX_NR_ZONES], reserve[MMBOX_NR_ZONES];
	unsigned int type;
	unsigned long flags;

	for (type = 0; type < MMBOX_NR_ZONES; type++)
		managed[type] = node->zone[type].managed;
	for (type = 0; type < MMBOX_NR_ZONES; type++) {
		struct mmbox_zone *zone = &node->zone[type];

		if (!zone->managed)
			continue;
		in->managed = zone->managed;
		in->apart = type >= MMBOX_ZONE_HIGHMEM;
		mmbox_lowmem_reserve(reserve, type, managed,
				     box->settings.lowmem_reserve_ratio);
		spin_lock_irqsave(&zone->lock, flags);
		mmbox_watermark_init(&zone->wmark, in, reserve);
		spin_unlock_irqrestore(&zone->lock, flags);
	}
}

/**
 * mmbox_watermarks_setup - what zones keep back, by their sizes and settings
 * @box: the box
 *
 * min_free_kbytes follows from the size of the box unless it has been set, and
 * is never taken for more than half of it. To be called again whenever a zone's
 * managed pages or a setting have changed.
 *
 * Context: any in which a spinlock_t may be taken; the caller holds
 * box->tune_lock, or nobody else has the box yet.
 */
void mmbox_watermarks_setup(struct mmbox *box)
{
	unsigned long lowmem = mmbox_lowmem_pages(box);
	struct mmbox_watermark_input in = {
		.lowmem = lowmem,
		.scale_factor = box->settings.watermark_scale_factor,
	};
	unsigned int nid;

	if (box->min_free_auto)
		box->settings.min_free_kbytes =
			mmbox_min_free_default(lowmem * (PAGE_SIZE / SZ_1K));
	in.pages_min = min(box->settings.min_free_kbytes / (PAGE_SIZE / SZ_1K),
			   lowmem / 2);
	for (nid = 0; nid < box->nr_nodes; nid++)
		if (box->node[nid])
			setup_node(box, box->node[nid], &in);
}

/**
 * mmbox_watermark_boost - a zone is being fragmented: keep more pages back
 * @zone: the zone
 *
 * Requests that have other zones, too, then leave this one alone, until frees
 * have brought it above its raised high mark.
 *
 * Context: the caller holds zone->lock.
 */
void mmbox_watermark_boost(struct mmbox_zone *zone)
{
	lockdep_assert_held(&zone->lock);
	mmbox_watermark_raise(&zone->wmark, zone->managed,
			      READ_ONCE(zone->box->settings.watermark_boost_factor));
}

/**
 * mmbox_urgency - how far below the min mark a request may go
 * @gfp: what is asked for
 *
 * gfp_to_alloc_flags() and __gfp_pfmemalloc_flags() of the kernel. There is
 * nobody like its OOM killer, so no mark for who is about to die.
 *
 * Context: any.
 * Return: MMBOX_URGENT_* bits.
 */
unsigned int mmbox_urgency(gfp_t gfp)
{
	unsigned int urgency = gfp & __GFP_HIGH ? MMBOX_URGENT_HIGH : 0;

	if (!(gfp & (__GFP_DIRECT_RECLAIM | __GFP_NOMEMALLOC)))
		urgency |= MMBOX_URGENT_NO_WAIT;
	if (gfp & __GFP_NOMEMALLOC)
		return urgency;
	/* A task that frees memory for the host: it needs some to do so. */
	if (gfp & __GFP_MEMALLOC ||
	    ((in_task() || in_serving_softirq()) &&
	     current->flags & PF_MEMALLOC))
		urgency |= MMBOX_URGENT_ALL;
	return urgency;
}

/**
 * mmbox_drain_create - get ready to drain the lists of a box
 * @box: the box, not yet published
 *
 * The work queue has a rescuer of its own: an allocation may wait for it while
 * the host is short of memory.
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM; then nothing is left behind.
 */
int mmbox_drain_create(struct mmbox *box)
{
	unsigned int cpu;

	mutex_init(&box->drain_lock);
	box->drain = alloc_percpu(struct mmbox_drain);
	if (!box->drain)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct mmbox_drain *drain = per_cpu_ptr(box->drain, cpu);

		drain->box = box;
		INIT_WORK(&drain->work, drain_this_cpu);
	}
	box->drain_wq = alloc_workqueue("mmbox", WQ_MEM_RECLAIM | WQ_PERCPU, 0);
	if (!box->drain_wq) {
		free_percpu(box->drain);
		return -ENOMEM;
	}
	return 0;
}

/**
 * mmbox_drain_destroy - undo mmbox_drain_create()
 * @box: the box, no longer published
 *
 * Context: process context, may sleep.
 */
void mmbox_drain_destroy(struct mmbox *box)
{
	destroy_workqueue(box->drain_wq);
	free_percpu(box->drain);
}

/**
 * mmbox_zones_drain_dead_cpu - empty the lists of a CPU that went offline
 * @box: the box
 * @cpu: the CPU, dead
 *
 * Context: CPU hotplug callback.
 */
void mmbox_zones_drain_dead_cpu(struct mmbox *box, unsigned int cpu)
{
	struct mmbox_page *chains[MMBOX_NR_ORDERS];
	unsigned int pos, type;

	for (pos = 0; pos < mmbox_nr_zones(box); pos++) {
		struct mmbox_zone *zone = mmbox_zone_at(box, pos);

		if (!zone || !mmbox_zone_managed(zone))
			continue;
		for (type = 0; type < MMBOX_NR_PCP_TYPES; type++) {
			strip_lists(zone,
				    per_cpu_ptr(zone->buddy.pcp[type], cpu),
				    chains);
			free_chains(zone, chains);
		}
	}
}
