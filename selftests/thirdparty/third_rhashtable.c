// SPDX-License-Identifier: GPL-2.0
/* The kernel's hash table that grows, and its test, with tables from a box. */
#include "calls.h"

#include "lib/rhashtable.c"
#include "lib/test_rhashtable.c"

#define THIRD_HAS_END

#include "run.h"
