// SPDX-License-Identifier: GPL-2.0
/* The kernel's test of joined arrays of pointers. */
#include "calls.h"
#undef pr_fmt

#include "lib/memcat_p.c"
#include "lib/test_memcat_p.c"

#define THIRD_HAS_END

#include "run.h"
