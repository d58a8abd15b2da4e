// SPDX-License-Identifier: GPL-2.0
/*
 * Caches and kmalloc on a simulated host: used at random, see slab_play.c, and a
 * case written by hand.
 */
#include "unit.h"

#include "internal.h"
#include "sim_slab.h"
#include "slab.h"
#include "slab_play.h"

#define PHASE_OPS	2000

static void random_operations(void **state)
{
	struct rng rng = { .state = unit_options.seed };
	unsigned long op;
	char text[256];

	(void)state;
	print_message("# SEED=%llu OPS=%lu\n", unit_options.seed,
		      unit_options.ops);
	play_start(unit_options.seed, NULL, 0);
	for (op = 0; op < unit_options.ops; op++) {
		if (op % PHASE_OPS == 0)
			play_next_mix();
		play_step();
		if (op < 500 || !rng_below(&rng, 500))
			play_check();
	}
	play_end();
	play_describe(text, sizeof(text));
	print_message("# %s\n", text);
}

/*
 * Two CPUs write to states of objects of one slab only if there is no other way,
 * or if they have exchanged objects. CPU HOST_NODES is on the node of CPU 0.
 */
static void each_cpu_cuts_its_own_slab(void **state)
{
	struct mmbox_sheaf_entry first[2], entry[2], one;
	struct mmbox_cache *cache;
	struct mmbox_slab *slab;
	struct sim_box *sim;

	host_start(unit_options.seed);
	sim = *state = sim_create(unit_options.seed);
	sim_caches_create(sim);
	cache = mmbox_cache_create(sim->box, "cut", 64, 0, 0, NULL);
	expect(cache, "there is a cache");
	host.quiet = true;

	host_run_on(0);
	mmbox_slab_take(cache, GFP_KERNEL, host_node(), first, 2);
	slab = mmbox_slab_find(first[0].object);
	host_run_on(HOST_NODES);
	mmbox_slab_take(cache, GFP_KERNEL, host_node(), entry, 2);
	expect(mmbox_slab_find(entry[0].object) != slab,
	       "another CPU leaves the rest of a slab alone");
	mmbox_slab_take(cache, GFP_KERNEL, host_node(), &one, 1);
	mmbox_slab_put(cache, &one, 1);
	mmbox_slab_put(cache, entry, 2);
	host_run_on(0);
	mmbox_slab_take(cache, GFP_KERNEL, host_node(), entry, 2);
	expect(mmbox_slab_find(entry[0].object) == slab,
	       "who has cut into a slab goes on there");
	mmbox_slab_put(cache, entry, 2);
	host_run_on(HOST_NODES);
	mmbox_slab_take(cache, GFP_KERNEL, host_node(), entry, 2);
	expect(mmbox_slab_find(entry[0].object) == slab,
	       "when objects have come back it is anybody's");
	mmbox_slab_put(cache, entry, 2);
	mmbox_slab_put(cache, first, 2);
	mmbox_cache_destroy(cache);
	sim_caches_destroy(sim);
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
		cmocka_unit_test_teardown(each_cpu_cuts_its_own_slab, teardown),
		cmocka_unit_test(random_operations),
	};

	unit_start_ops(argc, argv, 1000000);
	return unit_run(tests);
}
