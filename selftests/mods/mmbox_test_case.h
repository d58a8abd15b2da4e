/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What test modules share: a module has cases, its parameter "run" names one,
 * and that the module can be loaded is the verdict.
 */
#ifndef MMBOX_TEST_CASE_H
#define MMBOX_TEST_CASE_H

#include <linux/err.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/string.h>

#include <mmbox.h>

/* The verdict of a case: what did not hold, or NULL. */
#define expect(condition) \
	do { \
		if (!(condition)) \
			return __stringify(__LINE__) ": " #condition; \
	} while (0)

/* Of a box that gives away its last page, to whoever asks first. */
#define MMBOX_NO_MARKS \
	.settings.watermark_scale_factor = 1, \
	.set = 1 << MMBOX_SET_MIN_FREE_KBYTES | \
	       1 << MMBOX_SET_WATERMARK_SCALE_FACTOR | \
	       1 << MMBOX_SET_LOWMEM_RESERVE_RATIO

struct test_case {
	const char *name;
	const char *(*run)(void);
};

/* Runs the case @name of @nr, and says what its verdict was. */
static inline const char *run_case(const struct test_case *cases,
				   unsigned int nr, const char *name)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!strcmp(cases[i].name, name))
			return cases[i].run();
	return "no such case";
}

static inline int test_verdict(const char *name, const char *verdict)
{
	if (!verdict)
		return 0;
	pr_err("%s failed: %s\n", name, verdict);
	return -EINVAL;
}

/*
 * Runs a case in a box of its own, of the case's name, which must be whole
 * afterwards.
 */
static inline int run_in_box(const struct test_case *cases, unsigned int nr,
			     const char *name, unsigned long nr_pages,
			     struct mmbox **box)
{
	struct mmbox_config cfg = {
		.nr_pages[MMBOX_ZONE_ANY] = nr_pages,
		MMBOX_NO_MARKS
	};
	const char *verdict;

	*box = mmbox_create(name, &cfg);
	if (IS_ERR(*box))
		return PTR_ERR(*box);
	verdict = run_case(cases, nr, name);
	if (mmbox_destroy(*box)) {
		mmbox_put(*box);
		verdict = verdict ?: "the box is busy afterwards";
	}
	return test_verdict(name, verdict);
}

/*
 * Runs a case with a cache of box0, which must have all its objects back
 * afterwards. The case stays on its CPU: what is at hand is that CPU's.
 */
static inline int run_with_cache(const struct test_case *cases,
				 unsigned int nr, const char *name,
				 const char *cache_name, unsigned int size,
				 slab_flags_t flags, struct mmbox **box,
				 struct mmbox_cache **cache)
{
	const char *verdict;

	*box = mmbox_get("box0");
	if (!*box)
		return -ENOENT;
	*cache = mmbox_cache_create(*box, cache_name, size, 0, flags, NULL);
	migrate_disable();
	verdict = *cache ? run_case(cases, nr, name) : "there is no cache";
	migrate_enable();
	if (mmbox_cache_destroy(*cache))
		verdict = verdict ?: "objects are not back";
	mmbox_put(*box);
	return test_verdict(name, verdict);
}

#endif
