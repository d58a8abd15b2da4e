// SPDX-License-Identifier: GPL-2.0
/*
 * Caches: made, found by name, tuned, shrunk and unmade.
 *
 * What CPUs have at hand of a cache only they can give back, so that each does
 * it itself, in a work item, or, for a CPU that is offline, whoever asks.
 */
#include <linux/cpu.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "internal.h"
#include "kmalloc.h"
#include "leaks.h"
#include "slab.h"
#include "slab_debug.h"
#include "slab_hooks.h"
#include "slab_quarantine.h"

/* Flags that mean here what they mean in the kernel. */
#define FLAGS_KEPT \
	(SLAB_HWCACHE_ALIGN | SLAB_TYPESAFE_BY_RCU | SLAB_RECLAIM_ACCOUNT | \
	 SLAB_CACHE_DMA | SLAB_CACHE_DMA32 | SLAB_CONSISTENCY_CHECKS | \
	 SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER | SLAB_TRACE)
/* Flags that ask for what a box does not do, or always does. */
#define FLAGS_IGNORED \
	(SLAB_PANIC | SLAB_ACCOUNT | SLAB_NOLEAKTRACE | SLAB_MEM_SPREAD | \
	 SLAB_NO_MERGE)

/**
 * struct mmbox_flush - what makes one CPU give back what it has at hand
 * @work:  runs on that CPU
 * @box:   the box
 * @cache: of which cache, or NULL for all of them
 */
struct mmbox_flush {
	struct work_struct work;
	struct mmbox *box;
	struct mmbox_cache *cache;
};

/* Its issuer holds the lock on the list of caches meanwhile. */
static void flush_this_cpu(struct work_struct *work)
{
	struct mmbox_flush *flush = container_of(work, struct mmbox_flush,
						 work);
	struct mmbox_cache *cache;

	list_for_each_entry(cache, &flush->box->caches, list)
		if (!flush->cache || flush->cache == cache)
			mmbox_sheaves_flush_cpu(cache);
}

static void flush_dead_cpu(struct mmbox *box, struct mmbox_cache *only,
			   unsigned int cpu)
{
	struct mmbox_cache *cache;

	list_for_each_entry(cache, &box->caches, list)
		if (!only || only == cache)
			mmbox_sheaves_flush_dead_cpu(cache, cpu);
}

/*
 * Gives back what barns and CPUs that are online have at hand, and what is kept
 * back, of one cache or of all.
 */
static void flush_online(struct mmbox *box, struct mmbox_cache *only)
{
	struct mmbox_cache *cache;
	unsigned int cpu;

	lockdep_assert_held(&box->caches_lock);
	for_each_online_cpu(cpu) {
		struct mmbox_flush *flush = per_cpu_ptr(box->flush, cpu);

		flush->cache = only;
		queue_work_on(cpu, box->drain_wq, &flush->work);
	}
	for_each_possible_cpu(cpu)
		flush_work(&per_cpu_ptr(box->flush, cpu)->work);
	list_for_each_entry(cache, &box->caches, list)
		if (!only || only == cache) {
			mmbox_barns_flush(cache);
			mmbox_quarantine_flush(cache);
		}
}

/**
 * mmbox_caches_flush_sheaves - give back what is at hand to the slabs
 * @box:  the box
 * @only: of which cache, or NULL for all of them
 *
 * Context: process context, may sleep; the caller holds cpus_read_lock() and
 * box->caches_lock.
 */
void mmbox_caches_flush_sheaves(struct mmbox *box, struct mmbox_cache *only)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		if (!cpu_online(cpu))
			flush_dead_cpu(box, only, cpu);
	flush_online(box, only);
}

static void shrink_all(struct mmbox *box)
{
	struct mmbox_cache *cache;

	list_for_each_entry(cache, &box->caches, list)
		mmbox_slab_shrink(cache);
}

/**
 * mmbox_caches_release - give back pages for an allocation that needs them
 * @box: the box
 *
 * Does nothing if somebody is at work on the caches: whoever allocates may be
 * the one. CPUs that go offline meanwhile give back what they have as they go.
 *
 * Context: process context, may sleep.
 */
void mmbox_caches_release(struct mmbox *box)
{
	if (!mutex_trylock(&box->caches_lock))
		return;
	flush_online(box, NULL);
	shrink_all(box);
	mutex_unlock(&box->caches_lock);
}

