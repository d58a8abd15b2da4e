// SPDX-License-Identifier: GPL-2.0
/*
 * refusals, refused_frees and "mmbox why": what a box tells of requests that it
 * could not serve. What must stand there is computed from buddyinfo.
 */
#include <stdint.h>
#include <sys/utsname.h>

#define MMBOX_TEST_SETTINGS	MMBOX_TEST_NO_MARKS

#include "mmbox_test.h"

struct zone_line {
	int node;
	char name[16];
	char reason[16];
	unsigned long free;
	char largest[8];
	char index[16];
	unsigned long pcp;
	unsigned long mark, reserve;
	char text[64];
};

struct record {
	unsigned long nr;
	unsigned int order, gfp;
	char names[128], wait[8], context[16], caller[64], comm[64];
	int node, pid, nr_zones;
	struct zone_line zone[4];
};

static struct record records[64];
static unsigned long total, kept, lost;

static char *next_line(char *line)
{
	line = strchr(line, '\n');
	must(line);
	return line + 1;
}

static void parse_zone(const char *line, struct record *record)
{
	struct zone_line *zone = &record->zone[record->nr_zones++];
	unsigned long nr;

	must(record->nr_zones <= 4);
	must(sscanf(line, "zone %lu node=%d name=%15s reason=%15s free=%lu "
		    "largest=%7s index=%15s pcp=%lu mark=%lu reserve=%lu: "
		    "%63[^\n]", &nr, &zone->node, zone->name, zone->reason,
		    &zone->free, zone->largest, zone->index, &zone->pcp,
		    &zone->mark, &zone->reserve, zone->text) == 11);
	must(nr == record->nr);
}

/* Reads the file into records; returns their number. */
static int parse_refusals(char *text)
{
	int n = 0;
	char *line;

	must(sscanf(text, "# %lu allocations failed; the last %lu are kept; %lu could not be recorded\n",
		    &total, &kept, &lost) == 3);
	for (line = next_line(text); *line; line = next_line(line)) {
		struct record *r = &records[n];
		unsigned long s, us;

		if (!strncmp(line, "zone ", 5)) {
			must(n);
			parse_zone(line, &records[n - 1]);
			continue;
		}
		must(n < 64);
		memset(r, 0, sizeof(*r));
		must(sscanf(line, "alloc %lu time=%lu.%lu order=%u gfp=%x(%127[^)]) wait=%7s node=%d context=%15s caller=%63s pid=%d comm=%63s\n",
			    &r->nr, &s, &us, &r->order, &r->gfp, r->names,
			    r->wait, &r->node, r->context, r->caller, &r->pid,
			    r->comm) == 12);
		n++;
	}
	return n;
}

static int read_refusals(void)
{
	char *text = box_file("box0", "refusals");
	int n = parse_refusals(text);

	free(text);
	return n;
}

/* Thousandths as refusals writes them. */
static void put_index(char *out, const struct zone_row *row, unsigned int order)
{
	unsigned long blocks = 0, suitable = 0;
	long index;
	unsigned int i;

	for (i = 0; i < NR_ORDERS; i++) {
		blocks += row->nr[i];
		suitable += i >= order ? row->nr[i] : 0;
	}
	index = !blocks ? 0 : suitable ? -1000 :
		1000 - (long)((1000 + row_pages(row) * 1000 / (1UL << order)) /
			      blocks);
	sprintf(out, "%s%ld.%03ld", index < 0 ? "-" : "", labs(index) / 1000,
		labs(index) % 1000);
}

