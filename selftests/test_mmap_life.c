// SPDX-License-Identifier: GPL-2.0
/*
 * How long pages live: a mapping holds them, whatever becomes of the handle,
 * the file and the process, and the last one that goes gives them back.
 */
#include <sys/resource.h>

#define MMBOX_TEST_SETTINGS	MMBOX_TEST_NO_MARKS

#include "mmbox_test.h"

#define WAITER	"--wait"

/* An allocation of order 3, mapped whole. */
static char *mapped(int fd, struct mmbox_ioc_alloc *alloc)
{
	char *map;

	must(!dev_alloc(fd, BLOCK(3), 0, 0, alloc));
	map = dev_map(fd, alloc->mmap_offset, alloc->length);
	must(map != MAP_FAILED);
	return map;
}

/* The text of buddyinfo, and whether it still is that. */
static char *buddyinfo(void)
{
	return box_file("box0", "buddyinfo");
}

#define EXPECT_BUDDYINFO(text) \
	do { \
		char *now_ = buddyinfo(); \
		EXPECT_STREQ(text, now_); \
		free(now_); \
	} while (0)

/* The column "maps" of the only object. */
static int nr_maps(void)
{
	char *text = box_file("box0", "objects");
	int maps = -1;

	sscanf(strchr(text, '\n') + 1, "%*u %*u %*u %*s %*s %*s %d", &maps);
	free(text);
	return maps;
}

TEST_F(box, freed_while_mapped_returns_with_the_last_mapping)
{
	struct mmbox_ioc_alloc alloc;
	char *one = mapped(self->fd, &alloc), *two, *text = buddyinfo();

	two = dev_map(self->fd, alloc.mmap_offset + PAGE, PAGE);
	ASSERT_NE(MAP_FAILED, two);
	strcpy(one + PAGE, "here");
	EXPECT_EQ(2, nr_maps());
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_BUDDYINFO(text);
	EXPECT_EQ(1, nr_objects("box0", "freed"));
	EXPECT_STREQ("here", two);
	munmap(one, alloc.length);
	EXPECT_BUDDYINFO(text);
	EXPECT_EQ(1, nr_maps());
	EXPECT_STREQ("here", two);
	munmap(two, PAGE);
	EXPECT_SAME(&self->before);
}

/* Nobody gets a page that another one still sees. */
TEST_F(box, freed_while_mapped_is_not_given_to_others)
{
	struct mmbox_ioc_alloc alloc, other;
	char *map = mapped(self->fd, &alloc), *theirs;
	size_t i;

	memset(map, 0x77, alloc.length);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	while (!dev_alloc(self->fd, PAGE, 0, 0, &other)) {
		theirs = dev_map(self->fd, other.mmap_offset, PAGE);
		ASSERT_NE(MAP_FAILED, theirs);
		memset(theirs, 0x11, PAGE);
		munmap(theirs, PAGE);
	}
	EXPECT_EQ(0, free_pages("box0"));
	for (i = 0; i < alloc.length; i++)
		ASSERT_EQ(0x77, map[i]);
	munmap(map, alloc.length);
	EXPECT_EQ(8, free_pages("box0"));
}

TEST_F(box, close_while_mapped)
{
	struct mmbox_ioc_alloc alloc;
	char *map = mapped(self->fd, &alloc), *text = buddyinfo();

	strcpy(map, "still here");
	close(self->fd);
	self->fd = -1;
	EXPECT_BUDDYINFO(text);
	EXPECT_EQ(1, nr_objects("box0", NULL));
	EXPECT_STREQ("still here", map);
	/* The mapping holds the file, the box and the module. */
	EXPECT_EQ(-EWOULDBLOCK, module_unload());
	EXPECT_STREQ("still here", map);
	munmap(map, alloc.length);
	EXPECT_SAME(&self->before);
}

