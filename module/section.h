/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_SECTION_H
#define MMBOX_SECTION_H

#include <linux/mm.h>

#include "page.h"

struct mmbox_zone;

/**
 * struct mmbox_section - a naturally aligned stretch of page frames
 * @list:	link in its zone's list, in ascending order of @start_pfn
 * @next:	next section of the same frames, see mmbox_section_find()
 * @zone:	the zone that all of its present pages belong to
 * @start_pfn:	the host's frame number of map[0]
 * @nr_present:	frames of the section that the box has
 * @map:	the descriptors
 *
 * A section never changes its zone. A frame becomes present before anyone can
 * hold its page, and stays so until the section is removed.
 */
struct mmbox_section {
	struct list_head list;
	struct mmbox_section __rcu *next;
	struct mmbox_zone *zone;
	unsigned long start_pfn;
	unsigned long nr_present;
	struct mmbox_page map[];
};

struct mmbox_section *mmbox_section_create(struct mmbox_zone *zone,
					   unsigned long pfn, int nid);
void mmbox_sections_free(struct list_head *sections);
struct mmbox_section *mmbox_section_find(unsigned long pfn);
size_t mmbox_section_bytes(void);

static inline struct mmbox_section *
mmbox_page_section(const struct mmbox_page *page)
{
	return container_of(page - mmbox_page_index(page),
			    struct mmbox_section, map[0]);
}

static inline unsigned long mmbox_page_pfn(const struct mmbox_page *page)
{
	return mmbox_page_section(page)->start_pfn + mmbox_page_index(page);
}

/* The host's descriptor of the same frame: what callers of the API hold. */
static inline struct page *mmbox_page_host(const struct mmbox_page *page)
{
	return pfn_to_page(mmbox_page_pfn(page));
}

static inline struct mmbox_page *
mmbox_section_page(struct mmbox_section *section, unsigned long pfn)
{
	return &section->map[pfn & (MMBOX_SECTION_PAGES - 1)];
}

#endif /* MMBOX_SECTION_H */
