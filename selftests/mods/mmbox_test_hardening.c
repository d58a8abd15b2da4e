// SPDX-License-Identifier: GPL-2.0
/*
 * Test of the hardening of a box: "run" names the case; the result of loading
 * the module is the verdict. Memory comes from box0, and the test that loads
 * this sets what is to be switched on there.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "mmbox_test_case.h"

static char *run = "";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "the case to run");

/* What users leave in memory. */
#define DIRT		0xa7

/* What the kernel documents for a freed object with poison. */
#define FREE_BYTE	0x6b

#define SIZE		77
#define NR_OBJECTS	100
#define NR_PAGES	40

static struct mmbox *box;
static struct mmbox_cache *cache;
static u8 *objects[NR_OBJECTS];
static struct page *pages[NR_PAGES];

static bool is_clear(const void *memory, size_t size)
{
	return !memchr_inv(memory, 0, size);
}

/*
 * Clearing
 */

static void *get_block(size_t size)
{
	return (void *)mmbox_get_free_pages(box, GFP_KERNEL, get_order(size));
}

static void put_block(void *memory, size_t size)
{
	mmbox_free_pages_addr((unsigned long)memory, get_order(size));
}

static void *get_local(size_t size)
{
	struct page *page = mmbox_alloc_pages(box, GFP_ATOMIC | __GFP_THISNODE,
					      get_order(size));

	return page ? page_address(page) : NULL;
}

static void *get_size(size_t size)
{
	return mmbox_kmalloc(box, size, GFP_KERNEL);
}

static void put_size(void *memory, size_t size)
{
	mmbox_kfree(memory);
}

static void *get_reclaimable(size_t size)
{
	return mmbox_kmalloc(box, size, GFP_KERNEL | __GFP_RECLAIMABLE);
}

static void *get_object(size_t size)
{
	return mmbox_cache_alloc(cache, GFP_ATOMIC);
}

static void put_object(void *memory, size_t size)
{
	mmbox_cache_free(cache, memory);
}

static void *get_prefilled(size_t size)
{
	struct mmbox_sheaf *sheaf = mmbox_cache_prefill(cache, GFP_KERNEL, 1);
	void *object;

	if (!sheaf)
		return NULL;
	object = mmbox_cache_alloc_prefilled(cache, GFP_ATOMIC, sheaf);
	mmbox_cache_return(cache, sheaf);
	return object;
}

static void *get_area(size_t size)
{
	return mmbox_vmalloc(box, size);
}

static void *get_clear_area(size_t size)
{
	return mmbox_vzalloc(box, size);
}

static void put_area(void *memory, size_t size)
{
	mmbox_vfree(memory);
}

static void *get_any(size_t size)
{
	return mmbox_kvmalloc(box, size, GFP_KERNEL);
}

static void put_any(void *memory, size_t size)
{
	mmbox_kvfree(memory);
}

/* Ways to memory; @clear: the call itself promises zeroes. */
static const struct {
	const char *name;
	size_t size;
	void *(*get)(size_t size);
	void (*put)(void *memory, size_t size);
	bool clear;
} ways[] = {
	{ "a page", PAGE_SIZE, get_block, put_block },
	{ "eight pages", 8 * PAGE_SIZE, get_block, put_block },
	{ "a large block", PAGE_SIZE << MMBOX_MAX_ORDER, get_block,
	  put_block },
	{ "pages of the node", 2 * PAGE_SIZE, get_local, put_block },
	{ "kmalloc of 8", 8, get_size, put_size },
	{ "kmalloc of 100", 100, get_size, put_size },
	{ "kmalloc of 8192", 8192, get_size, put_size },
	{ "kmalloc of 40000", 40000, get_size, put_size },
	{ "reclaimable kmalloc", 64, get_reclaimable, put_size },
	{ "a cache", SIZE, get_object, put_object },
	{ "a prefilled sheaf", SIZE, get_prefilled, put_object },
	{ "vmalloc", 3 * PAGE_SIZE, get_area, put_area },
	{ "vzalloc", 3 * PAGE_SIZE, get_clear_area, put_area, true },
	{ "kvmalloc", 64 * PAGE_SIZE, get_any, put_any },
};

/**
 * struct dirt - how often memory was not clear
 * @found: when it was allocated
 * @left:  when it had been freed
 */
struct dirt {
	unsigned int found;
	unsigned int left;
};

