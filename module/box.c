// SPDX-License-Identifier: GPL-2.0
/*
 * Boxes: made, found by name, and unmade.
 *
 * A box is created whole or not at all: it is live, and can be found, only when
 * all its pages are there and before the first of them goes. Its name is taken
 * for longer: from before its files are made until they are gone.
 */
#include <linux/cpuhotplug.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "account.h"
#include "backing.h"
#include "box.h"
#include "files.h"
#include "files_slab.h"
#include "internal.h"
#include "kmap.h"
#include "leaks.h"
#include "ledger.h"
#include "object.h"
#include "refusal.h"
#include "shrinker.h"
#include "slab.h"
#include "slab_guard.h"
#include "slab_track.h"
#include "steal.h"
#include "tune.h"
#include "vmap_chunk.h"
#include "vmap_guard.h"

static DEFINE_MUTEX(mmbox_boxes_lock);
static LIST_HEAD(mmbox_boxes);
static enum cpuhp_state hotplug_state;

static struct mmbox *find_box(const char *name)
{
	struct mmbox *box;

	lockdep_assert_held(&mmbox_boxes_lock);
	list_for_each_entry(box, &mmbox_boxes, list)
		if (!strcmp(box->name, name))
			return box;
	return NULL;
}

/**
 * mmbox_name_ok - whether a box may have a name
 * @name: the name, which becomes that of a directory
 *
 * Context: any.
 * Return: true if it has 1 to MMBOX_NAME_LEN - 1 characters, all of them ASCII
 * letters, digits, '-' or '_'.
 */
bool mmbox_name_ok(const char *name)
{
	size_t len = strlen(name);
	size_t i;

	if (!len || len >= MMBOX_NAME_LEN)
		return false;
	/* The kernel's isalnum() takes Latin-1 letters, too. */
	for (i = 0; i < len; i++)
		if (!isascii(name[i]) ||
		    (!isalnum(name[i]) && name[i] != '-' && name[i] != '_'))
			return false;
	return true;
}
EXPORT_SYMBOL_GPL(mmbox_name_ok);

/*
 * Refuses early what the host cannot have, before a long hunt for pages would
 * squeeze everybody else.
 */
static int check_size(const char *name, const struct mmbox_config *cfg,
		      unsigned long *pages)
{
	unsigned long spare = mmbox_backing_spare();
	unsigned long total = 0;
	int zone;

	for (zone = 0; zone <= MMBOX_ZONE_ANY; zone++)
		if (check_add_overflow(total, cfg->nr_pages[zone], &total))
			return -ENOMEM;
	*pages = total;
	if (!total) {
		pr_err("%s: a box without pages is no use\n", name);
		return -EINVAL;
	}
	if (total > spare) {
		pr_err("%s: %lu pages wanted, but the host can spare only %lu of those it has available\n",
		       name, total, spare);
		return -ENOMEM;
	}
	return 0;
}

static struct mmbox *alloc_box(const char *name, const struct mmbox_config *cfg)
{
	struct mmbox *box;

	box = kzalloc(struct_size(box, node, nr_node_ids), GFP_KERNEL);
	if (!box)
		return NULL;
	box->stat = alloc_percpu(struct mmbox_stat);
	if (!box->stat)
		goto free_box;
	box->sites = mmbox_sites_create();
	if (!box->sites)
		goto free_stat;
	if (mmbox_refusals_create(box))
		goto destroy_sites;

	if (mmbox_steals_create(box))
		goto destroy_refusals;

	strscpy(box->name, name, sizeof(box->name));
	if (mmbox_drain_create(box))
		goto destroy_steals;
	if (mmbox_shrinker_create(box))
		goto destroy_drain;
	if (mmbox_vmap_create(box, cfg))
		goto destroy_shrinker;
	if (mmbox_kmap_create(box))
		goto destroy_vmap;
	mutex_init(&box->device_lock);
	mutex_init(&box->caches_lock);
	INIT_LIST_HEAD(&box->caches);
	mmbox_objects_create(box);
	box->nr_users = 1;
	box->nr_nodes = nr_node_ids;
	return box;

destroy_vmap:
	mmbox_vmap_destroy(box);
destroy_shrinker:
	mmbox_shrinker_destroy(box);
destroy_drain:
	mmbox_drain_destroy(box);
destroy_steals:
	mmbox_steals_destroy(box);
destroy_refusals:
	mmbox_refusals_destroy(box);
destroy_sites:
	mmbox_sites_destroy(box->sites);
free_stat:
	free_percpu(box->stat);
free_box:
	kfree(box);
	return NULL;
}

