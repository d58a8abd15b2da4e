// SPDX-License-Identifier: GPL-2.0
/*
 * The address space of a box looked at: areas and holes, one by one, for files
 * and for whoever destroys a box. The lock is held for one of them at a time.
 */
#include <linux/string.h>

#include "internal.h"
#include "vmap_chunk.h"

/* The area of a chunk that ends behind @page, or what is left behind all. */
static void look_at_chunk(struct mmbox_vmap *vmap, const struct mmbox_va *va,
			  unsigned long page, struct mmbox_area_info *info)
{
	struct mmbox_chunk *chunk = mmbox_page_chunk(vmap, va->start);
	unsigned int at = 0, head = mmbox_chunk_head(chunk);

	while (at < head) {
		struct mmbox_small *small = &chunk->small[at];
		unsigned long word = READ_ONCE(small->word);
		unsigned long nr = mmbox_word_nr(word) + 1;

		if (va->start + at + nr > page) {
			info->page = va->start + at;
			info->nr = nr;
			info->word = word;
			info->caller = small->caller;
			return;
		}
		at += nr;
	}
	info->page = va->start + at;
	info->nr = MMBOX_CHUNK_PAGES - at;
	info->word = mmbox_area_word(MMBOX_AREA_UNUSED, MMBOX_AREA_CHUNK, 0);
}

static void look_at_area(struct mmbox_vmap *vmap, struct mmbox_va *va,
			 unsigned long page, struct mmbox_area_info *info)
{
	struct mmbox_area *area = mmbox_area_of(va);

	if (mmbox_word_kind(area->word) == MMBOX_AREA_CHUNK) {
		look_at_chunk(vmap, va, page, info);
		return;
	}
	info->page = va->start;
	info->nr = va->nr;
	info->word = area->word;
	info->caller = area->caller;
}

/**
 * mmbox_area_next - look at areas and holes in the order of their addresses
 * @vmap: address space
 * @page: where to look from
 * @info: filled in for what has @page, or else for what follows next
 *
 * Context: any.
 * Return: false if nothing follows.
 */
bool mmbox_area_next(struct mmbox_vmap *vmap, unsigned long page,
		     struct mmbox_area_info *info)
{
	struct mmbox_va *va, *gap;
	unsigned long flags;

	if (!mmbox_vmap_is_ready(vmap))
		return false;
	memset(info, 0, sizeof(*info));
	raw_spin_lock_irqsave(&vmap->lock, flags);
	va = mmbox_va_busy(&vmap->space, page);
	gap = mmbox_va_gap(&vmap->space, page);
	if (va && (!gap || va->start < gap->start)) {
		look_at_area(vmap, va, page, info);
	} else if (gap) {
		info->page = gap->start;
		info->nr = gap->nr;
	}
	raw_spin_unlock_irqrestore(&vmap->lock, flags);
	return va || gap;
}

/**
 * mmbox_vmap_live - areas of a box that somebody has
 * @box: the box
 *
 * Those that were given back in an interrupt are truly given back before.
 *
 * Context: process context, may sleep.
 * Return: their number; right if nobody takes or gives back one meanwhile.
 */
unsigned long mmbox_vmap_live(struct mmbox *box)
{
	struct mmbox_vmap *vmap = box->vmap;
	unsigned long live;
	unsigned int i;

	flush_work(&vmap->free);
	live = READ_ONCE(vmap->nr_large);
	for (i = 0; i < vmap->nr_chunks; i++)
		live += READ_ONCE(vmap->chunk[i].nr_cut) -
			atomic_read(&vmap->chunk[i].nr_back);
	return live;
}
