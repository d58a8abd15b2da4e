// SPDX-License-Identifier: GPL-2.0
/* mmbox destroy NAME */
#include <errno.h>
#include <stdio.h>

#include "cli.h"
#include "output.h"

struct options {
	struct common common;
	const char *name;
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (o->name)
			return parse_rest(key, arg, state);
		if (!mmbox_name_valid(arg))
			argp_error(state, "'%s' is no name of a box", arg);
		o->name = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->name)
			argp_error(state, "which box? See: mmbox list");
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

static const char *hint_for(int err)
{
	switch (err) {
	case -EPERM:
		return "It needs CAP_SYS_ADMIN. Try: sudo mmbox ...";
	case -ENOENT:
		return "There is no such box. Try: mmbox list";
	case -EBUSY:
		return "Files are bound to it, or allocations or other modules hold it. "
		       "See: mmbox objects --box NAME";
	case -EPROTO:
		return "Module and tool are of different releases. Try: mmbox doctor";
	default:
		return NULL;
	}
}

static const struct argp argp = {
	.parser = parse_opt,
	.args_doc = "NAME",
	.doc = "Destroy the box called NAME and give its pages back to the host."
	       "\vThe box must be idle: no open file bound to it, no allocation.",
	.children = common_children,
};

int cmd_destroy(int argc, char **argv)
{
	static const struct column columns[] = {
		{ .key = "name", .type = COL_STR },
	};
	struct options o = { 0 };
	struct table *t;
	int fd, err;

	parse_args(&argp, argc, argv, &o.common);
	fd = open_device(&o.common, false);
	if (fd < 0)
		return EXIT_FAILED;
	err = mmbox_destroy(fd, o.name);
	mmbox_close(fd);
	if (err)
		return fail(&o.common, err, hint_for(err), "cannot destroy box %s", o.name);
	if (!o.common.json) {
		printf("Destroyed box %s.\n", o.name);
		return EXIT_OK;
	}
	t = table_new("destroyed", columns, 1);
	table_str(t, o.name);
	return table_finish(t, NULL, true);
}
