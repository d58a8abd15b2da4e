/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_PFN_H
#define SHIM_LINUX_PFN_H

#include <asm/page.h>

#include <linux/types.h>

#define PFN_PHYS(pfn)	((u64)(pfn) << PAGE_SHIFT)
#define PHYS_PFN(addr)	((unsigned long)((addr) >> PAGE_SHIFT))
#define PFN_UP(addr)	((unsigned long)(((addr) + PAGE_SIZE - 1) >> PAGE_SHIFT))
#define PFN_DOWN(addr)	((unsigned long)((addr) >> PAGE_SHIFT))

#endif /* SHIM_LINUX_PFN_H */
