// SPDX-License-Identifier: GPL-2.0
/* mmbox tour: options, the loop over the steps, the last line. */
#include <json-c/json.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "term.h"
#include "tour.h"

#define KEY_PAUSE	0x100

static const struct argp_option options[] = {
	{ "pause", KEY_PAUSE, NULL, 0, "Wait for Enter between steps", 0 },
	{ 0 },
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct tour *t = state->input;

	switch (key) {
	case KEY_PAUSE:
		t->pause = true;
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_opt,
	.doc = "Walk through a box step by step: allocate, map, share, free and misuse its pages, "
	       "with its files shown before and after, what changed and why."
	       "\vEvery step checks what it tells: the exit status is 0 only if all of them held. "
	       "Nobody else should use the box meanwhile, and it is left as it was found.",
	.children = common_children,
};

/*
 * Which node's zones come first depends on the CPU that asks. Stay on this one,
 * so that what is predicted for it also happens on it.
 */
static unsigned int stay_here(void)
{
	unsigned int cpu, node;
	cpu_set_t set;

	if (getcpu(&cpu, &node) || cpu >= CPU_SETSIZE)
		return 0;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	return node;
}

static int prepare(struct tour *t)
{
	struct mmbox_objects objects;
	int err;

	t->fd = open_device(&t->common, true);
	if (t->fd < 0)
		return EXIT_FAILED;
	err = page_geometry(t->fd, &t->page_size, &t->max_order);
	err = err ?: mmbox_info(t->fd, &t->info);
	if (err) {
		fail(&t->common, err, "Try: mmbox doctor", "cannot ask %s", MMBOX_DEVICE);
		goto close;
	}
	/* Only root may read this one: say so now, not in the midst of it. */
	err = mmbox_objects_read(t->common.box, &objects);
	if (err) {
		fail_file(&t->common, err, "objects");
		goto close;
	}
	mmbox_objects_release(&objects);
	t->node = stay_here();
	t->colour = term_has_colour(stdout);
	t->width = term_width(stdout);
	t->steps = json_object_new_array();
	return 0;

close:
	mmbox_close(t->fd);
	return EXIT_FAILED;
}

static void greet(const struct tour *t)
{
	char *release = safe_text(t->info.release);

	printf("%smmbox tour%s of box %s (mmbox %s)\n", term_colour(t->colour, BOLD),
	       term_colour(t->colour, PLAIN), t->common.box, release);
	free(release);
}

static void wait_for_enter(void)
{
	int c;

	fputs("\n  Enter for the next step ", stderr);
	do {
		c = getchar();
	} while (c != '\n' && c != EOF);
}

/* How many steps held is what remains of a tour. */
static int say_goodbye(const struct tour *t, unsigned int done)
{
	unsigned int held = done - t->nr_failed;
	bool ok = held == tour_nr_steps;

	printf("\n%s%u of %u steps held.%s", term_colour(t->colour, ok ? GREEN : RED), held,
	       tour_nr_steps, term_colour(t->colour, PLAIN));
	if (ok)
		printf(" The box is as it was found%s.\n"
		       "Go on by yourself: mmbox help, mmbox alloc --order 0 --hold, mmbox buddy\n",
		       t->took_over ? ", but for the type of some pageblocks" : "");
	else if (done < tour_nr_steps)
		printf(" The tour ended at step %u.\n", done);
	else
		printf(" See the lines marked FAIL.\n"
		       "Did somebody else use the box meanwhile? Give the tour one of its own:\n"
		       "mmbox create school normal=16M; mmbox tour --box school\n");
	return ok ? EXIT_OK : EXIT_FAILED;
}

int cmd_tour(int argc, char **argv)
{
	struct tour t = { .fd = -1 };
	unsigned int done = 0;
	bool go_on = true;
	int status;

	parse_args(&argp, argc, argv, &t.common);
	if (prepare(&t))
		return EXIT_FAILED;
	if (!t.common.json)
		greet(&t);
	while (go_on && done < tour_nr_steps) {
		tour_begin(&t, done + 1, tour_steps[done].title);
		go_on = tour_steps[done].run(&t);
		tour_end(&t);
		done++;
		if (t.pause && !t.common.json && go_on && done < tour_nr_steps)
			wait_for_enter();
	}
	if (t.common.json) {
		print_json(tour_json(&t));
		status = !t.nr_failed && done == tour_nr_steps ? EXIT_OK : EXIT_FAILED;
	} else {
		status = say_goodbye(&t, done);
	}
	tour_release(&t);
	return status;
}
