// SPDX-License-Identifier: GPL-2.0
/* The boot stage replayed: arrays after single steps, and the bars. */
#include "../replay.h"
#include "unit.h"

static struct replay r;

static int start(void **state)
{
	const struct mmbox_boot_log log = { .kind = "memblock", .page_size = 4096 };

	(void)state;
	replay_start(&r, &log);
	return 0;
}

static int end(void **state)
{
	(void)state;
	replay_release(&r);
	return 0;
}

static void step(const char *what, const char *array, uint64_t base, uint64_t size, int node)
{
	struct mmbox_boot_step s = { .base = base, .size = size, .node = node };

	strcpy(s.what, what);
	strcpy(s.array, array);
	assert_int_equal(replay_step(&r, &s), 0);
}

static void regions_are(const struct mmbox_regions *regions, const char *want)
{
	char text[512] = "", *to = text;

	for (size_t i = 0; i < regions->nr; i++)
		to += sprintf(to, "%s%llu-%llu", i ? " " : "",
			      (unsigned long long)regions->v[i].base,
			      (unsigned long long)regions->v[i].end);
	assert_string_equal(text, want);
}

static void added_in_any_order(void **state)
{
	(void)state;
	step("add", "memory", 300, 100, 0);
	step("add", "memory", 100, 100, 0);
	regions_are(&r.memory, "100-200 300-400");
	step("add", "memory", 200, 100, 0);
	regions_are(&r.memory, "100-400");
	step("add", "memory", 400, 100, 1);
	step("add", "memory", 0, 100, 1);
	regions_are(&r.memory, "0-100 100-400 400-500");
	step("add", "memory", 50, 400, 0);
	regions_are(&r.memory, "0-50 50-450 450-500");
	step("add", "memory", 900, 0, 0);
	regions_are(&r.memory, "0-50 50-450 450-500");
	regions_are(&r.reserved, "");
}

static void reserved_and_free_again(void **state)
{
	(void)state;
	step("reserve", "reserved", 100, 100, -1);
	step("reserve", "reserved", 50, 50, -1);
	step("free", "reserved", 80, 40, -1);
	regions_are(&r.reserved, "50-80 120-200");
	step("free", "reserved", 0, 1000, -1);
	regions_are(&r.reserved, "");
	regions_are(&r.memory, "");
}

/* Only a bitmap takes what is given out from the step that gives it out. */
static void given_out(void **state)
{
	(void)state;
	step("alloc", "reserved", 5000, 100, 0);
	regions_are(&r.reserved, "");
	r.bitmap = true;
	step("alloc", "reserved", 5000, 4000, 0);
	regions_are(&r.reserved, "4096-12288");
}

static void bars(void **state)
{
	char bar[9];

	(void)state;
	step("add", "memory", 1000, 800, 0);
	replay_draw(&r, &r.memory.v[0], bar, 8);
	assert_string_equal(bar, "........");
	step("reserve", "reserved", 1799, 1, -1);
	step("handover", "-", 1000, 350, 0);
	replay_draw(&r, &r.memory.v[0], bar, 8);
	assert_string_equal(bar, "===....#");
	/* Fewer bytes than characters. */
	step("add", "memory", 5000, 3, 0);
	replay_draw(&r, &r.memory.v[1], bar, 8);
	assert_int_equal(strlen(bar), 8);
}

static void same(void **state)
{
	struct replay other = { 0 };

	(void)state;
	assert_true(replay_same(&r.memory, &other.memory));
	step("add", "memory", 100, 100, 0);
	assert_false(replay_same(&r.memory, &other.memory));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(added_in_any_order), CASE(reserved_and_free_again), CASE(given_out),
		CASE(bars), CASE(same),
	};

	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
