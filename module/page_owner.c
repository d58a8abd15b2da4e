// SPDX-License-Identifier: GPL-2.0
/* Blocks of pages in the ledger of a box. */
#include <linux/mm.h>

#include "internal.h"
#include "ledger.h"
#include "page_owner.h"

/**
 * mmbox_page_owner_set - note who has a block now
 * @box:    the box, which keeps a ledger
 * @pfn:    its first page
 * @order:  its order
 * @caller: address that the request came from
 *
 * Context: as mmbox_alloc_pages(); nobody can free it yet.
 */
void mmbox_page_owner_set(struct mmbox *box, unsigned long pfn,
			  unsigned int order, unsigned long caller)
{
	size_t bytes = PAGE_SIZE << order;

	if (!mmbox_ledger_add(READ_ONCE(box->ledger), mmbox_ledger_pages(pfn),
			      bytes, bytes, caller))
		mmbox_stat_inc(box->stat, MMBOX_EVENT_LEDGER_LOST);
}

/**
 * mmbox_page_owner_clear - note that nobody has a block any more
 * @box: the box, which keeps a ledger
 * @pfn: its first page
 *
 * Context: as mmbox_free_pages(); nobody can allocate it yet.
 */
void mmbox_page_owner_clear(struct mmbox *box, unsigned long pfn)
{
	mmbox_ledger_del(READ_ONCE(box->ledger), mmbox_ledger_pages(pfn));
}