/* Does a record agree with buddyinfo, as it is? Reasons: Normal first. */
static int wrong_zones(const struct record *r, const char *const *reasons)
{
	static const char *const order[] = { "Normal", "DMA32", "DMA" };
	struct zone_row rows[MAX_ROWS];
	int n = read_buddyinfo("box0", rows), i, j, wrong = 0;

	if (n != 3 || r->nr_zones != 3)
		return 100;
	for (i = 0; i < 3; i++) {
		const struct zone_line *z = &r->zone[i];
		const struct zone_row *row = &rows[2 - i];
		char index[16], largest[8] = "-";

		put_index(index, row, r->order);
		for (j = 0; j < NR_ORDERS; j++)
			if (row->nr[j])
				sprintf(largest, "%d", j);
		if (strcmp(z->name, order[i]) || strcmp(z->name, row->name) ||
		    strcmp(z->reason, reasons[i]) ||
		    z->free != row_pages(row) || strcmp(z->largest, largest) ||
		    strcmp(z->index, index)) {
			say("%s %s free=%lu largest=%s index=%s", z->name,
			    z->reason, z->free, z->largest, z->index);
			say("expected: %s %s free=%lu largest=%s index=%s",
			    row->name, reasons[i], row_pages(row), largest,
			    index);
			wrong++;
		}
	}
	return wrong;
}

static const char *const blocks[] = { "block", "block", "block" };
static const char *const gfp_then_blocks[] = { "gfp", "block", "block" };
static const char *const orders[] = { "order", "order", "order" };

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

/* All pages allocated, then every second one freed. */
static void fragment(int fd)
{
	unsigned int n = exhaust(fd, 0, ids, 1 << 13), i;

	for (i = 0; i < n; i += 2)
		must(!dev_free(fd, ids[i]));
}

static int test_module(const char *parameters)
{
	return run_test_module("mmbox_test_refusals", parameters);
}

/* Empties the CPUs' lists: a request that fails has them drained. */
static void drain(void)
{
	struct mmbox_ioc_alloc alloc;
	int fd = dev_open_bound("box0");

	while (!dev_alloc(fd, BLOCK(10), 0, 0, &alloc))
		;
	close(fd);
}

/* Lines of the log since @fd was opened or read that have the words. */
static int log_lines(int fd, const char *words)
{
	char buf[4096], *text;
	int n = 0;

	while ((text = kmsg_next(fd, buf, sizeof(buf))))
		n += !!strstr(text, words);
	return n;
}

TEST_F(box, nothing_refused_nothing_told)
{
	EXPECT_EQ(0, read_refusals());
	EXPECT_EQ(0, total);
	EXPECT_EQ(64, kept);
	EXPECT_EQ(0, lost);
}

TEST_F(box, a_request_for_more_than_is_free)
{
	struct mmbox_ioc_alloc alloc;
	struct record *r = records;
	int n;

	prctl(PR_SET_NAME, "hungry");
	n = exhaust(self->fd, 0, ids, 1 << 13);
	EXPECT_EQ(256 + 2048 + 4096 - reserved_pages("box0"), n);
	ASSERT_EQ(1, read_refusals());
	EXPECT_EQ(1, total);
	EXPECT_EQ(1, r->nr);
	EXPECT_EQ(0, r->order);
	EXPECT_STREQ("GFP_USER|__GFP_ZERO", r->names);
	EXPECT_STREQ("yes", r->wait);
	EXPECT_STREQ("task", r->context);
	EXPECT_STREQ("hungry", r->comm);
	EXPECT_EQ(getpid(), r->pid);
	EXPECT_EQ(0, strncmp(r->caller, "mmbox_object_alloc", 18)) {
		say("caller %s", r->caller);
	}
	EXPECT_EQ(0, wrong_zones(r, blocks));
	EXPECT_STREQ("-", r->zone[0].largest);
	EXPECT_STREQ("no free block is large enough", r->zone[0].text);

	/* One for DMA32 may not use Normal, and that is told as well. */
	ASSERT_EQ(-ENOMEM, dev_alloc(self->fd, BLOCK(3), MMBOX_GFP_DMA32, 0,
				     &alloc));
	ASSERT_EQ(2, read_refusals());
	EXPECT_EQ(3, records[1].order);
	EXPECT_EQ(0, wrong_zones(&records[1], gfp_then_blocks));
	EXPECT_EQ(box_counter("box0", "events", "alloc_fail"), total);
}

