// SPDX-License-Identifier: GPL-2.0
/*
 * kpageflags: a word for each frame, as buddyinfo and zoneinfo would have it.
 */
/* Room for the box's descriptors, and for whole blocks beside them. */
#define MMBOX_TEST_POOL	"dma=1M,dma32=8M,normal=32M" MMBOX_TEST_NO_MARKS

#include "mmbox_test.h"

#define KPF_BUDDY	10
#define KPF_NOPAGE	20
#define KPF_RESERVED	32
#define BUDDY		(1ULL << KPF_BUDDY)
#define NOPAGE		(1ULL << KPF_NOPAGE)
#define RESERVED	(1ULL << KPF_RESERVED)

struct span {
	unsigned long start, end, present, managed;
};

/* The spans of zones that have pages, lowest first; returns their number. */
static int read_spans(struct span *spans)
{
	char *text = box_file("box0", "zoneinfo"), *at = text;
	unsigned long spanned, present, managed, start;
	int n = 0;

	while ((at = strstr(at, "        spanned  "))) {
		must(sscanf(at, " spanned %lu present %lu managed %lu",
			    &spanned, &present, &managed) == 3);
		at++;
		if (!present)
			continue;
		must((at = strstr(at, "start_pfn:")));
		must(sscanf(at, "start_pfn: %lu", &start) == 1);
		must(n < MAX_ROWS);
		spans[n++] = (struct span) { start, start + spanned, present,
					   managed };
	}
	free(text);
	return n;
}

static int open_flags(const char *dir)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/box0/kpageflags", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	must(fd >= 0);
	return fd;
}

/* The words of a span. */
static __u64 *read_span(int fd, const struct span *span)
{
	size_t size = (span->end - span->start) * 8, done = 0;
	__u64 *flags = malloc(size);

	must(flags);
	while (done < size) {
		ssize_t n = pread(fd, (char *)flags + done, size - done,
				  (off_t)(span->start * 8 + done));

		must(n > 0);
		done += n;
	}
	return flags;
}

/* How many words of a span have exactly these bits. */
static unsigned long count(int fd, const struct span *span, __u64 bits)
{
	__u64 *flags = read_span(fd, span);
	unsigned long i, n = 0;

	for (i = 0; i < span->end - span->start; i++)
		n += flags[i] == bits;
	free(flags);
	return n;
}

/* Zone by zone: free as in buddyinfo, absent and reserved as in zoneinfo. */
static int wrong_counts(int fd)
{
	struct zone_row rows[MAX_ROWS];
	struct span spans[MAX_ROWS];
	int n = read_buddyinfo("box0", rows), i, wrong = 0;

	must(n == read_spans(spans));
	for (i = 0; i < n; i++) {
		unsigned long length = spans[i].end - spans[i].start;
		unsigned long buddy = count(fd, &spans[i], BUDDY);
		unsigned long absent = count(fd, &spans[i], NOPAGE);
		unsigned long reserved = count(fd, &spans[i], RESERVED);
		unsigned long none = count(fd, &spans[i], 0);

		if (buddy == row_pages(&rows[i]) &&
		    absent == length - spans[i].present &&
		    reserved == spans[i].present - spans[i].managed &&
		    buddy + absent + reserved + none == length)
			continue;
		say("%s: %lu buddy of %lu, %lu absent of %lu, %lu reserved of %lu, %lu none",
		    rows[i].name, buddy, row_pages(&rows[i]), absent,
		    length - spans[i].present, reserved,
		    spans[i].present - spans[i].managed, none);
		wrong++;
	}
	return wrong;
}

TEST_F(box, all_free_reserved_or_absent)
{
	int fd = open_flags(PROC_DIR);

	EXPECT_EQ(0, wrong_counts(fd));
	close(fd);
	fd = open_flags(DEBUG_DIR);
	EXPECT_EQ(0, wrong_counts(fd));
	close(fd);
}

/* The first frame that has no bit, and no more of its span than @nr. */
static unsigned long only_block(int fd, unsigned long nr)
{
	struct span spans[MAX_ROWS];
	int n = read_spans(spans);

	while (n--) {
		unsigned long length = spans[n].end - spans[n].start, first, i;
		__u64 *flags = read_span(fd, &spans[n]);

		for (first = 0; first < length && flags[first]; first++)
			;
		for (i = first; i < length && i < first + nr; i++)
			must(!flags[i]);
		free(flags);
		if (first == length)
			continue;
		must(count(fd, &spans[n], 0) == nr);
		return spans[n].start + first;
	}
	return 0;
}

/* A block of each order: its frames, aligned, are what has no bit. */
TEST_F(box, an_allocated_block_has_no_bit)
{
	int fd = open_flags(PROC_DIR), order;
	struct mmbox_ioc_alloc alloc;
	unsigned long first;

	for (order = 0; order < NR_ORDERS; order++) {
		ASSERT_EQ(0, dev_alloc(self->fd, BLOCK(order), 0, 0, &alloc));
		EXPECT_EQ(0, wrong_counts(fd));
		first = only_block(fd, 1UL << order);
		EXPECT_NE(0, first);
		EXPECT_EQ(0, first % (1UL << order));
		ASSERT_EQ(0, dev_free(self->fd, alloc.id));
		EXPECT_EQ(0, only_block(fd, 0));
	}
	close(fd);
}

