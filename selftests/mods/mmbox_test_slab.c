// SPDX-License-Identifier: GPL-2.0
/*
 * Test of caches and of the kmalloc family: what they promise, from all
 * contexts, and that wrong frees change nothing. "run" names one case; the
 * result of loading the module is the verdict. Each case has a box of its own, of
 * its name, which must be whole afterwards.
 */
#include <linux/cpumask.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "mmbox_test_case.h"

static char *run = "";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "the case to run");

#define NR_PAGES	(3UL << MMBOX_MAX_ORDER)
#define NR_OBJECTS	500U

static struct mmbox *box;
static void *objects[NR_OBJECTS];

/* Each object is filled with its own number: none shares memory. */
static void mark(void *object, unsigned int size, unsigned int nr)
{
	memset(object, 1 + nr % 251, size);
	if (size >= sizeof(nr))
		memcpy(object, &nr, sizeof(nr));
}

static bool marked(const void *object, unsigned int size, unsigned int nr)
{
	const u8 *byte = object;
	unsigned int at = 0;

	if (size >= sizeof(nr)) {
		if (memcmp(object, &nr, sizeof(nr)))
			return false;
		at = sizeof(nr);
	}
	return !memchr_inv(byte + at, 1 + nr % 251, size - at);
}

static const char *use_cache(struct mmbox_cache *cache, unsigned int align)
{
	unsigned int size = mmbox_cache_size(cache), i, round;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < NR_OBJECTS; i++) {
			objects[i] = mmbox_cache_alloc(cache, GFP_KERNEL);
			expect(objects[i]);
			expect(IS_ALIGNED((unsigned long)objects[i], align));
			mark(objects[i], size, i);
		}
		for (i = 0; i < NR_OBJECTS; i++)
			expect(marked(objects[i], size, i));
		for (i = 0; i < NR_OBJECTS; i++)
			mmbox_cache_free(cache,
					 objects[i * 7 % NR_OBJECTS]);
	}
	expect(!mmbox_cache_shrink(cache));
	expect(!mmbox_cache_validate(cache));
	return NULL;
}

static const char *test_sizes(void)
{
	static const struct {
		unsigned int size, align, wanted;
		slab_flags_t flags;
	} kinds[] = {
		{ 1, 0, sizeof(void *), 0 },
		{ 24, 0, sizeof(void *), 0 },
		{ 100, 4, sizeof(void *), 0 },
		{ 100, 32, 32, 0 },
		{ 64, 0, 64, SLAB_HWCACHE_ALIGN },
		{ 20, 0, 32, SLAB_HWCACHE_ALIGN },
		{ 700, 256, 256, SLAB_RECLAIM_ACCOUNT },
		{ 1000, PAGE_SIZE, PAGE_SIZE, 0 },
		{ 5000, 0, sizeof(void *), SLAB_TYPESAFE_BY_RCU },
		{ 12288, 0, sizeof(void *), SLAB_PANIC },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct mmbox_cache *cache;
		const char *verdict;

		cache = mmbox_cache_create(box, "sizes", kinds[i].size,
					   kinds[i].align, kinds[i].flags,
					   NULL);
		expect(cache);
		expect(mmbox_cache_size(cache) == kinds[i].size);
		verdict = use_cache(cache, kinds[i].wanted);
		if (verdict)
			return verdict;
		expect(!mmbox_cache_destroy(cache));
	}
	return NULL;
}

/* What asks for a cache that cannot be, and what it gets. */
static const char *test_refused(void)
{
	struct mmbox_cache *cache = mmbox_cache_create(box, "twice", 8, 0, 0,
						       NULL);

	expect(cache);
	expect(!mmbox_cache_create(box, "twice", 8, 0, 0, NULL));
	expect(!mmbox_cache_create(box, "kmalloc-64", 64, 0, 0, NULL));
	expect(!mmbox_cache_create(box, NULL, 8, 0, 0, NULL));
	expect(!mmbox_cache_create(box, "", 8, 0, 0, NULL));
	expect(!mmbox_cache_create(box, "a/b", 8, 0, 0, NULL));
	expect(!mmbox_cache_create(box, "none", 0, 0, SLAB_PANIC, NULL));
	expect(!mmbox_cache_create(box, "odd", 8, 3, 0, NULL));
	expect(!mmbox_cache_create(box, "far", 8, 2 * PAGE_SIZE, 0, NULL));
	expect(!mmbox_cache_create(box, "large", UINT_MAX, 0, 0, NULL));
	expect(!mmbox_cache_destroy(cache));
	expect(!mmbox_cache_destroy(NULL));
	return NULL;
}

