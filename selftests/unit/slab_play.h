/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Users of caches and kmalloc on the simulated host, and what they must find.
 */
#ifndef SLAB_PLAY_H
#define SLAB_PLAY_H

#include <stdbool.h>
#include <stddef.h>

void play_start(unsigned long long seed, const unsigned char *data, size_t size);
void play_step(void);
void play_next_mix(void);
void play_check(void);
bool play_goes_on(void);
void play_end(void);
void play_describe(char *text, size_t size);

#endif /* SLAB_PLAY_H */
