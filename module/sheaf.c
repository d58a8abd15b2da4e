// SPDX-License-Identifier: GPL-2.0
/*
 * Sheaves: arrays of free objects, by which objects go between CPUs and slabs.
 *
 * Each CPU has two sheaves of a cache, one to work on and a spare one, and each
 * node a barn of full and empty ones. A CPU that runs out of objects, or of
 * room, first swaps its two, then gets a sheaf from the barn, and only then goes
 * to the slabs, for a whole sheaf at a time. One CPU that allocates and another
 * that frees thus pass sheaves through the barn.
 *
 * CPUs work on their sheaves with preemption off and without a lock, and are
 * found busy by whoever interrupts them. Locks, of barns and of slabs, are taken
 * outside of that only.
 */
#include <linux/minmax.h>
#include <linux/smp.h>
#include <linux/topology.h>

#include "internal.h"
#include "slab.h"
#include "slab_debug.h"

/* Stands for the sheaves of a cache that does without: no objects, no room. */
DEFINE_PER_CPU(struct mmbox_cpu_sheaves, mmbox_no_sheaves);

/* Sheaves of each kind that a barn keeps. */
#define BARN_SHEAVES	10

/**
 * mmbox_barn_init - make an empty barn
 * @barn: the barn, zeroed
 */
void mmbox_barn_init(struct mmbox_barn *barn)
{
	spin_lock_init(&barn->lock);
	INIT_LIST_HEAD(&barn->full);
	INIT_LIST_HEAD(&barn->empty);
}

/*
 * Begins work on this CPU's sheaves. Context: preemption off. Returns NULL if
 * this CPU was interrupted at work on them.
 */
static struct mmbox_cpu_sheaves *trylock_cpu(struct mmbox_cache *cache,
					     unsigned long *pos)
{
	struct mmbox_cpu_sheaves *cpu = this_cpu_ptr(cache->sheaves);

	*pos = mmbox_sheaves_begin(cache->sheaves);
	if (!(*pos & MMBOX_SHEAF_IS_BUSY))
		return cpu;
	mmbox_sheaves_leave(cache->sheaves);
	return NULL;
}

static void unlock_cpu(struct mmbox_cpu_sheaves *cpu, unsigned long pos)
{
	cpu->nr_spare = cpu->spare ? cpu->spare->nr : 0;
	barrier();
	WRITE_ONCE(cpu->pos, pos);
}

/*
 * Has a CPU whose sheaves the caller works on begin at another place. Whoever
 * interrupts finds the place busy by its being above the limit: so it is at each
 * moment, wherever the old sheaf and the new one are.
 */
static void move_to(struct mmbox_cpu_sheaves *cpu, unsigned long pos,
		    unsigned long limit)
{
	WRITE_ONCE(cpu->limit, 0);
	barrier();
	WRITE_ONCE(cpu->pos, pos + MMBOX_SHEAF_BUSY);
	barrier();
	WRITE_ONCE(cpu->limit, limit);
}

static struct mmbox_barn *this_barn(struct mmbox_cache *cache)
{
	struct mmbox_cache_node *node = cache->node[numa_mem_id()];

	return node ? &node->barn : NULL;
}

static struct mmbox_sheaf *first_sheaf(struct list_head *sheaves)
{
	struct mmbox_sheaf *sheaf;

	sheaf = list_first_entry_or_null(sheaves, struct mmbox_sheaf, list);
	if (sheaf)
		list_del(&sheaf->list);
	return sheaf;
}

/*
 * The sheaf that this CPU has put there last, or else anybody's. When CPUs pass
 * objects on without need, the states of those of one slab, which share a cache
 * line, come to be written by all of them.
 */
static struct mmbox_sheaf *own_sheaf(struct list_head *sheaves)
{
	unsigned int cpu = raw_smp_processor_id();
	struct mmbox_sheaf *sheaf;

	list_for_each_entry(sheaf, sheaves, list)
		if (sheaf->cpu == cpu) {
			list_del(&sheaf->list);
			return sheaf;
		}
	return first_sheaf(sheaves);
}

static struct mmbox_sheaf *take_full(struct mmbox_barn *barn)
{
	struct mmbox_sheaf *sheaf;
	unsigned long flags;