/**
 * mmbox_caches_drain_dead_cpu - empty the sheaves of a CPU that went offline
 * @box: the box
 * @cpu: the CPU
 *
 * Context: process context, in the course of CPU hotplug.
 */
void mmbox_caches_drain_dead_cpu(struct mmbox *box, unsigned int cpu)
{
	mutex_lock(&box->caches_lock);
	flush_dead_cpu(box, NULL, cpu);
	mutex_unlock(&box->caches_lock);
}

/**
 * mmbox_caches_flush - give back all pages that no object is in
 * @box: the box
 *
 * Context: process context, may sleep.
 */
void mmbox_caches_flush(struct mmbox *box)
{
	cpus_read_lock();
	mutex_lock(&box->caches_lock);
	mmbox_caches_flush_sheaves(box, NULL);
	shrink_all(box);
	mutex_unlock(&box->caches_lock);
	cpus_read_unlock();
	/* Descriptors of slabs go after a grace period. */
	rcu_barrier();
}

/**
 * mmbox_cache_shrink - give back the pages of a cache that no object is in
 * @cache: the cache
 *
 * Context: process context, may sleep.
 * Return: 0 if no slab is left, else 1.
 */
int mmbox_cache_shrink(struct mmbox_cache *cache)
{
	struct mmbox *box = cache->box;
	unsigned long left;

	cpus_read_lock();
	mutex_lock(&box->caches_lock);
	mmbox_caches_flush_sheaves(box, cache);
	left = mmbox_slab_shrink(cache);
	mutex_unlock(&box->caches_lock);
	cpus_read_unlock();
	return !!left;
}
EXPORT_SYMBOL_GPL(mmbox_cache_shrink);

/**
 * mmbox_cache_set_capacity - say how many objects a sheaf has
 * @cache:    the cache
 * @capacity: objects, at most MMBOX_SHEAF_MAX; 0 for no sheaves: then each
 *	      allocation and free takes the lock of a node
 *
 * What CPUs have at hand goes back to the slabs first.
 *
 * Context: process context, may sleep.
 * Return: 0, or -EINVAL if it is more than that, or if the cache is the one that
 * sheaves come from.
 */
int mmbox_cache_set_capacity(struct mmbox_cache *cache, unsigned int capacity)
{
	struct mmbox *box = cache->box;

	if (capacity > MMBOX_SHEAF_MAX || cache == box->sheaf_cache)
		return -EINVAL;
	cpus_read_lock();
	mutex_lock(&box->caches_lock);
	WRITE_ONCE(cache->usual_capacity, capacity);
	mmbox_cache_choose_path(cache);
	mmbox_caches_flush_sheaves(box, cache);
	mutex_unlock(&box->caches_lock);
	cpus_read_unlock();
	return 0;
}
EXPORT_SYMBOL_GPL(mmbox_cache_set_capacity);

/* Small objects in large sheaves, so that no sheaf holds too many pages. */
static unsigned int default_capacity(unsigned int size)
{
	static const struct {
		unsigned int size, capacity;
	} by_size[] = { { 256, 60 }, { 1024, 28 }, { 4096, 12 }, { 8192, 6 } };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(by_size); i++)
		if (size <= by_size[i].size)
			return by_size[i].capacity;
	return 0;
}

/* Objects smaller than a cache line share one, as many as fit. */
static unsigned int choose_align(unsigned int size, unsigned int align,
				 slab_flags_t flags)
{
	if (flags & SLAB_HWCACHE_ALIGN) {
		unsigned int line = cache_line_size();

		while (size <= line / 2)
			line /= 2;
		align = max(align, line);
	}
	return max_t(unsigned int, align, sizeof(void *));
}

static gfp_t choose_gfp(slab_flags_t flags)
{
	gfp_t gfp = 0;

	if (flags & SLAB_CACHE_DMA)
		gfp |= __GFP_DMA;
	if (flags & SLAB_CACHE_DMA32)
		gfp |= __GFP_DMA32;
	if (flags & SLAB_RECLAIM_ACCOUNT)
		gfp |= __GFP_RECLAIMABLE;
	return gfp;
}

