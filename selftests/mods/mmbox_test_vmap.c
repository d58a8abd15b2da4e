// SPDX-License-Identifier: GPL-2.0
/*
 * Test of areas: vmap, vmalloc and their like. "run" names one case; the result
 * of loading the module is the verdict: it loads, or -EINVAL with the reason in
 * the kernel log. The cases use box0. What is not mapped is touched by a copy
 * that survives it.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "mmbox_test_case.h"

static char *run = "";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "the case to run");

static bool own = true;
module_param(own, bool, 0444);
MODULE_PARM_DESC(own, "box0 writes its page tables itself (default yes)");

static unsigned long seed;
module_param(seed, ulong, 0444);
MODULE_PARM_DESC(seed, "start of the random numbers (default: random, and told)");

static unsigned int ops = 20000;
module_param(ops, uint, 0444);
MODULE_PARM_DESC(ops, "random operations on each CPU (default 20000)");

static struct mmbox *box;

#define MAX_PAGES	300

/* Whether a page is mapped at an address: nothing breaks if not. */
static bool mapped(const void *addr)
{
	unsigned long word;

	return !copy_from_kernel_nofault(&word, addr, sizeof(word));
}

static bool alloc_scattered(struct page **pages, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		pages[i] = mmbox_alloc_pages(box, GFP_KERNEL, 0);
		if (!pages[i])
			return false;
		*(unsigned long *)page_address(pages[i]) = i + 1;
	}
	/* Not in the order in which they came. */
	for (i = 0; i + 1 < nr; i += 2)
		swap(pages[i], pages[i + 1]);
	return true;
}

static void free_all(struct page **pages, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		mmbox_free_pages(pages[i], 0);
}

/* Whether an area shows just these pages, and nothing behind them. */
static bool shows(void *area, struct page **pages, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		unsigned long *word = area + i * PAGE_SIZE;

		if (*word != *(unsigned long *)page_address(pages[i]))
			return false;
		if (mmbox_vmalloc_to_page(word + 3) != pages[i])
			return false;
		if (vmalloc_to_page(word) != pages[i])
			return false;
		*word ^= 0x5a5a5a5a;
		if (*word != *(unsigned long *)page_address(pages[i]))
			return false;
		*word ^= 0x5a5a5a5a;
	}
	return !mapped(area + nr * PAGE_SIZE) && !mapped(area - PAGE_SIZE);
}

/*
 * vmap
 */

static const char *test_vmap(void)
{
	static const unsigned int sizes[] = { 1, 2, 4, 16, 64, 255, 256, 257, MAX_PAGES };
	static struct page *pages[MAX_PAGES];
	unsigned int i;
	void *area;

	expect(alloc_scattered(pages, MAX_PAGES));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		area = mmbox_vmap(box, pages, sizes[i], VM_MAP, PAGE_KERNEL);
		expect(area);
		expect(PAGE_ALIGNED(area));
		expect(is_vmalloc_addr(area));
		expect(shows(area, pages, sizes[i]));
		mmbox_vunmap(area);
		expect(!mmbox_vmalloc_to_page(area));
	}
	mmbox_vunmap(NULL);
	free_all(pages, MAX_PAGES);
	return NULL;
}

/* A page that may only be read: its page table entry tells. */
static const char *test_readonly(void)
{
	struct page *page = mmbox_alloc_pages(box, GFP_KERNEL, 0);
	unsigned int level;
	pte_t *pte;
	void *area;

	expect(page);
	area = mmbox_vmap(box, &page, 1, VM_MAP, PAGE_KERNEL_RO);
	expect(area);
	expect(mapped(area));
	pte = lookup_address((unsigned long)area, &level);
	expect(pte && level == PG_LEVEL_4K);
	expect(pte_present(*pte) && !pte_write(*pte));
	mmbox_vunmap(area);
	mmbox_free_pages(page, 0);
	return NULL;
}

/*
 * vmalloc
 */

static bool all_zero(const void *area, size_t size)
{
	return !memchr_inv(area, 0, size);
}

