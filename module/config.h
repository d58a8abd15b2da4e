/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_CONFIG_H
#define MMBOX_CONFIG_H

int mmbox_config_zone(const char *name);
int mmbox_config_size(char *text, unsigned long *nr_pages);

#endif /* MMBOX_CONFIG_H */
