// SPDX-License-Identifier: GPL-2.0
/* Free blocks by order as text, with what changed marked. */
#include <stdlib.h>
#include <string.h>

#include "term.h"
#include "tour.h"

#define INDENT	"    "

static bool same_area(const struct mmbox_area *a, const struct mmbox_area *b)
{
	return !memcmp(a->free, b->free, sizeof(a->free));
}

/* Whether a zone's rows are worth a look. */
static bool is_shown(const struct buddy_view *views, size_t nr, size_t zone, size_t area)
{
	if (zone == area)
		return true;
	for (size_t i = 1; i < nr; i++) {
		if (!same_area(&views[0].buddy->area[zone], &views[i].buddy->area[zone]))
			return true;
	}
	return nr == 1;
}

/* Zones of a box on several nodes need their node to be told apart. */
static int zone_label(const struct mmbox_buddyinfo *bi, size_t zone, char *buf, size_t len)
{
	bool nodes = bi->area[0].node != bi->area[bi->nr - 1].node;
	char *name = safe_text(bi->area[zone].zone);
	int n;

	if (nodes)
		n = snprintf(buf, len, "%s/%u", name, bi->area[zone].node);
	else
		n = snprintf(buf, len, "%s", name);
	free(name);
	return n;
}

static int number_width(const struct buddy_view *views, size_t nr)
{
	char buf[24];
	int width = 4, n;

	for (size_t i = 0; i < nr; i++) {
		const struct mmbox_buddyinfo *bi = views[i].buddy;

		for (size_t zone = 0; zone < bi->nr; zone++) {
			for (unsigned int o = 0; o < bi->nr_orders; o++) {
				n = snprintf(buf, sizeof(buf), "%llu",
					     (unsigned long long)bi->area[zone].free[o]);
				if (n > width)
					width = n;
			}
		}
	}
	return width;
}

static void print_numbers(FILE *fp, const struct mmbox_area *area, const struct mmbox_area *first,
			  unsigned int nr_orders, int width, bool colour)
{
	for (unsigned int o = 0; o < nr_orders; o++) {
		bool mark = area->free[o] != first->free[o];

		fprintf(fp, "%s %*llu%s", term_colour(colour && mark, BOLD), width,
			(unsigned long long)area->free[o], term_colour(colour && mark, PLAIN));
	}
	fputc('\n', fp);
}

static void print_change(FILE *fp, const struct mmbox_area *from, const struct mmbox_area *to,
			 unsigned int nr_orders, int width, bool colour)
{
	char buf[32];
	int owed = 0;

	for (unsigned int o = 0; o < nr_orders; o++) {
		bool more = to->free[o] > from->free[o];

		if (to->free[o] == from->free[o]) {
			owed += width + 1;
			continue;
		}
		snprintf(buf, sizeof(buf), "%c%llu", more ? '+' : '-',
			 (unsigned long long)(more ? to->free[o] - from->free[o] :
					      from->free[o] - to->free[o]));
		fprintf(fp, "%*s%s %*s%s", owed, "", term_colour(colour, more ? GREEN : RED),
			width, buf, term_colour(colour, PLAIN));
		owed = 0;
	}
	fputc('\n', fp);
}

static void print_zone(FILE *fp, const struct buddy_view *views, size_t nr, size_t zone,
		       int zone_width, int width, bool colour)
{
	const struct mmbox_area *first = &views[0].buddy->area[zone];
	unsigned int nr_orders = views[0].buddy->nr_orders;
	char label[MMBOX_ZONE_LEN + 16];

	zone_label(views[0].buddy, zone, label, sizeof(label));
	for (size_t i = 0; i < nr; i++) {
		fprintf(fp, INDENT "%-*s %-9s", zone_width, i ? "" : label, views[i].label);
		print_numbers(fp, &views[i].buddy->area[zone], first, nr_orders, width, colour);
	}
	if (nr < 2)
		return;
	fprintf(fp, INDENT "%-*s %-9s", zone_width, "", "change");
	if (same_area(first, &views[1].buddy->area[zone]))
		fprintf(fp, " %*s\n", width, "none");
	else
		print_change(fp, first, &views[1].buddy->area[zone], nr_orders, width, colour);
}

static void print_unchanged(FILE *fp, const struct buddy_view *views, size_t nr, size_t area)
{
	const struct mmbox_buddyinfo *bi = views[0].buddy;
	char label[MMBOX_ZONE_LEN + 16];
	size_t unchanged = 0;

	for (size_t zone = 0; zone < bi->nr; zone++) {
		if (is_shown(views, nr, zone, area))
			continue;
		zone_label(bi, zone, label, sizeof(label));
		fprintf(fp, "%s%s", unchanged++ ? ", " : INDENT, label);
	}
	if (unchanged)
		fprintf(fp, ": unchanged\n");
}

void buddy_print(FILE *fp, const struct buddy_view *views, size_t nr, size_t area, bool colour)
{
	const struct mmbox_buddyinfo *bi = views[0].buddy;
	int width = number_width(views, nr), zone_width = 6, n;
	char label[MMBOX_ZONE_LEN + 16];
	size_t changed = 0;

	for (size_t zone = 0; zone < bi->nr; zone++) {
		changed += is_shown(views, nr, zone, area);
		n = zone_label(bi, zone, label, sizeof(label));
		if (n > zone_width)
			zone_width = n;
	}
	if (changed) {
		fprintf(fp, "%s" INDENT "%-*s %-9s", term_colour(colour, DIM), zone_width,
			"zone", "order");
		for (unsigned int o = 0; o < bi->nr_orders; o++)
			fprintf(fp, " %*u", width, o);
		fprintf(fp, "%s\n", term_colour(colour, PLAIN));
	}
	for (size_t zone = 0; zone < bi->nr; zone++) {
		if (is_shown(views, nr, zone, area))
			print_zone(fp, views, nr, zone, zone_width, width, colour);
	}
	print_unchanged(fp, views, nr, area);
}
