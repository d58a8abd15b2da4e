// SPDX-License-Identifier: GPL-2.0
/*
 * The files of a box: names, modes, formats, agreement with each other.
 *
 * A format is checked in two ways: the numbers are read and printed again with
 * the kernel's own format string, and the rules used here are tried on the
 * running kernel's file of that name, which must pass them too.
 */
#include <dirent.h>
#include <regex.h>

#include "mmbox_test.h"

static const struct {
	const char *name;
	mode_t mode;
} files[] = {
	{ "allocinfo", 0400 }, { "buddyinfo", 0444 }, { "events", 0444 },
	{ "extfrag/extfrag_index", 0400 }, { "extfrag/unusable_index", 0400 },
	{ "faults", 0400 }, { "kmap", 0400 }, { "kpageflags", 0400 }, { "memblock/log", 0400 },
	{ "memblock/memory", 0400 }, { "memblock/reserved", 0400 },
	{ "meminfo", 0444 }, { "metadata", 0444 }, { "objects", 0400 },
	{ "page_owner", 0400 }, { "pagetypeinfo", 0400 }, { "pcp", 0444 }, { "refusals", 0400 },
	{ "refused_frees", 0400 }, { "slab_objects", 0400 },
	{ "slabinfo", 0400 }, { "steals", 0400 },
	{ "tunables", 0444 }, { "version", 0444 },
	{ "vmallocinfo", 0400 }, { "vmap/window", 0400 }, { "vmstat", 0444 },
	{ "zoneinfo", 0444 },
};

#define NR_FILES	(sizeof(files) / sizeof(*files))

/* What is no text has a test of its own. */
static bool is_text(const char *file)
{
	return strcmp(file, "kpageflags");
}

static const char *const dirs[] = { PROC_DIR "/box0", DEBUG_DIR "/box0" };

#define NR_OBJECTS	12

static void *maps[NR_OBJECTS];

/* Something to see in each file: blocks of many orders, mapped, kept, freed. */
static void populate(int fd)
{
	static const __u32 gfp[] = { 0, MMBOX_GFP_DMA32, MMBOX_GFP_DMA };
	struct mmbox_ioc_alloc alloc;
	int i;

	for (i = 0; i < NR_OBJECTS; i++) {
		must(!dev_alloc(fd, BLOCK(i % 4), gfp[i % 3],
				i % 4 == 2 ? MMBOX_ALLOC_KEEP : 0, &alloc));
		if (i % 2) {
			maps[i] = dev_map(fd, alloc.mmap_offset, PAGE);
			must(maps[i] != MAP_FAILED);
		}
		if (i % 4 == 3)
			must(!dev_free(fd, alloc.id));
	}
}

/* Undo it, but for what goes when the file is closed. */
static void depopulate(int fd)
{
	int i;

	for (i = 0; i < NR_OBJECTS; i++) {
		if (maps[i])
			munmap(maps[i], PAGE);
		if (i % 4 == 2)
			must(!dev_free(fd, i + 1));
	}
}

static char *path_of(const char *dir, const char *file)
{
	static char path[1024];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return path;
}

/* The whole text must match. */
static bool matches(const char *text, const char *pattern)
{
	regmatch_t match;
	regex_t regex;
	bool ok;

	must(!regcomp(&regex, pattern, REG_EXTENDED));
	ok = !regexec(&regex, text, 1, &match, 0) && !match.rm_so &&
	     !text[match.rm_eo];
	regfree(&regex);
	return ok;
}

/* Split in place; returns the number of lines. */
static int split(char *text, char **lines, int max)
{
	int n = 0;

	while (*text) {
		must(n < max);
		lines[n++] = text;
		text = strchr(text, '\n');
		must(text);		/* each line has its end */
		*text++ = '\0';
	}
	return n;
}

#define MAX_LINES	4096

/*
 * Names and modes
 */

/*
 * Collects in @names, line by line and sorted, all files below @dir, but for
 * those of caches, which have a test of their own.
 */
