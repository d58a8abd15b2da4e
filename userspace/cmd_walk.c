// SPDX-License-Identifier: GPL-2.0
/* mmbox walk: an address, every level of page tables, and what lies there. */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"

enum { KEY_KERNEL = 0x100 };

struct options {
	struct common common;
	uint64_t address;
	uint64_t pid;
	bool have_address;
	bool kernel;
};

static const struct argp_option options[] = {
	{ "pid", 'p', "PID", 0, "ADDRESS is one of this process (needs CAP_SYS_ADMIN)", 0 },
	{ "kernel", KEY_KERNEL, NULL, 0, "ADDRESS is one of the kernel; without ADDRESS, where the "
	  "kernel has the page (needs CAP_SYS_ADMIN)", 0 },
	{ 0 },
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'p':
		if (parse_number(arg, INT32_MAX, &o->pid) || !o->pid)
			argp_error(state, "'%s' is no process id", arg);
		return 0;
	case KEY_KERNEL:
		o->kernel = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->have_address || parse_number(arg, UINT64_MAX, &o->address))
			argp_error(state, "'%s' is no address such as 0x7f0012345000", arg);
		o->have_address = true;
		return 0;
	case ARGP_KEY_END:
		if (o->pid && !o->have_address)
			argp_error(state, "--pid needs an ADDRESS");
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "[ADDRESS]",
	.doc = "Follow a virtual address through the page tables, and tell what each entry says, "
	       "where the address leads, and which page of a box lies there."
	       "\vWithout ADDRESS a page of the box is allocated and mapped, and it is the address "
	       "of that mapping. Without CAP_SYS_ADMIN physical addresses are left out.",
	.children = common_children,
};

/* What is looked up, and what the answer was. */
struct run {
	const struct options *o;
	int fd;
	uint32_t id;		/* of the page that was allocated for it */
	struct mmbox_walk walk;
};

static const char *walk_hint(int err)
{
	switch (err) {
	case -EPERM:
		return "Other processes and the kernel need CAP_SYS_ADMIN. Try: sudo mmbox ...";
	case -EINVAL:
		return "An address of a process lies in the lower half, one of the kernel, with "
		       "--kernel, in the upper.";
	case -ESRCH:
		return "There is no such process, or it has no memory of its own.";
	case -EOPNOTSUPP:
		return "mmbox cannot read page tables on this machine.";
	case -ENOTTY:
		return "The module is older than this tool. Try: mmbox doctor";
	default:
		return NULL;
	}
}

/* A page of the box, mapped and written to. The kernel takes it back at exit. */
static int own_page(struct run *r, uint64_t *address)
{
	struct mmbox_ioc_alloc a;
	uint64_t page_size;
	void *p;
	int err = page_geometry(r->fd, &page_size, NULL);

	if (err)
		return fail(&r->o->common, err, "Try: mmbox doctor", "cannot ask %s", MMBOX_DEVICE);
	err = mmbox_alloc(r->fd, page_size, 0, 0, &a);
	if (err)
		return fail(&r->o->common, err, alloc_hint(r->fd, err), "cannot allocate a page");
	err = mmbox_map(r->fd, a.mmap_offset, page_size, PROT_READ | PROT_WRITE, &p);
	if (err)
		return fail(&r->o->common, err, NULL, "cannot map the page");
	*(volatile char *)p = 1;
	r->id = a.id;
	*address = (uintptr_t)p;
	return 0;
}

static int look_up(struct run *r)
{
	const struct options *o = r->o;
	uint32_t what = o->kernel ? MMBOX_WALK_KERNEL : MMBOX_WALK_USER;
	uint32_t whose = (uint32_t)o->pid;
	uint64_t address = o->address;
	int err;

	if (!o->have_address) {
		if (own_page(r, &address))
			return EXIT_FAILED;
		if (o->kernel) {
			what = MMBOX_WALK_OBJECT;
			whose = r->id;
			address = 0;
		}
	}
	err = mmbox_walk(r->fd, what, whose, address, &r->walk);
	if (err)
		return fail(&o->common, err, walk_hint(err), "cannot walk to 0x%" PRIx64, address);
	return EXIT_OK;
}

static const struct column columns[] = {
	{ .key = "level", .type = COL_STR },
	{ .key = "index", .type = COL_UINT },
	{ .key = "table", .type = COL_HEX, .width = 12 },
	{ .key = "entry", .type = COL_HEX, .width = 18 },
	{ .key = "flags", .type = COL_STR },
};

