/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_WALK_H
#define MMBOX_WALK_H

struct mmbox_file;
struct mmbox_ioc_walk;

int mmbox_walk(struct mmbox_file *file, struct mmbox_ioc_walk *req);

#endif /* MMBOX_WALK_H */
