/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_SLAB_QUARANTINE_H
#define MMBOX_SLAB_QUARANTINE_H

#include "slab.h"

int mmbox_quarantine_prepare(struct mmbox_cache *cache, unsigned long bytes);
void mmbox_quarantine_commit(struct mmbox_cache *cache);
void mmbox_quarantine_discard(struct mmbox_cache *cache);
bool mmbox_quarantine_swap(struct mmbox_cache *cache,
			   struct mmbox_sheaf_entry *entry);
void mmbox_quarantine_flush(struct mmbox_cache *cache);
void mmbox_quarantine_free(struct mmbox_cache *cache);
void mmbox_quarantine_validate(struct mmbox_cache *cache);

#endif /* MMBOX_SLAB_QUARANTINE_H */