static const char *test_vmalloc(void)
{
	static const unsigned long sizes[] = {
		1, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 4 * PAGE_SIZE,
		31 * PAGE_SIZE, 32 * PAGE_SIZE, 33 * PAGE_SIZE, 256 * PAGE_SIZE,
		257 * PAGE_SIZE, 1500 * PAGE_SIZE + 5,
	};
	unsigned int i, j;
	char *area;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		unsigned long end = PAGE_ALIGN(sizes[i]);

		area = mmbox_vmalloc(box, sizes[i]);
		expect(area);
		expect(PAGE_ALIGNED(area));
		memset(area, 0xa5, end);
		expect(!mapped(area + end));
		expect(!mapped(area - PAGE_SIZE));
		for (j = 0; j < end / PAGE_SIZE; j++) {
			struct page *page = mmbox_vmalloc_to_page(area + j * PAGE_SIZE);

			expect(page && page == vmalloc_to_page(area + j * PAGE_SIZE));
			expect(page_ref_count(page) == 1);
		}
		mmbox_vfree(area);
		expect(!mmbox_vmalloc_to_page(area));

		area = mmbox_vzalloc(box, sizes[i]);
		expect(area && all_zero(area, end));
		mmbox_vfree(area);
	}
	mmbox_vfree(NULL);
	return NULL;
}

static const char *test_align(void)
{
	unsigned int shift;
	void *area;

	for (shift = 0; shift < 26; shift++) {
		unsigned long align = 1UL << shift;

		area = mmbox_vmalloc_node(box, 3 * PAGE_SIZE, align,
					  GFP_KERNEL | __GFP_ZERO, NUMA_NO_NODE,
					  __builtin_return_address(0));
		expect(area);
		expect(IS_ALIGNED((unsigned long)area, align));
		expect(all_zero(area, 3 * PAGE_SIZE));
		expect(!mapped(area + 3 * PAGE_SIZE));
		mmbox_vfree(area);
	}
	return NULL;
}

/*
 * Wrong requests: 7 of them.
 */
static const char *test_requests(void)
{
	struct page *pages[2] = { mmbox_alloc_pages(box, GFP_KERNEL, 0), NULL };

	expect(pages[0]);
	expect(!mmbox_vmap(box, pages, 2, VM_MAP, PAGE_KERNEL));
	expect(!mmbox_vmap(box, pages, 0, VM_MAP, PAGE_KERNEL));
	expect(!mmbox_vmap(box, pages, 1, VM_MAP | VM_MAP_PUT_PAGES,
			   PAGE_KERNEL));
	expect(!mmbox_vmalloc(box, 0));
	expect(!mmbox_vmalloc(box, ULONG_MAX));
	expect(!mmbox_vmalloc(box, 1UL << 40));
	expect(!mmbox_vmalloc_node(box, PAGE_SIZE, 3, GFP_KERNEL, NUMA_NO_NODE,
				   NULL));
	mmbox_free_pages(pages[0], 0);
	return NULL;
}

/*
 * Wrong returns: 5 that are in the box's addresses, as long as these stay its
 * own, and 3 that are not.
 */
static const char *test_returns(void)
{
	struct page *page = mmbox_alloc_pages(box, GFP_KERNEL, 0);
	void *area, *other, *host = vmalloc(PAGE_SIZE);

	expect(page && host);
	area = mmbox_vmap(box, &page, 1, VM_MAP, PAGE_KERNEL);
	other = mmbox_vmalloc(box, 2 * PAGE_SIZE);
	expect(area && other);
	memset(other, 0x77, 2 * PAGE_SIZE);
	mmbox_vfree(area);			/* another kind */
	mmbox_vunmap(other);
	mmbox_vfree(other + PAGE_SIZE);		/* inside */
	mmbox_vfree(other + 8);
	mmbox_vfree(host);			/* not ours */
	mmbox_vfree(page_address(page));
	mmbox_vunmap((void *)PAGE_SIZE);
	/* None of it had an effect. */
	expect(mapped(area) && mapped(other) && mapped(host));
	expect(!memchr_inv(other, 0x77, 2 * PAGE_SIZE));

	mmbox_vfree(other);
	mmbox_vunmap(area);
	mmbox_vunmap(area);			/* a second time */
	vfree(host);
	mmbox_free_pages(page, 0);
	return NULL;
}

static const char *test_double(void)
{
	void *area = mmbox_vmalloc(box, 4 * PAGE_SIZE);
	void *large = mmbox_vmalloc(box, 400 * PAGE_SIZE);

	expect(area && large);
	mmbox_vfree(area);
	mmbox_vfree(area);
	mmbox_vfree(large);
	mmbox_vfree(large);
	return NULL;
}

/*
 * The window runs out before the memory does: the box is asked for one page
 * again and again.
 */
