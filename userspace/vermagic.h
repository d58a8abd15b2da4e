/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vermagic: the string by which a kernel tells whether a module was built for
 * it. "6.1.0-13-amd64 SMP preempt mod_unload modversions ": a release, then
 * words for options that change the layout of data.
 */
#ifndef MMBOX_VERMAGIC_H
#define MMBOX_VERMAGIC_H

#include <stdbool.h>
#include <stddef.h>

/* What is known of the running kernel. */
enum known { NO, YES, UNKNOWN };

/**
 * struct running - the running kernel
 * @release:	 uname -r
 * @machine:	 uname -m
 * @vermagic:	 that of a module made for it, or "": then the rest counts
 * @smp:	 likewise, from what else tells of it
 */
struct running {
	char release[128];
	char machine[128];
	char vermagic[256];
	enum known smp;
	enum known preempt;
	enum known preempt_rt;
	enum known mod_unload;
	enum known modversions;
};

/* Find out, as far as an ordinary user can. */
void running_read(struct running *k);

/* From the strings of uname -v, and of a kernel's configuration file. */
void running_from_version(struct running *k, const char *version);
void running_from_config(struct running *k, const char *line);

/*
 * Compare in words. Each difference is passed to @tell; returns how many there
 * are.
 */
size_t vermagic_compare(const char *module, const struct running *k,
			void (*tell)(void *arg, const char *text), void *arg);

#endif /* MMBOX_VERMAGIC_H */
