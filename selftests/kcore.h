/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/kcore: the kernel's memory, by physical and by kernel address. */
#ifndef KCORE_H
#define KCORE_H

#include <elf.h>

#include "mmbox_test.h"

#define KCORE_MAX_SEGMENTS	64
#define KCORE_IMAGE_MAP		0xffffffff80000000UL

struct kcore {
	int fd;
	int nr;
	Elf64_Phdr segment[KCORE_MAX_SEGMENTS];
};

/* False if this kernel has no such file. */
static inline bool kcore_open(struct kcore *kcore)
{
	Elf64_Ehdr head;

	kcore->fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	if (kcore->fd < 0)
		return false;
	must(pread(kcore->fd, &head, sizeof(head), 0) == sizeof(head));
	kcore->nr = head.e_phnum;
	must(kcore->nr <= KCORE_MAX_SEGMENTS);
	must(pread(kcore->fd, kcore->segment, kcore->nr * sizeof(Elf64_Phdr),
		   head.e_phoff) == (ssize_t)(kcore->nr * sizeof(Elf64_Phdr)));
	return true;
}

/*
 * The part of the kernel's mapping of all memory that has an address. The
 * kernel's image is mapped once more, at the end of all addresses; there, parts
 * that it gave back when it had booted are missing, and are read as zeroes.
 */
static inline const Elf64_Phdr *kcore_segment(const struct kcore *kcore,
					      __u64 phys)
{
	int i;

	for (i = 0; i < kcore->nr; i++) {
		const Elf64_Phdr *s = &kcore->segment[i];

		/* Others, that are not of memory, have all ones or nothing. */
		if (s->p_type == PT_LOAD && s->p_paddr + 1 > 1 &&
		    s->p_vaddr < KCORE_IMAGE_MAP &&
		    phys - s->p_paddr < s->p_filesz)
			return s;
	}
	return NULL;
}

/* The part that has a kernel address, or NULL. */
static inline const Elf64_Phdr *kcore_segment_at(const struct kcore *kcore,
						 __u64 address)
{
	int i;

	for (i = 0; i < kcore->nr; i++) {
		const Elf64_Phdr *s = &kcore->segment[i];

		if (s->p_type == PT_LOAD && address - s->p_vaddr < s->p_filesz)
			return s;
	}
	return NULL;
}

#endif /* KCORE_H */
