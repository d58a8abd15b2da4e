// SPDX-License-Identifier: GPL-2.0
#include <host.h>

#include <linux/mm.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "rng.h"
#include "trace_pc.h"

/**
 * struct activity - what runs, or waits for those above it to end
 * @cpu:	where
 * @preempt:	how often it has turned preemption off
 * @irq_off:	it has turned interrupts off
 * @interrupt:	it is an interrupt
 * @bound:	it stays on its CPU
 */
struct activity {
	unsigned int cpu;
	unsigned int preempt;
	bool irq_off;
	bool interrupt;
	bool bound;
};

struct host host;
struct page host_mem_map[HOST_FRAMES];
/* Blocks are aligned to their size, as far as anybody relies on it. */
__attribute__((aligned(8 * PAGE_SIZE))) char host_memory[HOST_FRAMES][PAGE_SIZE];
struct task_struct host_task = { .pid = 1, .comm = "host" };

static struct activity stack[HOST_DEPTH];
static unsigned int depth;
static bool online[HOST_CPUS];
static struct rng rng;

static struct activity *top(void)
{
	return &stack[depth];
}

/**
 * host_start - make all anew: one task, on CPU 0
 * @seed: of the random numbers that choose what happens at a step
 */
void host_start(unsigned long long seed)
{
	unsigned int cpu;

	memset(stack, 0, sizeof(stack));
	memset(&host, 0, sizeof(host));
	memset(host_mem_map, 0, sizeof(host_mem_map));
	depth = 0;
	rng.state = seed;
	host.quiet = true;
	for (cpu = 0; cpu < HOST_CPUS; cpu++)
		online[cpu] = true;
}

/* Let this CPU run the lowest task. */
void host_run_on(unsigned int cpu)
{
	expect(!depth && online[cpu], "CPU %u cannot run a task", cpu);
	stack[0].cpu = cpu;
}

unsigned int host_depth(void)
{
	return depth;
}

/* Whoever sleeps waits for all CPUs, so nothing else may be half done. */
bool host_may_sleep(void)
{
	return !depth;
}

void host_set_online(unsigned int cpu, bool on)
{
	expect(!depth && stack[0].cpu != cpu, "CPU %u is at work", cpu);
	online[cpu] = on;
}

/* Between two calls of the lowest task: it has left nothing turned off. */
void host_check_idle(void)
{
	expect(!depth && !stack[0].preempt && !stack[0].irq_off,
	       "preemption or interrupts are still off");
}

unsigned int host_cpu(void)
{
	return top()->cpu;
}

static int cpu_node(unsigned int cpu)
{
	return cpu % HOST_NODES;
}

int host_node(void)
{
	return cpu_node(top()->cpu);
}

bool host_cpu_is_online(unsigned int cpu)
{
	return online[cpu];
}

/* The upper half of the frames is the last node's. */
int host_pfn_node(unsigned long pfn)
{
	return pfn / (HOST_FRAMES / HOST_NODES);
}

bool host_preempt_is_off(void)
{
	return top()->preempt || top()->irq_off;
}

bool host_in_interrupt(void)
{
	return top()->interrupt;
}

void host_preempt_disable(void)
{
	host_step();
	top()->preempt++;
	host_step();
}

void host_preempt_enable(void)
{
	host_step();
	expect(top()->preempt, "preemption is turned on twice");
	top()->preempt--;
	host_step();
}

unsigned long host_irq_save(void)
{
	unsigned long flags = top()->irq_off;

	top()->irq_off = true;
	return flags;
}

void host_irq_restore(unsigned long flags)
{
	expect(top()->irq_off, "interrupts are turned on twice");
	top()->irq_off = flags;
}

void host_might_sleep(void)
{
	expect(!host_preempt_is_off() && !top()->interrupt,
	       "somebody sleeps who must not");
	expect(host_may_sleep(), "somebody sleeps while others wait for him");
}

/* May an interrupt strike this CPU, or else another task run there? */
static bool cpu_is_free(unsigned int cpu, bool interrupt)
{
	unsigned int i;

	for (i = 0; i <= depth; i++) {
		if (stack[i].cpu != cpu)
			continue;
		if (stack[i].irq_off)
			return false;
		if (!interrupt && (stack[i].preempt || stack[i].interrupt))
			return false;
	}
	return online[cpu];
}

static void run_activity(unsigned int cpu, bool interrupt)
{
	depth++;
	stack[depth] = (struct activity) {
		.cpu = cpu,
		.interrupt = interrupt,
	};
	host.activity(true);
	expect(!top()->preempt && !top()->irq_off,
	       "preemption or interrupts are still off");
	depth--;
}

/* The task that runs is preempted, and goes on elsewhere. */
static void move_task(unsigned int cpu)
{
	struct activity *task = top();

	if (task->interrupt || task->bound || host_preempt_is_off() ||
	    !cpu_is_free(cpu, false))
		return;
	task->cpu = cpu;
	host.nr_moves++;
}

static void something_else(void)
{
	unsigned int cpu = rng_below(&rng, HOST_CPUS);

	switch (rng_below(&rng, 4)) {
	case 0:
		move_task(cpu);
		break;
	case 1:
		if (depth + 1 < HOST_DEPTH && cpu_is_free(cpu, false)) {
			host.nr_others++;
			run_activity(cpu, false);
		}
		break;
	default:
		if (depth + 1 < HOST_DEPTH && cpu_is_free(top()->cpu, true)) {
			host.nr_interrupts++;
			run_activity(top()->cpu, true);
		}
	}
}

/**
 * host_step - something else may happen here, and sometimes does
 */
void host_step(void)
{
	host.nr_steps++;
	if (!host.quiet && !top()->irq_off && !rng_below(&rng, 32))
		something_else();
}

/* Anywhere else in the module's code it seldom does. A fuzzer has its own of it. */
#ifndef FUZZ
void __sanitizer_cov_trace_pc(void)
{
	host.nr_steps++;
	if (!host.quiet && !top()->irq_off && !rng_below(&rng, 512))
		something_else();
}
#endif

static struct rcu_head *rcu_first, **rcu_last = &rcu_first;

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	host_step();
	head->func = func;
	head->next = NULL;
	*rcu_last = head;
	rcu_last = &head->next;
}

/* A grace period has passed when nobody else is half way through something. */
void rcu_barrier(void)
{
	struct rcu_head *head;

	host_might_sleep();
	while ((head = rcu_first)) {
		rcu_first = head->next;
		if (!rcu_first)
			rcu_last = &rcu_first;
		head->func(head);
	}
}

u64 get_random_u64(void)
{
	return rng_next(&rng);
}

/* Each work runs as a task of its CPU. */
void flush_workqueue(struct workqueue_struct *wq)
{
	unsigned int cpu, back = top()->cpu;

	host_might_sleep();
	for (cpu = 0; cpu < HOST_CPUS; cpu++) {
		struct work_struct *work = wq->work[cpu];

		if (!work)
			continue;
		wq->work[cpu] = NULL;
		work->wq = NULL;
		top()->cpu = cpu;
		top()->bound = true;
		work->func(work);
	}
	top()->cpu = back;
	top()->bound = false;
}
