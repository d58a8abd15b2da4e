// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of devices, mapped among the areas of a box.
 *
 * It is mapped as the host's ioremap() does it: uncached, unless the
 * processor's range registers know better. Memory that programs live in is
 * refused: it is mapped cached elsewhere, and what one and the other mapping
 * wrote would be seen in any order.
 */
#include <linux/export.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mm.h>

#include "internal.h"
#include "vmap.h"

static bool is_ram(phys_addr_t phys, size_t size)
{
	return region_intersects(phys, size, IORESOURCE_SYSTEM_RAM,
				 IORES_DESC_NONE) != REGION_DISJOINT;
}

static bool has_address(phys_addr_t phys)
{
#ifdef CONFIG_X86
	return !((u64)phys >> boot_cpu_data.x86_phys_bits);
#else
	return true;
#endif
}

/* As the host's ioremap() has it, also where memory is encrypted. */
static pgprot_t device_prot(void)
{
#ifdef PAGE_KERNEL_IO
	return pgprot_decrypted(pgprot_noncached(PAGE_KERNEL_IO));
#else
	return pgprot_noncached(PAGE_KERNEL);
#endif
}

/* Why a range cannot be mapped, or NULL. */
static const char *what_is_wrong(phys_addr_t phys, size_t size)
{
	phys_addr_t last = phys + size - 1;

	if (in_interrupt())
		return "not in an interrupt";
	if (!size)
		return "no byte is asked for";
	if (last < phys || !has_address(last))
		return "there are no such physical addresses";
	if (is_ram(phys, size))
		return "it is RAM";
	return NULL;
}

/* Where the box has no window the host maps, and the box keeps the account. */
static void *map_by_host(struct mmbox *box, const struct mmbox_area_req *req,
			 phys_addr_t phys)
{
	void __iomem *addr;

	if (!mmbox_vmap_ready(box->vmap, req->gfp))
		return NULL;
	addr = ioremap(phys, req->nr_pages << PAGE_SHIFT);
	if (!addr)
		return NULL;
	if (mmbox_area_adopt(box->vmap, (unsigned long)addr, req)) {
		iounmap(addr);
		return NULL;
	}
	return (__force void *)addr;
}

static int unmap_by_host(unsigned long addr)
{
	struct mmbox_claim claim;
	int err;

	err = mmbox_area_claim(addr, MMBOX_AREA_IOREMAP, &claim);
	if (err)
		return err;
	mmbox_area_disown(&claim);
	iounmap((void __iomem *)addr);
	mmbox_area_release(&claim);
	return 0;
}

/**
 * mmbox_ioremap - map memory of a device
 * @box:  the box that gives the addresses
 * @phys: physical address of the first byte
 * @size: bytes
 *
 * Context: process context, may sleep.
 * Return: address of the first byte, to be read and written with readl() and
 * its like, or NULL, with one report.
 */
void __iomem *mmbox_ioremap(struct mmbox *box, phys_addr_t phys, size_t size)
{
	const char *why = what_is_wrong(phys, size);
	struct mmbox_area_req req = {
		.align = 1,
		.kind = MMBOX_AREA_IOREMAP,
		.gfp = GFP_KERNEL,
		.caller = _RET_IP_,
	};
	void *addr;

	if (why) {
		mmbox_area_refuse(box, "ioremap", why);
		return NULL;
	}
	might_sleep();
	req.nr_pages = PHYS_PFN(phys + size - 1) - PHYS_PFN(phys) + 1;
	if (box->vmap->own)
		addr = mmbox_area_map_pfn(box, &req, PHYS_PFN(phys),
					  device_prot());
	else
		addr = map_by_host(box, &req, phys & PAGE_MASK);
	if (!addr) {
		mmbox_area_refuse(box, "ioremap", "no room for it");
		return NULL;
	}
	return (void __iomem *)addr + offset_in_page(phys);
}
EXPORT_SYMBOL_GPL(mmbox_ioremap);

/**
 * mmbox_iounmap - undo mmbox_ioremap()
 * @addr: what it returned; NULL does nothing
 *
 * Context: process context, may sleep.
 */
void mmbox_iounmap(void __iomem *addr)
{
	unsigned long page = (unsigned long)addr & PAGE_MASK;
	struct mmbox *box;
	int err;

	if (!addr)
		return;
	box = mmbox_area_box((void *)page);
	if (in_interrupt()) {
		mmbox_area_refuse(box, "iounmap", "not in an interrupt");
		return;
	}
	if (box && !box->vmap->own)
		err = unmap_by_host(page);
	else
		err = mmbox_area_unmap((void *)page, MMBOX_AREA_IOREMAP);
	if (err)
		mmbox_area_refuse_return((void *)page, "iounmap", err);
}
EXPORT_SYMBOL_GPL(mmbox_iounmap);
