// SPDX-License-Identifier: GPL-2.0
/*
 * An inode for each open file of the device, for the sake of its address space.
 *
 * The kernel finds the VMAs that map a file by the address space of the file,
 * and that is the one of the device's node unless told otherwise: then all boxes
 * and all files share the offsets in it, and to take one's pages out of page
 * tables would hit the others'. Inodes that nobody sees come from a file system
 * that nobody can mount.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>

#include "inode.h"

#define FS_MAGIC	0x6d6d6278	/* "mmbx" */

static struct vfsmount *mount;

static int init_fs_context(struct fs_context *fc)
{
	return init_pseudo(fc, FS_MAGIC) ? 0 : -ENOMEM;
}

/* It has no owner: the mount is the module's, and must not hold it. */
static struct file_system_type fs_type = {
	.name = "mmbox",
	.init_fs_context = init_fs_context,
	.kill_sb = kill_anon_super,
};

/**
 * mmbox_inode_create - make an inode
 *
 * Context: process context, may sleep.
 * Return: the inode, which belongs to the caller, or an ERR_PTR: -ENOMEM.
 */
struct inode *mmbox_inode_create(void)
{
	return alloc_anon_inode(mount->mnt_sb);
}

/**
 * mmbox_inodes_init - get ready for inodes
 *
 * Context: module initialisation.
 * Return: 0 or -errno.
 */
int mmbox_inodes_init(void)
{
	mount = kern_mount(&fs_type);
	return PTR_ERR_OR_ZERO(mount);
}

/**
 * mmbox_inodes_exit - undo mmbox_inodes_init(); no inode is left
 *
 * Context: process context, may sleep.
 */
void mmbox_inodes_exit(void)
{
	kern_unmount(mount);
}
