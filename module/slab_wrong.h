/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_SLAB_WRONG_H
#define MMBOX_SLAB_WRONG_H

struct mmbox;
struct mmbox_cache;

struct mmbox *mmbox_box_of(const void *addr);
void mmbox_slab_refuse(struct mmbox_cache *cache, const void *object,
		       unsigned long caller);

#endif /* MMBOX_SLAB_WRONG_H */