static struct table *entries_table(const struct mmbox_walk *w)
{
	struct table *t = table_new("entries", columns, sizeof(columns) / sizeof(*columns));
	char flags[256];

	for (unsigned int i = 0; i < w->nr_entries; i++) {
		const struct mmbox_walk_entry *e = &w->entry[i];

		mmbox_entry_flags(e->flags, flags, sizeof(flags));
		table_str(t, mmbox_level_name(e->level));
		table_uint(t, e->index);
		table_uint(t, e->table);
		table_uint(t, e->entry);
		table_str(t, flags);
	}
	return t;
}

static void print_size(uint64_t size)
{
	static const char *const units[] = { "bytes", "kB", "MB", "GB" };
	unsigned int unit = 0;

	for (; size >= 1024 && unit < 3; size /= 1024)
		unit++;
	printf("%" PRIu64 " %s", size, units[unit]);
}

static const char *why_the_end(const struct mmbox_walk_entry *last)
{
	if (last->flags & MMBOX_ENTRY_BAD)
		return "none that can be";
	return last->flags ? "not present" : "empty";
}

/* The page behind an area, at which nothing is mapped. */
static bool is_guard_page(const struct mmbox_walk *w)
{
	uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);

	return w->address - w->area >= w->area_pages * page_size;
}

static void print_end(const struct mmbox_walk *w)
{
	const struct mmbox_walk_entry *last = &w->entry[w->nr_entries - 1];
	const char *level = mmbox_level_name(last->level);

	if (!(w->flags & MMBOX_WALK_MAPPED)) {
		printf("Nothing is mapped there: the %s entry is %s.\n", level, why_the_end(last));
		return;
	}
	if (w->flags & MMBOX_WALK_HIDDEN)
		printf("Mapped, but physical addresses are for CAP_SYS_ADMIN: ");
	else
		printf("Physical address 0x%" PRIx64 ": ", (uint64_t)w->phys);
	printf("part of ");
	print_size(w->size);
	printf(" that the %s maps, %s,\n%s, %s, %s.\n", level,
	       mmbox_memtype_name(w->memtype),
	       w->access & MMBOX_ENTRY_WRITE ? "writable" : "read-only",
	       w->access & MMBOX_ENTRY_USER ? "for user and kernel" : "for the kernel only",
	       w->access & MMBOX_ENTRY_NX ? "not executable" : "executable");
}

static void print_page(const struct mmbox_walk *w)
{
	char *box = safe_text(w->box), *zone = safe_text(w->zone);

	if (!(w->flags & MMBOX_WALK_PAGE)) {
		if (w->flags & MMBOX_WALK_MAPPED)
			printf("No box has a page there.\n");
	} else if (w->page_state == MMBOX_WALK_RESERVED) {
		printf("It is a page of box %s, zone %s, node %u, that holds descriptors.\n", box,
		       zone, w->node);
	} else if (w->flags & MMBOX_WALK_HIDDEN) {
		printf("It is in a block of order %u of box %s, zone %s, node %u: %s.\n",
		       w->page_order, box, zone, w->node, mmbox_page_state_name(w->page_state));
	} else {
		printf("It is page %u of a block of order %u of box %s, zone %s, node %u: %s.\n",
		       w->page_index, w->page_order, box, zone, w->node,
		       mmbox_page_state_name(w->page_state));
	}
	free(box);
	free(zone);
}

static void print_object(const struct mmbox_walk *w)
{
	char *cache = safe_text(w->cache);

	if (!w->object)
		printf("Cache %s has the page, but no object there.\n", cache);
	else
		printf("It is byte %" PRIu64 " of an object of %u bytes of cache %s at 0x%" PRIx64
		       ", %s.\n", (uint64_t)(w->address - w->object), w->object_size, cache,
		       (uint64_t)w->object, w->object_used ? "in use" : "free");
	free(cache);
}

static void print_area(const struct mmbox_walk *w)
{
	uint64_t offset = w->address - w->area;
	char *box = safe_text(w->box);

	if (is_guard_page(w))
		printf("It is in the guard page behind");
	else
		printf("It is byte %" PRIu64 " of", offset);
	printf(" an area of %u pages of box %s at 0x%" PRIx64 ", of kind %s.\n", w->area_pages, box,
	       (uint64_t)w->area, mmbox_area_kind_name(w->area_kind));
	free(box);
}