static void free_cache(struct mmbox_cache *cache)
{
	unsigned int i;
	int nid;

	for (i = 0; i < ARRAY_SIZE(cache->checked_layout); i++)
		kfree(cache->checked_layout[i]);
	for (nid = 0; nid < nr_node_ids; nid++)
		kfree(cache->node[nid]);
	mmbox_quarantine_free(cache);
	free_percpu(cache->sheaves);
	kfree_const(cache->name);
	kfree(cache);
}

static int alloc_nodes(struct mmbox_cache *cache)
{
	int nid;

	for (nid = 0; nid < nr_node_ids; nid++) {
		if (!cache->box->node[nid])
			continue;
		cache->node[nid] = kzalloc_node(sizeof(*cache->node[nid]),
						GFP_KERNEL, nid);
		if (!cache->node[nid])
			return -ENOMEM;
		mmbox_cache_node_init(cache->node[nid]);
	}
	return 0;
}

static unsigned int descriptor_size(const struct mmbox_slab_layout *layout)
{
	unsigned int nr = mmbox_slab_capacity(layout, layout->order);

	return sizeof(struct mmbox_slab) + ALIGN(nr, sizeof(long)) +
	       BITS_TO_LONGS(nr) * sizeof(long);
}

/**
 * mmbox_cache_set_fast - say what the fast path works on
 * @cache:   the cache
 * @sheaves: its sheaves, or &mmbox_no_sheaves for no fast path
 *
 * Some may be on the former way until RCU's grace period has passed.
 *
 * Context: any; the caller sees to it that there is one at a time.
 */
void mmbox_cache_set_fast(struct mmbox_cache *cache,
			  struct mmbox_cpu_sheaves __percpu *sheaves)
{
	WRITE_ONCE(cache->fast.cpu, sheaves);
	if (cache->fast_copy)
		WRITE_ONCE(*cache->fast_copy, sheaves);
}

/**
 * mmbox_cache_set_fast_copy - say where a copy is kept of that
 * @cache: the cache
 * @copy:  where, or NULL for no copy; there is no fast path any more where it
 *	   was before
 *
 * Context: any in which a spinlock_t may be taken.
 */
void mmbox_cache_set_fast_copy(struct mmbox_cache *cache,
			       struct mmbox_cpu_sheaves __percpu **copy)
{
	unsigned long flags;

	spin_lock_irqsave(&cache->path_lock, flags);
	if (cache->fast_copy)
		WRITE_ONCE(*cache->fast_copy, &mmbox_no_sheaves);
	cache->fast_copy = copy;
	if (copy)
		WRITE_ONCE(*copy, cache->fast.cpu);
	spin_unlock_irqrestore(&cache->path_lock, flags);
}

/**
 * mmbox_cache_make - make a cache that nobody can find yet
 * @box:   the box
 * @name:  its name
 * @size:  bytes of an object
 * @align: alignment of objects
 * @flags: SLAB_* flags
 * @ctor:  constructor, or NULL
 *
 * Context: process context, may sleep.
 * Return: the cache, or an ERR_PTR: -ENOMEM, or -E2BIG for objects larger than
 * MMBOX_OBJECT_MAX.
 */
struct mmbox_cache *mmbox_cache_make(struct mmbox *box, const char *name,
				     unsigned int size, unsigned int align,
				     slab_flags_t flags, void (*ctor)(void *))
{
	struct mmbox_cache *cache;
	int err;

	cache = kzalloc(struct_size(cache, node, nr_node_ids), GFP_KERNEL);
	if (!cache)
		return ERR_PTR(-ENOMEM);
	cache->box = box;
	cache->flags = flags;
	cache->ctor = ctor;
	cache->gfp = choose_gfp(flags);
	INIT_LIST_HEAD(&cache->list);
	err = mmbox_slab_layout(&cache->layout, size,
				choose_align(size, align, flags), 0, 0);
	if (err)
		goto free;
	err = -ENOMEM;
	cache->name = kstrdup_const(name, GFP_KERNEL);
	cache->sheaves = alloc_percpu(struct mmbox_cpu_sheaves);
	if (!cache->name || !cache->sheaves || alloc_nodes(cache))
		goto free;
	mmbox_slab_pool_init(&cache->pool, descriptor_size(&cache->layout));
	ratelimit_state_init(&cache->limit, DEFAULT_RATELIMIT_INTERVAL,
			     DEFAULT_RATELIMIT_BURST);
	spin_lock_init(&cache->path_lock);
	spin_lock_init(&cache->quarantine_lock);
	cache->new_layout = &cache->layout;
	cache->usual_capacity = default_capacity(size);
	mmbox_cache_choose_path(cache);
	return cache;
free:
	free_cache(cache);
	return ERR_PTR(err);
}

