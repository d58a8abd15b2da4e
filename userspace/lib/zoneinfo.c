// SPDX-License-Identifier: GPL-2.0
/*
 * zoneinfo: a block of lines a zone. What a line means depends on where it
 * stands: the same "name value" is a node's counter before "pages free", a
 * size of the zone up to "protection", and a counter of the zone after it.
 * Names that are not known become counters: kernels add some every year.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libmmbox.h"
#include "parse.h"

enum section { START, NODE_STATS, SIZES, STATS, PAGESETS };

struct state {
	struct mmbox_zoneinfo *zi;
	enum section section;
};

struct field {
	const char *name;
	size_t offset;
};

#define ZONE_FIELD(f)		{ #f, offsetof(struct mmbox_zone, f) }
#define PAGESET_FIELD(f)	{ #f ":", offsetof(struct mmbox_pageset, f) }

static const struct field zone_fields[] = {
	ZONE_FIELD(boost), ZONE_FIELD(min), ZONE_FIELD(low), ZONE_FIELD(high),
	ZONE_FIELD(promo), ZONE_FIELD(spanned), ZONE_FIELD(present),
	ZONE_FIELD(managed), ZONE_FIELD(cma), { NULL, 0 },
};

static const struct field pageset_fields[] = {
	PAGESET_FIELD(count), PAGESET_FIELD(high), PAGESET_FIELD(batch),
	PAGESET_FIELD(high_min), PAGESET_FIELD(high_max), { NULL, 0 },
};

static uint64_t *find_field(const struct field *f, const char *name, void *base)
{
	for (; f->name; f++) {
		if (!strcmp(f->name, name))
			return (uint64_t *)((char *)base + f->offset);
	}
	return NULL;
}

static struct mmbox_zone *last_zone(struct state *s)
{
	return &s->zi->zone[s->zi->nr - 1];
}

static int zone_line(struct state *s, const char *p)
{
	struct mmbox_zone zone = { 0 };

	/* The zone before this one must have been whole. */
	if (s->zi->nr && s->section < STATS)
		return -EBADMSG;
	if (!take_uint(&p, &zone.node) || !take_text(&p, ", zone") ||
	    !take_word(&p, zone.name, sizeof(zone.name)) || !at_end(p))
		return -EBADMSG;
	if (grow_array((void **)&s->zi->zone, s->zi->nr, sizeof(zone)))
		return -ENOMEM;
	s->zi->zone[s->zi->nr++] = zone;
	s->section = START;
	return 0;
}

static int protection_line(struct mmbox_zone *zone, const char *p)
{
	if (!take_text(&p, "("))
		return -EBADMSG;
	do {
		if (zone->nr_protection == MMBOX_MAX_PROTECTION ||
		    !take_u64(&p, &zone->protection[zone->nr_protection]))
			return -EBADMSG;
		zone->nr_protection++;
	} while (take_text(&p, ","));
	return take_text(&p, ")") && at_end(p) ? 0 : -EBADMSG;
}

static int pageset_line(struct mmbox_zone *zone, const char *p)
{
	struct mmbox_pageset set = { 0 };

	if (!take_uint(&p, &set.cpu) || !at_end(p))
		return -EBADMSG;
	if (grow_array((void **)&zone->pageset, zone->nr_pagesets, sizeof(set)))
		return -ENOMEM;
	zone->pageset[zone->nr_pagesets++] = set;
	return 0;
}

static int value_at_end(const char *p, uint64_t *value)
{
	return take_u64(&p, value) && at_end(p) ? 0 : -EBADMSG;
}

