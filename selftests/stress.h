/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A worker that does at random what user space can do with a box: allocate,
 * map, unmap, free. Each page it maps is filled with the worker's own number,
 * and looked at again before it is let go: two owners of a page would show.
 */
#ifndef MMBOX_STRESS_H
#define MMBOX_STRESS_H

#include "mmbox_test.h"

#define MAX_HELD	24

/**
 * struct held - an allocation or a mapping that the worker has
 * @id:	    handle, 0 when it was freed
 * @offset: where to map it
 * @length: bytes
 * @map:    the mapping, or NULL
 * @tag:    what its words say
 */
struct held {
	__u32 id;
	__u64 offset;
	size_t length;
	__u64 *map;
	__u64 tag;
};

struct worker {
	int fd;
	unsigned int seed;
	__u64 number;
	unsigned int nr_alloc, nr_map, nr_wrong;
	struct held held[MAX_HELD];
};

static inline void worker_check(struct worker *w, struct held *held)
{
	size_t i, words = held->length / sizeof(*held->map);

	/* A few words of each page. */
	for (i = 0; i < words; i += 97)
		if (held->map[i] != held->tag)
			break;
	if (i >= words)
		return;
	w->nr_wrong++;
	say("page of %#llx says %#llx", (unsigned long long)held->tag,
	    (unsigned long long)held->map[i]);
}

static inline void worker_alloc(struct worker *w, struct held *held)
{
	static const __u32 gfp[] = { 0, 0, MMBOX_GFP_DMA32, MMBOX_GFP_DMA };
	unsigned int r = next_random(&w->seed);
	struct mmbox_ioc_alloc alloc;
	int err;

	err = dev_alloc_as(w->fd, r / 64 % MMBOX_NR_VARIANTS,
			   BLOCK(r % 16 ? r % 5 : 8), gfp[r / 16 % 4],
			   r / 256 % 4 ? 0 : MMBOX_ALLOC_VMALLOC, &alloc);
	if (err == -ENOMEM)
		return;
	must(!err);
	held->id = alloc.id;
	held->offset = alloc.mmap_offset;
	held->length = alloc.length;
	w->nr_alloc++;
}

static inline void worker_map(struct worker *w, struct held *held)
{
	size_t i, words = held->length / sizeof(*held->map);

	held->map = dev_map(w->fd, held->offset, held->length);
	must(held->map != MAP_FAILED);
	w->nr_map++;
	/* Mapped for the first time, or again? */
	if (held->tag) {
		worker_check(w, held);
		return;
	}
	held->tag = w->number << 32 | held->id;
	for (i = 0; i < words; i += 97) {
		if (held->map[i]) {
			w->nr_wrong++;
			say("page not cleared: %#llx",
			    (unsigned long long)held->map[i]);
		}
		held->map[i] = held->tag;
	}
}

static inline void worker_unmap(struct worker *w, struct held *held)
{
	worker_check(w, held);
	must(!munmap(held->map, held->length));
	held->map = NULL;
	if (!held->id)
		memset(held, 0, sizeof(*held));
}

static inline void worker_free(struct worker *w, struct held *held)
{
	must(!dev_free(w->fd, held->id));
	must(dev_free(w->fd, held->id) == -ENOENT);
	held->id = 0;
	if (!held->map)
		memset(held, 0, sizeof(*held));
}

/* Do one thing at random. */
static inline void worker_step(struct worker *w)
{
	struct held *held = &w->held[next_random(&w->seed) % MAX_HELD];
	bool coin = next_random(&w->seed) % 2;

	if (!held->id && !held->map)
		worker_alloc(w, held);
	else if (!held->id || (held->map && coin))
		worker_unmap(w, held);
	else if (!held->map && coin)
		worker_map(w, held);
	else
		worker_free(w, held);
}

/* Unmap and free all that is left. */
static inline void worker_finish(struct worker *w)
{
	int i;

	for (i = 0; i < MAX_HELD; i++) {
		if (w->held[i].id)
			worker_free(w, &w->held[i]);
		if (w->held[i].map)
			worker_unmap(w, &w->held[i]);
	}
}

#endif /* MMBOX_STRESS_H */
