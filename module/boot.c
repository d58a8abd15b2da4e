// SPDX-License-Identifier: GPL-2.0
/*
 * The boot stage of a box: from memory that came from the host to buddies that
 * have it.
 *
 * The memory is entered in a memblock, block by block. Then descriptors are
 * made for all of it, out of the box's own pages, by one of two boot allocators:
 * memblock itself, or a bitmap for each node, as the kernel had before. They are
 * packed, at the border of a cache line each, into the highest zone with a
 * kernel address that has room. Where they would take too much of a node, they
 * come from the host instead. At last the pages that nobody got are handed to
 * the buddies in the largest aligned blocks, low addresses first.
 *
 * Each step is recorded, and what was reserved stays known for the life of the
 * box, in memory of the host: pages that hold descriptors can be given back only
 * when no look-up finds a descriptor any more, and must be known by then.
 *
 * All this runs before a box is published or after it is withdrawn, so no lock
 * is needed.
 */
#include <linux/cache.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/slab.h>

#include "backing.h"
#include "boot.h"
#include "boot_log.h"
#include "bootmem.h"
#include "internal.h"
#include "section.h"

/* Descriptors take no more than this part of a node's memory. */
#define OWN_PART	8

/**
 * struct mmbox_boot - what a box knows of its boot stage
 * @kind:	 who gives out memory
 * @memblock:	 all memory; what is reserved, if it is memblock
 * @bitmap:	 else each node's bitmap, without bits where it has no memory
 * @handed_over: whether the free pages went to the buddies
 * @log:	 the record of its steps
 */
struct mmbox_boot {
	enum mmbox_boot_kind kind;
	struct mmbox_memblock memblock;
	struct mmbox_bootmem *bitmap;
	bool handed_over;
	struct mmbox_boot_log log;
};

const char *const mmbox_boot_name[MMBOX_NR_BOOT_KINDS] = {
	[MMBOX_BOOT_MEMBLOCK] = "memblock",
	[MMBOX_BOOT_BITMAP]  = "bitmap",
};

static void record_zone(struct mmbox_boot *boot,
			enum mmbox_boot_step_kind kind,
			const struct mmbox_zone *zone, u64 base, u64 size,
			unsigned int order)
{
	const struct mmbox_boot_step step = {
		.kind = kind,
		.reserved = kind == MMBOX_STEP_ALLOC,
		.nid = zone->nid,
		.zone = zone->type,
		.order = order,
		.base = base,
		.size = size,
		.count = 1,
	};

	mmbox_boot_log_add(&boot->log, &step);
}

static void *array_alloc(size_t bytes)
{
	return kvmalloc(bytes, GFP_KERNEL);
}

static void array_free(void *memory)
{
	kvfree(memory);
}

/* Memory is recorded here, with its zone, which a memblock does not know. */
static void memblock_event(void *arg, const struct mmbox_boot_step *step)
{
	struct mmbox_boot *boot = arg;

	if (step->kind != MMBOX_STEP_ADD)
		mmbox_boot_log_add(&boot->log, step);
}

static const struct mmbox_memblock_ops memblock_ops = {
	.alloc = array_alloc,
	.free = array_free,
	.event = memblock_event,
};

/**
 * mmbox_boot_create - begin the boot stage of a box
 * @box: the box, with its nodes
 * @cfg: tells who gives out memory
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmbox_boot_create(struct mmbox *box, const struct mmbox_config *cfg)
{
	struct mmbox_boot *boot = kzalloc(sizeof(*boot), GFP_KERNEL);

	if (!boot)
		return -ENOMEM;
	boot->kind = cfg->boot;
	mmbox_memblock_init(&boot->memblock, &memblock_ops, boot);
	box->boot = boot;
	return 0;
}

/**
 * mmbox_boot_destroy - forget the boot stage of a box
 * @box: the box, no longer published; it has no pages
 */
void mmbox_boot_destroy(struct mmbox *box)
{
	struct mmbox_boot *boot = box->boot;
	int nid;

	if (!boot)
		return;
	if (boot->bitmap)
		for_each_node(nid)
			kvfree(boot->bitmap[nid].map);
	kfree(boot->bitmap);
	mmbox_memblock_exit(&boot->memblock);
	kvfree(boot->log.step);
	kfree(boot);
	box->boot = NULL;
}

