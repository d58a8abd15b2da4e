// SPDX-License-Identifier: GPL-2.0
/*
 * The boot stage of a box: what memblock/ and metadata tell of it agrees with
 * zoneinfo and buddyinfo, whichever boot allocator it had; and pages that hold
 * descriptors stay where they are.
 */
#define MMBOX_TEST_SETTINGS	MMBOX_TEST_NO_MARKS

#include "mmbox_test.h"

struct region {
	unsigned long base, end;	/* end: the byte behind the last one */
};

#define MAX_REGIONS	512

/* Reads memblock/memory or memblock/reserved; returns the number of rows. */
static int read_regions(const char *box, const char *name,
			struct region *regions)
{
	char file[32], node[8], flags[8], again[128], *text, *line;
	unsigned long base, last;
	int n = 0, nr, len;

	snprintf(file, sizeof(file), "memblock/%s", name);
	text = box_file(box, file);
	for (line = text; *line; line = strchr(line, '\n') + 1) {
		must(n < MAX_REGIONS);
		must(sscanf(line, "%d: 0x%lx..0x%lx %7s %7s\n", &nr, &base,
			    &last, node, flags) == 5);
		/* The kernel's own format, printed again. */
		len = sprintf(again, "%4d: 0x%016lx..0x%016lx %4s %s\n", nr,
			      base, last, node, flags);
		must(!strncmp(line, again, len));
		must(nr == n && base <= last);
		must(!n || regions[n - 1].end <= base);
		regions[n++] = (struct region) { base, last + 1 };
	}
	free(text);
	return n;
}

struct step {
	char what[16], array[16], node[8], zone[16], why[16];
	unsigned long base, size, count;
	unsigned int order;
};

#define MAX_STEPS	1024

static struct step steps[MAX_STEPS];
static char kind[16];

/* Reads memblock/log; returns the number of steps. */
static int read_steps(const char *box)
{
	char *text = box_file(box, "memblock/log"), *line;
	unsigned long page, said, lost;
	int n = 0, nr;

	must(sscanf(text, "# boot=%15s page=%lu steps=%lu lost=%lu\n", kind,
		    &page, &said, &lost) == 4);
	must(page == PAGE && !lost);
	for (line = strchr(text, '\n') + 1; *line;
	     line = strchr(line, '\n') + 1) {
		struct step *s = &steps[n++];

		must(n <= MAX_STEPS);
		must(sscanf(line, "step %d what=%15s array=%15s base=0x%lx size=%lu node=%7s zone=%15s order=%u count=%lu for=%15[^:]: ",
			    &nr, s->what, s->array, &s->base, &s->size, s->node,
			    s->zone, &s->order, &s->count, s->why) == 10);
		must(nr == n);
	}
	must((unsigned long)n == said);
	free(text);
	return n;
}

/* Bytes of all steps of a kind. */
static unsigned long step_bytes(int n, const char *what)
{
	unsigned long bytes = 0;

	while (n--)
		if (!strcmp(steps[n].what, what))
			bytes += steps[n].size;
	return bytes;
}

static unsigned long step_count(int n, const char *what, const char *zone)
{
	unsigned long count = 0;

	while (n--)
		if (!strcmp(steps[n].what, what) &&
		    (!zone || !strcmp(steps[n].zone, zone)))
			count += steps[n].count;
	return count;
}

/* A number in the last part of metadata, which is for the whole box. */
static unsigned long metadata(const char *box, const char *name)
{
	char *text = box_file(box, "metadata"), *at = strstr(text, "All zones\n");
	unsigned long value;

	must(at && (at = strstr(at, name)));
	must(sscanf(at + strlen(name), ": %lu", &value) == 1);
	free(text);
	return value;
}

static unsigned long total_pages(const char *box, const char *word)
{
	return zone_number(box, "DMA", word) + zone_number(box, "DMA32", word) +
	       zone_number(box, "Normal", word);
}

static struct region memory[MAX_REGIONS], reserved[MAX_REGIONS];

static unsigned long pages_of(const struct region *regions, int n)
{
	unsigned long pages = 0, last = 0;

	for (; n--; regions++) {
		unsigned long first = regions->base / PAGE;
		unsigned long end = (regions->end + PAGE - 1) / PAGE;

		/* Two regions may share a page. */
		pages += end - first - (first < last);
		last = end;
	}
	return pages;
}

