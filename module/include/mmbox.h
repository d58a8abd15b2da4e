/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The in-kernel interface of mmbox: the only header that other modules
 * include. Calls mean what the kernel functions of the same name mean,
 * contexts included.
 */
#ifndef MMBOX_H
#define MMBOX_H

#include <linux/gfp.h>
#include <linux/overflow.h>
#include <linux/pgtable.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/types.h>

struct mmbox;
struct mmbox_cache;
struct mmbox_sheaf;
struct page;

/* Pages in the largest block: 1 << MMBOX_MAX_ORDER. */
#define MMBOX_MAX_ORDER		10

/* The most objects that mmbox_cache_prefill() can be asked for. */
#define MMBOX_PREFILL_MAX	60

/* Length of a cache's name, the final 0 included. */
#define MMBOX_CACHE_NAME_LEN	64

/**
 * enum mmbox_zone_type - the zones of a box's node, as in the kernel
 * @MMBOX_ZONE_DMA:	pages that devices with narrow addressing can reach
 * @MMBOX_ZONE_DMA32:	pages below 4 GiB
 * @MMBOX_ZONE_NORMAL:	pages the kernel maps permanently
 * @MMBOX_ZONE_HIGHMEM:	pages without a permanent kernel mapping
 * @MMBOX_ZONE_MOVABLE:	pages for movable allocations only
 * @MMBOX_NR_ZONES:	number of zones in a node
 * @MMBOX_ZONE_ANY:	in a configuration: whichever zone the host chooses
 */
enum mmbox_zone_type {
	MMBOX_ZONE_DMA,
	MMBOX_ZONE_DMA32,
	MMBOX_ZONE_NORMAL,
	MMBOX_ZONE_HIGHMEM,
	MMBOX_ZONE_MOVABLE,
	MMBOX_NR_ZONES,
	MMBOX_ZONE_ANY = MMBOX_NR_ZONES,
};

/**
 * enum mmbox_boot_kind - what gives out a box's memory before there are buddies
 * @MMBOX_BOOT_MEMBLOCK: arrays of regions, from the top down
 * @MMBOX_BOOT_BITMAP:	 a bit for each page, the first that fits
 * @MMBOX_NR_BOOT_KINDS: number of kinds
 */
enum mmbox_boot_kind {
	MMBOX_BOOT_MEMBLOCK,
	MMBOX_BOOT_BITMAP,
	MMBOX_NR_BOOT_KINDS,
};

/**
 * enum mmbox_setting - what can be set for each box, also while it is in use
 * @MMBOX_SET_MIN_FREE_KBYTES:	      memory kept free for urgent requests
 * @MMBOX_SET_WATERMARK_SCALE_FACTOR: distance of the marks
 * @MMBOX_SET_WATERMARK_BOOST_FACTOR: how far fragmentation raises them
 * @MMBOX_SET_LOWMEM_RESERVE_RATIO:   what is kept for requests bound to a zone
 * @MMBOX_SET_PERCPU_HIGH:	      pages that a CPU's list may hold
 * @MMBOX_SET_SHRINKER:		      whether free sections go to a host in need
 * @MMBOX_SET_SLAB_DEBUG:	      checks of objects
 * @MMBOX_SET_INIT_ON_ALLOC:	      whether memory is cleared when allocated
 * @MMBOX_SET_INIT_ON_FREE:	      whether memory is cleared when freed
 * @MMBOX_SET_FREELIST_RANDOM:	      whether objects are given out in random order
 * @MMBOX_SET_KMALLOC_COPIES:	      further caches for each size of kmalloc
 * @MMBOX_SET_ALLOCINFO:	      whether who allocates is counted
 * @MMBOX_SET_QUARANTINE:	      how much of freed objects is kept back
 * @MMBOX_SET_GUARD_SAMPLE:	      how many objects get a page of their own
 * @MMBOX_SET_PAGE_OWNER:	      whether it is noted who has pages
 * @MMBOX_NR_SETTINGS:		      number of settings
 */
