// SPDX-License-Identifier: GPL-2.0
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "unit_fail.h"

/* Movable pages take a pageblock over for blocks of this order and larger. */
#define SMALL_FOR_MOVABLE	4

struct model *model_create(unsigned int nr_frames)
{
	struct model *model = calloc(1, sizeof(*model));
	unsigned int type, order;

	expect(model, "out of memory");
	model->nr_frames = nr_frames;
	model->nr_blocks = nr_frames / MMBOX_PAGEBLOCK_PAGES;
	model->use = calloc(nr_frames, sizeof(model->use[0]));
	model->order = calloc(nr_frames, sizeof(model->order[0]));
	model->type = calloc(model->nr_blocks, sizeof(model->type[0]));
	expect(model->use && model->order && model->type, "out of memory");
	for (type = 0; type < MMBOX_NR_TYPES; type++)
		for (order = 0; order < MMBOX_NR_ORDERS; order++) {
			struct model_list *list = &model->list[type][order];

			list->frame = calloc(nr_frames >> order,
					     sizeof(list->frame[0]));
			expect(list->frame, "out of memory");
		}
	return model;
}

void model_destroy(struct model *model)
{
	unsigned int type, order;

	for (type = 0; type < MMBOX_NR_TYPES; type++)
		for (order = 0; order < MMBOX_NR_ORDERS; order++)
			free(model->list[type][order].frame);
	free(model->type);
	free(model->order);
	free(model->use);
	free(model);
}

static enum mmbox_migratetype type_of(const struct model *model,
				      unsigned int frame)
{
	return model->type[frame / MMBOX_PAGEBLOCK_PAGES];
}

/* The list on which a free block belongs: its first pageblock tells. */
static struct model_list *list_of(struct model *model, unsigned int frame,
				  unsigned int order)
{
	return &model->list[type_of(model, frame)][order];
}

static void list_push(struct model *model, unsigned int frame,
		      unsigned int order)
{
	struct model_list *list = list_of(model, frame, order);

	list->frame[list->nr++] = frame;
}

static void list_push_last(struct model *model, unsigned int frame,
			   unsigned int order)
{
	struct model_list *list = list_of(model, frame, order);

	memmove(&list->frame[1], &list->frame[0],
		list->nr * sizeof(list->frame[0]));
	list->frame[0] = frame;
	list->nr++;
}

static bool list_has(const struct model_list *list, unsigned int frame)
{
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		if (list->frame[i] == frame)
			return true;
	return false;
}

static void list_remove(struct model *model, unsigned int frame,
			unsigned int order)
{
	struct model_list *list = list_of(model, frame, order);
	unsigned int i = list->nr;

	while (i-- > 0)
		if (list->frame[i] == frame)
			break;
	expect(i < list->nr, "model: frame %u is not on its list", frame);
	list->nr--;
	memmove(&list->frame[i], &list->frame[i + 1],
		(list->nr - i) * sizeof(list->frame[0]));
}

/* Is each frame of the block used like this? */
bool model_block_is(const struct model *model, unsigned int frame,
		    unsigned int order, enum model_use use)
{
	unsigned int end = frame + (1U << order);

	while (frame < end)
		if (model->use[frame++] != use)
			return false;
	return true;
}

static unsigned int count_use(const struct model *model, unsigned int block,
			      enum model_use use)
{
	unsigned int frame = block * MMBOX_PAGEBLOCK_PAGES;
	unsigned int nr = 0, i;

	for (i = 0; i < MMBOX_PAGEBLOCK_PAGES; i++)
		nr += model->use[frame + i] == use;
	return nr;
}

/* Free frames in pageblocks of a type. */
unsigned long model_nr_free(const struct model *model,
			    enum mmbox_migratetype type)
{
	unsigned long nr = 0;
	unsigned int block;

	for (block = 0; block < model->nr_blocks; block++)
		if (model->type[block] == type)
			nr += count_use(model, block, MODEL_FREE);
	return nr;
}

/* Pageblocks of a type. */
unsigned long model_nr_blocks(const struct model *model,
			      enum mmbox_migratetype type)
{
	unsigned long nr = 0;
	unsigned int block;

	for (block = 0; block < model->nr_blocks; block++)
		nr += model->type[block] == type;
	return nr;
}

void model_add(struct model *model, unsigned int frame, unsigned int order)
{
	memset(&model->use[frame], MODEL_FREE, 1UL << order);
	model->nr_free += 1UL << order;
	list_push_last(model, frame, order);
}

