/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's calls for memory, made to mean those of a box: for sources of
 * the kernel that are built here as they are, see docs/testing.md. Included
 * before anything of theirs.
 */
#ifndef THIRDPARTY_CALLS_H
#define THIRDPARTY_CALLS_H

/* Tracepoints of such a source exist once, in the kernel. */
#define NOTRACE

/* What has these calls within, before they get another meaning. */
#include <linux/bitmap.h>
#include <linux/cpu.h>
#include <linux/export.h>
#include <linux/idr.h>
#include <linux/kmemleak.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/radix-tree.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/xarray.h>

#include <mmbox.h>

/* The box that all of it comes from, while the module is loaded. */
static struct mmbox *third_box;

/* Symbols that the kernel exports already stay the module's own. */
#undef EXPORT_SYMBOL
#undef EXPORT_SYMBOL_GPL
#define EXPORT_SYMBOL(symbol)
#define EXPORT_SYMBOL_GPL(symbol)

/* The kernel's own nodes are its own business when a CPU goes. */
#undef cpuhp_setup_state_nocalls
#define cpuhp_setup_state_nocalls(state, name, up, down)	((void)(down), 0)

/* run.h has the module's init and exit, which call these. */
#pragma push_macro("module_init")
#pragma push_macro("module_exit")
#undef module_init
#undef module_exit
#define module_init(fn)		static int __init third_run(void) { return fn(); }
#define module_exit(fn)		static void __maybe_unused third_end(void) { fn(); }

/* Pages */

#undef alloc_pages
#undef alloc_page
#undef __get_free_pages
#undef __get_free_page
#undef get_zeroed_page
#undef free_pages
#undef free_page
#undef __free_page
#undef alloc_pages_bulk_array
#define alloc_pages(gfp, order)	mmbox_alloc_pages(third_box, gfp, order)
#define alloc_page(gfp)		mmbox_alloc_pages(third_box, gfp, 0)
#define __free_pages		mmbox_free_pages
#define __free_page(page)	mmbox_free_pages(page, 0)
#define __get_free_pages(gfp, order) \
	mmbox_get_free_pages(third_box, gfp, order)
#define __get_free_page(gfp)	mmbox_get_free_pages(third_box, gfp, 0)
#define get_zeroed_page(gfp)	mmbox_get_zeroed_page(third_box, gfp)
#define free_pages		mmbox_free_pages_addr
#define free_page(addr)		mmbox_free_pages_addr(addr, 0)
#define alloc_pages_bulk_array(gfp, nr, pages) \
	mmbox_alloc_pages_bulk(third_box, gfp, nr, pages)

/* Memory by size */

#undef kmalloc
#undef kmalloc_node
#undef kzalloc
#undef kzalloc_node
#undef kmalloc_array
#undef kmalloc_array_node
#undef kcalloc
#undef kcalloc_node
#undef krealloc
#undef kmemdup
#undef kstrdup
#undef kvmalloc
#undef kvmalloc_node
#undef kvzalloc
#undef kvmalloc_array
#undef kvcalloc
#undef kfree_rcu
#undef kvfree_rcu
#undef kvfree_rcu_mightsleep
#undef kmalloc_noprof
#undef kvmalloc_node_noprof
#undef alloc_hooks_tag
#define kmalloc(size, gfp)	mmbox_kmalloc(third_box, size, gfp)
#define kmalloc_node(size, gfp, node)	kmalloc(size, gfp)
#define kzalloc(size, gfp)	mmbox_kzalloc(third_box, size, gfp)
#define kzalloc_node(size, gfp, node)	kzalloc(size, gfp)
#define kmalloc_array(nr, size, gfp) \
	mmbox_kmalloc_array(third_box, nr, size, gfp)
