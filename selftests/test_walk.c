// SPDX-License-Identifier: GPL-2.0
/*
 * Walks through page tables: what they find is what others say. The kernel's
 * own pagemap knows frames, /proc/kcore has the memory itself, so that each
 * entry and each page can be looked at where the walk says that it is, and
 * meminfo counts what the kernel's own mapping of all memory is made of.
 */
#include <pthread.h>
#include <sched.h>
#include <time.h>

#define MMBOX_TEST_POOL	"dma=1M,dma32=8M,normal=16M,highmem=1M"
#include "mmbox_test.h"
#include "kcore.h"

#define HUGE		(2UL << 20)
#define TOP		(1UL << 39)
#define ORDER		3

#define FRAME(x)	((x) & 0x000ffffffffff000UL)

static int ask(int fd, __u32 what, __u32 pid, __u32 id, __u64 address,
	       struct mmbox_walk *walk)
{
	struct mmbox_ioc_walk req = {
		.version = MMBOX_ABI_VERSION, .what = what, .pid = pid,
		.id = id, .address = address,
	};
	int err;

	memset(&req.walk, 0xa5, sizeof(req.walk));
	err = neg(ioctl(fd, MMBOX_IOC_WALK, &req));
	*walk = req.walk;
	return err;
}

static int ask_user(int fd, const volatile void *address, struct mmbox_walk *walk)
{
	return ask(fd, MMBOX_WALK_USER, 0, 0, (unsigned long)address, walk);
}

static const struct mmbox_walk_entry *last(const struct mmbox_walk *walk)
{
	return &walk->entry[walk->nr_entries - 1];
}

/* The entry of /proc/PID/pagemap, pid 0: of the caller. */
static __u64 pagemap(pid_t pid, const volatile void *address)
{
	char path[64] = "/proc/self/pagemap";
	__u64 entry;
	int fd;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	must(fd >= 0);
	must(pread(fd, &entry, sizeof(entry),
		   (unsigned long)address / PAGE * sizeof(entry)) == sizeof(entry));
	close(fd);
	return entry;
}

static __u64 pagemap_phys(pid_t pid, const volatile void *address)
{
	__u64 entry = pagemap(pid, address);

	return entry >> 63 ? (entry & ((1UL << 55) - 1)) * PAGE : 0;
}

/*
 * Memory as /proc/kcore has it
 */

static __u64 kcore_read(const struct kcore *kcore, __u64 phys)
{
	const Elf64_Phdr *s = kcore_segment(kcore, phys);
	__u64 word = 0;

	if (!s)
		say("kcore has nothing at %#llx", (unsigned long long)phys);
	must(s);
	must(pread(kcore->fd, &word, sizeof(word), s->p_offset + phys -
		   s->p_paddr) == sizeof(word));
	return word;
}

/* A flag of the first processor. */
static bool has_flag(const char *flag)
{
	char *text = slurp("/proc/cpuinfo"), *line, *at;
	bool found = false;

	line = strstr(text, "\nflags");
	must(line);
	line = strtok(line + 1, "\n");
	for (at = strtok(line, " \t"); at; at = strtok(NULL, " \t"))
		found |= !strcmp(at, flag);
	free(text);
	return found;
}

/* Every entry stands where the walk says, and leads to the next table. */
static int wrong_entries(const struct kcore *kcore, const struct mmbox_walk *walk)
{
	unsigned int i;
	int wrong = 0;

	for (i = 0; i < walk->nr_entries; i++) {
		const struct mmbox_walk_entry *at = &walk->entry[i];
		__u64 found = kcore_read(kcore, at->table + 8 * at->index);

		/* The processor sets "accessed" and "dirty" when it likes. */
		if ((found ^ at->entry) & ~0x60UL) {
			say("level %u: %#llx, memory has %#llx", at->level,
			    (unsigned long long)at->entry,
			    (unsigned long long)found);
			wrong++;
		}
		if (i + 1 < walk->nr_entries)
			wrong += walk->entry[i + 1].table != FRAME(at->entry);
	}
	return wrong;
}

