// SPDX-License-Identifier: GPL-2.0
/* How a step of the tour tells what it does: on the terminal, and for JSON. */
#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "term.h"
#include "tour.h"

void moment_release(struct moment *m)
{
	mmbox_buddyinfo_release(&m->buddy);
	mmbox_pagetypeinfo_release(&m->types);
	mmbox_objects_release(&m->objects);
	mmbox_counters_release(&m->events);
}

static void rule(const struct tour *t, char c)
{
	for (int i = 0; i < t->width; i++)
		putchar(c);
	putchar('\n');
}

void tour_begin(struct tour *t, unsigned int number, const char *title)
{
	t->last = SAID;
	t->step = (struct step) {
		.number = number,
		.title = title,
		.ok = true,
		.text = json_object_new_array(),
		.commands = json_object_new_array(),
		.checks = json_object_new_array(),
	};
	if (t->common.json)
		return;
	printf("\n%sStep %u of %u: %s%s\n", term_colour(t->colour, BOLD), number, tour_nr_steps,
	       title, term_colour(t->colour, PLAIN));
	rule(t, '-');
}

void tour_end(struct tour *t)
{
	struct step *s = &t->step;

	json_object_array_add(t->steps, step_json(s));
	if (!s->ok)
		t->nr_failed++;
	for (size_t i = 0; i < s->nr_moments; i++)
		moment_release(&s->moment[i]);
	json_object_put(s->text);
	json_object_put(s->commands);
	json_object_put(s->checks);
	json_object_put(s->predicted);
	memset(s, 0, sizeof(*s));
	fflush(stdout);
}

static char *format(const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0) {
		fputs("mmbox: out of memory\n", stderr);
		exit(EXIT_FAILED);
	}
	return text;
}

void tour_say(struct tour *t, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);
	json_object_array_add(t->step.text, json_text(text));
	if (!t->common.json) {
		putchar('\n');
		term_wrap(stdout, t->width, 2, text);
	}
	t->last = SAID;
	free(text);
}

void tour_command(struct tour *t, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);
	json_object_array_add(t->step.commands, json_text(text));
	if (!t->common.json)
		printf("%s    %s%s%s\n", t->last == DID ? "" : "\n",
		       term_colour(t->colour, CYAN), text, term_colour(t->colour, PLAIN));
	t->last = DID;
	free(text);
}

static bool check(struct tour *t, bool ok, const char *fmt, va_list ap)
{
	struct json_object *obj = json_object_new_object();
	char *text = format(fmt, ap);

	t->step.ok &= ok;
	json_object_object_add(obj, "check", json_text(text));
	json_object_object_add(obj, "ok", json_object_new_boolean(ok));
	json_object_array_add(t->step.checks, obj);
	if (!t->common.json)
		printf("%s  %s%s%s  %s\n", t->last == CHECKED ? "" : "\n",
		       term_colour(t->colour, ok ? GREEN : RED), ok ? "ok  " : "FAIL",
		       term_colour(t->colour, PLAIN), text);
	t->last = CHECKED;
	free(text);
	return ok;
}

bool tour_check(struct tour *t, bool ok, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	check(t, ok, fmt, ap);
	va_end(ap);
	return ok;
}

bool tour_need(struct tour *t, bool ok, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!ok)
		check(t, ok, fmt, ap);
	va_end(ap);
	return ok;
}

static struct moment *unreadable(struct tour *t, const char *file, int err)
{
	tour_check(t, false, "%s of box %s can be read: %s", file, t->common.box,
		   strerror(-err));
	return NULL;
}

struct moment *tour_look(struct tour *t, const char *label)
{
	struct moment *m = &t->step.moment[t->step.nr_moments];
	int err;

	if (t->step.nr_moments == MAX_MOMENTS)
		return unreadable(t, "the sequence", -E2BIG);
	memset(m, 0, sizeof(*m));
	snprintf(m->label, sizeof(m->label), "%s", label);
	err = mmbox_buddyinfo_read(t->common.box, &m->buddy);
	if (err)
		return unreadable(t, "buddyinfo", err);
	err = mmbox_pagetypeinfo_read(t->common.box, &m->types);
	if (err) {
		moment_release(m);
		return unreadable(t, "pagetypeinfo", err);
	}
	err = mmbox_objects_read(t->common.box, &m->objects);
	if (err) {
		moment_release(m);
		return unreadable(t, "objects", err);
	}
	/* Everything that follows compares row by row. */
	if (t->rest.buddy.nr && (t->rest.buddy.nr != m->buddy.nr ||
				 t->rest.buddy.nr_orders != m->buddy.nr_orders)) {
		moment_release(m);
		return unreadable(t, "buddyinfo with the same zones", -ESTALE);
	}
	/* The counters are a bonus. */
	mmbox_events_read(t->common.box, &m->events);
	t->step.nr_moments++;
	return m;
}

void tour_heading(struct tour *t, const char *file, const char *what)
{
	printf("\n  %s%s%s: %s\n", term_colour(t->colour, BOLD), file,
	       term_colour(t->colour, PLAIN), what);
	t->last = SHOWN;
}

