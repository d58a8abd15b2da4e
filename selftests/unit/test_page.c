// SPDX-License-Identifier: GPL-2.0
/* struct mmbox_page: the three fields of its word do not disturb each other. */
#include "unit.h"

#include <linux/kernel.h>

#include "page.h"

static const enum mmbox_page_state states[] = {
	MMBOX_PAGE_ABSENT, MMBOX_PAGE_TAIL, MMBOX_PAGE_FREE, MMBOX_PAGE_ALLOC,
};

static void check_word(struct mmbox_page *page, unsigned int index,
		       enum mmbox_page_state state, unsigned int order)
{
	mmbox_page_set(page, state, order);
	assert_int_equal(mmbox_page_index(page), index);
	assert_int_equal(mmbox_page_state(page), state);
	assert_int_equal(mmbox_page_order(page), order);
}

static void word_keeps_every_field(void **state)
{
	struct mmbox_page page;
	unsigned int i, s, order;

	(void)state;
	for (i = 0; i < MMBOX_SECTION_PAGES; i++) {
		page.word = i;
		for (s = 0; s < ARRAY_SIZE(states); s++)
			for (order = 0; order < MMBOX_NR_ORDERS; order++)
				check_word(&page, i, states[s], order);
	}
}

static void page_is_one_state_and_order(void **state)
{
	struct mmbox_page page = { .word = MMBOX_SECTION_PAGES - 1 };
	unsigned int s, order, count = 0;

	(void)state;
	mmbox_page_set(&page, MMBOX_PAGE_FREE, 3);
	for (s = 0; s < ARRAY_SIZE(states); s++)
		for (order = 0; order < MMBOX_NR_ORDERS; order++)
			count += mmbox_page_is(&page, states[s], order);
	assert_int_equal(count, 1);
	assert_true(mmbox_page_is(&page, MMBOX_PAGE_FREE, 3));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(word_keeps_every_field),
		cmocka_unit_test(page_is_one_state_and_order),
	};

	unit_start(argc, argv);
	return unit_run(tests);
}
