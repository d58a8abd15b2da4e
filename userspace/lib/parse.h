/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parsers share, private to the library: lines of bounded length,
 * and "take" functions that move a cursor on only if they find what they want.
 */
#ifndef MMBOX_PARSE_H
#define MMBOX_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* No line of any file is near it: what is longer is not our file. */
#define LINE_LEN	4096

struct lines {
	FILE *fp;
	char buf[LINE_LEN];
};

/*
 * The next line without its newline: 1 there is one, 0 end of file, -EBADMSG
 * a line too long, with a NUL in it, or cut off before its newline.
 */
int next_line(struct lines *l);

/* All of them skip blanks first. */
bool take_text(const char **p, const char *text);
bool take_word(const char **p, char *word, size_t len);
bool take_u64(const char **p, uint64_t *value);
bool take_uint(const char **p, unsigned int *value);
bool at_end(const char *p);

/* "name=value", in words.c: a word, a number, one of 32 bits, one in hex. */
bool take_value(const char **p, const char *name, char *word, size_t len);
bool take_number(const char **p, const char *name, uint64_t *value);
bool take_small(const char **p, const char *name, unsigned int *value);
bool take_hex(const char **p, const char *name, uint64_t *value);

/* "time=12.000345", in microseconds. */
bool take_time(const char **p, uint64_t *us);

/* From "context=" to "comm=". */
struct mmbox_who;
bool take_who(const char **p, struct mmbox_who *who);

/* ": words" to the end of the line. */
bool take_meaning(const char *p, char *text, size_t size);

/* Make room for element @nr of an array that doubles; 0 or -ENOMEM. */
int grow_array(void **array, size_t nr, size_t size);

/* A copy of @nr elements, or NULL. */
void *copy_array(const void *array, size_t nr, size_t size);

struct mmbox_counters;
int counters_add(struct mmbox_counters *c, const char *name, uint64_t value);

/* Open the box's file, hand it to @parse, close it. */
int read_file(const char *box, const char *file, int (*parse)(FILE *fp, void *to), void *to);

#endif /* MMBOX_PARSE_H */
