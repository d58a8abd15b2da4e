/* SPDX-License-Identifier: GPL-2.0 */
/* The boot stage of a box once more: its arrays after each recorded step. */
#ifndef MMBOX_REPLAY_H
#define MMBOX_REPLAY_H

#include "lib/libmmbox.h"

/**
 * struct replay - the state of the boot stage after some steps
 * @bitmap:   a bitmap gives out pages, else memblock gives out bytes
 * @page:     bytes in a page
 * @memory:   what came from the host
 * @reserved: what is in use
 * @handed:   what the buddies have
 */
struct replay {
	bool bitmap;
	uint64_t page;
	struct mmbox_regions memory;
	struct mmbox_regions reserved;
	struct mmbox_regions handed;
};

void replay_start(struct replay *r, const struct mmbox_boot_log *log);
/* 0 or -ENOMEM. */
int replay_step(struct replay *r, const struct mmbox_boot_step *s);
void replay_release(struct replay *r);

/* Whether regions are at the same addresses. */
bool replay_same(const struct mmbox_regions *a, const struct mmbox_regions *b);

/*
 * Draw a region of memory in @width characters: '#' where any of it is in use,
 * '=' where the buddies have all, '.' where it is free.
 */
void replay_draw(const struct replay *r, const struct mmbox_region *region, char *bar,
		 unsigned int width);

#endif /* MMBOX_REPLAY_H */