static void list_files(const char *dir, const char *below, char *names)
{
	struct dirent **list;
	char path[600];
	struct stat st;
	int i, n;

	snprintf(path, sizeof(path), "%s/%s", dir, below);
	n = scandir(path, &list, NULL, alphasort);
	must(n >= 2);
	for (i = 0; i < n; i++) {
		if (*list[i]->d_name == '.' || !strcmp(list[i]->d_name, "slab"))
			continue;
		snprintf(path, sizeof(path), "%s%s%s", below,
			 *below ? "/" : "", list[i]->d_name);
		must(!stat(path_of(dir, path), &st));
		if (S_ISDIR(st.st_mode))
			list_files(dir, path, names);
		else
			strcat(strcat(names, path), "\n");
		free(list[i]);
	}
	free(list);
}

TEST_F(box, files_are_the_documented_ones)
{
	char want[4096] = "";
	struct stat st;
	size_t d, i;

	for (i = 0; i < NR_FILES; i++)
		strcat(strcat(want, files[i].name), "\n");
	for (d = 0; d < 2; d++) {
		char names[4096] = "";

		list_files(dirs[d], "", names);
		EXPECT_STREQ(want, names);
		for (i = 0; i < NR_FILES; i++) {
			ASSERT_EQ(0, stat(path_of(dirs[d], files[i].name), &st));
			EXPECT_EQ(S_IFREG | files[i].mode, st.st_mode);
			EXPECT_EQ(0, st.st_uid);
		}
	}
}

TEST_F(box, files_take_no_writing)
{
	size_t d, i;
	int fd;

	for (d = 0; d < 2; d++) {
		for (i = 0; i < NR_FILES; i++) {
			fd = open(path_of(dirs[d], files[i].name), O_WRONLY);
			if (fd < 0)
				continue;
			EXPECT_GT(0, write(fd, "1", 1));
			close(fd);
		}
	}
}

TEST_F(box, both_directories_say_the_same)
{
	char *one, *two;
	size_t i;

	populate(self->fd);
	for (i = 0; i < NR_FILES; i++) {
		if (!is_text(files[i].name))
			continue;
		one = slurp(path_of(dirs[0], files[i].name));
		two = slurp(path_of(dirs[1], files[i].name));
		EXPECT_STREQ(one, two);
		/* Nobody has an area here, nor is it noted who has pages. */
		if (strcmp(files[i].name, "vmallocinfo") &&
		    strcmp(files[i].name, "page_owner"))
			EXPECT_NE(0, strlen(one));
		free(one);
		free(two);
	}
	depopulate(self->fd);
}

TEST_F(box, others_read_what_they_may)
{
	size_t i;
	pid_t pid;

	for (i = 0; i < NR_FILES; i++) {
		pid = fork_child();
		if (!pid) {
			must(!setresuid(65534, 65534, 65534));
			int fd = open(path_of(dirs[0], files[i].name), O_RDONLY);
			char byte;

			_exit(fd < 0 ? errno : read(fd, &byte, 1) != 1);
		}
		EXPECT_EQ(files[i].mode & 0004 ? 0 : EACCES, wait_child(pid)) {
			say("%s", files[i].name);
		}
	}
}

TEST_F(box, no_file_has_a_kernel_address)
{
	regmatch_t match;
	regex_t regex;
	size_t i;

	populate(self->fd);
	must(!regcomp(&regex, "(0x|[^0-9a-f])?f{4,}[89a-f][0-9a-f]{6,}",
		      REG_EXTENDED | REG_ICASE));
	for (i = 0; i < NR_FILES; i++) {
		char *text;

		if (!is_text(files[i].name))
			continue;
		text = slurp(path_of(dirs[0], files[i].name));
		EXPECT_NE(0, regexec(&regex, text, 1, &match, 0)) {
			say("%s: %.40s", files[i].name, text + match.rm_so);
		}
		free(text);
	}
	regfree(&regex);
	depopulate(self->fd);
}

