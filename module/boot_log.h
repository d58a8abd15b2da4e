/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_BOOT_LOG_H
#define MMBOX_BOOT_LOG_H

#include "memblock.h"

/**
 * struct mmbox_boot_log - the record of a boot stage
 * @step:	the steps recorded
 * @nr_steps:	how many
 * @max_steps:	how many @step has room for
 * @nr_lost:	steps that were not recorded
 *
 * Zeroed it is empty; whoever has it frees @step with kvfree() in the end.
 */
struct mmbox_boot_log {
	struct mmbox_boot_step *step;
	unsigned int nr_steps;
	unsigned int max_steps;
	unsigned long nr_lost;
};

void mmbox_boot_log_add(struct mmbox_boot_log *log,
			const struct mmbox_boot_step *step);

#endif /* MMBOX_BOOT_LOG_H */