/* A block of order ORDER, mapped. */
static volatile unsigned long *map_block(int fd, __u32 gfp, __u32 *id)
{
	struct mmbox_ioc_alloc alloc;
	void *map;

	must(!dev_alloc(fd, BLOCK(ORDER), gfp, 0, &alloc));
	map = dev_map(fd, alloc.mmap_offset, BLOCK(ORDER));
	must(map != MAP_FAILED);
	*id = alloc.id;
	return map;
}

static volatile unsigned long *anonymous(size_t size)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(map != MAP_FAILED);
	return map;
}

TEST_F(box, levels_are_those_of_the_machine)
{
	unsigned int levels = has_flag("la57") ? 5 : 4, i;
	volatile unsigned long *p = anonymous(PAGE);
	struct mmbox_walk walk;

	say("%u levels", levels);
	*p = 1;
	ASSERT_EQ(0, ask_user(self->fd, p, &walk));
	EXPECT_EQ(levels, walk.nr_levels);
	ASSERT_EQ(levels, walk.nr_entries);
	EXPECT_EQ(MMBOX_LEVEL_PGD, walk.entry[0].level);
	for (i = 1; i < levels; i++)
		EXPECT_EQ(levels - i, walk.entry[i].level);
	EXPECT_EQ((unsigned long)p >> (levels == 5 ? 48 : 39) & 511,
		  walk.entry[0].index);
	EXPECT_EQ((unsigned long)p >> 12 & 511, last(&walk)->index);
}

TEST_F(box, pages_of_a_process_are_where_pagemap_says)
{
	volatile unsigned long *p = anonymous(16 * PAGE);
	struct mmbox_walk walk;
	unsigned int i;

	for (i = 0; i < 16; i += 2)
		p[i * PAGE / sizeof(*p)] = i;
	for (i = 0; i < 16; i++) {
		volatile char *at = (volatile char *)p + i * PAGE + 8 * i;

		ASSERT_EQ(0, ask_user(self->fd, at, &walk));
		ASSERT_EQ(i % 2 ? 0 : MMBOX_WALK_MAPPED, walk.flags);
		if (i % 2) {
			EXPECT_EQ(0, last(&walk)->entry);
			EXPECT_EQ(0, walk.phys);
			EXPECT_EQ(0, walk.access);
			continue;
		}
		EXPECT_EQ(pagemap_phys(0, at) + 8 * i, walk.phys);
		EXPECT_EQ(PAGE, walk.size);
		EXPECT_EQ(MMBOX_MEMTYPE_WB, walk.memtype);
		EXPECT_EQ(MMBOX_ENTRY_WRITE | MMBOX_ENTRY_USER | MMBOX_ENTRY_NX,
			  walk.access);
		EXPECT_EQ(MMBOX_ENTRY_DIRTY | MMBOX_ENTRY_ACCESSED,
			  last(&walk)->flags & (MMBOX_ENTRY_DIRTY |
						MMBOX_ENTRY_ACCESSED));
	}
}

TEST_F(box, access_is_what_the_process_has)
{
	volatile unsigned long *p = anonymous(3 * PAGE);
	struct mmbox_walk walk;

	/* Only read: the page of zeroes, of which nobody has the writing. */
	EXPECT_EQ(0, *p);
	ASSERT_EQ(0, ask_user(self->fd, p, &walk));
	EXPECT_EQ(pagemap_phys(0, p), walk.phys);
	EXPECT_EQ(MMBOX_ENTRY_USER | MMBOX_ENTRY_NX, walk.access);

	*p = 1;
	ASSERT_EQ(0, mprotect((void *)p, PAGE, PROT_NONE));
	ASSERT_EQ(0, ask_user(self->fd, p, &walk));
	EXPECT_EQ(0, walk.flags);
	EXPECT_EQ(MMBOX_ENTRY_PROTNONE, last(&walk)->flags);

	ASSERT_EQ(0, ask_user(self->fd, (void *)ask_user, &walk));
	EXPECT_EQ(MMBOX_WALK_MAPPED, walk.flags);
	EXPECT_EQ(MMBOX_ENTRY_USER, walk.access);
	EXPECT_EQ(pagemap_phys(0, (void *)ask_user) +
		  (unsigned long)ask_user % PAGE, walk.phys);
}