/* HighMem of a kernel that has none, and Movable, lie among other zones. */
static unsigned int stray_flag(enum mmbox_zone_type type)
{
	if (type == MMBOX_ZONE_MOVABLE)
		return MMBOX_REGION_MOVABLE;
	return type == MMBOX_ZONE_HIGHMEM ? MMBOX_REGION_HIGHMEM : 0;
}

/**
 * mmbox_boot_add - enter a block that came from the host
 * @box:   the box, in its boot stage
 * @page:  first page of the block
 * @order: its order
 * @type:  the zone it was asked for
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmbox_boot_add(struct mmbox *box, struct page *page, unsigned int order,
		   enum mmbox_zone_type type)
{
	struct mmbox_zone *zone = mmbox_zone_of_host(box, page, type);
	u64 base = PFN_PHYS(page_to_pfn(page)), size = PAGE_SIZE << order;
	unsigned int flags = stray_flag(zone->type);
	int err;

	if (zone->type == MMBOX_ZONE_HIGHMEM)
		flags |= MMBOX_REGION_NOMAP;
	record_zone(box->boot, MMBOX_STEP_ADD, zone, base, size, order);
	err = mmbox_memblock_add(&box->boot->memblock, base, size, zone->nid,
				 flags);
	if (!err)
		mmbox_zone_span(zone, page_to_pfn(page), 1UL << order);
	return err;
}

/*
 * Free and reserved pages, whoever gives them out
 */

static struct mmbox_window zone_window(const struct mmbox_zone *zone)
{
	unsigned int stray = stray_flag(zone->type);

	return (struct mmbox_window) {
		.start = PFN_PHYS(zone->start_pfn),
		.end = PFN_PHYS(zone->start_pfn + zone->spanned),
		.nid = zone->nid,
		.with = stray,
		.without = MMBOX_REGION_STRAY & ~stray,
	};
}

/*
 * The next part of a window that is all memory of its kind: a bitmap has only
 * one bit for a page, and knows of no kinds.
 */
static bool next_part(const struct mmbox_boot *boot,
		      const struct mmbox_window *window, u64 from,
		      struct mmbox_window *part)
{
	struct mmbox_range range;

	if (!mmbox_memblock_next_memory(&boot->memblock, window, from, &range))
		return false;
	*part = *window;
	part->start = range.start;
	part->end = range.end;
	return true;
}

static bool next_clear(const struct mmbox_boot *boot,
		       const struct mmbox_window *window, u64 from,
		       struct mmbox_range *range)
{
	const struct mmbox_bootmem *bm = &boot->bitmap[window->nid];
	struct mmbox_window part;

	for (; next_part(boot, window, from, &part); from = part.end)
		if (mmbox_bootmem_next_free(bm, &part, from, range))
			return true;
	return false;
}

static u64 alloc_clear(const struct mmbox_boot *boot,
		       const struct mmbox_window *window, u64 size)
{
	struct mmbox_bootmem *bm = &boot->bitmap[window->nid];
	struct mmbox_window part;
	u64 base = MMBOX_NO_ADDR, from = 0;

	for (; base == MMBOX_NO_ADDR && next_part(boot, window, from, &part);
	     from = part.end)
		base = mmbox_bootmem_alloc(bm, &part, size, SMP_CACHE_BYTES);
	return base;
}

/* The first whole pages in a row that are free. */
static bool next_free(const struct mmbox_boot *boot,
		      const struct mmbox_window *window, u64 from,
		      struct mmbox_range *range)
{
	if (boot->bitmap)
		return next_clear(boot, window, from, range);
	while (mmbox_memblock_next_free(&boot->memblock, window, from, range)) {
		from = range->end;
		range->start = PAGE_ALIGN(range->start);
		range->end = range->end & PAGE_MASK;
		if (range->start < range->end)
			return true;
	}
	return false;
}

static u64 alloc_from(struct mmbox_boot *boot, const struct mmbox_zone *zone,
		      u64 size)
{
	struct mmbox_window window = zone_window(zone);
	u64 base;

	window.without |= MMBOX_REGION_NOMAP;
	if (boot->bitmap)
		base = alloc_clear(boot, &window, size);
	else
		base = mmbox_memblock_alloc(&boot->memblock, &window, size,
					    SMP_CACHE_BYTES);
	if (base != MMBOX_NO_ADDR)
		record_zone(boot, MMBOX_STEP_ALLOC, zone, base, size, 0);
	return base;
}

