/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_SHRINKER_H
#define MMBOX_SHRINKER_H

struct mmbox;

int mmbox_shrinker_create(struct mmbox *box);
int mmbox_shrinker_set(struct mmbox *box);
void mmbox_shrinker_destroy(struct mmbox *box);

#endif /* MMBOX_SHRINKER_H */
