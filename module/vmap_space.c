// SPDX-License-Identifier: GPL-2.0
/*
 * The address space of a box: areas taken and given back.
 *
 * A box has a window, made when it is first needed. Small areas, most of all,
 * are cut off a chunk, see vmap_chunk.c. What is larger, or aligned, or finds
 * no chunk, is searched for in the tree of free stretches.
 *
 * An area that is given back is empty, but a CPU may still remember what was
 * mapped there. So it is lazy: nobody gets its addresses before a purge, see
 * vmap_purge.c. Small areas wait for this with their chunk: it can be purged when
 * nothing more is cut off it and all its areas are back.
 *
 * Without a window (see pgtable.c) the host gives out the addresses. They are
 * entered into the same tree, so that all else is the same.
 *
 * An address alone must lead to its box. All address spaces are in a list: it is
 * read with preemption off, and who leaves it waits for that. An area that is
 * live keeps its box, and so does one that is claimed and not yet released.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "internal.h"
#include "section.h"
#include "vmap_chunk.h"
#include "vmap_purge.h"

#define DEFAULT_WINDOW	(IS_ENABLED(CONFIG_64BIT) ? SZ_256M : SZ_16M)

const char *const mmbox_placement_name[MMBOX_NR_PLACEMENTS] = {
	[MMBOX_PLACE_FIRST]  = "first",
	[MMBOX_PLACE_BEST]   = "best",
	[MMBOX_PLACE_RANDOM] = "random",
};

LIST_HEAD(mmbox_vmaps);
static DEFINE_MUTEX(vmaps_lock);

/*
 * The window
 */

/**
 * mmbox_spare_free - free descriptors of areas
 * @vmap: address space
 * @keep: how many to leave
 *
 * Context: any.
 */
void mmbox_spare_free(struct mmbox_vmap *vmap, unsigned int keep)
{
	struct mmbox_va *va = NULL;
	unsigned long flags;

	do {
		raw_spin_lock_irqsave(&vmap->lock, flags);
		va = vmap->space.nr_spare > keep ?
		     mmbox_va_take_spare(&vmap->space) : NULL;
		raw_spin_unlock_irqrestore(&vmap->lock, flags);
		if (va)
			kfree(mmbox_area_of(va));
	} while (va);
}

/**
 * mmbox_spare_provide - have descriptors that the next step in the tree may need
 * @vmap: address space
 * @gfp:  without __GFP_DIRECT_RECLAIM nothing is waited for
 *
 * Context: as @gfp says.
 * Return: whether there are enough.
 */
bool mmbox_spare_provide(struct mmbox_vmap *vmap, gfp_t gfp)
{
	struct mmbox_area *area;
	unsigned long flags;
	bool enough;

	gfp &= __GFP_RECLAIM | __GFP_NOWARN | __GFP_HIGH;
	for (;;) {
		raw_spin_lock_irqsave(&vmap->lock, flags);
		enough = vmap->space.nr_spare >= MMBOX_VA_SPARE;
		raw_spin_unlock_irqrestore(&vmap->lock, flags);
		if (enough)
			return true;
		area = kmalloc(sizeof(*area), gfp);
		if (!area)
			return false;
		raw_spin_lock_irqsave(&vmap->lock, flags);
		mmbox_va_add_spare(&vmap->space, &area->va);
		raw_spin_unlock_irqrestore(&vmap->lock, flags);
	}
}

static int make_window(struct mmbox_vmap *vmap)
{
	int err;

	if (!mmbox_spare_provide(vmap, GFP_KERNEL))
		return -ENOMEM;
	err = mmbox_pgwindow_create(&vmap->window, vmap->nr_pages);
	if (err)
		return err;
	err = mmbox_chunks_create(vmap);
	if (err) {
		mmbox_chunks_destroy(vmap);
		mmbox_pgwindow_destroy(&vmap->window, false);
		return err;
	}
	mmbox_va_add(&vmap->space, vmap->window.first, vmap->nr_pages);
	return 0;
}