/* Memory out of the highest zone of the node that has room, or NULL. */
static void *alloc_own(struct mmbox *box, int nid, u64 size)
{
	int type;

	for (type = MMBOX_ZONE_NORMAL; type >= 0; type--) {
		struct mmbox_zone *zone = &box->node[nid]->zone[type];
		u64 base;

		if (!zone->present)
			continue;
		base = alloc_from(box->boot, zone, size);
		if (base != MMBOX_NO_ADDR)
			return page_address(pfn_to_page(PHYS_PFN(base))) +
			       offset_in_page(base);
	}
	return NULL;
}

static int create_bitmap(struct mmbox *box, int nid)
{
	struct mmbox_bootmem *bm = &box->boot->bitmap[nid];
	unsigned long start = ULONG_MAX, end = 0;
	struct mmbox_boot_step step = {
		.kind = MMBOX_STEP_BITMAP,
		.nid = nid,
		.zone = -1,
	};
	unsigned long *map;
	int type;

	for (type = 0; type < MMBOX_NR_ZONES; type++) {
		struct mmbox_zone *zone = &box->node[nid]->zone[type];

		if (!zone->present)
			continue;
		start = min(start, zone->start_pfn);
		end = max(end, zone->start_pfn + zone->spanned);
	}
	if (!end)
		return 0;
	map = kvzalloc(mmbox_bootmem_bytes(end - start), GFP_KERNEL);
	if (!map)
		return -ENOMEM;
	mmbox_bootmem_init(bm, map, start, end);
	step.base = PFN_PHYS(start);
	step.size = PFN_PHYS(end) - step.base;
	step.count = end - start;
	mmbox_boot_log_add(&box->boot->log, &step);
	return 0;
}

/* Bitmaps of all nodes; what memory there is, is free in them. */
static int create_bitmaps(struct mmbox *box)
{
	const struct mmbox_regions *memory = &box->boot->memblock.memory;
	unsigned int i;
	int nid, err;

	box->boot->bitmap = kcalloc(box->nr_nodes, sizeof(*box->boot->bitmap),
				    GFP_KERNEL);
	if (!box->boot->bitmap)
		return -ENOMEM;
	for_each_node(nid) {
		err = create_bitmap(box, nid);
		if (err)
			return err;
	}
	for (i = 0; i < memory->nr; i++) {
		const struct mmbox_region *region = &memory->region[i];

		mmbox_bootmem_free(&box->boot->bitmap[region->nid],
				   region->base, region->size);
	}
	return 0;
}

/*
 * Sections
 */

#define SECTION_BYTES	((u64)MMBOX_SECTION_PAGES << PAGE_SHIFT)

/* What its descriptors take: none shares a cache line with the next one's. */
#define SECTION_SIZE	((u64)ALIGN(sizeof(struct mmbox_section), SMP_CACHE_BYTES))

/*
 * Goes to the next section of a zone that has memory: its first byte in there.
 * The first one comes after MMBOX_NO_ADDR.
 */
static bool next_section(const struct mmbox_boot *boot,
			 const struct mmbox_zone *zone, u64 *base)
{
	struct mmbox_window window = zone_window(zone);
	struct mmbox_range range;
	u64 from = 0;

	if (*base != MMBOX_NO_ADDR)
		from = (*base & ~(SECTION_BYTES - 1)) + SECTION_BYTES;
	if (!zone->present ||
	    !mmbox_memblock_next_memory(&boot->memblock, &window, from, &range))
		return false;
	*base = range.start;
	return true;
}

static unsigned long nr_sections(const struct mmbox *box, int nid)
{
	unsigned long nr = 0;
	u64 base;
	int type;

	for (type = 0; type < MMBOX_NR_ZONES; type++) {
		const struct mmbox_zone *zone = &box->node[nid]->zone[type];

		base = MMBOX_NO_ADDR;
		while (next_section(box->boot, zone, &base))
			nr++;
	}
	return nr;
}

static void record_host(struct mmbox_boot *boot, int nid, unsigned long nr)
{
	const struct mmbox_boot_step step = {
		.kind = MMBOX_STEP_HOST,
		.nid = nid,
		.zone = -1,
		.size = nr * SECTION_SIZE,
		.count = nr,
	};

	mmbox_boot_log_add(&boot->log, &step);
}

/*
 * Memory for the descriptors of @nr sections of a node. What is left NULL is to
 * come from the host: all of it if it would be too much for the node, or what
 * does not fit into pieces of memory that are too small.
 */
