// SPDX-License-Identifier: GPL-2.0
/* mmbox zones [-v] */
#include <json-c/json.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "output.h"

struct options {
	struct common common;
	bool verbose;
};

static const struct argp_option options[] = {
	{ "verbose", 'v', NULL, 0,
	  "Show empty zones, protection, counters, per-CPU lists and what bookkeeping costs", 0 },
	{ 0 },
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'v':
		o->verbose = true;
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_opt,
	.doc = "Show the zones of a box: free pages, watermarks and sizes, in pages."
	       "\vspanned pages lie between a zone's first and last page, present ones exist, "
	       "managed ones are in the allocator's hands. Those on lists are free too, kept at hand "
	       "by CPUs; what is neither free nor on lists is allocated. Below 'min' only urgent "
	       "requests are served; a zone below 'low' is passed over while others have more. "
	       "What sets them: mmbox set.",
	.children = common_children,
};

static const struct column columns[] = {
	{ .key = "node", .type = COL_UINT },
	{ .key = "zone", .type = COL_STR, .width = 6 },
	{ .key = "free", .type = COL_UINT, .unit = "pages" },
	{ .key = "cpu_lists", .title = "on lists", .type = COL_UINT, .unit = "pages" },
	{ .key = "min", .type = COL_UINT, .unit = "pages" },
	{ .key = "low", .type = COL_UINT, .unit = "pages" },
	{ .key = "high", .type = COL_UINT, .unit = "pages" },
	{ .key = "boost", .type = COL_UINT, .unit = "pages", .detail = true },
	{ .key = "promo", .type = COL_UINT, .unit = "pages", .detail = true },
	{ .key = "spanned", .type = COL_UINT, .unit = "pages" },
	{ .key = "present", .type = COL_UINT, .unit = "pages" },
	{ .key = "managed", .type = COL_UINT, .unit = "pages" },
	{ .key = "start_pfn", .title = "start pfn", .type = COL_UINT, .detail = true },
};

static struct table *zones_table(const struct mmbox_zoneinfo *zi, bool empty_too)
{
	struct table *t = table_new("zones", columns, sizeof(columns) / sizeof(*columns));

	for (size_t i = 0; i < zi->nr; i++) {
		const struct mmbox_zone *z = &zi->zone[i];

		if (!z->managed && !empty_too)
			continue;
		table_uint(t, z->node);
		table_str(t, z->name);
		table_uint(t, z->free);
		table_uint(t, mmbox_zone_listed(z));
		table_uint(t, z->min);
		table_uint(t, z->low);
		table_uint(t, z->high);
		table_uint(t, z->boost);
		table_uint(t, z->promo);
		table_uint(t, z->spanned);
		table_uint(t, z->present);
		table_uint(t, z->managed);
		table_uint(t, z->start_pfn);
	}
	return t;
}

static struct json_object *counters_json(const struct mmbox_counters *c)
{
	struct json_object *obj = json_object_new_object();

	for (size_t i = 0; i < c->nr; i++) {
		struct json_object *name = json_text(c->v[i].name);

		json_object_object_add(obj, json_object_get_string(name),
				       json_object_new_uint64(c->v[i].value));
		json_object_put(name);
	}
	return obj;
}

static const struct column pageset_columns[] = {
	{ .key = "cpu", .type = COL_UINT },
	{ .key = "count", .type = COL_UINT, .unit = "pages" },
	{ .key = "high", .type = COL_UINT, .unit = "pages" },
	{ .key = "batch", .type = COL_UINT, .unit = "pages" },
	{ .key = "high_min", .type = COL_UINT, .unit = "pages" },
	{ .key = "high_max", .type = COL_UINT, .unit = "pages" },
};

static struct table *pagesets_table(const struct mmbox_zone *z)
{
	struct table *t = table_new("pagesets", pageset_columns,
				    sizeof(pageset_columns) / sizeof(*pageset_columns));

	for (size_t i = 0; i < z->nr_pagesets; i++) {
		const struct mmbox_pageset *p = &z->pageset[i];

		table_uint(t, p->cpu);
		table_uint(t, p->count);
		table_uint(t, p->high);
		table_uint(t, p->batch);
		table_uint(t, p->high_min);
		table_uint(t, p->high_max);
	}
	return t;
}

static struct json_object *cost_json(const struct mmbox_cost *c)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "sections", json_object_new_uint64(c->sections));
	json_object_object_add(obj, "descriptors", json_object_new_uint64(c->descriptors));
	json_object_object_add(obj, "headers", json_object_new_uint64(c->headers));
	json_object_object_add(obj, "own_pages", json_object_new_uint64(c->own_pages));
	json_object_object_add(obj, "host_memory", json_object_new_uint64(c->host_memory));
	json_object_object_add(obj, "per_page_hundredths", json_object_new_uint64(c->per_page));
	json_object_object_add(obj, "cpu_lists", json_object_new_uint64(c->pcp));
	json_object_object_add(obj, "reserved_pages", json_object_new_uint64(c->reserved));
	return obj;
}

static struct json_object *metadata_json(const struct mmbox_metadata *m)
{
	struct json_object *obj = cost_json(&m->all);

	json_object_object_add(obj, "slab_pages", json_object_new_uint64(m->slab_pages));
	json_object_object_add(obj, "index_leaves", json_object_new_uint64(m->index_leaves));
	json_object_object_add(obj, "index", json_object_new_uint64(m->index));
	return obj;
}

static const struct mmbox_cost *cost_of(const struct mmbox_metadata *m,
					const struct mmbox_zone *z)
{
	for (size_t i = 0; i < m->nr; i++) {
		if (m->zone[i].node == z->node && !strcmp(m->zone[i].zone, z->name))
			return &m->zone[i];
	}
	return NULL;
}

