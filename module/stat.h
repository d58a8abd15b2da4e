/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_STAT_H
#define MMBOX_STAT_H

#include <linux/percpu.h>

#include <mmbox.h>

/**
 * enum mmbox_event - what a box counts; names and meanings in docs/abi
 * @MMBOX_EVENT_PGALLOC:	pages allocated from each zone, MMBOX_NR_ZONES
 *				counters in the order of enum mmbox_zone_type;
 *				without those from CPUs' lists, which count
 *				for themselves
 * @MMBOX_EVENT_PGFREE:		pages freed, likewise; last of the kernel's own
 *				counters
 * @MMBOX_EVENT_ALLOC_FAIL:	allocations that found no block
 * @MMBOX_EVENT_ALLOC_FALLBACK:	allocations served by a lower zone than asked
 * @MMBOX_EVENT_FREE_REFUSED:	wrong frees
 * @MMBOX_EVENT_SLAB_ERROR:	objects, or what is around them, overwritten
 * @MMBOX_EVENT_LEDGER_LOST:	allocations that the ledger had no memory for
 * @MMBOX_EVENT_STEAL:		blocks taken from pageblocks of another type
 * @MMBOX_EVENT_STEAL_CONVERT:	of these, with the pageblock
 * @MMBOX_EVENT_SECTION_ADD:	sections added to a live box
 * @MMBOX_EVENT_SECTION_REMOVE:	sections taken from a live box
 * @MMBOX_EVENT_OBJECT_ALLOC:	allocations through the device
 * @MMBOX_EVENT_OBJECT_FREE:	of these, the ones gone for good
 * @MMBOX_EVENT_OBJECT_MMAP:	mappings of such allocations
 * @MMBOX_EVENT_FAULT_ONE:	faults in such mappings, of variant fault
 * @MMBOX_EVENT_FAULT_BATCH:	likewise, of variant batch
 * @MMBOX_EVENT_FAULT_INSERT:	likewise, of variant insert
 * @MMBOX_EVENT_FAULT_SIGBUS:	likewise of all, with nothing to show
 * @MMBOX_EVENT_VMAP_MAP:	areas mapped
 * @MMBOX_EVENT_VMAP_UNMAP:	areas given back
 * @MMBOX_EVENT_VMAP_REFUSED:	requests for areas, and returns of areas, that
 *				were refused
 * @MMBOX_EVENT_VMAP_PURGE:	purges
 * @MMBOX_EVENT_VMAP_SHOOTDOWN:	times that all CPUs forgot all translations
 * @MMBOX_EVENT_VMAP_FLUSH:	pages of addresses that became of use again so
 * @MMBOX_EVENT_KMAP_WAIT:	waits for a slot
 * @MMBOX_EVENT_KMAP_FLUSH:	times that all CPUs forgot slots
 * @MMBOX_NR_EVENTS:		number of counters
 */
enum mmbox_event {
	MMBOX_EVENT_PGALLOC,
	MMBOX_EVENT_PGFREE = MMBOX_EVENT_PGALLOC + MMBOX_NR_ZONES,
	MMBOX_EVENT_ALLOC_FAIL,
	MMBOX_EVENT_ALLOC_FALLBACK,
	MMBOX_EVENT_FREE_REFUSED,
	MMBOX_EVENT_SLAB_ERROR,
	MMBOX_EVENT_LEDGER_LOST,
	MMBOX_EVENT_STEAL,
	MMBOX_EVENT_STEAL_CONVERT,
	MMBOX_EVENT_SECTION_ADD,
	MMBOX_EVENT_SECTION_REMOVE,
	MMBOX_EVENT_OBJECT_ALLOC,
	MMBOX_EVENT_OBJECT_FREE,
	MMBOX_EVENT_OBJECT_MMAP,
	MMBOX_EVENT_FAULT_ONE,
	MMBOX_EVENT_FAULT_BATCH,
	MMBOX_EVENT_FAULT_INSERT,
	MMBOX_EVENT_FAULT_SIGBUS,
	MMBOX_EVENT_VMAP_MAP,
	MMBOX_EVENT_VMAP_UNMAP,
	MMBOX_EVENT_VMAP_REFUSED,
	MMBOX_EVENT_VMAP_PURGE,
	MMBOX_EVENT_VMAP_SHOOTDOWN,
	MMBOX_EVENT_VMAP_FLUSH,
	MMBOX_EVENT_KMAP_WAIT,
	MMBOX_EVENT_KMAP_FLUSH,
	MMBOX_NR_EVENTS,
};

extern const char *const mmbox_event_name[MMBOX_NR_EVENTS];

struct mmbox_stat {
	unsigned long event[MMBOX_NR_EVENTS];
};

static inline void mmbox_stat_add(struct mmbox_stat __percpu *stat,
				  unsigned int event, unsigned long nr)
{
	this_cpu_add(stat->event[event], nr);
}

static inline void mmbox_stat_inc(struct mmbox_stat __percpu *stat,
				  unsigned int event)
{
	this_cpu_inc(stat->event[event]);
}

unsigned long mmbox_stat_read(const struct mmbox_stat __percpu *stat,
			      unsigned int event);

#endif /* MMBOX_STAT_H */
