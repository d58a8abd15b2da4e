/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libmmbox: drive mmbox's device and read a box's files from C.
 *
 * Conventions:
 *  - Every function that can fail returns 0 (or a file descriptor) on success
 *    and a negative errno on failure. Nothing is printed, nothing exits.
 *  - -EBADMSG says that a file was readable but does not have the format it
 *    should have. A parser never trusts its input: wrong, cut off, overlong or
 *    hostile text gives -EBADMSG.
 *  - On failure an out structure is empty and needs no release. Releasing an
 *    empty or a zeroed structure does nothing.
 *  - No global state but the environment variable MMBOX_ROOT.
 */
#ifndef LIBMMBOX_H
#define LIBMMBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/mmbox.h>

#define MMBOX_DEVICE		"/dev/mmbox"
#define MMBOX_PROC_ROOT		"/proc/mmbox"
#define MMBOX_DEBUGFS_ROOT	"/sys/kernel/debug/mmbox"

/* Upper bounds of what the parsers accept; far above what any kernel has. */
#define MMBOX_MAX_ORDERS	32
#define MMBOX_MAX_PROTECTION	16
#define MMBOX_ZONE_LEN		16
#define MMBOX_COUNTER_LEN	64
#define MMBOX_WORD_LEN		16
#define MMBOX_COMM_LEN		64

/*
 * Device. An open file is bound to one box; allocations made through it are
 * given back when its last descriptor is closed, unless MMBOX_ALLOC_KEEP.
 * docs/abi/ioctl.md has the meaning of each request and each errno.
 */

/* Open the device and bind it to @box; a NULL box leaves it unbound. */
int mmbox_open(const char *box);
int mmbox_bind(int fd, const char *box);
void mmbox_close(int fd);

int mmbox_info(int fd, struct mmbox_ioc_info *info);
int mmbox_create(int fd, const char *name, const char *config);
int mmbox_destroy(int fd, const char *name);

/*
 * Change a setting, "name=value", of @box. @reason has MMBOX_REASON_LEN bytes:
 * why it was refused, where the module says so, else it is empty.
 */
int mmbox_set(int fd, const char *box, const char *setting, char *reason);

/*
 * Allocate @size bytes; @gfp is MMBOX_GFP_*, @flags MMBOX_ALLOC_*. They are mapped as
 * @variant, MMBOX_VARIANT_*, says.
 */
int mmbox_alloc_as(int fd, uint32_t variant, uint64_t size, uint32_t gfp, uint32_t flags,
		   struct mmbox_ioc_alloc *alloc);
int mmbox_alloc(int fd, uint64_t size, uint32_t gfp, uint32_t flags,
		struct mmbox_ioc_alloc *alloc);
int mmbox_free_as(int fd, uint32_t id, uint32_t flags);	/* MMBOX_FREE_* */
int mmbox_free(int fd, uint32_t id);

/*
 * Caches of objects. @flags are MMBOX_CACHE_*; a cache made so goes with the box.
 * Objects have one handle together, for mmbox_free(); user space does not see
 * them. @name is a cache, or NULL for memory by @size. To shrink "" is to shrink all
 * caches, and the CPUs' lists of pages.
 */
int mmbox_cache_create(int fd, const char *name, uint32_t size, uint32_t align, uint32_t flags);
int mmbox_cache_destroy(int fd, const char *name);
int mmbox_cache_shrink(int fd, const char *name);
int mmbox_cache_tune(int fd, const char *name, uint32_t capacity);
int mmbox_cache_debug(int fd, const char *name, const char *letters);
int mmbox_slab_alloc(int fd, const char *name, uint64_t size, uint32_t nr, uint32_t flags,
		     uint32_t *id);

/*
 * Walk through page tables: MMBOX_WALK_USER or _KERNEL, @whose is a process or 0
 * for the caller; MMBOX_WALK_OBJECT, @whose is a handle and @address a byte of
 * the allocation.
 */
int mmbox_walk(int fd, uint32_t what, uint32_t whose, uint64_t address, struct mmbox_walk *walk);

