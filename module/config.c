// SPDX-License-Identifier: GPL-2.0
/*
 * A box's configuration as text: what the module parameter "pool" and
 * MMBOX_IOC_CREATE give.
 */
#include <linux/bitops.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "boot.h"
#include "config.h"
#include "internal.h"
#include "tune.h"
#include "vmap_space.h"

/* The zones that pages can be asked for, as they are written. */
static const char *const zone_key[] = {
	[MMBOX_ZONE_DMA]	= "dma",
	[MMBOX_ZONE_DMA32]	= "dma32",
	[MMBOX_ZONE_NORMAL]	= "normal",
	[MMBOX_ZONE_HIGHMEM]	= "highmem",
	[MMBOX_ZONE_MOVABLE]	= "movable",
};

/**
 * mmbox_config_zone - the zone that an item of a configuration is about
 * @name: what stands before its '='
 *
 * Return: enum mmbox_zone_type, or -EINVAL if it is about no zone.
 */
int mmbox_config_zone(const char *name)
{
	return match_string(zone_key, ARRAY_SIZE(zone_key), name);
}

/**
 * mmbox_config_size - read a size
 * @text:     a number of bytes that may end in K, M, G, T, P, E; overwritten
 * @nr_pages: set to it in pages
 *
 * memparse() would take a number that is too large for what is left of it.
 *
 * Return: 0, or -EINVAL if it is no such number, or no multiple of a page.
 */
int mmbox_config_size(char *text, unsigned long *nr_pages)
{
	static const char suffixes[] = "KMGTPE";
	size_t len = strlen(text);
	unsigned int shift = 0;
	const char *suffix;
	u64 bytes;

	suffix = len ? strchr(suffixes, toupper(text[len - 1])) : NULL;
	if (suffix && *suffix) {
		shift = 10 * (suffix - suffixes + 1);
		text[len - 1] = '\0';
	}
	if (!isdigit(*text) || kstrtou64(text, 0, &bytes) ||
	    check_shl_overflow(bytes, shift, &bytes))
		return -EINVAL;
	if (!bytes || bytes % PAGE_SIZE || bytes / PAGE_SIZE > ULONG_MAX)
		return -EINVAL;
	*nr_pages = bytes / PAGE_SIZE;
	return 0;
}

/* What can be changed later on, too. */
static int parse_tunable(const char *name, char *value,
			 struct mmbox_config *cfg)
{
	char reason[MMBOX_REASON_LEN];

	if (!mmbox_tune_parse(name, value, cfg, reason))
		return 0;
	pr_err("%s; and boot, remap, placement, window and the zones dma, dma32, normal, highmem and movable\n",
	       reason);
	return -EINVAL;
}

static int parse_boot(const char *value, struct mmbox_config *cfg)
{
	int kind = match_string(mmbox_boot_name, ARRAY_SIZE(mmbox_boot_name),
				value);

	if (kind < 0) {
		pr_err("boot is memblock or bitmap, not '%*pEp'\n",
		       (int)strlen(value), value);
		return -EINVAL;
	}
	cfg->boot = kind;
	return 0;
}

static int parse_remap(const char *value, struct mmbox_config *cfg)
{
	static const char *const name[] = {
		[MMBOX_REMAP_OWN]  = "own",
		[MMBOX_REMAP_VMAP] = "vmap",
	};
	int remap = match_string(name, ARRAY_SIZE(name), value);

	if (remap < 0) {
		pr_err("remap is own or vmap, not '%*pEp'\n",
		       (int)strlen(value), value);
		return -EINVAL;
	}
	cfg->remap = remap;
	return 0;
}

static int parse_placement(const char *value, struct mmbox_config *cfg)
{
	int placement = match_string(mmbox_placement_name,
				     MMBOX_NR_PLACEMENTS, value);

	if (placement < 0) {
		pr_err("placement is first, best or random, not '%*pEp'\n",
		       (int)strlen(value), value);
		return -EINVAL;
	}
	cfg->placement = placement;
	return 0;
}

static int parse_window(const char *value, struct mmbox_config *cfg)
{
	char copy[32];

	if (strscpy(copy, value, sizeof(copy)) < 0 ||
	    mmbox_config_size(copy, &cfg->window_pages) ||
	    cfg->window_pages > ULONG_MAX >> (PAGE_SHIFT + 1)) {
		pr_err("the window is no multiple of %luK: a number with K, M, G, T, P or E behind it\n",
		       PAGE_SIZE / SZ_1K);
		return -EINVAL;
	}
	return 0;
}

static int parse_zone(int zone, char *value, struct mmbox_config *cfg)
{
	if (cfg->nr_pages[zone]) {
		pr_err("zone %s is given twice\n", mmbox_zone_name[zone]);
		return -EINVAL;
	}
	if (mmbox_config_size(value, &cfg->nr_pages[zone])) {
		pr_err("the size of zone %s is no multiple of %luK: a number with K, M, G, T, P or E behind it\n",
		       mmbox_zone_name[zone], PAGE_SIZE / SZ_1K);
		return -EINVAL;
	}
	return 0;
}

/* Items that say something else than how many pages. */
static const struct {
	const char *key;
	int (*parse)(const char *value, struct mmbox_config *cfg);
} settings[] = {
	{ "boot", parse_boot },
	{ "remap", parse_remap },
	{ "placement", parse_placement },
	{ "window", parse_window },
};

/* A bit of @seen for each setting that has been given. */
static int parse_setting(const char *key, char *value,
			 struct mmbox_config *cfg, unsigned long *seen)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settings); i++)
		if (!strcmp(settings[i].key, key))
			break;
	if (i == ARRAY_SIZE(settings))
		return parse_tunable(key, value, cfg);
	if (__test_and_set_bit(i, seen)) {
		pr_err("%s is given twice\n", key);
		return -EINVAL;
	}
	return settings[i].parse(value, cfg);
}

static int parse_item(char *item, struct mmbox_config *cfg,
		      unsigned long *seen)
{
	char *value = strchr(item, '=');
	int zone;

	if (!value)
		return parse_zone(MMBOX_ZONE_ANY, item, cfg);
	*value++ = '\0';
	zone = mmbox_config_zone(item);
	if (zone < 0)
		return parse_setting(item, value, cfg, seen);
	return parse_zone(zone, value, cfg);
}

/**
 * mmbox_config_parse - read a box's configuration from text
 * @text: items separated by commas: "dma=SIZE", "dma32=SIZE", "normal=SIZE",
 *	  "highmem=SIZE" and "movable=SIZE" ask for pages of that zone, a bare
 *	  "SIZE" for pages wherever the host has them; a SIZE is a multiple of
 *	  the page size and may end in K, M, G, T, P, E; "NAME=VALUE" is a
 *	  setting, see tune.c
 * @cfg:  filled in
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL with the reason in the kernel log, or -ENOMEM.
 */
int mmbox_config_parse(const char *text, struct mmbox_config *cfg)
{
	char *copy, *rest, *item;
	unsigned long seen = 0;
	int err = 0;

	memset(cfg, 0, sizeof(*cfg));
	copy = kstrdup(text, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;

	rest = copy;
	while (!err && (item = strsep(&rest, ",")))
		err = parse_item(item, cfg, &seen);
	kfree(copy);
	return err;
}
EXPORT_SYMBOL_GPL(mmbox_config_parse);
