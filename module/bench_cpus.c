// SPDX-License-Identifier: GPL-2.0
/*
 * The same work on each of two CPUs alone, and on both at once. Reading
 * /sys/kernel/debug/mmbox_bench/cpus runs it and prints comma-separated rows:
 * the operations that CPU "0", "1" or "both" together did in a millisecond, or
 * the objects that have been passed from one to the other.
 *
 * Each of them alone, because one may well be slower than the other: where its
 * data lie other addresses collide in caches, and an emulated CPU notices that
 * more than most.
 *
 * Here time is the machine's, and other work on it shows. So the empty side is
 * measured like the others, and all of them in turns, one window for each: what
 * disturbs lasts for longer, and meets all alike. Judging is left to
 * scripts/bench-wall.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "bench.h"
#include "compat.h"

#define NR_CPUS_AT_ONCE	2
/* Between two looks at the clock: whole batches. */
#define CHUNK		(8 * MMBOX_BENCH_BATCH)

static unsigned int window = 20;
module_param(window, uint, 0444);
MODULE_PARM_DESC(window, "milliseconds that CPUs work for one figure of file cpus (default 20)");

/**
 * struct crew - CPUs that do the same work at once
 * @work:  what they do
 * @side:  which allocator they use
 * @late:  how many of them are not ready yet
 */
struct crew {
	const struct mmbox_bench_work *work;
	const struct mmbox_bench_side *side;
	atomic_t late;
};

/**
 * struct worker - one of these CPUs
 * @on_cpu: what it runs
 * @crew:   all of them
 * @rate:   operations that it did in a millisecond
 * @err:    why there is no rate
 * @batch:  for its own use
 */
struct worker {
	struct work_struct on_cpu;
	struct crew *crew;
	u64 rate;
	int err;
	struct page *batch[MMBOX_BENCH_BATCH];
};

static int do_chunk(struct worker *worker)
{
	return mmbox_bench_do(worker->crew->work, worker->crew->side, CHUNK,
			      worker->batch);
}

static void run_worker(struct work_struct *on_cpu)
{
	struct worker *worker = container_of(on_cpu, struct worker, on_cpu);
	struct crew *crew = worker->crew;
	u64 start, time, nr = 0;
	int err;

	/* Warm up before anyone looks at the clock. */
	err = do_chunk(worker);
	atomic_dec(&crew->late);
	while (atomic_read(&crew->late)) {
		cpu_relax();
		cond_resched();
	}
	start = ktime_get_ns();
	do {
		err = err ?: do_chunk(worker);
		nr += CHUNK;
		time = ktime_get_ns() - start;
	} while (!err && time < window * NSEC_PER_MSEC);
	/* A clock that goes by ticks may not have moved. */
	worker->rate = div64_u64(nr * NSEC_PER_MSEC, max(time, 1ULL));
	worker->err = err;
}

/* The CPUs of one figure, of the first two that are online. */
static const struct cpus {
	const char *name;
	unsigned int first, nr;
} figures[] = {
	{ "0", 0, 1 },
	{ "1", 1, 1 },
	{ "both", 0, NR_CPUS_AT_ONCE },
};

static int measure(struct workqueue_struct *wq, struct worker *workers,
		   struct crew *crew, const struct cpus *cpus, u64 *rate)
{
	unsigned int i = 0, cpu;
	int err = 0;

	atomic_set(&crew->late, cpus->nr);
	for_each_online_cpu(cpu) {
		if (i >= cpus->first && i < cpus->first + cpus->nr) {
			workers[i].crew = crew;
			queue_work_on(cpu, wq, &workers[i].on_cpu);
		}
		i++;
	}
	flush_workqueue(wq);
	*rate = 0;
	for (i = cpus->first; i < cpus->first + cpus->nr; i++) {
		*rate += workers[i].rate;
		err = err ?: workers[i].err;
	}
	return err;
}

/* Which figure comes first changes with each round. */
static int show_figures(struct seq_file *m, struct workqueue_struct *wq,
			struct worker *workers, struct crew *crew,
			unsigned int round)
{
	const unsigned int nr = ARRAY_SIZE(figures);
	unsigned int i;
	u64 rate;
	int err;

	for (i = 0; i < nr; i++) {
		const struct cpus *cpus = &figures[(i + round) % nr];

		err = measure(wq, workers, crew, cpus, &rate);
		if (err)
			return err;
		seq_printf(m, "%u,%s,%s,%s,%llu\n", round, crew->work->name,
			   crew->side->name, cpus->name, rate);
	}
	return 0;
}

/* One CPU allocates, the other frees. */
static int show_pass(struct seq_file *m, struct workqueue_struct *wq,
		     unsigned int round)
{
	const char *name = "cache-pass-256";
	unsigned int i;
	u64 rate;
	int err;

	for (i = 0; mmbox_bench_is_wanted(name) && i < MMBOX_BENCH_OWN_SIDES;
	     i++) {
		const struct mmbox_bench_objects *side = &mmbox_bench_objects[i];

		err = mmbox_bench_pass(wq, side, window, &rate);
		if (err)
			return err;
		seq_printf(m, "%u,%s,%s,pass,%llu\n", round, name,
			   side->name, rate);
	}
	return 0;
}

static int show_round(struct seq_file *m, struct workqueue_struct *wq,
		      struct worker *workers, unsigned int round)
{
	unsigned int i, j;
	int err;

	for (i = 0; i < mmbox_bench_nr_works; i++)
		for (j = 0; j < MMBOX_BENCH_OWN_SIDES; j++) {
			struct crew crew = {
				.work = &mmbox_bench_works[i],
				.side = mmbox_bench_sides[j],
			};

			if (!crew.work->two_cpus ||
			    !mmbox_bench_is_wanted(crew.work->name))
				break;
			err = show_figures(m, wq, workers, &crew, round);
			if (err)
				return err;
		}
	return show_pass(m, wq, round);
}

/**
 * mmbox_bench_cpus - measure some work on each of two CPUs and on both
 * @m:      where the rows go
 * @rounds: how often
 *
 * Context: process context, sleeps until done; one caller at a time.
 * Return: 0, -ENODEV if there is one CPU only, or -ENOMEM.
 */
int mmbox_bench_cpus(struct seq_file *m, unsigned int rounds)
{
	struct workqueue_struct *wq;
	struct worker *workers;
	unsigned int i;
	int err = 0;

	workers = kcalloc(NR_CPUS_AT_ONCE, sizeof(*workers), GFP_KERNEL);
	if (!workers)
		return -ENOMEM;
	for (i = 0; i < NR_CPUS_AT_ONCE; i++)
		INIT_WORK(&workers[i].on_cpu, run_worker);
	wq = alloc_workqueue("mmbox_bench", WQ_CPU_INTENSIVE | WQ_PERCPU, 0);
	if (!wq) {
		kfree(workers);
		return -ENOMEM;
	}
	cpus_read_lock();
	if (num_online_cpus() < NR_CPUS_AT_ONCE)
		err = -ENODEV;
	seq_puts(m, "round,work,side,cpus,rate\n");
	for (i = 0; !err && i < rounds; i++)
		err = show_round(m, wq, workers, i);
	cpus_read_unlock();
	destroy_workqueue(wq);
	kfree(workers);
	return err;
}
