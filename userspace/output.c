// SPDX-License-Identifier: GPL-2.0
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

struct cell {
	char *text;		/* COL_STR */
	uint64_t value;
	uint64_t *values;	/* COL_UINTS */
};

struct table {
	const char *key;
	const struct column *columns;
	size_t nr_columns;
	struct cell *cells;
	size_t nr_cells;
};

/* A tool that cannot have a few kilobytes has nothing better to do. */
static void *must(void *p)
{
	if (!p) {
		fputs("mmbox: out of memory\n", stderr);
		exit(1);
	}
	return p;
}

struct table *table_new(const char *key, const struct column *columns, size_t nr)
{
	struct table *t = must(calloc(1, sizeof(*t)));

	t->key = key;
	t->columns = columns;
	t->nr_columns = nr;
	return t;
}

static struct cell *next_cell(struct table *t)
{
	/* One row at a time. */
	if (t->nr_cells % t->nr_columns == 0)
		t->cells = must(reallocarray(t->cells, t->nr_cells + t->nr_columns,
					     sizeof(*t->cells)));
	memset(&t->cells[t->nr_cells], 0, sizeof(*t->cells));
	return &t->cells[t->nr_cells++];
}

static const struct column *column_of(const struct table *t, size_t cell)
{
	return &t->columns[cell % t->nr_columns];
}

void table_str(struct table *t, const char *s)
{
	next_cell(t)->text = must(strdup(s));
}

void table_uint(struct table *t, uint64_t v)
{
	next_cell(t)->value = v;
}

void table_bool(struct table *t, bool v)
{
	next_cell(t)->value = v;
}

void table_uints(struct table *t, const uint64_t *v)
{
	unsigned int nr = column_of(t, t->nr_cells)->nr;
	struct cell *c = next_cell(t);

	c->values = must(calloc(nr ? nr : 1, sizeof(*v)));
	memcpy(c->values, v, nr * sizeof(*v));
}

size_t table_rows(const struct table *t)
{
	return t->nr_cells / t->nr_columns;
}

void table_free(struct table *t)
{
	for (size_t i = 0; i < t->nr_cells; i++) {
		free(t->cells[i].text);
		free(t->cells[i].values);
	}
	free(t->cells);
	free(t);
}

/* Length of a UTF-8 sequence at @s, 0 if it is not one. */
static size_t utf8_len(const unsigned char *s)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t code;
	size_t n;

	if (*s < 0x80)
		return 1;
	n = *s >= 0xf0 ? 4 : *s >= 0xe0 ? 3 : 2;
	if (*s < 0xc2 || *s > 0xf4)
		return 0;
	code = *s & (0xff >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	return n;
}

struct json_object *json_text(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	char *clean = must(malloc(strlen(s) * 3 + 1));
	struct json_object *obj;
	size_t len = 0, n;

	while (*p) {
		n = utf8_len(p);
		if (n) {
			memcpy(clean + len, p, n);
			len += n;
			p += n;
		} else {
			memcpy(clean + len, "\xef\xbf\xbd", 3);
			len += 3;
			p++;
		}
	}
	obj = json_object_new_string_len(clean, (int)len);
	free(clean);
	return obj;
}

