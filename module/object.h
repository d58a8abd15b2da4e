/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_OBJECT_H
#define MMBOX_OBJECT_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/rwsem.h>
#include <linux/sched.h>

#include <uapi/linux/mmbox.h>

#include "fault_log.h"
#include "page.h"

struct inode;
struct mmbox;
struct mmbox_zone;

/*
 * mmap() finds an object by its offset: the page number within the object in
 * the lower bits, the id above. A 32-bit program, on whatever kernel, gives the
 * offset as a 32-bit number of pages. One bit more than the largest order takes:
 * behind any object lies nothing.
 */
#define MMBOX_OFFSET_SHIFT	(MMBOX_MAX_ORDER + 1)
#define MMBOX_MAX_ID		((1U << (32 - MMBOX_OFFSET_SHIFT)) - 1)

/* Which page of an object lies at an offset, given in pages. */
static inline unsigned long mmbox_object_index(unsigned long pgoff)
{
	return pgoff & ((1UL << MMBOX_OFFSET_SHIFT) - 1);
}

/**
 * struct mmbox_file - an open file of the device
 * @inode:   where its mappings are found; set once
 * @box:     the box it is bound to, or NULL; set once
 * @bound:   link in the list of files bound to it (box->objects_lock)
 * @objects: allocations it owns (box->objects_lock)
 */
struct mmbox_file {
	struct inode *inode;
	struct mmbox *box;
	struct list_head bound;
	struct list_head objects;
};

/**
 * struct mmbox_object - an allocation made through the device
 * @box:   the box that the pages are from
 * @zone:  of a block: the zone it lies in
 * @slab:  objects of a cache, or NULL
 * @page:  first page of a block, or NULL
 * @order: order of the block
 * @area:  where single pages are mapped, or NULL
 * @pages: these pages
 * @nr_pages: pages of the block or the area
 * @variant: MMBOX_VARIANT_*
 * @id:	   handle
 * @refs:  one until its pages are back, and one for each VMA
 * @entering: held for reading while pages are shown at a fault or to a debugger
 * @owned: link in the list of the file that owns it; empty for a kept one
 * @file:  that file, or NULL: kept by the box
 * @freed: given up by its owner: the handle is not valid any more
 * @revoked: pages are not to be shown any more; read under @entering, too
 * @zapped: and no page table has them any more
 * @reaped: the handle is gone, and the pages are or go
 * @maps:  VMAs that map it
 * @mappers: processes that may be in the middle of mmap(), see object_map.c
 * @faults: the last faults in its mappings; has a lock of its own
 * @pid:   who allocated it
 * @comm:  that process's name
 *
 * What is not set once is guarded by box->objects_lock.
 */
struct mmbox_object {
	struct mmbox *box;
	struct mmbox_zone *zone;
	struct mmbox_slab_objects *slab;
	struct page *page;
	unsigned int order;
	void *area;
	struct page **pages;
	unsigned long nr_pages;
	u32 variant;
	u32 id;
	refcount_t refs;
	struct rw_semaphore entering;
	struct list_head owned;
	struct mmbox_file *file;
	bool freed;
	bool revoked;
	bool zapped;
	bool reaped;
	unsigned int maps;
	struct list_head mappers;
	struct mmbox_fault_log faults;
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

/* A page of an object that is not one of a cache. */
static inline struct page *mmbox_object_page(const struct mmbox_object *object,
					     unsigned long index)
{
	return object->pages ? object->pages[index] : object->page + index;
}

/**
 * struct mmbox_object_info - what a reader is told of an allocation
 * @id:	    its handle
 * @order:  order of the block
 * @nr_pages: its pages
 * @variant: how it is mapped: "remap", "vmalloc" for the same with pages that
 *	    lie apart, "fault", "batch", "insert"; or "slab"
 * @maps:   mappings (VMAs) of it
 * @zone:   name of the zone its pages lie in, "-" for several
 * @state:  "live", "kept" or "freed"
 * @slab:   it is objects of a cache: they are no block, and in no zone
 * @nr:	    how many objects, if it is these
 * @size:   bytes of each
 * @cache:  name of their cache, or empty
 * @pid:    who allocated it, in the initial namespace
 * @comm:   that process's name
 */
struct mmbox_object_info {
	u32 id;
	unsigned int order;
	unsigned long nr_pages;
	const char *variant;
	unsigned int maps;
	const char *zone;
	const char *state;
	bool slab;
	unsigned int nr;
	size_t size;
	char cache[MMBOX_CACHE_NAME_LEN];
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

/**
 * struct mmbox_object_fault - a fault in a mapping of an allocation
 * @id:	     its handle
 * @which:   counted from 0, of the faults that are known of it
 * @variant: how it is mapped, see struct mmbox_object_info
 * @fault:   the fault
 */
struct mmbox_object_fault {
	u32 id;
	unsigned int which;
	const char *variant;
	struct mmbox_fault fault;
};

/**
 * struct mmbox_slab_objects - objects of a cache that have one handle
 * @name:   of the cache, or empty
 * @size:   bytes of each that were asked for
 * @nr:	    how many there are
 * @object: the objects
 */
struct mmbox_slab_objects {
	char name[MMBOX_CACHE_NAME_LEN];
	size_t size;
	unsigned int nr;
	void *object[];
};

int mmbox_object_publish(struct mmbox_file *file,
			 struct mmbox_slab_objects *slab, bool keep, u32 *id);
void mmbox_slab_objects_free(struct mmbox_slab_objects *slab);
int mmbox_object_alloc(struct mmbox_file *file, struct mmbox_ioc_alloc *req);
int mmbox_object_address(struct mmbox_file *file, u32 id, u64 offset,
			 u64 *address);
struct mmbox_object *mmbox_object_find(struct mmbox_file *file, u32 id);
int mmbox_object_free(struct mmbox_file *file, u32 id, bool revoke);
struct mmbox_object *mmbox_object_reap(struct mmbox_object *object);
void mmbox_object_delete(struct mmbox_object *object);
int mmbox_file_bind(struct mmbox_file *file, struct mmbox *box);
void mmbox_file_unbind(struct mmbox_file *file);
void mmbox_objects_create(struct mmbox *box);
void mmbox_objects_destroy(struct mmbox *box);
void mmbox_objects_sweep(struct mmbox *box);
bool mmbox_object_next(struct mmbox *box, u32 id,
		       struct mmbox_object_info *info);
bool mmbox_object_next_fault(struct mmbox *box,
			     struct mmbox_object_fault *found);

#endif /* MMBOX_OBJECT_H */
