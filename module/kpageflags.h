/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_KPAGEFLAGS_H
#define MMBOX_KPAGEFLAGS_H

#include <linux/types.h>

struct mmbox;

ssize_t mmbox_kpageflags_read(struct mmbox *box, char __user *buf,
			      size_t count, loff_t *pos);

#endif /* MMBOX_KPAGEFLAGS_H */
