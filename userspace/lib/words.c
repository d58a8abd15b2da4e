// SPDX-License-Identifier: GPL-2.0
/* Words "name=value", which the files of mmbox's own consist of. */
#include <ctype.h>
#include <string.h>

#include "libmmbox.h"
#include "parse.h"

bool take_value(const char **p, const char *name, char *word, size_t len)
{
	const char *s = *p;

	if (!take_text(&s, name) || *s++ != '=' || *s == ' ' || !take_word(&s, word, len))
		return false;
	*p = s;
	return true;
}

bool take_number(const char **p, const char *name, uint64_t *value)
{
	const char *s = *p;

	if (!take_text(&s, name) || *s++ != '=' || !take_u64(&s, value))
		return false;
	*p = s;
	return true;
}

bool take_small(const char **p, const char *name, unsigned int *value)
{
	const char *s = *p;
	uint64_t v;

	if (!take_number(&s, name, &v) || v > UINT32_MAX)
		return false;
	*value = (unsigned int)v;
	*p = s;
	return true;
}

bool take_hex(const char **p, const char *name, uint64_t *value)
{
	const char *s = *p;
	uint64_t v = 0;
	int digits;

	if (!take_text(&s, name) || strncmp(s, "=0x", 3))
		return false;
	s += 3;
	for (digits = 0; isxdigit((unsigned char)*s); s++, digits++)
		v = v << 4 | (uint64_t)(isdigit((unsigned char)*s) ? *s - '0' :
					(*s | 0x20) - 'a' + 10);
	if (!digits || digits > 16)
		return false;
	*value = v;
	*p = s;
	return true;
}

bool take_time(const char **p, uint64_t *us)
{
	const char *s = *p, *dot;
	uint64_t seconds, rest;

	if (!take_number(&s, "time", &seconds) || *s != '.' || seconds > UINT64_MAX / 2000000)
		return false;
	dot = ++s;
	if (!isdigit((unsigned char)*s) || !take_u64(&s, &rest) || s - dot != 6)
		return false;
	*us = seconds * 1000000 + rest;
	*p = s;
	return true;
}

/* Octal escapes, which keep a name one word, are undone. */
static bool unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text != '\\') {
			*to++ = *text;
			continue;
		}
		for (int i = 1; i <= 3; i++) {
			if (text[i] < '0' || text[i] > '7')
				return false;
		}
		*to = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
		/* A name has no NUL, and a value of more than 8 bits is none. */
		if (text[1] > '3' || !*to++)
			return false;
		text += 3;
	}
	*to = '\0';
	return true;
}

/* The name of a process may be empty; it ends at a colon or with the line. */
static bool take_comm(const char **p, char *comm, size_t size)
{
	const char *s = *p;
	size_t len;

	if (!take_text(&s, "comm="))
		return false;
	len = strcspn(s, " :");
	if (len >= size)
		return false;
	memcpy(comm, s, len);
	comm[len] = '\0';
	*p = s + len;
	return unescape(comm);
}

bool take_who(const char **p, struct mmbox_who *who)
{
	return take_value(p, "context", who->context, sizeof(who->context)) &&
	       take_value(p, "caller", who->caller, sizeof(who->caller)) &&
	       take_small(p, "pid", &who->pid) && take_comm(p, who->comm, sizeof(who->comm));
}

bool take_meaning(const char *p, char *text, size_t size)
{
	if (*p++ != ':' || *p++ != ' ' || !*p || strlen(p) >= size)
		return false;
	strcpy(text, p);
	return true;
}