	if (!barn || !READ_ONCE(barn->nr_full))
		return NULL;
	spin_lock_irqsave(&barn->lock, flags);
	sheaf = own_sheaf(&barn->full);
	if (sheaf)
		barn->nr_full--;
	spin_unlock_irqrestore(&barn->lock, flags);
	return sheaf;
}

static struct mmbox_sheaf *take_empty(struct mmbox_barn *barn)
{
	struct mmbox_sheaf *sheaf;
	unsigned long flags;

	if (!barn || !READ_ONCE(barn->nr_empty))
		return NULL;
	spin_lock_irqsave(&barn->lock, flags);
	sheaf = own_sheaf(&barn->empty);
	if (sheaf)
		barn->nr_empty--;
	spin_unlock_irqrestore(&barn->lock, flags);
	return sheaf;
}

/* Returns false if the barn has enough of its kind. */
static bool store(struct mmbox_barn *barn, struct mmbox_sheaf *sheaf)
{
	unsigned int *nr;
	unsigned long flags;
	bool room;

	if (!barn)
		return false;
	nr = sheaf->nr ? &barn->nr_full : &barn->nr_empty;
	spin_lock_irqsave(&barn->lock, flags);
	room = *nr < BARN_SHEAVES;
	if (room) {
		sheaf->cpu = raw_smp_processor_id();
		list_add(&sheaf->list, sheaf->nr ? &barn->full : &barn->empty);
		WRITE_ONCE(*nr, *nr + 1);
	}
	spin_unlock_irqrestore(&barn->lock, flags);
	return room;
}

static struct mmbox_sheaf *get_empty(struct mmbox_cache *cache, gfp_t gfp)
{
	struct mmbox_sheaf *sheaf = take_empty(this_barn(cache));
	struct mmbox_sheaf_entry entry;

	if (sheaf)
		return sheaf;
	if (!mmbox_slab_take(cache->box->sheaf_cache, gfp | __GFP_NOWARN,
			     numa_mem_id(), &entry, 1))
		return NULL;
	WRITE_ONCE(*entry.state, MMBOX_OBJECT_ALLOC);
	sheaf = entry.object;
	sheaf->nr = 0;
	return sheaf;
}

static void free_empty(struct mmbox_cache *cache, struct mmbox_sheaf *sheaf)
{
	struct mmbox_slab *slab = mmbox_slab_find(sheaf);
	struct mmbox_sheaf_entry entry = {
		.object = sheaf,
		.state = &slab->state[mmbox_slab_nr(slab, sheaf)],
	};

	WRITE_ONCE(*entry.state, MMBOX_OBJECT_IN_SHEAF);
	mmbox_slab_put(cache->box->sheaf_cache, &entry, 1);
}

static void flush(struct mmbox_cache *cache, struct mmbox_sheaf *sheaf)
{
	mmbox_slab_put(cache, sheaf->entry, sheaf->nr);
	sheaf->nr = 0;
}

/**
 * mmbox_sheaf_put - put a sheaf away that no CPU works on
 * @cache: its cache
 * @sheaf: the sheaf, with @nr entries
 *
 * What the barn has no room for goes back to the slabs.
 *
 * Context: any in which a spinlock_t may be taken.
 */
void mmbox_sheaf_put(struct mmbox_cache *cache, struct mmbox_sheaf *sheaf)
{
	struct mmbox_barn *barn = this_barn(cache);

	if (READ_ONCE(cache->capacity) && store(barn, sheaf))
		return;
	if (sheaf->nr) {
		flush(cache, sheaf);
		if (READ_ONCE(cache->capacity) && store(barn, sheaf))
			return;
	}
	free_empty(cache, sheaf);
}

/**
 * mmbox_sheaf_pop - take an object off a sheaf that no CPU works on
 * @cache: its cache
 * @sheaf: the sheaf
 * @caller: address that the request came from
 *
 * Return: the object, marked as allocated, or NULL if there is none.
 */
void *mmbox_sheaf_pop(struct mmbox_cache *cache, struct mmbox_sheaf *sheaf,
		      unsigned long caller)
{
	while (sheaf->nr) {
		struct mmbox_sheaf_entry *entry = &sheaf->entry[--sheaf->nr];

		if (likely(READ_ONCE(*entry->state) == MMBOX_OBJECT_IN_SHEAF)) {
			if (READ_ONCE(cache->hooks) & MMBOX_HOOK_CHECKS)
				mmbox_slab_debug_alloc(cache, entry->object,
						       caller);
			/* As an allocated object should be, for all who look. */
			smp_store_release(entry->state, MMBOX_OBJECT_ALLOC);
			return entry->object;
		}
		/* Two CPUs have freed it at the same time. */
		atomic_long_inc(&cache->nr_errors);
	}
	return NULL;
}

