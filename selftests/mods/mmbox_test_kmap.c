// SPDX-License-Identifier: GPL-2.0
/*
 * Slots for pages without an address: the parameter "run" chooses a case, and
 * the result of the module's init is the verdict.
 *
 *	same	a page has one address, and what is written there is in it
 *	others	pages of other zones, and of the host, keep their address
 *	reuse	slots are used again, and no CPU remembers what was there
 *	wait	with all slots in use a caller waits; one that is killed gives up
 *	wrong	wrong calls are refused, and change nothing
 *	nest	slots of a CPU are given back in the reverse order
 *	local	slots of a CPU are used again, by two tasks at once
 *	irq	with interrupts off, and in a softirq
 *	hold	nothing: a page stays mapped until the module goes
 *
 * Without own=1 the box has no slots, and the host's calls serve.
 */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <mmbox.h>

/* docs/design/kmap.md promises as many. */
#define SHARED	64
#define LOCAL	16

static char *run = "same";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "the case");

static bool own;
module_param(own, bool, 0444);
MODULE_PARM_DESC(own, "whether the box has slots");

static struct mmbox *box;
static struct page *pages[SHARED + 2];

/* Says what does not hold. */
static bool holds(bool ok, const char *what)
{
	if (!ok)
		pr_err("it does not hold: %s\n", what);
	return ok;
}

#define HOLDS(what)	holds(what, #what)

/* The page as the host has it, where no mistake of a slot can be. */
static unsigned long *host_word(struct page *page)
{
	return page_address(page);
}

static bool get_pages(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = mmbox_alloc_pages(box, GFP_HIGHUSER | __GFP_ZERO, 0);
		if (!pages[i])
			return false;
		*host_word(pages[i]) = i;
	}
	return true;
}

static void put_pages(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		if (pages[i])
			mmbox_free_pages(pages[i], 0);
}

static bool faults(const void *at)
{
	unsigned long word;

	return copy_from_kernel_nofault(&word, at, sizeof(word));
}

static bool run_same(void)
{
	unsigned long *a = mmbox_kmap(pages[1]);
	unsigned long *b = mmbox_kmap(pages[2]);
	unsigned long *again = mmbox_kmap(pages[1]);
	bool ok = HOLDS(a && b) && HOLDS(a == again) && HOLDS(a != b) &&
		  HOLDS(*a == 1 && *b == 2);

	if (ok) {
		*a = 77;
		ok = HOLDS(*host_word(pages[1]) == 77) &
		     HOLDS(own == ((void *)a != page_address(pages[1])));
		if (own)
			ok &= HOLDS(faults((char *)a + PAGE_SIZE)) &
			      HOLDS(faults((char *)a - sizeof(*a)));
	}
	mmbox_kunmap(pages[1]);
	ok = ok && HOLDS(*a == 77);
	mmbox_kunmap(pages[1]);
	mmbox_kunmap(pages[2]);
	return ok;
}

static bool run_others(void)
{
	struct page *normal = mmbox_alloc_pages(box, GFP_KERNEL, 0);
	struct page *host = alloc_page(GFP_KERNEL);
	bool ok = HOLDS(normal && host);
	void *local;

	if (ok) {
		ok = HOLDS(mmbox_kmap(normal) == page_address(normal)) &
		     HOLDS(mmbox_kmap(host) == page_address(host));
		mmbox_kunmap(normal);
		mmbox_kunmap(host);
		local = mmbox_kmap_local(normal);
		ok &= HOLDS(local == page_address(normal));
		mmbox_kunmap_local(local);
	}
	if (normal)
		mmbox_free_pages(normal, 0);
	if (host)
		__free_page(host);
	return ok;
}

/* Reads what it is told to, on its CPU. */
struct reader {
	const unsigned long *at;
	unsigned long got;
};

static void read_word(void *data)
{
	struct reader *reader = data;

	reader->got = READ_ONCE(*reader->at);
}

