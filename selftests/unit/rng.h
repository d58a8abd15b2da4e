/* SPDX-License-Identifier: GPL-2.0 */
/* Random numbers that depend on nothing but their seed: splitmix64. */
#ifndef RNG_H
#define RNG_H

#include <linux/types.h>

struct rng {
	u64 state;
};

static inline u64 rng_next(struct rng *rng)
{
	u64 x = rng->state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/* A number from 0 to below - 1. */
static inline unsigned int rng_below(struct rng *rng, unsigned int below)
{
	return (unsigned int)((rng_next(rng) >> 32) * below >> 32);
}

#endif /* RNG_H */