/* Whether each of the reserved regions lies in one of memory. */
static bool are_within(int nr_reserved, int nr_memory)
{
	int i, j;

	for (i = 0; i < nr_reserved; i++) {
		for (j = 0; j < nr_memory; j++)
			if (reserved[i].base >= memory[j].base &&
			    reserved[i].end <= memory[j].end)
				break;
		if (j == nr_memory)
			return false;
	}
	return true;
}

/* The blocks that were handed over are those of a box that nobody used yet. */
static int wrong_blocks(const char *box, int nr_steps)
{
	struct zone_row rows[MAX_ROWS];
	int n = read_buddyinfo(box, rows), i, order, s, wrong = 0;

	for (i = 0; i < n; i++) {
		for (order = 0; order < NR_ORDERS; order++) {
			unsigned long nr = 0;

			for (s = 0; s < nr_steps; s++)
				if (!strcmp(steps[s].what, "handover") &&
				    !strcmp(steps[s].zone, rows[i].name) &&
				    steps[s].order == (unsigned int)order)
					nr += steps[s].count;
			if (nr == rows[i].nr[order])
				continue;
			say("%s order %d: %lu blocks, handed over %lu",
			    rows[i].name, order, rows[i].nr[order], nr);
			wrong++;
		}
	}
	return wrong;
}

/* What holds for each box: all files tell the same. */
static void check_box(struct __test_metadata *_metadata, const char *box,
		      const char *wanted)
{
	int nr_memory = read_regions(box, "memory", memory);
	int nr_reserved = read_regions(box, "reserved", reserved);
	unsigned long present = total_pages(box, " present ");
	unsigned long managed = total_pages(box, " managed ");
	int n = read_steps(box);

	EXPECT_STREQ(wanted, kind);
	EXPECT_EQ(present, pages_of(memory, nr_memory));
	EXPECT_EQ(present - managed, pages_of(reserved, nr_reserved));
	EXPECT_TRUE(are_within(nr_reserved, nr_memory));
	EXPECT_EQ(present * PAGE, step_bytes(n, "add"));
	EXPECT_EQ(managed * PAGE, step_bytes(n, "handover"));
	EXPECT_EQ(0, wrong_blocks(box, n));

	EXPECT_EQ(metadata(box, "Sections"), step_count(n, "publish", NULL));
	EXPECT_EQ(metadata(box, "Sections"), step_count(n, "alloc", NULL) +
		  step_count(n, "host", NULL));
	EXPECT_EQ(metadata(box, "Descriptors") + metadata(box, "SectionHeaders"),
		  metadata(box, "InOwnPages") + metadata(box, "InHostMemory"));
	EXPECT_EQ(present - managed, metadata(box, "Reserved"));
	EXPECT_GE(32, metadata(box, "PerPage"));
	EXPECT_LE(24, metadata(box, "PerPage"));
	EXPECT_LE(1, metadata(box, "IndexLeaves"));
	EXPECT_NE(0, metadata(box, "PerCpuLists"));
}

TEST_F(box, memblock_is_the_default)
{
	int n;

	check_box(_metadata, "box0", "memblock");
	n = read_steps("box0");
	/* All from the highest zone: the others stay whole. */
	EXPECT_NE(0, step_count(n, "alloc", "Normal"));
	EXPECT_EQ(step_count(n, "alloc", NULL), step_count(n, "alloc", "Normal"));
	EXPECT_EQ(0, step_count(n, "host", NULL));
	EXPECT_EQ(step_bytes(n, "alloc"), metadata("box0", "InOwnPages"));
	EXPECT_EQ(256, zone_number("box0", "DMA", " managed "));
	EXPECT_EQ(2048, zone_number("box0", "DMA32", " managed "));
}

TEST_F(box, descriptors_lie_at_the_top)
{
	int nr_memory = read_regions("box0", "memory", memory);
	int nr_reserved = read_regions("box0", "reserved", reserved);

	ASSERT_LE(1, nr_reserved);
	EXPECT_EQ(memory[nr_memory - 1].end, reserved[nr_reserved - 1].end);
	/* Packed: less than a page is lost at each end, and 63 bytes apiece. */
	EXPECT_EQ(0, reserved[0].base % 64);
	EXPECT_GT((unsigned long)nr_reserved * 2 * PAGE,
		  metadata("box0", "Reserved") * PAGE -
		  metadata("box0", "InOwnPages"));
}