/* Half of the box is free, and not two pages of it side by side. */
TEST_F(box, a_zone_in_pieces)
{
	struct mmbox_ioc_alloc alloc;
	char out[2048], want[256];
	FILE *why;

	fragment(self->fd);
	ASSERT_EQ((6400 - reserved_pages("box0") + 1) / 2, free_pages("box0"));
	prctl(PR_SET_NAME, "clumsy");
	ASSERT_EQ(-ENOMEM, dev_alloc(self->fd, BLOCK(5), 0, 0, &alloc));
	ASSERT_EQ(2, read_refusals());
	EXPECT_EQ(5, records[1].order);
	EXPECT_EQ(0, wrong_zones(&records[1], blocks));
	EXPECT_STREQ("0", records[1].zone[0].largest);
	/* 1000 - (1000 + 1000 * n / 32) / n, for n of some 2000. */
	EXPECT_STREQ("0.969", records[1].zone[0].index);

	/* The same to read for people. */
	why = popen("mmbox why | tr -s ' \\n' ' '", "r");
	ASSERT_NE(NULL, why);
	out[fread(out, 1, sizeof(out) - 1, why)] = '\0';
	EXPECT_EQ(0, pclose(why));
	EXPECT_NE(NULL, strstr(out, "Order 5 (128 kB) with GFP_USER|__GFP_ZERO "
			       "could not be served"));
	EXPECT_NE(NULL, strstr(out, "for clumsy ("));
	sprintf(want, "Zone Normal has %lu free pages, but the largest free "
		"block is of order 0 (fragmentation index 0.969: free memory "
		"is there, in pieces)", records[1].zone[0].free);
	EXPECT_NE(NULL, strstr(out, want));
	if (!strstr(out, "in pieces"))
		say_text("mmbox why:", out);
}

/*
 * Other contexts, through a module
 */

TEST_F(box, requests_from_interrupts)
{
	static const char *const contexts[] = { "task", "softirq", "hardirq" };
	char parameters[64];
	struct utsname uts;
	int i, nr = 3;

	/* No lock of a zone may be taken in an interrupt there. */
	must(!uname(&uts));
	if (strstr(uts.version, "PREEMPT_RT"))
		nr = 2;
	exhaust(self->fd, 0, ids, 1 << 13);
	for (i = 0; i < nr; i++) {
		snprintf(parameters, sizeof(parameters),
			 "order=2 gfp=atomic context=%s", contexts[i]);
		ASSERT_EQ(0, test_module(parameters));
		ASSERT_EQ(2 + i, read_refusals());
		EXPECT_STREQ(contexts[i], records[1 + i].context);
		EXPECT_STREQ("GFP_ATOMIC", records[1 + i].names);
		EXPECT_STREQ("no", records[1 + i].wait);
		EXPECT_EQ(0, wrong_zones(&records[1 + i], blocks));
		/* Its module has gone, and no address stands in for it. */
		EXPECT_STREQ("?", records[1 + i].caller);
	}
}

/* A request that must not wait finds pages on lists, one that may does not. */
TEST_F(box, pages_on_lists_of_cpus)
{
	struct mmbox_ioc_alloc alloc;
	char *text, *at;
	unsigned long count, sum = 0;

	/* Too large a block for what is left, but for single pages. */
	while (!dev_alloc(self->fd, BLOCK(3), 0, 0, &alloc))
		;
	ASSERT_EQ(0, dev_free(self->fd, 1));
	ASSERT_EQ(0, test_module("order=9 gfp=atomic warm=1"));
	ASSERT_EQ(2, read_refusals());
	text = box_file("box0", "zoneinfo");
	for (at = text; (at = strstr(at, "count: ")); at++) {
		must(sscanf(at, "count: %lu", &count) == 1);
		sum += count;
	}
	free(text);
	EXPECT_LT(0, sum);
	EXPECT_EQ(sum, records[1].zone[0].pcp + records[1].zone[1].pcp +
		  records[1].zone[2].pcp);
	ASSERT_EQ(0, test_module("order=9 gfp=kernel"));
	ASSERT_EQ(3, read_refusals());
	EXPECT_EQ(0, records[2].zone[0].pcp + records[2].zone[1].pcp +
		  records[2].zone[2].pcp);
	/* Nothing that can be served: no such order. */
	ASSERT_EQ(0, test_module("order=11"));
	ASSERT_EQ(4, read_refusals());
	EXPECT_EQ(11, records[3].order);
	EXPECT_STREQ("no block is ever of that order", records[3].zone[0].text);
	EXPECT_STREQ(orders[0], records[3].zone[0].reason);
}