static void use_block(struct model *model, unsigned int frame,
		      unsigned int order)
{
	memset(&model->use[frame], MODEL_USED, 1UL << order);
	model->nr_free -= 1UL << order;
	model->order[frame] = order;
}

/* Take this free block out; it counts as used. */
void model_del(struct model *model, unsigned int frame, unsigned int order)
{
	list_remove(model, frame, order);
	use_block(model, frame, order);
}

/* The block that is next on a list, cut down to @order. */
static unsigned int take_next(struct model *model, enum mmbox_migratetype type,
			      unsigned int found, unsigned int order)
{
	struct model_list *list = &model->list[type][found];
	unsigned int frame = list->frame[list->nr - 1];

	list_remove(model, frame, found);
	for (; found > order; found--) {
		list_push(model, frame + (1U << (found - 1)), found - 1);
		model->nr_split++;
	}
	use_block(model, frame, order);
	return frame;
}

/**
 * model_alloc - take a block of a type
 * @model: the model
 * @order: order of the block
 * @type:  of which pageblocks
 *
 * Return: the frame which the buddy must find, or MODEL_NONE.
 */
unsigned int model_alloc(struct model *model, unsigned int order,
			 enum mmbox_migratetype type)
{
	unsigned int found;

	for (found = order; found < MMBOX_NR_ORDERS; found++)
		if (model->list[type][found].nr)
			return take_next(model, type, found, order);
	return MODEL_NONE;
}

/* The types that serve each other; the others keep to themselves. */
static bool common(enum mmbox_migratetype type)
{
	return type == MMBOX_UNMOVABLE || type == MMBOX_MOVABLE ||
	       type == MMBOX_RECLAIMABLE;
}

/* May both pageblocks of a section become one free block? */
static bool types_fit(enum mmbox_migratetype a, enum mmbox_migratetype b)
{
	return a == b || (common(a) && common(b));
}

/*
 * Give back a block that lies in pageblocks of one type. If a whole pageblock
 * is joined with the other one, that one takes on its type.
 */
static void free_one(struct model *model, unsigned int frame,
		     unsigned int order)
{
	enum mmbox_migratetype type = type_of(model, frame);

	memset(&model->use[frame], MODEL_FREE, 1UL << order);
	model->nr_free += 1UL << order;
	for (; order < MMBOX_MAX_ORDER; order++) {
		unsigned int size = 1U << order;
		unsigned int pair = frame / (2 * size) * (2 * size);
		unsigned int other = pair == frame ? frame + size : pair;

		if (!model_block_is(model, pair, order + 1, MODEL_FREE) ||
		    !types_fit(type_of(model, other), type))
			break;
		list_remove(model, other, order);
		model->type[other / MMBOX_PAGEBLOCK_PAGES] = type;
		frame = pair;
		model->nr_merge++;
	}
	list_push(model, frame, order);
}

/**
 * model_free - give a block back
 * @model: the model
 * @frame: first frame of the block
 */
void model_free(struct model *model, unsigned int frame)
{
	unsigned int order = model->order[frame];
	unsigned int last = frame + (1U << order) - 1;

	if (type_of(model, frame) == type_of(model, last)) {
		free_one(model, frame, order);
		return;
	}
	/* Pageblock by pageblock, the upper one first. */
	free_one(model, frame + MMBOX_PAGEBLOCK_PAGES, MMBOX_PAGEBLOCK_ORDER);
	free_one(model, frame, MMBOX_PAGEBLOCK_ORDER);
}

/* Order of the free block that begins here, if one does, or MODEL_NONE. */
static unsigned int free_order(const struct model *model, unsigned int frame)
{
	unsigned int order;

	for (order = 0; order < MMBOX_NR_ORDERS; order++)
		if (list_has(&model->list[type_of(model, frame)][order], frame))
			return order;
	return MODEL_NONE;
}

/**
 * model_convert - change the type of a pageblock
 * @model: the model
 * @block: the pageblock
 * @type:  its new type
 *
 * What is free there changes lists, from the lowest frame to the highest. A
 * free block that also has the other pageblock is cut before; and a pageblock
 * that is free as a whole is joined again, if it may be.
 */
void model_convert(struct model *model, unsigned int block,
		   enum mmbox_migratetype type)
{
	unsigned int first = block * MMBOX_PAGEBLOCK_PAGES;
	unsigned int section = first / MMBOX_SECTION_PAGES * MMBOX_SECTION_PAGES;
	enum mmbox_migratetype from = model->type[block];
	unsigned int frame, order;