static unsigned int nr_constructed;

static void construct(void *object)
{
	nr_constructed++;
	memset(object, 0xc0, 40);
}

/* Constructed once, and then as it was freed, even if zeroes are asked for. */
static const char *test_constructor(void)
{
	struct mmbox_cache *cache;
	unsigned int i, round;

	nr_constructed = 0;
	cache = mmbox_cache_create(box, "made", 40, 0, 0, construct);
	expect(cache);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < NR_OBJECTS; i++) {
			objects[i] = mmbox_cache_alloc(cache, i % 2 ?
						       GFP_KERNEL | __GFP_ZERO :
						       GFP_KERNEL);
			expect(objects[i]);
			expect(!memchr_inv(objects[i], 0xc0, 40));
		}
		mmbox_cache_free_bulk(cache, NR_OBJECTS, objects);
	}
	expect(nr_constructed >= NR_OBJECTS);
	expect(nr_constructed < 2 * NR_OBJECTS);
	expect(!mmbox_cache_destroy(cache));
	return NULL;
}

static const char *test_bulk(void)
{
	struct mmbox_cache *cache = mmbox_cache_create(box, "bulk", 200, 0, 0,
						       NULL);
	unsigned int nr, i;

	expect(cache);
	for (nr = 1; nr <= NR_OBJECTS; nr += nr / 3 + 1) {
		gfp_t gfp = GFP_KERNEL | (nr % 2 ? __GFP_ZERO : 0);

		expect(mmbox_cache_alloc_bulk(cache, gfp, nr, objects) == nr);
		for (i = 0; i < nr; i++) {
			expect(!(nr % 2) || !memchr_inv(objects[i], 0, 200));
			mark(objects[i], 200, i);
		}
		for (i = 0; i < nr; i++)
			expect(marked(objects[i], 200, i));
		/* A place that is empty is left out. */
		mmbox_cache_free(cache, objects[nr / 2]);
		objects[nr / 2] = NULL;
		mmbox_cache_free_bulk(cache, nr, objects);
	}
	expect(!mmbox_cache_alloc_bulk(cache, GFP_KERNEL, 0, objects));
	expect(!mmbox_cache_validate(cache));
	expect(!mmbox_cache_destroy(cache));
	return NULL;
}

/* Many sizes of bulk calls in turns, which move the CPU's two sheaves about. */
static const char *test_bulk_turns(void)
{
	struct mmbox_cache *cache = mmbox_cache_create(box, "turns", 64, 0, 0,
						       NULL);
	unsigned int have = 0, i, nr, round;

	expect(cache);
	for (round = 0; round < 4000; round++) {
		nr = 1 + round * 37 % 97;
		if (round * 13 % 29 < 15 && have + nr <= NR_OBJECTS) {
			expect(mmbox_cache_alloc_bulk(cache, GFP_KERNEL, nr,
						      objects + have) == nr);
			for (i = have; i < have + nr; i++)
				mark(objects[i], 64, i);
			have += nr;
		} else {
			nr = min(nr, have);
			have -= nr;
			for (i = have; i < have + nr; i++)
				expect(marked(objects[i], 64, i));
			mmbox_cache_free_bulk(cache, nr, objects + have);
		}
	}
	mmbox_cache_free_bulk(cache, have, objects);
	expect(!mmbox_cache_validate(cache));
	expect(!mmbox_cache_destroy(cache));
	return NULL;
}

/* A list of all objects there are, through the objects themselves. */
static void *fill(struct mmbox_cache *cache, unsigned long *nr)
{
	void *object, *list = NULL;

	for (*nr = 0;; ++*nr) {
		object = mmbox_cache_alloc(cache, GFP_KERNEL);
		if (!object)
			return list;
		*(void **)object = list;
		list = object;
	}
}

static void free_list(struct mmbox_cache *cache, void *list)
{
	void *object;

	while ((object = list)) {
		list = *(void **)object;
		mmbox_cache_free(cache, object);
	}
}

