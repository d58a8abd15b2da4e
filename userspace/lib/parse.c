// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libmmbox.h"
#include "parse.h"

int next_line(struct lines *l)
{
	size_t n = 0;
	int c;

	while ((c = getc(l->fp)) != EOF) {
		if (c == '\n') {
			l->buf[n] = '\0';
			return 1;
		}
		if (!c || n == sizeof(l->buf) - 1)
			return -EBADMSG;
		l->buf[n++] = (char)c;
	}
	if (ferror(l->fp))
		return errno ? -errno : -EIO;
	/* The kernel ends every line: a file that does not was cut off. */
	return n ? -EBADMSG : 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *p)
{
	while (is_blank(*p))
		p++;
	return p;
}

bool take_text(const char **p, const char *text)
{
	const char *s = skip_blanks(*p);
	size_t len = strlen(text);

	if (strncmp(s, text, len))
		return false;
	*p = s + len;
	return true;
}

bool take_word(const char **p, char *word, size_t len)
{
	const char *s = skip_blanks(*p);
	size_t n = 0;

	while (s[n] && !is_blank(s[n]))
		n++;
	if (!n || n >= len)
		return false;
	memcpy(word, s, n);
	word[n] = '\0';
	*p = s + n;
	return true;
}

bool take_u64(const char **p, uint64_t *value)
{
	const char *s = skip_blanks(*p);
	uint64_t v = 0;

	if (!isdigit((unsigned char)*s))
		return false;
	for (; isdigit((unsigned char)*s); s++) {
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return false;
	}
	*value = v;
	*p = s;
	return true;
}

bool take_uint(const char **p, unsigned int *value)
{
	const char *s = *p;
	uint64_t v;

	if (!take_u64(&s, &v) || v > UINT32_MAX)
		return false;
	*value = (unsigned int)v;
	*p = s;
	return true;
}

bool at_end(const char *p)
{
	return !*skip_blanks(p);
}

int grow_array(void **array, size_t nr, size_t size)
{
	void *bigger;

	/* Full when the number is 0 or a power of two from 8 on. */
	if (nr && (nr < 8 || (nr & (nr - 1))))
		return 0;
	bigger = reallocarray(*array, nr ? nr * 2 : 8, size);
	if (!bigger)
		return -ENOMEM;
	*array = bigger;
	return 0;
}

void *copy_array(const void *array, size_t nr, size_t size)
{
	void *copy = reallocarray(NULL, nr, size);

	return copy ? memcpy(copy, array, nr * size) : NULL;
}

int read_file(const char *box, const char *file, int (*parse)(FILE *fp, void *to), void *to)
{
	FILE *fp;
	int err = mmbox_file_open(box, file, &fp);

	if (err)
		return err;
	err = parse(fp, to);
	fclose(fp);
	return err;
}
