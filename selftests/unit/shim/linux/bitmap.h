/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's bitmaps, bit by bit. */
#ifndef SHIM_LINUX_BITMAP_H
#define SHIM_LINUX_BITMAP_H

#include <linux/types.h>

#define SHIM_LONG_BITS	(8 * sizeof(unsigned long))

#define BITS_TO_LONGS(nr)	(((nr) + SHIM_LONG_BITS - 1) / SHIM_LONG_BITS)

static inline bool test_bit(unsigned long bit, const unsigned long *map)
{
	return map[bit / SHIM_LONG_BITS] >> bit % SHIM_LONG_BITS & 1;
}

static inline void bitmap_set(unsigned long *map, unsigned int start,
			      unsigned int nr)
{
	for (; nr--; start++)
		map[start / SHIM_LONG_BITS] |= 1UL << start % SHIM_LONG_BITS;
}

static inline void bitmap_clear(unsigned long *map, unsigned int start,
				unsigned int nr)
{
	for (; nr--; start++)
		map[start / SHIM_LONG_BITS] &= ~(1UL << start % SHIM_LONG_BITS);
}

static inline unsigned long find_next_bit(const unsigned long *map,
					  unsigned long end, unsigned long from)
{
	while (from < end && !test_bit(from, map))
		from++;
	return from < end ? from : end;
}

static inline unsigned long find_next_zero_bit(const unsigned long *map,
					       unsigned long end,
					       unsigned long from)
{
	while (from < end && test_bit(from, map))
		from++;
	return from < end ? from : end;
}

#define find_first_bit(map, end)	find_next_bit(map, end, 0)
#define __clear_bit(bit, map)		bitmap_clear(map, bit, 1)

/* Returns what was there. */
static inline bool __test_and_set_bit(unsigned long bit, unsigned long *map)
{
	bool was = test_bit(bit, map);

	bitmap_set(map, bit, 1);
	return was;
}

#endif /* SHIM_LINUX_BITMAP_H */
