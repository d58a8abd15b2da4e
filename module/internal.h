/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What three or more parts share. No logic here.
 *
 * Layers. A file calls only its own layer and those below it:
 *
 *   0 page section slab_index    descriptors, the indices of frames and slabs,
 *     stat compat trace who      counters, tracepoints, who did something, places
 *     site ledger                that call for memory, what is allocated
 *   1 backing                    pages from and to the host
 *   2 memblock bootmem           free memory while there is no buddy
 *   3 buddy buddy_steal          free blocks, by migrate type
 *     buddy_lists
 *   4 pcp                        free blocks that a CPU has at hand
 *   5 zone zone_init boot        zones, their filling, zonelists, the
 *     page_alloc alloc_slow      allocation path, what it refused, what it took
 *     refusal steal watermark    elsewhere, what zones keep back, and changing
 *     highatomic resize          their size, who has pages
 *     shrinker boot_log
 *     page_owner
 *   6 slab_layout slab_pool      how objects lie in slabs, descriptors of slabs,
 *     slab_pages slab sheaf      their pages, slabs, sheaves of objects, wrong
 *     slab_wrong slab_track      frees, who had an object, checks of objects,
 *     slab_debug slab_hooks      what there is to do beyond the fast path, the
 *     slab_alloc slab_common     allocation path, caches, memory by size, what
 *     slab_count kmalloc         caches have, the ledger switched, objects kept
 *     account slab_quarantine    back, and those with a page
 *     slab_guard leaks           of their own, what nobody has freed
 *     vmap_area                  addresses that are free or taken
 *   7 pgentry pgwalk             the machine's page tables, looked at
 *     pgtable vmap_space         page table entries, areas of addresses, pieces
 *     vmap_chunk vmap_purge      that CPUs cut them off, what becomes of use
 *     vmap_look vmap_map vmap    again; pages mapped there, the kernel's calls
 *     vmalloc kvmalloc           for that, memory from wherever it can be had
 *     ioremap kmap vmap_guard    memory of devices, pages without an address,
 *                                pages for single objects
 *   9 object object_map inode    what user space sees
 *     fault_log
 *     chardev mmap files
 *     walk config tune report_tune
 *     report report_types
 *     report_boot report_refusal
 *     report_who report_vmap
 *     report_slab files_slab
 *     report_kmap cache_request
 *     report_alloc report_fault
 *     kpageflags
 *  10 box main                   boxes, and the module as a whole
 *
 * The public interface in include/mmbox.h may be called from anywhere.
 *
 * Lock order, outermost first:
 *
 *   1 mmbox_boxes_lock     mutex: the list of boxes, their user counts, and
 *                          whether they are live; held for short
 *   2 box->tune_lock       mutex: settings, and what follows from them: the
 *                          marks of the zones, the limits of CPUs' lists
 *   2 box->device_lock	    mutex: caches that the device works with
 *   3 cpu_hotplug_lock     the host's, held while a CPU comes or goes
 *   4 mmap_lock            the host's, held around mmap() and VMA operations
 *   5 object->entering     rwsem: pages of the object are shown, at a fault or
 *                          to a debugger
 *   5 box->objects_lock    mutex: objects of the box, and the lists of those
 *                          that belong to open files; the host's locks of
 *                          mappings and page tables are taken inside
 *   6 box->caches_lock     mutex: the caches of the box
 *   7 kmap->setup          mutex: slots for pages without an address come and go
 *   7 box->drain_lock      mutex: one at a time empties the CPUs' lists
 *   8 mmbox_sections_lock  mutex: changes to the index of sections
 *   8 vmap->mutex          mutex: one at a time makes a box's window, or purges
 *   9 vmaps_lock           mutex: the list of address spaces
 *   9 tables_lock          mutex: the list of tables of places
 *   9 barn->lock           spinlock, interrupts off: sheaves of a node
 *   9 node->lock           spinlock, interrupts off: slabs of a node
 *   9 cache->path_lock     spinlock, interrupts off: layout of new slabs, and
 *                          what allocations of a cache go through
 *   9 pool->lock           spinlock, interrupts off: descriptors of slabs
 *   9 cache->quarantine_lock  spinlock, interrupts off: freed objects that are
 *                          kept back
 *  10 zone->lock           spinlock, interrupts off: the zone's buddy, the
 *                          words of its pages, and the boost of its marks
 *  10 kmap->lock           spinlock: slots that all CPUs share
 *  11 guard->lock          raw spinlock, interrupts off: guarded objects that
 *                          were freed
 *  11 refusals->lock       raw spinlock, interrupts off: wrong frees
 *  11 steals->lock         raw spinlock, interrupts off: fallbacks
 *  11 sites->lock          raw spinlock, interrupts off: places are added
 *  11 ledger->lock[]       raw spinlocks, interrupts off: what is allocated
 *  11 vmap->lock           raw spinlock, interrupts off: areas, holes, and the
 *                          chunks that no CPU has
 *
 * A CPU's lists of pages and its sheaves have no lock, nor has the chunk that it
 * cuts small areas off: the CPU itself works on them with preemption off, see
 * pcp.h, sheaf.h and vmap_chunk.h. Other locks are not taken inside of that, for
 * PREEMPT_RT.
 *
 * Without a lock: finding the section of a frame (preemption off), event
 * counters (per CPU), records of failed allocations (refusal.c), the marks of a
 * zone (watermark.c), the limits of lists (pcp.c), the list of address spaces
 * (preemption off), and reading a number for a file where a torn view over
 * several numbers is harmless (marked with data_race()).
 *
 * User memory is never touched under a lock from 5 on: a fault takes lock 4.
 */
