// SPDX-License-Identifier: GPL-2.0
/*
 * pagetypeinfo: a head, a row of free blocks for each zone and migrate type,
 * another head, and a row of pageblocks for each zone.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libmmbox.h"
#include "parse.h"

/* As in buddyinfo.c. */
#define MAX_PAGES	(1ULL << 52)

static const char *const type_names[MMBOX_NR_TYPES] = {
	[MMBOX_TYPE_UNMOVABLE]	 = "Unmovable",
	[MMBOX_TYPE_MOVABLE]	 = "Movable",
	[MMBOX_TYPE_RECLAIMABLE] = "Reclaimable",
	[MMBOX_TYPE_HIGHATOMIC]	 = "HighAtomic",
	[MMBOX_TYPE_ISOLATE]	 = "Isolate",
};

enum part { START, PAGES, ORDERS, FREE, BLOCKS };

struct state {
	struct mmbox_pagetypeinfo *pti;
	enum part part;
	unsigned int next_type;		/* of the zone whose rows come */
	size_t next_area;		/* whose pageblocks come */
};

const char *mmbox_type_name(enum mmbox_type type)
{
	return type < MMBOX_NR_TYPES ? type_names[type] : "?";
}

static int order_line(struct state *s, const char *p)
{
	if (!take_text(&p, "Page block order:") || !take_uint(&p, &s->pti->block_order) ||
	    !at_end(p) || s->pti->block_order >= MMBOX_MAX_ORDERS)
		return -EBADMSG;
	s->part = PAGES;
	return 0;
}

static int pages_line(struct state *s, const char *p)
{
	uint64_t pages;

	if (!take_text(&p, "Pages per block:") || !take_u64(&p, &pages) || !at_end(p) ||
	    pages != 1ULL << s->pti->block_order)
		return -EBADMSG;
	s->part = ORDERS;
	return 0;
}

static int orders_line(struct state *s, const char *p)
{
	unsigned int order;

	if (!take_text(&p, "Free pages count per migrate type at order"))
		return -EBADMSG;
	while (!at_end(p)) {
		if (s->pti->nr_orders == MMBOX_MAX_ORDERS || !take_uint(&p, &order) ||
		    order != s->pti->nr_orders)
			return -EBADMSG;
		s->pti->nr_orders++;
	}
	s->part = FREE;
	return s->pti->nr_orders ? 0 : -EBADMSG;
}

static bool take_area(const char **p, unsigned int *node, char *zone, size_t len)
{
	char *comma;

	if (!take_text(p, "Node") || !take_uint(p, node) || !take_text(p, ", zone") ||
	    !take_word(p, zone, len))
		return false;
	comma = strchr(zone, ',');
	if (comma)
		*comma = '\0';
	return *zone;
}

/* The first row of a zone makes its area; the types come in order. */
static int free_line(struct state *s, const char *p)
{
	struct mmbox_pagetypeinfo *pti = s->pti;
	struct mmbox_typed_area area = { 0 }, *last;

	if (!take_area(&p, &area.node, area.zone, sizeof(area.zone)) ||
	    !take_text(&p, "type") || !take_text(&p, type_names[s->next_type]))
		return -EBADMSG;
	if (!s->next_type) {
		if (grow_array((void **)&pti->area, pti->nr, sizeof(area)))
			return -ENOMEM;
		pti->area[pti->nr++] = area;
	}
	last = &pti->area[pti->nr - 1];
	if (last->node != area.node || strcmp(last->zone, area.zone))
		return -EBADMSG;
	for (unsigned int o = 0; o < pti->nr_orders; o++) {
		if (!take_u64(&p, &last->free[s->next_type][o]) ||
		    last->free[s->next_type][o] > MAX_PAGES >> o)
			return -EBADMSG;
	}
	s->next_type = (s->next_type + 1) % MMBOX_NR_TYPES;
	return at_end(p) ? 0 : -EBADMSG;
}

static int blocks_head(struct state *s, const char *p)
{
	if (!take_text(&p, "Number of blocks type"))
		return -EBADMSG;
	for (unsigned int type = 0; type < MMBOX_NR_TYPES; type++) {
		if (!take_text(&p, type_names[type]))
			return -EBADMSG;
	}
	/* All zones have had all rows. */
	if (!at_end(p) || s->next_type)
		return -EBADMSG;
	s->part = BLOCKS;
	return 0;
}

static int blocks_line(struct state *s, const char *p)
{
	struct mmbox_typed_area *area = &s->pti->area[s->next_area];
	char zone[MMBOX_ZONE_LEN];
	unsigned int node;

	if (s->next_area == s->pti->nr || !take_area(&p, &node, zone, sizeof(zone)) ||
	    node != area->node || strcmp(zone, area->zone))
		return -EBADMSG;
	for (unsigned int type = 0; type < MMBOX_NR_TYPES; type++) {
		if (!take_u64(&p, &area->pageblocks[type]))
			return -EBADMSG;
	}
	s->next_area++;
	return at_end(p) ? 0 : -EBADMSG;
}

static int parse_line(struct state *s, const char *p)
{
	if (at_end(p))
		return s->part == ORDERS || s->part == FREE ? 0 : -EBADMSG;
	switch (s->part) {
	case START:
		return order_line(s, p);
	case PAGES:
		return pages_line(s, p);
	case ORDERS:
		return orders_line(s, p);
	case FREE:
		return strncmp(p, "Node", 4) ? blocks_head(s, p) : free_line(s, p);
	default:
		return blocks_line(s, p);
	}
}

int mmbox_pagetypeinfo_parse(FILE *fp, struct mmbox_pagetypeinfo *pti)
{
	struct state s = { .pti = pti };
	struct lines l = { .fp = fp };
	int got, err = 0;

	memset(pti, 0, sizeof(*pti));
	while (!err && (got = next_line(&l)))
		err = got < 0 ? got : parse_line(&s, l.buf);
	if (!err && (!pti->nr || s.part != BLOCKS || s.next_area != pti->nr))
		err = -EBADMSG;
	if (err)
		mmbox_pagetypeinfo_release(pti);
	return err;
}

static int parse(FILE *fp, void *to)
{
	return mmbox_pagetypeinfo_parse(fp, to);
}

int mmbox_pagetypeinfo_read(const char *box, struct mmbox_pagetypeinfo *pti)
{
	memset(pti, 0, sizeof(*pti));
	return read_file(box, "pagetypeinfo", parse, pti);
}

void mmbox_pagetypeinfo_release(struct mmbox_pagetypeinfo *pti)
{
	free(pti->area);
	memset(pti, 0, sizeof(*pti));
}

int mmbox_pagetypeinfo_copy(struct mmbox_pagetypeinfo *to, const struct mmbox_pagetypeinfo *from)
{
	*to = *from;
	to->area = copy_array(from->area, from->nr, sizeof(*from->area));
	if (to->area)
		return 0;
	memset(to, 0, sizeof(*to));
	return -ENOMEM;
}