enum mmbox_setting {
	MMBOX_SET_MIN_FREE_KBYTES,
	MMBOX_SET_WATERMARK_SCALE_FACTOR,
	MMBOX_SET_WATERMARK_BOOST_FACTOR,
	MMBOX_SET_LOWMEM_RESERVE_RATIO,
	MMBOX_SET_PERCPU_HIGH,
	MMBOX_SET_SHRINKER,
	MMBOX_SET_SLAB_DEBUG,
	MMBOX_SET_INIT_ON_ALLOC,
	MMBOX_SET_INIT_ON_FREE,
	MMBOX_SET_FREELIST_RANDOM,
	MMBOX_SET_KMALLOC_COPIES,
	MMBOX_SET_ALLOCINFO,
	MMBOX_SET_QUARANTINE,
	MMBOX_SET_GUARD_SAMPLE,
	MMBOX_SET_PAGE_OWNER,
	MMBOX_NR_SETTINGS,
};

/**
 * struct mmbox_settings - values of the settings; the kernel's own meanings
 * @min_free_kbytes:	    see vm.min_free_kbytes
 * @watermark_scale_factor: see vm.watermark_scale_factor
 * @watermark_boost_factor: see vm.watermark_boost_factor
 * @lowmem_reserve_ratio:   see vm.lowmem_reserve_ratio; for each zone
 * @percpu_high:	    pages that each list of a CPU may hold at most; 0
 *			    leaves it to the box
 * @shrinker:		    1: give free sections back to the host when it is short
 *			    of memory; 0: keep them
 * @slab_debug:		    checks of objects of kmalloc's and of new caches; a
 *			    bit for each of the kernel's letters F, Z, P, U, T,
 *			    in this order, F being 1
 * @init_on_alloc:	    1: pages and objects are cleared when they are
 *			    allocated, whoever asks; see docs/design/hardening.md
 * @init_on_free:	    1: they are cleared when they are freed
 * @freelist_random:	    1: objects of a slab are given out in random order
 * @kmalloc_copies:	    so many further caches of each size of kmalloc, at
 *			    most 15; which one serves a call depends on where
 *			    the call stands
 * @allocinfo:		    1: count what is allocated by each caller, for the
 *			    file allocinfo
 * @quarantine:		    kilobytes of freed objects that each cache of
 *			    kmalloc's, and each new one, keeps back
 * @guard_sample:	    one allocation in so many from each of these caches
 *			    gets a page of its own between unmapped ones; 0 for
 *			    none
 * @page_owner:		    1: note who has each block of pages, for the file
 *			    page_owner
 */
struct mmbox_settings {
	unsigned long min_free_kbytes;
	unsigned long watermark_scale_factor;
	unsigned long watermark_boost_factor;
	unsigned long lowmem_reserve_ratio[MMBOX_NR_ZONES];
	unsigned long percpu_high;
	unsigned long shrinker;
	unsigned long slab_debug;
	unsigned long init_on_alloc;
	unsigned long init_on_free;
	unsigned long freelist_random;
	unsigned long kmalloc_copies;
	unsigned long allocinfo;
	unsigned long quarantine;
	unsigned long guard_sample;
	unsigned long page_owner;
};

/**
 * enum mmbox_remap - who writes the page tables of a box's areas
 * @MMBOX_REMAP_OWN:	mmbox itself, in a window, where that can be done
 * @MMBOX_REMAP_VMAP:	the host, by vmap()
 * @MMBOX_NR_REMAPS:	number of ways
 */
enum mmbox_remap {
	MMBOX_REMAP_OWN,
	MMBOX_REMAP_VMAP,
	MMBOX_NR_REMAPS,
};

/**
 * enum mmbox_placement - where in the window an area goes
 * @MMBOX_PLACE_FIRST:	to the lowest address that has room
 * @MMBOX_PLACE_BEST:	into the smallest hole that has room
 * @MMBOX_PLACE_RANDOM:	behind an address that nobody can foresee
 * @MMBOX_NR_PLACEMENTS: number of ways
 */
