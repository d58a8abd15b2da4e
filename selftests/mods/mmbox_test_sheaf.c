// SPDX-License-Identifier: GPL-2.0
/*
 * Test of the objects that each CPU has at hand: tasks, softirqs and interrupts
 * use the same cache, CPUs exchange objects, and come and go. "run" names one
 * case, and each has a box of its own.
 */
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "mmbox_test_case.h"

static char *run = "";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "the case to run");

static unsigned int rounds = 2000;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "rounds of the cases that race");

#define NR_PAGES	(3UL << MMBOX_MAX_ORDER)
#define NR_OBJECTS	500U

static struct mmbox *box;
static void *objects[NR_OBJECTS];

/* Each object is filled with its own number: none shares memory. */
static void mark(void *object, unsigned int size, unsigned int nr)
{
	memset(object, 1 + nr % 251, size);
	memcpy(object, &nr, sizeof(nr));
}

static bool marked(const void *object, unsigned int size, unsigned int nr)
{
	return !memcmp(object, &nr, sizeof(nr)) &&
	       !memchr_inv(object + sizeof(nr), 1 + nr % 251,
			   size - sizeof(nr));
}

/*
 * Contexts: an interrupt does what the task that it interrupts does, with the
 * same cache.
 */

static struct mmbox_cache *shared;
static atomic_t irq_runs, irq_failures;

/* As many as make sheaves change, each with a mark of its own. */
static bool churn(void **place, unsigned int nr, unsigned int mine)
{
	unsigned int i, got;
	bool right = true;

	for (got = 0; got < nr; got++) {
		place[got] = mmbox_cache_alloc(shared, GFP_NOWAIT);
		if (!place[got])
			break;
		mark(place[got], 128, mine + got);
	}
	for (i = 0; i < got; i++) {
		right = right && marked(place[i], 128, mine + i);
		mmbox_cache_free(shared, place[i]);
	}
	return right && got == nr;
}

static void interrupt_work(void)
{
	static void *mine[40];

	if (!churn(mine, 40, 1000000))
		atomic_inc(&irq_failures);
	atomic_inc(&irq_runs);
}

static void softirq_work(struct tasklet_struct *tasklet)
{
	interrupt_work();
}

static void hardirq_work(struct irq_work *work)
{
	interrupt_work();
}

static const char *make_shared(void)
{
	shared = mmbox_cache_create(box, "shared", 128, 0, 0, NULL);
	expect(shared);
	atomic_set(&irq_runs, 0);
	atomic_set(&irq_failures, 0);
	return NULL;
}

static const char *end_shared(void)
{
	expect(!atomic_read(&irq_failures));
	expect(!mmbox_cache_validate(shared));
	expect(!mmbox_cache_destroy(shared));
	return NULL;
}

static const char *test_softirq(void)
{
	const char *verdict = make_shared();
	struct tasklet_struct tasklet;
	bool right = true;
	unsigned int i;

	if (verdict)
		return verdict;
	tasklet_setup(&tasklet, softirq_work);
	for (i = 0; i < rounds; i++) {
		tasklet_schedule(&tasklet);
		right = churn(objects, 100, i) && right;
		tasklet_unlock_wait(&tasklet);
	}
	tasklet_kill(&tasklet);
	expect(right && atomic_read(&irq_runs));
	return end_shared();
}

static const char *test_hardirq(void)
{
	struct irq_work work = IRQ_WORK_INIT_HARD(hardirq_work);
	const char *verdict;
	bool right = true;
	unsigned int i;

	if (IS_ENABLED(CONFIG_PREEMPT_RT)) {
		pr_info("SKIP: not allowed with PREEMPT_RT\n");
		return NULL;
	}
	verdict = make_shared();
	if (verdict)
		return verdict;
	for (i = 0; i < 200; i++) {
		irq_work_queue(&work);
		right = churn(objects, 100, i) && right;
		irq_work_sync(&work);
	}
	expect(right && atomic_read(&irq_runs) == 200);
	return end_shared();
}

/*
 * Interrupts at any instruction: another CPU sends them without a pause. Each
 * takes an object that the next one gives back, so that what the task has read
 * before is no longer so after it. Nobody gets what another has.
 */
#define AT_HOME	0UL
#define GIVEN	1UL

static void *in_interrupt;
static unsigned int nr_interrupts;

static void place_at_home(void *object)
{
	*(unsigned long *)object = AT_HOME;
}

static void *take_one(void)
{
	unsigned long *object = mmbox_cache_alloc(shared, GFP_NOWAIT);

	if (!object || xchg(object, GIVEN) != AT_HOME)
		atomic_inc(&irq_failures);
	return object;
}

static void give_one(void *object)
{
	if (object && xchg((unsigned long *)object, AT_HOME) != GIVEN)
		atomic_inc(&irq_failures);
	mmbox_cache_free(shared, object);
}

static void take_or_give(void *data)
{
	nr_interrupts++;
	if (in_interrupt) {
		give_one(in_interrupt);
		in_interrupt = NULL;
	} else {
		in_interrupt = take_one();
	}
}

static int interrupter(void *data)
{
	while (!kthread_should_stop()) {
		smp_call_function_single((long)data, take_or_give, NULL, true);
		cond_resched();
	}
	return 0;
}

/* Single ones, and some at once: both go their own ways. */
static void take_and_give(void)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		objects[i] = take_one();
	for (i = 0; i < 8; i++)
		give_one(objects[i]);
	if (!mmbox_cache_alloc_bulk(shared, GFP_NOWAIT, 8, objects)) {
		atomic_inc(&irq_failures);
		return;
	}
	for (i = 0; i < 8; i++)
		if (cmpxchg((unsigned long *)objects[i], AT_HOME, AT_HOME) != AT_HOME)
			atomic_inc(&irq_failures);
	mmbox_cache_free_bulk(shared, 8, objects);
}

