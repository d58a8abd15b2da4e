// SPDX-License-Identifier: GPL-2.0
/*
 * What a box tells of its caches: slabinfo, the files in slab/, and the lines
 * that other files have of slabs, agree with each other.
 */
#include <dirent.h>

#include "mmbox_test.h"

static const char *const dirs[] = { PROC_DIR "/box0", DEBUG_DIR "/box0" };

/* Every file of a cache; the kernel's first. */
static const char *const attributes[] = {
	"align", "aliases", "alloc_fastpath", "alloc_slowpath", "cache_dma",
	"cpu_slabs", "destroy_by_rcu", "free_fastpath", "free_slowpath",
	"hwcache_align", "min_partial", "object_size", "objects",
	"objects_partial", "objs_per_slab", "order", "partial", "poison",
	"reclaim_account", "red_zone", "sanity_checks", "slab_size", "slabs",
	"store_user", "total_objects", "trace",
	"objects_total", "barn", "barn_empty", "barn_full", "counted",
	"cpu_sheaves",
	"errors", "requested", "requests", "sheaf_capacity", "waste",
};

#define NR_ATTRIBUTES	(sizeof(attributes) / sizeof(*attributes))

static const char *const own_caches[] = {
	"mmbox_sheaf",
	"kmalloc-8", "kmalloc-16", "kmalloc-32", "kmalloc-64", "kmalloc-96",
	"kmalloc-128", "kmalloc-192", "kmalloc-256", "kmalloc-512",
	"kmalloc-1k", "kmalloc-2k", "kmalloc-4k", "kmalloc-8k",
	"kmalloc-rcl-8", "kmalloc-rcl-16", "kmalloc-rcl-32", "kmalloc-rcl-64",
	"kmalloc-rcl-96", "kmalloc-rcl-128", "kmalloc-rcl-192",
	"kmalloc-rcl-256", "kmalloc-rcl-512", "kmalloc-rcl-1k",
	"kmalloc-rcl-2k", "kmalloc-rcl-4k", "kmalloc-rcl-8k",
	"dma-kmalloc-8", "dma-kmalloc-16", "dma-kmalloc-32", "dma-kmalloc-64",
	"dma-kmalloc-96", "dma-kmalloc-128", "dma-kmalloc-192",
	"dma-kmalloc-256", "dma-kmalloc-512", "dma-kmalloc-1k",
	"dma-kmalloc-2k", "dma-kmalloc-4k", "dma-kmalloc-8k",
};

#define NR_OWN	(sizeof(own_caches) / sizeof(*own_caches))

/**
 * struct row - a row of slabinfo
 */
struct row {
	char name[128];
	unsigned long active, total, size, per_slab, pages, limit, batch,
		      shared, active_slabs, slabs, avail;
};

static bool parse_row(const char *line, struct row *row)
{
	return sscanf(line, "%127s %lu %lu %lu %lu %lu : tunables %lu %lu %lu : slabdata %lu %lu %lu",
		      row->name, &row->active, &row->total, &row->size,
		      &row->per_slab, &row->pages, &row->limit, &row->batch,
		      &row->shared, &row->active_slabs, &row->slabs,
		      &row->avail) == 12;
}

static void print_row(char *out, const struct row *row)
{
	out += sprintf(out, "%-17s %6lu %6lu %6u %4u %4d", row->name,
		       row->active, row->total, (unsigned int)row->size,
		       (unsigned int)row->per_slab, (int)row->pages);
	out += sprintf(out, " : tunables %4u %4u %4u",
		       (unsigned int)row->limit, (unsigned int)row->batch,
		       (unsigned int)row->shared);
	sprintf(out, " : slabdata %6lu %6lu %6lu\n", row->active_slabs,
		row->slabs, row->avail);
}

static const char head[] =
	"slabinfo - version: 2.1\n"
	"# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>"
	" : tunables <limit> <batchcount> <sharedfactor>"
	" : slabdata <active_slabs> <num_slabs> <sharedavail>\n";

/* Read each row and print it again, with the kernel's own format. */
static int check_slabinfo(struct __test_metadata *_metadata, const char *text)
{
	const char *line = text + strlen(head);
	char again[512];
	struct row row;
	int n = 0;

	EXPECT_EQ(0, strncmp(text, head, strlen(head)));
	for (; *line; line = strchr(line, '\n') + 1, n++) {
		ASSERT_TRUE(parse_row(line, &row));
		print_row(again, &row);
		EXPECT_EQ(0, strncmp(again, line, strlen(again))) {
			say("'%.60s'", line);
		}
	}
	return n;
}

TEST_F(box, slabinfo_is_byte_exact)
{
	char *text = box_file("box0", "slabinfo");

	EXPECT_EQ(NR_OWN, check_slabinfo(_metadata, text));
	free(text);
	if (access("/proc/slabinfo", R_OK))
		SKIP(return, "this kernel has no slabinfo");
	text = slurp("/proc/slabinfo");
	EXPECT_LT(0, check_slabinfo(_metadata, text));
	free(text);
}

/* The row of a cache, or an abort. */
static struct row row_of(const char *cache)
{
	char *text = box_file("box0", "slabinfo"), *line = text;
	struct row row;

	do {
		line = strchr(line, '\n');
		must(line);
		line++;
	} while (!parse_row(line, &row) || strcmp(row.name, cache));
	free(text);
	return row;
}

