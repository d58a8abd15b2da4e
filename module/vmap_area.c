// SPDX-License-Identifier: GPL-2.0
/*
 * Address space of a window: free stretches and areas.
 *
 * Free stretches are in two trees. The one by address knows for each node the
 * largest stretch below it: so the lowest one that is large enough, from any
 * address on, is found without a look at those that are not. The one by size
 * gives the smallest that is large enough. Areas are in a third, by address.
 *
 * A request for an alignment is met inside of a stretch: what is left before
 * and behind it stays free. Descriptors that a split needs are there before,
 * see mmbox_va_add_spare(), so that nothing here fails half way.
 */
#include <linux/align.h>
#include <linux/bug.h>
#include <linux/container_of.h>
#include <linux/minmax.h>
#include <linux/rbtree_augmented.h>

#include "vmap_area.h"

#define va_of(node)	rb_entry(node, struct mmbox_va, link)
#define va_of_size(node) rb_entry(node, struct mmbox_va, size)

static inline unsigned long nr_of(struct mmbox_va *va)
{
	return va->nr;
}

RB_DECLARE_CALLBACKS_MAX(static, largest, struct mmbox_va, link,
			 unsigned long, max, nr_of)

static unsigned long max_below(const struct rb_node *node)
{
	return node ? va_of(node)->max : 0;
}

/**
 * mmbox_va_init - a space without any page
 * @space: filled in
 */
void mmbox_va_init(struct mmbox_va_space *space)
{
	space->free = RB_ROOT;
	space->by_size = RB_ROOT;
	space->busy = RB_ROOT;
	INIT_LIST_HEAD(&space->spare);
	space->nr_spare = 0;
	space->nr_free = 0;
}

/**
 * mmbox_va_add_spare - provide a descriptor
 * @space: the space
 * @va:    a descriptor that nobody uses
 *
 * A call that may split or add a stretch takes MMBOX_VA_SPARE of them at most.
 */
void mmbox_va_add_spare(struct mmbox_va_space *space, struct mmbox_va *va)
{
	list_add(&va->spare, &space->spare);
	space->nr_spare++;
}

/**
 * mmbox_va_take_spare - take a descriptor back
 * @space: the space
 *
 * Return: one that is not in use, or NULL if there is none.
 */
struct mmbox_va *mmbox_va_take_spare(struct mmbox_va_space *space)
{
	struct mmbox_va *va;

	if (list_empty(&space->spare))
		return NULL;
	va = list_first_entry(&space->spare, struct mmbox_va, spare);
	list_del(&va->spare);
	space->nr_spare--;
	return va;
}

static bool smaller(const struct mmbox_va *a, const struct mmbox_va *b)
{
	return a->nr < b->nr || (a->nr == b->nr && a->start < b->start);
}

static void link_size(struct mmbox_va_space *space, struct mmbox_va *va)
{
	struct rb_node **place = &space->by_size.rb_node, *parent = NULL;

	while (*place) {
		parent = *place;
		place = smaller(va, va_of_size(parent)) ? &parent->rb_left :
							  &parent->rb_right;
	}
	rb_link_node(&va->size, parent, place);
	rb_insert_color(&va->size, &space->by_size);
}

static void link_free(struct mmbox_va_space *space, struct mmbox_va *va)
{
	struct rb_node **place = &space->free.rb_node, *parent = NULL;

	while (*place) {
		parent = *place;
		/* Those that the new one will stand below must know its size. */
		if (va_of(parent)->max < va->nr)
			va_of(parent)->max = va->nr;
		place = va->start < va_of(parent)->start ? &parent->rb_left :
							   &parent->rb_right;
	}
	va->max = va->nr;
	rb_link_node(&va->link, parent, place);
	rb_insert_augmented(&va->link, &space->free, &largest);
	link_size(space, va);
	space->nr_free += va->nr;
}

static void unlink_free(struct mmbox_va_space *space, struct mmbox_va *va)
{
	rb_erase_augmented(&va->link, &space->free, &largest);
	rb_erase(&va->size, &space->by_size);
	space->nr_free -= va->nr;
}

static void link_busy(struct mmbox_va_space *space, struct mmbox_va *va)
{
	struct rb_node **place = &space->busy.rb_node, *parent = NULL;

	while (*place) {
		parent = *place;
		place = va->start < va_of(parent)->start ? &parent->rb_left :
							   &parent->rb_right;
	}
	rb_link_node(&va->link, parent, place);
	rb_insert_color(&va->link, &space->busy);
}