/*
 * Formats
 */

static void print_buddyinfo(char *out, const char *text)
{
	struct zone_row rows[MAX_ROWS];
	int i, order, n = parse_buddyinfo(text, rows);

	*out = '\0';
	for (i = 0; i < n; i++) {
		out += sprintf(out, "Node %d, zone %8s ", rows[i].node,
			       rows[i].name);
		for (order = 0; order < NR_ORDERS; order++)
			out += sprintf(out, "%6lu ", rows[i].nr[order]);
		out += sprintf(out, "\n");
	}
}

TEST_F(box, buddyinfo_is_byte_exact)
{
	char *text, out[4096];
	int pass;

	populate(self->fd);
	for (pass = 0; pass < 2; pass++) {
		text = slurp(pass ? "/proc/buddyinfo" : path_of(dirs[0],
								"buddyinfo"));
		print_buddyinfo(out, text);
		EXPECT_STREQ(out, text);
		free(text);
	}
	text = box_file("box0", "buddyinfo");
	EXPECT_TRUE(matches(text, "(Node 0, zone +(DMA|DMA32|Normal) ( *[0-9]+ ){11}\n){3}"));
	free(text);
	depopulate(self->fd);
}

static void print_extfrag(char *out, const char *text, int width)
{
	char zone[16], *end;
	int node, used, order;

	while (sscanf(text, "Node %d, zone %15s%n", &node, zone, &used) == 2) {
		text += used;
		out += sprintf(out, "Node %d, zone %8s ", node, zone);
		for (order = 0; order < NR_ORDERS; order++) {
			double index = strtod(text, &end);

			out += sprintf(out, "%*.3f ", width, index);
			text = end;
		}
		out += sprintf(out, "\n");
		text += strspn(text, " \n");
	}
}

TEST_F(box, extfrag_is_byte_exact)
{
	static const char *const names[] = { "extfrag_index", "unusable_index" };
	static const int width[] = { 6, 5 };
	char out[4096], path[64], *text;
	size_t i, pass;

	populate(self->fd);
	for (i = 0; i < 2; i++) {
		for (pass = 0; pass < 2; pass++) {
			snprintf(path, sizeof(path), "%s/extfrag/%s", pass ?
				 "/sys/kernel/debug" : dirs[0], names[i]);
			if (pass && access(path, F_OK))
				continue;
			text = slurp(path);
			*out = '\0';
			print_extfrag(out, text, width[i]);
			EXPECT_STREQ(out, text);
			free(text);
		}
	}
	depopulate(self->fd);
}

static bool is_among(const char *line, char **lines, int n)
{
	while (n--)
		if (!strcmp(lines[n], line))
			return true;
	return false;
}

/* Are the words @a a part of the words @b, in the same order? */
static bool in_order(char **a, int na, char **b, int nb, const char *but)
{
	int i = 0, j = 0;

	for (; i < na; i++) {
		if (but && !strcmp(a[i], but))
			continue;
		while (j < nb && strcmp(a[i], b[j]))
			j++;
		if (j == nb) {
			say("not there, or not in that place: '%s'", a[i]);
			return false;
		}
	}
	return true;
}

/* Lines of the kernel's that have a format of their own. */
static bool is_special(const char *line)
{
	return !strncmp(line, "Huge", 4) || !strncmp(line, "Hardware", 8) ||
	       !strncmp(line, "DirectMap", 9);
}

/* Print lines "Name:  value kB" again; cut them after the name. */
static void print_meminfo(struct __test_metadata *_metadata, char **lines,
			  int n)
{
	char name[64], out[128];
	unsigned long value;
	int i;

	for (i = 0; i < n; i++) {
		if (!is_special(lines[i])) {
			ASSERT_EQ(2, sscanf(lines[i], "%62[^:]: %lu", name,
					    &value));
			strcat(name, ":");
			snprintf(out, sizeof(out), "%-15s %8lu kB", name,
				 value);
			EXPECT_STREQ(out, lines[i]);
		}
		*strchrnul(lines[i], ':') = '\0';
	}
}

