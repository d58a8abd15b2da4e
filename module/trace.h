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

#include "compat.h"
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

/* Addresses taken for an area, guard page included, or not: addr is 0 then. */
TRACE_EVENT(alloc_vmap_area,
	    TP_PROTO(unsigned long addr, unsigned long size,
		     unsigned long align, unsigned long vstart,
		     unsigned long vend, int failed, const char *box),
	    TP_ARGS(addr, size, align, vstart, vend, failed, box),
	    TP_STRUCT__entry(__field(unsigned long, addr)
			     __field(unsigned long, size)
			     __field(unsigned long, align)
			     __field(unsigned long, vstart)
			     __field(unsigned long, vend)
			     __field(int, failed)
			     __array(char, box, MMBOX_NAME_LEN)),
	    TP_fast_assign(__entry->addr = addr;
			   __entry->size = size;
			   __entry->align = align;
			   __entry->vstart = vstart;
			   __entry->vend = vend;
			   __entry->failed = failed;
			   strscpy(__entry->box, box, MMBOX_NAME_LEN);),
	    TP_printk("va_start: %lu size=%lu align=%lu vstart=0x%lx vend=0x%lx failed=%d box=%s",
		      __entry->addr,
		      __entry->size,
		      __entry->align,
		      __entry->vstart,
		      __entry->vend,
		      __entry->failed,
		      __entry->box));

/* An area given back, whose addresses wait for a purge. */
TRACE_EVENT(free_vmap_area_noflush,
	    TP_PROTO(unsigned long va_start, unsigned long nr_lazy,
		     unsigned long nr_lazy_max, const char *box),
	    TP_ARGS(va_start, nr_lazy, nr_lazy_max, box),
	    TP_STRUCT__entry(__field(unsigned long, va_start)
			     __field(unsigned long, nr_lazy)
			     __field(unsigned long, nr_lazy_max)
			     __array(char, box, MMBOX_NAME_LEN)),
	    TP_fast_assign(__entry->va_start = va_start;
			   __entry->nr_lazy = nr_lazy;
			   __entry->nr_lazy_max = nr_lazy_max;
			   strscpy(__entry->box, box, MMBOX_NAME_LEN);),
	    TP_printk("va_start=0x%lx nr_lazy=%lu nr_lazy_max=%lu box=%s",
		      __entry->va_start,
		      __entry->nr_lazy,
		      __entry->nr_lazy_max,
		      __entry->box));

/* A purge: small areas count with their chunk, as one. */
TRACE_EVENT(purge_vmap_area_lazy,
	    TP_PROTO(unsigned long start, unsigned long end,
		     unsigned int npurged, const char *box),
	    TP_ARGS(start, end, npurged, box),
	    TP_STRUCT__entry(__field(unsigned long, start)
			     __field(unsigned long, end)
			     __field(unsigned int, npurged)
			     __array(char, box, MMBOX_NAME_LEN)),
	    TP_fast_assign(__entry->start = start;
			   __entry->end = end;
			   __entry->npurged = npurged;
			   strscpy(__entry->box, box, MMBOX_NAME_LEN);),
	    TP_printk("start=0x%lx end=0x%lx num_purged=%u box=%s",
		      __entry->start,
		      __entry->end,
		      __entry->npurged,
		      __entry->box));

/* mmbox's own: pages mapped in an area. */
TRACE_EVENT(mmbox_vmap_map,
	    TP_PROTO(unsigned long addr, unsigned long pages, const char *box),
	    TP_ARGS(addr, pages, box),
	    TP_STRUCT__entry(__field(unsigned long, addr)
			     __field(unsigned long, pages)
			     __array(char, box, MMBOX_NAME_LEN)),
	    TP_fast_assign(__entry->addr = addr;
			   __entry->pages = pages;
			   strscpy(__entry->box, box, MMBOX_NAME_LEN);),
	    TP_printk("addr=0x%lx pages=%lu box=%s",
		      __entry->addr,
		      __entry->pages,
		      __entry->box));

/* mmbox's own: all CPUs have forgotten all translations. */
TRACE_EVENT(mmbox_vmap_flush,
	    TP_PROTO(unsigned long pages, const char *box),
	    TP_ARGS(pages, box),
	    TP_STRUCT__entry(__field(unsigned long, pages)
			     __array(char, box, MMBOX_NAME_LEN)),
	    TP_fast_assign(__entry->pages = pages;
			   strscpy(__entry->box, box, MMBOX_NAME_LEN);),
	    TP_printk("pages=%lu box=%s", __entry->pages, __entry->box));

/*
 * An allocation of memory by size, also one that failed: its pointer is NULL.
 * The memory of a box is accounted to nobody, and of the node that there is.
 */
