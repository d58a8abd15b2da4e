// SPDX-License-Identifier: GPL-2.0
/* Words for the bits of an answer to a walk. */
#include <string.h>

#include "../lib/libmmbox.h"
#include "unit.h"

static void names_of_numbers(void **state)
{
	(void)state;
	assert_string_equal(mmbox_level_name(MMBOX_LEVEL_PTE), "PTE");
	assert_string_equal(mmbox_level_name(MMBOX_LEVEL_PGD), "PGD");
	assert_string_equal(mmbox_level_name(0), "?");
	assert_string_equal(mmbox_level_name(6), "?");
	assert_string_equal(mmbox_memtype_name(MMBOX_MEMTYPE_WB), "write-back");
	assert_string_equal(mmbox_memtype_name(MMBOX_MEMTYPE_UC_MINUS), "uncached-minus");
	assert_string_equal(mmbox_memtype_name(2), "?");
	assert_string_equal(mmbox_memtype_name(8), "?");
	assert_string_equal(mmbox_page_state_name(MMBOX_WALK_FREE), "free");
	assert_string_equal(mmbox_page_state_name(MMBOX_WALK_RESERVED), "reserved");
	assert_string_equal(mmbox_page_state_name(0), "?");
	assert_string_equal(mmbox_page_state_name(UINT32_MAX), "?");
	assert_string_equal(mmbox_area_kind_name(MMBOX_AREA_OF_VMALLOC), "vmalloc");
	assert_string_equal(mmbox_area_kind_name(MMBOX_AREA_OF_GUARDED), "guarded");
	assert_string_equal(mmbox_area_kind_name(0), "?");
	assert_string_equal(mmbox_area_kind_name(UINT32_MAX), "?");
}

static void names_of_flags(void **state)
{
	char text[256], small[9];

	(void)state;
	mmbox_entry_flags(0, text, sizeof(text));
	assert_string_equal(text, "none");
	mmbox_entry_flags(MMBOX_ENTRY_NX | MMBOX_ENTRY_PRESENT, text, sizeof(text));
	assert_string_equal(text, "present nx");
	mmbox_entry_flags(UINT32_MAX, text, sizeof(text));
	assert_string_equal(text, "bad protnone other present leaf write user nx accessed dirty "
			    "global pwt pcd pat");
	mmbox_entry_flags(UINT32_MAX, small, sizeof(small));
	assert_string_equal(small, "bad prot");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_numbers),
		cmocka_unit_test(names_of_flags),
	};

	return cmocka_run_group_tests_name("walk words", tests, NULL, NULL);
}
