// SPDX-License-Identifier: GPL-2.0
/*
 * The work of mmbox_bench with areas: pages mapped side by side, and unmapped.
 * The host has three ways, vmap(), vm_map_ram() for what goes soon, and
 * vmalloc(), which takes the pages, too. There is enough of it in a round for
 * purges on either side: see @nr of struct mmbox_bench_work.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include <mmbox.h>

#include "bench.h"

/* Pages of the largest area that is measured. */
#define MAX_AREA	256

static struct mmbox *box;
static struct page *pages[MAX_AREA];

static noinline void *empty_map(unsigned int nr)
{
	/* Else the compiler sees that there is nothing to call. */
	barrier();
	return &pages;
}

static noinline void empty_unmap(void *area, unsigned int nr)
{
	barrier();
}

static __always_inline void *kernel_vmap(unsigned int nr)
{
	return vmap(pages, nr, VM_MAP, PAGE_KERNEL);
}

static __always_inline void kernel_vunmap(void *area, unsigned int nr)
{
	vunmap(area);
}

static __always_inline void *kernel_map_ram(unsigned int nr)
{
	return vm_map_ram(pages, nr, NUMA_NO_NODE);
}

static __always_inline void kernel_unmap_ram(void *area, unsigned int nr)
{
	vm_unmap_ram(area, nr);
}

static __always_inline void *kernel_vmalloc(unsigned int nr)
{
	return vmalloc(nr * PAGE_SIZE);
}

static __always_inline void kernel_vfree(void *area, unsigned int nr)
{
	vfree(area);
}

static __always_inline void *box_vmap(unsigned int nr)
{
	return mmbox_vmap(box, pages, nr, VM_MAP, PAGE_KERNEL);
}

static __always_inline void box_vunmap(void *area, unsigned int nr)
{
	mmbox_vunmap(area);
}

static __always_inline void *box_vmalloc(unsigned int nr)
{
	return mmbox_vmalloc(box, nr * PAGE_SIZE);
}

static __always_inline void box_vfree(void *area, unsigned int nr)
{
	mmbox_vfree(area);
}

/* Inlined for each side, so that the calls in it are direct. */
static __always_inline int
do_areas(void *(*map)(unsigned int nr_pages),
	 void (*unmap)(void *area, unsigned int nr_pages),
	 unsigned int nr_pages, unsigned int nr)
{
	while (nr--) {
		void *area = map(nr_pages);

		if (!area)
			return -ENOMEM;
		unmap(area, nr_pages);
	}
	return 0;
}

static int empty_areas(unsigned int nr_pages, unsigned int nr, void **batch)
{
	return do_areas(empty_map, empty_unmap, nr_pages, nr);
}

static int kernel_vmaps(unsigned int nr_pages, unsigned int nr, void **batch)
{
	return do_areas(kernel_vmap, kernel_vunmap, nr_pages, nr);
}

static int kernel_map_rams(unsigned int nr_pages, unsigned int nr, void **batch)
{
	return do_areas(kernel_map_ram, kernel_unmap_ram, nr_pages, nr);
}

static int kernel_vmallocs(unsigned int nr_pages, unsigned int nr, void **batch)
{
	return do_areas(kernel_vmalloc, kernel_vfree, nr_pages, nr);
}

static int box_vmaps(unsigned int nr_pages, unsigned int nr, void **batch)
{
	return do_areas(box_vmap, box_vunmap, nr_pages, nr);
}

static int box_vmallocs(unsigned int nr_pages, unsigned int nr, void **batch)
{
	return do_areas(box_vmalloc, box_vfree, nr_pages, nr);
}

const mmbox_bench_run_t mmbox_bench_vmap[MMBOX_BENCH_OWN_SIDES] = {
	empty_areas, kernel_vmaps, box_vmaps,
};

const mmbox_bench_run_t mmbox_bench_map_ram[MMBOX_BENCH_OWN_SIDES] = {
	empty_areas, kernel_map_rams, box_vmaps,
};

const mmbox_bench_run_t mmbox_bench_vmalloc[MMBOX_BENCH_OWN_SIDES] = {
	empty_areas, kernel_vmallocs, box_vmallocs,
};

/**
 * mmbox_bench_vmap_init - get ready to measure areas
 * @bench_box: the box of one side
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmbox_bench_vmap_init(struct mmbox *bench_box)
{
	unsigned long nr;

	box = bench_box;
	nr = mmbox_alloc_pages_bulk(box, GFP_KERNEL, MAX_AREA, pages);
	if (nr == MAX_AREA)
		return 0;
	mmbox_free_pages_bulk(nr, pages);
	return -ENOMEM;
}

/**
 * mmbox_bench_vmap_exit - give back what measuring areas took
 */
void mmbox_bench_vmap_exit(void)
{
	mmbox_free_pages_bulk(MAX_AREA, pages);
}
