/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The user-space interface of mmbox: ioctls of /dev/mmbox.
 *
 * This is the only header that user space includes; docs/abi/ioctl.md tells
 * the meaning of every field and the error of every refusal.
 *
 * Rules of the interface:
 *  - An open file starts unbound. MMBOX_IOC_BIND ties it to one box; from
 *    then on ALLOC, FREE and mmap() act on that box.
 *  - Every request begins with the version it was written for. The size of
 *    the request travels in the ioctl number, so that a request may grow at
 *    its end: an older kernel accepts a longer request whose new fields are
 *    zero, a newer kernel takes missing fields as zero.
 *  - Fields marked "out" are filled by the kernel and ignored on input. A
 *    request that fails has no answer, unless a field says that it has.
 *    Reserved fields must be zero.
 */
#ifndef _UAPI_LINUX_MMBOX_H
#define _UAPI_LINUX_MMBOX_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MMBOX_ABI_VERSION	1

#define MMBOX_NAME_LEN		32	/* a box's name with its final NUL */
#define MMBOX_CONFIG_LEN	256	/* a box's configuration, likewise */
#define MMBOX_REASON_LEN	256	/* why something is refused, likewise */
#define MMBOX_RELEASE_LEN	32	/* the module's release, likewise */

/**
 * struct mmbox_ioc_info - what the module is, and which box a file is bound to
 * @version:	   ignored, so that any program can ask
 * @abi_version:   out: MMBOX_ABI_VERSION of the module
 * @page_size:	   out: bytes in a page
 * @max_order:	   out: largest order that an allocation may have
 * @release:	   out: release of the module
 * @box:	   out: name of the box this file is bound to, or empty
 */
struct mmbox_ioc_info {
	__u32 version;
	__u32 abi_version;
	__u32 page_size;
	__u32 max_order;
	char release[MMBOX_RELEASE_LEN];
	char box[MMBOX_NAME_LEN];
};

/**
 * struct mmbox_ioc_box - name a box, to bind to it or to destroy it
 * @version:	MMBOX_ABI_VERSION
 * @reserved:	must be zero
 * @name:	the box's name
 */
struct mmbox_ioc_box {
	__u32 version;
	__u32 reserved;
	char name[MMBOX_NAME_LEN];
};

/**
 * struct mmbox_ioc_create - create a box
 * @version:	MMBOX_ABI_VERSION
 * @reserved:	must be zero
 * @name:	the new box's name: letters, digits, '-' and '_'
 * @config:	its configuration, written as the module parameter "pool" is
 */
struct mmbox_ioc_create {
	__u32 version;
	__u32 reserved;
	char name[MMBOX_NAME_LEN];
	char config[MMBOX_CONFIG_LEN];
};

/*
 * Which zone an allocation starts from: at most one of these, GFP_USER if it is
 * none.
 */
#define MMBOX_GFP_DMA		0x1
#define MMBOX_GFP_DMA32		0x2
#define MMBOX_GFP_HIGHMEM	0x4
#define MMBOX_GFP_ZONES		(MMBOX_GFP_DMA | MMBOX_GFP_DMA32 | \
				 MMBOX_GFP_HIGHMEM)
/*
 * Its migrate type: at most one of these, unmovable if it is none. MOVABLE with
 * HIGHMEM starts from zone Movable.
 */
#define MMBOX_GFP_MOVABLE	0x8
#define MMBOX_GFP_RECLAIMABLE	0x10
#define MMBOX_GFP_TYPES		(MMBOX_GFP_MOVABLE | MMBOX_GFP_RECLAIMABLE)
#define MMBOX_GFP_ALL		(MMBOX_GFP_ZONES | MMBOX_GFP_TYPES)

/* The allocation belongs to the box and outlives the file. */
#define MMBOX_ALLOC_KEEP	0x1
/*
 * Single pages, from wherever they are free, side by side at addresses of the
 * kernel: as vmalloc() does it.
 */
