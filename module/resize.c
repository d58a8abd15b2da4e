// SPDX-License-Identifier: GPL-2.0
/*
 * Growing and shrinking a live box: whole sections come from the host, and go
 * back to it, while the box works on.
 *
 * A section goes only if nothing of it is in use. To find out for certain it is
 * isolated: nobody can allocate from it any more, and what is freed in it stays
 * in the buddy. Then the CPUs' lists are emptied. If not all of the section is
 * free after that it is busy, and goes back to work.
 *
 * Either all that was asked for happens, or nothing does. What stands in the
 * way is told in words.
 */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "backing.h"
#include "internal.h"
#include "resize.h"
#include "section.h"

/* So many busy sections are named. */
#define MAX_NAMED	3

/**
 * struct resize - a change of size under way
 * @box:      the box
 * @type:     which of its zones
 * @wanted:   sections to be added or removed
 * @nr:	      of these, how many are on @sections
 * @sections: taken from the host but not yet shown to anybody; or isolated
 * @reason:   what stands in the way, in words
 * @len:      room for that
 * @used:     of which so much is used
 * @nr_busy:  sections found busy
 */
struct resize {
	struct mmbox *box;
	enum mmbox_zone_type type;
	unsigned long wanted;
	unsigned long nr;
	struct list_head sections;
	char *reason;
	size_t len;
	size_t used;
	unsigned int nr_busy;
};

static __printf(2, 3) void say(struct resize *resize, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	resize->used += vscnprintf(resize->reason + resize->used,
				   resize->len - resize->used, fmt, args);
	va_end(args);
}

/*
 * Growing
 */

/* A section of the host's pages, all of them absent still. */
static int take_section(struct resize *resize, struct mmbox_backing *backing)
{
	struct mmbox_section *section;
	struct mmbox_zone *zone;
	unsigned int order;
	struct page *page;

	page = mmbox_backing_take(backing, MMBOX_SECTION_PAGES, &order);
	if (!page)
		return -ENOMEM;
	zone = mmbox_zone_of_host(resize->box, page, resize->type);
	section = mmbox_section_create(zone, page_to_pfn(page), NULL);
	if (IS_ERR(section)) {
		mmbox_backing_give(page, MMBOX_SECTION_PAGES);
		return PTR_ERR(section);
	}
	list_add_tail(&section->list, &resize->sections);
	resize->nr++;
	return 0;
}

static int take_sections(struct resize *resize)
{
	struct mmbox_backing backing = {
		.zone = resize->type,
		.order = MMBOX_SECTION_ORDER,
		.min_order = MMBOX_SECTION_ORDER,
		/* What is free is clear then, from the first time on. */
		.clear = resize->box->settings.init_on_free,
	};
	int err = 0;

	while (!err && resize->nr < resize->wanted) {
		err = fatal_signal_pending(current) ? -EINTR :
						      take_section(resize, &backing);
		cond_resched();
	}
	if (err == -ENOMEM)
		say(resize, "the host gives only %lu of %lu blocks of %lu kB in zone %s",
		    resize->nr, resize->wanted,
		    MMBOX_SECTION_PAGES << (PAGE_SHIFT - 10),
		    mmbox_zone_name[resize->type]);
	return err;
}

/* Makes all pages of a section free ones of its zone. */
static void add_section(struct mmbox_section *section)
{
	struct mmbox_zone *zone = section->zone;
	unsigned long pfn = section->start_pfn;
	unsigned long flags;

	mmbox_section_mark(section, pfn, MMBOX_SECTION_PAGES);
	spin_lock_irqsave(&zone->lock, flags);
	mmbox_section_add_blocks(section);
	mmbox_section_hand_over(section, pfn, pfn + MMBOX_SECTION_PAGES);
	mmbox_zone_span(zone, pfn, MMBOX_SECTION_PAGES);
	spin_unlock_irqrestore(&zone->lock, flags);
}

static int add_sections(struct resize *resize)
{
	struct mmbox_section *section, *next;
	int err;

	list_for_each_entry(section, &resize->sections, list) {
		err = mmbox_zone_create_pcp(section->zone);
		if (err)
			return err;
	}
	list_for_each_entry_safe(section, next, &resize->sections, list) {
		list_del(&section->list);
		mmbox_zone_link_section(section);
		add_section(section);
		resize->box->nr_taken += MMBOX_SECTION_PAGES;
	}
	return 0;
}

static int grow(struct resize *resize)
{
	struct mmbox_section *section;
	int err;

	if (resize->wanted > mmbox_backing_spare() / MMBOX_SECTION_PAGES) {
		say(resize, "the host can spare only %lu MB",
		    mmbox_backing_spare() >> (20 - PAGE_SHIFT));
		return -ENOMEM;
	}
	err = take_sections(resize);
	if (!err)
		err = add_sections(resize);
	/* Empty if all went well. */
	list_for_each_entry(section, &resize->sections, list)
		mmbox_backing_give(section->host, MMBOX_SECTION_PAGES);
	mmbox_sections_free(&resize->sections);
	return err;
}