#ifndef MMBOX_INTERNAL_H
#define MMBOX_INTERNAL_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <uapi/linux/mmbox.h>

#include "kmalloc.h"
#include "stat.h"
#include "zone.h"

#define MMBOX_RELEASE	"0.1.0"

struct dentry;
struct mmbox_boot;
struct mmbox_cache;
struct mmbox_cpu_sheaves;
struct mmbox_flush;
struct mmbox_guard;
struct mmbox_kmap;
struct mmbox_ledger;
struct proc_dir_entry;
struct mmbox_refusals;
struct mmbox_report;
struct mmbox_shrinker;
struct mmbox_sites;
struct mmbox_steals;
struct mmbox_vmap;
struct workqueue_struct;

/**
 * struct mmbox - a box
 * @kmalloc_sheaves: what the fast path of mmbox_kmalloc() works on, for each
 *		  size; stands first, which saves an instruction there
 * @name:	  its name, unique among all boxes
 * @stat:	  event counters
 * @refusals:	  the last allocations and frees refused, see refusal.c; set once
 * @steals:	  the last fallbacks, see steal.c; set once
 * @sites:	  places that call for its memory, see site.c; set once
 * @ledger:	  what is allocated, and who asked for it, see account.c; or NULL;
 *		  set once
 * @accounts:	  what the ledger keeps, MMBOX_LEDGER_* bits: allocations and
 *		  frees have to go the long way (tune_lock)
 * @list:	  link in the list of boxes          (mmbox_boxes_lock)
 * @nr_users:	  references: bound files, modules   (mmbox_boxes_lock)
 * @live:	  complete, and can be got           (mmbox_boxes_lock)
 * @hotplug:	  link in the list of those to be told that a CPU has gone
 * @tune_lock:	  guards what follows
 * @settings:	  as they are in force
 * @min_free_auto: min_free_kbytes follows from the size of the box
 * @shrinker:	  gives pages back to a host in need, see shrinker.c
 * @release:	  has parts above the zones give back the pages that they only
 *		  keep at hand, or NULL; set once
 * @vmap:	  its address space, set once
 * @kmap:	  slots for pages without an address, set once
 * @drain_lock:	  one drain at a time
 * @drain_wq:	  runs what follows, set once
 * @drain:	  for each CPU what empties its lists
 * @device_lock:  one request about caches at a time, so that they stay
 * @caches_lock:  guards what follows
 * @caches:	  caches of objects, its own and those of others
 * @next_cache:	  number of the next of these
 * @cache_made:	  told of each cache that others make, before they get it, or
 *		  NULL; set once. May refuse it with -errno
 * @cache_going:  told of each cache that goes, once, or NULL; set once
 * @flush:	  for each CPU what gives back its objects at hand, set once
 * @sheaf_cache:  where sheaves come from, set once
 * @kmalloc:	  a cache for each kind and size, set once
 * @kmalloc_copies: more of them, see kmalloc.c; changed under tune_lock
 * @guard:	  guarded objects that were freed last, see slab_guard.c; made when
 *		  there are to be any                 (caches_lock)
 * @objects_lock: guards what follows
 * @files:	  open files of the device that are bound to it
 * @objects:	  allocations made through the device, by id
 * @next_id:	  where the search for a free id starts
 * @sweep:	  frees allocations whose pages somebody else still had, see object.c
 * @reports:	  private data of its files, set once
 * @debugfs:	  its directory in debugfs, set once
 * @proc:	  its directory in procfs, set once
 * @slab_debugfs: the directory of its caches in debugfs, set once
 * @slab_proc:	  likewise in procfs
 * @boot:	  how it was filled, see boot.c; set once
 * @nr_taken:	  pages taken from the host, set once
 * @nr_nodes:	  length of @node
 * @node:	  its NUMA nodes by node id, set once; NULL where the host has
 *		  no such node
 */