/* Where the first bytes of memory can be looked at when it is freed. */
static void *lasting(void *memory)
{
	return is_vmalloc_addr(memory) ?
	       page_address(mmbox_vmalloc_to_page(memory)) : memory;
}

/* Memory is dirtied, freed and allocated again. */
static const char *try_way(unsigned int i, struct dirt *dirt)
{
	size_t size = ways[i].size;
	void *memory = ways[i].get(size), *look;

	expect(memory);
	memset(memory, DIRT, size);
	look = lasting(memory);
	ways[i].put(memory, size);
	dirt->left += !is_clear(look, min_t(size_t, size, PAGE_SIZE));

	memory = ways[i].get(size);
	expect(memory);
	if (!is_clear(memory, size)) {
		dirt->found++;
		expect(!ways[i].clear);
	}
	ways[i].put(memory, size);
	return NULL;
}

static const char *try_bulk_objects(struct dirt *dirt)
{
	unsigned int i, round;

	for (round = 0; round < 2; round++) {
		expect(mmbox_cache_alloc_bulk(cache, GFP_KERNEL, NR_OBJECTS,
					      (void **)objects) == NR_OBJECTS);
		for (i = 0; i < NR_OBJECTS; i++) {
			dirt->found += round && !is_clear(objects[i], SIZE);
			memset(objects[i], DIRT, SIZE);
		}
		mmbox_cache_free_bulk(cache, NR_OBJECTS, (void **)objects);
		for (i = 0; i < NR_OBJECTS; i++)
			dirt->left += round && !is_clear(objects[i], SIZE);
	}
	return NULL;
}

static const char *try_bulk_pages(struct dirt *dirt)
{
	void *look[NR_PAGES];
	unsigned int i, round;

	for (round = 0; round < 2; round++) {
		memset(pages, 0, sizeof(pages));
		expect(mmbox_alloc_pages_bulk(box, GFP_KERNEL, NR_PAGES,
					      pages) == NR_PAGES);
		for (i = 0; i < NR_PAGES; i++) {
			look[i] = page_address(pages[i]);
			dirt->found += round && !is_clear(look[i], PAGE_SIZE);
			memset(look[i], DIRT, PAGE_SIZE);
		}
		mmbox_free_pages_bulk(NR_PAGES, pages);
		for (i = 0; i < NR_PAGES; i++)
			dirt->left += round && !is_clear(look[i], PAGE_SIZE);
	}
	return NULL;
}

static const char *try_all(struct dirt *dirt)
{
	const char *verdict = NULL;
	unsigned int i;

	for (i = 0; !verdict && i < ARRAY_SIZE(ways); i++) {
		verdict = try_way(i, dirt);
		if (verdict)
			pr_err("%s\n", ways[i].name);
	}
	return verdict ?: try_bulk_objects(dirt) ?: try_bulk_pages(dirt);
}

/* Whoever is not told to clear does not: else nothing here says anything. */
static const char *test_dirty(void)
{
	struct dirt dirt = { };
	const char *verdict = try_all(&dirt);

	if (verdict)
		return verdict;
	/* All but vzalloc(), and all of the bulk calls. */
	expect(dirt.found >= ARRAY_SIZE(ways) - 1 + NR_OBJECTS / 2 +
			     NR_PAGES / 2);
	expect(dirt.left >= ARRAY_SIZE(ways) + NR_OBJECTS + NR_PAGES / 2);
	return NULL;
}

static const char *test_init_alloc(void)
{
	struct dirt dirt = { };
	const char *verdict = try_all(&dirt);

	if (verdict)
		return verdict;
	expect(!dirt.found);
	expect(dirt.left);
	return NULL;
}

/* What was free before it was switched on may be found as it was. */
static const char *test_init_free(void)
{
	struct dirt dirt = { };
	const char *verdict = try_all(&dirt);

	if (verdict)
		return verdict;
	expect(!dirt.left);
	return NULL;
}

static const char *test_init_always(void)
{
	struct dirt dirt = { };
	const char *verdict = try_all(&dirt);

	if (verdict)
		return verdict;
	expect(!dirt.found);
	expect(!dirt.left);
	return NULL;
}

static void construct(void *object)
{
	memset(object, 0x33, SIZE);
}

