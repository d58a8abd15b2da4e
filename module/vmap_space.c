// SPDX-License-Identifier: GPL-2.0
/*
 * The address space of a box: areas taken and given back.
 *
 * A box has a window, made when it is first needed. Small areas, most of all,
 * are cut off a chunk, an aligned piece of the window that one CPU has to
 * itself: one behind the other, without a lock. What is larger, or aligned, or
 * finds no chunk, is searched for in the tree of free stretches.
 *
 * An area that is given back is empty, but a CPU may still remember what was
 * mapped there. So it is lazy: nobody gets its addresses before a purge. A purge
 * takes what is lazy, has all CPUs forget all translations, once for all of it,
 * and gives the addresses back. Small areas wait for this with their chunk: it
 * can be purged when nothing more is cut off it and all its areas are back.
 *
 * Without a window (see pgtable.c) the host gives out the addresses. They are
 * entered into the same tree, so that all else is the same.
 *
 * An address alone must lead to its box. All address spaces are in a list: it is
 * read with preemption off, and who leaves it waits for that. An area that is
 * live keeps its box, and so does one that is claimed and not yet released.
 */
#include <linux/err.h>
#include <linux/random.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "internal.h"
#include "trace.h"
#include "vmap_space.h"

#define DEFAULT_WINDOW	(IS_ENABLED(CONFIG_64BIT) ? SZ_256M : SZ_16M)
/* Descriptors that are kept for later; more of them are freed by a purge. */
#define MAX_SPARE	64

const char *const mmbox_placement_name[MMBOX_NR_PLACEMENTS] = {
	[MMBOX_PLACE_FIRST]  = "first",
	[MMBOX_PLACE_BEST]   = "best",
	[MMBOX_PLACE_RANDOM] = "random",
};

LIST_HEAD(mmbox_vmaps);
static DEFINE_MUTEX(vmaps_lock);

#define area_of(entry)	container_of(entry, struct mmbox_area, va)

static unsigned long lazy_max(const struct mmbox_vmap *vmap)
{
	return vmap->nr_pages / 4;
}

/*
 * The window
 */

static int make_chunks(struct mmbox_vmap *vmap)
{
	unsigned long page = vmap->window.first;
	unsigned int i;

	vmap->nr_chunks = vmap->nr_pages / MMBOX_CHUNK_PAGES;
	/* A long-lived area keeps its chunk: the tree has the other half. */
	vmap->max_chunks = vmap->nr_chunks / 2;
	vmap->chunk = kvcalloc(vmap->nr_chunks, sizeof(*vmap->chunk),
			       GFP_KERNEL);
	vmap->current_chunk = alloc_percpu(struct mmbox_chunk *);
	if (!vmap->chunk || !vmap->current_chunk)
		return -ENOMEM;
	for (i = 0; i < vmap->nr_chunks; i++, page += MMBOX_CHUNK_PAGES) {
		vmap->chunk[i].first = page;
		vmap->chunk[i].pte = mmbox_pgwindow_pte(&vmap->window, page);
	}
	return 0;
}

static void free_chunks(struct mmbox_vmap *vmap)
{
	unsigned int i;

	for (i = 0; vmap->chunk && i < vmap->nr_chunks; i++)
		kfree(vmap->chunk[i].small);
	kvfree(vmap->chunk);
	free_percpu(vmap->current_chunk);
	vmap->chunk = NULL;
	vmap->current_chunk = NULL;
}

static void free_spare(struct mmbox_vmap *vmap, unsigned int keep)
{
	struct mmbox_va *va = NULL;
	unsigned long flags;

	do {
		raw_spin_lock_irqsave(&vmap->lock, flags);
		va = vmap->space.nr_spare > keep ?
		     mmbox_va_take_spare(&vmap->space) : NULL;
		raw_spin_unlock_irqrestore(&vmap->lock, flags);
		if (va)
			kfree(area_of(va));
	} while (va);
}

