// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "predict.h"

/* Zones that a request from user space can be served from, lowest first. */
static const char *const zone_names[] = { "DMA", "DMA32", "Normal" };
#define NR_ZONES	3

static int zone_rank(const char *name)
{
	for (int i = 0; i < NR_ZONES; i++) {
		if (!strcmp(zone_names[i], name))
			return i;
	}
	return -1;
}

static int highest_rank(uint32_t gfp)
{
	if (gfp & MMBOX_GFP_DMA)
		return 0;
	return gfp & MMBOX_GFP_DMA32 ? 1 : 2;
}

/* From whom an unmovable request takes, itself first; of the rest nobody takes. */
static const enum mmbox_type takes_from[] = {
	MMBOX_TYPE_UNMOVABLE, MMBOX_TYPE_RECLAIMABLE, MMBOX_TYPE_MOVABLE,
};

#define NR_TAKES_FROM	(sizeof(takes_from) / sizeof(*takes_from))

static bool has_block(const struct mmbox_typed_area *area, unsigned int nr_orders,
		      unsigned int order)
{
	for (; order < nr_orders; order++) {
		for (size_t i = 0; i < NR_TAKES_FROM; i++) {
			if (area->free[takes_from[i]][order])
				return true;
		}
	}
	return false;
}

/*
 * As the kernel has it: what would be left, but for one page, must be more than
 * the watermark and what is protected from requests for higher zones.
 */
static bool above_mark(const struct mmbox_zone *zone, int highest, unsigned int order,
		       uint64_t mark)
{
	uint64_t needed = (1ULL << order) - 1;

	if ((unsigned int)highest < zone->nr_protection)
		mark += zone->protection[highest];
	return zone->free >= needed && zone->free - needed > mark;
}

/* Whether an area can serve; @urgent looks at min instead of low. */
static bool can_serve(const struct mmbox_pagetypeinfo *pti, size_t i,
		      const struct mmbox_zoneinfo *zi, int highest, unsigned int order,
		      bool urgent)
{
	const struct mmbox_typed_area *area = &pti->area[i];
	const struct mmbox_zone *zone;

	if (!has_block(area, pti->nr_orders, order))
		return false;
	zone = zi ? mmbox_zoneinfo_find(zi, area->node, area->zone) : NULL;
	return !zone || above_mark(zone, highest, order, urgent ? zone->min : zone->low);
}

/* The nodes after one's own come in ascending order, beginning anew at 0. */
static unsigned int node_distance(unsigned int from, unsigned int to)
{
	return to - from;
}

static bool is_better(const struct mmbox_typed_area *a, const struct mmbox_typed_area *b,
		      unsigned int node)
{
	unsigned int da = node_distance(node, a->node), db = node_distance(node, b->node);

	if (da != db)
		return da < db;
	return zone_rank(a->zone) > zone_rank(b->zone);
}

static bool find_area(const struct mmbox_pagetypeinfo *pti, const struct mmbox_zoneinfo *zi,
		      unsigned int node, int highest, unsigned int order, bool urgent,
		      size_t *area)
{
	bool found = false;

	for (size_t i = 0; i < pti->nr; i++) {
		int rank = zone_rank(pti->area[i].zone);

		if (rank < 0 || rank > highest)
			continue;
		if (!can_serve(pti, i, zi, highest, order, urgent))
			continue;
		if (!found || is_better(&pti->area[i], &pti->area[*area], node))
			*area = i;
		found = true;
	}
	return found;
}

int predict_area(const struct mmbox_pagetypeinfo *pti, const struct mmbox_zoneinfo *zi,
		 unsigned int node, uint32_t gfp, unsigned int order, size_t *area)
{
	int highest = highest_rank(gfp);

	if (find_area(pti, zi, node, highest, order, false, area) ||
	    find_area(pti, zi, node, highest, order, true, area))
		return 0;
	return -ENOMEM;
}

static bool find_own(const struct mmbox_pagetypeinfo *pti, const struct mmbox_typed_area *area,
		     struct prediction *p)
{
	p->type = MMBOX_TYPE_UNMOVABLE;
	for (p->from = p->order; p->from < pti->nr_orders; p->from++) {
		if (area->free[p->type][p->from])
			return true;
	}
	return false;
}

/* The largest one, so that the next requests find the rest of it. */
static bool find_foreign(const struct mmbox_pagetypeinfo *pti,
			 const struct mmbox_typed_area *area, struct prediction *p)
{
	for (p->from = pti->nr_orders; p->from-- > p->order; ) {
		for (size_t i = 1; i < NR_TAKES_FROM; i++) {
			p->type = takes_from[i];
			if (area->free[p->type][p->from])
				return true;
		}
	}
	return false;
}

/* A block as large as a pageblock, or larger, brings along all that it lies in. */
static void convert(const struct mmbox_pagetypeinfo *pti, struct mmbox_typed_area *area,
		    const struct prediction *p)
{
	unsigned int nr = 1U << (p->from - pti->block_order);

	area->free[p->type][p->from]--;
	area->free[MMBOX_TYPE_UNMOVABLE][p->from]++;
	area->pageblocks[p->type] -= nr;
	area->pageblocks[MMBOX_TYPE_UNMOVABLE] += nr;
}

/*
 * If half of the pageblock is free, all that is free in it becomes unmovable, and
 * the smallest of that is cut. The largest is, if there are no others.
 */
static bool has_smaller(const struct mmbox_typed_area *area, const struct prediction *p)
{
	for (unsigned int o = p->order; o < p->from; o++) {
		if (area->free[p->type][o])
			return true;
	}
	return false;
}

int predict_take(const struct mmbox_pagetypeinfo *pti, struct mmbox_typed_area *area,
		 unsigned int order, struct prediction *p)
{
	uint64_t *blocks;

	p->order = order;
	p->whole = false;
	p->vague = false;
	if (!find_own(pti, area, p)) {
		if (!find_foreign(pti, area, p))
			return -ENOMEM;
		p->whole = p->from >= pti->block_order;
		p->vague = !p->whole && has_smaller(area, p);
	}
	if (p->vague)
		return 0;
	if (p->whole)
		convert(pti, area, p);
	blocks = area->free[p->whole ? MMBOX_TYPE_UNMOVABLE : p->type];
	blocks[p->from]--;
	for (unsigned int o = p->from; o > order; )
		blocks[--o]++;
	return 0;
}

/* buddyinfo has the sum of all types. */
static void add_types(struct mmbox_area *area, const struct mmbox_typed_area *typed)
{
	memset(area->free, 0, sizeof(area->free));
	for (unsigned int type = 0; type < MMBOX_NR_TYPES; type++) {
		for (unsigned int o = 0; o < MMBOX_MAX_ORDERS; o++)
			area->free[o] += typed->free[type][o];
	}
}

int predict_alloc(struct mmbox_buddyinfo *bi, struct mmbox_pagetypeinfo *pti,
		  const struct mmbox_zoneinfo *zi, unsigned int node, uint32_t gfp,
		  unsigned int order, struct prediction *p)
{
	int err;

	/* Both files have a row, or several, for each zone with pages. */
	if (bi->nr != pti->nr || bi->nr_orders != pti->nr_orders)
		return -ESTALE;
	err = predict_area(pti, zi, node, gfp, order, &p->area);
	err = err ?: predict_take(pti, &pti->area[p->area], order, p);
	if (err)
		return err;
	add_types(&bi->area[p->area], &pti->area[p->area]);
	return 0;
}
