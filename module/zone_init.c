// SPDX-License-Identifier: GPL-2.0
/*
 * Zones, their making and unmaking: pages come from the host, are entered in
 * the zone and node where they really lie, and are handed to its buddy; and in
 * the end all go back.
 *
 * Everything here runs before a box is published or after it is withdrawn, so
 * no lock is needed.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "backing.h"
#include "boot.h"
#include "internal.h"
#include "section.h"

static void zone_init(struct mmbox_zone *zone, struct mmbox *box, int nid,
		      enum mmbox_zone_type type)
{
	spin_lock_init(&zone->lock);
	mmbox_buddy_init(&zone->buddy);
	zone->box = box;
	zone->type = type;
	zone->nid = nid;
	INIT_LIST_HEAD(&zone->sections);
	atomic_long_set(&zone->nr_mapped, 0);
}

static int create_nodes(struct mmbox *box)
{
	size_t max_zones = box->nr_nodes * MMBOX_NR_ZONES + 1;
	int nid, type;

	for_each_node(nid) {
		struct mmbox_node *node;

		node = kzalloc(sizeof(*node), GFP_KERNEL);
		if (!node)
			return -ENOMEM;
		box->node[nid] = node;
		node->zonelist = kcalloc(max_zones, sizeof(*node->zonelist),
					 GFP_KERNEL);
		if (!node->zonelist)
			return -ENOMEM;
		for (type = 0; type < MMBOX_NR_ZONES; type++)
			zone_init(&node->zone[type], box, nid, type);
	}
	return 0;
}

/**
 * mmbox_zone_span - count frames that a zone gets
 * @zone:     the zone
 * @pfn:      the first one
 * @nr_pages: how many, in a row
 */
void mmbox_zone_span(struct mmbox_zone *zone, unsigned long pfn,
		     unsigned long nr_pages)
{
	unsigned long end = max(zone->start_pfn + zone->spanned,
				pfn + nr_pages);

	if (!zone->spanned || pfn < zone->start_pfn)
		zone->start_pfn = pfn;
	zone->spanned = end - zone->start_pfn;
	zone->present += nr_pages;
}

/**
 * mmbox_zone_of_host - the zone that a page of the host belongs in
 * @box:  the box
 * @page: the host's page
 * @type: the zone it was asked for
 *
 * Return: the zone of the box that corresponds to the one where the page lies,
 * or the one it was asked for, if that may have any page.
 */
struct mmbox_zone *mmbox_zone_of_host(struct mmbox *box,
				      const struct page *page,
				      enum mmbox_zone_type type)
{
	if (!mmbox_backing_strays(type))
		type = mmbox_backing_zone(page);
	return &box->node[page_to_nid(page)]->zone[type];
}

/**
 * mmbox_zone_link_section - enter a section among those of its zone
 * @section: the section, on no list
 *
 * They stay in ascending order; looking from the end is short where they are
 * entered in that order.
 */
void mmbox_zone_link_section(struct mmbox_section *section)
{
	struct list_head *after = &section->zone->sections;
	struct mmbox_section *other;

	list_for_each_entry_reverse(other, &section->zone->sections, list) {
		if (other->start_pfn < section->start_pfn) {
			after = &other->list;
			break;
		}
	}
	list_add(&section->list, after);
}

/**
 * mmbox_section_mark - say that the box has frames
 * @section:  their section
 * @pfn:      the first one
 * @nr_pages: how many, in a row
 *
 * They are reserved until they are handed over.
 */
void mmbox_section_mark(struct mmbox_section *section, unsigned long pfn,
			unsigned long nr_pages)
{
	unsigned long i;

	for (i = 0; i < nr_pages; i++)
		mmbox_page_set(mmbox_section_page(section, pfn + i),
			       MMBOX_PAGE_RESERVED, 0);
	section->nr_present += nr_pages;
}

static bool block_present(const struct mmbox_section *section, unsigned int nr)
{
	unsigned int first = nr * MMBOX_PAGEBLOCK_PAGES, i;

	for (i = 0; i < MMBOX_PAGEBLOCK_PAGES; i++)
		if (mmbox_page_state(&section->map.page[first + i]) !=
		    MMBOX_PAGE_ABSENT)
			return true;
	return false;
}

