// SPDX-License-Identifier: GPL-2.0
/*
 * Any input is a sequence of operations on a buddy and its model.
 *
 * Byte 0: how many sections. Byte 1: which holes the first one has. Then one
 * byte an operation, chosen so that letters make sense: a to k allocate a
 * block of order 0 to 10; @, A, B ... free the newest block, the one before
 * it, and so on. With bit 7 set, a free counts from the oldest block instead.
 * 0 to 4 choose the type of what follows, Unmovable to Isolate. Space, !, " ...
 * convert the first pageblock, the second one, and so on, to that type. Control
 * characters take a free block of that type out: the number is its order.
 */
#include "fuzz.h"

#include "twin.h"

const char *const fuzz_corpus = "corpus/buddy/*";

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

static void free_one(struct twin *twin, unsigned int number, bool oldest)
{
	if (!twin->nr_live)
		return;
	number %= twin->nr_live;
	twin_free(twin, oldest ? number : twin->nr_live - 1 - number);
}

static void step(struct twin *twin, uint8_t byte,
		 enum mmbox_migratetype *type)
{
	unsigned int number = byte & 0x1f;

	switch (byte & 0x60) {
	case 0x00:
		twin_del(twin, number % MMBOX_NR_ORDERS, *type);
		break;
	case 0x20:
		if (number & 0x10)
			*type = (number & 0xf) % MMBOX_NR_TYPES;
		else
			twin_convert(twin, number % pool_blocks(twin->pool),
				     *type);
		break;
	case 0x40:
		free_one(twin, number, byte & 0x80);
		break;
	default:
		twin_alloc(twin, (number + 31) % 32 % MMBOX_NR_ORDERS, *type);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum mmbox_migratetype type = MMBOX_UNMOVABLE;
	struct twin *twin;
	size_t i;

	if (size < 2)
		return 0;
	twin = twin_create(1 + data[0] % MAX_SECTIONS);
	add_frames(twin, data[1]);
	for (i = 2; i < size; i++) {
		step(twin, data[i], &type);
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
