// SPDX-License-Identifier: GPL-2.0
/*
 * The kmalloc family: memory by size, from one cache for each size class, and
 * in blocks of pages beyond the largest class.
 */
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/random.h>
#include <linux/string.h>

#include "internal.h"
#include "kmalloc.h"
#include "section.h"
#include "slab.h"
#include "slab_hooks.h"
#include "slab_wrong.h"
#include "trace.h"

/* Ascending. Two of them are no powers of two, for what is popular. */
static const struct {
	unsigned int size;
	const char *name;
} classes[MMBOX_NR_KMALLOC_CLASSES] = {
	{ 8, "8" }, { 16, "16" }, { 32, "32" }, { 64, "64" }, { 96, "96" },
	{ 128, "128" }, { 192, "192" }, { 256, "256" }, { 512, "512" },
	{ 1024, "1k" }, { 2048, "2k" }, { 4096, "4k" }, { 8192, "8k" },
};

static const struct {
	const char *prefix;
	slab_flags_t flags;
} types[MMBOX_NR_KMALLOC_TYPES] = {
	[MMBOX_KMALLOC_NORMAL] = { "kmalloc-", 0 },
	[MMBOX_KMALLOC_RECLAIM] = { "kmalloc-rcl-", SLAB_RECLAIM_ACCOUNT },
	[MMBOX_KMALLOC_DMA] = { "dma-kmalloc-", SLAB_CACHE_DMA },
};

/* The class of each size. No bytes are a class of their own, without a cache. */
static u8 class_of[MMBOX_KMALLOC_MAX + 1];

/* What a request may ask for that is not the usual. */
#define GFP_SPECIAL	(__GFP_ZERO | __GFP_DMA | __GFP_RECLAIMABLE)

/**
 * mmbox_kmalloc_init - prepare the table of classes
 *
 * Context: module initialisation.
 */
void mmbox_kmalloc_init(void)
{
	unsigned int size, class = 0;

	class_of[0] = MMBOX_NR_KMALLOC_CLASSES;
	for (size = 1; size <= MMBOX_KMALLOC_MAX; size++) {
		if (size > classes[class].size)
			class++;
		class_of[size] = class;
	}
}

/* Makes a cache of a class that is one of the box's own. */
static struct mmbox_cache *create_class(struct mmbox *box, const char *prefix,
					unsigned int class, slab_flags_t flags)
{
	unsigned int size = classes[class].size;
	char name[MMBOX_CACHE_NAME_LEN];
	struct mmbox_cache *cache;
	unsigned int align;
	int err;

	scnprintf(name, sizeof(name), "%s%s", prefix, classes[class].name);
	/* Powers of two are aligned to themselves, as far as pages are. */
	align = 1U << __ffs(size);
	align = clamp_t(unsigned int, align, ARCH_KMALLOC_MINALIGN, PAGE_SIZE);
	cache = mmbox_cache_make(box, name, size, align, flags, NULL);
	if (IS_ERR(cache))
		return cache;
	cache->internal = true;
	err = mmbox_cache_publish(cache, box->settings.slab_debug);
	return err ? ERR_PTR(err) : cache;
}

static int create_type(struct mmbox *box, unsigned int type)
{
	struct mmbox_cache *cache;
	unsigned int class;

	for (class = 0; class < MMBOX_NR_KMALLOC_CLASSES; class++) {
		cache = create_class(box, types[type].prefix, class,
				     types[type].flags);
		if (IS_ERR(cache))
			return PTR_ERR(cache);
		box->kmalloc[type][class] = cache;
	}
	return 0;
}

static int create_copy(struct mmbox *box, unsigned int nr)
{
	struct mmbox_cache **copy = box->kmalloc_copies.cache[nr];
	char prefix[sizeof("kmalloc-rnd-15-")];
	struct mmbox_cache *cache;
	unsigned int class;

	scnprintf(prefix, sizeof(prefix), "kmalloc-rnd-%02u-", nr + 1);
	for (class = 0; class < MMBOX_NR_KMALLOC_CLASSES; class++) {
		if (copy[class])
			continue;
		cache = create_class(box, prefix, class, 0);
		if (IS_ERR(cache))
			return PTR_ERR(cache);
		copy[class] = cache;
	}
	return 0;
}

