// SPDX-License-Identifier: GPL-2.0
/*
 * An allocation that is revoked: whoever has it mapped loses it, and nobody else
 * loses anything. Every test here runs once for each way to map.
 */
#include <sched.h>
#include <setjmp.h>
#include <sys/uio.h>

#include "variants.h"

static int take_away(int fd, __u32 id)
{
	return dev_free_as(fd, id, MMBOX_FREE_REVOKE);
}

TEST_F(box, mappings_end_in_sigbus)
{
	struct mmbox_ioc_alloc alloc;
	char *map = MAPPED(&alloc), *part;
	int i;

	part = dev_map(self->fd, alloc.mmap_offset + 5 * PAGE, 2 * PAGE);
	ASSERT_NE(MAP_FAILED, part);
	/* Some pages were touched, and some were not. */
	map[0] = 1;
	map[6 * PAGE] = 1;
	EXPECT_EQ(0, take_away(self->fd, alloc.id));
	/* The memory is back, although it is mapped. */
	EXPECT_SAME(&self->before);
	EXPECT_EQ(0, nr_objects("box0", NULL));
	EXPECT_EQ(0, box_counter("box0", "meminfo", "Mapped:"));
	for (i = 0; i < NR_PAGES; i++) {
		EXPECT_EQ(-SIGBUS, reading(map + i * PAGE));
		EXPECT_EQ(-SIGBUS, writing(map + i * PAGE));
	}
	EXPECT_EQ(-SIGBUS, reading(part));
	/* Where all is entered at mmap() the kernel does not ask. */
	EXPECT_EQ(variant->variant ? 2 * NR_PAGES + 1 : 0,
		  box_counter("box0", "events", "fault_sigbus"));
	EXPECT_EQ(0, nr_present(self->fd, map));
	EXPECT_EQ(-ENOENT, take_away(self->fd, alloc.id));
	EXPECT_EQ(-ENOENT, dev_free(self->fd, alloc.id));
	EXPECT_EQ(MAP_FAILED, dev_map(self->fd, alloc.mmap_offset, LENGTH));
	munmap(part, 2 * PAGE);
	munmap(map, LENGTH);
	EXPECT_SAME(&self->before);
}

