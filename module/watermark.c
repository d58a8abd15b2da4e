// SPDX-License-Identifier: GPL-2.0
/*
 * Watermarks: how many free pages a zone keeps back, and from whom.
 *
 * The arithmetic alone. Its formulas are the kernel's, those of mm/page_alloc.c
 * named at each function; docs/design/watermarks.md tells them in words, and
 * where mmbox differs. Nothing here takes a lock or knows a zone, so that this
 * file builds in user space too, see selftests/unit.
 *
 * The marks are read without a lock: each is one word, and a reader that sees
 * one before and one after a change has seen two marks that were in force.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "watermark.h"

/* min_free_kbytes by default: at least, at most, and which part of a box. */
#define MIN_FREE_FLOOR	128UL
#define MIN_FREE_CEIL	262144UL
#define MIN_FREE_SHARE	16

/* Of HighMem and Movable as much as somebody may need in passing. */
#define APART_SHARE	1024
#define APART_FLOOR	32UL
#define APART_CEIL	128UL

/* watermark_scale_factor and watermark_boost_factor count in these. */
#define FACTOR_UNIT	10000

/* One block of the largest order, or a batch for a CPU's list. */
#define LARGEST_STEP	(1UL << MMBOX_MAX_ORDER)

/**
 * mmbox_min_free_default - min_free_kbytes where nobody has set it
 * @lowmem_kbytes: what all zones but HighMem and Movable have
 *
 * calculate_min_free_kbytes(): 4 * sqrt(kbytes), from 128 kB to 256 MB. That
 * lower end suits no box of a few hundred kB: it is never more than a sixteenth
 * of the box, which makes a difference below 4 MB.
 *
 * Return: kilobytes.
 */
unsigned long mmbox_min_free_default(unsigned long lowmem_kbytes)
{
	unsigned long kbytes = int_sqrt(lowmem_kbytes * 16);

	kbytes = clamp(kbytes, MIN_FREE_FLOOR, MIN_FREE_CEIL);
	return min(kbytes, lowmem_kbytes / MIN_FREE_SHARE);
}

/* Until a boost is over everybody looks closely, see mmbox_watermark_settle(). */
static void set_enough(struct mmbox_watermark *wm)
{
	unsigned long most = 0;
	unsigned int type;

	for (type = 0; type < MMBOX_NR_ZONES; type++)
		most = max(most, wm->reserve[type]);
	WRITE_ONCE(wm->enough, wm->boost ? ULONG_MAX :
		   wm->mark[MMBOX_WMARK_LOW] + most + LARGEST_STEP);
}

/**
 * mmbox_watermark_init - set a zone's marks
 * @wm:	     set; a boost ends
 * @in:	     what they follow from
 * @reserve: as mmbox_lowmem_reserve() has it
 *
 * __setup_per_zone_wmarks(): a zone has its share of min_free_kbytes as min
 * mark, HighMem and Movable a small amount of their own. From mark to mark it
 * is a quarter of that share, or more in large zones, by watermark_scale_factor.
 */
void mmbox_watermark_init(struct mmbox_watermark *wm,
			  const struct mmbox_watermark_input *in,
			  const unsigned long *reserve)
{
	unsigned long min = 0, step;
	unsigned int i;

	if (in->lowmem)
		min = div64_ul((u64)in->pages_min * in->managed, in->lowmem);
	step = max_t(unsigned long, min / 4,
		     div64_ul((u64)in->managed * in->scale_factor,
			      FACTOR_UNIT));
	if (in->apart)
		min = clamp(in->managed / APART_SHARE, APART_FLOOR, APART_CEIL);

	for (i = 0; i < MMBOX_NR_WMARKS; i++)
		WRITE_ONCE(wm->mark[i], min + i * step);
	for (i = 0; i < MMBOX_NR_ZONES; i++)
		WRITE_ONCE(wm->reserve[i], reserve[i]);
	WRITE_ONCE(wm->boost, 0);
	set_enough(wm);
}

/**
 * mmbox_lowmem_reserve - what a zone keeps from requests that have others
 * @reserve: set, for requests that may use zones up to each one
 * @zone:    the zone
 * @managed: pages of each zone of the node
 * @ratio:   lowmem_reserve_ratio: for each zone which part of the pages above
 *	     it, as a divisor; 0 for nothing
 *
 * setup_per_zone_lowmem_reserve().
 */
