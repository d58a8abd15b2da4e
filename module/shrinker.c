// SPDX-License-Identifier: GPL-2.0
/*
 * Giving free sections back to a host that is short of memory: off unless the
 * box is told to.
 *
 * The host calls its shrinkers in the midst of an allocation, which may hold
 * any lock. Finding out whether a section is free takes mutexes and waits for
 * all CPUs, so it is not done there: the call notes how much is wanted, and a
 * work item goes and gets it.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "internal.h"
#include "resize.h"
#include "shrinker.h"

/**
 * struct mmbox_shrinker - a box's part in the host's reclaim
 * @host:   what the host knows of it, or NULL while it is off
 * @work:   gives sections back
 * @box:    the box
 * @wanted: pages that the host has asked for
 */
struct mmbox_shrinker {
	struct shrinker *host;
	struct work_struct work;
	struct mmbox *box;
	atomic_long_t wanted;
};

static unsigned long count_pages(struct shrinker *host,
				 struct shrink_control *sc)
{
	struct mmbox_shrinker *shrinker = mmbox_shrinker_data(host);
	unsigned long nr = 0;
	int type;

	for (type = 0; type < MMBOX_NR_ZONES; type++)
		nr += mmbox_free_sections(shrinker->box, type);
	return nr ? nr * MMBOX_SECTION_PAGES : SHRINK_EMPTY;
}

/* Nothing is free yet when this returns, and the host is told so. */
static unsigned long want_pages(struct shrinker *host,
				struct shrink_control *sc)
{
	struct mmbox_shrinker *shrinker = mmbox_shrinker_data(host);

	atomic_long_add(sc->nr_to_scan, &shrinker->wanted);
	queue_work(system_unbound_wq, &shrinker->work);
	return SHRINK_STOP;
}

/* Zones that more callers can use are spared for longest. */
static void give_pages(struct work_struct *work)
{
	struct mmbox_shrinker *shrinker =
		container_of(work, struct mmbox_shrinker, work);
	struct mmbox *box = shrinker->box;
	char reason[MMBOX_REASON_LEN];
	unsigned long left, nr;
	int type;

	left = DIV_ROUND_UP(atomic_long_xchg(&shrinker->wanted, 0),
			    MMBOX_SECTION_PAGES);
	mutex_lock(&box->tune_lock);
	for (type = MMBOX_NR_ZONES - 1; type >= 0 && left; type--) {
		nr = min(left, mmbox_free_sections(box, type));
		/* If one has been taken meanwhile, the host will ask again. */
		if (nr && !mmbox_zone_resize(box, type,
					     -(long)(nr * MMBOX_SECTION_PAGES),
					     reason, sizeof(reason)))
			left -= nr;
	}
	mutex_unlock(&box->tune_lock);
}

/**
 * mmbox_shrinker_create - get ready to give pages back
 * @box: the box, not yet published
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmbox_shrinker_create(struct mmbox *box)
{
	struct mmbox_shrinker *shrinker = kzalloc(sizeof(*shrinker),
						  GFP_KERNEL);

	if (!shrinker)
		return -ENOMEM;
	shrinker->box = box;
	INIT_WORK(&shrinker->work, give_pages);
	box->shrinker = shrinker;
	return 0;
}

static int turn_on(struct mmbox_shrinker *shrinker)
{
	const char *name = shrinker->box->name;
	struct shrinker *host = mmbox_shrinker_alloc(name, shrinker);
	int err;

	if (!host)
		return -ENOMEM;
	host->count_objects = count_pages;
	host->scan_objects = want_pages;
	host->seeks = DEFAULT_SEEKS;
	err = mmbox_shrinker_register(host, name);
	if (err) {
		mmbox_shrinker_discard(host);
		return err;
	}
	shrinker->host = host;
	return 0;
}

/**
 * mmbox_shrinker_set - give pages back from now on, or no more
 * @box: the box; its settings tell which
 *
 * Context: process context, may sleep; the caller holds box->tune_lock, or
 * nobody else has the box.
 * Return: 0 or -ENOMEM; then nothing has changed.
 */
int mmbox_shrinker_set(struct mmbox *box)
{
	struct mmbox_shrinker *shrinker = box->shrinker;

	if (box->settings.shrinker && !shrinker->host)
		return turn_on(shrinker);
	if (!box->settings.shrinker && shrinker->host) {
		mmbox_shrinker_unregister(shrinker->host);
		shrinker->host = NULL;
		/* What has been asked for is not given any more. */
		atomic_long_set(&shrinker->wanted, 0);
	}
	return 0;
}

/**
 * mmbox_shrinker_destroy - undo mmbox_shrinker_create(), and what was set since
 * @box: the box, no longer published; its pages are still there
 *
 * Context: process context, may sleep.
 */
void mmbox_shrinker_destroy(struct mmbox *box)
{
	struct mmbox_shrinker *shrinker = box->shrinker;

	if (shrinker->host)
		mmbox_shrinker_unregister(shrinker->host);
	cancel_work_sync(&shrinker->work);
	kfree(shrinker);
	box->shrinker = NULL;
}