static void free_box(struct mmbox *box)
{
	unsigned long given;

	mmbox_objects_destroy(box);
	mmbox_shrinker_destroy(box);
	mmbox_caches_destroy(box);
	/* Before the pages that may be mapped there. */
	mmbox_kmap_destroy(box);
	mmbox_vmap_destroy(box);
	mmbox_leaks_pages(box);
	given = mmbox_zones_destroy(box);
	if (given && given == box->nr_taken)
		pr_info("%s: all %lu pages are back with the host\n",
			box->name, given);
	else if (given != box->nr_taken)
		pr_err("%s: %lu of %lu pages are back with the host\n",
		       box->name, given, box->nr_taken);
	mmbox_drain_destroy(box);
	mmbox_steals_destroy(box);
	mmbox_refusals_destroy(box);
	mmbox_ledger_destroy(box->ledger);
	mmbox_sites_destroy(box->sites);
	mmbox_guard_destroy(box);
	free_percpu(box->stat);
	kfree(box);
}

/* Enters a box under its name, which nobody else can take from here on. */
static int reserve_name(struct mmbox *box)
{
	int err = 0;

	mutex_lock(&mmbox_boxes_lock);
	if (find_box(box->name))
		err = -EEXIST;
	else
		list_add_tail(&box->list, &mmbox_boxes);
	mutex_unlock(&mmbox_boxes_lock);
	return err;
}

static void set_live(struct mmbox *box, bool live)
{
	mutex_lock(&mmbox_boxes_lock);
	box->live = live;
	mutex_unlock(&mmbox_boxes_lock);
}

static void release_name(struct mmbox *box)
{
	mutex_lock(&mmbox_boxes_lock);
	list_del(&box->list);
	mutex_unlock(&mmbox_boxes_lock);
}

static int fill_box(struct mmbox *box, const struct mmbox_config *cfg)
{
	int err;

	err = mmbox_zones_create(box, cfg);
	if (err)
		return err;
	err = mmbox_refusals_add_ring(box);
	if (err)
		return err;
	err = mmbox_caches_create(box);
	if (err)
		return err;
	mutex_lock(&box->tune_lock);
	err = mmbox_account_apply(box);
	mutex_unlock(&box->tune_lock);
	if (err)
		return err;
	box->release = mmbox_caches_release;
	box->cache_made = mmbox_cache_files_create;
	box->cache_going = mmbox_cache_files_remove;
	err = mmbox_files_create(box);
	if (err)
		return err;
	err = cpuhp_state_add_instance_nocalls(hotplug_state, &box->hotplug);
	if (err)
		goto remove_files;
	err = mmbox_shrinker_set(box);
	if (!err)
		return 0;

	cpuhp_state_remove_instance_nocalls(hotplug_state, &box->hotplug);
remove_files:
	mmbox_files_remove(box);
	return err;
}

/**
 * mmbox_create - make a box
 * @name: its name: letters, digits, '-' and '_'
 * @cfg:  what it is made of
 *
 * Context: process context, may sleep.
 * Return: the box with a reference for the caller, or an ERR_PTR: -EINVAL for
 * a bad name, a setting out of range or a configuration without pages,
 * -EEXIST when the name is taken,
 * -ENOMEM when the host does not have the memory, -EINTR when the caller is
 * being killed.
 */
struct mmbox *mmbox_create(const char *name, const struct mmbox_config *cfg)
{
	unsigned long pages;
	struct mmbox *box;
	int err;

	if (!mmbox_name_ok(name))
		return ERR_PTR(-EINVAL);
	err = check_size(name, cfg, &pages);
	if (err)
		return ERR_PTR(err);

	box = alloc_box(name, cfg);
	if (!box)
		return ERR_PTR(-ENOMEM);
	err = mmbox_tune_init(box, cfg, pages);
	if (err)
		goto free_box;
	err = reserve_name(box);
	if (err)
		goto free_box;
	err = fill_box(box, cfg);
	if (err)
		goto release_name;