TEST_F(box, meminfo_is_byte_exact)
{
	static char *ours[MAX_LINES], *kernels[MAX_LINES];
	int n, nk;

	populate(self->fd);
	n = split(box_file("box0", "meminfo"), ours, MAX_LINES);
	nk = split(slurp("/proc/meminfo"), kernels, MAX_LINES);
	print_meminfo(_metadata, ours, n);
	print_meminfo(_metadata, kernels, nk);
	EXPECT_TRUE(in_order(ours, n, kernels, nk, NULL));
	EXPECT_STREQ("MemTotal", ours[0]);
	EXPECT_STREQ("MemFree", ours[1]);
	depopulate(self->fd);
}

/* Cut lines "name value" after the name. */
static void print_counters(struct __test_metadata *_metadata, char **lines,
			   int n)
{
	int i;

	for (i = 0; i < n; i++) {
		EXPECT_TRUE(matches(lines[i], "[a-z0-9_]+ [0-9]+")) {
			say("'%s'", lines[i]);
		}
		*strchrnul(lines[i], ' ') = '\0';
	}
}

TEST_F(box, vmstat_has_kernel_counters)
{
	static char *ours[MAX_LINES], *kernels[MAX_LINES];
	int n, nk;

	n = split(box_file("box0", "vmstat"), ours, MAX_LINES);
	nk = split(slurp("/proc/vmstat"), kernels, MAX_LINES);
	print_counters(_metadata, ours, n);
	print_counters(_metadata, kernels, nk);
	EXPECT_LE(6, n);
	if (!is_among("pgfree", kernels, nk))
		SKIP(return, "this kernel counts no events");
	/* The name is the kernel's, but not on every architecture. */
	EXPECT_TRUE(in_order(ours, n, kernels, nk, "pgalloc_high"));
}

TEST_F(box, events_are_the_documented_ones)
{
	static const char *const names[] = {
		"block_split", "block_merge", "alloc_fail", "alloc_fallback",
		"free_refused", "slab_error", "ledger_lost", "steal", "steal_convert", "section_add",
		"section_remove", "object_alloc", "object_free", "object_mmap",
		"fault_one", "fault_batch", "fault_insert", "fault_sigbus",
		"vmap_map", "vmap_unmap", "vmap_refused", "vmap_purge",
		"vmap_shootdown", "vmap_flush_pages", "kmap_wait", "kmap_flush",
	};
	static char *ours[MAX_LINES];
	int n, i;

	n = split(box_file("box0", "events"), ours, MAX_LINES);
	print_counters(_metadata, ours, n);
	ASSERT_EQ(sizeof(names) / sizeof(*names), n);
	for (i = 0; i < n; i++)
		EXPECT_STREQ(names[i], ours[i]);
}

TEST_F(box, version_names_release_and_abi)
{
	char *text = box_file("box0", "version");

	EXPECT_TRUE(matches(text, "mmbox [0-9]+\\.[0-9]+\\.[0-9]+ abi 1\n"));
	free(text);
}

/*
 * zoneinfo
 */

#define STAT	"      [a-z0-9_]+ +[0-9]+\n"
#define MARK(name)	"        " name " +[0-9]+\n"

static const char zone_pattern[] =
	"Node [0-9]+, zone +(DMA|DMA32|Normal|HighMem|Movable|Device)\n"
	"(  per-node stats\n(" STAT ")+)?"
	"  pages free     [0-9]+\n"
	MARK("boost") MARK("min") MARK("low") MARK("high") "(" MARK("promo") ")?"
	MARK("spanned") MARK("present") MARK("managed") MARK("cma")
	"        protection: \\([0-9]+(, [0-9]+)*\\)\n"
	"((" STAT ")+"
	"  pagesets\n"
	"(    cpu: [0-9]+\n"
	"              count: +[0-9]+\n"
	"              high: +[0-9]+\n"
	"              batch: +[0-9]+\n"
	"(              high_min: [0-9]+\n              high_max: [0-9]+\n)?"
	"  vm stats threshold: [0-9]+\n)+"
	"  node_unreclaimable:  [0-9]+\n"
	"  start_pfn:           [0-9]+\n)?";

