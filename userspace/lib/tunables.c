// SPDX-License-Identifier: GPL-2.0
/* tunables: a line a setting, "name value unit: range", maybe "; automatic". */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libmmbox.h"
#include "parse.h"

/* No box has more. */
#define MAX_TUNABLES	256

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && !strcmp(text + len - end_len, end);
}

static int parse_line(const char *p, struct mmbox_tunable *t)
{
	static const char automatic[] = "; automatic";
	size_t len;

	memset(t, 0, sizeof(*t));
	if (!take_word(&p, t->name, sizeof(t->name)) ||
	    !take_word(&p, t->value, sizeof(t->value)) ||
	    !take_word(&p, t->unit, sizeof(t->unit)))
		return -EBADMSG;
	len = strlen(t->unit);
	if (len < 2 || t->unit[len - 1] != ':' || *p++ != ' ' || !*p)
		return -EBADMSG;
	t->unit[len - 1] = '\0';
	len = strlen(p);
	t->automatic = ends_with(p, automatic);
	if (t->automatic)
		len -= strlen(automatic);
	if (len >= sizeof(t->range))
		return -EBADMSG;
	memcpy(t->range, p, len);
	return 0;
}

int mmbox_tunables_parse(FILE *fp, struct mmbox_tunables *t)
{
	struct lines l = { .fp = fp };
	int got, err = 0;

	memset(t, 0, sizeof(*t));
	while (!err && (got = next_line(&l))) {
		err = got < 0 || t->nr == MAX_TUNABLES ? -EBADMSG :
		      grow_array((void **)&t->v, t->nr, sizeof(*t->v));
		err = err ?: parse_line(l.buf, &t->v[t->nr]);
		t->nr += !err;
	}
	if (!err && !t->nr)
		err = -EBADMSG;
	if (err)
		mmbox_tunables_release(t);
	return err;
}

static int parse(FILE *fp, void *to)
{
	return mmbox_tunables_parse(fp, to);
}

int mmbox_tunables_read(const char *box, struct mmbox_tunables *t)
{
	memset(t, 0, sizeof(*t));
	return read_file(box, "tunables", parse, t);
}

void mmbox_tunables_release(struct mmbox_tunables *t)
{
	free(t->v);
	memset(t, 0, sizeof(*t));
}
