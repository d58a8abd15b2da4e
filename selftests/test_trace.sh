#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Tracepoints in system "mmbox": the kernel's names, the kernel's fields in the
# kernel's order, and an event for each thing that happens.
#
# shellcheck disable=SC3043	# busybox has "local"

. "$(dirname "$0")/lib.sh"

TRACE=/sys/kernel/tracing
names="kfree kmalloc kmem_cache_alloc kmem_cache_free mm_page_alloc mm_page_alloc_extfrag mm_page_alloc_zone_locked
	mm_page_free mm_page_pcpu_drain"
# Of areas of addresses and of faults, which are no matter of this test.
other_names="alloc_vmap_area free_vmap_area_noflush mmbox_fault mmbox_vmap_flush
	mmbox_vmap_map purge_vmap_area_lazy"

[ -e $TRACE/trace ] || mount -t tracefs tracefs $TRACE 2>/dev/null
require $TRACE/events/kmem/mm_page_alloc "$KO_DIR/mmbox_test_pages.ko" \
	"$KO_DIR/mmbox_test_objects.ko"

# Names and types of an event's own fields.
fields()
{
	sed -n 's/^\tfield:\([^;]*\);.*/\1/p' "$TRACE/events/$1/format" |
		grep -v ' common_'
}

events()
{
	echo "$1" >"$TRACE/events/mmbox/enable"
}

# How many lines of the trace match.
traced()
{
	grep -cE -e "$1" $TRACE/trace
}

plan $((1 + 9 + 11 + 9))
# Without marks and reserves, so that every page can be had.
load_module pool=dma=1M,normal=16M,min_free_kbytes=0,watermark_scale_factor=1,lowmem_reserve_ratio=0

is "the events" "$(cd $TRACE/events/mmbox && echo */)" \
	"$(for name in $names $other_names; do echo "$name/"; done | sort | xargs)"
for name in $names; do
	is "$name: the kernel's fields, and the box" "$(fields "mmbox/$name")" \
		"$(fields "kmem/$name"; echo 'char box[32]')"
done

echo 0 >$TRACE/tracing_on
echo >$TRACE/trace
mmbox alloc --order 3 --keep >/dev/null
echo 1 >$TRACE/tracing_on
is "nothing is traced unless asked for" "$(traced mm_page_)" 0

# Past the CPUs' lists: one event each.
events 1
id=$(mmbox alloc --order 5 --keep --json | sed -n 's/.*"id": *\([0-9]*\).*/\1/p')
mmbox free "$id"
events 0
is "an allocation" "$(traced 'mm_page_alloc: .* order=5 .*gfp_flags=GFP_USER\|(__)?GFP_ZERO box=box0')" 1
is "comes from the buddy" "$(traced 'mm_page_alloc_zone_locked: .* order=5 migratetype=0 percpu_refill=0 box=box0')" 1
is "and is freed" "$(traced 'mm_page_free: .* order=5 box=box0')" 1
is "always the same page" "$(sed -n 's/.*\(pfn=0x[0-9a-f]*\) .* box=box0$/\1/p' $TRACE/trace |
	sort -u | wc -l)" 1
is "and nothing goes through a CPU's list" "$(traced mm_page_pcpu_drain)" 0

# Through the lists: as many allocations as frees, and what was refilled and
# drained is what the file pcp counts.
echo >$TRACE/trace
echo 100000 >$TRACE/buffer_size_kb
events 1
pages=$((256 + 4096 - 8 - $(reserved_pages "$BOX")))
check "a module allocates all it can get" load_test_module mmbox_test_pages run=exhaust
events 0
rmmod mmbox_test_pages
is "each page is allocated once" \
	"$(traced 'mm_page_alloc: .*pfn=0x[0-9a-f]*[1-9a-f][0-9a-f]* order=0 .*GFP_KERNEL box=box0')" \
	"$pages"
is "and freed once" "$(traced 'mm_page_free: .* order=0 box=box0')" "$pages"
is "two requests fail" "$(traced 'mm_page_alloc: page=0* pfn=0x0 order=0|mm_page_alloc: page=\(nil\) pfn=0x0 order=0|mm_page_alloc: page=\(____ptrval____\) pfn=0x0 order=0')" 2
drained=$(awk '!/^#/ && $4 == 0 { n += $12 * $8 } END { print n }' $BOX/pcp)
matches "batches come from lists that are full" \
	"$(traced 'mm_page_pcpu_drain: .* order=0 migratetype=0 box=box0') of $drained" \
	'^[1-9][0-9]* of [1-9]'

# Objects: the module allocates 100 of a cache, of 1000 bytes, and 20 by size, of
# 100 bytes, and frees them.
echo >$TRACE/trace
events 1
check "a module allocates objects" load_test_module mmbox_test_objects
events 0
is "each object of the cache" \
	"$(traced 'kmem_cache_alloc: call_site=use_objects[+].* bytes_req=1000 bytes_alloc=1000 gfp_flags=GFP_KERNEL node=-1 accounted=false box=box0')" 100
is "and its free" "$(traced 'kmem_cache_free: call_site=use_objects[+].* name=traced box=box0')" 100
is "each object of a size" \
	"$(traced 'kmalloc: call_site=use_objects[+].* bytes_req=100 bytes_alloc=128 gfp_flags=GFP_KERNEL\|(__)?GFP_ZERO node=-1 accounted=false box=box0')" 20
is "and its free by address" "$(traced 'kfree: call_site=use_objects[+].* box=box0')" 20
is "each of many that come at once" \
	"$(traced 'kmem_cache_alloc: call_site=use_bulk[+].* bytes_req=200 bytes_alloc=200 gfp_flags=GFP_KERNEL node=-1 accounted=false box=box0')" 60
is "and go at once" "$(traced 'kmem_cache_free: call_site=use_bulk[+].* name=bulk box=box0')" 30
is "or as memory of any kind" "$(traced 'kfree: call_site=use_bulk[+].* box=box0')" 30
is "they are the same objects" \
	"$(sed -n 's/.* kmem_cache_alloc: .*use_objects.*\(ptr=[0-9a-f]*\) .*/\1/p' $TRACE/trace | sort)" \
	"$(sed -n 's/.* kmem_cache_free: .*use_objects.*\(ptr=[0-9a-f]*\) .*/\1/p' $TRACE/trace | sort)"
rmmod mmbox_test_objects
finish