TEST_F(box, a_huge_page_is_a_leaf_of_2M)
{
	volatile unsigned long *p = anonymous(2 * HUGE);
	struct mmbox_walk walk;

	p = (void *)(((unsigned long)p + HUGE - 1) & ~(HUGE - 1));
	if (madvise((void *)p, HUGE, MADV_HUGEPAGE))
		SKIP(return, "no transparent huge pages here");
	*p = 1;
	ASSERT_EQ(0, ask_user(self->fd, (volatile char *)p + 5 * PAGE + 7, &walk));
	if (walk.size != HUGE)
		SKIP(return, "the kernel has no huge page at hand");
	EXPECT_EQ(MMBOX_WALK_MAPPED, walk.flags);
	EXPECT_EQ(MMBOX_LEVEL_PMD, last(&walk)->level);
	EXPECT_EQ(MMBOX_ENTRY_LEAF, last(&walk)->flags & MMBOX_ENTRY_LEAF);
	EXPECT_EQ(pagemap_phys(0, p) + 5 * PAGE + 7, walk.phys);
}

TEST_F(box, pages_of_an_object_are_named)
{
	static const struct {
		__u32 gfp;
		const char *zone;
	} zones[] = {
		{ MMBOX_GFP_DMA, "DMA" }, { MMBOX_GFP_DMA32, "DMA32" },
		{ 0, "Normal" }, { MMBOX_GFP_HIGHMEM, "HighMem" },
	};
	struct mmbox_walk walk;
	unsigned int i, z;
	__u64 first;
	__u32 id;

	for (z = 0; z < 4; z++) {
		volatile unsigned long *p = map_block(self->fd, zones[z].gfp, &id);

		for (i = 0; i < 1 << ORDER; i++) {
			ASSERT_EQ(0, ask_user(self->fd, (volatile char *)p +
					      i * PAGE, &walk));
			EXPECT_EQ(MMBOX_WALK_MAPPED | MMBOX_WALK_PAGE, walk.flags);
			EXPECT_STREQ(zones[z].zone, walk.zone);
			EXPECT_STREQ("box0", walk.box);
			EXPECT_EQ(MMBOX_WALK_ALLOCATED, walk.page_state);
			EXPECT_EQ(ORDER, walk.page_order);
			EXPECT_EQ(i, walk.page_index);
			if (!i)
				first = walk.phys;
			EXPECT_EQ(first + i * PAGE, walk.phys);
		}
		/* Given up, and somebody's still. */
		EXPECT_EQ(0, dev_free(self->fd, id));
		ASSERT_EQ(0, ask_user(self->fd, p, &walk));
		EXPECT_EQ(MMBOX_WALK_ALLOCATED, walk.page_state);
		EXPECT_EQ(0, munmap((void *)p, BLOCK(ORDER)));
		ASSERT_EQ(0, ask_user(self->fd, p, &walk));
		EXPECT_EQ(0, walk.flags);
	}
}

TEST_F(box, the_kernel_has_the_page_elsewhere)
{
	struct mmbox_walk user, kernel, again;
	__u32 id;
	volatile unsigned long *p = map_block(self->fd, 0, &id);
	unsigned long at = 5 * PAGE + 24;

	ASSERT_EQ(0, ask_user(self->fd, (volatile char *)p + at, &user));
	ASSERT_EQ(0, ask(self->fd, MMBOX_WALK_OBJECT, 0, id, at, &kernel));
	EXPECT_EQ(user.phys, kernel.phys);
	EXPECT_EQ(5, kernel.page_index);
	EXPECT_EQ(MMBOX_WALK_MAPPED | MMBOX_WALK_PAGE, kernel.flags);
	EXPECT_EQ(MMBOX_ENTRY_WRITE | MMBOX_ENTRY_NX, kernel.access);
	EXPECT_EQ(1, kernel.address >> 63);
	/* When it is freed the kernel has it still, and nobody else. */
	EXPECT_EQ(0, munmap((void *)p, BLOCK(ORDER)));
	EXPECT_EQ(0, dev_free(self->fd, id));
	ASSERT_EQ(0, ask(self->fd, MMBOX_WALK_KERNEL, 0, 0, kernel.address,
			 &again));
	EXPECT_EQ(kernel.phys, again.phys);
	EXPECT_EQ(MMBOX_WALK_FREE, again.page_state);
	EXPECT_LE(ORDER, again.page_order);
	EXPECT_EQ(again.phys / PAGE % (1UL << again.page_order), again.page_index);
}

