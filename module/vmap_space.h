/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Areas: stretches of a box's address space that somebody has. What other parts
 * map pages with; vmap.c makes the kernel's calls of it.
 */
#ifndef MMBOX_VMAP_SPACE_H
#define MMBOX_VMAP_SPACE_H

#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include <mmbox.h>

#include "pgtable.h"
#include "vmap_area.h"

struct mmbox;

/* A chunk is an aligned piece of the window that one CPU cuts small areas off. */
#define MMBOX_CHUNK_PAGES	512UL
/* The largest area that is cut off a chunk; its guard page comes on top. */
#define MMBOX_SMALL_PAGES	256UL

/**
 * enum mmbox_area_kind - what an area is for
 * @MMBOX_AREA_NONE:	no area
 * @MMBOX_AREA_VMALLOC:	pages of the box that were allocated for it
 * @MMBOX_AREA_VMAP:	pages of somebody else
 * @MMBOX_AREA_IOREMAP:	memory of a device
 * @MMBOX_AREA_KMAP:	places for pages without an address of their own
 * @MMBOX_AREA_GUARDED:	an object with a guard page on either side
 * @MMBOX_AREA_CHUNK:	a chunk; never seen from outside
 * @MMBOX_NR_AREA_KINDS: number of kinds
 */
enum mmbox_area_kind {
	MMBOX_AREA_NONE,
	MMBOX_AREA_VMALLOC,
	MMBOX_AREA_VMAP,
	MMBOX_AREA_IOREMAP,
	MMBOX_AREA_KMAP,
	MMBOX_AREA_GUARDED,
	MMBOX_AREA_CHUNK,
	MMBOX_NR_AREA_KINDS,
};

/**
 * enum mmbox_area_state - where an area is in its life
 * @MMBOX_AREA_UNUSED: never was one
 * @MMBOX_AREA_LIVE:   somebody has it
 * @MMBOX_AREA_LAZY:   given back; not to be used again before a purge
 */
enum mmbox_area_state {
	MMBOX_AREA_UNUSED,
	MMBOX_AREA_LIVE,
	MMBOX_AREA_LAZY,
};

/*
 * One word tells state, kind and pages of an area, so that of two who give it
 * back at once only one succeeds.
 */
#define MMBOX_AREA_KIND_SHIFT	4
#define MMBOX_AREA_NR_SHIFT	8

static inline unsigned long mmbox_area_word(enum mmbox_area_state state,
					    enum mmbox_area_kind kind,
					    unsigned long nr_pages)
{
	return state | kind << MMBOX_AREA_KIND_SHIFT |
	       nr_pages << MMBOX_AREA_NR_SHIFT;
}

static inline enum mmbox_area_state mmbox_word_state(unsigned long word)
{
	return word & ((1 << MMBOX_AREA_KIND_SHIFT) - 1);
}

static inline enum mmbox_area_kind mmbox_word_kind(unsigned long word)
{
	return word >> MMBOX_AREA_KIND_SHIFT &
	       ((1 << (MMBOX_AREA_NR_SHIFT - MMBOX_AREA_KIND_SHIFT)) - 1);
}

static inline unsigned long mmbox_word_nr(unsigned long word)
{
	return word >> MMBOX_AREA_NR_SHIFT;
}

/**
 * struct mmbox_small - a small area, at the place of its first page
 * @word:   state, kind and pages
 * @caller: who asked for it
 */
struct mmbox_small {
	unsigned long word;
	unsigned long caller;
};

/**
 * struct mmbox_chunk - an aligned piece of the window
 * @first:   number of its first page, set once
 * @pte:     page table entries of its pages, set once
 * @small:   its areas by their first page; set once, when it is first used
 * @va:	     the piece, while it is one to cut small areas off; else NULL
 * @list:    link in the list of clean or of dirty ones
 * @head:    the first page that has not been given out; those before it are
 *	     areas, one behind the other, each with its guard page
 * @nr_cut:  areas cut off since it was clean
 * @nr_back: of these, the ones given back; when nothing more is to be cut off,
 *	     @nr_cut is taken off, and whoever makes it 0 sees the chunk off
 *
 * @head and @nr_cut are the CPU's that has the chunk.
 */
struct mmbox_chunk {
	unsigned long first;
	pte_t *pte;
	struct mmbox_small *small;
	struct mmbox_va *va;
	struct list_head list;
	unsigned int head;
	int nr_cut;
	atomic_t nr_back;
};

/**
 * struct mmbox_area - an area that is not a small one
 * @va:	    its place, guard page included
 * @lazy:   link in the list of lazy ones
 * @word:   state, kind and pages
 * @caller: who asked for it
 */
struct mmbox_area {
	struct mmbox_va va;
	struct list_head lazy;
	unsigned long word;
	unsigned long caller;
};

#define mmbox_area_of(entry)	container_of(entry, struct mmbox_area, va)

