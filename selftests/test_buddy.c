// SPDX-License-Identifier: GPL-2.0
/*
 * The buddy algorithm, seen from outside: which free blocks an allocation cuts
 * and a free joins, which zone it takes from, and where the pages lie.
 *
 * What buddyinfo must say after an allocation is worked out here from what it
 * said before. Random orders come from a seed; SEED=n in the environment
 * repeats a run.
 */
#include <elf.h>

/* Room for the box's descriptors, and for whole blocks beside them. */
#define MMBOX_TEST_POOL	"dma=1M,dma32=8M,normal=32M" MMBOX_TEST_NO_MARKS

#include "mmbox_test.h"

/* From the highest zone down, as a zonelist has it. */
static const char *const zones[] = { "Normal", "DMA32", "DMA" };

#define NR_ZONES	(sizeof(zones) / sizeof(*zones))

/* Position in zones[] from which a request may be served. */
static const struct {
	__u32 gfp;
	unsigned int first;
} requests[] = {
	{ 0, 0 }, { MMBOX_GFP_DMA32, 1 }, { MMBOX_GFP_DMA, 2 },
};

#define NR_GFP	(sizeof(requests) / sizeof(*requests))

/* A box as its buddyinfo tells. */
struct picture {
	struct zone_row rows[MAX_ROWS];
	int n;
};

static void look(struct picture *now)
{
	int i;

	memset(now, 0, sizeof(*now));
	now->n = read_buddyinfo("box0", now->rows);
	for (i = 0; i < now->n; i++)
		must(now->rows[i].node == 0);
}

static struct zone_row *row_of(struct picture *picture, const char *zone)
{
	int i;

	for (i = 0; i < picture->n; i++)
		if (!strcmp(picture->rows[i].name, zone))
			return &picture->rows[i];
	return NULL;
}

static void say_picture(const char *title, const struct picture *picture)
{
	char line[256];
	int i, order, len;

	for (i = 0; i < picture->n; i++) {
		len = sprintf(line, "%s %8s:", title, picture->rows[i].name);
		for (order = 0; order < NR_ORDERS; order++)
			len += sprintf(line + len, " %lu",
				       picture->rows[i].nr[order]);
		say("%s", line);
	}
}

static int differs(const struct picture *expected, const struct picture *seen)
{
	if (!memcmp(expected, seen, sizeof(*seen)))
		return 0;
	say_picture("expected", expected);
	say_picture("seen    ", seen);
	return 1;
}

/**
 * struct served - how a request is served
 * @zone: name of the zone, or NULL if it cannot be
 * @cuts: blocks that are cut in two
 */
struct served {
	const char *zone;
	int cuts;
};

/* Change @picture as an allocation of @order does. */
static struct served predict(struct picture *picture, unsigned int first,
			     unsigned int order)
{
	struct served served = { NULL, 0 };
	unsigned int z, found;

	for (z = first; z < NR_ZONES; z++) {
		struct zone_row *row = row_of(picture, zones[z]);

		for (found = order; found < NR_ORDERS; found++)
			if (row->nr[found])
				break;
		if (found == NR_ORDERS)
			continue;
		row->nr[found]--;
		for (; found > order; found--, served.cuts++)
			row->nr[found - 1]++;
		served.zone = zones[z];
		return served;
	}
	return served;
}

/* The zone of an object, as the file "objects" says. */
static void object_zone(__u32 id, char *zone)
{
	char *text = box_file("box0", "objects"), *line = text;
	unsigned int other;

	*zone = '\0';
	for (; *line; line = strchr(line, '\n') + 1)
		if (sscanf(line, "%u %*u %*u %15s", &other, zone) == 2 &&
		    other == id)
			break;
	free(text);
}

static long event(const char *name)
{
	return box_counter("box0", "events", name);
}

/* Free blocks in pageblocks that are not for unmovable pages. */
static unsigned long foreign_blocks(void)
{
	char *text = box_file("box0", "pagetypeinfo"), *line, type[16];
	unsigned long blocks = 0, nr;
	int used, order;

	for (line = text; *line; line = strchr(line, '\n') + 1) {
		if (sscanf(line, "Node %*d, zone %*[^,], type %15s%n", type,
			   &used) != 1 || !strcmp(type, "Unmovable"))
			continue;
		line += used;
		for (order = 0; order < NR_ORDERS; order++) {
			must(sscanf(line, "%lu%n", &nr, &used) == 1);
			line += used;
			blocks += nr;
		}
	}
	free(text);
	return blocks;
}

