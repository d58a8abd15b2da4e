/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_ALLOC_SLOW_H
#define MMBOX_ALLOC_SLOW_H

#include <linux/gfp.h>

struct mmbox;
struct page;

/**
 * enum mmbox_alloc_path - whether the CPUs' lists are used
 * @MMBOX_PATH_PCP:    where they serve the order
 * @MMBOX_PATH_DIRECT: not at all
 */
enum mmbox_alloc_path { MMBOX_PATH_PCP, MMBOX_PATH_DIRECT };

void mmbox_clear_block(struct page *host, unsigned int order);
struct page *mmbox_alloc_slow(struct mmbox *box, gfp_t gfp, unsigned int order,
			      enum mmbox_alloc_path path, unsigned long caller);

#endif /* MMBOX_ALLOC_SLOW_H */