/*
 * Shrinking
 */

/* Pages in use, as far as can be seen while CPUs' lists are full. */
static unsigned long pages_in_use(const struct mmbox_section *section)
{
	unsigned long nr = 0;
	unsigned int i, order;

	lockdep_assert_held(&section->zone->lock);
	for (i = 0; i < MMBOX_SECTION_PAGES; i += 1U << order) {
		const struct mmbox_page *page = &section->map.page[i];

		order = mmbox_page_order(page);
		if (mmbox_page_in_use(page))
			nr += 1UL << order;
	}
	return nr;
}

static void isolate(struct mmbox_section *section)
{
	struct mmbox_buddy *buddy = &section->zone->buddy;
	unsigned int i;

	for (i = 0; i < MMBOX_SECTION_BLOCKS; i++) {
		section->former[i] = section->map.block[i].type;
		mmbox_buddy_convert(buddy, &section->map, i, MMBOX_ISOLATE);
	}
}

static void put_to_work(struct mmbox_section *section)
{
	struct mmbox_zone *zone = section->zone;
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&zone->lock, flags);
	for (i = 0; i < MMBOX_SECTION_BLOCKS; i++)
		mmbox_buddy_convert(&zone->buddy, &section->map, i,
				    section->former[i]);
	spin_unlock_irqrestore(&zone->lock, flags);
	list_del(&section->list);
	mmbox_zone_link_section(section);
}

static void name_busy(struct resize *resize,
		      const struct mmbox_section *section, unsigned long nr)
{
	if (resize->nr_busy++ >= MAX_NAMED)
		return;
	say(resize, "%spfn %#lx: ", resize->nr_busy > 1 ? ", " : "",
	    section->start_pfn);
	if (section->nr_present < MMBOX_SECTION_PAGES)
		say(resize, "not a whole section");
	else
		say(resize, "%lu pages in use", nr);
}

/* Isolates a section unless it is seen to be busy. */
static bool try_isolate(struct resize *resize, struct mmbox_section *section)
{
	struct mmbox_zone *zone = section->zone;
	unsigned long flags, nr;

	spin_lock_irqsave(&zone->lock, flags);
	nr = pages_in_use(section);
	if (!nr && section->nr_present == MMBOX_SECTION_PAGES)
		isolate(section);
	else
		nr = max(nr, 1UL);
	spin_unlock_irqrestore(&zone->lock, flags);
	if (nr) {
		name_busy(resize, section, nr);
		return false;
	}
	list_move(&section->list, &resize->sections);
	resize->nr++;
	return true;
}

/* Sections that did get busy before they were isolated go back to work. */
static void verify(struct resize *resize)
{
	struct mmbox_section *section, *next;
	unsigned long flags, nr;
	bool whole;

	mmbox_zones_drain(resize->box);
	list_for_each_entry_safe(section, next, &resize->sections, list) {
		spin_lock_irqsave(&section->zone->lock, flags);
		whole = mmbox_page_is(&section->map.page[0], MMBOX_PAGE_FREE,
				      MMBOX_SECTION_ORDER);
		nr = pages_in_use(section);
		spin_unlock_irqrestore(&section->zone->lock, flags);
		if (whole)
			continue;
		name_busy(resize, section, nr);
		put_to_work(section);
		resize->nr--;
	}
}

/* The box no longer has any of these pages. */
static void remove_section(struct mmbox_section *section)
{
	struct mmbox_zone *zone = section->zone;
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&zone->lock, flags);
	mmbox_buddy_del(&zone->buddy, &section->map.page[0]);
	for (i = 0; i < MMBOX_SECTION_PAGES; i++)
		mmbox_page_set(&section->map.page[i], MMBOX_PAGE_ABSENT, 0);
	for (i = 0; i < MMBOX_SECTION_BLOCKS; i++)
		mmbox_buddy_del_block(&zone->buddy, &section->map.block[i]);
	zone->managed -= MMBOX_SECTION_PAGES;
	zone->present -= MMBOX_SECTION_PAGES;
	spin_unlock_irqrestore(&zone->lock, flags);
}

static void remove_sections(struct resize *resize)
{
	struct mmbox_section *section;
	int nid;

	list_for_each_entry(section, &resize->sections, list) {
		remove_section(section);
		if (!mmbox_backing_give(section->host, MMBOX_SECTION_PAGES))
			pr_warn("%s: pfn %#lx order %u has not just the box's reference\n",
				resize->box->name, section->start_pfn,
				MMBOX_SECTION_ORDER);
		resize->box->nr_taken -= MMBOX_SECTION_PAGES;
	}
	for_each_node(nid)
		mmbox_zone_respan(&resize->box->node[nid]->zone[resize->type]);
	mmbox_sections_free(&resize->sections);
}

/* Isolates free sections of a zone until there are enough. */
static void find_sections(struct resize *resize, struct mmbox_zone *zone)
{
	struct mmbox_section *section, *next;

	/* From the end: the beginning is what is allocated first. */
	list_for_each_entry_safe_reverse(section, next, &zone->sections, list) {
		if (resize->nr == resize->wanted)
			verify(resize);
		if (resize->nr == resize->wanted)
			return;
		try_isolate(resize, section);
	}
	if (resize->nr == resize->wanted)
		verify(resize);
}