/**
 * struct mmbox_vmap - address space of a box
 * @box:      the box
 * @own:      page tables are written here; if not, the host's vmap() maps
 * @placement: where areas go
 * @nr_pages: pages of the window, or, without one, that may be mapped at once
 * @list:     link in the list of all, see vmap_space.c
 * @window:   the window; set once, together with what follows, when an area is
 *	      first asked for
 * @ready:    that has been done
 * @fast:     the same, and there is a window
 * @nr_chunks: pieces of MMBOX_CHUNK_PAGES in the window
 * @max_chunks: of these, as many may be cut up
 * @chunk:    these
 * @current_chunk: the one that the CPU cuts areas off, or NULL; changed by the
 *	      CPU itself, under @lock
 * @lock:     raw spinlock: guards what follows, and chunks that no CPU has
 * @space:    what is free, and who has the rest
 * @clean:    chunks that can be cut up
 * @dirty:    chunks to be purged
 * @lazy:     areas to be purged
 * @nr_clean: chunks in @clean
 * @nr_used:  chunks in all
 * @nr_lazy:  pages that wait for a purge
 * @nr_large: live areas that are not small ones
 * @nr_mapped: without a window, pages of all areas
 * @nr_purges: how often was purged; changed under @mutex
 * @mutex:    one at a time makes the window, or purges
 * @purge:    purges when @nr_lazy is large
 * @deferred: areas given back in interrupts
 * @free:     what gives them back truly
 */
struct mmbox_vmap {
	struct mmbox *box;
	bool own;
	enum mmbox_placement placement;
	unsigned long nr_pages;
	struct list_head list;

	struct mmbox_pgwindow window;
	bool ready;
	bool fast;
	unsigned int nr_chunks;
	unsigned int max_chunks;
	struct mmbox_chunk *chunk;
	struct mmbox_chunk * __percpu *current_chunk;

	raw_spinlock_t lock;
	struct mmbox_va_space space;
	struct list_head clean;
	struct list_head dirty;
	struct list_head lazy;
	unsigned int nr_clean;
	unsigned int nr_used;
	unsigned long nr_lazy;
	unsigned long nr_large;
	unsigned long nr_mapped;
	unsigned long nr_purges;

	struct mutex mutex;
	struct work_struct purge;
	struct llist_head deferred;
	struct work_struct free;
};

/**
 * struct mmbox_area_req - an area that is wanted
 * @nr_pages: pages, at least 1; a page that is never mapped follows them, and
 *	      another one lies before them
 * @align:    a power of two of pages that its place is a multiple of
 * @kind:     what for
 * @gfp:      without __GFP_DIRECT_RECLAIM nothing is waited for
 * @caller:   who asks
 */
struct mmbox_area_req {
	unsigned long nr_pages;
	unsigned long align;
	enum mmbox_area_kind kind;
	gfp_t gfp;
	unsigned long caller;
};

/**
 * struct mmbox_claim - an area on its way back
 * @vmap:  the address space
 * @chunk: the chunk that it was cut off, or NULL
 * @area:  else the area; NULL once it is struck off
 * @page:  number of its first page
 * @nr:	   its pages
 */
struct mmbox_claim {
	struct mmbox_vmap *vmap;
	struct mmbox_chunk *chunk;
	struct mmbox_area *area;
	unsigned long page;
	unsigned long nr;
};

/**
 * struct mmbox_area_info - what there is to tell of an area, or of a hole
 * @page:   number of the first page
 * @nr:	    pages, guard page included
 * @word:   state, kind and pages without it; state UNUSED for a hole
 * @caller: who asked for it
 */
struct mmbox_area_info {
	unsigned long page;
	unsigned long nr;
	unsigned long word;
	unsigned long caller;
};

extern const char *const mmbox_placement_name[MMBOX_NR_PLACEMENTS];

int mmbox_vmap_create(struct mmbox *box, const struct mmbox_config *cfg);
void mmbox_vmap_destroy(struct mmbox *box);
unsigned long mmbox_vmap_live(struct mmbox *box);
bool mmbox_vmap_ready(struct mmbox_vmap *vmap, gfp_t gfp);
void mmbox_vmap_free_work(struct work_struct *work);

unsigned long mmbox_area_reserve(struct mmbox_vmap *vmap,
				 const struct mmbox_area_req *req);
struct mmbox_vmap *mmbox_vmap_find(unsigned long page);
int mmbox_area_claim(unsigned long addr, enum mmbox_area_kind kind,
		     struct mmbox_claim *claim);
void mmbox_area_disown(struct mmbox_claim *claim);
void mmbox_area_release(const struct mmbox_claim *claim);
int mmbox_area_adopt(struct mmbox_vmap *vmap, unsigned long addr,
		     const struct mmbox_area_req *req);
struct mmbox_va *mmbox_area_place(struct mmbox_vmap *vmap, unsigned long nr,
				  unsigned long align);
bool mmbox_spare_provide(struct mmbox_vmap *vmap, gfp_t gfp);
void mmbox_spare_free(struct mmbox_vmap *vmap, unsigned int keep);
bool mmbox_area_next(struct mmbox_vmap *vmap, unsigned long page,
		     struct mmbox_area_info *info);

/* All address spaces, see vmap_space.c. */
extern struct list_head mmbox_vmaps;

/* Whether small areas can be had off a chunk. */
static inline bool mmbox_vmap_is_fast(const struct mmbox_vmap *vmap)
{
	/* Who finds it so finds the window, too. */
	return smp_load_acquire(&vmap->fast);
}

/* Whether areas can be had, without anything made for it first. */
static inline bool mmbox_vmap_is_ready(const struct mmbox_vmap *vmap)
{
	/* Who finds it ready finds the window, too. */
	return smp_load_acquire(&vmap->ready);
}

#endif /* MMBOX_VMAP_SPACE_H */
