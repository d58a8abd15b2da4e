/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_SECTION_H
#define MMBOX_SECTION_H

#include <linux/mm.h>
#include <linux/rcupdate.h>

#include "page.h"

struct mmbox_zone;

/**
 * struct mmbox_section - a naturally aligned stretch of page frames
 * @list:	link in its zone's list, in ascending order of @start_pfn
 * @next:	next section of the same frames, see mmbox_section_find()
 * @host:	the host's descriptor of the same frame as map.page[0]
 * @zone:	the zone that all of its present pages belong to
 * @start_pfn:	the host's frame number of map.page[0]
 * @nr_present:	frames of the section that the box has
 * @former:	the types of its pageblocks before they were isolated
 * @in_box:	it is itself in reserved pages of the box, not in host memory
 * @map:	the descriptors
 *
 * A section never changes its zone. A frame becomes present before anyone can
 * hold its page, and stays so until the section is removed.
 */
struct mmbox_section {
	struct list_head list;
	struct mmbox_section __rcu *next;
	struct mmbox_zone *zone;
	struct page *host;
	unsigned long start_pfn;
	unsigned long nr_present;
	enum mmbox_migratetype former[MMBOX_SECTION_BLOCKS];
	bool in_box;
	struct mmbox_map map;
};

#define MMBOX_LEAF_BITS		9
#define MMBOX_LEAF_SECTIONS	(1UL << MMBOX_LEAF_BITS)

/* The lower level of the index: 2 GiB of frames with 4 KiB pages. */
struct mmbox_section_leaf {
	struct mmbox_section __rcu *section[MMBOX_LEAF_SECTIONS];
};

/**
 * struct mmbox_section_root - the upper level of the index
 * @nr_leaves: length of @leaf; a frame beyond it has no section
 * @leaf:      lower levels, NULL where no section has ever been
 */
struct mmbox_section_root {
	unsigned long nr_leaves;
	struct mmbox_section_leaf __rcu *leaf[];
};

extern struct mmbox_section_root __rcu *mmbox_section_root;

struct mmbox_section *mmbox_section_create(struct mmbox_zone *zone,
					   unsigned long pfn, void *memory);
void mmbox_sections_free(struct list_head *sections);
unsigned long mmbox_section_leaves(void);
int mmbox_sections_init(void);
void mmbox_sections_exit(void);

static inline struct mmbox_section *
mmbox_page_section(const struct mmbox_page *page)
{
	return container_of(mmbox_page_map(page), struct mmbox_section, map);
}

static inline unsigned long mmbox_page_pfn(const struct mmbox_page *page)
{
	return mmbox_page_section(page)->start_pfn + mmbox_page_index(page);
}

/* The host's descriptor of the same frame: what callers of the API hold. */
static inline struct page *mmbox_page_host(const struct mmbox_page *page)
{
	return mmbox_page_section(page)->host + mmbox_page_index(page);
}

static inline struct mmbox_page *
mmbox_section_page(struct mmbox_section *section, unsigned long pfn)
{
	return &section->map.page[pfn & (MMBOX_SECTION_PAGES - 1)];
}

/**
 * mmbox_section_head - the first page of the block that a page is in
 * @section: the section
 * @pfn:     a frame of it
 *
 * Blocks begin at multiples of their size. They change while they are looked at,
 * unless the zone is locked: the answer was right a moment ago.
 *
 * Context: any.
 * Return: the page that tells state and order of the block, or NULL if there is
 * none: the frame is in no block, or blocks are just split or joined.
 */
static inline struct mmbox_page *
mmbox_section_head(struct mmbox_section *section, unsigned long pfn)
{
	unsigned int order;

	for (order = 0; order < MMBOX_NR_ORDERS; order++) {
		struct mmbox_page *head =
			mmbox_section_page(section, pfn & ~0UL << order);
		enum mmbox_page_state state = mmbox_page_state(head);

		if (state >= MMBOX_PAGE_FREE && state <= MMBOX_PAGE_ALLOC &&
		    mmbox_page_order(head) >= order)
			return head;
	}
	return NULL;
}

/**
 * mmbox_section_newest - the section that most likely has a frame
 * @pfn: any frame number
 *
 * On the path of every free: three loads.
 *
 * Context: any, with preemption off, which RCU waits for.
 * Return: the newest of the sections that cover the frame, or NULL.
 */
static inline struct mmbox_section *mmbox_section_newest(unsigned long pfn)
{
	unsigned long nr = pfn >> MMBOX_SECTION_ORDER;
	const struct mmbox_section_root *root;
	const struct mmbox_section_leaf *leaf;

	root = rcu_dereference_sched(mmbox_section_root);
	if (unlikely(nr >> MMBOX_LEAF_BITS >= root->nr_leaves))
		return NULL;
	leaf = rcu_dereference_sched(root->leaf[nr >> MMBOX_LEAF_BITS]);
	if (unlikely(!leaf))
		return NULL;
	nr &= MMBOX_LEAF_SECTIONS - 1;
	return rcu_dereference_sched(leaf->section[nr]);
}

/**
 * mmbox_section_find - the section that has a frame
 * @pfn: any frame number
 *
 * Context: any, with preemption off, which RCU waits for.
 * Return: the section in which the frame is present, or NULL if no box has it.
 */
static inline struct mmbox_section *mmbox_section_find(unsigned long pfn)
{
	struct mmbox_section *section = mmbox_section_newest(pfn);

	while (section && mmbox_page_state(mmbox_section_page(section, pfn)) ==
			  MMBOX_PAGE_ABSENT)
		section = rcu_dereference_sched(section->next);
	return section;
}

#endif /* MMBOX_SECTION_H */
