// SPDX-License-Identifier: GPL-2.0
/* Sizes and numbers as a user writes them. */
#include "../cli.h"
#include "unit.h"

static void good_sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t size;
	} cases[] = {
		{ "0", 0 }, { "1", 1 }, { "4096", 4096 }, { "32K", 32768 }, { "32k", 32768 },
		{ "1M", 1 << 20 }, { "2g", 2ULL << 30 }, { "0x1000", 4096 }, { "0x10K", 16384 },
		{ "18446744073709551615", UINT64_MAX }, { "17179869183G", 17179869183ULL << 30 },
	};
	uint64_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(parse_size(cases[i].text, &size), 0);
		assert_int_equal(size, cases[i].size);
	}
}

static void bad_sizes(void **state)
{
	static const char *const cases[] = {
		"", "K", "-1", "+1", " 1", "1 ", "1KK", "1T", "1.5M", "0x", "x10", "4096B", "10\v",
		"1\x0b", "123456789012345678901234567890123456789",
	};
	uint64_t size = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(parse_size(cases[i], &size), -EINVAL);
	assert_int_equal(size, 7);
}

static void too_large(void **state)
{
	static const char *const cases[] = {
		"18446744073709551616", "17179869184G", "18014398509481984K", "0x1ffffffffffffffff",
	};
	uint64_t size = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(parse_size(cases[i], &size), -ERANGE);
	assert_int_equal(size, 7);
}

static void numbers(void **state)
{
	uint64_t v = 7;

	(void)state;
	assert_int_equal(parse_number("31", 31, &v), 0);
	assert_int_equal(v, 31);
	assert_int_equal(parse_number("32", 31, &v), -ERANGE);
	assert_int_equal(parse_number("0x300000000", INT64_MAX, &v), 0);
	assert_true(v == 0x300000000ULL);
	assert_int_equal(parse_number("1K", 10000, &v), -EINVAL);
	assert_int_equal(parse_number("", 10000, &v), -EINVAL);
	assert_int_equal(parse_number("-1", UINT64_MAX, &v), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_sizes),
		cmocka_unit_test(bad_sizes),
		cmocka_unit_test(too_large),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests_name("size", tests, NULL, NULL);
}
