// SPDX-License-Identifier: GPL-2.0
/*
 * A driver for QEMU's device "edu" that has its memory from a box: registers
 * through mmbox_ioremap(), and for DMA pages of zone DMA, because the device has
 * no more than 28 address bits. When it finds a device it tries all of that, and
 * refuses the device if something does not hold.
 *
 * QEMU describes the device in docs/specs/edu.
 */
#include <linux/bitops.h>
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/random.h>

#include <mmbox.h>

#define DMA_BITS	28

/* Registers, and what stands in them. */
#define REG_ID		0x00
#define REG_ALIVE	0x04
#define REG_FACTORIAL	0x08
#define REG_STATUS	0x20
#define REG_IRQ		0x24
#define REG_ACK		0x64
#define REG_DMA_FROM	0x80
#define REG_DMA_TO	0x88
#define REG_DMA_COUNT	0x90
#define REG_DMA_CMD	0x98

#define ID_MASK		0xff00ffff
#define ID_EDU		0x010000ed
#define STATUS_IRQ	0x80	/* an interrupt when the factorial is there */
#define CMD_START	0x1
#define CMD_TO_MEMORY	0x2	/* else to the device */
#define CMD_IRQ		0x4

/* The device's own memory. Its last byte cannot be reached in one transfer. */
#define BUFFER		0x40000
#define BYTES		2048

static char *box_name = "box0";
module_param_named(box, box_name, charp, 0444);
MODULE_PARM_DESC(box, "the box that memory is from");

/**
 * struct edu - one device
 * @pdev: the device
 * @box:  where memory is from
 * @regs: its registers
 * @done: it has finished what it was told, and raised an interrupt
 */
struct edu {
	struct pci_dev *pdev;
	struct mmbox *box;
	void __iomem *regs;
	struct completion done;
};

static irqreturn_t edu_interrupt(int irq, void *data)
{
	struct edu *edu = data;
	u32 pending = readl(edu->regs + REG_IRQ);

	if (!pending)
		return IRQ_NONE;
	writel(pending, edu->regs + REG_ACK);
	complete(&edu->done);
	return IRQ_HANDLED;
}

static int await(struct edu *edu)
{
	return wait_for_completion_timeout(&edu->done, 10 * HZ) ? 0 :
								  -ETIMEDOUT;
}

/* Registers read and write: it says who it is, inverts, and calculates. */
static int try_registers(struct edu *edu)
{
	u32 word = get_random_u32();
	u32 id = readl(edu->regs + REG_ID);
	int err;

	if ((id & ID_MASK) != ID_EDU)
		return -ENODEV;
	writel(word, edu->regs + REG_ALIVE);
	if (readl(edu->regs + REG_ALIVE) != ~word)
		return -EIO;
	reinit_completion(&edu->done);
	writel(STATUS_IRQ, edu->regs + REG_STATUS);
	writel(12, edu->regs + REG_FACTORIAL);
	err = await(edu);
	writel(0, edu->regs + REG_STATUS);
	if (!err && readl(edu->regs + REG_FACTORIAL) != 479001600)
		err = -EIO;
	if (!err)
		pci_info(edu->pdev, "registers answer: identification %#x, 12! is 479001600\n",
			 id);
	return err;
}

static int transfer(struct edu *edu, dma_addr_t from, dma_addr_t to, u32 cmd)
{
	reinit_completion(&edu->done);
	writel(from, edu->regs + REG_DMA_FROM);
	writel(to, edu->regs + REG_DMA_TO);
	writel(BYTES, edu->regs + REG_DMA_COUNT);
	writel(cmd | CMD_START | CMD_IRQ, edu->regs + REG_DMA_CMD);
	return await(edu);
}

/* There and back, from the page's first half to its second. */
static int send_round(struct edu *edu, struct page *page)
{
	struct device *dev = &edu->pdev->dev;
	dma_addr_t dma;
	int err;

	dma = dma_map_page(dev, page, 0, PAGE_SIZE, DMA_BIDIRECTIONAL);
	if (dma_mapping_error(dev, dma))
		return -ENOMEM;
	err = transfer(edu, dma, BUFFER, 0);
	err = err ?: transfer(edu, BUFFER, dma + BYTES, CMD_TO_MEMORY);
	dma_unmap_page(dev, dma, PAGE_SIZE, DMA_BIDIRECTIONAL);
	/* Were it elsewhere, the host would have copied it to memory of its own. */
	if (!err && dma != page_to_phys(page))
		err = -ENXIO;
	return err;
}