/* As often as it takes to use each slot several times, seen from all CPUs. */
static bool run_reuse(void)
{
	unsigned int i, cpu;
	bool ok = true;

	for (i = 0; ok && i < 5 * SHARED; i++) {
		unsigned int nr = i % ARRAY_SIZE(pages);
		struct reader reader = { .at = mmbox_kmap(pages[nr]) };

		ok = HOLDS(reader.at);
		for_each_online_cpu(cpu) {
			if (!ok)
				break;
			smp_call_function_single(cpu, read_word, &reader, 1);
			ok = HOLDS(reader.got == nr);
		}
		if (reader.at)
			mmbox_kunmap(pages[nr]);
	}
	return ok;
}

/**
 * struct waiter - a task that wants one slot more
 * @done: it has it, or was killed
 * @at:	  what it got
 */
struct waiter {
	struct completion done;
	void *at;
};

static int wait_for_slot(void *data)
{
	struct waiter *waiter = data;

	allow_signal(SIGKILL);
	waiter->at = mmbox_kmap(pages[SHARED]);
	complete(&waiter->done);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/* Whether it comes to wait, within ten seconds. */
static bool comes_to_wait(struct task_struct *task, struct waiter *waiter)
{
	unsigned int i;

	for (i = 0; i < 10000; i++) {
		if (READ_ONCE(task->__state) == TASK_KILLABLE)
			return !completion_done(&waiter->done);
		usleep_range(1000, 2000);
	}
	return false;
}

static bool try_waiter(bool kill)
{
	struct waiter waiter = { .at = NULL };
	struct task_struct *task;
	bool ok;

	init_completion(&waiter.done);
	task = kthread_run(wait_for_slot, &waiter, "mmbox_kmap");
	if (IS_ERR(task))
		return HOLDS(!IS_ERR(task));
	ok = HOLDS(comes_to_wait(task, &waiter));
	if (kill)
		send_sig(SIGKILL, task, 1);
	else
		mmbox_kunmap(pages[5]);
	/* Without this the test ends too, if the waiter does. */
	wait_for_completion(&waiter.done);
	kthread_stop(task);
	ok &= kill ? HOLDS(!waiter.at) : HOLDS(waiter.at);
	if (waiter.at) {
		ok &= HOLDS(*(unsigned long *)waiter.at == SHARED);
		mmbox_kunmap(pages[SHARED]);
	}
	if (!kill)
		ok &= HOLDS(mmbox_kmap(pages[5]));
	return ok;
}

static bool run_wait(void)
{
	unsigned int i;
	bool ok = true;

	for (i = 0; i < SHARED; i++)
		ok &= HOLDS(mmbox_kmap(pages[i]));
	if (ok && own)
		ok = try_waiter(false) && try_waiter(true);
	for (i = 0; i < SHARED; i++)
		mmbox_kunmap(pages[i]);
	return ok;
}

static bool run_wrong(void)
{
	struct page *free = pages[0];
	unsigned long *a = mmbox_kmap(pages[1]);
	bool ok = HOLDS(a);

	pages[0] = NULL;
	mmbox_free_pages(free, 0);
	if (ok && own) {
		mmbox_kunmap(pages[2]);		/* never mapped */
		ok = HOLDS(!mmbox_kmap(free)) & HOLDS(!mmbox_kmap_local(free));
		mmbox_kunmap_local(a);		/* no slot of a CPU */
		mmbox_kunmap_local((char *)a + PAGE_SIZE);
		mmbox_kunmap_local(NULL);
		ok &= HOLDS(*a == 1);
	}
	mmbox_kunmap(pages[1]);
	if (own)
		mmbox_kunmap(pages[1]);		/* twice */
	return ok;
}

static bool run_nest(void)
{
	unsigned long *at[LOCAL];
	unsigned int i;
	bool ok = true;

	for (i = 0; i < LOCAL; i++) {
		at[i] = mmbox_kmap_local(pages[i]);
		if (!HOLDS(at[i]))
			break;
	}
	ok = i == LOCAL;
	if (ok && own) {
		ok = HOLDS(!mmbox_kmap_local(pages[LOCAL])) &
		     HOLDS(faults((char *)at[0] + PAGE_SIZE));
		mmbox_kunmap_local(at[0]);	/* not the last */
	}
	while (i--) {
		ok &= HOLDS(*at[i] == i);
		/* Any address in the page will do. */
		mmbox_kunmap_local((char *)at[i] + i);
	}
	if (own)
		mmbox_kunmap_local(at[0]);	/* twice */
	return ok;
}

/* Maps pages again and again, is preempted, and sleeps with two of them. */
static int use_local(void *data)
{
	bool *ok = data;
	unsigned int i;

	for (i = 0; *ok && i < 2000; i++) {
		unsigned int nr = i % (ARRAY_SIZE(pages) - 1);
		unsigned long *a = mmbox_kmap_local(pages[nr]);
		unsigned long *b = mmbox_kmap_local(pages[nr + 1]);

		*ok = HOLDS(a && b) && HOLDS(*a == nr && *b == nr + 1);
		if (i % 100 == 0)
			usleep_range(1000, 2000);
		cond_resched();
		*ok = *ok && HOLDS(*a == nr && *b == nr + 1);
		mmbox_kunmap_local(b);
		mmbox_kunmap_local(a);
	}
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static bool run_local(void)
{
	struct task_struct *task[4];
	bool ok[ARRAY_SIZE(task)];
	bool all = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(task); i++) {
		ok[i] = true;
		task[i] = kthread_create(use_local, &ok[i], "mmbox_kmap/%u", i);
		if (IS_ERR(task[i]))
			continue;
		/* Two on each of two CPUs. */
		kthread_bind(task[i], i & 1 ? cpumask_last(cpu_online_mask) :
						cpumask_first(cpu_online_mask));
		wake_up_process(task[i]);
	}
	for (i = 0; i < ARRAY_SIZE(task); i++) {
		all &= HOLDS(!IS_ERR(task[i]));
		if (!IS_ERR(task[i]))
			kthread_stop(task[i]);
		all &= ok[i];
	}
	return all;
}

static bool softirq_ok;

/* While the task that was interrupted has a slot. */
static void in_softirq_too(struct tasklet_struct *tasklet)
{
	unsigned long *at = mmbox_kmap_local(pages[3]);

	softirq_ok = HOLDS(at) && HOLDS(*at == 3);
	mmbox_kunmap_local(at);
}

static DECLARE_TASKLET(tasklet, in_softirq_too);

static bool run_irq(void)
{
	unsigned long *outer = mmbox_kmap_local(pages[1]), *inner;
	unsigned long flags;
	bool ok;

	local_irq_save(flags);
	inner = mmbox_kmap_local(pages[2]);
	ok = HOLDS(outer && inner) && HOLDS(*outer == 1 && *inner == 2);
	mmbox_kunmap_local(inner);
	local_irq_restore(flags);
	tasklet_schedule(&tasklet);
	tasklet_kill(&tasklet);
	ok &= HOLDS(softirq_ok);
	mmbox_kunmap_local(outer);
	return ok;
}

static bool run_hold(void)
{
	return HOLDS(mmbox_kmap(pages[7])) && HOLDS(mmbox_kmap(pages[7]));
}

static const struct {
	const char *name;
	bool (*run)(void);
} cases[] = {
	{ "same", run_same },
	{ "others", run_others },
	{ "reuse", run_reuse },
	{ "wait", run_wait },
	{ "wrong", run_wrong },
	{ "nest", run_nest },
	{ "local", run_local },
	{ "irq", run_irq },
	{ "hold", run_hold },
};

static int __init test_init(void)
{
	unsigned int i;
	bool ok = false;

	box = mmbox_get("box0");
	if (!box)
		return -ENOENT;
	if (get_pages())
		for (i = 0; i < ARRAY_SIZE(cases); i++)
			if (!strcmp(cases[i].name, run))
				ok = cases[i].run();
	if (ok && !strcmp(run, "hold"))
		return 0;
	put_pages();
	mmbox_put(box);
	return ok ? 0 : -EINVAL;
}

static void __exit test_exit(void)
{
	if (strcmp(run, "hold"))
		return;
	mmbox_kunmap(pages[7]);
	mmbox_kunmap(pages[7]);
	put_pages();
	mmbox_put(box);
}

module_init(test_init);
module_exit(test_exit);

MODULE_DESCRIPTION("Tests of slots for pages without an address");
MODULE_LICENSE("GPL");
