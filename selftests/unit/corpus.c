// SPDX-License-Identifier: GPL-2.0
/* A fuzzer's seeds, and inputs that once failed: each must pass. */
#include "unit.h"

#include <glob.h>
#include <stdio.h>

#include "fuzz.h"

static void run_file(const char *path)
{
	uint8_t data[65536];
	FILE *file = fopen(path, "rb");
	size_t size;

	assert_non_null(file);
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	assert_in_range(size, 1, sizeof(data) - 1);
	LLVMFuzzerTestOneInput(data, size);
}

static void corpus_passes(void **state)
{
	glob_t found;
	size_t i;

	(void)state;
	assert_int_equal(glob(fuzz_corpus, 0, NULL, &found), 0);
	for (i = 0; i < found.gl_pathc; i++) {
		print_message("# %s\n", found.gl_pathv[i]);
		run_file(found.gl_pathv[i]);
	}
	globfree(&found);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(corpus_passes),
	};

	unit_start(argc, argv);
	return unit_run(tests);
}
