// SPDX-License-Identifier: GPL-2.0
/*
 * Who did something, in the lines of words "name=value" that several files are
 * made of.
 */
#include <linux/ctype.h>
#include <linux/kallsyms.h>
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "report.h"
#include "who.h"

static const char *const context_name[MMBOX_NR_CONTEXTS] = {
	[MMBOX_CONTEXT_TASK]	= "task",
	[MMBOX_CONTEXT_SOFTIRQ] = "softirq",
	[MMBOX_CONTEXT_HARDIRQ] = "hardirq",
};

/*
 * The symbol alone. Where the caller has none any more, its module having been
 * unloaded, the kernel would print the address instead, and that is nobody's
 * business.
 */
static void show_caller(struct seq_file *m, unsigned long caller)
{
	char name[KSYM_SYMBOL_LEN];

	snprintf(name, sizeof(name), "%ps", (void *)caller);
	*strchrnul(name, ' ') = '\0';
	if (!isalpha(name[0]) && name[0] != '_')
		strscpy(name, "?", sizeof(name));
	seq_printf(m, " caller=%s", name);
}

/**
 * mmbox_report_who - print who did something, but for the time
 * @m:	 where to print
 * @who: who
 */
void mmbox_report_who(struct seq_file *m, const struct mmbox_who *who)
{
	seq_printf(m, " context=%s", context_name[who->context]);
	show_caller(m, who->caller);
	seq_printf(m, " pid=%d comm=", who->pid);
	seq_escape(m, who->comm, " \t\n\\:");
}

/**
 * mmbox_report_time - print when somebody did something
 * @m:	 where to print
 * @who: who
 */
void mmbox_report_time(struct seq_file *m, const struct mmbox_who *who)
{
	u32 rest;
	u64 seconds = div_u64_rem(who->time, NSEC_PER_SEC, &rest);

	seq_printf(m, " time=%llu.%06u", seconds, rest / 1000);
}
