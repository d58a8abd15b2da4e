// SPDX-License-Identifier: GPL-2.0
/* The kernel's XArray and its test, with nodes from a box. */
#include "calls.h"

#include "lib/xarray.c"
#include "lib/radix-tree.c"
#include "lib/test_xarray.c"

#define THIRD_SET_UP		radix_tree_init
#define THIRD_CLEAN_UP()	mmbox_cache_destroy(radix_tree_node_cachep)
#define THIRD_HAS_END

#include "run.h"