/**
 * mmbox_kmalloc_set_copies - have copies of the caches serve, by the settings
 * @box: the box
 *
 * Those that are missing are made; those that are too many stay, and serve no
 * more. With copies a request has to find the one that is meant: the fast path
 * of mmbox_kmalloc() finds none there.
 *
 * Context: process context, may sleep; the caller holds box->tune_lock, or
 * nobody else has the box yet.
 * Return: 0; -EEXIST if somebody else has a cache of a name that is needed, or
 * -ENOMEM: as many serve as before then.
 */
int mmbox_kmalloc_set_copies(struct mmbox *box)
{
	unsigned int nr = box->settings.kmalloc_copies, i, class;
	int err;

	for (i = 0; i < nr; i++) {
		err = create_copy(box, i);
		if (err)
			return err;
	}
	/* Who sees the number sees the copies, too. */
	smp_store_release(&box->kmalloc_copies.nr, nr);
	for (class = 0; class < MMBOX_NR_KMALLOC_CLASSES; class++)
		mmbox_cache_set_fast_copy(box->kmalloc[MMBOX_KMALLOC_NORMAL]
						      [class],
					  nr ? NULL :
					  &box->kmalloc_sheaves[class]);
	return 0;
}

/**
 * mmbox_kmalloc_create - make the kmalloc caches of a box
 * @box: the box
 *
 * Context: process context, may sleep; nobody else has the box yet.
 * Return: 0 or -ENOMEM; what was made goes with the caches of the box.
 */
int mmbox_kmalloc_create(struct mmbox *box)
{
	unsigned int type, class;
	int err = 0;

	for (class = 0; class <= MMBOX_NR_KMALLOC_CLASSES; class++)
		box->kmalloc_sheaves[class] = &mmbox_no_sheaves;
	box->kmalloc_copies.seed = get_random_long();
	for (type = 0; !err && type < MMBOX_NR_KMALLOC_TYPES; type++)
		err = create_type(box, type);
	return err ?: mmbox_kmalloc_set_copies(box);
}

/* A block of pages that kfree() may free, and mmbox_free_pages() may not. */
static void *alloc_large(struct mmbox *box, size_t size, gfp_t gfp,
			 unsigned long caller)
{
	unsigned int order = get_order(size);
	struct mmbox_page *page;
	struct page *host;

	if (order > MMBOX_MAX_ORDER)
		return NULL;
	gfp &= ~(__GFP_HIGHMEM | __GFP_MOVABLE);
	host = mmbox_alloc_pages_for(box, gfp, order, caller);
	if (!host)
		return NULL;
	preempt_disable();
	page = mmbox_section_page(mmbox_section_find(page_to_pfn(host)),
				  page_to_pfn(host));
	mmbox_page_set(page, MMBOX_PAGE_LARGE, order);
	preempt_enable();
	return page_address(host);
}

/* The descriptor of the page that begins at an address, or NULL. */
static struct mmbox_page *page_at(const void *ptr)
{
	struct mmbox_section *section;
	unsigned long pfn;

	if (!PAGE_ALIGNED(ptr) || !virt_addr_valid(ptr))
		return NULL;
	pfn = page_to_pfn(virt_to_page(ptr));
	section = mmbox_section_find(pfn);
	return section ? mmbox_section_page(section, pfn) : NULL;
}

/* Returns false if it is not a large object. */
static bool free_large(const void *ptr)
{
	struct mmbox_page *page;
	unsigned int order = 0;
	bool large = false;

	preempt_disable();
	page = page_at(ptr);
	if (page && mmbox_page_state(page) == MMBOX_PAGE_LARGE) {
		order = mmbox_page_order(page);
		large = mmbox_page_change(page, MMBOX_PAGE_LARGE,
					  MMBOX_PAGE_ALLOC, order);
	}
	preempt_enable();
	if (large)
		mmbox_free_pages(virt_to_page(ptr), order);
	return large;
}

