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

static bool has_block(const struct mmbox_area *area, unsigned int nr_orders, unsigned int order)
{
	for (; order < nr_orders; order++) {
		if (area->free[order])
			return true;
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
static bool can_serve(const struct mmbox_buddyinfo *bi, size_t i, const struct mmbox_zoneinfo *zi,
		      int highest, unsigned int order, bool urgent)
{
	const struct mmbox_area *area = &bi->area[i];
	const struct mmbox_zone *zone;

	if (!has_block(area, bi->nr_orders, order))
		return false;
	zone = zi ? mmbox_zoneinfo_find(zi, area->node, area->zone) : NULL;
	return !zone || above_mark(zone, highest, order, urgent ? zone->min : zone->low);
}

/* The nodes after one's own come in ascending order, beginning anew at 0. */
static unsigned int node_distance(unsigned int from, unsigned int to)
{
	return to - from;
}

static bool is_better(const struct mmbox_area *a, const struct mmbox_area *b, unsigned int node)
{
	unsigned int da = node_distance(node, a->node), db = node_distance(node, b->node);

	if (da != db)
		return da < db;
	return zone_rank(a->zone) > zone_rank(b->zone);
}

static bool find_area(const struct mmbox_buddyinfo *bi, const struct mmbox_zoneinfo *zi,
		      unsigned int node, int highest, unsigned int order, bool urgent,
		      size_t *area)
{
	bool found = false;

	for (size_t i = 0; i < bi->nr; i++) {
		int rank = zone_rank(bi->area[i].zone);

		if (rank < 0 || rank > highest)
			continue;
		if (!can_serve(bi, i, zi, highest, order, urgent))
			continue;
		if (!found || is_better(&bi->area[i], &bi->area[*area], node))
			*area = i;
		found = true;
	}
	return found;
}

int predict_area(const struct mmbox_buddyinfo *bi, const struct mmbox_zoneinfo *zi,
		 unsigned int node, uint32_t gfp, unsigned int order, size_t *area)
{
	int highest = highest_rank(gfp);

	if (find_area(bi, zi, node, highest, order, false, area) ||
	    find_area(bi, zi, node, highest, order, true, area))
		return 0;
	return -ENOMEM;
}

int predict_split(struct mmbox_area *area, unsigned int nr_orders, unsigned int order,
		  unsigned int *from)
{
	unsigned int o = order;

	while (o < nr_orders && !area->free[o])
		o++;
	if (o >= nr_orders)
		return -ENOMEM;
	*from = o;
	area->free[o]--;
	while (o > order)
		area->free[--o]++;
	return 0;
}

int predict_alloc(struct mmbox_buddyinfo *bi, const struct mmbox_zoneinfo *zi,
		  unsigned int node, uint32_t gfp, unsigned int order, struct prediction *p)
{
	int err = predict_area(bi, zi, node, gfp, order, &p->area);

	if (err)
		return err;
	p->order = order;
	return predict_split(&bi->area[p->area], bi->nr_orders, order, &p->from);
}
