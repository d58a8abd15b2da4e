/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tour: steps that act on a box, look at its files before and after, and
 * check that what changed is what should have. A step is told once, with the
 * functions below; they print it or collect it as JSON.
 */
#ifndef MMBOX_TOUR_H
#define MMBOX_TOUR_H

#include "cli.h"
#include "output.h"
#include "predict.h"

#define MAX_MOMENTS	4

/* What a box's files say at one moment. */
struct moment {
	char label[16];
	struct mmbox_buddyinfo buddy;
	struct mmbox_pagetypeinfo types;
	struct mmbox_objects objects;
	struct mmbox_counters events;
};

struct step {
	unsigned int number;
	const char *title;
	bool ok;
	size_t nr_moments;
	struct moment moment[MAX_MOMENTS];
	struct json_object *text;
	struct json_object *commands;
	struct json_object *checks;
	struct json_object *predicted;	/* NULL if nothing was */
};

struct tour {
	struct common common;
	bool pause;
	bool colour;
	int width;
	int fd;
	uint64_t page_size;
	unsigned int max_order;
	unsigned int node;
	struct mmbox_ioc_info info;

	/* What one step leaves for the next. */
	struct moment rest;		/* in step 2 */
	size_t area;			/* of buddyinfo, where the block is from */
	bool took_over;			/* and whether pageblocks became unmovable */
	struct mmbox_ioc_alloc block;	/* allocated in step 3 */
	void *addr;			/* mapped in step 4 */

	enum { SAID, DID, CHECKED, SHOWN } last;	/* what stands above */
	struct step step;
	unsigned int nr_failed;
	struct json_object *steps;
};

/* tour_steps.c: in order; one that returns false ends the tour. */
struct tour_step {
	const char *title;
	bool (*run)(struct tour *t);
};

extern const struct tour_step tour_steps[];
extern const unsigned int tour_nr_steps;

/* tour_walk.c: one of them. */
bool step_tables(struct tour *t);

/* tour_tell.c: what a step may do. */
void tour_begin(struct tour *t, unsigned int number, const char *title);
void tour_end(struct tour *t);

/* A paragraph in words. */
void tour_say(struct tour *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What was done: a command line, or a call and what came of it. */
void tour_command(struct tour *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Something that must hold; the step fails if it does not. Returns @ok. */
bool tour_check(struct tour *t, bool ok, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for what goes without saying: only told if it does not hold. */
bool tour_need(struct tour *t, bool ok, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Read the box's files now. NULL, and the step failed, if they cannot be. */
struct moment *tour_look(struct tour *t, const char *label);

/* Show the free blocks of one moment, or what changed between two. With @area
 * that one is shown even if nothing did; pass NO_AREA for none.
 */
#define NO_AREA	SIZE_MAX
void tour_show_buddy(struct tour *t, const struct moment *m);
void tour_show_change(struct tour *t, const struct moment *a, const struct moment *b,
		      size_t area);
void tour_show_prediction(struct tour *t, const struct moment *m,
			  const struct mmbox_buddyinfo *predicted);
/* Show the migrate types of one zone at two moments. */
void tour_show_types(struct tour *t, const struct moment *a, const struct moment *b,
		     size_t area);
/* Show what became of one allocation over the step's moments so far. */
void tour_show_object(struct tour *t, uint32_t id);

/* The heading of what is shown. */
void tour_heading(struct tour *t, const char *file, const char *what);

struct json_object *tour_json(struct tour *t);
void tour_release(struct tour *t);
void moment_release(struct moment *m);

/* tour_table.c: text of buddyinfo rows. */
struct buddy_view {
	const char *label;
	const struct mmbox_buddyinfo *buddy;
};

/*
 * Rows of each zone for which the views differ, and of zone @area, with the
 * change from the first to the second view marked below them. One view: all
 * zones.
 */
void buddy_print(FILE *fp, const struct buddy_view *views, size_t nr, size_t area, bool colour);

/* tour_json.c */
struct json_object *step_json(const struct step *s);
struct json_object *buddyinfo_json(const struct mmbox_buddyinfo *bi);

#endif /* MMBOX_TOUR_H */
