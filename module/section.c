// SPDX-License-Identifier: GPL-2.0
/*
 * Sections: which page frames belong to a box, and their descriptors.
 *
 * A free names nothing but a page, which may be anyone's. The index below
 * answers for every frame of the host whether a box has it, and is shared by
 * all boxes: it is part of the list of boxes and changes under the same lock.
 *
 * A section is one zone's. Where the host serves small blocks to several
 * boxes, or the border between two nodes is not aligned, several sections
 * cover the same frames; they are chained, and at most one of them has a given
 * frame, for the host gave it out once.
 *
 * Look-ups run under RCU from any context; a removed section is freed after a
 * grace period.
 */
#include <linux/err.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/xarray.h>

#include "section.h"

static DEFINE_XARRAY(mmbox_sections);

static unsigned long section_index(unsigned long pfn)
{
	return pfn >> MMBOX_SECTION_ORDER;
}

/**
 * mmbox_section_bytes - size of a section's descriptors
 *
 * Return: bytes of host memory that each section costs.
 */
size_t mmbox_section_bytes(void)
{
	return struct_size_t(struct mmbox_section, map, MMBOX_SECTION_PAGES);
}

/**
 * mmbox_section_create - make a zone's section for a frame and publish it
 * @zone: zone it will belong to; has no section for this frame yet
 * @pfn:  any frame in it
 * @nid:  NUMA node to place the descriptors on
 *
 * All frames start absent.
 *
 * Context: process context, may sleep; mmbox_boxes_lock held.
 * Return: the section, or ERR_PTR(-ENOMEM).
 */
struct mmbox_section *mmbox_section_create(struct mmbox_zone *zone,
					   unsigned long pfn, int nid)
{
	struct mmbox_section *section, *chain;
	unsigned int i;
	int err;

	section = kvzalloc_node(mmbox_section_bytes(), GFP_KERNEL, nid);
	if (!section)
		return ERR_PTR(-ENOMEM);

	section->zone = zone;
	section->start_pfn = round_down(pfn, MMBOX_SECTION_PAGES);
	for (i = 0; i < MMBOX_SECTION_PAGES; i++) {
		INIT_LIST_HEAD(&section->map[i].lru);
		section->map[i].word = i;
	}

	chain = xa_load(&mmbox_sections, section_index(pfn));
	RCU_INIT_POINTER(section->next, chain);
	err = xa_err(xa_store(&mmbox_sections, section_index(pfn), section,
			      GFP_KERNEL));
	if (err) {
		kvfree(section);
		return ERR_PTR(err);
	}
	return section;
}

/*
 * Readers may stand on @section, so its own next pointer stays. Replacing an
 * entry that exists needs no memory: the stores here cannot fail.
 */
static void section_withdraw(struct mmbox_section *section)
{
	unsigned long index = section_index(section->start_pfn);
	struct mmbox_section *next, *chain;

	next = rcu_dereference_protected(section->next, true);
	chain = xa_load(&mmbox_sections, index);
	if (chain == section) {
		xa_store(&mmbox_sections, index, next, GFP_KERNEL);
		return;
	}
	while (rcu_access_pointer(chain->next) != section)
		chain = rcu_dereference_protected(chain->next, true);
	rcu_assign_pointer(chain->next, next);
}

/**
 * mmbox_sections_free - withdraw sections and free their descriptors
 * @sections: list of sections, none of whose pages is in use; left empty
 *
 * Context: process context, sleeps until no look-up can hold a section;
 * mmbox_boxes_lock held.
 */
void mmbox_sections_free(struct list_head *sections)
{
	struct mmbox_section *section, *tmp;

	if (list_empty(sections))
		return;
	list_for_each_entry(section, sections, list)
		section_withdraw(section);
	synchronize_rcu();
	list_for_each_entry_safe(section, tmp, sections, list) {
		list_del(&section->list);
		kvfree(section);
	}
}

/**
 * mmbox_section_find - the section that has a frame
 * @pfn: any frame number
 *
 * Context: any, under rcu_read_lock().
 * Return: the section in which the frame is present, or NULL if no box has it.
 */
struct mmbox_section *mmbox_section_find(unsigned long pfn)
{
	struct mmbox_section *section;

	section = xa_load(&mmbox_sections, section_index(pfn));
	while (section && mmbox_page_state(mmbox_section_page(section, pfn)) ==
			  MMBOX_PAGE_ABSENT)
		section = rcu_dereference(section->next);
	return section;
}
