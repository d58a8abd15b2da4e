/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_KMAP_H
#define MMBOX_KMAP_H

#include <linux/types.h>

struct mmbox;

/* Slots that all share, and slots of each CPU. */
#define MMBOX_KMAP_SLOTS	64U
#define MMBOX_KMAP_LOCAL	16U

/**
 * enum mmbox_kmap_state - what a slot is used for
 * @MMBOX_KMAP_CLEAN: nothing, and no CPU remembers a page there
 * @MMBOX_KMAP_BUSY:  somebody has a page mapped there
 * @MMBOX_KMAP_IDLE:  a page is mapped there, which nobody uses any more
 * @MMBOX_KMAP_STALE: nothing, but a CPU may remember a page there
 * @MMBOX_NR_KMAP_STATES: number of states
 */
enum mmbox_kmap_state {
	MMBOX_KMAP_CLEAN,
	MMBOX_KMAP_BUSY,
	MMBOX_KMAP_IDLE,
	MMBOX_KMAP_STALE,
	MMBOX_NR_KMAP_STATES,
};

/**
 * struct mmbox_kmap_info - what there is to tell of a slot
 * @cpu:   whose slot it is, or -1 for one that all share
 * @slot:  its number, on that CPU
 * @state: what it is used for
 * @users: mappings that use it
 * @pfn:   the page, if @state is BUSY or IDLE
 */
struct mmbox_kmap_info {
	int cpu;
	unsigned int slot;
	enum mmbox_kmap_state state;
	unsigned int users;
	unsigned long pfn;
};

int mmbox_kmap_create(struct mmbox *box);
void mmbox_kmap_prepare(struct mmbox *box);
void mmbox_kmap_retire(struct mmbox *box);
void mmbox_kmap_destroy(struct mmbox *box);
bool mmbox_kmap_look(struct mmbox *box, unsigned int pos,
		     struct mmbox_kmap_info *info);

#endif /* MMBOX_KMAP_H */
