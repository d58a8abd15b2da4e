// SPDX-License-Identifier: GPL-2.0
/*
 * How the objects of a cache lie in its slabs: arithmetic only, so that it also
 * builds in user space.
 *
 * Without checks objects stand one behind the other. With them each object has
 * its own surroundings, all of them within the stride from one to the next:
 *
 *	| left red zone | object | right red zone | records of users | padding |
 *
 * What is left of a slab behind its last object serves to let slabs begin at
 * different places (colours), so that equal fields of objects do not all fall
 * into the same sets of the CPU's caches.
 */
#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>

#include <mmbox.h>

#include "slab_index.h"
#include "slab_layout.h"

/* Blocks that a CPU's page lists have, and the most that objects are packed in. */
#define USUAL_ORDER	3

/* A slab should serve many allocations. */
#define MANY_OBJECTS	16U

/* The slab's descriptor has to fit into a page; 1 byte an object and a bit. */
#define MAX_OBJECTS	2048U

/**
 * mmbox_slab_capacity - how many objects a slab has
 * @layout: their layout
 * @order:  the slab has 2^@order pages
 *
 * Return: how many, 0 if not even one fits.
 */
unsigned int mmbox_slab_capacity(const struct mmbox_slab_layout *layout,
				 unsigned int order)
{
	return min_t(unsigned long, (PAGE_SIZE << order) / layout->size,
		     MAX_OBJECTS);
}

static unsigned int left_over(const struct mmbox_slab_layout *layout,
			      unsigned int order)
{
	return (PAGE_SIZE << order) -
	       mmbox_slab_capacity(layout, order) * layout->size;
}

/*
 * The smallest order that makes good use of its pages: many objects and less
 * than a sixteenth of the slab wasted, else an eighth, else a quarter; and for
 * objects larger than that the smallest that has one, which may be larger than
 * any block: then slabs lie in areas.
 */
static void choose_order(struct mmbox_slab_layout *layout)
{
	unsigned int order, fraction;

	layout->min_order = get_order(layout->size);

	for (fraction = 16; fraction >= 4; fraction /= 2)
		for (order = max_t(unsigned int, MMBOX_SLOT_ORDER,
				   layout->min_order);
		     order <= USUAL_ORDER; order++) {
			unsigned int left = left_over(layout, order);
			bool many = order == USUAL_ORDER ||
				    mmbox_slab_capacity(layout, order) >=
				    MANY_OBJECTS;

			if (many && left <= (PAGE_SIZE << order) / fraction) {
				layout->order = order;
				return;
			}
		}
	layout->order = max_t(unsigned int, MMBOX_SLOT_ORDER,
			      layout->min_order);
}

/* Places where the first object may begin, in what is left of a slab. */
static void choose_colours(struct mmbox_slab_layout *layout)
{
	layout->colour_step = max_t(unsigned int, layout->align,
				    SMP_CACHE_BYTES);
	layout->nr_colours = left_over(layout, layout->order) /
			     layout->colour_step + 1;
}

/* The inverse of an odd number modulo 2^BITS_PER_LONG, by Newton's iteration. */
static unsigned long inverse_of(unsigned long odd)
{
	unsigned long x = odd;	/* right modulo 2^3; each step doubles that */
	unsigned int bits;

	for (bits = 3; bits < BITS_PER_LONG; bits *= 2)
		x *= 2 - odd * x;
	return x;
}

/**
 * mmbox_slab_layout - find the layout of a cache's objects
 * @layout:	 set
 * @object_size: bytes that a caller may use, at least 1
 * @align:	 alignment of objects, a power of two
 * @debug:	 MMBOX_SLAB_* checks
 * @track_size:	 bytes of the records of users, if these are wanted
 *
 * Return: 0, or -E2BIG if an object is larger than MMBOX_OBJECT_MAX.
 */
int mmbox_slab_layout(struct mmbox_slab_layout *layout,
		      unsigned int object_size, unsigned int align,
		      unsigned int debug, unsigned int track_size)
{
	unsigned int size;

	if (object_size > MMBOX_OBJECT_MAX)
		return -E2BIG;
	*layout = (struct mmbox_slab_layout) {
		.debug = debug,
		.object_size = object_size,
		.align = align,
	};
	size = object_size;
	if (debug & MMBOX_SLAB_RED_ZONE) {
		layout->red_left = ALIGN(sizeof(long), align);
		size = ALIGN(size + 1, sizeof(long));
		layout->red_right = size - object_size;
	}
	if (debug & MMBOX_SLAB_USER) {
		size = ALIGN(size, sizeof(long));
		layout->track = size;
		size += track_size;
	}
	layout->size = ALIGN(layout->red_left + size, align);
	layout->shift = __ffs(layout->size);
	layout->inverse = inverse_of(layout->size >> layout->shift);
	choose_order(layout);
	choose_colours(layout);
	return 0;
}

/**
 * mmbox_slab_layout_limit - make slabs no larger than they have to be
 * @layout: the layout
 * @order:  what is enough, if an object fits into it
 *
 * So slabs with checks have no more objects than those without.
 */
void mmbox_slab_layout_limit(struct mmbox_slab_layout *layout,
			     unsigned int order)
{
	layout->order = max(order, layout->min_order);
	choose_colours(layout);
}
