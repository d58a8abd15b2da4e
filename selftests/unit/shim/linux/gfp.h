/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_GFP_H
#define SHIM_LINUX_GFP_H

#include <linux/kernel.h>
#include <linux/types.h>

/* The kernel's bits; those that choose a zone, and Reclaimable, are lowest. */
#define __GFP_DMA		0x01U
#define __GFP_HIGHMEM		0x02U
#define __GFP_DMA32		0x04U
#define __GFP_MOVABLE		0x08U
#define __GFP_RECLAIMABLE	0x10U
#define GFP_ZONEMASK		0x0fU
#define __GFP_HIGH		0x20U
#define __GFP_ZERO		0x100U
#define __GFP_DIRECT_RECLAIM	0x400U
#define __GFP_KSWAPD_RECLAIM	0x800U
#define __GFP_NOWARN		0x2000U
#define __GFP_NOFAIL		0x8000U
#define __GFP_NORETRY		0x10000U
#define __GFP_MEMALLOC		0x20000U
#define __GFP_NOMEMALLOC	0x80000U
#define __GFP_THISNODE		0x200000U
#define __GFP_COMP		0x40000U
#define GFP_NOWAIT		__GFP_KSWAPD_RECLAIM
#define GFP_ATOMIC		(__GFP_HIGH | __GFP_KSWAPD_RECLAIM)
#define GFP_KERNEL		(__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)

#define PAGE_ALLOC_COSTLY_ORDER	3

#define gfpflags_allow_blocking(gfp)	(!!((gfp) & __GFP_DIRECT_RECLAIM))

#endif /* SHIM_LINUX_GFP_H */
