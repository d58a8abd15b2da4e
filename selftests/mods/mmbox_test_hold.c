// SPDX-License-Identifier: GPL-2.0
/*
 * Holds blocks of a box for a test, which says what to do by writing words to
 * the parameter "ops":
 *
 *	u3	allocate a block of order 3, unmovable; likewise m movable,
 *		r reclaimable, a unmovable and without waiting (GFP_ATOMIC), t
 *		unmovable and from this CPU's node only (__GFP_THISNODE)
 *	u3*20	twenty of them
 *	f5	free the sixth of the blocks held
 *	F	free all
 *
 * A write fails with -ENOMEM at the first block that is not to be had. What is
 * held is freed when the module goes.
 */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <mmbox.h>

static char *name = "box0";
module_param_named(box, name, charp, 0444);
MODULE_PARM_DESC(box, "the box");

struct held {
	struct list_head list;
	struct page *page;
	unsigned int order;
};

static struct mmbox *box;
static LIST_HEAD(blocks);

static int hold(gfp_t gfp, unsigned int order)
{
	struct held *held = kmalloc(sizeof(*held), GFP_KERNEL);

	if (!held)
		return -ENOMEM;
	held->order = order;
	held->page = mmbox_alloc_pages(box, gfp | __GFP_NOWARN, order);
	if (!held->page) {
		kfree(held);
		return -ENOMEM;
	}
	list_add_tail(&held->list, &blocks);
	return 0;
}

static void let_go(struct held *held)
{
	mmbox_free_pages(held->page, held->order);
	list_del(&held->list);
	kfree(held);
}

static void let_all_go(void)
{
	struct held *held, *next;

	list_for_each_entry_safe(held, next, &blocks, list)
		let_go(held);
}

static int let_nth_go(unsigned int nr)
{
	struct held *held;

	list_for_each_entry(held, &blocks, list) {
		if (nr--)
			continue;
		let_go(held);
		return 0;
	}
	return -ENOENT;
}

static int run_word(const char *word)
{
	unsigned int number = 0, count = 1, i;
	gfp_t gfp = GFP_KERNEL;
	int err = 0;

	if (!strcmp(word, "F")) {
		let_all_go();
		return 0;
	}
	if (sscanf(word + 1, "%u*%u", &number, &count) < 1)
		return -EINVAL;
	switch (word[0]) {
	case 'f':
		return let_nth_go(number);
	case 'a':
		gfp = GFP_ATOMIC;
		break;
	case 'm':
		gfp |= __GFP_MOVABLE;
		break;
	case 'r':
		gfp |= __GFP_RECLAIMABLE;
		break;
	case 't':
		gfp |= __GFP_THISNODE;
		break;
	case 'u':
		break;
	default:
		return -EINVAL;
	}
	for (i = 0; i < count && !err; i++)
		err = hold(gfp, number);
	return err;
}

static int run_ops(const char *text, const struct kernel_param *kp)
{
	char *copy, *rest, *word;
	int err = 0;

	/* Parameters are set before the module's init, too. */
	if (!box)
		return -EAGAIN;
	copy = kstrdup(text, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	rest = strim(copy);
	while (!err && (word = strsep(&rest, " ")))
		err = run_word(word);
	kfree(copy);
	return err;
}

static const struct kernel_param_ops ops_param = { .set = run_ops };
module_param_cb(ops, &ops_param, NULL, 0200);
MODULE_PARM_DESC(ops, "what to do");

static int __init hold_init(void)
{
	box = mmbox_get(name);
	return box ? 0 : -ENOENT;
}

static void __exit hold_exit(void)
{
	let_all_go();
	mmbox_put(box);
}

module_init(hold_init);
module_exit(hold_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Holds blocks of a box");
MODULE_LICENSE("GPL");
