// SPDX-License-Identifier: GPL-2.0
/*
 * kpageflags: 64 bits for each frame of the host, found by its number, as in
 * /proc/kpageflags. The file ends behind the last frame that the box spans.
 *
 * A frame that the box does not have is NOPAGE, whoever else has it. Of the
 * kernel's other bits a box has a use for BUDDY, on all frames of a free block,
 * and RESERVED, on those that hold its descriptors; blocks at hand on a CPU's
 * list have no bit there either.
 */
#include <linux/kernel-page-flags.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "internal.h"
#include "kpageflags.h"
#include "section.h"

#define NOPAGE		(1ULL << KPF_NOPAGE)
#define BUDDY		(1ULL << KPF_BUDDY)
#define SLAB		(1ULL << KPF_SLAB)
#define RESERVED	(1ULL << KPF_RESERVED)

/* So many frames are looked at under one hold of their zone's lock. */
#define CHUNK		64U

static_assert(MMBOX_SECTION_PAGES % CHUNK == 0);

static unsigned long end_pfn(struct mmbox *box)
{
	unsigned long end = 0;
	unsigned int pos;

	for (pos = 0; pos < mmbox_nr_zones(box); pos++) {
		struct mmbox_zone *zone = mmbox_zone_at(box, pos);

		if (zone && zone->present)
			end = max(end, zone->start_pfn + zone->spanned);
	}
	return end;
}

/* Is the frame part of a free block? Its first page is at an aligned place. */
static bool is_free(struct mmbox_section *section, unsigned int index)
{
	unsigned int order;

	for (order = 0; order < MMBOX_NR_ORDERS; order++) {
		unsigned int head = index & ~((1U << order) - 1);

		if (mmbox_page_is(&section->map.page[head], MMBOX_PAGE_FREE, order))
			return true;
	}
	return false;
}

/* The frames that a section of the box has; what others have is left as is. */
static void section_flags(struct mmbox_section *section, unsigned long pfn,
			  u64 *flags)
{
	unsigned int first = pfn & (MMBOX_SECTION_PAGES - 1);
	unsigned long irq_flags;
	unsigned int i;

	spin_lock_irqsave(&section->zone->lock, irq_flags);
	for (i = 0; i < CHUNK; i++)
		switch (mmbox_page_state(&section->map.page[first + i])) {
		case MMBOX_PAGE_ABSENT:
			break;
		case MMBOX_PAGE_RESERVED:
			flags[i] = RESERVED;
			break;
		case MMBOX_PAGE_SLAB:
			flags[i] = SLAB;
			break;
		default:
			flags[i] = is_free(section, first + i) ? BUDDY : 0;
		}
	spin_unlock_irqrestore(&section->zone->lock, irq_flags);
}

/*
 * Several sections may cover the frames. Those of this box stay while one of
 * its files is read; a step from one to the next needs the RCU section.
 */
static void chunk_flags(struct mmbox *box, unsigned long pfn, u64 *flags)
{
	struct mmbox_section *section, *ours[MMBOX_NR_ZONES];
	unsigned int i, nr = 0;

	for (i = 0; i < CHUNK; i++)
		flags[i] = NOPAGE;
	preempt_disable();
	for (section = mmbox_section_newest(pfn); section;
	     section = rcu_dereference_sched(section->next))
		if (section->zone->box == box && nr < ARRAY_SIZE(ours))
			ours[nr++] = section;
	preempt_enable();
	for (i = 0; i < nr; i++)
		section_flags(ours[i], pfn, flags);
}

/**
 * mmbox_kpageflags_read - read from kpageflags
 * @box:   the box
 * @buf:   where to
 * @count: bytes wanted
 * @pos:   place in the file, moved on
 *
 * Other than in the kernel, any place and any number of bytes may be read.
 *
 * Context: process context, may sleep.
 * Return: bytes read, fewer than wanted at the end of the file or when a signal
 * comes; -EINVAL or -EFAULT.
 */
ssize_t mmbox_kpageflags_read(struct mmbox *box, char __user *buf,
			      size_t count, loff_t *pos)
{
	u64 end = (u64)end_pfn(box) * sizeof(u64);
	u64 flags[CHUNK];
	size_t done = 0;

	if (*pos < 0)
		return -EINVAL;
	if (*pos >= end)
		return 0;
	count = min_t(u64, count, end - *pos);
	while (done < count && !signal_pending(current)) {
		size_t from = *pos % sizeof(flags);
		size_t len = min(count - done, sizeof(flags) - from);

		chunk_flags(box, *pos / sizeof(flags) * CHUNK, flags);
		if (copy_to_user(buf + done, (char *)flags + from, len))
			return done ?: -EFAULT;
		done += len;
		*pos += len;
		cond_resched();
	}
	return done ?: -ERESTARTSYS;
}
