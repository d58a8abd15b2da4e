/* SPDX-License-Identifier: GPL-2.0 */
/* Protection of mappings, which the tested parts only have in prototypes. */
#ifndef SHIM_LINUX_PGTABLE_H
#define SHIM_LINUX_PGTABLE_H

typedef struct {
	unsigned long pgprot;
} pgprot_t;

#endif /* SHIM_LINUX_PGTABLE_H */
