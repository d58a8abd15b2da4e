// SPDX-License-Identifier: GPL-2.0
/*
 * extfrag/: the indices follow from buddyinfo by the kernel's formulas. These
 * are written down here a second time, in floating point, and tried on the
 * running kernel's own files first.
 */
#define MMBOX_TEST_SETTINGS	MMBOX_TEST_NO_MARKS

#include "mmbox_test.h"

/* Rows of free blocks in, the text of a file out. */
struct index_file {
	const char *name;
	long (*index)(const struct zone_row *row, int order);
};

static unsigned long blocks_from(const struct zone_row *row, int order)
{
	unsigned long nr = 0;

	for (; order < NR_ORDERS; order++)
		nr += row->nr[order];
	return nr;
}

/* Of few blocks it comes out below 0, and is printed as C does it: 0.-500. */
static long extfrag_index(const struct zone_row *row, int order)
{
	unsigned long blocks = blocks_from(row, 0);
	double wanted = (double)row_pages(row) / (1 << order);

	if (!blocks)
		return 0;
	if (blocks_from(row, order))
		return -1000;
	return 1000 - (long)((1000 + (long)(1000 * wanted)) / blocks);
}

static long unusable_index(const struct zone_row *row, int order)
{
	unsigned long useless = 0;
	int i;

	for (i = 0; i < order; i++)
		useless += row->nr[i] << i;
	return row_pages(row) ? (long)(1000.0 * useless / row_pages(row)) :
	       1000;
}

static const struct index_file index_files[] = {
	{ "extfrag_index", extfrag_index },
	{ "unusable_index", unusable_index },
};

static char *predict(const struct index_file *file, const struct zone_row *rows,
		     int n, const char *fmt)
{
	char *text = malloc(n * 256), *end = text;
	int i, order;

	must(text);
	*end = '\0';
	for (i = 0; i < n; i++) {
		end += sprintf(end, "Node %d, zone %8s ", rows[i].node,
			       rows[i].name);
		for (order = 0; order < NR_ORDERS; order++) {
			long index = file->index(&rows[i], order);

			end += sprintf(end, fmt, (int)(index / 1000),
				       (int)(index % 1000));
		}
		end += sprintf(end, "\n");
	}
	return text;
}

/* Both files of box0 say what its buddyinfo leads to. */
static int wrong_files(void)
{
	struct zone_row rows[MAX_ROWS];
	int n = read_buddyinfo("box0", rows), wrong = 0;
	size_t i;

	for (i = 0; i < 2; i++) {
		char name[64];
		char *expected = predict(&index_files[i], rows, n,
					 i ? "%d.%03d " : "%2d.%03d ");
		char *text;

		snprintf(name, sizeof(name), "extfrag/%s", index_files[i].name);
		text = box_file("box0", name);
		if (strcmp(expected, text)) {
			wrong++;
			say_text("expected:", expected);
			say_text(name, text);
		}
		free(expected);
		free(text);
	}
	return wrong;
}

/* Allocates all that a request may use, page by page; returns the number. */
static unsigned int exhaust(int fd, __u32 gfp, __u32 *ids, unsigned int room)
{
	struct mmbox_ioc_alloc alloc;
	unsigned int n = 0;

	while (!dev_alloc(fd, PAGE, gfp, 0, &alloc)) {
		must(n < room);
		ids[n++] = alloc.id;
	}
	return n;
}

static __u32 ids[1 << 13];

/* Blanks at the front of a number have come and gone between kernels. */
static void squeeze(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (*text != ' ' || text[1] != ' ')
			*to++ = *text;
	*to = '\0';
}

/* Pages come and go in the running kernel all the time. */
#define MAX_TRIES	5000

/* The running kernel at rest, as buddyinfo says; it may take some tries. */
TEST(formulas_are_the_kernels)
{
	struct zone_row rows[MAX_ROWS];
	char path[64], *before, *after, *text, *expected;
	int tries, n;
	size_t i;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/extfrag/%s",
			 index_files[i].name);
		if (access(path, R_OK))
			SKIP(return, "this kernel has no %s", path);
		for (tries = 0; tries < MAX_TRIES; tries++) {
			if (tries) {
				free(before);
				free(text);
				free(after);
				free(expected);
			}
			before = slurp("/proc/buddyinfo");
			text = slurp(path);
			after = slurp("/proc/buddyinfo");
			n = parse_buddyinfo(before, rows);
			expected = predict(&index_files[i], rows, n,
					   "%d.%03d ");
			squeeze(text);
			squeeze(expected);
			if (!strcmp(before, after) && !strcmp(text, expected))
				break;
		}
		EXPECT_GT(MAX_TRIES, tries) {
			say_text("kernel:", text);
			say_text("expected:", expected);
		}
	}
}

TEST_F(box, indices_of_an_untouched_box)
{
	EXPECT_EQ(0, wrong_files());
}

/* Each order taken away in turn leaves other pictures. */
TEST_F(box, indices_after_each_allocation)
{
	struct mmbox_ioc_alloc alloc;
	int i;

	for (i = 0; i < 60; i++) {
		dev_alloc(self->fd, BLOCK(i * 7 % NR_ORDERS), 0, 0, &alloc);
		ASSERT_EQ(0, wrong_files());
	}
}

TEST_F(box, indices_of_an_exhausted_box)
{
	struct zone_row rows[MAX_ROWS];
	char *text;

	exhaust(self->fd, 0, ids, 1 << 13);
	ASSERT_EQ(0, free_pages("box0"));
	EXPECT_EQ(0, wrong_files());
	/* Nothing free: too little, not in pieces; and all of it useless. */
	read_buddyinfo("box0", rows);
	EXPECT_EQ(0, extfrag_index(&rows[0], 3));
	text = box_file("box0", "extfrag/unusable_index");
	EXPECT_NE(NULL, strstr(text, "zone   Normal 1.000 1.000 "));
	free(text);
}

/* Every second page free: half a zone, and not two pages side by side. */
TEST_F(box, indices_of_a_zone_in_pieces)
{
	unsigned int n = exhaust(self->fd, MMBOX_GFP_DMA32, ids, 1 << 13), i;
	struct zone_row rows[MAX_ROWS];
	char *text;

	for (i = 0; i < n; i += 2)
		ASSERT_EQ(0, dev_free(self->fd, ids[i]));
	EXPECT_EQ(0, wrong_files());
	/* 1000 - (1000 + 1000 * 1024 / 2) / 1024 and so on, by hand. */
	read_buddyinfo("box0", rows);
	ASSERT_EQ(1024, row_pages(&rows[1]));
	text = box_file("box0", "extfrag/extfrag_index");
	EXPECT_NE(NULL, strstr(text, "zone    DMA32 -1.000  0.500  0.750  0.875 "));
	free(text);
	text = box_file("box0", "extfrag/unusable_index");
	EXPECT_NE(NULL, strstr(text, "zone    DMA32 0.000 1.000 1.000 "));
	free(text);

	/* One page left in a zone: the kernel's formula goes below 0. */
	for (i = 1; i < n; i += 2)
		ASSERT_EQ(0, dev_free(self->fd, ids[i]));
	n = exhaust(self->fd, MMBOX_GFP_DMA, ids, 1 << 13);
	ASSERT_EQ(0, dev_free(self->fd, ids[n / 2]));
	EXPECT_EQ(0, wrong_files());
	text = box_file("box0", "extfrag/extfrag_index");
	EXPECT_NE(NULL, strstr(text, "zone      DMA -1.000  0.-500  0.-250 "));
	free(text);
}

TEST_HARNESS_MAIN
