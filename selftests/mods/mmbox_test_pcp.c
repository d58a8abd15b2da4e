// SPDX-License-Identifier: GPL-2.0
/*
 * Test of what goes through the CPUs' lists: bulk calls, pages that change
 * CPUs, and frees of pages that nobody has. "run" names one case; the result
 * of loading the module is the verdict. Each case has a box of its own.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

#include "mmbox_test_case.h"

static char *run = "";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "the case to run");

static unsigned int rounds = 2000;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "rounds of the cases that race");

/* Two of the largest blocks, and one that the box's descriptors cut up. */
#define NR_PAGES	(3UL << MMBOX_MAX_ORDER)

/* The descriptors take no more than an eighth. */
#define LEAST_PAGES	(NR_PAGES - NR_PAGES / 8)

static struct mmbox *box;

static struct page *pages[NR_PAGES + 1];
static unsigned long nr_all;

/* Every page can be had, and none twice: each is marked with its place. */
static const char *check_whole(void)
{
	unsigned long nr, i;

	memset(pages, 0, sizeof(pages));
	nr = mmbox_alloc_pages_bulk(box, GFP_KERNEL, NR_PAGES + 1, pages);
	for (i = 0; i < nr; i++)
		*(unsigned long *)page_address(pages[i]) = i;
	for (i = 0; i < nr; i++)
		if (*(unsigned long *)page_address(pages[i]) != i)
			return "a page was given out twice";
	mmbox_free_pages_bulk(nr, pages);
	return nr == nr_all ? NULL : "pages are missing";
}

static const char *test_bulk(void)
{
	struct page *place[5] = { };
	struct page *page;
	unsigned int i;

	expect(mmbox_alloc_pages_bulk(box, GFP_KERNEL, 0, place) == 0);
	expect(!place[0]);
	expect(mmbox_alloc_pages_bulk(box, GFP_KERNEL, 5, place) == 5);
	for (i = 0; i < 5; i++)
		expect(place[i] && page_ref_count(place[i]) == 1);

	/* Places that have a page keep it. */
	page = place[1];
	mmbox_free_pages(place[0], 0);
	mmbox_free_pages(place[3], 0);
	place[0] = NULL;
	place[3] = NULL;
	expect(mmbox_alloc_pages_bulk(box, GFP_ATOMIC, 5, place) == 5);
	expect(place[0] && place[3] && place[1] == page);

	memset(page_address(page), 0x5a, PAGE_SIZE);
	mmbox_free_pages_bulk(5, place);
	memset(place, 0, sizeof(place));
	expect(mmbox_alloc_pages_bulk(box, GFP_KERNEL | __GFP_ZERO, 5,
				      place) == 5);
	for (i = 0; i < 5; i++)
		expect(!memchr_inv(page_address(place[i]), 0, PAGE_SIZE));

	/* Places without a page are left out. */
	mmbox_free_pages(place[2], 0);
	place[2] = NULL;
	mmbox_free_pages_bulk(5, place);
	return check_whole();
}

/*
 * A bulk free of what does not belong together: pages of two boxes in turns, an
 * empty place, a page of the host's and one that is in the array twice. Only
 * the last two are refused, and none keeps the others from going back.
 */
static const char *free_mixed(struct mmbox *other)
{
	struct page *mine[4] = { }, *others[4] = { };
	struct page *host = alloc_page(GFP_KERNEL);
	bool kept;

	expect(host);
	expect(mmbox_alloc_pages_bulk(box, GFP_KERNEL, 4, mine) == 4);
	expect(mmbox_alloc_pages_bulk(other, GFP_KERNEL, 4, others) == 4);
	mmbox_free_pages_bulk(11, (struct page *[]) {
		mine[0], mine[1], NULL, mine[0], others[0], mine[2],
		others[1], others[2], host, others[3], mine[3],
	});
	kept = page_ref_count(host) == 1;
	__free_page(host);
	expect(kept);
	expect(mmbox_alloc_pages_bulk(other, GFP_KERNEL, 4, others) == 4);
	mmbox_free_pages_bulk(4, others);
	return check_whole();
}

static const char *test_mixed(void)
{
	struct mmbox_config cfg = {
		.nr_pages[MMBOX_ZONE_ANY] = NR_PAGES,
		MMBOX_NO_MARKS
	};
	struct mmbox *other = mmbox_create("pcp-other", &cfg);
	const char *verdict;

	expect(!IS_ERR(other));
	verdict = free_mixed(other);
	if (mmbox_destroy(other)) {
		mmbox_put(other);
		verdict = verdict ?: "the other box misses pages";
	}
	return verdict;
}

static const char *test_addresses(void)
{
	unsigned long addr = mmbox_get_free_pages(box, GFP_KERNEL, 2);
	unsigned long other;

	expect(addr && IS_ALIGNED(addr, PAGE_SIZE << 2));
	memset((void *)addr, 0xa5, PAGE_SIZE << 2);
	mmbox_free_pages_addr(addr + 1, 2);	/* refused: not a page's */
	mmbox_free_pages_addr((unsigned long)&run, 2);	/* nor this */
	expect(!memchr_inv((void *)addr, 0xa5, PAGE_SIZE << 2));
	mmbox_free_pages_addr(addr, 2);
	mmbox_free_pages_addr(0, 0);

	other = mmbox_get_zeroed_page(box, GFP_KERNEL);
	expect(other && !memchr_inv((void *)other, 0, PAGE_SIZE));
	mmbox_free_pages_addr(other, 0);
	return check_whole();
}