	pr_info("%s: %lu pages taken from the host\n", box->name,
		box->nr_taken);
	mmbox_kmap_prepare(box);
	set_live(box, true);
	return box;

release_name:
	release_name(box);
free_box:
	free_box(box);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(mmbox_create);

/*
 * Ends a box that nobody can get any more. Its name is free again only when its
 * files are gone; what waits for readers of these waits without a lock.
 */
static void destroy_dead(struct mmbox *box)
{
	cpuhp_state_remove_instance_nocalls(hotplug_state, &box->hotplug);
	mmbox_files_remove(box);
	release_name(box);
	free_box(box);
}

/*
 * Ends a box for others if it has @nr_users and no more, and nothing of it is in
 * use.
 */
static int make_dead(struct mmbox *box, unsigned int nr_users)
{
	unsigned int caches = mmbox_caches_foreign(box);
	unsigned long allocated, areas;

	lockdep_assert_held(&mmbox_boxes_lock);
	mmbox_objects_sweep(box);
	/* Pages that only wait for the next object are nobody's. */
	mmbox_caches_flush(box);
	allocated = mmbox_zones_allocated(box);
	if (box->nr_users <= nr_users && !allocated)
		mmbox_kmap_retire(box);
	areas = mmbox_vmap_live(box);
	if (box->nr_users > nr_users || caches || allocated || areas) {
		pr_warn("%s: busy: %u users, %u caches, %lu pages allocated, %lu areas\n",
			box->name, box->nr_users - nr_users, caches, allocated,
			areas);
		mmbox_leaks_caches(box);
		mmbox_leaks_pages(box);
		mmbox_kmap_prepare(box);
		return -EBUSY;
	}
	box->live = false;
	return 0;
}

/**
 * mmbox_destroy - unmake a box and give its pages back to the host
 * @box: the box; the caller's reference goes with it
 *
 * Context: process context, may sleep.
 * Return: 0, or -EBUSY when others hold the box, any page of it is still
 * allocated or any area mapped; then the box, and the caller's reference, stay
 * as they were. A caller that goes away nevertheless gives the reference up with
 * mmbox_put().
 */
int mmbox_destroy(struct mmbox *box)
{
	int err;

	mutex_lock(&mmbox_boxes_lock);
	err = make_dead(box, 1);
	mutex_unlock(&mmbox_boxes_lock);
	if (!err)
		destroy_dead(box);
	return err;
}
EXPORT_SYMBOL_GPL(mmbox_destroy);

/**
 * mmbox_destroy_named - unmake a box that nobody holds
 * @name: its name
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOENT if there is no such box, or -EBUSY when anybody holds it
 * or any page or area of it is still in use.
 */
int mmbox_destroy_named(const char *name)
{
	struct mmbox *box;
	int err = -ENOENT;

	mutex_lock(&mmbox_boxes_lock);
	box = find_box(name);
	if (box && box->live)
		err = make_dead(box, 0);
	mutex_unlock(&mmbox_boxes_lock);
	if (!err)
		destroy_dead(box);
	return err;
}
EXPORT_SYMBOL_GPL(mmbox_destroy_named);

/**
 * mmbox_get - find a box by name and hold it
 * @name: its name
 *
 * Context: process context, may sleep.
 * Return: the box with a reference for the caller, to be given up with
 * mmbox_put(), or NULL if there is none of that name.
 */
struct mmbox *mmbox_get(const char *name)
{
	struct mmbox *box;

	mutex_lock(&mmbox_boxes_lock);
	box = find_box(name);
	if (box && !box->live)
		box = NULL;
	if (box)
		box->nr_users++;
	mutex_unlock(&mmbox_boxes_lock);
	return box;
}
EXPORT_SYMBOL_GPL(mmbox_get);

/**
 * mmbox_put - give up a reference to a box
 * @box: the box, which stays; NULL does nothing
 *
 * Context: process context, may sleep.
 */
void mmbox_put(struct mmbox *box)
{
	if (!box)
		return;
	mutex_lock(&mmbox_boxes_lock);
	if (box->nr_users)
		box->nr_users--;
	else
		pr_err("%s: a reference is given up that nobody has\n",
		       box->name);
	mutex_unlock(&mmbox_boxes_lock);
}
EXPORT_SYMBOL_GPL(mmbox_put);

static int cpu_dead(unsigned int cpu, struct hlist_node *node)
{
	struct mmbox *box = hlist_entry(node, struct mmbox, hotplug);

	mmbox_caches_drain_dead_cpu(box, cpu);
	mmbox_zones_drain_dead_cpu(box, cpu);
	mmbox_vmap_drain_dead_cpu(box, cpu);
	return 0;
}

/**
 * mmbox_boxes_init - get ready for boxes
 *
 * Context: module initialisation.
 * Return: 0 or -errno.
 */
int mmbox_boxes_init(void)
{
	int err, state;

	mmbox_kmalloc_init();
	mmbox_track_init();
	err = mmbox_sites_init();
	if (err)
		return err;
	mmbox_guard_ops = &mmbox_vmap_guard_ops;
	state = cpuhp_setup_state_multi(CPUHP_BP_PREPARE_DYN, "mm/mmbox:dead",
					NULL, cpu_dead);
	if (state < 0) {
		mmbox_sites_exit();
		return state;
	}
	hotplug_state = state;
	return 0;
}

/**
 * mmbox_boxes_exit - unmake all boxes as the module goes
 *
 * No file is open and no module that uses mmbox is loaded any more. What the
 * boxes own is freed with them; a page that a gone module still holds is named
 * and not given back.
 *
 * Context: process context, may sleep.
 */
void mmbox_boxes_exit(void)
{
	struct mmbox *box, *tmp;
	unsigned long held;

	/* Nobody else is left to change the list. */
	list_for_each_entry_safe(box, tmp, &mmbox_boxes, list)
		destroy_dead(box);
	cpuhp_remove_multi_state(hotplug_state);
	mmbox_sites_exit();

	held = mmbox_backing_held();
	if (held)
		pr_err("%lu pages of the host are lost\n", held);
}