/* What can be done with any mapping can be done with what is left of it. */
TEST_F(box, what_is_left_can_be_handled)
{
	struct mmbox_ioc_alloc alloc;
	char *map = MAPPED(&alloc), *to;
	pid_t pid;

	fill(map, 1);
	EXPECT_EQ(0, take_away(self->fd, alloc.id));
	EXPECT_EQ(0, mprotect(map + PAGE, PAGE, PROT_READ));
	EXPECT_EQ(0, mprotect(map + PAGE, PAGE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(0, munmap(map + 4 * PAGE, PAGE));
	to = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT_EQ(to, mremap(map + 6 * PAGE, PAGE, PAGE,
			     MREMAP_MAYMOVE | MREMAP_FIXED, to));
	EXPECT_EQ(-SIGBUS, reading(to));
	EXPECT_EQ(-SIGBUS, reading(map + PAGE));
	madvise(map, 4 * PAGE, MADV_DONTNEED);
	EXPECT_EQ(-SIGBUS, writing(map));
	pid = fork_child();
	if (!pid) {
		munmap(map, 2 * PAGE);
		_exit(*(volatile char *)(map + 2 * PAGE));
	}
	EXPECT_EQ(-SIGBUS, wait_child(pid));
	munmap(to, PAGE);
	/* The file goes before its mapping does. */
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(-SIGBUS, reading(map));
	munmap(map, LENGTH);
}

TEST_F(box, a_debugger_loses_it_too)
{
	struct mmbox_ioc_alloc alloc;
	char *map = MAPPED(&alloc), byte;
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	ASSERT_LE(0, mem);
	*map = 'a';
	ASSERT_EQ(1, pread(mem, &byte, 1, (off_t)map));
	EXPECT_EQ(0, take_away(self->fd, alloc.id));
	EXPECT_EQ(-EIO, neg(pread(mem, &byte, 1, (off_t)map)));
	EXPECT_EQ(-EIO, neg(pwrite(mem, "b", 1, (off_t)map)));
	close(mem);
	munmap(map, LENGTH);
}

TEST_F(box, nobody_else_is_hit)
{
	struct mmbox_ioc_alloc alloc, mine, others, far, kept;
	int other = dev_open_bound("box0"), admin = dev_open(O_RDWR), away;
	char *map, *map_mine, *map_others, *map_far, *map_kept;

	ASSERT_LE(0, admin);
	ASSERT_EQ(0, dev_create(admin, "other", "4M"));
	away = dev_open_bound("other");
	map = MAPPED(&alloc);
	map_mine = MAPPED(&mine);
	ASSERT_EQ(0, dev_alloc_as(self->fd, variant->variant, LENGTH, 0,
				  variant->flags | MMBOX_ALLOC_KEEP, &kept));
	map_kept = dev_map(other, kept.mmap_offset, LENGTH);
	ASSERT_NE(MAP_FAILED, map_kept);
	ASSERT_EQ(0, ALLOC(other, &others));
	map_others = dev_map(other, others.mmap_offset, LENGTH);
	ASSERT_NE(MAP_FAILED, map_others);
	/* The first one of its box, as the one that goes is of this box. */
	ASSERT_EQ(0, ALLOC(away, &far));
	ASSERT_EQ(alloc.mmap_offset, far.mmap_offset);
	map_far = dev_map(away, far.mmap_offset, LENGTH);
	ASSERT_NE(MAP_FAILED, map_far);
	fill(map, 1);
	fill(map_mine, 2);
	fill(map_others, 3);
	fill(map_far, 4);
	fill(map_kept, 5);

	EXPECT_EQ(0, take_away(self->fd, alloc.id));
	EXPECT_EQ(NR_PAGES, nr_present(other, map_mine));
	EXPECT_EQ(NR_PAGES, nr_present(other, map_others));
	EXPECT_EQ(NR_PAGES, nr_present(other, map_far));
	EXPECT_EQ(NR_PAGES, nr_present(other, map_kept));
	EXPECT_TRUE(is_filled(map_mine, 0, NR_PAGES, 2));
	EXPECT_TRUE(is_filled(map_others, 0, NR_PAGES, 3));
	EXPECT_TRUE(is_filled(map_far, 0, NR_PAGES, 4));
	EXPECT_TRUE(is_filled(map_kept, 0, NR_PAGES, 5));
	EXPECT_EQ(-SIGBUS, reading(map));

	munmap(map, LENGTH);
	munmap(map_mine, LENGTH);
	munmap(map_others, LENGTH);
	munmap(map_far, LENGTH);
	munmap(map_kept, LENGTH);
	EXPECT_EQ(0, dev_free(self->fd, mine.id));
	EXPECT_EQ(0, dev_free(self->fd, kept.id));
	close(other);
	close(away);
	EXPECT_EQ(0, dev_destroy(admin, "other"));
	EXPECT_EQ(1, kmsg_all_back(self->kmsg));
	close(admin);
}

/* A kept allocation is mapped through any number of files. */
TEST_F(box, every_file_and_process_loses_it)
{
	struct mmbox_ioc_alloc alloc;
	int i, go[2], back[2];
	pid_t pid[4];
	char byte;

	ASSERT_EQ(0, dev_alloc_as(self->fd, variant->variant, LENGTH, 0,
				  variant->flags | MMBOX_ALLOC_KEEP, &alloc));
	ASSERT_EQ(0, pipe(go));
	ASSERT_EQ(0, pipe(back));
	for (i = 0; i < 4; i++) {
		pid[i] = fork_child();
		if (!pid[i]) {
			/* Two have a file of their own, two the parent's. */
			int fd = i % 2 ? dev_open_bound("box0") : self->fd;
			char *map = dev_map(fd, alloc.mmap_offset, LENGTH);

			must(map != MAP_FAILED);
			map[i * PAGE] = 1;
			must(write(back[1], "", 1) == 1);
			must(read(go[0], &byte, 1) == 1);
			_exit(map[i * PAGE] ? 1 : 2);
		}
	}
	for (i = 0; i < 4; i++)
		ASSERT_EQ(1, read(back[0], &byte, 1));
	set_admin(false);
	EXPECT_EQ(-EPERM, take_away(self->fd, alloc.id));
	set_admin(true);
	EXPECT_EQ(0, take_away(self->fd, alloc.id));
	EXPECT_EQ(0, nr_objects("box0", NULL));
	ASSERT_EQ(4, write(go[1], "....", 4));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(-SIGBUS, wait_child(pid[i]));
}

/* Whoever holds a page has it for longer; the mappings are gone all the same. */
TEST_F(box, held_pages_stay_away)
{
	struct mmbox_ioc_alloc alloc;
	unsigned int tries = 1000;
	char *map, copy[16];
	struct iovec part;
	int pipes[2];

	if (!variant->counted)
		return;
	map = MAPPED(&alloc);
	strcpy(map, "held");
	part = (struct iovec) { map, sizeof(copy) };
	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(sizeof(copy), vmsplice(pipes[1], &part, 1, 0));
	EXPECT_EQ(0, take_away(self->fd, alloc.id));
	EXPECT_EQ(-SIGBUS, reading(map));
	EXPECT_EQ(1, nr_objects("box0", "freed"));
	ASSERT_EQ(sizeof(copy), read(pipes[0], copy, sizeof(copy)));
	EXPECT_STREQ("held", copy);
	while (nr_objects("box0", "freed") && in_time(&tries))
		;
	EXPECT_SAME(&self->before);
	EXPECT_EQ(-SIGBUS, reading(map));
	munmap(map, LENGTH);
	close(pipes[0]);
	close(pipes[1]);
}

/*
 * Races: processes map and touch an allocation as fast as they can, while it is
 * revoked and its pages are given to somebody else. A mapping that outlived that
 * would write to those.
 */

#define NR_ROUNDS	300
#define NR_CHILDREN	3
#define FOREIGN		0xf0f0f0f0U

struct race {
	__u64 offset;
	unsigned int nr_maps;
	unsigned int nr_sigbus;
};

static sigjmp_buf out;

static void on_sigbus(int sig)
{
	siglongjmp(out, 1);
}

static void racer(struct race *race, const int fd)
{
	struct sigaction action = { .sa_handler = on_sigbus };
	char *volatile map;
	int i;

	must(!sigaction(SIGBUS, &action, NULL));
	for (;;) {
		map = dev_map(fd, __atomic_load_n(&race->offset,
						  __ATOMIC_RELAXED), LENGTH);
		if (map == MAP_FAILED)
			continue;
		__atomic_add_fetch(&race->nr_maps, 1, __ATOMIC_RELAXED);
		if (sigsetjmp(out, 1))
			__atomic_add_fetch(&race->nr_sigbus, 1,
					   __ATOMIC_RELAXED);
		else
			for (i = 0; i < 4 * NR_PAGES; i++)
				*(volatile unsigned int *)
				(map + i % NR_PAGES * PAGE) = FOREIGN;
		munmap(map, LENGTH);
	}
}

TEST_F_TIMEOUT(box, no_mapping_outlives_a_race, 900)
{
	unsigned int seed = test_seed(), round, wait;
	struct mmbox_ioc_alloc alloc, next;
	struct race *race;
	pid_t pid[NR_CHILDREN];
	char *map;
	int i;

	race = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, race);
	for (i = 0; i < NR_CHILDREN; i++) {
		pid[i] = fork_child();
		if (!pid[i])
			racer(race, i ? dev_open_bound("box0") : self->fd);
	}
	for (round = 0; round < NR_ROUNDS; round++) {
		ASSERT_EQ(0, dev_alloc_as(self->fd, variant->variant, LENGTH, 0,
					  variant->flags | MMBOX_ALLOC_KEEP,
					  &alloc));
		wait = __atomic_load_n(&race->nr_maps, __ATOMIC_RELAXED) +
		       next_random(&seed) % 8;
		__atomic_store_n(&race->offset, alloc.mmap_offset,
				 __ATOMIC_RELAXED);
		while (__atomic_load_n(&race->nr_maps, __ATOMIC_RELAXED) < wait)
			sched_yield();
		ASSERT_EQ(0, take_away(self->fd, alloc.id));
		/* The pages that came last go first. */
		ASSERT_EQ(0, ALLOC(self->fd, &next));
		map = dev_map(self->fd, next.mmap_offset, LENGTH);
		ASSERT_NE(MAP_FAILED, map);
		for (i = 0; i < NR_PAGES; i++)
			ASSERT_EQ(0, *(volatile unsigned int *)(map + i * PAGE));
		fill(map, round);
		sched_yield();
		ASSERT_TRUE(is_filled(map, 0, NR_PAGES, round));
		munmap(map, LENGTH);
		ASSERT_EQ(0, dev_free(self->fd, next.id));
	}
	for (i = 0; i < NR_CHILDREN; i++) {
		ASSERT_EQ(0, kill(pid[i], SIGKILL));
		EXPECT_EQ(-SIGKILL, wait_child(pid[i]));
	}
	say("%u mappings, %u ended in SIGBUS", race->nr_maps, race->nr_sigbus);
	EXPECT_LT(0, race->nr_sigbus);
	munmap(race, PAGE);
}

TEST_HARNESS_MAIN
