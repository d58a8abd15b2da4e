/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_INODE_H
#define MMBOX_INODE_H

struct inode;

struct inode *mmbox_inode_create(void);
int mmbox_inodes_init(void);
void mmbox_inodes_exit(void);

#endif /* MMBOX_INODE_H */