static void alloc_descriptors(struct mmbox *box, int nid, void **memory,
			      unsigned long nr)
{
	unsigned long present = 0, i;
	int type;

	for (type = 0; type < MMBOX_NR_ZONES; type++)
		present += box->node[nid]->zone[type].present;
	if (PAGE_ALIGN(nr * SECTION_SIZE) > PFN_PHYS(present / OWN_PART)) {
		record_host(box->boot, nid, nr);
		return;
	}
	for (i = 0; i < nr; i++) {
		memory[i] = alloc_own(box, nid, SECTION_SIZE);
		if (!memory[i])
			break;
	}
	if (i < nr)
		record_host(box->boot, nid, nr - i);
}

/* The part of its zone that lies in a section. */
static struct mmbox_window section_window(const struct mmbox_section *section)
{
	struct mmbox_window window = zone_window(section->zone);
	u64 start = PFN_PHYS(section->start_pfn);

	window.start = max(window.start, start);
	window.end = min(window.end, start + SECTION_BYTES);
	return window;
}

/* Present frames of the section are those of the zone's memory in it. */
static void mark_section(const struct mmbox_boot *boot,
			 struct mmbox_section *section)
{
	struct mmbox_window window = section_window(section);
	struct mmbox_range range;
	u64 from;

	for (from = 0; mmbox_memblock_next_memory(&boot->memblock, &window,
						  from, &range);
	     from = range.end)
		mmbox_section_mark(section, PHYS_PFN(range.start),
				   PHYS_PFN(range.end - range.start));
}

static int publish_zone(struct mmbox *box, struct mmbox_zone *zone,
			void ***memory)
{
	u64 base = MMBOX_NO_ADDR;

	while (next_section(box->boot, zone, &base)) {
		struct mmbox_section *section;

		section = mmbox_section_create(zone, PHYS_PFN(base),
					       *(*memory)++);
		if (IS_ERR(section))
			return PTR_ERR(section);
		mmbox_zone_link_section(section);
		mark_section(box->boot, section);
		mmbox_section_add_blocks(section);
		record_zone(box->boot, MMBOX_STEP_PUBLISH, zone,
			    PFN_PHYS(section->start_pfn), SECTION_BYTES, 0);
		cond_resched();
	}
	return 0;
}

static int create_sections(struct mmbox *box, int nid)
{
	unsigned long nr = nr_sections(box, nid);
	void **memory, **next;
	int type, err = 0;

	if (!nr)
		return 0;
	memory = kvcalloc(nr, sizeof(*memory), GFP_KERNEL);
	if (!memory)
		return -ENOMEM;
	alloc_descriptors(box, nid, memory, nr);
	next = memory;
	for (type = 0; !err && type < MMBOX_NR_ZONES; type++)
		err = publish_zone(box, &box->node[nid]->zone[type], &next);
	kvfree(memory);
	return err;
}

/**
 * mmbox_boot_sections - make the descriptors of all memory
 * @box: the box, with all its memory, not yet published
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmbox_boot_sections(struct mmbox *box)
{
	int nid, err = 0;

	if (box->boot->kind == MMBOX_BOOT_BITMAP)
		err = create_bitmaps(box);
	for_each_node(nid)
		err = err ?: create_sections(box, nid);
	return err;
}

static void hand_over_section(struct mmbox_boot *boot,
			      struct mmbox_section *section)
{
	struct mmbox_window window = section_window(section);
	struct mmbox_range range;
	u64 from;

	for (from = 0; next_free(boot, &window, from, &range);
	     from = range.end) {
		while (range.start < range.end) {
			unsigned int order;

			order = mmbox_section_hand_over(section,
							PHYS_PFN(range.start),
							PHYS_PFN(range.end));
			record_zone(boot, MMBOX_STEP_HANDOVER, section->zone,
				    range.start, PAGE_SIZE << order, order);
			range.start += PAGE_SIZE << order;
		}
	}
}

/**
 * mmbox_boot_hand_over - give the buddies all pages that nobody got
 * @box: the box, with all its sections, not yet published
 *
 * From here on the boot allocator gives out nothing more. It stays known what
 * it gave out.
 *
 * Context: process context, may sleep.
 */