/*
 * Gives a sheaf to this CPU: in place of @main if that is of no use, else of
 * @spare, else to the barn. To be of use is to have room, for one with @room,
 * and otherwise to have objects.
 */
static void install(struct mmbox_cache *cache, struct mmbox_sheaf *sheaf,
		    bool room)
{
	struct mmbox_cpu_sheaves *cpu = NULL;
	struct mmbox_sheaf *old = sheaf;
	unsigned int capacity;
	unsigned long pos;

	preempt_disable();
	/* Once it has changed, each CPU's sheaves go: see this before or after. */
	capacity = READ_ONCE(cache->capacity);
	if (capacity)
		cpu = trylock_cpu(cache, &pos);
	if (cpu) {
		if (!cpu->main || (room ? pos >= cpu->limit :
					  !mmbox_sheaf_entries(pos))) {
			old = cpu->main;
			cpu->main = sheaf;
			if (old) {
				old->nr = mmbox_sheaf_entries(pos);
				cpu->nr_out += old->nr;
			}
			pos = mmbox_sheaf_pos(sheaf, sheaf->nr);
			move_to(cpu, pos, mmbox_sheaf_pos(sheaf, capacity));
			cpu->nr_in += sheaf->nr;
			sheaf = old;
		}
		if (sheaf && (!cpu->spare || (room && !cpu->spare->nr))) {
			old = cpu->spare;
			cpu->spare = sheaf;
		} else {
			old = sheaf;
		}
		unlock_cpu(cpu, pos);
	}
	preempt_enable();
	if (old)
		mmbox_sheaf_put(cache, old);
}

/**
 * mmbox_sheaf_fill - make a sheaf of objects from slabs
 * @cache: the cache
 * @gfp:   for the pages of new slabs
 * @nr:    how many objects are wanted, at most MMBOX_SHEAF_MAX
 *
 * Context: as mmbox_alloc_pages().
 * Return: a sheaf of @nr objects or fewer, but one at least; or NULL.
 */
struct mmbox_sheaf *mmbox_sheaf_fill(struct mmbox_cache *cache, gfp_t gfp,
				     unsigned int nr)
{
	struct mmbox_sheaf *sheaf = get_empty(cache, gfp);

	if (!sheaf)
		return NULL;
	sheaf->nr = mmbox_slab_take(cache, gfp, numa_mem_id(), sheaf->entry,
				    nr);
	if (sheaf->nr)
		return sheaf;
	mmbox_sheaf_put(cache, sheaf);
	return NULL;
}

/**
 * mmbox_sheaves_swap - have a CPU's two sheaves change places
 * @cpu: its sheaves, both of which are there; the caller is at work on them
 * @pos: address behind the last entry of @cpu->main
 *
 * Return: likewise of what is @cpu->main now.
 */
unsigned long mmbox_sheaves_swap(struct mmbox_cpu_sheaves *cpu,
				 unsigned long pos)
{
	struct mmbox_sheaf *spare = cpu->spare;
	unsigned long room = cpu->limit - (unsigned long)cpu->main;

	cpu->main->nr = mmbox_sheaf_entries(pos);
	cpu->nr_out += cpu->main->nr;
	cpu->spare = cpu->main;
	cpu->nr_spare = cpu->main->nr;
	cpu->main = spare;
	cpu->nr_in += spare->nr;
	pos = mmbox_sheaf_pos(spare, spare->nr);
	move_to(cpu, pos, (unsigned long)spare + room);
	return pos;
}

/* Swaps this CPU's two sheaves if the spare one has objects, or has room. */
static bool swap_spare(struct mmbox_cache *cache, bool room)
{
	unsigned int capacity = READ_ONCE(cache->capacity);
	struct mmbox_cpu_sheaves *cpu;
	bool swapped = false;
	unsigned long pos;

	preempt_disable();
	cpu = trylock_cpu(cache, &pos);
	if (cpu) {
		struct mmbox_sheaf *spare = cpu->spare;

		if (spare && cpu->main &&
		    (room ? spare->nr < capacity : spare->nr)) {
			pos = mmbox_sheaves_swap(cpu, pos);
			swapped = true;
		}
		unlock_cpu(cpu, pos);
	}
	preempt_enable();
	return swapped;
}

