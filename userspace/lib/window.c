// SPDX-License-Identifier: GPL-2.0
/* vmap/window: a head, then a line for each area and each hole. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libmmbox.h"
#include "parse.h"

static int parse_head(const char *p, struct mmbox_window *w)
{
	if (!take_text(&p, "#") || !take_number(&p, "pages", &w->pages) ||
	    !take_number(&p, "lazy", &w->lazy) || !take_number(&p, "purges", &w->purges) ||
	    !take_value(&p, "backend", w->backend, sizeof(w->backend)) ||
	    !take_value(&p, "placement", w->placement, sizeof(w->placement)) || !at_end(p))
		return -EBADMSG;
	return 0;
}

/* In ascending order; what came and went while the file was read leaves gaps. */
static int parse_piece(const char *p, const struct mmbox_window *w, struct mmbox_piece *piece)
{
	const struct mmbox_piece *before = w->nr ? &w->v[w->nr - 1] : NULL;

	if (!take_u64(&p, &piece->first) || !take_u64(&p, &piece->pages) ||
	    !take_word(&p, piece->kind, sizeof(piece->kind)) || !at_end(p) || !piece->pages ||
	    piece->first + piece->pages < piece->first)
		return -EBADMSG;
	if (before && piece->first < before->first + before->pages)
		return -EBADMSG;
	return 0;
}

static int add_line(struct mmbox_window *w, const char *line)
{
	int err = grow_array((void **)&w->v, w->nr, sizeof(*w->v));

	err = err ?: parse_piece(line, w, &w->v[w->nr]);
	if (!err)
		w->nr++;
	return err;
}

int mmbox_window_parse(FILE *fp, struct mmbox_window *w)
{
	struct lines l = { .fp = fp };
	int got, err;

	memset(w, 0, sizeof(*w));
	got = next_line(&l);
	if (got <= 0)
		return got < 0 ? got : -EBADMSG;
	err = parse_head(l.buf, w);
	while (!err && (got = next_line(&l)))
		err = got < 0 ? got : add_line(w, l.buf);
	if (err)
		mmbox_window_release(w);
	return err;
}

static int parse(FILE *fp, void *to)
{
	return mmbox_window_parse(fp, to);
}

int mmbox_window_read(const char *box, struct mmbox_window *w)
{
	memset(w, 0, sizeof(*w));
	return read_file(box, "vmap/window", parse, w);
}

void mmbox_window_release(struct mmbox_window *w)
{
	free(w->v);
	memset(w, 0, sizeof(*w));
}