static const char *test_exhaust(void)
{
	struct mmbox_cache *cache = mmbox_cache_create(box, "all", 1000, 0, 0,
						       NULL);
	unsigned long nr, again;
	void *list;

	expect(cache);
	list = fill(cache, &nr);
	/* Three quarters of the box at least are objects. */
	expect(nr * 1000 >= NR_PAGES * PAGE_SIZE / 4 * 3);
	expect(!mmbox_cache_alloc(cache, GFP_ATOMIC));
	expect(!mmbox_cache_alloc_bulk(cache, GFP_ATOMIC, NR_OBJECTS, objects));
	expect(!mmbox_kmalloc(box, 4096, GFP_ATOMIC));
	expect(!mmbox_cache_prefill(cache, GFP_ATOMIC, 1));
	free_list(cache, list);
	expect(!mmbox_cache_shrink(cache));
	rcu_barrier();	/* what described the slabs is free after that */
	list = fill(cache, &again);
	free_list(cache, list);
	/* A page that another CPU has at hand may be out of reach: 4 objects. */
	expect(again + 4 >= nr && nr + 4 >= again);
	expect(!mmbox_cache_validate(cache));
	expect(!mmbox_cache_destroy(cache));
	return NULL;
}

/* What was put by is there although the box has nothing left. */
static const char *test_prefill(void)
{
	struct mmbox_cache *cache = mmbox_cache_create(box, "put-by", 96, 0, 0,
						       NULL);
	struct mmbox_sheaf *sheaf;
	unsigned long nr;
	unsigned int i;
	void *list;

	expect(cache);
	expect(!mmbox_cache_prefill(cache, GFP_KERNEL, 0));
	expect(!mmbox_cache_prefill(cache, GFP_KERNEL, MMBOX_PREFILL_MAX + 1));
	sheaf = mmbox_cache_prefill(cache, GFP_KERNEL, MMBOX_PREFILL_MAX);
	expect(sheaf);
	list = fill(cache, &nr);
	for (i = 0; i < MMBOX_PREFILL_MAX; i++) {
		gfp_t gfp = i % 2 ? __GFP_ZERO : 0;

		objects[i] = mmbox_cache_alloc_prefilled(cache, gfp, sheaf);
		expect(objects[i]);
		expect(!gfp || !memchr_inv(objects[i], 0, 96));
		mark(objects[i], 96, i);
	}
	for (i = 0; i < MMBOX_PREFILL_MAX; i++)
		expect(marked(objects[i], 96, i));
	expect(!mmbox_cache_alloc_prefilled(cache, 0, sheaf));
	mmbox_cache_return(cache, sheaf);
	mmbox_cache_free_bulk(cache, MMBOX_PREFILL_MAX, objects);
	free_list(cache, list);

	/* What is not used goes back. */
	sheaf = mmbox_cache_prefill(cache, GFP_KERNEL, 3);
	expect(sheaf);
	mmbox_cache_return(cache, sheaf);
	mmbox_cache_return(cache, NULL);
	expect(!mmbox_cache_destroy(cache));
	return NULL;
}

static const char *test_kmalloc(void)
{
	unsigned int size, i;
	void *ptr;

	for (size = 1; size < 40000; size += 1 + size / 17) {
		ptr = mmbox_kzalloc(box, size, GFP_KERNEL);
		expect(ptr && mmbox_ksize(ptr) >= size);
		expect(!memchr_inv(ptr, 0, size));
		if (is_power_of_2(size))
			expect(IS_ALIGNED((unsigned long)ptr,
					  min_t(unsigned long, size,
						PAGE_SIZE)));
		memset(ptr, 0x3c, mmbox_ksize(ptr));
		objects[0] = mmbox_krealloc(box, ptr, 2 * size, GFP_KERNEL);
		expect(objects[0] && !memchr_inv(objects[0], 0x3c, size));
		mmbox_kfree_sensitive(objects[0]);
	}
	expect(mmbox_kmalloc(box, 0, GFP_KERNEL) == ZERO_SIZE_PTR);
	expect(!mmbox_kmalloc(box, SIZE_MAX, GFP_KERNEL));
	expect(!mmbox_kcalloc(box, SIZE_MAX / 8 + 2, 8, GFP_KERNEL));
	expect(!mmbox_kmalloc_array(box, 2, SIZE_MAX / 2 + 1, GFP_KERNEL));
	expect(mmbox_krealloc(box, NULL, 0, GFP_KERNEL) == ZERO_SIZE_PTR);
	mmbox_kfree(NULL);
	mmbox_kfree(ZERO_SIZE_PTR);
	expect(!mmbox_ksize(NULL) && !mmbox_ksize(ZERO_SIZE_PTR));

	ptr = mmbox_kstrdup(box, "a box", GFP_KERNEL);
	expect(ptr && !strcmp(ptr, "a box"));
	objects[0] = ptr;
	objects[1] = mmbox_kmemdup(box, ptr, 6, GFP_KERNEL | __GFP_RECLAIMABLE);
	objects[2] = mmbox_kcalloc(box, 100, 100, GFP_KERNEL);
	objects[3] = mmbox_kmalloc(box, 8192, GFP_KERNEL);
	objects[4] = NULL;
	for (i = 0; i < 4; i++)
		expect(objects[i]);
	expect(!memchr_inv(objects[2], 0, 10000));
	mmbox_kfree_bulk(5, objects);
	return NULL;
}

