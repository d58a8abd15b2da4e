/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BOX_CHECK_H
#define BOX_CHECK_H

#include "sim_box.h"

void box_check(const struct sim_box *sim);

#endif /* BOX_CHECK_H */
