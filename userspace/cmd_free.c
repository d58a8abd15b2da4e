// SPDX-License-Identifier: GPL-2.0
/* mmbox free ID...: kept allocations only; another file's are out of reach. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "output.h"

struct options {
	struct common common;
	uint32_t *ids;
	size_t nr;
	uint32_t flags;
};

enum {
	KEY_REVOKE = 0x100,
};

static const struct argp_option options[] = {
	{ "revoke", KEY_REVOKE, NULL, 0, "Take the pages away from processes that have them "
	  "mapped, too: where these touch them again, they get SIGBUS", 0 },
	{ 0 },
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	uint64_t id;

	switch (key) {
	case ARGP_KEY_INIT:
		o->ids = calloc((size_t)state->argc, sizeof(*o->ids));
		return o->ids ? parse_rest(key, arg, state) : ENOMEM;
	case KEY_REVOKE:
		o->flags |= MMBOX_FREE_REVOKE;
		return 0;
	case ARGP_KEY_ARG:
		if (parse_number(arg, UINT32_MAX, &id))
			argp_error(state, "'%s' is no handle", arg);
		o->ids[o->nr++] = (uint32_t)id;
		return 0;
	case ARGP_KEY_END:
		if (!o->nr)
			argp_error(state, "which handles? See: mmbox objects");
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "ID...",
	.doc = "Free kept allocations by their handles."
	       "\vOnly what was allocated with --keep can be freed by another process than its "
	       "owner's. Pages that are still mapped return to the box with their last mapping, "
	       "or with --revoke at once. "
	       "Every handle is tried; the exit status is 1 if one could not be freed.",
	.children = common_children,
};

static const char *hint_for(int err)
{
	switch (err) {
	case -ENOENT:
		return "No kept allocation has this handle. See: mmbox objects";
	case -EPERM:
		return "It needs CAP_SYS_ADMIN. Try: sudo mmbox ...";
	default:
		return NULL;
	}
}

int cmd_free(int argc, char **argv)
{
	static const struct column columns[] = {
		{ .key = "id", .type = COL_UINT },
		{ .key = "freed", .type = COL_BOOL },
		{ .key = "errno", .type = COL_STR, .detail = true },
	};
	struct options o = { 0 };
	int fd, status = EXIT_OK;
	bool freed = false;
	struct table *t;

	parse_args(&argp, argc, argv, &o.common);
	fd = open_device(&o.common, true);
	if (fd < 0) {
		free(o.ids);
		return EXIT_FAILED;
	}
	t = table_new("frees", columns, 3);
	for (size_t i = 0; i < o.nr; i++) {
		/* The rows tell JSON's readers; the terminal is told why as well. */
		const struct common text = { .box = o.common.box };
		int err = mmbox_free_as(fd, o.ids[i], o.flags);

		if (err)
			status = fail(&text, err, hint_for(err), "cannot free %u", o.ids[i]);
		if (err && !o.common.json)
			continue;
		freed = true;
		table_uint(t, o.ids[i]);
		table_bool(t, !err);
		table_str(t, err ? strerrorname_np(-err) ?: "?" : "");
	}
	mmbox_close(fd);
	free(o.ids);
	if (freed)
		table_finish(t, o.common.box, o.common.json);
	else
		table_free(t);
	return status;
}