struct late {
	char name[40];
	struct rcu_head rcu;
	char large[PAGE_SIZE * 4];
};

/* Freed when nobody can have it any more, wherever the head of RCU is. */
static const char *test_kfree_rcu(void)
{
	static const size_t sizes[] = {
		offsetof(struct late, large), 1000, sizeof(struct late),
	};
	struct late *late;
	unsigned int i;

	for (i = 0; i < 300; i++) {
		late = mmbox_kmalloc(box, sizes[i % ARRAY_SIZE(sizes)],
				     GFP_KERNEL);
		expect(late);
		mmbox_kfree_rcu(late, rcu);
	}
	rcu_barrier();
	return NULL;
}

/*
 * Objects whose memory stays what it is while a reader may have them, and, to
 * see that this is seen, others without that.
 */

static bool reader_in, reader_out;
static unsigned int nr_changed;

static int reader(void *data)
{
	unsigned int i;

	rcu_read_lock();
	WRITE_ONCE(reader_in, true);
	while (!READ_ONCE(reader_out))
		cpu_relax();
	smp_rmb();	/* pairs with the one before reader_out is set */
	for (i = 0; i < NR_OBJECTS; i++)
		nr_changed += !marked(objects[i], 4096, i);
	rcu_read_unlock();
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static const char *use_after_free(struct mmbox_cache *cache)
{
	struct task_struct *task;
	struct page *page, *list = NULL;
	unsigned int i;

	for (i = 0; i < NR_OBJECTS; i++) {
		objects[i] = mmbox_cache_alloc(cache, GFP_KERNEL);
		expect(objects[i]);
		mark(objects[i], 4096, i);
	}
	nr_changed = 0;
	reader_in = false;
	reader_out = false;
	task = kthread_create(reader, NULL, "mmbox-reader");
	expect(!IS_ERR(task));
	kthread_bind(task, cpumask_last(cpu_online_mask));
	wake_up_process(task);
	while (!READ_ONCE(reader_in))
		cond_resched();
	for (i = 0; i < NR_OBJECTS; i++)
		mmbox_cache_free(cache, objects[i]);
	/* Pages that are free find another use at once. */
	while ((page = mmbox_alloc_pages(box, GFP_NOWAIT, 0))) {
		memset(page_address(page), 0xee, PAGE_SIZE);
		*(struct page **)page_address(page) = list;
		list = page;
	}
	smp_wmb();	/* what was written goes before the reader looks */
	WRITE_ONCE(reader_out, true);
	kthread_stop(task);
	while ((page = list)) {
		list = *(struct page **)page_address(page);
		mmbox_free_pages(page, 0);
	}
	return NULL;
}

static const char *test_typesafe(void)
{
	static const slab_flags_t flags[] = { 0, SLAB_TYPESAFE_BY_RCU };
	struct mmbox_cache *cache;
	const char *verdict;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		cache = mmbox_cache_create(box, "read", 4096, 0, flags[i],
					   NULL);
		expect(cache);
		verdict = use_after_free(cache);
		if (verdict)
			return verdict;
		expect(flags[i] ? !nr_changed : nr_changed);
		expect(!mmbox_cache_destroy(cache));
	}
	return NULL;
}

/*
 * Wrong frees. Each returns with the number of errors that the cache is to have
 * found since the last look.
 */

