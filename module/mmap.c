// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping objects into processes, in the ways that drivers do it. An object has
 * one of them, its variant; docs/design/mmap.md compares them.
 *
 * "remap" enters all frames at mmap(), with remap_pfn_range(); for pages of an
 * area, that lie apart, it is called "vmalloc". "fault" enters a frame when it is
 * touched, "batch" all of the mapping when any of it is. For these the kernel has
 * frames only: it counts nobody who uses them, and lets nobody take hold of them.
 * "insert" enters pages, at mmap(): they are counted, and can be held.
 *
 * In all of them each VMA holds the object, and VMAs are counted through open
 * and close as they are forked, split and unmapped. A VMA is gone from the page
 * tables, and what it counted is given up, before close is called.
 *
 * An object may be revoked at any time. From then on no page of it is entered:
 * the fault ends in SIGBUS, as it does where there is nothing to enter.
 */
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/clock.h>

#include "compat.h"
#include "mmap.h"
#include "object.h"
#include "object_map.h"

/* What remap_pfn_range() says of a mapping, for those it did not make. */
#define FRAMES	(VM_PFNMAP | VM_IO | VM_DONTEXPAND | VM_DONTDUMP)

/* Pages that are inserted with one call; they are listed on the stack. */
#define INSERT_AT_ONCE	16

static void mapping_open(struct vm_area_struct *vma)
{
	mmbox_object_map_again(vma->vm_private_data);
}

static void mapping_close(struct vm_area_struct *vma)
{
	mmbox_object_unmap(vma->vm_private_data, vma->vm_mm);
}

/* The page of the object that is to be seen at an address of a VMA. */
static struct page *page_at(const struct vm_area_struct *vma,
			    unsigned long address)
{
	unsigned long index = mmbox_object_index(vma->vm_pgoff);

	return mmbox_object_page(vma->vm_private_data, index +
				 ((address - vma->vm_start) >> PAGE_SHIFT));
}

/*
 * A debugger looks at memory of another process, or writes to it, as that
 * process may: a breakpoint cannot be set in what is mapped for reading.
 */
static int mapping_access(struct vm_area_struct *vma, unsigned long address,
			  void *buf, int len, int write)
{
	int done = 0;

	if (write && !(vma->vm_flags & VM_WRITE))
		return -EACCES;
	if (!mmbox_object_begin(vma->vm_private_data))
		return -EFAULT;
	len = min_t(unsigned long, len, vma->vm_end - address);
	while (done < len) {
		struct page *page = page_at(vma, address + done);
		size_t offset = offset_in_page(address + done);
		size_t n = min_t(size_t, len - done, PAGE_SIZE - offset);

		if (write)
			memcpy_to_page(page, offset, buf + done, n);
		else
			memcpy_from_page(buf + done, page, offset, n);
		done += n;
	}
	mmbox_object_end(vma->vm_private_data);
	return done;
}

static int enter_remap(struct vm_area_struct *vma)
{
	unsigned long first = mmbox_object_index(vma->vm_pgoff);
	unsigned long address = vma->vm_start;
	int err = 0;

	while (!err && address < vma->vm_end) {
		unsigned long done = (address - vma->vm_start) >> PAGE_SHIFT;
		unsigned long run = mmbox_object_run(vma->vm_private_data,
						     first + done,
						     vma_pages(vma) - done);

		err = remap_pfn_range(vma, address,
				      page_to_pfn(page_at(vma, address)),
				      run << PAGE_SHIFT, vma->vm_page_prot);
		address += run << PAGE_SHIFT;
	}
	mmbox_host_forget_type(vma);
	/* The object may be freed as soon as it is let go. */
	if (err)
		zap_vma_ptes(vma, vma->vm_start, vma->vm_end - vma->vm_start);
	return err;
}

static const struct vm_operations_struct remap_ops = {
	.open = mapping_open,
	.close = mapping_close,
	.access = mapping_access,
};

static int enter_later(struct vm_area_struct *vma)
{
	vm_flags_set(vma, FRAMES);
	return 0;
}

/* A fault is handled by @show, unless nothing is to be shown any more. */
static __always_inline vm_fault_t handle(struct vm_fault *vmf,
					 vm_fault_t (*show)(struct vm_fault *vmf))
{
	struct mmbox_object *object = vmf->vma->vm_private_data;
	vm_fault_t ret = VM_FAULT_SIGBUS;
	unsigned long pfn = -1UL;
	u64 start = local_clock();

	if (mmbox_object_begin(object)) {
		ret = show(vmf);
		if (ret == VM_FAULT_NOPAGE)
			pfn = page_to_pfn(page_at(vmf->vma, vmf->address));
		mmbox_object_end(object);
	}
	if (pfn != -1UL || ret & VM_FAULT_SIGBUS)
		mmbox_fault_note(object, vmf, pfn, start);
	return ret;
}

