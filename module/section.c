// SPDX-License-Identifier: GPL-2.0
/*
 * Sections: which page frames belong to a box, and their descriptors.
 *
 * A free names nothing but a page, which may be anyone's. The index below
 * answers for every frame of the host whether a box has it, and is shared by
 * all boxes. It changes under a lock of its own.
 *
 * A section is one zone's. Where the host serves small blocks to several
 * boxes, or the border between two nodes is not aligned, several sections
 * cover the same frames; they are chained, and at most one of them has a given
 * frame, for the host gave it out once.
 *
 * The index has two levels, and grows at its upper one. Both stay until the
 * module goes: a leaf is a page for 2 GiB of frames.
 *
 * Look-ups run under RCU from any context; a removed section is freed after a
 * grace period.
 */
#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "section.h"
#include "slab_index.h"

struct mmbox_section_root __rcu *mmbox_section_root;

static DEFINE_MUTEX(mmbox_sections_lock);

/* The index as its only writer sees it. */
static struct mmbox_section_root *root_locked(void)
{
	return rcu_dereference_protected(mmbox_section_root,
					 lockdep_is_held(&mmbox_sections_lock));
}

static int grow_root(unsigned long nr_leaves)
{
	struct mmbox_section_root *old = root_locked(), *new;

	if (nr_leaves <= old->nr_leaves)
		return 0;
	new = kvzalloc(struct_size(new, leaf, nr_leaves), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	new->nr_leaves = nr_leaves;
	memcpy(new->leaf, old->leaf,
	       flex_array_size(old, leaf, old->nr_leaves));
	rcu_assign_pointer(mmbox_section_root, new);
	synchronize_rcu();
	kvfree(old);
	return 0;
}

static struct mmbox_section __rcu **section_slot(unsigned long pfn)
{
	unsigned long nr = pfn >> MMBOX_SECTION_ORDER;
	struct mmbox_section_leaf *leaf;

	leaf = rcu_dereference_protected(root_locked()->leaf[nr >> MMBOX_LEAF_BITS],
					 lockdep_is_held(&mmbox_sections_lock));
	return &leaf->section[nr & (MMBOX_LEAF_SECTIONS - 1)];
}

/* Makes sure that the index has a slot for a frame's section. */
static int reserve_slot(unsigned long pfn)
{
	unsigned long nr = pfn >> MMBOX_SECTION_ORDER >> MMBOX_LEAF_BITS;
	struct mmbox_section_leaf *leaf;
	int err;

	err = grow_root(nr + 1);
	if (err || rcu_access_pointer(root_locked()->leaf[nr]))
		return err;
	leaf = kzalloc(sizeof(*leaf), GFP_KERNEL);
	if (!leaf)
		return -ENOMEM;
	rcu_assign_pointer(root_locked()->leaf[nr], leaf);
	return 0;
}

/**
 * mmbox_sections_init - make an empty index
 *
 * Context: module initialisation.
 * Return: 0 or -ENOMEM.
 */
int mmbox_sections_init(void)
{
	struct mmbox_section_root *root = kvzalloc(sizeof(*root), GFP_KERNEL);

	if (!root)
		return -ENOMEM;
	mmbox_slab_index_init();
	RCU_INIT_POINTER(mmbox_section_root, root);
	return 0;
}

/**
 * mmbox_sections_exit - free the index as the module goes; no section is left
 */
void mmbox_sections_exit(void)
{
	struct mmbox_section_root *root;
	unsigned long i;

	mmbox_slab_index_exit();
	root = rcu_dereference_protected(mmbox_section_root, true);
	for (i = 0; i < root->nr_leaves; i++)
		kfree(rcu_access_pointer(root->leaf[i]));
	RCU_INIT_POINTER(mmbox_section_root, NULL);
	kvfree(root);
}

/**
 * mmbox_section_leaves - lower levels that the index has
 *
 * Context: process context, may sleep.
 * Return: their number, for all boxes together.
 */
unsigned long mmbox_section_leaves(void)
{
	struct mmbox_section_root *root;
	unsigned long i, nr = 0;

	mutex_lock(&mmbox_sections_lock);
	root = root_locked();
	for (i = 0; i < root->nr_leaves; i++)
		nr += !!rcu_access_pointer(root->leaf[i]);
	mutex_unlock(&mmbox_sections_lock);
	return nr;
}

/**
 * mmbox_section_create - make a zone's section for a frame and publish it
 * @zone: zone it will belong to; has no section for this frame yet
 * @pfn:  a frame in it that the zone will have
 * @memory: pages of the box to put it in, of any contents, or NULL for memory
 *	  of the host. They stay in use until the section has been freed.
 *
 * All frames start absent.
 *
 * Context: process context, may sleep.
 * Return: the section, or ERR_PTR(-ENOMEM).
 */
struct mmbox_section *mmbox_section_create(struct mmbox_zone *zone,
					   unsigned long pfn, void *memory)
{
	struct mmbox_section __rcu **slot;
	struct mmbox_section *section;
	unsigned int i;
	int err;

	section = memory ?: kvmalloc_node(sizeof(*section), GFP_KERNEL,
					  page_to_nid(pfn_to_page(pfn)));
	if (!section)
		return ERR_PTR(-ENOMEM);

	memset(section, 0, sizeof(*section));
	section->in_box = memory;
	section->zone = zone;
	section->start_pfn = round_down(pfn, MMBOX_SECTION_PAGES);
	section->host = pfn_to_page(section->start_pfn);
	for (i = 0; i < MMBOX_SECTION_PAGES; i++) {
		INIT_LIST_HEAD(&section->map.page[i].lru);
		section->map.page[i].word = i;
	}

	err = mmbox_slab_index_reserve(section->start_pfn);
	mutex_lock(&mmbox_sections_lock);
	if (!err)
		err = reserve_slot(pfn);
	if (!err) {
		slot = section_slot(pfn);
		RCU_INIT_POINTER(section->next, rcu_access_pointer(*slot));
		rcu_assign_pointer(*slot, section);
	}
	mutex_unlock(&mmbox_sections_lock);

	if (!err)
		return section;
	kvfree(memory ? NULL : section);
	return ERR_PTR(err);
}

/* Readers may stand on the section, so its own next pointer stays. */
static void section_withdraw(struct mmbox_section *section)
{
	struct mmbox_section __rcu **link = section_slot(section->start_pfn);

	while (rcu_access_pointer(*link) != section)
		link = &rcu_dereference_protected(*link, true)->next;
	rcu_assign_pointer(*link, rcu_dereference_protected(section->next, true));
}

/**
 * mmbox_sections_free - withdraw sections and free their descriptors
 * @sections: list of sections, none of whose pages is in use; left empty
 *
 * Pages of the box that held descriptors are no longer looked at afterwards:
 * the caller gives them back.
 *
 * Context: process context, sleeps until no look-up can hold a section.
 */
void mmbox_sections_free(struct list_head *sections)
{
	struct mmbox_section *section, *tmp;

	if (list_empty(sections))
		return;
	mutex_lock(&mmbox_sections_lock);
	list_for_each_entry(section, sections, list)
		section_withdraw(section);
	mutex_unlock(&mmbox_sections_lock);
	synchronize_rcu();
	list_for_each_entry_safe(section, tmp, sections, list) {
		list_del(&section->list);
		if (!section->in_box)
			kvfree(section);
	}
}
