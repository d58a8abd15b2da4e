// SPDX-License-Identifier: GPL-2.0
/*
 * Walks through the machine's page tables.
 *
 * Any process's top table will do for an address of the kernel: its upper half
 * is the same in all of them, and init_mm is not for modules.
 *
 * Tables are read as the host's own fast walkers do it, with interrupts off:
 * who frees a table waits for all CPUs to take an interrupt, or for RCU, before
 * the page has another use. That holds for the tables of a process, with and
 * without a VMA around the address, and for those of the kernel. Nevertheless
 * each frame is looked at before it is taken for a table, and a load that
 * faults is the end of the walk and of nothing else.
 */
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "internal.h"
#include "pgwalk.h"
#include "section.h"
#include "slab.h"
#include "vmap_space.h"

#ifdef CONFIG_X86_64
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/pgtable.h>

#include "pgentry.h"

/* Page tables of a Xen guest hold frame numbers of the machine beneath. */
static bool supported(void)
{
	return !cpu_feature_enabled(X86_FEATURE_XENPV);
}

static struct mmbox_paging machine_paging(void)
{
	/* A processor without the table is as one that was just reset. */
	const u64 after_reset = 0x0007040600070406ULL;
	struct mmbox_paging paging = {
		.frame_mask = PTE_PFN_MASK,
		.pat = after_reset,
		.five_levels = pgtable_l5_enabled(),
	};

	if (boot_cpu_has(X86_FEATURE_PAT))
		paging.pat = mmbox_host_rdmsr(MSR_IA32_CR_PAT);
	return paging;
}

/*
 * The top table that the processor uses for an address. With page-table
 * isolation user mode has one of its own, behind that of the kernel, in which
 * nothing keeps the process from running its code.
 */
static u64 top_table(const struct mm_struct *mm, bool user)
{
	u64 phys = __pa(mm->pgd);

	return user && cpu_feature_enabled(X86_FEATURE_PTI) ? phys + PAGE_SIZE :
							      phys;
}

static bool read_entry(void *data, u64 phys, u64 *entry)
{
	return pfn_valid(PHYS_PFN(phys)) &&
	       !copy_from_kernel_nofault(entry, __va(phys), sizeof(*entry));
}

/* The block that a page is in. */
static void identify_block(const struct mmbox_page *head, unsigned long pfn,
			   struct mmbox_walk *walk)
{
	static const u32 state_of[] = {
		[MMBOX_PAGE_FREE]  = MMBOX_WALK_FREE,
		[MMBOX_PAGE_PCP]   = MMBOX_WALK_PCP,
		[MMBOX_PAGE_ALLOC] = MMBOX_WALK_ALLOCATED,
	};
	enum mmbox_page_state state = mmbox_page_state(head);

	if (state < ARRAY_SIZE(state_of))
		walk->page_state = state_of[state];
	walk->page_order = mmbox_page_order(head);
	walk->page_index = pfn & ((1U << walk->page_order) - 1);
}

/*
 * What of a box lies at the physical address. Blocks change while they are
 * looked at: the answer was right a moment ago.
 */
static void identify(struct mmbox_walk *walk)
{
	unsigned long pfn = PHYS_PFN(walk->phys);
	struct mmbox_section *section = mmbox_section_find(pfn);
	const struct mmbox_page *head;

	if (!section)
		return;
	walk->flags |= MMBOX_WALK_PAGE;
	walk->node = section->zone->nid;
	strscpy_pad(walk->zone, mmbox_zone_name[section->zone->type],
		    sizeof(walk->zone));
	strscpy_pad(walk->box, section->zone->box->name, sizeof(walk->box));
	head = mmbox_section_head(section, pfn);
	if (head)
		identify_block(head, pfn, walk);
	else if (mmbox_page_state(mmbox_section_page(section, pfn)) ==
		 MMBOX_PAGE_RESERVED)
		walk->page_state = MMBOX_WALK_RESERVED;
}

/*
 * The object of a cache that an address of the kernel is in. With interrupts off
 * its slab stays.
 */
