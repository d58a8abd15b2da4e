// SPDX-License-Identifier: GPL-2.0
/*
 * The settings of a box: one table, for the text that a box is made from, for
 * changes while it is in use, and for the file that shows them.
 *
 * A setting is read into numbers of its own, these are checked, and only then
 * put in force: one that is refused changes nothing. Why it is refused is told
 * in words, with the range that it must be in.
 */
#include <linux/bits.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "account.h"
#include "config.h"
#include "internal.h"
#include "resize.h"
#include "shrinker.h"
#include "slab_hooks.h"
#include "tune.h"

/* In the order of enum mmbox_zone_type; the kernel's own. */
static const struct mmbox_settings defaults = {
	.watermark_scale_factor = 10,
	.watermark_boost_factor = 15000,
	.lowmem_reserve_ratio = { 256, 256, 32, 0, 0 },
};

/**
 * struct tunable - one setting
 * @name:  its name
 * @unit:  what its numbers count
 * @min:   the lowest number
 * @max:   the highest number; 0 if it follows from the size of the box
 * @nr:	   how many numbers it has
 * @letters: a letter for each bit of its one number, or NULL
 * @at:	   where in struct mmbox_settings they stand
 * @apply: puts them in force, called with box->tune_lock held; if it cannot,
 *	   nothing has changed
 * @apply_to: puts one number in force for the cache of that name alone, likewise;
 *	   -ENOENT if there is none; or NULL
 */
struct tunable {
	const char *name;
	const char *unit;
	unsigned long min;
	unsigned long max;
	unsigned int nr;
	const char *letters;
	size_t at;
	int (*apply)(struct mmbox *box);
	int (*apply_to)(struct mmbox *box, const char *name,
			unsigned long number);
};

#define NUMBERS(member) \
	.name = #member, .at = offsetof(struct mmbox_settings, member)

static int apply_marks(struct mmbox *box)
{
	mmbox_watermarks_setup(box);
	return 0;
}

static int apply_lists(struct mmbox *box)
{
	mmbox_zones_limit_lists(box);
	return 0;
}

static int check_cache(struct mmbox *box, const char *name,
		       unsigned long debug)
{
	return mmbox_cache_set_debug_named(box, name, debug);
}

static int apply_quarantine(struct mmbox *box)
{
	return mmbox_caches_set_quarantine(box, NULL, box->settings.quarantine);
}

static int apply_guard(struct mmbox *box)
{
	return mmbox_caches_set_guard(box, NULL, box->settings.guard_sample);
}

/* What is to be cleared, and when. */
static int apply_init(struct mmbox *box)
{
	mmbox_zones_choose_paths(box);
	mmbox_caches_choose_paths(box);
	/* From here on nobody is on a way that was quicker. */
	synchronize_rcu();
	return 0;
}

static int apply_checks(struct mmbox *box)
{
	return mmbox_caches_set_debug(box, NULL, box->settings.slab_debug);
}

static int apply_copies(struct mmbox *box)
{
	int err = mmbox_kmalloc_set_copies(box);

	/* Nobody is on the fast path past the copies any more. */
	if (!err)
		synchronize_rcu();
	return err;
}

/* Whoever takes objects off a slab asks for it. */
static int apply_random(struct mmbox *box)
{
	return 0;
}

