// SPDX-License-Identifier: GPL-2.0
/*
 * The record of what the boot stage of a box did, step by step. Steps that go on
 * where another left off are one, so that the record of a large box is short,
 * too.
 */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "boot.h"
#include "boot_log.h"

/* Does a step go on where another of its kind left off? */
static bool goes_on(const struct mmbox_boot_step *before,
		    const struct mmbox_boot_step *step)
{
	if (before->kind != step->kind || before->nid != step->nid ||
	    before->zone != step->zone || before->order != step->order ||
	    step->kind == MMBOX_STEP_GROW || step->kind == MMBOX_STEP_BITMAP)
		return false;
	if (step->kind == MMBOX_STEP_MERGE)
		return step->base <= before->base + before->size &&
		       before->base <= step->base + step->size;
	return step->base == before->base + before->size ||
	       step->base + step->size == before->base;
}

/*
 * The step that @step repeats, or NULL. To get memory and to join it with its
 * neighbour alternate: a few steps back that concern the same array are looked
 * at, for between these the order tells nothing.
 */
static struct mmbox_boot_step *repeated(struct mmbox_boot_log *log,
					const struct mmbox_boot_step *step)
{
	unsigned int i;

	for (i = 1; i <= min(log->nr_steps, 3U); i++) {
		struct mmbox_boot_step *before;

		before = &log->step[log->nr_steps - i];
		if (before->reserved != step->reserved)
			return NULL;
		if (goes_on(before, step))
			return before;
	}
	return NULL;
}

/* From the lower of both to the higher. */
static void join_step(struct mmbox_boot_step *before,
		      const struct mmbox_boot_step *step)
{
	u64 end = max(before->base + before->size, step->base + step->size);

	before->base = min(before->base, step->base);
	before->size = end - before->base;
	before->count += step->count;
}

static bool longer_log(struct mmbox_boot_log *log)
{
	unsigned int max_steps = max(2 * log->max_steps, 32U);
	struct mmbox_boot_step *longer;

	if (max_steps > MMBOX_BOOT_MAX_STEPS)
		return false;
	longer = kvcalloc(max_steps, sizeof(*longer), GFP_KERNEL);
	if (!longer)
		return false;
	if (log->nr_steps)
		memcpy(longer, log->step, log->nr_steps * sizeof(*longer));
	kvfree(log->step);
	log->step = longer;
	log->max_steps = max_steps;
	return true;
}

/**
 * mmbox_boot_log_add - record a step
 * @log:  the record
 * @step: the step; one that goes on where another left off is joined with it
 *
 * What there is no room for is counted.
 *
 * Context: process context, may sleep.
 */
void mmbox_boot_log_add(struct mmbox_boot_log *log,
			const struct mmbox_boot_step *step)
{
	struct mmbox_boot_step *before = repeated(log, step);

	if (before)
		join_step(before, step);
	else if (log->nr_steps < log->max_steps || longer_log(log))
		log->step[log->nr_steps++] = *step;
	else
		log->nr_lost++;
}
