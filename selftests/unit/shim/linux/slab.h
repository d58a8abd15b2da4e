/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include <stdlib.h>

#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/overflow.h>
#include <linux/types.h>

typedef unsigned int slab_flags_t;

#define kzalloc(size, gfp)		calloc(1, size)
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
