/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_SITE_H
#define MMBOX_SITE_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/types.h>

struct mmbox;
struct mmbox_sites;

/* Room for "function+0x123/0x456 [module]"; a longer one is cut. */
#define MMBOX_SITE_TEXT	120

/**
 * struct mmbox_site - a place that calls for memory
 * @link:   in a chain of the table
 * @caller: its address
 * @nr:	    its number, by which a table can be gone through
 * @gone:   its module has been unloaded: another place may have the address
 * @bytes:  that are allocated from there, as far as they are counted
 * @calls:  that got these
 * @text:   its name, which outlives its module
 */
struct mmbox_site {
	struct hlist_node link;
	unsigned long caller;
	unsigned int nr;
	bool gone;
	atomic64_t bytes;
	atomic64_t calls;
	char text[MMBOX_SITE_TEXT];
};

int mmbox_sites_init(void);
void mmbox_sites_exit(void);
struct mmbox_sites *mmbox_sites_create(void);
void mmbox_sites_destroy(struct mmbox_sites *sites);
struct mmbox_site *mmbox_site_get(struct mmbox_sites *sites,
				  unsigned long caller);
const struct mmbox_site *mmbox_site_known(struct mmbox_sites *sites,
					  unsigned long caller);
unsigned int mmbox_sites_nr(const struct mmbox_sites *sites);
struct mmbox_site *mmbox_site_at(const struct mmbox_sites *sites,
				 unsigned int nr);

#endif /* MMBOX_SITE_H */
