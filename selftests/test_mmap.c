// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings: what can be mapped, what is refused, and that pages are cleared.
 */
#include <sys/uio.h>

#define MMBOX_TEST_SETTINGS	MMBOX_TEST_NO_MARKS

#include "mmbox_test.h"

/* A mapping with other arguments than usual: 0 or the errno. */
static int try_map(int fd, __u64 offset, size_t length, int prot, int flags)
{
	void *map = mmap(NULL, length, prot, flags, fd, (off_t)offset);

	if (map == MAP_FAILED)
		return -errno;
	munmap(map, length);
	return 0;
}

static int try_shared(int fd, __u64 offset, size_t length)
{
	return try_map(fd, offset, length, PROT_READ | PROT_WRITE, MAP_SHARED);
}

/* Write something into each page that tells which page it is. */
static void fill(char *map, size_t length, unsigned int salt)
{
	size_t i;

	for (i = 0; i < length / sizeof(__u32); i++)
		((__u32 *)map)[i] = salt + i * 2654435761U;
}

static bool is_filled(const char *map, size_t length, unsigned int salt)
{
	size_t i;

	for (i = 0; i < length / sizeof(__u32); i++)
		if (((const __u32 *)map)[i] != (__u32)(salt + i * 2654435761U))
			return false;
	return true;
}

static bool is_zero(const char *map, size_t length)
{
	const __u64 *word = (const void *)map;
	size_t i;

	for (i = 0; i < length / sizeof(*word); i++)
		if (word[i])
			return false;
	return true;
}

/*
 * What can be done
 */

