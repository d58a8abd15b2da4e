/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_ACCOUNT_H
#define MMBOX_ACCOUNT_H

#include <linux/types.h>

struct mmbox;
struct mmbox_cache;

int mmbox_account_apply(struct mmbox *box);
void mmbox_account_object(struct mmbox_cache *cache, const void *object,
			  size_t wanted, unsigned long caller);
bool mmbox_cache_has(const struct mmbox_cache *cache, unsigned long key);
void mmbox_account_object_free(struct mmbox_cache *cache, const void *object);

#endif /* MMBOX_ACCOUNT_H */