static const char *test_exhaust(void)
{
	struct page *page = mmbox_alloc_pages(box, GFP_KERNEL, 0);
	void *area, *next, *list = NULL;
	unsigned long nr = 0, round;

	expect(page);
	for (round = 0; round < 2; round++) {
		struct page *pages[100];
		unsigned int i;

		for (i = 0; i < ARRAY_SIZE(pages); i++)
			pages[i] = page;
		/* The addresses are kept in a list of their own. */
		while ((area = mmbox_vmap(box, pages, ARRAY_SIZE(pages), VM_MAP,
					  PAGE_KERNEL))) {
			void **link = kmalloc(2 * sizeof(*link), GFP_KERNEL);

			expect(link);
			link[0] = list;
			link[1] = area;
			list = link;
			nr++;
		}
		pr_info("%lu areas in all\n", nr);
		expect(nr > 2);
		for (; list; list = next) {
			next = ((void **)list)[0];
			mmbox_vunmap(((void **)list)[1]);
			kfree(list);
			nr--;
		}
		expect(!nr);
	}
	mmbox_free_pages(page, 0);
	return NULL;
}

/*
 * Contexts
 */

static void *to_free[2];
static int freed;

static void free_in_hardirq(struct irq_work *work)
{
	if (!in_hardirq())
		return;
	mmbox_vfree(to_free[0]);
	mmbox_vfree(to_free[1]);
	/* Nothing is taken here. */
	if (!mmbox_vmalloc(box, PAGE_SIZE))
		freed++;
}

static const char *test_interrupt(void)
{
	struct irq_work work = IRQ_WORK_INIT_HARD(free_in_hardirq);
	int i;

	if (IS_ENABLED(CONFIG_PREEMPT_RT)) {
		pr_info("SKIP: not allowed with PREEMPT_RT\n");
		return NULL;
	}
	for (i = 0; i < 100; i++) {
		to_free[0] = mmbox_vmalloc(box, PAGE_SIZE * (1 + i % 5));
		/* What gives them back in the end runs when we let it. */
		to_free[1] = mmbox_vmalloc(box, PAGE_SIZE * (i % 10 ? 1 : 300));
		expect(to_free[0] && to_free[1]);
		irq_work_queue(&work);
		irq_work_sync(&work);
	}
	expect(freed == 100);
	return NULL;
}

/*
 * Many areas at once, on all CPUs, each checked through the pages' own
 * addresses before it goes.
 */

#define NR_LIVE	64

struct live {
	void *area;
	unsigned int nr;
	bool vmalloc;
	unsigned long mark;
};

struct churner {
	struct task_struct *task;
	struct rnd_state rnd;
	struct page *pages[MAX_PAGES];
	struct live live[NR_LIVE];
	const char *verdict;
	unsigned long nr_maps;
	struct completion done;
};

static const char *check_live(struct churner *c, struct live *l)
{
	unsigned int i;

	for (i = 0; i < l->nr; i++) {
		unsigned long *word = l->area + i * PAGE_SIZE;
		struct page *page = mmbox_vmalloc_to_page(word);

		expect(page);
		if (l->vmalloc)
			expect(*word == l->mark + i);
		else
			expect(page == c->pages[i]);
		expect(*(unsigned long *)page_address(page) == *word);
	}
	expect(!mapped(l->area + l->nr * PAGE_SIZE));
	return NULL;
}

static const char *churn_once(struct churner *c)
{
	struct live *l = &c->live[prandom_u32_state(&c->rnd) % NR_LIVE];
	unsigned int i, large = prandom_u32_state(&c->rnd) % 16;

	if (l->area) {
		const char *verdict = check_live(c, l);

		if (verdict)
			return verdict;
		if (l->vmalloc)
			mmbox_vfree(l->area);
		else
			mmbox_vunmap(l->area);
		l->area = NULL;
		return NULL;
	}
	l->nr = 1 + prandom_u32_state(&c->rnd) % (large ? 20 : MAX_PAGES);
	l->vmalloc = prandom_u32_state(&c->rnd) & 1;
	l->mark = prandom_u32_state(&c->rnd);
	l->area = l->vmalloc ? mmbox_vmalloc(box, l->nr * PAGE_SIZE) :
		  mmbox_vmap(box, c->pages, l->nr, VM_MAP, PAGE_KERNEL);
	expect(l->area);
	c->nr_maps++;
	for (i = 0; l->vmalloc && i < l->nr; i++)
		*(unsigned long *)(l->area + i * PAGE_SIZE) = l->mark + i;
	return NULL;
}

