// SPDX-License-Identifier: GPL-2.0
/* The kernel's aggregation of objects and its test. */
#include "calls.h"
#undef pr_fmt

#include "lib/objagg.c"
#include "lib/test_objagg.c"

#define THIRD_HAS_END

#include "run.h"
