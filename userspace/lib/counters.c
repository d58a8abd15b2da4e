// SPDX-License-Identifier: GPL-2.0
/* Files of named counters: vmstat and events "name value", meminfo "Name: value kB". */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libmmbox.h"
#include "parse.h"

int counters_add(struct mmbox_counters *c, const char *name, uint64_t value)
{
	struct mmbox_counter *new;
	size_t len = strlen(name);

	if (!len || len >= sizeof(new->name))
		return -EBADMSG;
	if (grow_array((void **)&c->v, c->nr, sizeof(*c->v)))
		return -ENOMEM;
	new = &c->v[c->nr++];
	memcpy(new->name, name, len + 1);
	new->value = value;
	return 0;
}

static int parse_vmstat_line(const char *p, struct mmbox_counters *c)
{
	char name[MMBOX_COUNTER_LEN];
	uint64_t value;

	if (!take_word(&p, name, sizeof(name)) || !take_u64(&p, &value) || !at_end(p))
		return -EBADMSG;
	return counters_add(c, name, value);
}

static int parse_meminfo_line(const char *p, struct mmbox_counters *c)
{
	char name[MMBOX_COUNTER_LEN];
	uint64_t value;
	size_t len;

	if (!take_word(&p, name, sizeof(name)) || !take_u64(&p, &value))
		return -EBADMSG;
	len = strlen(name);
	if (name[len - 1] != ':')
		return -EBADMSG;
	name[len - 1] = '\0';
	/* Counts of huge pages have no unit. */
	take_text(&p, "kB");
	if (!at_end(p))
		return -EBADMSG;
	return counters_add(c, name, value);
}

static int parse_lines(FILE *fp, struct mmbox_counters *c,
		       int (*parse_line)(const char *p, struct mmbox_counters *c))
{
	struct lines l = { .fp = fp };
	int got, err = 0;

	memset(c, 0, sizeof(*c));
	while (!err && (got = next_line(&l)))
		err = got < 0 ? got : parse_line(l.buf, c);
	if (!err && !c->nr)
		err = -EBADMSG;
	if (err)
		mmbox_counters_release(c);
	return err;
}

int mmbox_counters_parse(FILE *fp, struct mmbox_counters *c)
{
	return parse_lines(fp, c, parse_vmstat_line);
}

int mmbox_meminfo_parse(FILE *fp, struct mmbox_counters *c)
{
	return parse_lines(fp, c, parse_meminfo_line);
}

static int parse(FILE *fp, void *to)
{
	return mmbox_counters_parse(fp, to);
}

static int parse_meminfo(FILE *fp, void *to)
{
	return mmbox_meminfo_parse(fp, to);
}

int mmbox_vmstat_read(const char *box, struct mmbox_counters *c)
{
	memset(c, 0, sizeof(*c));
	return read_file(box, "vmstat", parse, c);
}

int mmbox_events_read(const char *box, struct mmbox_counters *c)
{
	memset(c, 0, sizeof(*c));
	return read_file(box, "events", parse, c);
}

int mmbox_meminfo_read(const char *box, struct mmbox_counters *c)
{
	memset(c, 0, sizeof(*c));
	return read_file(box, "meminfo", parse_meminfo, c);
}

void mmbox_counters_release(struct mmbox_counters *c)
{
	free(c->v);
	memset(c, 0, sizeof(*c));
}

int mmbox_counters_get(const struct mmbox_counters *c, const char *name, uint64_t *value)
{
	for (size_t i = 0; i < c->nr; i++) {
		if (!strcmp(c->v[i].name, name)) {
			*value = c->v[i].value;
			return 0;
		}
	}
	return -ENOENT;
}