TEST_F(box, every_second_page)
{
	static __u32 ids[1 << 13];
	int fd = open_flags(PROC_DIR), n = 0, i;
	struct mmbox_ioc_alloc alloc;
	struct span spans[MAX_ROWS];
	__u64 *flags;

	while (!dev_alloc(self->fd, PAGE, MMBOX_GFP_DMA, 0, &alloc)) {
		must(n < 1 << 13);
		ids[n++] = alloc.id;
	}
	EXPECT_EQ(0, wrong_counts(fd));
	for (i = 0; i < n; i += 2)
		ASSERT_EQ(0, dev_free(self->fd, ids[i]));
	EXPECT_EQ(0, wrong_counts(fd));
	read_spans(spans);
	flags = read_span(fd, &spans[0]);
	/* Allocated in ascending order, so the even ones are free. */
	for (i = 0; i < n; i += 2)
		if (flags[i] != NOPAGE && flags[i + 1] != NOPAGE)
			ASSERT_EQ(BUDDY, flags[i] ^ flags[i + 1]);
	free(flags);
	close(fd);
}

TEST_F(box, frames_of_others_are_absent)
{
	struct span spans[MAX_ROWS], gap;
	int fd = open_flags(PROC_DIR), n = read_spans(spans), i;

	for (i = 0; i < n; i++) {
		gap.start = i ? spans[i - 1].end : 0;
		gap.end = spans[i].start;
		if (gap.end - gap.start > 4096)
			gap.start = gap.end - 4096;
		EXPECT_EQ(gap.end - gap.start, count(fd, &gap, NOPAGE));
	}
	close(fd);
}

TEST_F(box, the_file_ends_behind_the_last_frame)
{
	struct span spans[MAX_ROWS];
	int fd = open_flags(PROC_DIR), n = read_spans(spans);
	off_t end = (off_t)(spans[n - 1].end * 8);
	void *volatile nowhere = (void *)8;
	char buf[64];

	EXPECT_EQ(8, pread(fd, buf, sizeof(buf), end - 8));
	EXPECT_EQ(3, pread(fd, buf, sizeof(buf), end - 3));
	EXPECT_EQ(0, pread(fd, buf, sizeof(buf), end));
	EXPECT_EQ(0, pread(fd, buf, sizeof(buf), 1LL << 60));
	EXPECT_EQ(end - 16, lseek(fd, end - 16, SEEK_SET));
	EXPECT_EQ(16, read(fd, buf, sizeof(buf)));
	EXPECT_EQ(0, read(fd, buf, sizeof(buf)));
	EXPECT_EQ(-EFAULT, neg(pread(fd, nowhere, 8, 0)));
	EXPECT_EQ(-1, lseek(fd, -1, SEEK_SET));
	close(fd);
}

/* Any piece, from any place, is that piece of the whole. */
TEST_F(box, small_reads_are_the_same)
{
	static const size_t sizes[] = { 1, 7, 8, 511, 512, 513, 4096, 65536 };
	struct span spans[MAX_ROWS], end;
	struct mmbox_ioc_alloc alloc;
	int fd = open_flags(PROC_DIR), n = read_spans(spans);
	size_t i, at, length = 2048 * 8;
	char *whole, *piece = malloc(65536);

	must(piece);
	for (i = 0; i < 40; i++)
		ASSERT_EQ(0, dev_alloc(self->fd, BLOCK(i % 5), 0, 0, &alloc));
	end = spans[n - 1];
	end.end = end.start + 2048;
	whole = (char *)read_span(fd, &end);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		size_t step = sizes[i] < 64 ? 97 : sizes[i];

		for (at = 0; at + sizes[i] <= length; at += step) {
			ASSERT_EQ(sizes[i], pread(fd, piece, sizes[i],
						  (off_t)(end.start * 8 + at)));
			ASSERT_EQ(0, memcmp(piece, whole + at, sizes[i]));
		}
	}
	free(whole);
	free(piece);
	close(fd);
}

static void allocate_all_the_time(const int *stop)
{
	int fd = dev_open_bound("box0"), i = 0;
	struct mmbox_ioc_alloc alloc;

	while (!__atomic_load_n(stop, __ATOMIC_RELAXED)) {
		must(!dev_alloc(fd, BLOCK(i++ % 8), MMBOX_GFP_DMA32, 0, &alloc));
		must(!dev_free(fd, alloc.id));
	}
	_exit(0);
}

/* Blocks split and join; a frame that stays free is never seen otherwise. */
TEST_F(box, reading_while_allocating)
{
	int *stop = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = open_flags(PROC_DIR), round;
	struct span spans[MAX_ROWS];
	unsigned long taken;
	pid_t pid;

	ASSERT_NE(MAP_FAILED, stop);
	must(read_spans(spans) == 3);
	pid = fork_child();
	if (!pid)
		allocate_all_the_time(stop);
	for (round = 0; round < 300; round++) {
		/* Whole chunks of frames are seen at one instant each. */
		taken = count(fd, &spans[1], 0);
		ASSERT_GE(256, taken);
		ASSERT_EQ(256, count(fd, &spans[0], BUDDY));
	}
	__atomic_store_n(stop, 1, __ATOMIC_RELAXED);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(0, wrong_counts(fd));
	close(fd);
}

TEST_F(box, no_flags_of_a_destroyed_box)
{
	__u64 word;
	int fd;

	ASSERT_EQ(0, dev_create(self->fd, "other", "1M"));
	fd = open(PROC_DIR "/other/kpageflags", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(8, read(fd, &word, 8));
	ASSERT_EQ(0, dev_destroy(self->fd, "other"));
	EXPECT_EQ(-EIO, neg(read(fd, &word, 8)));
	close(fd);
}

TEST_HARNESS_MAIN