static const char *test_wrong(void)
{
	struct mmbox_cache *cache, *other;
	char *object, *large, *host;
	struct page *page;

	cache = mmbox_cache_create(box, "wrong", 100, 0, 0, NULL);
	other = mmbox_cache_create(box, "other", 100, 0, 0, NULL);
	page = mmbox_alloc_pages(box, GFP_KERNEL, 1);
	large = mmbox_kmalloc(box, 20000, GFP_KERNEL);
	host = kmalloc(100, GFP_KERNEL);
	expect(cache && other && page && large && host);
	object = mmbox_cache_alloc(cache, GFP_KERNEL);
	expect(object);
	mark(object, 100, 1);
	mark(large, 20000, 2);
	mark(host, 100, 3);

	mmbox_cache_free(cache, object + 8);		/* inside */
	mmbox_kfree(object + 1);			/* likewise */
	expect(mmbox_cache_validate(cache) == 2);
	mmbox_cache_free(other, object);		/* of another cache */
	expect(mmbox_cache_validate(other) == 1);
	mmbox_cache_free(cache, host);			/* not of a box */
	mmbox_cache_free(cache, page_address(page));	/* a page */
	mmbox_cache_free(cache, large);			/* no cache's */
	expect(mmbox_cache_validate(cache) == 3);
	mmbox_kfree(page_address(page));
	mmbox_kfree(large + PAGE_SIZE);
	mmbox_kfree(host);
	mmbox_kfree((void *)8);
	mmbox_free_pages(virt_to_page(object), 0);	/* objects are in it */
	mmbox_free_pages(virt_to_page(large), get_order(20000));
	mmbox_cache_free_bulk(cache, 3, (void *[]) {
		object + 16, host, object + 99,
	});
	expect(mmbox_cache_validate(cache) == 3);
	expect(marked(object, 100, 1) && marked(large, 20000, 2) &&
	       marked(host, 100, 3));

	mmbox_cache_free(cache, object);
	mmbox_cache_free(cache, object);		/* free already */
	mmbox_kfree(object);
	expect(mmbox_cache_validate(cache) == 2);
	mmbox_kfree(large);
	mmbox_kfree(large);
	mmbox_free_pages(page, 1);
	mmbox_kfree(page_address(page));
	kfree(host);
	expect(!mmbox_cache_validate(cache));
	expect(!mmbox_cache_destroy(cache));
	expect(!mmbox_cache_destroy(other));
	return NULL;
}

/* What is no object has no size, and its neighbours are not written to. */
static const char *test_wrong_size(void)
{
	struct mmbox_cache *cache = mmbox_cache_create(box, "wrong", 64, 0, 0,
						       NULL);
	unsigned int i;
	char *object;

	expect(cache);
	for (i = 0; i < NR_OBJECTS; i++) {
		objects[i] = mmbox_cache_alloc(cache, GFP_KERNEL);
		expect(objects[i]);
		mark(objects[i], 64, i);
	}
	object = objects[100];
	expect(mmbox_ksize(object) == 64);
	expect(!mmbox_ksize(object + 32));
	mmbox_kfree_sensitive(object + 32);
	expect(!mmbox_krealloc(box, object + 32, 128, GFP_KERNEL));
	expect(mmbox_cache_validate(cache) == 2);
	for (i = 0; i < NR_OBJECTS; i++)
		expect(marked(objects[i], 64, i));

	mmbox_cache_free(cache, object);
	expect(!mmbox_ksize(object));
	mmbox_kfree_sensitive(object);
	expect(marked(object, 64, 100));
	expect(!mmbox_krealloc(box, object, 128, GFP_KERNEL));
	expect(mmbox_cache_validate(cache) == 2);
	objects[100] = NULL;
	mmbox_cache_free_bulk(cache, NR_OBJECTS, objects);
	expect(!mmbox_cache_destroy(cache));
	return NULL;
}

/* A cache with objects stays, and so does what is in them. */
static const char *test_busy(void)
{
	struct mmbox_cache *cache = mmbox_cache_create(box, "busy", 72, 0, 0,
						       NULL);
	unsigned int i;

	expect(cache);
	for (i = 0; i < 3; i++) {
		objects[i] = mmbox_cache_alloc(cache, GFP_KERNEL);
		expect(objects[i]);
		mark(objects[i], 72, i);
	}
	expect(mmbox_cache_destroy(cache) == -EBUSY);
	for (i = 0; i < 3; i++)
		expect(marked(objects[i], 72, i));
	mmbox_cache_free_bulk(cache, 3, objects);
	expect(!mmbox_cache_validate(cache));
	expect(!mmbox_cache_destroy(cache));
	return NULL;
}

static const struct test_case cases[] = {
	{ "sizes", test_sizes },
	{ "refused", test_refused },
	{ "constructor", test_constructor },
	{ "bulk", test_bulk },
	{ "bulk_turns", test_bulk_turns },
	{ "exhaust", test_exhaust },
	{ "prefill", test_prefill },
	{ "kmalloc", test_kmalloc },
	{ "kfree_rcu", test_kfree_rcu },
	{ "typesafe", test_typesafe },
	{ "wrong", test_wrong },
	{ "wrong_size", test_wrong_size },
	{ "busy", test_busy },
};

static int __init test_init(void)
{
	return run_in_box(cases, ARRAY_SIZE(cases), run, NR_PAGES, &box);
}

static void __exit test_exit(void)
{
}

module_init(test_init);
module_exit(test_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Test of caches and kmalloc");
MODULE_LICENSE("GPL");
