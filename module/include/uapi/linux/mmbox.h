/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The user-space interface of mmbox: ioctls of /dev/mmbox.
 *
 * This is the only header that user space includes; docs/abi/ioctl.md tells
 * the meaning of every field and the error of every refusal.
 *
 * Rules of the interface:
 *  - An open file starts unbound. MMBOX_IOC_BIND ties it to one box; from
 *    then on ALLOC, FREE and mmap() act on that box.
 *  - Every request begins with the version it was written for. The size of
 *    the request travels in the ioctl number, so that a request may grow at
 *    its end: an older kernel accepts a longer request whose new fields are
 *    zero, a newer kernel takes missing fields as zero.
 *  - Fields marked "out" are filled by the kernel and ignored on input. A
 *    request that fails has no answer, unless a field says that it has.
 *    Reserved fields must be zero.
 */
#ifndef _UAPI_LINUX_MMBOX_H
#define _UAPI_LINUX_MMBOX_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MMBOX_ABI_VERSION	1

#define MMBOX_NAME_LEN		32	/* a box's name with its final NUL */
#define MMBOX_CONFIG_LEN	256	/* a box's configuration, likewise */
#define MMBOX_REASON_LEN	256	/* why something is refused, likewise */
#define MMBOX_RELEASE_LEN	32	/* the module's release, likewise */

/**
 * struct mmbox_ioc_info - what the module is, and which box a file is bound to
 * @version:	   ignored, so that any program can ask
 * @abi_version:   out: MMBOX_ABI_VERSION of the module
 * @page_size:	   out: bytes in a page
 * @max_order:	   out: largest order that an allocation may have
 * @release:	   out: release of the module
 * @box:	   out: name of the box this file is bound to, or empty
 */
struct mmbox_ioc_info {
	__u32 version;
	__u32 abi_version;
	__u32 page_size;
	__u32 max_order;
	char release[MMBOX_RELEASE_LEN];
	char box[MMBOX_NAME_LEN];
};

/**
 * struct mmbox_ioc_box - name a box, to bind to it or to destroy it
 * @version:	MMBOX_ABI_VERSION
 * @reserved:	must be zero
 * @name:	the box's name
 */
struct mmbox_ioc_box {
	__u32 version;
	__u32 reserved;
	char name[MMBOX_NAME_LEN];
};

/**
 * struct mmbox_ioc_create - create a box
 * @version:	MMBOX_ABI_VERSION
 * @reserved:	must be zero
 * @name:	the new box's name: letters, digits, '-' and '_'
 * @config:	its configuration, written as the module parameter "pool" is
 */
struct mmbox_ioc_create {
	__u32 version;
	__u32 reserved;
	char name[MMBOX_NAME_LEN];
	char config[MMBOX_CONFIG_LEN];
};

/*
 * Which zone an allocation starts from: at most one of these, GFP_USER if it is
 * none.
 */
#define MMBOX_GFP_DMA		0x1
#define MMBOX_GFP_DMA32		0x2
#define MMBOX_GFP_HIGHMEM	0x4
#define MMBOX_GFP_ZONES		(MMBOX_GFP_DMA | MMBOX_GFP_DMA32 | \
				 MMBOX_GFP_HIGHMEM)
/*
 * Its migrate type: at most one of these, unmovable if it is none. MOVABLE with
 * HIGHMEM starts from zone Movable.
 */
#define MMBOX_GFP_MOVABLE	0x8
#define MMBOX_GFP_RECLAIMABLE	0x10
#define MMBOX_GFP_TYPES		(MMBOX_GFP_MOVABLE | MMBOX_GFP_RECLAIMABLE)
#define MMBOX_GFP_ALL		(MMBOX_GFP_ZONES | MMBOX_GFP_TYPES)

/* The allocation belongs to the box and outlives the file. */
#define MMBOX_ALLOC_KEEP	0x1
#define MMBOX_ALLOC_ALL		MMBOX_ALLOC_KEEP

/**
 * struct mmbox_ioc_alloc - allocate one block of contiguous, zeroed pages
 * @version:	 MMBOX_ABI_VERSION
 * @gfp:	 MMBOX_GFP_* bits
 * @flags:	 MMBOX_ALLOC_* bits
 * @order:	 out: order of the block, the smallest that holds @size bytes
 * @size:	 bytes wanted
 * @length:	 out: bytes in the block, page size << order
 * @mmap_offset: out: offset at which mmap() finds the block's first page
 * @id:		 out: handle of the allocation
 * @reserved:	 must be zero
 */
struct mmbox_ioc_alloc {
	__u32 version;
	__u32 gfp;
	__u32 flags;
	__u32 order;
	__aligned_u64 size;
	__aligned_u64 length;
	__aligned_u64 mmap_offset;
	__u32 id;
	__u32 reserved;
};

/**
 * struct mmbox_ioc_free - give up an allocation
 * @version:	MMBOX_ABI_VERSION
 * @id:		handle of the allocation
 * @flags:	must be zero
 * @reserved:	must be zero
 */
struct mmbox_ioc_free {
	__u32 version;
	__u32 id;
	__u32 flags;
	__u32 reserved;
};

/**
 * struct mmbox_ioc_set - change a setting of a box that is in use
 * @version:	MMBOX_ABI_VERSION
 * @reserved:	must be zero
 * @name:	the box's name
 * @setting:	"name=value", as in the box's configuration
 * @reason:	out, if the request fails: why, or empty where the errno says all
 */
struct mmbox_ioc_set {
	__u32 version;
	__u32 reserved;
	char name[MMBOX_NAME_LEN];
	char setting[MMBOX_CONFIG_LEN];
	char reason[MMBOX_REASON_LEN];
};

#define MMBOX_IOC_MAGIC		0xBD

#define MMBOX_IOC_INFO		_IOWR(MMBOX_IOC_MAGIC, 0, struct mmbox_ioc_info)
#define MMBOX_IOC_BIND		_IOW(MMBOX_IOC_MAGIC, 1, struct mmbox_ioc_box)
#define MMBOX_IOC_CREATE	_IOW(MMBOX_IOC_MAGIC, 2, struct mmbox_ioc_create)
#define MMBOX_IOC_DESTROY	_IOW(MMBOX_IOC_MAGIC, 3, struct mmbox_ioc_box)
#define MMBOX_IOC_ALLOC		_IOWR(MMBOX_IOC_MAGIC, 4, struct mmbox_ioc_alloc)
#define MMBOX_IOC_FREE		_IOW(MMBOX_IOC_MAGIC, 5, struct mmbox_ioc_free)
#define MMBOX_IOC_SET		_IOWR(MMBOX_IOC_MAGIC, 6, struct mmbox_ioc_set)

#endif /* _UAPI_LINUX_MMBOX_H */