void mmbox_boot_hand_over(struct mmbox *box)
{
	unsigned int pos;

	box->boot->handed_over = true;
	for (pos = 0; pos < mmbox_nr_zones(box); pos++) {
		struct mmbox_zone *zone = mmbox_zone_at(box, pos);
		struct mmbox_section *section;

		if (!zone)
			continue;
		list_for_each_entry(section, &zone->sections, list) {
			hand_over_section(box->boot, section);
			cond_resched();
		}
	}
}

/*
 * Calls @fn for all pages in a row that the buddies did not get, until it says
 * true; then returns true.
 */
static bool each_used(const struct mmbox_boot *boot,
		      bool (*fn)(void *arg, const struct mmbox_region *used),
		      void *arg)
{
	const struct mmbox_regions *memory = &boot->memblock.memory;
	unsigned int i;

	for (i = 0; i < memory->nr; i++) {
		struct mmbox_region used = memory->region[i];
		u64 from = used.base, end = used.base + used.size;
		const struct mmbox_window window = {
			.start = from,
			.end = end,
			.nid = used.nid,
		};

		while (from < end) {
			struct mmbox_range free = { .start = end, .end = end };

			if (boot->handed_over)
				next_free(boot, &window, from, &free);
			used.base = from;
			used.size = min(free.start, end) - from;
			if (used.size && fn(arg, &used))
				return true;
			from = free.end;
		}
	}
	return false;
}

static bool give_back(void *given, const struct mmbox_region *used)
{
	unsigned long nr_pages = PHYS_PFN(used->size);

	if (!mmbox_backing_give(pfn_to_page(PHYS_PFN(used->base)), nr_pages))
		pr_warn("pfn %#lx, %lu pages: not just the box's references\n",
			(unsigned long)PHYS_PFN(used->base), nr_pages);
	*(unsigned long *)given += nr_pages;
	cond_resched();
	return false;
}

/**
 * mmbox_boot_give_rest - give the host what the buddies never got
 * @box: the box, withdrawn, without sections: nothing looks into descriptors
 *
 * That is the pages that held descriptors or, if the box was given up before
 * pages were handed over, all of them.
 *
 * Context: process context, may sleep.
 * Return: pages given back.
 */
unsigned long mmbox_boot_give_rest(struct mmbox *box)
{
	unsigned long given = 0;

	if (box->boot)
		each_used(box->boot, give_back, &given);
	return given;
}

/*
 * The boot stage looked at
 */

/**
 * mmbox_boot_kind - who gave out memory
 * @box: the box
 *
 * Return: the kind of boot allocator.
 */
enum mmbox_boot_kind mmbox_boot_kind(const struct mmbox *box)
{
	return box->boot->kind;
}

/**
 * struct search - a search for one of the ranges in use
 * @left:   so many come before it
 * @region: set to it
 */
struct search {
	u64 left;
	struct mmbox_region *region;
};

static bool is_it(void *arg, const struct mmbox_region *used)
{
	struct search *search = arg;

	*search->region = *used;
	return !search->left--;
}

/**
 * mmbox_boot_region - a region, as it was at the end of the boot stage
 * @box:      the box
 * @reserved: of what was in use, else of all memory
 * @nr:	      which
 * @region:   set to it
 *
 * A bitmap has no regions: they are what it has set of the memory there is.
 *
 * Return: whether there is one.
 */
bool mmbox_boot_region(const struct mmbox *box, bool reserved, u64 nr,
		       struct mmbox_region *region)
{
	const struct mmbox_boot *boot = box->boot;
	const struct mmbox_regions *regions = &boot->memblock.memory;
	struct search search = { .left = nr, .region = region };

	if (reserved && boot->bitmap)
		return each_used(boot, is_it, &search);
	if (reserved)
		regions = &boot->memblock.reserved;
	if (nr >= regions->nr)
		return false;
	*region = regions->region[nr];
	return true;
}

/**
 * mmbox_boot_step - a step of the boot stage
 * @box: the box
 * @nr:	 which
 *
 * Return: the step, or NULL if there are no more.
 */
const struct mmbox_boot_step *mmbox_boot_step(const struct mmbox *box, u64 nr)
{
	const struct mmbox_boot_log *log = &box->boot->log;

	return nr < log->nr_steps ? &log->step[nr] : NULL;
}

/**
 * mmbox_boot_steps_lost - steps for which there was no room
 * @box: the box
 *
 * Return: their number.
 */
unsigned long mmbox_boot_steps_lost(const struct mmbox *box)
{
	return box->boot->log.nr_lost;
}
