/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_PCP_H
#define MMBOX_PCP_H

#include <linux/compiler.h>
#include <linux/percpu.h>

#include "page.h"

/**
 * struct mmbox_pcp_list - blocks of one order that one CPU has at hand
 * @head:  a stack, linked through mmbox_page.next
 * @count: blocks in it
 * @high:  the most it may hold; adapts; 0 for an order that has no list
 * @nr_alloc: allocations that it has served
 * @nr_free: frees that it has taken
 */
struct mmbox_pcp_list {
	struct mmbox_page *head;
	unsigned int count;
	unsigned int high;
	unsigned long nr_alloc;
	unsigned long nr_free;
};

/**
 * struct mmbox_pcp - the lists of one CPU in one zone
 * @busy:      the CPU is at work on its lists: whoever interrupts it stays away
 * @list:      the lists by order
 * @nr_refill: of each order, batches taken from the buddy
 * @nr_drain:  of each order, batches given back because the list was full
 *
 * Only its CPU touches it, with preemption off, and for a CPU that is offline
 * the one that drains it.
 */
struct mmbox_pcp {
	bool busy;
	struct mmbox_pcp_list list[MMBOX_NR_ORDERS];
	unsigned long nr_refill[MMBOX_NR_ORDERS];
	unsigned long nr_drain[MMBOX_NR_ORDERS];
};

/**
 * struct mmbox_pcp_limits - how long the lists of a zone may get, by order
 * @batch:    blocks moved at once; 0 where the order has no list
 * @high_min: where a list's high mark starts, and the least it falls to
 * @high_max: the most it rises to
 *
 * They change while CPUs go by them: each is read once. What comes of a former
 * one ends when the lists are emptied next, see mmbox_zones_limit_lists().
 */
struct mmbox_pcp_limits {
	unsigned int batch[MMBOX_NR_ORDERS];
	unsigned int high_min[MMBOX_NR_ORDERS];
	unsigned int high_max[MMBOX_NR_ORDERS];
};

/**
 * mmbox_pcp_trylock - begin work on this CPU's lists
 * @pcps: the zone's lists
 *
 * No lock in memory: preemption is off, and an interrupt that comes in between
 * finds the CPU busy and does without. That takes a handful of instructions,
 * none of them locked, and leaves interrupts alone.
 *
 * Context: preemption off.
 * Return: the lists, to be let go with mmbox_pcp_unlock(), or NULL if this CPU
 * was interrupted at work on them.
 */
static __always_inline struct mmbox_pcp *
mmbox_pcp_trylock(struct mmbox_pcp __percpu *pcps)
{
	struct mmbox_pcp *pcp = this_cpu_ptr(pcps);

	if (unlikely(READ_ONCE(pcp->busy)))
		return NULL;
	WRITE_ONCE(pcp->busy, true);
	barrier();
	return pcp;
}

/**
 * mmbox_pcp_unlock - end work on this CPU's lists
 * @pcp: what mmbox_pcp_trylock() returned
 *
 * Context: preemption off, and so since mmbox_pcp_trylock().
 */
static __always_inline void mmbox_pcp_unlock(struct mmbox_pcp *pcp)
{
	barrier();
	WRITE_ONCE(pcp->busy, false);
}

/**
 * mmbox_pcp_pop - take a block off a list
 * @list: a list of this CPU, locked
 *
 * Return: the block, marked as allocated, or NULL if there is none.
 */
static __always_inline struct mmbox_page *
mmbox_pcp_pop(struct mmbox_pcp_list *list)
{
	struct mmbox_page *page = list->head;

	if (likely(page)) {
		list->head = page->next;
		list->count--;
		list->nr_alloc++;
		mmbox_page_unclaim(page);
	}
	return page;
}

/**
 * mmbox_pcp_alloc - take a block off this CPU's list
 * @pcps:  the zone's lists
 * @order: order of the block
 *
 * Context: preemption off.
 * Return: the block, marked as allocated, or NULL: the list is empty, or this
 * CPU was interrupted at work on it.
 */
static __always_inline struct mmbox_page *
mmbox_pcp_alloc(struct mmbox_pcp __percpu *pcps, unsigned int order)
{
	struct mmbox_pcp *pcp = mmbox_pcp_trylock(pcps);
	struct mmbox_page *page;

	if (unlikely(!pcp))
		return NULL;
	page = mmbox_pcp_pop(&pcp->list[order]);
	mmbox_pcp_unlock(pcp);
	return page;
}

static __always_inline void mmbox_pcp_push(struct mmbox_pcp_list *list,
					   struct mmbox_page *page)
{
	page->next = list->head;
	list->head = page;
	list->count++;
}

/**
 * mmbox_pcp_popped - note that blocks were taken off a list
 * @list:  a list of this CPU, locked
 * @head:  the first of those that are left
 * @taken: how many were taken; mmbox_page_unclaim() was told of each
 */
static __always_inline void mmbox_pcp_popped(struct mmbox_pcp_list *list,
					     struct mmbox_page *head,
					     unsigned int taken)
{
	list->head = head;
	list->count -= taken;
	list->nr_alloc += taken;
}

/* Blocks that a list takes before it is full. */
static __always_inline unsigned int
mmbox_pcp_room(const struct mmbox_pcp_list *list)
{
	/* A limit that was lowered is below the count. */
	return list->count < list->high ? list->high - list->count : 0;
}

/**
 * mmbox_pcp_pushed - note that blocks were put on a list
 * @list: a list of this CPU, locked
 * @head: the last of them, linked to the one before, and so on to the former
 *	  head
 * @put:  how many there are
 */
static __always_inline void mmbox_pcp_pushed(struct mmbox_pcp_list *list,
					     struct mmbox_page *head,
					     unsigned int put)
{
	list->head = head;
	list->count += put;
	list->nr_free += put;
}

/**
 * mmbox_pcp_free - put a block on this CPU's list
 * @pcps:  the zone's lists
 * @page:  the block, claimed
 * @order: its order
 *
 * Context: preemption off.
 * Return: false if the list is full, or this CPU was interrupted at work on it.
 */
static __always_inline bool mmbox_pcp_free(struct mmbox_pcp __percpu *pcps,
					   struct mmbox_page *page,
					   unsigned int order)
{
	struct mmbox_pcp *pcp = mmbox_pcp_trylock(pcps);
	struct mmbox_pcp_list *list;
	bool room;

	if (unlikely(!pcp))
		return false;
	list = &pcp->list[order];
	room = list->count < list->high;
	if (likely(room)) {
		mmbox_pcp_push(list, page);
		list->nr_free++;
	}
	mmbox_pcp_unlock(pcp);
	return room;
}

void mmbox_pcp_set_limits(struct mmbox_pcp_limits *limits,
			  unsigned long managed, unsigned int nr_cpus,
			  unsigned long high);
void mmbox_pcp_init(struct mmbox_pcp *pcp,
		    const struct mmbox_pcp_limits *limits);
void mmbox_pcp_refill(struct mmbox_pcp *pcp,
		      const struct mmbox_pcp_limits *limits,
		      unsigned int order, struct mmbox_page *chain);
struct mmbox_page *mmbox_pcp_overflow(struct mmbox_pcp *pcp,
				      const struct mmbox_pcp_limits *limits,
				      unsigned int order);

#endif /* MMBOX_PCP_H */