TEST_F(box, areas_are_named_and_their_guard_pages)
{
	struct mmbox_ioc_alloc alloc;
	struct mmbox_walk walk;
	__u64 start;
	int i;

	ASSERT_EQ(0, dev_alloc(self->fd, 3 * PAGE, 0, MMBOX_ALLOC_VMALLOC, &alloc));
	ASSERT_EQ(0, ask(self->fd, MMBOX_WALK_OBJECT, 0, alloc.id, 0, &walk));
	start = walk.address;
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, ask(self->fd, MMBOX_WALK_KERNEL, 0, 0,
				 start + i * PAGE + 40, &walk));
		EXPECT_EQ(MMBOX_WALK_IN_AREA | (i < 3 ? MMBOX_WALK_MAPPED |
			  MMBOX_WALK_PAGE : 0), walk.flags);
		EXPECT_EQ(MMBOX_AREA_OF_VMAP, walk.area_kind);
		EXPECT_EQ(3, walk.area_pages);
		EXPECT_EQ(start, walk.area);
		EXPECT_STREQ("box0", walk.box);
	}
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	ASSERT_EQ(0, ask(self->fd, MMBOX_WALK_KERNEL, 0, 0, start, &walk));
	EXPECT_EQ(0, walk.flags & MMBOX_WALK_IN_AREA);
}

TEST_F(box, memory_has_what_the_walk_says)
{
	volatile unsigned long *p;
	struct mmbox_walk walk;
	struct kcore kcore;
	unsigned int seed = test_seed(), i;
	__u32 id;

	if (!kcore_open(&kcore))
		SKIP(return, "no /proc/kcore");
	p = map_block(self->fd, 0, &id);
	for (i = 0; i < 1 << ORDER; i++) {
		volatile unsigned long *word = &p[i * PAGE / 8 +
						  next_random(&seed) % 512];
		const Elf64_Phdr *s;

		*word = (unsigned long)next_random(&seed) << 32 | i;
		ASSERT_EQ(0, ask_user(self->fd, word, &walk));
		EXPECT_EQ(*word, kcore_read(&kcore, walk.phys));
		EXPECT_EQ(0, wrong_entries(&kcore, &walk));

		s = kcore_segment(&kcore, walk.phys);
		ASSERT_EQ(0, ask(self->fd, MMBOX_WALK_OBJECT, 0, id,
				 (char *)word - (char *)p, &walk));
		EXPECT_EQ(s->p_vaddr + walk.phys - s->p_paddr, walk.address);
		EXPECT_EQ(*word, kcore_read(&kcore, walk.phys));
		EXPECT_EQ(0, wrong_entries(&kcore, &walk));
	}
	close(kcore.fd);
	EXPECT_EQ(0, munmap((void *)p, BLOCK(ORDER)));
	EXPECT_EQ(0, dev_free(self->fd, id));
}

/* Kilobytes of the kernel's mapping of all memory, by size of the leaf. */
static void map_sizes(int fd, __u64 from, __u64 to, __u64 *kb)
{
	struct mmbox_walk walk;
	__u64 at;

	memset(kb, 0, 3 * sizeof(*kb));
	for (at = from; at < to; at = (at & ~(walk.size - 1)) + walk.size) {
		must(!ask(fd, MMBOX_WALK_KERNEL, 0, 0, at, &walk));
		if (!(walk.flags & MMBOX_WALK_MAPPED))
			continue;
		must(walk.phys == at - from);
		kb[walk.size == PAGE ? 0 : walk.size == HUGE ? 1 : 2] +=
			walk.size / 1024;
	}
}

/* What meminfo says of it. */
static void meminfo_sizes(__u64 *kb)
{
	static const char *const name[] = {
		"DirectMap4k:", "DirectMap2M:", "DirectMap1G:",
	};
	char *text = slurp("/proc/meminfo"), *at;
	int i;

	for (i = 0; i < 3; i++) {
		at = strstr(text, name[i]);
		kb[i] = at ? strtoull(at + strlen(name[i]), NULL, 10) : 0;
	}
	free(text);
}

