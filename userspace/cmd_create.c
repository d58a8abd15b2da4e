// SPDX-License-Identifier: GPL-2.0
/* mmbox create NAME CONFIG */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "output.h"

struct options {
	struct common common;
	const char *name;
	const char *config;
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (!o->name) {
			if (!mmbox_name_valid(arg))
				argp_error(state, "'%s' is no name for a box: letters, digits, "
					   "'-' and '_', at most %d", arg, MMBOX_NAME_LEN - 1);
			o->name = arg;
		} else if (!o->config) {
			if (strlen(arg) >= MMBOX_CONFIG_LEN)
				argp_error(state, "the configuration is longer than %d characters",
					   MMBOX_CONFIG_LEN - 1);
			o->config = arg;
		} else {
			return parse_rest(key, arg, state);
		}
		return 0;
	case ARGP_KEY_END:
		if (!o->config)
			argp_error(state, "a name and a configuration are needed, "
				   "such as: lab normal=16M");
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

/* How much the host could give, as far as that is one number. */
static const char *memory_hint(void)
{
	static char hint[192];
	unsigned long long kb = 0;
	FILE *fp = fopen("/proc/meminfo", "r");
	char line[128];

	if (fp) {
		while (!kb && fgets(line, sizeof(line), fp))
			sscanf(line, "MemAvailable: %llu kB", &kb);
		fclose(fp);
	}
	snprintf(hint, sizeof(hint), "The host has %llu MB available, and not that much of it in "
		 "these zones. Ask for less, or see /proc/buddyinfo", kb / 1024);
	return hint;
}

static const char *hint_for(int err)
{
	switch (err) {
	case -EPERM:
		return "It needs CAP_SYS_ADMIN. Try: sudo mmbox ...";
	case -EEXIST:
		return "The name is taken. See: mmbox list";
	case -EINVAL:
		return "Zones and settings are written so: dma=1M,dma32=16M,normal=64M,percpu_high=64; "
		       "dmesg tells what was wrong";
	case -ENOMEM:
		return memory_hint();
	case -EPROTO:
		return "Module and tool are of different releases. Try: mmbox doctor";
	default:
		return NULL;
	}
}

static const struct argp argp = {
	.parser = parse_opt,
	.args_doc = "NAME CONFIG",
	.doc = "Create a box called NAME, with the zones and sizes of CONFIG."
	       "\vCONFIG is written as the module's parameter \"pool\": "
	       "dma=1M,dma32=16M,normal=64M, or a bare size, such as 16M, for pages wherever the "
	       "host has them. boot=memblock or boot=bitmap says what gives out pages before there are "
	       "buddies; see mmbox-boot(1). Settings of mmbox set may follow. The pages are taken from the host at once "
	       "and stay with the box until it is destroyed.",
	.children = common_children,
};

int cmd_create(int argc, char **argv)
{
	static const struct column columns[] = {
		{ .key = "name", .type = COL_STR },
		{ .key = "config", .type = COL_STR },
	};
	struct options o = { 0 };
	struct table *t;
	int fd, err;

	parse_args(&argp, argc, argv, &o.common);
	fd = open_device(&o.common, false);
	if (fd < 0)
		return EXIT_FAILED;
	err = mmbox_create(fd, o.name, o.config);
	mmbox_close(fd);
	if (err)
		return fail(&o.common, err, hint_for(err), "cannot create box %s with %s",
			    o.name, o.config);
	if (!o.common.json) {
		printf("Created box %s. See: mmbox zones --box %s\n", o.name, o.name);
		return EXIT_OK;
	}
	t = table_new("created", columns, 2);
	table_str(t, o.name);
	table_str(t, o.config);
	return table_finish(t, NULL, true);
}