	if (free_order(model, section) == MMBOX_MAX_ORDER) {
		list_remove(model, section, MMBOX_MAX_ORDER);
		list_push(model, section, MMBOX_PAGEBLOCK_ORDER);
		list_push(model, section + MMBOX_PAGEBLOCK_PAGES,
			  MMBOX_PAGEBLOCK_ORDER);
		model->nr_split++;
	}
	for (frame = first; frame < first + MMBOX_PAGEBLOCK_PAGES; frame++) {
		if (model->use[frame] != MODEL_FREE)
			continue;
		order = free_order(model, frame);
		list_remove(model, frame, order);
		model->type[block] = type;
		list_push(model, frame, order);
		model->type[block] = from;
		frame += (1U << order) - 1;
	}
	model->type[block] = type;
	if (model_block_is(model, first, MMBOX_PAGEBLOCK_ORDER, MODEL_FREE)) {
		model_del(model, first, MMBOX_PAGEBLOCK_ORDER);
		free_one(model, first, MMBOX_PAGEBLOCK_ORDER);
	}
}

/* The list to take from: of the first of two types that has such a block. */
static struct model_list *fallback_list(struct model *model,
					enum mmbox_migratetype type,
					unsigned int order)
{
	enum mmbox_migratetype best = type == MMBOX_RECLAIMABLE ?
				      MMBOX_UNMOVABLE : MMBOX_RECLAIMABLE;
	enum mmbox_migratetype next = type == MMBOX_MOVABLE ?
				      MMBOX_UNMOVABLE : MMBOX_MOVABLE;

	if (model->list[best][order].nr)
		return &model->list[best][order];
	if (model->list[next][order].nr)
		return &model->list[next][order];
	return NULL;
}

static struct model_list *find_fallback(struct model *model,
					enum mmbox_migratetype type,
					unsigned int order,
					unsigned int *found)
{
	unsigned int i;

	for (i = MMBOX_NR_ORDERS; i-- > order;) {
		if (type == MMBOX_MOVABLE && i < SMALL_FOR_MOVABLE)
			break;
		*found = i;
		if (fallback_list(model, type, i))
			return fallback_list(model, type, i);
	}
	/* There are only small ones: the smallest that will do. */
	for (i = order; i < SMALL_FOR_MOVABLE; i++) {
		*found = i;
		if (fallback_list(model, type, i))
			return fallback_list(model, type, i);
	}
	return NULL;
}

/* Does the pageblock go over to the new type as a whole? */
static bool takes_pageblock(const struct model *model,
			    enum mmbox_migratetype type,
			    const struct model_steal *steal)
{
	unsigned int block = steal->frame / MMBOX_PAGEBLOCK_PAGES;
	unsigned int nr_free = count_use(model, block, MODEL_FREE);
	unsigned int nr_used = count_use(model, block, MODEL_USED);

	if (type == MMBOX_MOVABLE && steal->order < SMALL_FOR_MOVABLE)
		return false;
	return 2 * nr_free >= nr_free + nr_used;
}

/**
 * model_steal - take a block from pageblocks of another type
 * @model: the model, which has no such block of @type
 * @order: order of the block
 * @type:  what the block is for
 * @steal: tells what was taken from where
 *
 * Return: the frame which the buddy must find, or MODEL_NONE.
 */
unsigned int model_steal(struct model *model, unsigned int order,
			 enum mmbox_migratetype type,
			 struct model_steal *steal)
{
	unsigned int found;
	struct model_list *list = find_fallback(model, type, order, &found);

	if (!list)
		return MODEL_NONE;
	steal->frame = list->frame[list->nr - 1];
	steal->order = found;
	steal->from = type_of(model, steal->frame);
	if (found == MMBOX_MAX_ORDER) {
		unsigned int block = steal->frame / MMBOX_PAGEBLOCK_PAGES;

		list_remove(model, steal->frame, found);
		model->type[block] = type;
		model->type[block + 1] = type;
		list_push(model, steal->frame, found);
		steal->converted = true;
	} else {
		steal->converted = takes_pageblock(model, type, steal);
		if (steal->converted)
			model_convert(model, steal->frame / MMBOX_PAGEBLOCK_PAGES,
				      type);
	}
	if (steal->converted)
		return model_alloc(model, order, type);
	return take_next(model, steal->from, found, order);
}
