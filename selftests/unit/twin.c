// SPDX-License-Identifier: GPL-2.0
#include "twin.h"

#include <stdlib.h>
#include <string.h>

#include "unit_fail.h"

struct twin *twin_create(unsigned int nr_sections)
{
	struct twin *twin = calloc(1, sizeof(*twin));
	unsigned int nr;

	expect(twin, "out of memory");
	twin->pool = pool_create(nr_sections);
	nr = pool_frames(twin->pool);
	twin->model = model_create(nr);
	twin->live = calloc(nr, sizeof(twin->live[0]));
	twin->seen = calloc(nr, sizeof(twin->seen[0]));
	expect(twin->live && twin->seen, "out of memory");
	return twin;
}

void twin_destroy(struct twin *twin)
{
	free(twin->seen);
	free(twin->live);
	model_destroy(twin->model);
	pool_destroy(twin->pool);
	free(twin);
}

static void check_counts(const struct twin *twin)
{
	const struct mmbox_buddy *buddy = &twin->pool->buddy;
	const struct model *model = twin->model;

	expect(buddy->nr_free == model->nr_free,
	       "nr_free is %lu, not %lu", buddy->nr_free, model->nr_free);
	expect(buddy->nr_split == model->nr_split,
	       "nr_split is %lu, not %lu", buddy->nr_split, model->nr_split);
	expect(buddy->nr_merge == model->nr_merge,
	       "nr_merge is %lu, not %lu", buddy->nr_merge, model->nr_merge);
}

/**
 * twin_set_type - say what type a pageblock begins with
 * @twin:  the twin
 * @block: number of the pageblock, still without free frames
 * @type:  its type
 */
void twin_set_type(struct twin *twin, unsigned int block,
		   enum mmbox_migratetype type)
{
	pool_set_type(twin->pool, block, type);
	twin->model->type[block] = type;
}

void twin_add(struct twin *twin, unsigned int frame, unsigned int order)
{
	pool_add(twin->pool, frame, order);
	model_add(twin->model, frame, order);
	twin->nr_present += 1U << order;
}

/* Add what is present of a block, in blocks as large as possible. */
static void add_present(struct twin *twin, const bool *present,
			unsigned int frame, unsigned int order)
{
	unsigned int size = 1U << order;
	unsigned int nr = 0;
	unsigned int i;

	for (i = 0; i < size; i++)
		nr += present[frame + i];
	if (nr == size) {
		twin_add(twin, frame, order);
	} else if (nr) {
		add_present(twin, present, frame, order - 1);
		add_present(twin, present, frame + size / 2, order - 1);
	}
}

/**
 * twin_add_present - add all frames but those of holes
 * @twin:    the twin, still without frames
 * @present: for each frame, whether to add it
 */
void twin_add_present(struct twin *twin, const bool *present)
{
	unsigned int frame;

	for (frame = 0; frame < pool_frames(twin->pool);
	     frame += MMBOX_SECTION_PAGES)
		add_present(twin, present, frame, MMBOX_MAX_ORDER);
}

/* Some blocks are held as those on a CPU's list are: to the buddy all is one. */
static enum mmbox_page_state held_state(unsigned int frame)
{
	return frame & 32 ? MMBOX_PAGE_PCP : MMBOX_PAGE_ALLOC;
}

static void hold(struct twin *twin, unsigned int frame, unsigned int order)
{
	mmbox_page_set(pool_page(twin->pool, frame), held_state(frame), order);
	twin->live[twin->nr_live++] = frame;
}

/* The block that the buddy found must be the one that the model found. */
static void check_found(const struct mmbox_page *page, unsigned int want,
			unsigned int order)
{
	if (!page) {
		expect(want == MODEL_NONE, "order %u: nothing, not frame %u",
		       order, want);
		return;
	}
	expect(want != MODEL_NONE, "order %u: frame %u, not nothing", order,
	       pool_frame(page));
	expect(pool_frame(page) == want, "order %u: frame %u, not %u", order,
	       pool_frame(page), want);
	expect(want % (1U << order) == 0, "order %u: frame %u is not aligned",
	       order, want);
	expect(mmbox_page_is(page, MMBOX_PAGE_ALLOC, order),
	       "order %u: frame %u has word %x", order, want, page->word);
}

/* No list of the type has a block: what is taken from others must agree. */
static struct mmbox_page *steal(struct twin *twin, unsigned int order,
				enum mmbox_migratetype type,
				unsigned int *want)
{
	struct mmbox_steal got = { .order = ~0U };
	struct model_steal told;
	struct mmbox_page *page;

	page = mmbox_buddy_steal(&twin->pool->buddy, order, type,
				 MMBOX_PAGE_ALLOC, &got);
	*want = model_steal(twin->model, order, type, &told);
	if (!page || *want == MODEL_NONE) {
		expect(got.order == ~0U, "what failed tells of a block");
		return page;
	}
	expect(pool_frame(got.page) == told.frame && got.order == told.order &&
	       got.from == told.from && got.converted == told.converted,
	       "stolen: frame %u order %u type %u%s, not %u %u %u%s",
	       pool_frame(got.page), got.order, got.from,
	       got.converted ? " whole" : "", told.frame, told.order,
	       told.from, told.converted ? " whole" : "");
	twin->nr_steal++;
	twin->nr_convert += got.converted;
	return page;
}

