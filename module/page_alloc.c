// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations from the CPU's own lists, and frees back to where the page came
 * from.
 *
 * Blocks of the orders that CPUs keep at hand come from and go to the CPU's own
 * list. The rest, and what the lists need, goes through a zone's buddy under
 * its lock: what is to be allocated so is up to alloc_slow.c.
 */
#include <linux/mm.h>
#include <linux/ratelimit.h>
#include <linux/topology.h>

#include "alloc_slow.h"
#include "internal.h"
#include "page_owner.h"
#include "refusal.h"
#include "section.h"
#include "trace.h"

/*
 * Where a refused request came from; @caller is 0 in a function that is called
 * from there itself. That is looked up where it is needed, and not beforehand.
 */
#define caller_or_mine(caller)	((caller) ?: _RET_IP_)

static __always_inline struct page *do_alloc(struct mmbox *box, gfp_t gfp,
					     unsigned int order,
					     unsigned long caller)
{
	struct mmbox_pcp __percpu *pcp;
	struct mmbox_page *page = NULL;

	if (likely(order <= MMBOX_MAX_ORDER &&
		   !(gfp & (__GFP_ZERO | __GFP_THISNODE)))) {
		preempt_disable();
		pcp = box->node[numa_mem_id()]->first[mmbox_gfp_index(gfp)];
		if (likely(pcp))
			page = mmbox_pcp_alloc(pcp, order);
		preempt_enable();
	}
	if (unlikely(!page))
		return mmbox_alloc_slow(box, gfp, order, MMBOX_PATH_PCP,
				  caller_or_mine(caller));
	return mmbox_page_host(page);
}

/*
 * While it is traced, an allocation goes this way, and so does a free below:
 * a tracepoint within the fast path would make it save registers for a call
 * that is not made.
 */
static noinline struct page *alloc_traced(struct mmbox *box, gfp_t gfp,
					  unsigned int order,
					  unsigned long caller)
{
	struct page *page = do_alloc(box, gfp, order, caller);

	trace_mm_page_alloc(page, order, gfp, mmbox_gfp_type(gfp),
			    box->name);
	return page;
}

static __always_inline struct page *alloc_or_trace(struct mmbox *box, gfp_t gfp,
						   unsigned int order)
{
	if (trace_mm_page_alloc_enabled())
		return alloc_traced(box, gfp, order, _RET_IP_);
	return do_alloc(box, gfp, order, 0);
}

/**
 * mmbox_alloc_pages_for - allocate a block on behalf of somebody
 * @box:    the box
 * @gfp:    as for mmbox_alloc_pages()
 * @order:  likewise
 * @caller: address that the request came from
 *
 * Context: as mmbox_alloc_pages().
 * Return: likewise.
 */
struct page *mmbox_alloc_pages_for(struct mmbox *box, gfp_t gfp,
				   unsigned int order, unsigned long caller)
{
	if (trace_mm_page_alloc_enabled())
		return alloc_traced(box, gfp, order, caller);
	return do_alloc(box, gfp, order, caller);
}

/**
 * mmbox_alloc_pages - allocate a block of contiguous pages from a box
 * @box:   the box
 * @gfp:   __GFP_DMA, __GFP_DMA32, __GFP_HIGHMEM and __GFP_MOVABLE choose the
 *	   highest zone to take pages from, __GFP_MOVABLE and __GFP_RECLAIMABLE
 *	   the migrate type; __GFP_THISNODE keeps to the local node; __GFP_ZERO
 *	   clears the pages. With __GFP_DIRECT_RECLAIM, as in
 *	   GFP_KERNEL, an allocation that would fail first collects what other
 *	   CPUs keep at hand, and may sleep. docs/design/gfp.md has all bits;
 *	   with __GFP_NOFAIL, too, an allocation may fail.
 * @order: the block has 2^@order pages, at most MMBOX_MAX_ORDER
 *
 * The pages are the host's and have a reference count of 1 each; they are not
 * a compound page.
 *
 * Context: without __GFP_DIRECT_RECLAIM any in which a spinlock_t may be
 * taken: process, softirq and hardirq, but not hardirq on PREEMPT_RT.
 * Return: first page of the block, or NULL if no zone has one.
 */