/* Where the kernel's mapping of all memory begins, and its length. */
static void find_map(const struct kcore *kcore, __u64 *base, __u64 *length)
{
	int i;

	*base = 0;
	*length = 0;
	for (i = 0; i < kcore->nr; i++) {
		const Elf64_Phdr *s = &kcore->segment[i];

		/* The kernel's own image is mapped a second time, high above. */
		if (kcore_segment(kcore, s->p_paddr) != s ||
		    s->p_vaddr >= 0xffffffff00000000UL)
			continue;
		*base = s->p_vaddr - s->p_paddr;
		if (s->p_paddr + s->p_filesz > *length)
			*length = s->p_paddr + s->p_filesz;
	}
	*length = (*length + (1UL << 30) - 1) & -(1UL << 30);
}

/*
 * The kernel also counts the leaves that it split in the second mapping of its
 * image: it may say more small ones, and as many large ones less.
 */
TEST_F(box, leaves_of_all_memory_are_those_of_meminfo)
{
	__u64 walked[3], meminfo[3], base, length;
	struct kcore kcore;
	char *cmdline = slurp("/proc/cmdline");
	bool unmapped = strstr(cmdline, "debug_pagealloc=on");

	free(cmdline);
	if (unmapped)
		SKIP(return, "debug_pagealloc: what is free is not mapped");
	if (!kcore_open(&kcore))
		SKIP(return, "no /proc/kcore");
	find_map(&kcore, &base, &length);
	close(kcore.fd);
	meminfo_sizes(meminfo);
	map_sizes(self->fd, base, base + length, walked);
	EXPECT_EQ(meminfo[0] + meminfo[1] + meminfo[2],
		  walked[0] + walked[1] + walked[2]);
	EXPECT_LE(walked[0], meminfo[0]);
	EXPECT_LE(meminfo[1], walked[1]);
	EXPECT_GE(32 << 10, walked[1] - meminfo[1]);
	EXPECT_LT(0, walked[1] + walked[2]);
}

TEST_F(box, another_process_has_pages_of_its_own)
{
	volatile unsigned long *p = anonymous(PAGE);
	struct mmbox_walk mine, its, top[2];
	int to[2], from[2];
	char byte = 0;
	pid_t child;

	*p = 1;
	ASSERT_EQ(0, pipe(to));
	ASSERT_EQ(0, pipe(from));
	child = fork_child();
	if (!child) {
		*p = 2;
		must(write(from[1], &byte, 1) == 1);
		must(read(to[0], &byte, 1) == 1);
		_exit(0);
	}
	ASSERT_EQ(1, read(from[0], &byte, 1));
	ASSERT_EQ(0, ask_user(self->fd, p, &mine));
	ASSERT_EQ(0, ask(self->fd, MMBOX_WALK_USER, child, 0, (unsigned long)p,
			 &its));
	EXPECT_EQ(pagemap_phys(0, p), mine.phys);
	EXPECT_EQ(pagemap_phys(child, p), its.phys);
	EXPECT_NE(mine.phys, its.phys);
	EXPECT_NE(mine.entry[0].table, its.entry[0].table);

	/* In their upper half the two top tables are the same. */
	ASSERT_EQ(0, ask(self->fd, MMBOX_WALK_KERNEL, 0, 0, -PAGE - TOP, &top[0]));
	ASSERT_EQ(0, ask(self->fd, MMBOX_WALK_KERNEL, child, 0, -PAGE - TOP,
			 &top[1]));
	EXPECT_NE(top[0].entry[0].table, top[1].entry[0].table);
	EXPECT_EQ(top[0].entry[0].entry, top[1].entry[0].entry);
	ASSERT_EQ(1, write(to[1], &byte, 1));
	EXPECT_EQ(0, wait_child(child));
	EXPECT_EQ(-ESRCH, ask(self->fd, MMBOX_WALK_USER, child, 0,
			      (unsigned long)p, &its));
}