static bool name_ok(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++)
		if (!isascii(name[i]) ||
		    (!isalnum(name[i]) && !strchr("_.-", name[i])))
			return false;
	return i && i < MMBOX_CACHE_NAME_LEN && name[0] != '.';
}

static struct mmbox_cache *find_cache(struct mmbox *box, const char *name)
{
	struct mmbox_cache *cache;

	lockdep_assert_held(&box->caches_lock);
	list_for_each_entry(cache, &box->caches, list)
		if (!strcmp(cache->name, name))
			return cache;
	return NULL;
}

/* What is wrong with a request for a cache, in words; NULL if nothing is. */
static const char *what_is_wrong(const char *name, unsigned int size,
				 unsigned int align, slab_flags_t flags)
{
	if (!name || !name_ok(name))
		return "names have 1 to 63 letters, digits, '_', '-' and '.'";
	if (!size)
		return "objects have at least 1 byte";
	if (align && (!is_power_of_2(align) || align > PAGE_SIZE))
		return "the alignment is a power of two, at most a page";
	if (flags & ~(FLAGS_KEPT | FLAGS_IGNORED))
		return "it asks for a flag that caches of a box do not have";
	return NULL;
}

/**
 * mmbox_cache_enter - enter a cache in the list of its box
 * @cache: the cache
 *
 * Context: the caller holds box->caches_lock, or nobody else has the box.
 */
void mmbox_cache_enter(struct mmbox_cache *cache)
{
	cache->nr = ++cache->box->next_cache;
	list_add_tail(&cache->list, &cache->box->caches);
}

static void withdraw(struct mmbox_cache *cache)
{
	mutex_lock(&cache->box->caches_lock);
	list_del(&cache->list);
	mutex_unlock(&cache->box->caches_lock);
}

/* The checks of a new cache: those it asks for, and those of the box. */
static unsigned int debug_of(const struct mmbox *box, slab_flags_t flags)
{
	unsigned int debug = READ_ONCE(box->settings.slab_debug);

	if (flags & SLAB_CONSISTENCY_CHECKS)
		debug |= MMBOX_SLAB_SANITY;
	if (flags & SLAB_RED_ZONE)
		debug |= MMBOX_SLAB_RED_ZONE;
	if (flags & SLAB_POISON)
		debug |= MMBOX_SLAB_POISON;
	if (flags & SLAB_STORE_USER)
		debug |= MMBOX_SLAB_USER;
	if (flags & SLAB_TRACE)
		debug |= MMBOX_SLAB_TRACE;
	return debug;
}

/* Enters a cache in the list of its box, unless its name is taken. */
static int publish(struct mmbox_cache *cache)
{
	struct mmbox *box = cache->box;
	int err = -EEXIST;

	mutex_lock(&box->caches_lock);
	if (!find_cache(box, cache->name)) {
		mmbox_cache_enter(cache);
		/* What it follows from may have changed meanwhile. */
		mmbox_cache_choose_path(cache);
		err = 0;
	}
	mutex_unlock(&box->caches_lock);
	if (!err && box->cache_made) {
		err = box->cache_made(cache);
		if (err)
			withdraw(cache);
	}
	return err;
}

/**
 * mmbox_cache_publish - let a cache be found
 * @cache: from mmbox_cache_make()
 * @debug: MMBOX_SLAB_* checks that it begins with
 *
 * Context: process context, may sleep.
 * Return: 0; -EEXIST if its name is taken, or -ENOMEM: then it is gone.
 */
int mmbox_cache_publish(struct mmbox_cache *cache, unsigned int debug)
{
	int err;

	err = mmbox_cache_init_debug(cache, debug) ?:
	      mmbox_cache_init_hardening(cache) ?: publish(cache);
	if (err)
		free_cache(cache);
	return err;
}

