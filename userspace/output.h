/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows described once, printed as an aligned table or as JSON. A table is
 * collected before anything of it is printed, so that a failure half way
 * never leaves half an answer, and so that columns fit what is in them.
 */
#ifndef MMBOX_OUTPUT_H
#define MMBOX_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json_object;

enum col_type {
	COL_STR,
	COL_UINT,
	COL_HEX,	/* an unsigned number: text 0x..., JSON a number */
	COL_BOOL,	/* text yes or no */
	COL_UINTS,	/* @nr unsigned numbers, text a column each */
};

enum col_align { ALIGN_AUTO, ALIGN_LEFT, ALIGN_RIGHT };

/**
 * struct column - one column of a row
 * @key:	name in JSON; promised to stay as it is
 * @title:	heading in text, @key if NULL
 * @type:	what the cells hold
 * @unit:	unit of the numbers, for formats that carry one; or NULL
 * @width:	least width in text
 * @align:	numbers are to the right, all else to the left, unless told
 * @nr:		numbers in a COL_UINTS cell, their headings are 0, 1, ...
 * @detail:	only in JSON
 */
struct column {
	const char *key;
	const char *title;
	enum col_type type;
	const char *unit;
	int width;
	enum col_align align;
	unsigned int nr;
	bool detail;
};

struct table;

/* @key names the list of rows in JSON. @columns must outlive the table. */
struct table *table_new(const char *key, const struct column *columns, size_t nr);

/* The next cell; a row is full when each column has one. */
void table_str(struct table *t, const char *s);
void table_uint(struct table *t, uint64_t v);
void table_bool(struct table *t, bool v);
void table_uints(struct table *t, const uint64_t *v);

size_t table_rows(const struct table *t);
void table_print(const struct table *t, FILE *fp);
void table_print_indented(const struct table *t, FILE *fp, int indent);
/* A list with an object a row. */
struct json_object *table_json(const struct table *t);
void table_free(struct table *t);

/*
 * Print the table on standard output and free it. JSON is an object with the
 * box's name (unless NULL) and the rows. Returns the exit status.
 */
int table_finish(struct table *t, const char *box, bool json);

/* JSON string of any bytes: what is no UTF-8 becomes U+FFFD. */
struct json_object *json_text(const char *s);
/* Print on standard output, and put. */
void print_json(struct json_object *obj);

/* A copy for the terminal: control characters and odd bytes as '?'. */
char *safe_text(const char *s);

#endif /* MMBOX_OUTPUT_H */
