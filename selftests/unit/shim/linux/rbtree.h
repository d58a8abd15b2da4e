/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's search trees, as far as the tested parts use them. They are not
 * balanced here: random keys keep them low. A node that is linked twice, or
 * taken out of a tree that it is not in, ends the test.
 */
#ifndef SHIM_LINUX_RBTREE_H
#define SHIM_LINUX_RBTREE_H

#include <linux/container_of.h>
#include <linux/types.h>

#include <unit_fail.h>

struct rb_node {
	struct rb_node *rb_left;
	struct rb_node *rb_right;
	struct rb_node *shim_parent;
};

struct rb_root {
	struct rb_node *rb_node;
};

#define RB_ROOT			((struct rb_root){ NULL })
#define rb_entry(node, type, member) container_of(node, type, member)
#define rb_parent(node)		((node)->shim_parent)

static inline void rb_link_node(struct rb_node *node, struct rb_node *parent,
				struct rb_node **place)
{
	expect(!*place, "a node is linked where one is");
	expect(!parent || place == &parent->rb_left ||
	       place == &parent->rb_right, "a node is linked below another one");
	node->rb_left = NULL;
	node->rb_right = NULL;
	node->shim_parent = parent;
	*place = node;
}

static inline bool shim_in_tree(const struct rb_node *node,
				const struct rb_root *root)
{
	while (node->shim_parent) {
		if (node->shim_parent->rb_left != node &&
		    node->shim_parent->rb_right != node)
			return false;
		node = node->shim_parent;
	}
	return root->rb_node == node;
}

static inline void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	expect(shim_in_tree(node, root), "a node is not linked");
}

/* Puts @other, or nothing, in the place of @node. */
static inline void shim_replace(struct rb_root *root, struct rb_node *node,
				struct rb_node *other)
{
	struct rb_node *parent = node->shim_parent;

	if (!parent)
		root->rb_node = other;
	else if (parent->rb_left == node)
		parent->rb_left = other;
	else
		parent->rb_right = other;
	if (other)
		other->shim_parent = parent;
}

/* Returns the lowest node below which something changed. */
static inline struct rb_node *shim_erase(struct rb_node *node,
					 struct rb_root *root)
{
	struct rb_node *next = node->rb_right, *changed = node->shim_parent;

	expect(shim_in_tree(node, root), "a node is taken out of a tree that it is not in");
	if (!node->rb_left || !node->rb_right) {
		shim_replace(root, node, node->rb_left ?: node->rb_right);
		return changed;
	}
	while (next->rb_left)
		next = next->rb_left;
	changed = next->shim_parent == node ? next : next->shim_parent;
	if (next->shim_parent != node) {
		shim_replace(root, next, next->rb_right);
		next->rb_right = node->rb_right;
		next->rb_right->shim_parent = next;
	}
	shim_replace(root, node, next);
	next->rb_left = node->rb_left;
	next->rb_left->shim_parent = next;
	return changed;
}

static inline void rb_erase(struct rb_node *node, struct rb_root *root)
{
	shim_erase(node, root);
}

static inline struct rb_node *rb_next(const struct rb_node *node)
{
	struct rb_node *next = node->rb_right;

	if (next) {
		while (next->rb_left)
			next = next->rb_left;
		return next;
	}
	for (next = node->shim_parent; next && node == next->rb_right;
	     next = next->shim_parent)
		node = next;
	return next;
}

#endif /* SHIM_LINUX_RBTREE_H */
