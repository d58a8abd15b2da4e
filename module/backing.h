/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_BACKING_H
#define MMBOX_BACKING_H

#include <mmbox.h>

/**
 * struct mmbox_backing - where to take blocks from, and how large
 * @zone:  zone of the host that the pages must lie in, or MMBOX_ZONE_ANY
 * @order: largest order worth asking for: falls as the host refuses
 * @min_order: smaller blocks are no use
 * @clear: pages are to be cleared
 */
struct mmbox_backing {
	enum mmbox_zone_type zone;
	unsigned int order;
	unsigned int min_order;
	bool clear;
};

bool mmbox_backing_strays(enum mmbox_zone_type zone);
enum mmbox_zone_type mmbox_backing_zone(const struct page *page);
struct page *mmbox_backing_take(struct mmbox_backing *backing,
				unsigned long max_pages, unsigned int *order);
bool mmbox_backing_give(struct page *page, unsigned long nr_pages);
unsigned long mmbox_backing_held(void);
unsigned long mmbox_backing_spare(void);

#endif /* MMBOX_BACKING_H */