TEST_F(box, single_pages_get_entries_and_lose_them)
{
	struct mmbox_ioc_alloc one, four;
	struct mmbox_walk walk;
	__u64 address, frame[4];
	char *objects;
	cpu_set_t cpu;
	int i, j;

	CPU_ZERO(&cpu);
	CPU_SET(sched_getcpu(), &cpu);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(cpu), &cpu));
	ASSERT_EQ(0, dev_alloc(self->fd, 1, 0, MMBOX_ALLOC_VMALLOC, &one));
	EXPECT_EQ(PAGE, one.length);
	ASSERT_EQ(0, ask(self->fd, MMBOX_WALK_OBJECT, 0, one.id, 0, &walk));
	/* This CPU's next area begins behind the guard page of that one. */
	address = walk.address + 2 * PAGE;
	for (i = -1; i <= 4; i++) {
		ASSERT_EQ(0, ask(self->fd, MMBOX_WALK_KERNEL, 0, 0,
				 address + i * PAGE, &walk));
		EXPECT_EQ(MMBOX_LEVEL_PTE, last(&walk)->level);
		EXPECT_EQ(0, last(&walk)->entry);
	}
	ASSERT_EQ(0, dev_alloc(self->fd, 4 * PAGE, 0, MMBOX_ALLOC_VMALLOC, &four));
	EXPECT_EQ(0, four.order);
	EXPECT_EQ(4 * PAGE, four.length);
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, ask(self->fd, MMBOX_WALK_OBJECT, 0, four.id, i * PAGE,
				 &walk));
		EXPECT_EQ(address + i * PAGE, walk.address);
		EXPECT_EQ(MMBOX_WALK_MAPPED | MMBOX_WALK_PAGE |
			  MMBOX_WALK_IN_AREA, walk.flags);
		EXPECT_EQ(PAGE, walk.size);
		EXPECT_EQ(MMBOX_ENTRY_WRITE | MMBOX_ENTRY_NX, walk.access);
		EXPECT_EQ(0, walk.page_order);
		EXPECT_EQ(MMBOX_WALK_ALLOCATED, walk.page_state);
		frame[i] = walk.phys;
		for (j = 0; j < i; j++)
			EXPECT_NE(frame[i], frame[j]);
	}
	EXPECT_EQ(-EINVAL, ask(self->fd, MMBOX_WALK_OBJECT, 0, four.id, 4 * PAGE,
			       &walk));
	ASSERT_EQ(0, ask(self->fd, MMBOX_WALK_KERNEL, 0, 0, address + 4 * PAGE,
			 &walk));
	EXPECT_EQ(0, last(&walk)->entry);
	objects = box_file("box0", "objects");
	EXPECT_NE(NULL, strstr(objects, "     0        4        - vmalloc live "));
	free(objects);
	EXPECT_EQ(0, dev_free(self->fd, four.id));
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, ask(self->fd, MMBOX_WALK_KERNEL, 0, 0,
				 address + i * PAGE, &walk));
		EXPECT_EQ(0, last(&walk)->entry);
	}
	EXPECT_EQ(0, dev_free(self->fd, one.id));
}

/*
 * Rights
 */

/* Nothing in it tells where anything lies in memory. */
static int secrets_told(const struct mmbox_walk *walk)
{
	unsigned int i;
	int told = !(walk->flags & MMBOX_WALK_HIDDEN) || walk->phys ||
		   walk->page_index;

	for (i = 0; i < MMBOX_MAX_LEVELS; i++)
		told += walk->entry[i].table || FRAME(walk->entry[i].entry);
	return told;
}

