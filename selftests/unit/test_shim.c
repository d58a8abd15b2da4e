// SPDX-License-Identifier: GPL-2.0
/* The shims behave as the kernel's lists do: the other tests rely on it. */
#include "unit.h"

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/minmax.h>

struct item {
	int value;
	struct list_head link;
};

/* The values on the list, as digits of a number. */
static int digits(const struct list_head *head)
{
	const struct item *item;
	int number = 0;

	list_for_each_entry(item, head, link)
		number = number * 10 + item->value;
	return number;
}

static void new_list_is_empty(void **state)
{
	struct list_head head;

	(void)state;
	INIT_LIST_HEAD(&head);
	assert_true(list_empty(&head));
	assert_int_equal(digits(&head), 0);
}

static void add_goes_first_and_add_tail_last(void **state)
{
	struct item items[] = { { .value = 1 }, { .value = 2 }, { .value = 3 } };
	LIST_HEAD(head);

	(void)state;
	list_add(&items[0].link, &head);
	list_add(&items[1].link, &head);
	list_add_tail(&items[2].link, &head);
	assert_int_equal(digits(&head), 213);
	assert_ptr_equal(list_first_entry(&head, struct item, link),
			 &items[1]);
}

static void del_takes_out_one(void **state)
{
	struct item items[] = { { .value = 1 }, { .value = 2 }, { .value = 3 } };
	LIST_HEAD(head);
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		list_add_tail(&items[i].link, &head);
	list_del(&items[1].link);
	assert_int_equal(digits(&head), 13);
	list_del(&items[0].link);
	list_del(&items[2].link);
	assert_true(list_empty(&head));
}

static void swap_exchanges(void **state)
{
	int a = 1, b = 2;

	(void)state;
	swap(a, b);
	assert_int_equal(a, 2);
	assert_int_equal(b, 1);
}

static void cmpxchg_tells_what_was_there(void **state)
{
	unsigned int word = 1;

	(void)state;
	assert_int_equal(cmpxchg(&word, 2, 3), 1);
	assert_int_equal(word, 1);
	assert_int_equal(cmpxchg(&word, 1, 3), 1);
	assert_int_equal(word, 3);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_list_is_empty),
		cmocka_unit_test(add_goes_first_and_add_tail_last),
		cmocka_unit_test(del_takes_out_one),
		cmocka_unit_test(swap_exchanges),
		cmocka_unit_test(cmpxchg_tells_what_was_there),
	};

	unit_start(argc, argv);
	return unit_run(tests);
}
