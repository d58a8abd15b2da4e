// SPDX-License-Identifier: GPL-2.0
/*
 * Areas whose CPU goes away, and areas that nobody gives back. "run" names one
 * case; that the module loads is the verdict. The cases use box0.
 */
#include <linux/cpu.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "mmbox_test_case.h"

static char *run = "";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "the case to run");

static struct mmbox *box;

#define NR_SMALL	8
#define ROOM_PAGES	100

static bool alloc_small(unsigned long **area)
{
	unsigned int i;

	for (i = 0; i < NR_SMALL; i++) {
		area[i] = mmbox_vmalloc(box, PAGE_SIZE);
		if (!area[i])
			return false;
		*area[i] = i + 1;
	}
	return true;
}

static bool small_are_whole(unsigned long **area)
{
	unsigned int i;

	for (i = 0; i < NR_SMALL; i++)
		if (*area[i] != i + 1 || !mmbox_vmalloc_to_page(area[i]))
			return false;
	return true;
}

/* How many areas of ROOM_PAGES there is room for. */
static unsigned int count_room(void)
{
	static struct page *pages[ROOM_PAGES];
	static void *area[100];
	unsigned int i, nr = 0;

	pages[0] = mmbox_alloc_pages(box, GFP_KERNEL, 0);
	if (!pages[0])
		return 0;
	for (i = 1; i < ROOM_PAGES; i++)
		pages[i] = pages[0];
	while (nr < ARRAY_SIZE(area)) {
		area[nr] = mmbox_vmap(box, pages, ROOM_PAGES, VM_MAP,
				      PAGE_KERNEL);
		if (!area[nr])
			break;
		nr++;
	}
	for (i = 0; i < nr; i++)
		mmbox_vunmap(area[i]);
	mmbox_free_pages(pages[0], 0);
	return nr;
}

static void move_to(unsigned int cpu)
{
	set_cpus_allowed_ptr(current, cpumask_of(cpu));
}

/*
 * A CPU goes while it has areas and a chunk to cut more off: the areas stay,
 * anybody can give them back, and the rest of the chunk is of use to others.
 * The window has room for one chunk, and for no more than that beside it.
 */
static const char *test_dead(void)
{
	unsigned int cpu = cpumask_last(cpu_online_mask), i, before, after;
	unsigned int here = cpumask_first(cpu_online_mask);
	unsigned long *area[NR_SMALL];

	expect(cpu != here);
	move_to(cpu);
	expect(alloc_small(area));
	move_to(here);
	before = count_room();
	expect(!remove_cpu(cpu));
	expect(small_are_whole(area));
	for (i = 0; i < NR_SMALL; i++)
		mmbox_vfree(area[i]);
	after = count_room();
	pr_info("room for %u areas before, %u after\n", before, after);
	expect(!add_cpu(cpu));
	expect(before && after == 1024 / (ROOM_PAGES + 1));
	expect(before < after);
	move_to(cpu);
	expect(alloc_small(area));
	move_to(here);
	expect(small_are_whole(area));
	for (i = 0; i < NR_SMALL; i++)
		mmbox_vfree(area[i]);
	return NULL;
}

/*
 * What a careless module leaves behind: areas of each kind, with a page of the
 * box that it has freed, and one of the host that it has not.
 */
static const char *test_leak(void)
{
	struct page *page = mmbox_alloc_pages(box, GFP_KERNEL, 0);
	struct page *host = alloc_page(GFP_KERNEL);

	expect(page && host);
	expect(mmbox_vmap(box, &page, 1, VM_MAP, PAGE_KERNEL));
	expect(mmbox_vmap(box, &host, 1, VM_MAP, PAGE_KERNEL));
	expect(mmbox_vmalloc(box, 3 * PAGE_SIZE));
	expect(mmbox_vmalloc(box, 300 * PAGE_SIZE));
	expect(mmbox_ioremap(box, 0xf0000, 2 * PAGE_SIZE));
	mmbox_free_pages(page, 0);
	return NULL;
}

static const struct test_case cases[] = {
	{ "dead", test_dead },
	{ "leak", test_leak },
};

static int __init test_init(void)
{
	const char *verdict;

	box = mmbox_get("box0");
	if (!box)
		return -ENODEV;
	verdict = run_case(cases, ARRAY_SIZE(cases), run);
	mmbox_put(box);
	return test_verdict(run, verdict);
}

static void __exit test_exit(void)
{
}

module_init(test_init);
module_exit(test_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Test of the ends of mmbox's areas");
MODULE_LICENSE("GPL");
