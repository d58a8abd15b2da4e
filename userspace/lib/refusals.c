// SPDX-License-Identifier: GPL-2.0
/*
 * refusals: a head that begins with '#', then for each failed allocation a line
 * "alloc ..." and a line "zone ..." for each zone. refused_frees: a head, then
 * lines "free ...". All of them are words "name=value" in a fixed order.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libmmbox.h"
#include "parse.h"

/* No record has more zones, and no file more records. */
#define MAX_ZONES	4096
#define MAX_RECORDS	65536

/* "gfp=0xcc0(GFP_KERNEL)" */
static bool take_gfp(const char **p, struct mmbox_refused_alloc *a)
{
	const char *s = *p;
	size_t len;

	if (!take_hex(&s, "gfp", &a->gfp) || *s++ != '(')
		return false;
	len = strcspn(s, ")");
	if (s[len] != ')' || len >= sizeof(a->gfp_names))
		return false;
	memcpy(a->gfp_names, s, len);
	a->gfp_names[len] = '\0';
	*p = s + len + 1;
	return true;
}

static int parse_alloc(const char *p, struct mmbox_refused_alloc *a)
{
	char wait[4];

	memset(a, 0, sizeof(*a));
	if (!take_text(&p, "alloc") || !take_u64(&p, &a->nr) || !take_time(&p, &a->who.time_us) ||
	    !take_small(&p, "order", &a->order) || !take_gfp(&p, a) ||
	    !take_value(&p, "wait", wait, sizeof(wait)) || !take_small(&p, "node", &a->node) ||
	    !take_who(&p, &a->who) || !at_end(p))
		return -EBADMSG;
	a->may_wait = !strcmp(wait, "yes");
	return a->may_wait || !strcmp(wait, "no") ? 0 : -EBADMSG;
}

/* "largest=-" or an order */
static bool take_largest(const char **p, int *largest)
{
	unsigned int order;

	*largest = -1;
	if (take_text(p, "largest=-"))
		return true;
	if (!take_small(p, "largest", &order) || order >= MMBOX_MAX_ORDERS)
		return false;
	*largest = (int)order;
	return true;
}

/* "index=-0.500", in thousandths */
static bool take_index(const char **p, int *index)
{
	const char *s = *p, *dot;
	uint64_t whole, part;
	bool minus;

	if (!take_text(&s, "index="))
		return false;
	minus = *s == '-';
	s += minus;
	if (!isdigit((unsigned char)*s) || !take_u64(&s, &whole) || whole > 1000 || *s++ != '.')
		return false;
	dot = s;
	if (!isdigit((unsigned char)*s) || !take_u64(&s, &part) || s - dot != 3)
		return false;
	*index = (int)(whole * 1000 + part) * (minus ? -1 : 1);
	*p = s;
	return true;
}

static int parse_zone(const char *p, uint64_t alloc, struct mmbox_refused_zone *z)
{
	uint64_t nr;

	memset(z, 0, sizeof(*z));
	if (!take_text(&p, "zone") || !take_u64(&p, &nr) || nr != alloc ||
	    !take_small(&p, "node", &z->node) ||
	    !take_value(&p, "name", z->zone, sizeof(z->zone)) ||
	    !take_value(&p, "reason", z->reason, sizeof(z->reason)) ||
	    !take_number(&p, "free", &z->free) || !take_largest(&p, &z->largest) ||
	    !take_index(&p, &z->index) || !take_number(&p, "pcp", &z->pcp) ||
	    !take_number(&p, "mark", &z->mark) || !take_number(&p, "reserve", &z->reserve) ||
	    !take_meaning(p, z->text, sizeof(z->text)))
		return -EBADMSG;
	return 0;
}

static int add_line(struct mmbox_refusals *r, const char *line)
{
	struct mmbox_refused_alloc *a = r->nr ? &r->v[r->nr - 1] : NULL;
	int err;

	if (!strncmp(line, "zone ", 5)) {
		if (!a || a->nr_zones == MAX_ZONES)
			return -EBADMSG;
		err = grow_array((void **)&a->zone, a->nr_zones, sizeof(*a->zone));
		err = err ?: parse_zone(line, a->nr, &a->zone[a->nr_zones]);
		a->nr_zones += !err;
		return err;
	}
	if (r->nr == MAX_RECORDS)
		return -EBADMSG;
	err = grow_array((void **)&r->v, r->nr, sizeof(*r->v));
	err = err ?: parse_alloc(line, &r->v[r->nr]);
	r->nr += !err;
	return err;
}

