/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fixture that runs each test once for every way to map an allocation.
 */
#ifndef MMBOX_VARIANTS_H
#define MMBOX_VARIANTS_H

#define MMBOX_TEST_SETTINGS	MMBOX_TEST_NO_MARKS

#include "mmbox_test.h"

#define NR_PAGES	8
#define LENGTH		(NR_PAGES * PAGE)

/**
 * FIXTURE_VARIANT(box) - a way to map
 * @name:    what stands in the file "objects"
 * @variant: MMBOX_VARIANT_*
 * @flags:   MMBOX_ALLOC_*
 * @first:   pages that are entered at mmap()
 * @touch:   pages that are entered when one was touched
 * @counted: the kernel counts pages, and lets others hold them
 */
FIXTURE_VARIANT(box)
{
	const char *name;
	__u32 variant;
	__u32 flags;
	int first;
	int touch;
	bool counted;
};

FIXTURE_VARIANT_ADD(box, remap)
{
	.name = "remap", .variant = MMBOX_VARIANT_REMAP,
	.first = NR_PAGES, .touch = NR_PAGES,
};

FIXTURE_VARIANT_ADD(box, vmalloc)
{
	.name = "vmalloc", .variant = MMBOX_VARIANT_REMAP,
	.flags = MMBOX_ALLOC_VMALLOC, .first = NR_PAGES, .touch = NR_PAGES,
};

FIXTURE_VARIANT_ADD(box, fault)
{
	.name = "fault", .variant = MMBOX_VARIANT_FAULT, .touch = 1,
};

FIXTURE_VARIANT_ADD(box, batch)
{
	.name = "batch", .variant = MMBOX_VARIANT_BATCH, .touch = NR_PAGES,
};

FIXTURE_VARIANT_ADD(box, insert)
{
	.name = "insert", .variant = MMBOX_VARIANT_INSERT,
	.first = NR_PAGES, .touch = NR_PAGES, .counted = true,
};

/* Single pages that lie apart are mapped in every way. */
FIXTURE_VARIANT_ADD(box, fault_apart)
{
	.name = "fault", .variant = MMBOX_VARIANT_FAULT,
	.flags = MMBOX_ALLOC_VMALLOC, .touch = 1,
};

FIXTURE_VARIANT_ADD(box, batch_apart)
{
	.name = "batch", .variant = MMBOX_VARIANT_BATCH,
	.flags = MMBOX_ALLOC_VMALLOC, .touch = NR_PAGES,
};

FIXTURE_VARIANT_ADD(box, insert_apart)
{
	.name = "insert", .variant = MMBOX_VARIANT_INSERT,
	.flags = MMBOX_ALLOC_VMALLOC, .first = NR_PAGES, .touch = NR_PAGES,
	.counted = true,
};

#define ALLOC(fd, alloc) \
	dev_alloc_as(fd, variant->variant, LENGTH, 0, variant->flags, alloc)

/* An allocation and a mapping of all of it. */
#define MAPPED(alloc) \
	({ \
		char *map_; \
		\
		must(!ALLOC(self->fd, alloc)); \
		must((alloc)->length == LENGTH); \
		map_ = dev_map(self->fd, (alloc)->mmap_offset, LENGTH); \
		must(map_ != MAP_FAILED); \
		map_; \
	})

/* The frame that an address shows, or 0. */
static inline __u64 frame_at(int fd, const char *at)
{
	struct mmbox_ioc_walk req = {
		.version = MMBOX_ABI_VERSION,
		.what = MMBOX_WALK_USER,
		.address = (unsigned long)at,
	};

	must(!ioctl(fd, MMBOX_IOC_WALK, &req));
	return req.walk.flags & MMBOX_WALK_MAPPED ? req.walk.phys / PAGE : 0;
}

static inline int nr_present(int fd, const char *map)
{
	int i, nr = 0;

	for (i = 0; i < NR_PAGES; i++)
		nr += !!frame_at(fd, map + i * PAGE);
	return nr;
}

/* Word by word, so that each page of a mapping tells which it is. */
static inline void fill(char *map, unsigned int salt)
{
	int i;

	for (i = 0; i < NR_PAGES; i++)
		*(volatile unsigned int *)(map + i * PAGE) = salt + i;
}

static inline bool is_filled(const char *map, int first, int nr, unsigned int salt)
{
	int i;

	for (i = first; i < nr; i++)
		if (*(volatile const unsigned int *)(map + i * PAGE) != salt + i)
			return false;
	return true;
}

/* How a process ends that writes there. */
static inline int writing(char *at)
{
	pid_t pid = fork_child();

	if (!pid) {
		*(volatile char *)at = 1;
		_exit(0);
	}
	return wait_child(pid);
}

static inline int reading(const char *at)
{
	pid_t pid = fork_child();

	if (!pid)
		_exit(*(volatile const char *)at & 0);
	return wait_child(pid);
}

/* Waits a little; false when that was done @tries times. */
static inline bool in_time(unsigned int *tries)
{
	if (!*tries)
		return false;
	--*tries;
	usleep(10000);
	return true;
}

#endif /* MMBOX_VARIANTS_H */
