/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_SLAB_HOOKS_H
#define MMBOX_SLAB_HOOKS_H

#include "slab.h"

void mmbox_cache_choose_path(struct mmbox_cache *cache);
void mmbox_caches_choose_paths(struct mmbox *box);
const struct mmbox_slab_layout *mmbox_cache_layout_get(struct mmbox_cache *cache);
void mmbox_cache_layout_put(struct mmbox_cache *cache,
			    const struct mmbox_slab_layout *layout);
int mmbox_cache_init_debug(struct mmbox_cache *cache, unsigned int debug);
int mmbox_cache_init_hardening(struct mmbox_cache *cache);
int mmbox_caches_set_quarantine(struct mmbox *box, const char *name,
				unsigned long kbytes);
int mmbox_caches_set_guard(struct mmbox *box, const char *name,
			   unsigned long one_in);
int mmbox_caches_set_debug(struct mmbox *box, struct mmbox_cache *only,
			   unsigned int debug);
int mmbox_cache_set_debug_named(struct mmbox *box, const char *name,
				unsigned int debug);
int mmbox_slab_letters(const char *text, unsigned int *debug);

#endif /* MMBOX_SLAB_HOOKS_H */
