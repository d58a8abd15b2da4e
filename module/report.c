// SPDX-License-Identifier: GPL-2.0
/*
 * What stands in each file of a box: formatting only. Formats that bear the
 * name of a kernel file are the kernel's to the byte (docs/abi/files.md).
 */
#include <linux/cpumask.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/seq_file.h>

#include "internal.h"
#include "object.h"
#include "report.h"
#include "slab_count.h"

/**
 * mmbox_report_only - the position of the only row of a file
 * @box: the box
 * @pos: position
 *
 * Return: whether there is a row.
 */
bool mmbox_report_only(struct mmbox *box, loff_t *pos)
{
	return !*pos;
}

static bool node_populated(struct mmbox *box, unsigned int pos)
{
	unsigned int first = rounddown(pos, MMBOX_NR_ZONES);
	unsigned int type;

	for (type = 0; type < MMBOX_NR_ZONES; type++)
		if (mmbox_zone_at(box, first + type)->present)
			return true;
	return false;
}

/**
 * mmbox_report_next_zone - the position of a zone, on nodes that have pages
 * @box: the box
 * @pos: position
 *
 * Return: whether there is one.
 */
bool mmbox_report_next_zone(struct mmbox *box, loff_t *pos)
{
	for (; *pos < mmbox_nr_zones(box); ++*pos)
		if (mmbox_zone_at(box, *pos) && node_populated(box, *pos))
			return true;
	return false;
}

/**
 * mmbox_report_next_present - the position of a zone that has pages
 * @box: the box
 * @pos: position
 *
 * Return: whether there is one.
 */
bool mmbox_report_next_present(struct mmbox *box, loff_t *pos)
{
	for (; *pos < mmbox_nr_zones(box); ++*pos) {
		struct mmbox_zone *zone = mmbox_zone_at(box, *pos);

		if (zone && zone->present)
			return true;
	}
	return false;
}

/**
 * mmbox_report_buddyinfo - a zone's row of buddyinfo
 * @m:	 where to print
 * @box: the box
 * @pos: the zone
 *
 * Return: 0.
 */
int mmbox_report_buddyinfo(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	struct mmbox_zone *zone = mmbox_zone_at(box, pos);
	struct mmbox_zone_snapshot snap;
	unsigned int order;

	if (!zone->present)
		return 0;
	mmbox_zone_snapshot(zone, &snap);
	seq_printf(m, "Node %d, zone %8s ", zone->nid,
		   mmbox_zone_name[zone->type]);
	for (order = 0; order < MMBOX_NR_ORDERS; order++)
		seq_printf(m, "%6lu ", snap.nr_blocks[order]);
	seq_putc(m, '\n');
	return 0;
}

static bool first_populated(struct mmbox *box, unsigned int pos)
{
	while (pos-- % MMBOX_NR_ZONES)
		if (mmbox_zone_at(box, pos)->present)
			return false;
	return true;
}

static unsigned long node_mapped(struct mmbox *box, unsigned int pos)
{
	unsigned int first = rounddown(pos, MMBOX_NR_ZONES);
	unsigned long mapped = 0;
	unsigned int type;

	for (type = 0; type < MMBOX_NR_ZONES; type++)
		mapped += atomic_long_read(&mmbox_zone_at(box, first + type)->nr_mapped);
	return mapped;
}

static unsigned long pages_high(const struct mmbox_pcp *pcp)
{
	unsigned long high = 0;
	unsigned int order;

	for (order = 0; order < MMBOX_NR_ORDERS; order++)
		/* For reading only: one step old does not matter. */
		high += data_race((unsigned long)pcp->list[order].high)
			<< order;
	return high;
}