/**
 * mmbox_section_add_blocks - let the buddy know of a section's pageblocks
 * @section: the section, with all frames that it will have
 *
 * As in the kernel, all begin as what does least harm.
 *
 * Context: nobody else has the zone, or the caller holds its lock.
 */
void mmbox_section_add_blocks(struct mmbox_section *section)
{
	unsigned int i;

	for (i = 0; i < MMBOX_SECTION_BLOCKS; i++)
		if (block_present(section, i))
			mmbox_buddy_add_block(&section->zone->buddy,
					      &section->map.block[i],
					      MMBOX_MOVABLE);
}

/**
 * mmbox_section_hand_over - give frames to the buddy of their zone
 * @section: their section, whose pageblocks the buddy knows
 * @pfn:     the first one
 * @end:     the one behind the last one, in the same section
 *
 * Context: nobody else has the zone, or the caller holds its lock.
 * Return: order of the block that was given, the largest aligned one that
 * begins with @pfn. The caller goes on behind it.
 */
unsigned int mmbox_section_hand_over(struct mmbox_section *section,
				     unsigned long pfn, unsigned long end)
{
	unsigned int order = mmbox_block_order(pfn, end);
	struct mmbox_page *page = mmbox_section_page(section, pfn);
	unsigned long i;

	for (i = 0; i < 1UL << order; i++)
		mmbox_page_set(page + i, MMBOX_PAGE_TAIL, 0);
	mmbox_buddy_add(&section->zone->buddy, page, order);
	section->zone->managed += 1UL << order;
	return order;
}

static int take_pages(struct mmbox *box, enum mmbox_zone_type type,
		      unsigned long nr_pages)
{
	struct mmbox_backing backing = {
		.zone = type,
		.order = MMBOX_SECTION_ORDER,
		/* What is free is clear then, from the first time on. */
		.clear = box->settings.init_on_free,
	};
	unsigned long left = nr_pages;

	while (left) {
		unsigned int order;
		struct page *page;
		int err;

		if (fatal_signal_pending(current))
			return -EINTR;
		page = mmbox_backing_take(&backing, left, &order);
		if (!page) {
			pr_err("%s: the host gives only %lu of %lu pages in zone %s\n",
			       box->name, nr_pages - left, nr_pages,
			       mmbox_zone_name[type]);
			return -ENOMEM;
		}
		err = mmbox_boot_add(box, page, order, type);
		if (err) {
			mmbox_backing_give(page, 1UL << order);
			return err;
		}
		box->nr_taken += 1UL << order;
		left -= 1UL << order;
		cond_resched();
	}
	return 0;
}

/**
 * mmbox_zone_create_pcp - make each CPU's lists, unless they are there already
 * @zone: a zone that has pages, or is about to get some
 *
 * They stay for as long as the box, also when the zone loses its last page.
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmbox_zone_create_pcp(struct mmbox_zone *zone)
{
	unsigned int type, cpu;

	mmbox_zone_limit_lists(zone);
	for (type = 0; type < MMBOX_NR_PCP_TYPES; type++) {
		struct mmbox_pcp __percpu *pcp;

		if (zone->buddy.pcp[type])
			continue;
		pcp = alloc_percpu(struct mmbox_pcp);
		if (!pcp)
			return -ENOMEM;
		for_each_possible_cpu(cpu)
			mmbox_pcp_init(per_cpu_ptr(pcp, cpu),
				       &zone->pcp_limits);
		zone->buddy.pcp[type] = pcp;
	}
	/* Before the zone gets pages, see mmbox_zone_managed(). */
	smp_wmb();
	return 0;
}

static void destroy_pcp(struct mmbox_zone *zone)
{
	unsigned int type;

	for (type = 0; type < MMBOX_NR_PCP_TYPES; type++)
		free_percpu(zone->buddy.pcp[type]);
}

static int create_pcps(struct mmbox *box)
{
	unsigned int pos;
	int err = 0;

	for (pos = 0; !err && pos < mmbox_nr_zones(box); pos++) {
		struct mmbox_zone *zone = mmbox_zone_at(box, pos);

		if (zone && zone->present)
			err = mmbox_zone_create_pcp(zone);
	}
	return err;
}

