// SPDX-License-Identifier: GPL-2.0
/*
 * Caches and kmalloc on a simulated host: several CPUs, interrupts at any step,
 * little memory. Random calls of everything that users of caches can call, wrong
 * frees among them. A map of who owns which bytes says after each whether it was
 * right; now and then each cache is asked how many objects it has given out; and
 * in the end all pages have to be the box's again.
 *
 * What is random comes from a seed, or from an input that somebody has made up:
 * a fuzzer. What happens at the steps of the host comes from a seed always.
 *
 * The module's own files run here, see shim/host.h for what they run on.
 */
#include "slab_play.h"

#include <stdio.h>
#include <string.h>

#include <linux/mm.h>

#include "internal.h"
#include "rng.h"
#include "section.h"
#include "sim_slab.h"
#include "slab.h"
#include "slab_count.h"

#define MAX_LIVE	60000
#define NR_CACHES	6
#define NR_SHEAVES	4
#define BULK		130
#define GRANULE		8UL
#define CTOR_WORD	0x6d616465UL

/* What a cache is made with; the kmalloc family stands behind the last one. */
struct kind {
	const char *name;
	unsigned int size;
	unsigned int align;
	slab_flags_t flags;
	bool ctor;
};

static const struct kind kinds[NR_CACHES] = {
	{ "bytes-24", 24, 0, 0, false },
	{ "line", 64, 64, SLAB_HWCACHE_ALIGN, false },
	{ "made", 200, 0, 0, true },
	{ "odd", 333, 1, SLAB_RECLAIM_ACCOUNT, false },
	{ "safe", 1000, 8, SLAB_TYPESAFE_BY_RCU, true },
	{ "large", 5000, 4096, 0, false },
};

struct object {
	unsigned char *ptr;
	unsigned int size;
	unsigned int cache;	/* NR_CACHES: of kmalloc */
	unsigned int id;
};

struct prefilled {
	struct mmbox_sheaf *sheaf;
	unsigned int cache;
	unsigned int nr;	/* that it has to have at least */
};

static struct sim_box *sim;
static struct rng rng;
static const unsigned char *input, *input_end;	/* choices, instead of random ones */
static struct mmbox_cache *caches[NR_CACHES];
static unsigned long nr_of[NR_CACHES];	/* live objects */
static struct object live[MAX_LIVE];
static unsigned int nr_live;
static struct prefilled prefilled[NR_SHEAVES];
static unsigned int owner[HOST_FRAMES * PAGE_SIZE / GRANULE];
static unsigned int next_id;
static unsigned int alloc_percent, bulk_permille, max_size;
static unsigned long nr_allocs, nr_refused, nr_wrong, nr_large;

/* A choice: a number from 0 to @nr - 1. What the input does not tell is 0. */
static unsigned int below(unsigned int nr)
{
	unsigned int value = 0, bytes;

	if (!input)
		return rng_below(&rng, nr);
	for (bytes = nr > 256 ? 2 : 1; bytes && input < input_end; bytes--)
		value = value << 8 | *input++;
	return value % nr;
}

static bool one_in(unsigned int nr)
{
	return !below(nr);
}

static void construct(void *object)
{
	*(unsigned long *)object = CTOR_WORD;
}

static unsigned int *owner_of(const void *ptr)
{
	return &owner[host_offset(ptr) / GRANULE];
}

static bool is_made(unsigned int cache)
{
	return cache < NR_CACHES && kinds[cache].ctor;
}

/* Contents that depend on the object; its constructor's word stays. */
static void fill(const struct object *object)
{
	unsigned int from = is_made(object->cache) ? sizeof(long) : 0;

	memset(object->ptr + from, object->id | 1, object->size - from);
}

static void check_contents(const struct object *object)
{
	unsigned int i = is_made(object->cache) ? sizeof(long) : 0;
	unsigned char want = object->id | 1;

	expect(!i || *(unsigned long *)object->ptr == CTOR_WORD,
	       "somebody wrote over what a constructor made");
	/* The ends, where a neighbour would be, and the rest seldom. */
	expect(object->ptr[i] == want && object->ptr[object->size - 1] == want,
	       "somebody wrote to an object of %u bytes", object->size);
	for (; i < object->size && !(object->id & 15); i++)
		expect(object->ptr[i] == want,
		       "somebody wrote to byte %u of an object", i);
}

