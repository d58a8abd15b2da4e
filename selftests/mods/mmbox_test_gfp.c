// SPDX-License-Identifier: GPL-2.0
/*
 * What each gfp flag does, row by row of the table in docs/design/gfp.md:
 * "run" names a row, and the result of loading the module is the verdict. Each
 * row has a box of its own, whose marks are known.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "mmbox_test_case.h"

static char *run = "";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "the row to show");

static bool hold;
module_param(hold, bool, 0444);
MODULE_PARM_DESC(hold, "instead of that, keep a page so allocated until unloaded");

/*
 * Zones of 256, 256 and 512 pages, without those that hold the descriptors; the
 * min marks are shares of 128 pages, and nothing is kept for lower zones. A
 * CPU's list is refilled page by page: none is at hand but what has been freed.
 */
#define CONFIG	"dma=1M,dma32=1M,normal=2M,watermark_scale_factor=1," \
		"lowmem_reserve_ratio=0:0:0,percpu_high=1"
#define MARKS	",min_free_kbytes=512"
#define NO_MARKS ",min_free_kbytes=0"

#define PAGES_MIN	128
#define NR_SIZES	3

static unsigned long size[NR_SIZES];

static struct mmbox *box;
static struct page *held;

/* What a request leaves of the min mark. */
enum level { AT_MIN, AT_HALF, URGENT, NOTHING };

struct row {
	const char *name;
	gfp_t gfp;
	enum level level;
	const char *(*more)(const struct row *row);
	unsigned int nr_zones;		/* that it may use, the lowest ones */
};

/* Pages allocated, through the pages themselves. */
static struct page *taken;

static void push(struct page *page)
{
	*(struct page **)page_address(page) = taken;
	taken = page;
}

static struct page *pop(void)
{
	struct page *page = taken;

	if (page)
		taken = *(struct page **)page_address(page);
	return page;
}

static void free_taken(void)
{
	struct page *page;

	while ((page = pop()))
		mmbox_free_pages(page, 0);
}

/* Takes all that is to be had; what is left then in each zone? */
static void take_all(gfp_t gfp, unsigned long *left)
{
	struct page *page;

	memcpy(left, size, sizeof(size));
	while ((page = mmbox_alloc_pages(box, gfp, 0))) {
		left[page_zonenum(page)]--;
		push(page);
	}
}

/* The pages of each zone: some requests may have them all. */
static const char *take_sizes(void)
{
	unsigned long left[NR_SIZES];
	unsigned int i;

	memset(size, 0, sizeof(size));
	take_all(GFP_NOWAIT | __GFP_MEMALLOC | __GFP_NOWARN, left);
	for (i = 0; i < NR_SIZES; i++)
		size[i] = -left[i];
	free_taken();
	/* No zone is so large: that collects what lies on CPUs' lists. */
	expect(!mmbox_alloc_pages(box, GFP_KERNEL | __GFP_NOWARN,
				  MMBOX_MAX_ORDER));
	expect(size[0] == 256 && size[1] == 256);
	expect(size[2] < 512 && size[2] >= 512 - 1024 / 8);
	return NULL;
}

static unsigned long share(unsigned int zone, enum level level)
{
	unsigned long left = PAGES_MIN * size[zone] /
			     (size[0] + size[1] + size[2]);

	if (level == NOTHING)
		return 0;
	if (level != AT_MIN)
		left -= left / 2;
	if (level == URGENT)
		left -= left / 4;
	return left;
}

/* Is that what a row's requests must leave? */
static bool as_told(const struct row *row, const unsigned long *left)
{
	unsigned int i, end = row->nr_zones ?: NR_SIZES;

	for (i = 0; i < NR_SIZES; i++)
		if (left[i] != (i < end ? share(i, row->level) : size[i]))
			return false;
	return true;
}

static int create(const char *config)
{
	struct mmbox_config cfg;
	int err = mmbox_config_parse(config, &cfg);

	if (err)
		return err;
	box = mmbox_create("gfp", &cfg);
	return PTR_ERR_OR_ZERO(box);
}

