// SPDX-License-Identifier: GPL-2.0
/*
 * The address space of a box, in files: vmallocinfo, as the kernel's, and
 * vmap/window, where areas and holes lie.
 *
 * A row's position is the number of its first page, so that a reader who was
 * away goes on at the same address, whatever has come and gone meanwhile. Areas
 * that wait for a purge stand last in vmallocinfo: their positions follow those
 * of all others.
 */
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "internal.h"
#include "report.h"
#include "vmap.h"

/* Behind the number of any page; a loff_t has room for twice that. */
#define LAZY	(1LL << (BITS_PER_LONG - PAGE_SHIFT))

/* The first area of a state from a page on. */
static bool next_area(struct mmbox *box, enum mmbox_area_state state,
		      unsigned long page, struct mmbox_area_info *info)
{
	while (mmbox_area_next(box->vmap, page, info)) {
		/* One that begins before it had its row already. */
		if (info->page >= page &&
		    mmbox_word_state(info->word) == state)
			return true;
		page = info->page + info->nr;
	}
	return false;
}

/**
 * mmbox_report_next_vmalloc - the position of an area
 * @box: the box
 * @pos: position
 *
 * Return: whether there is one.
 */
bool mmbox_report_next_vmalloc(struct mmbox *box, loff_t *pos)
{
	struct mmbox_area_info info;

	if (*pos < LAZY) {
		if (next_area(box, MMBOX_AREA_LIVE, *pos, &info)) {
			*pos = info.page;
			return true;
		}
		*pos = LAZY;
	}
	if (!next_area(box, MMBOX_AREA_LAZY, *pos - LAZY, &info))
		return false;
	*pos = LAZY + info.page;
	return true;
}

/* Pages of the area on each node, as far as they are mapped still. */
static void show_nodes(struct seq_file *m, const struct mmbox_area_info *info)
{
	unsigned long i, *nr = kcalloc(nr_node_ids, sizeof(*nr), GFP_KERNEL);
	unsigned int nid;

	if (!nr)
		return;
	for (i = 0; i < info->nr - 1; i++) {
		void *addr = (void *)((info->page + i) << PAGE_SHIFT);
		struct page *page = mmbox_vmalloc_to_page(addr);

		if (page)
			nr[page_to_nid(page)]++;
	}
	for (nid = 0; nid < nr_node_ids; nid++)
		if (nr[nid])
			seq_printf(m, " N%u=%lu", nid, nr[nid]);
	kfree(nr);
}

static void show_kind(struct seq_file *m, const struct mmbox_vmap *vmap,
		      const struct mmbox_area_info *info)
{
	phys_addr_t phys;

	switch (mmbox_word_kind(info->word)) {
	case MMBOX_AREA_VMALLOC:
		seq_printf(m, " pages=%lu vmalloc", info->nr - 1);
		if (IS_ENABLED(CONFIG_NUMA))
			show_nodes(m, info);
		break;
	case MMBOX_AREA_IOREMAP:
		if (vmap->own) {
			pte_t pte = READ_ONCE(*mmbox_pgwindow_pte(&vmap->window,
								info->page));

			phys = PFN_PHYS(mmbox_pte_pfn(pte));
			seq_printf(m, " phys=%pa", &phys);
		}
		seq_puts(m, " ioremap");
		break;
	default:
		seq_puts(m, " vmap");
	}
}

/**
 * mmbox_report_vmallocinfo - an area's row of vmallocinfo
 * @m:	 where to print
 * @box: the box
 * @pos: the area
 *
 * Return: 0.
 */
int mmbox_report_vmallocinfo(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	enum mmbox_area_state state = pos < LAZY ? MMBOX_AREA_LIVE :
						   MMBOX_AREA_LAZY;
	unsigned long page = pos < LAZY ? pos : pos - LAZY;
	struct mmbox_area_info info;

	if (!mmbox_area_next(box->vmap, page, &info) || info.page != page ||
	    mmbox_word_state(info.word) != state)
		return 0;	/* it has gone meanwhile */
	seq_printf(m, "0x%pK-0x%pK %7ld", (void *)(page << PAGE_SHIFT),
		   (void *)((page + info.nr) << PAGE_SHIFT),
		   info.nr << PAGE_SHIFT);
	if (state == MMBOX_AREA_LAZY) {
		seq_puts(m, " unpurged vm_area\n");
		return 0;
	}
	seq_printf(m, " %pS", (void *)info.caller);
	show_kind(m, box->vmap, &info);
	seq_putc(m, '\n');
	return 0;
}

/**
 * mmbox_report_next_piece - the position of an area or of a hole
 * @box: the box
 * @pos: position; 0 is the head's
 *
 * Return: whether there is one.
 */
bool mmbox_report_next_piece(struct mmbox *box, loff_t *pos)
{
	struct mmbox_area_info info;

	if (!*pos)
		return true;
	while (*pos < LAZY && mmbox_area_next(box->vmap, *pos, &info)) {
		/*
		 * One that begins before it had its row already, or has grown
		 * since the row before was shown: then a piece is missing.
		 */
		if (info.page >= *pos) {
			*pos = info.page;
			return true;
		}
		*pos = info.page + info.nr;
	}
	return false;
}

static void show_head(struct seq_file *m, const struct mmbox_vmap *vmap)
{
	seq_printf(m, "# pages=%lu lazy=%lu purges=%lu backend=%s placement=%s\n",
		   vmap->nr_pages, READ_ONCE(vmap->nr_lazy),
		   READ_ONCE(vmap->nr_purges), vmap->own ? "own" : "vmap",
		   mmbox_placement_name[vmap->placement]);
}

static const char *piece_name(const struct mmbox_area_info *info)
{
	static const char *const name[MMBOX_NR_AREA_KINDS] = {
		[MMBOX_AREA_VMALLOC] = "vmalloc",
		[MMBOX_AREA_VMAP]    = "vmap",
		[MMBOX_AREA_IOREMAP] = "ioremap",
		[MMBOX_AREA_KMAP]    = "kmap",
		[MMBOX_AREA_GUARDED] = "guarded",
	};

	switch (mmbox_word_state(info->word)) {
	case MMBOX_AREA_LIVE:
		return name[mmbox_word_kind(info->word)];
	case MMBOX_AREA_LAZY:
		return "lazy";
	default:
		return mmbox_word_kind(info->word) == MMBOX_AREA_CHUNK ?
		       "chunk" : "free";
	}
}

/* Where places are counted from: they tell no kernel address. */
static unsigned long first_page(struct mmbox_vmap *vmap)
{
	struct mmbox_area_info info;

	if (vmap->own)
		return vmap->window.first;
	return mmbox_area_next(vmap, 0, &info) ? info.page : 0;
}

/**
 * mmbox_report_window - the row of an area or of a hole in vmap/window
 * @m:	 where to print
 * @box: the box
 * @pos: its first page, or 0 for the head
 *
 * Return: 0.
 */
int mmbox_report_window(struct seq_file *m, struct mmbox *box, loff_t pos)
{
	struct mmbox_vmap *vmap = box->vmap;
	struct mmbox_area_info info;
	unsigned long page = pos;

	if (!pos) {
		show_head(m, vmap);
		return 0;
	}
	if (!mmbox_area_next(vmap, page, &info) || info.page != page)
		return 0;	/* it has gone meanwhile */
	seq_printf(m, "%lu %lu %s\n", page - first_page(vmap), info.nr,
		   piece_name(&info));
	return 0;
}
