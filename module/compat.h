/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernel series that mmbox builds for. No other
 * file may name a kernel version: each entry here is a feature, with a
 * stand-in where the running series lacks it.
 */
#ifndef MMBOX_COMPAT_H
#define MMBOX_COMPAT_H

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/version.h>
#include <linux/workqueue.h>

#ifdef CONFIG_X86_64
#include <asm/msr.h>

/* Since 6.16 the size of what is read is in the name. */
static inline u64 mmbox_host_rdmsr(u32 msr)
{
	u64 value;

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
	rdmsrl(msr, value);
#else
	rdmsrq(msr, value);
#endif
	return value;
}
#endif

/* Since 6.3 a VMA's flags are written through helpers that check its lock. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags &= ~flags;
}

static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}
#endif

/*
 * x86 marks a VMA that remap_pfn_range() filled, to give back what it noted of
 * the memory type when the VMA goes. Of RAM it notes nothing. But it looks for the
 * first frame in the page table, and warns if that is gone: as it may be, when
 * somebody takes the frames away at the same time. Some series have no such mark.
 */
static inline void mmbox_host_forget_type(struct vm_area_struct *vma)
{
#ifdef VM_PAT
	vm_flags_clear(vma, VM_PAT);
#endif
}

/* Since 6.14 the call that fills an array has the name without "_array". */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define mmbox_host_alloc_bulk(gfp, nr, pages) \
	alloc_pages_bulk_array(gfp, nr, pages)
#else
#define mmbox_host_alloc_bulk(gfp, nr, pages) \
	alloc_pages_bulk(gfp, nr, pages)
#endif

/* Until 6.9 and since 6.5; a series without a flag ignores it. */
#ifndef SLAB_MEM_SPREAD
#define SLAB_MEM_SPREAD		((slab_flags_t __force)0)
#endif
#ifndef SLAB_NO_MERGE
#define SLAB_NO_MERGE		((slab_flags_t __force)0)
#endif

/* Since 6.10 a string of a tracepoint is named once only. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define mmbox_assign_str(dst, src)	__assign_str(dst, src)
#else
#define mmbox_assign_str(dst, ...)	__assign_str(dst)
#endif

/* A kernel without a depot of stacks keeps none. */
#ifdef CONFIG_STACKDEPOT
#include <linux/stackdepot.h>

static inline void mmbox_stack_init(void)
{
	stack_depot_init();
}

static inline u32 mmbox_stack_save(unsigned long *frames, unsigned int nr)
{
	return stack_depot_save(frames, nr, GFP_NOWAIT | __GFP_NOWARN);
}

static inline void mmbox_stack_print(u32 stack)
{
	stack_depot_print(stack);
}

/* Returns how long the text is, 0 if there is none. */
static inline int mmbox_stack_text(u32 stack, char *text, size_t size)
{
	return stack ? stack_depot_snprint(stack, text, size, 0) : 0;
}
#else
static inline void mmbox_stack_init(void)
{
}

static inline u32 mmbox_stack_save(unsigned long *frames, unsigned int nr)
{
	return 0;
}

static inline void mmbox_stack_print(u32 stack)
{
}

static inline int mmbox_stack_text(u32 stack, char *text, size_t size)
{
	return 0;
}
#endif

/* Since 6.17 a work queue whose work stays on its CPU says so. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define WQ_PERCPU	0
#endif

/*
 * Since 6.7 shrinkers are allocated by the host, and carry a pointer for their
 * owner.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
struct mmbox_host_shrinker {
	struct shrinker shrinker;
	void *data;
};

static inline void *mmbox_shrinker_data(struct shrinker *shrinker)
{
	return container_of(shrinker, struct mmbox_host_shrinker, shrinker)
		->data;
}

static inline struct shrinker *mmbox_shrinker_alloc(const char *name,
						    void *data)
{
	struct mmbox_host_shrinker *host = kzalloc(sizeof(*host), GFP_KERNEL);

	if (!host)
		return NULL;
	host->data = data;
	return &host->shrinker;
}

static inline int mmbox_shrinker_register(struct shrinker *shrinker,
					  const char *name)
{
	return register_shrinker(shrinker, "mmbox-%s", name);
}

static inline void mmbox_shrinker_unregister(struct shrinker *shrinker)
{
	unregister_shrinker(shrinker);
	kfree(container_of(shrinker, struct mmbox_host_shrinker, shrinker));
}

static inline void mmbox_shrinker_discard(struct shrinker *shrinker)
{
	kfree(container_of(shrinker, struct mmbox_host_shrinker, shrinker));
}
#else
static inline void *mmbox_shrinker_data(struct shrinker *shrinker)
{
	return shrinker->private_data;
}

static inline struct shrinker *mmbox_shrinker_alloc(const char *name,
						    void *data)
{
	struct shrinker *shrinker = shrinker_alloc(0, "mmbox-%s", name);

	if (shrinker)
		shrinker->private_data = data;
	return shrinker;
}

static inline int mmbox_shrinker_register(struct shrinker *shrinker,
					  const char *name)
{
	shrinker_register(shrinker);
	return 0;
}

static inline void mmbox_shrinker_unregister(struct shrinker *shrinker)
{
	shrinker_free(shrinker);
}

static inline void mmbox_shrinker_discard(struct shrinker *shrinker)
{
	shrinker_free(shrinker);
}
#endif

#endif /* MMBOX_COMPAT_H */
