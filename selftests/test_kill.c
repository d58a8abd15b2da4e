// SPDX-License-Identifier: GPL-2.0
/*
 * Processes killed at any instant leave nothing behind.
 *
 * The instants come from a seed: so many steps of all workers together.
 * SEED=n in the environment repeats a run as far as scheduling lets it.
 */
#include <sched.h>

#include "stress.h"

#define NR_ROUNDS	30
#define NR_CHILDREN	4

/* A worker until it is killed; half of them have a child with the same file. */
static void child(unsigned int number, unsigned int seed, long *steps)
{
	struct worker w = {
		.fd = dev_open_bound("box0"),
		.seed = seed,
		.number = number,
	};

	for (;;) {
		worker_step(&w);
		__atomic_add_fetch(steps, 1, __ATOMIC_RELAXED);
		must(!w.nr_wrong);
		if (number % 2 && next_random(&w.seed) % 64 == 0 &&
		    !fork_child())
			_exit(0);
	}
}

TEST_F(box, killed_processes_leave_nothing)
{
	unsigned int seed = test_seed(), round, i, busy = 0;
	pid_t pids[NR_CHILDREN];
	long *steps, end;

	steps = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, steps);
	/* What the children of the killed ones left becomes ours. */
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	for (round = 0; round < NR_ROUNDS; round++) {
		for (i = 0; i < NR_CHILDREN; i++) {
			unsigned int own = next_random(&seed);

			pids[i] = fork_child();
			if (!pids[i])
				child(i + 1, own, steps);
		}
		for (i = 0; i < NR_CHILDREN; i++) {
			end = __atomic_load_n(steps, __ATOMIC_RELAXED) +
			      next_random(&seed) % 150;
			while (__atomic_load_n(steps, __ATOMIC_RELAXED) < end &&
			       waitpid(-1, NULL, WNOHANG) <= 0)
				sched_yield();
			if (!i)
				busy += nr_objects("box0", NULL) > 0;
			ASSERT_EQ(0, kill(pids[i], SIGKILL));
		}
		while (waitpid(-1, NULL, 0) > 0)
			;
		ASSERT_SAME(&self->before) {
			say("round %u", round);
		}
	}
	say("%ld steps, %u of %u rounds had objects", *steps, busy, NR_ROUNDS);
	EXPECT_LT(NR_ROUNDS / 2, busy);
	EXPECT_EQ(box_counter("box0", "events", "object_alloc"),
		  box_counter("box0", "events", "object_free"));
}

TEST_HARNESS_MAIN
