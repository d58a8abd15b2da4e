/* SPDX-License-Identifier: GPL-2.0 */
/* What the buddy algorithm will do, told from pagetypeinfo before it does it. */
#ifndef MMBOX_PREDICT_H
#define MMBOX_PREDICT_H

#include "lib/libmmbox.h"

/**
 * struct prediction - what an allocation will do to the free lists
 * @area:  index of the area that serves it
 * @order: order asked for
 * @from:  order of the free block that is taken; each order below it, down to
 *	   @order, gains one block: the half that a split leaves over
 * @type:  migrate type of that block
 * @whole: it is taken from another type, with all of its pageblocks
 * @vague: it is taken from another type, and a smaller block may be taken
 *	   instead if it lies in the same pageblock, which no file tells
 */
struct prediction {
	size_t area;
	unsigned int order;
	unsigned int from;
	enum mmbox_type type;
	bool whole;
	bool vague;
};

/*
 * Which area a fresh unmovable allocation comes from: the zones of the caller's
 * node from the highest that @gfp allows downwards, then those of the other
 * nodes; the first that has a block, of a type that may be taken from, and whose
 * watermark allows it. @zi may be NULL: no watermarks. -ENOMEM if there is none.
 */
int predict_area(const struct mmbox_pagetypeinfo *pti, const struct mmbox_zoneinfo *zi,
		 unsigned int node, uint32_t gfp, unsigned int order, size_t *area);

/*
 * Take an unmovable block of @order out of one area as the buddy allocator does:
 * the smallest unmovable one that is large enough, halved until it fits. If there
 * is none the largest of another type, which becomes unmovable with its
 * pageblocks; of what is smaller than a pageblock only the sum of all types is
 * foretold. -ENOMEM if there is none either, and nothing changed; nor does it if
 * the prediction is vague.
 */
int predict_take(const struct mmbox_pagetypeinfo *pti, struct mmbox_typed_area *area,
		 unsigned int order, struct prediction *p);

/* Both of them: change @pti, and with it @bi, from what they are to what they will be. */
int predict_alloc(struct mmbox_buddyinfo *bi, struct mmbox_pagetypeinfo *pti,
		  const struct mmbox_zoneinfo *zi, unsigned int node, uint32_t gfp,
		  unsigned int order, struct prediction *p);

#endif /* MMBOX_PREDICT_H */