enum mmbox_placement {
	MMBOX_PLACE_FIRST,
	MMBOX_PLACE_BEST,
	MMBOX_PLACE_RANDOM,
	MMBOX_NR_PLACEMENTS,
};

/**
 * struct mmbox_config - what a box is made of
 * @boot:	what gives out its memory before there are buddies
 * @nr_pages:	pages to take from the host in each zone, and in any zone
 * @remap:	who writes the page tables of its areas
 * @placement:	where areas go
 * @window_pages: addresses for areas, in pages; 0 for the default
 * @settings:	settings, of which those count
 * @set:	that have their bit here, 1 << enum mmbox_setting; others have
 *		their default
 */
struct mmbox_config {
	enum mmbox_boot_kind boot;
	unsigned long nr_pages[MMBOX_NR_ZONES + 1];
	enum mmbox_remap remap;
	enum mmbox_placement placement;
	unsigned long window_pages;
	struct mmbox_settings settings;
	unsigned int set;
};

int mmbox_config_parse(const char *text, struct mmbox_config *cfg);

bool mmbox_name_ok(const char *name);
struct mmbox *mmbox_create(const char *name, const struct mmbox_config *cfg);
int mmbox_destroy(struct mmbox *box);
int mmbox_destroy_named(const char *name);
int mmbox_resize(struct mmbox *box, enum mmbox_zone_type zone, long nr_pages);
struct mmbox *mmbox_get(const char *name);
void mmbox_put(struct mmbox *box);

struct page *mmbox_alloc_pages(struct mmbox *box, gfp_t gfp,
			       unsigned int order);
void mmbox_free_pages(struct page *page, unsigned int order);
unsigned long mmbox_alloc_pages_bulk(struct mmbox *box, gfp_t gfp,
				     unsigned long nr, struct page **pages);
void mmbox_free_pages_bulk(unsigned long nr, struct page **pages);
unsigned long mmbox_get_free_pages(struct mmbox *box, gfp_t gfp,
				   unsigned int order);
unsigned long mmbox_get_zeroed_page(struct mmbox *box, gfp_t gfp);
void mmbox_free_pages_addr(unsigned long addr, unsigned int order);

struct mmbox_cache *mmbox_cache_create(struct mmbox *box, const char *name,
				       unsigned int size, unsigned int align,
				       slab_flags_t flags,
				       void (*ctor)(void *object));
int mmbox_cache_destroy(struct mmbox_cache *cache);
int mmbox_cache_shrink(struct mmbox_cache *cache);
int mmbox_cache_set_capacity(struct mmbox_cache *cache, unsigned int capacity);
int mmbox_cache_set_debug(struct mmbox_cache *cache, const char *letters);
int mmbox_cache_set_quarantine(struct mmbox_cache *cache, unsigned long bytes);
int mmbox_cache_set_guard(struct mmbox_cache *cache, unsigned int one_in);
long mmbox_cache_validate(struct mmbox_cache *cache);
unsigned int mmbox_cache_size(const struct mmbox_cache *cache);
void *mmbox_cache_alloc(struct mmbox_cache *cache, gfp_t gfp);
void mmbox_cache_free(struct mmbox_cache *cache, void *object);
int mmbox_cache_alloc_bulk(struct mmbox_cache *cache, gfp_t gfp, size_t nr,
			   void **objects);
void mmbox_cache_free_bulk(struct mmbox_cache *cache, size_t nr,
			   void **objects);
struct mmbox_sheaf *mmbox_cache_prefill(struct mmbox_cache *cache, gfp_t gfp,
					unsigned int nr);
void *mmbox_cache_alloc_prefilled(struct mmbox_cache *cache, gfp_t gfp,
				  struct mmbox_sheaf *sheaf);
void mmbox_cache_return(struct mmbox_cache *cache, struct mmbox_sheaf *sheaf);