/*
 * Nearest node first, and on a node from the highest zone down: pages that
 * more callers can use are kept for those who need them. Zones without pages are
 * in the list, too, for they may get some: whoever walks it passes them over.
 */
static void build_zonelist(struct mmbox *box, int local)
{
	struct mmbox_zone **next = box->node[local]->zonelist;
	nodemask_t left = node_possible_map;
	int nid, type;

	while (!nodes_empty(left)) {
		int nearest = local;

		if (!node_isset(local, left)) {
			nearest = first_node(left);
			for_each_node_mask(nid, left)
				if (node_distance(local, nid) <
				    node_distance(local, nearest))
					nearest = nid;
		}
		node_clear(nearest, left);

		for (type = MMBOX_NR_ZONES - 1; type >= 0; type--)
			*next++ = &box->node[nearest]->zone[type];
	}
}

static void build_first(struct mmbox_node *node, bool long_way)
{
	unsigned int mask;

	for (mask = 0; mask < MMBOX_NR_GFP_INDICES; mask++) {
		struct mmbox_zone **pos = node->zonelist;
		gfp_t gfp = (__force gfp_t)mask;

		while (*pos && (!(*pos)->managed ||
				(*pos)->type > mmbox_gfp_zone(gfp)))
			pos++;
		WRITE_ONCE(node->first[mask], *pos && !long_way ?
			   (*pos)->buddy.pcp[mmbox_gfp_type(gfp)] : NULL);
	}
}

/**
 * mmbox_zones_build_first - answer in advance where each request looks first
 * @box: the box, with its zonelists
 *
 * To be called again when a zone has got its first pages or lost its last ones.
 * A request that still follows the former answer goes the long way, and so do
 * all of them while pages are to be cleared when they are allocated.
 */
void mmbox_zones_build_first(struct mmbox *box)
{
	int nid;

	for_each_node(nid)
		build_first(box->node[nid], box->settings.init_on_alloc);
}

/* Points all pageblocks of a zone to the lists that frees go to, or to none. */
static void choose_frees(struct mmbox_zone *zone, bool long_way)
{
	struct mmbox_section *section;
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&zone->lock, flags);
	zone->buddy.long_frees = long_way;
	list_for_each_entry(section, &zone->sections, list)
		for (i = 0; i < MMBOX_SECTION_BLOCKS; i++)
			mmbox_buddy_point_block(&zone->buddy,
						&section->map.block[i]);
	spin_unlock_irqrestore(&zone->lock, flags);
}

/**
 * mmbox_zones_choose_paths - which way pages go, by the settings
 * @box: the box
 *
 * Nothing on the quick way asks whether pages are to be cleared: it is not
 * there then. Some may be on the former way until RCU's grace period has passed.
 *
 * Context: process context; the caller holds box->tune_lock, or nobody else has
 * the box yet.
 */
void mmbox_zones_choose_paths(struct mmbox *box)
{
	unsigned int pos;

	for (pos = 0; pos < mmbox_nr_zones(box); pos++)
		if (mmbox_zone_at(box, pos))
			choose_frees(mmbox_zone_at(box, pos),
				     box->settings.init_on_free);
	mmbox_zones_build_first(box);
}

/**
 * mmbox_zone_respan - see which frames a zone spans after it has lost some
 * @zone: the zone
 *
 * Context: process context; nobody else adds or removes sections.
 */
void mmbox_zone_respan(struct mmbox_zone *zone)
{
	const struct mmbox_section *first, *last;
	unsigned long flags, start = 0, end = 0;
	unsigned int i;

	if (!list_empty(&zone->sections)) {
		first = list_first_entry(&zone->sections, struct mmbox_section,
					 list);
		last = list_last_entry(&zone->sections, struct mmbox_section,
				       list);
		for (i = 0; mmbox_page_state(&first->map.page[i]) ==
			    MMBOX_PAGE_ABSENT; i++)
			;
		start = first->start_pfn + i;
		for (i = MMBOX_SECTION_PAGES;
		     mmbox_page_state(&last->map.page[i - 1]) ==
		     MMBOX_PAGE_ABSENT; i--)
			;
		end = last->start_pfn + i;
	}
	spin_lock_irqsave(&zone->lock, flags);
	zone->start_pfn = start;
	zone->spanned = end - start;
	spin_unlock_irqrestore(&zone->lock, flags);
}

