/* SPDX-License-Identifier: GPL-2.0 */
/* What all unit tests need: cmocka, and streams over text. */
#ifndef MMBOX_TEST_UNIT_H
#define MMBOX_TEST_UNIT_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A stream that reads @len bytes; closing it is up to the caller. */
static inline FILE *text_stream(const char *text, size_t len)
{
	/* fmemopen() refuses to open nothing. */
	FILE *fp = len ? fmemopen((void *)text, len, "r") : fopen("/dev/null", "r");

	assert_non_null(fp);
	return fp;
}

#endif /* MMBOX_TEST_UNIT_H */
