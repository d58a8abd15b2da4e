/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_SLAB_LAYOUT_H
#define MMBOX_SLAB_LAYOUT_H

#include <linux/types.h>

/**
 * struct mmbox_slab_layout - how a cache's objects lie in a slab
 * @debug:	 MMBOX_SLAB_* checks that the layout has room for
 * @object_size: bytes that a caller may use
 * @red_left:	 bytes of red zone before each object
 * @red_right:	 bytes of red zone behind it, padding included
 * @track:	 from the start of an object to its records of users, which may
 *		 lie before it; or 0
 * @size:	 from one object to the next
 * @align:	 objects' alignment
 * @order:	 pages of a slab are 2^@order
 * @min_order:	 likewise, where these cannot be had
 * @nr_colours:	 places where the first object may begin
 * @colour_step: bytes between these
 * @inverse:	 see mmbox_slab_nr()
 * @shift:	 likewise
 */
struct mmbox_slab_layout {
	unsigned int debug;
	unsigned int object_size;
	unsigned int red_left;
	unsigned int red_right;
	int track;
	unsigned int size;
	unsigned int align;
	unsigned int order;
	unsigned int min_order;
	unsigned int nr_colours;
	unsigned int colour_step;
	unsigned int shift;
	unsigned long inverse;
};

/* The kernel's letters for its checks of slabs. */
#define MMBOX_SLAB_SANITY	(1U << 0)	/* F */
#define MMBOX_SLAB_RED_ZONE	(1U << 1)	/* Z */
#define MMBOX_SLAB_POISON	(1U << 2)	/* P */
#define MMBOX_SLAB_USER		(1U << 3)	/* U */
#define MMBOX_SLAB_TRACE	(1U << 4)	/* T */
#define MMBOX_SLAB_LETTERS	"FZPUT"
#define MMBOX_SLAB_DEBUG	(MMBOX_SLAB_SANITY | MMBOX_SLAB_RED_ZONE | \
				 MMBOX_SLAB_POISON | MMBOX_SLAB_USER | \
				 MMBOX_SLAB_TRACE)

/* No window has room for more than a few of these. */
#define MMBOX_OBJECT_MAX	(256U << 20)

int mmbox_slab_layout(struct mmbox_slab_layout *layout,
		      unsigned int object_size, unsigned int align,
		      unsigned int debug, unsigned int track_size);
void mmbox_slab_layout_limit(struct mmbox_slab_layout *layout,
			     unsigned int order);
unsigned int mmbox_slab_capacity(const struct mmbox_slab_layout *layout,
				 unsigned int order);

#endif /* MMBOX_SLAB_LAYOUT_H */
