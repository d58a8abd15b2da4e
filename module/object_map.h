/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_OBJECT_MAP_H
#define MMBOX_OBJECT_MAP_H

#include <linux/types.h>

struct mm_struct;
struct mmbox_file;
struct mmbox_object;

struct mmbox_object *mmbox_object_map(struct mmbox_file *file,
				      unsigned long pgoff,
				      unsigned long nr_pages,
				      struct mm_struct *mm);
void mmbox_object_map_again(struct mmbox_object *object);
void mmbox_object_unmap(struct mmbox_object *object, struct mm_struct *mm);
void mmbox_object_put(struct mmbox_object *object);
unsigned long mmbox_object_run(const struct mmbox_object *object,
			       unsigned long index, unsigned long max);
bool mmbox_object_begin(struct mmbox_object *object);
void mmbox_object_end(struct mmbox_object *object);
void mmbox_object_revoke(struct mmbox_object *object);
void mmbox_object_zap(struct mmbox_object *object);

#endif /* MMBOX_OBJECT_MAP_H */