static void identify_object(const void *addr, struct mmbox_walk *walk)
{
	const struct mmbox_slab *slab = mmbox_slab_find(addr);
	unsigned long nr;

	if (!slab)
		return;
	walk->flags |= MMBOX_WALK_IN_CACHE;
	walk->object_size = slab->layout->object_size;
	strscpy_pad(walk->cache, slab->cache->name, sizeof(walk->cache));
	nr = ((unsigned long)addr - slab->base) / slab->layout->size;
	if ((unsigned long)addr < slab->base || nr >= slab->nr_objects)
		return;
	walk->object = slab->base + nr * slab->layout->size;
	walk->object_used = READ_ONCE(slab->state[nr]) == MMBOX_OBJECT_ALLOC;
}

/*
 * The area that an address of the kernel is in, or whose guard page it is in.
 */
static void identify_area(u64 address, struct mmbox_walk *walk)
{
	static const u32 kind_of[MMBOX_NR_AREA_KINDS] = {
		[MMBOX_AREA_VMALLOC] = MMBOX_AREA_OF_VMALLOC,
		[MMBOX_AREA_VMAP]    = MMBOX_AREA_OF_VMAP,
		[MMBOX_AREA_IOREMAP] = MMBOX_AREA_OF_IOREMAP,
		[MMBOX_AREA_KMAP]    = MMBOX_AREA_OF_KMAP,
		[MMBOX_AREA_GUARDED] = MMBOX_AREA_OF_GUARDED,
	};
	unsigned long page = (unsigned long)address >> PAGE_SHIFT;
	struct mmbox_vmap *vmap = mmbox_vmap_find(page);
	struct mmbox_area_info info;

	if (!vmap || !mmbox_area_next(vmap, page, &info) || info.page > page ||
	    mmbox_word_state(info.word) != MMBOX_AREA_LIVE)
		return;
	walk->flags |= MMBOX_WALK_IN_AREA;
	walk->area_kind = kind_of[mmbox_word_kind(info.word)];
	walk->area = (u64)info.page << PAGE_SHIFT;
	walk->area_pages = info.nr - 1;
	strscpy_pad(walk->box, vmap->box->name, sizeof(walk->box));
}

/**
 * mmbox_pgwalk - follow an address through page tables
 * @mm:	     whose; the caller holds it
 * @address: any address of the process, or of the kernel
 * @walk:    filled in
 *
 * Context: process context, may sleep; takes the mmap_lock for an address of
 * the process.
 * Return: 0, -EINVAL for an address that no table could have, -EINTR when the
 * caller is being killed, -EOPNOTSUPP where mmbox cannot read page tables.
 */
int mmbox_pgwalk(struct mm_struct *mm, u64 address, struct mmbox_walk *walk)
{
	bool user = mmbox_pgwalk_is_user(address);
	struct mmbox_paging paging;
	unsigned long flags;

	if (!supported())
		return -EOPNOTSUPP;
	paging = machine_paging();
	if (!mmbox_pgentry_canonical(&paging, address))
		return -EINVAL;
	if (user && mmap_read_lock_killable(mm))
		return -EINTR;
	local_irq_save(flags);
	mmbox_pgentry_walk(&paging, top_table(mm, user), address, read_entry,
			   NULL, walk);
	if (walk->flags & MMBOX_WALK_MAPPED)
		identify(walk);
	if (!user) {
		identify_area(address, walk);
		identify_object((void *)(unsigned long)address, walk);
	}
	local_irq_restore(flags);
	if (user)
		mmap_read_unlock(mm);
	return 0;
}

/**
 * mmbox_pgwalk_hide - leave out what is not for everybody
 * @walk: what mmbox_pgwalk() found; without physical addresses afterwards
 *
 * Context: any.
 */
void mmbox_pgwalk_hide(struct mmbox_walk *walk)
{
	const struct mmbox_paging paging = machine_paging();

	mmbox_pgentry_hide(&paging, walk);
}

/**
 * mmbox_pgwalk_is_user - whether an address belongs to processes
 * @address: any
 *
 * Return: false for one of the kernel, and for what is in neither half.
 */
bool mmbox_pgwalk_is_user(u64 address)
{
	return address < TASK_SIZE_MAX;
}
#else
int mmbox_pgwalk(struct mm_struct *mm, u64 address, struct mmbox_walk *walk)
{
	return -EOPNOTSUPP;
}

void mmbox_pgwalk_hide(struct mmbox_walk *walk)
{
}

bool mmbox_pgwalk_is_user(u64 address)
{
	return address < TASK_SIZE;
}
#endif