#define MMBOX_ALLOC_VMALLOC	0x2
#define MMBOX_ALLOC_ALL		(MMBOX_ALLOC_KEEP | MMBOX_ALLOC_VMALLOC)

/* How mmap() shows the pages of an allocation. */
#define MMBOX_VARIANT_REMAP	0	/* frames, all of them at mmap() */
#define MMBOX_VARIANT_FAULT	1	/* frames, each when it is first touched */
#define MMBOX_VARIANT_BATCH	2	/* frames, all at the first touch of any */
#define MMBOX_VARIANT_INSERT	3	/* counted pages, all of them at mmap() */
#define MMBOX_NR_VARIANTS	4

/**
 * struct mmbox_ioc_alloc - allocate one block of contiguous, zeroed pages
 * @version:	 MMBOX_ABI_VERSION
 * @gfp:	 MMBOX_GFP_* bits
 * @flags:	 MMBOX_ALLOC_* bits
 * @order:	 out: order of the block, the smallest that holds @size bytes;
 *		 0 for MMBOX_ALLOC_VMALLOC
 * @size:	 bytes wanted
 * @length:	 out: bytes in the block, page size << order, or in all pages
 * @mmap_offset: out: offset at which mmap() finds the first page
 * @id:		 out: handle of the allocation
 * @variant:	 MMBOX_VARIANT_*
 */
struct mmbox_ioc_alloc {
	__u32 version;
	__u32 gfp;
	__u32 flags;
	__u32 order;
	__aligned_u64 size;
	__aligned_u64 length;
	__aligned_u64 mmap_offset;
	__u32 id;
	__u32 variant;
};

/* Whoever has the allocation mapped loses it: further touches end in SIGBUS. */
#define MMBOX_FREE_REVOKE	0x1
#define MMBOX_FREE_ALL		MMBOX_FREE_REVOKE

/**
 * struct mmbox_ioc_free - give up an allocation
 * @version:	MMBOX_ABI_VERSION
 * @id:		handle of the allocation
 * @flags:	MMBOX_FREE_* bits
 * @reserved:	must be zero
 */
struct mmbox_ioc_free {
	__u32 version;
	__u32 id;
	__u32 flags;
	__u32 reserved;
};

/**
 * struct mmbox_ioc_set - change a setting of a box that is in use
 * @version:	MMBOX_ABI_VERSION
 * @reserved:	must be zero
 * @name:	the box's name
 * @setting:	"name=value", as in the box's configuration
 * @reason:	out, if the request fails: why, or empty where the errno says all
 */
struct mmbox_ioc_set {
	__u32 version;
	__u32 reserved;
	char name[MMBOX_NAME_LEN];
	char setting[MMBOX_CONFIG_LEN];
	char reason[MMBOX_REASON_LEN];
};

/* What MMBOX_IOC_WALK looks up. */
#define MMBOX_WALK_USER		0	/* an address of a process */
#define MMBOX_WALK_KERNEL	1	/* an address of the kernel */
#define MMBOX_WALK_OBJECT	2	/* where the kernel has an allocation */

/* Levels of page tables, lowest first. A machine with four has no P4D. */
#define MMBOX_LEVEL_PTE		1
#define MMBOX_LEVEL_PMD		2
#define MMBOX_LEVEL_PUD		3
#define MMBOX_LEVEL_P4D		4
#define MMBOX_LEVEL_PGD		5
#define MMBOX_MAX_LEVELS	5

