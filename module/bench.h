/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the modules that measure share: mmbox_bench, and those that add an
 * allocator of the host's for comparison.
 */
#ifndef MMBOX_BENCH_H
#define MMBOX_BENCH_H

#include <linux/list.h>
#include <linux/types.h>

struct mmbox;
struct page;
struct seq_file;
struct workqueue_struct;

/**
 * struct mmbox_bench_side - one of the allocators compared
 * @list:  link in the list of all
 * @name:  how it is called in the output
 * @own:   place in mmbox_bench_sides[], if it is one of them
 * @max_order: the largest order that it is measured for
 * @alloc: allocates a block, and returns what names it, or NULL
 * @free:  frees it
 * @alloc_bulk: allocates MMBOX_BENCH_BULK pages into an array of NULLs, returns
 *	   how many; NULL if the allocator has no such call
 * @free_bulk:  frees them, and leaves NULLs
 */
struct mmbox_bench_side {
	struct list_head list;
	const char *name;
	unsigned int own;
	unsigned int max_order;
	void *(*alloc)(unsigned int order);
	void (*free)(void *block, unsigned int order);
	unsigned long (*alloc_bulk)(struct page **pages);
	void (*free_bulk)(struct page **pages);
};

#define MMBOX_BENCH_BULK	16
#define MMBOX_BENCH_BATCH	128

/* Of the sides that are always there, in the order of mmbox_bench_sides[]. */
#define MMBOX_BENCH_OWN_SIDES	3

/*
 * A side's own loop: @nr operations with @size bytes, or pages of an area, in
 * @batch what it keeps.
 */
typedef int (*mmbox_bench_run_t)(unsigned int size, unsigned int nr,
				 void **batch);

/**
 * enum mmbox_bench_price - what is switched on for work with objects
 * @MMBOX_PRICE_NONE:	    nothing
 * @MMBOX_PRICE_F:	    the kernel's letter for checks of frees
 * @MMBOX_PRICE_Z:	    likewise for red zones
 * @MMBOX_PRICE_P:	    likewise for poison
 * @MMBOX_PRICE_U:	    likewise for records of users
 * @MMBOX_PRICE_INIT_ALLOC: memory is cleared when it is allocated
 * @MMBOX_PRICE_INIT_FREE:  it is cleared when it is freed
 * @MMBOX_PRICE_RANDOM:	    objects of a slab come in random order
 * @MMBOX_PRICE_COPIES:	    15 further caches for each size of kmalloc
 * @MMBOX_PRICE_QUARANTINE: 64 kB of freed objects are kept back
 * @MMBOX_PRICE_GUARD:	    one object in 100 has a page to itself
 * @MMBOX_NR_PRICES:	    number of all
 */
enum mmbox_bench_price {
	MMBOX_PRICE_NONE,
	MMBOX_PRICE_F,
	MMBOX_PRICE_Z,
	MMBOX_PRICE_P,
	MMBOX_PRICE_U,
	MMBOX_PRICE_INIT_ALLOC,
	MMBOX_PRICE_INIT_FREE,
	MMBOX_PRICE_RANDOM,
	MMBOX_PRICE_COPIES,
	MMBOX_PRICE_QUARANTINE,
	MMBOX_PRICE_GUARD,
	MMBOX_NR_PRICES,
};

/**
 * struct mmbox_bench_work - one kind of work, done by each side
 * @name:  how it is called in the output
 * @order: order of the blocks, for work with pages
 * @size:  bytes of the objects, or pages of an area
 * @nr:	   operations in a round, or 0 for as many as usual
 * @two_cpus: whether it is measured on two CPUs at once, too
 * @price: what is switched on meanwhile, enum mmbox_bench_price
 * @run:   does it with pages, with @nr operations, and MMBOX_BENCH_BATCH places
 *	   in @batch to keep what names blocks
 * @own:   does it with objects or areas: the loop of each own side, NULL if it has
 *	   none; other sides have none
 */
struct mmbox_bench_work {
	const char *name;
	unsigned int order;
	unsigned int size;
	unsigned int nr;
	bool two_cpus;
	enum mmbox_bench_price price;
	int (*run)(const struct mmbox_bench_side *side, unsigned int order,
		   unsigned int nr, struct page **batch);
	const mmbox_bench_run_t *own;
};

/**
 * struct mmbox_bench_objects - the objects of one side
 * @name:  of the side
 * @alloc: allocates one, or returns NULL
 * @free:  frees it
 */
struct mmbox_bench_objects {
	const char *name;
	void *(*alloc)(void);
	void (*free)(void *object);
};

/* Within mmbox_bench: all work, and the sides that any CPU may call. */
extern const struct mmbox_bench_work mmbox_bench_works[];
extern const unsigned int mmbox_bench_nr_works;

extern struct mmbox_bench_side *const
mmbox_bench_sides[MMBOX_BENCH_OWN_SIDES];

extern const mmbox_bench_run_t mmbox_bench_cache_pairs[MMBOX_BENCH_OWN_SIDES];
extern const mmbox_bench_run_t mmbox_bench_cache_batches[MMBOX_BENCH_OWN_SIDES];
extern const mmbox_bench_run_t mmbox_bench_cache_bulk[MMBOX_BENCH_OWN_SIDES];
extern const mmbox_bench_run_t mmbox_bench_size_pairs[MMBOX_BENCH_OWN_SIDES];
extern const mmbox_bench_run_t mmbox_bench_size_batches[MMBOX_BENCH_OWN_SIDES];
extern const mmbox_bench_run_t mmbox_bench_vmap[MMBOX_BENCH_OWN_SIDES];
extern const mmbox_bench_run_t mmbox_bench_map_ram[MMBOX_BENCH_OWN_SIDES];
extern const mmbox_bench_run_t mmbox_bench_vmalloc[MMBOX_BENCH_OWN_SIDES];
extern const mmbox_bench_run_t mmbox_bench_price_pairs[MMBOX_BENCH_OWN_SIDES];
extern const mmbox_bench_run_t mmbox_bench_price_batches[MMBOX_BENCH_OWN_SIDES];
extern const mmbox_bench_run_t mmbox_bench_price_sizes[MMBOX_BENCH_OWN_SIDES];
extern const mmbox_bench_run_t mmbox_bench_price_pages[MMBOX_BENCH_OWN_SIDES];

extern const struct mmbox_bench_objects
mmbox_bench_objects[MMBOX_BENCH_OWN_SIDES];

bool mmbox_bench_is_wanted(const char *work);
int mmbox_bench_do(const struct mmbox_bench_work *work,
		   const struct mmbox_bench_side *side, unsigned int nr,
		   struct page **batch);
void mmbox_bench_set_price(enum mmbox_bench_price price);
int mmbox_bench_slab_init(struct mmbox *bench_box);
void mmbox_bench_slab_exit(void);
int mmbox_bench_vmap_init(struct mmbox *bench_box);
void mmbox_bench_vmap_exit(void);
int mmbox_bench_cpus(struct seq_file *m, unsigned int rounds);
int mmbox_bench_pass(struct workqueue_struct *wq,
		     const struct mmbox_bench_objects *side,
		     unsigned int window, u64 *rate);
void mmbox_bench_add(struct mmbox_bench_side *side);
void mmbox_bench_remove(struct mmbox_bench_side *side);

#endif /* MMBOX_BENCH_H */
