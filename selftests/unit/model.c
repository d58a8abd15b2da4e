// SPDX-License-Identifier: GPL-2.0
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "unit_fail.h"

struct model *model_create(unsigned int nr_frames)
{
	struct model *model = calloc(1, sizeof(*model));
	unsigned int order;

	expect(model, "out of memory");
	model->nr_frames = nr_frames;
	model->use = calloc(nr_frames, sizeof(model->use[0]));
	model->order = calloc(nr_frames, sizeof(model->order[0]));
	expect(model->use && model->order, "out of memory");
	for (order = 0; order < MMBOX_NR_ORDERS; order++) {
		model->list[order].frame = calloc(nr_frames >> order,
						  sizeof(unsigned int));
		expect(model->list[order].frame, "out of memory");
	}
	return model;
}

void model_destroy(struct model *model)
{
	unsigned int order;

	for (order = 0; order < MMBOX_NR_ORDERS; order++)
		free(model->list[order].frame);
	free(model->order);
	free(model->use);
	free(model);
}

static void list_push(struct model_list *list, unsigned int frame)
{
	list->frame[list->nr++] = frame;
}

static void list_push_last(struct model_list *list, unsigned int frame)
{
	memmove(&list->frame[1], &list->frame[0],
		list->nr * sizeof(list->frame[0]));
	list->frame[0] = frame;
	list->nr++;
}

static void list_remove(struct model_list *list, unsigned int frame)
{
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

void model_add(struct model *model, unsigned int frame, unsigned int order)
{
	memset(&model->use[frame], MODEL_FREE, 1UL << order);
	list_push_last(&model->list[order], frame);
	model->nr_free += 1UL << order;
}

/**
 * model_alloc - take a block
 * @model: the model
 * @order: order of the block
 *
 * Return: the frame which the buddy must find, or MODEL_NONE.
 */
unsigned int model_alloc(struct model *model, unsigned int order)
{
	unsigned int found = order;
	unsigned int frame;

	while (found < MMBOX_NR_ORDERS && !model->list[found].nr)
		found++;
	if (found == MMBOX_NR_ORDERS)
		return MODEL_NONE;

	frame = model->list[found].frame[--model->list[found].nr];
	for (; found > order; found--) {
		list_push(&model->list[found - 1],
			  frame + (1U << (found - 1)));
		model->nr_split++;
	}
	memset(&model->use[frame], MODEL_USED, 1UL << order);
	model->order[frame] = order;
	model->nr_free -= 1UL << order;
	return frame;
}

/**
 * model_free - give a block back
 * @model: the model
 * @frame: first frame of the block
 */
void model_free(struct model *model, unsigned int frame)
{
	unsigned int order = model->order[frame];

	memset(&model->use[frame], MODEL_FREE, 1UL << order);
	model->nr_free += 1UL << order;

	for (; order < MMBOX_MAX_ORDER; order++) {
		unsigned int size = 1U << order;
		unsigned int pair = frame / (2 * size) * (2 * size);

		if (!model_block_is(model, pair, order + 1, MODEL_FREE))
			break;
		list_remove(&model->list[order],
			    pair == frame ? frame + size : pair);
		frame = pair;
		model->nr_merge++;
	}
	list_push(&model->list[order], frame);
}