/* What the bits of an entry say, whatever level it is of. */
#define MMBOX_ENTRY_PRESENT	0x1
#define MMBOX_ENTRY_WRITE	0x2
#define MMBOX_ENTRY_USER	0x4
#define MMBOX_ENTRY_PWT		0x8
#define MMBOX_ENTRY_PCD		0x10
#define MMBOX_ENTRY_ACCESSED	0x20
#define MMBOX_ENTRY_DIRTY	0x40
#define MMBOX_ENTRY_LEAF	0x80	/* it maps memory, not a table */
#define MMBOX_ENTRY_GLOBAL	0x100
#define MMBOX_ENTRY_PAT		0x200
#define MMBOX_ENTRY_NX		0x400
#define MMBOX_ENTRY_PROTNONE	0x800	/* not present: nobody may access it */
#define MMBOX_ENTRY_OTHER	0x1000	/* not present, and not empty either */
#define MMBOX_ENTRY_BAD		0x2000	/* present, and not an entry that can be */

/**
 * struct mmbox_walk_entry - what stands at one level for an address
 * @entry: the entry as it is, without the frame if MMBOX_WALK_HIDDEN
 * @table: physical address of the table it stands in, 0 if MMBOX_WALK_HIDDEN
 * @flags: MMBOX_ENTRY_* bits
 * @index: which entry of the table
 * @level: MMBOX_LEVEL_*
 */
struct mmbox_walk_entry {
	__aligned_u64 entry;
	__aligned_u64 table;
	__u32 flags;
	__u16 index;
	__u16 level;
};

#define MMBOX_WALK_MAPPED	0x1	/* there is memory at the address */
#define MMBOX_WALK_HIDDEN	0x2	/* physical addresses are left out */
#define MMBOX_WALK_PAGE		0x4	/* that memory is a page of a box */
#define MMBOX_WALK_IN_CACHE	0x8	/* it belongs to a cache of a box */
#define MMBOX_WALK_IN_AREA	0x10	/* the address is one of an area of a box */

/* What a page of a box is used for. */
#define MMBOX_WALK_ALLOCATED	1
#define MMBOX_WALK_FREE		2
#define MMBOX_WALK_PCP		3	/* on a CPU's list */
#define MMBOX_WALK_RESERVED	4	/* holds descriptors of the box */

/* What an area of a box is for. */
#define MMBOX_AREA_OF_VMALLOC	1	/* pages that were allocated for it */
#define MMBOX_AREA_OF_VMAP	2	/* pages of somebody else */
#define MMBOX_AREA_OF_IOREMAP	3	/* memory of a device */
#define MMBOX_AREA_OF_KMAP	4	/* places for pages without an address */
#define MMBOX_AREA_OF_GUARDED	5	/* an object with guard pages around it */

/* Memory types, as the processor numbers them. */
#define MMBOX_MEMTYPE_UC	0	/* uncached */
#define MMBOX_MEMTYPE_WC	1	/* write-combining */
#define MMBOX_MEMTYPE_WT	4	/* write-through */
#define MMBOX_MEMTYPE_WP	5	/* write-protected */
#define MMBOX_MEMTYPE_WB	6	/* write-back: ordinary memory */
#define MMBOX_MEMTYPE_UC_MINUS	7	/* uncached, unless MTRRs say WC */

#define MMBOX_WALK_ZONE_LEN	16	/* a zone's name with its final NUL */
#define MMBOX_CACHE_NAME_LEN	64	/* a cache's name with its final NUL */

/**
 * struct mmbox_walk - what a walk through page tables found
 * @address:	 the virtual address
 * @phys:	 the physical address, if MMBOX_WALK_MAPPED and not hidden
 * @size:	 bytes that the last entry maps or, if it is empty, would
 * @flags:	 MMBOX_WALK_MAPPED and the others
 * @access:	 MMBOX_ENTRY_WRITE, _USER, _NX: what the entries allow together
 * @memtype:	 MMBOX_MEMTYPE_*, if MMBOX_WALK_MAPPED
 * @nr_levels:	 levels that the machine has, 4 or 5
 * @nr_entries:	 entries that were looked at
 * @page_state:	 MMBOX_WALK_ALLOCATED and the others, if MMBOX_WALK_PAGE; so
 *		 with what follows
 * @page_order:	 order of the block that the page is in
 * @page_index:	 which page of the block, 0 if MMBOX_WALK_HIDDEN
 * @node:	 NUMA node of the page
 * @object_size: bytes of an object, if MMBOX_WALK_IN_CACHE; so with all of @object
 * @object_used: 1 if somebody has it, 0 if it is free
 * @area_kind:	 MMBOX_AREA_OF_*, if MMBOX_WALK_IN_AREA; so with all of @area
 * @area_pages:	 pages of the area, without the guard page behind them
 * @reserved:	 0
 * @object:	 address of the object; 0 if @address is beside the objects
 * @area:	 address of the area's first page
 * @zone:	 zone of the page
 * @box:	 the box
 * @cache:	 the cache
 * @entry:	 the entries, top level first
 */
