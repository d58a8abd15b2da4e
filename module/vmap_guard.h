/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_VMAP_GUARD_H
#define MMBOX_VMAP_GUARD_H

#include "slab_guard.h"

extern const struct mmbox_guard_ops mmbox_vmap_guard_ops;

#endif /* MMBOX_VMAP_GUARD_H */