/* What is freed stays as it is, and is found so by whoever gets it next. */
static const char *keeps(struct mmbox_cache *kept, bool constructed)
{
	u8 *object = mmbox_cache_alloc(kept, GFP_KERNEL);

	expect(object);
	expect(!constructed || !memchr_inv(object, 0x33, SIZE));
	memset(object, DIRT, SIZE);
	mmbox_cache_free(kept, object);
	expect(!memchr_inv(object, DIRT, SIZE));
	expect(mmbox_cache_alloc(kept, GFP_KERNEL) == object);
	expect(!memchr_inv(object, DIRT, SIZE));
	mmbox_cache_free(kept, object);
	return NULL;
}

/* Objects that have contents while they are free are never cleared. */
static const char *test_init_kept(void)
{
	struct mmbox_cache *made, *typesafe;
	const char *verdict;

	made = mmbox_cache_create(box, "hard-ctor", SIZE, 0, 0, construct);
	typesafe = mmbox_cache_create(box, "hard-rcu", SIZE, 0,
				      SLAB_TYPESAFE_BY_RCU, NULL);
	expect(made && typesafe);
	verdict = keeps(made, true) ?: keeps(typesafe, false);
	expect(!mmbox_cache_destroy(made) && !mmbox_cache_destroy(typesafe));
	return verdict;
}

/* Poison stays in free objects, and is nothing that an owner gets to see. */
static const char *test_init_poison(void)
{
	struct mmbox_cache *poisoned;
	u8 *object;

	poisoned = mmbox_cache_create(box, "hard-poison", SIZE, 0, SLAB_POISON,
				      NULL);
	expect(poisoned);
	object = mmbox_cache_alloc(poisoned, GFP_KERNEL);
	expect(object && is_clear(object, SIZE));
	memset(object, DIRT, SIZE);
	mmbox_cache_free(poisoned, object);
	expect(!memchr_inv(object, FREE_BYTE, SIZE - 1));
	expect(mmbox_cache_validate(poisoned) == 0);
	expect(mmbox_cache_destroy(poisoned) == 0);
	return NULL;
}

/* All pages that can be had, each on a list that stands in it. */
static struct page *take_all(bool *clear)
{
	struct page *page, *first = NULL;

	*clear = true;
	while ((page = mmbox_alloc_pages(box, GFP_ATOMIC | __GFP_NOWARN, 0))) {
		*clear = *clear && is_clear(page_address(page), PAGE_SIZE);
		memset(page_address(page), DIRT, PAGE_SIZE);
		*(struct page **)page_address(page) = first;
		first = page;
	}
	return first;
}

static bool all_clear(void)
{
	struct page *page, *next;
	bool clear;

	for (page = take_all(&clear); page; page = next) {
		next = *(struct page **)page_address(page);
		mmbox_free_pages(page, 0);
	}
	return clear;
}

static const char *test_all_clear(void)
{
	expect(all_clear());
	return NULL;
}

/* This leaves it so, for the host and those who get the pages next. */
static const char *test_all_dirty(void)
{
	expect(!all_clear());
	return NULL;
}

/*
 * Order
 */

/* How many objects of a new cache lie beside the one allocated before them. */
static const char *count_neighbours(unsigned int *nr)
{
	unsigned int i;
	long distance;

	*nr = 0;
	expect(mmbox_cache_alloc_bulk(cache, GFP_KERNEL, NR_OBJECTS,
				      (void **)objects) == NR_OBJECTS);
	for (i = 1; i < NR_OBJECTS; i++) {
		distance = objects[i] - objects[i - 1];
		*nr += abs(distance) == ALIGN(SIZE, sizeof(long));
	}
	mmbox_cache_free_bulk(cache, NR_OBJECTS, (void **)objects);
	return NULL;
}

static const char *test_in_order(void)
{
	unsigned int nr;

	return count_neighbours(&nr) ?:
	       nr >= NR_OBJECTS * 8 / 10 ? NULL : "no order";
}

/* Two of a hundred would be usual. */
static const char *test_no_order(void)
{
	unsigned int nr;

	return count_neighbours(&nr) ?:
	       nr <= NR_OBJECTS / 5 ? NULL : "there is an order";
}