/* Makes the box ready for its first area. */
static int get_ready(struct mmbox_vmap *vmap)
{
	int err = 0;

	mutex_lock(&vmap->mutex);
	if (vmap->ready)
		goto unlock;
	if (vmap->own)
		err = make_window(vmap);
	if (err == -EOPNOTSUPP) {
		pr_warn("%s: the page tables of this kernel are not as expected: its vmap() maps\n",
			vmap->box->name);
		vmap->own = false;
		err = 0;
	}
	if (err) {
		pr_err_ratelimited("%s: the host has no room for a window of %lu pages\n",
				   vmap->box->name, vmap->nr_pages);
		goto unlock;
	}
	mutex_lock(&vmaps_lock);
	list_add_rcu(&vmap->list, &mmbox_vmaps);
	mutex_unlock(&vmaps_lock);
	/* Who finds it ready finds the window, too. */
	smp_store_release(&vmap->fast, vmap->own);
	/* And the list that it is in. */
	smp_store_release(&vmap->ready, true);
unlock:
	mutex_unlock(&vmap->mutex);
	return err;
}

/*
 * Areas taken
 */

static unsigned long cut_small(struct mmbox_vmap *vmap,
			       const struct mmbox_area_req *req)
{
	unsigned long page;
	pte_t *pte;

	do {
		if (mmbox_area_cut(vmap, req->nr_pages, req->kind, req->caller,
				   &page, &pte))
			return page;
	} while (mmbox_chunk_refill(vmap, req->gfp));
	return 0;
}

/**
 * mmbox_area_place - free addresses, as the box's placement says
 * @vmap:  address space with a window, locked
 * @nr:	   pages
 * @align: a power of two of pages that they begin at a multiple of
 *
 * Return: their place, taken, or NULL if there is none.
 */
struct mmbox_va *mmbox_area_place(struct mmbox_vmap *vmap, unsigned long nr,
				  unsigned long align)
{
	struct mmbox_va_space *space = &vmap->space;
	struct mmbox_va *va = NULL;
	unsigned long from;

	lockdep_assert_held(&vmap->lock);
	if (vmap->placement == MMBOX_PLACE_BEST)
		return mmbox_va_alloc(space, nr, align, MMBOX_VA_BEST, 0);
	if (vmap->placement == MMBOX_PLACE_RANDOM) {
		from = vmap->window.first + get_random_u32() % vmap->nr_pages;
		va = mmbox_va_alloc(space, nr, align, MMBOX_VA_FIRST, from);
	}
	return va ?: mmbox_va_alloc(space, nr, align, MMBOX_VA_FIRST, 0);
}

/* Returns 0 and the page, -ENOSPC, or -EAGAIN if others took the descriptors. */
static int take_large(struct mmbox_vmap *vmap,
		      const struct mmbox_area_req *req, unsigned long *page)
{
	struct mmbox_va *va = NULL;
	struct mmbox_area *area;
	unsigned long flags;
	int err = -EAGAIN;

	raw_spin_lock_irqsave(&vmap->lock, flags);
	if (vmap->space.nr_spare >= MMBOX_VA_SPARE) {
		va = mmbox_area_place(vmap, req->nr_pages + 1, req->align);
		err = va ? 0 : -ENOSPC;
	}
	if (va) {
		*page = va->start;
		area = mmbox_area_of(va);
		area->word = mmbox_area_word(MMBOX_AREA_LIVE, req->kind,
					     req->nr_pages);
		area->caller = req->caller;
		vmap->nr_large++;
	}
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	return err;
}

static unsigned long reserve_large(struct mmbox_vmap *vmap,
				   const struct mmbox_area_req *req)
{
	unsigned long page, seen;
	int err;

	for (;;) {
		if (!mmbox_spare_provide(vmap, req->gfp))
			return 0;
		seen = mmbox_vmap_purges(vmap);
		err = take_large(vmap, req, &page);
		if (!err)
			return page;
		if (err == -EAGAIN)
			continue;
		if (!gfpflags_allow_blocking(req->gfp))
			return 0;
		if (!mmbox_vmap_purge(vmap, seen) && !mmbox_chunks_drop(vmap))
			return 0;
	}
}

/**
 * mmbox_vmap_ready - have the address space of a box ready for use
 * @vmap: address space
 * @gfp:  without __GFP_DIRECT_RECLAIM nothing is made
 *
 * Context: as @gfp says.
 * Return: whether it is.
 */
bool mmbox_vmap_ready(struct mmbox_vmap *vmap, gfp_t gfp)
{
	if (likely(mmbox_vmap_is_ready(vmap)))
		return true;
	return gfpflags_allow_blocking(gfp) && !get_ready(vmap);
}

