// SPDX-License-Identifier: GPL-2.0
/*
 * The whole page allocator on a simulated host: zones on two nodes, all migrate
 * types, several CPUs, interrupts. Random calls of everything that a box's
 * users can call, wrong frees among them; a map of who owns which frame says
 * after each whether it was right, and a look at all that the box has, after
 * every few hundred, that no page is lost and all counts are true.
 *
 * The module's own files run here, see shim/host.h for what they run on.
 */
#include "unit.h"

#include <string.h>

#include <linux/mm.h>

#include "box_check.h"
#include "internal.h"
#include "section.h"
#include "sim_box.h"

#define PHASE_OPS	2000
#define BULK		128

/* How the calls are mixed for a while. */
struct mix {
	unsigned int alloc_percent;
	unsigned int max_order;
	unsigned int bulk_permille;
	bool small_mostly;
	bool one_type;
};

static struct sim_box *sim;
static struct rng rng;
static struct mix mix;
static unsigned long nr_refused;
static unsigned long nr_wrong;

static bool one_in(unsigned int nr)
{
	return !rng_below(&rng, nr);
}

static void next_mix(void)
{
	mix.alloc_percent = 35 + rng_below(&rng, 36);
	mix.max_order = rng_below(&rng, MMBOX_NR_ORDERS);
	mix.bulk_permille = one_in(2) ? 0 : rng_below(&rng, 30);
	mix.small_mostly = rng_below(&rng, 4);
	mix.one_type = one_in(4);
	host.tracing = one_in(8);
}

static unsigned int pick_order(void)
{
	unsigned int order;

	if (!mix.small_mostly)
		return rng_below(&rng, mix.max_order + 1);
	for (order = 0; order < mix.max_order; order++)
		if (!one_in(4))
			break;
	return order;
}

static gfp_t pick_gfp(bool atomic)
{
	static const gfp_t zones[] = {
		0, 0, 0, 0, __GFP_DMA, __GFP_DMA32, __GFP_HIGHMEM,
		__GFP_HIGHMEM | __GFP_MOVABLE,
	};
	static const gfp_t types[] = {
		0, __GFP_MOVABLE, __GFP_RECLAIMABLE,
	};
	gfp_t gfp = zones[rng_below(&rng, ARRAY_SIZE(zones))];

	if (!mix.one_type)
		gfp |= types[rng_below(&rng, ARRAY_SIZE(types))];
	if (one_in(32))
		gfp |= __GFP_ZERO;
	if (one_in(32))
		gfp |= __GFP_THISNODE;
	/* Who may sleep collects what all CPUs have: that is dear. */
	return gfp | (atomic || !one_in(8) ? GFP_ATOMIC : GFP_KERNEL);
}

static struct page *page_of(unsigned long addr)
{
	return addr ? virt_to_page(addr) : NULL;
}

static void do_alloc(bool atomic)
{
	unsigned int order = pick_order();
	gfp_t gfp = pick_gfp(atomic);
	struct page *page;

	switch (rng_below(&rng, 16)) {
	case 0:
		page = mmbox_alloc_block(sim->box, gfp, order);
		break;
	case 1:
		gfp &= ~__GFP_HIGHMEM;
		page = page_of(mmbox_get_free_pages(sim->box, gfp, order));
		break;
	case 2:
		gfp = (gfp & ~__GFP_HIGHMEM) | __GFP_ZERO;
		order = 0;
		page = page_of(mmbox_get_zeroed_page(sim->box, gfp));
		break;
	default:
		page = mmbox_alloc_pages(sim->box, gfp, order);
	}
	if (page)
		sim_own(sim, page, order, gfp);
	else
		nr_refused++;
}