TEST_F(box, partial_munmap_keeps_the_rest)
{
	struct mmbox_ioc_alloc alloc;
	char *map = mapped(self->fd, &alloc), *text = buddyinfo();
	int i;

	for (i = 0; i < 8; i++)
		map[i * PAGE] = i;
	/* A hole makes two mappings of one. */
	EXPECT_EQ(0, munmap(map + 3 * PAGE, 2 * PAGE));
	EXPECT_EQ(2, nr_maps());
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_BUDDYINFO(text);
	for (i = 0; i < 8; i++)
		if (i != 3 && i != 4)
			EXPECT_EQ(i, map[i * PAGE]);
	/* Both ends, then the middle of what is left. */
	EXPECT_EQ(0, munmap(map, PAGE));
	EXPECT_EQ(0, munmap(map + 7 * PAGE, PAGE));
	EXPECT_EQ(2, nr_maps());
	EXPECT_EQ(0, munmap(map + PAGE, 2 * PAGE));
	EXPECT_EQ(1, nr_maps());
	EXPECT_BUDDYINFO(text);
	EXPECT_EQ(5, map[5 * PAGE]);
	EXPECT_EQ(0, munmap(map, alloc.length));
	EXPECT_SAME(&self->before);
}

TEST_F(box, mprotect_splits_and_joins)
{
	struct mmbox_ioc_alloc alloc;
	char *map = mapped(self->fd, &alloc);

	EXPECT_EQ(0, mprotect(map + PAGE, PAGE, PROT_READ));
	EXPECT_EQ(3, nr_maps());
	EXPECT_EQ(0, mprotect(map + PAGE, PAGE, PROT_READ | PROT_WRITE));
	map[PAGE] = 1;
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_EQ(0, munmap(map, alloc.length));
	EXPECT_SAME(&self->before);
}

