/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_BOX_H
#define MMBOX_BOX_H

int mmbox_boxes_init(void);
void mmbox_boxes_exit(void);

#endif /* MMBOX_BOX_H */