/* "name value" or "name: value", by section. */
static int value_line(struct state *s, const char *p)
{
	struct mmbox_zone *zone = last_zone(s);
	char name[MMBOX_COUNTER_LEN];
	uint64_t value, *field;

	if (!take_word(&p, name, sizeof(name)) || value_at_end(p, &value))
		return -EBADMSG;
	switch (s->section) {
	case NODE_STATS:
		return counters_add(&zone->node_stats, name, value);
	case SIZES:
		field = find_field(zone_fields, name, zone);
		break;
	case PAGESETS:
		if (!zone->nr_pagesets)
			return -EBADMSG;
		field = find_field(pageset_fields, name, &zone->pageset[zone->nr_pagesets - 1]);
		if (!field)
			return 0;
		break;
	case STATS:
		field = NULL;
		break;
	default:
		return -EBADMSG;
	}
	if (!field)
		return counters_add(&zone->stats, name, value);
	*field = value;
	return 0;
}

static int threshold_line(struct mmbox_zone *zone, const char *p)
{
	if (!zone->nr_pagesets)
		return -EBADMSG;
	return value_at_end(p, &zone->pageset[zone->nr_pagesets - 1].threshold);
}

static int parse_line(struct state *s, const char *p)
{
	struct mmbox_zone *zone;

	if (!strncmp(p, "Node", 4))
		return zone_line(s, p + 4);
	if (!s->zi->nr)
		return -EBADMSG;
	zone = last_zone(s);

	if (take_text(&p, "per-node stats")) {
		if (s->section != START)
			return -EBADMSG;
		s->section = NODE_STATS;
		return at_end(p) ? 0 : -EBADMSG;
	}
	if (take_text(&p, "pages free")) {
		if (s->section > NODE_STATS)
			return -EBADMSG;
		s->section = SIZES;
		return value_at_end(p, &zone->free);
	}
	if (take_text(&p, "protection:")) {
		if (s->section != SIZES)
			return -EBADMSG;
		s->section = STATS;
		return protection_line(zone, p);
	}
	if (take_text(&p, "pagesets")) {
		if (s->section != STATS)
			return -EBADMSG;
		s->section = PAGESETS;
		return at_end(p) ? 0 : -EBADMSG;
	}
	if (s->section == PAGESETS && take_text(&p, "cpu:"))
		return pageset_line(zone, p);
	if (take_text(&p, "vm stats threshold:"))
		return threshold_line(zone, p);
	if (take_text(&p, "node_unreclaimable:"))
		return value_at_end(p, &zone->node_unreclaimable);
	if (take_text(&p, "start_pfn:"))
		return value_at_end(p, &zone->start_pfn);
	return value_line(s, p);
}

int mmbox_zoneinfo_parse(FILE *fp, struct mmbox_zoneinfo *zi)
{
	struct lines l = { .fp = fp };
	struct state s = { .zi = zi };
	int got, err = 0;

	memset(zi, 0, sizeof(*zi));
	while (!err && (got = next_line(&l)))
		err = got < 0 ? got : parse_line(&s, l.buf);
	if (!err && s.section < STATS)
		err = -EBADMSG;
	if (err)
		mmbox_zoneinfo_release(zi);
	return err;
}

static int parse(FILE *fp, void *to)
{
	return mmbox_zoneinfo_parse(fp, to);
}

int mmbox_zoneinfo_read(const char *box, struct mmbox_zoneinfo *zi)
{
	memset(zi, 0, sizeof(*zi));
	return read_file(box, "zoneinfo", parse, zi);
}

void mmbox_zoneinfo_release(struct mmbox_zoneinfo *zi)
{
	for (size_t i = 0; i < zi->nr; i++) {
		mmbox_counters_release(&zi->zone[i].node_stats);
		mmbox_counters_release(&zi->zone[i].stats);
		free(zi->zone[i].pageset);
	}
	free(zi->zone);
	memset(zi, 0, sizeof(*zi));
}

const struct mmbox_zone *mmbox_zoneinfo_find(const struct mmbox_zoneinfo *zi,
					     unsigned int node, const char *name)
{
	for (size_t i = 0; i < zi->nr; i++) {
		if (zi->zone[i].node == node && !strcmp(zi->zone[i].name, name))
			return &zi->zone[i];
	}
	return NULL;
}

uint64_t mmbox_zone_listed(const struct mmbox_zone *zone)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < zone->nr_pagesets; i++)
		pages += zone->pageset[i].count;
	return pages;
}