/*
 * What user space allocates is unmovable, and a fresh box has pageblocks for
 * movable pages only. Once all pages have been allocated all pageblocks have
 * changed their type: from then on it makes no difference.
 */
static void make_unmovable(void)
{
	int fd = dev_open_bound("box0");
	struct mmbox_ioc_alloc alloc;

	while (!dev_alloc(fd, PAGE, 0, 0, &alloc))
		;
	close(fd);
	must(!foreign_blocks());
}

TEST_F(box, every_order_of_every_zone_splits_and_merges)
{
	struct mmbox_ioc_alloc alloc;
	struct picture expected, seen;
	unsigned int order, i;
	char zone[16];

	make_unmovable();

	for (i = 0; i < NR_GFP; i++) {
		for (order = 0; order < NR_ORDERS; order++) {
			long split = event("block_split");
			long merge = event("block_merge");
			struct served served;
			int err;

			look(&expected);
			served = predict(&expected, requests[i].first, order);
			err = dev_alloc(self->fd, BLOCK(order), requests[i].gfp,
					0, &alloc);
			look(&seen);
			ASSERT_EQ(served.zone ? 0 : -ENOMEM, err);
			EXPECT_EQ(0, differs(&expected, &seen)) {
				say("gfp %#x, order %u", requests[i].gfp, order);
			}
			if (!served.zone)
				continue;
			object_zone(alloc.id, zone);
			EXPECT_STREQ(served.zone, zone);
			EXPECT_EQ(split + served.cuts, event("block_split"));
			EXPECT_EQ(merge, event("block_merge"));

			ASSERT_EQ(0, dev_free(self->fd, alloc.id));
			EXPECT_SAME(&self->before);
			EXPECT_EQ(merge + served.cuts, event("block_merge"));
		}
	}
	/* Had every zone a block of order 10, and of order 8 at least? */
	look(&seen);
	EXPECT_NE(0, row_of(&seen, "Normal")->nr[10]);
	EXPECT_NE(0, row_of(&seen, "DMA32")->nr[10]);
	EXPECT_NE(NULL, row_of(&seen, "DMA"));
}

TEST_F(box, random_requests_split_as_predicted)
{
	unsigned int seed = test_seed(), count = 0, served_by[NR_ZONES] = { 0 };
	struct picture expected, seen;
	struct mmbox_ioc_alloc alloc;
	int misses = 0, err;

	make_unmovable();
	look(&expected);
	while (misses < 50) {
		unsigned int order = next_random(&seed) % 12 * 11 / 12;
		unsigned int i = next_random(&seed) % NR_GFP, z;
		struct served served;

		served = predict(&expected, requests[i].first, order);
		err = dev_alloc(self->fd, BLOCK(order), requests[i].gfp, 0,
				&alloc);
		look(&seen);
		ASSERT_EQ(served.zone ? 0 : -ENOMEM, err);
		ASSERT_EQ(0, differs(&expected, &seen)) {
			say("request %u: order %u", count, order);
		}
		if (!served.zone) {
			misses++;
			continue;
		}
		count++;
		for (z = 0; z < NR_ZONES; z++)
			served_by[z] += served.zone == zones[z];
	}
	say("%u blocks: %u Normal, %u DMA32, %u DMA", count, served_by[0],
	    served_by[1], served_by[2]);
	EXPECT_LT(30, count);
	/* Closing the file frees them in the order they were made. */
}

/* Allocate all of a zone in blocks of order 0; returns their number. */
static unsigned int exhaust(struct __test_metadata *_metadata, int fd,
			    __u32 gfp, __u32 **ids)
{
	unsigned int n = 0, room = 1 << 14;
	struct mmbox_ioc_alloc alloc;
	int err;

	*ids = malloc(room * sizeof(**ids));
	must(*ids);
	while (!(err = dev_alloc(fd, PAGE, gfp, 0, &alloc))) {
		must(n < room);
		(*ids)[n++] = alloc.id;
	}
	EXPECT_EQ(-ENOMEM, err);
	return n;
}