/* Has descriptors there that the next step in the tree may need. */
static bool provide_spare(struct mmbox_vmap *vmap, gfp_t gfp)
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

	if (!provide_spare(vmap, GFP_KERNEL))
		return -ENOMEM;
	err = mmbox_pgwindow_create(&vmap->window, vmap->nr_pages);
	if (err)
		return err;
	err = make_chunks(vmap);
	if (err) {
		free_chunks(vmap);
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
 * Chunks
 */

static void queue_purge(struct mmbox_vmap *vmap)
{
	if (READ_ONCE(vmap->nr_lazy) > lazy_max(vmap))
		schedule_work(&vmap->purge);
}

/* All areas of a chunk that no CPU has are back. */
static void add_dirty(struct mmbox_vmap *vmap, struct mmbox_chunk *chunk)
{
	lockdep_assert_held(&vmap->lock);
	list_add_tail(&chunk->list, &vmap->dirty);
	WRITE_ONCE(vmap->nr_lazy, vmap->nr_lazy + MMBOX_CHUNK_PAGES);
}

/* Nothing more is cut off the chunk. */
static void retire(struct mmbox_vmap *vmap, struct mmbox_chunk *chunk)
{
	int nr_cut = chunk->nr_cut;

	lockdep_assert_held(&vmap->lock);
	WRITE_ONCE(chunk->nr_cut, 0);
	if (!atomic_sub_return(nr_cut, &chunk->nr_back))
		add_dirty(vmap, chunk);
}

/* Gives this CPU a clean chunk for the one it has. */
static bool next_chunk(struct mmbox_vmap *vmap)
{
	struct mmbox_chunk **place, *chunk;
	unsigned long flags;

	raw_spin_lock_irqsave(&vmap->lock, flags);
	place = this_cpu_ptr(vmap->current_chunk);
	chunk = list_first_entry_or_null(&vmap->clean, struct mmbox_chunk,
					 list);
	if (chunk) {
		list_del(&chunk->list);
		vmap->nr_clean--;
		if (*place)
			retire(vmap, *place);
		*place = chunk;
	}
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	return chunk;
}

static struct mmbox_va *find_place(struct mmbox_vmap *vmap, unsigned long nr,
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

/* Makes one more piece of the window a chunk. */
static bool add_chunk(struct mmbox_vmap *vmap, gfp_t gfp)
{
	struct mmbox_small *small;
	struct mmbox_chunk *chunk;
	struct mmbox_va *va = NULL;
	unsigned long flags;

	if (READ_ONCE(vmap->nr_used) >= vmap->max_chunks ||
	    !provide_spare(vmap, gfp))
		return false;
	small = kcalloc(MMBOX_CHUNK_PAGES, sizeof(*small),
			gfp & (__GFP_RECLAIM | __GFP_NOWARN | __GFP_HIGH));
	if (!small)
		return false;
	raw_spin_lock_irqsave(&vmap->lock, flags);
	if (vmap->nr_used < vmap->max_chunks &&
	    vmap->space.nr_spare >= MMBOX_VA_SPARE)
		va = find_place(vmap, MMBOX_CHUNK_PAGES, MMBOX_CHUNK_PAGES);
	if (va) {
		chunk = mmbox_page_chunk(vmap, va->start);
		area_of(va)->word = mmbox_area_word(MMBOX_AREA_LIVE,
						    MMBOX_AREA_CHUNK,
						    MMBOX_CHUNK_PAGES);
		/* It may have been a chunk before. */
		if (!chunk->small) {
			chunk->small = small;
			small = NULL;
		}
		WRITE_ONCE(chunk->head, 0);
		atomic_set(&chunk->nr_back, 0);
		/* Who finds it a chunk finds its areas, too. */
		smp_store_release(&chunk->va, va);
		list_add(&chunk->list, &vmap->clean);
		vmap->nr_clean++;
		WRITE_ONCE(vmap->nr_used, vmap->nr_used + 1);
	}
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	kfree(small);
	return va;
}

/* Gives the tree the pieces of the window that nothing is cut off. */
static bool drop_clean(struct mmbox_vmap *vmap)
{
	struct mmbox_chunk *chunk, *next;
	unsigned long flags;
	bool any;

	raw_spin_lock_irqsave(&vmap->lock, flags);
	any = !list_empty(&vmap->clean);
	list_for_each_entry_safe(chunk, next, &vmap->clean, list) {
		list_del(&chunk->list);
		mmbox_va_free(&vmap->space, chunk->va);
		WRITE_ONCE(chunk->va, NULL);
		vmap->nr_used--;
	}
	vmap->nr_clean = 0;
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	return any;
}

/**
 * mmbox_vmap_drain_dead_cpu - take the chunk of a CPU that has gone
 * @box: the box
 * @cpu: the CPU, offline
 *
 * Context: CPU hotplug, may sleep.
 */
void mmbox_vmap_drain_dead_cpu(struct mmbox *box, unsigned int cpu)
{
	struct mmbox_vmap *vmap = box->vmap;
	struct mmbox_chunk **place;
	unsigned long flags;

	if (!mmbox_vmap_is_ready(vmap) || !vmap->own)
		return;
	raw_spin_lock_irqsave(&vmap->lock, flags);
	place = per_cpu_ptr(vmap->current_chunk, cpu);
	if (*place)
		retire(vmap, *place);
	*place = NULL;
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
}

/*
 * Purge
 */

/* What is purged, for the tracepoint. */
struct purged {
	unsigned long first;
	unsigned long end;
	unsigned int nr;
};

static void widen(struct purged *purged, unsigned long page, unsigned long nr)
{
	purged->first = min(purged->first, page);
	purged->end = max(purged->end, page + nr);
	purged->nr++;
}

static unsigned long clean_chunks(struct mmbox_vmap *vmap,
				  struct list_head *dirty, struct purged *purged)
{
	struct mmbox_chunk *chunk;
	unsigned long nr = 0, flags;

	raw_spin_lock_irqsave(&vmap->lock, flags);
	list_for_each_entry(chunk, dirty, list) {
		widen(purged, chunk->va->start, chunk->va->nr);
		WRITE_ONCE(chunk->head, 0);
		vmap->nr_clean++;
		nr += MMBOX_CHUNK_PAGES;
	}
	list_splice_tail(dirty, &vmap->clean);
	WRITE_ONCE(vmap->nr_lazy, vmap->nr_lazy - nr);
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	return nr;
}

static unsigned long free_lazy(struct mmbox_vmap *vmap, struct list_head *lazy,
			       struct purged *purged)
{
	struct mmbox_area *area, *next;
	unsigned long nr = 0, flags;

	list_for_each_entry_safe(area, next, lazy, lazy) {
		widen(purged, area->va.start, area->va.nr);
		nr += area->va.nr;
		raw_spin_lock_irqsave(&vmap->lock, flags);
		WRITE_ONCE(vmap->nr_lazy, vmap->nr_lazy - area->va.nr);
		mmbox_va_free(&vmap->space, &area->va);
		raw_spin_unlock_irqrestore(&vmap->lock, flags);
	}
	return nr;
}

/**
 * mmbox_vmap_purge - make the addresses of lazy areas of use again
 * @vmap: address space
 * @seen: its @nr_purges before the caller found that it needs one
 *
 * Context: process context, may sleep.
 * Return: whether there were any, or somebody else has done it since.
 */
bool mmbox_vmap_purge(struct mmbox_vmap *vmap, unsigned long seen)
{
	unsigned long flags, nr;
	struct purged purged = { .first = ULONG_MAX };
	LIST_HEAD(dirty);
	LIST_HEAD(lazy);

	mutex_lock(&vmap->mutex);
	if (vmap->nr_purges != seen) {
		mutex_unlock(&vmap->mutex);
		return true;
	}
	raw_spin_lock_irqsave(&vmap->lock, flags);
	list_splice_init(&vmap->dirty, &dirty);
	list_splice_init(&vmap->lazy, &lazy);
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	if (list_empty(&dirty) && list_empty(&lazy)) {
		mutex_unlock(&vmap->mutex);
		return false;
	}

	mmbox_shootdown();
	mmbox_stat_inc(vmap->box->stat, MMBOX_EVENT_VMAP_SHOOTDOWN);
	nr = clean_chunks(vmap, &dirty, &purged);
	nr += free_lazy(vmap, &lazy, &purged);
	/* See purges_seen(). */
	smp_store_release(&vmap->nr_purges, vmap->nr_purges + 1);
	mutex_unlock(&vmap->mutex);

	free_spare(vmap, MAX_SPARE);
	mmbox_stat_inc(vmap->box->stat, MMBOX_EVENT_VMAP_PURGE);
	mmbox_stat_add(vmap->box->stat, MMBOX_EVENT_VMAP_FLUSH, nr);
	trace_purge_vmap_area_lazy(purged.first << PAGE_SHIFT,
				   purged.end << PAGE_SHIFT, purged.nr,
				   vmap->box->name);
	trace_mmbox_vmap_flush(nr, vmap->box->name);
	return true;
}

static void purge_work(struct work_struct *work)
{
	struct mmbox_vmap *vmap = container_of(work, struct mmbox_vmap, purge);

	mmbox_vmap_purge(vmap, READ_ONCE(vmap->nr_purges));
}

/*
 * Areas taken
 */

/* To be asked before one looks for room. */
static unsigned long purges_seen(const struct mmbox_vmap *vmap)
{
	/* Who sees a purge finds what it set free. */
	return smp_load_acquire(&vmap->nr_purges);
}

/**
 * mmbox_chunk_refill - give the CPU another chunk to cut areas off
 * @vmap: address space with a window
 * @gfp:  without __GFP_DIRECT_RECLAIM nothing is waited for
 *
 * Context: as @gfp says; not an interrupt.
 * Return: whether to try again; if not, only the tree may have room.
 */
bool mmbox_chunk_refill(struct mmbox_vmap *vmap, gfp_t gfp)
{
	unsigned long seen = purges_seen(vmap);

	if (next_chunk(vmap) || (add_chunk(vmap, gfp) && next_chunk(vmap)))
		return true;
	/* A purge for no chunk's sake would be a waste: there is the tree. */
	return gfpflags_allow_blocking(gfp) &&
	       !list_empty_careful(&vmap->dirty) &&
	       mmbox_vmap_purge(vmap, seen);
}

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
		va = find_place(vmap, req->nr_pages + 1, req->align);
		err = va ? 0 : -ENOSPC;
	}
	if (va) {
		*page = va->start;
		area = area_of(va);
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
		if (!provide_spare(vmap, req->gfp))
			return 0;
		seen = purges_seen(vmap);
		err = take_large(vmap, req, &page);
		if (!err)
			return page;
		if (err == -EAGAIN)
			continue;
		if (!gfpflags_allow_blocking(req->gfp))
			return 0;
		if (!mmbox_vmap_purge(vmap, seen) && !drop_clean(vmap))
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
	if (!provide_spare(vmap, GFP_KERNEL))
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
		area_of(va)->word = mmbox_area_word(MMBOX_AREA_LIVE, req->kind,
						    req->nr_pages);
		area_of(va)->caller = req->caller;
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
	return va && va->start <= page ? area_of(va) : NULL;
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
 * mmbox_chunk_done - see off a chunk whose areas are all back
 * @vmap:  address space
 * @chunk: the chunk; nothing more is cut off it
 *
 * Context: any, with preemption off.
 */
void mmbox_chunk_done(struct mmbox_vmap *vmap, struct mmbox_chunk *chunk)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&vmap->lock, flags);
	add_dirty(vmap, chunk);
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	queue_purge(vmap);
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
	queue_purge(vmap);
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
	INIT_WORK(&vmap->purge, purge_work);
	init_llist_head(&vmap->deferred);
	INIT_WORK(&vmap->free, mmbox_vmap_free_work);
	box->vmap = vmap;
	return 0;
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
	free_spare(vmap, 0);
}

/**
 * mmbox_vmap_destroy - end the address space of a box
 * @box: the box, which nobody can get any more, with its pages
 *
 * Areas that somebody has still are named. Nothing is mapped there any more, so
 * that the pages can go; the addresses are lost.
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
		free_chunks(vmap);
	}
	free_spare(vmap, 0);
	kfree(vmap);
}