static void *try_alloc(struct mmbox_cache *cache)
{
	void *object;

	preempt_disable();
	if (mmbox_sheaves_alloc(cache->sheaves, &object)) {
		/* Not the fast path's. */
		this_cpu_dec(cache->sheaves->nr_alloc);
		this_cpu_inc(cache->sheaves->nr_out);
	} else {
		object = NULL;
	}
	preempt_enable();
	return object;
}

/**
 * mmbox_sheaves_alloc_slow - allocate where this CPU's sheaf did not serve
 * @cache: the cache, which has sheaves
 * @gfp:   for the pages of new slabs
 * @caller: address that the request came from
 *
 * Context: as mmbox_alloc_pages().
 * Return: an object, marked as allocated, or NULL: there is no memory for a
 * sheaf, or none for its objects.
 */
void *mmbox_sheaves_alloc_slow(struct mmbox_cache *cache, gfp_t gfp,
			       unsigned long caller)
{
	struct mmbox_sheaf *sheaf;
	void *object;

	object = try_alloc(cache);
	if (!object && swap_spare(cache, false))
		object = try_alloc(cache);
	while (!object) {
		sheaf = take_full(this_barn(cache));
		if (!sheaf)
			sheaf = mmbox_sheaf_fill(cache, gfp,
						 READ_ONCE(cache->capacity) ?: 1);
		if (!sheaf)
			return NULL;
		object = mmbox_sheaf_pop(cache, sheaf, caller);
		install(cache, sheaf, false);
	}
	return object;
}

static bool try_free(struct mmbox_cache *cache, void *object, u8 *state)
{
	struct mmbox_cpu_sheaves *cpu;
	bool done = false;
	unsigned long pos;

	preempt_disable();
	cpu = trylock_cpu(cache, &pos);
	if (cpu) {
		if (pos < cpu->limit) {
			struct mmbox_sheaf_entry *entry;

			entry = (struct mmbox_sheaf_entry *)pos;
			entry->object = object;
			entry->state = state;
			pos += sizeof(*entry);
			cpu->nr_in++;
			done = true;
		}
		unlock_cpu(cpu, pos);
	}
	preempt_enable();
	return done;
}

/**
 * mmbox_sheaves_free_slow - free where this CPU's sheaf did not take it
 * @cache:  the cache, which has sheaves
 * @object: the object
 * @state:  its state, which is IN_SHEAF already
 *
 * Context: any in which a spinlock_t may be taken.
 * Return: false if there is no memory for another sheaf.
 */
bool mmbox_sheaves_free_slow(struct mmbox_cache *cache, void *object, u8 *state)
{
	struct mmbox_sheaf *sheaf;

	if (try_free(cache, object, state))
		return true;
	if (swap_spare(cache, true) && try_free(cache, object, state))
		return true;
	sheaf = get_empty(cache, GFP_NOWAIT);
	if (!sheaf)
		return false;
	sheaf->entry[0].object = object;
	sheaf->entry[0].state = state;
	sheaf->nr = 1;
	install(cache, sheaf, true);
	return true;
}

/* Takes both sheaves off a CPU whose sheaves the caller works on. */
static void strip(struct mmbox_cpu_sheaves *cpu, unsigned long pos,
		  struct mmbox_sheaf *sheaf[2])
{
	sheaf[0] = cpu->main;
	sheaf[1] = cpu->spare;
	if (cpu->main) {
		cpu->main->nr = mmbox_sheaf_entries(pos);
		cpu->nr_out += cpu->main->nr;
	}
	cpu->main = NULL;
	cpu->spare = NULL;
	cpu->nr_spare = 0;
	cpu->limit = 0;
}

static void flush_both(struct mmbox_cache *cache, struct mmbox_sheaf *sheaf[2])
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (sheaf[i]) {
			flush(cache, sheaf[i]);
			free_empty(cache, sheaf[i]);
		}
}

/**
 * mmbox_sheaves_flush_cpu - give what this CPU has at hand back to the slabs
 * @cache: the cache
 *
 * Context: process context.
 */
