// SPDX-License-Identifier: GPL-2.0
/*
 * A box that grows and shrinks while threads work in it: no page has two
 * owners, none is lost. SEED=n repeats a run as far as scheduling lets it.
 */
#include <pthread.h>

#include "stress.h"

#define NR_THREADS	2

/* So many times the box gets larger, and smaller, while threads work in it. */
#define NR_CHANGES	10

struct job {
	pthread_t thread;
	struct worker worker;
};

static int stop;

static void *work(void *arg)
{
	struct worker *w = arg;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		worker_step(w);
	worker_finish(w);
	return NULL;
}

static const char *const zones[] = { "normal", "dma32" };

/*
 * How much each zone has, and has free: which frames these are may change, for
 * it need not be the section that came last that goes first.
 */
static char *sizes(void)
{
	char *text = box_file("box0", "zoneinfo"), *to = text, *line, *rest;

	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (strstr(line, "pages free") || strstr(line, "present ") ||
		    strstr(line, "managed ")) {
			size_t len = strlen(line);

			memmove(to, line, len + 1);
			to += len;
		}
	return text;
}

/* A section more or less; returns whether that went well. */
static bool resize(int zone, char sign, unsigned int *busy)
{
	char change[32], reason[MMBOX_REASON_LEN];
	int err, fd = dev_open(O_RDWR);

	snprintf(change, sizeof(change), "%s=%c4M", zones[zone], sign);
	err = dev_set(fd, "box0", change, reason);
	close(fd);
	must(!err || err == -EBUSY || err == -ENOMEM);
	*busy += err == -EBUSY;
	return !err;
}

TEST_F(box, grow_and_shrink_at_work)
{
	unsigned int seed = test_seed(), grown = 0, shrunk = 0, busy = 0;
	struct job jobs[NR_THREADS] = { 0 };
	char *before = sizes(), *after;
	int i, more[2] = { 0 };

	for (i = 0; i < NR_THREADS; i++) {
		jobs[i].worker.fd = self->fd;
		jobs[i].worker.seed = next_random(&seed);
		jobs[i].worker.number = i + 1;
		must(!pthread_create(&jobs[i].thread, NULL, work,
				     &jobs[i].worker));
	}
	while (grown < NR_CHANGES || shrunk < NR_CHANGES) {
		int zone = next_random(&seed) % 2;

		if (next_random(&seed) % 2 && resize(zone, '+', &busy)) {
			more[zone]++;
			grown++;
		} else if (more[zone] > 0 && resize(zone, '-', &busy)) {
			more[zone]--;
			shrunk++;
		}
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < NR_THREADS; i++) {
		pthread_join(jobs[i].thread, NULL);
		EXPECT_EQ(0, jobs[i].worker.nr_wrong);
		EXPECT_LT(0, jobs[i].worker.nr_map);
	}
	say("%u times larger, %u times smaller, %u times busy", grown, shrunk,
	    busy);
	/* With nobody at work all that came can go. */
	for (i = 0; i < 2; i++)
		for (; more[i]; more[i]--)
			ASSERT_TRUE(resize(i, '-', &busy));
	after = sizes();
	EXPECT_STREQ(before, after);
	free(before);
	free(after);
	/* Other frames than before: nothing for the fixture to compare. */
	state_take("box0", &self->before);
}

TEST_HARNESS_MAIN
