/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_PRANDOM_H
#define SHIM_LINUX_PRANDOM_H

#include <rng.h>

struct rnd_state {
	struct rng rng;
};

#define prandom_seed_state(random, seed)	((random)->rng.state = (seed))
#define prandom_u32_state(random)		((u32)rng_next(&(random)->rng))

#endif /* SHIM_LINUX_PRANDOM_H */
