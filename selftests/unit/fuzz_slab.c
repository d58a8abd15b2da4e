// SPDX-License-Identifier: GPL-2.0
/*
 * Any input is a sequence of operations on caches and kmalloc, and says what
 * happens to be done by interrupts and other tasks meanwhile: slab_play.c takes
 * one byte for each choice, or two where there are more than 256.
 *
 * Byte 0 is the seed of what the host does at its steps.
 */
#include "fuzz.h"

#include "slab_play.h"

const char *const fuzz_corpus = "corpus/slab/*";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int op;

	if (size < 2)
		return 0;
	play_start(data[0], data + 1, size - 1);
	for (op = 0; play_goes_on(); op++) {
		if (op % 256 == 0)
			play_next_mix();
		play_step();
		if (op % 32 == 0)
			play_check();
	}
	play_check();
	play_end();
	return 0;
}
