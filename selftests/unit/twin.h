/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A buddy and its model, which get the same calls and must agree.
 */
#ifndef TWIN_H
#define TWIN_H

#include "model.h"
#include "pool.h"

/**
 * struct twin - a buddy, its model, and what is allocated from both
 * @pool:	the buddy with its descriptors
 * @model:	the model
 * @nr_present:	frames that were added
 * @live:	first frames of the allocated blocks, in no order
 * @nr_live:	how many these are
 * @nr_alloc:	blocks allocated until now
 * @nr_refused:	requests for which there was no block
 * @nr_steal:	blocks taken from pageblocks of another type
 * @nr_convert:	of these, with the pageblock
 * @seen:	room for twin_check()
 */
struct twin {
	struct pool *pool;
	struct model *model;
	unsigned int nr_present;
	unsigned int *live;
	unsigned int nr_live;
	unsigned long nr_alloc;
	unsigned long nr_refused;
	unsigned long nr_steal;
	unsigned long nr_convert;
	u8 *seen;
};

struct twin *twin_create(unsigned int nr_sections);
void twin_destroy(struct twin *twin);
void twin_add(struct twin *twin, unsigned int frame, unsigned int order);
void twin_add_present(struct twin *twin, const bool *present);
void twin_set_type(struct twin *twin, unsigned int block,
		   enum mmbox_migratetype type);
bool twin_alloc(struct twin *twin, unsigned int order,
		enum mmbox_migratetype type);
void twin_free(struct twin *twin, unsigned int which);
bool twin_del(struct twin *twin, unsigned int order,
	      enum mmbox_migratetype type);
void twin_convert(struct twin *twin, unsigned int block,
		  enum mmbox_migratetype type);
void twin_check(const struct twin *twin);

#endif /* TWIN_H */
