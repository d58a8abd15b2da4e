// SPDX-License-Identifier: GPL-2.0
/*
 * Test of the page calls in mmbox.h. "run" names one case; the result of
 * loading the module is the verdict: it loads, or -EINVAL with the reason in
 * the kernel log. The cases use box0, which the loader can look at before and
 * after, and leave nothing allocated but for "leak".
 */
#include <linux/highmem.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "mmbox_test_case.h"

static char *run = "";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "the case to run");

static struct mmbox *box;

/*
 * Allocation
 */

static const struct {
	gfp_t gfp;
	int highest;
} zones[] = {
	{ GFP_KERNEL, ZONE_NORMAL },
	{ GFP_ATOMIC, ZONE_NORMAL },
	{ GFP_HIGHUSER_MOVABLE, ZONE_NORMAL },
#ifdef CONFIG_ZONE_DMA32
	{ GFP_KERNEL | __GFP_DMA32, ZONE_DMA32 },
#endif
#ifdef CONFIG_ZONE_DMA
	{ GFP_KERNEL | __GFP_DMA, ZONE_DMA },
#endif
};

static bool block_ok(struct page *page, unsigned int order, int highest)
{
	unsigned long i;

	if (!IS_ALIGNED(page_to_pfn(page), 1UL << order))
		return false;
	for (i = 0; i < 1UL << order; i++) {
		if (page_ref_count(page + i) != 1 || PageCompound(page + i))
			return false;
		if ((int)page_zonenum(page + i) > highest)
			return false;
	}
	return true;
}

static const char *test_alloc(void)
{
	struct page *page;
	unsigned int i, order;

	for (i = 0; i < ARRAY_SIZE(zones); i++) {
		for (order = 0; order <= MMBOX_MAX_ORDER; order++) {
			page = mmbox_alloc_pages(box, zones[i].gfp, order);
			/* 1 MiB of DMA: no block of the highest orders. */
			if (!page && order > 7 && zones[i].gfp & __GFP_DMA)
				continue;
			expect(page);
			expect(block_ok(page, order, zones[i].highest));
			mmbox_free_pages(page, order);
		}
	}
	expect(!mmbox_alloc_pages(box, GFP_KERNEL, MMBOX_MAX_ORDER + 1));
	expect(!mmbox_alloc_pages(box, GFP_KERNEL, 64));
	expect(!mmbox_alloc_pages(box, GFP_KERNEL, UINT_MAX));
	mmbox_free_pages(NULL, 0);
	mmbox_free_pages(NULL, UINT_MAX);
	return NULL;
}

/* How many pages can be had. */
static unsigned long count_pages(void)
{
	struct page *page, *next, *list = NULL;
	unsigned long nr = 0;

	while ((page = mmbox_alloc_pages(box, GFP_KERNEL, 0))) {
		*(struct page **)page_address(page) = list;
		list = page;
		nr++;
	}
	for (page = list; page; page = next) {
		next = *(struct page **)page_address(page);
		mmbox_free_pages(page, 0);
	}
	return nr;
}

/* A list of all pages of the box, through the pages themselves. */
static const char *test_exhaust(void)
{
	struct page *page, *next, *list = NULL;
	unsigned long nr = 0;

	while ((page = mmbox_alloc_pages(box, GFP_KERNEL, 0))) {
		*(struct page **)page_address(page) = list;
		list = page;
		nr++;
	}
	pr_info("%lu pages in all\n", nr);
	expect(nr > 0);
	expect(!mmbox_alloc_pages(box, GFP_KERNEL, 0));
	for (page = list; page; page = next) {
		next = *(struct page **)page_address(page);
		memset(page_address(page), 0x5a, PAGE_SIZE);
		mmbox_free_pages(page, 0);
		nr--;
	}
	expect(!nr);
	return NULL;
}

/*
 * Free objects that caches keep at hand do not stand in the way of pages: as
 * many can be had after the box was full of objects as before.
 */
static const char *test_objects(void)
{
	unsigned long before = count_pages(), nr = 0;
	void *object, *next, *list = NULL;

	while ((object = mmbox_kmalloc(box, 2048, GFP_KERNEL))) {
		*(void **)object = list;
		list = object;
		nr++;
	}
	expect(nr > before);
	for (object = list; object; object = next) {
		next = *(void **)object;
		mmbox_kfree(object);
	}
	count_pages();
	rcu_barrier();	/* what described the slabs is free after that */
	expect(count_pages() == before);
	return NULL;
}

static const char *test_zero(void)
{
	unsigned int order = 5, round;
	struct page *page;

	for (round = 0; round < 3; round++) {
		page = mmbox_alloc_pages(box, GFP_KERNEL, order);
		expect(page);
		memset(page_address(page), 0xa5, PAGE_SIZE << order);
		mmbox_free_pages(page, order);

		page = mmbox_alloc_pages(box, GFP_KERNEL | __GFP_ZERO, order);
		expect(page);
		expect(!memchr_inv(page_address(page), 0, PAGE_SIZE << order));
		mmbox_free_pages(page, order);
	}
	return NULL;
}