/**
 * mmbox_zones_create - fill a new box with pages of the host
 * @box: the box, not yet published
 * @cfg: pages wanted in each zone
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM when the host does not have the pages, or -EINTR when the
 * caller is being killed; then the caller calls mmbox_zones_destroy().
 */
int mmbox_zones_create(struct mmbox *box, const struct mmbox_config *cfg)
{
	int err, nid, type;

	err = create_nodes(box);
	if (err)
		return err;
	err = mmbox_boot_create(box, cfg);
	if (err)
		return err;

	/* Scarce zones first, before requests for any zone can use them up. */
	for (type = 0; type <= MMBOX_ZONE_ANY; type++) {
		err = take_pages(box, type, cfg->nr_pages[type]);
		if (err)
			return err;
	}

	err = create_pcps(box);
	if (err)
		return err;
	err = mmbox_boot_sections(box);
	if (err)
		return err;
	mmbox_boot_hand_over(box);
	mmbox_watermarks_setup(box);
	for_each_node(nid)
		build_zonelist(box, nid);
	mmbox_zones_choose_paths(box);
	return 0;
}

/*
 * A block that is still allocated may be in somebody's hands, or a device's:
 * it is named, and lost to the host rather than given to a second owner.
 */
static unsigned long give_back_section(struct mmbox *box,
				       struct mmbox_section *section)
{
	unsigned long given = 0;
	unsigned int index, nr;

	for (index = 0; index < MMBOX_SECTION_PAGES; index += nr) {
		struct mmbox_page *page = &section->map.page[index];

		nr = 1;
		switch (mmbox_page_state(page)) {
		case MMBOX_PAGE_ABSENT:
		case MMBOX_PAGE_TAIL: /* a head tells how many follow it */
		case MMBOX_PAGE_RESERVED: /* still in use, or all are */
			break;
		case MMBOX_PAGE_ALLOC:
		case MMBOX_PAGE_SLAB:
		case MMBOX_PAGE_LARGE:
			nr = 1U << mmbox_page_order(page);
			pr_err("%s: pfn %#lx order %u is still allocated: not given back\n",
			       box->name, mmbox_page_pfn(page),
			       mmbox_page_order(page));
			break;
		case MMBOX_PAGE_PCP:
		case MMBOX_PAGE_FREE:
			nr = 1U << mmbox_page_order(page);
			if (!mmbox_backing_give(mmbox_page_host(page), nr))
				pr_warn("%s: pfn %#lx order %u has not just the box's reference\n",
					box->name, mmbox_page_pfn(page),
					ilog2(nr));
			given += nr;
			break;
		}
	}
	return given;
}

/**
 * mmbox_zones_destroy - give all pages back to the host
 * @box: the box, no longer published, or only half created
 *
 * Context: process context, may sleep.
 * Return: pages given back.
 */
unsigned long mmbox_zones_destroy(struct mmbox *box)
{
	unsigned long given = 0;
	LIST_HEAD(sections);
	unsigned int pos;
	int nid;

	for (pos = 0; pos < mmbox_nr_zones(box); pos++) {
		struct mmbox_zone *zone = mmbox_zone_at(box, pos);
		struct mmbox_section *section;

		if (!zone)
			continue;
		list_for_each_entry(section, &zone->sections, list) {
			given += give_back_section(box, section);
			cond_resched();
		}
		list_splice_init(&zone->sections, &sections);
	}
	/* A last free may still be on its way out of zone and lists. */
	mmbox_sections_free(&sections);
	/* No look-up is in a descriptor: pages that hold them can go. */
	given += mmbox_boot_give_rest(box);
	mmbox_boot_destroy(box);

	for (pos = 0; pos < mmbox_nr_zones(box); pos++)
		if (mmbox_zone_at(box, pos))
			destroy_pcp(mmbox_zone_at(box, pos));
	for_each_node(nid) {
		if (!box->node[nid])
			continue;
		kfree(box->node[nid]->zonelist);
		kfree(box->node[nid]);
		box->node[nid] = NULL;
	}
	return given;
}
