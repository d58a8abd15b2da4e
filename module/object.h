/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_OBJECT_H
#define MMBOX_OBJECT_H

#include <linux/list.h>
#include <linux/sched.h>

#include <uapi/linux/mmbox.h>

struct mmbox;
struct mmbox_object;

/**
 * struct mmbox_file - an open file of the device
 * @box:     the box it is bound to, or NULL; set once
 * @objects: allocations it owns (box->objects_lock)
 */
struct mmbox_file {
	struct mmbox *box;
	struct list_head objects;
};

/**
 * struct mmbox_object_info - what a reader is told of an allocation
 * @id:	    its handle
 * @order:  order of the block
 * @maps:   mappings (VMAs) of it
 * @zone:   name of the zone its pages lie in
 * @state:  "live", "kept" or "freed"
 * @pid:    who allocated it, in the initial namespace
 * @comm:   that process's name
 */
struct mmbox_object_info {
	u32 id;
	unsigned int order;
	unsigned int maps;
	const char *zone;
	const char *state;
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

int mmbox_object_alloc(struct mmbox_file *file, struct mmbox_ioc_alloc *req);
int mmbox_object_address(struct mmbox_file *file, u32 id, u64 offset,
			 u64 *address);
int mmbox_object_free(struct mmbox_file *file, u32 id);
void mmbox_objects_free_owned(struct mmbox_file *file);
void mmbox_objects_free_kept(struct mmbox *box);
bool mmbox_object_next(struct mmbox *box, u32 id,
		       struct mmbox_object_info *info);

struct mmbox_object *mmbox_object_map(struct mmbox_file *file,
				      unsigned long pgoff,
				      unsigned long nr_pages,
				      unsigned long *pfn);
void mmbox_object_map_again(struct mmbox_object *object);
void mmbox_object_unmap(struct mmbox_object *object);

#endif /* MMBOX_OBJECT_H */
