// SPDX-License-Identifier: GPL-2.0
/*
 * The step of the tour that looks at page tables: allocating pages changes none,
 * mapping them side by side does.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tour.h"

#define NR_PAGES	4
#define NR_HELD		(2 * NR_PAGES)

static const struct column columns[] = {
	{ .key = "page", .type = COL_STR, .width = 6 },
	{ .key = "address", .type = COL_HEX },
	{ .key = "PTE before", .type = COL_HEX, .width = 10 },
	{ .key = "PTE after", .type = COL_HEX, .width = 18 },
	{ .key = "pfn", .type = COL_UINT },
};

static uint64_t last_entry(const struct mmbox_walk *w)
{
	return w->entry[w->nr_entries - 1].entry;
}

static bool walk_kernel(struct tour *t, uint32_t pid, uint64_t address, struct mmbox_walk *w)
{
	int err = mmbox_walk(t->fd, MMBOX_WALK_KERNEL, pid, address, w);

	return tour_need(t, !err, "page tables can be read%s%s", err ? ": " : "",
			 err ? strerror(-err) : "");
}

static bool walk_object(struct tour *t, uint32_t id, uint64_t byte, struct mmbox_walk *w)
{
	int err = mmbox_walk(t->fd, MMBOX_WALK_OBJECT, id, byte, w);

	return tour_need(t, !err, "page tables of an allocation can be read%s%s", err ? ": " : "",
			 err ? strerror(-err) : "");
}

static bool get_area(struct tour *t, unsigned int nr, struct mmbox_ioc_alloc *a)
{
	int err = mmbox_alloc(t->fd, nr * t->page_size, 0, MMBOX_ALLOC_VMALLOC, a);

	tour_command(t, "ioctl(fd, MMBOX_IOC_ALLOC, {size=%llu, flags=VMALLOC}) = %s",
		     (unsigned long long)(nr * t->page_size), err ? strerrorname_np(-err) : "0");
	return tour_need(t, !err, "an area of %u pages is allocated", nr);
}

/* The entry of a page of a block, while somebody has it and when nobody has. */
static bool look_at_block(struct tour *t)
{
	struct mmbox_walk had, freed;
	struct mmbox_ioc_alloc a;
	int err;

	tour_say(t, "An address means nothing by itself: the processor looks it up in page tables, "
		 "level by level, and the entry on the last one, the PTE, or one above it for a "
		 "larger piece, has the number of the page. The kernel has all memory mapped from "
		 "the beginning, each page at an address of its own. So an allocation of pages "
		 "changes no page table: what it hands out is mapped already.");
	err = mmbox_alloc(t->fd, t->page_size, 0, 0, &a);
	if (!tour_need(t, !err, "a page is allocated"))
		return false;
	err = !walk_object(t, a.id, 0, &had);
	tour_need(t, !mmbox_free(t->fd, a.id), "it is freed");
	if (err || !walk_kernel(t, 0, had.address, &freed))
		return false;
	tour_command(t, "mmbox walk --kernel 0x%" PRIx64, (uint64_t)had.address);
	return tour_check(t, had.page_state == MMBOX_WALK_ALLOCATED &&
			  freed.page_state != MMBOX_WALK_ALLOCATED &&
			  last_entry(&had) == last_entry(&freed),
			  "allocated or free: its entry in the kernel is 0x%" PRIx64,
			  last_entry(&had));
}

