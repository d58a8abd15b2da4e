// SPDX-License-Identifier: GPL-2.0
/*
 * mmbox alloc: an allocation ends with the open file that made it, that is
 * with this very command. A user must therefore say what they mean: --keep
 * gives it to the box, --hold stays until told to end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"
#include "variant.h"

#define MAX_COUNT	1000000

enum {
	KEY_DMA = 0x100, KEY_DMA32, KEY_HIGHMEM, KEY_MOVABLE, KEY_RECLAIMABLE,
	KEY_KEEP, KEY_HOLD, KEY_CACHE, KEY_KMALLOC, KEY_VARIANT,
};

struct options {
	struct common common;
	uint64_t size;
	uint64_t order;
	bool have_order;
	bool have_size;
	bool hold;
	const char *cache;
	uint64_t kmalloc;
	uint32_t gfp;
	uint32_t flags;
	const struct variant *variant;
	uint64_t count;
};

static const struct argp_option options[] = {
	{ "order", 'o', "N", 0, "Allocate 2^N pages each", 0 },
	{ "count", 'n', "N", 0, "Allocate N blocks, all or none", 0 },
	{ "cache", KEY_CACHE, "NAME", 0, "Allocate objects of a cache instead", 0 },
	{ "kmalloc", KEY_KMALLOC, "SIZE", 0, "Allocate objects of that size instead", 0 },
	{ "dma", KEY_DMA, NULL, 0, "Take pages of zone DMA only", 0 },
	{ "dma32", KEY_DMA32, NULL, 0, "Take pages of zone DMA32, or DMA", 0 },
	{ "highmem", KEY_HIGHMEM, NULL, 0, "Take pages of zone HighMem, or a lower one; with "
	  "--movable of zone Movable first", 0 },
	{ "movable", KEY_MOVABLE, NULL, 0, "From movable pageblocks", 0 },
	{ "reclaimable", KEY_RECLAIMABLE, NULL, 0, "From reclaimable pageblocks", 0 },
	{ "variant", KEY_VARIANT, "NAME", 0, "How processes map the pages: remap (unless told), "
	  "fault, batch, insert or vmalloc", 0 },
	{ "keep", KEY_KEEP, NULL, 0, "The blocks belong to the box until freed by "
	  "'mmbox free' (needs CAP_SYS_ADMIN)", 0 },
	{ "hold", KEY_HOLD, NULL, 0, "Stay, and free the blocks at end of input "
	  "(Ctrl-D), SIGINT, SIGTERM or SIGHUP", 0 },
	{ 0 },
};

static bool one_bit(uint32_t bits)
{
	return !(bits & (bits - 1));
}

static void check_options(const struct options *o, struct argp_state *state)
{
	if (o->have_order + o->have_size + !!o->cache + !!o->kmalloc != 1)
		argp_error(state, "one of --order N, SIZE, --cache NAME and --kmalloc SIZE");
	if ((o->cache || o->kmalloc) && o->variant)
		argp_error(state, "objects cannot be mapped");
	if ((o->cache || o->kmalloc) && o->gfp)
		argp_error(state, "objects come from the zones of their cache");
	if ((o->cache || o->kmalloc) && o->count > MMBOX_SLAB_ALLOC_MAX)
		argp_error(state, "at most %d objects at once", MMBOX_SLAB_ALLOC_MAX);
	if (!one_bit(o->gfp & MMBOX_GFP_ZONES))
		argp_error(state, "only one of --dma, --dma32 and --highmem");
	if (!one_bit(o->gfp & MMBOX_GFP_TYPES))
		argp_error(state, "either --movable or --reclaimable");
	if (!o->hold == !(o->flags & MMBOX_ALLOC_KEEP))
		argp_error(state, "an allocation ends with the command that made it: "
			   "give it to the box with --keep, or stay with --hold");
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'o':
		if (parse_number(arg, MMBOX_MAX_ORDERS - 1, &o->order))
			argp_error(state, "'%s' is no order", arg);
		o->have_order = true;
		return 0;
	case 'n':
		if (parse_number(arg, MAX_COUNT, &o->count) || !o->count)
			argp_error(state, "'%s' is no count from 1 to %d", arg, MAX_COUNT);
		return 0;
	case KEY_CACHE:
		o->cache = arg;
		return 0;
	case KEY_KMALLOC:
		if (parse_size(arg, &o->kmalloc) || !o->kmalloc)
			argp_error(state, "'%s' is no size such as 100 or 4K", arg);
		return 0;
	case KEY_DMA:
		o->gfp |= MMBOX_GFP_DMA;
		return 0;
	case KEY_DMA32:
		o->gfp |= MMBOX_GFP_DMA32;
		return 0;
	case KEY_HIGHMEM:
		o->gfp |= MMBOX_GFP_HIGHMEM;
		return 0;
	case KEY_MOVABLE:
		o->gfp |= MMBOX_GFP_MOVABLE;
		return 0;
	case KEY_RECLAIMABLE:
		o->gfp |= MMBOX_GFP_RECLAIMABLE;
		return 0;
	case KEY_VARIANT:
		o->variant = find_variant(arg);
		if (!o->variant)
			argp_error(state, "'%s' is none of remap, fault, batch, insert and vmalloc",
				   arg);
		return 0;
	case KEY_KEEP:
		o->flags |= MMBOX_ALLOC_KEEP;
		return 0;
	case KEY_HOLD:
		o->hold = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->have_size || parse_size(arg, &o->size))
			argp_error(state, "'%s' is no size such as 4096, 32K or 1M", arg);
		o->have_size = true;
		return 0;
	case ARGP_KEY_END:
		check_options(o, state);
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "SIZE\n--order=N\n--cache=NAME\n--kmalloc=SIZE",
	.doc = "Allocate contiguous, zeroed pages: 2^N of them, or the smallest block that "
	       "holds SIZE bytes (suffixes K, M, G). Or allocate objects, all with one handle."
	       "\vAn allocation ends with the command that made it. So either --keep gives it to "
	       "the box, or --hold stays until it may end.",
	.children = common_children,
};

static const struct column columns[] = {
	{ .key = "id", .type = COL_UINT },
	{ .key = "order", .type = COL_UINT },
	{ .key = "pages", .type = COL_UINT, .unit = "pages" },
	{ .key = "size", .type = COL_UINT, .unit = "bytes" },
	{ .key = "mmap_offset", .title = "mmap offset", .type = COL_HEX, .unit = "bytes" },
	{ .key = "kept", .type = COL_BOOL, .detail = true },
};

/* All or none: what was allocated before a failure is freed again. */
static int alloc_all(int fd, const struct options *o, struct mmbox_ioc_alloc *a)
{
	const struct variant *variant = o->variant ?: find_variant("remap");
	uint64_t i;
	int err;

	for (i = 0; i < o->count; i++) {
		err = mmbox_alloc_as(fd, variant->variant, o->size, o->gfp,
				     o->flags | variant->flags, &a[i]);
		if (err)
			goto free_all;
	}
	return 0;

free_all:
	if (o->count > 1)
		fail(&o->common, err, alloc_hint(fd, err),
		     "cannot allocate %llu bytes (block %llu of %llu, none is left allocated)",
		     (unsigned long long)o->size, (unsigned long long)i + 1,
		     (unsigned long long)o->count);
	else
		fail(&o->common, err, alloc_hint(fd, err), "cannot allocate %llu bytes",
		     (unsigned long long)o->size);
	while (i--)
		mmbox_free(fd, a[i].id);
	return err;
}