void mmbox_sheaves_flush_cpu(struct mmbox_cache *cache)
{
	struct mmbox_sheaf *sheaf[2] = { };
	struct mmbox_cpu_sheaves *cpu;
	unsigned long pos;

	preempt_disable();
	cpu = trylock_cpu(cache, &pos);
	/* Always there: in process context nobody is interrupted. */
	if (cpu) {
		strip(cpu, pos, sheaf);
		unlock_cpu(cpu, 0);
	}
	preempt_enable();
	flush_both(cache, sheaf);
}

/**
 * mmbox_sheaves_flush_dead_cpu - likewise for a CPU that went offline
 * @cache: the cache
 * @cpu:   the CPU
 *
 * Context: process context; the CPU does not come back meanwhile.
 */
void mmbox_sheaves_flush_dead_cpu(struct mmbox_cache *cache, unsigned int cpu)
{
	struct mmbox_cpu_sheaves *dead = per_cpu_ptr(cache->sheaves, cpu);
	struct mmbox_sheaf *sheaf[2];

	strip(dead, dead->pos, sheaf);
	dead->pos = 0;
	flush_both(cache, sheaf);
}

static void flush_list(struct mmbox_cache *cache, struct list_head *sheaves)
{
	struct mmbox_sheaf *sheaf;

	while ((sheaf = first_sheaf(sheaves))) {
		flush(cache, sheaf);
		free_empty(cache, sheaf);
	}
}

/**
 * mmbox_barns_flush - give what is in the barns of a cache back to the slabs
 * @cache: the cache
 *
 * Context: any in which a spinlock_t may be taken.
 */
void mmbox_barns_flush(struct mmbox_cache *cache)
{
	unsigned long flags;
	int nid;

	for (nid = 0; nid < nr_node_ids; nid++) {
		struct mmbox_barn *barn;
		LIST_HEAD(sheaves);

		if (!cache->node[nid])
			continue;
		barn = &cache->node[nid]->barn;
		spin_lock_irqsave(&barn->lock, flags);
		list_splice_init(&barn->full, &sheaves);
		list_splice_init(&barn->empty, &sheaves);
		barn->nr_full = 0;
		barn->nr_empty = 0;
		spin_unlock_irqrestore(&barn->lock, flags);
		flush_list(cache, &sheaves);
	}
}

/* For numbers that people read: looks until the CPU is between two steps. */
#define COUNT_TRIES	1000

/**
 * mmbox_sheaves_count - look at a CPU's sheaves
 * @cache: the cache
 * @cpu:   the CPU, which goes on working: numbers may be one step apart
 * @count: set
 *
 * Context: any.
 */
void mmbox_sheaves_count(const struct mmbox_cache *cache, unsigned int cpu,
			 struct mmbox_sheaves_count *count)
{
	const struct mmbox_cpu_sheaves *sheaves;
	struct mmbox_cpu_sheaves copy;
	unsigned int i;
	long frees;

	sheaves = per_cpu_ptr(cache->sheaves, cpu);
	for (i = 0; i < COUNT_TRIES; i++) {
		/* A copy of numbers for people, see above. */
		data_race(copy = *sheaves);
		if (!(copy.pos & MMBOX_SHEAF_IS_BUSY))
			break;
		cpu_relax();
	}
	/* If it is busy still, its sheaf counts as it was before. */
	frees = mmbox_sheaf_entries(copy.pos) - copy.nr_in + copy.nr_out +
		copy.nr_alloc;
	count->nr_at_hand = mmbox_sheaf_entries(copy.pos) + copy.nr_spare;
	count->alloc_fast = copy.nr_alloc;
	count->alloc_slow = copy.nr_slow_alloc;
	count->free_fast = max(frees, 0L);
	count->free_slow = copy.nr_slow_free;
}

/**
 * mmbox_barn_count - look at a barn
 * @barn:  the barn
 * @count: set
 *
 * Context: any in which a spinlock_t may be taken.
 */
void mmbox_barn_count(struct mmbox_barn *barn, struct mmbox_barn_count *count)
{
	const struct mmbox_sheaf *sheaf;
	unsigned long flags;

	count->nr_objects = 0;
	spin_lock_irqsave(&barn->lock, flags);
	list_for_each_entry(sheaf, &barn->full, list)
		count->nr_objects += sheaf->nr;
	count->nr_full = barn->nr_full;
	count->nr_empty = barn->nr_empty;
	spin_unlock_irqrestore(&barn->lock, flags);
}
