// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU event counters of a box: one enum, one table of names. Counting is
 * one unlocked instruction on the CPU's own copy; only reading adds them up.
 */
#include <linux/cpumask.h>

#include "stat.h"

const char *const mmbox_event_name[MMBOX_NR_EVENTS] = {
	[MMBOX_EVENT_PGALLOC + MMBOX_ZONE_DMA]		= "pgalloc_dma",
	[MMBOX_EVENT_PGALLOC + MMBOX_ZONE_DMA32]	= "pgalloc_dma32",
	[MMBOX_EVENT_PGALLOC + MMBOX_ZONE_NORMAL]	= "pgalloc_normal",
	[MMBOX_EVENT_PGALLOC + MMBOX_ZONE_HIGHMEM]	= "pgalloc_high",
	[MMBOX_EVENT_PGALLOC + MMBOX_ZONE_MOVABLE]	= "pgalloc_movable",
	[MMBOX_EVENT_PGFREE]				= "pgfree",
	[MMBOX_EVENT_ALLOC_FAIL]			= "alloc_fail",
	[MMBOX_EVENT_ALLOC_FALLBACK]			= "alloc_fallback",
	[MMBOX_EVENT_FREE_REFUSED]			= "free_refused",
	[MMBOX_EVENT_SLAB_ERROR]			= "slab_error",
	[MMBOX_EVENT_LEDGER_LOST]			= "ledger_lost",
	[MMBOX_EVENT_STEAL]				= "steal",
	[MMBOX_EVENT_STEAL_CONVERT]			= "steal_convert",
	[MMBOX_EVENT_SECTION_ADD]			= "section_add",
	[MMBOX_EVENT_SECTION_REMOVE]			= "section_remove",
	[MMBOX_EVENT_OBJECT_ALLOC]			= "object_alloc",
	[MMBOX_EVENT_OBJECT_FREE]			= "object_free",
	[MMBOX_EVENT_OBJECT_MMAP]			= "object_mmap",
	[MMBOX_EVENT_FAULT_ONE]				= "fault_one",
	[MMBOX_EVENT_FAULT_BATCH]			= "fault_batch",
	[MMBOX_EVENT_FAULT_INSERT]			= "fault_insert",
	[MMBOX_EVENT_FAULT_SIGBUS]			= "fault_sigbus",
	[MMBOX_EVENT_VMAP_MAP]				= "vmap_map",
	[MMBOX_EVENT_VMAP_UNMAP]			= "vmap_unmap",
	[MMBOX_EVENT_VMAP_REFUSED]			= "vmap_refused",
	[MMBOX_EVENT_VMAP_PURGE]			= "vmap_purge",
	[MMBOX_EVENT_VMAP_SHOOTDOWN]			= "vmap_shootdown",
	[MMBOX_EVENT_VMAP_FLUSH]			= "vmap_flush_pages",
	[MMBOX_EVENT_KMAP_WAIT]				= "kmap_wait",
	[MMBOX_EVENT_KMAP_FLUSH]			= "kmap_flush",
};

/**
 * mmbox_stat_read - the sum of a counter over all CPUs
 * @stat:  the box's counters
 * @event: enum mmbox_event
 *
 * A CPU that is offline keeps its share. The sum is not one instant's: other
 * CPUs go on counting while it is made.
 *
 * Context: any.
 * Return: the sum.
 */
unsigned long mmbox_stat_read(const struct mmbox_stat __percpu *stat,
			      unsigned int event)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(stat, cpu)->event[event]);
	return sum;
}
