// SPDX-License-Identifier: GPL-2.0
/*
 * Test of objects that no block of contiguous pages has room for: kvmalloc, and
 * caches whose slabs lie in areas. "run" names one case; the result of loading
 * the module is the verdict. Each case has a box of its own.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "mmbox_test_case.h"

static char *run = "";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "the case to run");

#define NR_PAGES	(8UL << MMBOX_MAX_ORDER)
#define LARGEST		(PAGE_SIZE << MMBOX_MAX_ORDER)

static struct mmbox *box;
static struct page *pages[NR_PAGES];

/*
 * Leaves the box without a block larger than a page: all pages are taken, and
 * every other one is given back. Returns how many stay.
 */
static unsigned long fragment(void)
{
	unsigned long nr, i, left = 0;

	memset(pages, 0, sizeof(pages));
	nr = mmbox_alloc_pages_bulk(box, GFP_KERNEL, NR_PAGES, pages);
	for (i = 0; i < nr; i++) {
		if (page_to_pfn(pages[i]) & 1) {
			left++;
			continue;
		}
		mmbox_free_pages(pages[i], 0);
		pages[i] = NULL;
	}
	return left;
}

static void unfragment(void)
{
	mmbox_free_pages_bulk(NR_PAGES, pages);
}

static bool in_area(const void *ptr)
{
	return !virt_addr_valid(ptr) && mmbox_vmalloc_to_page(ptr);
}

static const char *test_kvmalloc(void)
{
	size_t size = 64 * PAGE_SIZE + 1;
	char *small, *block, *area;

	small = mmbox_kvmalloc(box, 100, GFP_KERNEL);
	block = mmbox_kvmalloc(box, size, GFP_KERNEL);
	expect(small && block);
	expect(virt_addr_valid(small) && virt_addr_valid(block));
	expect(fragment() > 0);
	area = mmbox_kvzalloc(box, size, GFP_KERNEL);
	expect(area && in_area(area));
	expect(!memchr_inv(area, 0, size));
	memset(area, 0x5a, size);
	/* To map takes time: what cannot wait needs contiguous pages. */
	expect(!mmbox_kvmalloc(box, size, GFP_NOWAIT | __GFP_NOWARN));
	expect(mmbox_kvmalloc(box, 0, GFP_KERNEL) == ZERO_SIZE_PTR);
	mmbox_kvfree(area);
	mmbox_kvfree(block);
	mmbox_kvfree(small);
	mmbox_kvfree(ZERO_SIZE_PTR);
	mmbox_kvfree(NULL);
	unfragment();
	return NULL;
}

struct late {
	char name[300];
	struct rcu_head rcu;
};

/* Freed when no reader can have it any more, whatever it is. */
static const char *test_kvfree_rcu(void)
{
	size_t sizes[] = { sizeof(struct late), 64 * PAGE_SIZE };
	struct mmbox_cache *cache;
	struct late *late = NULL;
	unsigned int i;

	mmbox_kvfree_rcu(late, rcu);
	mmbox_kfree_rcu(late, rcu);
	mmbox_kvfree_rcu_mightsleep(late);
	for (i = 0; i < 100; i++) {
		late = mmbox_kvmalloc(box, sizes[i % 2], GFP_KERNEL);
		expect(late && !in_area(late));
		mmbox_kvfree_rcu(late, rcu);
		late = mmbox_vmalloc(box, sizes[i % 2]);
		expect(late);
		mmbox_kvfree_rcu(late, rcu);
	}
	mmbox_kvfree_rcu_mightsleep(mmbox_vmalloc(box, 1));
	mmbox_kvfree_rcu_mightsleep(mmbox_kmalloc(box, 1, GFP_KERNEL));
	/* An object whose slab lies in an area. */
	cache = mmbox_cache_create(box, "in-area", LARGEST + LARGEST / 4, 0, 0,
				   NULL);
	expect(cache);
	late = mmbox_cache_alloc(cache, GFP_KERNEL);
	expect(late && in_area(late));
	mmbox_kvfree_rcu(late, rcu);
	rcu_barrier();
	expect(!mmbox_cache_destroy(cache));
	return NULL;
}

/* Objects larger than any block. */
static const char *test_huge(void)
{
	size_t size = LARGEST + LARGEST / 4;
	struct mmbox_cache *cache;
	char *object[3];
	unsigned int i;

	cache = mmbox_cache_create(box, "huge", size, 0, 0, NULL);
	expect(cache);
	expect(!mmbox_cache_alloc(cache, GFP_NOWAIT | __GFP_NOWARN));
	for (i = 0; i < ARRAY_SIZE(object); i++) {
		object[i] = mmbox_cache_alloc(cache, GFP_KERNEL);
		expect(object[i] && in_area(object[i]));
		memset(object[i], i, size);
	}
	for (i = 0; i < ARRAY_SIZE(object); i++)
		expect(!memchr_inv(object[i], i, size));
	expect(mmbox_ksize(object[0]) == size);

	/* Frees are checked here, too. */
	expect(mmbox_cache_validate(cache) == 0);
	mmbox_cache_free(cache, object[0] + PAGE_SIZE);
	mmbox_vfree(object[1]);
	mmbox_cache_free(cache, object[0]);
	mmbox_cache_free(cache, object[0]);
	expect(mmbox_cache_validate(cache) == 2);
	expect(!memchr_inv(object[1], 1, size));

	expect(mmbox_cache_destroy(cache) == -EBUSY);
	mmbox_kfree(object[1]);
	mmbox_kvfree(object[2]);
	expect(mmbox_cache_destroy(cache) == 0);
	return NULL;
}

/* Objects that fit into a block, but no block is left. */
static const char *test_fragmented(void)
{
	size_t size = PAGE_SIZE << 5;
	struct mmbox_cache *cache;
	void *before, *after;

	cache = mmbox_cache_create(box, "large", size, 0, 0, NULL);
	expect(cache);
	before = mmbox_cache_alloc(cache, GFP_KERNEL);
	expect(before && virt_addr_valid(before));
	expect(fragment() > 0);
	after = mmbox_cache_alloc(cache, GFP_KERNEL);
	expect(after && in_area(after));
	memset(before, 1, size);
	memset(after, 2, size);
	expect(!memchr_inv(before, 1, size));
	mmbox_cache_free(cache, after);
	mmbox_cache_free(cache, before);
	unfragment();
	expect(mmbox_cache_destroy(cache) == 0);
	return NULL;
}

static const struct test_case cases[] = {
	{ "kvmalloc", test_kvmalloc },
	{ "kvfree_rcu", test_kvfree_rcu },
	{ "huge", test_huge },
	{ "fragmented", test_fragmented },
};

static int __init test_init(void)
{
	struct mmbox_config cfg = {
		.nr_pages[MMBOX_ZONE_ANY] = NR_PAGES,
		MMBOX_NO_MARKS
	};
	const char *verdict;

	box = mmbox_create("area", &cfg);
	if (IS_ERR(box))
		return PTR_ERR(box);
	verdict = run_case(cases, ARRAY_SIZE(cases), run);
	rcu_barrier();	/* what described the slabs is free after that */
	if (mmbox_destroy(box)) {
		mmbox_put(box);
		verdict = verdict ?: "something is left in the box";
	}
	return test_verdict(run, verdict);
}

static void __exit test_exit(void)
{
}

module_init(test_init);
module_exit(test_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Test of objects in areas");
MODULE_LICENSE("GPL");
