// SPDX-License-Identifier: GPL-2.0
/*
 * The steps of the tour, in order. Each tells, acts, looks, and checks what it
 * told. What it expects is worked out beforehand, never read off the result.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "share.h"
#include "tour.h"

#define ORDER		3	/* of the block that steps 3 to 6 follow */
#define KILLED_ORDER	4

static const char *result(int err)
{
	return err ? strerrorname_np(-err) ?: "?" : "0";
}

static unsigned long long kb(const struct tour *t, uint64_t pages)
{
	return pages * t->page_size / 1024;
}

static void nap(long ms)
{
	const struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static bool same_box(const struct moment *a, const struct moment *b)
{
	return mmbox_buddyinfo_equal(&a->buddy, &b->buddy) && a->objects.nr == b->objects.nr;
}

/* Step 1 */

static const struct column zone_columns[] = {
	{ .key = "node", .type = COL_UINT },
	{ .key = "zone", .type = COL_STR, .width = 6 },
	{ .key = "first pfn", .type = COL_UINT },
	{ .key = "spanned", .type = COL_UINT },
	{ .key = "present", .type = COL_UINT },
	{ .key = "managed", .type = COL_UINT },
	{ .key = "free", .type = COL_UINT },
	{ .key = "kB", .type = COL_UINT },
};

static void print_zones(struct tour *t, const struct mmbox_zoneinfo *zi)
{
	struct table *table = table_new("zones", zone_columns,
					sizeof(zone_columns) / sizeof(*zone_columns));

	for (size_t i = 0; i < zi->nr; i++) {
		const struct mmbox_zone *z = &zi->zone[i];

		if (!z->managed)
			continue;
		table_uint(table, z->node);
		table_str(table, z->name);
		table_uint(table, z->start_pfn);
		table_uint(table, z->spanned);
		table_uint(table, z->present);
		table_uint(table, z->managed);
		table_uint(table, z->free);
		table_uint(table, kb(t, z->managed));
	}
	tour_heading(t, "zoneinfo", "zones of the box, in pages");
	table_print_indented(table, stdout, 4);
	table_free(table);
}

static bool step_box(struct tour *t)
{
	uint64_t managed = 0, present = 0;
	struct mmbox_zoneinfo zi;
	bool sane = true;
	int err;

	tour_say(t, "A box is a number of pages that the module took from the host kernel when the "
		 "box was made, and that it now manages all by itself, the way the kernel manages "
		 "its own. A page here is %llu bytes. Nothing that happens in the box touches the "
		 "rest of the machine.", (unsigned long long)t->page_size);
	tour_command(t, "mmbox zones --box %s", t->common.box);
	err = mmbox_zoneinfo_read(t->common.box, &zi);
	if (!tour_need(t, !err, "zoneinfo of box %s can be read%s%s", t->common.box,
		       err ? ": " : "", err ? strerror(-err) : ""))
		return false;
	if (!t->common.json)
		print_zones(t, &zi);
	for (size_t i = 0; i < zi.nr; i++) {
		const struct mmbox_zone *z = &zi.zone[i];

		managed += z->managed;
		present += z->present;
		sane &= z->free <= z->managed && z->managed <= z->present &&
			z->present <= z->spanned;
	}
	mmbox_zoneinfo_release(&zi);

	tour_say(t, "Zones sort pages by where they lie in the machine's memory, because some "
		 "devices reach only the lower part: DMA is the first 16 MB, DMA32 is below 4 GB, "
		 "Normal is the rest. A pfn is the number of a page, counted from address 0. "
		 "Spanned pages lie between a zone's first and last, present ones are in the box, "
		 "managed ones are in the allocator's hands.");
	tour_say(t, "This box has %llu pages of the host, %llu kB.", (unsigned long long)present,
		 kb(t, present));
	tour_check(t, managed > 0, "the box has pages");
	tour_check(t, sane, "in every zone: free <= managed <= present <= spanned");
	return t->step.ok;
}

/* Step 2 */

static bool free_pages_agree(const struct tour *t, const struct mmbox_buddyinfo *bi)
{
	const struct mmbox_zone *z;
	struct mmbox_zoneinfo zi;
	bool agree = true;

	if (mmbox_zoneinfo_read(t->common.box, &zi))
		return false;
	for (size_t i = 0; i < bi->nr; i++) {
		z = mmbox_zoneinfo_find(&zi, bi->area[i].node, bi->area[i].zone);
		agree &= z && z->free == mmbox_area_pages(&bi->area[i], bi->nr_orders);
	}
	mmbox_zoneinfo_release(&zi);
	return agree;
}

static bool step_rest(struct tour *t)
{
	unsigned int last = t->max_order;
	struct moment *m, *again;

	tour_say(t, "Free pages are kept in blocks. A block of order N is 2^N pages side by side, "
		 "so order 0 is one page and order %u is %llu pages, %llu kB. For each zone and "
		 "order there is a list of free blocks; buddyinfo tells how long each list is.",
		 last, 1ULL << last, kb(t, 1ULL << last));
	tour_command(t, "cat " MMBOX_PROC_ROOT "/%s/buddyinfo", t->common.box);
	m = tour_look(t, "before");
	if (!m)
		return false;
	tour_show_buddy(t, m);
	tour_say(t, "A box that nobody uses has its pages in as few and as large blocks as they "
		 "fit in: two free halves never stay apart.");
	nap(100);
	again = tour_look(t, "later");
	if (!again)
		return false;
	tour_check(t, same_box(m, again), "the box is at rest: two looks 0.1 s apart agree");
	tour_check(t, free_pages_agree(t, &m->buddy),
		   "the blocks add up to the free pages of zoneinfo");
	if (!t->step.ok)
		tour_say(t, "Somebody else uses this box, and the tour cannot tell their doing from "
			 "its own. Give it a box of its own: 'mmbox create tour normal=16M', then "
			 "'mmbox tour --box tour'.");
	/* It outlives the step, which has one moment less to clean up. */
	t->rest = *again;
	t->step.nr_moments--;
	snprintf(t->rest.label, sizeof(t->rest.label), "at rest");
	return t->step.ok;
}

/* Step 3 */

static void tell_fallback(struct tour *t, const struct prediction *p, const char *zone,
			  unsigned int block_order)
{
	tour_say(t, "Each pageblock, %u pages side by side, has a migrate type, so that pages that "
		 "have to stay where they are do not lie scattered among those that could be moved. "
		 "These are Unmovable, and zone %s has no Unmovable block that is large enough. So "
		 "the largest %s one is taken, and %s: the next such request finds the rest of it "
		 "there.", 1U << block_order, zone, mmbox_type_name(p->type),
		 p->whole ? "the pageblocks that it lies in become Unmovable" :
		 "its pageblock becomes Unmovable if at least half of it is free");
}

static void tell_prediction(struct tour *t, const struct prediction *p, const char *zone)
{
	const char *which = p->type == MMBOX_TYPE_UNMOVABLE ?
			    "The smallest free Unmovable block there that is large enough" :
			    "The block that is taken";

	if (p->from == p->order) {
		tour_say(t, "What will happen: zone %s has a free block of order %u, so it is "
			 "taken as it is.", zone, p->order);
		return;
	}
	tour_say(t, "What will happen: the request starts at zone %s. %s has order %u. It is cut in "
		 "two, one half is put on the free list one order below, the other half is cut "
		 "again, until it is as small as what was asked for. That takes %u %s, and each "
		 "leaves one free block: one more at each order from %u to %u.", zone, which,
		 p->from, p->from - p->order, p->from - p->order == 1 ? "cut" : "cuts", p->order,
		 p->from - 1);
}

/* Foretell, and leave in @predicted what buddyinfo should say afterwards. */
static bool predict(struct tour *t, const struct moment *before,
		    struct mmbox_buddyinfo *predicted, struct prediction *p)
{
	struct mmbox_pagetypeinfo types;
	struct mmbox_zoneinfo zi;
	int err;

	err = mmbox_buddyinfo_copy(predicted, &before->buddy) ?:
	      mmbox_pagetypeinfo_copy(&types, &before->types);
	if (!tour_need(t, !err, "there is memory for a copy"))
		return false;
	err = mmbox_zoneinfo_read(t->common.box, &zi);
	err = err ?: predict_alloc(predicted, &types, &zi, t->node, 0, ORDER, p);
	mmbox_zoneinfo_release(&zi);
	mmbox_pagetypeinfo_release(&types);
	return tour_need(t, !err, "some zone has a free block of order %u or more", ORDER);
}

/* Tell what will happen, or that it cannot be told. */
static void foretell(struct tour *t, const struct moment *before,
		     const struct mmbox_buddyinfo *predicted, const struct prediction *p)
{
	const char *zone = before->buddy.area[p->area].zone;

	if (p->vague) {
		tour_say(t, "Zone %s has no Unmovable block that is large enough, and no %s one of "
			 "a whole pageblock. Which one is cut depends on what else is free in the "
			 "pageblock of the largest, and that no file tells: nothing is predicted.",
			 zone, mmbox_type_name(p->type));
		return;
	}
	if (p->type != MMBOX_TYPE_UNMOVABLE)
		tell_fallback(t, p, zone, before->types.block_order);
	tell_prediction(t, p, zone);
	tour_show_prediction(t, before, predicted);
}

static void check_split_count(struct tour *t, const struct moment *before,
			      const struct moment *after, unsigned int cuts)
{
	uint64_t a, b;

	if (mmbox_counters_get(&before->events, "block_split", &a) ||
	    mmbox_counters_get(&after->events, "block_split", &b))
		return;
	tour_check(t, b - a == cuts, "events counts %llu more split%s, as predicted: %u",
		   (unsigned long long)(b - a), b - a == 1 ? "" : "s", cuts);
}

static bool allocate(struct tour *t, unsigned int order)
{
	uint64_t size = t->page_size << order;
	int err = mmbox_alloc(t->fd, size, 0, 0, &t->block);

	tour_command(t, "ioctl(fd, MMBOX_IOC_ALLOC, {size=%llu}) = %s", (unsigned long long)size,
		     result(err));
	return tour_need(t, !err, "a block of %llu bytes is allocated",
			 (unsigned long long)size) &&
	       tour_check(t, t->block.order == order && t->block.length == size,
			  "we have a block of order %u: handle %u", order, t->block.id);
}

static uint64_t pages_of(const struct moment *m, size_t area)
{
	return mmbox_area_pages(&m->buddy.area[area], m->buddy.nr_orders);
}

static uint64_t unmovable_pageblocks(const struct moment *m, size_t area)
{
	return m->types.area[area].pageblocks[MMBOX_TYPE_UNMOVABLE];
}

static void check_prediction(struct tour *t, const struct moment *before,
			     const struct moment *after, const struct mmbox_buddyinfo *predicted,
			     const struct prediction *p)
{
	if (p->vague) {
		tour_check(t, pages_of(before, p->area) - pages_of(after, p->area) == 1 << ORDER,
			   "the zone has %u free pages less", 1U << ORDER);
		return;
	}
	tour_check(t, mmbox_buddyinfo_equal(&after->buddy, predicted),
		   "buddyinfo is exactly what was predicted");
	check_split_count(t, before, after, p->from - p->order);
}

static bool step_alloc(struct tour *t)
{
	struct mmbox_buddyinfo predicted = { 0 };
	const struct moment *before, *after;
	struct prediction p;
	bool ok = false;

	tour_say(t, "Now we ask for %u pages side by side: a block of order %u, %llu kB. It is what "
		 "'mmbox alloc --order %u --hold' does.", 1U << ORDER, ORDER, kb(t, 1 << ORDER),
		 ORDER);
	before = tour_look(t, "before");
	if (!before || !predict(t, before, &predicted, &p))
		goto out;
	t->area = p.area;
	foretell(t, before, &predicted, &p);
	tour_say(t, "Now it is done for real:");
	if (!allocate(t, ORDER))
		goto out;
	after = tour_look(t, "after");
	if (!after)
		goto out;
	tour_show_change(t, before, after, NO_AREA);
	if (p.type != MMBOX_TYPE_UNMOVABLE)
		tour_show_types(t, before, after, t->area);
	t->took_over = unmovable_pageblocks(after, p.area) > unmovable_pageblocks(before, p.area);
	tour_show_object(t, t->block.id);
	check_prediction(t, before, after, &predicted, &p);
	/* The rest makes sense even if the prediction was wrong. */
	ok = true;
out:
	mmbox_buddyinfo_release(&predicted);
	return ok;
}

/* Step 4 */

static bool step_map(struct tour *t)
{
	const struct moment *before, *after;
	size_t len = (size_t)t->block.length, at;
	pid_t child = 0;
	int err;

	tour_say(t, "The pages are ours, but a process cannot reach them before they are mapped: "
		 "mmap() writes their numbers into the page tables of the process.");
	before = tour_look(t, "before");
	if (!before)
		return false;
	err = mmbox_map(t->fd, t->block.mmap_offset, len, PROT_READ | PROT_WRITE, &t->addr);
	tour_command(t, "mmap(NULL, %zu, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0x%llx) = %s", len,
		     (unsigned long long)t->block.mmap_offset, result(err));
	if (!tour_check(t, !err, "the block is mapped"))
		return false;
	after = tour_look(t, "mapped");
	if (!after)
		return false;
	tour_show_object(t, t->block.id);
	tour_show_change(t, before, after, t->area);
	tour_say(t, "Mapping takes no page from the box: the block had been taken before.");
	at = zero_check(t->addr, len);
	tour_check(t, at == len, "all %zu bytes are zero: nobody sees what was in the pages before",
		   len);
	tour_check(t, mmbox_buddyinfo_equal(&before->buddy, &after->buddy),
		   "buddyinfo is as before");

	tour_say(t, "This process writes a pattern all over the block. Then a second process maps "
		 "the same block for itself, reads it, and writes a pattern of its own.");
	err = share_with_child(t->fd, t->block.mmap_offset, t->addr, len, &child);
	tour_command(t, "process %d: write; process %d: mmap, read, write; process %d: read",
		     getpid(), child, getpid());
	tour_check(t, err == SHARE_OK, "%s", share_text(err));
	return true;
}

/* Step 5 */

static bool state_is(const struct moment *m, uint32_t id, const char *state, uint64_t maps)
{
	const struct mmbox_object *o = mmbox_objects_find(&m->objects, id);

	return o && !strcmp(o->state, state) && o->maps == maps;
}

static bool step_free(struct tour *t)
{
	const struct moment *before, *freed, *unmapped;
	int err;

	tour_say(t, "What if memory is freed while a process still has it mapped? Given to somebody "
		 "else now, two owners would write to the same pages. So the handle ends at once, "
		 "but the pages wait for the last mapping to go.");
	before = tour_look(t, "before");
	if (!before)
		return false;
	err = mmbox_free(t->fd, t->block.id);
	tour_command(t, "ioctl(fd, MMBOX_IOC_FREE, {id=%u}) = %s", t->block.id, result(err));
	tour_check(t, !err, "the handle was accepted");
	freed = tour_look(t, "freed");
	if (!freed)
		return false;
	tour_show_change(t, before, freed, t->area);
	tour_check(t, mmbox_buddyinfo_equal(&before->buddy, &freed->buddy),
		   "the block is not back yet: buddyinfo is as before");
	tour_check(t, state_is(freed, t->block.id, "freed", 1),
		   "objects says: freed, with 1 mapping");

	err = mmbox_unmap(t->addr, (size_t)t->block.length);
	t->addr = NULL;
	tour_command(t, "munmap(addr, %llu) = %s", (unsigned long long)t->block.length,
		     result(err));
	unmapped = tour_look(t, "unmapped");
	if (!unmapped)
		return false;
	tour_show_change(t, freed, unmapped, t->area);
	tour_show_object(t, t->block.id);
	tour_check(t, !mmbox_buddyinfo_equal(&freed->buddy, &unmapped->buddy),
		   "now the block is back: buddyinfo changed");
	tour_check(t, !mmbox_objects_find(&unmapped->objects, t->block.id),
		   "objects does not know the handle any more");
	return true;
}

/* Step 6 */

/* Since step 2 there was nothing but what the tour did. */
static void check_merge_count(struct tour *t, const struct moment *now)
{
	uint64_t split[2], merge[2];

	if (mmbox_counters_get(&t->rest.events, "block_split", &split[0]) ||
	    mmbox_counters_get(&t->rest.events, "block_merge", &merge[0]) ||
	    mmbox_counters_get(&now->events, "block_split", &split[1]) ||
	    mmbox_counters_get(&now->events, "block_merge", &merge[1]))
		return;
	tour_check(t, split[1] - split[0] == merge[1] - merge[0],
		   "events counts since step 2: %llu splits, %llu merges",
		   (unsigned long long)(split[1] - split[0]),
		   (unsigned long long)(merge[1] - merge[0]));
}

static bool step_merge(struct tour *t)
{
	const struct moment *now;

	tour_say(t, "When a block comes back, the allocator looks at its buddy: the neighbour it "
		 "was once cut from. The buddy's number differs from the block's in one bit, "
		 "pfn XOR 2^order, so it is found without searching. If the buddy is free as a "
		 "whole, the two become one block of the next order, and that one looks at its "
		 "own buddy, and so on upwards.");
	tour_say(t, "So every cut of step 3 should be undone by now, and buddyinfo should be what "
		 "it was in step 2:");
	tour_command(t, "cat " MMBOX_PROC_ROOT "/%s/buddyinfo", t->common.box);
	now = tour_look(t, "now");
	if (!now)
		return false;
	tour_show_change(t, &t->rest, now, t->area);
	tour_check(t, mmbox_buddyinfo_equal(&t->rest.buddy, &now->buddy),
		   "buddyinfo is the same as in step 2, number for number");
	check_merge_count(t, now);
	if (t->took_over)
		tour_say(t, "What stays is the type: 'mmbox types' shows the pageblocks that step 3 "
			 "took over as Unmovable, for the next request of that kind.");
	return true;
}

/* Step 7 */

static bool refuse_alloc(struct tour *t, uint64_t size, const char *what, int expected)
{
	struct mmbox_ioc_alloc a;
	int err = mmbox_alloc(t->fd, size, 0, 0, &a);

	tour_command(t, "ioctl(fd, MMBOX_IOC_ALLOC, {size=%llu}) = %s", (unsigned long long)size,
		     result(err));
	/* It was not refused: do not keep what nobody expects. */
	if (!err)
		mmbox_free(t->fd, a.id);
	return tour_check(t, err == expected, "%s: refused with %s", what, result(expected));
}

static bool step_refuse(struct tour *t)
{
	unsigned int order = t->max_order + 1;
	const struct moment *before, *after;
	char what[64];
	int err;

	tour_say(t, "A wrong request must be refused with a reason, and change nothing. Three of "
		 "them: a block larger than the largest order, a block of no size, and a second "
		 "free of the handle that step 5 freed.");
	before = tour_look(t, "before");
	if (!before)
		return false;
	snprintf(what, sizeof(what), "order %u, where %u is the largest", order, t->max_order);
	refuse_alloc(t, t->page_size << order, what, -EINVAL);
	refuse_alloc(t, 0, "size 0", -EINVAL);
	err = mmbox_free(t->fd, t->block.id);
	tour_command(t, "ioctl(fd, MMBOX_IOC_FREE, {id=%u}) = %s", t->block.id, result(err));
	tour_check(t, err == -ENOENT, "double free: refused with ENOENT");
	after = tour_look(t, "after");
	if (!after)
		return false;
	tour_show_change(t, before, after, t->area);
	tour_check(t, same_box(before, after), "the box is unchanged");
	return true;
}

/* Step 8 */

struct held {
	int err;
	uint32_t id;
};

/* The process to be killed: allocate, tell the handle, wait for the end. */
static void hold_block(const struct tour *t, int report)
{
	struct held held = { 0 };
	struct mmbox_ioc_alloc a;
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = mmbox_open(t->common.box);
	held.err = fd < 0 ? fd : mmbox_alloc(fd, t->page_size << KILLED_ORDER, 0, 0, &a);
	held.id = held.err ? 0 : a.id;
	if (write(report, &held, sizeof(held)) != sizeof(held))
		_exit(1);
	for (;;)
		pause();
}

static pid_t start_holder(const struct tour *t, struct held *held)
{
	int fds[2];
	ssize_t got;
	pid_t pid;

	held->err = -EIO;
	if (pipe(fds))
		return -1;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		close(fds[0]);
		close(t->fd);
		hold_block(t, fds[1]);
	}
	close(fds[1]);
	got = pid < 0 ? 0 : read(fds[0], held, sizeof(*held));
	if (got != sizeof(*held))
		held->err = -EIO;
	close(fds[0]);
	return pid;
}

