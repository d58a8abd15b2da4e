// SPDX-License-Identifier: GPL-2.0
/*
 * Objects: allocations made through the device, and who owns them.
 *
 * An object is live while its owner, an open file or the box, has not freed
 * it, and it exists until it is freed and no VMA maps it any more. Only then
 * do its pages return to the box: user space can never touch a page that has
 * a new owner.
 *
 * Counted pages, variant "insert", can be taken hold of while they are mapped:
 * for direct I/O, for a pipe, for a device. Nobody tells when such a hold ends,
 * so a freed object is looked at again and again until its pages are the box's
 * alone.
 *
 * Objects go past the CPUs' lists: beside a system call and the clearing of
 * the pages there is nothing to gain, and people come to watch the buddy.
 */
#include <linux/capability.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "internal.h"
#include "object.h"
#include "object_map.h"

/* How long pages that somebody holds are left alone, in jiffies. */
#define SWEEP_INTERVAL	(HZ / 10)

static gfp_t object_gfp(u32 gfp)
{
	static const gfp_t meaning[] = {
		__GFP_DMA, __GFP_DMA32, __GFP_HIGHMEM, __GFP_MOVABLE,
		__GFP_RECLAIMABLE,
	};
	gfp_t flags = GFP_USER | __GFP_ZERO;
	unsigned int bit;

	static_assert(MMBOX_GFP_ALL == (1 << ARRAY_SIZE(meaning)) - 1);
	for (bit = 0; bit < ARRAY_SIZE(meaning); bit++)
		if (gfp & 1U << bit)
			flags |= meaning[bit];
	return flags;
}

/* At most one zone, and one migrate type. */
static bool gfp_ok(u32 gfp)
{
	return !(gfp & ~MMBOX_GFP_ALL) &&
	       hweight32(gfp & MMBOX_GFP_ZONES) <= 1 &&
	       hweight32(gfp & MMBOX_GFP_TYPES) <= 1;
}

static struct mmbox_object *empty_object(struct mmbox *box)
{
	struct mmbox_object *object;

	object = kzalloc(sizeof(*object), GFP_KERNEL_ACCOUNT);
	if (!object)
		return NULL;
	object->box = box;
	refcount_set(&object->refs, 1);
	init_rwsem(&object->entering);
	INIT_LIST_HEAD(&object->mappers);
	mmbox_fault_log_init(&object->faults);
	INIT_LIST_HEAD(&object->owned);
	object->pid = task_tgid_nr(current);
	get_task_comm(object->comm, current);
	return object;
}

static bool get_block(struct mmbox_object *object, gfp_t gfp,
		      unsigned int order)
{
	object->page = mmbox_alloc_block(object->box, gfp, order);
	if (!object->page)
		return false;
	object->zone = mmbox_page_zone(object->page);
	object->order = order;
	object->nr_pages = 1UL << order;
	return true;
}

static void put_pages(struct mmbox_object *object)
{
	while (object->nr_pages)
		mmbox_free_block(object->pages[--object->nr_pages], 0);
	kvfree(object->pages);
}

/* What vmalloc does, with pages from the buddy. */
static bool get_area(struct mmbox_object *object, gfp_t gfp, unsigned long nr)
{
	object->pages = kvcalloc(nr, sizeof(*object->pages),
				 GFP_KERNEL_ACCOUNT);
	if (!object->pages)
		return false;
	for (; object->nr_pages < nr; object->nr_pages++) {
		struct page *page = mmbox_alloc_block(object->box, gfp, 0);

		if (!page)
			goto undo;
		object->pages[object->nr_pages] = page;
	}
	object->area = mmbox_vmap(object->box, object->pages, nr, 0,
				  PAGE_KERNEL);
	if (object->area)
		return true;
undo:
	put_pages(object);
	return false;
}

static struct mmbox_object *new_object(struct mmbox *box,
				       const struct mmbox_ioc_alloc *req)
{
	struct mmbox_object *object = empty_object(box);
	gfp_t gfp = object_gfp(req->gfp);
	bool got;

	if (!object)
		return NULL;
	object->variant = req->variant;
	if (req->flags & MMBOX_ALLOC_VMALLOC)
		got = get_area(object, gfp, DIV_ROUND_UP(req->size, PAGE_SIZE));
	else
		got = get_block(object, gfp, get_order(req->size));
	if (got)
		return object;
	kfree(object);
	return NULL;
}

/* The host marks mapped pages as used and written to; the next user's are not. */
static void forget_use(struct mmbox_object *object)
{
	unsigned long i;

	for (i = 0; i < object->nr_pages; i++) {
		struct folio *folio = page_folio(mmbox_object_page(object, i));

		folio_clear_dirty(folio);
		folio_clear_referenced(folio);
	}
}

