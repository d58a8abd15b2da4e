// SPDX-License-Identifier: GPL-2.0
/*
 * Windows made and unmade, and translations flushed.
 *
 * The host makes a window with vmap(), of one page again and again: so it has
 * set the addresses aside, built the page tables, and shown how an entry looks
 * here. mmbox finds the tables with lookup_address(), once for each of them,
 * empties all entries, and writes them itself from then on. Before vunmap()
 * takes the window back all entries are empty again: vunmap() leaves an empty
 * one alone, and flushes at a time of its own choosing.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/vmalloc.h>

#include "pgtable.h"

#ifdef MMBOX_OWN_PTES

#include <asm/cpufeature.h>
#include <asm/invpcid.h>
#include <asm/processor-flags.h>
#include <asm/special_insns.h>

/**
 * mmbox_pgtable_usable - whether windows can be had on this machine
 *
 * A paravirtualised Xen guest may not write its page tables, nor do they hold
 * numbers of frames that it knows.
 *
 * Return: whether they can.
 */
bool mmbox_pgtable_usable(void)
{
	return !cpu_feature_enabled(X86_FEATURE_XENPV);
}

/**
 * mmbox_flush_this_cpu - forget all translations on this CPU
 *
 * Single addresses would not do: with page table isolation each translation may
 * be there once for each address space tag, and only the host knows the tags.
 *
 * Context: any, with preemption off.
 */
void mmbox_flush_this_cpu(void)
{
	unsigned long flags, cr4;

	if (cpu_feature_enabled(X86_FEATURE_INVPCID)) {
		invpcid_flush_all();
		return;
	}
	/* Global pages switched off and on again: that flushes them all. */
	local_irq_save(flags);
	cr4 = native_read_cr4();
	asm volatile("mov %0, %%cr4" : : "r" (cr4 ^ X86_CR4_PGE) : "memory");
	asm volatile("mov %0, %%cr4" : : "r" (cr4) : "memory");
	local_irq_restore(flags);
}

static void flush_on_cpu(void *unused)
{
	mmbox_flush_this_cpu();
}

/**
 * mmbox_shootdown - forget all translations on all CPUs
 *
 * Context: interrupts on; waits for all CPUs. A CPU that comes online later
 * begins with none.
 */
void mmbox_shootdown(void)
{
	on_each_cpu(flush_on_cpu, NULL, 1);
}

/* Whether @pte is what vmap() writes for @pfn, and what we would write. */
static bool as_expected(const pte_t *pte, unsigned long pfn)
{
	pteval_t wanted = (pteval_t)pfn << PAGE_SHIFT |
			  mmbox_pte_bits(PAGE_KERNEL);
	pteval_t has = native_pte_val(READ_ONCE(*pte));

	/* The processor may have noted by now that it used the entry. */
	return !((has ^ wanted) & ~(_PAGE_ACCESSED | _PAGE_DIRTY));
}

/* Finds the page tables of a window that maps @pfn everywhere. */
static int find_tables(struct mmbox_pgwindow *window, unsigned long pfn)
{
	unsigned long i, address = window->first << PAGE_SHIFT;
	unsigned int level;
	pte_t *table;

	for (i = 0; i < window->nr_pages / MMBOX_TABLE_PAGES; i++) {
		table = lookup_address(address, &level);
		if (!table || level != PG_LEVEL_4K ||
		    !IS_ALIGNED((unsigned long)table, PAGE_SIZE) ||
		    !as_expected(table, pfn) ||
		    !as_expected(table + MMBOX_TABLE_PAGES - 1, pfn))
			return -EOPNOTSUPP;
		window->table[i] = table;
		address += MMBOX_TABLE_PAGES << PAGE_SHIFT;
	}
	return 0;
}

static void clear_all(struct mmbox_pgwindow *window)
{
	unsigned long page;

	for (page = 0; page < window->nr_pages; page++)
		mmbox_pte_clear(mmbox_pgwindow_pte(window, window->first + page));
	mmbox_shootdown();
}

