// SPDX-License-Identifier: GPL-2.0
/* mmbox why [--last N]: refusals and refused_frees in whole sentences. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "output.h"
#include "sentences.h"

struct options {
	struct common common;
	uint64_t last;
};

static const struct argp_option options[] = {
	{ "last", 'n', "N", 0, "Explain the last N of each kind (1 unless told)", 0 },
	{ 0 },
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'n':
		if (parse_number(arg, UINT32_MAX, &o->last) || !o->last)
			argp_error(state, "'%s' is no number of refusals", arg);
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_opt,
	.doc = "Explain the last requests that a box refused, zone by zone."
	       "\vAn allocation fails when no zone that it may use has a free block of its order or "
	       "a larger one. The fragmentation index tells why: towards 0 because too little is "
	       "free, towards 1 because what is free is in pieces. It fails, too, when a zone is down "
	       "to its watermark, or keeps what is left for others. A free is refused when it names "
	       "a page or an order that was never allocated so. Only root may read this.",
	.children = common_children,
};

static char *index_text(int index)
{
	int value = abs(index);

	return text("%s%d.%03d", index < 0 ? "-" : "", value / 1000, value % 1000);
}

/* What one zone had, and why that was not enough. */
static char *zone_sentence(const struct mmbox_refused_zone *z)
{
	char *name = safe_text(z->zone), *why = safe_text(z->text), *index = index_text(z->index);
	char *sentence;

	if (!strcmp(z->reason, "gfp"))
		sentence = text("Zone %s was not asked: %s.", name, why);
	else if (!strcmp(z->reason, "node"))
		sentence = text("Zone %s of node %u was not asked: %s.", name, z->node, why);
	else if (!strcmp(z->reason, "mark"))
		sentence = text("Zone %s has %llu free page%s, and must keep %llu from a request of "
				"this kind: that is its watermark.", name,
				(unsigned long long)z->free, plural(z->free),
				(unsigned long long)z->mark);
	else if (!strcmp(z->reason, "reserve"))
		sentence = text("Zone %s has %llu free page%s, and must keep %llu from a request of "
				"this kind: its watermark of %llu, and %llu for requests that cannot "
				"use the zones above it.", name, (unsigned long long)z->free,
				plural(z->free), (unsigned long long)(z->mark + z->reserve),
				(unsigned long long)z->mark, (unsigned long long)z->reserve);
	else if (strcmp(z->reason, "block"))
		sentence = text("Zone %s has %llu free page%s, but %s.", name,
				(unsigned long long)z->free, plural(z->free), why);
	else if (z->largest < 0)
		sentence = text("Zone %s has no free page at all.", name);
	else
		sentence = text("Zone %s has %llu free page%s, but the largest free block is of order "
				"%d (fragmentation index %s: %s).", name,
				(unsigned long long)z->free, plural(z->free), z->largest, index,
				z->index >= 500 ? "free memory is there, in pieces" :
						  "there is too little free memory");
	free(index);
	free(why);
	free(name);
	return sentence;
}

/* Pages on CPUs' lists are free too, but only those who may wait get them. */
static char *lists_sentence(const struct mmbox_refused_alloc *a)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < a->nr_zones; i++)
		pages += a->zone[i].pcp;
	if (!pages)
		return NULL;
	return text("%llu more page%s lay at hand on CPUs' lists%s.", (unsigned long long)pages,
		    plural(pages), a->may_wait ? "" :
		    "; the request was not allowed to wait until they are collected");
}

static char *what_sentence(const struct mmbox_refused_alloc *a)
{
	char *gfp = safe_text(a->gfp_names), *size = block_size(a->order);
	char *sentence = text("Order %u%s with %s could not be served.", a->order, size,
			      *gfp ? gfp : "no gfp flags");

	free(size);
	free(gfp);
	return sentence;
}

static char *free_sentence(const struct mmbox_refused_free *f)
{
	char *why = safe_text(f->text), *times, *s;

	times = f->count == 1 ? text("%s", "") :
		text(" %llu times", (unsigned long long)f->count);
	s = text("To free pfn 0x%llx as a block of order %u was refused%s: %s.",
		 (unsigned long long)f->pfn, f->order, times, why);
	free(times);
	free(why);
	return s;
}

static void explain_alloc(const struct mmbox_refused_alloc *a)
{
	char *who = who_text(&a->who);

	say(0, what_sentence(a));
	for (size_t i = 0; i < a->nr_zones; i++)
		say(2, zone_sentence(&a->zone[i]));
	say(2, lists_sentence(a));
	say(2, text("It was failure %llu, %s.", (unsigned long long)a->nr, who));
	free(who);
}