TEST_F(box, mapped_over_with_something_else)
{
	struct mmbox_ioc_alloc alloc;
	char *map = mapped(self->fd, &alloc);

	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_EQ(map, mmap(map, alloc.length, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	EXPECT_SAME(&self->before);
	munmap(map, alloc.length);
}

TEST_F(box, fork_shares_and_exit_drops)
{
	struct mmbox_ioc_alloc alloc;
	char *map = mapped(self->fd, &alloc), *text = buddyinfo(), byte;
	int go[2], back[2];
	pid_t pid;

	ASSERT_EQ(0, pipe(go));
	ASSERT_EQ(0, pipe(back));
	pid = fork_child();
	if (!pid) {
		strcpy(map, "from the child");
		must(write(back[1], "", 1) == 1);
		must(read(go[0], &byte, 1) == 1);
		/* The parent has unmapped and freed by now. */
		must(!strcmp(map, "from the child"));
		_exit(0);
	}
	ASSERT_EQ(1, read(back[0], &byte, 1));
	EXPECT_EQ(2, nr_maps());
	EXPECT_STREQ("from the child", map);
	munmap(map, alloc.length);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_BUDDYINFO(text);
	EXPECT_EQ(1, nr_maps());
	EXPECT_EQ(1, nr_objects("box0", "freed"));
	ASSERT_EQ(1, write(go[1], "", 1));
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_SAME(&self->before);
}

TEST_F(box, dontfork_is_not_shared)
{
	struct mmbox_ioc_alloc alloc;
	char *map = mapped(self->fd, &alloc);
	pid_t pid;

	EXPECT_EQ(0, madvise(map, alloc.length, MADV_DONTFORK));
	pid = fork_child();
	if (!pid)
		_exit(*(volatile char *)map);
	EXPECT_EQ(-SIGSEGV, wait_child(pid));
	EXPECT_EQ(1, nr_maps());
	munmap(map, alloc.length);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_F(box, exec_drops)
{
	struct mmbox_ioc_alloc alloc;
	int go[2], back[2];
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(go));
	ASSERT_EQ(0, pipe(back));
	pid = fork_child();
	if (!pid) {
		int fd = dev_open_bound("box0");

		mapped(fd, &alloc);
		must(!dev_free(fd, alloc.id));
		mapped(fd, &alloc);
		close(go[1]);
		must(dup2(go[0], 0) == 0);
		must(dup2(back[1], 1) == 1);
		execl("/proc/self/exe", "waiter", WAITER, NULL);
		_exit(1);
	}
	/* The new program runs, so the old one's memory and files are gone. */
	ASSERT_EQ(1, read(back[0], &byte, 1));
	EXPECT_SAME(&self->before);
	close(go[1]);
	EXPECT_EQ(0, wait_child(pid));
}

TEST_F(box, kill_drops_all)
{
	struct mmbox_ioc_alloc alloc;
	int back[2], i;
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(back));
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	pid = fork_child();
	if (!pid) {
		int fd = dev_open_bound("box0");

		for (i = 0; i < 10; i++) {
			char *map = mapped(fd, &alloc);

			munmap(map + i % 8 * PAGE, PAGE);
			if (i % 2)
				must(!dev_free(fd, alloc.id));
		}
		/* A grandchild has the same mappings and the same file. */
		if (!fork_child())
			for (;;)
				pause();
		must(write(back[1], "", 1) == 1);
		for (;;)
			pause();
	}
	ASSERT_EQ(1, read(back[0], &byte, 1));
	EXPECT_EQ(10, nr_objects("box0", NULL));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(-SIGKILL, wait_child(pid));
	/* The grandchild is ours now, and dies of its parent's death. */
	EXPECT_EQ(-SIGKILL, wait_child(-1));
	EXPECT_SAME(&self->before);
}

/*
 * Core dumps
 */

static bool file_has(const char *path, const char *text)
{
	int fd = open(path, O_RDONLY);
	size_t length, len = strlen(text);
	char *data;
	bool found;

	must(fd >= 0);
	data = slurp_fd(fd, 1 << 20, &length);
	found = memmem(data, length, text, len);
	free(data);
	close(fd);
	return found;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	must(fd >= 0);
	must(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

TEST_F(box, core_dump_leaves_it_out)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	char secret[32], stack[32], core[64], *pattern;
	struct mmbox_ioc_alloc alloc;
	pid_t pid;

	if (access("/proc/sys/kernel/core_pattern", F_OK))
		SKIP(return, "this kernel has no core dumps");
	pattern = slurp("/proc/sys/kernel/core_pattern");
	write_file("/proc/sys/kernel/core_pattern", "/tmp/mmbox-core");
	snprintf(core, sizeof(core), "/tmp/mmbox-core");
	unlink(core);
	pid = fork_child();
	if (!pid) {
		char *map = mapped(self->fd, &alloc);

		/* Put together here, so that no other copy is in memory. */
		snprintf(map, 64, "in the %s of %d", "box", getppid());
		snprintf(stack, sizeof(stack), "on the %s of %d", "stack",
			 getppid());
		setrlimit(RLIMIT_CORE, &limit);
		must(!chdir("/tmp"));
		abort();
	}
	EXPECT_EQ(-SIGABRT, wait_child(pid));
	write_file("/proc/sys/kernel/core_pattern", pattern);
	if (access(core, F_OK))		/* core_uses_pid */
		snprintf(core, sizeof(core), "/tmp/mmbox-core.%d", pid);
	ASSERT_EQ(0, access(core, R_OK));
	snprintf(secret, sizeof(secret), "in the box of %d", getpid());
	EXPECT_TRUE(file_has(core, "on the stack of "));
	EXPECT_FALSE(file_has(core, secret));
	unlink(core);
	/* This process's file still owns it. */
	EXPECT_EQ(1, nr_objects("box0", "live"));
	close(self->fd);
	self->fd = -1;
}

/* What exec_drops executes: tells that it runs, and waits to be let go. */
static int waiter(void)
{
	char byte;

	return write(1, "", 1) != 1 || read(0, &byte, 1) != 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], WAITER))
		return waiter();
	return test_harness_run(argc, argv);
}