TEST_F(box, memblock_by_name)
{
	ASSERT_EQ(0, dev_create(self->fd, "named", "boot=memblock,8M"));
	check_box(_metadata, "named", "memblock");
	EXPECT_EQ(0, dev_destroy(self->fd, "named"));
}

TEST_F(box, a_bitmap_takes_the_first_that_fits)
{
	int n, nr_memory, i;

	ASSERT_EQ(0, dev_create(self->fd, "bits",
				"dma=256K,dma32=1M,normal=8M,boot=bitmap"));
	check_box(_metadata, "bits", "bitmap");
	n = read_steps("bits");
	EXPECT_LE(1, step_count(n, "bitmap", NULL));
	EXPECT_EQ(step_count(n, "alloc", NULL), step_count(n, "alloc", "Normal"));
	/* The first frame of zone Normal is in use. */
	nr_memory = read_regions("bits", "memory", memory);
	for (i = 0; i < nr_memory; i++)
		if (memory[i].base / PAGE ==
		    zone_number("bits", "Normal", "start_pfn:"))
			break;
	ASSERT_LT(i, nr_memory);
	must(read_regions("bits", "reserved", reserved));
	EXPECT_EQ(memory[i].base, reserved[0].base);
	EXPECT_EQ(0, dev_destroy(self->fd, "bits"));
}

/* More than an eighth of it would go into descriptors. */
TEST_F(box, a_small_box_has_its_descriptors_elsewhere)
{
	static const char *const configs[] = { "64K", "64K,boot=bitmap" };
	unsigned int i;
	int n;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, dev_create(self->fd, "small", configs[i]));
		check_box(_metadata, "small", i ? "bitmap" : "memblock");
		n = read_steps("small");
		EXPECT_NE(0, step_count(n, "host", NULL));
		EXPECT_EQ(0, step_count(n, "alloc", NULL));
		EXPECT_EQ(0, metadata("small", "Reserved"));
		EXPECT_EQ(0, metadata("small", "InOwnPages"));
		EXPECT_EQ(16, free_pages("small"));
		EXPECT_EQ(0, dev_destroy(self->fd, "small"));
	}
}

/* Everything can be allocated but for these pages, and nobody gets them. */
TEST_F(box, reserved_pages_are_not_given_out)
{
	unsigned long managed = total_pages("box0", " managed "), n = 0;
	struct mmbox_ioc_alloc alloc;

	while (!dev_alloc(self->fd, PAGE, 0, 0, &alloc))
		n++;
	EXPECT_EQ(managed, n);
	close(self->fd);
	self->fd = -1;
	EXPECT_SAME(&self->before);
}

static int refused_as_reserved(const char *box, unsigned long pfn,
			       unsigned int order, unsigned int count)
{
	char *text = box_file(box, "refused_frees"), want[128], *at;
	int found;

	snprintf(want, sizeof(want), "count=%u pfn=%#lx order=%u reason=reserved ",
		 count, pfn, order);
	at = strstr(text, want);
	found = at && strstr(at, ": it holds the box's descriptors\n");
	if (!found)
		say_text(want, text);
	free(text);
	return found;
}

TEST_F(box, a_free_of_a_reserved_page_is_refused)
{
	int n = read_regions("box0", "reserved", reserved);
	unsigned long pfn[2], i;
	char text[64];

	ASSERT_LE(1, n);
	pfn[0] = reserved[0].base / PAGE;
	pfn[1] = (reserved[n - 1].end - 1) / PAGE;
	for (i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "pfn=%lu order=%lu count=2", pfn[i],
			 i);
		ASSERT_EQ(0, run_test_module("mmbox_test_refusals", text));
		EXPECT_EQ(1, refused_as_reserved("box0", pfn[i], i, 2));
	}
	EXPECT_EQ(4, box_counter("box0", "events", "free_refused"));
	EXPECT_SAME(&self->before);
}

TEST_HARNESS_MAIN
