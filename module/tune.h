/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_TUNE_H
#define MMBOX_TUNE_H

#include <linux/types.h>

#include <uapi/linux/mmbox.h>

struct mmbox;
struct mmbox_config;

/**
 * struct mmbox_tunable_text - a setting of a box in words
 * @name:      its name
 * @unit:      what its numbers count
 * @value:     as it is in force
 * @automatic: the box has chosen the value itself
 * @range:     what it may be set to
 */
struct mmbox_tunable_text {
	const char *name;
	const char *unit;
	char value[64];
	bool automatic;
	char range[64];
};

int mmbox_tune_parse(const char *name, char *value, struct mmbox_config *cfg,
		     char *reason);
int mmbox_tune_init(struct mmbox *box, const struct mmbox_config *cfg,
		    unsigned long pages);
int mmbox_tune_set(struct mmbox *box, const char *setting, char *reason);
bool mmbox_tune_text(struct mmbox *box, unsigned int nr,
		     struct mmbox_tunable_text *text);

#endif /* MMBOX_TUNE_H */