/* The rows of the table, each with what a table has no room for. */
static int print_json_detail(const struct mmbox_zoneinfo *zi, const struct mmbox_metadata *m,
			     const char *box)
{
	struct json_object *top = json_object_new_object(), *rows, *row, *list;
	struct table *t = zones_table(zi, true);

	rows = table_json(t);
	table_free(t);
	for (size_t i = 0; i < zi->nr; i++) {
		const struct mmbox_zone *z = &zi->zone[i];
		const struct mmbox_cost *cost = cost_of(m, z);

		row = json_object_array_get_idx(rows, i);
		list = json_object_new_array();
		for (unsigned int p = 0; p < z->nr_protection; p++)
			json_object_array_add(list, json_object_new_uint64(z->protection[p]));
		json_object_object_add(row, "protection", list);
		json_object_object_add(row, "node_stats", counters_json(&z->node_stats));
		json_object_object_add(row, "stats", counters_json(&z->stats));
		t = pagesets_table(z);
		json_object_object_add(row, "pagesets", table_json(t));
		table_free(t);
		if (cost)
			json_object_object_add(row, "metadata", cost_json(cost));
	}
	json_object_object_add(top, "box", json_text(box));
	json_object_object_add(top, "zones", rows);
	json_object_object_add(top, "metadata", metadata_json(m));
	print_json(top);
	return EXIT_OK;
}

static void print_cost(const struct mmbox_cost *c)
{
	static const struct {
		const char *name;
		size_t offset;
	} lines[] = {
		{ "Descriptors:", offsetof(struct mmbox_cost, descriptors) },
		{ "SectionHeaders:", offsetof(struct mmbox_cost, headers) },
		{ "InOwnPages:", offsetof(struct mmbox_cost, own_pages) },
		{ "InHostMemory:", offsetof(struct mmbox_cost, host_memory) },
		{ "PerCpuLists:", offsetof(struct mmbox_cost, pcp) },
	};

	printf("    %-28s %12llu\n", "Sections:", (unsigned long long)c->sections);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		printf("    %-28s %12llu bytes\n", lines[i].name,
		       (unsigned long long)*(const uint64_t *)((const char *)c + lines[i].offset));
	printf("    %-28s %9llu.%02llu bytes\n", "PerPage:", (unsigned long long)c->per_page / 100,
	       (unsigned long long)c->per_page % 100);
	printf("    %-28s %12llu pages\n", "Reserved:", (unsigned long long)c->reserved);
}

static void print_metadata(const struct mmbox_metadata *m)
{
	puts("\nAll zones");
	puts("  what bookkeeping costs");
	print_cost(&m->all);
	printf("    %-28s %12llu pages\n", "SlabDescriptors:", (unsigned long long)m->slab_pages);
	printf("    %-28s %12llu\n", "IndexLeaves:", (unsigned long long)m->index_leaves);
	printf("    %-28s %12llu bytes\n", "Index:", (unsigned long long)m->index);
}

static void print_counters(const char *what, const struct mmbox_counters *c)
{
	if (!c->nr)
		return;
	printf("  %s\n", what);
	for (size_t i = 0; i < c->nr; i++) {
		char *name = safe_text(c->v[i].name);

		printf("    %-28s %12llu\n", name, (unsigned long long)c->v[i].value);
		free(name);
	}
}

static void print_zone_detail(const struct mmbox_zone *z, const struct mmbox_cost *cost)
{
	char *name = safe_text(z->name);
	struct table *t;

	printf("\nNode %u, zone %s", z->node, name);
	free(name);
	if (!z->managed) {
		printf(": empty\n");
		return;
	}
	printf(", from pfn %llu\n", (unsigned long long)z->start_pfn);
	printf("  protection (pages kept from requests for higher zones):");
	for (unsigned int i = 0; i < z->nr_protection; i++)
		printf(" %llu", (unsigned long long)z->protection[i]);
	putchar('\n');
	print_counters("counters of the node", &z->node_stats);
	print_counters("counters of the zone", &z->stats);
	if (z->nr_pagesets) {
		t = pagesets_table(z);
		printf("  per-CPU lists\n");
		table_print(t, stdout);
		table_free(t);
	}
	if (cost) {
		puts("  what bookkeeping costs");
		print_cost(cost);
	}
}

static int print_verbose(const struct options *o, const struct mmbox_zoneinfo *zi)
{
	struct mmbox_metadata m;
	int err = mmbox_metadata_read(o->common.box, &m);

	if (err)
		return fail_file(&o->common, err, "metadata");
	if (o->common.json) {
		print_json_detail(zi, &m, o->common.box);
	} else {
		table_finish(zones_table(zi, true), o->common.box, false);
		for (size_t i = 0; i < zi->nr; i++)
			print_zone_detail(&zi->zone[i], cost_of(&m, &zi->zone[i]));
		print_metadata(&m);
	}
	mmbox_metadata_release(&m);
	return EXIT_OK;
}

int cmd_zones(int argc, char **argv)
{
	struct options o = { 0 };
	struct mmbox_zoneinfo zi;
	int err, status;

	parse_args(&argp, argc, argv, &o.common);
	err = mmbox_zoneinfo_read(o.common.box, &zi);
	if (err)
		return fail_file(&o.common, err, "zoneinfo");
	if (o.verbose)
		status = print_verbose(&o, &zi);
	else
		status = table_finish(zones_table(&zi, false), o.common.box, o.common.json);
	mmbox_zoneinfo_release(&zi);
	return status;
}
