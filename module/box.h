/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_BOX_H
#define MMBOX_BOX_H

void mmbox_boxes_exit(void);

#endif /* MMBOX_BOX_H */