/* A kthread that does something again and again on the last CPU. */
static int racer(void *data)
{
	void (*step)(void) = data;

	while (!kthread_should_stop()) {
		step();
		cond_resched();
	}
	return 0;
}

static struct task_struct *start_racer(void (*step)(void))
{
	struct task_struct *task = kthread_create(racer, step, "mmbox-racer");

	if (IS_ERR(task))
		return NULL;
	kthread_bind(task, cpumask_last(cpu_online_mask));
	wake_up_process(task);
	return task;
}

static struct page *unowned;

static void free_unowned(void)
{
	unsigned int i;

	for (i = 1; i < 32; i++)
		mmbox_free_pages(unowned + i, 0);
}

/*
 * Frees of pages that nobody has, while refills and drains take the same pages
 * from the buddy to a list and back: each must be refused, at any instant.
 */
static const char *test_unowned(void)
{
	static struct page *rest[LEAST_PAGES];
	struct page *large[2], *page;
	struct task_struct *task;
	unsigned long nr_rest;
	unsigned int i;

	/* Nothing is free but two of the largest blocks. */
	large[0] = mmbox_alloc_pages(box, GFP_KERNEL, MMBOX_MAX_ORDER);
	large[1] = mmbox_alloc_pages(box, GFP_KERNEL, MMBOX_MAX_ORDER);
	expect(large[0] && large[1]);
	nr_rest = mmbox_alloc_pages_bulk(box, GFP_KERNEL, ARRAY_SIZE(rest),
					 rest);
	mmbox_free_pages(large[0], MMBOX_MAX_ORDER);
	mmbox_free_pages(large[1], MMBOX_MAX_ORDER);
	unowned = mmbox_alloc_pages(box, GFP_KERNEL, 0);
	expect(unowned);
	mmbox_free_pages(unowned, 0);

	task = start_racer(free_unowned);
	expect(task);
	for (i = 0; i < rounds; i++) {
		/* Both largest blocks: what is on lists is drained for them. */
		large[0] = mmbox_alloc_pages(box, GFP_KERNEL, MMBOX_MAX_ORDER);
		large[1] = mmbox_alloc_pages(box, GFP_KERNEL, MMBOX_MAX_ORDER);
		/* The block with the page goes last, to be split first. */
		if (large[1] != unowned)
			swap(large[0], large[1]);
		mmbox_free_pages(large[0], MMBOX_MAX_ORDER);
		mmbox_free_pages(large[1], MMBOX_MAX_ORDER);
		if (!large[0] || large[1] != unowned)
			break;
		/* And a refill, of a batch that begins with the page. */
		page = mmbox_alloc_pages(box, GFP_KERNEL, 0);
		mmbox_free_pages(page, 0);
		if (page != unowned)
			break;
	}
	kthread_stop(task);
	mmbox_free_pages_bulk(nr_rest, rest);
	expect(i == rounds);
	return check_whole();
}

/* What one CPU allocates the other frees. */
static struct page *handed;

static void free_handed(void)
{
	struct page *page = xchg(&handed, NULL);

	if (page)
		mmbox_free_pages(page, 0);
}

static const char *test_cross(void)
{
	struct task_struct *task = start_racer(free_handed);
	struct page *page;
	unsigned int i;

	expect(task);
	for (i = 0; i < rounds * 10; i++) {
		page = mmbox_alloc_pages(box, GFP_KERNEL, 0);
		if (!page)
			break;
		page = xchg(&handed, page);
		if (page)
			mmbox_free_pages(page, 0);
		/* Others may want the CPU, such as a drain of its lists. */
		cond_resched();
	}
	kthread_stop(task);
	free_handed();
	expect(i == rounds * 10);
	return check_whole();
}

static const struct test_case cases[] = {
	{ "bulk", test_bulk },
	{ "mixed", test_mixed },
	{ "addresses", test_addresses },
	{ "unowned", test_unowned },
	{ "cross", test_cross },
};

static int __init test_init(void)
{
	struct mmbox_config cfg = {
		.nr_pages[MMBOX_ZONE_ANY] = NR_PAGES,
		MMBOX_NO_MARKS
	};
	const char *verdict;
	unsigned int i;

	box = mmbox_create("pcp", &cfg);
	if (IS_ERR(box))
		return PTR_ERR(box);
	nr_all = mmbox_alloc_pages_bulk(box, GFP_KERNEL, NR_PAGES + 1, pages);
	mmbox_free_pages_bulk(nr_all, pages);
	verdict = run_case(cases, ARRAY_SIZE(cases), run);
	if (nr_all < LEAST_PAGES || nr_all >= NR_PAGES)
		verdict = verdict ?: "the box has not the pages it should have";
	/* Whoever is changing a setting holds the box for that long. */
	for (i = 0; mmbox_destroy(box); i++) {
		if (i == 100) {
			mmbox_put(box);
			verdict = verdict ?: "the box is busy afterwards";
			break;
		}
		msleep(20);
	}
	return test_verdict(run, verdict);
}

static void __exit test_exit(void)
{
}

module_init(test_init);
module_exit(test_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Test of the lists that CPUs keep");
MODULE_LICENSE("GPL");
