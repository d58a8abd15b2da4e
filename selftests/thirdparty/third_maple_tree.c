// SPDX-License-Identifier: GPL-2.0
/* The kernel's maple tree and its test, with nodes from a box. */
#include "calls.h"

#include "lib/maple_tree.c"
#include "lib/test_maple_tree.c"

#define THIRD_SET_UP		maple_tree_init
#define THIRD_CLEAN_UP()	mmbox_cache_destroy(maple_node_cache)
#define THIRD_HAS_END

#include "run.h"
