// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping objects into processes.
 *
 * Variant "remap": the whole mapping is entered in the page tables at once,
 * with remap_pfn_range(). The kernel keeps no reference count for pages mapped
 * so; each VMA holds the object instead, and VMAs are counted through open and
 * close as they are forked, split and unmapped. The VMA is gone from the page
 * tables before close is called.
 */
#include <linux/mm.h>

#include "compat.h"
#include "mmap.h"
#include "object.h"

static void remap_open(struct vm_area_struct *vma)
{
	mmbox_object_map_again(vma->vm_private_data);
}

static void remap_close(struct vm_area_struct *vma)
{
	mmbox_object_unmap(vma->vm_private_data);
}

static const struct vm_operations_struct remap_ops = {
	.open = remap_open,
	.close = remap_close,
};

/**
 * mmbox_mmap - map an object
 * @file: open file, bound to a box
 * @vma:  the new VMA
 *
 * Context: process context with mmap_lock held for writing, may sleep.
 * Return: 0 or the errno that docs/abi/ioctl.md names.
 */
int mmbox_mmap(struct mmbox_file *file, struct vm_area_struct *vma)
{
	struct mmbox_object *object;
	unsigned long pfn;
	int err;

	/* VM_SHARED is not set for a shared mapping of a file opened to read. */
	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;
	vm_flags_clear(vma, VM_MAYEXEC);

	object = mmbox_object_map(file, vma->vm_pgoff, vma_pages(vma), &pfn);
	if (!object)
		return -EINVAL;
	vma->vm_private_data = object;
	vma->vm_ops = &remap_ops;

	err = remap_pfn_range(vma, vma->vm_start, pfn,
			      vma->vm_end - vma->vm_start, vma->vm_page_prot);
	if (err)
		mmbox_object_unmap(object);
	return err;
}
