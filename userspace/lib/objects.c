// SPDX-License-Identifier: GPL-2.0
/* objects: a header that begins with '#', then one line an allocation. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libmmbox.h"
#include "parse.h"

static int parse_line(const char *p, struct mmbox_object *o)
{
	size_t len;

	memset(o, 0, sizeof(*o));
	if (!take_uint(&p, &o->id) || !take_uint(&p, &o->order) || !take_u64(&p, &o->pages) ||
	    !take_word(&p, o->zone, sizeof(o->zone)) ||
	    !take_word(&p, o->variant, sizeof(o->variant)) ||
	    !take_word(&p, o->state, sizeof(o->state)) ||
	    !take_u64(&p, &o->maps) || !take_uint(&p, &o->pid))
		return -EBADMSG;
	if (o->order >= MMBOX_MAX_ORDERS)
		return -EBADMSG;
	/* A process may have blanks in its name, or none at all. */
	if (*p == ' ')
		p++;
	len = strlen(p);
	if (len >= sizeof(o->comm))
		return -EBADMSG;
	memcpy(o->comm, p, len + 1);
	return 0;
}

static int add_line(struct mmbox_objects *o, const char *line)
{
	int err = grow_array((void **)&o->v, o->nr, sizeof(*o->v));

	err = err ?: parse_line(line, &o->v[o->nr]);
	if (!err)
		o->nr++;
	return err;
}

int mmbox_objects_parse(FILE *fp, struct mmbox_objects *o)
{
	struct lines l = { .fp = fp };
	int got, err = 0;

	memset(o, 0, sizeof(*o));
	got = next_line(&l);
	if (got <= 0 || l.buf[0] != '#')
		return got < 0 ? got : -EBADMSG;
	while (!err && (got = next_line(&l)))
		err = got < 0 ? got : add_line(o, l.buf);
	if (err)
		mmbox_objects_release(o);
	return err;
}

static int parse(FILE *fp, void *to)
{
	return mmbox_objects_parse(fp, to);
}

int mmbox_objects_read(const char *box, struct mmbox_objects *o)
{
	memset(o, 0, sizeof(*o));
	return read_file(box, "objects", parse, o);
}

void mmbox_objects_release(struct mmbox_objects *o)
{
	free(o->v);
	memset(o, 0, sizeof(*o));
}

const struct mmbox_object *mmbox_objects_find(const struct mmbox_objects *o, uint32_t id)
{
	for (size_t i = 0; i < o->nr; i++) {
		if (o->v[i].id == id)
			return &o->v[i];
	}
	return NULL;
}
