// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/libmmbox.h"
#include "share.h"

#define PARENT_SEED	0x6d6d626f78000001ULL
#define CHILD_SEED	0x6d6d626f78000002ULL

/* splitmix64: a page that is mapped in the wrong place shows at once. */
static uint64_t pattern_word(uint64_t seed, uint64_t i)
{
	uint64_t z = seed + (i + 1) * 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static unsigned char pattern_byte(uint64_t seed, size_t i)
{
	return (unsigned char)(pattern_word(seed, i / 8) >> (i % 8 * 8));
}

void pattern_fill(void *p, size_t len, uint64_t seed)
{
	unsigned char *bytes = p;

	for (size_t i = 0; i < len; i++)
		bytes[i] = pattern_byte(seed, i);
}

size_t pattern_check(const void *p, size_t len, uint64_t seed)
{
	const unsigned char *bytes = p;
	size_t i = 0;

	while (i < len && bytes[i] == pattern_byte(seed, i))
		i++;
	return i;
}

size_t zero_check(const void *p, size_t len)
{
	const unsigned char *bytes = p;
	size_t i = 0;

	while (i < len && !bytes[i])
		i++;
	return i;
}

/* The second process: nothing of the first one's mapping is used. */
static int child_part(int fd, uint64_t offset, size_t len)
{
	void *addr;

	if (mmbox_map(fd, offset, len, PROT_READ | PROT_WRITE, &addr))
		return SHARE_CHILD_MAP;
	if (pattern_check(addr, len, PARENT_SEED) != len)
		return SHARE_CHILD_READ;
	pattern_fill(addr, len, CHILD_SEED);
	return SHARE_OK;
}

int share_with_child(int fd, uint64_t offset, void *addr, size_t len, pid_t *child)
{
	int status;

	pattern_fill(addr, len, PARENT_SEED);
	/* What is buffered now must not be printed twice. */
	fflush(NULL);
	*child = fork();
	if (*child < 0)
		return -errno;
	if (!*child)
		_exit(child_part(fd, offset, len));
	while (waitpid(*child, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (!WIFEXITED(status))
		return SHARE_CHILD_DIED;
	if (WEXITSTATUS(status) != SHARE_OK)
		return WEXITSTATUS(status);
	return pattern_check(addr, len, CHILD_SEED) == len ? SHARE_OK : SHARE_PARENT_READ;
}

const char *share_text(int verdict)
{
	switch (verdict) {
	case SHARE_OK:
		return "each process read what the other wrote";
	case SHARE_CHILD_MAP:
		return "the second process could not map the pages";
	case SHARE_CHILD_READ:
		return "the second process did not see what the first wrote";
	case SHARE_PARENT_READ:
		return "the first process did not see what the second wrote";
	case SHARE_CHILD_DIED:
		return "the second process died";
	default:
		return verdict < 0 ? strerror(-verdict) : "the second process failed";
	}
}