struct page *mmbox_alloc_pages(struct mmbox *box, gfp_t gfp,
			       unsigned int order)
{
	return alloc_or_trace(box, gfp, order);
}
EXPORT_SYMBOL_GPL(mmbox_alloc_pages);

/**
 * mmbox_alloc_block - allocate a block straight from a buddy
 * @box:   the box
 * @gfp:   as for mmbox_alloc_pages()
 * @order: likewise
 *
 * For callers to whom the CPUs' lists are of no use, and who want what they do
 * to show in the free lists at once.
 *
 * Context: as mmbox_alloc_pages().
 * Return: likewise.
 */
struct page *mmbox_alloc_block(struct mmbox *box, gfp_t gfp,
			       unsigned int order)
{
	struct page *page;

	page = mmbox_alloc_slow(box, gfp, order, MMBOX_PATH_DIRECT, _RET_IP_);
	trace_mm_page_alloc(page, order, gfp, mmbox_gfp_type(gfp),
			    box->name);
	return page;
}

/* Nothing but a look at the descriptor: what the caller did wrong. */
static enum mmbox_wrong_free_reason what_is_wrong(const struct mmbox_page *page)
{
	switch (mmbox_page_state(page)) {
	case MMBOX_PAGE_FREE:
	case MMBOX_PAGE_PCP:
		return MMBOX_WRONG_FREE_TWICE;
	case MMBOX_PAGE_ALLOC:
		return MMBOX_WRONG_FREE_ORDER;
	case MMBOX_PAGE_RESERVED:
		return MMBOX_WRONG_FREE_RESERVED;
	case MMBOX_PAGE_SLAB:
	case MMBOX_PAGE_LARGE:
		return MMBOX_WRONG_FREE_OBJECT;
	default:
		return MMBOX_WRONG_FREE_INSIDE;
	}
}

static noinline void report_refusal(const char *box_name, unsigned long pfn,
				    unsigned int order,
				    enum mmbox_wrong_free_reason why)
{
	static DEFINE_RATELIMIT_STATE(limit, DEFAULT_RATELIMIT_INTERVAL,
				      DEFAULT_RATELIMIT_BURST);

	if (!__ratelimit(&limit))
		return;
	pr_err("%s: free of pfn %#lx order %u refused: %s\n", box_name, pfn,
	       order, mmbox_wrong_free_text[why]);
	dump_stack();
}

/*
 * Claims the block that @host begins, in whichever section has it. If there is
 * none, the free is wrong: it is refused and reported.
 */
static struct mmbox_page *claim_or_refuse(struct page *host,
					  unsigned int order,
					  unsigned long caller)
{
	enum mmbox_wrong_free_reason why = MMBOX_WRONG_FREE_OTHER;
	unsigned long pfn = page_to_pfn(host);
	char box_name[MMBOX_NAME_LEN] = "no box";
	struct mmbox_section *section;
	struct mmbox_page *page;

	/*
	 * Once a block is claimed its section cannot go away. Else, section and
	 * box are there only until preemption is on again.
	 */
	preempt_disable();
	section = mmbox_section_find(pfn);
	if (section) {
		struct mmbox *box = section->zone->box;

		page = mmbox_section_page(section, pfn);
		if (order <= MMBOX_MAX_ORDER &&
		    mmbox_page_claim(page, mmbox_page_index(page), order)) {
			preempt_enable();
			return page;
		}
		why = what_is_wrong(page);
		strscpy(box_name, box->name, sizeof(box_name));
		mmbox_stat_inc(box->stat, MMBOX_EVENT_FREE_REFUSED);
		mmbox_wrong_free_record(box, pfn, order, why, caller);
	}
	preempt_enable();

	report_refusal(box_name, pfn, order, why);
	return NULL;
}

