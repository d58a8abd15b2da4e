// SPDX-License-Identifier: GPL-2.0
/*
 * metadata: a part for each zone, "Node 0, zone   Normal" and lines of a fixed
 * order, then one for all of them, "All zones", and two lines on the index.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libmmbox.h"
#include "parse.h"

#define MAX_ZONES	65536

/* "Name:   123 unit" to the end of the line. */
static int number_line(struct lines *l, const char *name, const char *unit, uint64_t *value)
{
	const char *p = l->buf;
	int got = next_line(l);

	if (got <= 0)
		return got ?: -EBADMSG;
	return take_text(&p, name) && take_u64(&p, value) && take_text(&p, unit) && at_end(p) ?
	       0 : -EBADMSG;
}

/* "PerPage:  24.06 B", in hundredths. */
static int per_page_line(struct lines *l, uint64_t *value)
{
	const char *p = l->buf, *digits;
	uint64_t whole, part;
	int got = next_line(l);

	if (got <= 0)
		return got ?: -EBADMSG;
	if (!take_text(&p, "PerPage:") || !take_u64(&p, &whole) || whole > UINT32_MAX ||
	    *p++ != '.')
		return -EBADMSG;
	digits = p;
	if (*p == ' ' || !take_u64(&p, &part) || p - digits != 2 || !take_text(&p, "B") ||
	    !at_end(p))
		return -EBADMSG;
	*value = whole * 100 + part;
	return 0;
}

static int parse_cost(struct lines *l, struct mmbox_cost *c)
{
	int err = number_line(l, "Sections:", "", &c->sections);

	err = err ?: number_line(l, "Descriptors:", "B", &c->descriptors);
	err = err ?: number_line(l, "SectionHeaders:", "B", &c->headers);
	err = err ?: number_line(l, "InOwnPages:", "B", &c->own_pages);
	err = err ?: number_line(l, "InHostMemory:", "B", &c->host_memory);
	err = err ?: per_page_line(l, &c->per_page);
	err = err ?: number_line(l, "PerCpuLists:", "B", &c->pcp);
	return err ?: number_line(l, "Reserved:", "pages", &c->reserved);
}

static int add_zone(struct mmbox_metadata *m, struct lines *l)
{
	struct mmbox_cost *c;
	const char *p = l->buf;
	int err;

	if (m->nr == MAX_ZONES)
		return -EBADMSG;
	err = grow_array((void **)&m->zone, m->nr, sizeof(*m->zone));
	if (err)
		return err;
	c = &m->zone[m->nr];
	memset(c, 0, sizeof(*c));
	if (!take_text(&p, "Node") || !take_uint(&p, &c->node) || !take_text(&p, ", zone") ||
	    !take_word(&p, c->zone, sizeof(c->zone)) || !at_end(p))
		return -EBADMSG;
	err = parse_cost(l, c);
	m->nr += !err;
	return err;
}

static int parse_all(struct lines *l, struct mmbox_metadata *m)
{
	int err = parse_cost(l, &m->all);

	err = err ?: number_line(l, "SlabDescriptors:", "pages", &m->slab_pages);
	err = err ?: number_line(l, "IndexLeaves:", "", &m->index_leaves);
	err = err ?: number_line(l, "Index:", "B", &m->index);
	/* Nothing stands behind it. */
	if (!err && next_line(l))
		err = -EBADMSG;
	return err;
}

int mmbox_metadata_parse(FILE *fp, struct mmbox_metadata *m)
{
	struct lines l = { .fp = fp };
	bool all = false;
	int got, err = 0;

	memset(m, 0, sizeof(*m));
	while (!err && !all) {
		got = next_line(&l);
		if (got <= 0) {
			err = got ?: -EBADMSG;
			break;
		}
		all = !strcmp(l.buf, "All zones");
		err = all ? parse_all(&l, m) : add_zone(m, &l);
	}
	if (err)
		mmbox_metadata_release(m);
	return err;
}

static int parse_metadata(FILE *fp, void *to)
{
	return mmbox_metadata_parse(fp, to);
}

int mmbox_metadata_read(const char *box, struct mmbox_metadata *m)
{
	memset(m, 0, sizeof(*m));
	return read_file(box, "metadata", parse_metadata, m);
}

void mmbox_metadata_release(struct mmbox_metadata *m)
{
	free(m->zone);
	memset(m, 0, sizeof(*m));
}
