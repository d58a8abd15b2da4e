/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory, told slowly: for each unit of it whether it is there, on which node,
 * with which flags, and whether it is in use. A memblock or a bitmap is
 * compared with it.
 */
#ifndef BYTES_H
#define BYTES_H

#include "memblock.h"

#define BYTES_MAX	4096

/**
 * struct bytes - what is expected
 * @nr:	      units; behind the last one there is nothing
 * @memory:   for each unit, whether it is there
 * @nid:      its node
 * @flags:    its flags
 * @reserved: whether it is in use
 */
struct bytes {
	unsigned int nr;
	bool memory[BYTES_MAX];
	int nid[BYTES_MAX];
	unsigned int flags[BYTES_MAX];
	bool reserved[BYTES_MAX];
};

static inline bool bytes_free(const struct bytes *b, unsigned int i,
			      const struct mmbox_window *w)
{
	return i >= w->start && i < w->end && b->memory[i] && !b->reserved[i] &&
	       (w->nid == MMBOX_NO_NODE || w->nid == b->nid[i]) &&
	       !(b->flags[i] & w->without);
}

/* Do two neighbouring units of memory belong to one region? */
static inline bool bytes_alike(const struct bytes *b, unsigned int i)
{
	return b->memory[i] && b->memory[i + 1] && b->nid[i] == b->nid[i + 1] &&
	       b->flags[i] == b->flags[i + 1];
}

#endif /* BYTES_H */