/* The cache for an ordinary request of a class: the same for each caller. */
static struct mmbox_cache *choose_copy(struct mmbox *box, unsigned int nr,
				       unsigned int class, unsigned long caller)
{
	struct mmbox_kmalloc_copies *copies = &box->kmalloc_copies;
	unsigned int i = reciprocal_scale(hash_long(caller ^ copies->seed, 32),
					  nr + 1);

	return i ? copies->cache[i - 1][class] :
		   box->kmalloc[MMBOX_KMALLOC_NORMAL][class];
}

static noinline void *kmalloc_slow(struct mmbox *box, size_t size, gfp_t gfp,
				   unsigned long caller)
{
	unsigned int type = MMBOX_KMALLOC_NORMAL, nr;

	if (!size)
		return ZERO_SIZE_PTR;
	if (size > MMBOX_KMALLOC_MAX)
		return alloc_large(box, size, gfp, caller);
	if (gfp & __GFP_DMA)
		type = MMBOX_KMALLOC_DMA;
	else if (gfp & __GFP_RECLAIMABLE)
		type = MMBOX_KMALLOC_RECLAIM;
	/* Who sees the number sees the copies, too. */
	nr = smp_load_acquire(&box->kmalloc_copies.nr);
	if (nr && type == MMBOX_KMALLOC_NORMAL)
		return mmbox_cache_alloc_from(choose_copy(box, nr,
							  class_of[size],
							  caller), gfp, size,
					      caller);
	return mmbox_cache_alloc_sized(box->kmalloc[type][class_of[size]], gfp,
				       size, caller);
}

static __always_inline bool kmalloc_fast(struct mmbox *box, size_t size,
					 gfp_t gfp, void **object)
{
	bool done;

	if (unlikely(size > MMBOX_KMALLOC_MAX || gfp & GFP_SPECIAL))
		return false;
	preempt_disable();
	done = mmbox_sheaves_alloc(READ_ONCE(box->kmalloc_sheaves
					     [class_of[size]]), object);
	preempt_enable();
	return done;
}

/* The way while it is traced: see alloc_traced() in slab_alloc.c. */
static noinline void *kmalloc_traced(struct mmbox *box, size_t size, gfp_t gfp,
				     unsigned long caller)
{
	void *object;

	if (!kmalloc_fast(box, size, gfp, &object))
		object = kmalloc_slow(box, size, gfp, caller);
	trace_kmalloc(caller, object, size, mmbox_ksize(object), gfp,
		      box->name);
	return object;
}

/**
 * mmbox_kmalloc - allocate memory by size
 * @box:  the box
 * @size: bytes wanted; more than 8192 come as a block of pages
 * @gfp:  as for mmbox_cache_alloc(); __GFP_DMA and __GFP_RECLAIMABLE choose a
 *	  cache of such pages
 *
 * Memory of a power of two is aligned to that, up to a page.
 *
 * Context: as mmbox_alloc_pages().
 * Return: the memory, ZERO_SIZE_PTR for 0 bytes, or NULL.
 */
void *mmbox_kmalloc(struct mmbox *box, size_t size, gfp_t gfp)
{
	void *object;

	if (trace_kmalloc_enabled())
		return kmalloc_traced(box, size, gfp, _RET_IP_);
	if (likely(kmalloc_fast(box, size, gfp, &object)))
		return object;
	return kmalloc_slow(box, size, gfp, _RET_IP_);
}
EXPORT_SYMBOL_GPL(mmbox_kmalloc);

/**
 * mmbox_kmalloc_for - allocate memory by size on behalf of somebody else, whose
 *		       call it is that counts
 * @box:    the box
 * @size:   as for mmbox_kmalloc()
 * @gfp:    likewise
 * @caller: address that the request came from
 *
 * Context: as mmbox_alloc_pages().
 * Return: as mmbox_kmalloc().
 */
void *mmbox_kmalloc_for(struct mmbox *box, size_t size, gfp_t gfp,
			unsigned long caller)
{
	void *object;

	if (trace_kmalloc_enabled())
		return kmalloc_traced(box, size, gfp, caller);
	if (likely(kmalloc_fast(box, size, gfp, &object)))
		return object;
	return kmalloc_slow(box, size, gfp, caller);
}

