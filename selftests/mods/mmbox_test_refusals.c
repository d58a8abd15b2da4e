// SPDX-License-Identifier: GPL-2.0
/*
 * Asks box0 for blocks that it does not have, and frees wrongly, as told by
 * parameters. Loading it fails with -EINVAL if a request is served after all.
 */
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

#include <mmbox.h>

static unsigned int order;
module_param(order, uint, 0444);
MODULE_PARM_DESC(order, "order of the requests, and of the frees");

static unsigned int count = 1;
module_param(count, uint, 0444);
MODULE_PARM_DESC(count, "how many");

static char *gfp = "kernel";
module_param(gfp, charp, 0444);
MODULE_PARM_DESC(gfp, "kernel, atomic, nowarn, dma or thisnode");

static char *context = "task";
module_param(context, charp, 0444);
MODULE_PARM_DESC(context, "task, softirq or hardirq");

static bool warm;
module_param(warm, bool, 0444);
MODULE_PARM_DESC(warm, "have pages on the CPU's lists first");

static char *wrong = "";
module_param(wrong, charp, 0444);
MODULE_PARM_DESC(wrong, "instead of requests wrong frees: twice, order, inside");

static unsigned long pfn;
module_param(pfn, ulong, 0444);
MODULE_PARM_DESC(pfn, "free this frame, which nobody has, with that order");

static const struct {
	const char *name;
	gfp_t gfp;
} masks[] = {
	{ "kernel", GFP_KERNEL },
	{ "atomic", GFP_ATOMIC },
	{ "nowarn", GFP_KERNEL | __GFP_NOWARN },
	{ "dma", GFP_KERNEL | __GFP_DMA },
	{ "thisnode", GFP_NOWAIT | __GFP_THISNODE },
};

static struct mmbox *box;
static gfp_t mask;
static bool served;

static noinline void test_requests(void)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct page *page = mmbox_alloc_pages(box, mask, order);

		served |= !!page;
		mmbox_free_pages(page, order);
	}
}

static void softirq_work(struct tasklet_struct *tasklet)
{
	test_requests();
}

static void hardirq_work(struct irq_work *work)
{
	test_requests();
}

static void run_requests(void)
{
	struct irq_work work = IRQ_WORK_INIT_HARD(hardirq_work);
	struct tasklet_struct tasklet;

	if (warm)
		mmbox_free_pages(mmbox_alloc_pages(box, GFP_KERNEL, 0), 0);
	if (!strcmp(context, "softirq")) {
		tasklet_setup(&tasklet, softirq_work);
		tasklet_schedule(&tasklet);
		tasklet_kill(&tasklet);
	} else if (!strcmp(context, "hardirq")) {
		irq_work_queue(&work);
		irq_work_sync(&work);
	} else {
		test_requests();
	}
}

/* The block is one order larger than what is freed, and freed in the end. */
static noinline void test_frees(void)
{
	struct page *page = mmbox_alloc_pages(box, GFP_KERNEL, order + 1);
	unsigned int i;

	if (!page) {
		served = true;
		return;
	}
	if (!strcmp(wrong, "twice"))
		mmbox_free_pages(page, order + 1);
	for (i = 0; i < count; i++) {
		if (!strcmp(wrong, "twice"))
			mmbox_free_pages(page, order + 1);
		else if (!strcmp(wrong, "order"))
			mmbox_free_pages(page, order);
		else
			mmbox_free_pages(page + 1 + i % 2, order + i / 2);
	}
	if (strcmp(wrong, "twice"))
		mmbox_free_pages(page, order + 1);
}

static noinline void test_frame(void)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		mmbox_free_pages(pfn_to_page(pfn), order);
}

static int __init test_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(masks); i++)
		if (!strcmp(masks[i].name, gfp))
			mask = masks[i].gfp;
	box = mmbox_get("box0");
	if (!box)
		return -ENODEV;
	if (pfn)
		test_frame();
	else if (*wrong)
		test_frees();
	else
		run_requests();
	mmbox_put(box);
	return served ? -EINVAL : 0;
}

static void __exit test_exit(void)
{
}

module_init(test_init);
module_exit(test_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Requests that mmbox refuses");
MODULE_LICENSE("GPL");