char *safe_text(const char *s)
{
	char *safe = must(strdup(s));

	for (char *p = safe; *p; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
	return safe;
}

static void put_title(const struct column *col, unsigned int i, char *buf, size_t len)
{
	if (col->type == COL_UINTS)
		snprintf(buf, len, "%u", i);
	else
		snprintf(buf, len, "%s", col->title ?: col->key);
}

static void put_cell(const struct column *col, const struct cell *c, unsigned int i,
		     char *buf, size_t len)
{
	char *safe;

	switch (col->type) {
	case COL_STR:
		safe = safe_text(c->text);
		snprintf(buf, len, "%s", safe);
		free(safe);
		break;
	case COL_UINT:
		snprintf(buf, len, "%llu", (unsigned long long)c->value);
		break;
	case COL_HEX:
		snprintf(buf, len, "0x%llx", (unsigned long long)c->value);
		break;
	case COL_BOOL:
		snprintf(buf, len, "%s", c->value ? "yes" : "no");
		break;
	case COL_UINTS:
		snprintf(buf, len, "%llu", (unsigned long long)c->values[i]);
		break;
	}
}

#define CELL_LEN	512

static int column_width(const struct table *t, size_t col, unsigned int i)
{
	const struct column *c = &t->columns[col];
	char buf[CELL_LEN];
	int width;

	put_title(c, i, buf, sizeof(buf));
	width = (int)strlen(buf);
	if (c->width > width)
		width = c->width;
	for (size_t cell = col; cell < t->nr_cells; cell += t->nr_columns) {
		put_cell(c, &t->cells[cell], i, buf, sizeof(buf));
		if ((int)strlen(buf) > width)
			width = (int)strlen(buf);
	}
	return width;
}

static bool to_the_right(const struct column *c)
{
	if (c->align != ALIGN_AUTO)
		return c->align == ALIGN_RIGHT;
	return c->type == COL_UINT || c->type == COL_HEX || c->type == COL_UINTS;
}

/* One line of text: @row < 0 is the headings. */
static void print_row(const struct table *t, FILE *fp, long row, const int *widths, int indent)
{
	size_t blanks = (size_t)indent;
	bool first = true;

	for (size_t col = 0; col < t->nr_columns; col++) {
		const struct column *c = &t->columns[col];
		unsigned int nr = c->type == COL_UINTS ? c->nr : 1;

		if (c->detail)
			continue;
		for (unsigned int i = 0; i < nr; i++, first = false) {
			char buf[CELL_LEN];
			int pad;

			if (row < 0)
				put_title(c, i, buf, sizeof(buf));
			else
				put_cell(c, &t->cells[(size_t)row * t->nr_columns + col], i,
					 buf, sizeof(buf));
			pad = *widths++ - (int)strlen(buf);
			/* Blanks are owed until there is text: no line ends in one. */
			blanks += (first ? 0 : 2) + (to_the_right(c) ? (size_t)pad : 0);
			if (*buf) {
				fprintf(fp, "%*s%s", (int)blanks, "", buf);
				blanks = 0;
			}
			blanks += to_the_right(c) ? 0 : (size_t)pad;
		}
	}
	fputc('\n', fp);
}

void table_print(const struct table *t, FILE *fp)
{
	table_print_indented(t, fp, 0);
}

void table_print_indented(const struct table *t, FILE *fp, int indent)
{
	size_t nr = 0;
	int *widths;

	for (size_t col = 0; col < t->nr_columns; col++)
		nr += t->columns[col].type == COL_UINTS ? t->columns[col].nr : 1;
	widths = must(calloc(nr + 1, sizeof(*widths)));
	nr = 0;
	for (size_t col = 0; col < t->nr_columns; col++) {
		const struct column *c = &t->columns[col];

		for (unsigned int i = 0; i < (c->type == COL_UINTS ? c->nr : 1); i++) {
			if (!c->detail)
				widths[nr++] = column_width(t, col, i);
		}
	}
	print_row(t, fp, -1, widths, indent);
	for (size_t row = 0; row < table_rows(t); row++)
		print_row(t, fp, (long)row, widths, indent);
	free(widths);
}

static struct json_object *cell_json(const struct column *col, const struct cell *c)
{
	struct json_object *list;

	switch (col->type) {
	case COL_STR:
		return json_text(c->text);
	case COL_BOOL:
		return json_object_new_boolean(c->value != 0);
	case COL_UINTS:
		list = json_object_new_array();
		for (unsigned int i = 0; i < col->nr; i++)
			json_object_array_add(list, json_object_new_uint64(c->values[i]));
		return list;
	default:
		return json_object_new_uint64(c->value);
	}
}

struct json_object *table_json(const struct table *t)
{
	struct json_object *list = json_object_new_array();

	for (size_t row = 0; row < table_rows(t); row++) {
		struct json_object *obj = json_object_new_object();

		for (size_t col = 0; col < t->nr_columns; col++)
			json_object_object_add(obj, t->columns[col].key,
					       cell_json(&t->columns[col],
							 &t->cells[row * t->nr_columns + col]));
		json_object_array_add(list, obj);
	}
	return list;
}

void print_json(struct json_object *obj)
{
	fputs(json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PRETTY |
					     JSON_C_TO_STRING_SPACED |
					     JSON_C_TO_STRING_NOSLASHESCAPE), stdout);
	putchar('\n');
	json_object_put(obj);
}

int table_finish(struct table *t, const char *box, bool json)
{
	struct json_object *top;

	if (json) {
		top = json_object_new_object();
		if (box)
			json_object_object_add(top, "box", json_text(box));
		json_object_object_add(top, t->key, table_json(t));
		print_json(top);
	} else {
		table_print(t, stdout);
	}
	table_free(t);
	return 0;
}
