/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernel series that mmbox builds for. No other
 * file may name a kernel version: each entry here is a feature, with a
 * stand-in where the running series lacks it.
 */
#ifndef MMBOX_COMPAT_H
#define MMBOX_COMPAT_H

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/version.h>
#include <linux/workqueue.h>

/* Since 6.3 a VMA's flags are written through helpers that check its lock. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags &= ~flags;
}
#endif

/* Since 6.14 the call that fills an array has the name without "_array". */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define mmbox_host_alloc_bulk(gfp, nr, pages) \
	alloc_pages_bulk_array(gfp, nr, pages)
#else
#define mmbox_host_alloc_bulk(gfp, nr, pages) \
	alloc_pages_bulk(gfp, nr, pages)
#endif

/* Since 6.17 a work queue whose work stays on its CPU says so. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define WQ_PERCPU	0
#endif

#endif /* MMBOX_COMPAT_H */