static void print_blocks(const struct options *o, const struct mmbox_ioc_alloc *a)
{
	uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	struct table *t = table_new("allocations", columns, sizeof(columns) / sizeof(*columns));

	for (uint64_t i = 0; i < o->count; i++) {
		table_uint(t, a[i].id);
		table_uint(t, a[i].order);
		table_uint(t, a[i].length / page_size);
		table_uint(t, a[i].length);
		table_uint(t, a[i].mmap_offset);
		table_bool(t, o->flags & MMBOX_ALLOC_KEEP);
	}
	table_finish(t, o->common.box, o->common.json);
	/* Whoever reads this in a pipe waits for it while we hold. */
	fflush(stdout);
}

/* Objects are one allocation, whatever their number. */
static int alloc_objects(int fd, const struct options *o)
{
	static const struct column cols[] = {
		{ .key = "id", .type = COL_UINT },
		{ .key = "objects", .type = COL_UINT },
		{ .key = "kept", .type = COL_BOOL, .detail = true },
	};
	struct table *t;
	uint32_t id;
	int err;

	err = mmbox_slab_alloc(fd, o->cache, o->kmalloc, (uint32_t)o->count, o->flags, &id);
	if (err)
		return fail(&o->common, err, err == -ENOENT ?
			    "There is no such cache. See: mmbox slabs --all" : alloc_hint(fd, err),
			    "cannot allocate %llu objects", (unsigned long long)o->count);
	t = table_new("objects", cols, 3);
	table_uint(t, id);
	table_uint(t, o->count);
	table_bool(t, o->flags & MMBOX_ALLOC_KEEP);
	err = table_finish(t, o->common.box, o->common.json);
	fflush(stdout);
	/* They end with the file. */
	if (o->hold)
		hold();
	return err;
}

int cmd_alloc(int argc, char **argv)
{
	struct options o = { .count = 1 };
	struct mmbox_ioc_alloc *a;
	int fd, err, status = EXIT_OK;
	uint64_t page_size;

	parse_args(&argp, argc, argv, &o.common);
	fd = open_device(&o.common, true);
	if (fd < 0)
		return EXIT_FAILED;
	if (o.cache || o.kmalloc) {
		status = alloc_objects(fd, &o);
		mmbox_close(fd);
		return status;
	}
	err = page_geometry(fd, &page_size, NULL);
	if (err) {
		mmbox_close(fd);
		return fail(&o.common, err, "Try: mmbox doctor", "cannot ask %s", MMBOX_DEVICE);
	}
	if (o.have_order)
		o.size = page_size << o.order;
	a = calloc(o.count, sizeof(*a));
	if (!a || alloc_all(fd, &o, a)) {
		status = a ? EXIT_FAILED : fail(&o.common, -ENOMEM, NULL, "too many blocks");
		goto out;
	}
	print_blocks(&o, a);
	if (o.hold) {
		hold();
		for (uint64_t i = 0; i < o.count; i++) {
			err = mmbox_free(fd, a[i].id);
			/* JSON is out already: an error is for the terminal alone. */
			if (err) {
				fprintf(stderr, "mmbox: cannot free %u: %s\n", a[i].id,
					strerror(-err));
				status = EXIT_FAILED;
			}
		}
	}
out:
	free(a);
	mmbox_close(fd);
	return status;
}
