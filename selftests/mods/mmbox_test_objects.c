// SPDX-License-Identifier: GPL-2.0
/*
 * Allocates objects of a cache, and some by size, and frees them, for a test
 * that traces this.
 */
#include <linux/module.h>

#include <mmbox.h>

static char *name = "box0";
module_param_named(box, name, charp, 0444);
MODULE_PARM_DESC(box, "the box");

#define NR_OF_CACHE	100
#define NR_OF_SIZE	20
#define NR_BULK		30

static void *object[NR_OF_CACHE];

/* Not __init, so that its name is known while the trace is read. */
static noinline int use_objects(void)
{
	struct mmbox *box = mmbox_get(name);
	struct mmbox_cache *cache;
	unsigned int i;
	int err = 0;

	if (!box)
		return -ENOENT;
	cache = mmbox_cache_create(box, "traced", 1000, 0, 0, NULL);
	for (i = 0; cache && i < NR_OF_CACHE; i++)
		object[i] = mmbox_cache_alloc(cache, GFP_KERNEL);
	for (i = 0; cache && i < NR_OF_CACHE; i++) {
		if (!object[i])
			err = -ENOMEM;
		mmbox_cache_free(cache, object[i]);
	}
	for (i = 0; i < NR_OF_SIZE; i++)
		object[i] = mmbox_kzalloc(box, 100, GFP_KERNEL);
	for (i = 0; i < NR_OF_SIZE; i++) {
		if (!object[i])
			err = -ENOMEM;
		mmbox_kfree(object[i]);
	}
	if (!cache || mmbox_cache_destroy(cache))
		err = -ENOMEM;
	mmbox_put(box);
	return err;
}

/*
 * The same many at once: objects of a cache, one time freed through it, one time
 * as memory of any kind.
 */
static noinline int use_bulk(void)
{
	struct mmbox *box = mmbox_get(name);
	struct mmbox_cache *cache;
	int err = -ENOMEM;

	if (!box)
		return -ENOENT;
	cache = mmbox_cache_create(box, "bulk", 200, 0, 0, NULL);
	if (!cache)
		goto put;
	if (mmbox_cache_alloc_bulk(cache, GFP_KERNEL, NR_BULK, object) ==
	    NR_BULK) {
		mmbox_cache_free_bulk(cache, NR_BULK, object);
		err = 0;
	}
	if (mmbox_cache_alloc_bulk(cache, GFP_KERNEL, NR_BULK, object) ==
	    NR_BULK)
		mmbox_kfree_bulk(NR_BULK, object);
	else
		err = -ENOMEM;
	if (mmbox_cache_destroy(cache))
		err = -EBUSY;
put:
	mmbox_put(box);
	return err;
}

static int __init objects_init(void)
{
	return use_objects() ?: use_bulk();
}

static void __exit objects_exit(void)
{
}

module_init(objects_init);
module_exit(objects_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Allocates and frees objects");
MODULE_LICENSE("GPL");
