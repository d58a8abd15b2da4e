/* SPDX-License-Identifier: GPL-2.0 */
/* The ways to map an allocation, by the names that stand in "objects". */
#ifndef MMBOX_VARIANT_H
#define MMBOX_VARIANT_H

#include <stddef.h>
#include <stdint.h>

#include "cli.h"

/**
 * struct variant - a way to map an allocation
 * @name:    in "objects" and on the command line
 * @variant: MMBOX_VARIANT_*
 * @flags:   MMBOX_ALLOC_* that it needs
 */
struct variant {
	const char *name;
	uint32_t variant;
	uint32_t flags;
};

#define NR_VARIANTS	5

extern const struct variant variants[NR_VARIANTS];

/* NULL if there is none of that name. */
const struct variant *find_variant(const char *name);

/**
 * compare_variants - measure the same work with mappings of each variant
 * @c:	  options of the command
 * @fd:	  device file, bound to a box
 * @size: bytes to map
 *
 * Prints a table, with rows for anonymous shared memory of the kernel's besides.
 *
 * Return: the exit status.
 */
int compare_variants(const struct common *c, int fd, uint64_t size);

#endif /* MMBOX_VARIANT_H */