/*
 * Puts a claimed block on this CPU's list, after a full list has spilled a
 * batch, or gives it to the buddy; cleared, if all frees are to clear.
 */
static noinline void put_back(struct mmbox_page *page, unsigned int order,
			      enum mmbox_alloc_path path)
{
	struct mmbox_zone *zone = mmbox_page_section(page)->zone;
	struct mmbox_pcp __percpu *pcps;
	struct mmbox_page *spill = NULL;
	struct mmbox_pcp *pcp;
	bool listed = false;

	if (unlikely(READ_ONCE(zone->box->accounts)))
		mmbox_page_owner_clear(zone->box,
				       page_to_pfn(mmbox_page_host(page)));
	if (READ_ONCE(zone->box->settings.init_on_free))
		mmbox_clear_block(mmbox_page_host(page), order);
	/* Its pageblock may point to none, so that all come this way. */
	pcps = zone->buddy.pcp[READ_ONCE(mmbox_page_block(page)->type)];
	if (path == MMBOX_PATH_PCP && pcps &&
	    READ_ONCE(zone->pcp_limits.batch[order])) {
		preempt_disable();
		pcp = mmbox_pcp_trylock(pcps);
		if (pcp) {
			if (pcp->list[order].count >= pcp->list[order].high)
				spill = mmbox_pcp_overflow(pcp,
							   &zone->pcp_limits,
							   order);
			mmbox_pcp_unlock(pcp);
			listed = mmbox_pcp_free(pcps, page, order);
		}
		preempt_enable();
		if (trace_mm_page_pcpu_drain_enabled())
			mmbox_zone_trace_drain(zone, spill);
	}
	/* A block on a list may have a new owner already: hands off. */
	if (!listed) {
		mmbox_stat_add(zone->box->stat, MMBOX_EVENT_PGFREE,
			       1UL << order);
		page->next = spill;
		spill = page;
	}
	mmbox_zone_free_chain(zone, spill);
}

static noinline void free_slow(struct page *host, unsigned int order,
			       enum mmbox_alloc_path path, unsigned long caller)
{
	struct mmbox_page *page = claim_or_refuse(host, order, caller);

	if (page)
		put_back(page, order, path);
}

/* The CPUs' lists that frees of a page go to, or NULL. */
static __always_inline struct mmbox_pcp __percpu *
lists_of(struct mmbox_section *section, unsigned int index)
{
	return READ_ONCE(mmbox_map_block(&section->map, index)->pcp);
}

/*
 * The free that needs nobody else: the block is claimed and goes on this CPU's
 * list. Context: preemption off. Returns what is left to do: nothing, with
 * @page NULL; @page to be given to the buddy; or, if false, all of it.
 */
static __always_inline bool free_fast(struct page *host, unsigned int order,
				      struct mmbox_page **page)
{
	unsigned long pfn = page_to_pfn(host);
	unsigned int index = pfn & (MMBOX_SECTION_PAGES - 1);
	struct mmbox_section *section = mmbox_section_newest(pfn);
	struct mmbox_pcp __percpu *pcp;

	if (unlikely(!section || order > MMBOX_MAX_ORDER ||
		     !mmbox_page_claim(&section->map.page[index], index, order)))
		return false;
	pcp = lists_of(section, index);
	if (likely(pcp && mmbox_pcp_free(pcp, &section->map.page[index], order)))
		*page = NULL;
	else
		*page = &section->map.page[index];
	return true;
}

static __always_inline void do_free(struct page *page, unsigned int order,
				    unsigned long caller)
{
	struct mmbox_page *left;
	bool claimed;

	preempt_disable();
	claimed = free_fast(page, order, &left);
	preempt_enable();
	if (unlikely(!claimed))
		free_slow(page, order, MMBOX_PATH_PCP, caller_or_mine(caller));
	else if (unlikely(left))
		put_back(left, order, MMBOX_PATH_PCP);
}

