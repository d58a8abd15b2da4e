// SPDX-License-Identifier: GPL-2.0
/* mmbox list */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"

static const struct column columns[] = {
	{ .key = "box", .type = COL_STR },
	{ .key = "zones", .type = COL_STR },
	{ .key = "managed", .type = COL_UINT, .unit = "pages" },
	{ .key = "free", .type = COL_UINT, .unit = "pages" },
	{ .key = "cpu_lists", .title = "on lists", .type = COL_UINT, .unit = "pages" },
	{ .key = "used", .type = COL_UINT, .unit = "pages" },
	{ .key = "managed_kb", .title = "managed kB", .type = COL_UINT, .unit = "kB" },
	{ .key = "free_kb", .title = "free kB", .type = COL_UINT, .unit = "kB" },
};

/* "DMA,Normal": the populated zones, a zone on two nodes named once. */
static void add_zone_name(char *list, size_t len, const char *name)
{
	size_t used = strlen(list), n = strlen(name);

	for (const char *p = list; (p = strstr(p, name)); p += n) {
		if ((p == list || p[-1] == ',') && (!p[n] || p[n] == ','))
			return;
	}
	if (used + 1 + n < len) {
		strcat(list, used ? "," : "");
		strcat(list, name);
	}
}

static int add_box(struct table *t, const char *box)
{
	uint64_t kb = (uint64_t)sysconf(_SC_PAGESIZE) / 1024, managed = 0, free = 0, listed = 0;
	struct mmbox_zoneinfo zi;
	char zones[128] = "";
	int err = mmbox_zoneinfo_read(box, &zi);

	if (err)
		return err;
	for (size_t i = 0; i < zi.nr; i++) {
		if (!zi.zone[i].managed)
			continue;
		managed += zi.zone[i].managed;
		free += zi.zone[i].free;
		listed += mmbox_zone_listed(&zi.zone[i]);
		add_zone_name(zones, sizeof(zones), zi.zone[i].name);
	}
	mmbox_zoneinfo_release(&zi);

	table_str(t, box);
	table_str(t, zones);
	table_uint(t, managed);
	table_uint(t, free);
	table_uint(t, listed);
	/* Pages move while the file is read. */
	table_uint(t, managed > free + listed ? managed - free - listed : 0);
	table_uint(t, managed * kb);
	table_uint(t, free * kb);
	return 0;
}

int cmd_list(int argc, char **argv)
{
	struct common c = { 0 };
	struct mmbox_names names;
	struct table *t;
	int err;

	parse_common("List the boxes, with their zones and pages."
		     "\vPages on lists are free too, kept at hand by CPUs. What is neither free nor on "
		     "lists is used.", argc, argv, &c);
	err = mmbox_boxes(&names);
	if (err)
		return fail(&c, err, "Is the module loaded? Try: mmbox doctor",
			    "cannot list the boxes");
	t = table_new("boxes", columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; i < names.nr; i++) {
		err = add_box(t, names.name[i]);
		/* One that was destroyed in the meantime is none of the boxes. */
		if (err && err != -ENOENT) {
			c.box = names.name[i];
			fail_file(&c, err, "zoneinfo");
			table_free(t);
			mmbox_names_release(&names);
			return EXIT_FAILED;
		}
	}
	mmbox_names_release(&names);
	if (!table_rows(t) && !c.json) {
		table_free(t);
		printf("There is no box. Create one: mmbox create box0 normal=16M\n");
		return EXIT_OK;
	}
	return table_finish(t, NULL, c.json);
}
