// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU page lists: in front of a zone's buddy each CPU keeps a few blocks of
 * the orders that are asked for often, and takes and gives them without a lock.
 *
 * An empty list is refilled from the buddy by a batch, a list above its high
 * mark gives a batch back. The mark adapts: a refill raises it, an overflow
 * lowers it. A CPU that allocates and frees in turns thus gets room for as much
 * as it turns over, one that only frees keeps little.
 *
 * The lists themselves are worked on by the inline functions in pcp.h; moving
 * blocks between them and the buddy, under the zone's lock, is the zone's part.
 */
#include <linux/minmax.h>

#include "pcp.h"

/* The orders that have a list: small ones, and that of a huge page. */
#define LOW_ORDERS	4
#define HUGE_ORDER	9

/* A refill takes the zone's lock once for this many pages at most. */
#define BATCH_PAGES	32

/*
 * The lists of one type hold at most this part of a zone, on all CPUs together:
 * one half of it in huge pages, the other in equal parts for the small orders.
 */
#define ZONE_SHARE	8

static unsigned long max_pages(unsigned int order, unsigned long managed,
			       unsigned int nr_cpus)
{
	unsigned long half = managed / ZONE_SHARE / nr_cpus / 2;

	if (order == HUGE_ORDER)
		return half;
	return order < LOW_ORDERS ? half / LOW_ORDERS : 0;
}

/**
 * mmbox_pcp_set_limits - how long the lists of a zone may get
 * @limits:  set; CPUs may be going by them
 * @managed: pages of the zone
 * @nr_cpus: CPUs that share it
 * @high:    the most pages that a list may hold, or 0
 *
 * A list that could not hold a block is left out.
 */
void mmbox_pcp_set_limits(struct mmbox_pcp_limits *limits,
			  unsigned long managed, unsigned int nr_cpus,
			  unsigned long high)
{
	unsigned int order;

	for (order = 0; order < MMBOX_NR_ORDERS; order++) {
		unsigned long pages = max_pages(order, managed, nr_cpus);
		unsigned int max, batch = 0;

		if (high)
			pages = min(pages, high);
		max = min(pages >> order, (unsigned long)INT_MAX);
		if (max)
			batch = clamp(BATCH_PAGES >> order, 1U, max / 2 ?: 1);
		WRITE_ONCE(limits->batch[order], batch);
		WRITE_ONCE(limits->high_min[order], min(2 * batch, max));
		WRITE_ONCE(limits->high_max[order], max);
	}
}

/**
 * mmbox_pcp_init - make the empty lists of one CPU
 * @pcp:    the lists, zeroed
 * @limits: of the zone
 */
void mmbox_pcp_init(struct mmbox_pcp *pcp,
		    const struct mmbox_pcp_limits *limits)
{
	unsigned int order;

	for (order = 0; order < MMBOX_NR_ORDERS; order++)
		pcp->list[order].high = limits->high_min[order];
}

/**
 * mmbox_pcp_refill - put a batch on a list that had run empty
 * @pcp:    the CPU's lists, locked
 * @limits: of the zone
 * @order:  which list
 * @chain:  the blocks, linked through mmbox_page.next, in state PCP
 */
void mmbox_pcp_refill(struct mmbox_pcp *pcp,
		      const struct mmbox_pcp_limits *limits,
		      unsigned int order, struct mmbox_page *chain)
{
	struct mmbox_pcp_list *list = &pcp->list[order];

	pcp->nr_refill[order]++;
	list->high = min(list->high + READ_ONCE(limits->batch[order]),
			 READ_ONCE(limits->high_max[order]));
	while (chain) {
		struct mmbox_page *page = chain;

		chain = page->next;
		mmbox_pcp_push(list, page);
	}
}

/**
 * mmbox_pcp_overflow - take a batch off a list that is full
 * @pcp:    the CPU's lists, locked
 * @limits: of the zone
 * @order:  which list
 *
 * Return: the blocks to give back, linked through mmbox_page.next; NULL where
 * the order has no list any more.
 */
struct mmbox_page *mmbox_pcp_overflow(struct mmbox_pcp *pcp,
				      const struct mmbox_pcp_limits *limits,
				      unsigned int order)
{
	struct mmbox_pcp_list *list = &pcp->list[order];
	unsigned int batch = READ_ONCE(limits->batch[order]);
	unsigned int low = READ_ONCE(limits->high_min[order]);
	struct mmbox_page *chain = list->head;
	struct mmbox_page **end = &list->head;
	unsigned int nr;

	if (!batch)
		return NULL;
	pcp->nr_drain[order]++;
	list->high = max(list->high, low + batch) - batch;

	for (nr = 0; nr < batch && *end; nr++)
		end = &(*end)->next;
	list->head = *end;
	*end = NULL;
	list->count -= nr;
	return nr ? chain : NULL;
}