/* In pages; a CPU has a list for each type and each of several orders. */
static void show_pagesets(struct seq_file *m, const struct mmbox_zone *zone)
{
	unsigned long high;
	unsigned int type;
	int cpu;

	seq_puts(m, "\n  pagesets");
	for_each_online_cpu(cpu) {
		high = 0;
		for (type = 0; type < MMBOX_NR_PCP_TYPES; type++)
			high += pages_high(per_cpu_ptr(zone->buddy.pcp[type],
						       cpu));
		seq_printf(m, "\n    cpu: %i", cpu);
		seq_printf(m, "\n              count: %lu",
			   mmbox_zone_pcp_pages(zone, cpu));
		seq_printf(m, "\n              high:  %lu", high);
		seq_printf(m, "\n              batch: %u",
			   READ_ONCE(zone->pcp_limits.batch[0]));
		seq_puts(m, "\n  vm stats threshold: 0");
	}
}

/* As in the kernel, the boost is in what stands for low and high. */
static void show_marks(struct seq_file *m, const struct mmbox_watermark *wm)
{
	static const char *const name[MMBOX_NR_WMARKS] = {
		[MMBOX_WMARK_MIN]   = "min",
		[MMBOX_WMARK_LOW]   = "low",
		[MMBOX_WMARK_HIGH]  = "high",
		[MMBOX_WMARK_PROMO] = "promo",
	};
	unsigned long boost = READ_ONCE(wm->boost);
	unsigned int i;

	seq_printf(m, "\n        boost    %lu", boost);
	for (i = 0; i < MMBOX_NR_WMARKS; i++)
		seq_printf(m, "\n        %-8s %lu", name[i],
			   READ_ONCE(wm->mark[i]) +
			   (i == MMBOX_WMARK_MIN ? 0 : boost));
}

static void show_protection(struct seq_file *m,
			    const struct mmbox_watermark *wm)
{
	unsigned int type;

	seq_printf(m, "\n        protection: (%lu", READ_ONCE(wm->reserve[0]));
	for (type = 1; type < MMBOX_NR_ZONES; type++)
		seq_printf(m, ", %lu", READ_ONCE(wm->reserve[type]));
	seq_putc(m, ')');
}

static void show_node_slabs(struct seq_file *m, struct mmbox *box, int nid)
{
	unsigned long reclaimable, unreclaimable;

	mmbox_caches_count_node(box, nid, &reclaimable, &unreclaimable);
	seq_printf(m, "\n      %-12s %lu", "nr_slab_reclaimable",
		   reclaimable);
	seq_printf(m, "\n      %-12s %lu", "nr_slab_unreclaimable",
		   unreclaimable);
}

/**
 * mmbox_report_zoneinfo - a zone's part of zoneinfo
 * @m:	 where to print
 * @box: the box
 * @pos: the zone
 *
 * Return: 0.
 */
int mmbox_report_zoneinfo(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	struct mmbox_zone *zone = mmbox_zone_at(box, pos);
	struct mmbox_zone_snapshot snap;

	mmbox_zone_snapshot(zone, &snap);
	seq_printf(m, "Node %d, zone %8s", zone->nid,
		   mmbox_zone_name[zone->type]);
	if (zone->present && first_populated(box, pos)) {
		seq_puts(m, "\n  per-node stats");
		show_node_slabs(m, box, zone->nid);
		seq_printf(m, "\n      %-12s %lu", "nr_mapped",
			   node_mapped(box, pos));
	}
	seq_printf(m, "\n  pages free     %lu", snap.nr_free);
	show_marks(m, &zone->wmark);
	seq_printf(m, "\n        spanned  %lu", zone->spanned);
	seq_printf(m, "\n        present  %lu", zone->present);
	seq_printf(m, "\n        managed  %lu", zone->managed);
	seq_puts(m, "\n        cma      0");

	show_protection(m, &zone->wmark);
	if (mmbox_zone_managed(zone)) {
		seq_printf(m, "\n      %-12s %lu", "nr_free_pages",
			   snap.nr_free);
		show_pagesets(m, zone);
		seq_puts(m, "\n  node_unreclaimable:  0");
		seq_printf(m, "\n  start_pfn:           %lu",
			   zone->start_pfn);
	}
	seq_putc(m, '\n');
	return 0;
}

