// SPDX-License-Identifier: GPL-2.0
/*
 * Objects in processes: who has one mapped, and how it is taken away.
 *
 * A VMA is found through the address space of its file, each of which has one of
 * its own. While mmap() runs, the VMA may have entries already and cannot be
 * found: so it is noted which processes are mapping an object, until one of
 * their VMAs is closed. Whoever gets the mmap_lock of such a process knows that
 * no mmap() is in the middle any more.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "internal.h"
#include "object.h"
#include "object_map.h"

/**
 * struct mapper - a process that mapped an object
 * @list: link in the object's list
 * @mm:	  its memory; held, but may have come to its end
 */
struct mapper {
	struct list_head list;
	struct mm_struct *mm;
};

static struct mapper *new_mapper(struct mm_struct *mm)
{
	struct mapper *mapper = kmalloc(sizeof(*mapper), GFP_KERNEL_ACCOUNT);

	if (!mapper)
		return NULL;
	mmgrab(mm);
	mapper->mm = mm;
	INIT_LIST_HEAD(&mapper->list);
	return mapper;
}

static void drop_mapper(struct mapper *mapper)
{
	if (!mapper)
		return;
	list_del(&mapper->list);
	mmdrop(mapper->mm);
	kfree(mapper);
}

static struct mapper *find_mapper(struct mmbox_object *object,
				  struct mm_struct *mm)
{
	struct mapper *mapper;

	lockdep_assert_held(&object->box->objects_lock);
	list_for_each_entry(mapper, &object->mappers, list)
		if (mapper->mm == mm)
			return mapper;
	return NULL;
}

/* Pages of an area lie in one zone or another. */
static void count_mapped(struct mmbox_object *object, long sign)
{
	unsigned long i;

	if (object->zone) {
		atomic_long_add(sign * (long)object->nr_pages,
				&object->zone->nr_mapped);
		return;
	}
	for (i = 0; i < object->nr_pages; i++)
		atomic_long_add(sign,
				&mmbox_page_zone(object->pages[i])->nr_mapped);
}

static void add_map(struct mmbox_object *object)
{
	lockdep_assert_held(&object->box->objects_lock);
	refcount_inc(&object->refs);
	if (!object->maps++ && !object->revoked)
		count_mapped(object, 1);
	mmbox_stat_inc(object->box->stat, MMBOX_EVENT_OBJECT_MMAP);
}

/**
 * mmbox_object_map - find the object at an offset and hold it for a VMA
 * @file:     open file, bound to a box
 * @pgoff:    offset in pages, as mmap() got it
 * @nr_pages: pages to be mapped, at least 1
 * @mm:	      whose VMA it is
 *
 * Context: process context with mmap_lock of @mm held for writing, may sleep.
 * Return: the object, to be let go with mmbox_object_unmap(), or an ERR_PTR:
 * -EINVAL if the file has no object there that reaches so far, -ENOMEM.
 */
struct mmbox_object *mmbox_object_map(struct mmbox_file *file,
				      unsigned long pgoff,
				      unsigned long nr_pages,
				      struct mm_struct *mm)
{
	unsigned long first = mmbox_object_index(pgoff);
	unsigned long id = pgoff >> MMBOX_OFFSET_SHIFT;
	struct mmbox_object *object;
	struct mapper *mapper;

	if (id > MMBOX_MAX_ID)
		return ERR_PTR(-EINVAL);
	mapper = new_mapper(mm);
	if (!mapper)
		return ERR_PTR(-ENOMEM);

	mutex_lock(&file->box->objects_lock);
	object = mmbox_object_find(file, id);
	if (object && first < object->nr_pages &&
	    nr_pages <= object->nr_pages - first) {
		add_map(object);
		if (!find_mapper(object, mm)) {
			list_add(&mapper->list, &object->mappers);
			mapper = NULL;
		}
	} else {
		object = ERR_PTR(-EINVAL);
	}
	mutex_unlock(&file->box->objects_lock);
	drop_mapper(mapper);
	return object;
}

/**
 * mmbox_object_map_again - hold an object for one more VMA
 * @object: object that the caller's VMA maps
 *
 * Context: process context, may sleep; the mmap_lock may be held.
 */
void mmbox_object_map_again(struct mmbox_object *object)
{
	mutex_lock(&object->box->objects_lock);
	add_map(object);
	mutex_unlock(&object->box->objects_lock);
}

/**
 * mmbox_object_put - give up a reference to an object
 * @object: the object; what it had is back if this is the last one
 *
 * Context: process context, may sleep; the mmap_lock may be held.
 */
