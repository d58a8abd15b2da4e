// SPDX-License-Identifier: GPL-2.0
/* The kernel's test of red-black trees, with nodes from a box. */
#include "calls.h"

#include "lib/rbtree_test.c"

#define THIRD_HAS_END

#include "run.h"