/* Match each zone's part; returns the number of zones. */
static int check_zones(struct __test_metadata *_metadata, char *text)
{
	int n = 0;

	while (*text) {
		char *next = strstr(text + 1, "\nNode ");

		next = next ? next + 1 : text + strlen(text);
		char *part = strndup(text, next - text);

		EXPECT_TRUE(matches(part, zone_pattern)) {
			say_text("this zone does not match:", part);
		}
		free(part);
		text = next;
		n++;
	}
	return n;
}

/* A line with each number replaced by 9. */
static void digits_to_nine(char *line)
{
	char *to = line;

	for (; *line; line++)
		if (*line < '0' || *line > '9')
			*to++ = *line;
		else if (to[-1] != '9')
			*to++ = '9';
	*to = '\0';
}

TEST_F(box, zoneinfo_has_the_kernels_lines)
{
	static char *ours[MAX_LINES], *kernels[MAX_LINES];
	char *text = box_file("box0", "zoneinfo");
	char *kernel = slurp("/proc/zoneinfo");
	int i, n, nk;

	EXPECT_EQ(5, check_zones(_metadata, text));
	EXPECT_LE(4, check_zones(_metadata, kernel));
	/* Its first populated zone has what is told of the node. */
	EXPECT_EQ(text + strlen("Node 0, zone      DMA\n"),
		  strstr(text, "  per-node stats\n"));

	/* Every line is one of the running kernel's, but for the numbers. */
	nk = split(kernel, kernels, MAX_LINES);
	for (i = 0; i < nk; i++)
		digits_to_nine(kernels[i]);
	n = split(text, ours, MAX_LINES);
	for (i = 0; i < n; i++) {
		if (!strncmp(ours[i], "Node ", 5) || strstr(ours[i], "protection"))
			continue;
		digits_to_nine(ours[i]);
		/* Since 6.2; always there in a box. */
		if (!strcmp(ours[i], "        promo    9"))
			continue;
		EXPECT_TRUE(is_among(ours[i], kernels, nk)) {
			say("line %d is none of the kernel's: '%s'", i + 1,
			    ours[i]);
		}
	}
}

TEST_F(box, zoneinfo_tells_the_zones_size)
{
	unsigned long spanned, present, managed, start, sum = 0, reserved = 0;
	char *text, *at;
	int zones = 0;

	populate(self->fd);
	text = box_file("box0", "zoneinfo");
	for (at = text; (at = strstr(at, "\n        spanned  ")); at++) {
		char *pfn = strstr(at, "start_pfn:           ");

		must(sscanf(at, " spanned %lu present %lu managed %lu",
			    &spanned, &present, &managed) == 3);
		EXPECT_GE(spanned, present);
		EXPECT_GE(present, managed);
		sum += present;
		reserved += present - managed;
		if (!present)
			continue;
		zones++;
		must(pfn && sscanf(pfn, "start_pfn: %lu", &start) == 1);
		EXPECT_NE(0, start);
	}
	EXPECT_EQ(3, zones);
	EXPECT_EQ(256 + 2048 + 4096, sum);
	/* Descriptors of at least 24 bytes a page, at most an eighth of all. */
	EXPECT_LE(6400 * 24 / PAGE, reserved);
	EXPECT_GE(6400 / 8, reserved);
	free(text);
	depopulate(self->fd);
}

/*
 * Agreement
 */

static unsigned long meminfo_pages(const char *name)
{
	char *text = box_file("box0", "meminfo"), *at = strstr(text, name);
	unsigned long kb;

	must(at && sscanf(at + strlen(name), " %lu kB", &kb) == 1);
	free(text);
	return kb / 4;
}

