#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Migrate types: what each type takes from the others, when a pageblock changes
# its type, and how that shows. All by hand from docs/design/migratetypes.md, on
# a zone of two sections, with orders that the CPUs' lists do not keep. The box's
# descriptors are in a small zone above it, of which nothing is left free.
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require mmbox "$KO_DIR/mmbox_test_hold.ko"

# do_ops WORDS: see mods/mmbox_test_hold.c
do_ops()
{
	echo "$1" >/sys/module/mmbox_test_hold/parameters/ops
}

# Free blocks of a type: "order:count" for those that are not 0.
free_of()
{
	awk -v type="$1" '$4 == "DMA32," && $6 == type && NF > 10 {
		for (i = 7; i <= NF; i++)
			if ($i) printf "%d:%d ", i - 7, $i
	}' "$BOX/pagetypeinfo"
}

# Pageblocks: Unmovable Movable Reclaimable HighAtomic Isolate
pageblocks()
{
	awk '/^Number/ { on = 1; next }
	     on && $4 == "DMA32" { print $5, $6, $7, $8, $9 }' "$BOX/pagetypeinfo"
}

# The last fallback, without what differs from run to run.
last_steal()
{
	tail -n 1 "$BOX/steals" |
		sed -E 's/^(steal) [0-9]+/\1/; s/ time=[^ ]*//; s/ pfn=[^ ]*//; s/ context=.*comm=[^:]*//'
}

# Orders of buddyinfo, and the sum of all types: must be the same.
sums()
{
	awk '$6 ~ /able|Atomic|Isolate/ && NF > 10 {
		for (i = 7; i <= NF; i++) sum[i - 7] += $i
	} END { for (i = 0; i <= 10; i++) printf "%d ", sum[i] }' "$BOX/pagetypeinfo"
}

orders()
{
	awk '{ for (i = 5; i <= NF; i++) sum[i - 5] += $i }
	     END { for (i = 0; i <= 10; i++) printf "%d ", sum[i] }' "$BOX/buddyinfo"
}

# Steals, and those that converted a pageblock, since the small zone was full.
steals()
{
	echo $(($(counter events steal) - steal)) \
		$(($(counter events steal_convert) - convert))
}

plan 33
# Without marks and reserves, so that every page can be had.
load_module pool=dma32=8M,normal=1M,min_free_kbytes=0,watermark_scale_factor=1,lowmem_reserve_ratio=0:0:0

is "a fresh box is movable" "$(pageblocks)" "0 4 0 0 0"
is "all of it" "$(free_of Movable)" "10:2 "
is "nothing was stolen" "$(wc -l <"$BOX/steals")" 1
mmbox alloc --keep --count "$(awk '/zone +Normal/ { on = 1 }
	on && $2 == "free" { print $3; exit }' "$BOX/zoneinfo")" 4K >/dev/null
steal=$(counter events steal)
convert=$(counter events steal_convert)
load_test_module mmbox_test_hold

check "an unmovable block" do_ops u4
is "takes the largest block, with its pageblocks" "$(pageblocks)" "2 2 0 0 0"
is "and the rest of it" "$(free_of Unmovable)" "4:1 5:1 6:1 7:1 8:1 9:1 "
is "the other stays movable" "$(free_of Movable)" "10:1 "
is "the steal log tells" "$(last_steal)" \
	"steal node=0 zone=DMA32 order=10 from=Movable to=Unmovable wanted=4 converted=yes: the pageblock is of the new type now"
is "events count" "$(steals)" "1 1"

check "a movable block" do_ops m4
is "comes from its own" "$(free_of Movable)" "4:1 5:1 6:1 7:1 8:1 9:1 "
is "and steals nothing" "$(steals)" "1 1"

check "a reclaimable block" do_ops r4
is "takes from unmovable ones first" "$(pageblocks)" "1 2 1 0 0"
is "a whole pageblock" "$(free_of Reclaimable)" "4:1 5:1 6:1 7:1 8:1 "
is "which is gone there" "$(free_of Unmovable)" "4:1 5:1 6:1 7:1 8:1 "

check "movable blocks for as long as there are" do_ops "m9 m8"
is "leave small ones" "$(free_of Movable)" "4:1 5:1 6:1 7:1 "
check "one more of that order" do_ops m8
is "takes from reclaimable ones, mostly free" "$(pageblocks)" "1 3 0 0 0"
is "and all that is free there" "$(free_of Movable)" "4:2 5:2 6:2 7:2 "

check "less than half of a pageblock free" do_ops u8
check "a reclaimable block" do_ops r7
is "is cut out of it" "$(free_of Unmovable)" "4:1 5:1 6:1 "
is "which keeps its type" "$(pageblocks)" "1 3 0 0 0"
is "as the steal log tells" "$(last_steal)" \
	"steal node=0 zone=DMA32 order=7 from=Unmovable to=Reclaimable wanted=7 converted=no: the pageblock keeps its type"
is "events count that apart" "$(steals)" "4 3"

is "the types add up to buddyinfo" "$(sums)" "$(orders)"
check "no block at all" eval '! do_ops u9 2>/dev/null'
is "is no steal" "$(steals)" "4 3"

check "all are freed" do_ops F
is "free pageblocks are joined, and take on the type of one" \
	"$(awk '$4 == "DMA32" { print $15 }' "$BOX/buddyinfo")" 2
rmmod mmbox_test_hold
check "unload" unload_module
finish