static bool parse_head(const char *p, struct mmbox_refusals *r)
{
	return take_text(&p, "#") && take_u64(&p, &r->failed) &&
	       take_text(&p, "allocations failed; the last") && take_u64(&p, &r->kept) &&
	       take_text(&p, "are kept;") && take_u64(&p, &r->lost) &&
	       take_text(&p, "could not be recorded") && at_end(p);
}

int mmbox_refusals_parse(FILE *fp, struct mmbox_refusals *r)
{
	struct lines l = { .fp = fp };
	int got, err = 0;

	memset(r, 0, sizeof(*r));
	got = next_line(&l);
	if (got <= 0)
		return got ?: -EBADMSG;
	if (!parse_head(l.buf, r))
		err = -EBADMSG;
	while (!err && (got = next_line(&l)))
		err = got < 0 ? got : add_line(r, l.buf);
	if (err)
		mmbox_refusals_release(r);
	return err;
}

static int parse_refusals(FILE *fp, void *to)
{
	return mmbox_refusals_parse(fp, to);
}

int mmbox_refusals_read(const char *box, struct mmbox_refusals *r)
{
	memset(r, 0, sizeof(*r));
	return read_file(box, "refusals", parse_refusals, r);
}

void mmbox_refusals_release(struct mmbox_refusals *r)
{
	for (size_t i = 0; i < r->nr; i++)
		free(r->v[i].zone);
	free(r->v);
	memset(r, 0, sizeof(*r));
}

static int add_free(struct mmbox_refused_frees *f, const char *p)
{
	struct mmbox_refused_free *e;
	int err;

	if (f->nr == MAX_RECORDS)
		return -EBADMSG;
	err = grow_array((void **)&f->v, f->nr, sizeof(*f->v));
	if (err)
		return err;
	e = &f->v[f->nr];
	memset(e, 0, sizeof(*e));
	if (!take_text(&p, "free") || !take_u64(&p, &e->nr) || !take_time(&p, &e->who.time_us) ||
	    !take_number(&p, "count", &e->count) || !take_hex(&p, "pfn", &e->pfn) ||
	    !take_small(&p, "order", &e->order) ||
	    !take_value(&p, "reason", e->reason, sizeof(e->reason)) ||
	    !take_who(&p, &e->who) || !take_meaning(p, e->text, sizeof(e->text)))
		return -EBADMSG;
	f->nr++;
	return 0;
}

static bool parse_frees_head(const char *p, struct mmbox_refused_frees *f)
{
	return take_text(&p, "#") && take_u64(&p, &f->refused) &&
	       take_text(&p, "frees were refused; the last") && take_u64(&p, &f->kept) &&
	       take_text(&p, "kinds are kept") && at_end(p);
}

int mmbox_refused_frees_parse(FILE *fp, struct mmbox_refused_frees *f)
{
	struct lines l = { .fp = fp };
	int got, err = 0;

	memset(f, 0, sizeof(*f));
	got = next_line(&l);
	if (got <= 0)
		return got ?: -EBADMSG;
	if (!parse_frees_head(l.buf, f))
		err = -EBADMSG;
	while (!err && (got = next_line(&l)))
		err = got < 0 ? got : add_free(f, l.buf);
	if (err)
		mmbox_refused_frees_release(f);
	return err;
}

static int parse_frees(FILE *fp, void *to)
{
	return mmbox_refused_frees_parse(fp, to);
}

int mmbox_refused_frees_read(const char *box, struct mmbox_refused_frees *f)
{
	memset(f, 0, sizeof(*f));
	return read_file(box, "refused_frees", parse_frees, f);
}

void mmbox_refused_frees_release(struct mmbox_refused_frees *f)
{
	free(f->v);
	memset(f, 0, sizeof(*f));
}