/* The same for an object: its cache gets pages when it needs them. */
static bool look_at_kmalloc(struct tour *t)
{
	const struct moment *before, *after;
	struct mmbox_walk had, freed;
	uint32_t id;
	int err;

	tour_say(t, "Of kmalloc's memory the same is true. Pages that a cache keeps for the next "
		 "request are given back here before and afterwards, so that buddyinfo can be "
		 "compared.");
	err = mmbox_cache_shrink(t->fd, "");
	tour_command(t, "mmbox cache shrink");
	before = err ? NULL : tour_look(t, "shrunk");
	if (!tour_need(t, before, "all caches are shrunk"))
		return false;
	err = mmbox_slab_alloc(t->fd, NULL, 64, 1, 0, &id);
	tour_command(t, "mmbox alloc --kmalloc 64");
	if (!tour_need(t, !err, "64 bytes are allocated as kmalloc does it"))
		return false;
	err = !walk_object(t, id, 0, &had);
	tour_need(t, !mmbox_free(t->fd, id), "they are freed");
	if (err || !walk_kernel(t, 0, had.address, &freed))
		return false;
	tour_check(t, had.object_used && !freed.object_used &&
		   last_entry(&had) == last_entry(&freed),
		   "an object of cache %s or free: its entry is 0x%" PRIx64, had.cache,
		   last_entry(&had));
	err = mmbox_cache_shrink(t->fd, "");
	after = err ? NULL : tour_look(t, "once more");
	return tour_need(t, after, "all caches are shrunk again") &&
	       tour_check(t, mmbox_buddyinfo_equal(&before->buddy, &after->buddy),
			  "buddyinfo is as before");
}

/* Leaves single free pages that have no free neighbour: the next to be taken. */
static bool scatter(struct tour *t, uint32_t *held)
{
	struct mmbox_ioc_alloc a;
	int err = 0;

	memset(held, 0, NR_HELD * sizeof(*held));
	for (unsigned int i = 0; !err && i < NR_HELD; i++) {
		err = mmbox_alloc(t->fd, t->page_size, 0, 0, &a);
		held[i] = err ? 0 : a.id;
	}
	for (unsigned int i = 0; !err && i < NR_HELD; i += 2) {
		err = mmbox_free(t->fd, held[i]);
		held[i] = 0;
	}
	return tour_need(t, !err, "%u pages are allocated, and every second one freed", NR_HELD);
}

static void free_held(struct tour *t, const uint32_t *held)
{
	for (unsigned int i = 0; i < NR_HELD; i++)
		tour_need(t, !held[i] || !mmbox_free(t->fd, held[i]), "a page is freed");
}

/* What the pages of an area had before, and have now; the guard page is last. */
struct area {
	uint64_t address;
	uint64_t before[NR_PAGES + 1];
	struct mmbox_walk now[NR_PAGES + 1];
};

static bool look_before(struct tour *t, struct area *area)
{
	struct mmbox_walk w;

	for (unsigned int i = 0; i <= NR_PAGES; i++) {
		if (!walk_kernel(t, 0, area->address + i * t->page_size, &w))
			return false;
		area->before[i] = last_entry(&w);
	}
	return true;
}

static bool look_after(struct tour *t, struct area *area)
{
	for (unsigned int i = 0; i <= NR_PAGES; i++) {
		if (!walk_kernel(t, 0, area->address + i * t->page_size, &area->now[i]))
			return false;
	}
	return true;
}

static void show_area(struct tour *t, const struct area *area)
{
	struct table *table;
	char name[16];

	if (t->common.json)
		return;
	table = table_new("pages", columns, sizeof(columns) / sizeof(*columns));
	for (unsigned int i = 0; i <= NR_PAGES; i++) {
		snprintf(name, sizeof(name), "%u", i);
		table_str(table, i < NR_PAGES ? name : "guard");
		table_uint(table, area->now[i].address);
		table_uint(table, area->before[i]);
		table_uint(table, last_entry(&area->now[i]));
		table_uint(table, area->now[i].phys / t->page_size);
	}
	tour_heading(t, "mmbox walk --kernel", "the last entry for each page");
	table_print_indented(table, stdout, 4);
	table_free(table);
}

