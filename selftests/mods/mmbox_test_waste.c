// SPDX-License-Identifier: GPL-2.0
/*
 * Allocates memory of many sizes, from box0 or with host=1 from the kernel, and
 * keeps it for as long as it is loaded, for a script that looks how much memory
 * that takes. The parameters asked and got tell bytes.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include <mmbox.h>

#define MAX_SIZES	128

static bool host;
module_param(host, bool, 0444);
MODULE_PARM_DESC(host, "whether to allocate from the kernel");

static unsigned int sizes[MAX_SIZES], counts[MAX_SIZES];
static unsigned int nr_sizes, nr_counts;
module_param_array(sizes, uint, &nr_sizes, 0444);
MODULE_PARM_DESC(sizes, "bytes of each kind of request");
module_param_array(counts, uint, &nr_counts, 0444);
MODULE_PARM_DESC(counts, "how many there are of each");

static unsigned long asked;
module_param(asked, ulong, 0444);
static unsigned long got;
module_param(got, ulong, 0444);

static struct mmbox *box;
static void **memory[MAX_SIZES];

static void *alloc_one(unsigned int size)
{
	void *one = host ? kmalloc(size, GFP_KERNEL) :
			   mmbox_kmalloc(box, size, GFP_KERNEL);

	if (one) {
		asked += size;
		got += host ? ksize(one) : mmbox_ksize(one);
	}
	return one;
}

static void free_all(void)
{
	unsigned int i, j;

	for (i = 0; i < nr_sizes; i++) {
		for (j = 0; memory[i] && j < counts[i]; j++)
			if (host)
				kfree(memory[i][j]);
			else
				mmbox_kfree(memory[i][j]);
		kvfree(memory[i]);
	}
}

static bool alloc_all(void)
{
	unsigned int i, j;

	for (i = 0; i < nr_sizes; i++) {
		memory[i] = kvcalloc(counts[i], sizeof(void *), GFP_KERNEL);
		if (!memory[i])
			return false;
		for (j = 0; j < counts[i]; j++) {
			memory[i][j] = alloc_one(sizes[i]);
			if (!memory[i][j])
				return false;
		}
	}
	return true;
}

static int __init waste_init(void)
{
	if (nr_sizes != nr_counts)
		return -EINVAL;
	box = mmbox_get("box0");
	if (!box)
		return -ENODEV;
	if (alloc_all())
		return 0;
	free_all();
	mmbox_put(box);
	return -ENOMEM;
}

static void __exit waste_exit(void)
{
	free_all();
	mmbox_put(box);
}

module_init(waste_init);
module_exit(waste_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Allocates memory of many sizes");
MODULE_LICENSE("GPL");
