// SPDX-License-Identifier: GPL-2.0
/* What stands in the file allocinfo (docs/abi/files.md). */
#include <linux/seq_file.h>
#include <linux/string.h>

#include "internal.h"
#include "report.h"
#include "site.h"

/**
 * mmbox_report_next_site - the position of a place: its number, plus 1, or 0,
 *			    the head
 * @box: the box
 * @pos: position
 *
 * Return: whether there is a row.
 */
bool mmbox_report_next_site(struct mmbox *box, loff_t *pos)
{
	return *pos <= mmbox_sites_nr(box->sites);
}

/**
 * mmbox_report_allocinfo - a place's row of allocinfo
 * @m:	 where to print
 * @box: the box
 * @pos: the place, or 0: the head
 *
 * Return: 0, or SEQ_SKIP if nothing is allocated from there.
 */
int mmbox_report_allocinfo(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	const struct mmbox_site *site;
	s64 bytes, calls;

	if (!pos) {
		seq_puts(m, "allocinfo - version: 1.0\n");
		seq_puts(m, "#     <size>  <calls> <tag info>\n");
		return 0;
	}
	site = mmbox_site_at(box->sites, pos - 1);
	bytes = atomic64_read(&site->bytes);
	calls = atomic64_read(&site->calls);
	if (!calls)
		return SEQ_SKIP;
	/* The kernel has file and line, which no kernel knows of a module. */
	seq_printf(m, "%12lld %8llu %s func:%.*s\n", bytes, calls, site->text,
		   (int)strcspn(site->text, "+ "), site->text);
	return 0;
}
