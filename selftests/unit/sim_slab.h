/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Caches in a box on the simulated host, which has no areas and no stacks.
 */
#ifndef SIM_SLAB_H
#define SIM_SLAB_H

#include "sim_box.h"

void sim_caches_create(struct sim_box *sim);
void sim_caches_destroy(struct sim_box *sim);

#endif /* SIM_SLAB_H */
