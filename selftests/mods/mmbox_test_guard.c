// SPDX-License-Identifier: GPL-2.0
/*
 * Test of guarded objects: "run" names the case; the result of loading the
 * module is the verdict. Objects come from box0.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "mmbox_test_case.h"

static char *run = "";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "the case to run");

#define SIZE		77
#define NR_OBJECTS	100

static struct mmbox *box;
static struct mmbox_cache *cache;
static u8 *objects[NR_OBJECTS];

static bool is_mapped(const void *at)
{
	u8 byte;

	return !copy_from_kernel_nofault(&byte, at, 1);
}

/* In a page of its own, at its end but for the alignment. */
static const char *check_guarded(u8 *object, size_t size)
{
	unsigned long start = (unsigned long)object & PAGE_MASK;
	unsigned long end = start + PAGE_SIZE;

	expect(is_vmalloc_addr(object));
	expect((unsigned long)object + ALIGN(size, sizeof(long)) == end);
	expect(is_mapped(object) && is_mapped(object + size - 1));
	expect(!is_mapped((void *)end) && !is_mapped((void *)(start - 1)));
	return NULL;
}

static const char *test_guard(void)
{
	const char *verdict;
	u8 *object;

	expect(mmbox_cache_set_guard(cache, 1) == 0);
	object = mmbox_cache_alloc(cache, GFP_KERNEL | __GFP_ZERO);
	expect(object && !memchr_inv(object, 0, SIZE));
	verdict = check_guarded(object, SIZE);
	if (verdict)
		return verdict;
	expect(mmbox_ksize(object) == SIZE);
	expect(mmbox_cache_destroy(cache) == -EBUSY);
	memset(object, 0xa7, SIZE);
	mmbox_cache_free(cache, object);
	expect(!is_mapped(object));
	expect(mmbox_ksize(object) == 0);
	expect(mmbox_cache_validate(cache) == 0);
	/* Nobody waits for such a page. */
	object = mmbox_cache_alloc(cache, GFP_ATOMIC);
	expect(object && !is_vmalloc_addr(object));
	mmbox_cache_free(cache, object);
	expect(mmbox_cache_set_guard(cache, 0) == 0);
	return NULL;
}

/* Wrong frees, with who had the object. */
static const char *test_guard_wrong(void)
{
	u8 *object;

	expect(mmbox_cache_set_guard(cache, 1) == 0);
	object = mmbox_cache_alloc(cache, GFP_KERNEL);
	expect(object);
	mmbox_cache_free(cache, object + 8);
	expect(mmbox_cache_validate(cache) == 1);
	mmbox_cache_free(cache, object);
	mmbox_cache_free(cache, object);
	expect(mmbox_cache_validate(cache) == 1);
	mmbox_kfree(object);
	mmbox_kfree(object + 1);
	expect(mmbox_cache_validate(cache) == 0);
	expect(mmbox_cache_set_guard(cache, 0) == 0);
	return NULL;
}

/* What does not fault is found when the object is freed. */
static const char *test_guard_beside(void)
{
	u8 *object;

	expect(mmbox_cache_set_guard(cache, 1) == 0);
	object = mmbox_cache_alloc(cache, GFP_KERNEL);
	expect(object);
	object[SIZE] = 0;
	object[-1] = 0;
	mmbox_cache_free(cache, object);
	expect(mmbox_cache_validate(cache) == 2);
	expect(mmbox_cache_set_guard(cache, 0) == 0);
	return NULL;
}

/* One of four of kmalloc's: the setting of the box. */
static const char *test_guard_sample(void)
{
	unsigned int i, nr = 0;

	for (i = 0; i < NR_OBJECTS; i++) {
		objects[i] = mmbox_kmalloc(box, 64, GFP_KERNEL);
		expect(objects[i]);
		nr += is_vmalloc_addr(objects[i]);
		memset(objects[i], i, 64);
	}
	for (i = 0; i < NR_OBJECTS; i++) {
		expect(!memchr_inv(objects[i], i, 64));
		mmbox_kfree(objects[i]);
	}
	expect(nr == NR_OBJECTS / 4);
	objects[0] = mmbox_kmalloc(box, 8192, GFP_KERNEL);
	expect(objects[0] && !is_vmalloc_addr(objects[0]));
	mmbox_kfree(objects[0]);
	return NULL;
}

/* More than a quarter of the window: the addresses are purged meanwhile. */
static const char *test_guard_many(void)
{
	unsigned int i;

	expect(mmbox_cache_set_guard(cache, 1) == 0);
	for (i = 0; i < 12000; i++) {
		u8 *object = mmbox_cache_alloc(cache, GFP_KERNEL);

		expect(object);
		memset(object, i, SIZE);
		mmbox_cache_free(cache, object);
	}
	expect(mmbox_cache_validate(cache) == 0);
	expect(mmbox_cache_set_guard(cache, 0) == 0);
	expect(mmbox_cache_shrink(cache) == 0);
	return NULL;
}

static const struct test_case cases[] = {
	{ "guard", test_guard },
	{ "wrong", test_guard_wrong },
	{ "beside", test_guard_beside },
	{ "sample", test_guard_sample },
	{ "many", test_guard_many },
};

static int __init test_init(void)
{
	return run_with_cache(cases, ARRAY_SIZE(cases), run, "guarded", SIZE, 0,
			      &box, &cache);
}

static void __exit test_exit(void)
{
}

module_init(test_init);
module_exit(test_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Test of guarded objects");
MODULE_LICENSE("GPL");
