// SPDX-License-Identifier: GPL-2.0
/* mmbox types [--steals[=N]]: pagetypeinfo, or steals in whole sentences. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "output.h"
#include "sentences.h"

struct options {
	struct common common;
	uint64_t steals;	/* how many, or 0: not these */
};

static const struct argp_option options[] = {
	{ "steals", 's', "N", OPTION_ARG_OPTIONAL,
	  "Tell the last N fallbacks between types instead (10 unless told)", 0 },
	{ 0 },
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 's':
		o->steals = 10;
		if (arg && (parse_number(arg, UINT32_MAX, &o->steals) || !o->steals))
			argp_error(state, "'%s' is no number of fallbacks", arg);
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_opt,
	.doc = "Show what is free by zone, migrate type and order, and how many pageblocks each type "
	       "has."
	       "\vA pageblock is a stretch of memory, a huge page long, whose pages are meant for one "
	       "type. An allocation that finds no block in pageblocks of its type falls back to "
	       "another one: --steals tells from which, for whom, and whether the pageblock went "
	       "over to the new type. Only root may read this.",
	.children = common_children,
};

/* Types that have nothing are left out of the text: mostly there are three. */
static bool has_any(const struct mmbox_typed_area *area, unsigned int type, unsigned int nr_orders)
{
	for (unsigned int o = 0; o < nr_orders; o++) {
		if (area->free[type][o])
			return true;
	}
	return area->pageblocks[type];
}

static int show_types(const struct options *o)
{
	struct column columns[] = {
		{ .key = "node", .type = COL_UINT },
		{ .key = "zone", .type = COL_STR, .width = 6 },
		{ .key = "type", .type = COL_STR, .width = 11 },
		{ .key = "free", .type = COL_UINTS, .unit = "blocks", .width = 3 },
		{ .key = "pages", .type = COL_UINT, .unit = "pages" },
		{ .key = "pageblocks", .type = COL_UINT, .unit = "pageblocks" },
	};
	struct mmbox_pagetypeinfo pti;
	struct table *t;
	int err;

	err = mmbox_pagetypeinfo_read(o->common.box, &pti);
	if (err)
		return fail_file(&o->common, err, "pagetypeinfo");
	columns[3].nr = pti.nr_orders;
	t = table_new("types", columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; i < pti.nr; i++) {
		const struct mmbox_typed_area *area = &pti.area[i];

		for (unsigned int type = 0; type < MMBOX_NR_TYPES; type++) {
			if (!o->common.json && !has_any(area, type, pti.nr_orders))
				continue;
			table_uint(t, area->node);
			table_str(t, area->zone);
			table_str(t, mmbox_type_name(type));
			table_uints(t, area->free[type]);
			table_uint(t, mmbox_free_pages(area->free[type], pti.nr_orders));
			table_uint(t, area->pageblocks[type]);
		}
	}
	if (!o->common.json)
		printf("Free blocks of each order; a pageblock is of order %u.\n", pti.block_order);
	mmbox_pagetypeinfo_release(&pti);
	return table_finish(t, o->common.box, o->common.json);
}

static char *steal_sentence(const struct mmbox_steal *s)
{
	char *from = safe_text(s->from), *to = safe_text(s->to), *zone = safe_text(s->zone);
	char *size = block_size(s->wanted), *sentence;

	sentence = text("Zone %s of node %u had no %s block for order %u%s, so the %s block of order "
			"%u at pfn 0x%llx was taken.", zone, s->node, to, s->wanted, size, from,
			s->order, (unsigned long long)s->pfn);
	free(size);
	free(zone);
	free(to);
	free(from);
	return sentence;
}

/* What became of the pageblock. */
static char *outcome_sentence(const struct mmbox_steal *s)
{
	char *from = safe_text(s->from), *to = safe_text(s->to), *sentence;

	if (s->converted)
		sentence = text("What was free around it went over with it: what was %s is %s "
				"now.", from, to);
	else
		sentence = text("The pageblock stays %s, and so does what is left of the block.",
				from);
	free(to);
	free(from);
	return sentence;
}

static void tell_steals(const struct mmbox_steals *steals, uint64_t last)
{
	size_t first = first_of(steals->nr, last);

	if (!steals->nr)
		puts("No allocation took from pageblocks of another type.");
	for (size_t i = first; i < steals->nr; i++) {
		const struct mmbox_steal *s = &steals->v[i];
		char *who = who_text(&s->who);

		say(0, steal_sentence(s));
		say(2, outcome_sentence(s));
		say(2, text("It was fallback %llu, %s.", (unsigned long long)s->nr, who));
		free(who);
	}
	if (first)
		say(0, text("That was the last of %llu fallbacks. More: mmbox types --steals=%zu",
			    (unsigned long long)steals->total, steals->nr));
}

static struct json_object *steal_json(const struct mmbox_steal *s)
{
	struct json_object *obj = json_object_new_object();

	add_u64(obj, "nr", s->nr);
	add_u64(obj, "node", s->node);
	add_text(obj, "zone", s->zone);
	add_u64(obj, "pfn", s->pfn);
	add_u64(obj, "order", s->order);
	add_text(obj, "from", s->from);
	add_text(obj, "to", s->to);
	add_u64(obj, "wanted", s->wanted);
	json_object_object_add(obj, "converted", json_object_new_boolean(s->converted));
	add_who(obj, &s->who);
	add_sentence(obj, steal_sentence(s));
	return obj;
}

static void tell_steals_json(const struct options *o, const struct mmbox_steals *steals)
{
	struct json_object *top = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = first_of(steals->nr, o->steals); i < steals->nr; i++)
		json_object_array_add(list, steal_json(&steals->v[i]));
	add_text(top, "box", o->common.box);
	add_u64(top, "total", steals->total);
	json_object_object_add(top, "steals", list);
	print_json(top);
}

static int show_steals(const struct options *o)
{
	struct mmbox_steals steals;
	int err = mmbox_steals_read(o->common.box, &steals);

	if (err)
		return fail_file(&o->common, err, "steals");
	if (o->common.json)
		tell_steals_json(o, &steals);
	else
		tell_steals(&steals, o->steals);
	mmbox_steals_release(&steals);
	return EXIT_OK;
}

int cmd_types(int argc, char **argv)
{
	struct options o = { 0 };

	parse_args(&argp, argc, argv, &o.common);
	return o.steals ? show_steals(&o) : show_types(&o);
}
