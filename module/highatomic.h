/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_HIGHATOMIC_H
#define MMBOX_HIGHATOMIC_H

#include "zone.h"

void mmbox_highatomic_reserve(struct mmbox_zone *zone, struct mmbox_page *page,
			      unsigned long caller);
bool mmbox_highatomic_release(struct mmbox_zone *zone,
			      enum mmbox_migratetype type,
			      unsigned long caller);

#endif /* MMBOX_HIGHATOMIC_H */