TEST_F(box, one_line_in_the_log_for_many)
{
	int log = kmsg_open();

	ASSERT_EQ(0, test_module("order=11 gfp=nowarn count=20"));
	EXPECT_EQ(0, log_lines(log, "no block of order"));
	ASSERT_EQ(0, test_module("order=11 gfp=kernel count=20"));
	EXPECT_EQ(1, log_lines(log, "box0: no block of order 11 for "));
	ASSERT_EQ(0, test_module("order=11 gfp=atomic count=20"));
	EXPECT_EQ(0, log_lines(log, "no block of order"));
	ASSERT_EQ(60, read_refusals());
	EXPECT_STREQ("GFP_KERNEL|__GFP_NOWARN", records[0].names);
	EXPECT_STREQ("GFP_KERNEL", records[20].names);
	close(log);
}

TEST_F(box, the_last_are_kept)
{
	int i, n;

	ASSERT_EQ(0, test_module("order=11 gfp=nowarn count=200"));
	n = read_refusals();
	ASSERT_EQ(64, n);
	EXPECT_EQ(200, total);
	EXPECT_EQ(0, lost);
	for (i = 0; i < n; i++)
		EXPECT_EQ(137 + i, records[i].nr);
}

/* A process may have any name; words stay words. */
TEST_F(box, refusals_of_oddly_named_process)
{
	struct mmbox_ioc_alloc alloc;

	exhaust(self->fd, 0, ids, 1 << 13);
	prctl(PR_SET_NAME, "a\nb\\c: x=1");
	ASSERT_EQ(-ENOMEM, dev_alloc(self->fd, PAGE, 0, 0, &alloc));
	ASSERT_EQ(2, read_refusals());
	EXPECT_STREQ("a\\012b\\134c\\072\\040x=1", records[1].comm);
}

/*
 * Reading while others fail: each record is one writer's, whole.
 */

static void fail_all_the_time(unsigned int order, const int *stop)
{
	struct mmbox_ioc_alloc alloc;
	int fd = dev_open_bound("box0");
	char name[16];

	snprintf(name, sizeof(name), "order%u", order);
	prctl(PR_SET_NAME, name);
	while (!__atomic_load_n(stop, __ATOMIC_RELAXED))
		must(dev_alloc(fd, BLOCK(order), 0, 0, &alloc) == -ENOMEM);
	_exit(0);
}

TEST_F(box, records_are_whole_while_others_fail)
{
	int *stop = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char name[16], index[2][16];
	struct zone_row rows[MAX_ROWS];
	unsigned long seen = 0, last = 0;
	int i, n, round;
	pid_t pids[2];

	ASSERT_NE(MAP_FAILED, stop);
	fragment(self->fd);
	read_buddyinfo("box0", rows);
	for (i = 0; i < 2; i++) {
		put_index(index[i], &rows[2], 5 + i);
		pids[i] = fork_child();
		if (!pids[i])
			fail_all_the_time(5 + i, stop);
	}
	for (round = 0; round < 300; round++) {
		n = read_refusals();
		for (i = 0; i < n; i++) {
			const struct record *r = &records[i];

			if (!r->order)	/* of fragment() */
				continue;
			snprintf(name, sizeof(name), "order%u", r->order);
			ASSERT_STREQ(name, r->comm);
			ASSERT_EQ(pids[r->order - 5], r->pid);
			ASSERT_EQ(3, r->nr_zones);
			ASSERT_STREQ(index[r->order - 5], r->zone[0].index);
			seen++;
		}
		ASSERT_LE(last, total);
		last = total;
	}
	__atomic_store_n(stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, wait_child(pids[i]));
	say("%lu records read, %lu requests failed, %lu not recorded", seen,
	    total, lost);
	EXPECT_LT(1000, total);
	EXPECT_LT(1000, seen);
}

