// SPDX-License-Identifier: GPL-2.0
/* What a fuzzer does when a check fails; libFuzzer brings main(). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "unit_fail.h"

void unit_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}
