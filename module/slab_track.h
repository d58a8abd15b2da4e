/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_SLAB_TRACK_H
#define MMBOX_SLAB_TRACK_H

#include <linux/types.h>

/**
 * struct mmbox_track - who allocated an object last, or freed it
 * @time:   nanoseconds on the clock of the kernel log
 * @caller: where the call came from
 * @stack:  how it came there, in the kernel's depot of stacks; 0: not known
 * @cpu:    on which CPU
 * @pid:    the thread that was current
 * @check:  follows from the rest: it tells whether somebody wrote over that
 *
 * It stands behind the object, where an overflow may reach it.
 */
struct mmbox_track {
	u64 time;
	unsigned long caller;
	u32 stack;
	u32 cpu;
	s32 pid;
	u32 check;
};

enum mmbox_track_kind {
	MMBOX_TRACK_ALLOC,
	MMBOX_TRACK_FREE,
	MMBOX_NR_TRACKS,
};

void mmbox_track_init(void);
void mmbox_track_set(struct mmbox_track *track, unsigned long caller);
void mmbox_track_clear(struct mmbox_track *track);
bool mmbox_track_ok(const struct mmbox_track *track);
void mmbox_track_print(const struct mmbox_track *tracks);

#endif /* MMBOX_SLAB_TRACK_H */