static int try_dma(struct edu *edu)
{
	phys_addr_t phys;
	struct page *page;
	char *bytes;
	int err;

	page = mmbox_alloc_pages(edu->box, GFP_KERNEL | GFP_DMA | __GFP_ZERO, 0);
	if (!page)
		return -ENOMEM;
	phys = page_to_phys(page);
	bytes = page_address(page);
	get_random_bytes(bytes, BYTES);
	err = phys >> DMA_BITS ? -EFAULT : send_round(edu, page);
	if (!err && memcmp(bytes, bytes + BYTES, BYTES))
		err = -EIO;
	mmbox_free_pages(page, 0);
	if (!err)
		pci_info(edu->pdev, "DMA of %d bytes there and back, from a page of zone DMA at %pap\n",
			 BYTES, &phys);
	return err;
}

static int map_registers(struct edu *edu)
{
	struct pci_dev *pdev = edu->pdev;

	edu->box = mmbox_get(box_name);
	if (!edu->box) {
		pci_err(pdev, "there is no box %s\n", box_name);
		return -ENOENT;
	}
	edu->regs = mmbox_ioremap(edu->box, pci_resource_start(pdev, 0),
				  pci_resource_len(pdev, 0));
	if (edu->regs)
		return 0;
	mmbox_put(edu->box);
	return -ENOMEM;
}

static void unmap_registers(struct edu *edu)
{
	mmbox_iounmap(edu->regs);
	mmbox_put(edu->box);
}

/* Interrupts come from here on, until free_irq(). */
static int set_up(struct edu *edu)
{
	struct pci_dev *pdev = edu->pdev;
	int err;

	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(DMA_BITS));
	if (err)
		return err;
	err = map_registers(edu);
	if (err)
		return err;
	pci_set_master(pdev);
	err = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_ALL_TYPES);
	if (err < 0)
		goto unmap;
	err = request_irq(pci_irq_vector(pdev, 0), edu_interrupt, IRQF_SHARED,
			  KBUILD_MODNAME, edu);
	if (!err)
		return 0;
	pci_free_irq_vectors(pdev);
unmap:
	pci_clear_master(pdev);
	unmap_registers(edu);
	return err;
}

static void tear_down(struct edu *edu)
{
	free_irq(pci_irq_vector(edu->pdev, 0), edu);
	pci_free_irq_vectors(edu->pdev);
	/* No transfer is under way any more, and none can begin. */
	pci_clear_master(edu->pdev);
	unmap_registers(edu);
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu *edu;
	int err;

	edu = devm_kzalloc(&pdev->dev, sizeof(*edu), GFP_KERNEL);
	if (!edu)
		return -ENOMEM;
	edu->pdev = pdev;
	init_completion(&edu->done);
	pci_set_drvdata(pdev, edu);
	err = pci_enable_device(pdev);
	if (err)
		return err;
	err = pci_request_region(pdev, 0, KBUILD_MODNAME);
	if (err)
		goto disable;
	err = set_up(edu);
	if (err)
		goto release;
	err = try_registers(edu);
	err = err ?: try_dma(edu);
	if (!err)
		return 0;
	pci_err(pdev, "the device does not do what it should: %d\n", err);
	tear_down(edu);
release:
	pci_release_region(pdev, 0);
disable:
	pci_disable_device(pdev);
	return err;
}

static void edu_remove(struct pci_dev *pdev)
{
	tear_down(pci_get_drvdata(pdev));
	pci_release_region(pdev, 0);
	pci_disable_device(pdev);
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name = KBUILD_MODNAME,
	.id_table = edu_ids,
	.probe = edu_probe,
	.remove = edu_remove,
};
module_pci_driver(edu_driver);

MODULE_AUTHOR("The mmbox developers");
MODULE_DESCRIPTION("QEMU's device edu, on memory of a box");
MODULE_LICENSE("GPL");
