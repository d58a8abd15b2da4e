/* SPDX-License-Identifier: GPL-2.0 */
/* What the buddy algorithm will do, told from buddyinfo before it does it. */
#ifndef MMBOX_PREDICT_H
#define MMBOX_PREDICT_H

#include "lib/libmmbox.h"

/**
 * struct prediction - what an allocation will do to the free lists
 * @area:  index of the area that serves it
 * @order: order asked for
 * @from:  order of the free block that is taken; each order below it, down to
 *	   @order, gains one block: the half that a split leaves over
 */
struct prediction {
	size_t area;
	unsigned int order;
	unsigned int from;
};

/*
 * Which area a fresh allocation comes from: the zones of the caller's node from
 * the highest that @gfp allows downwards, then those of the other nodes; the
 * first that has a block and whose watermark allows it. @zi may be NULL: no
 * watermarks. -ENOMEM if there is none.
 */
int predict_area(const struct mmbox_buddyinfo *bi, const struct mmbox_zoneinfo *zi,
		 unsigned int node, uint32_t gfp, unsigned int order, size_t *area);

/*
 * Take a block of @order out of one area as the buddy allocator does: the
 * smallest free block that is large enough, halved until it fits. Sets *from to
 * its order; -ENOMEM if there is none, and nothing changed.
 */
int predict_split(struct mmbox_area *area, unsigned int nr_orders, unsigned int order,
		  unsigned int *from);

/* Both of them: change @bi from what it is to what it will be. */
int predict_alloc(struct mmbox_buddyinfo *bi, const struct mmbox_zoneinfo *zi,
		  unsigned int node, uint32_t gfp, unsigned int order, struct prediction *p);

#endif /* MMBOX_PREDICT_H */
