/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_KERNEL_H
#define SHIM_LINUX_KERNEL_H

#include <limits.h>

#include <linux/align.h>
#include <linux/container_of.h>
#include <linux/minmax.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* A 32-bit number as one from 0 to below - 1. */
#define reciprocal_scale(x, below) \
	((unsigned int)((unsigned long)(unsigned int)(x) * (below) >> 32))

#define round_down(x, y)	((x) & ~((__typeof__(x))(y) - 1))
#define round_up(x, y)		round_down((x) + (y) - 1, y)
#define ALIGN_DOWN(x, y)	round_down(x, y)
#define DIV_ROUND_UP(x, y)	(((x) + (y) - 1) / (y))

/* The simulated host has all zones. */
#define CONFIG_ZONE_DMA		1
#define CONFIG_ZONE_DMA32	1
#define IS_ENABLED(option)	(option)

#define EXPORT_SYMBOL_GPL(symbol) \
	_Static_assert(sizeof(&(symbol)), "exported")

/* The largest number whose square is not larger than x. */
static inline unsigned long int_sqrt(unsigned long x)
{
	unsigned long root = 0, bit;

	for (bit = 1UL << (sizeof(x) * CHAR_BIT / 2 - 1); bit; bit >>= 1)
		if ((root | bit) * (root | bit) <= x)
			root |= bit;
	return root;
}

#endif /* SHIM_LINUX_KERNEL_H */