/* By enum mmbox_setting. */
static const struct tunable tunables[MMBOX_NR_SETTINGS] = {
	[MMBOX_SET_MIN_FREE_KBYTES] = {
		NUMBERS(min_free_kbytes), .nr = 1, .unit = "kB",
		.apply = apply_marks,
	},
	[MMBOX_SET_WATERMARK_SCALE_FACTOR] = {
		NUMBERS(watermark_scale_factor), .nr = 1, .unit = "1/10000",
		.min = 1, .max = 3000,
		.apply = apply_marks,
	},
	[MMBOX_SET_WATERMARK_BOOST_FACTOR] = {
		NUMBERS(watermark_boost_factor), .nr = 1, .unit = "1/10000",
		.max = 1000000,
		.apply = apply_marks,
	},
	[MMBOX_SET_LOWMEM_RESERVE_RATIO] = {
		NUMBERS(lowmem_reserve_ratio), .nr = MMBOX_NR_ZONES,
		.unit = "divisor",
		.max = INT_MAX,
		.apply = apply_marks,
	},
	[MMBOX_SET_PERCPU_HIGH] = {
		NUMBERS(percpu_high), .nr = 1, .unit = "pages",
		.max = INT_MAX,
		.apply = apply_lists,
	},
	[MMBOX_SET_SHRINKER] = {
		NUMBERS(shrinker), .nr = 1, .unit = "on",
		.max = 1,
		.apply = mmbox_shrinker_set,
	},
	[MMBOX_SET_SLAB_DEBUG] = {
		NUMBERS(slab_debug), .nr = 1, .unit = "checks",
		.max = MMBOX_SLAB_DEBUG, .letters = MMBOX_SLAB_LETTERS,
		.apply = apply_checks, .apply_to = check_cache,
	},
	[MMBOX_SET_INIT_ON_ALLOC] = {
		NUMBERS(init_on_alloc), .nr = 1, .unit = "on",
		.max = 1,
		.apply = apply_init,
	},
	[MMBOX_SET_INIT_ON_FREE] = {
		NUMBERS(init_on_free), .nr = 1, .unit = "on",
		.max = 1,
		.apply = apply_init,
	},
	[MMBOX_SET_FREELIST_RANDOM] = {
		NUMBERS(freelist_random), .nr = 1, .unit = "on",
		.max = 1,
		.apply = apply_random,
	},
	[MMBOX_SET_KMALLOC_COPIES] = {
		NUMBERS(kmalloc_copies), .nr = 1, .unit = "caches",
		.max = MMBOX_KMALLOC_COPIES,
		.apply = apply_copies,
	},
	[MMBOX_SET_PAGE_OWNER] = {
		NUMBERS(page_owner), .nr = 1, .unit = "on",
		.max = 1,
		.apply = mmbox_account_apply,
	},
	[MMBOX_SET_ALLOCINFO] = {
		NUMBERS(allocinfo), .nr = 1, .unit = "on",
		.max = 1,
		.apply = mmbox_account_apply,
	},
	[MMBOX_SET_QUARANTINE] = {
		NUMBERS(quarantine), .nr = 1, .unit = "kB",
		.max = SZ_1G / SZ_1K,
		.apply = apply_quarantine,
		.apply_to = mmbox_caches_set_quarantine,
	},
	[MMBOX_SET_GUARD_SAMPLE] = {
		NUMBERS(guard_sample), .nr = 1, .unit = "allocations",
		.max = 1000000,
		.apply = apply_guard, .apply_to = mmbox_caches_set_guard,
	},
};

/* The numbers of a setting. */
static unsigned long *numbers(struct mmbox_settings *settings,
			      const struct tunable *t)
{
	return (void *)settings + t->at;
}

/* min_free_kbytes alone may be left to the box, and alone depends on its size. */
static bool may_be_auto(const struct tunable *t)
{
	return t == &tunables[MMBOX_SET_MIN_FREE_KBYTES];
}

/* At most half of a box may be kept back; @pages are those of the box. */
static unsigned long highest(const struct tunable *t, unsigned long pages)
{
	return t->max ?: pages / 2 * (PAGE_SIZE / SZ_1K);
}

static void print_range(char *buf, size_t size, const struct tunable *t,
			unsigned long pages)
{
	if (t->letters) {
		snprintf(buf, size, "letters of %s, or -", t->letters);
		return;
	}
	snprintf(buf, size, "%s%lu to %lu%s", may_be_auto(t) ? "auto or " : "",
		 t->min, highest(t, pages),
		 t->nr > 1 ? " for each zone" : "");
}

static const struct tunable *find_tunable(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tunables); i++)
		if (!strcmp(tunables[i].name, name))
			return &tunables[i];
	return NULL;
}

static int refuse_name(const char *name, char *reason)
{
	unsigned int i;
	int len;

	len = scnprintf(reason, MMBOX_REASON_LEN, "no setting '%*pE': there are",
			min_t(int, strlen(name), 32), name);
	for (i = 0; i < ARRAY_SIZE(tunables); i++)
		len += scnprintf(reason + len, MMBOX_REASON_LEN - len, "%s %s",
				 i ? "," : "", tunables[i].name);
	return -EINVAL;
}

static int read_letters(const struct tunable *t, char *value,
			unsigned long *to, char *reason)
{
	unsigned int bits;

	value = strim(value);
	if (mmbox_slab_letters(value, &bits)) {
		snprintf(reason, MMBOX_REASON_LEN,
			 "%s is some letters of %s, or -, and not '%*pE'",
			 t->name, t->letters, min_t(int, strlen(value), 32),
			 value);
		return -EINVAL;
	}
	*to = bits;
	return 0;
}

/*
 * Reads numbers, separated by single blanks or colons. Where less are given
 * than a setting has, the others stay: so it is with the kernel's own.
 */