/*
 * Wrong frees
 */

struct free_line {
	unsigned long nr, count, pfn;
	unsigned int order;
	char reason[16], context[16], caller[64], comm[64], text[64];
	int pid;
};

/* Reads a line, and goes on to the next one. */
static void parse_free(char **line, struct free_line *f)
{
	must(sscanf(*line, "free %lu time=%*u.%*u count=%lu pfn=%lx order=%u reason=%15s context=%15s caller=%63s pid=%d comm=%63[^:]: %63[^\n]",
		    &f->nr, &f->count, &f->pfn, &f->order, f->reason,
		    f->context, f->caller, &f->pid, f->comm, f->text) == 10);
	*line = next_line(*line);
}

TEST_F(box, wrong_frees_are_told)
{
	char *file = box_file("box0", "refused_frees"), *line;
	struct free_line f[4];
	int i;

	EXPECT_STREQ("# 0 frees were refused; the last 32 kinds are kept\n",
		     file);
	free(file);

	prctl(PR_SET_NAME, "careless");
	ASSERT_EQ(0, test_module("wrong=order order=2 count=3"));
	ASSERT_EQ(0, test_module("wrong=inside order=1 count=2"));
	ASSERT_EQ(0, test_module("wrong=twice order=6"));
	file = box_file("box0", "refused_frees");
	EXPECT_EQ(0, strncmp(file, "# 6 frees were refused;", 23));
	EXPECT_EQ(6, box_counter("box0", "events", "free_refused"));
	line = next_line(file);
	for (i = 0; i < 4; i++) {
		parse_free(&line, &f[i]);
		EXPECT_EQ(i + 1, f[i].nr);
		EXPECT_EQ(i ? 1 : 3, f[i].count);
		EXPECT_EQ(getpid(), f[i].pid);
		EXPECT_STREQ("careless", f[i].comm);
		EXPECT_STREQ("task", f[i].context);
		EXPECT_STREQ("?", f[i].caller);
	}
	EXPECT_EQ('\0', *line);
	free(file);

	/* The block has one order more, and begins at a multiple of that. */
	EXPECT_EQ(2, f[0].order);
	EXPECT_EQ(0, f[0].pfn % 8);
	EXPECT_STREQ("order", f[0].reason);
	EXPECT_STREQ("it was allocated with another order", f[0].text);
	EXPECT_EQ(1, f[1].order);
	EXPECT_EQ(1, f[1].pfn % 4);
	EXPECT_EQ(f[1].pfn + 1, f[2].pfn);
	EXPECT_STREQ("inside", f[1].reason);
	EXPECT_STREQ("it is not the first page of an allocated block",
		     f[2].text);
	EXPECT_EQ(7, f[3].order);
	EXPECT_STREQ("free", f[3].reason);
	EXPECT_STREQ("it is already free", f[3].text);
	drain();
}

TEST_F(box, the_last_wrong_frees_are_kept)
{
	unsigned long nr, first = 0, n = 0;
	char *file, *line;

	ASSERT_EQ(0, test_module("wrong=inside order=1 count=100"));
	file = box_file("box0", "refused_frees");
	EXPECT_EQ(0, strncmp(file, "# 100 frees were refused;", 25));
	for (line = next_line(file); *line; line = next_line(line)) {
		must(sscanf(line, "free %lu ", &nr) == 1);
		first = first ?: nr;
		EXPECT_EQ(first + n, nr);
		n++;
	}
	EXPECT_EQ(32, n);
	EXPECT_EQ(69, first);
	free(file);
	drain();
}

TEST_HARNESS_MAIN
