// SPDX-License-Identifier: GPL-2.0
/*
 * Test of the checks of objects: each case commits errors on purpose, and counts
 * what is found. "run" names the case; the result of loading the module is the
 * verdict. Objects come from box0.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "mmbox_test_case.h"

static char *run = "";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "the case to run");

static unsigned int rounds = 300;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "rounds of the case that races");

/* No multiple of a word, so that padding follows. */
#define SIZE		77
#define NR_OBJECTS	100

#define ALL_CHECKS \
	(SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER)

/* What the kernel documents for a freed object. */
#define FREE_BYTE	0x6b
#define END_BYTE	0xa5

static struct mmbox *box;
static struct mmbox_cache *cache;
static u8 *objects[NR_OBJECTS];

/* More than a slab has. */
#define NR_MANY		1000
static u8 *many[NR_MANY];

static bool alloc_all(void)
{
	unsigned int i, j;

	for (i = 0; i < NR_OBJECTS; i++) {
		objects[i] = mmbox_cache_alloc(cache, GFP_KERNEL);
		if (!objects[i])
			return false;
		for (j = 0; j < i; j++)
			if (objects[j] == objects[i])
				return false;
	}
	for (i = 0; i < NR_OBJECTS; i++)
		memset(objects[i], i, SIZE);
	for (i = 0; i < NR_OBJECTS; i++)
		if (memchr_inv(objects[i], i, SIZE))
			return false;
	return true;
}

static void free_all(void)
{
	unsigned int i;

	for (i = 0; i < NR_OBJECTS; i++)
		mmbox_cache_free(cache, objects[i]);
}

/* The cache works as if nothing had been, and nothing is wrong any more. */
static const char *goes_on(void)
{
	expect(mmbox_cache_validate(cache) == 0);
	expect(alloc_all());
	free_all();
	expect(mmbox_cache_validate(cache) == 0);
	return NULL;
}

/* One byte, found by who looks at all objects, and by the free of this one. */
static const char *write_beside(long where)
{
	u8 *object = mmbox_cache_alloc(cache, GFP_KERNEL);

	expect(object);
	memset(object, 0x11, SIZE);
	expect(mmbox_cache_validate(cache) == 0);
	object[where] ^= 1;
	expect(mmbox_cache_validate(cache) == 1);
	expect(mmbox_cache_validate(cache) == 0);
	object[where] ^= 0xff;
	mmbox_cache_free(cache, object);
	expect(mmbox_cache_validate(cache) == 1);
	return goes_on();
}

static const char *test_right(void)
{
	return write_beside(SIZE);
}

static const char *test_left(void)
{
	return write_beside(-1);
}

static const char *test_read_freed(void)
{
	u8 *object = mmbox_cache_alloc(cache, GFP_KERNEL);

	expect(object);
	memset(object, 0x11, SIZE);
	mmbox_cache_free(cache, object);
	expect(!memchr_inv(object, FREE_BYTE, SIZE - 1));
	expect(object[SIZE - 1] == END_BYTE);
	return goes_on();
}

static const char *test_write_freed(void)
{
	u8 *object = mmbox_cache_alloc(cache, GFP_KERNEL);

	expect(object);
	mmbox_cache_free(cache, object);
	object[SIZE - 1] = 0;
	expect(mmbox_cache_validate(cache) == 1);
	object[0] = 0;
	object[SIZE / 2] = 0;
	/* It is the next to be allocated, and repaired by then. */
	expect(mmbox_cache_alloc(cache, GFP_KERNEL) == object);
	expect(object[0] == FREE_BYTE && object[SIZE / 2] == FREE_BYTE);
	expect(mmbox_cache_validate(cache) == 1);
	mmbox_cache_free(cache, object);
	return goes_on();
}

static const char *test_double(void)
{
	u8 *object = mmbox_cache_alloc(cache, GFP_KERNEL);

	expect(object);
	mmbox_cache_free(cache, object);
	mmbox_cache_free(cache, object);
	expect(mmbox_cache_validate(cache) == 1);
	mmbox_kfree(object);
	expect(mmbox_cache_validate(cache) == 1);
	return goes_on();
}

static const char *test_wrong_cache(void)
{
	struct mmbox_cache *other;
	u8 *object;

	other = mmbox_cache_create(box, "debug-other", SIZE, 0, ALL_CHECKS,
				   NULL);
	object = mmbox_cache_alloc(cache, GFP_KERNEL);
	expect(other && object);
	mmbox_cache_free(other, object);
	expect(mmbox_cache_validate(other) == 1);
	expect(mmbox_cache_validate(cache) == 0);
	mmbox_cache_free(cache, object);
	expect(mmbox_cache_destroy(other) == 0);
	return goes_on();
}

static const char *test_interior(void)
{
	u8 *object = mmbox_cache_alloc(cache, GFP_KERNEL);

	expect(object);
	mmbox_cache_free(cache, object + 1);
	mmbox_cache_free(cache, object + SIZE - 1);
	expect(mmbox_cache_validate(cache) == 2);
	mmbox_cache_free(cache, object);
	return goes_on();
}

