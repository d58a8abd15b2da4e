/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_CHARDEV_H
#define MMBOX_CHARDEV_H

int mmbox_chardev_init(void);
void mmbox_chardev_exit(void);

#endif /* MMBOX_CHARDEV_H */
