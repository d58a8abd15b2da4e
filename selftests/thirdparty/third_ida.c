// SPDX-License-Identifier: GPL-2.0
/* The kernel's IDA and its test, with nodes and bitmaps from a box. */
#include "calls.h"

#include "lib/xarray.c"
#include "lib/radix-tree.c"
#include "lib/idr.c"
#include "lib/test_ida.c"

#define THIRD_SET_UP		radix_tree_init
#define THIRD_CLEAN_UP()	mmbox_cache_destroy(radix_tree_node_cachep)
#define THIRD_HAS_END

#include "run.h"