static struct mmbox_cache *make_and_publish(struct mmbox *box, const char *name,
					    unsigned int size,
					    unsigned int align,
					    slab_flags_t flags,
					    void (*ctor)(void *object),
					    bool by_user)
{
	struct mmbox_cache *cache;
	int err;

	cache = mmbox_cache_make(box, name, size, align, flags, ctor);
	if (IS_ERR(cache))
		return cache;
	cache->by_user = by_user;
	err = mmbox_cache_publish(cache, debug_of(box, flags));
	return err ? ERR_PTR(err) : cache;
}

/**
 * mmbox_cache_create - make a cache of objects of one size
 * @box:   the box its pages come from
 * @name:  its name, unique in the box
 * @size:  bytes of an object
 * @align: alignment of objects, a power of two up to a page; 0 for that of a
 *	   pointer
 * @flags: SLAB_HWCACHE_ALIGN, SLAB_TYPESAFE_BY_RCU, SLAB_RECLAIM_ACCOUNT,
 *	   SLAB_CACHE_DMA and SLAB_CACHE_DMA32 mean what they do in the kernel;
 *	   docs/design/slab.md has all of them. With SLAB_PANIC, too, a failure
 *	   is a NULL.
 * @ctor:  called for each object when its slab is made, or NULL
 *
 * Context: process context, may sleep.
 * Return: the cache, or NULL, with the reason in the kernel log.
 */
struct mmbox_cache *mmbox_cache_create(struct mmbox *box, const char *name,
				       unsigned int size, unsigned int align,
				       slab_flags_t flags, void (*ctor)(void *))
{
	const char *wrong = what_is_wrong(name, size, align, flags);
	struct mmbox_cache *cache;
	int err;

	if (wrong) {
		pr_err("%s: cache %s refused: %s\n", box->name, name ?: "(null)",
		       wrong);
		return NULL;
	}
	cache = make_and_publish(box, name, size, align, flags, ctor, false);
	if (!IS_ERR(cache))
		return cache;
	err = PTR_ERR(cache);
	pr_err("%s: cache %s refused: %s\n", box->name, name,
	       err == -EEXIST ? "there is one of that name" :
	       err == -E2BIG ? "objects have at most 256 MiB" :
			       "the host has no memory");
	return NULL;
}
EXPORT_SYMBOL_GPL(mmbox_cache_create);

/**
 * mmbox_cache_create_user - make a cache for the device, that goes with the box
 * @box:   as for mmbox_cache_create()
 * @name:  likewise
 * @size:  likewise
 * @align: likewise
 * @flags: likewise
 *
 * Context: process context, may sleep.
 * Return: the cache, or an ERR_PTR: -EINVAL for what no cache can be, -EEXIST if
 * the name is taken, -E2BIG for objects larger than MMBOX_OBJECT_MAX, -ENOMEM.
 */
struct mmbox_cache *mmbox_cache_create_user(struct mmbox *box, const char *name,
					    unsigned int size,
					    unsigned int align,
					    slab_flags_t flags)
{
	if (what_is_wrong(name, size, align, flags))
		return ERR_PTR(-EINVAL);
	return make_and_publish(box, name, size, align, flags, NULL, true);
}

/**
 * mmbox_cache_destroy - unmake a cache
 * @cache: the cache; NULL does nothing
 *
 * Context: process context, may sleep.
 * Return: 0, or -EBUSY if there are objects that nobody has freed: then the
 * cache stays as it was, and the kernel log has who allocated them, as far as
 * that is known.
 */
int mmbox_cache_destroy(struct mmbox_cache *cache)
{
	struct mmbox *box;
	unsigned long live;

	if (!cache)
		return 0;
	box = cache->box;
	/* Frees that wait for a grace period are frees. */
	rcu_barrier();
	cpus_read_lock();
	mutex_lock(&box->caches_lock);
	mmbox_caches_flush_sheaves(box, cache);
	live = mmbox_leaks_cache(cache, " is not destroyed");
	if (!live)
		mmbox_slab_shrink(cache);
	mutex_unlock(&box->caches_lock);
	cpus_read_unlock();
	if (live)
		return -EBUSY;
	/* This waits for readers. Its name is free only afterwards. */
	if (box->cache_going)
		box->cache_going(cache);
	withdraw(cache);
	rcu_barrier();
	free_cache(cache);
	return 0;
}
EXPORT_SYMBOL_GPL(mmbox_cache_destroy);

