// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations of box0 that a script looks up in files of the box: each from a
 * function of its own, so that its name tells them. They stay as long as the
 * module, or, with leak=1, longer.
 */
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include <mmbox.h>

static bool leak;
module_param(leak, bool, 0444);
MODULE_PARM_DESC(leak, "whether nothing is freed");

static char *cache_name = "account";
module_param(cache_name, charp, 0444);
MODULE_PARM_DESC(cache_name, "name of the cache that it makes");

static unsigned int threads;
module_param(threads, uint, 0444);
MODULE_PARM_DESC(threads, "how many allocate and free all the time besides");

#define SIZE		72
#define MAX_THREADS	8
#define NR_AT_WORK	20
#define NR_SMALL	37
#define NR_BULK		130
#define NR_PAGES	5
#define NR_PREFILLED	3
#define NR_PLACES	12

static struct mmbox *box;
static struct mmbox_cache *cache;
static void *small[NR_SMALL], *bulk[NR_BULK], *prefilled[NR_PREFILLED];
static void *placed[NR_PLACES];
static void *mem[4], *large, *area;
static struct page *page, *pages[NR_PAGES];
static struct task_struct *thread[MAX_THREADS];

/* A tail call would have its caller's address stand for it. */
#define result_of(call) \
	({ \
		typeof(call) result = call; \
\
		barrier(); \
		result; \
	})

static noinline void *account_small(void)
{
	return result_of(mmbox_cache_alloc(cache, GFP_KERNEL));
}

/*
 * An object from each of many places; if they were alike the compiler would make
 * them one.
 */
#define PLACE(nr) \
	static noinline void account_place_##nr(void) \
	{ \
		placed[nr] = mmbox_cache_alloc(cache, GFP_KERNEL); \
	}

PLACE(0) PLACE(1) PLACE(2) PLACE(3) PLACE(4) PLACE(5)
PLACE(6) PLACE(7) PLACE(8) PLACE(9) PLACE(10) PLACE(11)

static void (*const places[NR_PLACES])(void) = {
	account_place_0, account_place_1, account_place_2, account_place_3,
	account_place_4, account_place_5, account_place_6, account_place_7,
	account_place_8, account_place_9, account_place_10, account_place_11,
};

static noinline int account_bulk(void)
{
	return result_of(mmbox_cache_alloc_bulk(cache, GFP_KERNEL, NR_BULK,
						bulk));
}

static noinline void *account_prefilled(struct mmbox_sheaf *sheaf)
{
	return result_of(mmbox_cache_alloc_prefilled(cache, GFP_KERNEL, sheaf));
}

static noinline void *account_kmalloc(size_t size)
{
	return result_of(mmbox_kmalloc(box, size, GFP_KERNEL));
}

static noinline void *account_kmemdup(void)
{
	return result_of(mmbox_kmemdup(box, "12345678901234567", 17,
				       GFP_KERNEL));
}

static noinline void *account_large(void)
{
	return result_of(mmbox_kmalloc(box, 3 * PAGE_SIZE, GFP_KERNEL));
}

static noinline struct page *account_block(void)
{
	return result_of(mmbox_alloc_pages(box, GFP_KERNEL, 2));
}

static noinline unsigned long account_pages(void)
{
	return result_of(mmbox_alloc_pages_bulk(box, GFP_KERNEL, NR_PAGES,
						pages));
}

static noinline void *account_area(void)
{
	return result_of(mmbox_vmalloc(box, 7 * PAGE_SIZE));
}

/* Allocated and freed on the spot: nothing of it is to be seen. */
static noinline bool account_nothing(void)
{
	void *object = mmbox_cache_alloc(cache, GFP_KERNEL);
	struct page *one = mmbox_alloc_pages(box, GFP_KERNEL, 0);
	void *some = mmbox_kmalloc(box, 1000, GFP_KERNEL);

	mmbox_cache_free(cache, object);
	if (one)
		mmbox_free_pages(one, 0);
	mmbox_kfree(some);
	return object && one && some;
}

