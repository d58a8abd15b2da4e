/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_BOOT_H
#define MMBOX_BOOT_H

#include <mmbox.h>

#include "memblock.h"

struct mmbox;

/* So many steps are recorded; what repeats a step is counted with it. */
#define MMBOX_BOOT_MAX_STEPS	1024

extern const char *const mmbox_boot_name[MMBOX_NR_BOOT_KINDS];

int mmbox_boot_create(struct mmbox *box, const struct mmbox_config *cfg);
void mmbox_boot_destroy(struct mmbox *box);
int mmbox_boot_add(struct mmbox *box, struct page *page, unsigned int order,
		   enum mmbox_zone_type type);
int mmbox_boot_sections(struct mmbox *box);
void mmbox_boot_hand_over(struct mmbox *box);
unsigned long mmbox_boot_give_rest(struct mmbox *box);

enum mmbox_boot_kind mmbox_boot_kind(const struct mmbox *box);
bool mmbox_boot_region(const struct mmbox *box, bool reserved, u64 nr,
		       struct mmbox_region *region);
const struct mmbox_boot_step *mmbox_boot_step(const struct mmbox *box, u64 nr);
unsigned long mmbox_boot_steps_lost(const struct mmbox *box);

#endif /* MMBOX_BOOT_H */