static void do_free(void)
{
	unsigned int order;
	struct page *page;

	page = sim_disown(sim, rng_below(&rng, sim->nr_live), &order);
	switch (rng_below(&rng, 16)) {
	case 0:
		mmbox_free_block(page, order);
		break;
	case 1:
		mmbox_free_pages_addr((unsigned long)page_address(page), order);
		break;
	default:
		mmbox_free_pages(page, order);
	}
}

/* What the array has in it is to be written over. */
static void do_alloc_fresh(unsigned long nr, gfp_t gfp)
{
	struct page *pages[BULK];
	unsigned long done, i;

	for (i = 0; i < nr; i++)
		pages[i] = one_in(2) ? host_mem_map + i : NULL;
	done = mmbox_alloc_pages_fresh(sim->box, gfp, nr, pages,
				       (unsigned long)do_alloc_fresh);
	expect(done <= nr, "%lu of %lu places are filled", done, nr);
	for (i = 0; i < done; i++)
		sim_own(sim, pages[i], 0, gfp);
}

/* Some places have a page already, of which the call must take no notice. */
static void do_alloc_bulk(bool atomic)
{
	unsigned long nr = 1 + rng_below(&rng, BULK), done, i;
	struct page *pages[BULK] = { NULL };
	struct page *before[BULK];
	gfp_t gfp = pick_gfp(atomic);

	if (one_in(3)) {
		do_alloc_fresh(nr, gfp);
		return;
	}
	for (i = 0; i < nr; i++) {
		pages[i] = one_in(8) ? host_mem_map + i : NULL;
		before[i] = pages[i];
	}
	done = mmbox_alloc_pages_bulk(sim->box, gfp, nr, pages);
	expect(done <= nr, "%lu of %lu places are filled", done, nr);
	expect(done == nr || !pages[done], "place %lu has a page", done);
	for (i = 0; i < nr; i++) {
		if (before[i])
			expect(pages[i] == before[i], "place %lu is gone", i);
		else if (i < done)
			sim_own(sim, pages[i], 0, gfp);
		else
			expect(!pages[i], "place %lu has a page", i);
	}
}

static void do_free_bulk(void)
{
	unsigned long nr = 1 + rng_below(&rng, BULK), i;
	struct page *pages[BULK] = { NULL };
	unsigned int order;

	for (i = 0; i < nr && sim->nr_live; i++) {
		unsigned int which = rng_below(&rng, sim->nr_live);

		if (!sim_order(sim, which))
			pages[i] = sim_disown(sim, which, &order);
	}
	mmbox_free_pages_bulk(nr, pages);
}

/* What happens at a step, and what the lowest task does. */
static void activity(bool atomic)
{
	bool bulk = rng_below(&rng, 1000) < mix.bulk_permille;

	if (!sim->nr_live || rng_below(&rng, 100) < mix.alloc_percent) {
		if (bulk)
			do_alloc_bulk(atomic);
		else
			do_alloc(atomic);
	} else if (bulk) {
		do_free_bulk();
	} else {
		do_free();
	}
}

/*
 * Anything but what would be right. Nobody else is at work meanwhile: the page
 * might just be his.
 */
static void do_wrong_free(void)
{
	unsigned int order = rng_below(&rng, MMBOX_NR_ORDERS + 2);
	unsigned long pfn = rng_below(&rng, HOST_FRAMES);
	unsigned long before, refused;
	bool known;

	if (sim->nr_live && one_in(2))
		pfn = sim->live[rng_below(&rng, sim->nr_live)];
	if (sim_owns(sim, pfn, order))
		return;
	known = sim->present[pfn];
	host.quiet = true;
	before = mmbox_stat_read(sim->box->stat, MMBOX_EVENT_FREE_REFUSED);
	if (order)
		mmbox_free_pages(pfn_to_page(pfn), order);
	else
		mmbox_free_pages_bulk(1, (struct page *[]){ pfn_to_page(pfn) });
	refused = mmbox_stat_read(sim->box->stat, MMBOX_EVENT_FREE_REFUSED) -
		  before;
	host.quiet = false;
	expect(refused == known, "free of pfn %lu order %u: refused %lu times",
	       pfn, order, refused);
	nr_wrong++;
}

