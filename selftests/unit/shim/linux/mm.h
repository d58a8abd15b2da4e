/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_MM_H
#define SHIM_LINUX_MM_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/nodemask.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/types.h>

#include <asm/page.h>

#include <host.h>

/* The host's descriptor of a frame, and the frames. */
struct page {
	bool cleared;
};

extern struct page host_mem_map[HOST_FRAMES];
extern char host_memory[HOST_FRAMES][PAGE_SIZE];

#define page_to_pfn(page)	((unsigned long)((page) - host_mem_map))
#define pfn_to_page(pfn)	(host_mem_map + (pfn))
#define page_to_nid(page)	host_pfn_node(page_to_pfn(page))

#define PAGE_ALIGNED(addr)	(!((unsigned long)(addr) % PAGE_SIZE))

#define PAGE_MASK		(~(PAGE_SIZE - 1))
#define PAGE_ALIGN(addr)	round_up((u64)(addr), (u64)PAGE_SIZE)
#define offset_in_page(addr)	((unsigned long)(addr) % PAGE_SIZE)

/* Each frame has an address, as on a 64-bit host. */
#define PageHighMem(page)	((void)(page), false)
#define page_address(page)	((void *)host_memory[page_to_pfn(page)])
#define host_offset(addr)	((unsigned long)(addr) - (unsigned long)host_memory)
#define virt_to_page(addr)	pfn_to_page(host_offset(addr) >> PAGE_SHIFT)
#define virt_addr_valid(addr)	(host_offset(addr) < sizeof(host_memory))

#define clear_highpage(page)	((void)((page)->cleared = true))

#endif /* SHIM_LINUX_MM_H */
