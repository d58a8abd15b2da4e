// SPDX-License-Identifier: GPL-2.0
/*
 * Requests of user space about caches and their objects.
 *
 * A cache that was made through the device belongs to the box and goes with it,
 * if nobody destroys it before. Users may work with those and with the box's
 * own, but not with those of other modules, which may go at any time.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "cache_request.h"
#include "internal.h"
#include "object.h"
#include "slab.h"
#include "slab_hooks.h"

static bool name_ok(const char *name)
{
	return *name && strnlen(name, MMBOX_CACHE_NAME_LEN) <
			MMBOX_CACHE_NAME_LEN;
}

static slab_flags_t cache_flags(u32 flags)
{
	static const slab_flags_t meaning[] = {
		SLAB_HWCACHE_ALIGN, SLAB_TYPESAFE_BY_RCU, SLAB_RECLAIM_ACCOUNT,
		SLAB_CACHE_DMA, SLAB_CACHE_DMA32,
	};
	slab_flags_t all = 0;
	unsigned int bit;

	static_assert(MMBOX_CACHE_ALL == (1 << ARRAY_SIZE(meaning)) - 1);
	for (bit = 0; bit < ARRAY_SIZE(meaning); bit++)
		if (flags & 1U << bit)
			all |= meaning[bit];
	return all;
}

/**
 * mmbox_request_cache_create - make a cache
 * @mf:	 open file, bound to a box
 * @req: what is wanted
 *
 * Context: process context, may sleep.
 * Return: 0 or the errno that docs/abi/ioctl.md names.
 */
int mmbox_request_cache_create(struct mmbox_file *mf,
			       const struct mmbox_ioc_cache_create *req)
{
	struct mmbox *box = mf->box;
	struct mmbox_cache *cache;
	int err;

	if (!name_ok(req->name) || req->flags & ~MMBOX_CACHE_ALL)
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	mutex_lock(&box->device_lock);
	cache = mmbox_cache_create_user(box, req->name, req->size, req->align,
					cache_flags(req->flags));
	err = PTR_ERR_OR_ZERO(cache);
	mutex_unlock(&box->device_lock);
	return err;
}

/* Finds a cache for a request that is about the cache itself. */
static struct mmbox_cache *find_for_admin(struct mmbox *box, const char *name)
{
	if (!name_ok(name))
		return ERR_PTR(-EINVAL);
	if (!capable(CAP_SYS_ADMIN))
		return ERR_PTR(-EPERM);
	return mmbox_cache_find_user(box, name);
}

/**
 * mmbox_request_cache_destroy - unmake a cache that was made through the device
 * @mf:	 open file, bound to a box
 * @req: which
 *
 * Context: process context, may sleep.
 * Return: 0 or the errno that docs/abi/ioctl.md names.
 */
int mmbox_request_cache_destroy(struct mmbox_file *mf,
				const struct mmbox_ioc_cache *req)
{
	struct mmbox *box = mf->box;
	struct mmbox_cache *cache;
	int err;

	if (req->reserved)
		return -EINVAL;
	mutex_lock(&box->device_lock);
	cache = find_for_admin(box, req->name);
	err = PTR_ERR_OR_ZERO(cache);
	if (!err && !cache->by_user)
		err = -EPERM;
	if (!err)
		err = mmbox_cache_destroy(cache);
	mutex_unlock(&box->device_lock);
	return err;
}

static int shrink_all(struct mmbox *box)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	mmbox_caches_flush(box);
	mmbox_zones_drain(box);
	return 0;
}

/**
 * mmbox_request_cache_shrink - give back the pages of a cache that no object is in
 * @mf:	 open file, bound to a box
 * @req: which; without a name all caches, and the CPUs' lists of pages
 *
 * Context: process context, may sleep.
 * Return: 0 or the errno that docs/abi/ioctl.md names.
 */
int mmbox_request_cache_shrink(struct mmbox_file *mf,
			       const struct mmbox_ioc_cache *req)
{
	struct mmbox *box = mf->box;
	struct mmbox_cache *cache;
	int err;

	if (req->reserved)
		return -EINVAL;
	if (!req->name[0])
		return shrink_all(box);
	mutex_lock(&box->device_lock);
	cache = find_for_admin(box, req->name);
	err = PTR_ERR_OR_ZERO(cache);
	if (!err)
		mmbox_cache_shrink(cache);
	mutex_unlock(&box->device_lock);
	return err;
}

/**
 * mmbox_request_cache_tune - change how a cache works
 * @mf:	 open file, bound to a box
 * @req: which, and how
 *
 * Context: process context, may sleep.
 * Return: 0 or the errno that docs/abi/ioctl.md names.
 */
