/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_FILES_SLAB_H
#define MMBOX_FILES_SLAB_H

struct mmbox;
struct mmbox_cache;

int mmbox_slab_files_create(struct mmbox *box);
void mmbox_slab_files_remove(struct mmbox *box);
int mmbox_cache_files_create(struct mmbox_cache *cache);
void mmbox_cache_files_remove(struct mmbox_cache *cache);

#endif /* MMBOX_FILES_SLAB_H */
