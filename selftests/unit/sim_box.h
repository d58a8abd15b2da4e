/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A box on the simulated host, and a map of who owns which frame.
 */
#ifndef SIM_BOX_H
#define SIM_BOX_H

#include <host.h>

#include "internal.h"

/**
 * struct sim_box - a box, and what its users have of it
 * @box:	the box
 * @nr_taken:	frames it took from the host
 * @present:	which these are
 * @owned:	for each frame, whether a user has it
 * @order:	for the first frame of a block that a user has, its order
 * @live:	the first frames of these blocks
 * @nr_live:	how many these are
 * @nr_pages:	pages in them
 * @nr_owned:	blocks that users have got until now
 */
struct sim_box {
	struct mmbox *box;
	unsigned long nr_taken;
	bool present[HOST_FRAMES];
	bool owned[HOST_FRAMES];
	unsigned char order[HOST_FRAMES];
	unsigned int live[HOST_FRAMES];
	unsigned int nr_live;
	unsigned long nr_pages;
	unsigned long nr_owned;
};

struct sim_box *sim_create(unsigned long long seed);
void sim_destroy(struct sim_box *sim);
void sim_own(struct sim_box *sim, const struct page *page, unsigned int order,
	     gfp_t gfp);
struct page *sim_disown(struct sim_box *sim, unsigned int which,
			unsigned int *order);
unsigned int sim_order(const struct sim_box *sim, unsigned int which);
bool sim_owns(const struct sim_box *sim, unsigned long pfn, unsigned int order);

#endif /* SIM_BOX_H */
