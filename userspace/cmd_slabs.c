// SPDX-License-Identifier: GPL-2.0
/* mmbox slabs: caches, as slabtop has them, with what CPUs have at hand. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"

enum { KEY_ALL = 'a', KEY_WATCH = 'w', KEY_WASTE = 'W' };

/* Seconds from one picture to the next, and the most of them. */
#define WATCH_USUAL	2
#define WATCH_MAX	3600

struct options {
	struct common common;
	bool all;
	bool waste;
	unsigned int watch;
};

static const struct argp_option options[] = {
	{ "all", KEY_ALL, NULL, 0, "Caches without slabs, too", 0 },
	{ "waste", KEY_WASTE, NULL, 0, "Show what is wasted, and where", 0 },
	{ "watch", KEY_WATCH, "SECONDS", OPTION_ARG_OPTIONAL,
	  "Show it anew every 2 or SECONDS, until interrupted", 0 },
	{ 0 },
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	uint64_t seconds = WATCH_USUAL;

	switch (key) {
	case KEY_ALL:
		o->all = true;
		return 0;
	case KEY_WASTE:
		o->waste = true;
		return 0;
	case KEY_WATCH:
		if (arg && (parse_number(arg, WATCH_MAX, &seconds) || !seconds))
			argp_error(state, "'%s' is not a number of seconds from 1 to %d", arg,
				   WATCH_MAX);
		o->watch = seconds;
		return 0;
	case ARGP_KEY_END:
		if (o->watch && o->common.json)
			argp_error(state, "--watch and --json do not go together");
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_opt,
	.doc = "Show the caches of objects, and what they cost."
	       "\vobjects: in all slabs; active: that callers have; at hand: free ones in the arrays "
	       "(sheaves) of CPUs and nodes, each of which holds as many as stand under sheaf. size "
	       "is that from one object to the next, memory that of all slabs, and waste what no "
	       "object can have of it. Caches without slabs are left out, unless --all or --json. "
	       "With --waste: counted: objects that were allocated while the setting allocinfo was "
	       "on; asked: bytes that their callers wanted; inside: what they got beyond that; "
	       "outside: what no object can have; waste%: the part of inside and outside in memory. "
	       "Only root may read this.",
	.children = common_children,
};

static const struct column columns[] = {
	{ .key = "name", .type = COL_STR },
	{ .key = "objects", .type = COL_UINT },
	{ .key = "active", .type = COL_UINT },
	{ .key = "use", .title = "use%", .type = COL_UINT, .unit = "percent" },
	{ .key = "size", .type = COL_UINT, .unit = "bytes" },
	{ .key = "slabs", .type = COL_UINT },
	{ .key = "per_slab", .title = "obj/slab", .type = COL_UINT },
	{ .key = "memory", .type = COL_UINT, .unit = "bytes" },
	{ .key = "sheaf", .type = COL_UINT },
	{ .key = "at_hand", .title = "at hand", .type = COL_UINT },
	{ .key = "waste", .type = COL_UINT, .unit = "bytes" },
};

static const struct column waste_columns[] = {
	{ .key = "name", .type = COL_STR },
	{ .key = "object_size", .title = "object", .type = COL_UINT, .unit = "bytes" },
	{ .key = "active", .type = COL_UINT },
	{ .key = "counted", .type = COL_UINT },
	{ .key = "asked", .type = COL_UINT, .unit = "bytes" },
	{ .key = "inside", .type = COL_UINT, .unit = "bytes" },
	{ .key = "outside", .type = COL_UINT, .unit = "bytes" },
	{ .key = "memory", .type = COL_UINT, .unit = "bytes" },
	{ .key = "waste", .title = "waste%", .type = COL_UINT, .unit = "percent" },
};

struct extra {
	uint64_t capacity;
	uint64_t at_hand;
	uint64_t waste;
};

static int read_extra(const char *box, const char *cache, struct extra *e)
{
	uint64_t barn;
	int err;

	err = mmbox_cache_attribute(box, cache, "sheaf_capacity", &e->capacity);
	err = err ?: mmbox_cache_attribute(box, cache, "cpu_sheaves", &e->at_hand);
	err = err ?: mmbox_cache_attribute(box, cache, "barn", &barn);
	err = err ?: mmbox_cache_attribute(box, cache, "waste", &e->waste);
	if (!err)
		e->at_hand += barn;
	return err;
}

static uint64_t memory_of(const struct mmbox_slab_cache *c)
{
	return c->slabs * c->pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int add_usual(struct table *t, const char *box, const struct mmbox_slab_cache *c)
{
	struct extra e;
	int err = read_extra(box, c->name, &e);

	if (err)
		return err;
	table_str(t, c->name);
	table_uint(t, c->objects);
	table_uint(t, c->active);
	table_uint(t, c->objects ? c->active * 100 / c->objects : 0);
	table_uint(t, c->size);
	table_uint(t, c->slabs);
	table_uint(t, c->per_slab);
	table_uint(t, memory_of(c));
	table_uint(t, e.capacity);
	table_uint(t, e.at_hand);
	table_uint(t, e.waste);
	return 0;
}

static int add_waste(struct table *t, const char *box, const struct mmbox_slab_cache *c)
{
	uint64_t size, counted, asked, inside, outside, memory = memory_of(c);
	int err;

	err = mmbox_cache_attribute(box, c->name, "object_size", &size);
	err = err ?: mmbox_cache_attribute(box, c->name, "counted", &counted);
	err = err ?: mmbox_cache_attribute(box, c->name, "requested", &asked);
	err = err ?: mmbox_cache_attribute(box, c->name, "waste", &outside);
	if (err)
		return err;
	/* Read one after the other: objects may have come meanwhile. */
	inside = counted * size > asked ? counted * size - asked : 0;
	table_str(t, c->name);
	table_uint(t, size);
	table_uint(t, c->active);
	table_uint(t, counted);
	table_uint(t, asked);
	table_uint(t, inside);
	table_uint(t, outside);
	table_uint(t, memory);
	table_uint(t, memory ? (inside + outside) * 100 / memory : 0);
	return 0;
}

static int add_rows(struct table *t, const struct options *o, const struct mmbox_slabinfo *si)
{
	for (size_t i = 0; i < si->nr; i++) {
		const struct mmbox_slab_cache *c = &si->v[i];
		int err;

		if (!c->slabs && !o->all && !o->common.json)
			continue;
		err = (o->waste ? add_waste : add_usual)(t, o->common.box, c);
		if (err && err != -ENOENT)	/* else it has gone meanwhile */
			return err;
	}
	return 0;
}

static struct table *new_table(const struct options *o)
{
	if (o->waste)
		return table_new("caches", waste_columns,
				 sizeof(waste_columns) / sizeof(*waste_columns));
	return table_new("caches", columns, sizeof(columns) / sizeof(*columns));
}

static int show(const struct options *o)
{
	struct mmbox_slabinfo si;
	struct table *t;
	int err;

	err = mmbox_slabinfo_read(o->common.box, &si);
	if (err)
		return fail_file(&o->common, err, "slabinfo");
	t = new_table(o);
	err = add_rows(t, o, &si);
	mmbox_slabinfo_release(&si);
	if (err) {
		table_free(t);
		return fail_file(&o->common, err, "slab");
	}
	return table_finish(t, o->common.box, o->common.json);
}

/* On a terminal each picture takes the place of the one before. */
static int watch(const struct options *o)
{
	const char *before = isatty(STDOUT_FILENO) ? "\033[H\033[J" : "";

	for (;;) {
		int status;

		fputs(before, stdout);
		status = show(o);
		if (status)
			return status;
		if (!isatty(STDOUT_FILENO))
			putchar('\n');
		if (fflush(stdout))
			return EXIT_FAILED;
		sleep(o->watch);
	}
}

int cmd_slabs(int argc, char **argv)
{
	struct options o = { 0 };

	parse_args(&argp, argc, argv, &o.common);
	return o.watch ? watch(&o) : show(&o);
}