/* Something that users do not do: a pageblock gets another type. */
static void do_convert(void)
{
	unsigned long pfn = rng_below(&rng, HOST_FRAMES);
	struct mmbox_section *section;
	struct mmbox_zone *zone;
	unsigned long flags;
	unsigned int type;

	preempt_disable();
	section = mmbox_section_find(pfn);
	preempt_enable();
	if (!section)
		return;
	zone = section->zone;
	/* Most of them common, or there would soon be nothing left. */
	type = one_in(4) ? rng_below(&rng, MMBOX_NR_TYPES) :
			   rng_below(&rng, MMBOX_NR_PCP_TYPES);
	spin_lock_irqsave(&zone->lock, flags);
	mmbox_buddy_convert(&zone->buddy, &section->map,
			    pfn % MMBOX_SECTION_PAGES / MMBOX_PAGEBLOCK_PAGES,
			    type);
	spin_unlock_irqrestore(&zone->lock, flags);
}

/* A CPU goes, or comes back. */
static void do_hotplug(void)
{
	unsigned int cpu = 1 + rng_below(&rng, HOST_CPUS - 1);

	host_run_on(0);
	if (!host_cpu_is_online(cpu)) {
		host_set_online(cpu, true);
		return;
	}
	host_set_online(cpu, false);
	mmbox_zones_drain_dead_cpu(sim->box, cpu);
}

static void run_on_any(void)
{
	unsigned int cpu = rng_below(&rng, HOST_CPUS);

	host_run_on(host_cpu_is_online(cpu) ? cpu : 0);
}

static void step(void)
{
	run_on_any();
	switch (rng_below(&rng, 4096)) {
	case 0:
		mmbox_zones_drain(sim->box);
		break;
	case 1:
		do_hotplug();
		break;
	case 2 ... 9:
		do_convert();
		break;
	case 10 ... 99:
		do_wrong_free();
		break;
	default:
		activity(false);
	}
	host_check_idle();
}

static void check(void)
{
	host.quiet = true;
	box_check(sim);
	host.quiet = false;
}

static void free_all(void)
{
	host.quiet = true;
	while (sim->nr_live)
		do_free();
	mmbox_zones_drain(sim->box);
	box_check(sim);
	assert_int_equal(mmbox_zones_allocated(sim->box), 0);
}

static void print_counts(void)
{
	struct mmbox_stat *stat = sim->box->stat;

	print_message("# %lu steps, %lu interrupts, %lu other tasks, %lu moved\n",
		      host.nr_steps, host.nr_interrupts, host.nr_others,
		      host.nr_moves);
	print_message("# %lu owned, %lu refused, %lu wrong frees, %lu stolen, %lu from lower zones\n",
		      sim->nr_owned, nr_refused, nr_wrong,
		      mmbox_stat_read(stat, MMBOX_EVENT_STEAL),
		      mmbox_stat_read(stat, MMBOX_EVENT_ALLOC_FALLBACK));
}

static void random_operations(void **state)
{
	unsigned long op;

	rng.state = unit_options.seed;
	print_message("# SEED=%llu OPS=%lu\n", unit_options.seed,
		      unit_options.ops);
	host_start(unit_options.seed);
	host.activity = activity;
	sim = *state = sim_create(unit_options.seed);
	check();
	for (op = 0; op < unit_options.ops; op++) {
		if (op % PHASE_OPS == 0)
			next_mix();
		step();
		if (op < 500 || one_in(500))
			check();
	}
	free_all();
	print_counts();
}

static int teardown(void **state)
{
	host.quiet = true;
	if (*state)
		sim_destroy(*state);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(random_operations, teardown),
	};

	unit_start_ops(argc, argv, 10000000);
	return unit_run(tests);
}
