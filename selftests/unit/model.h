/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a buddy must do, told slowly: every frame says what it is used for,
 * every pageblock what its type is, every free list is an array of frame
 * numbers, and a pair of blocks is joined if a look at each of their frames
 * finds all of them free.
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
 * struct model_list - the free blocks of one order and type
 * @frame:	their first frames; the next one to be allocated comes last
 * @nr:		how many there are
 */
struct model_list {
	unsigned int *frame;
	unsigned int nr;
};

/**
 * struct model_steal - what was taken from pageblocks of another type
 * @frame:	first frame of the free block that was taken from
 * @order:	order of that block
 * @from:	type of its pageblock before
 * @converted:	whether the pageblock has another type now
 */
struct model_steal {
	unsigned int frame;
	unsigned int order;
	enum mmbox_migratetype from;
	bool converted;
};

/**
 * struct model - the expected state of a buddy
 * @nr_frames:	frames in all sections
 * @nr_blocks:	pageblocks, likewise
 * @use:	for each frame, an enum model_use
 * @order:	for the first frame of a used block, its order
 * @type:	for each pageblock, an enum mmbox_migratetype
 * @list:	the free lists
 * @nr_free:	free frames
 * @nr_split:	splits until now
 * @nr_merge:	merges until now
 */
struct model {
	unsigned int nr_frames;
	unsigned int nr_blocks;
	u8 *use;
	u8 *order;
	u8 *type;
	struct model_list list[MMBOX_NR_TYPES][MMBOX_NR_ORDERS];
	unsigned long nr_free;
	unsigned long nr_split;
	unsigned long nr_merge;
};

struct model *model_create(unsigned int nr_frames);
void model_destroy(struct model *model);
void model_add(struct model *model, unsigned int frame, unsigned int order);
void model_del(struct model *model, unsigned int frame, unsigned int order);
unsigned int model_alloc(struct model *model, unsigned int order,
			 enum mmbox_migratetype type);
unsigned int model_steal(struct model *model, unsigned int order,
			 enum mmbox_migratetype type,
			 struct model_steal *steal);
void model_free(struct model *model, unsigned int frame);
void model_convert(struct model *model, unsigned int block,
		   enum mmbox_migratetype type);
unsigned long model_nr_free(const struct model *model,
			    enum mmbox_migratetype type);
unsigned long model_nr_blocks(const struct model *model,
			      enum mmbox_migratetype type);
bool model_block_is(const struct model *model, unsigned int frame,
		    unsigned int order, enum model_use use);

#endif /* MODEL_H */
