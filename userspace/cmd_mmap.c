// SPDX-License-Identifier: GPL-2.0
/*
 * mmbox mmap: two processes share pages, and each checks what the other wrote; or
 * the ways to map pages are compared.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"
#include "share.h"
#include "variant.h"

#define DEFAULT_ORDER	2
#define COMPARED_SIZE	(1UL << 20)

struct options {
	struct common common;
	uint64_t size;
	uint64_t order;
	uint64_t offset;
	bool have_order;
	bool have_size;
	bool have_offset;
	bool compare;
};

static const struct argp_option options[] = {
	{ "order", 'o', "N", 0, "Allocate 2^N pages (2 unless told)", 0 },
	{ "offset", 'm', "OFFSET", 0, "Allocate nothing: map SIZE bytes of a kept allocation, "
	  "found at this mmap offset, and write over them", 0 },
	{ "compare", 'c', NULL, 0, "Measure what SIZE bytes (1M unless told) cost with each "
	  "variant, and with the kernel's shared memory", 0 },
	{ 0 },
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'o':
		if (parse_number(arg, MMBOX_MAX_ORDERS - 1, &o->order))
			argp_error(state, "'%s' is no order", arg);
		o->have_order = true;
		return 0;
	case 'm':
		if (parse_number(arg, INT64_MAX, &o->offset))
			argp_error(state, "'%s' is no offset", arg);
		o->have_offset = true;
		return 0;
	case 'c':
		o->compare = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->have_size || parse_size(arg, &o->size) || !o->size)
			argp_error(state, "'%s' is no size such as 4096, 32K or 1M", arg);
		o->have_size = true;
		return 0;
	case ARGP_KEY_END:
		if (o->have_order && o->have_size)
			argp_error(state, "either --order N or SIZE");
		if (o->have_offset && !o->have_size)
			argp_error(state, "--offset needs the SIZE to map");
		if (o->compare && (o->have_order || o->have_offset))
			argp_error(state, "--compare takes a SIZE only");
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "[SIZE]",
	.doc = "Allocate pages, map them in two processes, and check that each reads what the "
	       "other wrote."
	       "\vPages that are newly allocated must be all zero. Every check is printed; the "
	       "exit status is 1 if one fails. The pages are freed at the end. With --compare there is "
	       "a row for each way to map pages: nanoseconds to set up the mapping, to touch all "
	       "its pages for the first time and once more, and to take it down.",
	.children = common_children,
};

static const struct column columns[] = {
	{ .key = "check", .type = COL_STR },
	{ .key = "ok", .type = COL_BOOL },
};

/* What is known of the run, for both forms of output. */
struct run {
	const struct options *o;
	int fd;
	struct mmbox_ioc_alloc a;
	void *addr;
	size_t len;
	pid_t child;
	struct table *checks;
	bool ok;
};

static void check(struct run *r, bool ok, const char *what)
{
	table_str(r->checks, what);
	table_bool(r->checks, ok);
	r->ok &= ok;
	if (!r->o->common.json)
		printf("%-4s  %s\n", ok ? "ok" : "FAIL", what);
}

