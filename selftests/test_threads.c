// SPDX-License-Identifier: GPL-2.0
/*
 * Threads and processes that use one box at once: no page has two owners, and
 * in the end all is as in the beginning. SEED=n repeats a run as far as
 * scheduling lets it.
 */
#include <pthread.h>

#include "stress.h"

#define NR_THREADS	4
#define NR_PROCESSES	2
#define NR_STEPS	600

struct job {
	pthread_t thread;
	struct worker worker;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	int i;

	for (i = 0; i < NR_STEPS; i++)
		worker_step(w);
	worker_finish(w);
	return NULL;
}

static void *read_files(void *arg)
{
	const int *stop = arg;
	struct zone_row rows[MAX_ROWS];

	while (!__atomic_load_n(stop, __ATOMIC_RELAXED)) {
		read_buddyinfo("box0", rows);
		nr_objects("box0", "live");
		free(box_file("box0", "zoneinfo"));
	}
	return NULL;
}

/* Threads with one open file, in the calling process; returns what was wrong. */
static int run_threads(unsigned int seed, unsigned int number)
{
	struct job jobs[NR_THREADS] = { 0 };
	int i, fd = dev_open_bound("box0"), wrong = 0, stop = 0;
	unsigned int nr_alloc = 0, nr_map = 0;
	pthread_t reader;

	for (i = 0; i < NR_THREADS; i++) {
		jobs[i].worker.fd = fd;
		jobs[i].worker.seed = next_random(&seed);
		jobs[i].worker.number = number + i;
		must(!pthread_create(&jobs[i].thread, NULL, work,
				     &jobs[i].worker));
	}
	must(!pthread_create(&reader, NULL, read_files, &stop));
	for (i = 0; i < NR_THREADS; i++) {
		pthread_join(jobs[i].thread, NULL);
		wrong += jobs[i].worker.nr_wrong;
		nr_alloc += jobs[i].worker.nr_alloc;
		nr_map += jobs[i].worker.nr_map;
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(reader, NULL);
	close(fd);
	say("%u allocations, %u mappings", nr_alloc, nr_map);
	if (nr_alloc < 100 || nr_map < 100)
		wrong++;
	return wrong;
}

TEST_F(box, threads_and_processes_at_once)
{
	unsigned int seed = test_seed(), i;
	pid_t pids[NR_PROCESSES];

	for (i = 0; i < NR_PROCESSES; i++) {
		unsigned int own = next_random(&seed);

		pids[i] = fork_child();
		if (!pids[i])
			_exit(run_threads(own, 100 * (i + 1)) != 0);
	}
	EXPECT_EQ(0, run_threads(next_random(&seed), 1));
	for (i = 0; i < NR_PROCESSES; i++)
		EXPECT_EQ(0, wait_child(pids[i]));
	EXPECT_SAME(&self->before);
}

/* Who frees first? Threads race for the same handles, and one wins each. */

#define NR_RACED	300

struct race {
	int fd;
	int go;
	__u32 ids[NR_RACED];
};

static void *race_to_free(void *arg)
{
	struct race *race = arg;
	long won = 0;
	int i;

	while (!__atomic_load_n(&race->go, __ATOMIC_ACQUIRE))
		;
	for (i = 0; i < NR_RACED; i++)
		won += !dev_free(race->fd, race->ids[i]);
	return (void *)won;
}

TEST_F(box, one_of_many_frees_wins)
{
	struct race race = { .fd = self->fd };
	struct mmbox_ioc_alloc alloc;
	long won = 0, all = 0;
	pthread_t thread[2];
	int i;

	for (i = 0; i < NR_RACED; i++) {
		ASSERT_EQ(0, dev_alloc(self->fd, PAGE, 0, 0, &alloc));
		race.ids[i] = alloc.id;
	}
	for (i = 0; i < 2; i++)
		must(!pthread_create(&thread[i], NULL, race_to_free, &race));
	__atomic_store_n(&race.go, 1, __ATOMIC_RELEASE);
	for (i = 0; i < 2; i++) {
		pthread_join(thread[i], (void **)&won);
		all += won;
	}
	EXPECT_EQ(NR_RACED, all);
}

/* Several threads bind one file: one of them does. */
static void *race_to_bind(void *arg)
{
	struct race *race = arg;

	while (!__atomic_load_n(&race->go, __ATOMIC_ACQUIRE))
		;
	return (void *)(long)dev_bind(race->fd, "box0");
}

TEST_F(box, one_of_many_binds_wins)
{
	pthread_t thread[2];
	long err[2];
	int i, round;

	for (round = 0; round < 100; round++) {
		struct race race = { .fd = dev_open(O_RDWR) };

		for (i = 0; i < 2; i++)
			must(!pthread_create(&thread[i], NULL, race_to_bind,
					     &race));
		__atomic_store_n(&race.go, 1, __ATOMIC_RELEASE);
		for (i = 0; i < 2; i++)
			pthread_join(thread[i], (void **)&err[i]);
		ASSERT_EQ(-EBUSY, err[0] + err[1]);
		ASSERT_EQ(1, !err[0] + !err[1]);
		close(race.fd);
	}
	/* The losers hold nothing: the fixture can unload the module. */
}

TEST_HARNESS_MAIN