#define WRONG_UNLESS(what) \
	do { \
		if (!(what)) { \
			say("line %d: %s", __LINE__, #what); \
			wrong++; \
		} \
	} while (0)

/* What is not as it should be for a process without rights. */
static int wrong_for_nobody(int fd, __u32 id, const volatile unsigned long *p)
{
	const __u64 user = (unsigned long)p, kernel = -PAGE;
	struct mmbox_walk walk;
	int wrong = 0;

	WRONG_UNLESS(ask(fd, MMBOX_WALK_KERNEL, 0, 0, kernel, &walk) == -EPERM);
	WRONG_UNLESS(ask(fd, MMBOX_WALK_KERNEL, getpid(), 0, kernel, &walk) ==
		     -EPERM);
	WRONG_UNLESS(ask(fd, MMBOX_WALK_USER, 1, 0, user, &walk) == -EPERM);
	WRONG_UNLESS(ask(fd, MMBOX_WALK_USER, getpid(), 0, user, &walk) == -EPERM);
	/* No telling which processes and handles there are. */
	WRONG_UNLESS(ask(fd, MMBOX_WALK_USER, 4000000, 0, user, &walk) == -EPERM);
	WRONG_UNLESS(ask(fd, MMBOX_WALK_OBJECT, 0, id, 0, &walk) == -EPERM);
	WRONG_UNLESS(ask(fd, MMBOX_WALK_OBJECT, 0, id + 1, 0, &walk) == -EPERM);

	WRONG_UNLESS(!ask_user(fd, p, &walk));
	WRONG_UNLESS(!secrets_told(&walk));
	WRONG_UNLESS(walk.flags == (MMBOX_WALK_MAPPED | MMBOX_WALK_PAGE |
				    MMBOX_WALK_HIDDEN));
	WRONG_UNLESS(!strcmp(walk.zone, "Normal"));
	WRONG_UNLESS(walk.access == (MMBOX_ENTRY_WRITE | MMBOX_ENTRY_USER |
				     MMBOX_ENTRY_NX));
	/* The stack's page is no page of a box. */
	WRONG_UNLESS(!ask_user(fd, &walk, &walk));
	WRONG_UNLESS(!secrets_told(&walk));
	WRONG_UNLESS(walk.flags == (MMBOX_WALK_MAPPED | MMBOX_WALK_HIDDEN));
	return wrong;
}

TEST_F(box, without_the_capability_little_is_told)
{
	__u32 id;
	volatile unsigned long *p = map_block(self->fd, 0, &id);
	pid_t child;

	set_admin(false);
	EXPECT_EQ(0, wrong_for_nobody(self->fd, id, p));
	set_admin(true);

	child = fork_child();
	if (!child) {
		must(!setgid(65534) && !setuid(65534));
		_exit(wrong_for_nobody(self->fd, id, p));
	}
	EXPECT_EQ(0, wait_child(child));
	EXPECT_EQ(0, munmap((void *)p, BLOCK(ORDER)));
	EXPECT_EQ(0, dev_free(self->fd, id));
}

/*
 * Wrong requests
 */

TEST_F(box, what_makes_no_sense_is_refused)
{
	volatile unsigned long here = 1;
	const __u64 user = (unsigned long)&here, kernel = -PAGE;
	int unbound = dev_open(O_RDWR), other = dev_open_bound("box0");
	const bool la57 = has_flag("la57");
	struct mmbox_ioc_alloc alloc;
	struct mmbox_walk walk;
	__u32 what;

	ASSERT_EQ(0, dev_alloc(self->fd, BLOCK(1), 0, 0, &alloc));
	for (what = 3; what; what <<= 1)
		EXPECT_EQ(-EINVAL, ask(self->fd, what, 0, 0, user, &walk));
	EXPECT_EQ(-EINVAL, ask(self->fd, MMBOX_WALK_USER, 0, 1, user, &walk));
	EXPECT_EQ(-EINVAL, ask(self->fd, MMBOX_WALK_KERNEL, 0, 1, kernel, &walk));
	EXPECT_EQ(-EINVAL, ask(self->fd, MMBOX_WALK_OBJECT, 1, alloc.id, 0, &walk));
	EXPECT_EQ(-EINVAL, ask(self->fd, MMBOX_WALK_USER, 0, 0, kernel, &walk));
	EXPECT_EQ(-EINVAL, ask(self->fd, MMBOX_WALK_KERNEL, 0, 0, user, &walk));
	EXPECT_EQ(-EINVAL, ask(self->fd, MMBOX_WALK_KERNEL, 0, 0, 0, &walk));
	EXPECT_EQ(0, ask(self->fd, MMBOX_WALK_USER, 0, 0, 0, &walk));
	EXPECT_EQ(0, walk.flags);
	/* Between the halves. */
	EXPECT_EQ(-EINVAL, ask(self->fd, MMBOX_WALK_KERNEL, 0, 0, 1UL << 63, &walk));
	EXPECT_EQ(-EINVAL, ask(self->fd, MMBOX_WALK_USER, 0, 0, 1UL << 62, &walk));
	EXPECT_EQ(la57 ? 0 : -EINVAL, ask(self->fd, MMBOX_WALK_KERNEL, 0, 0,
					  0xff00000000000000, &walk));
	EXPECT_EQ(-EINVAL, ask(self->fd, MMBOX_WALK_KERNEL, 0, 0,
			       0xfeffffffffffffff, &walk));
	/* Processes that are not, or have no memory of their own. */
	EXPECT_EQ(-ESRCH, ask(self->fd, MMBOX_WALK_USER, 0x7fffffff, 0, user, &walk));
	EXPECT_EQ(-ESRCH, ask(self->fd, MMBOX_WALK_USER, -1U, 0, user, &walk));
	EXPECT_EQ(-ESRCH, ask(self->fd, MMBOX_WALK_USER, 2, 0, user, &walk));

	EXPECT_EQ(-EINVAL, ask(self->fd, MMBOX_WALK_OBJECT, 0, alloc.id, BLOCK(1),
			       &walk));
	EXPECT_EQ(-EINVAL, ask(self->fd, MMBOX_WALK_OBJECT, 0, alloc.id, -1UL,
			       &walk));
	EXPECT_EQ(0, ask(self->fd, MMBOX_WALK_OBJECT, 0, alloc.id, BLOCK(1) - 1,
			 &walk));
	EXPECT_EQ(-ENOENT, ask(other, MMBOX_WALK_OBJECT, 0, alloc.id, 0, &walk));
	EXPECT_EQ(-EBADFD, ask(unbound, MMBOX_WALK_OBJECT, 0, alloc.id, 0, &walk));
	EXPECT_EQ(0, ask(unbound, MMBOX_WALK_USER, 0, 0, user, &walk));
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_EQ(-ENOENT, ask(self->fd, MMBOX_WALK_OBJECT, 0, alloc.id, 0, &walk));

	ASSERT_EQ(0, dev_alloc(self->fd, PAGE, MMBOX_GFP_HIGHMEM, 0, &alloc));
	EXPECT_EQ(-ENXIO, ask(self->fd, MMBOX_WALK_OBJECT, 0, alloc.id, 0, &walk));
	EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	EXPECT_EQ(0, close(unbound));
	EXPECT_EQ(0, close(other));
}

/*
 * Tables that change
 */

#define SECONDS		4

static volatile bool stop;

/* Makes and unmakes tables at one place, huge pages among them. */
static void *change_tables(void *arg)
{
	char *at = arg;
	time_t end = time(NULL) + SECONDS;
	long i;

	for (i = 0; time(NULL) < end; i++) {
		must(mmap(at, 2 * HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			  MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at);
		madvise(at, 2 * HUGE, i & 1 ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
		*(volatile char *)(at + (i & 2 ? HUGE : 0)) = 1;
		mprotect(at, HUGE, i & 4 ? PROT_READ : PROT_NONE);
		munmap(at, 2 * HUGE);
	}
	stop = true;
	return (void *)i;
}

TEST_F(box, tables_may_change_meanwhile)
{
	char *at = mmap(NULL, 4 * HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);
	unsigned long nr = 0, mapped = 0;
	struct mmbox_walk walk;
	pthread_t thread;
	void *rounds;

	ASSERT_NE(MAP_FAILED, at);
	at = (void *)(((unsigned long)at + HUGE - 1) & ~(HUGE - 1));
	stop = false;
	ASSERT_EQ(0, pthread_create(&thread, NULL, change_tables, at));
	while (!stop) {
		ASSERT_EQ(0, ask_user(self->fd, at + (nr & 1 ? HUGE : 0), &walk));
		ASSERT_LE(1, walk.nr_entries);
		ASSERT_GE(walk.nr_levels, walk.nr_entries);
		ASSERT_EQ(0, last(&walk)->flags & MMBOX_ENTRY_BAD);
		ASSERT_EQ(0, walk.flags & MMBOX_WALK_PAGE);
		mapped += walk.flags & MMBOX_WALK_MAPPED;
		nr++;
	}
	EXPECT_EQ(0, pthread_join(thread, &rounds));
	say("%lu walks in %ld rounds, %lu met a page", nr, (long)rounds, mapped);
	EXPECT_LT(0, mapped);
}

TEST_HARNESS_MAIN
