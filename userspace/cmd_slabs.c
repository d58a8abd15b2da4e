// SPDX-License-Identifier: GPL-2.0
/* mmbox slabs: caches, as slabtop has them, with what CPUs have at hand. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"

enum { KEY_ALL = 'a' };

struct options {
	struct common common;
	bool all;
};

static const struct argp_option options[] = {
	{ "all", KEY_ALL, NULL, 0, "Caches without slabs, too", 0 },
	{ 0 },
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	if (key != KEY_ALL)
		return parse_rest(key, arg, state);
	o->all = true;
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse_opt,
	.doc = "Show the caches of objects, and what they cost."
	       "\vobjects: in all slabs; active: that callers have; at hand: free ones in the arrays "
	       "(sheaves) of CPUs and nodes, each of which holds as many as stand under sheaf. size "
	       "is that from one object to the next, memory that of all slabs, and waste what no "
	       "object can have of it. Caches without slabs are left out, unless --all or --json. "
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

static int add_rows(struct table *t, const struct options *o, const struct mmbox_slabinfo *si)
{
	uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);

	for (size_t i = 0; i < si->nr; i++) {
		const struct mmbox_slab_cache *c = &si->v[i];
		struct extra e;
		int err;

		if (!c->slabs && !o->all && !o->common.json)
			continue;
		err = read_extra(o->common.box, c->name, &e);
		if (err == -ENOENT)	/* it has gone meanwhile */
			continue;
		if (err)
			return err;
		table_str(t, c->name);
		table_uint(t, c->objects);
		table_uint(t, c->active);
		table_uint(t, c->objects ? c->active * 100 / c->objects : 0);
		table_uint(t, c->size);
		table_uint(t, c->slabs);
		table_uint(t, c->per_slab);
		table_uint(t, c->slabs * c->pages * page_size);
		table_uint(t, e.capacity);
		table_uint(t, e.at_hand);
		table_uint(t, e.waste);
	}
	return 0;
}

int cmd_slabs(int argc, char **argv)
{
	struct mmbox_slabinfo si;
	struct options o = { 0 };
	struct table *t;
	int err;

	parse_args(&argp, argc, argv, &o.common);
	err = mmbox_slabinfo_read(o.common.box, &si);
	if (err)
		return fail_file(&o.common, err, "slabinfo");
	t = table_new("caches", columns, sizeof(columns) / sizeof(*columns));
	err = add_rows(t, &o, &si);
	mmbox_slabinfo_release(&si);
	if (err) {
		table_free(t);
		return fail_file(&o.common, err, "slab");
	}
	return table_finish(t, o.common.box, o.common.json);
}