/* Traces a free that is about to succeed: afterwards the page is another's. */
static noinline void trace_free(struct page *host, unsigned int order)
{
	unsigned long pfn = page_to_pfn(host);
	struct mmbox_section *section;

	preempt_disable();
	section = mmbox_section_find(pfn);
	if (section && order <= MMBOX_MAX_ORDER &&
	    mmbox_page_is(mmbox_section_page(section, pfn), MMBOX_PAGE_ALLOC,
			  order))
		trace_mm_page_free(host, order, section->zone->box->name);
	preempt_enable();
}

static noinline void free_traced(struct page *page, unsigned int order,
				 unsigned long caller)
{
	trace_free(page, order);
	do_free(page, order, caller);
}

static __always_inline void free_or_trace(struct page *page, unsigned int order)
{
	if (unlikely(!page))
		return;
	if (trace_mm_page_free_enabled())
		free_traced(page, order, _RET_IP_);
	else
		do_free(page, order, 0);
}

/**
 * mmbox_free_pages - give a block back to the box it came from
 * @page:  first page of the block, as mmbox_alloc_pages() returned it; NULL
 *	   does nothing
 * @order: its order
 *
 * Unlike __free_pages() this does not drop a reference: the block has a new
 * owner soon, so the caller must hold the only reference to its pages.
 *
 * A wrong free changes nothing: it is refused, counted and reported.
 *
 * Context: as mmbox_alloc_pages() without __GFP_DIRECT_RECLAIM.
 */
void mmbox_free_pages(struct page *page, unsigned int order)
{
	free_or_trace(page, order);
}
EXPORT_SYMBOL_GPL(mmbox_free_pages);

/**
 * mmbox_free_block - give a block straight back to its buddy
 * @page:  as for mmbox_free_pages()
 * @order: likewise
 *
 * Context: as mmbox_free_pages().
 */
void mmbox_free_block(struct page *page, unsigned int order)
{
	if (trace_mm_page_free_enabled())
		trace_free(page, order);
	free_slow(page, order, MMBOX_PATH_DIRECT, _RET_IP_);
}

/*
 * Takes pages off this CPU's list for the first empty places in an array; with
 * @fresh, nothing is in it yet. The list is written when that is done: whoever
 * interrupts stays away from it.
 */
static __always_inline unsigned long bulk_fast(struct mmbox *box, gfp_t gfp,
					       unsigned long nr,
					       struct page **pages, bool fresh)
{
	struct mmbox_pcp __percpu *pcps;
	struct mmbox_pcp *pcp = NULL;
	unsigned long i = 0;

	preempt_disable();
	pcps = box->node[numa_mem_id()]->first[mmbox_gfp_index(gfp)];
	if (likely(pcps))
		pcp = mmbox_pcp_trylock(pcps);
	if (likely(pcp)) {
		struct mmbox_page *page = pcp->list[0].head, *next;
		unsigned int taken = 0;

		for (; i < nr; i++) {
			if (!fresh && unlikely(pages[i]))
				continue;
			if (unlikely(!page))
				break;
			next = page->next;
			pages[i] = mmbox_page_host(page);
			mmbox_page_unclaim(page);
			page = next;
			taken++;
		}
		mmbox_pcp_popped(&pcp->list[0], page, taken);
		mmbox_pcp_unlock(pcp);
	}
	preempt_enable();
	return i;
}

/* Between two looks at whether somebody else wants the CPU. */
#define BULK_CHUNK	64UL

static noinline unsigned long bulk_traced(struct mmbox *box, gfp_t gfp,
					  unsigned long nr, struct page **pages,
					  unsigned long caller)
{
	unsigned long i;

	for (i = 0; i < nr; i++) {
		if (!pages[i])
			pages[i] = alloc_traced(box, gfp, 0, caller);
		if (!pages[i])
			break;
	}
	return i;
}

