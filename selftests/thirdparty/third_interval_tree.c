// SPDX-License-Identifier: GPL-2.0
/* The kernel's test of interval trees, with nodes from a box. */
#include "calls.h"

#include "lib/interval_tree_test.c"

#define THIRD_HAS_END

#include "run.h"