struct mmbox {
	struct mmbox_cpu_sheaves __percpu *kmalloc_sheaves
		[MMBOX_NR_KMALLOC_CLASSES + 1];

	char name[MMBOX_NAME_LEN];
	struct mmbox_stat __percpu *stat;
	struct mmbox_refusals *refusals;
	struct mmbox_steals *steals;
	struct mmbox_sites *sites;
	struct mmbox_ledger *ledger;
	unsigned int accounts;

	struct list_head list;
	unsigned int nr_users;
	bool live;
	struct hlist_node hotplug;

	struct mutex tune_lock;
	struct mmbox_settings settings;
	bool min_free_auto;
	struct mmbox_shrinker *shrinker;
	struct mmbox_vmap *vmap;
	struct mmbox_kmap *kmap;

	void (*release)(struct mmbox *box);

	struct mutex drain_lock;
	struct workqueue_struct *drain_wq;
	struct mmbox_drain __percpu *drain;

	struct mutex device_lock;
	struct mutex caches_lock;
	struct list_head caches;
	u32 next_cache;
	int (*cache_made)(struct mmbox_cache *cache);
	void (*cache_going)(struct mmbox_cache *cache);
	struct mmbox_flush __percpu *flush;
	struct mmbox_cache *sheaf_cache;
	struct mmbox_cache *kmalloc[MMBOX_NR_KMALLOC_TYPES]
				   [MMBOX_NR_KMALLOC_CLASSES];
	struct mmbox_kmalloc_copies kmalloc_copies;
	struct mmbox_guard *guard;

	struct mutex objects_lock;
	struct list_head files;
	struct xarray objects;
	u32 next_id;
	struct delayed_work sweep;

	struct mmbox_report *reports;
	struct dentry *debugfs;
	struct proc_dir_entry *proc;
	struct dentry *slab_debugfs;
	struct proc_dir_entry *slab_proc;

	struct mmbox_boot *boot;
	unsigned long nr_taken;
	unsigned int nr_nodes;
	struct mmbox_node *node[];
};

#endif /* MMBOX_INTERNAL_H */