static int churn(void *data)
{
	struct churner *c = data;
	unsigned int i;

	for (i = 0; i < ops && !c->verdict; i++) {
		c->verdict = churn_once(c);
		cond_resched();
	}
	for (i = 0; i < NR_LIVE; i++) {
		if (!c->live[i].area)
			continue;
		if (c->live[i].vmalloc)
			mmbox_vfree(c->live[i].area);
		else
			mmbox_vunmap(c->live[i].area);
	}
	complete(&c->done);
	return 0;
}

static const char *test_churn(void)
{
	const char *verdict = NULL;
	struct churner *churner;
	unsigned int cpu, nr = 0;

	if (!seed)
		seed = get_random_u32();
	pr_info("seed=%lu\n", seed);
	churner = kvcalloc(nr_cpu_ids, sizeof(*churner), GFP_KERNEL);
	expect(churner);
	for_each_online_cpu(cpu) {
		struct churner *c = &churner[nr++];

		init_completion(&c->done);
		prandom_seed_state(&c->rnd, seed + cpu);
		expect(alloc_scattered(c->pages, MAX_PAGES));
		c->task = kthread_create(churn, c, "churn/%u", cpu);
		expect(!IS_ERR(c->task));
		kthread_bind(c->task, cpu);
		wake_up_process(c->task);
	}
	while (nr--) {
		struct churner *c = &churner[nr];

		wait_for_completion(&c->done);
		verdict = c->verdict ?: verdict;
		pr_info("%lu areas\n", c->nr_maps);
		free_all(c->pages, MAX_PAGES);
	}
	kvfree(churner);
	return verdict;
}

/*
 * Without a window it is the host that has addresses: those that one CPU gives
 * back may be another's at once. So one has an area come and go, so large that
 * its end takes a while, and another has the host purge, and takes the place.
 */

#define NR_GOING	12000
#define NR_COMING	2000

static int keep_freeing(void *verdict)
{
	while (!kthread_should_stop()) {
		void *area = mmbox_vmalloc(box, NR_GOING * PAGE_SIZE);

		if (!area)
			*(const char **)verdict = "an area that comes and goes";
		mmbox_vfree(area);
		cond_resched();
	}
	return 0;
}

static const char *test_reused(void)
{
	static struct page *pages[NR_COMING];
	void *area, *before = NULL;
	const char *verdict = NULL;
	struct task_struct *task;
	unsigned int cpu, i;

	pages[0] = mmbox_alloc_pages(box, GFP_KERNEL, 0);
	expect(pages[0]);
	for (i = 1; i < NR_COMING; i++)
		pages[i] = pages[0];
	cpu = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
	set_cpus_allowed_ptr(current, cpumask_of(raw_smp_processor_id()));
	task = kthread_create(keep_freeing, &verdict, "freeing");
	expect(!IS_ERR(task));
	if (cpu < nr_cpu_ids)
		kthread_bind(task, cpu);
	wake_up_process(task);
	for (i = 0; i < 50 && !verdict; i++) {
		vm_unmap_aliases();
		area = mmbox_vmap(box, pages, NR_COMING, VM_MAP, PAGE_KERNEL);
		if (!area)
			verdict = "an area in the place of another";
		/* Not earlier, or this one would be in its place. */
		mmbox_vunmap(before);
		before = area;
	}
	mmbox_vunmap(before);
	kthread_stop(task);
	mmbox_free_pages(pages[0], 0);
	return verdict;
}

/*
 * A CPU that uses an address all the time, while it is given back, purged, and
 * given out again for another page.
 */

#define OLD	0xaaaaaaaaUL
#define NEW	0xbbbbbbbbUL

struct reader {
	void *addr;
	unsigned long value;
	unsigned long nr_reads;
	bool stop;
	struct completion done;
};

/* Without a pause: what the CPU knows of the address stays there. */
static int keep_reading(void *data)
{
	struct reader *r = data;
	unsigned long next = jiffies + HZ;

	while (!READ_ONCE(r->stop)) {
		unsigned long value = 0;

		/* But for now and then: a CPU that lets nobody run is reported. */
		if (time_after(jiffies, next)) {
			cond_resched();
			next = jiffies + HZ;
		}

		if (copy_from_kernel_nofault(&value, r->addr, sizeof(value)))
			value = 0;
		WRITE_ONCE(r->value, value);
		/* Who sees the number sees the value, too. */
		smp_store_release(&r->nr_reads, r->nr_reads + 1);
		cpu_relax();
	}
	complete(&r->done);
	return 0;
}