/**
 * mmbox_area_reserve - take addresses in a box's window
 * @vmap: address space that is ready, and has a window
 * @req:  what is wanted
 *
 * Nothing is mapped there. mmbox_pgwindow_pte() leads to the entries.
 *
 * Context: process context, or any other but interrupts; may sleep if @req
 * says so.
 * Return: number of the first page, or 0 if there is no room.
 */
unsigned long mmbox_area_reserve(struct mmbox_vmap *vmap,
				 const struct mmbox_area_req *req)
{
	unsigned long page = 0;

	if (in_interrupt() || !req->nr_pages || req->nr_pages >= vmap->nr_pages)
		return 0;
	if (req->nr_pages <= MMBOX_SMALL_PAGES && req->align <= 1)
		page = cut_small(vmap, req);
	if (!page)
		page = reserve_large(vmap, req);
	return page;
}

/**
 * mmbox_area_adopt - enter an area that the host has mapped
 * @vmap: address space that is ready, and has no window
 * @addr: address of the area
 * @req:  what it is
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOSPC if that is more than may be mapped at once, or -ENOMEM.
 */
int mmbox_area_adopt(struct mmbox_vmap *vmap, unsigned long addr,
		     const struct mmbox_area_req *req)
{
	struct mmbox_va *va = NULL;
	unsigned long flags;
	int err;

again:
	if (!mmbox_spare_provide(vmap, GFP_KERNEL))
		return -ENOMEM;
	err = -ENOMEM;
	raw_spin_lock_irqsave(&vmap->lock, flags);
	if (req->nr_pages + 1 > vmap->nr_pages - vmap->nr_mapped)
		err = -ENOSPC;
	else if (!vmap->space.nr_spare)
		err = -EAGAIN;	/* others took the descriptors */
	else
		va = mmbox_va_adopt(&vmap->space, addr >> PAGE_SHIFT,
				    req->nr_pages + 1);
	if (va) {
		mmbox_area_of(va)->word = mmbox_area_word(MMBOX_AREA_LIVE,
							  req->kind,
							  req->nr_pages);
		mmbox_area_of(va)->caller = req->caller;
		vmap->nr_large++;
		vmap->nr_mapped += va->nr;
		err = 0;
	}
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	if (err == -EAGAIN)
		goto again;
	return err;
}

/*
 * Areas given back
 */

/* The area of a tree that begins at @page, or NULL; or that has it inside. */
static struct mmbox_area *large_at(struct mmbox_vmap *vmap, unsigned long page)
{
	struct mmbox_va *va = mmbox_va_busy(&vmap->space, page);

	lockdep_assert_held(&vmap->lock);
	return va && va->start <= page ? mmbox_area_of(va) : NULL;
}

/* Whether an address space has a page. */
static bool has_page(struct mmbox_vmap *vmap, unsigned long page)
{
	unsigned long flags;
	bool has;

	if (vmap->own)
		return page - vmap->window.first < vmap->nr_pages;
	raw_spin_lock_irqsave(&vmap->lock, flags);
	has = large_at(vmap, page);
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	return has;
}

/**
 * mmbox_vmap_find - the address space that has a page
 * @page: number of a page: any address >> PAGE_SHIFT
 *
 * Context: any, with preemption off; then, or while an area of it is live or
 * claimed, the address space stays.
 * Return: it, or NULL if the page is in no box's.
 */
struct mmbox_vmap *mmbox_vmap_find(unsigned long page)
{
	struct mmbox_vmap *vmap;

	list_for_each_entry_rcu(vmap, &mmbox_vmaps, list, !preemptible())
		if (has_page(vmap, page))
			return vmap;
	return NULL;
}

/* What is wrong with giving back what @word tells of; 0 if nothing. */
static int check_word(unsigned long word, enum mmbox_area_kind kind)
{
	if (mmbox_word_state(word) == MMBOX_AREA_LAZY)
		return -EALREADY;
	if (mmbox_word_state(word) != MMBOX_AREA_LIVE ||
	    mmbox_word_kind(word) == MMBOX_AREA_CHUNK)
		return -ENOENT;
	return mmbox_word_kind(word) == kind ? 0 : -EINVAL;
}

/* A page of the window that is in a chunk. */
static int claim_small(struct mmbox_chunk *chunk, unsigned long at,
		       enum mmbox_area_kind kind, struct mmbox_claim *claim)
{
	struct mmbox_small *small = &chunk->small[at];
	unsigned long word = READ_ONCE(small->word);
	int err;

