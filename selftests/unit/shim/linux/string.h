/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_STRING_H
#define SHIM_LINUX_STRING_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define strscpy(to, from, size)		snprintf(to, size, "%s", from)
#define strscpy_pad(to, from, size)	strncpy(to, from, size)

#define memzero_explicit(to, size)	memset(to, 0, size)
#define kstrdup_const(s, gfp)		strdup(s)
#define kfree_const(s)			free((void *)(s))

/* Returns what there is in @to; too long a text is cut. */
static inline int scnprintf(char *to, size_t size, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(to, size, fmt, args);
	va_end(args);
	return (int)strlen(to);
}

#endif /* SHIM_LINUX_STRING_H */
