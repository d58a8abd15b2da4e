// SPDX-License-Identifier: GPL-2.0
/*
 * One CPU allocates objects, and another frees them: what networks do with
 * packets, and what allocators with a stock on each CPU like least.
 *
 * The objects go through a ring of a size that leaves neither waiting for the
 * other's every step.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "bench.h"

#define RING	512U
#define STEP	16U

/**
 * struct ring - objects on their way
 * @side: whose they are
 * @time: nanoseconds to go on
 * @giver: allocates
 * @taker: frees
 * @object: between @tail and @head, both modulo RING
 * @ended: the last one is there
 * @err:   why there are no more
 * @head:  written by @giver
 * @tail:  written by @taker
 */
struct ring {
	const struct mmbox_bench_objects *side;
	u64 time;
	struct work_struct giver;
	struct work_struct taker;
	void *object[RING];
	bool ended;
	int err;
	unsigned int head ____cacheline_aligned_in_smp;
	unsigned int tail ____cacheline_aligned_in_smp;
};

/* Returns how many objects have been allocated. */
static unsigned int give_step(struct ring *ring)
{
	unsigned int i;

	/* A place that the taker has left is read no more. */
	while (ring->head - smp_load_acquire(&ring->tail) > RING - STEP)
		cpu_relax();
	for (i = 0; i < STEP; i++) {
		void *object = ring->side->alloc();

		if (!object)
			break;
		ring->object[(ring->head + i) % RING] = object;
	}
	/* Places before their number; pairs with the load in take(). */
	smp_store_release(&ring->head, ring->head + i);
	return i;
}

static void give(struct work_struct *work)
{
	struct ring *ring = container_of(work, struct ring, giver);
	u64 start, time;

	/* The first ones warm up both, and show that the taker is there. */
	while (!ring->err && ring->head < 4 * RING)
		if (give_step(ring) < STEP)
			ring->err = -ENOMEM;
	start = ktime_get_ns();
	do {
		if (!ring->err && give_step(ring) < STEP)
			ring->err = -ENOMEM;
		time = ktime_get_ns() - start;
	} while (!ring->err && time < ring->time);
	ring->time = time;
	/* Behind the last object: who sees it sees all. */
	smp_store_release(&ring->ended, true);
}

static void take(struct work_struct *work)
{
	struct ring *ring = container_of(work, struct ring, taker);
	unsigned int head;
	bool ended;

	do {
		/* Before the number of objects: then none comes behind it. */
		ended = smp_load_acquire(&ring->ended);
		/* Before the objects, see give_step(). */
		head = smp_load_acquire(&ring->head);
		while (ring->tail != head) {
			ring->side->free(ring->object[ring->tail % RING]);
			/* Its place has been read. */
			smp_store_release(&ring->tail, ring->tail + 1);
		}
		if (!ended)
			cpu_relax();
	} while (!ended);
}

/**
 * mmbox_bench_pass - measure how fast objects go from CPU to CPU
 * @wq:     where the two do their work
 * @side:   whose objects
 * @window: milliseconds
 * @rate:   set to objects in a millisecond
 *
 * Context: process context with CPUs kept from going offline, two of which are
 * online; sleeps until done.
 * Return: 0 or -ENOMEM.
 */
int mmbox_bench_pass(struct workqueue_struct *wq,
		     const struct mmbox_bench_objects *side,
		     unsigned int window, u64 *rate)
{
	struct ring *ring = kzalloc(sizeof(*ring), GFP_KERNEL);
	unsigned int first = cpumask_first(cpu_online_mask);
	int err;

	if (!ring)
		return -ENOMEM;
	ring->side = side;
	ring->time = (u64)window * NSEC_PER_MSEC;
	INIT_WORK(&ring->giver, give);
	INIT_WORK(&ring->taker, take);
	queue_work_on(cpumask_next(first, cpu_online_mask), wq, &ring->taker);
	queue_work_on(first, wq, &ring->giver);
	flush_workqueue(wq);
	*rate = div64_u64((ring->head - 4 * RING) * (u64)NSEC_PER_MSEC,
			  max(ring->time, 1ULL));
	err = ring->err;
	kfree(ring);
	return err;
}