static void say(const struct run *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void say(const struct run *r, const char *fmt, ...)
{
	va_list ap;

	if (r->o->common.json)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

static int get_pages(struct run *r)
{
	const struct options *o = r->o;
	uint64_t page_size, size = o->size;
	int err;

	err = page_geometry(r->fd, &page_size, NULL);
	if (err)
		return fail(&o->common, err, "Try: mmbox doctor", "cannot ask %s", MMBOX_DEVICE);
	if (o->have_offset) {
		r->a.mmap_offset = o->offset;
		r->a.length = (o->size + page_size - 1) & ~(page_size - 1);
		return 0;
	}
	if (!o->have_size)
		size = page_size << (o->have_order ? o->order : DEFAULT_ORDER);
	err = mmbox_alloc(r->fd, size, 0, 0, &r->a);
	if (err)
		return fail(&o->common, err, alloc_hint(r->fd, err), "cannot allocate %llu bytes",
			    (unsigned long long)size);
	say(r, "      allocated %llu bytes: handle %u, order %u",
	    (unsigned long long)r->a.length, r->a.id, r->a.order);
	return 0;
}

static int map_pages(struct run *r)
{
	int err;

	r->len = (size_t)r->a.length;
	err = mmbox_map(r->fd, r->a.mmap_offset, r->len, PROT_READ | PROT_WRITE, &r->addr);
	if (err)
		return fail(&r->o->common, err,
			    r->o->have_offset ? "Is there a kept allocation, and as large? "
			    "See: mmbox objects" : NULL,
			    "cannot map %zu bytes at offset 0x%llx", r->len,
			    (unsigned long long)r->a.mmap_offset);
	say(r, "      process %d mapped them at offset 0x%llx", getpid(),
	    (unsigned long long)r->a.mmap_offset);
	return 0;
}

static void try_pages(struct run *r)
{
	size_t at;
	int verdict;

	/* A kept allocation may hold whatever was written to it before. */
	if (!r->o->have_offset) {
		at = zero_check(r->addr, r->len);
		check(r, at == r->len, "every byte was zero at first");
		if (at != r->len)
			say(r, "      byte %zu was not zero", at);
	}
	verdict = share_with_child(r->fd, r->a.mmap_offset, r->addr, r->len, &r->child);
	say(r, "      process %d wrote a pattern; process %d mapped the same pages", getpid(),
	    r->child);
	check(r, verdict == SHARE_OK || verdict == SHARE_PARENT_READ,
	      "the second process read the first one's pattern");
	check(r, verdict == SHARE_OK, "the first process read the second one's pattern");
	if (verdict != SHARE_OK)
		say(r, "      %s", share_text(verdict));
}

static void put_pages(struct run *r)
{
	check(r, !mmbox_unmap(r->addr, r->len), "unmapped");
	if (!r->o->have_offset)
		check(r, !mmbox_free(r->fd, r->a.id), "freed");
}

static void json_result(const struct run *r)
{
	struct json_object *top = json_object_new_object();

	json_object_object_add(top, "box", json_text(r->o->common.box));
	if (!r->o->have_offset) {
		json_object_object_add(top, "id", json_object_new_int64(r->a.id));
		json_object_object_add(top, "order", json_object_new_int64(r->a.order));
	}
	json_object_object_add(top, "size", json_object_new_uint64(r->a.length));
	json_object_object_add(top, "mmap_offset", json_object_new_uint64(r->a.mmap_offset));
	json_object_object_add(top, "first_pid", json_object_new_int(getpid()));
	json_object_object_add(top, "second_pid", json_object_new_int(r->child));
	json_object_object_add(top, "checks", table_json(r->checks));
	json_object_object_add(top, "ok", json_object_new_boolean(r->ok));
	print_json(top);
}

int cmd_mmap(int argc, char **argv)
{
	struct options o = { 0 };
	struct run r = { .o = &o, .ok = true };

	parse_args(&argp, argc, argv, &o.common);
	r.fd = open_device(&o.common, true);
	if (r.fd < 0)
		return EXIT_FAILED;
	if (o.compare) {
		int status = compare_variants(&o.common, r.fd, o.have_size ? o.size :
					      COMPARED_SIZE);

		mmbox_close(r.fd);
		return status;
	}
	/* On failure the kernel takes back what the closed file had. */
	if (get_pages(&r) || map_pages(&r)) {
		mmbox_close(r.fd);
		return EXIT_FAILED;
	}
	r.checks = table_new("checks", columns, 2);
	try_pages(&r);
	put_pages(&r);
	if (o.common.json)
		json_result(&r);
	table_free(r.checks);
	mmbox_close(r.fd);
	return r.ok ? EXIT_OK : EXIT_FAILED;
}
