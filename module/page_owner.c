// SPDX-License-Identifier: GPL-2.0
/* Blocks of pages in the ledger of a box, with who has them. */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/stacktrace.h>
#include <linux/string.h>

#include "compat.h"
#include "internal.h"
#include "ledger.h"
#include "page_owner.h"

/* More of a stack tells little. */
#define MAX_FRAMES	16

/* The two innermost frames are our own. */
#define OWN_FRAMES	2

static noinline void note_owner(struct mmbox_owner *owner, gfp_t gfp,
				unsigned int order)
{
	unsigned long frames[MAX_FRAMES];
	unsigned int nr = stack_trace_save(frames, MAX_FRAMES, OWN_FRAMES);

	owner->time = local_clock();
	owner->gfp = gfp;
	owner->order = order;
	owner->stack = mmbox_stack_save(frames, nr);
	owner->pid = current->pid;
	owner->tgid = current->tgid;
	/* Without its lock, which is not for interrupts: at worst half a name. */
	strscpy_pad(owner->comm, current->comm, sizeof(owner->comm));
}

/**
 * mmbox_page_owner_set - note who has a block now
 * @box:    the box, which keeps a ledger
 * @pfn:    its first page
 * @order:  its order
 * @gfp:    what was asked for
 * @caller: address that the request came from
 *
 * Context: as mmbox_alloc_pages(); nobody can free it yet.
 */
void mmbox_page_owner_set(struct mmbox *box, unsigned long pfn,
			  unsigned int order, gfp_t gfp, unsigned long caller)
{
	bool with_owner = READ_ONCE(box->accounts) & MMBOX_LEDGER_OWNERS;
	size_t bytes = PAGE_SIZE << order;
	struct mmbox_owner owner;

	if (with_owner)
		note_owner(&owner, gfp, order);
	if (!mmbox_ledger_add(READ_ONCE(box->ledger), mmbox_ledger_pages(pfn),
			      bytes, bytes, caller,
			      with_owner ? &owner : NULL))
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
