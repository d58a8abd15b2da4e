/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_WATERMARK_H
#define MMBOX_WATERMARK_H

#include <linux/types.h>

#include <mmbox.h>

#include "page.h"

/**
 * enum mmbox_wmark - the marks of a zone, as in the kernel
 * @MMBOX_WMARK_MIN:	what is below is for urgent requests
 * @MMBOX_WMARK_LOW:	a zone with less is passed over while others have more
 * @MMBOX_WMARK_HIGH:	where reclaim would end
 * @MMBOX_WMARK_PROMO:	shown as the kernel shows it, and not used
 * @MMBOX_NR_WMARKS:	number of marks
 */
enum mmbox_wmark {
	MMBOX_WMARK_MIN,
	MMBOX_WMARK_LOW,
	MMBOX_WMARK_HIGH,
	MMBOX_WMARK_PROMO,
	MMBOX_NR_WMARKS,
};

/*
 * How urgent a request is. Without any of these bits it keeps to the min mark.
 * The kernel's names: ALLOC_WMARK_LOW, ALLOC_MIN_RESERVE, ALLOC_NON_BLOCK,
 * ALLOC_NO_WATERMARKS.
 */
#define MMBOX_URGENT_NOT	0x1	/* keeps to the low mark */
#define MMBOX_URGENT_HIGH	0x2	/* half of the min mark */
#define MMBOX_URGENT_NO_WAIT	0x4	/* with HIGH: a quarter less than that */
#define MMBOX_URGENT_ALL	0x8	/* no mark and no reserve holds it */

/* Those who may use pageblocks kept for high-order requests. */
#define MMBOX_URGENT_RESERVES	(MMBOX_URGENT_HIGH | MMBOX_URGENT_NO_WAIT)

/**
 * struct mmbox_watermark - what a zone keeps back
 * @enough:  more free pages than that, and nobody needs to look closer
 * @mark:    the marks without boost, in pages
 * @boost:   how much low and high are raised by now
 * @reserve: for requests that may use zones up to each one, pages kept from
 *	     them because they have zones above this one
 */
struct mmbox_watermark {
	unsigned long enough;
	unsigned long mark[MMBOX_NR_WMARKS];
	unsigned long boost;
	unsigned long reserve[MMBOX_NR_ZONES];
};

/**
 * struct mmbox_watermark_input - what the marks of a zone follow from
 * @managed:	  the zone's pages
 * @lowmem:	  pages of all zones of the box but HighMem and Movable
 * @pages_min:	  min_free_kbytes, in pages
 * @scale_factor: distance of the marks, in ten-thousandths of @managed
 * @apart:	  HighMem or Movable, which @pages_min is not for
 */
struct mmbox_watermark_input {
	unsigned long managed;
	unsigned long lowmem;
	unsigned long pages_min;
	unsigned long scale_factor;
	bool apart;
};

unsigned long mmbox_min_free_default(unsigned long lowmem_kbytes);
void mmbox_watermark_init(struct mmbox_watermark *wm,
			  const struct mmbox_watermark_input *in,
			  const unsigned long *reserve);
void mmbox_lowmem_reserve(unsigned long *reserve, unsigned int zone,
			  const unsigned long *managed,
			  const unsigned long *ratio);
unsigned long mmbox_watermark_mark(const struct mmbox_watermark *wm,
				   unsigned int urgency);
unsigned long mmbox_watermark_limit(const struct mmbox_watermark *wm,
				    unsigned int urgency,
				    enum mmbox_zone_type highest);
unsigned long mmbox_watermark_room(unsigned long free, unsigned int order,
				   unsigned long limit);
void mmbox_watermark_raise(struct mmbox_watermark *wm, unsigned long managed,
			   unsigned long boost_factor);
void mmbox_watermark_settle(struct mmbox_watermark *wm, unsigned long free);

#endif /* MMBOX_WATERMARK_H */