static void shuffle(__u32 *ids, unsigned int n, unsigned int *seed)
{
	unsigned int i, j;

	for (i = n; i > 1; i--) {
		__u32 id = ids[i - 1];

		j = next_random(seed) % i;
		ids[i - 1] = ids[j];
		ids[j] = id;
	}
}

TEST_F(box, frees_in_random_order_restore_all)
{
	unsigned int seed = test_seed(), i, n, round;
	unsigned long all = free_pages("box0");
	__u32 *ids;

	for (round = 0; round < 2; round++) {
		n = exhaust(_metadata, self->fd, 0, &ids);
		EXPECT_EQ(all, n);
		EXPECT_EQ(0, free_pages("box0"));
		shuffle(ids, n, &seed);
		for (i = 0; i < n; i++)
			ASSERT_EQ(0, dev_free(self->fd, ids[i]));
		EXPECT_SAME(&self->before);
		free(ids);
	}
}

/* Every second block freed: nothing joins; then the others: all does. */
TEST_F(box, every_second_block_stays_alone)
{
	unsigned int i, n, order;
	struct picture seen;
	__u32 *ids;

	n = exhaust(_metadata, self->fd, MMBOX_GFP_DMA32, &ids);
	/* Two ends of a pair were allocated one after the other. */
	for (i = 0; i < n; i += 2)
		ASSERT_EQ(0, dev_free(self->fd, ids[i]));
	look(&seen);
	EXPECT_EQ(n / 2, row_of(&seen, "DMA32")->nr[0] +
		  row_of(&seen, "DMA")->nr[0]);
	for (order = 1; order < NR_ORDERS; order++) {
		EXPECT_EQ(0, row_of(&seen, "DMA32")->nr[order]);
		EXPECT_EQ(0, row_of(&seen, "DMA")->nr[order]);
	}
	for (i = 1; i < n; i += 2)
		ASSERT_EQ(0, dev_free(self->fd, ids[i]));
	EXPECT_SAME(&self->before);
	free(ids);
}

/* Blocks of @order that the free blocks of a zone make. */
static unsigned long blocks_of(const struct zone_row *row, unsigned int order)
{
	unsigned long blocks = 0;
	unsigned int i;

	for (i = order; i < NR_ORDERS; i++)
		blocks += row->nr[i] << (i - order);
	return blocks;
}

TEST_F(box, fallback_goes_down_and_never_up)
{
	unsigned long normal = zone_number("box0", "Normal", " managed ");
	unsigned int z, n[NR_ZONES] = { 0 };
	struct mmbox_ioc_alloc alloc;
	struct picture seen;
	long fallback = 0;
	__u32 *ids;

	EXPECT_EQ(8192 - reserved_pages("box0"), normal);
	/* A request for DMA takes DMA pages only ... */
	exhaust(_metadata, self->fd, MMBOX_GFP_DMA, &ids);
	free(ids);
	look(&seen);
	EXPECT_EQ(0, row_pages(row_of(&seen, "DMA")));
	EXPECT_EQ(2048, row_pages(row_of(&seen, "DMA32")));
	EXPECT_EQ(normal, row_pages(row_of(&seen, "Normal")));
	EXPECT_EQ(fallback, event("alloc_fallback"));
	/* ... and one for DMA32 those below it, but there are none. */
	exhaust(_metadata, self->fd, MMBOX_GFP_DMA32, &ids);
	free(ids);
	look(&seen);
	EXPECT_EQ(0, row_pages(row_of(&seen, "DMA32")));
	EXPECT_EQ(normal, row_pages(row_of(&seen, "Normal")));
	EXPECT_EQ(fallback, event("alloc_fallback"));
	close(self->fd);

	/* One for any zone begins with Normal and ends with DMA. */
	self->fd = dev_open_bound("box0");
	look(&seen);
	while (!dev_alloc(self->fd, BLOCK(8), 0, 0, &alloc)) {
		char zone[16];

		object_zone(alloc.id, zone);
		for (z = 0; z < NR_ZONES && strcmp(zone, zones[z]); z++)
			;
		ASSERT_LT(z, NR_ZONES);
		n[z]++;
		for (z++; z < NR_ZONES; z++)
			ASSERT_EQ(0, n[z]);
		fallback += strcmp(zone, "Normal") != 0;
		EXPECT_EQ(fallback, event("alloc_fallback"));
	}
	for (z = 0; z < NR_ZONES; z++)
		EXPECT_EQ(blocks_of(row_of(&seen, zones[z]), 8), n[z]);
	EXPECT_LT(20, n[0]);
	EXPECT_EQ(8, n[1]);
	EXPECT_EQ(n[1] + n[2], fallback);
}