/* The kernel cleans up a dead process, but nobody promises when it is done. */
static const struct moment *look_when_gone(struct tour *t, uint32_t id)
{
	struct mmbox_objects objects;
	bool there = true;

	for (int tries = 0; there && tries < 20; tries++) {
		if (mmbox_objects_read(t->common.box, &objects))
			break;
		there = mmbox_objects_find(&objects, id);
		mmbox_objects_release(&objects);
		if (there)
			nap(50);
	}
	return tour_look(t, "killed");
}

static bool step_kill(struct tour *t)
{
	const struct moment *before, *during, *after;
	struct held held = { 0 };
	pid_t pid;

	tour_say(t, "An allocation belongs to the open file that it was made through. When a "
		 "process ends, in whatever way, the kernel closes its files, and the box takes "
		 "back what was theirs. The hardest way is SIGKILL: the process gets no chance to "
		 "clean up.");
	before = tour_look(t, "before");
	if (!before)
		return false;
	pid = start_holder(t, &held);
	tour_command(t, "process %d: ioctl(fd, MMBOX_IOC_ALLOC, {size=%llu}) = %s", pid,
		     (unsigned long long)t->page_size << KILLED_ORDER, result(held.err));
	tour_check(t, !held.err, "another process holds a block of order %u, handle %u",
		   KILLED_ORDER, held.id);
	during = held.err ? NULL : tour_look(t, "held");
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	if (!during)
		return false;
	tour_show_change(t, before, during, NO_AREA);
	tour_check(t, state_is(during, held.id, "live", 0), "objects says: live");
	tour_command(t, "kill -9 %d", pid);
	after = look_when_gone(t, held.id);
	if (!after)
		return false;
	tour_show_change(t, during, after, NO_AREA);
	tour_show_object(t, held.id);
	tour_check(t, !mmbox_objects_find(&after->objects, held.id),
		   "its allocation went with it");
	tour_check(t, mmbox_buddyinfo_equal(&before->buddy, &after->buddy),
		   "buddyinfo is as before");
	return true;
}

const struct tour_step tour_steps[] = {
	{ "what a box is", step_box },
	{ "free memory at rest", step_rest },
	{ "allocate 8 pages, and see blocks split", step_alloc },
	{ "map them, and share them between processes", step_map },
	{ "free them while they are mapped", step_free },
	{ "see blocks merge", step_merge },
	{ "ask for what cannot be", step_refuse },
	{ "kill a process that holds memory", step_kill },
	{ "see page tables written", step_tables },
};

const unsigned int tour_nr_steps = sizeof(tour_steps) / sizeof(*tour_steps);
