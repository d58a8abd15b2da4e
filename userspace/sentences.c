// SPDX-License-Identifier: GPL-2.0
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"
#include "sentences.h"
#include "term.h"

char *text(const char *fmt, ...)
{
	char *sentence;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&sentence, fmt, ap);
	va_end(ap);
	if (n < 0) {
		fputs("mmbox: out of memory\n", stderr);
		exit(EXIT_FAILED);
	}
	return sentence;
}

const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

char *block_size(unsigned int order)
{
	uint64_t kb = (uint64_t)sysconf(_SC_PAGESIZE) / 1024;

	/* A request may name any order, and what overflows has no size. */
	return order < MMBOX_MAX_ORDERS ? text(" (%llu kB)", (unsigned long long)kb << order) :
					  text("%s", "");
}

char *who_text(const struct mmbox_who *who)
{
	char *comm = safe_text(who->comm), *caller = safe_text(who->caller), *s;
	bool task = !strcmp(who->context, "task");

	s = text("%s%s (pid %u), %llu.%06llu s after boot%s%s",
		 task ? "for " : !strcmp(who->context, "softirq") ?
		 "in a soft interrupt that met " : "in an interrupt that met ",
		 *comm ? comm : "a process without a name", who->pid,
		 (unsigned long long)who->time_us / 1000000,
		 (unsigned long long)who->time_us % 1000000,
		 strcmp(caller, "?") ? ", called from " : ", by a caller that has gone",
		 strcmp(caller, "?") ? caller : "");
	free(caller);
	free(comm);
	return s;
}

void say(int indent, char *sentence)
{
	if (sentence)
		term_wrap(stdout, term_width(stdout), indent, sentence);
	free(sentence);
}

size_t first_of(size_t nr, uint64_t last)
{
	return last < nr ? nr - (size_t)last : 0;
}

void add_u64(struct json_object *obj, const char *key, uint64_t value)
{
	json_object_object_add(obj, key, json_object_new_uint64(value));
}

void add_text(struct json_object *obj, const char *key, const char *value)
{
	json_object_object_add(obj, key, json_text(value));
}

void add_who(struct json_object *obj, const struct mmbox_who *who)
{
	add_u64(obj, "time_us", who->time_us);
	add_text(obj, "context", who->context);
	add_text(obj, "caller", who->caller);
	add_u64(obj, "pid", who->pid);
	add_text(obj, "comm", who->comm);
}

void add_sentence(struct json_object *obj, char *sentence)
{
	add_text(obj, "text", sentence);
	free(sentence);
}
