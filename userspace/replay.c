// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"

void replay_start(struct replay *r, const struct mmbox_boot_log *log)
{
	memset(r, 0, sizeof(*r));
	r->bitmap = !strcmp(log->kind, "bitmap");
	r->page = log->page_size;
}

void replay_release(struct replay *r)
{
	mmbox_regions_release(&r->memory);
	mmbox_regions_release(&r->reserved);
	mmbox_regions_release(&r->handed);
}

static void put(struct mmbox_regions *regions, const struct mmbox_region *region)
{
	struct mmbox_region *last = regions->nr ? &regions->v[regions->nr - 1] : NULL;

	if (region->base >= region->end)
		return;
	if (last && last->end == region->base && last->node == region->node) {
		last->end = region->end;
		return;
	}
	regions->v[regions->nr++] = *region;
}

/*
 * A new list: what is before @range, then, with @in, that itself, then what is
 * behind it. Neighbours that touch become one.
 */
static int set_range(struct mmbox_regions *regions, const struct mmbox_region *range, bool in)
{
	struct mmbox_regions old = *regions;
	bool done = !in;

	/* One more, and one that is cut in two. */
	regions->v = calloc(old.nr + 2, sizeof(*regions->v));
	if (!regions->v) {
		*regions = old;
		return -ENOMEM;
	}
	regions->nr = 0;
	for (size_t i = 0; i < old.nr; i++) {
		struct mmbox_region before = old.v[i], behind = old.v[i];

		if (before.end > range->base)
			before.end = range->base;
		if (behind.base < range->end)
			behind.base = range->end;
		put(regions, &before);
		if (!done && old.v[i].end >= range->base && behind.base < behind.end) {
			put(regions, range);
			done = true;
		}
		put(regions, &behind);
	}
	if (!done)
		put(regions, range);
	free(old.v);
	return 0;
}

int replay_step(struct replay *r, const struct mmbox_boot_step *s)
{
	struct mmbox_region range = {
		.base = s->base,
		.end = s->base + s->size,
		.node = s->node,
	};
	struct mmbox_regions *array = strcmp(s->array, "reserved") ? &r->memory : &r->reserved;

	if (range.base == range.end)
		return 0;
	if (!strcmp(s->what, "add") || !strcmp(s->what, "reserve"))
		return set_range(array, &range, true);
	if (!strcmp(s->what, "remove") || !strcmp(s->what, "free"))
		return set_range(array, &range, false);
	if (!strcmp(s->what, "handover"))
		return set_range(&r->handed, &range, true);
	/* A bitmap knows pages only: its bits are set for all that is touched. */
	if (!strcmp(s->what, "alloc") && r->bitmap) {
		range.base &= ~(r->page - 1);
		range.end = (range.end + r->page - 1) & ~(r->page - 1);
		return set_range(&r->reserved, &range, true);
	}
	return 0;
}

bool replay_same(const struct mmbox_regions *a, const struct mmbox_regions *b)
{
	if (a->nr != b->nr)
		return false;
	for (size_t i = 0; i < a->nr; i++) {
		if (a->v[i].base != b->v[i].base || a->v[i].end != b->v[i].end)
			return false;
	}
	return true;
}

/* Bytes of [base, end) that are in some region. */
static uint64_t bytes_in(const struct mmbox_regions *regions, uint64_t base, uint64_t end)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < regions->nr; i++) {
		uint64_t from = regions->v[i].base, to = regions->v[i].end;

		from = from > base ? from : base;
		to = to < end ? to : end;
		bytes += from < to ? to - from : 0;
	}
	return bytes;
}

void replay_draw(const struct replay *r, const struct mmbox_region *region, char *bar,
		 unsigned int width)
{
	uint64_t size = region->end - region->base, base = region->base;

	for (unsigned int i = 0; i < width; i++) {
		uint64_t end = region->base + size / width * (i + 1);

		end += size % width * (i + 1) / width;
		if (bytes_in(&r->reserved, base, end))
			bar[i] = '#';
		else
			bar[i] = base < end && bytes_in(&r->handed, base, end) == end - base ?
				 '=' : '.';
		base = end;
	}
	bar[width] = '\0';
}
