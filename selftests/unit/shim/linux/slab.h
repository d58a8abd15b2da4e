/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include <stdlib.h>

#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/overflow.h>
#include <linux/types.h>

typedef unsigned int slab_flags_t;

#define SLAB_CONSISTENCY_CHECKS	0x0100U
#define SLAB_RED_ZONE		0x0400U
#define SLAB_POISON		0x0800U
#define SLAB_HWCACHE_ALIGN	0x2000U
#define SLAB_CACHE_DMA		0x4000U
#define SLAB_CACHE_DMA32	0x8000U
#define SLAB_STORE_USER		0x10000U
#define SLAB_RECLAIM_ACCOUNT	0x20000U
#define SLAB_PANIC		0x40000U
#define SLAB_TYPESAFE_BY_RCU	0x80000U
#define SLAB_TRACE		0x200000U
#define SLAB_NOLEAKTRACE	0x800000U
#define SLAB_ACCOUNT		0x4000000U

#define ARCH_KMALLOC_MINALIGN	8
#define ZERO_SIZE_PTR		((void *)16)
#define ZERO_OR_NULL_PTR(ptr)	((unsigned long)(ptr) <= 16)

#define kzalloc(size, gfp)		calloc(1, size)
#define kzalloc_node(size, gfp, nid)	((void)(nid), calloc(1, size))
#define kmalloc(size, gfp)		malloc(size)
#define kcalloc(nr, size, gfp)		calloc(nr, size)
#define kvzalloc(size, gfp)		calloc(1, size)
#define kvcalloc(nr, size, gfp)		calloc(nr, size)
#define kvmalloc(size, gfp)		malloc(size)
#define kvmalloc_node(size, gfp, nid)	((void)(nid), malloc(size))
#define kvzalloc_node(size, gfp, nid)	((void)(nid), calloc(1, size))
#define kfree(ptr)			free(ptr)
#define kvfree(ptr)			free(ptr)

#endif /* SHIM_LINUX_SLAB_H */