struct mmbox_walk {
	__aligned_u64 address;
	__aligned_u64 phys;
	__aligned_u64 size;
	__u32 flags;
	__u32 access;
	__u32 memtype;
	__u32 nr_levels;
	__u32 nr_entries;
	__u32 page_state;
	__u32 page_order;
	__u32 page_index;
	__u32 node;
	__u32 object_size;
	__u32 object_used;
	__u32 area_kind;
	__u32 area_pages;
	__u32 reserved;
	__aligned_u64 object;
	__aligned_u64 area;
	char zone[MMBOX_WALK_ZONE_LEN];
	char box[MMBOX_NAME_LEN];
	char cache[MMBOX_CACHE_NAME_LEN];
	struct mmbox_walk_entry entry[MMBOX_MAX_LEVELS];
};

/**
 * struct mmbox_ioc_walk - walk through page tables
 * @version:  MMBOX_ABI_VERSION
 * @what:     MMBOX_WALK_USER, MMBOX_WALK_KERNEL or MMBOX_WALK_OBJECT
 * @pid:      whose page tables; 0: the caller's, as it must be for an object
 * @id:	      handle of the object; else 0
 * @address:  the address; for an object a byte of it, counted from 0, and of
 *	      objects of a cache as if they lay side by side
 * @walk:     out: what was found
 */
struct mmbox_ioc_walk {
	__u32 version;
	__u32 what;
	__u32 pid;
	__u32 id;
	__aligned_u64 address;
	struct mmbox_walk walk;
};

/* Flags of a cache: the kernel's SLAB_* of the same names. */
#define MMBOX_CACHE_HWCACHE_ALIGN	0x1
#define MMBOX_CACHE_TYPESAFE_BY_RCU	0x2
#define MMBOX_CACHE_RECLAIM_ACCOUNT	0x4
#define MMBOX_CACHE_DMA			0x8
#define MMBOX_CACHE_DMA32		0x10
#define MMBOX_CACHE_ALL			0x1f

/**
 * struct mmbox_ioc_cache_create - create a cache of objects of one size
 * @version:	MMBOX_ABI_VERSION
 * @size:	bytes of an object
 * @align:	their alignment, a power of two up to a page, or 0
 * @flags:	MMBOX_CACHE_* bits
 * @name:	its name: letters, digits, '_', '-' and '.'
 */
struct mmbox_ioc_cache_create {
	__u32 version;
	__u32 size;
	__u32 align;
	__u32 flags;
	char name[MMBOX_CACHE_NAME_LEN];
};

/**
 * struct mmbox_ioc_cache - name a cache, to destroy or to shrink it
 * @version:	MMBOX_ABI_VERSION
 * @reserved:	must be zero
 * @name:	its name; to shrink without a name has all pages that nobody uses
 *		be free blocks again: those of all caches, and on CPUs' lists
 */
struct mmbox_ioc_cache {
	__u32 version;
	__u32 reserved;
	char name[MMBOX_CACHE_NAME_LEN];
};

