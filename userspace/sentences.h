/* SPDX-License-Identifier: GPL-2.0 */
/* What commands that explain in whole sentences share. */
#ifndef MMBOX_SENTENCES_H
#define MMBOX_SENTENCES_H

#include <stddef.h>
#include <stdint.h>

#include "lib/libmmbox.h"

struct json_object;

/* As asprintf(), but ends the program where there is no memory. */
char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "s" unless @n is 1. */
const char *plural(uint64_t n);

/* " (32 kB)", or nothing for an order so large that it has no size. */
char *block_size(unsigned int order);

/* "for cat (pid 7), 12.000345 s after boot, called from f" */
char *who_text(const struct mmbox_who *who);

/* Print a sentence, or nothing for NULL, on lines of its own, and free it. */
void say(int indent, char *sentence);

/* Index of the first of the last @last of @nr. */
size_t first_of(size_t nr, uint64_t last);

/* The same for JSON; add_sentence() frees it. */
void add_u64(struct json_object *obj, const char *key, uint64_t value);
void add_text(struct json_object *obj, const char *key, const char *value);
void add_who(struct json_object *obj, const struct mmbox_who *who);
void add_sentence(struct json_object *obj, char *sentence);

#endif /* MMBOX_SENTENCES_H */