/* A caller has got an object, which nobody must have. */
static void own(void *ptr, unsigned int size, unsigned int align,
		unsigned int cache, gfp_t gfp)
{
	struct object *object = &live[nr_live++];
	unsigned int i;

	expect(nr_live <= MAX_LIVE, "too many objects for this test");
	expect(virt_addr_valid(ptr), "%p is not the box's", ptr);
	expect((unsigned long)ptr % align == 0, "%p is not aligned to %u", ptr,
	       align);
	object->ptr = ptr;
	object->size = size;
	object->cache = cache;
	object->id = ++next_id;
	for (i = 0; i < size; i += GRANULE) {
		expect(!*owner_of(object->ptr + i), "%p has two owners",
		       object->ptr + i);
		*owner_of(object->ptr + i) = object->id;
	}
	if (is_made(cache))
		expect(*(unsigned long *)ptr == CTOR_WORD, "%p is not made", ptr);
	else if (gfp & __GFP_ZERO)
		for (i = 0; i < size; i++)
			expect(!object->ptr[i], "byte %u is not cleared", i);
	fill(object);
	if (cache < NR_CACHES)
		nr_of[cache]++;
	nr_allocs++;
}

/* A caller is about to free an object: from here on somebody else may have it. */
static void *disown(unsigned int which)
{
	struct object object = live[which];
	unsigned int i;

	live[which] = live[--nr_live];
	check_contents(&object);
	for (i = 0; i < object.size; i += GRANULE) {
		expect(*owner_of(object.ptr + i) == object.id,
		       "somebody else owns %p", object.ptr + i);
		*owner_of(object.ptr + i) = 0;
	}
	if (object.cache < NR_CACHES)
		nr_of[object.cache]--;
	return object.ptr;
}

static gfp_t pick_gfp(bool atomic)
{
	/* Who may sleep collects what all CPUs have: that is dear. */
	gfp_t gfp = atomic || !one_in(64) ? GFP_ATOMIC : GFP_KERNEL;

	return one_in(16) ? gfp | __GFP_ZERO : gfp;
}

static unsigned int align_of(unsigned int cache)
{
	return kinds[cache].align > 8 ? kinds[cache].align : 8;
}

static void own_of_cache(void *ptr, unsigned int cache, gfp_t gfp)
{
	own(ptr, kinds[cache].size, align_of(cache), cache, gfp);
}

static unsigned int pick_cache(void)
{
	/* Large objects seldom, or there is no room for others. */
	return one_in(16) ? below(NR_CACHES) :
			    below(NR_CACHES - 2);
}

static void do_cache_alloc(bool atomic)
{
	unsigned int cache = pick_cache();
	gfp_t gfp = pick_gfp(atomic);
	void *ptr = mmbox_cache_alloc(caches[cache], gfp);

	if (ptr)
		own_of_cache(ptr, cache, gfp);
	else
		nr_refused++;
}

static void do_bulk_alloc(bool atomic)
{
	unsigned int cache = pick_cache(), i;
	unsigned int nr = 1 + below(BULK);
	gfp_t gfp = pick_gfp(atomic);
	void *ptr[BULK + 1];
	int got;

	got = mmbox_cache_alloc_bulk(caches[cache], gfp, nr, ptr);
	expect(!got || got == (int)nr, "%d of %u objects", got, nr);
	for (i = 0; (int)i < got; i++)
		own_of_cache(ptr[i], cache, gfp);
}

static unsigned int pick_size(void)
{
	if (one_in(64))
		return 8192 + below(40000);
	return 1 + below(one_in(8) ? 8192 : max_size);
}

static unsigned int kmalloc_align(unsigned int size)
{
	if (size & (size - 1) || size < 8)
		return 8;
	return size < PAGE_SIZE ? size : PAGE_SIZE;
}

static void do_kmalloc(bool atomic)
{
	static const gfp_t special[] = { __GFP_DMA, __GFP_RECLAIMABLE };
	unsigned int size = pick_size();
	gfp_t gfp = pick_gfp(atomic);
	void *ptr;

	if (one_in(8))
		gfp |= special[below(2)];
	/* More than a class is cleared by the page allocator, frame by frame. */
	if (size > MMBOX_KMALLOC_MAX)
		gfp &= ~__GFP_ZERO;
	ptr = mmbox_kmalloc(sim->box, size, gfp);
	if (!ptr) {
		nr_refused++;
		return;
	}
	nr_large += size > MMBOX_KMALLOC_MAX;
	expect(mmbox_ksize(ptr) >= size, "%zu bytes for %u", mmbox_ksize(ptr),
	       size);
	own(ptr, size, kmalloc_align(size), NR_CACHES, gfp);
}

