// SPDX-License-Identifier: GPL-2.0
/*
 * Any input is a sequence of operations on a buddy and its model.
 *
 * Byte 0: how many sections. Byte 1: which holes the first one has. Then one
 * byte an operation, chosen so that letters make sense: a to k allocate a
 * block of order 0 to 10; @, A, B ... free the newest block, the one before
 * it, and so on. With bit 7 set, a free counts from the oldest block instead.
 */
#include "fuzz.h"

#include "twin.h"

#define MAX_SECTIONS	3
#define NR_HOLES	5

static void add_frames(struct twin *twin, uint8_t holes)
{
	bool present[MAX_SECTIONS * MMBOX_SECTION_PAGES];
	unsigned int i, frame;

	for (frame = 0; frame < pool_frames(twin->pool); frame++)
		present[frame] = true;
	/* Holes of 1, 4, 16, 64 and 256 frames, each as far from the start. */
	for (i = 0; i < NR_HOLES; i++)
		for (frame = 1U << 2 * i; frame < 2U << 2 * i; frame++)
			present[frame] = !(holes >> i & 1);
	twin_add_present(twin, present);
}

static void step(struct twin *twin, uint8_t byte)
{
	unsigned int number = byte & 0x1f;

	if (byte & 0x20) {
		twin_alloc(twin, (number + 31) % 32 % MMBOX_NR_ORDERS);
		return;
	}
	if (!twin->nr_live)
		return;
	number %= twin->nr_live;
	twin_free(twin, byte & 0x80 ? number : twin->nr_live - 1 - number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct twin *twin;
	size_t i;

	if (size < 2)
		return 0;
	twin = twin_create(1 + data[0] % MAX_SECTIONS);
	add_frames(twin, data[1]);
	for (i = 2; i < size; i++) {
		step(twin, data[i]);
		if (i % 32 == 0)
			twin_check(twin);
	}
	twin_check(twin);
	while (twin->nr_live)
		twin_free(twin, twin->nr_live - 1);
	twin_check(twin);
	twin_destroy(twin);
	return 0;
}
