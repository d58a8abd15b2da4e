// SPDX-License-Identifier: GPL-2.0
/* What stands in the file tunables (docs/abi/files.md). */
#include <linux/seq_file.h>

#include "internal.h"
#include "report.h"
#include "tune.h"

/**
 * mmbox_report_next_tunable - the position of a setting
 * @box: the box
 * @pos: position
 *
 * Return: whether there is a row.
 */
bool mmbox_report_next_tunable(struct mmbox *box, loff_t *pos)
{
	return *pos < MMBOX_NR_SETTINGS;
}

/**
 * mmbox_report_tunables - the row of a setting
 * @m:	 where to print
 * @box: the box
 * @pos: which setting
 *
 * Return: 0.
 */
int mmbox_report_tunables(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	struct mmbox_tunable_text text;

	if (!mmbox_tune_text(box, pos, &text))
		return SEQ_SKIP;
	seq_printf(m, "%s %s %s: %s%s\n", text.name, text.value, text.unit,
		   text.range, text.automatic ? "; automatic" : "");
	return 0;
}
