/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_REPORT_H
#define MMBOX_REPORT_H

#include <linux/types.h>

struct mmbox;
struct mmbox_who;
struct seq_file;

/**
 * struct mmbox_report_type - one kind of file
 * @name: its name, maybe with one directory before it
 * @mode: its permissions
 * @next: moves a position to the first row at or behind it; false if none is
 * @show: prints the row at a position
 * @last: if rows are added all the time, the last one as reading begins
 * @read: instead of all these, where a file is not made of rows: reads bytes
 */
struct mmbox_report_type {
	const char *name;
	umode_t mode;
	bool (*next)(struct mmbox *box, loff_t *pos);
	int (*show)(struct seq_file *m, struct mmbox *box, loff_t pos);
	u64 (*last)(struct mmbox *box);
	ssize_t (*read)(struct mmbox *box, char __user *buf, size_t count,
			loff_t *pos);
};

bool mmbox_report_only(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_zone(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_present(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_slot(struct mmbox *box, loff_t *pos);
int mmbox_report_kmap(struct seq_file *m, struct mmbox *box, loff_t pos);
bool mmbox_report_next_fault(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_object(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_list(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_types(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_steal(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_tunable(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_refusal(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_wrong_free(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_memory(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_reserved(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_slab_object(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_cache(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_site(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_owner(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_step(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_vmalloc(struct mmbox *box, loff_t *pos);
bool mmbox_report_next_piece(struct mmbox *box, loff_t *pos);

int mmbox_report_buddyinfo(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_zoneinfo(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_meminfo(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_vmstat(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_events(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_faults(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_objects(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_version(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_extfrag_index(struct seq_file *m, struct mmbox *box,
			       loff_t pos);
int mmbox_report_unusable_index(struct seq_file *m, struct mmbox *box,
				loff_t pos);
int mmbox_report_pcp(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_pagetypeinfo(struct seq_file *m, struct mmbox *box,
			      loff_t pos);
int mmbox_report_steals(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_tunables(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_refusals(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_wrong_frees(struct seq_file *m, struct mmbox *box,
			     loff_t pos);
int mmbox_report_memory(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_reserved(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_steps(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_vmallocinfo(struct seq_file *m, struct mmbox *box,
			     loff_t pos);
int mmbox_report_window(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_slab_objects(struct seq_file *m, struct mmbox *box,
			      loff_t pos);
int mmbox_report_slabinfo(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_allocinfo(struct seq_file *m, struct mmbox *box, loff_t pos);
int mmbox_report_page_owner(struct seq_file *m, struct mmbox *box,
			    loff_t pos);
int mmbox_report_metadata(struct seq_file *m, struct mmbox *box, loff_t pos);

void mmbox_report_who(struct seq_file *m, const struct mmbox_who *who);
void mmbox_report_time(struct seq_file *m, const struct mmbox_who *who);

#endif /* MMBOX_REPORT_H */