static void print_text(const struct run *r)
{
	const struct mmbox_walk *w = &r->walk;
	struct table *t = entries_table(w);

	if (r->o->pid)
		printf("Address 0x%" PRIx64 " as process %u has it, %u levels of page tables\n\n",
		       (uint64_t)w->address, (unsigned int)r->o->pid, w->nr_levels);
	else
		printf("Address 0x%" PRIx64 ", %u levels of page tables\n\n",
		       (uint64_t)w->address, w->nr_levels);
	table_print(t, stdout);
	table_free(t);
	putchar('\n');
	print_end(w);
	print_page(w);
	if (w->flags & MMBOX_WALK_IN_AREA)
		print_area(w);
	if (w->flags & MMBOX_WALK_IN_CACHE)
		print_object(w);
}

static struct json_object *page_json(const struct mmbox_walk *w)
{
	struct json_object *page = json_object_new_object();

	json_object_object_add(page, "box", json_text(w->box));
	json_object_object_add(page, "zone", json_text(w->zone));
	json_object_object_add(page, "node", json_object_new_int64(w->node));
	json_object_object_add(page, "state", json_text(mmbox_page_state_name(w->page_state)));
	json_object_object_add(page, "order", json_object_new_int64(w->page_order));
	json_object_object_add(page, "index", w->flags & MMBOX_WALK_HIDDEN ? NULL :
			       json_object_new_int64(w->page_index));
	return page;
}

static struct json_object *object_json(const struct mmbox_walk *w)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "cache", json_text(w->cache));
	json_object_object_add(object, "size", json_object_new_int64(w->object_size));
	json_object_object_add(object, "address", w->object ? json_object_new_uint64(w->object) :
			       NULL);
	json_object_object_add(object, "used", w->object ? json_object_new_boolean(w->object_used) :
			       NULL);
	return object;
}

static struct json_object *area_json(const struct mmbox_walk *w)
{
	struct json_object *area = json_object_new_object();

	json_object_object_add(area, "box", json_text(w->box));
	json_object_object_add(area, "address", json_object_new_uint64(w->area));
	json_object_object_add(area, "pages", json_object_new_int64(w->area_pages));
	json_object_object_add(area, "kind", json_text(mmbox_area_kind_name(w->area_kind)));
	json_object_object_add(area, "guard", json_object_new_boolean(is_guard_page(w)));
	return area;
}

static void print_json_answer(const struct run *r)
{
	const struct mmbox_walk *w = &r->walk;
	struct json_object *top = json_object_new_object();
	bool mapped = w->flags & MMBOX_WALK_MAPPED, hidden = w->flags & MMBOX_WALK_HIDDEN;
	struct table *t = entries_table(w);
	char access[64];

	mmbox_entry_flags(w->access, access, sizeof(access));
	json_object_object_add(top, "address", json_object_new_uint64(w->address));
	json_object_object_add(top, "pid", r->o->pid ? json_object_new_uint64(r->o->pid) : NULL);
	json_object_object_add(top, "levels", json_object_new_int64(w->nr_levels));
	json_object_object_add(top, "entries", table_json(t));
	json_object_object_add(top, "mapped", json_object_new_boolean(mapped));
	json_object_object_add(top, "hidden", json_object_new_boolean(hidden));
	json_object_object_add(top, "phys", mapped && !hidden ? json_object_new_uint64(w->phys) :
			       NULL);
	json_object_object_add(top, "size", json_object_new_uint64(w->size));
	json_object_object_add(top, "access", json_text(access));
	json_object_object_add(top, "memtype", mapped ? json_text(mmbox_memtype_name(w->memtype)) :
			       NULL);
	json_object_object_add(top, "page", w->flags & MMBOX_WALK_PAGE ? page_json(w) : NULL);
	json_object_object_add(top, "area", w->flags & MMBOX_WALK_IN_AREA ? area_json(w) : NULL);
	json_object_object_add(top, "object", w->flags & MMBOX_WALK_IN_CACHE ? object_json(w) :
			       NULL);
	table_free(t);
	print_json(top);
}

int cmd_walk(int argc, char **argv)
{
	struct options o = { 0 };
	struct run r = { .o = &o };
	int status;

	parse_args(&argp, argc, argv, &o.common);
	r.fd = open_device(&o.common, !o.have_address);
	if (r.fd < 0)
		return EXIT_FAILED;
	status = look_up(&r);
	if (status == EXIT_OK) {
		if (o.common.json)
			print_json_answer(&r);
		else
			print_text(&r);
	}
	mmbox_close(r.fd);
	return status;
}
