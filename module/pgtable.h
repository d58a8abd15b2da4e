/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A window: a stretch of kernel addresses whose page table entries mmbox
 * writes itself. docs/design/vmap.md tells how it comes about, and why so.
 */
#ifndef MMBOX_PGTABLE_H
#define MMBOX_PGTABLE_H

#include <linux/mm.h>
#include <linux/pgtable.h>

/*
 * Where page tables can be written at all. KMSAN keeps a shadow of each mapping
 * that the host makes, and would know nothing of ours.
 */
#if defined(CONFIG_X86) && !defined(CONFIG_KMSAN)
#define MMBOX_OWN_PTES
#endif

/* Pages that the entries of one page table map. */
#define MMBOX_TABLE_PAGES	((unsigned long)PTRS_PER_PTE)

/**
 * struct mmbox_pgwindow - a window
 * @area:      what the host knows it as
 * @first:     number of its first page: address >> PAGE_SHIFT; it is the first
 *	       one of a page table
 * @nr_pages:  pages; a multiple of MMBOX_TABLE_PAGES
 * @table:     its page tables
 */
struct mmbox_pgwindow {
	void *area;
	unsigned long first;
	unsigned long nr_pages;
	pte_t **table;
};

bool mmbox_pgtable_usable(void);
int mmbox_pgwindow_create(struct mmbox_pgwindow *window, unsigned long nr_pages);
void mmbox_pgwindow_destroy(struct mmbox_pgwindow *window, bool leave);
void mmbox_shootdown(void);
void mmbox_flush_this_cpu(void);

/**
 * mmbox_pgwindow_pte - the page table entry of a page
 * @window: the window
 * @page:   number of the page, in the window
 *
 * Context: any.
 * Return: the entry; those of the pages behind it follow, up to the end of the
 * page table.
 */
static inline pte_t *mmbox_pgwindow_pte(const struct mmbox_pgwindow *window,
					unsigned long page)
{
	unsigned long index = page - window->first;

	return window->table[index / MMBOX_TABLE_PAGES] +
	       index % MMBOX_TABLE_PAGES;
}

#ifdef MMBOX_OWN_PTES

/**
 * mmbox_pte_bits - what an entry has beside the number of the frame
 * @prot: protection and cache attributes
 *
 * Return: the bits that this processor has.
 */
static inline pteval_t mmbox_pte_bits(pgprot_t prot)
{
	return pgprot_val(prot) & __supported_pte_mask;
}

/*
 * The host's own helpers go through calls for paravirtualised guests, and ask
 * for the page table of the kernel, which no module has: so native ones. An
 * entry that was empty needs no flush when it is set.
 */
static inline void mmbox_pte_set(pte_t *pte, unsigned long pfn, pteval_t bits)
{
	native_set_pte(pte, native_make_pte((pteval_t)pfn << PAGE_SHIFT | bits));
}

static inline void mmbox_pte_clear(pte_t *pte)
{
	native_set_pte(pte, native_make_pte(0));
}

static inline bool mmbox_pte_is_set(pte_t pte)
{
	return native_pte_val(pte) & _PAGE_PRESENT;
}

static inline unsigned long mmbox_pte_pfn(pte_t pte)
{
	return (native_pte_val(pte) & PTE_PFN_MASK) >> PAGE_SHIFT;
}

/* Whether an area may be mapped so: for the kernel alone, and at all. */
static inline bool mmbox_prot_ok(pgprot_t prot)
{
	return (pgprot_val(prot) & (_PAGE_PRESENT | _PAGE_USER)) ==
	       _PAGE_PRESENT;
}

#else /* no window ever: nothing of this is called */

#define pteval_t unsigned long

static inline pteval_t mmbox_pte_bits(pgprot_t prot)
{
	return 0;
}

static inline void mmbox_pte_set(pte_t *pte, unsigned long pfn, pteval_t bits)
{
}

static inline void mmbox_pte_clear(pte_t *pte)
{
}

static inline bool mmbox_pte_is_set(pte_t pte)
{
	return false;
}

static inline unsigned long mmbox_pte_pfn(pte_t pte)
{
	return 0;
}

static inline bool mmbox_prot_ok(pgprot_t prot)
{
	return true;
}

#endif /* MMBOX_OWN_PTES */

#endif /* MMBOX_PGTABLE_H */