static int read_numbers(const struct tunable *t, char *value,
			unsigned long *to, char *reason)
{
	char *rest = strim(value), *word;
	unsigned int i;

	if (t->letters)
		return read_letters(t, value, to, reason);
	for (i = 0; (word = strsep(&rest, ": ")); i++)
		if (i == t->nr || !isdigit(*word) ||
		    kstrtoul(word, 0, &to[i])) {
			snprintf(reason, MMBOX_REASON_LEN,
				 "%s is %s, and not '%*pE'", t->name,
				 t->nr > 1 ? "one number to five, with ':' between them" :
					     "a number",
				 min_t(int, strlen(word), 32), word);
			return -EINVAL;
		}
	return 0;
}

static int check_numbers(const struct tunable *t, const unsigned long *number,
			 unsigned long pages, char *reason)
{
	char range[64];
	unsigned int i;

	for (i = 0; i < t->nr; i++) {
		if (number[i] >= t->min && number[i] <= highest(t, pages))
			continue;
		print_range(range, sizeof(range), t, pages);
		snprintf(reason, MMBOX_REASON_LEN,
			 "%s=%lu is out of range: it is %s, in %s", t->name,
			 number[i], range, t->unit);
		return -ERANGE;
	}
	return 0;
}

/**
 * mmbox_tune_parse - read a setting of a box that is to be made
 * @name:   its name
 * @value:  its value in words; overwritten
 * @cfg:    where to note it
 * @reason: MMBOX_REASON_LEN bytes for what is wrong
 *
 * The range is checked when the box is made, and its size known.
 *
 * Return: 0 or -EINVAL.
 */
int mmbox_tune_parse(const char *name, char *value, struct mmbox_config *cfg,
		     char *reason)
{
	const struct tunable *t = find_tunable(name);
	unsigned long *to;
	unsigned int bit;

	if (!t)
		return refuse_name(name, reason);
	bit = BIT(t - tunables);
	if (cfg->set & bit) {
		snprintf(reason, MMBOX_REASON_LEN, "%s is given twice", name);
		return -EINVAL;
	}
	if (may_be_auto(t) && !strcmp(value, "auto"))
		return 0;
	to = numbers(&cfg->settings, t);
	memcpy(to, (const void *)&defaults + t->at, t->nr * sizeof(*to));
	cfg->set |= bit;
	return read_numbers(t, value, to, reason);
}

/**
 * mmbox_tune_init - the settings of a new box
 * @box:   the box, without pages
 * @cfg:   what it is to be made of
 * @pages: how many pages that is
 *
 * Return: 0 or -EINVAL, with the reason in the kernel log.
 */
int mmbox_tune_init(struct mmbox *box, const struct mmbox_config *cfg,
		    unsigned long pages)
{
	struct mmbox_settings given = cfg->settings;
	char reason[MMBOX_REASON_LEN];
	unsigned int i;

	mutex_init(&box->tune_lock);
	box->settings = defaults;
	box->min_free_auto = !(cfg->set & BIT(MMBOX_SET_MIN_FREE_KBYTES));
	for (i = 0; i < ARRAY_SIZE(tunables); i++) {
		const struct tunable *t = &tunables[i];

		if (!(cfg->set & BIT(i)))
			continue;
		if (check_numbers(t, numbers(&given, t), pages, reason)) {
			pr_err("%s: %s\n", box->name, reason);
			return -EINVAL;
		}
		memcpy(numbers(&box->settings, t), numbers(&given, t),
		       t->nr * sizeof(unsigned long));
	}
	return 0;
}

/* Some settings are read without the lock. */
static void exchange(unsigned long *to, unsigned long *from, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		unsigned long old = to[i];

		WRITE_ONCE(to[i], from[i]);
		from[i] = old;
	}
}

/* Reads and checks @value, and puts it in force if it is good. */
static int set_numbers(struct mmbox *box, const struct tunable *t, char *value,
		       char *reason)
{
	bool automatic = may_be_auto(t) && !strcmp(strim(value), "auto");
	struct mmbox_settings new = box->settings;
	unsigned long *to = numbers(&box->settings, t);
	unsigned long *from = numbers(&new, t);
	int err = 0;

	lockdep_assert_held(&box->tune_lock);
	if (!automatic)
		err = read_numbers(t, value, from, reason) ?:
		      check_numbers(t, from, mmbox_lowmem_pages(box), reason);
	if (err)
		return err;
	if (may_be_auto(t))
		box->min_free_auto = automatic;
	exchange(to, from, t->nr);
	err = t->apply(box);
	if (err)
		exchange(to, from, t->nr);
	return err;
}