/* What it reads from now on. */
static unsigned long reads_now(struct reader *r)
{
	unsigned long seen = READ_ONCE(r->nr_reads);

	/* One that is under way may be from before. */
	while (smp_load_acquire(&r->nr_reads) - seen < 2)
		cond_resched();
	return READ_ONCE(r->value);
}

/*
 * Maps @page everywhere, again and again, until it stands at @addr, too. NULL
 * if it does not come about: the box's own addresses come back for sure, those
 * of the host may have gone to others, who keep them.
 */
static void *map_again(void *addr, struct page *page, unsigned int tries)
{
	struct page *pages[100];
	unsigned int i, nr;
	void *area;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = page;
	for (i = 0; i < tries; i++) {
		/* Of all sizes: one day it is no guard page, and no rest. */
		nr = 1 + get_random_u32() % ARRAY_SIZE(pages);
		area = mmbox_vmap(box, pages, nr, VM_MAP, PAGE_KERNEL);
		if (!area || (addr >= area && addr < area + nr * PAGE_SIZE))
			return area;
		mmbox_vunmap(area);
		cond_resched();
	}
	return NULL;
}

/*
 * The box has each address again before long. The host may have given it to
 * others for good, even after a purge: there it is no more than tried.
 */
static const char *read_through(struct reader *r, struct page **pages)
{
	unsigned int round, again = 0;

	for (round = 0; round < 20; round++) {
		void *area = mmbox_vmap(box, &pages[0], 1, VM_MAP, PAGE_KERNEL);

		expect(area);
		WRITE_ONCE(r->addr, area);
		expect(reads_now(r) == OLD);
		mmbox_vunmap(area);
		pr_info("given back: %s\n", reads_now(r) == OLD ?
			"the other CPU has not noticed" : "gone at once");
		if (!own)
			vm_unmap_aliases();
		area = map_again(area, pages[1], own ? 50000 : 500);
		expect(area || !own);
		if (!area)
			continue;
		again++;
		expect(reads_now(r) == NEW);
		mmbox_vunmap(area);
	}
	pr_info("%u of %u addresses had again\n", again, round);
	return NULL;
}

static const char *test_stale(void)
{
	struct page *pages[2];
	struct reader reader = { .addr = pages };
	struct task_struct *task;
	const char *verdict;
	unsigned int cpu;

	cpu = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
	if (cpu >= nr_cpu_ids) {
		pr_info("SKIP: there is one CPU only\n");
		return NULL;
	}
	pages[0] = mmbox_alloc_pages(box, GFP_KERNEL, 0);
	pages[1] = mmbox_alloc_pages(box, GFP_KERNEL, 0);
	expect(pages[0] && pages[1]);
	*(unsigned long *)page_address(pages[0]) = OLD;
	*(unsigned long *)page_address(pages[1]) = NEW;
	init_completion(&reader.done);
	task = kthread_create(keep_reading, &reader, "reader");
	expect(!IS_ERR(task));
	kthread_bind(task, cpu);
	set_cpus_allowed_ptr(current, cpumask_of(raw_smp_processor_id()));
	wake_up_process(task);
	verdict = read_through(&reader, pages);
	WRITE_ONCE(reader.stop, true);
	wait_for_completion(&reader.done);
	mmbox_free_pages(pages[0], 0);
	mmbox_free_pages(pages[1], 0);
	return verdict;
}

static const struct test_case cases[] = {
	{ "vmap", test_vmap },
	{ "readonly", test_readonly },
	{ "vmalloc", test_vmalloc },
	{ "align", test_align },
	{ "requests", test_requests },
	{ "returns", test_returns },
	{ "double", test_double },
	{ "exhaust", test_exhaust },
	{ "interrupt", test_interrupt },
	{ "churn", test_churn },
	{ "reused", test_reused },
	{ "stale", test_stale },
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
	mmbox_put(box);
	return test_verdict(run, verdict);
}

static void __exit test_exit(void)
{
}

module_init(test_init);
module_exit(test_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Test of mmbox's areas");
MODULE_LICENSE("GPL");