static void do_krealloc(unsigned int which, bool atomic)
{
	unsigned int size = pick_size(), old = live[which].size;
	unsigned char want = live[which].id | 1;
	unsigned char *ptr = disown(which), *new;
	unsigned int i;

	new = mmbox_krealloc(sim->box, ptr, size, pick_gfp(atomic) & ~__GFP_ZERO);
	if (!new) {
		own(ptr, old, 8, NR_CACHES, 0);
		return;
	}
	for (i = 0; i < old && i < size; i++)
		expect(new[i] == want, "byte %u was lost", i);
	own(new, size, 8, NR_CACHES, 0);
}

static void do_free(bool atomic)
{
	unsigned int which = below(nr_live);
	unsigned int cache = live[which].cache;

	if (cache == NR_CACHES && one_in(16)) {
		do_krealloc(which, atomic);
		return;
	}
	/* Objects of caches may be freed either way. */
	if (cache == NR_CACHES || one_in(4))
		mmbox_kfree(disown(which));
	else
		mmbox_cache_free(caches[cache], disown(which));
}

/* Takes up to @nr objects from their owners, of a cache or of any. */
static unsigned int disown_many(unsigned int cache, unsigned int nr, void **ptr)
{
	unsigned int i, got = 0;

	for (i = 0; i < 4 * nr && got < nr && nr_live; i++) {
		unsigned int which = below(nr_live);

		if (cache == NR_CACHES || live[which].cache == cache)
			ptr[got++] = disown(which);
	}
	return got;
}

static void do_bulk_free(void)
{
	unsigned int nr = 1 + below(BULK), cache;
	void *ptr[BULK + 1];

	cache = one_in(2) ? NR_CACHES : pick_cache();
	nr = disown_many(cache, nr, ptr);
	if (cache == NR_CACHES)
		mmbox_kfree_bulk(nr, ptr);
	else
		mmbox_cache_free_bulk(caches[cache], nr, ptr);
}

static void do_prefill(bool atomic)
{
	struct prefilled *slot = &prefilled[below(NR_SHEAVES)];
	struct prefilled mine = *slot;
	gfp_t gfp;
	void *ptr;

	/* While this is at work, nobody else has the sheaf. */
	slot->sheaf = NULL;
	if (mine.sheaf && mine.nr && !one_in(8)) {
		gfp = pick_gfp(true);
		ptr = mmbox_cache_alloc_prefilled(caches[mine.cache], gfp,
						  mine.sheaf);
		expect(ptr, "a prefilled sheaf has less than was asked for");
		own_of_cache(ptr, mine.cache, gfp);
		mine.nr--;
	} else if (mine.sheaf) {
		mmbox_cache_return(caches[mine.cache], mine.sheaf);
		mine.sheaf = NULL;
	} else {
		mine.cache = pick_cache();
		mine.nr = 1 + below(MMBOX_PREFILL_MAX);
		mine.sheaf = mmbox_cache_prefill(caches[mine.cache],
						 pick_gfp(atomic), mine.nr);
	}
	if (slot->sheaf)	/* somebody else has filled it meanwhile */
		mmbox_cache_return(caches[mine.cache], mine.sheaf);
	else
		*slot = mine;
}

/* What happens at a step, and what the lowest task does. */
static void activity(bool atomic)
{
	bool bulk = below(1000) < bulk_permille;
	bool full = nr_live > MAX_LIVE - 1000;

	if (one_in(64))
		do_prefill(atomic);
	else if (nr_live &&
		 (full || below(100) >= alloc_percent))
		bulk ? do_bulk_free() : do_free(atomic);
	else if (bulk)
		do_bulk_alloc(atomic);
	else if (one_in(2))
		do_kmalloc(atomic);
	else
		do_cache_alloc(atomic);
}

/*
 * Anything but what would be right: it changes nothing, and is counted. Nobody
 * else is at work meanwhile: the object might just be his.
 */