static char *attribute_text(const char *dir, const char *cache,
			    const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/slab/%s/%s", dir, cache, name);
	return slurp(path);
}

/* An attribute's number; of several the sum, which stands first. */
static unsigned long attribute(const char *cache, const char *name)
{
	char *text = attribute_text(dirs[0], cache, name), *at, *end;
	unsigned long first = strtoul(text, &at, 10), sum = 0;
	bool several = *at == ' ';

	must(at > text);
	while (*at == ' ') {
		must((at[1] == 'N' || at[1] == 'C') && strchr(at, '='));
		sum += strtoul(strchr(at, '=') + 1, &end, 10);
		at = end;
	}
	must(!strcmp(at, "\n"));
	must(!several || sum == first);
	free(text);
	return first;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Are the names in a directory these? */
static bool has_names(const char *dir, const char *const *names, size_t nr)
{
	const char **sorted = calloc(nr, sizeof(*sorted));
	struct dirent **list;
	int i, n, seen = 0;
	bool same = true;

	memcpy(sorted, names, nr * sizeof(*sorted));
	qsort(sorted, nr, sizeof(*sorted), compare);
	n = scandir(dir, &list, NULL, alphasort);
	must(n >= 2);
	for (i = 0; i < n; i++) {
		if (*list[i]->d_name != '.') {
			same = same && seen < (int)nr &&
			       !strcmp(sorted[seen], list[i]->d_name);
			seen++;
		}
		free(list[i]);
	}
	free(list);
	free(sorted);
	return same && seen == (int)nr;
}

TEST_F(box, each_cache_has_its_files)
{
	char path[256];
	struct stat st;
	size_t d, i, j;

	for (d = 0; d < 2; d++) {
		snprintf(path, sizeof(path), "%s/slab", dirs[d]);
		EXPECT_TRUE(has_names(path, own_caches, NR_OWN));
		for (i = 0; i < NR_OWN; i++) {
			snprintf(path, sizeof(path), "%s/slab/%s", dirs[d],
				 own_caches[i]);
			EXPECT_TRUE(has_names(path, attributes, NR_ATTRIBUTES));
		}
		for (j = 0; j < NR_ATTRIBUTES; j++) {
			snprintf(path, sizeof(path), "%s/slab/kmalloc-8/%s",
				 dirs[d], attributes[j]);
			must(!stat(path, &st));
			EXPECT_EQ(S_IFREG | 0400, st.st_mode);
		}
	}
}

TEST_F(box, both_directories_say_the_same_of_caches)
{
	size_t i;

	for (i = 0; i < NR_ATTRIBUTES; i++) {
		char *one = attribute_text(dirs[0], "kmalloc-96", attributes[i]);
		char *two = attribute_text(dirs[1], "kmalloc-96", attributes[i]);

		EXPECT_STREQ(one, two);
		free(one);
		free(two);
	}
}

/* The number behind a word of a file. */
static unsigned long file_number(const char *file, const char *word)
{
	char *text = box_file("box0", file), *at = strstr(text, word);
	unsigned long number;

	must(at && sscanf(at + strlen(word), "%lu", &number) == 1);
	free(text);
	return number;
}

TEST_F(box, attributes_agree_with_slabinfo)
{
	unsigned long pages = 0, reclaimable = 0;
	size_t i;

	for (i = 0; i < NR_OWN; i++) {
		const char *name = own_caches[i];
		struct row row = row_of(name);

		EXPECT_EQ(row.total, attribute(name, "total_objects"));
		EXPECT_EQ(row.total, attribute(name, "objects_total"));
		EXPECT_EQ(row.slabs, attribute(name, "slabs"));
		EXPECT_EQ(row.size, attribute(name, "slab_size"));
		EXPECT_EQ(row.per_slab, attribute(name, "objs_per_slab"));
		EXPECT_EQ(row.pages, 1UL << attribute(name, "order"));
		EXPECT_EQ(attribute(name, "objects"), row.active +
			  attribute(name, "cpu_sheaves") +
			  attribute(name, "barn"));
		EXPECT_EQ(attribute(name, "waste"), row.slabs * row.pages * PAGE -
			  row.total * attribute(name, "object_size"));
		EXPECT_EQ(!strncmp(name, "dma-", 4), attribute(name, "cache_dma"));
		EXPECT_EQ(!!strstr(name, "-rcl-"),
			  attribute(name, "reclaim_account"));
		pages += row.slabs * row.pages;
		if (strstr(name, "-rcl-"))
			reclaimable += row.slabs * row.pages;
	}
	EXPECT_EQ(pages * 4, file_number("meminfo", "Slab:"));
	EXPECT_EQ(reclaimable * 4, file_number("meminfo", "SReclaimable:"));
	EXPECT_EQ((pages - reclaimable) * 4,
		  file_number("meminfo", "SUnreclaim:"));
	EXPECT_EQ(reclaimable, file_number("vmstat", "nr_slab_reclaimable "));
	EXPECT_EQ(pages - reclaimable,
		  file_number("vmstat", "nr_slab_unreclaimable "));
	EXPECT_EQ(reclaimable, file_number("zoneinfo", "nr_slab_reclaimable "));
	EXPECT_EQ(pages - reclaimable,
		  file_number("zoneinfo", "nr_slab_unreclaimable "));
}

TEST_HARNESS_MAIN