static void explain_free(const struct mmbox_refused_free *f)
{
	char *who = who_text(&f->who);

	say(0, free_sentence(f));
	say(2, text("%s, %s.", f->count == 1 ? "It was" : "The last time it was", who));
	free(who);
}

static void explain(const struct mmbox_refusals *r, const struct mmbox_refused_frees *f,
		    uint64_t last)
{
	size_t first = first_of(r->nr, last), first_free = first_of(f->nr, last);

	if (!r->nr && !f->nr)
		puts("Nothing was refused: no allocation has failed, and no free was wrong.");
	for (size_t i = first; i < r->nr; i++) {
		if (i > first)
			putchar('\n');
		explain_alloc(&r->v[i]);
	}
	if (r->nr && f->nr)
		putchar('\n');
	for (size_t i = first_free; i < f->nr; i++)
		explain_free(&f->v[i]);
	if (first || first_free)
		say(0, text("\nThat was the last of %llu failed allocations and %llu refused frees. "
			    "More: mmbox why --last %zu", (unsigned long long)r->failed,
			    (unsigned long long)f->refused, r->nr > f->nr ? r->nr : f->nr));
}

/*
 * JSON
 */

static struct json_object *zone_json(const struct mmbox_refused_zone *z)
{
	struct json_object *obj = json_object_new_object();

	add_u64(obj, "node", z->node);
	add_text(obj, "zone", z->zone);
	add_text(obj, "reason", z->reason);
	add_u64(obj, "free", z->free);
	json_object_object_add(obj, "largest_order",
			       z->largest < 0 ? NULL : json_object_new_int(z->largest));
	json_object_object_add(obj, "fragmentation_index_thousandths",
			       json_object_new_int(z->index));
	add_u64(obj, "cpu_lists", z->pcp);
	add_u64(obj, "mark", z->mark);
	add_u64(obj, "reserve", z->reserve);
	add_sentence(obj, zone_sentence(z));
	return obj;
}

static struct json_object *alloc_json(const struct mmbox_refused_alloc *a)
{
	struct json_object *obj = json_object_new_object(), *zones = json_object_new_array();

	add_u64(obj, "nr", a->nr);
	add_u64(obj, "order", a->order);
	add_u64(obj, "gfp", a->gfp);
	add_text(obj, "gfp_names", a->gfp_names);
	json_object_object_add(obj, "may_wait", json_object_new_boolean(a->may_wait));
	add_u64(obj, "node", a->node);
	add_who(obj, &a->who);
	add_sentence(obj, what_sentence(a));
	for (size_t i = 0; i < a->nr_zones; i++)
		json_object_array_add(zones, zone_json(&a->zone[i]));
	json_object_object_add(obj, "zones", zones);
	return obj;
}

static struct json_object *free_json(const struct mmbox_refused_free *f)
{
	struct json_object *obj = json_object_new_object();

	add_u64(obj, "nr", f->nr);
	add_u64(obj, "count", f->count);
	add_u64(obj, "pfn", f->pfn);
	add_u64(obj, "order", f->order);
	add_text(obj, "reason", f->reason);
	add_who(obj, &f->who);
	add_sentence(obj, free_sentence(f));
	return obj;
}

static void explain_json(const struct options *o, const struct mmbox_refusals *r,
			 const struct mmbox_refused_frees *f)
{
	struct json_object *top = json_object_new_object();
	struct json_object *allocs = json_object_new_array(), *frees = json_object_new_array();

	for (size_t i = first_of(r->nr, o->last); i < r->nr; i++)
		json_object_array_add(allocs, alloc_json(&r->v[i]));
	for (size_t i = first_of(f->nr, o->last); i < f->nr; i++)
		json_object_array_add(frees, free_json(&f->v[i]));
	add_text(top, "box", o->common.box);
	add_u64(top, "failed", r->failed);
	add_u64(top, "not_recorded", r->lost);
	json_object_object_add(top, "refusals", allocs);
	add_u64(top, "refused", f->refused);
	json_object_object_add(top, "refused_frees", frees);
	print_json(top);
}

int cmd_why(int argc, char **argv)
{
	struct mmbox_refused_frees frees;
	struct mmbox_refusals refusals;
	struct options o = { .last = 1 };
	int err;

	parse_args(&argp, argc, argv, &o.common);
	err = mmbox_refusals_read(o.common.box, &refusals);
	if (err)
		return fail_file(&o.common, err, "refusals");
	err = mmbox_refused_frees_read(o.common.box, &frees);
	if (err) {
		mmbox_refusals_release(&refusals);
		return fail_file(&o.common, err, "refused_frees");
	}
	if (o.common.json)
		explain_json(&o, &refusals, &frees);
	else
		explain(&refusals, &frees, o.last);
	mmbox_refused_frees_release(&frees);
	mmbox_refusals_release(&refusals);
	return EXIT_OK;
}