/**
 * struct mmbox_ioc_cache_tune - change how a cache works
 * @version:	MMBOX_ABI_VERSION
 * @capacity:	objects in a sheaf; 0 for no sheaves
 * @name:	its name
 */
struct mmbox_ioc_cache_tune {
	__u32 version;
	__u32 capacity;
	char name[MMBOX_CACHE_NAME_LEN];
};

#define MMBOX_LETTERS_LEN	16	/* letters of checks with their final NUL */

/**
 * struct mmbox_ioc_cache_debug - switch the checks of a cache
 * @version:	MMBOX_ABI_VERSION
 * @reserved:	must be zero
 * @letters:	the kernel's: some of F, Z, P, U, T, or "-" for none
 * @name:	its name
 */
struct mmbox_ioc_cache_debug {
	__u32 version;
	__u32 reserved;
	char letters[MMBOX_LETTERS_LEN];
	char name[MMBOX_CACHE_NAME_LEN];
};

#define MMBOX_SLAB_ALLOC_MAX	65536	/* objects of one request */

/**
 * struct mmbox_ioc_slab_alloc - allocate objects, which get one handle together
 * @version:	MMBOX_ABI_VERSION
 * @flags:	MMBOX_ALLOC_* bits
 * @nr:		how many, 1 to MMBOX_SLAB_ALLOC_MAX; all of them or none
 * @id:		out: their handle
 * @size:	bytes of each, as for kmalloc(); 0 with a cache
 * @name:	name of the cache, or empty for memory by size
 *
 * User space never sees the objects themselves.
 */
struct mmbox_ioc_slab_alloc {
	__u32 version;
	__u32 flags;
	__u32 nr;
	__u32 id;
	__aligned_u64 size;
	char name[MMBOX_CACHE_NAME_LEN];
};

#define MMBOX_IOC_MAGIC		0xBD

#define MMBOX_IOC_INFO		_IOWR(MMBOX_IOC_MAGIC, 0, struct mmbox_ioc_info)
#define MMBOX_IOC_BIND		_IOW(MMBOX_IOC_MAGIC, 1, struct mmbox_ioc_box)
#define MMBOX_IOC_CREATE	_IOW(MMBOX_IOC_MAGIC, 2, struct mmbox_ioc_create)
#define MMBOX_IOC_DESTROY	_IOW(MMBOX_IOC_MAGIC, 3, struct mmbox_ioc_box)
#define MMBOX_IOC_ALLOC		_IOWR(MMBOX_IOC_MAGIC, 4, struct mmbox_ioc_alloc)
#define MMBOX_IOC_FREE		_IOW(MMBOX_IOC_MAGIC, 5, struct mmbox_ioc_free)
#define MMBOX_IOC_SET		_IOWR(MMBOX_IOC_MAGIC, 6, struct mmbox_ioc_set)
#define MMBOX_IOC_WALK		_IOWR(MMBOX_IOC_MAGIC, 7, struct mmbox_ioc_walk)
#define MMBOX_IOC_CACHE_CREATE	_IOW(MMBOX_IOC_MAGIC, 8, struct mmbox_ioc_cache_create)
#define MMBOX_IOC_CACHE_DESTROY	_IOW(MMBOX_IOC_MAGIC, 9, struct mmbox_ioc_cache)
#define MMBOX_IOC_CACHE_SHRINK	_IOW(MMBOX_IOC_MAGIC, 10, struct mmbox_ioc_cache)
#define MMBOX_IOC_CACHE_TUNE	_IOW(MMBOX_IOC_MAGIC, 11, struct mmbox_ioc_cache_tune)
#define MMBOX_IOC_SLAB_ALLOC	_IOWR(MMBOX_IOC_MAGIC, 12, struct mmbox_ioc_slab_alloc)
#define MMBOX_IOC_CACHE_DEBUG	_IOW(MMBOX_IOC_MAGIC, 13, struct mmbox_ioc_cache_debug)

#endif /* _UAPI_LINUX_MMBOX_H */