static noinline void kfree_slow(const void *ptr, unsigned long caller)
{
	if (ZERO_OR_NULL_PTR(ptr) || free_large(ptr))
		return;
	mmbox_cache_free_slow(NULL, (void *)ptr, caller);
}

static __always_inline bool kfree_fast(const void *ptr)
{
	bool done;

	preempt_disable();
	done = mmbox_sheaves_free(mmbox_slab_guess(ptr), (void *)ptr);
	preempt_enable();
	return done;
}

/* The name of the box that memory is of, or an empty one. */
static void name_box(const void *ptr, char *name)
{
	const struct mmbox *box;

	*name = '\0';
	preempt_disable();
	box = mmbox_box_of(ptr);
	if (box)
		strscpy(name, box->name, MMBOX_NAME_LEN);
	preempt_enable();
}

static noinline void kfree_traced(const void *ptr, unsigned long caller)
{
	char name[MMBOX_NAME_LEN];

	name_box(ptr, name);
	trace_kfree(caller, ptr, name);
	if (!kfree_fast(ptr))
		kfree_slow(ptr, caller);
}

/**
 * mmbox_kfree_for - free memory on behalf of somebody, the long way
 * @ptr:    as for mmbox_kfree()
 * @caller: address that the free came from
 *
 * Context: as mmbox_kfree().
 */
void mmbox_kfree_for(const void *ptr, unsigned long caller)
{
	if (trace_kfree_enabled())
		kfree_traced(ptr, caller);
	else
		kfree_slow(ptr, caller);
}

/**
 * mmbox_kfree - free memory of any of the calls of this family
 * @ptr: the memory, of any box; NULL and ZERO_SIZE_PTR do nothing
 *
 * Objects of caches may be freed so, too. A wrong free changes nothing: it is
 * refused, counted and reported.
 *
 * Context: as mmbox_cache_free().
 */
void mmbox_kfree(const void *ptr)
{
	if (trace_kfree_enabled()) {
		kfree_traced(ptr, _RET_IP_);
		return;
	}
	if (unlikely(!kfree_fast(ptr)))
		kfree_slow(ptr, _RET_IP_);
}
EXPORT_SYMBOL_GPL(mmbox_kfree);

/**
 * mmbox_ksize - how many bytes there are
 * @ptr: memory from mmbox_kmalloc() or a cache
 *
 * Context: any.
 * Return: bytes that may be used, at least as many as asked for; 0 if @ptr is
 * NULL, ZERO_SIZE_PTR, or not the first byte of such memory that is allocated.
 */
size_t mmbox_ksize(const void *ptr)
{
	const struct mmbox_page *page;
	const struct mmbox_slab *slab;
	unsigned long nr;
	size_t size = 0;

	if (ZERO_OR_NULL_PTR(ptr))
		return 0;
	preempt_disable();
	slab = mmbox_slab_find(ptr);
	page = page_at(ptr);
	nr = slab ? mmbox_slab_nr(slab, ptr) : 0;
	if (slab && nr < slab->nr_objects &&
	    READ_ONCE(slab->state[nr]) == MMBOX_OBJECT_ALLOC)
		size = slab->layout->object_size;
	else if (page && mmbox_page_state(page) == MMBOX_PAGE_LARGE)
		size = PAGE_SIZE << mmbox_page_order(page);
	preempt_enable();
	return size;
}
EXPORT_SYMBOL_GPL(mmbox_ksize);

/**
 * mmbox_krealloc - make memory larger or smaller, keeping its contents
 * @box:  where new memory comes from
 * @ptr:  memory from mmbox_kmalloc(), or NULL
 * @size: bytes wanted; 0 frees
 * @gfp:  as for mmbox_kmalloc(); __GFP_ZERO clears what was not there
 *
 * Context: as mmbox_kmalloc().
 * Return: the memory, at another address maybe; ZERO_SIZE_PTR for 0 bytes; or
 * NULL, and @ptr is as it was.
 */
