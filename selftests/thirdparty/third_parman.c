// SPDX-License-Identifier: GPL-2.0
/* The kernel's manager of prioritised arrays and its test: mmbox_krealloc(). */
#include "calls.h"
#undef pr_fmt

#include "lib/parman.c"
#include "lib/test_parman.c"

#define THIRD_HAS_END

#include "run.h"
