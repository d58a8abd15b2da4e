// SPDX-License-Identifier: GPL-2.0
/*
 * The module: its parameters, and the order in which its parts start and stop.
 */
#include <linux/err.h>
#include <linux/module.h>

#include <mmbox.h>

#include "box.h"
#include "chardev.h"
#include "files.h"
#include "inode.h"
#include "internal.h"
#include "section.h"

static char *pool = "64M";
module_param(pool, charp, 0444);
MODULE_PARM_DESC(pool, "memory of box0: dma=SIZE,dma32=SIZE,normal=SIZE, or SIZE for any zone, and settings as NAME=VALUE; empty for no box (default 64M)");

static int __init create_box0(void)
{
	struct mmbox_config cfg;
	struct mmbox *box;
	int err;

	if (!*pool)
		return 0;
	err = mmbox_config_parse(pool, &cfg);
	if (err)
		return err;
	box = mmbox_create("box0", &cfg);
	if (IS_ERR(box))
		return PTR_ERR(box);
	mmbox_put(box);
	return 0;
}

static int __init mmbox_init(void)
{
	int err;

	err = mmbox_sections_init();
	if (err)
		return err;
	err = mmbox_files_init();
	if (err)
		goto exit_sections;
	err = mmbox_inodes_init();
	if (err)
		goto exit_files;
	err = mmbox_boxes_init();
	if (err)
		goto exit_inodes;
	err = create_box0();
	if (err)
		goto exit_boxes;
	err = mmbox_chardev_init();
	if (err)
		goto exit_boxes;
	return 0;

exit_boxes:
	mmbox_boxes_exit();
exit_inodes:
	mmbox_inodes_exit();
exit_files:
	mmbox_files_exit();
exit_sections:
	mmbox_sections_exit();
	return err;
}

static void __exit mmbox_exit(void)
{
	mmbox_chardev_exit();
	mmbox_boxes_exit();
	mmbox_inodes_exit();
	mmbox_files_exit();
	mmbox_sections_exit();
}

module_init(mmbox_init);
module_exit(mmbox_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Linux memory management in a box");
MODULE_VERSION(MMBOX_RELEASE);
MODULE_LICENSE("GPL");
