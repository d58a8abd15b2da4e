// SPDX-License-Identifier: GPL-2.0
/* The kernel's test that memory is cleared, when it is allocated or freed. */
#include "calls.h"
#undef pr_fmt

#include "lib/test_meminit.c"

#include "run.h"
