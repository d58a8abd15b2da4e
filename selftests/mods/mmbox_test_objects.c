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

static int __init objects_init(void)
{
	return use_objects();
}

static void __exit objects_exit(void)
{
}

module_init(objects_init);
module_exit(objects_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Allocates and frees objects");
MODULE_LICENSE("GPL");