/**
 * mmbox_object_delete - give back what an object has
 * @object: object that was never published, or is no longer
 *
 * Context: process context, may sleep.
 */
void mmbox_object_delete(struct mmbox_object *object)
{
	if (object->variant == MMBOX_VARIANT_INSERT)
		forget_use(object);
	if (object->slab) {
		mmbox_slab_objects_free(object->slab);
	} else if (object->area) {
		mmbox_vunmap(object->area);
		put_pages(object);
	} else {
		mmbox_free_block(object->page, object->order);
	}
	mmbox_object_put(object);
}

/*
 * From here on others may free the object by guessing its id: the caller must
 * not touch it any more, and is told the id.
 */
static int publish(struct mmbox *box, struct mmbox_object *object,
		   struct mmbox_file *owner, u32 *id)
{
	int err;

	mutex_lock(&box->objects_lock);
	err = xa_alloc_cyclic(&box->objects, &object->id, object,
			      XA_LIMIT(1, MMBOX_MAX_ID), &box->next_id, GFP_KERNEL);
	if (err >= 0 && owner) {
		object->file = owner;
		list_add_tail(&object->owned, &owner->objects);
	}
	*id = object->id;
	mutex_unlock(&box->objects_lock);

	if (err == -EBUSY)
		return -ENOSPC;
	return err < 0 ? err : 0;
}

/**
 * mmbox_object_alloc - allocate pages for user space
 * @file: open file, bound to a box
 * @req:  what is wanted; the out fields are filled in
 *
 * Context: process context, may sleep.
 * Return: 0 or the errno that docs/abi/ioctl.md names.
 */
int mmbox_object_alloc(struct mmbox_file *file, struct mmbox_ioc_alloc *req)
{
	bool keep = req->flags & MMBOX_ALLOC_KEEP;
	struct mmbox_object *object;
	int err;

	if (req->flags & ~MMBOX_ALLOC_ALL || !gfp_ok(req->gfp) ||
	    req->variant >= MMBOX_NR_VARIANTS)
		return -EINVAL;
	if (!req->size || req->size > PAGE_SIZE << MMBOX_MAX_ORDER)
		return -EINVAL;
	if (keep && !capable(CAP_SYS_ADMIN))
		return -EPERM;

	object = new_object(file->box, req);
	if (!object)
		return -ENOMEM;
	req->order = object->order;
	req->length = (u64)object->nr_pages << PAGE_SHIFT;
	err = publish(file->box, object, keep ? NULL : file, &req->id);
	if (err) {
		mmbox_object_delete(object);
		return err;
	}
	mmbox_stat_inc(file->box->stat, MMBOX_EVENT_OBJECT_ALLOC);
	req->mmap_offset = (u64)req->id << (MMBOX_OFFSET_SHIFT + PAGE_SHIFT);
	return 0;
}

/**
 * mmbox_object_publish - give objects of a cache a handle
 * @file: open file, bound to a box
 * @slab: the objects, which belong to the handle afterwards
 * @keep: the box owns it, not the file
 * @id:	  set to the handle
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; or -ENOSPC: the box has no handle left. Then the objects
 * are still the caller's.
 */
int mmbox_object_publish(struct mmbox_file *file,
			 struct mmbox_slab_objects *slab, bool keep, u32 *id)
{
	struct mmbox_object *object = empty_object(file->box);
	int err;

	if (!object)
		return -ENOMEM;
	object->slab = slab;
	err = publish(file->box, object, keep ? NULL : file, id);
	if (err)
		kfree(object);
	else
		mmbox_stat_inc(file->box->stat, MMBOX_EVENT_OBJECT_ALLOC);
	return err;
}

/*
 * Does anybody but the box have a page? Once no VMA shows it any more, nobody
 * who has not can get it.
 */
static bool is_held(const struct mmbox_object *object)
{
	unsigned long i;

	if (object->variant != MMBOX_VARIANT_INSERT)
		return false;
	for (i = 0; i < object->nr_pages; i++)
		if (page_ref_count(mmbox_object_page(object, i)) != 1)
			return true;
	return false;
}

/**
 * mmbox_object_reap - remove an object that is freed and not seen any more
 * @object: the object
 *
 * Context: process context with objects_lock held.
 * Return: @object, for mmbox_object_delete() after unlocking, or NULL if it has
 * to stay.
 */
struct mmbox_object *mmbox_object_reap(struct mmbox_object *object)
{
	lockdep_assert_held(&object->box->objects_lock);
	if (object->reaped || !object->freed ||
	    (object->maps && !object->zapped))
		return NULL;
	if (is_held(object)) {
		queue_delayed_work(system_unbound_wq, &object->box->sweep,
				   SWEEP_INTERVAL);
		return NULL;
	}
	object->reaped = true;
	xa_erase(&object->box->objects, object->id);
	mmbox_stat_inc(object->box->stat, MMBOX_EVENT_OBJECT_FREE);
	return object;
}

