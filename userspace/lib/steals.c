// SPDX-License-Identifier: GPL-2.0
/* steals: a head that begins with '#', then lines "steal ..." of words. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libmmbox.h"
#include "parse.h"

/* No file has more records. */
#define MAX_RECORDS	65536

static bool parse_steal(const char *p, struct mmbox_steal *e)
{
	char converted[4];

	memset(e, 0, sizeof(*e));
	if (!take_text(&p, "steal") || !take_u64(&p, &e->nr) || !take_time(&p, &e->who.time_us) ||
	    !take_small(&p, "node", &e->node) ||
	    !take_value(&p, "zone", e->zone, sizeof(e->zone)) || !take_hex(&p, "pfn", &e->pfn) ||
	    !take_small(&p, "order", &e->order) ||
	    !take_value(&p, "from", e->from, sizeof(e->from)) ||
	    !take_value(&p, "to", e->to, sizeof(e->to)) ||
	    !take_small(&p, "wanted", &e->wanted) ||
	    !take_value(&p, "converted", converted, sizeof(converted)) ||
	    !take_who(&p, &e->who) || !take_meaning(p, e->text, sizeof(e->text)))
		return false;
	e->converted = !strcmp(converted, "yes");
	return (e->converted || !strcmp(converted, "no")) && e->wanted <= e->order &&
	       e->order < MMBOX_MAX_ORDERS;
}

static int add_line(struct mmbox_steals *s, const char *line)
{
	int err;

	if (s->nr == MAX_RECORDS)
		return -EBADMSG;
	err = grow_array((void **)&s->v, s->nr, sizeof(*s->v));
	if (err)
		return err;
	if (!parse_steal(line, &s->v[s->nr]))
		return -EBADMSG;
	s->nr++;
	return 0;
}

static bool parse_head(const char *p, struct mmbox_steals *s)
{
	return take_text(&p, "#") && take_u64(&p, &s->total) &&
	       take_text(&p, "allocations took from pageblocks of another type; the last") &&
	       take_u64(&p, &s->kept) && take_text(&p, "are kept") && at_end(p);
}

int mmbox_steals_parse(FILE *fp, struct mmbox_steals *s)
{
	struct lines l = { .fp = fp };
	int got, err = 0;

	memset(s, 0, sizeof(*s));
	got = next_line(&l);
	if (got <= 0)
		return got ?: -EBADMSG;
	if (!parse_head(l.buf, s))
		err = -EBADMSG;
	while (!err && (got = next_line(&l)))
		err = got < 0 ? got : add_line(s, l.buf);
	if (err)
		mmbox_steals_release(s);
	return err;
}

static int parse(FILE *fp, void *to)
{
	return mmbox_steals_parse(fp, to);
}

int mmbox_steals_read(const char *box, struct mmbox_steals *s)
{
	memset(s, 0, sizeof(*s));
	return read_file(box, "steals", parse, s);
}

void mmbox_steals_release(struct mmbox_steals *s)
{
	free(s->v);
	memset(s, 0, sizeof(*s));
}
