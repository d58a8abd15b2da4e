/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a buddy must do, told slowly: every frame says what it is used for,
 * every free list is an array of frame numbers, and a pair of blocks is joined
 * if a look at each of their frames finds all of them free.
 */
#ifndef MODEL_H
#define MODEL_H

#include "page.h"

#define MODEL_NONE	(~0U)

enum model_use {
	MODEL_ABSENT,
	MODEL_FREE,
	MODEL_USED,
};

/**
 * struct model_list - the free blocks of one order
 * @frame:	their first frames; the next one to be allocated comes last
 * @nr:		how many there are
 */
struct model_list {
	unsigned int *frame;
	unsigned int nr;
};

/**
 * struct model - the expected state of a buddy
 * @nr_frames:	frames in all sections
 * @use:	for each frame, an enum model_use
 * @order:	for the first frame of a used block, its order
 * @list:	the free lists
 * @nr_free:	free frames
 * @nr_split:	splits until now
 * @nr_merge:	merges until now
 */
struct model {
	unsigned int nr_frames;
	u8 *use;
	u8 *order;
	struct model_list list[MMBOX_NR_ORDERS];
	unsigned long nr_free;
	unsigned long nr_split;
	unsigned long nr_merge;
};

struct model *model_create(unsigned int nr_frames);
void model_destroy(struct model *model);
void model_add(struct model *model, unsigned int frame, unsigned int order);
unsigned int model_alloc(struct model *model, unsigned int order);
void model_free(struct model *model, unsigned int frame);
bool model_block_is(const struct model *model, unsigned int frame,
		    unsigned int order, enum model_use use);

#endif /* MODEL_H */
