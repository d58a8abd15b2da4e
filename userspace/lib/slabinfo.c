// SPDX-License-Identifier: GPL-2.0
/* slabinfo: two head lines, then a line a cache; and the files in slab/. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libmmbox.h"
#include "parse.h"

static int parse_line(const char *p, struct mmbox_slab_cache *c)
{
	uint64_t ignored;

	memset(c, 0, sizeof(*c));
	if (!take_word(&p, c->name, sizeof(c->name)) || !take_u64(&p, &c->active) ||
	    !take_u64(&p, &c->objects) || !take_u64(&p, &c->size) ||
	    !take_u64(&p, &c->per_slab) || !take_u64(&p, &c->pages) ||
	    !take_text(&p, ": tunables") || !take_u64(&p, &ignored) ||
	    !take_u64(&p, &ignored) || !take_u64(&p, &ignored) ||
	    !take_text(&p, ": slabdata") || !take_u64(&p, &c->active_slabs) ||
	    !take_u64(&p, &c->slabs) || !take_u64(&p, &ignored) || !at_end(p))
		return -EBADMSG;
	return 0;
}

static int add_line(struct mmbox_slabinfo *si, const char *line)
{
	int err = grow_array((void **)&si->v, si->nr, sizeof(*si->v));

	err = err ?: parse_line(line, &si->v[si->nr]);
	if (!err)
		si->nr++;
	return err;
}

int mmbox_slabinfo_parse(FILE *fp, struct mmbox_slabinfo *si)
{
	struct lines l = { .fp = fp };
	int got, err = 0;

	memset(si, 0, sizeof(*si));
	got = next_line(&l);
	if (got <= 0 || strcmp(l.buf, "slabinfo - version: 2.1"))
		return got < 0 ? got : -EBADMSG;
	got = next_line(&l);
	if (got <= 0 || l.buf[0] != '#')
		return got < 0 ? got : -EBADMSG;
	while (!err && (got = next_line(&l)))
		err = got < 0 ? got : add_line(si, l.buf);
	if (err)
		mmbox_slabinfo_release(si);
	return err;
}

static int parse(FILE *fp, void *to)
{
	return mmbox_slabinfo_parse(fp, to);
}

int mmbox_slabinfo_read(const char *box, struct mmbox_slabinfo *si)
{
	memset(si, 0, sizeof(*si));
	return read_file(box, "slabinfo", parse, si);
}

void mmbox_slabinfo_release(struct mmbox_slabinfo *si)
{
	free(si->v);
	memset(si, 0, sizeof(*si));
}

static int parse_number_first(FILE *fp, void *to)
{
	struct lines l = { .fp = fp };
	const char *p = l.buf;
	int got = next_line(&l);

	if (got <= 0)
		return got < 0 ? got : -EBADMSG;
	return take_u64(&p, to) ? 0 : -EBADMSG;
}

int mmbox_cache_attribute(const char *box, const char *cache, const char *name, uint64_t *value)
{
	char file[256];
	int n = snprintf(file, sizeof(file), "slab/%s/%s", cache, name);

	*value = 0;
	if (n >= (int)sizeof(file) || strchr(cache, '/'))
		return -EINVAL;
	return read_file(box, file, parse_number_first, value);
}