static struct mmbox_object *give_up(struct mmbox_object *object)
{
	object->freed = true;
	object->file = NULL;
	list_del_init(&object->owned);
	return mmbox_object_reap(object);
}

/**
 * mmbox_object_find - find an object by its handle
 * @file: open file, bound to a box
 * @id:	  the handle
 *
 * Context: process context with objects_lock held.
 * Return: the object, which @file owns or the box keeps, or NULL.
 */
struct mmbox_object *mmbox_object_find(struct mmbox_file *file, u32 id)
{
	struct mmbox_object *object = xa_load(&file->box->objects, id);

	if (!object || object->freed)
		return NULL;
	if (object->file && object->file != file)
		return NULL;
	return object;
}

/* Where byte @offset of some objects of a cache is. */
static int slab_address(const struct mmbox_slab_objects *slab, u64 offset,
			u64 *address)
{
	u64 nr = div64_u64_rem(offset, slab->size, &offset);

	if (nr >= slab->nr)
		return -EINVAL;
	*address = (unsigned long)slab->object[nr] + offset;
	return 0;
}

/**
 * mmbox_object_address - where the kernel has a byte of an object
 * @file:    open file, bound to a box
 * @id:	     the handle
 * @offset:  which byte, counted from 0
 * @address: set to the kernel's address of it
 *
 * Context: process context, may sleep.
 * Objects of a cache count as if they lay side by side.
 *
 * Return: 0, -ENOENT for a handle that @file does not have, -EINVAL for a byte
 * behind the end, -ENXIO if the page has no address in the kernel.
 */
int mmbox_object_address(struct mmbox_file *file, u32 id, u64 offset,
			 u64 *address)
{
	struct mmbox_object *object;
	int err = 0;

	mutex_lock(&file->box->objects_lock);
	object = mmbox_object_find(file, id);
	if (!object)
		err = -ENOENT;
	else if (object->slab)
		err = slab_address(object->slab, offset, address);
	else if (offset >= (u64)object->nr_pages << PAGE_SHIFT)
		err = -EINVAL;
	else if (object->area)
		*address = (unsigned long)object->area + offset;
	else if (object->zone->type == MMBOX_ZONE_HIGHMEM ||
		 PageHighMem(object->page))
		err = -ENXIO;
	else
		*address = (unsigned long)page_address(object->page) + offset;
	mutex_unlock(&file->box->objects_lock);
	return err;
}

/**
 * mmbox_object_free - give up an object by its handle
 * @file: open file, bound to a box
 * @id:   the handle
 * @revoke: take it away from those who have it mapped
 *
 * Context: process context, may sleep; mmap_lock of no process may be held.
 * Return: 0, -ENOENT for a handle that @file does not have, -EPERM for a kept
 * object without CAP_SYS_ADMIN.
 */
int mmbox_object_free(struct mmbox_file *file, u32 id, bool revoke)
{
	struct mmbox_object *object, *gone = NULL;
	int err = 0;

	mutex_lock(&file->box->objects_lock);
	object = mmbox_object_find(file, id);
	if (!object)
		err = -ENOENT;
	else if (!object->file && !capable(CAP_SYS_ADMIN))
		err = -EPERM;
	if (!err && revoke)
		mmbox_object_revoke(object);
	if (!err)
		gone = give_up(object);
	mutex_unlock(&file->box->objects_lock);

	if (gone)
		mmbox_object_delete(gone);
	if (!err && revoke)
		mmbox_object_zap(object);
	return err;
}

/**
 * mmbox_file_bind - tie an open file to a box
 * @file: the file
 * @box:  the box; the caller's reference becomes the file's
 *
 * Context: process context, may sleep.
 * Return: 0, or -EBUSY if it is bound: then the reference is still the caller's.
 */
int mmbox_file_bind(struct mmbox_file *file, struct mmbox *box)
{
	int err = 0;

	mutex_lock(&box->objects_lock);
	/* Two threads may race to bind one file. */
	if (cmpxchg(&file->box, NULL, box))
		err = -EBUSY;
	else
		list_add_tail(&file->bound, &box->files);
	mutex_unlock(&box->objects_lock);
	return err;
}

/**
 * mmbox_file_unbind - give up what a file has that closes
 * @file: the file, bound to a box; nothing maps it any more
 *
 * Context: process context, may sleep.
 */
void mmbox_file_unbind(struct mmbox_file *file)
{
	struct mmbox *box = file->box;
	struct mmbox_object *gone;

	mutex_lock(&box->objects_lock);
	list_del(&file->bound);
	while (!list_empty(&file->objects)) {
		gone = give_up(list_first_entry(&file->objects,
						struct mmbox_object, owned));
		if (gone)
			mmbox_object_delete(gone);
	}
	mutex_unlock(&box->objects_lock);
}