	do {
		err = check_word(word, kind);
		if (err)
			return err;
	} while (!try_cmpxchg(&small->word, &word,
			      word ^ (MMBOX_AREA_LIVE ^ MMBOX_AREA_LAZY)));
	claim->chunk = chunk;
	claim->nr = mmbox_word_nr(word);
	return 0;
}

static int claim_large(struct mmbox_vmap *vmap, unsigned long page,
		       enum mmbox_area_kind kind, struct mmbox_claim *claim)
{
	struct mmbox_area *area;
	unsigned long flags;
	int err = -ENOENT;

	raw_spin_lock_irqsave(&vmap->lock, flags);
	area = large_at(vmap, page);
	if (area && area->va.start == page)
		err = check_word(area->word, kind);
	if (!err) {
		area->word ^= MMBOX_AREA_LIVE ^ MMBOX_AREA_LAZY;
		claim->area = area;
		claim->nr = mmbox_word_nr(area->word);
	}
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	return err;
}

/**
 * mmbox_area_claim - take an area from whoever had it
 * @addr:  its address
 * @kind:  what it must be
 * @claim: filled in
 *
 * Of two who give the same area back only one succeeds. What is mapped in it is
 * then the caller's to take away, before mmbox_area_release().
 *
 * Context: any.
 * Return: 0; -ENOENT if no area begins there, -EALREADY if one did and has been
 * given back, -EINVAL if it is of another kind.
 */
int mmbox_area_claim(unsigned long addr, enum mmbox_area_kind kind,
		     struct mmbox_claim *claim)
{
	unsigned long page = addr >> PAGE_SHIFT;
	struct mmbox_vmap *vmap;
	int err = -ENOENT;

	claim->page = page;
	claim->chunk = NULL;
	claim->area = NULL;
	preempt_disable();
	vmap = mmbox_vmap_find(page);
	claim->vmap = vmap;
	if (vmap && vmap->own && !offset_in_page(addr)) {
		struct mmbox_chunk *chunk = mmbox_page_chunk(vmap, page);

		/* Who finds it a chunk finds its areas, too. */
		if (smp_load_acquire(&chunk->va))
			err = claim_small(chunk, page % MMBOX_CHUNK_PAGES,
					  kind, claim);
		else
			err = claim_large(vmap, page, kind, claim);
	} else if (vmap && !offset_in_page(addr)) {
		err = claim_large(vmap, page, kind, claim);
	}
	preempt_enable();
	return err;
}

/**
 * mmbox_area_disown - strike off an area before the host unmaps it
 * @claim: an area of an address space without a window; of its place and its
 *	   pages @claim tells still
 *
 * Once it is unmapped the host may give the addresses to anybody, and who has
 * them next from mmbox_area_adopt() must not find them taken.
 *
 * Context: any.
 */
void mmbox_area_disown(struct mmbox_claim *claim)
{
	struct mmbox_vmap *vmap = claim->vmap;
	unsigned long flags;

	raw_spin_lock_irqsave(&vmap->lock, flags);
	vmap->nr_mapped -= claim->area->va.nr;
	mmbox_va_forget(&vmap->space, &claim->area->va);
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	claim->area = NULL;
}

static void release_large(struct mmbox_vmap *vmap, struct mmbox_area *area)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&vmap->lock, flags);
	vmap->nr_large--;
	if (area) {
		list_add_tail(&area->lazy, &vmap->lazy);
		WRITE_ONCE(vmap->nr_lazy, vmap->nr_lazy + area->va.nr);
	}
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	mmbox_vmap_queue_purge(vmap);
}

/**
 * mmbox_area_release - give an area's addresses back
 * @claim: what mmbox_area_claim() said; nothing is mapped there any more, and
 *	   without a window mmbox_area_disown() has been called
 *
 * Afterwards the box itself may go.
 *
 * Context: any.
 */
void mmbox_area_release(const struct mmbox_claim *claim)
{
	preempt_disable();
	if (claim->chunk)
		mmbox_small_release(claim->vmap, claim->chunk);
	else
		release_large(claim->vmap, claim->area);
	preempt_enable();
}

/*
 * Address spaces
 */

