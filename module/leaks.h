/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_LEAKS_H
#define MMBOX_LEAKS_H

struct mmbox;
struct mmbox_cache;

unsigned long mmbox_leaks_cache(struct mmbox_cache *cache, const char *what);
void mmbox_leaks_caches(struct mmbox *box);
void mmbox_leaks_pages(struct mmbox *box);

#endif /* MMBOX_LEAKS_H */
