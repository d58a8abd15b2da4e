// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations and their handles: sizes, owners, and how they end.
 */
#define MMBOX_TEST_SETTINGS	MMBOX_TEST_NO_MARKS

#include "mmbox_test.h"

TEST_F(box, alloc_answers_every_field)
{
	struct mmbox_ioc_alloc req, want;
	size_t i;

	memset(&req, 0xa5, sizeof(req));
	req.version = MMBOX_ABI_VERSION;
	req.gfp = MMBOX_GFP_DMA32;
	req.flags = 0;
	req.variant = MMBOX_VARIANT_REMAP;
	req.size = 5 * PAGE + 1;
	want = req;
	ASSERT_EQ(0, neg(ioctl(self->fd, MMBOX_IOC_ALLOC, &req)));
	want.order = 3;
	want.length = BLOCK(3);
	want.id = req.id;
	want.mmap_offset = req.mmap_offset;
	EXPECT_EQ(0, memcmp(&want, &req, sizeof(req)));

	/* The handle and the offset: small numbers, not what was there. */
	EXPECT_NE(0, req.id);
	EXPECT_NE(0xa5a5a5a5, req.id);
	EXPECT_EQ(0, req.mmap_offset % PAGE);
	EXPECT_LT(req.mmap_offset, (__u64)INT64_MAX);
	for (i = 0; i + 8 <= sizeof(req); i++) {
		__u64 word;

		memcpy(&word, (char *)&req + i, sizeof(word));
		EXPECT_LT(word, 0xffff800000000000);
	}
	EXPECT_EQ(0, dev_free(self->fd, req.id));
}

TEST_F(box, alloc_takes_smallest_order_that_holds)
{
	static const struct { __u64 size; __u32 order; } tries[] = {
		{ 1, 0 }, { PAGE - 1, 0 }, { PAGE, 0 }, { PAGE + 1, 1 },
		{ 2 * PAGE, 1 }, { 2 * PAGE + 1, 2 }, { 3 * PAGE, 2 },
		{ 4 * PAGE, 2 }, { 5 * PAGE, 3 }, { 1023 * PAGE, 10 },
		{ 512 * PAGE, 9 }, { 512 * PAGE + 1, 10 }, { 4 << 20, 10 },
	};
	struct mmbox_ioc_alloc alloc;
	size_t i;

	for (i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		unsigned long before = free_pages("box0");

		ASSERT_EQ(0, dev_alloc(self->fd, tries[i].size, 0, 0, &alloc));
		EXPECT_EQ(tries[i].order, alloc.order);
		EXPECT_EQ(BLOCK(tries[i].order), alloc.length);
		EXPECT_EQ(before - (1UL << alloc.order), free_pages("box0"));
		EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	}
}

TEST_F(box, alloc_of_impossible_size_is_einval)
{
	static const __u64 size[] = {
		0, (4 << 20) + 1, 8 << 20, 1ULL << 32, 1ULL << 44, 1ULL << 52,
		1ULL << 63, UINT64_MAX - PAGE, UINT64_MAX - PAGE + 2,
		UINT64_MAX,
	};
	struct mmbox_ioc_alloc alloc;
	size_t i;

	for (i = 0; i < sizeof(size) / sizeof(*size); i++) {
		EXPECT_EQ(-EINVAL, dev_alloc(self->fd, size[i], 0, 0, &alloc));
		EXPECT_EQ(-EINVAL, dev_alloc(self->fd, size[i], 0,
					     MMBOX_ALLOC_KEEP, &alloc));
	}
	EXPECT_SAME(&self->before);
}

TEST_F(box, alloc_from_exhausted_box_is_enomem)
{
	struct mmbox_ioc_alloc alloc;
	struct state full;
	long failed;

	while (!dev_alloc(self->fd, BLOCK(0), 0, 0, &alloc))
		;
	EXPECT_EQ(0, free_pages("box0"));
	failed = box_counter("box0", "events", "alloc_fail");
	state_take("box0", &full);
	EXPECT_EQ(-ENOMEM, dev_alloc(self->fd, 1, 0, 0, &alloc));
	EXPECT_EQ(-ENOMEM, dev_alloc(self->fd, 1, MMBOX_GFP_DMA, 0, &alloc));
	EXPECT_EQ(-ENOMEM, dev_alloc(self->fd, 4 << 20, 0, 0, &alloc));
	EXPECT_SAME(&full);
	EXPECT_EQ(failed + 3, box_counter("box0", "events", "alloc_fail"));
	/* Closing the file gives it all back: the fixture looks. */
}

