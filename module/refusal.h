/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_REFUSAL_H
#define MMBOX_REFUSAL_H

#include <linux/atomic.h>
#include <linux/gfp.h>

#include <mmbox.h>

#include "who.h"

struct mmbox;

/* How many of each kind a box remembers. */
#define MMBOX_NR_REFUSALS	64
#define MMBOX_NR_WRONG_FREES	32

/**
 * enum mmbox_refusal_reason - why a zone did not serve a request
 * @MMBOX_REFUSAL_ORDER: no block is ever of that order
 * @MMBOX_REFUSAL_GFP:	 the gfp mask keeps to lower zones
 * @MMBOX_REFUSAL_NODE:	 __GFP_THISNODE keeps to another node
 * @MMBOX_REFUSAL_BLOCK: no free block is large enough
 * @MMBOX_REFUSAL_MARK:	 one is, but the zone is at its watermark
 * @MMBOX_REFUSAL_RESERVE: it is above that, but keeps the rest for requests
 *			 that cannot use the zones above it
 * @MMBOX_REFUSAL_LATE:	 one is, but came free only afterwards
 * @MMBOX_NR_REFUSAL_REASONS: number of reasons
 */
enum mmbox_refusal_reason {
	MMBOX_REFUSAL_ORDER,
	MMBOX_REFUSAL_GFP,
	MMBOX_REFUSAL_NODE,
	MMBOX_REFUSAL_BLOCK,
	MMBOX_REFUSAL_MARK,
	MMBOX_REFUSAL_RESERVE,
	MMBOX_REFUSAL_LATE,
	MMBOX_NR_REFUSAL_REASONS,
};

/**
 * struct mmbox_refusal_zone - why one zone did not serve a request
 * @nid:     its node
 * @type:    which zone it is
 * @reason:  why it did not
 * @largest: the largest order of a free block, -1 if nothing is free
 * @index:   fragmentation index for the order, in thousandths
 * @free:    free pages
 * @pcp:     pages on CPUs' lists
 * @mark:    the mark that the request kept to
 * @reserve: pages kept from it beyond that
 */
struct mmbox_refusal_zone {
	int nid;
	enum mmbox_zone_type type;
	enum mmbox_refusal_reason reason;
	int largest;
	int index;
	unsigned long free;
	unsigned long pcp;
	unsigned long mark;
	unsigned long reserve;
};

/**
 * struct mmbox_refusal - an allocation that failed
 * @seq:   odd while it is being written, see refusal.c
 * @nr:    its number, counted from 1; 0 in a place never used
 * @who:   whose it was
 * @gfp:   what was asked for
 * @order: likewise
 * @urgency: which marks it kept to in the end
 * @nid:   the node it was asked on
 * @nr_zones: zones that the node's zonelist has; length of @zone
 * @zone:  each zone, in the order of the zonelist
 */
struct mmbox_refusal {
	atomic_t seq;
	u64 nr;
	struct mmbox_who who;
	gfp_t gfp;
	unsigned int order;
	unsigned int urgency;
	int nid;
	unsigned int nr_zones;
	struct mmbox_refusal_zone zone[];
};

/**
 * enum mmbox_wrong_free_reason - what is wrong with a free
 * @MMBOX_WRONG_FREE_TWICE:  the block is free already
 * @MMBOX_WRONG_FREE_ORDER:  it was allocated with another order
 * @MMBOX_WRONG_FREE_INSIDE: the page does not begin an allocated block
 * @MMBOX_WRONG_FREE_RESERVED: the page holds the box's descriptors
 * @MMBOX_WRONG_FREE_OBJECT:  the page holds objects of a cache, or is one
 * @MMBOX_WRONG_FREE_OTHER:  no box has the page
 * @MMBOX_WRONG_FREE_ADDR:   the address is not a page's
 * @MMBOX_NR_WRONG_FREE_REASONS: number of reasons
 */
enum mmbox_wrong_free_reason {
	MMBOX_WRONG_FREE_TWICE,
	MMBOX_WRONG_FREE_ORDER,
	MMBOX_WRONG_FREE_INSIDE,
	MMBOX_WRONG_FREE_RESERVED,
	MMBOX_WRONG_FREE_OBJECT,
	MMBOX_WRONG_FREE_OTHER,
	MMBOX_WRONG_FREE_ADDR,
	MMBOX_NR_WRONG_FREE_REASONS,
};

/**
 * struct mmbox_wrong_free - a free that was refused, once or often
 * @nr:	    its number, counted from 1; 0 in a place never used
 * @count:  how often
 * @pfn:    the page
 * @order:  the order it was to be freed with
 * @reason: what is wrong with that
 * @who:    who tried it last
 */
struct mmbox_wrong_free {
	u64 nr;
	unsigned long count;
	unsigned long pfn;
	unsigned int order;
	enum mmbox_wrong_free_reason reason;
	struct mmbox_who who;
};

extern const char *const mmbox_wrong_free_text[MMBOX_NR_WRONG_FREE_REASONS];

int mmbox_refusals_create(struct mmbox *box);
int mmbox_refusals_add_ring(struct mmbox *box);
void mmbox_refusals_destroy(struct mmbox *box);

void mmbox_refusal_record(struct mmbox *box, gfp_t gfp, unsigned int order,
			  unsigned int urgency, unsigned long caller);
u64 mmbox_refusal_first(struct mmbox *box, u64 nr);
struct mmbox_refusal *mmbox_refusal_copy(struct mmbox *box, u64 nr);
u64 mmbox_refusals_total(struct mmbox *box);
u64 mmbox_refusals_lost(struct mmbox *box);

void mmbox_wrong_free_record(struct mmbox *box, unsigned long pfn,
			     unsigned int order,
			     enum mmbox_wrong_free_reason reason,
			     unsigned long caller);
u64 mmbox_wrong_free_first(struct mmbox *box, u64 nr);
u64 mmbox_wrong_frees_total(struct mmbox *box);
bool mmbox_wrong_free_copy(struct mmbox *box, u64 nr,
			   struct mmbox_wrong_free *copy);

#endif /* MMBOX_REFUSAL_H */