void mmbox_lowmem_reserve(unsigned long *reserve, unsigned int zone,
			  const unsigned long *managed,
			  const unsigned long *ratio)
{
	unsigned long above = 0;
	unsigned int type;

	for (type = 0; type < MMBOX_NR_ZONES; type++) {
		if (type > zone)
			above += managed[type];
		reserve[type] = ratio[zone] && managed[zone] ?
				above / ratio[zone] : 0;
	}
}

/**
 * mmbox_watermark_mark - the mark that a request keeps to
 * @wm:	     the zone's marks
 * @urgency: MMBOX_URGENT_* bits
 *
 * __zone_watermark_ok(), but for the boost, which counts for low only.
 *
 * Return: pages.
 */
unsigned long mmbox_watermark_mark(const struct mmbox_watermark *wm,
				   unsigned int urgency)
{
	unsigned long min = READ_ONCE(wm->mark[MMBOX_WMARK_MIN]);

	if (urgency & MMBOX_URGENT_ALL)
		return 0;
	if (urgency & MMBOX_URGENT_NOT)
		return READ_ONCE(wm->mark[MMBOX_WMARK_LOW]) +
		       READ_ONCE(wm->boost);
	if (urgency & MMBOX_URGENT_HIGH) {
		min -= min / 2;
		if (urgency & MMBOX_URGENT_NO_WAIT)
			min -= min / 4;
	}
	return min;
}

/**
 * mmbox_watermark_limit - what a request must leave in a zone
 * @wm:	     the zone's marks
 * @urgency: MMBOX_URGENT_* bits
 * @highest: the highest zone that the request may use
 *
 * Return: pages: the mark and the reserve.
 */
unsigned long mmbox_watermark_limit(const struct mmbox_watermark *wm,
				    unsigned int urgency,
				    enum mmbox_zone_type highest)
{
	if (urgency & MMBOX_URGENT_ALL)
		return 0;
	return mmbox_watermark_mark(wm, urgency) +
	       READ_ONCE(wm->reserve[highest]);
}

/**
 * mmbox_watermark_room - how many blocks may be taken
 * @free:  free pages, without those that the request may not use
 * @order: order of the blocks
 * @limit: what must be left
 *
 * __zone_watermark_ok(): for each block the zone has to have more free pages
 * than @limit, all pages of the block but one not counted.
 *
 * Return: blocks, taken one after the other; 0 if not even one.
 */
unsigned long mmbox_watermark_room(unsigned long free, unsigned int order,
				   unsigned long limit)
{
	unsigned long block = 1UL << order;

	if (free < block || free - block < limit)
		return 0;
	return 1 + ((free - block - limit) >> order);
}

/**
 * mmbox_watermark_raise - raise low and high: the zone is being fragmented
 * @wm:		  the zone's marks
 * @managed:	  the zone's pages
 * @boost_factor: how far at most, in ten-thousandths of the high mark; 0 for
 *		  not at all
 *
 * boost_watermark(): by a pageblock each time. A zone of less than four
 * pageblocks is left alone.
 *
 * Context: the caller holds the zone's lock.
 */
void mmbox_watermark_raise(struct mmbox_watermark *wm, unsigned long managed,
			   unsigned long boost_factor)
{
	u64 most = div64_ul((u64)wm->mark[MMBOX_WMARK_HIGH] * boost_factor,
			    FACTOR_UNIT);

	if (!most || managed < 4 * MMBOX_PAGEBLOCK_PAGES)
		return;
	most = max_t(u64, most, MMBOX_PAGEBLOCK_PAGES);
	WRITE_ONCE(wm->boost, min_t(u64, wm->boost + MMBOX_PAGEBLOCK_PAGES,
				    most));
	set_enough(wm);
}

/**
 * mmbox_watermark_settle - end a boost when free pages are plenty again
 * @wm:	  the zone's marks
 * @free: its free pages
 *
 * The kernel's kswapd reclaims up to the raised high mark, and then ends the
 * boost. A box has nobody who reclaims: frees bring it there.
 *
 * Context: the caller holds the zone's lock.
 */
void mmbox_watermark_settle(struct mmbox_watermark *wm, unsigned long free)
{
	if (free <= wm->mark[MMBOX_WMARK_HIGH] + wm->boost)
		return;
	WRITE_ONCE(wm->boost, 0);
	set_enough(wm);
}