static const char *zeroed(const struct row *row)
{
	struct page *page = mmbox_alloc_pages(box, GFP_KERNEL, 2);
	unsigned int round;

	expect(page);
	for (round = 0; round < 2; round++) {
		memset(page_address(page), 0x5a, PAGE_SIZE << 2);
		mmbox_free_pages(page, 2);
		page = mmbox_alloc_pages(box, row->gfp, 2);
		expect(page);
		expect(!memchr_inv(page_address(page), 0, PAGE_SIZE << 2));
	}
	mmbox_free_pages(page, 2);
	return NULL;
}

static const char *not_compound(const struct row *row)
{
	struct page *page = mmbox_alloc_pages(box, row->gfp, 2);
	unsigned int i;

	expect(page);
	for (i = 0; i < 4; i++)
		expect(!PageCompound(page + i) && page_ref_count(page + i) == 1);
	mmbox_free_pages(page, 2);
	return NULL;
}

static const char *of_this_node(const struct row *row)
{
	struct page *page;
	int nid;

	preempt_disable();
	nid = numa_mem_id();
	page = mmbox_alloc_pages(box, row->gfp & ~__GFP_DIRECT_RECLAIM, 0);
	preempt_enable();
	expect(!page || page_to_nid(page) == nid);
	mmbox_free_pages(page, 0);
	return NULL;
}

/*
 * Of a box without marks that is all taken two buddies come free: at least one
 * of them lies on a CPU's list, and they are whole only when that is emptied.
 */
static bool collects(gfp_t gfp)
{
	struct page *first, *page = NULL;

	first = mmbox_alloc_pages(box, GFP_KERNEL, 1);
	if (!first)
		return false;
	while (mmbox_alloc_pages_bulk(box, GFP_KERNEL, 1, &page)) {
		push(page);
		page = NULL;
	}
	mmbox_free_pages(first, 1);
	/* The list takes no pairs where it takes but one page. */
	first = mmbox_alloc_pages(box, GFP_KERNEL, 0);
	page = mmbox_alloc_pages(box, GFP_KERNEL, 0);
	mmbox_free_pages(first, 0);
	mmbox_free_pages(page, 0);
	page = mmbox_alloc_pages(box, gfp, 1);
	mmbox_free_pages(page, 1);
	free_taken();
	return page;
}

static const char *another_box(void)
{
	mmbox_destroy(box);
	expect(!create(CONFIG NO_MARKS));
	return NULL;
}

static const char *does_collect(const struct row *row)
{
	const char *verdict = another_box();

	expect(collects(row->gfp));
	return verdict;
}

static const char *does_not_collect(const struct row *row)
{
	const char *verdict = another_box();

	expect(!collects(row->gfp));
	return verdict;
}

static void give_one_back(struct work_struct *work)
{
	mmbox_free_pages(pop(), 0);
}

static const char *waits_but_not_for_ever(const struct row *row)
{
	static DECLARE_DELAYED_WORK(work, give_one_back);
	unsigned long left[NR_SIZES], before;
	struct page *page;

	take_all(__GFP_MEMALLOC, left);
	schedule_delayed_work(&work, msecs_to_jiffies(100));
	page = mmbox_alloc_pages(box, row->gfp, 0);
	flush_delayed_work(&work);
	expect(page);
	push(page);

	/* Nobody frees any: it gives up, not at once, and the machine lives. */
	before = jiffies;
	page = mmbox_alloc_pages(box, row->gfp, 1);
	expect(!page);
	expect(time_after_eq(jiffies, before + msecs_to_jiffies(500)));
	/* Larger blocks are not waited for. */
	before = jiffies;
	expect(!mmbox_alloc_pages(box, row->gfp, 2));
	expect(time_before(jiffies, before + msecs_to_jiffies(500)));
	free_taken();
	return NULL;
}

/* A task that frees memory for the host has the flag itself. */
static const char *by_task_flag(const struct row *row)
{
	unsigned int flags = current->flags & PF_MEMALLOC;
	unsigned long left[NR_SIZES], none[NR_SIZES];

	current->flags |= PF_MEMALLOC;
	take_all(GFP_KERNEL, none);
	free_taken();
	take_all(GFP_KERNEL | __GFP_NOMEMALLOC, left);
	current->flags &= ~PF_MEMALLOC | flags;
	free_taken();
	expect(!none[0] && !none[1] && !none[2]);
	expect(left[0] == share(0, AT_MIN) && left[2] == share(2, AT_MIN));
	return NULL;
}

