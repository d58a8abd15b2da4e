/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Search trees whose nodes know something of all that is below them. As in the
 * kernel, whoever links a node has told it to those above before.
 */
#ifndef SHIM_LINUX_RBTREE_AUGMENTED_H
#define SHIM_LINUX_RBTREE_AUGMENTED_H

#include <linux/rbtree.h>

struct rb_augment_callbacks {
	void (*propagate)(struct rb_node *node, struct rb_node *stop);
};

static inline void rb_insert_augmented(struct rb_node *node,
				       struct rb_root *root,
				       const struct rb_augment_callbacks *augment)
{
	(void)augment;
	rb_insert_color(node, root);
}

static inline void rb_erase_augmented(struct rb_node *node,
				      struct rb_root *root,
				      const struct rb_augment_callbacks *augment)
{
	augment->propagate(shim_erase(node, root), NULL);
}

#define RB_DECLARE_CALLBACKS_MAX(scope, name, type, field, number, max, of) \
static void name ## _propagate(struct rb_node *node, struct rb_node *stop) \
{ \
	for (; node != stop; node = node->shim_parent) { \
		type *entry = rb_entry(node, type, field); \
		number most = of(entry); \
		if (node->rb_left && \
		    rb_entry(node->rb_left, type, field)->max > most) \
			most = rb_entry(node->rb_left, type, field)->max; \
		if (node->rb_right && \
		    rb_entry(node->rb_right, type, field)->max > most) \
			most = rb_entry(node->rb_right, type, field)->max; \
		entry->max = most; \
	} \
} \
scope const struct rb_augment_callbacks name = { \
	.propagate = name ## _propagate, \
};

#endif /* SHIM_LINUX_RBTREE_AUGMENTED_H */