/* "normal=+32M": such a size is no setting, but changes like one. */
static int resize_zone(struct mmbox *box, enum mmbox_zone_type type,
		       char *value, char *reason)
{
	unsigned long nr_pages;
	int err;

	if ((*value != '+' && *value != '-') ||
	    mmbox_config_size(value + 1, &nr_pages) || nr_pages > LONG_MAX) {
		snprintf(reason, MMBOX_REASON_LEN,
			 "the size of zone %s changes by +SIZE or -SIZE",
			 mmbox_zone_name[type]);
		return -EINVAL;
	}
	mutex_lock(&box->tune_lock);
	err = mmbox_zone_resize(box, type, *value == '+' ? nr_pages : -nr_pages,
				reason, MMBOX_REASON_LEN);
	mutex_unlock(&box->tune_lock);
	return err;
}

/* "slab_debug=FZ:name" is about that cache alone, and leaves no setting. */
static int set_for_cache(struct mmbox *box, const struct tunable *t,
			 char *value, const char *name, char *reason)
{
	unsigned long number;
	int err;

	err = read_numbers(t, value, &number, reason) ?:
	      check_numbers(t, &number, 0, reason);
	if (err)
		return err;
	mutex_lock(&box->tune_lock);
	err = t->apply_to(box, name, number);
	mutex_unlock(&box->tune_lock);
	if (err == -ENOENT) {
		snprintf(reason, MMBOX_REASON_LEN,
			 "there is no cache '%*pE' that %s can be set for",
			 min_t(int, strlen(name), 64), name, t->name);
		err = -EINVAL;
	}
	return err;
}

/**
 * mmbox_tune_set - change a setting of a box in use
 * @box:     the box
 * @setting: "name=value"
 * @reason:  MMBOX_REASON_LEN bytes for what is wrong
 *
 * What is no number of struct mmbox_settings, such as the size of a zone, is
 * told by its name here, and goes its own way under the same lock.
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL for what cannot be understood, -ERANGE for what is too
 * much or too little, or -ENOMEM; but for the last with a reason. A setting
 * that is refused changes nothing.
 */
int mmbox_tune_set(struct mmbox *box, const char *setting, char *reason)
{
	char *copy = kstrdup(setting, GFP_KERNEL);
	char *value = copy, *number;
	const char *name = strsep(&value, "=");
	const struct tunable *t;
	int err, zone;

	if (!copy)
		return -ENOMEM;
	t = find_tunable(name);
	zone = mmbox_config_zone(name);
	if (!t && zone < 0) {
		err = refuse_name(name, reason);
	} else if (!value) {
		snprintf(reason, MMBOX_REASON_LEN, "%s has no value", name);
		err = -EINVAL;
	} else if (!t) {
		err = resize_zone(box, zone, value, reason);
	} else if (t->apply_to && strchr(value, ':')) {
		number = strsep(&value, ":");
		err = set_for_cache(box, t, number, value, reason);
	} else {
		mutex_lock(&box->tune_lock);
		err = set_numbers(box, t, value, reason);
		mutex_unlock(&box->tune_lock);
	}
	kfree(copy);
	return err;
}

/* Returns how long the text is. */
static int print_letters(const struct tunable *t, unsigned long bits,
			 char *buf, size_t size)
{
	int len = 0;
	unsigned int i;

	for (i = 0; t->letters[i]; i++)
		if (bits & BIT(i))
			len += scnprintf(buf + len, size - len, "%c",
					 t->letters[i]);
	return len ?: scnprintf(buf, size, "-");
}

/**
 * mmbox_tune_text - a setting of a box in words
 * @box:  the box
 * @nr:	  number of the setting
 * @text: filled in
 *
 * Context: process context, may sleep.
 * Return: false if there are not so many.
 */
bool mmbox_tune_text(struct mmbox *box, unsigned int nr,
		     struct mmbox_tunable_text *text)
{
	const unsigned long *number;
	const struct tunable *t;
	unsigned int i;
	int len = 0;

	if (nr >= ARRAY_SIZE(tunables))
		return false;
	t = &tunables[nr];
	text->name = t->name;
	text->unit = t->unit;
	mutex_lock(&box->tune_lock);
	number = numbers(&box->settings, t);
	if (t->letters)
		print_letters(t, *number, text->value, sizeof(text->value));
	for (i = 0; !t->letters && i < t->nr; i++)
		len += scnprintf(text->value + len, sizeof(text->value) - len,
				 "%s%lu", i ? ":" : "", number[i]);
	text->automatic = may_be_auto(t) && box->min_free_auto;
	print_range(text->range, sizeof(text->range), t,
		    mmbox_lowmem_pages(box));
	mutex_unlock(&box->tune_lock);
	return true;
}
