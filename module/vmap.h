/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages mapped at addresses of a box, for the other parts. Other modules have
 * mmbox_vmap() and its like, in mmbox.h.
 */
#ifndef MMBOX_VMAP_H
#define MMBOX_VMAP_H

#include "vmap_space.h"

void *mmbox_area_map(struct mmbox *box, const struct mmbox_area_req *req,
		     struct page **pages, pgprot_t prot);
void *mmbox_area_map_pfn(struct mmbox *box, const struct mmbox_area_req *req,
			 unsigned long pfn, pgprot_t prot);
int mmbox_area_unmap(const void *addr, enum mmbox_area_kind kind);
struct mmbox *mmbox_area_box(const void *addr);
void mmbox_area_refuse(struct mmbox *box, const char *what, const char *why);
void mmbox_area_refuse_return(const void *addr, const char *what, int err);

#endif /* MMBOX_VMAP_H */