/**
 * struct totals - sums over all zones of a box
 * @managed: pages that the box manages
 * @free:    of these, free ones
 * @mapped:  of these, ones that user space has mapped
 * @slab_reclaimable: pages of slabs whose caches say that they can be given back
 * @slab_unreclaimable: pages of other slabs
 * @split:   blocks split since the beginning
 * @merge:   buddies joined since the beginning
 * @pcp_alloc: pages allocated from CPUs' lists, by kind of zone
 * @pcp_free: pages freed to them
 */
struct totals {
	unsigned long managed;
	unsigned long free;
	unsigned long mapped;
	unsigned long slab_reclaimable;
	unsigned long slab_unreclaimable;
	unsigned long split;
	unsigned long merge;
	unsigned long pcp_alloc[MMBOX_NR_ZONES];
	unsigned long pcp_free;
};

static void sum_zones(struct mmbox *box, struct totals *sum)
{
	struct mmbox_zone_snapshot snap;
	unsigned int pos;

	memset(sum, 0, sizeof(*sum));
	mmbox_caches_count_node(box, NUMA_NO_NODE, &sum->slab_reclaimable,
				&sum->slab_unreclaimable);
	for (pos = 0; pos < mmbox_nr_zones(box); pos++) {
		struct mmbox_zone *zone = mmbox_zone_at(box, pos);
		unsigned long alloc, free;

		if (!zone)
			continue;
		mmbox_zone_pcp_events(zone, &alloc, &free);
		sum->pcp_alloc[zone->type] += alloc;
		sum->pcp_free += free;
		mmbox_zone_snapshot(zone, &snap);
		sum->managed += zone->managed;
		sum->free += snap.nr_free;
		sum->mapped += atomic_long_read(&zone->nr_mapped);
		sum->split += snap.nr_split;
		sum->merge += snap.nr_merge;
	}
}

static void show_kb(struct seq_file *m, const char *name,
		    unsigned long nr_pages)
{
	seq_printf(m, "%-15s %8lu kB\n", name, nr_pages << (PAGE_SHIFT - 10));
}

/**
 * mmbox_report_meminfo - meminfo
 * @m:	 where to print
 * @box: the box
 * @pos: 0
 *
 * Tools that read /proc/meminfo expect the lines of a whole machine: a box has
 * no page cache and no swap, and says so.
 *
 * Return: 0.
 */
int mmbox_report_meminfo(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	static const char *const none[] = {
		"Buffers:", "Cached:", "SwapCached:", "Active:", "Inactive:",
		"SwapTotal:", "SwapFree:", "Dirty:", "Writeback:",
	};
	struct totals sum;
	size_t i;

	sum_zones(box, &sum);
	show_kb(m, "MemTotal:", sum.managed);
	show_kb(m, "MemFree:", sum.free);
	show_kb(m, "MemAvailable:", sum.free);
	for (i = 0; i < ARRAY_SIZE(none); i++)
		show_kb(m, none[i], 0);
	show_kb(m, "Mapped:", sum.mapped);
	show_kb(m, "Slab:", sum.slab_reclaimable + sum.slab_unreclaimable);
	show_kb(m, "SReclaimable:", sum.slab_reclaimable);
	show_kb(m, "SUnreclaim:", sum.slab_unreclaimable);
	return 0;
}

/* Prints a counter: what the box counted, and what is counted elsewhere. */
static void show_event(struct seq_file *m, struct mmbox *box,
		       unsigned int event, unsigned long more)
{
	seq_printf(m, "%s %lu\n", mmbox_event_name[event],
		   mmbox_stat_read(box->stat, event) + more);
}

/**
 * mmbox_report_vmstat - vmstat
 * @m:	 where to print
 * @box: the box
 * @pos: 0
 *
 * Return: 0.
 */