static const struct row rows[] = {
	{ "GFP_KERNEL", GFP_KERNEL, AT_MIN, does_collect },
	{ "GFP_ATOMIC", GFP_ATOMIC, URGENT, does_not_collect },
	{ "GFP_NOWAIT", GFP_NOWAIT, AT_MIN, does_not_collect },
	{ "GFP_NOFS", GFP_NOFS, AT_MIN, does_collect },
	{ "GFP_NOIO", GFP_NOIO, AT_MIN, does_collect },
	{ "GFP_USER", GFP_USER, AT_MIN, does_collect },
	{ "GFP_HIGHUSER", GFP_HIGHUSER, AT_MIN, does_collect },
	{ "GFP_HIGHUSER_MOVABLE", GFP_HIGHUSER_MOVABLE, AT_MIN, does_collect },
	{ "GFP_DMA", GFP_KERNEL | GFP_DMA, AT_MIN, .nr_zones = 1 },
	{ "GFP_DMA32", GFP_KERNEL | GFP_DMA32, AT_MIN, .nr_zones = 2 },
	{ "__GFP_ZERO", GFP_KERNEL | __GFP_ZERO, AT_MIN, zeroed },
	{ "__GFP_NOWARN", GFP_KERNEL | __GFP_NOWARN, AT_MIN },
	{ "__GFP_NORETRY", GFP_KERNEL | __GFP_NORETRY, AT_MIN, does_not_collect },
	{ "__GFP_RETRY_MAYFAIL", GFP_KERNEL | __GFP_RETRY_MAYFAIL, AT_MIN,
	  does_collect },
	{ "__GFP_NOFAIL", GFP_KERNEL | __GFP_NOFAIL, NOTHING,
	  waits_but_not_for_ever },
	{ "__GFP_HIGH", GFP_KERNEL | __GFP_HIGH, AT_HALF },
	{ "__GFP_MEMALLOC", GFP_KERNEL | __GFP_MEMALLOC, NOTHING, by_task_flag },
	{ "__GFP_NOMEMALLOC", GFP_ATOMIC | __GFP_NOMEMALLOC, AT_HALF },
	{ "__GFP_RECLAIMABLE", GFP_KERNEL | __GFP_RECLAIMABLE, AT_MIN },
	{ "__GFP_MOVABLE", GFP_KERNEL | __GFP_MOVABLE, AT_MIN },
	{ "__GFP_THISNODE", GFP_KERNEL | __GFP_THISNODE, AT_MIN, of_this_node },
	{ "__GFP_COMP", GFP_KERNEL | __GFP_COMP, AT_MIN, not_compound },
};

static const char *show(const struct row *row)
{
	const char *verdict = take_sizes();
	unsigned long left[NR_SIZES];

	if (verdict)
		return verdict;
	if (hold) {
		held = mmbox_alloc_pages(box, row->gfp, 0);
		expect(held);
		return NULL;
	}
	take_all(row->gfp, left);
	free_taken();
	pr_info("%s leaves %lu, %lu and %lu pages\n", row->name, left[0],
		left[1], left[2]);
	expect(as_told(row, left));
	return row->more ? row->more(row) : NULL;
}

static int __init test_init(void)
{
	const char *verdict = "no such row";
	unsigned int i;
	int err;

	err = create(CONFIG MARKS);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(rows[i].name, run))
			verdict = show(&rows[i]);
	if (!verdict && held)
		return 0;
	free_taken();
	if (mmbox_destroy(box)) {
		mmbox_put(box);
		verdict = verdict ?: "the box is busy afterwards";
	}
	return test_verdict(run, verdict);
}

static void __exit test_exit(void)
{
	if (!held)
		return;
	mmbox_free_pages(held, 0);
	mmbox_destroy(box);
}

module_init(test_init);
module_exit(test_exit);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("Test of what gfp flags mean to mmbox");
MODULE_LICENSE("GPL");