void *mmbox_kmalloc(struct mmbox *box, size_t size, gfp_t gfp);
void *mmbox_krealloc(struct mmbox *box, const void *ptr, size_t size,
		     gfp_t gfp);
void mmbox_kfree(const void *ptr);
void mmbox_kfree_sensitive(const void *ptr);
void mmbox_kfree_bulk(size_t nr, void **objects);
void mmbox_kfree_call_rcu(struct rcu_head *head);
size_t mmbox_ksize(const void *ptr);
void *mmbox_kmemdup(struct mmbox *box, const void *src, size_t size, gfp_t gfp);
char *mmbox_kstrdup(struct mmbox *box, const char *s, gfp_t gfp);
void *mmbox_kvmalloc(struct mmbox *box, size_t size, gfp_t gfp);
void mmbox_kvfree(const void *ptr);
void mmbox_kvfree_call_rcu(struct rcu_head *head);
void mmbox_kvfree_rcu_mightsleep(const void *ptr);

static inline void *mmbox_kzalloc(struct mmbox *box, size_t size, gfp_t gfp)
{
	return mmbox_kmalloc(box, size, gfp | __GFP_ZERO);
}

static inline void *mmbox_kvzalloc(struct mmbox *box, size_t size, gfp_t gfp)
{
	return mmbox_kvmalloc(box, size, gfp | __GFP_ZERO);
}

static inline void *mmbox_kmalloc_array(struct mmbox *box, size_t nr,
					size_t size, gfp_t gfp)
{
	size_t bytes;

	if (check_mul_overflow(nr, size, &bytes))
		return NULL;
	return mmbox_kmalloc(box, bytes, gfp);
}

/**
 * mmbox_kfree_rcu - free a structure when no reader can have it any more
 * @ptr:    the structure, from mmbox_kmalloc() or a cache; NULL does nothing
 * @member: name of its struct rcu_head
 */
#define mmbox_kfree_rcu(ptr, member)					\
do {									\
	typeof(ptr) __mmbox_ptr = (ptr);				\
									\
	if (__mmbox_ptr)						\
		mmbox_kfree_call_rcu(&__mmbox_ptr->member);		\
} while (0)

/**
 * mmbox_kvfree_rcu - the same for memory from mmbox_kvmalloc() and its like
 * @ptr:    the structure, from whatever mmbox_kvfree() takes; NULL does nothing
 * @member: name of its struct rcu_head, which lies in its first page
 */
#define mmbox_kvfree_rcu(ptr, member)					\
do {									\
	typeof(ptr) __mmbox_ptr = (ptr);				\
									\
	if (__mmbox_ptr)						\
		mmbox_kvfree_call_rcu(&__mmbox_ptr->member);		\
} while (0)

static inline void *mmbox_kcalloc(struct mmbox *box, size_t nr, size_t size,
				  gfp_t gfp)
{
	return mmbox_kmalloc_array(box, nr, size, gfp | __GFP_ZERO);
}

void *mmbox_vmalloc(struct mmbox *box, unsigned long size);
void *mmbox_vzalloc(struct mmbox *box, unsigned long size);
void *mmbox_vmalloc_node(struct mmbox *box, unsigned long size,
			 unsigned long align, gfp_t gfp, int node,
			 const void *caller);
void mmbox_vfree(const void *addr);
void *mmbox_vmap(struct mmbox *box, struct page **pages, unsigned int nr,
		 unsigned long flags, pgprot_t prot);
void mmbox_vunmap(const void *addr);
struct page *mmbox_vmalloc_to_page(const void *addr);

void __iomem *mmbox_ioremap(struct mmbox *box, phys_addr_t phys, size_t size);
void mmbox_iounmap(void __iomem *addr);

void *mmbox_kmap(struct page *page);
void mmbox_kunmap(struct page *page);
void *mmbox_kmap_local(struct page *page);
void mmbox_kunmap_local(const void *addr);

#endif /* MMBOX_H */