static void do_wrong_free(void)
{
	unsigned int which = nr_live ? below(nr_live) : 0, way;
	unsigned long before, refused, offset;
	struct mmbox_cache *cache = NULL;
	unsigned char *ptr;
	bool counted = true;

	if (!nr_live)
		return;
	ptr = live[which].ptr;
	host.quiet = true;
	before = mmbox_stat_read(sim->box->stat, MMBOX_EVENT_FREE_REFUSED);
	way = below(4);
	switch (way) {
	case 0:		/* into its middle */
		if (live[which].size == 1)
			goto out;
		offset = 1 + below(live[which].size - 1);
		mmbox_kfree(ptr + offset);
		break;
	case 1:		/* of another cache */
		cache = caches[below(NR_CACHES)];
		if (live[which].cache < NR_CACHES &&
		    cache == caches[live[which].cache])
			goto out;
		mmbox_cache_free(cache, ptr);
		break;
	case 2:		/* twice; its slab may have gone */
		ptr = disown(which);
		mmbox_kfree(ptr);
		if (one_in(2))
			mmbox_kfree(ptr);
		else
			mmbox_kfree_bulk(1, (void *[]){ ptr });
		break;
	default:	/* of nobody: no box counts it */
		counted = false;
		mmbox_kfree(&rng);
	}
	refused = mmbox_stat_read(sim->box->stat, MMBOX_EVENT_FREE_REFUSED) -
		  before;
	expect(refused == counted,
	       "a wrong free of %p, way %u, is refused %lu times", ptr, way,
	       refused);
	nr_wrong++;
out:
	host.quiet = false;
}

static void make_cache(unsigned int i)
{
	caches[i] = mmbox_cache_create(sim->box, kinds[i].name, kinds[i].size,
				       kinds[i].align, kinds[i].flags,
				       kinds[i].ctor ? construct : NULL);
	expect(caches[i], "cache %s cannot be made", kinds[i].name);
}

static void return_sheaves(unsigned int cache)
{
	unsigned int i;

	for (i = 0; i < NR_SHEAVES; i++)
		if (prefilled[i].sheaf &&
		    (cache == NR_CACHES || prefilled[i].cache == cache)) {
			mmbox_cache_return(caches[prefilled[i].cache],
					   prefilled[i].sheaf);
			prefilled[i].sheaf = NULL;
		}
}

/* A cache goes, and another one comes: not as long as it has objects out. */
static void do_recreate(void)
{
	unsigned int cache = pick_cache(), i;

	/* Nobody uses a cache that goes. */
	host.quiet = true;
	if (nr_of[cache]) {
		expect(mmbox_cache_destroy(caches[cache]) == -EBUSY,
		       "a cache goes with objects");
		for (i = nr_live; i--;)
			if (live[i].cache == cache)
				mmbox_kfree(disown(i));
	}
	return_sheaves(cache);
	expect(!mmbox_cache_destroy(caches[cache]), "a cache stays");
	make_cache(cache);
	host.quiet = false;
}

static void do_tune(void)
{
	unsigned int capacity = one_in(3) ? 0 : below(62);
	int err = mmbox_cache_set_capacity(caches[pick_cache()], capacity);

	expect(err == (capacity > MMBOX_SHEAF_MAX ? -EINVAL : 0),
	       "capacity %u: %d", capacity, err);
}

/* A CPU goes, or comes back. */
static void do_hotplug(void)
{
	unsigned int cpu = 1 + below(HOST_CPUS - 1);

	host_run_on(0);
	if (!host_cpu_is_online(cpu)) {
		host_set_online(cpu, true);
		return;
	}
	host_set_online(cpu, false);
	mmbox_caches_drain_dead_cpu(sim->box, cpu);
	mmbox_zones_drain_dead_cpu(sim->box, cpu);
}

/**
 * play_step - one operation of the task below all others
 */
void play_step(void)
{
	unsigned int cpu = below(HOST_CPUS);

	host_run_on(host_cpu_is_online(cpu) ? cpu : 0);
	/* An input is short: what is rare has to come about there, too. */
	switch (below(input ? 256 : 4096)) {
	case 0:
		mmbox_zones_drain(sim->box);
		break;
	case 1:
		do_hotplug();
		break;
	case 2:
		do_recreate();
		break;
	case 3:
		do_tune();
		break;
	case 4:
		mmbox_cache_shrink(caches[pick_cache()]);
		break;
	case 5 ... 50:
		do_wrong_free();
		break;
	case 51 ... 70:
		rcu_barrier();
		break;
	default:
		activity(false);
	}
	host_check_idle();
}

/**
 * play_next_mix - from here on other operations are likely
 */
void play_next_mix(void)
{
	alloc_percent = 30 + below(41);
	bulk_permille = one_in(2) ? 0 : below(60);
	max_size = 8U << below(10);
	host.tracing = one_in(8);
}

