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

/* "name=" and a word up to the next blank. */
static bool take_value(const char **p, const char *name, char *word, size_t len)
{
	const char *s = *p;

	if (!take_text(&s, name) || *s++ != '=' || *s == ' ' || !take_word(&s, word, len))
		return false;
	*p = s;
	return true;
}

static bool take_number(const char **p, const char *name, uint64_t *value)
{
	const char *s = *p;

	if (!take_text(&s, name) || *s++ != '=' || !take_u64(&s, value))
		return false;
	*p = s;
	return true;
}

static bool take_small(const char **p, const char *name, unsigned int *value)
{
	const char *s = *p;
	uint64_t v;

	if (!take_number(&s, name, &v) || v > UINT32_MAX)
		return false;
	*value = (unsigned int)v;
	*p = s;
	return true;
}

static bool take_hex(const char **p, const char *name, uint64_t *value)
{
	const char *s = *p;
	uint64_t v = 0;
	int digits;

	if (!take_text(&s, name) || strncmp(s, "=0x", 3))
		return false;
	s += 3;
	for (digits = 0; isxdigit((unsigned char)*s); s++, digits++)
		v = v << 4 | (uint64_t)(isdigit((unsigned char)*s) ? *s - '0' :
					(*s | 0x20) - 'a' + 10);
	if (!digits || digits > 16)
		return false;
	*value = v;
	*p = s;
	return true;
}

/* "time=12.000345", in microseconds. */
static bool take_time(const char **p, uint64_t *us)
{
	const char *s = *p, *dot;
	uint64_t seconds, rest;

	if (!take_number(&s, "time", &seconds) || *s != '.' || seconds > UINT64_MAX / 2000000)
		return false;
	dot = ++s;
	if (!isdigit((unsigned char)*s) || !take_u64(&s, &rest) || s - dot != 6)
		return false;
	*us = seconds * 1000000 + rest;
	*p = s;
	return true;
}

/* Octal escapes, which keep a name one word, are undone. */
static bool unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text != '\\') {
			*to++ = *text;
			continue;
		}
		for (int i = 1; i <= 3; i++) {
			if (text[i] < '0' || text[i] > '7')
				return false;
		}
		*to = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
		/* A name has no NUL, and a value of more than 8 bits is none. */
		if (text[1] > '3' || !*to++)
			return false;
		text += 3;
	}
	*to = '\0';
	return true;
}

/* The name of a process may be empty; it ends at a colon or with the line. */
static bool take_comm(const char **p, char *comm, size_t size)
{
	const char *s = *p;
	size_t len;

	if (!take_text(&s, "comm="))
		return false;
	len = strcspn(s, " :");
	if (len >= size)
		return false;
	memcpy(comm, s, len);
	comm[len] = '\0';
	*p = s + len;
	return unescape(comm);
}

static bool take_who(const char **p, struct mmbox_refused_who *who)
{
	return take_value(p, "context", who->context, sizeof(who->context)) &&
	       take_value(p, "caller", who->caller, sizeof(who->caller)) &&
	       take_small(p, "pid", &who->pid) && take_comm(p, who->comm, sizeof(who->comm));
}

/* ": words" to the end of the line. */
static bool take_meaning(const char *p, char *text, size_t size)
{
	if (*p++ != ':' || *p++ != ' ' || !*p || strlen(p) >= size)
		return false;
	strcpy(text, p);
	return true;
}

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
