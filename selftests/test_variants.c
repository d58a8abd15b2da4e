// SPDX-License-Identifier: GPL-2.0
/*
 * What holds for every way to map an allocation, and where the ways differ.
 * Every test here runs once for each of them.
 */
#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>

#include "variants.h"

/* How often the kernel knows a frame to be mapped. */
static __u64 map_count(__u64 frame)
{
	int fd = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC);
	__u64 count;

	must(fd >= 0);
	must(pread(fd, &count, sizeof(count),
		   (off_t)frame * sizeof(count)) == sizeof(count));
	close(fd);
	return count;
}

/*
 * What is seen, and when it is entered
 */

TEST_F(box, pages_are_entered_when_they_should_be)
{
	struct mmbox_ioc_alloc alloc;
	char *map = MAPPED(&alloc), word[16], *objects;
	__u64 frame[NR_PAGES];
	int i;

	objects = box_file("box0", "objects");
	must(sscanf(strchr(objects, '\n'), "%*u %*u %*u %*s %15s", word) == 1);
	EXPECT_STREQ(variant->name, word);
	free(objects);

	EXPECT_EQ(variant->first, nr_present(self->fd, map));
	EXPECT_EQ(0, map[3 * PAGE]);
	EXPECT_EQ(variant->touch, nr_present(self->fd, map));
	for (i = 0; i < NR_PAGES; i++)
		map[i * PAGE] = 1;
	for (i = 0; i < NR_PAGES; i++) {
		frame[i] = frame_at(self->fd, map + i * PAGE);
		ASSERT_NE(0, frame[i]);
		EXPECT_EQ(variant->counted, map_count(frame[i]));
		/* A block's frames follow one another. */
		if (!(variant->flags & MMBOX_ALLOC_VMALLOC))
			EXPECT_EQ(frame[0] + i, frame[i]);
	}
	munmap(map, LENGTH);
	for (i = 0; i < NR_PAGES; i++)
		EXPECT_EQ(0, map_count(frame[i]));
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_F(box, every_offset_shows_its_page)
{
	struct mmbox_ioc_alloc alloc;
	char *map = MAPPED(&alloc), *part;
	int first, nr, i;

	for (i = 0; i < (int)LENGTH; i++)
		ASSERT_EQ(0, map[i]);
	fill(map, 1);
	for (first = 0; first < NR_PAGES; first++) {
		for (nr = 1; nr <= NR_PAGES - first; nr++) {
			part = dev_map(self->fd, alloc.mmap_offset +
				       first * PAGE, nr * PAGE);
			ASSERT_NE(MAP_FAILED, part);
			/* From the end, so that the first touch is not page 0. */
			for (i = nr - 1; i >= 0; i--)
				EXPECT_EQ(1 + first + i,
					  *(unsigned int *)(part + i * PAGE));
			munmap(part, nr * PAGE);
		}
	}
	/* Mapped whole again, all of it is still there. */
	munmap(map, LENGTH);
	map = dev_map(self->fd, alloc.mmap_offset, LENGTH);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_TRUE(is_filled(map, 0, NR_PAGES, 1));
	munmap(map, LENGTH);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_F(box, what_lies_beyond_cannot_be_mapped)
{
	struct mmbox_ioc_alloc alloc, next;
	int i;

	ASSERT_EQ(0, ALLOC(self->fd, &alloc));
	ASSERT_EQ(0, ALLOC(self->fd, &next));
	for (i = 0; i <= NR_PAGES; i++) {
		EXPECT_EQ(MAP_FAILED, dev_map(self->fd, alloc.mmap_offset +
					      i * PAGE, LENGTH - i * PAGE + 1));
		EXPECT_EQ(EINVAL, errno);
	}
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_EQ(0, dev_free(self->fd, next.id));
}

TEST_F(box, sizes_that_are_no_power_of_two)
{
	struct mmbox_ioc_alloc alloc;
	char *map;
	int i, nr = 5;

	ASSERT_EQ(0, dev_alloc_as(self->fd, variant->variant, nr * PAGE, 0,
				  variant->flags, &alloc));
	EXPECT_EQ(variant->flags ? 5 * PAGE : 8 * PAGE, alloc.length);
	map = dev_map(self->fd, alloc.mmap_offset, alloc.length);
	ASSERT_NE(MAP_FAILED, map);
	for (i = 0; i < nr; i++)
		map[i * PAGE] = i;
	EXPECT_EQ(MAP_FAILED, dev_map(self->fd, alloc.mmap_offset,
				      alloc.length + 1));
	munmap(map, alloc.length);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

/* More than is inserted with one call, and more than one table of entries. */
TEST_F(box, largest_allocation_maps)
{
	const size_t length = 4 << 20;
	struct mmbox_ioc_alloc alloc;
	size_t i;
	char *map;

	ASSERT_EQ(0, dev_alloc_as(self->fd, variant->variant, length, 0,
				  variant->flags, &alloc));
	map = dev_map(self->fd, alloc.mmap_offset, length);
	ASSERT_NE(MAP_FAILED, map);
	for (i = 0; i < length; i += PAGE)
		*(size_t *)(map + i) = i;
	munmap(map, length);
	map = dev_map(self->fd, alloc.mmap_offset + 33 * PAGE,
		      length - 33 * PAGE);
	ASSERT_NE(MAP_FAILED, map);
	for (i = 33 * PAGE; i < length; i += PAGE)
		ASSERT_EQ(i, *(size_t *)(map + i - 33 * PAGE));
	munmap(map, length - 33 * PAGE);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_F(box, mapped_pages_are_told_of)
{
	struct mmbox_ioc_alloc alloc;
	char *map = MAPPED(&alloc), *again;
	long kb = LENGTH / 1024;

	EXPECT_EQ(kb, box_counter("box0", "meminfo", "Mapped:"));
	again = dev_map(self->fd, alloc.mmap_offset, PAGE);
	ASSERT_NE(MAP_FAILED, again);
	munmap(map, LENGTH);
	EXPECT_EQ(kb, box_counter("box0", "meminfo", "Mapped:"));
	munmap(again, PAGE);
	EXPECT_EQ(0, box_counter("box0", "meminfo", "Mapped:"));
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

/* A row of the file faults. */
struct fault {
	unsigned int id;
	char variant[16];
	unsigned long nr, address;
	char access[8];
	unsigned long pfn, ns;
	int pid;
};

/* Returns how many rows there are, at most @max of them in @fault. */
static int read_faults(struct fault *fault, int max)
{
	char *text = box_file("box0", "faults"), *line = strchr(text, '\n');
	int nr = 0;

	must(line);
	for (line++; *line && nr < max; nr++) {
		struct fault *f = &fault[nr];

		must(sscanf(line, "%u %15s %lu %lx %7s %lu %lu %d", &f->id,
			    f->variant, &f->nr, &f->address, f->access,
			    &f->pfn, &f->ns, &f->pid) == 8);
		line = strchr(line, '\n');
		must(line);
		line++;
	}
	free(text);
	return nr;
}

static const char *fault_counter(__u32 variant)
{
	switch (variant) {
	case MMBOX_VARIANT_FAULT:
		return "fault_one";
	case MMBOX_VARIANT_BATCH:
		return "fault_batch";
	default:
		return "fault_insert";
	}
}

TEST_F(box, faults_are_noted)
{
	struct mmbox_ioc_alloc other, alloc;
	struct fault fault[20];
	int i, expected = 0;
	char *map;

	/* Of one that nobody touches nothing is known. */
	ASSERT_EQ(0, ALLOC(self->fd, &other));
	map = MAPPED(&alloc);
	EXPECT_EQ(0, read_faults(fault, 20));
	map[3 * PAGE + 100] = 1;
	reading(map);		/* by another process, of a copy of the table */
	if (variant->touch > variant->first)
		expected = variant->touch == 1 ? 2 : 1;
	ASSERT_EQ(expected, read_faults(fault, 20));
	for (i = 0; i < expected; i++) {
		EXPECT_EQ(alloc.id, fault[i].id);
		EXPECT_STREQ(variant->name, fault[i].variant);
		EXPECT_EQ(i, fault[i].nr);
		EXPECT_EQ((unsigned long)map + (i ? 0 : 3 * PAGE),
			  fault[i].address);
		EXPECT_STREQ(i ? "read" : "write", fault[i].access);
		EXPECT_NE(i, fault[i].pid == getpid());
	}
	if (expected)
		EXPECT_EQ(frame_at(self->fd, map + 3 * PAGE), fault[0].pfn);
	munmap(map, LENGTH);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_EQ(0, dev_free(self->fd, other.id));
	EXPECT_EQ(0, read_faults(fault, 20));
	EXPECT_EQ(expected, box_counter("box0", "events",
					fault_counter(variant->variant)));
}

TEST_F(box, the_last_16_faults_are_known)
{
	struct mmbox_ioc_alloc alloc;
	struct fault fault[20];
	int i, nr = 21;
	char *map;

	ASSERT_EQ(0, ALLOC(self->fd, &alloc));
	for (i = 0; i < nr; i++) {
		map = dev_map(self->fd, alloc.mmap_offset, LENGTH);
		ASSERT_NE(MAP_FAILED, map);
		if (variant->counted)
			madvise(map, LENGTH, MADV_DONTNEED);
		map[i % NR_PAGES * PAGE] = 1;
		munmap(map, LENGTH);
	}
	if (variant->variant == MMBOX_VARIANT_REMAP)
		nr = 0;
	ASSERT_EQ(nr ? 16 : 0, read_faults(fault, 20));
	for (i = 0; nr && i < 16; i++)
		EXPECT_EQ(nr - 16 + i, fault[i].nr);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

/*
 * What the memory calls do
 */

TEST_F(box, private_and_executable_mappings_are_refused)
{
	struct mmbox_ioc_alloc alloc;
	char *map;

	ASSERT_EQ(0, ALLOC(self->fd, &alloc));
	map = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE, self->fd,
		   (off_t)alloc.mmap_offset);
	EXPECT_EQ(MAP_FAILED, map);
	EXPECT_EQ(EINVAL, errno);
	map = mmap(NULL, LENGTH, PROT_READ | PROT_EXEC, MAP_SHARED, self->fd,
		   (off_t)alloc.mmap_offset);
	EXPECT_EQ(MAP_FAILED, map);
	EXPECT_EQ(EPERM, errno);
	map = dev_map(self->fd, alloc.mmap_offset, LENGTH);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(-EACCES, neg(mprotect(map, LENGTH, PROT_READ | PROT_EXEC)));
	munmap(map, LENGTH);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_F(box, a_file_opened_to_read_is_only_read)
{
	struct mmbox_ioc_alloc alloc;
	int fd = dev_open(O_RDONLY);
	char *map;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, dev_bind(fd, "box0"));
	ASSERT_EQ(0, ALLOC(fd, &alloc));
	EXPECT_EQ(MAP_FAILED, dev_map(fd, alloc.mmap_offset, LENGTH));
	EXPECT_EQ(EACCES, errno);
	map = mmap(NULL, LENGTH, PROT_READ, MAP_SHARED, fd,
		   (off_t)alloc.mmap_offset);
	ASSERT_NE(MAP_FAILED, map);
	/* Before it is touched, and after it. */
	EXPECT_EQ(-SIGSEGV, writing(map));
	EXPECT_EQ(0, map[0]);
	EXPECT_EQ(-EACCES, neg(mprotect(map, LENGTH, PROT_READ | PROT_WRITE)));
	EXPECT_EQ(-SIGSEGV, writing(map));
	EXPECT_EQ(-SIGSEGV, writing(map + PAGE));
	EXPECT_EQ(0, map[0]);
	munmap(map, LENGTH);
	close(fd);
}

TEST_F(box, mprotect_takes_and_gives)
{
	struct mmbox_ioc_alloc alloc;
	char *map = MAPPED(&alloc), *other;

	other = dev_map(self->fd, alloc.mmap_offset, LENGTH);
	ASSERT_NE(MAP_FAILED, other);
	/* One page that was touched, and one that was not. */
	map[PAGE] = 1;
	EXPECT_EQ(0, mprotect(map + PAGE, 2 * PAGE, PROT_READ));
	EXPECT_EQ(-SIGSEGV, writing(map + PAGE));
	EXPECT_EQ(-SIGSEGV, writing(map + 2 * PAGE));
	EXPECT_EQ(1, map[PAGE]);
	EXPECT_EQ(0, map[2 * PAGE]);
	EXPECT_EQ(0, mprotect(map + PAGE, 2 * PAGE, PROT_NONE));
	EXPECT_EQ(-SIGSEGV, reading(map + PAGE));
	EXPECT_EQ(-SIGSEGV, reading(map + 2 * PAGE));
	EXPECT_EQ(0, mprotect(map, LENGTH, PROT_READ | PROT_WRITE));
	fill(map, 9);
	EXPECT_TRUE(is_filled(other, 0, NR_PAGES, 9));
	munmap(other, LENGTH);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	munmap(map, LENGTH);
}

TEST_F(box, mremap_moves_and_shrinks_but_never_grows)
{
	struct mmbox_ioc_alloc alloc;
	char *map = MAPPED(&alloc), *to, *other;

	other = dev_map(self->fd, alloc.mmap_offset, LENGTH);
	ASSERT_NE(MAP_FAILED, other);
	/* Half of it is touched before it moves. */
	*(unsigned int *)map = 5;
	EXPECT_EQ(MAP_FAILED, mremap(map, LENGTH, LENGTH + PAGE,
				     MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	to = mmap(NULL, LENGTH, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_EQ(to, mremap(map, LENGTH, LENGTH,
			     MREMAP_MAYMOVE | MREMAP_FIXED, to));
	fill(other, 5);
	EXPECT_TRUE(is_filled(to, 0, NR_PAGES, 5));
	EXPECT_EQ(to, mremap(to, LENGTH, 3 * PAGE, 0));
	EXPECT_TRUE(is_filled(to, 0, 3, 5));
	/* A part in the middle keeps its place in the allocation. */
	ASSERT_EQ(map, mmap(map, PAGE, PROT_NONE, MAP_FIXED_NOREPLACE |
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	ASSERT_EQ(map, mremap(to + PAGE, PAGE, PAGE,
			      MREMAP_MAYMOVE | MREMAP_FIXED, map));
	EXPECT_EQ(6, *(unsigned int *)map);
	munmap(map, PAGE);
	munmap(to, LENGTH);
	munmap(other, LENGTH);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_F(box, a_hole_leaves_the_rest)
{
	struct mmbox_ioc_alloc alloc;
	char *map = MAPPED(&alloc);

	*(unsigned int *)map = 7;
	EXPECT_EQ(0, munmap(map + 3 * PAGE, 2 * PAGE));
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_EQ(1, nr_objects("box0", "freed"));
	*(unsigned int *)(map + 7 * PAGE) = 14;
	EXPECT_EQ(-SIGSEGV, reading(map + 3 * PAGE));
	EXPECT_EQ(0, munmap(map, 3 * PAGE));
	EXPECT_EQ(1, nr_objects("box0", "freed"));
	EXPECT_EQ(14, *(unsigned int *)(map + 7 * PAGE));
	EXPECT_EQ(0, *(unsigned int *)(map + 5 * PAGE));
	EXPECT_EQ(0, munmap(map + 5 * PAGE, 3 * PAGE));
	EXPECT_SAME(&self->before);
}

TEST_F(box, fork_shares_touched_and_untouched_pages)
{
	struct mmbox_ioc_alloc alloc;
	char *map = MAPPED(&alloc);
	pid_t pid;

	map[0] = 1;
	pid = fork_child();
	if (!pid) {
		must(map[0] == 1);
		map[PAGE] = 2;
		map[0] = 3;
		_exit(0);
	}
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(3, map[0]);
	EXPECT_EQ(2, map[PAGE]);
	/* The last one that has it is a child. */
	pid = fork_child();
	if (!pid) {
		close(self->fd);
		must(map[PAGE] == 2 && !map[2 * PAGE]);
		_exit(0);
	}
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	munmap(map, LENGTH);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_SAME(&self->before);
}

TEST_F(box, mlock_and_msync)
{
	struct mmbox_ioc_alloc alloc;
	char *map = MAPPED(&alloc);

	EXPECT_EQ(0, mlock(map, LENGTH));
	EXPECT_EQ(0, munlock(map, LENGTH));
	EXPECT_EQ(0, mlockall(MCL_CURRENT));
	EXPECT_EQ(0, munlockall());
	/* Nothing lies behind these pages that they could be written to. */
	EXPECT_EQ(0, msync(map, LENGTH, MS_ASYNC));
	EXPECT_EQ(0, msync(map, LENGTH, MS_SYNC));
	EXPECT_EQ(0, msync(map, LENGTH, MS_SYNC | MS_INVALIDATE));
	fill(map, 3);
	EXPECT_TRUE(is_filled(map, 0, NR_PAGES, 3));
	munmap(map, LENGTH);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_F(box, madvise)
{
	struct mmbox_ioc_alloc alloc;
	char *map = MAPPED(&alloc);
	int err;

	fill(map, 4);
	/* Counted pages go from the table, and come again when touched. */
	err = neg(madvise(map, LENGTH, MADV_DONTNEED));
	EXPECT_EQ(variant->counted ? 0 : -EINVAL, err);
	EXPECT_EQ(variant->counted ? 0 : NR_PAGES, nr_present(self->fd, map));
	EXPECT_TRUE(is_filled(map, 0, NR_PAGES, 4));
	EXPECT_NE(0, madvise(map, LENGTH, MADV_REMOVE));
	EXPECT_NE(0, madvise(map, LENGTH, MADV_FREE));
	EXPECT_EQ(-EINVAL, neg(madvise(map, LENGTH, MADV_DODUMP)));
	madvise(map, LENGTH, MADV_COLD);
	madvise(map, LENGTH, MADV_PAGEOUT);
	madvise(map, LENGTH, MADV_HUGEPAGE);
	madvise(map, LENGTH, MADV_MERGEABLE);
	madvise(map, LENGTH, MADV_POPULATE_WRITE);
	EXPECT_TRUE(is_filled(map, 0, NR_PAGES, 4));
	munmap(map, LENGTH);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

/* A debugger reads what the process maps, and writes where that may. */
TEST_F(box, a_debugger_gets_at_it)
{
	struct mmbox_ioc_alloc alloc;
	char *map = MAPPED(&alloc), path[64], buf[2 * PAGE];
	int mem, status;
	pid_t pid;

	strcpy(map + 2 * PAGE - 4, "over the edge");
	strcpy(map + LENGTH - 8, "the end");
	EXPECT_EQ(0, mprotect(map + 4 * PAGE, PAGE, PROT_READ));
	pid = fork_child();
	if (!pid) {
		must(!ptrace(PTRACE_TRACEME, 0, 0, 0));
		raise(SIGSTOP);
		_exit(map[5 * PAGE] != 42);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFSTOPPED(status));
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	mem = open(path, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, mem);
	EXPECT_EQ(14, pread(mem, buf, 14, (off_t)(map + 2 * PAGE - 4)));
	EXPECT_STREQ("over the edge", buf);
	/* A page that nobody touched. */
	buf[0] = 1;
	EXPECT_EQ(1, pread(mem, buf, 1, (off_t)(map + 6 * PAGE)));
	EXPECT_EQ(0, buf[0]);
	/* Beyond the end there is nothing of ours. */
	EXPECT_GE(8, pread(mem, buf, 8, (off_t)(map + LENGTH - 8)));
	EXPECT_STREQ("the end", buf);
	EXPECT_EQ(2, pwrite(mem, "xy", 2, (off_t)(map + 3 * PAGE - 1)));
	EXPECT_EQ('x', map[3 * PAGE - 1]);
	EXPECT_EQ('y', map[3 * PAGE]);
	/* What is mapped for reading stays as it is. */
	EXPECT_EQ(-EIO, neg(pwrite(mem, "z", 1, (off_t)(map + 4 * PAGE))));
	EXPECT_EQ(0, map[4 * PAGE]);
	EXPECT_EQ(0, ptrace(PTRACE_POKEDATA, pid, map + 5 * PAGE, 42L));
	EXPECT_EQ(42, map[5 * PAGE]);
	close(mem);
	EXPECT_EQ(0, ptrace(PTRACE_DETACH, pid, 0, 0));
	EXPECT_EQ(0, wait_child(pid));
	munmap(map, LENGTH);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_F(box, never_in_a_core_dump)
{
	struct mmbox_ioc_alloc alloc;
	char *map = MAPPED(&alloc), *text = slurp("/proc/self/smaps");
	char head[32], *at, *flags, *end;

	snprintf(head, sizeof(head), "%lx-", (unsigned long)map);
	at = strstr(text, head);
	ASSERT_NE(NULL, at);
	flags = strstr(at, "VmFlags:");
	ASSERT_NE(NULL, flags);
	end = strchr(flags, '\n');
	ASSERT_NE(NULL, end);
	*end = '\0';
	EXPECT_NE(NULL, strstr(flags, " dd"));
	EXPECT_NE(NULL, strstr(flags, " de"));
	EXPECT_EQ(variant->counted, !!strstr(flags, " mm"));
	EXPECT_EQ(!variant->counted, !!strstr(flags, " pf"));
	EXPECT_EQ(!variant->counted, !!strstr(flags, " io"));
	free(text);
	munmap(map, LENGTH);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

TEST_F(box, kill_drops_it)
{
	struct mmbox_ioc_alloc alloc;
	int back[2];
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(back));
	pid = fork_child();
	if (!pid) {
		char *map;
		int i;

		self->fd = dev_open_bound("box0");
		for (i = 0; i < 20; i++) {
			map = MAPPED(&alloc);
			map[i % NR_PAGES * PAGE] = 1;
			if (i % 2)
				must(!dev_free(self->fd, alloc.id));
		}
		must(write(back[1], "", 1) == 1);
		for (;;)
			pause();
	}
	ASSERT_EQ(1, read(back[0], &byte, 1));
	EXPECT_EQ(10, nr_objects("box0", "freed"));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(-SIGKILL, wait_child(pid));
	EXPECT_SAME(&self->before);
}

/*
 * Threads that touch a mapping at the same time
 */

#define NR_THREADS	4

struct toucher {
	pthread_barrier_t *barrier;
	char *map;
	int number;
};

static void *touch_all(void *arg)
{
	struct toucher *t = arg;
	int i, page;

	pthread_barrier_wait(t->barrier);
	for (i = 0; i < NR_PAGES; i++) {
		page = (i + t->number) % NR_PAGES;
		__atomic_add_fetch((unsigned int *)(t->map + page * PAGE), 1,
				   __ATOMIC_RELAXED);
	}
	return NULL;
}

TEST_F(box, threads_touch_it_at_once)
{
	struct mmbox_ioc_alloc alloc;
	struct toucher t[NR_THREADS];
	pthread_t thread[NR_THREADS];
	pthread_barrier_t barrier;
	int i, round, rounds = 200;
	char *map;

	ASSERT_EQ(0, ALLOC(self->fd, &alloc));
	ASSERT_EQ(0, pthread_barrier_init(&barrier, NULL, NR_THREADS));
	for (round = 0; round < rounds; round++) {
		map = dev_map(self->fd, alloc.mmap_offset, LENGTH);
		ASSERT_NE(MAP_FAILED, map);
		for (i = 0; i < NR_THREADS; i++) {
			t[i] = (struct toucher) { &barrier, map, i };
			ASSERT_EQ(0, pthread_create(&thread[i], NULL,
						    touch_all, &t[i]));
		}
		for (i = 0; i < NR_THREADS; i++)
			ASSERT_EQ(0, pthread_join(thread[i], NULL));
		munmap(map, LENGTH);
	}
	map = dev_map(self->fd, alloc.mmap_offset, LENGTH);
	ASSERT_NE(MAP_FAILED, map);
	for (i = 0; i < NR_PAGES; i++)
		EXPECT_EQ(rounds * NR_THREADS,
			  *(unsigned int *)(map + i * PAGE));
	munmap(map, LENGTH);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
}

/*
 * Pages that somebody takes hold of
 */

TEST_F(box, held_pages_stay_until_they_are_let_go)
{
	struct mmbox_ioc_alloc alloc, other;
	unsigned int tries = 1000;
	char *map = MAPPED(&alloc), copy[64];
	struct iovec part = { map + 2 * PAGE, sizeof(copy) };
	int pipes[2];

	strcpy(map + 2 * PAGE, "held");
	ASSERT_EQ(0, pipe(pipes));
	if (!variant->counted) {
		EXPECT_EQ(-EFAULT, neg(vmsplice(pipes[1], &part, 1, 0)));
		munmap(map, LENGTH);
		EXPECT_EQ(0, dev_free(self->fd, alloc.id));
		return;
	}
	ASSERT_EQ(sizeof(copy), vmsplice(pipes[1], &part, 1, 0));
	munmap(map, LENGTH);
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_EQ(1, nr_objects("box0", "freed"));
	/* Neither by time nor by others' allocations is it lost. */
	usleep(300000);
	EXPECT_EQ(1, nr_objects("box0", "freed"));
	while (!dev_alloc(self->fd, PAGE, 0, 0, &other)) {
		char *theirs = dev_map(self->fd, other.mmap_offset, PAGE);

		ASSERT_NE(MAP_FAILED, theirs);
		memset(theirs, 'x', PAGE);
		munmap(theirs, PAGE);
	}
	EXPECT_EQ(0, free_pages("box0"));
	ASSERT_EQ(sizeof(copy), read(pipes[0], copy, sizeof(copy)));
	EXPECT_STREQ("held", copy);
	while (nr_objects("box0", "freed") && in_time(&tries))
		;
	EXPECT_EQ(0, nr_objects("box0", "freed"));
	EXPECT_EQ(NR_PAGES, free_pages("box0"));
	close(pipes[0]);
	close(pipes[1]);
}

TEST_F(box, a_box_with_held_pages_is_busy)
{
	struct mmbox_ioc_alloc alloc;
	int admin, pipes[2];
	struct iovec part;
	char *map;

	if (!variant->counted)
		return;
	admin = dev_open(O_RDWR);
	ASSERT_LE(0, admin);
	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, dev_create(admin, "other", "4M"));
	close(self->fd);
	self->fd = dev_open_bound("other");
	map = MAPPED(&alloc);
	part = (struct iovec) { map, 16 };
	ASSERT_EQ(16, vmsplice(pipes[1], &part, 1, 0));
	munmap(map, LENGTH);
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(-EBUSY, dev_destroy(admin, "other"));
	close(pipes[0]);
	close(pipes[1]);
	/* At once: nobody need wait for the next look at it. */
	EXPECT_EQ(0, dev_destroy(admin, "other"));
	EXPECT_EQ(1, kmsg_all_back(self->kmsg));
	close(admin);
}

TEST_HARNESS_MAIN
