/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries of x86-64 page tables: what their bits mean, and the way from one
 * table to the next. No kernel services: this builds in user space too.
 */
#ifndef MMBOX_PGENTRY_H
#define MMBOX_PGENTRY_H

#include <linux/types.h>

#include <uapi/linux/mmbox.h>

/**
 * struct mmbox_paging - how the machine's page tables are built
 * @frame_mask:	 bits of an entry that hold a physical address
 * @pat:	 the page attribute table: eight memory types, a byte each
 * @five_levels: there is a level between PGD and PUD
 */
struct mmbox_paging {
	u64 frame_mask;
	u64 pat;
	bool five_levels;
};

/**
 * typedef mmbox_read_entry_t - reads an entry of a page table
 * @data:  what the caller of mmbox_pgentry_walk() gave
 * @phys:  physical address of the entry
 * @entry: set to what stands there
 *
 * Return: false if there is no memory that could hold a table.
 */
typedef bool mmbox_read_entry_t(void *data, u64 phys, u64 *entry);

bool mmbox_pgentry_canonical(const struct mmbox_paging *paging, u64 address);
u32 mmbox_pgentry_flags(u64 entry, unsigned int level);
void mmbox_pgentry_walk(const struct mmbox_paging *paging, u64 root,
			u64 address, mmbox_read_entry_t *read, void *data,
			struct mmbox_walk *walk);
void mmbox_pgentry_hide(const struct mmbox_paging *paging,
			struct mmbox_walk *walk);

#endif /* MMBOX_PGENTRY_H */