#define kmalloc_array_node(nr, size, gfp, node)	kmalloc_array(nr, size, gfp)
#define kcalloc(nr, size, gfp)	mmbox_kcalloc(third_box, nr, size, gfp)
#define kcalloc_node(nr, size, gfp, node)	kcalloc(nr, size, gfp)
#define krealloc(ptr, size, gfp)	mmbox_krealloc(third_box, ptr, size, gfp)
#define kmemdup(src, size, gfp)	mmbox_kmemdup(third_box, src, size, gfp)
#define kstrdup(s, gfp)		mmbox_kstrdup(third_box, s, gfp)
#define kfree			mmbox_kfree
#define kfree_sensitive		mmbox_kfree_sensitive
#define kfree_bulk		mmbox_kfree_bulk
#define kfree_rcu		mmbox_kfree_rcu
#define ksize			mmbox_ksize
#define kvmalloc(size, gfp)	mmbox_kvmalloc(third_box, size, gfp)
#define kvmalloc_node(size, gfp, node)	kvmalloc(size, gfp)
#define kvzalloc(size, gfp)	mmbox_kvzalloc(third_box, size, gfp)
#define kvmalloc_array(nr, size, gfp)	kvmalloc(array_size(nr, size), gfp)
#define kvcalloc(nr, size, gfp)	kvzalloc(array_size(nr, size), gfp)
#define kvfree			mmbox_kvfree
#define kvfree_rcu_mightsleep	mmbox_kvfree_rcu_mightsleep
/* 6.1 has both forms under one name. */
#define third_pick(ptr, member, which, ...)	which
#define kvfree_rcu(...) \
	third_pick(__VA_ARGS__, mmbox_kvfree_rcu, \
		   mmbox_kvfree_rcu_mightsleep, )(__VA_ARGS__)
/* How 6.12 names them where it counts who allocates. */
#define kmalloc_noprof		kmalloc
#define kvmalloc_node_noprof	kvmalloc_node
#define alloc_hooks_tag(tag, call)	(call)

/* Caches */

#undef kmem_cache_create
#undef kmem_cache_alloc
#undef kmem_cache_alloc_lru
#undef kmem_cache_alloc_node
#undef kmem_cache_alloc_bulk
#undef kmem_cache_zalloc
#define kmem_cache		mmbox_cache
#define kmem_cache_create(name, size, align, flags, ctor) \
	mmbox_cache_create(third_box, name, size, align, flags, ctor)
#define kmem_cache_destroy	mmbox_cache_destroy
#define kmem_cache_shrink	mmbox_cache_shrink
#define kmem_cache_size		mmbox_cache_size
#define kmem_cache_alloc	mmbox_cache_alloc
#define kmem_cache_alloc_lru(cache, lru, gfp)	mmbox_cache_alloc(cache, gfp)
#define kmem_cache_alloc_node(cache, gfp, node)	mmbox_cache_alloc(cache, gfp)
#define kmem_cache_zalloc(cache, gfp) \
	mmbox_cache_alloc(cache, (gfp) | __GFP_ZERO)
#define kmem_cache_alloc_bulk	mmbox_cache_alloc_bulk
#define kmem_cache_free		mmbox_cache_free
#define kmem_cache_free_bulk	mmbox_cache_free_bulk

/* Areas of addresses */

#undef vmalloc
#undef vzalloc
#undef vmalloc_huge
#undef __vmalloc_node
#define vmalloc(size)		mmbox_vmalloc(third_box, size)
#define vzalloc(size)		mmbox_vzalloc(third_box, size)
#define vmalloc_huge(size, gfp) \
	mmbox_vmalloc_node(third_box, size, 1, gfp, NUMA_NO_NODE, \
			   __builtin_return_address(0))
#define __vmalloc_node(size, align, gfp, node, caller) \
	mmbox_vmalloc_node(third_box, size, align, gfp, node, caller)
#define vfree			mmbox_vfree
#define vmap(pages, nr, flags, prot)	mmbox_vmap(third_box, pages, nr, flags, prot)
#define vunmap			mmbox_vunmap
#define vmalloc_to_page		mmbox_vmalloc_to_page
#define vm_map_ram(pages, nr, node) \
	mmbox_vmap(third_box, pages, nr, VM_MAP, PAGE_KERNEL)
#define vm_unmap_ram(addr, nr)	mmbox_vunmap(addr)

#endif /* THIRDPARTY_CALLS_H */
