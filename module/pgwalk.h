/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_PGWALK_H
#define MMBOX_PGWALK_H

#include <linux/types.h>

struct mm_struct;
struct mmbox_walk;

int mmbox_pgwalk(struct mm_struct *mm, u64 address, struct mmbox_walk *walk);
void mmbox_pgwalk_hide(struct mmbox_walk *walk);
bool mmbox_pgwalk_is_user(u64 address);

#endif /* MMBOX_PGWALK_H */