int mmbox_report_vmstat(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	struct totals sum;
	unsigned int type;

	sum_zones(box, &sum);
	seq_printf(m, "nr_free_pages %lu\n", sum.free);
	seq_printf(m, "nr_slab_reclaimable %lu\n", sum.slab_reclaimable);
	seq_printf(m, "nr_slab_unreclaimable %lu\n", sum.slab_unreclaimable);
	seq_printf(m, "nr_mapped %lu\n", sum.mapped);
	for (type = 0; type < MMBOX_NR_ZONES; type++)
		show_event(m, box, MMBOX_EVENT_PGALLOC + type,
			   sum.pcp_alloc[type]);
	show_event(m, box, MMBOX_EVENT_PGFREE, sum.pcp_free);
	return 0;
}

/**
 * mmbox_report_events - events: counters that the kernel does not have
 * @m:	 where to print
 * @box: the box
 * @pos: 0
 *
 * Return: 0.
 */
int mmbox_report_events(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	struct totals sum;
	unsigned int event;

	sum_zones(box, &sum);
	seq_printf(m, "block_split %lu\n", sum.split);
	seq_printf(m, "block_merge %lu\n", sum.merge);
	for (event = MMBOX_EVENT_PGFREE + 1; event < MMBOX_NR_EVENTS; event++)
		show_event(m, box, event, 0);
	return 0;
}

/**
 * mmbox_report_next_object - the position of an object: its id, or 0, the head
 * @box: the box
 * @pos: position
 *
 * Return: whether there is a row.
 */
bool mmbox_report_next_object(struct mmbox *box, loff_t *pos)
{
	struct mmbox_object_info info;

	if (!*pos)
		return true;
	if (*pos > U32_MAX || !mmbox_object_next(box, *pos, &info))
		return false;
	*pos = info.id;
	return true;
}

/**
 * mmbox_report_objects - a row of objects
 * @m:	 where to print
 * @box: the box
 * @pos: id of the object, or 0: the head
 *
 * Return: 0, or SEQ_SKIP if the object has gone meanwhile.
 */
int mmbox_report_objects(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	struct mmbox_object_info info;

	if (!pos) {
		seq_puts(m, "#       id order    pages     zone variant state   maps      pid comm\n");
		return 0;
	}
	if (!mmbox_object_next(box, pos, &info) || info.id != pos)
		return SEQ_SKIP;
	seq_printf(m, "%10u %5u %8lu %8s %-7s %-6s %5u %8d ", info.id,
		   info.order, info.nr_pages, info.zone, info.variant,
		   info.state, info.maps, info.pid);
	seq_escape(m, info.comm, "\n\\");
	seq_putc(m, '\n');
	return 0;
}

/**
 * mmbox_report_version - version
 * @m:	 where to print
 * @box: the box
 * @pos: 0
 *
 * Return: 0.
 */
int mmbox_report_version(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	seq_printf(m, "mmbox %s abi %u\n", MMBOX_RELEASE, MMBOX_ABI_VERSION);
	return 0;
}

/* "Node 0, zone   Normal " and, for each order, an index in thousandths. */
static void show_indices(struct seq_file *m, struct mmbox *box, loff_t pos,
			 const char *fmt,
			 int (*index)(const struct mmbox_zone_snapshot *snap,
				      unsigned int order))
{
	struct mmbox_zone *zone = mmbox_zone_at(box, pos);
	struct mmbox_zone_snapshot snap;
	unsigned int order;

	mmbox_zone_snapshot(zone, &snap);
	seq_printf(m, "Node %d, zone %8s ", zone->nid,
		   mmbox_zone_name[zone->type]);
	for (order = 0; order < MMBOX_NR_ORDERS; order++) {
		int value = index(&snap, order);

		seq_printf(m, fmt, value / 1000, value % 1000);
	}
	seq_putc(m, '\n');
}

/**
 * mmbox_report_extfrag_index - a zone's row of extfrag_index
 * @m:	 where to print
 * @box: the box
 * @pos: the zone
 *
 * Return: 0.
 */
