// SPDX-License-Identifier: GPL-2.0
/* mmbox help [COMMAND] */
#include <stdio.h>

#include "cli.h"
#include "output.h"

struct options {
	struct common common;
	const char *name;
};

static int help_command(const char *name)
{
	const struct command *cmd = find_command(name);
	char title[64];
	char *argv[] = { title, (char *)"--help", NULL };

	if (!cmd || cmd->run == cmd_help) {
		fprintf(stderr, "mmbox: there is no help of '%s'. Try: mmbox help\n", name);
		return EXIT_USAGE;
	}
	snprintf(title, sizeof(title), "mmbox %s", cmd->name);
	return cmd->run(2, argv);
}

static int list_json(void)
{
	static const struct column columns[] = {
		{ .key = "command", .type = COL_STR },
		{ .key = "help", .type = COL_STR },
	};
	struct table *t = table_new("commands", columns, 2);

	for (const struct command *cmd = commands; cmd->name; cmd++) {
		table_str(t, cmd->name);
		table_str(t, cmd->help);
	}
	return table_finish(t, NULL, true);
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (o->name)
			argp_error(state, "one command at most");
		o->name = arg;
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

int cmd_help(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse_opt,
		.args_doc = "[COMMAND]",
		.doc = "Show the list of commands, or the help of COMMAND.",
		.children = common_children,
	};
	struct options o = { 0 };

	parse_args(&argp, argc, argv, &o.common);
	if (o.name)
		return help_command(o.name);
	if (o.common.json)
		return list_json();
	printf("Usage: mmbox COMMAND [OPTION...]\n\n"
	       "Memory management in a box: see how Linux hands out pages.\n\n");
	for (const struct command *cmd = commands; cmd->name; cmd++)
		printf("  %-8s  %s\n", cmd->name, cmd->help);
	printf("\nEvery command takes --help, --json and --box NAME (%s unless told).\n"
	       "Exit status: 0 all went well, 1 something failed, 2 wrong usage.\n"
	       "New here? Load the module and run: mmbox tour\n", DEFAULT_BOX);
	return EXIT_OK;
}
