// SPDX-License-Identifier: GPL-2.0
/*
 * Records of who allocated an object and who freed it, with their stacks.
 *
 * The stacks are in the kernel's own depot, which keeps each of them once and
 * for good: a record has a number only.
 */
#include <linux/jhash.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/smp.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "compat.h"
#include "slab_track.h"

/* More than that of a stack tells little. */
#define MAX_FRAMES	16

/* The two innermost frames are our own. */
#define OWN_FRAMES	2

/**
 * mmbox_track_init - get the depot of stacks ready
 *
 * If it cannot be had, records go without stacks.
 *
 * Context: module initialisation.
 */
void mmbox_track_init(void)
{
	mmbox_stack_init();
}

static u32 check_of(const struct mmbox_track *track)
{
	return jhash(track, offsetof(struct mmbox_track, check), 0x6d6d6278);
}

/**
 * mmbox_track_set - note who is at work now
 * @track:  the record
 * @caller: where the call into mmbox came from
 *
 * Context: any, but outside of spinlocks.
 */
void mmbox_track_set(struct mmbox_track *track, unsigned long caller)
{
	unsigned long frames[MAX_FRAMES];
	unsigned int nr = stack_trace_save(frames, MAX_FRAMES, OWN_FRAMES);

	track->time = local_clock();
	track->caller = caller;
	track->stack = mmbox_stack_save(frames, nr);
	track->cpu = raw_smp_processor_id();
	track->pid = current->pid;
	track->check = check_of(track);
}

/**
 * mmbox_track_clear - make a record of nobody
 * @track: the record
 */
void mmbox_track_clear(struct mmbox_track *track)
{
	memset(track, 0, sizeof(*track));
	track->check = check_of(track);
}

/**
 * mmbox_track_ok - whether a record is as it was written
 * @track: the record
 *
 * Return: false if somebody has written over it.
 */
bool mmbox_track_ok(const struct mmbox_track *track)
{
	return track->check == check_of(track);
}

static void print_one(const struct mmbox_track *track, const char *what)
{
	u32 rest;
	u64 age = div_u64_rem(local_clock() - track->time, NSEC_PER_SEC, &rest);

	if (!mmbox_track_ok(track)) {
		pr_err("%s: the record of that is overwritten\n", what);
		return;
	}
	if (!track->time)
		return;
	pr_err("%s in %pS age=%llu.%06lus cpu=%u pid=%d\n", what,
	       (void *)track->caller, age, rest / NSEC_PER_USEC, track->cpu,
	       track->pid);
	if (track->stack)
		mmbox_stack_print(track->stack);
}

/**
 * mmbox_track_print - put who had an object into the kernel log
 * @tracks: its records, MMBOX_NR_TRACKS of them
 *
 * Context: any.
 */
void mmbox_track_print(const struct mmbox_track *tracks)
{
	print_one(&tracks[MMBOX_TRACK_ALLOC], "Allocated");
	print_one(&tracks[MMBOX_TRACK_FREE], "Freed");
}
