// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

struct unit_options unit_options;

void unit_fail(const char *file, int line, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	print_error("# %s\n", text);
	_fail(file, line);
	abort();
}

static u64 random_seed(void)
{
	u32 seed;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return 1;
	return seed;
}

static u64 number(const char *name, const char *text)
{
	char *end;
	u64 value;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end) {
		fprintf(stderr, "%s: '%s' is not a number\n", name, text);
		exit(2);
	}
	return value;
}

static u64 from_env(const char *name, u64 otherwise)
{
	const char *text = getenv(name);

	return text && *text ? number(name, text) : otherwise;
}

static void parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "ops", required_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 's') {
			unit_options.seed = number("--seed", optarg);
		} else if (c == 'o') {
			unit_options.ops = number("--ops", optarg);
		} else {
			fprintf(stderr, "Usage: %s [--seed N] [--ops N]\n",
				argv[0]);
			exit(2);
		}
	}
}

/**
 * unit_start_ops - read the options and set up the output
 * @argc: from main()
 * @argv: from main()
 * @ops:  random operations in each case, unless the options say how many
 *
 * A seed that nobody gave is random. Cases that use it print it.
 */
void unit_start_ops(int argc, char **argv, unsigned long ops)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	unit_options.seed = from_env("SEED", random_seed());
	unit_options.ops = from_env("OPS", ops);
	parse(argc, argv);
	cmocka_set_message_output(CM_OUTPUT_TAP);
}
