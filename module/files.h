/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_FILES_H
#define MMBOX_FILES_H

struct mmbox;

int mmbox_files_init(void);
void mmbox_files_exit(void);
int mmbox_files_create(struct mmbox *box);
void mmbox_files_remove(struct mmbox *box);

#endif /* MMBOX_FILES_H */