/* Words for what stands in the answer; "?" for what is not known. */
const char *mmbox_level_name(unsigned int level);
const char *mmbox_memtype_name(unsigned int memtype);
const char *mmbox_page_state_name(unsigned int state);
const char *mmbox_area_kind_name(unsigned int kind);
/* The names of an entry's flags with blanks between them, "none" if it has none. */
void mmbox_entry_flags(uint32_t flags, char *text, size_t len);

/* Map @length bytes at @offset, shared; @prot is PROT_*. */
int mmbox_map(int fd, uint64_t offset, size_t length, int prot, void **addr);
int mmbox_unmap(void *addr, size_t length);

/*
 * Files. A box is a directory below the root: $MMBOX_ROOT if set, else
 * /proc/mmbox, else the one in debugfs.
 */

/* Whether @name may name a box: 1..31 letters, digits, '-' and '_'. */
bool mmbox_name_valid(const char *name);

/* The root in use, -ENOENT if there is none. */
int mmbox_root(char *path, size_t len);

/* Path of a box's file; -EINVAL if @box is no valid name. */
int mmbox_file_path(const char *box, const char *file, char *path, size_t len);
int mmbox_file_open(const char *box, const char *file, FILE **fp);

/* Names of all boxes, sorted. */
struct mmbox_names {
	size_t nr;
	char (*name)[MMBOX_NAME_LEN];
};

int mmbox_boxes(struct mmbox_names *names);
void mmbox_names_release(struct mmbox_names *names);

/*
 * Parsers. Each file has _parse() for an open stream, which reads to its end,
 * and _read() for the file of that name in @box.
 */

/* buddyinfo: free blocks of each order, one area a populated zone. */
struct mmbox_area {
	unsigned int node;
	char zone[MMBOX_ZONE_LEN];
	uint64_t free[MMBOX_MAX_ORDERS];
};

struct mmbox_buddyinfo {
	unsigned int nr_orders;		/* the same in all areas */
	size_t nr;
	struct mmbox_area *area;
};

int mmbox_buddyinfo_parse(FILE *fp, struct mmbox_buddyinfo *bi);
int mmbox_buddyinfo_read(const char *box, struct mmbox_buddyinfo *bi);
void mmbox_buddyinfo_release(struct mmbox_buddyinfo *bi);
int mmbox_buddyinfo_copy(struct mmbox_buddyinfo *to, const struct mmbox_buddyinfo *from);
bool mmbox_buddyinfo_equal(const struct mmbox_buddyinfo *a, const struct mmbox_buddyinfo *b);

/* Pages of that many blocks of each order. */
uint64_t mmbox_free_pages(const uint64_t *blocks, unsigned int nr_orders);

/* Free pages of an area, all orders together. */
uint64_t mmbox_area_pages(const struct mmbox_area *area, unsigned int nr_orders);

/*
 * pagetypeinfo: free blocks of each order, and pageblocks, for each migrate type
 * of a populated zone. The first five types are the same on all kernels.
 */
enum mmbox_type {
	MMBOX_TYPE_UNMOVABLE,
	MMBOX_TYPE_MOVABLE,
	MMBOX_TYPE_RECLAIMABLE,
	MMBOX_TYPE_HIGHATOMIC,
	MMBOX_TYPE_ISOLATE,
	MMBOX_NR_TYPES
};

struct mmbox_typed_area {
	unsigned int node;
	char zone[MMBOX_ZONE_LEN];
	uint64_t free[MMBOX_NR_TYPES][MMBOX_MAX_ORDERS];
	uint64_t pageblocks[MMBOX_NR_TYPES];
};

struct mmbox_pagetypeinfo {
	unsigned int nr_orders;
	unsigned int block_order;	/* of a pageblock */
	size_t nr;
	struct mmbox_typed_area *area;	/* as in buddyinfo */
};

int mmbox_pagetypeinfo_parse(FILE *fp, struct mmbox_pagetypeinfo *pti);
int mmbox_pagetypeinfo_read(const char *box, struct mmbox_pagetypeinfo *pti);
void mmbox_pagetypeinfo_release(struct mmbox_pagetypeinfo *pti);
int mmbox_pagetypeinfo_copy(struct mmbox_pagetypeinfo *to, const struct mmbox_pagetypeinfo *from);

