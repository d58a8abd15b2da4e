/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BITOPS_H
#define SHIM_LINUX_BITOPS_H

#include <unit_fail.h>

/* The kernel leaves open what these give for 0. */
static inline unsigned long __ffs(unsigned long word)
{
	expect(word, "first bit of nothing");
	return __builtin_ctzl(word);
}

static inline unsigned long __fls(unsigned long word)
{
	expect(word, "last bit of nothing");
	return 8 * sizeof(word) - 1 - __builtin_clzl(word);
}

static inline unsigned long ror64(unsigned long word, unsigned int shift)
{
	return word >> (shift & 63) | word << (-shift & 63);
}

#endif /* SHIM_LINUX_BITOPS_H */
