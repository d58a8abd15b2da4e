// SPDX-License-Identifier: GPL-2.0
/* mmbox map: pages at addresses of the kernel, with the entry of each of them. */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>

#include "cli.h"
#include "output.h"

enum { KEY_VMAP = 0x100, KEY_HOLD };

struct options {
	struct common common;
	uint64_t size;
	bool vmap;
	bool hold;
};

static const struct argp_option options[] = {
	{ "vmap", KEY_VMAP, NULL, 0, "Single pages in an area, as vmalloc() maps them, instead of "
	  "a block", 0 },
	{ "hold", KEY_HOLD, NULL, 0, "Stay, and free the pages at end of input (Ctrl-D), SIGINT, "
	  "SIGTERM or SIGHUP", 0 },
	{ 0 },
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case KEY_VMAP:
		o->vmap = true;
		return 0;
	case KEY_HOLD:
		o->hold = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->size || parse_size(arg, &o->size) || !o->size)
			argp_error(state, "'%s' is no size such as 4096, 32K or 1M", arg);
		return 0;
	case ARGP_KEY_END:
		if (!o->size)
			argp_error(state, "the SIZE to map is missing");
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "SIZE",
	.doc = "Allocate pages, and show where the kernel has each of them: its address, its frame, "
	       "and the page table entry between both."
	       "\vA block of contiguous pages has its place in the kernel's direct mapping already: "
	       "no entry is written for it. With --vmap single pages, from wherever they are "
	       "free, get an area of addresses that lie side by side, and an entry each. The "
	       "pages are freed at the end. Without CAP_SYS_ADMIN frames are left out.",
	.children = common_children,
};

static const struct column columns[] = {
	{ .key = "page", .type = COL_UINT },
	{ .key = "address", .type = COL_HEX, .width = 18 },
	{ .key = "frame", .type = COL_HEX, .width = 9 },
	{ .key = "zone", .type = COL_STR },
	{ .key = "level", .type = COL_STR },
	{ .key = "entry", .type = COL_HEX, .width = 18 },
	{ .key = "flags", .type = COL_STR },
};

/* What was mapped, and what there is to tell of it. */
struct run {
	const struct options *o;
	int fd;
	uint64_t page_size;
	struct mmbox_ioc_alloc a;
	struct table *pages;
	uint64_t nr;
	uint64_t runs;		/* of frames that follow each other */
	uint64_t last;		/* the frame before */
	uint64_t mapped_by;	/* bytes that one entry maps */
	bool hidden;
};

static void add_page(struct run *r, const struct mmbox_walk *w)
{
	const struct mmbox_walk_entry *e = &w->entry[w->nr_entries - 1];
	uint64_t frame = w->phys / r->page_size;
	char flags[128];

	mmbox_entry_flags(e->flags, flags, sizeof(flags));
	table_uint(r->pages, r->nr);
	table_uint(r->pages, w->address);
	table_uint(r->pages, frame);
	table_str(r->pages, w->zone);
	table_str(r->pages, mmbox_level_name(e->level));
	table_uint(r->pages, e->entry);
	table_str(r->pages, flags);
	if (!r->nr || frame != r->last + 1)
		r->runs++;
	r->last = frame;
	r->mapped_by = w->size;
	r->hidden = w->flags & MMBOX_WALK_HIDDEN;
	r->nr++;
}

static int look_up_all(struct run *r)
{
	struct mmbox_walk w;

	for (uint64_t at = 0; at < r->a.length; at += r->page_size) {
		int err = mmbox_walk(r->fd, MMBOX_WALK_OBJECT, r->a.id, at, &w);
		const char *hint = NULL;

		if (!err && !w.nr_entries)
			err = -EBADMSG;
		if (err == -EPERM)
			hint = "Kernel addresses need CAP_SYS_ADMIN. Try: sudo mmbox ...";
		if (err)
			return fail(&r->o->common, err, hint, "cannot walk to byte %" PRIu64, at);
		add_page(r, &w);
	}
	return EXIT_OK;
}

static void print_text(const struct run *r)
{
	printf("handle %u: %" PRIu64 " pages, %s\n\n", r->a.id, r->nr, r->o->vmap ?
	       "an area" : "a block in the direct mapping");
	table_print(r->pages, stdout);
	if (r->hidden) {
		puts("\nFrames are hidden: that needs CAP_SYS_ADMIN.");
		return;
	}
	printf("\nIn memory the pages lie in %" PRIu64 " place%s. ", r->runs,
	       r->runs == 1 ? "" : "s");
	if (r->o->vmap)
		printf("%" PRIu64 " entries make one area of them;\nbehind it is a page where nothing "
		       "is mapped. See: mmbox areas\n", r->nr);
	else
		printf("No entry was written for them: the\nkernel has mapped all memory, here "
		       "%" PRIu64 " kB with each entry.\n", r->mapped_by / 1024);
}

static void print_as_json(const struct run *r)
{
	struct json_object *top = json_object_new_object();

	json_object_object_add(top, "box", json_text(r->o->common.box));
	json_object_object_add(top, "id", json_object_new_int64(r->a.id));
	json_object_object_add(top, "area", json_object_new_boolean(r->o->vmap));
	json_object_object_add(top, "size", json_object_new_uint64(r->a.length));
	json_object_object_add(top, "places", json_object_new_uint64(r->runs));
	json_object_object_add(top, "entry_maps", json_object_new_uint64(r->mapped_by));
	json_object_object_add(top, "pages", table_json(r->pages));
	print_json(top);
}

static int map(struct run *r)
{
	const struct options *o = r->o;
	uint32_t flags = o->vmap ? MMBOX_ALLOC_VMALLOC : 0;
	int err = page_geometry(r->fd, &r->page_size, NULL);

	if (err)
		return fail(&o->common, err, "Try: mmbox doctor", "cannot ask %s", MMBOX_DEVICE);
	err = mmbox_alloc(r->fd, o->size, 0, flags, &r->a);
	if (err)
		return fail(&o->common, err, alloc_hint(r->fd, err), "cannot allocate %" PRIu64
			    " bytes", o->size);
	return look_up_all(r);
}

int cmd_map(int argc, char **argv)
{
	struct options o = { 0 };
	struct run r = { .o = &o };
	int status;

	parse_args(&argp, argc, argv, &o.common);
	r.fd = open_device(&o.common, true);
	if (r.fd < 0)
		return EXIT_FAILED;
	r.pages = table_new("pages", columns, sizeof(columns) / sizeof(*columns));
	status = map(&r);
	if (status == EXIT_OK) {
		if (o.common.json)
			print_as_json(&r);
		else
			print_text(&r);
		/* Whoever reads this in a pipe waits for it while we hold. */
		fflush(stdout);
		if (o.hold)
			hold();
	}
	table_free(r.pages);
	/* The kernel takes back what the closed file had. */
	mmbox_close(r.fd);
	return status;
}