/*
 * Wrong frees: 7 in all, of which 6 name a page of the box.
 */
static const char *test_wrong_frees(void)
{
	struct page *page = mmbox_alloc_pages(box, GFP_KERNEL, 3);
	struct page *single = mmbox_alloc_pages(box, GFP_KERNEL, 0);
	struct page *host = alloc_page(GFP_KERNEL);

	expect(page && single && host);
	memset(page_address(page), 0x77, PAGE_SIZE << 3);

	mmbox_free_pages(page, 2);		/* order too low */
	mmbox_free_pages(page, 4);		/* order too high */
	mmbox_free_pages(page + 1, 0);		/* a tail page */
	mmbox_free_pages(page + 4, 3);		/* misaligned */
	mmbox_free_pages(host, 0);		/* not ours */
	mmbox_free_pages(single, 0);
	mmbox_free_pages(single, 0);		/* free already */

	/* None of it had an effect. */
	expect(!memchr_inv(page_address(page), 0x77, PAGE_SIZE << 3));
	expect(page_ref_count(host) == 1);
	expect(block_ok(page, 3, ZONE_NORMAL));
	mmbox_free_pages(page, 3);
	mmbox_free_pages(page + 1, UINT_MAX);	/* inside a free block */
	__free_page(host);
	return NULL;
}

/*
 * Contexts
 */

#define NR_ATOMIC	200

static const char *atomic_verdict;
static int atomic_runs;

static const char *alloc_atomic(void)
{
	struct page *pages[8];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = mmbox_alloc_pages(box, GFP_ATOMIC | __GFP_ZERO,
					     i % 3);
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		expect(pages[i]);
		mmbox_free_pages(pages[i], i % 3);
	}
	return NULL;
}

static void softirq_work(struct tasklet_struct *tasklet)
{
	if (!in_serving_softirq())
		atomic_verdict = "not in a softirq";
	else
		atomic_verdict = alloc_atomic() ?: atomic_verdict;
	atomic_runs++;
}

static const char *test_softirq(void)
{
	struct tasklet_struct tasklet;
	const char *verdict = NULL;
	int i;

	tasklet_setup(&tasklet, softirq_work);
	for (i = 0; i < NR_ATOMIC; i++) {
		tasklet_schedule(&tasklet);
		verdict = alloc_atomic() ?: verdict;
		tasklet_unlock_wait(&tasklet);
	}
	tasklet_kill(&tasklet);
	expect(atomic_runs > 0);
	pr_info("%d runs in a softirq\n", atomic_runs);
	return verdict ?: atomic_verdict;
}

static void hardirq_work(struct irq_work *work)
{
	if (!in_hardirq())
		atomic_verdict = "not in a hard interrupt";
	else
		atomic_verdict = alloc_atomic() ?: atomic_verdict;
	atomic_runs++;
}

static const char *test_hardirq(void)
{
	struct irq_work work = IRQ_WORK_INIT_HARD(hardirq_work);
	const char *verdict = NULL;
	int i;

	if (IS_ENABLED(CONFIG_PREEMPT_RT)) {
		pr_info("SKIP: not allowed with PREEMPT_RT\n");
		return NULL;
	}
	for (i = 0; i < NR_ATOMIC; i++) {
		irq_work_queue(&work);
		verdict = alloc_atomic() ?: verdict;
		irq_work_sync(&work);
	}
	expect(atomic_runs == NR_ATOMIC);
	pr_info("%d runs in a hard interrupt\n", atomic_runs);
	return verdict ?: atomic_verdict;
}

static const char *test_locked(void)
{
	static DEFINE_SPINLOCK(lock);
	const char *verdict;
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	verdict = alloc_atomic();
	spin_unlock_irqrestore(&lock, flags);
	return verdict;
}

/*
 * Boxes
 */

