/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every test program shares: cmocka, options, random numbers.
 */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/types.h>

#include "rng.h"
#include "unit_fail.h"

/**
 * struct unit_options - what the command line or the environment asks for
 * @seed:	start of the random numbers: --seed N, or SEED=N
 * @ops:	random operations in each case: --ops N, or OPS=N
 */
struct unit_options {
	u64 seed;
	unsigned long ops;
};

extern struct unit_options unit_options;

void unit_start_ops(int argc, char **argv, unsigned long ops);

static inline void unit_start(int argc, char **argv)
{
	unit_start_ops(argc, argv, 1000000);
}

/* The number of failed cases may be a multiple of 256: not an exit status. */
#define unit_run(tests) (cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0)

#endif /* UNIT_H */