TEST_F(box, map_shows_the_same_pages_each_time)
{
	struct mmbox_ioc_alloc alloc;
	char *one, *two;

	ASSERT_EQ(0, dev_alloc(self->fd, BLOCK(3), 0, 0, &alloc));
	one = dev_map(self->fd, alloc.mmap_offset, alloc.length);
	two = dev_map(self->fd, alloc.mmap_offset, alloc.length);
	ASSERT_NE(MAP_FAILED, one);
	ASSERT_NE(MAP_FAILED, two);
	EXPECT_NE(one, two);
	EXPECT_TRUE(is_zero(one, alloc.length));
	fill(one, alloc.length, 1);
	EXPECT_TRUE(is_filled(two, alloc.length, 1));
	munmap(one, alloc.length);
	fill(two, alloc.length, 2);
	munmap(two, alloc.length);
	/* Unmapped, but not freed: the contents stay. */
	one = dev_map(self->fd, alloc.mmap_offset, alloc.length);
	ASSERT_NE(MAP_FAILED, one);
	EXPECT_TRUE(is_filled(one, alloc.length, 2));
	munmap(one, alloc.length);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_F(box, every_order_of_every_zone_maps)
{
	static const __u32 gfp[] = { 0, MMBOX_GFP_DMA32, MMBOX_GFP_DMA };
	struct mmbox_ioc_alloc alloc;
	unsigned int i, order;
	char *map;

	for (i = 0; i < 3; i++) {
		for (order = 0; order < NR_ORDERS; order++) {
			if (dev_alloc(self->fd, BLOCK(order), gfp[i], 0,
				      &alloc))
				continue;
			map = dev_map(self->fd, alloc.mmap_offset,
				      alloc.length);
			ASSERT_NE(MAP_FAILED, map);
			EXPECT_TRUE(is_zero(map, alloc.length));
			fill(map, alloc.length, order);
			EXPECT_TRUE(is_filled(map, alloc.length, order));
			munmap(map, alloc.length);
			EXPECT_EQ(0, dev_free(self->fd, alloc.id));
		}
		EXPECT_SAME(&self->before);
	}
}

TEST_F(box, map_from_an_offset_within)
{
	struct mmbox_ioc_alloc alloc;
	unsigned long first, pages;
	char *all, *part;

	ASSERT_EQ(0, dev_alloc(self->fd, BLOCK(3), 0, 0, &alloc));
	all = dev_map(self->fd, alloc.mmap_offset, alloc.length);
	ASSERT_NE(MAP_FAILED, all);
	fill(all, alloc.length, 3);
	for (first = 0; first < 8; first++) {
		for (pages = 1; pages <= 8 - first; pages++) {
			part = dev_map(self->fd,
				       alloc.mmap_offset + first * PAGE,
				       pages * PAGE);
			ASSERT_NE(MAP_FAILED, part);
			EXPECT_EQ(0, memcmp(part, all + first * PAGE,
					    pages * PAGE));
			munmap(part, pages * PAGE);
		}
	}
	/* A length that is no multiple is rounded up, as always. */
	EXPECT_EQ(0, try_shared(self->fd, alloc.mmap_offset + 7 * PAGE, 1));
	EXPECT_EQ(0, try_shared(self->fd, alloc.mmap_offset, 7 * PAGE + 1));
	munmap(all, alloc.length);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_F(box, two_processes_share_a_kept_allocation)
{
	int there[2], back[2], fd = dev_open_bound("box0");
	struct mmbox_ioc_alloc alloc;
	char *map, byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(there));
	ASSERT_EQ(0, pipe(back));
	pid = fork_child();
	if (!pid) {
		fd = dev_open_bound("box0");
		must(read(there[0], &alloc, sizeof(alloc)) == sizeof(alloc));
		map = dev_map(fd, alloc.mmap_offset, alloc.length);
		must(map != MAP_FAILED);
		must(is_filled(map, alloc.length, 4));
		fill(map, alloc.length, 5);
		must(write(back[1], "", 1) == 1);
		_exit(0);
	}
	ASSERT_EQ(0, dev_alloc(fd, BLOCK(2), 0, MMBOX_ALLOC_KEEP, &alloc));
	map = dev_map(fd, alloc.mmap_offset, alloc.length);
	ASSERT_NE(MAP_FAILED, map);
	fill(map, alloc.length, 4);
	ASSERT_EQ(sizeof(alloc), write(there[1], &alloc, sizeof(alloc)));
	close(back[1]);
	ASSERT_EQ(1, read(back[0], &byte, 1));
	EXPECT_TRUE(is_filled(map, alloc.length, 5));
	EXPECT_EQ(0, wait_child(pid));
	munmap(map, alloc.length);
	EXPECT_EQ(0, dev_free(fd, alloc.id));
	close(fd);
}

/* Dirty every page of the box, and look at every page the next time. */
TEST_F(box, pages_are_cleared_also_when_used_again)
{
	unsigned long pages, all = free_pages("box0");
	struct mmbox_ioc_alloc alloc;
	unsigned int round, order;
	char *map;
	int fd;

	for (round = 0; round < 3; round++) {
		fd = dev_open_bound("box0");
		pages = 0;
		/* In the last round the blocks are cut in another way. */
		for (order = round == 2 ? 1 : 10; order + 1; order--) {
			while (!dev_alloc(fd, BLOCK(order), 0, 0, &alloc)) {
				map = dev_map(fd, alloc.mmap_offset,
					      alloc.length);
				ASSERT_NE(MAP_FAILED, map);
				ASSERT_TRUE(is_zero(map, alloc.length)) {
					say("round %u, order %u", round, order);
				}
				memset(map, 0x5a, alloc.length);
				munmap(map, alloc.length);
				pages += 1UL << order;
			}
		}
		EXPECT_EQ(all, pages);
		close(fd);
	}
}

/*
 * What is refused
 */

TEST_F(box, map_beyond_the_end_is_einval)
{
	struct mmbox_ioc_alloc alloc, next;
	struct state state;
	unsigned long first;

	/* A page that would otherwise be seen lies behind it. */
	ASSERT_EQ(0, dev_alloc(self->fd, BLOCK(1), 0, 0, &alloc));
	ASSERT_EQ(0, dev_alloc(self->fd, BLOCK(1), 0, 0, &next));
	state_take("box0", &state);
	EXPECT_EQ(-EINVAL, try_shared(self->fd, alloc.mmap_offset, 3 * PAGE));
	EXPECT_EQ(-EINVAL, try_shared(self->fd, alloc.mmap_offset, 1UL << 30));
	for (first = 1; first < 8; first++)
		EXPECT_EQ(-EINVAL, try_shared(self->fd, alloc.mmap_offset +
					      first * PAGE,
					      (3 - first % 2) * PAGE));
	EXPECT_EQ(-EINVAL, try_shared(self->fd, alloc.mmap_offset + 2 * PAGE,
				      PAGE));
	EXPECT_EQ(-EINVAL, try_shared(self->fd, alloc.mmap_offset + (4 << 20),
				      PAGE));
	EXPECT_EQ(-EINVAL, try_shared(self->fd, alloc.mmap_offset + PAGE,
				      2 * PAGE));
	EXPECT_SAME(&state);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_EQ(0, dev_free(self->fd, next.id));
}

TEST_F(box, map_at_wrong_offset_is_einval)
{
	struct mmbox_ioc_alloc alloc;
	struct state state;
	int bit;

	ASSERT_EQ(0, dev_alloc(self->fd, PAGE, 0, 0, &alloc));
	state_take("box0", &state);
	EXPECT_EQ(-EINVAL, try_shared(self->fd, 0, PAGE));
	EXPECT_EQ(-EINVAL, try_shared(self->fd, alloc.mmap_offset - PAGE, PAGE));
	EXPECT_EQ(-EINVAL, try_shared(self->fd, alloc.mmap_offset + 1, PAGE));
	EXPECT_EQ(-EINVAL, try_shared(self->fd, alloc.mmap_offset, 0));
	/* Negative ones are EOVERFLOW or EINVAL, by the kernel's own check. */
	for (bit = 12; bit < 64; bit++) {
		int err = try_shared(self->fd, alloc.mmap_offset ^ 1ULL << bit,
				     PAGE);

		EXPECT_TRUE(err == -EINVAL || (bit == 63 && err == -EOVERFLOW)) {
			say("bit %d: %d", bit, err);
		}
	}
	EXPECT_SAME(&state);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_F(box, map_of_freed_handle_is_einval)
{
	struct mmbox_ioc_alloc alloc;
	char *map;

	ASSERT_EQ(0, dev_alloc(self->fd, PAGE, 0, 0, &alloc));
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_EQ(-EINVAL, try_shared(self->fd, alloc.mmap_offset, PAGE));
	EXPECT_SAME(&self->before);

	/* It makes no difference that it is still mapped. */
	ASSERT_EQ(0, dev_alloc(self->fd, PAGE, 0, 0, &alloc));
	map = dev_map(self->fd, alloc.mmap_offset, PAGE);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_EQ(-EINVAL, try_shared(self->fd, alloc.mmap_offset, PAGE));
	EXPECT_EQ(-ENOENT, dev_free(self->fd, alloc.id));
	munmap(map, PAGE);
}

TEST_F(box, map_private_is_einval)
{
	struct mmbox_ioc_alloc alloc;
	struct state state;

	ASSERT_EQ(0, dev_alloc(self->fd, PAGE, 0, 0, &alloc));
	state_take("box0", &state);
	EXPECT_EQ(-EINVAL, try_map(self->fd, alloc.mmap_offset, PAGE,
				   PROT_READ | PROT_WRITE, MAP_PRIVATE));
	EXPECT_EQ(-EINVAL, try_map(self->fd, alloc.mmap_offset, PAGE,
				   PROT_READ, MAP_PRIVATE));
	EXPECT_EQ(-EINVAL, try_map(self->fd, alloc.mmap_offset, PAGE,
				   PROT_NONE, MAP_PRIVATE));
	EXPECT_SAME(&state);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_F(box, map_executable_is_eperm_later_eacces)
{
	struct mmbox_ioc_alloc alloc;
	struct state state;
	char *map;

	ASSERT_EQ(0, dev_alloc(self->fd, PAGE, 0, 0, &alloc));
	state_take("box0", &state);
	EXPECT_EQ(-EPERM, try_map(self->fd, alloc.mmap_offset, PAGE,
				  PROT_READ | PROT_WRITE | PROT_EXEC,
				  MAP_SHARED));
	EXPECT_EQ(-EPERM, try_map(self->fd, alloc.mmap_offset, PAGE,
				  PROT_EXEC, MAP_SHARED));
	EXPECT_SAME(&state);
	map = dev_map(self->fd, alloc.mmap_offset, PAGE);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(-EACCES, neg(mprotect(map, PAGE, PROT_READ | PROT_EXEC)));
	EXPECT_EQ(-EACCES, neg(mprotect(map, PAGE, PROT_EXEC)));
	EXPECT_EQ(0, mprotect(map, PAGE, PROT_READ));
	EXPECT_EQ(0, mprotect(map, PAGE, PROT_READ | PROT_WRITE));
	*map = 1;
	munmap(map, PAGE);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

/* READ_IMPLIES_EXEC makes a mapping executable that did not ask for it. */
TEST_F(box, map_with_old_personality_is_not_executable)
{
	struct mmbox_ioc_alloc alloc;
	int err;

	ASSERT_EQ(0, dev_alloc(self->fd, PAGE, 0, 0, &alloc));
	ASSERT_LE(0, syscall(SYS_personality, 0x0400000));
	err = try_shared(self->fd, alloc.mmap_offset, PAGE);
	EXPECT_EQ(0, syscall(SYS_personality, 0) < 0);
	EXPECT_EQ(-EPERM, err);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_F(box, read_only_file_maps_for_reading)
{
	int fd = dev_open(O_RDONLY);
	struct mmbox_ioc_alloc alloc;
	char *map;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, dev_bind(fd, "box0"));
	ASSERT_EQ(0, dev_alloc(fd, PAGE, 0, 0, &alloc));
	EXPECT_EQ(-EACCES, try_shared(fd, alloc.mmap_offset, PAGE));
	EXPECT_EQ(-EACCES, try_map(fd, alloc.mmap_offset, PAGE, PROT_WRITE,
				   MAP_SHARED));
	map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd,
		   (off_t)alloc.mmap_offset);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_TRUE(is_zero(map, PAGE));
	EXPECT_EQ(-EACCES, neg(mprotect(map, PAGE, PROT_READ | PROT_WRITE)));
	munmap(map, PAGE);
	close(fd);
}

/*
 * mremap() and remap_file_pages()
 */

TEST_F(box, mremap_shrinks_and_moves_but_never_grows)
{
	struct mmbox_ioc_alloc alloc;
	char *map, *to, *moved;

	ASSERT_EQ(0, dev_alloc(self->fd, BLOCK(2), 0, 0, &alloc));
	map = dev_map(self->fd, alloc.mmap_offset, 2 * PAGE);
	ASSERT_NE(MAP_FAILED, map);
	fill(map, 2 * PAGE, 6);
	EXPECT_EQ(MAP_FAILED, mremap(map, 2 * PAGE, 3 * PAGE, 0));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(MAP_FAILED, mremap(map, 2 * PAGE, 8 * PAGE, MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	/* A copy by way of an old length of 0. */
	EXPECT_EQ(MAP_FAILED, mremap(map, 0, 8 * PAGE, MREMAP_MAYMOVE));
	EXPECT_EQ(MAP_FAILED, mremap(map, 0, 2 * PAGE, MREMAP_MAYMOVE));
	EXPECT_TRUE(is_filled(map, 2 * PAGE, 6));

	to = mmap(NULL, 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	moved = mremap(map, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       to);
	ASSERT_EQ(to, moved);
	EXPECT_TRUE(is_filled(moved, 2 * PAGE, 6));
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_EQ(1, nr_objects("box0", "freed"));
	EXPECT_EQ(moved, mremap(moved, 2 * PAGE, PAGE, 0));
	EXPECT_TRUE(is_filled(moved, PAGE, 6));
	EXPECT_EQ(1, nr_objects("box0", "freed"));
	munmap(moved, PAGE);
	EXPECT_SAME(&self->before);
}

TEST_F(box, remap_file_pages_cannot_reach_others)
{
	struct mmbox_ioc_alloc mine, others;
	int fd = dev_open_bound("box0");
	char *map;

	ASSERT_EQ(0, dev_alloc(self->fd, BLOCK(1), 0, 0, &mine));
	ASSERT_EQ(0, dev_alloc(fd, BLOCK(1), 0, 0, &others));
	map = dev_map(self->fd, mine.mmap_offset, mine.length);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_NE(0, syscall(SYS_remap_file_pages, map, PAGE, 0,
			     others.mmap_offset / PAGE, 0));
	munmap(map, mine.length);
	close(fd);
	EXPECT_EQ(0, dev_free(self->fd, mine.id));
}

/*
 * The rest of the memory calls: no harm, and what mm documents for such pages
 */

TEST_F(box, memory_calls_do_no_harm)
{
	struct mmbox_ioc_alloc alloc;
	unsigned char vec[4];
	char *map;

	ASSERT_EQ(0, dev_alloc(self->fd, BLOCK(2), 0, 0, &alloc));
	map = dev_map(self->fd, alloc.mmap_offset, alloc.length);
	ASSERT_NE(MAP_FAILED, map);
	fill(map, alloc.length, 7);
	EXPECT_EQ(-EINVAL, neg(madvise(map, alloc.length, MADV_DONTNEED)));
	EXPECT_NE(0, madvise(map, alloc.length, MADV_REMOVE));
	EXPECT_NE(0, madvise(map, alloc.length, MADV_FREE));
	/* It stays out of core dumps, whatever the process says. */
	EXPECT_EQ(-EINVAL, neg(madvise(map, alloc.length, MADV_DODUMP)));
	/* These may succeed or not. */
	madvise(map, alloc.length, MADV_WILLNEED);
	madvise(map, alloc.length, MADV_HUGEPAGE);
	madvise(map, alloc.length, MADV_MERGEABLE);
	madvise(map, alloc.length, MADV_COLD);
	madvise(map, alloc.length, MADV_PAGEOUT);
	madvise(map, alloc.length, MADV_POPULATE_WRITE);
	mlock(map, alloc.length);
	munlock(map, alloc.length);
	mlockall(MCL_CURRENT);
	munlockall();
	msync(map, alloc.length, MS_SYNC | MS_INVALIDATE);
	mincore(map, alloc.length, vec);
	EXPECT_TRUE(is_filled(map, alloc.length, 7));
	munmap(map, alloc.length);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

/* The kernel may copy such memory, but it cannot take hold of its pages. */
TEST_F(box, pages_cannot_be_pinned)
{
	struct mmbox_ioc_alloc alloc;
	char *map, copy[256];
	struct iovec local = { copy, sizeof(copy) }, remote;
	int pipes[2], direct;
	pid_t pid;
	long n;

	ASSERT_EQ(0, dev_alloc(self->fd, BLOCK(2), 0, 0, &alloc));
	map = dev_map(self->fd, alloc.mmap_offset, alloc.length);
	ASSERT_NE(MAP_FAILED, map);
	fill(map, alloc.length, 8);

	ASSERT_EQ(0, pipe(pipes));
	EXPECT_EQ(sizeof(copy), write(pipes[1], map, sizeof(copy)));
	EXPECT_EQ(sizeof(copy), read(pipes[0], copy, sizeof(copy)));
	EXPECT_EQ(0, memcmp(copy, map, sizeof(copy)));

	remote = (struct iovec) { map, sizeof(copy) };
	EXPECT_EQ(-EFAULT, neg(vmsplice(pipes[1], &remote, 1, 0)));

	pid = fork_child();
	if (!pid) {
		pause();
		_exit(0);
	}
	n = process_vm_readv(pid, &local, 1, &remote, 1, 0);
	EXPECT_TRUE(n < 0 && (errno == EFAULT || errno == ENOSYS));
	n = process_vm_writev(pid, &local, 1, &remote, 1, 0);
	EXPECT_TRUE(n < 0 && (errno == EFAULT || errno == ENOSYS));
	kill(pid, SIGKILL);
	EXPECT_EQ(-SIGKILL, wait_child(pid));

	/* Where the file system takes O_DIRECT: it may copy instead. */
	direct = open("/proc/self/exe", O_RDONLY | O_DIRECT);
	if (direct >= 0) {
		n = read(direct, map, PAGE);
		EXPECT_TRUE(n == (long)PAGE || (n < 0 && errno == EFAULT));
		close(direct);
	}
	close(pipes[0]);
	close(pipes[1]);
	munmap(map, alloc.length);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_HARNESS_MAIN
