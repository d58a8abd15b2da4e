// SPDX-License-Identifier: GPL-2.0
#include "sim_box.h"

#include <stdlib.h>

#include <linux/mm.h>

#include "backing.h"
#include "page_owner.h"
#include "refusal.h"
#include "rng.h"
#include "section.h"
#include "steal.h"

/* Where the host's zones begin; the last node's ones begin half way up. */
#define DMA32_START	1024
#define NORMAL_START	4096
#define MOVABLE_START	(HOST_FRAMES - 2048)

/* What the host still has. Frame 0 is nobody's: its address is NULL. */
static bool host_has[HOST_FRAMES];

enum mmbox_zone_type mmbox_backing_zone(const struct page *page)
{
	unsigned long pfn = page_to_pfn(page);

	if (pfn < DMA32_START)
		return MMBOX_ZONE_DMA;
	if (pfn < NORMAL_START)
		return MMBOX_ZONE_DMA32;
	return pfn < MOVABLE_START ? MMBOX_ZONE_NORMAL : MMBOX_ZONE_MOVABLE;
}

/* Here each zone has its place. */
bool mmbox_backing_strays(enum mmbox_zone_type zone)
{
	(void)zone;
	return false;
}

/* Does the host have all of this block, in that zone? */
static bool host_has_block(unsigned long pfn, unsigned int order,
			   enum mmbox_zone_type zone)
{
	unsigned long end = pfn + (1UL << order);

	for (; pfn < end; pfn++)
		if (!host_has[pfn] ||
		    mmbox_backing_zone(pfn_to_page(pfn)) != zone)
			return false;
	return true;
}

/* From both nodes in turn, as far as they have the zone. */
static unsigned long find_block(unsigned int order, enum mmbox_zone_type zone)
{
	static unsigned long start;
	unsigned long i, pfn;

	start = (start + HOST_FRAMES / HOST_NODES) % HOST_FRAMES;
	for (i = 0; i < HOST_FRAMES; i += 1UL << order) {
		pfn = (start + i) % HOST_FRAMES;
		if (host_has_block(pfn, order, zone))
			return pfn;
	}
	return HOST_FRAMES;
}

struct page *mmbox_backing_take(struct mmbox_backing *backing,
				unsigned long max_pages, unsigned int *order)
{
	unsigned long pfn, i;

	while (1UL << backing->order > max_pages)
		backing->order--;
	for (;; backing->order--) {
		pfn = find_block(backing->order, backing->zone);
		if (pfn < HOST_FRAMES)
			break;
		if (!backing->order)
			return NULL;
	}
	*order = backing->order;
	for (i = 0; i < 1UL << *order; i++)
		host_has[pfn + i] = false;
	return pfn_to_page(pfn);
}

bool mmbox_backing_give(struct page *page, unsigned long nr_pages)
{
	unsigned long pfn = page_to_pfn(page);

	while (nr_pages--) {
		expect(!host_has[pfn], "pfn %lu is given back twice", pfn);
		host_has[pfn++] = true;
	}
	return true;
}

/* The upper part of each zone is in pieces: the host uses some of it. */
static void host_fill(unsigned long long seed)
{
	struct rng rng = { .state = seed };
	unsigned long pfn;

	for (pfn = 0; pfn < HOST_FRAMES; pfn++)
		host_has[pfn] = pfn && (pfn & 1024 || rng_below(&rng, 8));
}

static void note_present(struct sim_box *sim)
{
	struct mmbox_section *section;
	unsigned long pfn;

	for (pfn = 0; pfn < HOST_FRAMES; pfn++) {
		preempt_disable();
		section = mmbox_section_find(pfn);
		preempt_enable();
		sim->present[pfn] = section;
		sim->nr_taken += !!section;
	}
}

/* The box keeps no ledger here: nobody comes to enter anything. */
void mmbox_page_owner_set(struct mmbox *box, unsigned long pfn,
			  unsigned int order, gfp_t gfp, unsigned long caller)
{
	(void)box;
	(void)pfn;
	(void)order;
	(void)gfp;
	(void)caller;
	expect(false, "an entry in no ledger");
}

void mmbox_page_owner_clear(struct mmbox *box, unsigned long pfn)
{
	(void)box;
	(void)pfn;
	expect(false, "an entry in no ledger");
}

