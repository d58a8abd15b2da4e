// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of devices: the parameter "run" chooses a case, and the result of the
 * module's init is the verdict. What is mapped is the machine's ROM, below the
 * end of the first megabyte, which is no RAM and is always there.
 *
 *	rom	what is read is what the host's own mapping has
 *	refuse	what cannot be mapped is refused
 *	return	wrong returns are refused, and change nothing
 *	guard	before and behind it nothing is mapped
 *	page	registers have no page, and are nobody's to free
 *	hold	registers stay mapped for as long as the module is loaded
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <mmbox.h>

#define ROM	0xf0000UL
#define SIZE	0x10000UL
#define APIC	0xfee00000UL

static char *run = "rom";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "the case");

static struct mmbox *box;

/* Says what does not hold. */
static bool holds(bool ok, const char *what)
{
	if (!ok)
		pr_err("it does not hold: %s\n", what);
	return ok;
}

#define HOLDS(what)	holds(what, #what)

static bool same_bytes(const void __iomem *a, const void __iomem *b, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (readb(a + i) != readb(b + i))
			return false;
	return true;
}

/* Whole, and a piece that begins and ends inside of pages. */
static bool run_rom(void)
{
	const unsigned long inside = 3 * PAGE_SIZE - 5, few = PAGE_SIZE + 10;
	void __iomem *host = ioremap(ROM, SIZE);
	void __iomem *all = mmbox_ioremap(box, ROM, SIZE);
	void __iomem *piece = mmbox_ioremap(box, ROM + inside, few);
	bool ok = HOLDS(host && all && piece);

	if (ok)
		ok = HOLDS(same_bytes(all, host, SIZE)) &
		     HOLDS(same_bytes(piece, host + inside, few)) &
		     HOLDS(offset_in_page(piece) == offset_in_page(inside)) &
		     HOLDS(all != piece && all != host);
	mmbox_iounmap(piece);
	mmbox_iounmap(all);
	if (host)
		iounmap(host);
	return ok;
}

static bool run_refuse(void)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct page *own = mmbox_alloc_pages(box, GFP_KERNEL, 0);
	bool ok = HOLDS(page && own);

	if (ok)
		ok = HOLDS(!mmbox_ioremap(box, page_to_phys(page), PAGE_SIZE)) &
		     HOLDS(!mmbox_ioremap(box, page_to_phys(own), 1)) &
		     HOLDS(!mmbox_ioremap(box, ROM, 0)) &
		     HOLDS(!mmbox_ioremap(box, ROM, -ROM)) &
		     HOLDS(!mmbox_ioremap(box, ~(phys_addr_t)0, 1)) &
		     HOLDS(!mmbox_ioremap(box, 0x100000 - PAGE_SIZE,
					  2 * PAGE_SIZE));
	mmbox_iounmap(NULL);
	if (own)
		mmbox_free_pages(own, 0);
	if (page)
		__free_page(page);
	return ok;
}

/* Each of these is refused; afterwards the areas are as they were. */
static bool run_return(void)
{
	void __iomem *rom = mmbox_ioremap(box, ROM + 8, 2 * PAGE_SIZE);
	void *area = mmbox_vmalloc(box, 2 * PAGE_SIZE);
	u8 first = rom ? readb(rom) : 0;
	bool ok = HOLDS(rom && area);

	if (ok) {
		memset(area, 0x5a, 2 * PAGE_SIZE);
		mmbox_iounmap(rom + PAGE_SIZE);
		mmbox_iounmap((void __iomem *)area);
		mmbox_iounmap((void __iomem *)&run);
		mmbox_vunmap((__force void *)(rom - 8));
		mmbox_vfree((__force void *)(rom - 8));
		ok = HOLDS(readb(rom) == first) &
		     HOLDS(!memchr_inv(area, 0x5a, 2 * PAGE_SIZE));
	}
	mmbox_vfree(area);
	mmbox_iounmap(rom);
	mmbox_iounmap(rom);	/* once more */
	return ok;
}

static bool faults(const void __iomem *at)
{
	u8 byte;

	return copy_from_kernel_nofault(&byte, (__force const void *)at, 1);
}

static bool run_guard(void)
{
	void __iomem *rom = mmbox_ioremap(box, ROM, 2 * PAGE_SIZE);
	bool ok = HOLDS(rom);

	if (ok)
		ok = HOLDS(!faults(rom)) &
		     HOLDS(!faults(rom + 2 * PAGE_SIZE - 1)) &
		     HOLDS(faults(rom + 2 * PAGE_SIZE));
	mmbox_iounmap(rom);
	return ok;
}

static bool run_page(void)
{
	void __iomem *apic = mmbox_ioremap(box, APIC, PAGE_SIZE);
	void *area = (__force void *)apic;
	bool ok = HOLDS(apic) && HOLDS(!pfn_valid(PHYS_PFN(APIC)));

	if (ok) {
		ok = HOLDS(!mmbox_vmalloc_to_page(area));
		mmbox_vfree(area);
		mmbox_kfree(area);
	}
	mmbox_iounmap(apic);
	return ok;
}

static void __iomem *held;

static bool run_hold(void)
{
	held = mmbox_ioremap(box, APIC, PAGE_SIZE);
	return HOLDS(held);
}

static const struct {
	const char *name;
	bool (*run)(void);
} cases[] = {
	{ "rom", run_rom },
	{ "refuse", run_refuse },
	{ "return", run_return },
	{ "guard", run_guard },
	{ "page", run_page },
	{ "hold", run_hold },
};

static int __init test_init(void)
{
	unsigned int i;
	bool ok = false;

	box = mmbox_get("box0");
	if (!box)
		return -ENOENT;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (!strcmp(cases[i].name, run))
			ok = cases[i].run();
	if (!held)
		mmbox_put(box);
	return ok ? 0 : -EINVAL;
}

static void __exit test_exit(void)
{
	if (!held)
		return;
	mmbox_iounmap(held);
	mmbox_put(box);
}

module_init(test_init);
module_exit(test_exit);

MODULE_DESCRIPTION("Tests of memory of devices");
MODULE_LICENSE("GPL");
