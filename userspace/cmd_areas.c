// SPDX-License-Identifier: GPL-2.0
/* mmbox areas: what lies where in the addresses of a box, listed and drawn. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"

/* The picture: as many places, each for the same number of pages. */
#define PLACES_IN_LINE	64
#define MAX_LINES	16

struct options {
	struct common common;
	bool summary;
};

static const struct argp_option options[] = {
	{ "summary", 's', NULL, 0, "Sums for each kind instead of the list", 0 },
	{ 0 },
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	if (key != 's')
		return parse_rest(key, arg, state);
	o->summary = true;
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse_opt,
	.doc = "Show the areas and holes in the addresses of a box."
	       "\vPages are counted from the start of the window. Those of an area include the one "
	       "behind it, where nothing is ever mapped. A lazy area was given back and waits for a "
	       "purge; a CPU cuts small areas off its chunk. Each character of the picture "
	       "stands for as many pages; where several things lie, it shows what is in use. Only root "
	       "may read this.",
	.children = common_children,
};

/* In the order in which they count where several share a place. */
static const struct kind {
	const char *name;
	char letter;
	const char *meaning;
} kinds[] = {
	{ "vmalloc", 'V', "pages of the box" },
	{ "vmap", 'M', "pages of somebody else" },
	{ "ioremap", 'I', "memory of a device" },
	{ "kmap", 'K', "places for pages without an address" },
	{ "guarded", 'G', "an object with a guard page on either side" },
	{ "lazy", '~', "given back, not purged yet" },
	{ "chunk", '-', "what a CPU may cut small areas off" },
	{ "free", '.', "a hole" },
};

#define NR_KINDS	(sizeof(kinds) / sizeof(*kinds))

static size_t kind_of(const struct mmbox_piece *piece)
{
	size_t i;

	for (i = 0; i < NR_KINDS && strcmp(kinds[i].name, piece->kind); i++)
		;
	return i;
}

/* Pages from the first piece to the end of the last, which may be unknown. */
static uint64_t span(const struct mmbox_window *w)
{
	const struct mmbox_piece *last = &w->v[w->nr - 1];

	return last->first + last->pages;
}

static void draw(const struct mmbox_window *w)
{
	unsigned char place[PLACES_IN_LINE * MAX_LINES];
	uint64_t pages = span(w), each = 1, nr;
	bool seen[NR_KINDS] = { false };

	while (pages / each >= sizeof(place))
		each *= 2;
	nr = (pages + each - 1) / each;
	memset(place, NR_KINDS, sizeof(place));
	for (size_t i = 0; i < w->nr; i++) {
		const struct mmbox_piece *p = &w->v[i];
		size_t kind = kind_of(p);

		for (uint64_t at = p->first / each; at <= (p->first + p->pages - 1) / each; at++)
			if (kind < place[at])
				place[at] = (unsigned char)kind;
	}
	printf("\neach character is %llu page%s\n", (unsigned long long)each,
	       each == 1 ? "" : "s");
	for (uint64_t at = 0; at < nr; at++) {
		if (at % PLACES_IN_LINE == 0)
			printf("%s%10llu  ", at ? "\n" : "", (unsigned long long)(at * each));
		putchar(place[at] < NR_KINDS ? kinds[place[at]].letter : ' ');
		if (place[at] < NR_KINDS)
			seen[place[at]] = true;
	}
	printf("\n\n");
	for (size_t i = 0; i < NR_KINDS; i++)
		if (seen[i])
			printf("  %c  %-8s %s\n", kinds[i].letter, kinds[i].name, kinds[i].meaning);
	putchar('\n');
}

static const struct column list_columns[] = {
	{ .key = "first", .type = COL_UINT, .unit = "pages" },
	{ .key = "pages", .type = COL_UINT, .unit = "pages" },
	{ .key = "kind", .type = COL_STR },
};

static const struct column sum_columns[] = {
	{ .key = "kind", .type = COL_STR },
	{ .key = "number", .type = COL_UINT },
	{ .key = "pages", .type = COL_UINT, .unit = "pages" },
	{ .key = "largest", .type = COL_UINT, .unit = "pages" },
};

static struct table *list(const struct mmbox_window *w)
{
	struct table *t = table_new("areas", list_columns, 3);

	for (size_t i = 0; i < w->nr; i++) {
		table_uint(t, w->v[i].first);
		table_uint(t, w->v[i].pages);
		table_str(t, w->v[i].kind);
	}
	return t;
}

static struct table *sums(const struct mmbox_window *w)
{
	struct table *t = table_new("kinds", sum_columns, 4);

	for (size_t k = 0; k < NR_KINDS; k++) {
		uint64_t number = 0, pages = 0, largest = 0;

		for (size_t i = 0; i < w->nr; i++) {
			if (kind_of(&w->v[i]) != k)
				continue;
			number++;
			pages += w->v[i].pages;
			if (w->v[i].pages > largest)
				largest = w->v[i].pages;
		}
		if (!number)
			continue;
		table_str(t, kinds[k].name);
		table_uint(t, number);
		table_uint(t, pages);
		table_uint(t, largest);
	}
	return t;
}

static void print_text(const struct mmbox_window *w, const struct table *t)
{
	printf("%llu pages of addresses, %llu lazy, %llu purges so far\n",
	       (unsigned long long)w->pages, (unsigned long long)w->lazy,
	       (unsigned long long)w->purges);
	printf("page tables are written by %s; placement=%s\n",
	       strcmp(w->backend, "own") ? "the host's vmap()" : "mmbox", w->placement);
	if (!w->nr) {
		puts("No area has been asked for yet. Try: mmbox map --vmap 64K");
		return;
	}
	draw(w);
	table_print(t, stdout);
}

static void print_as_json(const struct options *o, const struct mmbox_window *w,
			  const struct table *t)
{
	struct json_object *top = json_object_new_object();

	json_object_object_add(top, "box", json_text(o->common.box));
	json_object_object_add(top, "pages", json_object_new_uint64(w->pages));
	json_object_object_add(top, "lazy", json_object_new_uint64(w->lazy));
	json_object_object_add(top, "purges", json_object_new_uint64(w->purges));
	json_object_object_add(top, "backend", json_text(w->backend));
	json_object_object_add(top, "placement", json_text(w->placement));
	json_object_object_add(top, o->summary ? "kinds" : "areas", table_json(t));
	print_json(top);
}

int cmd_areas(int argc, char **argv)
{
	struct options o = { 0 };
	struct mmbox_window w;
	struct table *t;
	int err;

	parse_args(&argp, argc, argv, &o.common);
	err = mmbox_window_read(o.common.box, &w);
	if (err)
		return fail_file(&o.common, err, "vmap/window");
	t = o.summary ? sums(&w) : list(&w);
	if (o.common.json)
		print_as_json(&o, &w, t);
	else
		print_text(&w, t);
	table_free(t);
	mmbox_window_release(&w);
	return EXIT_OK;
}
