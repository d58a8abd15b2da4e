// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"

#define KEY_BOX		0x1000
#define KEY_JSON	0x1001

static error_t parse_common_opt(int key, char *arg, struct argp_state *state)
{
	struct common *c = state->input;

	switch (key) {
	case KEY_BOX:
		if (!mmbox_name_valid(arg))
			argp_error(state, "'%s' is no name of a box: letters, digits, '-' and '_', "
				   "at most %d", arg, MMBOX_NAME_LEN - 1);
		c->box = arg;
		return 0;
	case KEY_JSON:
		c->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option common_options[] = {
	{ "box", KEY_BOX, "NAME", 0, "The box to act on (" DEFAULT_BOX " unless told)", 90 },
	{ "json", KEY_JSON, NULL, 0, "Print JSON", 90 },
	{ 0 },
};

static const struct argp common_argp = {
	.options = common_options,
	.parser = parse_common_opt,
};

const struct argp_child common_children[] = {
	{ &common_argp, 0, NULL, 0 },
	{ 0 },
};

void parse_args(const struct argp *argp, int argc, char **argv, struct common *c)
{
	argp_err_exit_status = EXIT_USAGE;
	c->box = DEFAULT_BOX;
	/* It exits on a wrong argument, and nothing else can fail but memory. */
	if (argp_parse(argp, argc, argv, 0, NULL, c))
		exit(EXIT_USAGE);
}

error_t parse_rest(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = state->input;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s'", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void parse_common(const char *doc, int argc, char **argv, struct common *c)
{
	const struct argp argp = {
		.parser = parse_rest,
		.doc = doc,
		.children = common_children,
	};

	parse_args(&argp, argc, argv, c);
}

static void print_json_error(const char *what, int err, const char *hint)
{
	struct json_object *top = json_object_new_object();
	struct json_object *e = json_object_new_object();

	json_object_object_add(e, "message", json_text(what));
	json_object_object_add(e, "errno", err ? json_text(strerrorname_np(-err)) : NULL);
	json_object_object_add(e, "reason", err ? json_text(strerror(-err)) : NULL);
	json_object_object_add(e, "hint", hint ? json_text(hint) : NULL);
	json_object_object_add(top, "error", e);
	print_json(top);
}

int fail(const struct common *c, int err, const char *hint, const char *fmt, ...)
{
	char *what = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&what, fmt, ap) < 0)
		what = NULL;
	va_end(ap);

	fprintf(stderr, "mmbox: %s", what ?: "out of memory");
	if (err)
		fprintf(stderr, ": %s", strerror(-err));
	if (hint)
		fprintf(stderr, ". %s", hint);
	fputc('\n', stderr);
	if (c->json)
		print_json_error(what ?: "out of memory", err, hint);
	free(what);
	return EXIT_FAILED;
}

int fail_file(const struct common *c, int err, const char *file)
{
	char path[4096], root[4096];
	const char *hint = NULL;

	if (mmbox_root(root, sizeof(root)))
		return fail(c, -ENOENT, "Is the module loaded? Try: mmbox doctor",
			    "cannot find " MMBOX_PROC_ROOT);
	if (mmbox_file_path(c->box, file, path, sizeof(path)))
		snprintf(path, sizeof(path), "%s of box %s", file, c->box);
	if (err == -ENOENT)
		hint = "Is there such a box? Try: mmbox list";
	else if (err == -EACCES)
		hint = "Only root may read it. Try: sudo mmbox ...";
	else if (err == -EBADMSG)
		hint = "The file is not in the format that this release of the tool knows.";
	return fail(c, err, hint, "cannot read %s", path);
}

static const char *open_hint(int err)
{
	switch (err) {
	case -ENOENT:
	case -ENODEV:
	case -ENXIO:
		return "Is the module loaded? Try: mmbox doctor";
	case -EACCES:
	case -EPERM:
		return "Only its owner may open it. Try: sudo mmbox ...";
	default:
		return "Try: mmbox doctor";
	}
}

static const char *bind_hint(int err)
{
	switch (err) {
	case -ENOENT:
		return "There is no such box. Try: mmbox list";
	case -EPROTO:
		return "Module and tool are of different releases. Try: mmbox doctor";
	default:
		return "Try: mmbox doctor";
	}
}

int open_device(const struct common *c, bool bind)
{
	int fd = mmbox_open(NULL);
	int err;

	if (fd < 0) {
		fail(c, fd, open_hint(fd), "cannot open %s", MMBOX_DEVICE);
		return -1;
	}
	err = bind ? mmbox_bind(fd, c->box) : 0;
	if (err) {
		fail(c, err, bind_hint(err), "cannot use box %s", c->box);
		mmbox_close(fd);
		return -1;
	}
	return fd;
}

/* What sizes the device would take. */
static const char *size_hint(int fd)
{
	static char hint[96];
	unsigned int max_order;
	uint64_t page_size;

	if (page_geometry(fd, &page_size, &max_order))
		return "Try: mmbox doctor";
	snprintf(hint, sizeof(hint), "The largest order is %u: a block has 1 to %llu bytes.",
		 max_order, (unsigned long long)page_size << max_order);
	return hint;
}

const char *alloc_hint(int fd, int err)
{
	switch (err) {
	case -ENOMEM:
		return "No zone has a free block for it. See: mmbox why";
	case -EINVAL:
		return size_hint(fd);
	case -EPERM:
		return "Kept allocations need CAP_SYS_ADMIN. Try: sudo mmbox ...";
	case -ENOSPC:
		return "The box has no handle left. See: mmbox objects";
	default:
		return NULL;
	}
}

int parse_number(const char *text, uint64_t max, uint64_t *value)
{
	unsigned long long v;
	char *end;

	/* strtoull() takes blanks and signs; a count has none. */
	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	v = strtoull(text, &end, text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10);
	if (*end || end == text)
		return -EINVAL;
	if (errno == ERANGE || v > max)
		return -ERANGE;
	*value = v;
	return 0;
}

int parse_size(const char *text, uint64_t *size)
{
	static const char suffixes[] = "KMG";
	size_t len = strlen(text);
	unsigned int shift = 0;
	const char *suffix;
	char digits[32];
	uint64_t v;
	int err;

	if (!len || len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, len + 1);
	suffix = strchr(suffixes, digits[len - 1] & ~0x20);
	/* Without the test a digit & ~0x20 would be taken for a control character. */
	if (suffix && *suffix) {
		shift = 10 * (unsigned int)(suffix - suffixes + 1);
		digits[len - 1] = '\0';
	}
	err = parse_number(digits, UINT64_MAX, &v);
	if (err)
		return err;
	if (v > UINT64_MAX >> shift)
		return -ERANGE;
	*size = v << shift;
	return 0;
}

int page_geometry(int fd, uint64_t *page_size, unsigned int *max_order)
{
	struct mmbox_ioc_info info;
	int err = mmbox_info(fd, &info);

	if (err)
		return err;
	/* Shifts by these follow: a strange answer must not become one. */
	if (!info.page_size || (info.page_size & (info.page_size - 1)) ||
	    info.max_order >= MMBOX_MAX_ORDERS)
		return -EPROTO;
	*page_size = info.page_size;
	if (max_order)
		*max_order = info.max_order;
	return 0;
}

void hold(void)
{
	struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
				 { .events = POLLIN } };
	sigset_t set;
	char buf[256];

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fds[1].fd = signalfd(-1, &set, SFD_CLOEXEC);

	if (isatty(STDIN_FILENO))
		fputs("Held. Ctrl-D frees.\n", stderr);
	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[1].revents)
			break;
		if (fds[0].revents && read(STDIN_FILENO, buf, sizeof(buf)) <= 0)
			break;
	}
	if (fds[1].fd >= 0)
		close(fds[1].fd);
}