/* Another thread may have touched the mapping at the same time. */
static int enter_pte(pte_t *pte, unsigned long address, void *data)
{
	struct vm_area_struct *vma = data;

	if (pte_none(ptep_get(pte)))
		set_pte_at(vma->vm_mm, address, pte,
			   pte_mkspecial(pfn_pte(page_to_pfn(page_at(vma, address)),
						 vma->vm_page_prot)));
	return 0;
}

/*
 * vmf_insert_pfn() enters one page, too. But first it looks among all resources of
 * the machine for what memory that is; and for many pages it would take the lock of
 * a table, and go through all levels, as many times.
 */
static vm_fault_t enter_range(struct vm_area_struct *vma, unsigned long start,
			      unsigned long end)
{
	int err = apply_to_page_range(vma->vm_mm, start, end - start, enter_pte,
				      vma);

	return err ? vmf_error(err) : VM_FAULT_NOPAGE;
}

static vm_fault_t show_one(struct vm_fault *vmf)
{
	unsigned long start = vmf->address & PAGE_MASK;

	return enter_range(vmf->vma, start, start + PAGE_SIZE);
}

static vm_fault_t fault_one(struct vm_fault *vmf)
{
	return handle(vmf, show_one);
}

static const struct vm_operations_struct fault_ops = {
	.open = mapping_open,
	.close = mapping_close,
	.fault = fault_one,
	.access = mapping_access,
};

static vm_fault_t show_all(struct vm_fault *vmf)
{
	return enter_range(vmf->vma, vmf->vma->vm_start, vmf->vma->vm_end);
}

static vm_fault_t fault_all(struct vm_fault *vmf)
{
	return handle(vmf, show_all);
}

static const struct vm_operations_struct batch_ops = {
	.open = mapping_open,
	.close = mapping_close,
	.fault = fault_all,
	.access = mapping_access,
};

static int enter_pages(struct vm_area_struct *vma)
{
	struct page *pages[INSERT_AT_ONCE];
	unsigned long address = vma->vm_start;
	int err = 0;

	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	while (!err && address < vma->vm_end) {
		unsigned long nr = min((vma->vm_end - address) >> PAGE_SHIFT,
				       (unsigned long)INSERT_AT_ONCE);
		unsigned long i, left = nr;

		for (i = 0; i < nr; i++)
			pages[i] = page_at(vma, address + (i << PAGE_SHIFT));
		err = vm_insert_pages(vma, address, pages, &left);
		address += nr << PAGE_SHIFT;
	}
	return err;
}

/* Counted pages can be dropped from a mapping, with MADV_DONTNEED. */
static vm_fault_t show_page(struct vm_fault *vmf)
{
	return vmf_insert_page(vmf->vma, vmf->address,
			       page_at(vmf->vma, vmf->address));
}

static vm_fault_t fault_page(struct vm_fault *vmf)
{
	return handle(vmf, show_page);
}

static const struct vm_operations_struct insert_ops = {
	.open = mapping_open,
	.close = mapping_close,
	.fault = fault_page,
	.access = mapping_access,
};

/**
 * struct variant - a way to map an object
 * @ops:   what is done with its VMAs
 * @enter: what is done at mmap(): 0 or -errno
 */
struct variant {
	const struct vm_operations_struct *ops;
	int (*enter)(struct vm_area_struct *vma);
};

static const struct variant variants[MMBOX_NR_VARIANTS] = {
	[MMBOX_VARIANT_REMAP] = { &remap_ops, enter_remap },
	[MMBOX_VARIANT_FAULT] = { &fault_ops, enter_later },
	[MMBOX_VARIANT_BATCH] = { &batch_ops, enter_later },
	[MMBOX_VARIANT_INSERT] = { &insert_ops, enter_pages },
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
	const struct variant *variant;
	struct mmbox_object *object;
	int err;

	/* VM_SHARED is not set for a shared mapping of a file opened to read. */
	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;
	vm_flags_clear(vma, VM_MAYEXEC);

	object = mmbox_object_map(file, vma->vm_pgoff, vma_pages(vma),
				  vma->vm_mm);
	if (IS_ERR(object))
		return PTR_ERR(object);
	variant = &variants[object->variant];
	vma->vm_private_data = object;
	vma->vm_ops = variant->ops;
	err = variant->enter(vma);
	if (err)
		mmbox_object_unmap(object, vma->vm_mm);
	return err;
}