/* The file's word for a type. */
const char *mmbox_type_name(enum mmbox_type type);

/* Named counters: vmstat, events; meminfo, whose values are in kB. */
struct mmbox_counter {
	char name[MMBOX_COUNTER_LEN];
	uint64_t value;
};

struct mmbox_counters {
	size_t nr;
	struct mmbox_counter *v;
};

int mmbox_counters_parse(FILE *fp, struct mmbox_counters *c);
int mmbox_vmstat_read(const char *box, struct mmbox_counters *c);
int mmbox_events_read(const char *box, struct mmbox_counters *c);
int mmbox_meminfo_parse(FILE *fp, struct mmbox_counters *c);
int mmbox_meminfo_read(const char *box, struct mmbox_counters *c);
void mmbox_counters_release(struct mmbox_counters *c);

/* -ENOENT if there is no counter of that name. */
int mmbox_counters_get(const struct mmbox_counters *c, const char *name, uint64_t *value);

/* zoneinfo: all zones of each node, unpopulated ones (managed 0) too. */
struct mmbox_pageset {
	unsigned int cpu;
	uint64_t count;
	uint64_t high;
	uint64_t batch;
	uint64_t high_min;
	uint64_t high_max;
	uint64_t threshold;
};

struct mmbox_zone {
	unsigned int node;
	char name[MMBOX_ZONE_LEN];
	uint64_t free;
	uint64_t boost;
	uint64_t min;
	uint64_t low;
	uint64_t high;
	uint64_t promo;
	uint64_t spanned;
	uint64_t present;
	uint64_t managed;
	uint64_t cma;
	unsigned int nr_protection;
	uint64_t protection[MMBOX_MAX_PROTECTION];
	struct mmbox_counters node_stats;	/* in a node's first populated zone */
	struct mmbox_counters stats;
	size_t nr_pagesets;
	struct mmbox_pageset *pageset;
	uint64_t node_unreclaimable;
	uint64_t start_pfn;
};

struct mmbox_zoneinfo {
	size_t nr;
	struct mmbox_zone *zone;
};

int mmbox_zoneinfo_parse(FILE *fp, struct mmbox_zoneinfo *zi);
int mmbox_zoneinfo_read(const char *box, struct mmbox_zoneinfo *zi);
void mmbox_zoneinfo_release(struct mmbox_zoneinfo *zi);

/* NULL if there is no such zone. */
const struct mmbox_zone *mmbox_zoneinfo_find(const struct mmbox_zoneinfo *zi,
					     unsigned int node, const char *name);

/* Pages of a zone that lie on CPUs' lists. */
uint64_t mmbox_zone_listed(const struct mmbox_zone *zone);

/* slabinfo: a row a cache. */
struct mmbox_slab_cache {
	char name[128];
	uint64_t active;		/* objects that callers have */
	uint64_t objects;		/* in all slabs */
	uint64_t size;			/* bytes from one to the next */
	uint64_t per_slab;
	uint64_t pages;			/* of a slab */
	uint64_t active_slabs;
	uint64_t slabs;
};

struct mmbox_slabinfo {
	size_t nr;
	struct mmbox_slab_cache *v;
};

int mmbox_slabinfo_parse(FILE *fp, struct mmbox_slabinfo *si);
int mmbox_slabinfo_read(const char *box, struct mmbox_slabinfo *si);
void mmbox_slabinfo_release(struct mmbox_slabinfo *si);

/* vmap/window: the addresses of a box, a piece an area or a hole, in their order. */
struct mmbox_piece {
	uint64_t first;			/* page, counted from the start of the window */
	uint64_t pages;			/* the one behind an area included */
	char kind[MMBOX_WORD_LEN];	/* the file's word */
};

struct mmbox_window {
	uint64_t pages;
	uint64_t lazy;
	uint64_t purges;
	char backend[MMBOX_WORD_LEN];
	char placement[MMBOX_WORD_LEN];
	size_t nr;
	struct mmbox_piece *v;
};