/**
 * mmbox_vmap_create - the address space of a box
 * @box: the box
 * @cfg: how it is to be
 *
 * That costs nothing yet: a window is made when it is needed.
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmbox_vmap_create(struct mmbox *box, const struct mmbox_config *cfg)
{
	struct mmbox_vmap *vmap = kzalloc(sizeof(*vmap), GFP_KERNEL);

	if (!vmap)
		return -ENOMEM;
	vmap->box = box;
	vmap->own = cfg->remap == MMBOX_REMAP_OWN && mmbox_pgtable_usable();
	vmap->placement = cfg->placement;
	vmap->nr_pages = cfg->window_pages ?: DEFAULT_WINDOW >> PAGE_SHIFT;
	vmap->nr_pages = round_up(vmap->nr_pages,
				  max(MMBOX_CHUNK_PAGES, MMBOX_TABLE_PAGES));
	raw_spin_lock_init(&vmap->lock);
	mmbox_va_init(&vmap->space);
	INIT_LIST_HEAD(&vmap->clean);
	INIT_LIST_HEAD(&vmap->dirty);
	INIT_LIST_HEAD(&vmap->lazy);
	mutex_init(&vmap->mutex);
	INIT_WORK(&vmap->purge, mmbox_vmap_purge_work);
	init_llist_head(&vmap->deferred);
	INIT_WORK(&vmap->free, mmbox_vmap_free_work);
	box->vmap = vmap;
	return 0;
}

/*
 * An area that the host maps stays mapped. So that no page of the box has a
 * second owner meanwhile, each gets a reference that nobody gives up.
 */
static void keep_pages(struct mmbox_vmap *vmap,
		       const struct mmbox_area_info *info)
{
	unsigned long i, nr = mmbox_word_nr(info->word);

	if (mmbox_word_kind(info->word) == MMBOX_AREA_IOREMAP)
		return;
	for (i = 0; i < nr; i++) {
		void *addr = (void *)((info->page + i) << PAGE_SHIFT);
		struct page *page = vmalloc_to_page(addr);
		struct mmbox_section *section;

		if (!page)
			continue;
		preempt_disable();
		section = mmbox_section_find(page_to_pfn(page));
		if (section && section->zone->box == vmap->box)
			get_page(page);
		preempt_enable();
	}
}

/* Names the areas that somebody has still. */
static unsigned long name_areas(struct mmbox_vmap *vmap)
{
	struct mmbox_area_info info;
	unsigned long page, nr = 0;

	for (page = 0; mmbox_area_next(vmap, page, &info);
	     page = info.page + info.nr) {
		if (mmbox_word_state(info.word) != MMBOX_AREA_LIVE)
			continue;
		pr_err_ratelimited("%s: an area of %lu pages, of %pS, is not given back\n",
				   vmap->box->name, mmbox_word_nr(info.word),
				   (void *)info.caller);
		if (!vmap->own)
			keep_pages(vmap, &info);
		nr++;
	}
	return nr;
}

static void free_areas(struct mmbox_vmap *vmap)
{
	struct mmbox_va *va;

	while ((va = mmbox_va_busy(&vmap->space, 0)))
		mmbox_va_forget(&vmap->space, va);
	if (vmap->own) {
		va = mmbox_va_gap(&vmap->space, 0);
		while (va) {
			mmbox_va_drop(&vmap->space, va);
			va = mmbox_va_gap(&vmap->space, 0);
		}
	}
	mmbox_spare_free(vmap, 0);
}

/**
 * mmbox_vmap_destroy - end the address space of a box
 * @box: the box, which nobody can get any more, with its pages
 *
 * Areas that somebody has still are named. In a window nothing is mapped there
 * any more, so that the pages can go; the addresses are lost. Without one they
 * stay mapped, and their pages are lost to the host.
 *
 * Context: process context, may sleep.
 */
void mmbox_vmap_destroy(struct mmbox *box)
{
	struct mmbox_vmap *vmap = box->vmap;
	unsigned long held = 0;

	if (vmap->ready) {
		mutex_lock(&vmaps_lock);
		list_del_rcu(&vmap->list);
		mutex_unlock(&vmaps_lock);
		/* Whoever released the last area may be at it still. */
		synchronize_rcu();
		flush_work(&vmap->free);
		cancel_work_sync(&vmap->purge);
		held = name_areas(vmap);
		if (vmap->own)
			mmbox_pgwindow_destroy(&vmap->window, held);
		free_areas(vmap);
		mmbox_chunks_destroy(vmap);
	}
	mmbox_spare_free(vmap, 0);
	kfree(vmap);
}