/**
 * mmbox_objects_sweep - free objects whose pages somebody else had
 * @box: the box
 *
 * Context: process context, may sleep.
 */
void mmbox_objects_sweep(struct mmbox *box)
{
	struct mmbox_object *object, *gone;
	unsigned long id;

	mutex_lock(&box->objects_lock);
	xa_for_each(&box->objects, id, object) {
		gone = mmbox_object_reap(object);
		if (gone)
			mmbox_object_delete(gone);
	}
	mutex_unlock(&box->objects_lock);
}

static void sweep_work(struct work_struct *work)
{
	mmbox_objects_sweep(container_of(to_delayed_work(work), struct mmbox,
					 sweep));
}

/**
 * mmbox_objects_create - prepare a new box for objects
 * @box: the box
 *
 * Context: process context, may sleep.
 */
void mmbox_objects_create(struct mmbox *box)
{
	mutex_init(&box->objects_lock);
	INIT_LIST_HEAD(&box->files);
	xa_init_flags(&box->objects, XA_FLAGS_ALLOC1);
	INIT_DELAYED_WORK(&box->sweep, sweep_work);
}

/**
 * mmbox_objects_destroy - free the objects that a box still has
 * @box: the box; no file is bound to it, so none of them is mapped
 *
 * Only as the module goes there are any. What somebody holds a page of is freed,
 * too: the host keeps that page until it is let go.
 *
 * Context: process context, may sleep.
 */
void mmbox_objects_destroy(struct mmbox *box)
{
	struct mmbox_object *object;
	unsigned long id;

	cancel_delayed_work_sync(&box->sweep);
	xa_for_each(&box->objects, id, object) {
		xa_erase(&box->objects, id);
		mmbox_object_delete(object);
	}
	xa_destroy(&box->objects);
}

static const char *object_state(const struct mmbox_object *object)
{
	if (object->freed)
		return "freed";
	return object->file ? "live" : "kept";
}

static void describe_slab(const struct mmbox_slab_objects *slab,
			  struct mmbox_object_info *info)
{
	info->slab = slab;
	if (!slab)
		return;
	info->nr = slab->nr;
	info->size = slab->size;
	strscpy(info->cache, slab->name, sizeof(info->cache));
}

static const char *variant_name(const struct mmbox_object *object)
{
	if (object->slab)
		return "slab";
	switch (object->variant) {
	case MMBOX_VARIANT_FAULT:
		return "fault";
	case MMBOX_VARIANT_BATCH:
		return "batch";
	case MMBOX_VARIANT_INSERT:
		return "insert";
	default:
		return object->area ? "vmalloc" : "remap";
	}
}

/**
 * mmbox_object_next - look at the objects of a box, one by one
 * @box:  the box
 * @id:   where to look from
 * @info: filled in for the first object whose id is at least @id
 *
 * Context: process context, may sleep.
 * Return: false if there is none.
 */
bool mmbox_object_next(struct mmbox *box, u32 id,
		       struct mmbox_object_info *info)
{
	struct mmbox_object *object;
	unsigned long index = id;

	mutex_lock(&box->objects_lock);
	object = xa_find(&box->objects, &index, ULONG_MAX, XA_PRESENT);
	if (object) {
		info->id = object->id;
		info->order = object->order;
		info->maps = object->maps;
		info->nr_pages = object->nr_pages;
		info->variant = variant_name(object);
		info->zone = object->zone ?
			     mmbox_zone_name[object->zone->type] : "-";
		describe_slab(object->slab, info);
		info->state = object_state(object);
		info->pid = object->pid;
		strscpy(info->comm, object->comm, sizeof(info->comm));
	}
	mutex_unlock(&box->objects_lock);
	return object;
}

/**
 * mmbox_object_next_fault - look at the faults of objects, one by one
 * @box:   the box
 * @found: @id and @which say where to look from; filled in for the first fault
 *	   that is known there or behind
 *
 * Context: process context, may sleep.
 * Return: false if there is none.
 */
bool mmbox_object_next_fault(struct mmbox *box,
			     struct mmbox_object_fault *found)
{
	struct mmbox_object *object;
	unsigned long id = found->id;
	bool any = false;

	mutex_lock(&box->objects_lock);
	xa_for_each_start(&box->objects, id, object, found->id) {
		if (id != found->id)
			found->which = 0;
		found->id = id;
		any = found->which <
		      mmbox_fault_get(object, found->which, &found->fault);
		found->variant = variant_name(object);
		if (any)
			break;
	}
	mutex_unlock(&box->objects_lock);
	return any;
}