int mmbox_window_parse(FILE *fp, struct mmbox_window *w);
int mmbox_window_read(const char *box, struct mmbox_window *w);
void mmbox_window_release(struct mmbox_window *w);

/* The first number of a file in slab/@cache/; -ENOENT if there is none. */
int mmbox_cache_attribute(const char *box, const char *cache, const char *name, uint64_t *value);

/* tunables: the settings of a box. */
struct mmbox_tunable {
	char name[MMBOX_COUNTER_LEN];
	char value[128];		/* several numbers have ':' between them */
	bool automatic;			/* the box has chosen it */
	char unit[MMBOX_WORD_LEN];
	char range[128];
};

struct mmbox_tunables {
	size_t nr;
	struct mmbox_tunable *v;
};

int mmbox_tunables_parse(FILE *fp, struct mmbox_tunables *t);
int mmbox_tunables_read(const char *box, struct mmbox_tunables *t);
void mmbox_tunables_release(struct mmbox_tunables *t);

/* objects: allocations made through the device. */
struct mmbox_object {
	uint32_t id;
	unsigned int order;
	uint64_t pages;
	char zone[MMBOX_ZONE_LEN];
	char variant[MMBOX_WORD_LEN];
	char state[MMBOX_WORD_LEN];	/* live, kept, freed */
	uint64_t maps;
	uint32_t pid;
	char comm[MMBOX_COMM_LEN];	/* whatever the process calls itself */
};

struct mmbox_objects {
	size_t nr;
	struct mmbox_object *v;
};

int mmbox_objects_parse(FILE *fp, struct mmbox_objects *o);
int mmbox_objects_read(const char *box, struct mmbox_objects *o);
void mmbox_objects_release(struct mmbox_objects *o);

/* NULL if there is no object of that handle. */
const struct mmbox_object *mmbox_objects_find(const struct mmbox_objects *o, uint32_t id);

/* Who did what is recorded in refusals, refused_frees and steals. */
struct mmbox_who {
	uint64_t time_us;		/* since boot, as in the kernel's log */
	char context[MMBOX_WORD_LEN];	/* task, softirq, hardirq */
	char caller[128];		/* a symbol, or "?" */
	unsigned int pid;
	char comm[MMBOX_COMM_LEN];
};

/* refusals: the last allocations that failed, oldest first. */
struct mmbox_refused_zone {
	unsigned int node;
	char zone[MMBOX_ZONE_LEN];
	char reason[MMBOX_WORD_LEN];	/* order, gfp, node, block, mark, reserve, late */
	uint64_t free;
	int largest;			/* order, or -1: nothing is free */
	int index;			/* fragmentation index, in thousandths */
	uint64_t pcp;
	uint64_t mark;			/* free pages that it had to leave ... */
	uint64_t reserve;		/* ... and more, kept for lower zones' requests */
	char text[128];			/* the reason in words */
};

struct mmbox_refused_alloc {
	uint64_t nr;
	unsigned int order;
	uint64_t gfp;			/* bits differ between kernels ... */
	char gfp_names[256];		/* ... names do not */
	bool may_wait;
	unsigned int node;
	struct mmbox_who who;
	size_t nr_zones;
	struct mmbox_refused_zone *zone;
};

struct mmbox_refusals {
	uint64_t failed;		/* since the beginning */
	uint64_t kept;
	uint64_t lost;
	size_t nr;
	struct mmbox_refused_alloc *v;
};

int mmbox_refusals_parse(FILE *fp, struct mmbox_refusals *r);
int mmbox_refusals_read(const char *box, struct mmbox_refusals *r);
void mmbox_refusals_release(struct mmbox_refusals *r);

/* refused_frees: wrong frees, the same ones counted together. */
struct mmbox_refused_free {
	uint64_t nr;
	uint64_t count;
	uint64_t pfn;
	unsigned int order;
	char reason[MMBOX_WORD_LEN];	/* free, order, inside */
	struct mmbox_who who;	/* who tried it last */
	char text[128];
};

