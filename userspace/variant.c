// SPDX-License-Identifier: GPL-2.0
/*
 * What the ways to map an allocation cost. Each does the same: set up a mapping of
 * some size, touch every page for the first time, touch it again, and take the
 * mapping down. Beside them stands the kernel's shared memory, memfd, page by page
 * and with MAP_POPULATE; its pages are allocated and cleared before, as those of a
 * box are.
 */
#include "variant.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "output.h"

const struct variant variants[NR_VARIANTS] = {
	{ "remap", MMBOX_VARIANT_REMAP, 0 },
	{ "fault", MMBOX_VARIANT_FAULT, 0 },
	{ "batch", MMBOX_VARIANT_BATCH, 0 },
	{ "insert", MMBOX_VARIANT_INSERT, 0 },
	{ "vmalloc", MMBOX_VARIANT_REMAP, MMBOX_ALLOC_VMALLOC },
};

const struct variant *find_variant(const char *name)
{
	for (size_t i = 0; i < NR_VARIANTS; i++) {
		if (!strcmp(variants[i].name, name))
			return &variants[i];
	}
	return NULL;
}

/* What is measured, in the order of the columns. */
enum { SET_UP, FIRST, AGAIN, TAKE_DOWN, NR_TIMES };

/* Of so many rounds the quickest counts: what disturbs only adds. */
#define ROUNDS	5

static const struct column columns[] = {
	{ .key = "variant", .type = COL_STR },
	{ .key = "pages", .type = COL_UINT, .unit = "pages" },
	{ .key = "set_up", .title = "set up", .type = COL_UINT, .unit = "ns" },
	{ .key = "first_touch", .title = "first touch", .type = COL_UINT, .unit = "ns" },
	{ .key = "touch_again", .title = "touch again", .type = COL_UINT, .unit = "ns" },
	{ .key = "take_down", .title = "take down", .type = COL_UINT, .unit = "ns" },
	{ .key = "per_page", .title = "ns per page", .type = COL_UINT, .unit = "ns" },
};

/* Memory that can be mapped piece by piece. */
struct source {
	int fd;
	int flags;		/* of mmap() */
	uint64_t page_size;
	uint64_t size;
	size_t nr;
	struct piece {
		uint64_t offset;
		size_t length;
		uint32_t id;
		void *addr;
	} *piece;
};

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int set_up(struct source *s)
{
	for (size_t i = 0; i < s->nr; i++) {
		struct piece *p = &s->piece[i];

		p->addr = mmap(NULL, p->length, PROT_READ | PROT_WRITE, MAP_SHARED | s->flags,
			       s->fd, (off_t)p->offset);
		if (p->addr == MAP_FAILED) {
			int err = -errno;

			while (i--)
				munmap(s->piece[i].addr, s->piece[i].length);
			return err;
		}
	}
	return 0;
}

static void touch(const struct source *s)
{
	for (size_t i = 0; i < s->nr; i++)
		for (size_t at = 0; at < s->piece[i].length; at += s->page_size)
			((volatile char *)s->piece[i].addr)[at] = 1;
}

static void take_down(const struct source *s)
{
	for (size_t i = 0; i < s->nr; i++)
		munmap(s->piece[i].addr, s->piece[i].length);
}

static int measure(struct source *s, uint64_t *best)
{
	for (int i = 0; i < NR_TIMES; i++)
		best[i] = UINT64_MAX;
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t t[NR_TIMES + 1];
		int err;

		t[SET_UP] = now();
		err = set_up(s);
		if (err)
			return err;
		t[FIRST] = now();
		touch(s);
		t[AGAIN] = now();
		touch(s);
		t[TAKE_DOWN] = now();
		take_down(s);
		t[NR_TIMES] = now();
		for (int i = 0; i < NR_TIMES; i++)
			if (t[i + 1] - t[i] < best[i])
				best[i] = t[i + 1] - t[i];
	}
	return 0;
}