static void create_parts(struct mmbox *box, enum mmbox_boot_kind boot)
{
	const struct mmbox_config config = {
		.boot = boot,
		.nr_pages = {
			[MMBOX_ZONE_DMA] = 700,
			[MMBOX_ZONE_DMA32] = 1800,
			[MMBOX_ZONE_NORMAL] = 5000,
			[MMBOX_ZONE_MOVABLE] = 1200,
		},
	};

	box->stat = alloc_percpu(struct mmbox_stat);
	expect(!mmbox_refusals_create(box), "no refusals");
	expect(!mmbox_steals_create(box), "no steals");
	expect(!mmbox_drain_create(box), "no drain");
	box->nr_nodes = HOST_NODES;
	expect(!mmbox_zones_create(box, &config), "no zones");
	expect(!mmbox_refusals_add_ring(box), "no ring");
}

/**
 * sim_create - make a box as box.c does
 * @seed: of what the host can spare; says also how the box boots
 */
struct sim_box *sim_create(unsigned long long seed)
{
	struct sim_box *sim = calloc(1, sizeof(*sim));

	expect(sim, "out of memory");
	host_fill(seed);
	sim->box = calloc(1, sizeof(*sim->box) +
			     HOST_NODES * sizeof(sim->box->node[0]));
	expect(sim->box, "out of memory");
	expect(!mmbox_sections_init(), "no index");
	create_parts(sim->box, seed % MMBOX_NR_BOOT_KINDS);
	note_present(sim);
	expect(sim->nr_taken == sim->box->nr_taken, "%lu frames, not %lu",
	       sim->nr_taken, sim->box->nr_taken);
	return sim;
}

/**
 * sim_destroy - unmake the box: all frames go back to the host
 * @sim: the box
 */
void sim_destroy(struct sim_box *sim)
{
	struct mmbox *box = sim->box;
	unsigned long given = mmbox_zones_destroy(box);

	expect(sim->nr_live || given == sim->nr_taken,
	       "%lu frames of %lu are given back", given, sim->nr_taken);
	mmbox_sections_exit();
	mmbox_drain_destroy(box);
	mmbox_steals_destroy(box);
	mmbox_refusals_destroy(box);
	free_percpu(box->stat);
	free(box);
	free(sim);
}

/**
 * sim_own - a user has got a block, which nobody must have
 * @sim:   the box
 * @page:  the block's first page
 * @order: its order
 * @gfp:   what was asked for
 */
void sim_own(struct sim_box *sim, const struct page *page, unsigned int order,
	     gfp_t gfp)
{
	unsigned long pfn = page_to_pfn(page), i;

	expect(pfn % (1UL << order) == 0, "pfn %lu of order %u", pfn, order);
	expect(mmbox_backing_zone(page) <= mmbox_gfp_zone(gfp),
	       "pfn %lu for gfp %#x", pfn, gfp);
	for (i = pfn; i < pfn + (1UL << order); i++) {
		expect(sim->present[i], "pfn %lu is not the box's", i);
		expect(!sim->owned[i], "pfn %lu has two owners", i);
		expect(!(gfp & __GFP_ZERO) || pfn_to_page(i)->cleared,
		       "pfn %lu is not cleared", i);
		sim->owned[i] = true;
		pfn_to_page(i)->cleared = false;
	}
	sim->order[pfn] = order;
	sim->live[sim->nr_live++] = pfn;
	sim->nr_pages += 1UL << order;
	sim->nr_owned++;
}

unsigned int sim_order(const struct sim_box *sim, unsigned int which)
{
	return sim->order[sim->live[which]];
}

/**
 * sim_disown - a user is about to give a block back
 * @sim:   the box
 * @which: place in sim->live
 * @order: set to its order
 *
 * Return: its first page.
 */
struct page *sim_disown(struct sim_box *sim, unsigned int which,
			unsigned int *order)
{
	unsigned long pfn = sim->live[which], i;

	sim->live[which] = sim->live[--sim->nr_live];
	*order = sim->order[pfn];
	for (i = pfn; i < pfn + (1UL << *order); i++)
		sim->owned[i] = false;
	sim->nr_pages -= 1UL << *order;
	return pfn_to_page(pfn);
}

/* Does a user have just this block? */
bool sim_owns(const struct sim_box *sim, unsigned long pfn, unsigned int order)
{
	unsigned int i;

	for (i = 0; i < sim->nr_live; i++)
		if (sim->live[i] == pfn)
			return sim->order[pfn] == order;
	return false;
}