void mmbox_object_put(struct mmbox_object *object)
{
	struct mapper *mapper, *next;

	if (!refcount_dec_and_test(&object->refs))
		return;
	list_for_each_entry_safe(mapper, next, &object->mappers, list)
		drop_mapper(mapper);
	kfree(object);
}

/**
 * mmbox_object_unmap - let go of an object that a VMA mapped
 * @object: the object; its pages return to the box if it was freed and this
 *	    was the last VMA
 * @mm:	    whose VMA it was
 *
 * Context: process context with mmap_lock of @mm held, may sleep.
 */
void mmbox_object_unmap(struct mmbox_object *object, struct mm_struct *mm)
{
	struct mmbox *box = object->box;
	struct mmbox_object *gone;
	struct mapper *mapper;

	mutex_lock(&box->objects_lock);
	if (!--object->maps && !object->revoked)
		count_mapped(object, -1);
	mapper = find_mapper(object, mm);
	if (mapper)
		list_del_init(&mapper->list);
	gone = mmbox_object_reap(object);
	mutex_unlock(&box->objects_lock);

	drop_mapper(mapper);
	if (gone)
		mmbox_object_delete(gone);
	mmbox_object_put(object);
}

/**
 * mmbox_object_run - pages of an object that lie side by side
 * @object: object that is not one of a cache
 * @index:  the first of them, counted from 0
 * @max:    where to stop counting; no more pages follow than that
 *
 * Context: any.
 * Return: how many frames follow one another, 1 to @max.
 */
unsigned long mmbox_object_run(const struct mmbox_object *object,
			       unsigned long index, unsigned long max)
{
	unsigned long pfn, run = 1;

	if (object->page)
		return max;
	pfn = page_to_pfn(object->pages[index]);
	while (run < max && page_to_pfn(object->pages[index + run]) == pfn + run)
		run++;
	return run;
}

/**
 * mmbox_object_begin - begin to show pages of an object
 * @object: object that the caller's VMA maps
 *
 * Context: process context, may sleep; the mmap_lock may be held.
 * Return: false if it was revoked; else its pages stay until mmbox_object_end().
 */
bool mmbox_object_begin(struct mmbox_object *object)
{
	down_read(&object->entering);
	if (!READ_ONCE(object->revoked))
		return true;
	up_read(&object->entering);
	return false;
}

/**
 * mmbox_object_end - end what mmbox_object_begin() began
 * @object: the object
 *
 * Context: process context; the mmap_lock may be held.
 */
void mmbox_object_end(struct mmbox_object *object)
{
	up_read(&object->entering);
}

/**
 * mmbox_object_revoke - let nobody see pages of an object any more
 * @object: object that its owner is about to free
 *
 * The object, and its handle, stay until mmbox_object_zap().
 *
 * Context: process context with objects_lock held.
 */
void mmbox_object_revoke(struct mmbox_object *object)
{
	lockdep_assert_held(&object->box->objects_lock);
	if (object->maps)
		count_mapped(object, -1);
	WRITE_ONCE(object->revoked, true);
	refcount_inc(&object->refs);
	object->maps++;
}

/* Waits until whoever was in the middle of showing pages is done. */
static void wait_for_mappers(struct mmbox_object *object)
{
	struct mapper *mapper, *next;
	LIST_HEAD(mappers);

	mutex_lock(&object->box->objects_lock);
	list_splice_init(&object->mappers, &mappers);
	mutex_unlock(&object->box->objects_lock);
	list_for_each_entry_safe(mapper, next, &mappers, list) {
		mmap_read_lock(mapper->mm);
		mmap_read_unlock(mapper->mm);
		drop_mapper(mapper);
	}
	down_write(&object->entering);
	up_write(&object->entering);
}

/**
 * mmbox_object_zap - take an object's pages out of all page tables
 * @object: object that was revoked, and given up
 *
 * Its pages return to the box even if it is mapped: nothing is seen there. The
 * caller must not touch the object any more.
 *
 * Context: process context, may sleep; mmap_lock of no process may be held.
 */
void mmbox_object_zap(struct mmbox_object *object)
{
	struct mmbox *box = object->box;
	struct mmbox_object *gone;
	struct mmbox_file *file;

	wait_for_mappers(object);
	mutex_lock(&box->objects_lock);
	list_for_each_entry(file, &box->files, bound)
		unmap_mapping_pages(file->inode->i_mapping,
				    (pgoff_t)object->id << MMBOX_OFFSET_SHIFT,
				    1UL << MMBOX_OFFSET_SHIFT, false);
	object->zapped = true;
	object->maps--;
	gone = mmbox_object_reap(object);
	mutex_unlock(&box->objects_lock);

	if (gone)
		mmbox_object_delete(gone);
	mmbox_object_put(object);
}
