// SPDX-License-Identifier: GPL-2.0
/* mmbox objects */
#include <stdio.h>

#include "cli.h"
#include "output.h"

static const struct column columns[] = {
	{ .key = "id", .type = COL_UINT },
	{ .key = "order", .type = COL_UINT },
	{ .key = "pages", .type = COL_UINT, .unit = "pages" },
	{ .key = "zone", .type = COL_STR },
	{ .key = "variant", .type = COL_STR },
	{ .key = "state", .type = COL_STR },
	{ .key = "maps", .type = COL_UINT },
	{ .key = "pid", .type = COL_UINT },
	{ .key = "comm", .type = COL_STR },
};

static struct table *objects_table(const struct mmbox_objects *objects)
{
	struct table *t = table_new("objects", columns, sizeof(columns) / sizeof(*columns));

	for (size_t i = 0; i < objects->nr; i++) {
		const struct mmbox_object *o = &objects->v[i];

		table_uint(t, o->id);
		table_uint(t, o->order);
		table_uint(t, o->pages);
		table_str(t, o->zone);
		table_str(t, o->variant);
		table_str(t, o->state);
		table_uint(t, o->maps);
		table_uint(t, o->pid);
		table_str(t, o->comm);
	}
	return t;
}

int cmd_objects(int argc, char **argv)
{
	struct mmbox_objects objects;
	struct common c = { 0 };
	struct table *t;
	int err;

	parse_common("List the allocations made through the device."
		     "\vstate: live = owned by an open file, kept = owned by the box, freed = given "
		     "up but still mapped, or held by the kernel. maps: mappings in processes. pid and comm: who allocated "
		     "it. Only root may read the list.", argc, argv, &c);
	err = mmbox_objects_read(c.box, &objects);
	if (err)
		return fail_file(&c, err, "objects");
	t = objects_table(&objects);
	mmbox_objects_release(&objects);
	return table_finish(t, c.box, c.json);
}