TEST_F(box, free_twice_is_enoent)
{
	struct mmbox_ioc_alloc alloc, other;
	struct state state;

	ASSERT_EQ(0, dev_alloc(self->fd, PAGE, 0, 0, &alloc));
	ASSERT_EQ(0, dev_alloc(self->fd, PAGE, 0, 0, &other));
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	state_take("box0", &state);
	EXPECT_EQ(-ENOENT, dev_free(self->fd, alloc.id));
	EXPECT_SAME(&state);
	EXPECT_EQ(0, dev_free(self->fd, other.id));
	EXPECT_EQ(-ENOENT, dev_free(self->fd, other.id));
}

TEST_F(box, free_of_unknown_handle_is_enoent)
{
	struct mmbox_ioc_alloc alloc;
	struct state state;
	int bit;

	ASSERT_EQ(0, dev_alloc(self->fd, PAGE, 0, 0, &alloc));
	state_take("box0", &state);
	EXPECT_EQ(-ENOENT, dev_free(self->fd, 0));
	EXPECT_EQ(-ENOENT, dev_free(self->fd, ~0U));
	EXPECT_EQ(-ENOENT, dev_free(self->fd, alloc.id + 1));
	for (bit = 0; bit < 32; bit++)
		EXPECT_EQ(-ENOENT, dev_free(self->fd, alloc.id ^ 1U << bit));
	EXPECT_SAME(&state);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_F(box, handle_of_another_file_is_enoent)
{
	struct mmbox_ioc_alloc alloc;
	int fd = dev_open_bound("box0");
	struct state state;
	char *map;

	ASSERT_EQ(0, dev_alloc(self->fd, PAGE, 0, 0, &alloc));
	map = dev_map(self->fd, alloc.mmap_offset, PAGE);
	ASSERT_NE(MAP_FAILED, map);
	strcpy(map, "mine");
	state_take("box0", &state);
	EXPECT_EQ(-ENOENT, dev_free(fd, alloc.id));
	EXPECT_EQ(MAP_FAILED, dev_map(fd, alloc.mmap_offset, PAGE));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_SAME(&state);
	EXPECT_STREQ("mine", map);
	munmap(map, PAGE);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	close(fd);
}

TEST_F(box, handles_are_unique_in_the_box)
{
	int fd = dev_open_bound("box0"), i, j, n = 200;
	struct mmbox_ioc_alloc alloc;
	__u32 id[200];
	__u64 offset[200];

	for (i = 0; i < n; i++) {
		ASSERT_EQ(0, dev_alloc(i % 2 ? fd : self->fd, PAGE, 0, 0,
				       &alloc));
		id[i] = alloc.id;
		offset[i] = alloc.mmap_offset;
		for (j = 0; j < i; j++) {
			ASSERT_NE(id[j], id[i]);
			ASSERT_NE(offset[j], offset[i]);
		}
	}
	EXPECT_EQ(n, nr_objects("box0", "live"));
	close(fd);
	EXPECT_EQ(n / 2, nr_objects("box0", "live"));
}

/*
 * How allocations end
 */

TEST_F(box, close_frees_what_the_file_owns)
{
	struct mmbox_ioc_alloc alloc;
	int i, fd = dev_open_bound("box0"), copy = dup(fd);

	for (i = 0; i < 50; i++)
		ASSERT_EQ(0, dev_alloc(fd, BLOCK(i % 5), 0, 0, &alloc));
	close(fd);
	/* Not the last descriptor. */
	EXPECT_EQ(50, nr_objects("box0", "live"));
	EXPECT_EQ(0, dev_free(copy, alloc.id));
	EXPECT_EQ(49, nr_objects("box0", "live"));
	close(copy);
	EXPECT_SAME(&self->before);
}

TEST_F(box, file_lives_on_in_a_child)
{
	int fd = dev_open_bound("box0"), pipes[2];
	struct mmbox_ioc_alloc alloc;
	struct state state;
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, dev_alloc(fd, PAGE, 0, 0, &alloc));
	state_take("box0", &state);
	pid = fork_child();
	if (!pid) {
		close(pipes[1]);
		must(!read(pipes[0], &byte, 1));
		_exit(dev_free(fd, alloc.id) ? 1 : 0);
	}
	close(pipes[0]);
	close(fd);
	EXPECT_SAME(&state);
	/* The child has the handle, for it has the file. */
	close(pipes[1]);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_SAME(&self->before);
}

TEST_F(box, kill_frees_what_the_process_had)
{
	struct mmbox_ioc_alloc alloc;
	int i, pipes[2];
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(pipes));
	pid = fork_child();
	if (!pid) {
		int fd = dev_open_bound("box0");

		for (i = 0; i < 30; i++) {
			char *map;

			must(!dev_alloc(fd, BLOCK(i % 4), 0, 0, &alloc));
			map = dev_map(fd, alloc.mmap_offset, alloc.length);
			must(map != MAP_FAILED);
			memset(map, 1, alloc.length);
			if (i % 3 == 0)
				must(!dev_free(fd, alloc.id));
		}
		must(write(pipes[1], "", 1) == 1);
		for (;;)
			pause();
	}
	ASSERT_EQ(1, read(pipes[0], &byte, 1));
	EXPECT_EQ(20, nr_objects("box0", "live"));
	EXPECT_EQ(10, nr_objects("box0", "freed"));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(-SIGKILL, wait_child(pid));
	EXPECT_SAME(&self->before);
}

