// SPDX-License-Identifier: GPL-2.0
/*
 * Pageblocks kept for those who need several pages in a row and cannot wait.
 *
 * Who cannot wait cannot have pages collected for it either. So when such a
 * request was served although free pages were short, the pageblock it was
 * served from is kept for the next ones: its type becomes HighAtomic, and other
 * requests pass it over. When they would fail otherwise, and may wait, they get
 * it back.
 */
#include <linux/mm.h>

#include "highatomic.h"
#include "internal.h"
#include "steal.h"

/*
 * A hundredth of the zone, in pageblocks; none if that is less than one:
 * reserve_highatomic_pageblock() of the kernel.
 */
static unsigned long max_blocks(const struct mmbox_zone *zone)
{
	unsigned long pages = zone->managed / 100;

	return pages < MMBOX_PAGEBLOCK_PAGES ? 0 :
	       DIV_ROUND_UP(pages, MMBOX_PAGEBLOCK_PAGES);
}

static void convert(struct mmbox_zone *zone, struct mmbox_page *page,
		    enum mmbox_migratetype to, unsigned long caller)
{
	const struct mmbox_steal steal = {
		.page = page,
		.order = mmbox_page_order(page),
		.from = mmbox_page_block(page)->type,
		.converted = true,
	};

	mmbox_buddy_convert(&zone->buddy, mmbox_page_map(page),
			    mmbox_page_index(page) / MMBOX_PAGEBLOCK_PAGES, to);
	mmbox_steal_note(zone, &steal, steal.order, to, caller);
}

/**
 * mmbox_highatomic_reserve - keep the pageblock of a request that cannot wait
 * @zone:   the zone
 * @page:   first page of the block that the request was served with
 * @caller: address that it came from
 *
 * Context: any in which a spinlock_t may be taken.
 */
void mmbox_highatomic_reserve(struct mmbox_zone *zone, struct mmbox_page *page,
			      unsigned long caller)
{
	const struct mmbox_free_lists *kept =
		&zone->buddy.lists[MMBOX_HIGHATOMIC];
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	if (kept->nr_block < max_blocks(zone) &&
	    mmbox_page_block(page)->type < MMBOX_NR_PCP_TYPES &&
	    mmbox_page_order(page) <= MMBOX_PAGEBLOCK_ORDER)
		convert(zone, page, MMBOX_HIGHATOMIC, caller);
	spin_unlock_irqrestore(&zone->lock, flags);
}

/**
 * mmbox_highatomic_release - let others have a pageblock that was kept
 * @zone:   the zone
 * @type:   what for
 * @caller: address that the request came from
 *
 * Context: any in which a spinlock_t may be taken.
 * Return: whether there was one with free pages.
 */
bool mmbox_highatomic_release(struct mmbox_zone *zone,
			      enum mmbox_migratetype type,
			      unsigned long caller)
{
	const struct mmbox_free_lists *kept =
		&zone->buddy.lists[MMBOX_HIGHATOMIC];
	struct mmbox_page *page = NULL;
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	if (kept->orders) {
		page = list_first_entry(&kept->area[__fls(kept->orders)].free_list,
					struct mmbox_page, lru);
		convert(zone, page, type, caller);
	}
	spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}