TEST_F(box, files_agree_on_free_pages)
{
	struct zone_row rows[MAX_ROWS];
	unsigned long sum = 0, managed;
	char *text, *at;
	int i, n;

	populate(self->fd);
	n = read_buddyinfo("box0", rows);
	text = box_file("box0", "zoneinfo");
	for (i = 0; i < n; i++) {
		unsigned long nr_free, nr_stat;
		char head[32];

		snprintf(head, sizeof(head), "zone %8s\n", rows[i].name);
		at = strstr(text, head);
		must(at && (at = strstr(at, "pages free ")));
		must(sscanf(at, "pages free %lu", &nr_free) == 1);
		must((at = strstr(at, "nr_free_pages")));
		must(sscanf(at, "nr_free_pages %lu", &nr_stat) == 1);
		EXPECT_EQ(row_pages(&rows[i]), nr_free);
		EXPECT_EQ(row_pages(&rows[i]), nr_stat);
		sum += nr_free;
	}
	EXPECT_EQ(sum, meminfo_pages("MemFree:"));
	EXPECT_EQ(sum, box_counter("box0", "vmstat", "nr_free_pages"));
	managed = 6400 - reserved_pages("box0");
	EXPECT_EQ(managed, meminfo_pages("MemTotal:"));
	/* Three times 1 + 2 + 4 + 8 pages; every second mapped. */
	EXPECT_EQ(managed - 45, sum);
	EXPECT_EQ(30, meminfo_pages("Mapped:"));
	EXPECT_EQ(30, box_counter("box0", "vmstat", "nr_mapped"));
	free(text);
	depopulate(self->fd);
}

/*
 * objects
 */

TEST_F(box, objects_is_byte_exact)
{
	static char *lines[MAX_LINES];
	char zone[16], state[16], comm[64], out[256], *text;
	unsigned int id, order, nr_maps, last = 0, live = 0, freed = 0;
	unsigned long pages;
	int i, n, pid;

	prctl(PR_SET_NAME, "two words");
	populate(self->fd);
	text = box_file("box0", "objects");
	n = split(text, lines, MAX_LINES);
	ASSERT_EQ(13, n);
	EXPECT_STREQ("#       id order    pages     zone variant state   maps      pid comm",
		     lines[0]);
	for (i = 1; i < n; i++) {
		ASSERT_EQ(8, sscanf(lines[i],
				    "%u %u %lu %15s remap %15s %u %d %63[^\n]",
				    &id, &order, &pages, zone, state, &nr_maps,
				    &pid, comm));
		snprintf(out, sizeof(out),
			 "%10u %5u %8lu %8s remap   %-6s %5u %8d %s", id, order,
			 pages, zone, state, nr_maps, pid, comm);
		EXPECT_STREQ(out, lines[i]);
		EXPECT_LT(last, id);
		last = id;
		EXPECT_EQ(1UL << order, pages);
		EXPECT_EQ(getpid(), pid);
		EXPECT_STREQ("two words", comm);
		live += !strcmp(state, "live");
		freed += !strcmp(state, "freed");
		EXPECT_EQ((i - 1) % 2, nr_maps);
	}
	EXPECT_EQ(6, live);
	EXPECT_EQ(3, freed);
	free(text);
	depopulate(self->fd);
}

/* A process may have any name; a line stays a line. */
TEST_F(box, objects_of_oddly_named_process)
{
	static char *lines[MAX_LINES];
	struct mmbox_ioc_alloc alloc;

	prctl(PR_SET_NAME, "a\nb\\c \x01");
	ASSERT_EQ(0, dev_alloc(self->fd, PAGE, 0, 0, &alloc));
	EXPECT_EQ(2, split(box_file("box0", "objects"), lines, MAX_LINES));
	EXPECT_NE(NULL, strstr(lines[1], " a\\012b\\134c "));
}

TEST_HARNESS_MAIN