struct mmbox_refused_frees {
	uint64_t refused;		/* since the beginning */
	uint64_t kept;
	size_t nr;
	struct mmbox_refused_free *v;
};

int mmbox_refused_frees_parse(FILE *fp, struct mmbox_refused_frees *f);
int mmbox_refused_frees_read(const char *box, struct mmbox_refused_frees *f);
void mmbox_refused_frees_release(struct mmbox_refused_frees *f);

/* steals: the last allocations that took from pageblocks of another type. */
struct mmbox_steal {
	uint64_t nr;
	unsigned int node;
	char zone[MMBOX_ZONE_LEN];
	uint64_t pfn;			/* of the free block that was taken from */
	unsigned int order;		/* its order */
	char from[MMBOX_WORD_LEN];	/* its pageblock's type */
	char to[MMBOX_WORD_LEN];	/* type of the allocation */
	unsigned int wanted;		/* order of the allocation */
	bool converted;			/* the pageblock is of type @to now */
	struct mmbox_who who;
	char text[128];
};

struct mmbox_steals {
	uint64_t total;			/* since the beginning */
	uint64_t kept;
	size_t nr;
	struct mmbox_steal *v;
};

int mmbox_steals_parse(FILE *fp, struct mmbox_steals *s);
int mmbox_steals_read(const char *box, struct mmbox_steals *s);
void mmbox_steals_release(struct mmbox_steals *s);

/* memblock/memory and memblock/reserved: regions in ascending order. */
struct mmbox_region {
	uint64_t base;
	uint64_t end;			/* the byte behind the last one */
	int node;			/* -1: none */
	char flags[MMBOX_WORD_LEN];
};

struct mmbox_regions {
	size_t nr;
	struct mmbox_region *v;
};

int mmbox_regions_parse(FILE *fp, struct mmbox_regions *r);
int mmbox_memory_read(const char *box, struct mmbox_regions *r);
int mmbox_reserved_read(const char *box, struct mmbox_regions *r);
void mmbox_regions_release(struct mmbox_regions *r);

/* memblock/log: how the box was filled. */
struct mmbox_boot_step {
	char what[MMBOX_WORD_LEN];	/* add, merge, alloc, handover, ... */
	char array[MMBOX_WORD_LEN];	/* memory, reserved, "-" */
	uint64_t base;
	uint64_t size;
	int node;			/* -1: none */
	char zone[MMBOX_ZONE_LEN];	/* or "-" */
	unsigned int order;
	uint64_t count;
	char purpose[MMBOX_WORD_LEN];	/* descriptors, "-" */
	char text[128];
};

struct mmbox_boot_log {
	char kind[MMBOX_WORD_LEN];	/* memblock, bitmap */
	uint64_t page_size;
	uint64_t lost;			/* steps that are not recorded */
	size_t nr;
	struct mmbox_boot_step *v;
};

int mmbox_boot_log_parse(FILE *fp, struct mmbox_boot_log *log);
int mmbox_boot_log_read(const char *box, struct mmbox_boot_log *log);
void mmbox_boot_log_release(struct mmbox_boot_log *log);

/* metadata: what the bookkeeping costs, in bytes. */
struct mmbox_cost {
	unsigned int node;
	char zone[MMBOX_ZONE_LEN];	/* empty: of all zones */
	uint64_t sections;
	uint64_t descriptors;
	uint64_t headers;
	uint64_t own_pages;
	uint64_t host_memory;
	uint64_t per_page;		/* in hundredths of a byte */
	uint64_t pcp;
	uint64_t reserved;		/* pages */
};

struct mmbox_metadata {
	size_t nr;
	struct mmbox_cost *zone;
	struct mmbox_cost all;
	uint64_t slab_pages;		/* that hold descriptors of slabs */
	uint64_t index_leaves;		/* of all boxes together */
	uint64_t index;
};

int mmbox_metadata_parse(FILE *fp, struct mmbox_metadata *m);
int mmbox_metadata_read(const char *box, struct mmbox_metadata *m);
void mmbox_metadata_release(struct mmbox_metadata *m);

#endif /* LIBMMBOX_H */