static __always_inline unsigned long
alloc_bulk(struct mmbox *box, gfp_t gfp, unsigned long nr, struct page **pages,
	   bool fresh, unsigned long caller)
{
	bool fast = !(gfp & (__GFP_ZERO | __GFP_THISNODE));
	unsigned long i = 0;

	while (i < nr) {
		if (likely(fast)) {
			i += bulk_fast(box, gfp, min(nr - i, BULK_CHUNK),
				       pages + i, fresh);
			if (i == nr)
				break;
		}
		if (fresh || !pages[i])	/* this refills the list, too */
			pages[i] = mmbox_alloc_slow(box, gfp, 0, MMBOX_PATH_PCP,
						    caller);
		if (!pages[i])
			break;
		i++;
	}
	return i;
}

/**
 * mmbox_alloc_pages_bulk - allocate many single pages
 * @box:   the box
 * @gfp:   as for mmbox_alloc_pages()
 * @nr:    length of @pages
 * @pages: array of pages; places that are NULL are filled, others are left
 *
 * Context: as mmbox_alloc_pages().
 * Return: how many places from the start of @pages have a page now; less than
 * @nr if the box ran out of pages.
 */
unsigned long mmbox_alloc_pages_bulk(struct mmbox *box, gfp_t gfp,
				     unsigned long nr, struct page **pages)
{
	if (trace_mm_page_alloc_enabled())
		return bulk_traced(box, gfp, nr, pages, _RET_IP_);
	return alloc_bulk(box, gfp, nr, pages, false, _RET_IP_);
}
EXPORT_SYMBOL_GPL(mmbox_alloc_pages_bulk);

/**
 * mmbox_alloc_pages_fresh - allocate many single pages into an empty array
 * @box:    the box
 * @gfp:    as for mmbox_alloc_pages()
 * @nr:	    length of @pages
 * @pages:  array of pages; what is in it does not matter
 * @caller: address that the request came from
 *
 * Context: as mmbox_alloc_pages().
 * Return: how many places from the start of @pages have a page now.
 */
unsigned long mmbox_alloc_pages_fresh(struct mmbox *box, gfp_t gfp,
				      unsigned long nr, struct page **pages,
				      unsigned long caller)
{
	if (trace_mm_page_alloc_enabled()) {
		memset(pages, 0, nr * sizeof(*pages));
		return bulk_traced(box, gfp, nr, pages, caller);
	}
	return alloc_bulk(box, gfp, nr, pages, true, caller);
}

/*
 * Frees the pages at the start of an array for as long as they are of one
 * section and go to the same list of this CPU, and that has room: the index is
 * asked, and the list taken, once for all of them. Whoever interrupts meanwhile
 * does without the list.
 *
 * Context: preemption off, which keeps section and zone even while nothing of
 * theirs is claimed; the first place is not empty.
 * Returns how many places are done with. None: the first page takes free_slow().
 */
static __always_inline unsigned long free_run(struct page **pages,
					      unsigned long nr)
{
	unsigned long i, index, block, pfn = page_to_pfn(pages[0]);
	struct mmbox_pcp __percpu *pcps = NULL;
	struct mmbox_page *head, *page;
	struct mmbox_section *section;
	struct mmbox_pcp *pcp;
	unsigned int put = 0;

	section = mmbox_section_newest(pfn);
	if (unlikely(!section))
		return 0;
	block = (pfn - section->start_pfn) >> MMBOX_PAGEBLOCK_ORDER;
	pcps = lists_of(section, pfn - section->start_pfn);
	pcp = pcps ? mmbox_pcp_trylock(pcps) : NULL;
	if (unlikely(!pcp))
		return 0;
	head = pcp->list[0].head;
	nr = min_t(unsigned long, nr, mmbox_pcp_room(&pcp->list[0]));
	for (i = 0; i < nr; i++) {
		if (unlikely(!pages[i]))
			continue;
		index = page_to_pfn(pages[i]) - section->start_pfn;
		if (unlikely(index >= MMBOX_SECTION_PAGES ||
			     (index >> MMBOX_PAGEBLOCK_ORDER != block &&
			      lists_of(section, index) != pcps)))
			break;
		page = &section->map.page[index];
		if (unlikely(!mmbox_page_claim(page, index, 0)))
			break;
		page->next = head;
		head = page;
		put++;
	}
	mmbox_pcp_pushed(&pcp->list[0], head, put);
	mmbox_pcp_unlock(pcp);
	return i;
}