static const char *test_interrupts(void)
{
	long cpu = cpumask_first(cpu_online_mask);
	struct task_struct *task;

	if (IS_ENABLED(CONFIG_PREEMPT_RT)) {
		pr_info("SKIP: not allowed with PREEMPT_RT\n");
		return NULL;
	}
	shared = mmbox_cache_create(box, "shared", 128, 0, 0, place_at_home);
	expect(shared && num_online_cpus() > 1);
	set_cpus_allowed_ptr(current, cpumask_of(cpu));
	task = kthread_create(interrupter, (void *)cpu, "mmbox-interrupter");
	expect(!IS_ERR(task));
	kthread_bind(task, cpumask_last(cpu_online_mask));
	wake_up_process(task);
	while (READ_ONCE(nr_interrupts) < rounds) {
		take_and_give();
		cond_resched();
	}
	kthread_stop(task);
	mmbox_cache_free(shared, in_interrupt);
	return end_shared();
}

/*
 * Two CPUs
 */

static struct task_struct *start_other(int (*thread)(void *))
{
	struct task_struct *task = kthread_create(thread, NULL, "mmbox-other");

	if (IS_ERR(task))
		return NULL;
	kthread_bind(task, cpumask_last(cpu_online_mask));
	wake_up_process(task);
	return task;
}

static void *handed[64];

static int consumer(void *data)
{
	while (!kthread_should_stop()) {
		unsigned int i;

		for (i = 0; i < ARRAY_SIZE(handed); i++) {
			void *object = xchg(&handed[i], NULL);

			if (!object)
				continue;
			if (!marked(object, 128, *(unsigned int *)object))
				atomic_inc(&irq_failures);
			mmbox_kfree(object);
		}
		cond_resched();
	}
	return 0;
}

/* What one CPU allocates the other frees; its sheaves come back by the barn. */
static const char *test_cross(void)
{
	const char *verdict = make_shared();
	struct task_struct *task;
	unsigned int i;

	if (verdict)
		return verdict;
	task = start_other(consumer);
	expect(task);
	for (i = 0; i < rounds * 50; i++) {
		void *object = mmbox_cache_alloc(shared, GFP_KERNEL);

		if (!object)
			break;
		mark(object, 128, i);
		mmbox_cache_free(shared, xchg(&handed[i % ARRAY_SIZE(handed)],
					      object));
		cond_resched();
	}
	kthread_stop(task);
	mmbox_kfree_bulk(ARRAY_SIZE(handed), handed);
	memset(handed, 0, sizeof(handed));
	expect(i == rounds * 50);
	return end_shared();
}

/*
 * Two CPUs free the same object at the same time, again and again. One of them
 * may not be found wrong before the object is to be used again; whatever
 * happens, no memory is given out twice and the cache can go.
 */
static void *both_free;
static unsigned int nr_both;

static int double_freer(void *data)
{
	unsigned int seen = 0;

	while (!kthread_should_stop()) {
		unsigned int now = READ_ONCE(nr_both);

		if (now == seen) {
			cond_resched();
			continue;
		}
		seen = now;
		mmbox_cache_free(shared, xchg(&both_free, NULL));
	}
	return 0;
}

static const char *test_double(void)
{
	const char *verdict = make_shared();
	struct task_struct *task;
	unsigned int i, j;

	if (verdict)
		return verdict;
	task = start_other(double_freer);
	expect(task);
	for (i = 0; i < rounds; i++) {
		void *object = mmbox_cache_alloc(shared, GFP_KERNEL);

		if (!object)
			break;
		WRITE_ONCE(both_free, object);
		smp_wmb();	/* the object is there when the number says so */
		WRITE_ONCE(nr_both, i + 1);
		for (j = 0; j < i % 64; j++)
			cpu_relax();
		mmbox_cache_free(shared, object);
		while (READ_ONCE(both_free))
			cond_resched();
		if (i % 100 == 99)
			mmbox_cache_shrink(shared);
	}
	kthread_stop(task);
	expect(i == rounds);
	expect(mmbox_cache_validate(shared) > 0);
	/* No memory is there twice. */
	expect(churn(objects, NR_OBJECTS, 0));
	mmbox_cache_validate(shared);
	return end_shared();
}

/* For as long as CPUs come and go, which the shell sees to. */
static int churner(void *data)
{
	static void *mine[100];

	while (!kthread_should_stop()) {
		if (!churn(mine, ARRAY_SIZE(mine), 5000))
			atomic_inc(&irq_failures);
		cond_resched();
	}
	return 0;
}

static const char *test_hotplug(void)
{
	const char *verdict = make_shared();
	unsigned long end = jiffies + 8 * HZ;
	struct task_struct *task;
	bool right = true;

	if (verdict)
		return verdict;
	task = kthread_run(churner, NULL, "mmbox-churner");
	expect(!IS_ERR(task));
	while (time_before(jiffies, end)) {
		right = churn(objects, 300, 7) && right;
		cond_resched();
	}
	kthread_stop(task);
	expect(right);
	return end_shared();
}

static const struct test_case cases[] = {
	{ "softirq", test_softirq },
	{ "hardirq", test_hardirq },
	{ "interrupts", test_interrupts },
	{ "cross", test_cross },
	{ "double", test_double },
	{ "hotplug", test_hotplug },
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
MODULE_DESCRIPTION("Test of the objects that CPUs have at hand");
MODULE_LICENSE("GPL");
