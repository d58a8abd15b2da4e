// SPDX-License-Identifier: GPL-2.0
/* mmbox cache create|destroy|shrink|tune|debug NAME: caches of objects. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "output.h"

enum { KEY_HWCACHE = 0x100, KEY_RCU, KEY_RECLAIM, KEY_DMA, KEY_DMA32 };

struct options {
	struct common common;
	const char *action;
	const char *name;
	const char *setting;
	uint64_t size;
	uint64_t align;
	uint64_t capacity;
	uint32_t flags;
};

static const struct argp_option options[] = {
	{ "size", 's', "BYTES", 0, "create: bytes of an object", 0 },
	{ "align", 'a', "BYTES", 0, "create: alignment of objects, a power of two", 0 },
	{ "hwcache-align", KEY_HWCACHE, NULL, 0, "create: align objects to cache lines", 0 },
	{ "typesafe-by-rcu", KEY_RCU, NULL, 0, "create: keep slabs for a grace period", 0 },
	{ "reclaim-account", KEY_RECLAIM, NULL, 0, "create: from reclaimable pages", 0 },
	{ "dma", KEY_DMA, NULL, 0, "create: from zone DMA", 0 },
	{ "dma32", KEY_DMA32, NULL, 0, "create: from zone DMA32, or DMA", 0 },
	{ 0 },
};

static bool is(const struct options *o, const char *action)
{
	return !strcmp(o->action, action);
}

static void check_options(struct options *o, struct argp_state *state)
{
	bool create = o->action && is(o, "create"), tune = o->action && is(o, "tune");
	bool debug = o->action && is(o, "debug");

	if (!o->name && !(o->action && is(o, "shrink")))
		argp_error(state, "create, destroy, shrink, tune or debug, and the name of a cache");
	if (!create && !tune && !debug && !is(o, "destroy") && !is(o, "shrink"))
		argp_error(state, "'%s' is none of create, destroy, shrink, tune and debug",
			   o->action);
	if (create != !!o->size)
		argp_error(state, create ? "create needs --size BYTES" : "--size is for create");
	if (!create && (o->align || o->flags))
		argp_error(state, "this is for create");
	if (debug && !o->setting)
		argp_error(state, "debug needs letters of FZPUT, or -");
	if (!debug && tune != !!o->setting)
		argp_error(state, tune ? "tune needs capacity=N" : "one name only");
	if (tune && (strncmp(o->setting, "capacity=", 9) ||
		     parse_number(o->setting + 9, UINT32_MAX, &o->capacity)))
		argp_error(state, "'%s' is not capacity=N", o->setting);
}

static error_t parse_word(struct options *o, char *arg, struct argp_state *state)
{
	if (!o->action)
		o->action = arg;
	else if (!o->name)
		o->name = arg;
	else if (!o->setting)
		o->setting = arg;
	else
		argp_error(state, "'%s' is too much", arg);
	return 0;
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 's':
		if (parse_size(arg, &o->size) || !o->size || o->size > UINT32_MAX)
			argp_error(state, "'%s' is no size of an object", arg);
		return 0;
	case 'a':
		if (parse_size(arg, &o->align) || !o->align || o->align > UINT32_MAX)
			argp_error(state, "'%s' is no alignment", arg);
		return 0;
	case KEY_HWCACHE:
		o->flags |= MMBOX_CACHE_HWCACHE_ALIGN;
		return 0;
	case KEY_RCU:
		o->flags |= MMBOX_CACHE_TYPESAFE_BY_RCU;
		return 0;
	case KEY_RECLAIM:
		o->flags |= MMBOX_CACHE_RECLAIM_ACCOUNT;
		return 0;
	case KEY_DMA:
		o->flags |= MMBOX_CACHE_DMA;
		return 0;
	case KEY_DMA32:
		o->flags |= MMBOX_CACHE_DMA32;
		return 0;
	case ARGP_KEY_ARG:
		return parse_word(o, arg, state);
	case ARGP_KEY_END:
		check_options(o, state);
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "create NAME --size=BYTES\ndestroy NAME\nshrink [NAME]\ntune NAME capacity=N\n"
		    "debug NAME LETTERS",
	.doc = "Make a cache of objects, unmake it, give back its free pages, say how many objects "
	       "a CPU's array (sheaf) holds, 0 for none, or switch its checks: letters of FZPUT, "
	       "- for none."
	       "\vWithout a name, shrink is for all caches, and for the CPUs' lists of pages. "
	       "A cache made so belongs to the box and goes with it. See 'mmbox slabs' for all "
	       "caches, and 'mmbox alloc --cache' for objects. It needs CAP_SYS_ADMIN.",
	.children = common_children,
};

static int run(int fd, const struct options *o)
{
	if (is(o, "create"))
		return mmbox_cache_create(fd, o->name, (uint32_t)o->size, (uint32_t)o->align,
					  o->flags);
	if (is(o, "destroy"))
		return mmbox_cache_destroy(fd, o->name);
	if (is(o, "shrink"))
		return mmbox_cache_shrink(fd, o->name ? o->name : "");
	if (is(o, "debug"))
		return mmbox_cache_debug(fd, o->name, o->setting);
	return mmbox_cache_tune(fd, o->name, (uint32_t)o->capacity);
}

static const char *hint_for(const struct options *o, int err)
{
	switch (err) {
	case -ENOENT:
		return "There is no such cache. See: mmbox slabs --all";
	case -EEXIST:
		return "There is a cache of that name. See: mmbox slabs --all";
	case -EBUSY:
		return "It has objects that are not freed. See: mmbox slabs";
	case -EPERM:
		return "It needs CAP_SYS_ADMIN, and a cache made by 'mmbox cache create'";
	case -EINVAL:
		if (is(o, "debug"))
			return "Checks are letters of FZPUT, or -, as in the kernel's slub_debug";
		return "Names have letters, digits, '_', '-', '.'; alignments are powers of two";
	default:
		return NULL;
	}
}

int cmd_cache(int argc, char **argv)
{
	static const struct column columns[] = {
		{ .key = "cache", .type = COL_STR },
		{ .key = "done", .type = COL_STR },
	};
	struct options o = { 0 };
	const char *name;
	struct table *t;
	int fd, err;

	parse_args(&argp, argc, argv, &o.common);
	fd = open_device(&o.common, true);
	if (fd < 0)
		return EXIT_FAILED;
	err = run(fd, &o);
	name = o.name ? o.name : "*";
	mmbox_close(fd);
	if (err)
		return fail(&o.common, err, hint_for(&o, err), "cannot %s cache %s", o.action,
			    name);
	t = table_new("caches", columns, 2);
	table_str(t, name);
	table_str(t, o.action);
	return table_finish(t, o.common.box, o.common.json);
}
