/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every subcommand shares: the table they stand in, the options that all
 * of them have, and one way to say that something failed.
 */
#ifndef MMBOX_CLI_H
#define MMBOX_CLI_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/libmmbox.h"

#ifndef MMBOX_RELEASE
#define MMBOX_RELEASE	"unknown"
#endif

#define DEFAULT_BOX	"box0"

enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
};

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

extern const struct command commands[];
const struct command *find_command(const char *name);

int cmd_alloc(int argc, char **argv);
int cmd_areas(int argc, char **argv);
int cmd_boot(int argc, char **argv);
int cmd_buddy(int argc, char **argv);
int cmd_cache(int argc, char **argv);
int cmd_create(int argc, char **argv);
int cmd_destroy(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_free(int argc, char **argv);
int cmd_help(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_map(int argc, char **argv);
int cmd_mmap(int argc, char **argv);
int cmd_objects(int argc, char **argv);
int cmd_set(int argc, char **argv);
int cmd_slabs(int argc, char **argv);
int cmd_tour(int argc, char **argv);
int cmd_types(int argc, char **argv);
int cmd_walk(int argc, char **argv);
int cmd_why(int argc, char **argv);
int cmd_zones(int argc, char **argv);

/* Options of all subcommands. It is the first member of each one's own. */
struct common {
	const char *box;
	bool json;
};

/* A subcommand's parser lists these among its children ... */
extern const struct argp_child common_children[];
/* ... and leaves to this what it does not take itself: no further arguments. */
error_t parse_rest(int key, char *arg, struct argp_state *state);

/* Parse a subcommand's arguments; a usage error does not return. */
void parse_args(const struct argp *argp, int argc, char **argv, struct common *c);
/* For subcommands without options of their own. */
void parse_common(const char *doc, int argc, char **argv, struct common *c);

/*
 * Say what failed, why (@err, a negative errno, or 0) and what to do next
 * (@hint, or NULL). With --json standard output has the error as an object.
 * Returns EXIT_FAILED, so that a command can end with "return fail(...)".
 */
int fail(const struct common *c, int err, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* As fail(), for a file of a box that could not be read. */
int fail_file(const struct common *c, int err, const char *file);

/* Open the device, bound to c->box if @bind; -1 after saying why not. */
int open_device(const struct common *c, bool bind);

/* Wait for the end of standard input or a signal that asks to end. */
void hold(void);

/* What to do about an allocation from @fd that failed with @err. */
const char *alloc_hint(int fd, int err);

/* Bytes, with an optional suffix K, M or G; 0 or -EINVAL, -ERANGE. */
int parse_size(const char *text, uint64_t *size);
/* A number, decimal or 0x..., of at most @max. */
int parse_number(const char *text, uint64_t max, uint64_t *value);

/* Bytes in a page and, if @max_order is not NULL, the device's largest order. */
int page_geometry(int fd, uint64_t *page_size, unsigned int *max_order);

#endif /* MMBOX_CLI_H */
