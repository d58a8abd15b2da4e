// SPDX-License-Identifier: GPL-2.0
/* mmbox set [BOX] [SETTING=VALUE...] */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "output.h"

struct options {
	struct common common;
	char **setting;
	size_t nr;
};

static void add_setting(struct options *o, char *arg, struct argp_state *state)
{
	if (strlen(arg) >= MMBOX_CONFIG_LEN)
		argp_error(state, "a setting is longer than %d characters", MMBOX_CONFIG_LEN - 1);
	if (*arg == '=' || !strchr(arg, '=')[1])
		argp_error(state, "'%s' is no setting: it is written NAME=VALUE", arg);
	o->setting[o->nr++] = arg;
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		/* There are no more settings than arguments. */
		o->setting = calloc((size_t)state->argc, sizeof(*o->setting));
		if (!o->setting)
			argp_failure(state, EXIT_FAILED, ENOMEM, "cannot begin");
		return parse_rest(key, arg, state);
	case ARGP_KEY_ARG:
		if (strchr(arg, '='))
			add_setting(o, arg, state);
		else if (state->arg_num || !mmbox_name_valid(arg))
			argp_error(state, "'%s' is no setting: it is written NAME=VALUE", arg);
		else
			o->common.box = arg;
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

static const struct argp argp = {
	.parser = parse_opt,
	.args_doc = "[BOX] [SETTING=VALUE...]",
	.doc = "Change settings of a box that is in use, or show them."
	       "\vWithout a SETTING this shows all of them, with what they may be set to. They mean "
	       "what the kernel's sysctls of the same names mean. Several are set one after the "
	       "other, and the first that is refused ends it. dma, dma32, normal, highmem and "
	       "movable change by +SIZE or -SIZE: whole free sections of 4M come and go. To set needs CAP_SYS_ADMIN.",
	.children = common_children,
};

static const struct column columns[] = {
	{ .key = "name", .type = COL_STR },
	{ .key = "value", .type = COL_STR },
	{ .key = "automatic", .type = COL_BOOL },
	{ .key = "unit", .type = COL_STR },
	{ .key = "range", .type = COL_STR },
};

static int show(const struct common *c)
{
	struct table *t = table_new("settings", columns, sizeof(columns) / sizeof(*columns));
	struct mmbox_tunables tunables;
	int err = mmbox_tunables_read(c->box, &tunables);

	if (err) {
		table_free(t);
		return fail_file(c, err, "tunables");
	}
	for (size_t i = 0; i < tunables.nr; i++) {
		table_str(t, tunables.v[i].name);
		table_str(t, tunables.v[i].value);
		table_bool(t, tunables.v[i].automatic);
		table_str(t, tunables.v[i].unit);
		table_str(t, tunables.v[i].range);
	}
	mmbox_tunables_release(&tunables);
	return table_finish(t, c->box, c->json);
}

static const char *hint_for(int err)
{
	switch (err) {
	case -EPERM:
		return "It needs CAP_SYS_ADMIN. Try: sudo mmbox ...";
	case -ENOENT:
		return "There is no such box. Try: mmbox list";
	case -EPROTO:
	case -ENOTTY:
		return "Module and tool are of different releases. Try: mmbox doctor";
	default:
		return "See: mmbox set";
	}
}

/* Why, in the box's own words if it has some, and what has been set before. */
static int refused(const struct options *o, size_t nr, int err, const char *reason)
{
	char *why = safe_text(reason), before[64] = "";
	int status;

	if (nr)
		snprintf(before, sizeof(before), "; the %s before it %s been set",
			 nr == 1 ? "one" : "ones", nr == 1 ? "has" : "have");
	if (*why)
		status = fail(&o->common, err, hint_for(err), "cannot set %s of box %s: %s%s",
			      o->setting[nr], o->common.box, why, before);
	else
		status = fail(&o->common, err, hint_for(err), "cannot set %s of box %s%s",
			      o->setting[nr], o->common.box, before);
	free(why);
	return status;
}

int cmd_set(int argc, char **argv)
{
	char reason[MMBOX_REASON_LEN];
	struct options o = { 0 };
	int fd, err, status = EXIT_OK;

	parse_args(&argp, argc, argv, &o.common);
	if (!o.nr) {
		status = show(&o.common);
		goto done;
	}
	fd = open_device(&o.common, false);
	if (fd < 0)
		status = EXIT_FAILED;
	for (size_t i = 0; !status && i < o.nr; i++) {
		err = mmbox_set(fd, o.common.box, o.setting[i], reason);
		if (err)
			status = refused(&o, i, err, reason);
	}
	mmbox_close(fd);
	if (!status && o.common.json)
		status = show(&o.common);
	else if (!status)
		printf("Set. See: mmbox set %s\n", o.common.box);
done:
	free(o.setting);
	return status;
}