/**
 * twin_alloc - allocate a block from both, of another type if need be
 * @twin:  the twin
 * @order: order of the block
 * @type:  what for
 *
 * Return: true if there was one; it is the last of twin->live then.
 */
bool twin_alloc(struct twin *twin, unsigned int order,
		enum mmbox_migratetype type)
{
	struct mmbox_page *page = mmbox_buddy_alloc(&twin->pool->buddy, order,
						    type, MMBOX_PAGE_ALLOC);
	unsigned int frame = model_alloc(twin->model, order, type);

	check_found(page, frame, order);
	if (!page && type < MMBOX_NR_PCP_TYPES) {
		page = steal(twin, order, type, &frame);
		check_found(page, frame, order);
	}
	check_counts(twin);
	if (!page) {
		twin->nr_refused++;
		return false;
	}
	hold(twin, frame, order);
	twin->nr_alloc++;
	return true;
}

/**
 * twin_del - take a free block out of both, and hold it like an allocated one
 * @twin:  the twin
 * @order: of which list
 * @type:  likewise; the block that has been there longest is taken
 *
 * Return: false if the list is empty.
 */
bool twin_del(struct twin *twin, unsigned int order,
	      enum mmbox_migratetype type)
{
	const struct model_list *list = &twin->model->list[type][order];
	struct mmbox_page *page;
	unsigned int frame, i;

	if (!list->nr)
		return false;
	frame = list->frame[0];
	page = pool_page(twin->pool, frame);
	mmbox_buddy_del(&twin->pool->buddy, page);
	model_del(twin->model, frame, order);
	for (i = 0; i < 1U << order; i++)
		expect(mmbox_page_is(page + i, MMBOX_PAGE_TAIL, 0),
		       "frame %u has word %x, but was taken out", frame + i,
		       page[i].word);
	hold(twin, frame, order);
	check_counts(twin);
	return true;
}

/**
 * twin_convert - give a pageblock another type in both
 * @twin:  the twin
 * @block: number of the pageblock
 * @type:  its new type
 */
void twin_convert(struct twin *twin, unsigned int block,
		  enum mmbox_migratetype type)
{
	mmbox_buddy_convert(&twin->pool->buddy, pool_map(twin->pool, block),
			    block % MMBOX_SECTION_BLOCKS, type);
	model_convert(twin->model, block, type);
	check_counts(twin);
}

/**
 * twin_free - give a block back to both
 * @twin:  the twin
 * @which: index in twin->live; the last block moves to this place
 */
void twin_free(struct twin *twin, unsigned int which)
{
	unsigned int frame = twin->live[which];

	twin->live[which] = twin->live[--twin->nr_live];
	mmbox_buddy_free(&twin->pool->buddy, pool_page(twin->pool, frame));
	model_free(twin->model, frame);
	check_counts(twin);
}

/* Two free halves are joined, unless their types keep them apart. */
static void check_merged(const struct twin *twin, unsigned int frame,
			 unsigned int order, enum mmbox_migratetype type)
{
	unsigned int other = frame ^ 1U << order;
	enum mmbox_migratetype other_type;

	if (order == MMBOX_MAX_ORDER ||
	    !mmbox_page_is(pool_page(twin->pool, other), MMBOX_PAGE_FREE,
			   order))
		return;
	other_type = mmbox_page_block(pool_page(twin->pool, other))->type;
	expect(type != other_type && (type >= MMBOX_NR_PCP_TYPES ||
				      other_type >= MMBOX_NR_PCP_TYPES),
	       "frame %u of order %u and its buddy are free", frame, order);
}

/* A free block is aligned, in pageblocks of its type, alone, and merged. */
static void check_free_block(const struct twin *twin, unsigned int frame,
			     unsigned int order, enum mmbox_migratetype type)
{
	unsigned int i;

	expect(frame % (1U << order) == 0, "free frame %u of order %u",
	       frame, order);
	for (i = frame; i < frame + (1U << order); i++) {
		expect(!twin->seen[i], "frame %u is free twice", i);
		twin->seen[i] = 1;
		expect(mmbox_page_block(pool_page(twin->pool, i))->type == type,
		       "frame %u is on the list of type %u", i, type);
	}
	expect(mmbox_page_is(pool_page(twin->pool, frame), MMBOX_PAGE_FREE,
			     order),
	       "free frame %u of order %u has word %x", frame, order,
	       pool_page(twin->pool, frame)->word);
	check_merged(twin, frame, order, type);
}