static int shrink(struct resize *resize)
{
	struct mmbox_section *section, *next;
	int nid;

	for_each_node(nid)
		if (resize->nr < resize->wanted)
			find_sections(resize,
				      &resize->box->node[nid]->zone[resize->type]);
	if (resize->nr == resize->wanted) {
		remove_sections(resize);
		return 0;
	}
	if (resize->nr_busy > MAX_NAMED)
		say(resize, " and %u more", resize->nr_busy - MAX_NAMED);
	say(resize, "%sonly %lu of %lu sections of %lu kB are free",
	    resize->used ? "; " : "", resize->nr, resize->wanted,
	    MMBOX_SECTION_PAGES << (PAGE_SHIFT - 10));
	list_for_each_entry_safe(section, next, &resize->sections, list)
		put_to_work(section);
	return -EBUSY;
}

/**
 * mmbox_zone_resize - add sections to a kind of zone, or remove some
 * @box:      the box
 * @type:     which; on whichever nodes it is
 * @nr_pages: how many pages to add or, below 0, to remove: whole sections
 * @reason:   set to what stands in the way, in words, if it fails
 * @len:      room for that
 *
 * The marks and the limits of CPUs' lists follow.
 *
 * Context: process context, may sleep; the caller holds box->tune_lock.
 * Return: 0; -EINVAL for a size that is not of whole sections; -ENOMEM if the
 * host does not have the memory; -EBUSY if not as many sections are free; or
 * -EINTR if the caller is being killed. Nothing has changed then.
 */
int mmbox_zone_resize(struct mmbox *box, enum mmbox_zone_type type,
		      long nr_pages, char *reason, size_t len)
{
	struct resize resize = {
		.box = box,
		.type = type,
		.wanted = abs(nr_pages) / MMBOX_SECTION_PAGES,
		.sections = LIST_HEAD_INIT(resize.sections),
		.reason = reason,
		.len = len,
	};
	int err;

	lockdep_assert_held(&box->tune_lock);
	if (type >= MMBOX_NR_ZONES) {
		say(&resize, "there is no such zone");
		return -EINVAL;
	}
	if (!resize.wanted || nr_pages % (long)MMBOX_SECTION_PAGES) {
		say(&resize, "sections of %lu kB come and go as a whole",
		    MMBOX_SECTION_PAGES << (PAGE_SHIFT - 10));
		return -EINVAL;
	}
	err = nr_pages > 0 ? grow(&resize) : shrink(&resize);
	if (err)
		return err;
	mmbox_stat_add(box->stat, nr_pages > 0 ? MMBOX_EVENT_SECTION_ADD :
						 MMBOX_EVENT_SECTION_REMOVE,
		       resize.wanted);
	mmbox_zones_build_first(box);
	mmbox_zones_limit_lists(box);
	mmbox_watermarks_setup(box);
	return 0;
}

/**
 * mmbox_free_sections - sections that are free as they stand
 * @box:  the box
 * @type: in which of its zones
 *
 * Context: any.
 * Return: how many could go, as far as can be seen without emptying CPUs'
 * lists.
 */
unsigned long mmbox_free_sections(struct mmbox *box, enum mmbox_zone_type type)
{
	unsigned long nr = 0;
	unsigned int mt;
	int nid;

	for_each_node(nid) {
		const struct mmbox_buddy *buddy =
			&box->node[nid]->zone[type].buddy;

		for (mt = 0; mt < MMBOX_NR_TYPES; mt++)
			/* An estimate: it may change at any time. */
			nr += data_race(buddy->lists[mt]
					.area[MMBOX_SECTION_ORDER].nr_free);
	}
	return nr;
}

/**
 * mmbox_resize - add pages to a box, or remove some
 * @box:      the box
 * @zone:     in which zone
 * @nr_pages: how many to add or, below 0, to remove: a multiple of the pages in
 *	      a block of MMBOX_MAX_ORDER
 *
 * Only blocks of which nothing is in use can go. What stood in the way is in
 * the kernel log.
 *
 * Context: process context, may sleep.
 * Return: 0; -EINVAL for a zone or a size that cannot be; -ENOMEM if the host
 * does not have the memory; -EBUSY if not as much is free in whole blocks; or
 * -EINTR if the caller is being killed. Nothing has changed then.
 */
int mmbox_resize(struct mmbox *box, enum mmbox_zone_type zone, long nr_pages)
{
	char reason[MMBOX_REASON_LEN] = "";
	int err;

	mutex_lock(&box->tune_lock);
	err = mmbox_zone_resize(box, zone, nr_pages, reason, sizeof(reason));
	mutex_unlock(&box->tune_lock);
	if (err)
		pr_info("%s: %s\n", box->name, reason);
	return err;
}
EXPORT_SYMBOL_GPL(mmbox_resize);