void *mmbox_krealloc(struct mmbox *box, const void *ptr, size_t size, gfp_t gfp)
{
	size_t old = mmbox_ksize(ptr);
	void *new;

	if (!size) {
		mmbox_kfree(ptr);
		return ZERO_SIZE_PTR;
	}
	if (!ZERO_OR_NULL_PTR(ptr) && !old) {
		mmbox_slab_refuse(NULL, (void *)ptr, _RET_IP_);
		return NULL;
	}
	if (old && size <= old)
		return (void *)ptr;
	new = mmbox_kmalloc_for(box, size, gfp, _RET_IP_);
	if (new && old) {
		memcpy(new, ptr, old);
		mmbox_kfree(ptr);
	}
	return new;
}
EXPORT_SYMBOL_GPL(mmbox_krealloc);

/**
 * mmbox_kfree_sensitive - clear memory and free it
 * @ptr: as for mmbox_kfree()
 *
 * Context: as mmbox_kfree().
 */
void mmbox_kfree_sensitive(const void *ptr)
{
	size_t size = mmbox_ksize(ptr);

	if (size)
		memzero_explicit((void *)ptr, size);
	mmbox_kfree(ptr);
}
EXPORT_SYMBOL_GPL(mmbox_kfree_sensitive);

static void *duplicate(struct mmbox *box, const void *src, size_t size,
		       gfp_t gfp, unsigned long caller)
{
	void *copy = mmbox_kmalloc_for(box, size, gfp, caller);

	if (copy)
		memcpy(copy, src, size);
	return copy;
}

/**
 * mmbox_kmemdup - a copy of memory
 * @box:  the box
 * @src:  what to copy
 * @size: how many bytes of it
 * @gfp:  as for mmbox_kmalloc()
 *
 * Context: as mmbox_kmalloc().
 * Return: the copy, or NULL.
 */
void *mmbox_kmemdup(struct mmbox *box, const void *src, size_t size, gfp_t gfp)
{
	return duplicate(box, src, size, gfp, _RET_IP_);
}
EXPORT_SYMBOL_GPL(mmbox_kmemdup);

/**
 * mmbox_kstrdup - a copy of a string
 * @box: the box
 * @s:	 the string, or NULL
 * @gfp: as for mmbox_kmalloc()
 *
 * Context: as mmbox_kmalloc().
 * Return: the copy, or NULL.
 */
char *mmbox_kstrdup(struct mmbox *box, const char *s, gfp_t gfp)
{
	return s ? duplicate(box, s, strlen(s) + 1, gfp, _RET_IP_) : NULL;
}
EXPORT_SYMBOL_GPL(mmbox_kstrdup);

/* The large object that has an address in it, or NULL. */
static void *large_around(unsigned long addr)
{
	unsigned int order;
	void *large = NULL;

	preempt_disable();
	for (order = 0; order <= MMBOX_MAX_ORDER && !large; order++) {
		void *start = (void *)(addr & ~((PAGE_SIZE << order) - 1));
		const struct mmbox_page *page = page_at(start);

		if (page && mmbox_page_is(page, MMBOX_PAGE_LARGE, order))
			large = start;
	}
	preempt_enable();
	return large;
}

/**
 * mmbox_kfree_around - free the memory that an address lies in
 * @inside: the address; of an object, or of the first page of a larger one
 *
 * Context: as mmbox_kfree().
 */
void mmbox_kfree_around(const void *inside)
{
	struct mmbox_slab *slab = mmbox_slab_find(inside);
	unsigned long nr;

	if (!slab) {
		mmbox_kfree(large_around((unsigned long)inside) ?: inside);
		return;
	}
	nr = ((unsigned long)inside - slab->base) / slab->layout->size;
	mmbox_kfree(mmbox_slab_object(slab, nr));
}

/* The head is somewhere in the object, which stays until here. */
static void free_after_grace(struct rcu_head *head)
{
	mmbox_kfree_around(head);
}

/**
 * mmbox_kfree_call_rcu - free memory when no reader can have it any more
 * @head:   within the object; mmbox_kfree_rcu() is a convenient way to name it
 *
 * Context: any.
 */
void mmbox_kfree_call_rcu(struct rcu_head *head)
{
	call_rcu(head, free_after_grace);
}
EXPORT_SYMBOL_GPL(mmbox_kfree_call_rcu);
