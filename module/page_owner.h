/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_PAGE_OWNER_H
#define MMBOX_PAGE_OWNER_H

#include <linux/gfp.h>

struct mmbox;

void mmbox_page_owner_set(struct mmbox *box, unsigned long pfn,
			  unsigned int order, gfp_t gfp, unsigned long caller);
void mmbox_page_owner_clear(struct mmbox *box, unsigned long pfn);

#endif /* MMBOX_PAGE_OWNER_H */