/* All of a slab, none of them twice, and all come back. */
static const char *test_whole_slabs(void)
{
	const unsigned int nr = 20 * NR_OBJECTS;
	unsigned int i, got = 0;
	u8 **many;

	many = kvcalloc(nr, sizeof(*many), GFP_KERNEL);
	expect(many);
	for (i = 0; i < nr; i++) {
		many[i] = mmbox_cache_alloc(cache, GFP_KERNEL);
		if (!many[i])
			break;
		memset(many[i], i, SIZE);
	}
	for (i = 0; i < nr && many[i]; i++) {
		got += !memchr_inv(many[i], (u8)i, SIZE);
		mmbox_cache_free(cache, many[i]);
	}
	kvfree(many);
	expect(got == nr);
	expect(mmbox_cache_shrink(cache) == 0);
	return NULL;
}

/*
 * Copies of the caches for kmalloc. The objects of one cache lie in the same
 * slab as long as they are few: in a block of pages, aligned to its size.
 */

#define SLAB_BYTES	(PAGE_SIZE << 2)

static noinline void *from_here(void)
{
	void *object = mmbox_kmalloc(box, 64, GFP_KERNEL);

	/* Else it would be the place that this returns to that calls. */
	barrier();
	return object;
}

/* How many different caches serve calls at different places. */
static const char *count_caches(unsigned int *nr, bool *same)
{
	void *got[] = {
		mmbox_kmalloc(box, 64, GFP_KERNEL),
		mmbox_kmalloc(box, 64, GFP_KERNEL),
		mmbox_kmalloc(box, 64, GFP_KERNEL),
		mmbox_kmalloc(box, 64, GFP_KERNEL),
		mmbox_kmalloc(box, 64, GFP_KERNEL),
		mmbox_kmalloc(box, 64, GFP_KERNEL),
		mmbox_kzalloc(box, 64, GFP_KERNEL),
		mmbox_kmemdup(box, "", 50, GFP_KERNEL),
		mmbox_kmemdup(box, "", 50, GFP_KERNEL),
		mmbox_kmemdup(box, "", 50, GFP_KERNEL),
		from_here(), from_here(), from_here(), from_here(),
	};
	unsigned int i, j, last = ARRAY_SIZE(got) - 1;

	*nr = 0;
	*same = true;
	for (i = 0; i < ARRAY_SIZE(got); i++) {
		expect(got[i] && mmbox_ksize(got[i]) == 64);
		for (j = 0; j < i; j++)
			if ((unsigned long)got[i] / SLAB_BYTES ==
			    (unsigned long)got[j] / SLAB_BYTES)
				break;
		*nr += j == i;
	}
	for (i = last - 3; i < last; i++)
		*same = *same && (unsigned long)got[i] / SLAB_BYTES ==
				 (unsigned long)got[last] / SLAB_BYTES;
	for (i = 0; i < ARRAY_SIZE(got); i++)
		mmbox_kfree(got[i]);
	return NULL;
}

static const char *test_one_cache(void)
{
	const char *verdict;
	unsigned int nr;
	bool same;

	verdict = count_caches(&nr, &same);
	if (verdict)
		return verdict;
	expect(nr == 1 && same);
	return NULL;
}

/* That eleven places have two of 16 caches among them: once in 10^8 boxes. */
static const char *test_many_caches(void)
{
	const char *verdict;
	unsigned int nr;
	bool same;

	verdict = count_caches(&nr, &same);
	if (verdict)
		return verdict;
	expect(nr > 2);
	expect(same);
	return NULL;
}

/*
 * Quarantine
 */

#define ALL_CHECKS \
	(SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER)

#define NR_KEPT		50

/* How many others are freed before an object is allocated again. */
static const char *count_kept(unsigned int *nr)
{
	void *object = mmbox_cache_alloc(cache, GFP_KERNEL), *other;

	expect(object);
	mmbox_cache_free(cache, object);
	for (*nr = 0; *nr < 10 * NR_OBJECTS; ++*nr) {
		other = mmbox_cache_alloc(cache, GFP_KERNEL);
		expect(other);
		mmbox_cache_free(cache, other);
		if (other == object)
			break;
	}
	return NULL;
}

/* With room for @bytes in quarantine, and for @kept objects. */
static const char *keeps_back(unsigned long bytes, unsigned int kept)
{
	const char *verdict;
	unsigned int nr;

	expect(mmbox_cache_set_quarantine(cache, bytes) == 0);
	verdict = count_kept(&nr);
	if (verdict)
		return verdict;
	expect(nr >= kept);
	expect(kept || nr == 0);
	return NULL;
}