/*
 * Where the pages are
 */

/* Offset in /proc/kcore of a physical address, or 0. */
static off_t kcore_offset(int fd, unsigned long address)
{
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr;
	int i;

	must(pread(fd, &ehdr, sizeof(ehdr), 0) == sizeof(ehdr));
	for (i = 0; i < ehdr.e_phnum; i++) {
		must(pread(fd, &phdr, sizeof(phdr), ehdr.e_phoff +
			   i * sizeof(phdr)) == sizeof(phdr));
		if (phdr.p_type == PT_LOAD && phdr.p_paddr + 1 &&
		    address >= phdr.p_paddr &&
		    address < phdr.p_paddr + phdr.p_filesz)
			return phdr.p_offset + (address - phdr.p_paddr);
	}
	return 0;
}

struct mark {
	__u64 magic[3];
	__u64 index;
};

/* The frame in [start, end) that has the mark, or 0; each must have it once. */
static unsigned long find_frame(int kcore, unsigned long start,
				unsigned long end, const struct mark *mark)
{
	unsigned long pfn, found = 0;
	struct mark there;

	for (pfn = start; pfn < end; pfn++) {
		off_t offset = kcore_offset(kcore, pfn * PAGE);

		if (!offset || pread(kcore, &there, sizeof(there), offset) !=
			       sizeof(there))
			continue;
		if (memcmp(&there, mark, sizeof(*mark)))
			continue;
		if (found)
			say("frames %#lx and %#lx have the same mark", found,
			    pfn);
		found = pfn;
	}
	return found;
}

TEST_F_TIMEOUT(box, blocks_are_contiguous_and_lie_in_their_zone, 400)
{
	static const struct { unsigned long start, end; } limit[] = {
		{ 1UL << 20, -1UL }, { 4096, 1UL << 20 }, { 0, 4096 },
	};
	int kcore = open("/proc/kcore", O_RDONLY);
	unsigned int i, order = 4;

	if (kcore < 0)
		SKIP(return, "no /proc/kcore");
	for (i = 0; i < NR_GFP; i++) {
		unsigned long start = zone_number("box0", zones[i],
						  "start_pfn:");
		unsigned long end = start + zone_number("box0", zones[i],
							"spanned");
		struct mark mark = { .index = 0 };
		struct mmbox_ioc_alloc alloc;
		unsigned long pfn, page;
		char *map;

		EXPECT_LE(limit[i].start, start);
		EXPECT_GE(limit[i].end, end);
		must(syscall(SYS_getrandom, mark.magic, sizeof(mark.magic), 0) ==
		     sizeof(mark.magic));
		ASSERT_EQ(0, dev_alloc(self->fd, BLOCK(order), requests[i].gfp,
				       0, &alloc));
		map = dev_map(self->fd, alloc.mmap_offset, alloc.length);
		ASSERT_NE(MAP_FAILED, map);
		for (page = 0; page < 1UL << order; page++) {
			mark.index = page;
			memcpy(map + page * PAGE, &mark, sizeof(mark));
		}
		mark.index = 0;
		pfn = find_frame(kcore, start, end, &mark);
		EXPECT_NE(0, pfn);
		EXPECT_EQ(0, pfn % (1UL << order));
		for (page = 1; page < 1UL << order; page++) {
			mark.index = page;
			EXPECT_EQ(pfn + page, find_frame(kcore, pfn + page,
							 pfn + page + 1, &mark));
		}
		say("%s: frames %#lx to %#lx in %#lx to %#lx", zones[i], pfn,
		    pfn + page - 1, start, end - 1);
		munmap(map, alloc.length);
		EXPECT_EQ(0, dev_free(self->fd, alloc.id));
	}
	close(kcore);
}

TEST_HARNESS_MAIN
