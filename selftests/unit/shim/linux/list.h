/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's circular lists, as far as the tested parts use them. Every
 * change looks at the neighbours first: a link that is already in a list, or
 * no longer, ends the test.
 */
#ifndef SHIM_LINUX_LIST_H
#define SHIM_LINUX_LIST_H

#include <linux/container_of.h>
#include <linux/types.h>

#include <unit_fail.h>

#define LIST_HEAD(name) struct list_head name = { &(name), &(name) }

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

static inline void shim_list_insert(struct list_head *link,
				    struct list_head *before,
				    struct list_head *after)
{
	expect(before->next == after && after->prev == before,
	       "insertion into a broken list");
	expect(link != before && link != after,
	       "insertion of a link that is in the list");
	link->prev = before;
	link->next = after;
	before->next = link;
	after->prev = link;
}

static inline void list_add(struct list_head *link, struct list_head *head)
{
	shim_list_insert(link, head, head->next);
}

static inline void list_add_tail(struct list_head *link,
				 struct list_head *head)
{
	shim_list_insert(link, head->prev, head);
}

/* What a removed link is left with: not a list, and NULL means removed. */
static inline void list_del(struct list_head *link)
{
	expect(link->next && link->prev, "removal of a removed link");
	expect(link->next->prev == link && link->prev->next == link,
	       "removal from a broken list");
	link->next->prev = link->prev;
	link->prev->next = link->next;
	link->next = NULL;
	link->prev = NULL;
}

#define list_entry(link, type, member) container_of(link, type, member)

#define list_first_entry(head, type, member) \
	list_entry((head)->next, type, member)

#define list_last_entry(head, type, member) \
	list_entry((head)->prev, type, member)

#define list_next_entry(pos, member) \
	list_entry((pos)->member.next, __typeof__(*(pos)), member)

#define list_for_each_entry(pos, head, member)				\
	for (pos = list_first_entry(head, __typeof__(*pos), member);	\
	     &pos->member != (head);					\
	     pos = list_next_entry(pos, member))

#define list_prev_entry(pos, member) \
	list_entry((pos)->member.prev, __typeof__(*(pos)), member)

#define list_for_each_entry_reverse(pos, head, member)			\
	for (pos = list_entry((head)->prev, __typeof__(*pos), member);	\
	     &pos->member != (head);					\
	     pos = list_prev_entry(pos, member))

#define list_for_each_entry_safe(pos, next_, head, member)		\
	for (pos = list_first_entry(head, __typeof__(*pos), member),	\
	     next_ = list_next_entry(pos, member);			\
	     &pos->member != (head);					\
	     pos = next_, next_ = list_next_entry(next_, member))

static inline void list_splice_init(struct list_head *from,
				    struct list_head *to)
{
	while (!list_empty(from)) {
		struct list_head *link = from->prev;

		list_del(link);
		list_add(link, to);
	}
}

static inline void list_del_init(struct list_head *entry)
{
	list_del(entry);
	INIT_LIST_HEAD(entry);
}

static inline void list_move(struct list_head *entry, struct list_head *head)
{
	list_del(entry);
	list_add(entry, head);
}

#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_first_entry(head, type, member))

#endif /* SHIM_LINUX_LIST_H */