static int add_row(struct table *t, const char *name, struct source *s)
{
	uint64_t times[NR_TIMES], pages = s->size / s->page_size;
	int err = measure(s, times);

	if (err)
		return err;
	table_str(t, name);
	table_uint(t, pages);
	for (int i = 0; i < NR_TIMES; i++)
		table_uint(t, times[i]);
	table_uint(t, (times[SET_UP] + times[FIRST] + times[TAKE_DOWN]) / pages);
	return 0;
}

/* Pages of a box, in pieces no larger than its largest blocks. */
static int measure_variant(struct table *t, int fd, const struct source *shape,
			   const struct variant *v)
{
	struct source s = *shape;
	struct mmbox_ioc_alloc a;
	size_t got = 0;
	int err = 0;

	s.fd = fd;
	for (; got < s.nr; got++) {
		err = mmbox_alloc_as(fd, v->variant, s.piece[got].length, 0, v->flags, &a);
		if (err)
			break;
		s.piece[got].offset = a.mmap_offset;
		s.piece[got].id = a.id;
	}
	if (!err)
		err = add_row(t, v->name, &s);
	while (got--)
		mmbox_free(fd, s.piece[got].id);
	return err;
}

static int measure_memfd(struct table *t, const struct source *shape, const char *name,
			 int flags)
{
	struct source s = *shape;
	uint64_t at = 0;
	int err;

	s.fd = memfd_create("mmbox-compare", MFD_CLOEXEC);
	if (s.fd < 0)
		return -errno;
	/* Allocated and cleared now, and in the same pieces. */
	err = -posix_fallocate(s.fd, 0, (off_t)s.size);
	s.flags = flags;
	for (size_t i = 0; i < s.nr; at += s.piece[i++].length)
		s.piece[i].offset = at;
	if (!err)
		err = add_row(t, name, &s);
	close(s.fd);
	return err;
}

/* @size, rounded up to pages, in pieces that a block can hold. */
static int cut(struct source *s, uint64_t size, unsigned int max_order)
{
	uint64_t most = s->page_size << max_order;

	s->size = (size + s->page_size - 1) & ~(s->page_size - 1);
	s->nr = (s->size + most - 1) / most;
	s->piece = calloc(s->nr, sizeof(*s->piece));
	if (!s->piece)
		return -ENOMEM;
	for (size_t i = 0; i < s->nr; i++)
		s->piece[i].length = i + 1 < s->nr ? most : s->size - i * most;
	return 0;
}

static int measure_all(struct table *t, int fd, const struct source *s, const char **what)
{
	int err;

	for (size_t i = 0; i < NR_VARIANTS; i++) {
		*what = variants[i].name;
		err = measure_variant(t, fd, s, &variants[i]);
		if (err)
			return err;
	}
	*what = "memfd";
	err = measure_memfd(t, s, "memfd", 0);
	return err ?: measure_memfd(t, s, "memfd-populate", MAP_POPULATE);
}

int compare_variants(const struct common *c, int fd, uint64_t size)
{
	struct source s = { 0 };
	const char *what = NULL;
	unsigned int max_order;
	struct table *t;
	int err;

	err = page_geometry(fd, &s.page_size, &max_order);
	if (err)
		return fail(c, err, "Try: mmbox doctor", "cannot ask %s", MMBOX_DEVICE);
	err = cut(&s, size, max_order);
	if (err)
		return fail(c, err, NULL, "cannot map %llu bytes", (unsigned long long)size);
	t = table_new("variants", columns, sizeof(columns) / sizeof(*columns));
	err = measure_all(t, fd, &s, &what);
	free(s.piece);
	if (err) {
		table_free(t);
		return fail(c, err, alloc_hint(fd, err), "cannot map %llu bytes as %s",
			    (unsigned long long)size, what);
	}
	return table_finish(t, c->box, c->json);
}
