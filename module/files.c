// SPDX-License-Identifier: GPL-2.0
/*
 * The files of a box, in debugfs and procfs: one table of files, the same
 * operations behind both directories.
 *
 * Most files are a sequence of rows, each found by its position. A reader holds no
 * lock between rows, so it may be suspended for as long as it likes; when its
 * box goes away both file systems wait for a read under way and refuse the
 * next one.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "files.h"
#include "files_slab.h"
#include "internal.h"
#include "kpageflags.h"
#include "refusal.h"
#include "report.h"
#include "steal.h"

/*
 * Every file of a box. Modes are the kernel's own where it has such a file. The
 * name may begin with a directory; files of the same directory stand together.
 */
static const struct mmbox_report_type report_types[] = {
	{ "buddyinfo",	0444, mmbox_report_next_zone, mmbox_report_buddyinfo },
	{ "zoneinfo",	0444, mmbox_report_next_zone, mmbox_report_zoneinfo },
	{ "pagetypeinfo", 0400, mmbox_report_next_types,
	  mmbox_report_pagetypeinfo },
	{ "steals",	0400, mmbox_report_next_steal, mmbox_report_steals,
	  .last = mmbox_steals_total },
	{ "meminfo",	0444, mmbox_report_only, mmbox_report_meminfo },
	{ "vmstat",	0444, mmbox_report_only, mmbox_report_vmstat },
	{ "events",	0444, mmbox_report_only, mmbox_report_events },
	{ "objects",	0400, mmbox_report_next_object, mmbox_report_objects },
	{ "faults",	0400, mmbox_report_next_fault, mmbox_report_faults },
	{ "version",	0444, mmbox_report_only, mmbox_report_version },
	{ "tunables",	0444, mmbox_report_next_tunable,
	  mmbox_report_tunables },
	{ "refusals",	0400, mmbox_report_next_refusal, mmbox_report_refusals,
	  .last = mmbox_refusals_total },
	{ "refused_frees", 0400, mmbox_report_next_wrong_free,
	  mmbox_report_wrong_frees, .last = mmbox_wrong_frees_total },
	{ "pcp",	0444, mmbox_report_next_list, mmbox_report_pcp },
	{ "metadata",	0444, mmbox_report_only, mmbox_report_metadata },
	{ "slabinfo",	0400, mmbox_report_next_cache, mmbox_report_slabinfo },
	{ "slab_objects", 0400, mmbox_report_next_slab_object,
	  mmbox_report_slab_objects },
	{ "allocinfo",	0400, mmbox_report_next_site, mmbox_report_allocinfo },
	{ "page_owner",	0400, mmbox_report_next_owner,
	  mmbox_report_page_owner },
	{ "kpageflags",	0400, .read = mmbox_kpageflags_read },
	{ "extfrag/extfrag_index", 0400, mmbox_report_next_present,
	  mmbox_report_extfrag_index },
	{ "extfrag/unusable_index", 0400, mmbox_report_next_present,
	  mmbox_report_unusable_index },
	{ "memblock/memory", 0400, mmbox_report_next_memory,
	  mmbox_report_memory },
	{ "memblock/reserved", 0400, mmbox_report_next_reserved,
	  mmbox_report_reserved },
	{ "memblock/log", 0400, mmbox_report_next_step, mmbox_report_steps },
	{ "vmallocinfo", 0400, mmbox_report_next_vmalloc,
	  mmbox_report_vmallocinfo },
	{ "kmap",	0400, mmbox_report_next_slot, mmbox_report_kmap },
	{ "vmap/window", 0400, mmbox_report_next_piece, mmbox_report_window },
};

/**
 * struct mmbox_report - one file of one box: the private data of its inodes
 * @type: which file
 * @box:  of which box
 */
struct mmbox_report {
	const struct mmbox_report_type *type;
	struct mmbox *box;
};

/**
 * struct reader - one open file: the private data of its seq_file
 * @report: which
 * @end:    no row behind this position is shown
 */
struct reader {
	const struct mmbox_report *report;
	loff_t end;
};

static struct dentry *debugfs_root;
static struct proc_dir_entry *proc_root;

static void *report_start(struct seq_file *m, loff_t *pos)
{
	struct reader *reader = m->private;
	const struct mmbox_report *report = reader->report;
	const struct mmbox_report_type *type = report->type;

	/* What is added while it is read could go on for ever. */
	if (!*pos)
		reader->end = type->last ? type->last(report->box) : LLONG_MAX;
	return type->next(report->box, pos) && *pos <= reader->end ? pos : NULL;
}

static void *report_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return report_start(m, pos);
}

static void report_stop(struct seq_file *m, void *v)
{
}

static int report_show(struct seq_file *m, void *v)
{
	const struct mmbox_report *report = ((struct reader *)m->private)->report;
	const loff_t *pos = v;

	return report->type->show(m, report->box, *pos);
}

static const struct seq_operations report_seq_ops = {
	.start = report_start,
	.next = report_next,
	.stop = report_stop,
	.show = report_show,
};

static int report_open(struct file *file, void *report)
{
	struct reader *reader;

	reader = __seq_open_private(file, &report_seq_ops, sizeof(*reader));
	if (!reader)
		return -ENOMEM;
	reader->report = report;
	return 0;
}

static int report_debugfs_open(struct inode *inode, struct file *file)
{
	return report_open(file, inode->i_private);
}