/* The lowest of a tree that ends behind @page. */
static struct mmbox_va *first_behind(const struct rb_root *root,
				     unsigned long page)
{
	const struct rb_node *node = root->rb_node;
	struct mmbox_va *found = NULL;

	while (node) {
		struct mmbox_va *va = va_of(node);

		if (va->start + va->nr > page) {
			found = va;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

/**
 * mmbox_va_largest - the largest free stretch
 * @space: the space
 *
 * Return: its pages, or 0.
 */
unsigned long mmbox_va_largest(const struct mmbox_va_space *space)
{
	return max_below(space->free.rb_node);
}

/**
 * mmbox_va_busy - the area at a page, or the next one
 * @space: the space
 * @page:  number of a page
 *
 * Return: the lowest area that does not end before @page, or NULL.
 */
struct mmbox_va *mmbox_va_busy(const struct mmbox_va_space *space,
			       unsigned long page)
{
	return first_behind(&space->busy, page);
}

/**
 * mmbox_va_gap - the free stretch at a page, or the next one
 * @space: the space
 * @page:  number of a page
 *
 * Return: the lowest free stretch that does not end before @page, or NULL.
 */
struct mmbox_va *mmbox_va_gap(const struct mmbox_va_space *space,
			      unsigned long page)
{
	return first_behind(&space->free, page);
}

/* Whether @nr pages fit in from page @from on; if so, @at is the first. */
static bool fits(const struct mmbox_va *va, unsigned long nr,
		 unsigned long align, unsigned long from, unsigned long *at)
{
	unsigned long first = max(va->start, from);

	*at = ALIGN(first, align);
	/* Not "at + nr": that may be more than a number holds. */
	return *at >= first && *at - va->start < va->nr &&
	       va->nr - (*at - va->start) >= nr;
}

/*
 * The lowest stretch below @node that has room for the request. What is too
 * small as a whole is passed over with all that is below it.
 */
static struct mmbox_va *first_fit(struct rb_node *node, unsigned long nr,
				  unsigned long align, unsigned long from,
				  unsigned long *at)
{
	struct mmbox_va *va = NULL;

	while (node) {
		/* Down to the lowest that may do, */
		while (max_below(node->rb_left) >= nr &&
		       va_of(node)->start > from)
			node = node->rb_left;
		/* and from there on upwards, */
		for (;;) {
			struct rb_node *child;

			va = va_of(node);
			if (fits(va, nr, align, from, at))
				return va;
			if (max_below(node->rb_right) >= nr) {
				node = node->rb_right;
				break;
			}
			/* past all that has been looked at. */
			do {
				child = node;
				node = rb_parent(node);
				if (!node)
					return NULL;
			} while (child == node->rb_right);
		}
	}
	return NULL;
}

/* The smallest stretch that is large enough. */
static struct mmbox_va *best_fit(const struct mmbox_va_space *space,
				 unsigned long nr, unsigned long align,
				 unsigned long *at)
{
	struct rb_node *node = space->by_size.rb_node, *found = NULL;

	while (node) {
		if (va_of_size(node)->nr >= nr) {
			found = node;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	/* For an alignment it may have to be a larger one. */
	for (; found; found = rb_next(found))
		if (fits(va_of_size(found), nr, align, 0, at))
			return va_of_size(found);
	return NULL;
}

/* Takes @nr pages from @at on out of the free stretch @va. */
static struct mmbox_va *cut(struct mmbox_va_space *space, struct mmbox_va *va,
			    unsigned long at, unsigned long nr)
{
	unsigned long before = at - va->start;
	unsigned long behind = va->nr - before - nr;
	struct mmbox_va *rest;

	unlink_free(space, va);
	if (before) {
		rest = mmbox_va_take_spare(space);
		rest->start = va->start;
		rest->nr = before;
		link_free(space, rest);
	}
	if (behind) {
		rest = mmbox_va_take_spare(space);
		rest->start = at + nr;
		rest->nr = behind;
		link_free(space, rest);
	}
	va->start = at;
	va->nr = nr;
	link_busy(space, va);
	return va;
}

/**
 * mmbox_va_alloc - take free pages
 * @space: the space, with MMBOX_VA_SPARE spare descriptors
 * @nr:    pages, at least 1
 * @align: a power of two that the number of the first page is a multiple of
 * @fit:   which of the free stretches
 * @from:  with MMBOX_VA_FIRST, the lowest page that may be taken
 *
 * Return: the area, or NULL if no free stretch has room for it.
 */
struct mmbox_va *mmbox_va_alloc(struct mmbox_va_space *space, unsigned long nr,
				unsigned long align, enum mmbox_va_fit fit,
				unsigned long from)
{
	struct mmbox_va *va;
	unsigned long at;

	if (WARN_ON_ONCE(!nr || space->nr_spare < MMBOX_VA_SPARE))
		return NULL;
	if (max_below(space->free.rb_node) < nr)
		return NULL;
	if (fit == MMBOX_VA_BEST)
		va = best_fit(space, nr, align, &at);
	else
		va = first_fit(space->free.rb_node, nr, align, from, &at);
	return va ? cut(space, va, at, nr) : NULL;
}

/* Whether none of the pages is known here. */
static bool unknown(const struct mmbox_va_space *space, unsigned long start,
		    unsigned long nr)
{
	const struct mmbox_va *busy = mmbox_va_busy(space, start);
	const struct mmbox_va *gap = mmbox_va_gap(space, start);

	return (!busy || busy->start >= start + nr) &&
	       (!gap || gap->start >= start + nr);
}

/**
 * mmbox_va_adopt - enter an area at a place of its own
 * @space: the space, with a spare descriptor
 * @start: number of its first page
 * @nr:    pages, at least 1
 *
 * For addresses that somebody else gave out: mmbox_va_forget() takes them away
 * again, without a free stretch in their place.
 *
 * Return: the area, or NULL if a page of it is free or taken already.
 */
struct mmbox_va *mmbox_va_adopt(struct mmbox_va_space *space,
				unsigned long start, unsigned long nr)
{
	struct mmbox_va *va;

	if (WARN_ON_ONCE(!nr || !space->nr_spare) ||
	    !unknown(space, start, nr))
		return NULL;
	va = mmbox_va_take_spare(space);
	va->start = start;
	va->nr = nr;
	link_busy(space, va);
	return va;
}

/**
 * mmbox_va_forget - remove an area and its addresses
 * @space: the space
 * @va:    the area; spare afterwards
 */
void mmbox_va_forget(struct mmbox_va_space *space, struct mmbox_va *va)
{
	rb_erase(&va->link, &space->busy);
	mmbox_va_add_spare(space, va);
}

/**
 * mmbox_va_drop - remove free pages from a space
 * @space: the space
 * @va:    a free stretch; its descriptor is spare afterwards
 */
void mmbox_va_drop(struct mmbox_va_space *space, struct mmbox_va *va)
{
	unlink_free(space, va);
	mmbox_va_add_spare(space, va);
}

/* Makes @va, in no tree, a free stretch, one with its free neighbours. */
static void join(struct mmbox_va_space *space, struct mmbox_va *va)
{
	struct mmbox_va *next = mmbox_va_gap(space, va->start);
	struct mmbox_va *prev = NULL;

	/* A free page before it, if any, is the end of the one before. */
	if (va->start)
		prev = mmbox_va_gap(space, va->start - 1);
	if (prev && prev->start + prev->nr == va->start) {
		unlink_free(space, prev);
		va->start = prev->start;
		va->nr += prev->nr;
		mmbox_va_add_spare(space, prev);
	}
	if (next && next->start == va->start + va->nr) {
		unlink_free(space, next);
		va->nr += next->nr;
		mmbox_va_add_spare(space, next);
	}
	link_free(space, va);
}

/**
 * mmbox_va_add - add free pages to a space
 * @space: the space, with a spare descriptor
 * @start: number of the first one
 * @nr:    pages, at least 1
 *
 * Return: false, and nothing is changed, if a page is free or taken already.
 */
bool mmbox_va_add(struct mmbox_va_space *space, unsigned long start,
		  unsigned long nr)
{
	struct mmbox_va *va;

	if (WARN_ON_ONCE(!nr || !space->nr_spare) ||
	    !unknown(space, start, nr))
		return false;
	va = mmbox_va_take_spare(space);
	va->start = start;
	va->nr = nr;
	join(space, va);
	return true;
}

/**
 * mmbox_va_free - give an area's pages back
 * @space: the space
 * @va:    the area; the caller must not use it afterwards
 */
void mmbox_va_free(struct mmbox_va_space *space, struct mmbox_va *va)
{
	rb_erase(&va->link, &space->busy);
	join(space, va);
}