static const char *test_foreign(void)
{
	void *host = kmalloc(SIZE, GFP_KERNEL);

	expect(host);
	memset(host, 0x22, SIZE);
	mmbox_cache_free(cache, host);
	expect(mmbox_cache_validate(cache) == 1);
	expect(!memchr_inv(host, 0x22, SIZE));
	kfree(host);
	return goes_on();
}

/*
 * Memory of the box that no slab has: 5 wrong frees, one of them while the slab
 * is still there. Nobody allocates it in between: the box has no other user.
 */
static const char *test_no_slab(void)
{
	struct mmbox_cache *other = mmbox_cache_create(box, "debug-other", 2000,
						       0, 0, NULL);
	struct page *page = mmbox_alloc_pages(box, GFP_KERNEL, 1);
	u8 *large = mmbox_kmalloc(box, 20000, GFP_KERNEL), *object;

	expect(other && page && large);
	object = mmbox_cache_alloc(other, GFP_KERNEL);
	expect(object);
	mmbox_kfree(large + PAGE_SIZE);			/* inside */
	mmbox_kfree(page_address(page));		/* not an object */
	mmbox_kfree(large);
	mmbox_kfree(large);				/* once more */
	mmbox_free_pages(page, 1);
	mmbox_cache_free(other, object);
	mmbox_cache_free(other, object);		/* its slab is there */
	expect(mmbox_cache_validate(other) == 1);
	expect(!mmbox_cache_destroy(other));
	mmbox_kfree(object);				/* and is not */
	return goes_on();
}

/*
 * What other allocators keep in free objects: a pointer to the next one. Here
 * there is none, so that only poison is lost.
 */
static const char *test_freelist(void)
{
	unsigned int i;

	expect(alloc_all());
	free_all();
	for (i = 0; i < NR_OBJECTS; i++)
		*(void **)objects[i] = objects[0];
	expect(mmbox_cache_validate(cache) == NR_OBJECTS);
	return goes_on();
}

/* An overflow that reaches as far as the records behind the object. */
static const char *test_far(void)
{
	u8 *object = mmbox_cache_alloc(cache, GFP_KERNEL);

	expect(object);
	memset(object, 0, SIZE + 32);
	expect(mmbox_cache_validate(cache) == 2);
	mmbox_cache_free(cache, object);
	return goes_on();
}

static void construct(void *object)
{
	memset(object, 0x33, SIZE);
}

/* What a constructor has made stays: such objects have no poison. */
static const char *test_constructor(void)
{
	struct mmbox_cache *made;
	u8 *object;

	made = mmbox_cache_create(box, "debug-ctor", SIZE, 0, ALL_CHECKS,
				  construct);
	expect(made);
	object = mmbox_cache_alloc(made, GFP_KERNEL);
	expect(object && !memchr_inv(object, 0x33, SIZE));
	mmbox_cache_free(made, object);
	expect(!memchr_inv(object, 0x33, SIZE));
	object[SIZE] = 0;
	expect(mmbox_cache_validate(made) == 1);
	expect(mmbox_cache_destroy(made) == 0);
	return NULL;
}

static const char *test_bulk(void)
{
	struct mmbox_sheaf *sheaf;
	u8 *object;

	expect(mmbox_cache_alloc_bulk(cache, GFP_KERNEL, NR_OBJECTS,
				      (void **)objects) == NR_OBJECTS);
	expect(objects[1][0] == FREE_BYTE);
	objects[3][SIZE] = 0;
	objects[5][-1] = 0;
	mmbox_cache_free_bulk(cache, NR_OBJECTS, (void **)objects);
	expect(mmbox_cache_validate(cache) == 2);

	sheaf = mmbox_cache_prefill(cache, GFP_KERNEL, 8);
	expect(sheaf);
	expect(mmbox_cache_validate(cache) == 0);
	object = mmbox_cache_alloc_prefilled(cache, GFP_ATOMIC, sheaf);
	expect(object);
	object[SIZE] = 0;
	expect(mmbox_cache_validate(cache) == 1);
	mmbox_cache_return(cache, sheaf);
	mmbox_cache_free(cache, object);
	return goes_on();
}

/* A cache without checks, that gets some while it has objects. */
static const char *live(struct mmbox_cache *plain)
{
	u8 *object, *old = mmbox_cache_alloc(plain, GFP_KERNEL);

	expect(old);
	expect(mmbox_cache_set_debug(plain, "X") == -EINVAL);
	expect(mmbox_cache_set_debug(plain, "") == -EINVAL);
	expect(mmbox_cache_set_debug(plain, "fzpu") == 0);
	/* More than the old slab has left. */
	expect(mmbox_cache_alloc_bulk(plain, GFP_KERNEL, NR_MANY,
				      (void **)many) == NR_MANY);
	object = many[NR_MANY - 1];
	object[SIZE] = 0;
	expect(mmbox_cache_validate(plain) == 1);

	/* Objects of both kinds go back to where they came from. */
	mmbox_cache_free(plain, old);
	expect(mmbox_cache_set_debug(plain, "-") == 0);
	object[SIZE] = 0;
	mmbox_cache_free_bulk(plain, NR_MANY, (void **)many);
	expect(mmbox_cache_validate(plain) == 1);
	expect(mmbox_cache_shrink(plain) == 0);

	/* With the last slab the checks are gone. */
	object = mmbox_cache_alloc(plain, GFP_KERNEL);
	expect(object);
	memset(object, 0x44, SIZE);
	mmbox_cache_free(plain, object);
	expect(object[SIZE - 1] == 0x44);
	return NULL;
}

