// SPDX-License-Identifier: GPL-2.0
/* buddyinfo: "Node 0, zone   Normal " and the free blocks of each order. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libmmbox.h"
#include "parse.h"

/* 2^52 pages are all of a 64-bit address space; sums of less cannot overflow. */
#define MAX_PAGES	(1ULL << 52)

static int parse_line(const char *p, struct mmbox_area *area, unsigned int *nr_orders)
{
	unsigned int n = 0;

	memset(area, 0, sizeof(*area));
	if (!take_text(&p, "Node") || !take_uint(&p, &area->node) ||
	    !take_text(&p, ", zone") || !take_word(&p, area->zone, sizeof(area->zone)))
		return -EBADMSG;
	while (!at_end(p)) {
		if (n == MMBOX_MAX_ORDERS || !take_u64(&p, &area->free[n]) ||
		    area->free[n] > MAX_PAGES >> n)
			return -EBADMSG;
		n++;
	}
	*nr_orders = n;
	return n ? 0 : -EBADMSG;
}

static int add_line(struct mmbox_buddyinfo *bi, const char *line)
{
	unsigned int nr_orders;
	int err;

	err = grow_array((void **)&bi->area, bi->nr, sizeof(*bi->area));
	if (err)
		return err;
	err = parse_line(line, &bi->area[bi->nr], &nr_orders);
	if (err)
		return err;
	if (bi->nr && nr_orders != bi->nr_orders)
		return -EBADMSG;
	bi->nr_orders = nr_orders;
	bi->nr++;
	return 0;
}

int mmbox_buddyinfo_parse(FILE *fp, struct mmbox_buddyinfo *bi)
{
	struct lines l = { .fp = fp };
	int got, err = 0;

	memset(bi, 0, sizeof(*bi));
	while (!err && (got = next_line(&l)))
		err = got < 0 ? got : add_line(bi, l.buf);
	if (!err && !bi->nr)
		err = -EBADMSG;
	if (err)
		mmbox_buddyinfo_release(bi);
	return err;
}

static int parse(FILE *fp, void *to)
{
	return mmbox_buddyinfo_parse(fp, to);
}

int mmbox_buddyinfo_read(const char *box, struct mmbox_buddyinfo *bi)
{
	memset(bi, 0, sizeof(*bi));
	return read_file(box, "buddyinfo", parse, bi);
}

void mmbox_buddyinfo_release(struct mmbox_buddyinfo *bi)
{
	free(bi->area);
	memset(bi, 0, sizeof(*bi));
}

int mmbox_buddyinfo_copy(struct mmbox_buddyinfo *to, const struct mmbox_buddyinfo *from)
{
	*to = *from;
	to->area = copy_array(from->area, from->nr, sizeof(*from->area));
	if (to->area)
		return 0;
	memset(to, 0, sizeof(*to));
	return -ENOMEM;
}

bool mmbox_buddyinfo_equal(const struct mmbox_buddyinfo *a, const struct mmbox_buddyinfo *b)
{
	if (a->nr != b->nr || a->nr_orders != b->nr_orders)
		return false;
	for (size_t i = 0; i < a->nr; i++) {
		const struct mmbox_area *x = &a->area[i], *y = &b->area[i];

		if (x->node != y->node || strcmp(x->zone, y->zone) ||
		    memcmp(x->free, y->free, sizeof(x->free)))
			return false;
	}
	return true;
}

uint64_t mmbox_free_pages(const uint64_t *blocks, unsigned int nr_orders)
{
	uint64_t pages = 0;

	for (unsigned int order = 0; order < nr_orders; order++)
		pages += blocks[order] << order;
	return pages;
}

uint64_t mmbox_area_pages(const struct mmbox_area *area, unsigned int nr_orders)
{
	return mmbox_free_pages(area->free, nr_orders);
}