static const struct file_operations report_debugfs_ops = {
	.owner = THIS_MODULE,
	.open = report_debugfs_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

static int report_proc_open(struct inode *inode, struct file *file)
{
	return report_open(file, pde_data(inode));
}

static const struct proc_ops report_proc_ops = {
	.proc_open = report_proc_open,
	.proc_read_iter = seq_read_iter,
	.proc_lseek = seq_lseek,
	.proc_release = seq_release_private,
};

/*
 * A file that is not made of rows reads itself.
 */

static ssize_t raw_read(struct mmbox_report *report, char __user *buf,
			size_t count, loff_t *pos)
{
	return report->type->read(report->box, buf, count, pos);
}

static ssize_t raw_debugfs_read(struct file *file, char __user *buf,
				size_t count, loff_t *pos)
{
	return raw_read(file_inode(file)->i_private, buf, count, pos);
}

static const struct file_operations raw_debugfs_ops = {
	.owner = THIS_MODULE,
	.read = raw_debugfs_read,
	.llseek = no_seek_end_llseek,
};

static ssize_t raw_proc_read(struct file *file, char __user *buf, size_t count,
			     loff_t *pos)
{
	return raw_read(pde_data(file_inode(file)), buf, count, pos);
}

static const struct proc_ops raw_proc_ops = {
	.proc_read = raw_proc_read,
	.proc_lseek = no_seek_end_llseek,
};

/**
 * struct dir - the directory that files are being made in
 * @name:    its name below the box's directory, or "" for that itself
 * @debugfs: it in debugfs
 * @proc:    it in procfs
 */
struct dir {
	char name[16];
	struct dentry *debugfs;
	struct proc_dir_entry *proc;
};

/*
 * Goes to the directory of the file @path, and makes it if it is not the one
 * of the file before. Returns the file's own name, or NULL for -ENOMEM.
 */
static const char *enter_dir(struct mmbox *box, struct dir *dir,
			     const char *path)
{
	const char *slash = strchr(path, '/');
	size_t len = slash ? slash - path : 0;

	if (WARN_ON_ONCE(len >= sizeof(dir->name)))
		return NULL;
	if (strlen(dir->name) == len && !strncmp(dir->name, path, len))
		return slash ? slash + 1 : path;

	memcpy(dir->name, path, len);
	dir->name[len] = '\0';
	dir->proc = box->proc;
	dir->debugfs = box->debugfs;
	if (!slash)
		return path;
	dir->proc = proc_mkdir(dir->name, box->proc);
	dir->debugfs = debugfs_create_dir(dir->name, box->debugfs);
	return dir->proc ? slash + 1 : NULL;
}

static int create_file(struct mmbox_report *report, struct dir *dir)
{
	const struct mmbox_report_type *type = report->type;
	const char *name = enter_dir(report->box, dir, type->name);

	if (!name || !proc_create_data(name, type->mode, dir->proc,
				       type->read ? &raw_proc_ops :
						    &report_proc_ops, report))
		return -ENOMEM;
	debugfs_create_file(name, type->mode, dir->debugfs, report,
			    type->read ? &raw_debugfs_ops :
					 &report_debugfs_ops);
	return 0;
}

/**
 * mmbox_files_create - make the files of a box
 * @box: the box, complete
 *
 * debugfs may be missing or locked: then only the files in procfs are there.
 *
 * Context: process context, may sleep; nobody else has a box of that name.
 * Return: 0 or -ENOMEM; nothing is left behind then.
 */
int mmbox_files_create(struct mmbox *box)
{
	struct dir dir = { .name = "" };
	size_t i;

	box->reports = kcalloc(ARRAY_SIZE(report_types), sizeof(*box->reports),
			       GFP_KERNEL);
	if (!box->reports)
		return -ENOMEM;
	box->proc = proc_mkdir(box->name, proc_root);
	if (!box->proc)
		goto remove;
	box->debugfs = debugfs_create_dir(box->name, debugfs_root);
	dir.proc = box->proc;
	dir.debugfs = box->debugfs;

	for (i = 0; i < ARRAY_SIZE(report_types); i++) {
		struct mmbox_report *report = &box->reports[i];

		report->type = &report_types[i];
		report->box = box;
		if (create_file(report, &dir))
			goto remove;
	}
	if (!mmbox_slab_files_create(box))
		return 0;

remove:
	mmbox_files_remove(box);
	return -ENOMEM;
}

/**
 * mmbox_files_remove - remove the files of a box
 * @box: the box
 *
 * Context: process context; sleeps until no reader is inside one of them.
 */
void mmbox_files_remove(struct mmbox *box)
{
	mmbox_slab_files_remove(box);
	debugfs_remove(box->debugfs);
	proc_remove(box->proc);
	kfree(box->reports);
}

/**
 * mmbox_files_init - make the directories that boxes appear in
 *
 * Context: module initialisation.
 * Return: 0 or -ENOMEM.
 */
int mmbox_files_init(void)
{
	proc_root = proc_mkdir("mmbox", NULL);
	if (!proc_root)
		return -ENOMEM;
	debugfs_root = debugfs_create_dir("mmbox", NULL);
	return 0;
}

/**
 * mmbox_files_exit - remove these directories; no box is left
 */
void mmbox_files_exit(void)
{
	debugfs_remove(debugfs_root);
	proc_remove(proc_root);
}