int mmbox_request_cache_tune(struct mmbox_file *mf,
			     const struct mmbox_ioc_cache_tune *req)
{
	struct mmbox *box = mf->box;
	struct mmbox_cache *cache;
	int err;

	mutex_lock(&box->device_lock);
	cache = find_for_admin(box, req->name);
	err = PTR_ERR_OR_ZERO(cache);
	if (!err && req->capacity > MMBOX_SHEAF_MAX)
		err = -ERANGE;
	if (!err)
		err = mmbox_cache_set_capacity(cache, req->capacity);
	mutex_unlock(&box->device_lock);
	return err;
}

/**
 * mmbox_request_cache_debug - switch the checks of a cache
 * @mf:	 open file, bound to a box
 * @req: of which, and which
 *
 * Context: process context, may sleep.
 * Return: 0 or the errno that docs/abi/ioctl.md names.
 */
int mmbox_request_cache_debug(struct mmbox_file *mf,
			      const struct mmbox_ioc_cache_debug *req)
{
	struct mmbox *box = mf->box;
	struct mmbox_cache *cache;
	unsigned int debug;
	int err;

	if (req->reserved || strnlen(req->letters, MMBOX_LETTERS_LEN) ==
			     MMBOX_LETTERS_LEN ||
	    mmbox_slab_letters(req->letters, &debug))
		return -EINVAL;
	mutex_lock(&box->device_lock);
	cache = find_for_admin(box, req->name);
	err = PTR_ERR_OR_ZERO(cache);
	if (!err && cache == box->sheaf_cache)
		err = -EINVAL;
	if (!err)
		err = mmbox_caches_set_debug(box, cache, debug);
	mutex_unlock(&box->device_lock);
	return err;
}

/**
 * mmbox_slab_objects_free - free objects that had a handle
 * @slab: the objects
 *
 * Context: process context, may sleep.
 */
void mmbox_slab_objects_free(struct mmbox_slab_objects *slab)
{
	unsigned int i;

	for (i = 0; i < slab->nr; i++)
		mmbox_kfree(slab->object[i]);
	kvfree(slab);
}

/* Fills in all of the objects; -EINTR if the caller is being killed. */
static int alloc_objects(struct mmbox *box, struct mmbox_cache *cache,
			 unsigned int nr, struct mmbox_slab_objects *slab)
{
	for (; slab->nr < nr; slab->nr++) {
		void *object;

		if (fatal_signal_pending(current))
			return -EINTR;
		object = cache ? mmbox_cache_alloc(cache, GFP_KERNEL) :
				 mmbox_kmalloc(box, slab->size, GFP_KERNEL);
		if (!object)
			return -ENOMEM;
		slab->object[slab->nr] = object;
	}
	return 0;
}

static bool slab_alloc_ok(const struct mmbox_ioc_slab_alloc *req)
{
	if (req->flags & ~MMBOX_ALLOC_ALL || !req->nr ||
	    req->nr > MMBOX_SLAB_ALLOC_MAX)
		return false;
	if (*req->name)
		return name_ok(req->name) && !req->size;
	return req->size && req->size <= PAGE_SIZE << MMBOX_MAX_ORDER;
}

/**
 * mmbox_request_slab_alloc - allocate objects for user space, which gets a handle
 * @mf:	 open file, bound to a box
 * @req: what is wanted; the out fields are filled in
 *
 * Context: process context, may sleep.
 * Return: 0 or the errno that docs/abi/ioctl.md names.
 */
int mmbox_request_slab_alloc(struct mmbox_file *mf,
			     struct mmbox_ioc_slab_alloc *req)
{
	bool keep = req->flags & MMBOX_ALLOC_KEEP;
	struct mmbox_slab_objects *slab;
	struct mmbox_cache *cache = NULL;
	struct mmbox *box = mf->box;
	int err = 0;

	if (!slab_alloc_ok(req))
		return -EINVAL;
	if (keep && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	slab = kvzalloc(struct_size(slab, object, req->nr), GFP_KERNEL_ACCOUNT);
	if (!slab)
		return -ENOMEM;
	slab->size = req->size;
	mutex_lock(&box->device_lock);
	if (*req->name) {
		cache = mmbox_cache_find_user(box, req->name);
		err = PTR_ERR_OR_ZERO(cache);
	}
	if (!err && cache) {
		strscpy(slab->name, req->name, sizeof(slab->name));
		slab->size = mmbox_cache_size(cache);
	}
	if (!err)
		err = alloc_objects(box, cache, req->nr, slab);
	mutex_unlock(&box->device_lock);
	if (!err)
		err = mmbox_object_publish(mf, slab, keep, &req->id);
	if (err)
		mmbox_slab_objects_free(slab);
	return err;
}
