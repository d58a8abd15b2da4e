// SPDX-License-Identifier: GPL-2.0
/* mmbox: one command, a table of subcommands, nothing else here. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

const struct command commands[] = {
	{ "tour",    cmd_tour,	  "walk through a box step by step and check each step" },
	{ "list",    cmd_list,	  "list the boxes" },
	{ "create",  cmd_create,  "create a box" },
	{ "destroy", cmd_destroy, "destroy a box and give its pages back to the host" },
	{ "alloc",   cmd_alloc,	  "allocate blocks of pages, or objects" },
	{ "free",    cmd_free,	  "free kept allocations by their handles" },
	{ "objects", cmd_objects, "list the allocations made through the device" },
	{ "buddy",   cmd_buddy,	  "show the free blocks of each order" },
	{ "zones",   cmd_zones,	  "show the zones, their sizes and watermarks" },
	{ "types",   cmd_types,	  "show free blocks and pageblocks by migrate type" },
	{ "slabs",   cmd_slabs,	  "show the caches of objects and what they cost" },
	{ "areas",   cmd_areas,	  "show areas and holes in the addresses of a box" },
	{ "cache",   cmd_cache,	  "make, unmake, shrink, tune or check a cache of objects" },
	{ "boot",    cmd_boot,	  "tell how a box was filled, step by step" },
	{ "set",     cmd_set,	  "change the settings of a box, or show them" },
	{ "why",     cmd_why,	  "explain the last requests that were refused" },
	{ "mmap",    cmd_mmap,	  "share pages between two processes and check them" },
	{ "map",     cmd_map,	  "map pages at addresses of the kernel and show the entries" },
	{ "walk",    cmd_walk,	  "follow an address through the page tables" },
	{ "doctor",  cmd_doctor,  "find out why mmbox does not work" },
	{ "help",    cmd_help,	  "show this list, or the help of a subcommand" },
	{ NULL,      NULL,	  NULL },
};

const struct command *find_command(const char *name)
{
	for (const struct command *cmd = commands; cmd->name; cmd++) {
		if (!strcmp(cmd->name, name))
			return cmd;
	}
	return NULL;
}

/* What stdio could not write was promised to somebody: that is a failure. */
static int close_stdout(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	fprintf(stderr, "mmbox: cannot write the output: %s\n", strerror(errno));
	return status ?: EXIT_FAILED;
}

static int run(int argc, char **argv)
{
	const struct command *cmd;
	char name[64];

	if (argc < 2) {
		fprintf(stderr, "Usage: mmbox COMMAND [OPTION...]\nTry: mmbox help\n");
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-?"))
		return cmd_help(1, argv);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("mmbox %s abi %d\n", MMBOX_RELEASE, MMBOX_ABI_VERSION);
		return EXIT_OK;
	}
	cmd = find_command(argv[1]);
	if (!cmd) {
		fprintf(stderr, "mmbox: '%s' is not a command. Try: mmbox help\n", argv[1]);
		return EXIT_USAGE;
	}
	/* argp tells users the name in argv[0]. */
	snprintf(name, sizeof(name), "mmbox %s", cmd->name);
	argv[1] = name;
	return cmd->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	return close_stdout(run(argc, argv));
}