/*
 * Kept allocations
 */

TEST_F(box, kept_outlives_its_file)
{
	struct mmbox_ioc_alloc alloc;
	int fd = dev_open_bound("box0");
	char *map;

	ASSERT_EQ(0, dev_alloc(fd, 3 * PAGE, 0, MMBOX_ALLOC_KEEP, &alloc));
	map = dev_map(fd, alloc.mmap_offset, alloc.length);
	ASSERT_NE(MAP_FAILED, map);
	strcpy(map, "kept");
	munmap(map, alloc.length);
	close(fd);
	EXPECT_EQ(1, nr_objects("box0", "kept"));

	/* Any file that is bound to the box may map it and free it. */
	map = dev_map(self->fd, alloc.mmap_offset, alloc.length);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_STREQ("kept", map);
	munmap(map, alloc.length);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_EQ(-ENOENT, dev_free(self->fd, alloc.id));
	EXPECT_SAME(&self->before);
}

TEST_F(box, kept_by_another_process)
{
	int pipes[2];
	struct mmbox_ioc_alloc alloc;
	pid_t pid;
	char *map;

	ASSERT_EQ(0, pipe(pipes));
	pid = fork_child();
	if (!pid) {
		int fd = dev_open_bound("box0");

		must(!dev_alloc(fd, PAGE, 0, MMBOX_ALLOC_KEEP, &alloc));
		map = dev_map(fd, alloc.mmap_offset, PAGE);
		must(map != MAP_FAILED);
		strcpy(map, "from afar");
		must(write(pipes[1], &alloc, sizeof(alloc)) == sizeof(alloc));
		raise(SIGKILL);
	}
	ASSERT_EQ(sizeof(alloc), read(pipes[0], &alloc, sizeof(alloc)));
	EXPECT_EQ(-SIGKILL, wait_child(pid));
	EXPECT_EQ(1, nr_objects("box0", "kept"));
	map = dev_map(self->fd, alloc.mmap_offset, PAGE);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_STREQ("from afar", map);
	munmap(map, PAGE);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_F(box, keep_without_capability_is_eperm)
{
	struct mmbox_ioc_alloc alloc, kept;
	struct state state;

	ASSERT_EQ(0, dev_alloc(self->fd, PAGE, 0, MMBOX_ALLOC_KEEP, &kept));
	state_take("box0", &state);
	set_admin(false);
	EXPECT_EQ(-EPERM, dev_alloc(self->fd, PAGE, 0, MMBOX_ALLOC_KEEP,
				    &alloc));
	EXPECT_EQ(-EPERM, dev_free(self->fd, kept.id));
	EXPECT_SAME(&state);
	/* An ordinary one needs no capability. */
	EXPECT_EQ(0, dev_alloc(self->fd, PAGE, 0, 0, &alloc));
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	set_admin(true);
	EXPECT_EQ(0, dev_free(self->fd, kept.id));
}

TEST_F(box, kept_goes_with_the_module)
{
	struct mmbox_ioc_alloc alloc;
	int i;

	for (i = 0; i < 5; i++)
		ASSERT_EQ(0, dev_alloc(self->fd, BLOCK(i), 0, MMBOX_ALLOC_KEEP,
				       &alloc));
	close(self->fd);
	EXPECT_EQ(0, module_unload());
	EXPECT_EQ(1, kmsg_all_back(self->kmsg));
	/* For the fixture. */
	ASSERT_EQ(0, module_load("pool=" MMBOX_TEST_POOL));
	self->fd = dev_open_bound("box0");
	state_take("box0", &self->before);
}

/*
 * Counters
 */

TEST_F(box, counters_count)
{
	struct mmbox_ioc_alloc alloc;
	char *map;

	ASSERT_EQ(0, box_counter("box0", "events", "object_alloc"));
	ASSERT_EQ(0, dev_alloc(self->fd, BLOCK(3), 0, 0, &alloc));
	EXPECT_EQ(1, box_counter("box0", "events", "object_alloc"));
	EXPECT_EQ(8, box_counter("box0", "vmstat", "pgalloc_normal"));
	map = dev_map(self->fd, alloc.mmap_offset, PAGE);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(1, box_counter("box0", "events", "object_mmap"));
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_EQ(0, box_counter("box0", "events", "object_free"));
	EXPECT_EQ(0, box_counter("box0", "vmstat", "pgfree"));
	munmap(map, PAGE);
	EXPECT_EQ(1, box_counter("box0", "events", "object_free"));
	EXPECT_EQ(8, box_counter("box0", "vmstat", "pgfree"));
}

TEST_HARNESS_MAIN