int mmbox_report_extfrag_index(struct seq_file *m, struct mmbox *box,
			       loff_t pos)
{
	show_indices(m, box, pos, "%2d.%03d ", mmbox_fragmentation_index);
	return 0;
}

/**
 * mmbox_report_unusable_index - a zone's row of unusable_index
 * @m:	 where to print
 * @box: the box
 * @pos: the zone
 *
 * Return: 0.
 */
int mmbox_report_unusable_index(struct seq_file *m, struct mmbox *box,
				loff_t pos)
{
	show_indices(m, box, pos, "%d.%03d ", mmbox_unusable_index);
	return 0;
}

/* Behind the head, one position for each zone, CPU, order and type. */
struct list_place {
	const struct mmbox_zone *zone;
	unsigned int cpu;
	unsigned int order;
	unsigned int type;
};

#define PLACES_OF_CPU	(MMBOX_NR_ORDERS * MMBOX_NR_PCP_TYPES)

static struct list_place list_place(struct mmbox *box, loff_t pos)
{
	struct list_place place;
	u32 rest;

	pos = div_u64_rem(pos - 1, MMBOX_NR_PCP_TYPES, &place.type);
	pos = div_u64_rem(pos, MMBOX_NR_ORDERS, &place.order);
	pos = div_u64_rem(pos, nr_cpu_ids, &place.cpu);
	rest = pos;
	place.zone = rest < mmbox_nr_zones(box) ? mmbox_zone_at(box, rest) :
						  NULL;
	return place;
}

/**
 * mmbox_report_next_list - the position of a CPU's list, or 0, the head
 * @box: the box
 * @pos: position
 *
 * Return: whether there is a row.
 */
bool mmbox_report_next_list(struct mmbox *box, loff_t *pos)
{
	u64 end = (u64)mmbox_nr_zones(box) * nr_cpu_ids * PLACES_OF_CPU;

	if (!*pos)
		return true;
	for (; *pos <= end; ++*pos) {
		struct list_place place = list_place(box, *pos);

		if (place.zone && mmbox_zone_managed(place.zone) &&
		    cpu_online(place.cpu) &&
		    READ_ONCE(place.zone->pcp_limits.batch[place.order]))
			return true;
	}
	return false;
}

/**
 * mmbox_report_pcp - a CPU's list of one order and type in one zone
 * @m:	 where to print
 * @box: the box
 * @pos: which list, or 0: the head
 *
 * The CPU goes on working: its numbers may be one step apart.
 *
 * Return: 0.
 */
int mmbox_report_pcp(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	struct list_place place;
	struct mmbox_pcp pcp;
	struct mmbox_pcp_list *list;
	unsigned long hits, all;

	if (!pos) {
		seq_puts(m, "#node     zone  cpu order        type   count    high   batch        alloc         free     refill      drain    hit\n");
		return 0;
	}
	place = list_place(box, pos);
	/* A copy of numbers for people, see above. */
	data_race(pcp = *per_cpu_ptr(place.zone->buddy.pcp[place.type],
				     place.cpu));
	list = &pcp.list[place.order];
	hits = list->nr_alloc + list->nr_free;
	all = hits + pcp.nr_refill[place.order] + pcp.nr_drain[place.order];
	seq_printf(m, "%5d %8s %4u %5u %11s %7u %7u %7u %12lu %12lu %10lu %10lu",
		   place.zone->nid, mmbox_zone_name[place.zone->type],
		   place.cpu, place.order,
		   mmbox_migratetype_name[place.type], list->count, list->high,
		   READ_ONCE(place.zone->pcp_limits.batch[place.order]),
		   list->nr_alloc,
		   list->nr_free, pcp.nr_refill[place.order],
		   pcp.nr_drain[place.order]);
	if (all) {
		u64 rate = div64_ul(hits * 1000ULL, all);

		seq_printf(m, " %4u.%u\n", (u32)rate / 10, (u32)rate % 10);
	} else {
		seq_puts(m, "      -\n");
	}
	return 0;
}
