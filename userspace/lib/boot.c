// SPDX-License-Identifier: GPL-2.0
/*
 * memblock/memory and memblock/reserved: a row for each region, as in the
 * kernel. memblock/log: a head that begins with '#', then lines "step ..." of
 * words "name=value" in a fixed order.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libmmbox.h"
#include "parse.h"

/* No file has more regions or steps. */
#define MAX_REGIONS	(1U << 24)
#define MAX_STEPS	(1U << 20)

/* "0x" and digits, straight at the cursor. */
static bool take_address(const char **p, uint64_t *value)
{
	char *end;

	if (strncmp(*p, "0x", 2) || !isxdigit((unsigned char)(*p)[2]))
		return false;
	errno = 0;
	*value = strtoull(*p, &end, 16);
	*p = end;
	return !errno;
}

/* A node, or @none where there is none. */
static bool take_node(const char **p, const char *none, int *node)
{
	unsigned int n;

	*node = -1;
	if (take_text(p, none))
		return true;
	if (!take_uint(p, &n) || n > INT16_MAX)
		return false;
	*node = (int)n;
	return true;
}

static int add_region(struct mmbox_regions *r, const char *p)
{
	struct mmbox_region *region;
	uint64_t nr, last;
	int err;

	if (r->nr == MAX_REGIONS)
		return -EBADMSG;
	err = grow_array((void **)&r->v, r->nr, sizeof(*r->v));
	if (err)
		return err;
	region = &r->v[r->nr];
	memset(region, 0, sizeof(*region));
	if (!take_u64(&p, &nr) || nr != r->nr || !take_text(&p, ": ") ||
	    !take_address(&p, &region->base) || !take_text(&p, "..") ||
	    !take_address(&p, &last) || last < region->base || last == UINT64_MAX ||
	    !take_node(&p, "x", &region->node) ||
	    !take_word(&p, region->flags, sizeof(region->flags)) || !at_end(p))
		return -EBADMSG;
	region->end = last + 1;
	if (r->nr && region->base < region[-1].end)
		return -EBADMSG;
	r->nr++;
	return 0;
}

int mmbox_regions_parse(FILE *fp, struct mmbox_regions *r)
{
	struct lines l = { .fp = fp };
	int got, err = 0;

	memset(r, 0, sizeof(*r));
	while (!err && (got = next_line(&l)))
		err = got < 0 ? got : add_region(r, l.buf);
	if (err)
		mmbox_regions_release(r);
	return err;
}

static int parse_regions(FILE *fp, void *to)
{
	return mmbox_regions_parse(fp, to);
}

int mmbox_memory_read(const char *box, struct mmbox_regions *r)
{
	memset(r, 0, sizeof(*r));
	return read_file(box, "memblock/memory", parse_regions, r);
}

int mmbox_reserved_read(const char *box, struct mmbox_regions *r)
{
	memset(r, 0, sizeof(*r));
	return read_file(box, "memblock/reserved", parse_regions, r);
}

void mmbox_regions_release(struct mmbox_regions *r)
{
	free(r->v);
	memset(r, 0, sizeof(*r));
}

/* ": words" behind a purpose, which is one word. */
static bool take_purpose(const char **p, char *word, size_t size)
{
	const char *s = *p;
	size_t len;

	if (!take_text(&s, "for="))
		return false;
	len = strcspn(s, " :");
	if (!len || len >= size)
		return false;
	memcpy(word, s, len);
	word[len] = '\0';
	*p = s + len;
	return true;
}

static int add_step(struct mmbox_boot_log *log, const char *p)
{
	struct mmbox_boot_step *s;
	uint64_t nr, end;
	int err;

	if (log->nr == MAX_STEPS)
		return -EBADMSG;
	err = grow_array((void **)&log->v, log->nr, sizeof(*log->v));
	if (err)
		return err;
	s = &log->v[log->nr];
	memset(s, 0, sizeof(*s));
	if (!take_text(&p, "step") || !take_u64(&p, &nr) || nr != log->nr + 1 ||
	    !take_value(&p, "what", s->what, sizeof(s->what)) ||
	    !take_value(&p, "array", s->array, sizeof(s->array)) ||
	    !take_hex(&p, "base", &s->base) || !take_number(&p, "size", &s->size) ||
	    __builtin_add_overflow(s->base, s->size, &end) || !take_text(&p, "node=") ||
	    !take_node(&p, "-", &s->node) || !take_value(&p, "zone", s->zone, sizeof(s->zone)) ||
	    !take_small(&p, "order", &s->order) || s->order >= MMBOX_MAX_ORDERS ||
	    !take_number(&p, "count", &s->count) ||
	    !take_purpose(&p, s->purpose, sizeof(s->purpose)) ||
	    !take_meaning(p, s->text, sizeof(s->text)))
		return -EBADMSG;
	log->nr++;
	return 0;
}

static bool parse_head(const char *p, struct mmbox_boot_log *log, uint64_t *steps)
{
	return take_text(&p, "#") && take_value(&p, "boot", log->kind, sizeof(log->kind)) &&
	       take_number(&p, "page", &log->page_size) && log->page_size &&
	       !(log->page_size & (log->page_size - 1)) && take_number(&p, "steps", steps) &&
	       take_number(&p, "lost", &log->lost) && at_end(p);
}

int mmbox_boot_log_parse(FILE *fp, struct mmbox_boot_log *log)
{
	struct lines l = { .fp = fp };
	int got, err = 0;
	uint64_t steps;

	memset(log, 0, sizeof(*log));
	got = next_line(&l);
	if (got <= 0)
		return got ?: -EBADMSG;
	if (!parse_head(l.buf, log, &steps))
		err = -EBADMSG;
	while (!err && (got = next_line(&l)))
		err = got < 0 ? got : add_step(log, l.buf);
	if (!err && log->nr != steps)
		err = -EBADMSG;
	if (err)
		mmbox_boot_log_release(log);
	return err;
}

static int parse_log(FILE *fp, void *to)
{
	return mmbox_boot_log_parse(fp, to);
}

int mmbox_boot_log_read(const char *box, struct mmbox_boot_log *log)
{
	memset(log, 0, sizeof(*log));
	return read_file(box, "memblock/log", parse_log, log);
}

void mmbox_boot_log_release(struct mmbox_boot_log *log)
{
	free(log->v);
	memset(log, 0, sizeof(*log));
}