static void check_area(struct tour *t, const struct area *area)
{
	bool empty = true, present = true, apart = true;

	for (unsigned int i = 0; i < NR_PAGES; i++) {
		empty &= !area->before[i];
		present &= (area->now[i].flags & MMBOX_WALK_PAGE) != 0;
		for (unsigned int j = 0; j < i; j++)
			apart &= area->now[i].phys + t->page_size != area->now[j].phys &&
				 area->now[j].phys + t->page_size != area->now[i].phys &&
				 area->now[j].phys != area->now[i].phys;
	}
	tour_check(t, empty, "before, the four entries were empty");
	tour_check(t, present, "now each has a page of the box");
	tour_check(t, apart, "no two of these lie side by side");
	tour_check(t, !last_entry(&area->now[NR_PAGES]), "the entry of the guard page is empty");
}

/* Another process's top table, while that process lives. */
static void compare_top(struct tour *t, uint64_t address)
{
	struct mmbox_walk mine, its;
	bool ok = false;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	if (tour_need(t, pid > 0, "there is a second process")) {
		ok = walk_kernel(t, 0, address, &mine) &&
		     walk_kernel(t, (uint32_t)pid, address, &its);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	if (!ok)
		return;
	tour_say(t, "Every process has page tables of its own, so does each have to learn of the "
		 "area? No: for the kernel's addresses the top tables of all processes lead to the "
		 "same tables below.");
	tour_check(t, mine.entry[0].table != its.entry[0].table &&
		   mine.entry[0].entry == its.entry[0].entry,
		   "two processes: two top tables, at 0x%" PRIx64 " and 0x%" PRIx64
		   ", and one entry, 0x%" PRIx64, (uint64_t)mine.entry[0].table,
		   (uint64_t)its.entry[0].table, (uint64_t)its.entry[0].entry);
}

static void look_at_area(struct tour *t, struct area *area)
{
	struct mmbox_ioc_alloc four;
	struct mmbox_walk w;
	bool gone = true;

	if (!look_before(t, area) || !get_area(t, NR_PAGES, &four))
		return;
	if (walk_object(t, four.id, 0, &w) && w.address != area->address) {
		tour_say(t, "It lies elsewhere than foretold, so what was there before is not known.");
		area->address = w.address;
		memset(area->before, 0, sizeof(area->before));
	}
	if (look_after(t, area)) {
		show_area(t, area);
		check_area(t, area);
		compare_top(t, area->address);
	}
	tour_need(t, !mmbox_free(t->fd, four.id), "the area is freed");
	tour_command(t, "ioctl(fd, MMBOX_IOC_FREE, {id=%u})", four.id);
	for (unsigned int i = 0; i < NR_PAGES; i++)
		gone &= walk_kernel(t, 0, area->address + i * t->page_size, &w) && !last_entry(&w);
	tour_check(t, gone, "when it is freed the entries are empty again");
}

bool step_tables(struct tour *t)
{
	struct mmbox_ioc_alloc one;
	uint32_t held[NR_HELD];
	struct mmbox_walk w;
	struct area area;

	if (mmbox_walk(t->fd, MMBOX_WALK_KERNEL, 0, UINT64_MAX, &w) == -EOPNOTSUPP) {
		tour_say(t, "Here would be something to see of page tables, but mmbox cannot read "
			 "those of this machine.");
		return true;
	}
	if (!look_at_block(t) || !look_at_kmalloc(t))
		return false;
	tour_say(t, "vmalloc is for many pages when there is no large block: it takes single ones "
		 "and maps them a second time, side by side, in an area of its own. For that, "
		 "entries are written. Behind each area one page is left out, so that who runs "
		 "over its end is caught. First an area of one page, to see where the next one "
		 "will be: behind its guard page. And so that no free pages lie side by side, %u "
		 "pages are taken, and every second one of them is freed.", NR_HELD);
	if (!get_area(t, 1, &one))
		return false;
	if (scatter(t, held) && walk_object(t, one.id, 0, &w)) {
		area.address = w.address + 2 * t->page_size;
		look_at_area(t, &area);
	}
	free_held(t, held);
	tour_need(t, !mmbox_free(t->fd, one.id), "the first area is freed");
	return true;
}
