/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_MEMBLOCK_H
#define MMBOX_MEMBLOCK_H

#include <linux/types.h>

/* No address: what an allocation returns when there is no room. */
#define MMBOX_NO_ADDR		(~0ULL)

/* The node of a range that belongs to none, or of a search on any. */
#define MMBOX_NO_NODE		(-1)

/* Memory without a kernel address: nothing can be kept in it. */
#define MMBOX_REGION_NOMAP	0x1
/* Memory of a zone that lies wherever there is some, also among another's. */
#define MMBOX_REGION_HIGHMEM	0x2
#define MMBOX_REGION_MOVABLE	0x4
#define MMBOX_REGION_STRAY	(MMBOX_REGION_HIGHMEM | MMBOX_REGION_MOVABLE)

/**
 * enum mmbox_boot_step_kind - what happened, step by step, as a box was filled
 * @MMBOX_STEP_ADD:	 memory came from the host
 * @MMBOX_STEP_REMOVE:	 memory went
 * @MMBOX_STEP_RESERVE:	 a range was marked as in use
 * @MMBOX_STEP_FREE:	 a range was marked as free again
 * @MMBOX_STEP_MERGE:	 neighbours became one region
 * @MMBOX_STEP_SPLIT:	 a region was cut in two
 * @MMBOX_STEP_GROW:	 an array of regions became longer
 * @MMBOX_STEP_BITMAP:	 a node got its bitmap
 * @MMBOX_STEP_ALLOC:	 somebody got a piece of the box's memory
 * @MMBOX_STEP_HOST:	 somebody got memory of the host instead
 * @MMBOX_STEP_PUBLISH:	 sections became visible, their frames are in use
 * @MMBOX_STEP_HANDOVER: free blocks went to the buddy
 * @MMBOX_NR_STEPS: number of kinds
 */
enum mmbox_boot_step_kind {
	MMBOX_STEP_ADD,
	MMBOX_STEP_REMOVE,
	MMBOX_STEP_RESERVE,
	MMBOX_STEP_FREE,
	MMBOX_STEP_MERGE,
	MMBOX_STEP_SPLIT,
	MMBOX_STEP_GROW,
	MMBOX_STEP_BITMAP,
	MMBOX_STEP_ALLOC,
	MMBOX_STEP_HOST,
	MMBOX_STEP_PUBLISH,
	MMBOX_STEP_HANDOVER,
	MMBOX_NR_STEPS,
};

/**
 * struct mmbox_boot_step - one step
 * @kind:     what happened
 * @reserved: to which array: reserved, else memory
 * @nid:      on which node, or MMBOX_NO_NODE
 * @zone:     in which zone, or -1
 * @order:    of the blocks that were added or handed over
 * @base:     first byte
 * @size:     bytes
 * @count:    how often: blocks, allocations, joined pairs; the length of an
 *	      array; bits of a bitmap
 */
struct mmbox_boot_step {
	enum mmbox_boot_step_kind kind;
	bool reserved;
	int nid;
	int zone;
	unsigned int order;
	u64 base;
	u64 size;
	unsigned long count;
};

/**
 * struct mmbox_memblock_ops - what the boot allocators need of their user
 * @alloc: memory for a longer array, or NULL
 * @free:  give such memory back
 * @event: is told of each step
 */
struct mmbox_memblock_ops {
	void *(*alloc)(size_t bytes);
	void (*free)(void *memory);
	void (*event)(void *arg, const struct mmbox_boot_step *step);
};

/**
 * struct mmbox_region - a range of memory
 * @base:  first byte
 * @size:  bytes, never 0
 * @nid:   node, or MMBOX_NO_NODE
 * @flags: MMBOX_REGION_* bits
 */
struct mmbox_region {
	u64 base;
	u64 size;
	int nid;
	unsigned int flags;
};

/* An array has this length before it grows. */
#define MMBOX_REGIONS_FIRST	16

/**
 * struct mmbox_regions - regions in ascending order that do not overlap
 * @nr:	    how many
 * @max:    how many @region has room for
 * @region: them
 * @first:  where they are in the beginning
 */
struct mmbox_regions {
	unsigned int nr;
	unsigned int max;
	struct mmbox_region *region;
	struct mmbox_region first[MMBOX_REGIONS_FIRST];
};

/**
 * struct mmbox_memblock - which memory there is, and which of it is in use
 * @memory:   what there is
 * @reserved: what is in use; may reach beyond @memory
 * @ops:      what it needs of its user
 * @arg:      passed to these
 */
struct mmbox_memblock {
	struct mmbox_regions memory;
	struct mmbox_regions reserved;
	const struct mmbox_memblock_ops *ops;
	void *arg;
};

/**
 * struct mmbox_window - where to look for free memory
 * @start:   first byte
 * @end:     byte behind the last one
 * @nid:     node, or MMBOX_NO_NODE for any
 * @with:    memory without any of these flags is passed over
 * @without: memory with any of these flags is passed over
 */
struct mmbox_window {
	u64 start;
	u64 end;
	int nid;
	unsigned int with;
	unsigned int without;
};

/**
 * struct mmbox_range - bytes from @start to the one before @end
 * @start: first byte
 * @end:   byte behind the last one
 */
struct mmbox_range {
	u64 start;
	u64 end;
};

void mmbox_memblock_init(struct mmbox_memblock *mb,
			 const struct mmbox_memblock_ops *ops, void *arg);
void mmbox_memblock_exit(struct mmbox_memblock *mb);
int mmbox_memblock_add(struct mmbox_memblock *mb, u64 base, u64 size, int nid,
		       unsigned int flags);
int mmbox_memblock_remove(struct mmbox_memblock *mb, u64 base, u64 size);
int mmbox_memblock_reserve(struct mmbox_memblock *mb, u64 base, u64 size);
int mmbox_memblock_free(struct mmbox_memblock *mb, u64 base, u64 size);
bool mmbox_memblock_next_memory(const struct mmbox_memblock *mb,
				const struct mmbox_window *window, u64 from,
				struct mmbox_range *range);
bool mmbox_memblock_next_free(const struct mmbox_memblock *mb,
			      const struct mmbox_window *window, u64 from,
			      struct mmbox_range *range);
bool mmbox_memblock_prev_free(const struct mmbox_memblock *mb,
			      const struct mmbox_window *window, u64 before,
			      struct mmbox_range *range);
u64 mmbox_memblock_alloc(struct mmbox_memblock *mb,
			 const struct mmbox_window *window, u64 size,
			 u64 align);

#endif /* MMBOX_MEMBLOCK_H */