static const char *test_quarantine(void)
{
	const unsigned int size = ALIGN(SIZE, sizeof(long));
	const char *verdict;

	verdict = keeps_back(0, 0) ?: keeps_back(NR_KEPT * size, NR_KEPT);
	if (verdict)
		return verdict;
	/* None that is kept back is in the way. */
	expect(mmbox_cache_shrink(cache) == 0);
	return keeps_back(1, 1) ?: keeps_back(0, 0);
}

/* Writes to objects that are kept back are found, and who frees them twice. */
static const char *quarantine_checks(struct mmbox_cache *checked)
{
	u8 *object[3];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		object[i] = mmbox_cache_alloc(checked, GFP_KERNEL);
		expect(object[i]);
	}
	mmbox_cache_free(checked, object[0]);
	expect(!memchr_inv(object[0], FREE_BYTE, SIZE - 1));
	mmbox_cache_free(checked, object[0]);
	mmbox_kfree(object[0]);
	expect(mmbox_cache_validate(checked) == 2);
	expect(mmbox_ksize(object[0]) == 0);
	object[0][5] = 1;
	expect(mmbox_cache_validate(checked) == 1);
	/* When it leaves for others, or for all. */
	object[0][6] = 1;
	mmbox_cache_free(checked, object[1]);
	mmbox_cache_free(checked, object[2]);
	expect(mmbox_cache_validate(checked) == 1);
	object[2][7] = 1;
	expect(mmbox_cache_shrink(checked) == 0);
	expect(mmbox_cache_validate(checked) == 1);
	return NULL;
}

static const char *test_quarantine_checks(void)
{
	struct mmbox_cache *checked;
	const char *verdict;

	checked = mmbox_cache_create(box, "hard-checked", SIZE, 0, ALL_CHECKS,
				     NULL);
	/* Room for one: with checks an object is larger. */
	expect(checked && !mmbox_cache_set_quarantine(checked, SIZE));
	verdict = quarantine_checks(checked);
	expect(mmbox_cache_destroy(checked) == 0 || verdict);
	return verdict;
}

/* Takes all pages that can be had so, onto a list that stands in them. */
static unsigned int take_pages(gfp_t gfp, void **list)
{
	unsigned int nr = 0;
	void *page;

	while ((page = (void *)mmbox_get_free_pages(box, gfp | __GFP_NOWARN,
						    0))) {
		*(void **)page = *list;
		*list = page;
		nr++;
	}
	return nr;
}

static void give_pages(void **list)
{
	while (*list) {
		void *page = *list;

		*list = *(void **)page;
		mmbox_free_pages_addr((unsigned long)page, 0);
	}
}

/* A box that is short of pages gets those of objects that are kept back. */
static const char *test_quarantine_pressure(void)
{
	void *object[16], *list = NULL;
	unsigned int i, nr;

	/* After this nobody has anything at hand. */
	take_pages(GFP_KERNEL, &list);
	give_pages(&list);
	for (i = 0; i < ARRAY_SIZE(object); i++) {
		object[i] = mmbox_kmalloc(box, 8192, GFP_KERNEL);
		expect(object[i]);
	}
	for (i = 0; i < ARRAY_SIZE(object); i++)
		mmbox_kfree(object[i]);
	take_pages(GFP_ATOMIC, &list);
	nr = take_pages(GFP_KERNEL | __GFP_HIGH, &list);
	give_pages(&list);
	expect(nr >= ARRAY_SIZE(object) * (8192 / PAGE_SIZE));
	return NULL;
}

static const struct test_case cases[] = {
	{ "dirty", test_dirty },
	{ "init-alloc", test_init_alloc },
	{ "init-free", test_init_free },
	{ "init-always", test_init_always },
	{ "init-kept", test_init_kept },
	{ "init-poison", test_init_poison },
	{ "all-clear", test_all_clear },
	{ "all-dirty", test_all_dirty },
	{ "in-order", test_in_order },
	{ "no-order", test_no_order },
	{ "whole-slabs", test_whole_slabs },
	{ "one-cache", test_one_cache },
	{ "many-caches", test_many_caches },
	{ "quarantine", test_quarantine },
	{ "quarantine-checks", test_quarantine_checks },
	{ "quarantine-pressure", test_quarantine_pressure },
};

static int __init test_init(void)
{
	return run_with_cache(cases, ARRAY_SIZE(cases), run, "hard", SIZE, 0,
			      &box, &cache);
}

static void __exit test_exit(void)
{
}

module_init(test_init);
module_exit(test_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Test of the hardening of a box");
MODULE_LICENSE("GPL");