TRACE_EVENT(kmalloc,
	    TP_PROTO(unsigned long call_site, const void *ptr, size_t bytes_req,
		     size_t bytes_alloc, gfp_t gfp_flags, const char *box),
	    TP_ARGS(call_site, ptr, bytes_req, bytes_alloc, gfp_flags, box),
	    TP_STRUCT__entry(__field(unsigned long, call_site)
			     __field(const void *, ptr)
			     __field(size_t, bytes_req)
			     __field(size_t, bytes_alloc)
			     __field(unsigned long, gfp_flags)
			     __field(int, node)
			     __array(char, box, MMBOX_NAME_LEN)),
	    TP_fast_assign(__entry->call_site = call_site;
			   __entry->ptr = ptr;
			   __entry->bytes_req = bytes_req;
			   __entry->bytes_alloc = bytes_alloc;
			   __entry->gfp_flags = (__force unsigned long)gfp_flags;
			   __entry->node = NUMA_NO_NODE;
			   strscpy(__entry->box, box, MMBOX_NAME_LEN);),
	    TP_printk("call_site=%pS ptr=%p bytes_req=%zu bytes_alloc=%zu gfp_flags=%s node=%d accounted=false box=%s",
		      (void *)__entry->call_site,
		      __entry->ptr,
		      __entry->bytes_req,
		      __entry->bytes_alloc,
		      show_gfp_flags(__entry->gfp_flags),
		      __entry->node,
		      __entry->box));

/* Likewise, of an object of a cache. */
TRACE_EVENT(kmem_cache_alloc,
	    TP_PROTO(unsigned long call_site, const void *ptr, size_t bytes_req,
		     size_t bytes_alloc, gfp_t gfp_flags, const char *box),
	    TP_ARGS(call_site, ptr, bytes_req, bytes_alloc, gfp_flags, box),
	    TP_STRUCT__entry(__field(unsigned long, call_site)
			     __field(const void *, ptr)
			     __field(size_t, bytes_req)
			     __field(size_t, bytes_alloc)
			     __field(unsigned long, gfp_flags)
			     __field(int, node)
			     __field(bool, accounted)
			     __array(char, box, MMBOX_NAME_LEN)),
	    TP_fast_assign(__entry->call_site = call_site;
			   __entry->ptr = ptr;
			   __entry->bytes_req = bytes_req;
			   __entry->bytes_alloc = bytes_alloc;
			   __entry->gfp_flags = (__force unsigned long)gfp_flags;
			   __entry->node = NUMA_NO_NODE;
			   __entry->accounted = false;
			   strscpy(__entry->box, box, MMBOX_NAME_LEN);),
	    TP_printk("call_site=%pS ptr=%p bytes_req=%zu bytes_alloc=%zu gfp_flags=%s node=%d accounted=%s box=%s",
		      (void *)__entry->call_site,
		      __entry->ptr,
		      __entry->bytes_req,
		      __entry->bytes_alloc,
		      show_gfp_flags(__entry->gfp_flags),
		      __entry->node,
		      __entry->accounted ? "true" : "false",
		      __entry->box));

/* A free by address, as it is asked for; box is empty if it is of none. */
TRACE_EVENT(kfree,
	    TP_PROTO(unsigned long call_site, const void *ptr, const char *box),
	    TP_ARGS(call_site, ptr, box),
	    TP_STRUCT__entry(__field(unsigned long, call_site)
			     __field(const void *, ptr)
			     __array(char, box, MMBOX_NAME_LEN)),
	    TP_fast_assign(__entry->call_site = call_site;
			   __entry->ptr = ptr;
			   strscpy(__entry->box, box, MMBOX_NAME_LEN);),
	    TP_printk("call_site=%pS ptr=%p box=%s",
		      (void *)__entry->call_site,
		      __entry->ptr,
		      __entry->box));

/* A fault in a mapping of an allocation; its pfn is -1 if it ended in SIGBUS. */
TRACE_EVENT(mmbox_fault,
	    TP_PROTO(u32 id, unsigned long address, bool write,
		     unsigned long pfn, u64 time, const char *box),
	    TP_ARGS(id, address, write, pfn, time, box),
	    TP_STRUCT__entry(__field(u32, id)
			     __field(unsigned long, address)
			     __field(unsigned long, pfn)
			     __field(u64, time)
			     __field(bool, write)
			     __array(char, box, MMBOX_NAME_LEN)),
	    TP_fast_assign(__entry->id = id;
			   __entry->address = address;
			   __entry->pfn = pfn;
			   __entry->time = time;
			   __entry->write = write;
			   strscpy(__entry->box, box, MMBOX_NAME_LEN);),
	    TP_printk("id=%u address=0x%lx access=%s pfn=0x%lx ns=%llu box=%s",
		      __entry->id,
		      __entry->address,
		      __entry->write ? "write" : "read",
		      __entry->pfn != -1UL ? __entry->pfn : 0,
		      __entry->time,
		      __entry->box));

/* A free of an object of a cache, likewise. */
TRACE_EVENT(kmem_cache_free,
	    TP_PROTO(unsigned long call_site, const void *ptr, const char *name,
		     const char *box),
	    TP_ARGS(call_site, ptr, name, box),
	    TP_STRUCT__entry(__field(unsigned long, call_site)
			     __field(const void *, ptr)
			     __string(name, name)
			     __array(char, box, MMBOX_NAME_LEN)),
	    TP_fast_assign(__entry->call_site = call_site;
			   __entry->ptr = ptr;
			   mmbox_assign_str(name, name);
			   strscpy(__entry->box, box, MMBOX_NAME_LEN);),
	    TP_printk("call_site=%pS ptr=%p name=%s box=%s",
		      (void *)__entry->call_site,
		      __entry->ptr,
		      __get_str(name),
		      __entry->box));

#endif /* MMBOX_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