static void show(struct tour *t, const struct buddy_view *views, size_t nr, size_t area)
{
	if (t->common.json)
		return;
	tour_heading(t, "buddyinfo", "free blocks of each order");
	buddy_print(stdout, views, nr, area, t->colour);
}

void tour_show_buddy(struct tour *t, const struct moment *m)
{
	const struct buddy_view view = { "", &m->buddy };

	show(t, &view, 1, NO_AREA);
}

void tour_show_change(struct tour *t, const struct moment *a, const struct moment *b,
		      size_t area)
{
	const struct buddy_view views[] = { { a->label, &a->buddy }, { b->label, &b->buddy } };

	show(t, views, 2, area);
}

void tour_show_prediction(struct tour *t, const struct moment *m,
			  const struct mmbox_buddyinfo *predicted)
{
	const struct buddy_view views[] = { { m->label, &m->buddy }, { "predicted", predicted } };

	t->step.predicted = buddyinfo_json(predicted);
	show(t, views, 2, NO_AREA);
}

static bool same_type(const struct mmbox_typed_area *a, const struct mmbox_typed_area *b,
		      unsigned int type)
{
	return a->pageblocks[type] == b->pageblocks[type] &&
	       !memcmp(a->free[type], b->free[type], sizeof(a->free[type]));
}

/* Types for which nothing changed are left out. */
static void add_types(struct table *table, const char *when, const struct mmbox_typed_area *area,
		      const struct mmbox_typed_area *other)
{
	for (unsigned int type = 0; type < MMBOX_NR_TYPES; type++) {
		if (same_type(area, other, type))
			continue;
		table_str(table, when);
		table_str(table, mmbox_type_name(type));
		table_uints(table, area->free[type]);
		table_uint(table, area->pageblocks[type]);
		when = "";
	}
}

void tour_show_types(struct tour *t, const struct moment *a, const struct moment *b, size_t area)
{
	const struct column columns[] = {
		{ .key = "when", .title = "", .type = COL_STR, .width = 6 },
		{ .key = "type", .type = COL_STR },
		{ .key = "free", .type = COL_UINTS, .width = 2, .nr = a->types.nr_orders },
		{ .key = "pageblocks", .type = COL_UINT },
	};
	struct table *table;

	if (t->common.json)
		return;
	tour_heading(t, "pagetypeinfo", "free blocks of each order, and pageblocks, by type");
	table = table_new("types", columns, sizeof(columns) / sizeof(*columns));
	add_types(table, a->label, &a->types.area[area], &b->types.area[area]);
	add_types(table, b->label, &b->types.area[area], &a->types.area[area]);
	table_print_indented(table, stdout, 4);
	table_free(table);
}

static const struct column object_columns[] = {
	{ .key = "when", .title = "", .type = COL_STR, .width = 9 },
	{ .key = "id", .type = COL_STR, .align = ALIGN_RIGHT, .width = 3 },
	{ .key = "order", .type = COL_STR, .align = ALIGN_RIGHT },
	{ .key = "pages", .type = COL_STR, .align = ALIGN_RIGHT },
	{ .key = "zone", .type = COL_STR, .width = 6 },
	{ .key = "state", .type = COL_STR, .width = 5 },
	{ .key = "maps", .type = COL_STR, .align = ALIGN_RIGHT },
	{ .key = "pid", .type = COL_STR, .align = ALIGN_RIGHT },
	{ .key = "comm", .type = COL_STR },
};

#define NR_OBJECT_COLUMNS	(sizeof(object_columns) / sizeof(*object_columns))

static void add_number(struct table *table, uint64_t v)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "%llu", (unsigned long long)v);
	table_str(table, buf);
}

static void add_object(struct table *table, const char *when, const struct mmbox_object *o)
{
	table_str(table, when);
	if (!o) {
		table_str(table, "-");
		for (size_t i = 2; i < NR_OBJECT_COLUMNS; i++)
			table_str(table, "");
		return;
	}
	add_number(table, o->id);
	add_number(table, o->order);
	add_number(table, o->pages);
	table_str(table, o->zone);
	table_str(table, o->state);
	add_number(table, o->maps);
	add_number(table, o->pid);
	table_str(table, o->comm);
}

void tour_show_object(struct tour *t, uint32_t id)
{
	const struct step *s = &t->step;
	struct table *table;

	if (t->common.json)
		return;
	tour_heading(t, "objects", "allocations made through the device");
	table = table_new("objects", object_columns, NR_OBJECT_COLUMNS);
	for (size_t i = 0; i < s->nr_moments; i++)
		add_object(table, s->moment[i].label,
			   mmbox_objects_find(&s->moment[i].objects, id));
	table_print_indented(table, stdout, 4);
	table_free(table);
}

struct json_object *tour_json(struct tour *t)
{
	bool ok = !t->nr_failed && json_object_array_length(t->steps) == tour_nr_steps;
	struct json_object *top = json_object_new_object();

	json_object_object_add(top, "box", json_text(t->common.box));
	json_object_object_add(top, "steps", json_object_get(t->steps));
	json_object_object_add(top, "ok", json_object_new_boolean(ok));
	return top;
}

void tour_release(struct tour *t)
{
	moment_release(&t->rest);
	json_object_put(t->steps);
	mmbox_close(t->fd);
}
