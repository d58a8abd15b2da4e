/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_LEDGER_H
#define MMBOX_LEDGER_H

#include <linux/types.h>

#include "site.h"

struct mmbox_ledger;

/* What is kept of an allocation. */
#define MMBOX_LEDGER_SITES	(1U << 0)	/* the place that called for it */

/**
 * struct mmbox_entry - an allocation that is in use
 * @link:  in a chain of the ledger
 * @key:   what it is: see mmbox_ledger_object() and mmbox_ledger_pages()
 * @bytes: that it takes
 * @wanted: bytes that were asked for
 * @site:  who asked, and is charged; or NULL
 */
struct mmbox_entry {
	struct hlist_node link;
	unsigned long key;
	size_t bytes;
	size_t wanted;
	struct mmbox_site *site;
};

/* Keys: objects are aligned, so that the last bit is free. */
static inline unsigned long mmbox_ledger_object(const void *object)
{
	return (unsigned long)object;
}

static inline unsigned long mmbox_ledger_pages(unsigned long pfn)
{
	return pfn << 1 | 1;
}

static inline bool mmbox_ledger_is_object(unsigned long key)
{
	return !(key & 1);
}

struct mmbox_ledger *mmbox_ledger_create(unsigned long pages,
					 struct mmbox_sites *sites);
void mmbox_ledger_destroy(struct mmbox_ledger *ledger);
void mmbox_ledger_keep(struct mmbox_ledger *ledger, unsigned int what);
bool mmbox_ledger_add(struct mmbox_ledger *ledger, unsigned long key,
		      size_t bytes, size_t wanted, unsigned long caller);
void mmbox_ledger_del(struct mmbox_ledger *ledger, unsigned long key);
void mmbox_ledger_each(struct mmbox_ledger *ledger,
		       void (*call)(const struct mmbox_entry *entry,
				    void *data),
		       void *data);

#endif /* MMBOX_LEDGER_H */
