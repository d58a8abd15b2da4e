/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_TYPES_H
#define SHIM_LINUX_TYPES_H

#define BITS_PER_LONG	64

#include <stdbool.h>
#include <stddef.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef u64 __aligned_u64 __attribute__((aligned(8)));
typedef int s32;
typedef long long s64;
typedef int __s32;
typedef long long __s64;

typedef unsigned int gfp_t;
typedef u64 phys_addr_t;

/* For sparse, which does not look at the unit tests. */
#define __iomem

struct hlist_node {
	struct hlist_node *next;
	struct hlist_node **pprev;
};

struct list_head {
	struct list_head *next;
	struct list_head *prev;
};

#endif /* SHIM_LINUX_TYPES_H */
