/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_RESIZE_H
#define MMBOX_RESIZE_H

#include <mmbox.h>

int mmbox_zone_resize(struct mmbox *box, enum mmbox_zone_type type,
		      long nr_pages, char *reason, size_t len);
unsigned long mmbox_free_sections(struct mmbox *box, enum mmbox_zone_type type);

#endif /* MMBOX_RESIZE_H */