/**
 * mmbox_cache_size - bytes of an object
 * @cache: the cache
 *
 * Context: any.
 * Return: what a caller may use.
 */
unsigned int mmbox_cache_size(const struct mmbox_cache *cache)
{
	return cache->layout.object_size;
}
EXPORT_SYMBOL_GPL(mmbox_cache_size);

/**
 * mmbox_cache_validate - look for errors, and tell how many there are
 * @cache: the cache
 *
 * Objects with checks are looked at now, allocated and free ones.
 *
 * Context: process context; one caller at a time.
 * Return: what was found, wrong frees and all, since the last call.
 */
long mmbox_cache_validate(struct mmbox_cache *cache)
{
	long errors, new;

	mmbox_slab_debug_validate(cache);
	mmbox_quarantine_validate(cache);
	errors = atomic_long_read(&cache->nr_errors);
	new = errors - cache->nr_validated;
	cache->nr_validated = errors;
	return new;
}
EXPORT_SYMBOL_GPL(mmbox_cache_validate);

/**
 * mmbox_caches_create - make the caches that a box has of its own
 * @box: the box, which has pages
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmbox_caches_create(struct mmbox *box)
{
	struct mmbox_cache *cache;
	unsigned int cpu;

	box->flush = alloc_percpu(struct mmbox_flush);
	if (!box->flush)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct mmbox_flush *flush = per_cpu_ptr(box->flush, cpu);

		flush->box = box;
		INIT_WORK(&flush->work, flush_this_cpu);
	}
	cache = mmbox_cache_make(box, "mmbox_sheaf", MMBOX_SHEAF_BYTES,
				 MMBOX_SHEAF_ALIGN, 0, NULL);
	if (IS_ERR(cache))
		return PTR_ERR(cache);
	/* A sheaf of sheaves would need a sheaf. */
	cache->usual_capacity = 0;
	mmbox_cache_choose_path(cache);
	cache->internal = true;
	box->sheaf_cache = cache;
	mmbox_cache_enter(cache);
	return mmbox_kmalloc_create(box);
}

/**
 * mmbox_cache_find_user - find a cache that users may work with
 * @box:  the box
 * @name: its name
 *
 * Those of other modules may go at any time.
 *
 * Context: process context, may sleep; the caller holds box->device_lock, by
 * which the cache stays.
 * Return: the cache, one of the box's own or made through the device, or an
 * ERR_PTR: -ENOENT if there is none of that name, -EPERM if it is a module's.
 */
struct mmbox_cache *mmbox_cache_find_user(struct mmbox *box, const char *name)
{
	struct mmbox_cache *cache;

	lockdep_assert_held(&box->device_lock);
	mutex_lock(&box->caches_lock);
	cache = find_cache(box, name);
	mutex_unlock(&box->caches_lock);
	if (!cache)
		return ERR_PTR(-ENOENT);
	return cache->internal || cache->by_user ? cache : ERR_PTR(-EPERM);
}

/**
 * mmbox_caches_foreign - how many caches others have made in a box
 * @box: the box
 *
 * Context: process context, may sleep.
 * Return: caches that are not the box's own.
 */
unsigned int mmbox_caches_foreign(struct mmbox *box)
{
	struct mmbox_cache *cache;
	unsigned int nr = 0;

	mutex_lock(&box->caches_lock);
	list_for_each_entry(cache, &box->caches, list)
		nr += !cache->internal && !cache->by_user;
	mutex_unlock(&box->caches_lock);
	return nr;
}

/**
 * mmbox_caches_destroy - unmake all caches of a box that goes away
 * @box: the box; nobody allocates from it any more
 *
 * Objects that are not freed go with their pages.
 *
 * Context: process context, may sleep.
 */
void mmbox_caches_destroy(struct mmbox *box)
{
	struct mmbox_cache *cache, *tmp;

	if (!box->flush)
		return;
	mmbox_caches_flush(box);
	list_for_each_entry_safe(cache, tmp, &box->caches, list) {
		mmbox_leaks_cache(cache, "");
		list_del(&cache->list);
		free_cache(cache);
	}
	free_percpu(box->flush);
}
