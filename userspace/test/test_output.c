// SPDX-License-Identifier: GPL-2.0
/* Tables as text and JSON, lines of text, patterns in memory. */
#include <json-c/json.h>

#include "../output.h"
#include "../share.h"
#include "../term.h"
#include "../tour.h"
#include "unit.h"

static const struct column columns[] = {
	{ .key = "name", .type = COL_STR },
	{ .key = "free", .type = COL_UINTS, .nr = 3, .width = 3 },
	{ .key = "kb", .title = "kB", .type = COL_UINT },
	{ .key = "at", .type = COL_HEX },
	{ .key = "kept", .type = COL_BOOL },
	{ .key = "more", .type = COL_UINT, .detail = true },
};

#define NR_COLUMNS	(sizeof(columns) / sizeof(*columns))

static struct table *make_table(void)
{
	const uint64_t free1[] = { 1, 20, 300 }, free2[] = { 0, 0, 123456 };
	struct table *t = table_new("rows", columns, NR_COLUMNS);

	table_str(t, "a");
	table_uints(t, free1);
	table_uint(t, 4);
	table_uint(t, 0x1000);
	table_bool(t, true);
	table_uint(t, 1);
	table_str(t, "longer\x1b[31m");
	table_uints(t, free2);
	table_uint(t, UINT64_MAX);
	table_uint(t, 0);
	table_bool(t, false);
	table_uint(t, 2);
	return t;
}

static void text_table(void **state)
{
	static const char expected[] =
		"name           0    1       2                    kB      at  kept\n"
		"a              1   20     300                     4  0x1000  yes\n"
		"longer?[31m    0    0  123456  18446744073709551615     0x0  no\n";
	struct table *t = make_table();
	char *text = NULL;
	size_t len;
	FILE *fp = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(table_rows(t), 2);
	table_print(t, fp);
	fclose(fp);
	assert_string_equal(text, expected);
	free(text);
	table_free(t);
}

static void empty_table(void **state)
{
	struct table *t = table_new("rows", columns, NR_COLUMNS);
	struct json_object *json = table_json(t);

	(void)state;
	assert_int_equal(table_rows(t), 0);
	assert_string_equal(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN), "[]");
	json_object_put(json);
	table_free(t);
}

static void json_table(void **state)
{
	static const char expected[] =
		"[{\"name\":\"a\",\"free\":[1,20,300],\"kb\":4,\"at\":4096,\"kept\":true,\"more\":1},"
		"{\"name\":\"longer\\u001b[31m\",\"free\":[0,0,123456],\"kb\":18446744073709551615,"
		"\"at\":0,\"kept\":false,\"more\":2}]";
	struct table *t = make_table();
	struct json_object *json = table_json(t);

	(void)state;
	assert_string_equal(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN),
			    expected);
	json_object_put(json);
	table_free(t);
}

/* Any bytes may be the name of a process, but JSON is UTF-8. */
static void json_bytes(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "plain", "plain" }, { "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
		{ "\xff", "\xef\xbf\xbd" }, { "a\xc3", "a\xef\xbf\xbd" },
		{ "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xf0\x9f\x98", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, { "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct json_object *json = json_text(cases[i].in);

		assert_string_equal(json_object_get_string(json), cases[i].out);
		json_object_put(json);
	}
}

static void wrapped_text(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *fp = open_memstream(&text, &len);

	(void)state;
	term_wrap(fp, 12, 2, "one two three  four averyverylongword x");
	fclose(fp);
	assert_string_equal(text, "  one two\n  three four\n  averyverylongword\n  x\n");
	free(text);
}

static void no_colour_in_a_pipe(void **state)
{
	FILE *fp = tmpfile();

	(void)state;
	assert_false(term_has_colour(fp));
	assert_int_equal(term_width(fp), 80);
	assert_string_equal(term_colour(false, RED), "");
	fclose(fp);
}

static void marked_changes(void **state)
{
	static const char expected[] =
		"    zone   order        0    1    2\n"
		"    Normal before       0    0    2\n"
		"           after        1    0    1\n"
		"           change      +1        -1\n"
		"    DMA: unchanged\n";
	struct mmbox_area before[] = {
		{ .zone = "DMA" }, { .zone = "Normal", .free = { 0, 0, 2 } },
	};
	struct mmbox_area after[] = {
		{ .zone = "DMA" }, { .zone = "Normal", .free = { 1, 0, 1 } },
	};
	const struct mmbox_buddyinfo a = { 3, 2, before }, b = { 3, 2, after };
	const struct buddy_view views[] = { { "before", &a }, { "after", &b } };
	char *text = NULL;
	size_t len;
	FILE *fp = open_memstream(&text, &len);

	(void)state;
	buddy_print(fp, views, 2, NO_AREA, false);
	fclose(fp);
	assert_string_equal(text, expected);
	free(text);
}

static void patterns(void **state)
{
	unsigned char buf[4099] = { 0 };

	(void)state;
	assert_int_equal(zero_check(buf, sizeof(buf)), sizeof(buf));
	buf[4098] = 1;
	assert_int_equal(zero_check(buf, sizeof(buf)), 4098);
	pattern_fill(buf, sizeof(buf), 1);
	assert_int_equal(pattern_check(buf, sizeof(buf), 1), sizeof(buf));
	assert_true(pattern_check(buf, sizeof(buf), 2) < 8);
	/* A page in another's place shows at its beginning. */
	assert_true(pattern_check(buf + 2048, 2048, 1) < 8);
	buf[77] ^= 1;
	assert_int_equal(pattern_check(buf, sizeof(buf), 1), 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_table), cmocka_unit_test(empty_table),
		cmocka_unit_test(json_table), cmocka_unit_test(json_bytes),
		cmocka_unit_test(wrapped_text), cmocka_unit_test(no_colour_in_a_pipe),
		cmocka_unit_test(marked_changes), cmocka_unit_test(patterns),
	};

	return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