/* What the host set aside before and behind the window is not used. */
static void clear_edges(const struct mmbox_pgwindow *window)
{
	unsigned long page = (unsigned long)window->area >> PAGE_SHIFT;
	unsigned long end = page + window->nr_pages + MMBOX_TABLE_PAGES - 1;
	unsigned int level;
	pte_t *pte;

	for (; page < end; page++) {
		if (page - window->first < window->nr_pages)
			continue;
		pte = lookup_address(page << PAGE_SHIFT, &level);
		if (pte && level == PG_LEVEL_4K)
			mmbox_pte_clear(pte);
	}
}

/* Has the host set addresses aside, and map @page at all of them. */
static int map_everywhere(struct mmbox_pgwindow *window, struct page *page)
{
	/* Enough to begin with the first page of a page table. */
	unsigned long i, nr = window->nr_pages + MMBOX_TABLE_PAGES - 1;
	struct page **pages;

	if (nr > totalram_pages())	/* vmap() refuses that */
		return -ENOMEM;
	pages = kvmalloc_array(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		pages[i] = page;
	/*
	 * As memory of a device, which some of it will be: who reads the
	 * kernel's memory, as /proc/kcore does, then keeps away. It would look
	 * for each page of the window in the kernel's mapping of all memory,
	 * where registers are not, and without a thought of entries that change.
	 */
	window->area = vmap(pages, nr, VM_MAP | VM_IOREMAP, PAGE_KERNEL);
	kvfree(pages);
	if (!window->area)
		return -ENOMEM;
	window->first = round_up((unsigned long)window->area >> PAGE_SHIFT,
				 MMBOX_TABLE_PAGES);
	return 0;
}

static int make_window(struct mmbox_pgwindow *window, struct page *page)
{
	int err;

	err = map_everywhere(window, page);
	if (err)
		return err;
	err = find_tables(window, page_to_pfn(page));
	if (err) {
		vunmap(window->area);
		return err;
	}
	clear_edges(window);
	clear_all(window);
	return 0;
}

/**
 * mmbox_pgwindow_create - make a window
 * @window:   filled in
 * @nr_pages: pages, a multiple of MMBOX_TABLE_PAGES
 *
 * No page of it is mapped.
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM if the host has no room for it, or -EOPNOTSUPP if its page
 * tables are not as they are known here.
 */
int mmbox_pgwindow_create(struct mmbox_pgwindow *window, unsigned long nr_pages)
{
	struct page *page;
	int err = -ENOMEM;

	window->nr_pages = nr_pages;
	window->table = kvcalloc(nr_pages / MMBOX_TABLE_PAGES,
				 sizeof(*window->table), GFP_KERNEL);
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (window->table && page)
		err = make_window(window, page);
	/* Nothing maps it any more, but for what failed, which is unmapped. */
	if (page)
		__free_page(page);
	if (err)
		kvfree(window->table);
	return err;
}

/**
 * mmbox_pgwindow_destroy - give a window back to the host
 * @window: the window, which nobody uses
 * @leave:  somebody may still touch it: nothing is mapped any more, but its
 *	    addresses are lost rather than given to somebody else
 *
 * Context: process context, may sleep.
 */
void mmbox_pgwindow_destroy(struct mmbox_pgwindow *window, bool leave)
{
	clear_all(window);
	if (!leave)
		vunmap(window->area);
	kvfree(window->table);
}

#else

bool mmbox_pgtable_usable(void)
{
	return false;
}

void mmbox_flush_this_cpu(void)
{
}

void mmbox_shootdown(void)
{
}

int mmbox_pgwindow_create(struct mmbox_pgwindow *window, unsigned long nr_pages)
{
	return -EOPNOTSUPP;
}

void mmbox_pgwindow_destroy(struct mmbox_pgwindow *window, bool leave)
{
}

#endif /* MMBOX_OWN_PTES */
