/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_LEDGER_H
#define MMBOX_LEDGER_H

#include <linux/gfp.h>
#include <linux/sched.h>
#include <linux/types.h>

#include "site.h"

struct mmbox_ledger;

/* What is kept: blocks of pages, and ... */
#define MMBOX_LEDGER_SITES	(1U << 0)	/* objects, for allocinfo */
#define MMBOX_LEDGER_OWNERS	(1U << 1)	/* who has the blocks, for page_owner */

/**
 * struct mmbox_owner - who allocated a block of pages
 * @time:  nanoseconds on the clock of the kernel log
 * @gfp:   what was asked for
 * @order: likewise
 * @stack: how the call came there, in the kernel's depot of stacks; 0: not known
 * @pid:   the thread that was current
 * @tgid:  its process
 * @comm:  its name
 */
struct mmbox_owner {
	u64 time;
	gfp_t gfp;
	unsigned int order;
	u32 stack;
	pid_t pid;
	pid_t tgid;
	char comm[TASK_COMM_LEN];
};

/**
 * struct mmbox_entry - an allocation that is in use
 * @link:  in a chain of the ledger
 * @key:   what it is: see mmbox_ledger_object() and mmbox_ledger_pages()
 * @bytes: that it takes
 * @wanted: bytes that were asked for
 * @site:  who asked, and is charged
 * @owner: more of who asked; or NULL
 */
struct mmbox_entry {
	struct hlist_node link;
	unsigned long key;
	size_t bytes;
	size_t wanted;
	struct mmbox_site *site;
	struct mmbox_owner *owner;
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
		      size_t bytes, size_t wanted, unsigned long caller,
		      const struct mmbox_owner *owner);
bool mmbox_ledger_owner(struct mmbox_ledger *ledger, unsigned long key,
			struct mmbox_owner *owner);
void mmbox_ledger_del(struct mmbox_ledger *ledger, unsigned long key);
void mmbox_ledger_each(struct mmbox_ledger *ledger,
		       void (*call)(const struct mmbox_entry *entry,
				    void *data),
		       void *data);

#endif /* MMBOX_LEDGER_H */
