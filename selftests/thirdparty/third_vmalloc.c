// SPDX-License-Identifier: GPL-2.0
/* The kernel's test of vmalloc(). */
#include "calls.h"

#include "lib/test_vmalloc.c"

#include "run.h"