static noinline void free_bulk_traced(unsigned long nr, struct page **pages,
				      unsigned long caller)
{
	unsigned long i;

	for (i = 0; i < nr; i++)
		if (pages[i])
			free_traced(pages[i], 0, caller);
}

/**
 * mmbox_free_pages_bulk - give many single pages back
 * @nr:    length of @pages
 * @pages: the pages, of any boxes; places that are NULL are left out
 *
 * Context: as mmbox_free_pages().
 */
void mmbox_free_pages_bulk(unsigned long nr, struct page **pages)
{
	unsigned long i = 0;

	if (trace_mm_page_free_enabled()) {
		free_bulk_traced(nr, pages, _RET_IP_);
		return;
	}
	while (i < nr) {
		unsigned long done;

		if (unlikely(!pages[i])) {
			i++;
			continue;
		}
		preempt_disable();
		done = free_run(pages + i, min(nr - i, BULK_CHUNK));
		preempt_enable();
		i += done;
		if (unlikely(!done))	/* this makes room on the list, too */
			free_slow(pages[i++], 0, MMBOX_PATH_PCP, _RET_IP_);
	}
}
EXPORT_SYMBOL_GPL(mmbox_free_pages_bulk);

/**
 * mmbox_get_free_pages - allocate a block and tell its kernel address
 * @box:   the box
 * @gfp:   as for mmbox_alloc_pages(), but not __GFP_HIGHMEM
 * @order: likewise
 *
 * Context: as mmbox_alloc_pages().
 * Return: address of the first page, or 0.
 */
unsigned long mmbox_get_free_pages(struct mmbox *box, gfp_t gfp,
				   unsigned int order)
{
	struct page *page;

	page = alloc_or_trace(box, gfp & ~__GFP_HIGHMEM, order);
	return page ? (unsigned long)page_address(page) : 0;
}
EXPORT_SYMBOL_GPL(mmbox_get_free_pages);

/**
 * mmbox_get_zeroed_page - allocate a cleared page and tell its kernel address
 * @box: the box
 * @gfp: as for mmbox_get_free_pages()
 *
 * Context: as mmbox_alloc_pages().
 * Return: address of the page, or 0.
 */
unsigned long mmbox_get_zeroed_page(struct mmbox *box, gfp_t gfp)
{
	struct page *page;

	gfp = (gfp | __GFP_ZERO) & ~__GFP_HIGHMEM;
	page = alloc_or_trace(box, gfp, 0);
	return page ? (unsigned long)page_address(page) : 0;
}
EXPORT_SYMBOL_GPL(mmbox_get_zeroed_page);

/**
 * mmbox_free_pages_addr - give a block back by its kernel address
 * @addr:  address of its first page, or 0, which does nothing
 * @order: its order
 *
 * An address that is not in the kernel's direct mapping is refused and
 * reported like any wrong free.
 *
 * Context: as mmbox_free_pages().
 */
void mmbox_free_pages_addr(unsigned long addr, unsigned int order)
{
	if (!addr)
		return;
	if (virt_addr_valid((void *)addr) && PAGE_ALIGNED(addr))
		free_or_trace(virt_to_page((void *)addr), order);
	else
		report_refusal("no box", 0, order, MMBOX_WRONG_FREE_ADDR);
}
EXPORT_SYMBOL_GPL(mmbox_free_pages_addr);
