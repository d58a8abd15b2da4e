/* SPDX-License-Identifier: GPL-2.0 */
/* Two processes, one block of pages: write here, read there, and back. */
#ifndef MMBOX_SHARE_H
#define MMBOX_SHARE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Fill memory with a pattern in which no two words are alike. */
void pattern_fill(void *p, size_t len, uint64_t seed);

/* Offset of the first byte that differs from the pattern, @len if none does. */
size_t pattern_check(const void *p, size_t len, uint64_t seed);

/* Offset of the first byte that is not zero, @len if all are. */
size_t zero_check(const void *p, size_t len);

enum share_verdict {
	SHARE_OK,
	SHARE_CHILD_MAP,	/* the second process could not map it */
	SHARE_CHILD_READ,	/* it did not see what the first wrote */
	SHARE_PARENT_READ,	/* the first did not see what the second wrote */
	SHARE_CHILD_DIED,
};

/**
 * share_with_child - pass data both ways through pages mapped twice
 * @fd:	    device file that owns the allocation
 * @offset: where mmap() finds it
 * @addr:   the caller's own mapping of it
 * @len:    bytes mapped
 * @child:  set to the second process's id
 *
 * The caller writes a pattern; a second process maps the pages anew, checks it
 * and writes its own, which the caller checks.
 *
 * Return: a verdict, or -errno if there is no second process.
 */
int share_with_child(int fd, uint64_t offset, void *addr, size_t len, pid_t *child);

const char *share_text(int verdict);

#endif /* MMBOX_SHARE_H */