/* The list has the model's blocks, in its sequence; its count is right. */
static void check_list(const struct twin *twin, enum mmbox_migratetype type,
		       unsigned int order)
{
	const struct mmbox_free_lists *lists = &twin->pool->buddy.lists[type];
	const struct mmbox_free_area *area = &lists->area[order];
	const struct model_list *list = &twin->model->list[type][order];
	unsigned int left = list->nr;
	const struct mmbox_page *page;

	list_for_each_entry(page, &area->free_list, lru) {
		expect(left, "type %u order %u: more than %u on the list", type,
		       order, list->nr);
		left--;
		expect(page == pool_page(twin->pool, list->frame[left]),
		       "type %u order %u: frame %u is missing", type, order,
		       list->frame[left]);
		expect(page->lru.next->prev == &page->lru,
		       "type %u order %u: broken link", type, order);
		check_free_block(twin, list->frame[left], order, type);
	}
	expect(!left, "type %u order %u: %u of %u are not on the list", type,
	       order, left, list->nr);
	expect(area->nr_free == list->nr,
	       "type %u order %u: nr_free is %lu, not %u", type, order,
	       area->nr_free, list->nr);
	expect((lists->orders >> order & 1) == !!list->nr,
	       "type %u order %u: %u blocks, but orders is %lx", type, order,
	       list->nr, lists->orders);
}

/* All lists of a type, and what is counted for it. */
static void check_type(const struct twin *twin, enum mmbox_migratetype type)
{
	const struct mmbox_free_lists *lists = &twin->pool->buddy.lists[type];
	unsigned long nr_free = model_nr_free(twin->model, type);
	unsigned long nr_block = model_nr_blocks(twin->model, type);
	unsigned int order;

	for (order = 0; order < MMBOX_NR_ORDERS; order++)
		check_list(twin, type, order);
	expect(!(lists->orders >> MMBOX_NR_ORDERS),
	       "type %u: orders is %lx", type, lists->orders);
	expect(lists->nr_free == nr_free, "type %u: nr_free is %lu, not %lu",
	       type, lists->nr_free, nr_free);
	expect(lists->nr_block == nr_block, "type %u: nr_block is %lu, not %lu",
	       type, lists->nr_block, nr_block);
}

static void check_pageblocks(const struct twin *twin)
{
	unsigned int i;

	for (i = 0; i < pool_blocks(twin->pool); i++) {
		const struct mmbox_pageblock *block = pool_block(twin->pool, i);

		expect(block->type == twin->model->type[i],
		       "pageblock %u has type %u, not %u", i, block->type,
		       twin->model->type[i]);
		expect(block->pcp == pool_pcp(block->type),
		       "pageblock %u of type %u has another's lists", i,
		       block->type);
	}
}

static void check_inside(const struct twin *twin, unsigned int frame,
			 unsigned int order)
{
	unsigned int end = frame + (1U << order);

	while (++frame < end)
		expect(mmbox_page_state(pool_page(twin->pool, frame)) ==
		       MMBOX_PAGE_TAIL, "frame %u has word %x, not TAIL",
		       frame, pool_page(twin->pool, frame)->word);
}

static void check_used_block(const struct twin *twin, unsigned int frame,
			     unsigned int order)
{
	expect(mmbox_page_is(pool_page(twin->pool, frame), held_state(frame),
			     order),
	       "used frame %u of order %u has word %x", frame, order,
	       pool_page(twin->pool, frame)->word);
	expect(model_block_is(twin->model, frame, order, MODEL_USED),
	       "used frame %u of order %u is free as well", frame, order);
}

/* Check the block that begins at this frame; returns its order. */
static unsigned int check_block(const struct twin *twin, unsigned int frame)
{
	const struct mmbox_page *page = pool_page(twin->pool, frame);
	enum model_use use = twin->model->use[frame];
	unsigned int order = 0;

	expect(twin->seen[frame] == (use == MODEL_FREE),
	       "frame %u is lost, or free while it is used", frame);
	if (use == MODEL_ABSENT) {
		expect(mmbox_page_state(page) == MMBOX_PAGE_ABSENT,
		       "absent frame %u has word %x", frame, page->word);
		return 0;
	}
	order = mmbox_page_order(page);
	if (use == MODEL_USED) {
		order = twin->model->order[frame];
		check_used_block(twin, frame, order);
	} else {
		expect(mmbox_page_state(page) == MMBOX_PAGE_FREE,
		       "free frame %u has word %x", frame, page->word);
	}
	check_inside(twin, frame, order);
	return order;
}

static void check_pages(const struct twin *twin)
{
	unsigned int present = 0;
	unsigned int frame = 0;
	unsigned int order, i;

	while (frame < pool_frames(twin->pool)) {
		order = check_block(twin, frame);
		for (i = frame; i < frame + (1U << order); i++)
			expect(mmbox_page_index(pool_page(twin->pool, i)) ==
			       i % MMBOX_SECTION_PAGES,
			       "frame %u has lost its index", i);
		if (twin->model->use[frame] != MODEL_ABSENT)
			present += 1U << order;
		frame += 1U << order;
	}
	expect(present == twin->nr_present, "%u frames of %u are left",
	       present, twin->nr_present);
}

/**
 * twin_check - compare everything
 * @twin: the twin
 */
void twin_check(const struct twin *twin)
{
	unsigned int type;

	memset(twin->seen, 0, twin->model->nr_frames);
	check_counts(twin);
	check_pageblocks(twin);
	for (type = 0; type < MMBOX_NR_TYPES; type++)
		check_type(twin, type);
	check_pages(twin);
}
