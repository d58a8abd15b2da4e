// SPDX-License-Identifier: GPL-2.0
/* The parser of vmap/window on what a box writes, and on what it never should. */
#include "../lib/libmmbox.h"
#include "unit.h"

#define HEAD "# pages=512 lazy=2 purges=0 backend=own placement=best\n"

static int parse(const char *text, size_t len, struct mmbox_window *w)
{
	FILE *fp = text_stream(text, len);
	int err = mmbox_window_parse(fp, w);

	fclose(fp);
	if (err)
		assert_null(w->v);
	return err;
}

static void assert_bad(const char *text)
{
	struct mmbox_window w;

	assert_int_equal(parse(text, strlen(text), &w), -EBADMSG);
}

static void window(void **state)
{
	struct mmbox_window w;

	(void)state;
	assert_int_equal(mmbox_window_read("box0", &w), 0);
	assert_int_equal(w.pages, 65536);
	assert_int_equal(w.lazy, 2);
	assert_int_equal(w.purges, 3);
	assert_string_equal(w.backend, "own");
	assert_string_equal(w.placement, "first");
	assert_int_equal(w.nr, 5);
	assert_int_equal(w.v[1].first, 5);
	assert_int_equal(w.v[1].pages, 2);
	assert_string_equal(w.v[1].kind, "lazy");
	mmbox_window_release(&w);

	/* A box without an area; and a piece that went while it was read. */
	assert_int_equal(parse(HEAD, strlen(HEAD), &w), 0);
	assert_int_equal(w.nr, 0);
	assert_int_equal(parse(HEAD "0 2 vmap\n4 1 free\n", strlen(HEAD) + 18, &w), 0);
	assert_int_equal(w.nr, 2);
	mmbox_window_release(&w);
}

static void wrong(void **state)
{
	(void)state;
	assert_bad("");
	assert_bad("0 5 vmalloc\n");
	assert_bad("# pages=512 lazy=2 purges=0 backend=own\n");
	assert_bad("# pages=x lazy=2 purges=0 backend=own placement=best\n");
	assert_bad(HEAD "\n");
	assert_bad(HEAD "0 5\n");
	assert_bad(HEAD "0 5 vmalloc more\n");
	assert_bad(HEAD "0 0 vmalloc\n");
	assert_bad(HEAD "-1 5 vmalloc\n");
	assert_bad(HEAD "0 5 vmalloc\n4 5 vmap\n");
	assert_bad(HEAD "18446744073709551615 2 free\n");
	assert_bad(HEAD "0 5 aWordThatIsLongerThanAny\n");
	assert_bad(HEAD "0 5 vmalloc");
}

static void cut_off(void **state)
{
	static const char text[] = HEAD "0 5 vmalloc\n5 507 chunk\n";

	(void)state;
	for (size_t n = 0; n < strlen(text); n++) {
		struct mmbox_window w;
		int err = parse(text, n, &w);

		if (!n || text[n - 1] != '\n')
			assert_int_equal(err, -EBADMSG);
		else
			assert_int_equal(err, 0);
		mmbox_window_release(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(window), cmocka_unit_test(wrong),
		cmocka_unit_test(cut_off),
	};

	return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