static const char *test_live(void)
{
	struct mmbox_cache *plain;
	const char *verdict;

	plain = mmbox_cache_create(box, "debug-live", SIZE, 0, 0, NULL);
	expect(plain);
	verdict = live(plain);
	expect(mmbox_cache_destroy(plain) == 0 || verdict);
	return verdict;
}

/* With the box's setting: three errors, which the box counts. */
static const char *test_kmalloc(void)
{
	u8 *object = mmbox_kmalloc(box, 64, GFP_KERNEL);

	expect(object && IS_ALIGNED((unsigned long)object, 64));
	expect(mmbox_ksize(object) == 64);
	object[64] = 0;
	object[-1] = 0;
	mmbox_kfree(object);
	object[7] = 0;
	/* Whoever gets it next finds that. */
	expect(mmbox_kmalloc(box, 64, GFP_KERNEL) == object);
	mmbox_kfree(object);
	object = mmbox_kzalloc(box, 8192, GFP_KERNEL);
	expect(object && !memchr_inv(object, 0, 8192));
	mmbox_kfree(object);
	return NULL;
}

static int churn(void *data)
{
	void *mine[8] = { };
	unsigned int i = 0;

	while (!kthread_should_stop()) {
		mmbox_cache_free(data, mine[i % 8]);
		mine[i % 8] = mmbox_cache_alloc(data, GFP_KERNEL);
		if (mine[i % 8])
			memset(mine[i % 8], 0x55, SIZE);
		i++;
		cond_resched();
	}
	for (i = 0; i < 8; i++)
		mmbox_cache_free(data, mine[i]);
	return 0;
}

/* Checks come and go under objects that come and go: nothing is wrong. */
static const char *race(struct mmbox_cache *raced)
{
	static const char *const letters[] = { "FZPU", "-", "Z", "FP", "U" };
	struct task_struct *task[2];
	unsigned int i, cpu = 0;
	long errors = 0;

	for (i = 0; i < 2; i++) {
		task[i] = kthread_create(churn, raced, "mmbox-churn/%u", i);
		expect(!IS_ERR(task[i]));
		kthread_bind(task[i], cpu);
		cpu = cpumask_last(cpu_online_mask);
		wake_up_process(task[i]);
	}
	for (i = 0; i < rounds; i++) {
		if (mmbox_cache_set_debug(raced, letters[i % 5]))
			errors++;
		errors += mmbox_cache_validate(raced);
		if (i % 7 == 0)
			mmbox_cache_shrink(raced);
	}
	kthread_stop(task[0]);
	kthread_stop(task[1]);
	errors += mmbox_cache_validate(raced);
	expect(!errors);
	return NULL;
}

static const char *test_race(void)
{
	struct mmbox_cache *raced;
	const char *verdict;

	raced = mmbox_cache_create(box, "debug-race", SIZE, 0, 0, NULL);
	expect(raced);
	verdict = race(raced);
	expect(mmbox_cache_destroy(raced) == 0);
	return verdict;
}

static const struct test_case cases[] = {
	{ "right", test_right },
	{ "left", test_left },
	{ "read-freed", test_read_freed },
	{ "write-freed", test_write_freed },
	{ "double", test_double },
	{ "wrong-cache", test_wrong_cache },
	{ "interior", test_interior },
	{ "foreign", test_foreign },
	{ "no-slab", test_no_slab },
	{ "freelist", test_freelist },
	{ "far", test_far },
	{ "constructor", test_constructor },
	{ "bulk", test_bulk },
	{ "live", test_live },
	{ "kmalloc", test_kmalloc },
	{ "race", test_race },
};

static int __init test_init(void)
{
	const char *verdict;

	box = mmbox_get("box0");
	if (!box)
		return -ENOENT;
	cache = mmbox_cache_create(box, "debug", SIZE, 0, ALL_CHECKS, NULL);
	verdict = cache ? run_case(cases, ARRAY_SIZE(cases), run) :
			  "there is no cache";
	if (mmbox_cache_destroy(cache))
		verdict = verdict ?: "objects are not back";
	mmbox_put(box);
	return test_verdict(run, verdict);
}

static void __exit test_exit(void)
{
}

module_init(test_init);
module_exit(test_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Test of the checks of objects");
MODULE_LICENSE("GPL");
