#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Memory by size wastes no more than the kernel's own: the same requests, as many
# of each size as were recorded, once from a box and once from the kernel. See
# data/kmalloc_sizes for how they were recorded.
#
# shellcheck disable=SC3043	# busybox has "local"

here=$(dirname "$0")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"

require "$KO_DIR/mmbox_test_waste.ko" /proc/slabinfo

# So many times what was recorded, so that slabs that are not full count less.
TIMES=16

# A column of the record with commas, multiplied: recorded COLUMN TIMES
recorded()
{
	awk -v column="$1" -v times="$2" '!/^#/ {
			printf "%s%d", comma, $column * times
			comma = ","
		}' "$here/data/kmalloc_sizes"
}

# Pages of slabs for memory by size: slab_pages SLABINFO
slab_pages()
{
	awk '$1 ~ /^kmalloc-/ { n += $15 * $6 } END { print n }' "$1"
}

# What a box needs besides: pages of descriptors of slabs, and of sheaves.
other_pages()
{
	echo "$(sed -n 's/^SlabDescriptors: *\([0-9]*\).*/\1/p' "$BOX/metadata")" \
		"$(awk '$1 == "mmbox_sheaf" { print $15 * $6 }' "$BOX/slabinfo")"
}

# Of the module that is loaded: parameter NAME
parameter()
{
	cat "/sys/module/mmbox_test_waste/parameters/$1"
}

# Allocate it all, and print bytes asked, bytes got, pages of slabs, and what the
# box has besides: use HOST SLABINFO
use()
{
	local before

	before=$(slab_pages "$2")
	load_test_module mmbox_test_waste host="$1" \
		sizes="$(recorded 1 1)" counts="$(recorded 2 $TIMES)" || return
	echo "$(parameter asked) $(parameter got) $(($(slab_pages "$2") - before)) $(other_pages)"
	rmmod mmbox_test_waste
}

# per_mille PART WHOLE
per_mille()
{
	echo $(($1 * 1000 / $2))
}

plan 5
load_module pool=96M
# What the kernel has of free objects from before would hide what it needs.
for cache in /sys/kernel/slab/kmalloc-*; do
	echo 1 >"$cache/shrink"
done
kernel=$(use 1 /proc/slabinfo)
box=$(use 0 "$BOX/slabinfo")
# shellcheck disable=SC2086	# five words each
set -- $kernel $box
is "ten numbers" "$#" 10
is "the same was asked for" "$6" "$1"
check "no more bytes are got than from the kernel" test "$7" -le "$2"
# Some of the kernel's requests are served by slabs that it had before: 2 percent.
check "no more pages are needed than by the kernel" test "$8" -le $(($3 + $3 / 50))
comment "bytes asked $1, got from the kernel $2, from the box $7" \
	"pages of the kernel $3, of the box $8, $9 for descriptors and ${10} for sheaves" \
	"waste in thousandths of what was asked for: kernel $(per_mille $(($3 * 4096 - $1)) "$1"), box $(per_mille $((($8 + $9 + ${10}) * 4096 - $6)) "$6")"
check "all is given back" unload_module
finish