static bool alloc_prefilled(void)
{
	struct mmbox_sheaf *sheaf;
	unsigned int i;

	sheaf = mmbox_cache_prefill(cache, GFP_KERNEL, NR_PREFILLED);
	for (i = 0; sheaf && i < NR_PREFILLED; i++)
		prefilled[i] = account_prefilled(sheaf);
	mmbox_cache_return(cache, sheaf);
	return sheaf;
}

static bool alloc_all(void)
{
	unsigned int i;

	cache = mmbox_cache_create(box, cache_name, SIZE, 0, 0, NULL);
	if (!cache)
		return false;
	for (i = 0; i < NR_SMALL; i++) {
		small[i] = account_small();
		if (!small[i])
			return false;
	}
	for (i = 0; i < NR_PLACES; i++) {
		places[i]();
		if (!placed[i])
			return false;
	}
	mem[0] = account_kmalloc(100);
	mem[1] = account_kmalloc(1);
	mem[2] = account_kmalloc(8192);
	mem[3] = account_kmemdup();
	large = account_large();
	page = account_block();
	area = account_area();
	return mem[0] && mem[1] && mem[2] && mem[3] && large && page && area &&
	       account_bulk() == NR_BULK && account_pages() == NR_PAGES &&
	       alloc_prefilled() && account_nothing();
}

static void free_all(void)
{
	unsigned int i;

	for (i = 0; i < NR_SMALL; i++)
		mmbox_cache_free(cache, small[i]);
	for (i = 0; i < NR_PLACES; i++)
		mmbox_cache_free(cache, placed[i]);
	if (bulk[0])
		mmbox_cache_free_bulk(cache, NR_BULK, bulk);
	for (i = 0; i < NR_PREFILLED; i++)
		mmbox_cache_free(cache, prefilled[i]);
	for (i = 0; i < ARRAY_SIZE(mem); i++)
		mmbox_kfree(mem[i]);
	mmbox_kfree(large);
	mmbox_free_pages(page, 2);
	mmbox_free_pages_bulk(NR_PAGES, pages);
	mmbox_vfree(area);
	mmbox_cache_destroy(cache);
}

/* In the order of a queue, so that what is freed has been used by others. */
static int work(void *unused)
{
	void *objects[NR_AT_WORK] = { }, *some[NR_AT_WORK] = { };
	struct page *blocks[NR_AT_WORK] = { };
	unsigned int i;

	for (i = 0; !kthread_should_stop(); i = (i + 1) % NR_AT_WORK) {
		mmbox_cache_free(cache, objects[i]);
		objects[i] = mmbox_cache_alloc(cache, GFP_KERNEL);
		mmbox_kfree(some[i]);
		some[i] = mmbox_kmalloc(box, 64 << i % 9, GFP_KERNEL);
		mmbox_free_pages(blocks[i], i % 3);
		blocks[i] = mmbox_alloc_pages(box, GFP_KERNEL, i % 3);
		cond_resched();
	}
	for (i = 0; i < NR_AT_WORK; i++) {
		mmbox_cache_free(cache, objects[i]);
		mmbox_kfree(some[i]);
		mmbox_free_pages(blocks[i], i % 3);
	}
	return 0;
}

static void start_work(void)
{
	unsigned int i;

	for (i = 0; i < min(threads, MAX_THREADS + 0U); i++)
		thread[i] = kthread_run(work, NULL, "account-%u", i);
}

static void stop_work(void)
{
	unsigned int i;

	for (i = 0; i < MAX_THREADS; i++)
		if (!IS_ERR_OR_NULL(thread[i]))
			kthread_stop(thread[i]);
}

static int __init test_init(void)
{
	box = mmbox_get("box0");
	if (!box)
		return -ENODEV;
	if (alloc_all()) {
		start_work();
		return 0;
	}
	free_all();
	mmbox_put(box);
	return -ENOMEM;
}

static void __exit test_exit(void)
{
	stop_work();
	if (leak)
		mmbox_cache_destroy(cache);
	else
		free_all();
	mmbox_put(box);
}

module_init(test_init);
module_exit(test_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Allocations of mmbox that scripts look up");
MODULE_LICENSE("GPL");
