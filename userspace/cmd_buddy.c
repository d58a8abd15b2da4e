// SPDX-License-Identifier: GPL-2.0
/* mmbox buddy */
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"

int cmd_buddy(int argc, char **argv)
{
	struct column columns[] = {
		{ .key = "node", .type = COL_UINT },
		{ .key = "zone", .type = COL_STR, .width = 6 },
		{ .key = "free", .type = COL_UINTS, .unit = "blocks", .width = 3 },
		{ .key = "pages", .type = COL_UINT, .unit = "pages" },
		{ .key = "kb", .title = "kB", .type = COL_UINT, .unit = "kB" },
	};
	uint64_t kb = (uint64_t)sysconf(_SC_PAGESIZE) / 1024, pages;
	struct mmbox_buddyinfo bi;
	struct common c = { 0 };
	struct table *t;
	int err;

	parse_common("Show the free blocks of each order, a line for each zone."
		     "\vA block of order N is 2^N contiguous pages. Column N counts the free blocks "
		     "of that order; pages and kB are their sum over all orders.",
		     argc, argv, &c);
	err = mmbox_buddyinfo_read(c.box, &bi);
	if (err)
		return fail_file(&c, err, "buddyinfo");
	columns[2].nr = bi.nr_orders;
	t = table_new("zones", columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; i < bi.nr; i++) {
		pages = mmbox_area_pages(&bi.area[i], bi.nr_orders);
		table_uint(t, bi.area[i].node);
		table_str(t, bi.area[i].zone);
		table_uints(t, bi.area[i].free);
		table_uint(t, pages);
		table_uint(t, pages * kb);
	}
	mmbox_buddyinfo_release(&bi);
	return table_finish(t, c.box, c.json);
}
