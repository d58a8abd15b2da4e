// SPDX-License-Identifier: GPL-2.0
/* A step of the tour as JSON. */
#include <json-c/json.h>
#include <string.h>

#include "tour.h"

struct json_object *buddyinfo_json(const struct mmbox_buddyinfo *bi)
{
	struct json_object *rows = json_object_new_array(), *row, *free;

	for (size_t i = 0; i < bi->nr; i++) {
		free = json_object_new_array();
		for (unsigned int o = 0; o < bi->nr_orders; o++)
			json_object_array_add(free, json_object_new_uint64(bi->area[i].free[o]));
		row = json_object_new_object();
		json_object_object_add(row, "node", json_object_new_uint64(bi->area[i].node));
		json_object_object_add(row, "zone", json_text(bi->area[i].zone));
		json_object_object_add(row, "free", free);
		json_object_array_add(rows, row);
	}
	return rows;
}

static struct json_object *pagetypeinfo_json(const struct mmbox_pagetypeinfo *pti)
{
	struct json_object *rows = json_object_new_array(), *row, *free;

	for (size_t i = 0; i < pti->nr * MMBOX_NR_TYPES; i++) {
		const struct mmbox_typed_area *area = &pti->area[i / MMBOX_NR_TYPES];
		unsigned int type = i % MMBOX_NR_TYPES;

		free = json_object_new_array();
		for (unsigned int o = 0; o < pti->nr_orders; o++)
			json_object_array_add(free, json_object_new_uint64(area->free[type][o]));
		row = json_object_new_object();
		json_object_object_add(row, "node", json_object_new_uint64(area->node));
		json_object_object_add(row, "zone", json_text(area->zone));
		json_object_object_add(row, "type", json_text(mmbox_type_name(type)));
		json_object_object_add(row, "free", free);
		json_object_object_add(row, "pageblocks",
				       json_object_new_uint64(area->pageblocks[type]));
		json_object_array_add(rows, row);
	}
	return rows;
}

static struct json_object *objects_json(const struct mmbox_objects *objects)
{
	struct json_object *rows = json_object_new_array(), *row;

	for (size_t i = 0; i < objects->nr; i++) {
		const struct mmbox_object *o = &objects->v[i];

		row = json_object_new_object();
		json_object_object_add(row, "id", json_object_new_uint64(o->id));
		json_object_object_add(row, "order", json_object_new_uint64(o->order));
		json_object_object_add(row, "pages", json_object_new_uint64(o->pages));
		json_object_object_add(row, "zone", json_text(o->zone));
		json_object_object_add(row, "state", json_text(o->state));
		json_object_object_add(row, "maps", json_object_new_uint64(o->maps));
		json_object_array_add(rows, row);
	}
	return rows;
}

static struct json_object *moment_json(const struct moment *m)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "moment", json_text(m->label));
	json_object_object_add(obj, "buddyinfo", buddyinfo_json(&m->buddy));
	json_object_object_add(obj, "pagetypeinfo", pagetypeinfo_json(&m->types));
	json_object_object_add(obj, "objects", objects_json(&m->objects));
	return obj;
}

static void add_buddy_changes(struct json_object *list, const struct mmbox_buddyinfo *from,
			      const struct mmbox_buddyinfo *to)
{
	struct json_object *c;

	for (size_t i = 0; i < from->nr; i++) {
		const struct mmbox_area *a = &from->area[i], *b = &to->area[i];

		for (unsigned int o = 0; o < from->nr_orders; o++) {
			if (a->free[o] == b->free[o])
				continue;
			c = json_object_new_object();
			json_object_object_add(c, "file", json_text("buddyinfo"));
			json_object_object_add(c, "node", json_object_new_uint64(a->node));
			json_object_object_add(c, "zone", json_text(a->zone));
			json_object_object_add(c, "order", json_object_new_uint64(o));
			json_object_object_add(c, "before", json_object_new_uint64(a->free[o]));
			json_object_object_add(c, "after", json_object_new_uint64(b->free[o]));
			json_object_array_add(list, c);
		}
	}
}

/* An object's state, "none" where there is no such object. */
static void add_object_change(struct json_object *list, uint32_t id,
			      const struct mmbox_object *a, const struct mmbox_object *b)
{
	struct json_object *c;

	if (a && b && !strcmp(a->state, b->state) && a->maps == b->maps)
		return;
	c = json_object_new_object();
	json_object_object_add(c, "file", json_text("objects"));
	json_object_object_add(c, "id", json_object_new_uint64(id));
	json_object_object_add(c, "before", json_text(a ? a->state : "none"));
	json_object_object_add(c, "after", json_text(b ? b->state : "none"));
	json_object_object_add(c, "maps_before", json_object_new_uint64(a ? a->maps : 0));
	json_object_object_add(c, "maps_after", json_object_new_uint64(b ? b->maps : 0));
	json_object_array_add(list, c);
}

static struct json_object *changes_json(const struct moment *from, const struct moment *to)
{
	struct json_object *list = json_object_new_array();

	add_buddy_changes(list, &from->buddy, &to->buddy);
	for (size_t i = 0; i < from->objects.nr; i++) {
		const struct mmbox_object *a = &from->objects.v[i];

		add_object_change(list, a->id, a, mmbox_objects_find(&to->objects, a->id));
	}
	for (size_t i = 0; i < to->objects.nr; i++) {
		const struct mmbox_object *b = &to->objects.v[i];

		if (!mmbox_objects_find(&from->objects, b->id))
			add_object_change(list, b->id, NULL, b);
	}
	return list;
}

/* "before" and "after" are the first and the last look, "moments" all of them. */
struct json_object *step_json(const struct step *s)
{
	const struct moment *first = s->moment, *last = s->moment + s->nr_moments - 1;
	struct json_object *obj = json_object_new_object(), *moments;

	json_object_object_add(obj, "number", json_object_new_uint64(s->number));
	json_object_object_add(obj, "title", json_text(s->title));
	json_object_object_add(obj, "ok", json_object_new_boolean(s->ok));
	json_object_object_add(obj, "text", json_object_get(s->text));
	json_object_object_add(obj, "command", json_object_get(s->commands));
	json_object_object_add(obj, "checks", json_object_get(s->checks));
	json_object_object_add(obj, "predicted", json_object_get(s->predicted));
	json_object_object_add(obj, "before", s->nr_moments ? moment_json(first) : NULL);
	json_object_object_add(obj, "after", s->nr_moments ? moment_json(last) : NULL);
	json_object_object_add(obj, "changes", s->nr_moments ? changes_json(first, last) :
			       json_object_new_array());
	moments = json_object_new_array();
	for (size_t i = 0; i < s->nr_moments; i++)
		json_object_array_add(moments, moment_json(&s->moment[i]));
	json_object_object_add(obj, "moments", moments);
	return obj;
}
