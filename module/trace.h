/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints, in system "mmbox". They have the names and the fields of the
 * kernel's own in system "kmem", in the same order, so that what is known of
 * those holds here; the name of the box comes after them. Migrate types have
 * the kernel's numbers, but for Isolate, which may have a later one there.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mmbox

#if !defined(MMBOX_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define MMBOX_TRACE_H

#include <linux/mm.h>
#include <linux/tracepoint.h>
#include <trace/events/mmflags.h>
#include <uapi/linux/mmbox.h>

#include "page.h"

/* An allocation, also one that failed: its page is NULL, its pfn -1. */
TRACE_EVENT(mm_page_alloc,
	    TP_PROTO(struct page *page, unsigned int order, gfp_t gfp_flags,
		     int migratetype, const char *box),
	    TP_ARGS(page, order, gfp_flags, migratetype, box),
	    TP_STRUCT__entry(__field(unsigned long, pfn)
			     __field(unsigned int, order)
			     __field(unsigned long, gfp_flags)
			     __field(int, migratetype)
			     __array(char, box, MMBOX_NAME_LEN)),
	    TP_fast_assign(__entry->pfn = page ? page_to_pfn(page) : -1UL;
			   __entry->order = order;
			   __entry->gfp_flags = (__force unsigned long)gfp_flags;
			   __entry->migratetype = migratetype;
			   strscpy(__entry->box, box, MMBOX_NAME_LEN);),
	    TP_printk("page=%p pfn=0x%lx order=%d migratetype=%d gfp_flags=%s box=%s",
		      __entry->pfn != -1UL ? pfn_to_page(__entry->pfn) : NULL,
		      __entry->pfn != -1UL ? __entry->pfn : 0,
		      __entry->order,
		      __entry->migratetype,
		      show_gfp_flags(__entry->gfp_flags),
		      __entry->box));

/* A free that is not refused. */
TRACE_EVENT(mm_page_free,
	    TP_PROTO(struct page *page, unsigned int order, const char *box),
	    TP_ARGS(page, order, box),
	    TP_STRUCT__entry(__field(unsigned long, pfn)
			     __field(unsigned int, order)
			     __array(char, box, MMBOX_NAME_LEN)),
	    TP_fast_assign(__entry->pfn = page_to_pfn(page);
			   __entry->order = order;
			   strscpy(__entry->box, box, MMBOX_NAME_LEN);),
	    TP_printk("page=%p pfn=0x%lx order=%d box=%s",
		      pfn_to_page(__entry->pfn),
		      __entry->pfn,
		      __entry->order,
		      __entry->box));

/* A block taken from the buddy, for a caller or for a CPU's list. */
TRACE_EVENT(mm_page_alloc_zone_locked,
	    TP_PROTO(struct page *page, unsigned int order, int migratetype,
		     int percpu_refill, const char *box),
	    TP_ARGS(page, order, migratetype, percpu_refill, box),
	    TP_STRUCT__entry(__field(unsigned long, pfn)
			     __field(unsigned int, order)
			     __field(int, migratetype)
			     __field(int, percpu_refill)
			     __array(char, box, MMBOX_NAME_LEN)),
	    TP_fast_assign(__entry->pfn = page ? page_to_pfn(page) : -1UL;
			   __entry->order = order;
			   __entry->migratetype = migratetype;
			   __entry->percpu_refill = percpu_refill;
			   strscpy(__entry->box, box, MMBOX_NAME_LEN);),
	    TP_printk("page=%p pfn=0x%lx order=%u migratetype=%d percpu_refill=%d box=%s",
		      __entry->pfn != -1UL ? pfn_to_page(__entry->pfn) : NULL,
		      __entry->pfn != -1UL ? __entry->pfn : 0,
		      __entry->order,
		      __entry->migratetype,
		      __entry->percpu_refill,
		      __entry->box));

/* An allocation that took from pageblocks of another type. */
TRACE_EVENT(mm_page_alloc_extfrag,
	    TP_PROTO(struct page *page, int alloc_order, int fallback_order,
		     int alloc_migratetype, int fallback_migratetype,
		     int change_ownership, const char *box),
	    TP_ARGS(page, alloc_order, fallback_order, alloc_migratetype,
		    fallback_migratetype, change_ownership, box),
	    TP_STRUCT__entry(__field(unsigned long, pfn)
			     __field(int, alloc_order)
			     __field(int, fallback_order)
			     __field(int, alloc_migratetype)
			     __field(int, fallback_migratetype)
			     __field(int, change_ownership)
			     __array(char, box, MMBOX_NAME_LEN)),
	    TP_fast_assign(__entry->pfn = page_to_pfn(page);
			   __entry->alloc_order = alloc_order;
			   __entry->fallback_order = fallback_order;
			   __entry->alloc_migratetype = alloc_migratetype;
			   __entry->fallback_migratetype = fallback_migratetype;
			   __entry->change_ownership = change_ownership;
			   strscpy(__entry->box, box, MMBOX_NAME_LEN);),
	    TP_printk("page=%p pfn=0x%lx alloc_order=%d fallback_order=%d pageblock_order=%d alloc_migratetype=%d fallback_migratetype=%d fragmenting=%d change_ownership=%d box=%s",
		      pfn_to_page(__entry->pfn),
		      __entry->pfn,
		      __entry->alloc_order,
		      __entry->fallback_order,
		      MMBOX_PAGEBLOCK_ORDER,
		      __entry->alloc_migratetype,
		      __entry->fallback_migratetype,
		      __entry->fallback_order < MMBOX_PAGEBLOCK_ORDER,
		      __entry->change_ownership,
		      __entry->box));

/* A block that goes from a CPU's list to the buddy. */
TRACE_EVENT(mm_page_pcpu_drain,
	    TP_PROTO(struct page *page, unsigned int order, int migratetype,
		     const char *box),
	    TP_ARGS(page, order, migratetype, box),
	    TP_STRUCT__entry(__field(unsigned long, pfn)
			     __field(unsigned int, order)
			     __field(int, migratetype)
			     __array(char, box, MMBOX_NAME_LEN)),
	    TP_fast_assign(__entry->pfn = page ? page_to_pfn(page) : -1UL;
			   __entry->order = order;
			   __entry->migratetype = migratetype;
			   strscpy(__entry->box, box, MMBOX_NAME_LEN);),
	    TP_printk("page=%p pfn=0x%lx order=%d migratetype=%d box=%s",
		      pfn_to_page(__entry->pfn),
		      __entry->pfn,
		      __entry->order,
		      __entry->migratetype,
		      __entry->box));

#endif /* MMBOX_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