static unsigned int nr_prefilled(unsigned int cache)
{
	unsigned int i, nr = 0;

	for (i = 0; i < NR_SHEAVES; i++)
		if (prefilled[i].sheaf && prefilled[i].cache == cache)
			nr += prefilled[i].sheaf->nr;
	return nr;
}

/* What the slabs of a list have together. */
static unsigned long count_list(const struct list_head *list,
				struct mmbox_cache_node *sum)
{
	const struct mmbox_slab *slab;
	unsigned long nr = 0;

	list_for_each_entry(slab, list, list) {
		nr++;
		sum->nr_pages += slab->nr_pages;
		sum->nr_objects += slab->nr_objects;
		sum->nr_free += slab->nr_free;
	}
	return nr;
}

/* Do the numbers of a node agree with its lists? */
static void check_node(const struct mmbox_cache_node *node, const char *cache)
{
	struct mmbox_cache_node sum = { };
	unsigned long nr_full;

	sum.nr_partial = count_list(&node->partial, &sum);
	sum.nr_partial_objects = sum.nr_objects;
	sum.nr_empty = count_list(&node->empty, &sum);
	nr_full = count_list(&node->full, &sum);
	expect(node->nr_slabs == sum.nr_partial + sum.nr_empty + nr_full &&
	       node->nr_partial == sum.nr_partial &&
	       node->nr_empty == sum.nr_empty &&
	       node->nr_pages == sum.nr_pages &&
	       node->nr_objects == sum.nr_objects &&
	       node->nr_partial_objects == sum.nr_partial_objects &&
	       node->nr_free == sum.nr_free,
	       "cache %s: %lu slabs, %lu partial, %lu empty; %lu pages, %lu objects, %lu free",
	       cache, node->nr_slabs, node->nr_partial, node->nr_empty,
	       node->nr_pages, node->nr_objects, node->nr_free);
}

/**
 * play_check - is each object somewhere, and at one place only?
 */
void play_check(void)
{
	struct mmbox_cache_count count;
	unsigned int i, nid;

	host.quiet = true;
	for (i = 0; i < NR_CACHES; i++) {
		unsigned long at_hand;

		mmbox_cache_count(caches[i], &count);
		at_hand = mmbox_cache_at_hand(caches[i], &count);
		expect(count.nr_out == nr_of[i] + at_hand + nr_prefilled(i),
		       "cache %s: %lu out, %lu at hand, %u in sheaves, %lu with callers",
		       kinds[i].name, count.nr_out, at_hand, nr_prefilled(i),
		       nr_of[i]);
		for (nid = 0; nid < HOST_NODES; nid++)
			check_node(caches[i]->node[nid], kinds[i].name);
	}
	host.quiet = false;
}

static void free_all(void)
{
	unsigned int i;

	host.quiet = true;
	while (nr_live)
		mmbox_kfree(disown(nr_live - 1));
	return_sheaves(NR_CACHES);
	for (i = 0; i < NR_CACHES; i++)
		expect(!mmbox_cache_destroy(caches[i]), "cache %s stays",
		       kinds[i].name);
	sim_caches_destroy(sim);
	mmbox_zones_drain(sim->box);
	expect(!mmbox_zones_allocated(sim->box), "pages are left");
}

/**
 * play_start - a host, a box and caches
 * @seed: of all that is random
 * @data: what to do, instead of random operations; or NULL
 * @size: bytes of it
 */
void play_start(unsigned long long seed, const unsigned char *data, size_t size)
{
	unsigned int i;

	rng.state = seed;
	input = data;
	input_end = data ? data + size : NULL;
	host_start(seed);
	host.activity = activity;
	sim = sim_create(seed);
	sim_caches_create(sim);
	for (i = 0; i < NR_CACHES; i++)
		make_cache(i);
	host.quiet = false;
}

/**
 * play_goes_on - whether the input has something to say still
 */
bool play_goes_on(void)
{
	return input != input_end;
}

/**
 * play_end - all is freed, and must be the box's again
 */
void play_end(void)
{
	free_all();
	sim_destroy(sim);
}

/**
 * play_describe - what has been done, in words
 * @text: filled in
 * @size: bytes of it
 */
void play_describe(char *text, size_t size)
{
	snprintf(text, size,
		 "%lu steps, %lu interrupts, %lu other tasks, %lu moved, %lu objects, %lu of them large, %lu refused, %lu wrong frees",
		 host.nr_steps, host.nr_interrupts, host.nr_others,
		 host.nr_moves, nr_allocs, nr_large, nr_refused, nr_wrong);
}