static const char *test_configurations(void)
{
	static const char *const bad[] = {
		"", "dma", "dma=1", "x=1M", "1M,1M", "-1M", "percpu_high=",
		"percpu_high=1:2", "lowmem_reserve_ratio=1::2",
		"min_free_kbytes=-1",
	};
	struct mmbox_config cfg;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		expect(mmbox_config_parse(bad[i], &cfg) == -EINVAL);
	expect(!mmbox_config_parse("dma=64K,normal=1M,8K", &cfg));
	expect(cfg.nr_pages[MMBOX_ZONE_DMA] == SZ_64K >> PAGE_SHIFT);
	expect(cfg.nr_pages[MMBOX_ZONE_DMA32] == 0);
	expect(cfg.nr_pages[MMBOX_ZONE_NORMAL] == SZ_1M >> PAGE_SHIFT);
	expect(cfg.nr_pages[MMBOX_ZONE_ANY] == SZ_8K >> PAGE_SHIFT);
	expect(!cfg.set);
	expect(!mmbox_config_parse("min_free_kbytes=7,1M,lowmem_reserve_ratio=3:4",
				   &cfg));
	expect(cfg.set == (1 << MMBOX_SET_MIN_FREE_KBYTES |
			   1 << MMBOX_SET_LOWMEM_RESERVE_RATIO));
	expect(cfg.settings.min_free_kbytes == 7);
	expect(cfg.settings.lowmem_reserve_ratio[MMBOX_ZONE_DMA] == 3);
	expect(cfg.settings.lowmem_reserve_ratio[MMBOX_ZONE_DMA32] == 4);
	/* Numbers that are not given are the default's. */
	expect(cfg.settings.lowmem_reserve_ratio[MMBOX_ZONE_NORMAL] == 32);
	expect(!mmbox_config_parse("1M,min_free_kbytes=auto", &cfg));
	expect(!cfg.set);
	return NULL;
}

static const char *test_create(void)
{
	static const char *const bad[] = { "", "a/b", "..", "a b",
		"a-name-with-thirty-two-characters" };
	struct mmbox_config cfg = { MMBOX_NO_MARKS }, none = { };
	struct mmbox *other, *same;
	struct page *page;
	unsigned int i;

	cfg.nr_pages[MMBOX_ZONE_ANY] = 16;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		expect(mmbox_create(bad[i], &cfg) == ERR_PTR(-EINVAL));
	expect(mmbox_create("box0", &cfg) == ERR_PTR(-EEXIST));
	expect(mmbox_create("other", &none) == ERR_PTR(-EINVAL));
	cfg.settings.watermark_scale_factor = 3001;
	expect(mmbox_create("other", &cfg) == ERR_PTR(-EINVAL));
	cfg.settings.watermark_scale_factor = 1;
	none.nr_pages[MMBOX_ZONE_NORMAL] = ULONG_MAX >> PAGE_SHIFT;
	expect(mmbox_create("other", &none) == ERR_PTR(-ENOMEM));
	expect(!mmbox_get("other"));

	other = mmbox_create("other", &cfg);
	expect(!IS_ERR(other));
	same = mmbox_get("other");
	expect(same == other);
	expect(mmbox_destroy(other) == -EBUSY);
	mmbox_put(same);

	page = mmbox_alloc_pages(other, GFP_KERNEL, 4);
	expect(page);
	expect(!mmbox_alloc_pages(other, GFP_KERNEL, 0));
	expect(mmbox_destroy(other) == -EBUSY);
	mmbox_free_pages(page, 4);
	expect(mmbox_destroy(other) == 0);
	expect(!mmbox_get("other"));
	mmbox_put(NULL);
	return NULL;
}

/* A box of its own, of which it keeps a page for ever. */
static const char *test_leak(void)
{
	struct mmbox_config cfg = { };
	struct mmbox *leaky;

	cfg.nr_pages[MMBOX_ZONE_ANY] = 16;
	leaky = mmbox_create("leaky", &cfg);
	expect(!IS_ERR(leaky));
	expect(mmbox_alloc_pages(leaky, GFP_KERNEL, 3));
	expect(mmbox_destroy(leaky) == -EBUSY);
	mmbox_put(leaky);
	return NULL;
}

/*
 * The CPUs keep some of the pages that are freed at hand. When a request that
 * may sleep cannot be served they give them back: ask for more than there is.
 */
static void settle(void)
{
	struct page *page, *next, *list = NULL;

	while ((page = mmbox_alloc_pages(box, GFP_KERNEL, MMBOX_MAX_ORDER))) {
		*(struct page **)page_address(page) = list;
		list = page;
	}
	for (page = list; page; page = next) {
		next = *(struct page **)page_address(page);
		mmbox_free_pages(page, MMBOX_MAX_ORDER);
	}
}

static const struct test_case cases[] = {
	{ "alloc", test_alloc },
	{ "exhaust", test_exhaust },
	{ "objects", test_objects },
	{ "zero", test_zero },
	{ "wrong_frees", test_wrong_frees },
	{ "softirq", test_softirq },
	{ "hardirq", test_hardirq },
	{ "locked", test_locked },
	{ "configurations", test_configurations },
	{ "create", test_create },
	{ "leak", test_leak },
};

static int __init test_init(void)
{
	const char *verdict;

	box = mmbox_get("box0");
	if (!box) {
		pr_err("there is no box0\n");
		return -ENODEV;
	}
	verdict = run_case(cases, ARRAY_SIZE(cases), run);
	settle();
	mmbox_put(box);
	return test_verdict(run, verdict);
}

static void __exit test_exit(void)
{
}

module_init(test_init);
module_exit(test_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Test of mmbox's calls for pages");
MODULE_LICENSE("GPL");
