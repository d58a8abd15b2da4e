#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What a box keeps free, and for whom: marks and reserves by the kernel's
# formulas, requests that keep to them, and the settings that change them while
# the box is in use. What follows from a zone's pages, some of which hold the
# box's descriptors, is worked out here anew from docs/design/watermarks.md.
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

# As many blocks of that kind as there are.
all_of()
{
	do_ops "$1*100000" 2>/dev/null
}

# zone_has NAME: boost, min, low, high, promo, and what is kept for each zone
zone_has()
{
	awk -v zone="$1" '/^Node/ { on = $4 == zone }
		on && $1 ~ /^(boost|min|low|high|promo)$/ { printf "%s ", $2 }
		on && /protection/ { sub(/.*: /, ""); print }' "$BOX/zoneinfo"
}

managed()
{
	awk -v zone="$1" '/^Node/ { on = $4 == zone } on && $1 == "managed" { print $2 }' "$BOX/zoneinfo"
}

# The largest number whose square is not above that.
root()
{
	local n=0

	while [ $(((n + 1) * (n + 1))) -le "$1" ]; do
		n=$((n + 1))
	done
	echo $n
}

# share NAME: its part of min_free_kbytes, of which there are $min_free
share()
{
	local pages_min=$((min_free / 4))

	echo $((pages_min * $(managed "$1") / pages))
}

# marks NAME SCALE: boost, min, low, high, promo without a boost
marks()
{
	local min step

	min=$(share "$1")
	step=$(($(managed "$1") * $2 / 10000))
	[ $step -ge $((min / 4)) ] || step=$((min / 4))
	echo "0 $min $((min + step)) $((min + 2 * step)) $((min + 3 * step)) "
}

# Is $2 what a zone has left when 16 pages more may not go below $3?
stopped()
{
	if [ "$2" -ge "$3" ] && [ "$2" -le $(($3 + 15)) ]; then
		ok "$1"
	else
		not_ok "$1" "$2 free pages, and the limit is $3"
	fi
}

# no_more_than NAME FREE: what is left is no block of 16 pages
no_more_than()
{
	if [ "$2" -lt "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "$2 free pages"
	fi
}

free_in()
{
	awk -v zone="$1" '/^Node/ { on = $4 == zone } on && /pages free/ { print $3 }' "$BOX/zoneinfo"
}

# A zone's line of the last refusal: reason, mark and reserve.
refusal_of()
{
	grep "^zone .* name=$1 " "$BOX/refusals" | tail -n 1 |
		sed -E 's/.*(reason=[a-z]*) .* (mark=.*): .*/\1 \2/'
}

tunable()
{
	sed -n "s/^$1 //p" "$BOX/tunables"
}

plan 63
# No boost, which follows from how the descriptors cut up the highest section.
load_module pool=dma=1M,dma32=8M,normal=16M,watermark_boost_factor=0
load_test_module mmbox_test_hold

# 4 * sqrt(kilobytes), without what the descriptors take
pages=$(($(managed DMA) + $(managed DMA32) + $(managed Normal)))
half=$((pages / 2))
min_free=$(root $((pages * 4 * 16)))
above_dma=$(($(managed DMA32) + $(managed Normal)))
is "the settings" "$(cat "$BOX/tunables")" \
"min_free_kbytes $min_free kB: auto or 0 to $((half * 4)); automatic
watermark_scale_factor 10 1/10000: 1 to 3000
watermark_boost_factor 0 1/10000: 0 to 1000000
lowmem_reserve_ratio 256:256:32:0:0 divisor: 0 to 2147483647 for each zone
percpu_high 0 pages: 0 to 2147483647
shrinker 0 on: 0 to 1
slab_debug - checks: letters of FZPUT, or -
init_on_alloc 0 on: 0 to 1
init_on_free 0 on: 0 to 1
freelist_random 0 on: 0 to 1
kmalloc_copies 0 caches: 0 to 15
allocinfo 0 on: 0 to 1
quarantine 0 kB: 0 to 1048576
guard_sample 0 allocations: 0 to 1000000
page_owner 0 on: 0 to 1"
dma=$((above_dma / 256))
dma32=$(($(managed Normal) / 256))
is "marks of DMA" "$(zone_has DMA)" \
	"$(marks DMA 10)(0, $(($(managed DMA32) / 256)), $dma, $dma, $dma)"
is "marks of DMA32" "$(zone_has DMA32)" "$(marks DMA32 10)(0, 0, $dma32, $dma32, $dma32)"
is "marks of Normal" "$(zone_has Normal)" "$(marks Normal 10)(0, 0, 0, 0, 0)"
is "a zone without pages has none" "$(zone_has Movable)" "0 0 0 0 0 (0, 0, 0, 0, 0)"

#
# Requests, of an order that no CPU keeps at hand: 16 pages each
#

low=$(zone_has Normal | cut -d' ' -f3)
full=$(free_in DMA32)
do_ops "u4*$((($(free_in Normal) - low) / 16))"
stopped "above low the first zone serves" "$(free_in Normal)" "$low"
is "and the next one is whole" "$(free_in DMA32)" "$full"
before=$(free_in Normal)
do_ops "u4*2"
matches "then that one serves" "$(free_in Normal) $((full - $(free_in DMA32)))" \
	"^($before 32|$((before - 16)) 16)\$"
all_of u4
min=$(share Normal)
min32=$(share DMA32)
min16=$(share DMA)
stopped "at last all go down to min" "$(free_in Normal)" "$min"
stopped "and lower zones to min and reserve" "$(free_in DMA32)" $((min32 + dma32))
stopped "the lowest, too" "$(free_in DMA)" $((min16 + dma))
is "then a request fails" "$(counter events alloc_fail)" 1
is "Normal is at its mark" "$(refusal_of Normal)" "reason=mark mark=$min reserve=0"
is "DMA32 keeps its reserve" "$(refusal_of DMA32)" "reason=reserve mark=$min32 reserve=$dma32"
is "DMA likewise" "$(refusal_of DMA)" "reason=reserve mark=$min16 reserve=$dma"
mmbox why | tr -s ' \n' ' ' >/tmp/why
matches "why tells of the mark" "$(cat /tmp/why)" \
	"Zone Normal has $(free_in Normal) free pages, and must keep $min from a request of this kind: that is its watermark"
matches "and of the reserve" "$(cat /tmp/why)" \
	"Zone DMA has $(free_in DMA) free pages, and must keep $((min16 + dma)) .* $dma for requests that cannot use the zones above it"
all_of a4
urgent=$((min - min / 2))
urgent=$((urgent - urgent / 4))
urgent32=$((min32 - min32 / 2))
urgent32=$((urgent32 - urgent32 / 4))
stopped "an urgent one goes below" "$(free_in Normal)" "$urgent"
stopped "and keeps to the reserve" "$(free_in DMA32)" $((urgent32 + dma32))
check_fails "the device keeps to the marks, too" mmbox alloc --keep --order 4
is "which shows" "$(refusal_of Normal)" "reason=mark mark=$min reserve=0"

#
# Settings, live
#

check "min_free_kbytes=0" mmbox set box0 min_free_kbytes=0
auto=$min_free
min_free=0
is "no min mark" "$(zone_has Normal)" "$(marks Normal 10)(0, 0, 0, 0, 0)"
is "it is not automatic now" "$(tunable min_free_kbytes)" "0 kB: auto or 0 to $((half * 4))"
all_of u4
no_more_than "so the zone can be used up" "$(free_in Normal)" 32
stopped "but reserves are kept" "$(free_in DMA32)" "$dma32"
check "less of them" mmbox set --box box0 lowmem_reserve_ratio=1024:0
is "one zone's, with those above it" "$(zone_has DMA)" \
	"0 0 0 0 0 (0, $(($(managed DMA32) / 1024)), $((above_dma / 1024)), $((above_dma / 1024)), $((above_dma / 1024)))"
is "and another one's" "$(zone_has DMA32)" "$(marks DMA32 10)(0, 0, 0, 0, 0)"
is "others stay" "$(tunable lowmem_reserve_ratio)" \
	"1024:0:32:0:0 divisor: 0 to 2147483647 for each zone"
all_of u4
no_more_than "so more can be had" "$(free_in DMA32)" 16
stopped "and here less is kept" "$(free_in DMA)" $((above_dma / 1024))
check "blanks do, too" mmbox set box0 "lowmem_reserve_ratio=0 0 0"
all_of u0
is "the last page" "$(awk '/pages free/ { n += $3 } END { print n }' "$BOX/zoneinfo")" 0
do_ops F
check "several at once" mmbox set box0 min_free_kbytes=auto watermark_scale_factor=3000 \
	lowmem_reserve_ratio=256:256:32
min_free=$auto
is "the distance of the marks" "$(zone_has Normal)" "$(marks Normal 3000)(0, 0, 0, 0, 0)"
is "automatic again" "$(tunable min_free_kbytes)" \
	"$auto kB: auto or 0 to $((half * 4)); automatic"
check "back" mmbox set watermark_scale_factor=10

output=$(mmbox set box0 watermark_scale_factor=20 min_free_kbytes=12801 percpu_high=8 2>&1)
is "a setting out of range fails" $? 1
matches "it tells the range" "$output" "auto or 0 to $((half * 4)), in kB"
matches "and what was set before" "$output" 'the one before it has been set'
is "it changes nothing" "$(tunable min_free_kbytes)" \
	"$auto kB: auto or 0 to $((half * 4)); automatic"
is "the one before it is set" "$(tunable watermark_scale_factor)" "20 1/10000: 1 to 3000"
is "the one behind it is not" "$(tunable percpu_high)" "0 pages: 0 to 2147483647"
check_fails "a box that is not there" mmbox set nowhere percpu_high=0
matches "set shows all" "$(mmbox set)" '^lowmem_reserve_ratio +256:256:32:0:0 +no +divisor +0 to 2147483647 for each zone'
check "and sets" mmbox set watermark_scale_factor=10

#
# A refill keeps to the mark
#

# One page at a time: none of a batch may be taken from below the mark.
all_of u0
is "pages, singly, down to min" "$(free_in Normal)" "$min"
is "and to min and reserve" "$(free_in DMA32) $(free_in DMA)" \
	"$((min32 + dma32)) $((min16 + dma))"
do_ops F

#
# CPUs' lists
#

matches "lists hold what they may" "$(awk '$4 == 0 && $2 == "Normal" { print $7 }' "$BOX/pcp")" '^[1-9][0-9]+$'
check "shorter ones" mmbox set box0 percpu_high=8
is "none is longer" "$(awk '!/^#/ && $7 * 2 ^ $4 > 8' "$BOX/pcp")" ""
is "and what was on them is in the buddy" "$(awk '!/^#/ { n += $6 } END { print n }' "$BOX/pcp")" 0
do_ops "u0*64"
do_ops F
is "still none, after use" "$(awk '!/^#/ && ($7 * 2 ^ $4 > 8 || $6 * 2 ^ $4 > 8)' "$BOX/pcp")" ""
check "as the box likes" mmbox set box0 percpu_high=0
matches "they are long again" "$(awk '$4 == 0 && $2 == "Normal" { print $7 }' "$BOX/pcp")" '^[1-9][0-9]+$'

#
# Boost: in a zone of movable pageblocks that are full, but for some pages, an
# unmovable request takes a small block
#

rmmod mmbox_test_hold
unload_module
load_module pool=normal=16M
load_test_module mmbox_test_hold
pages=$(managed Normal)
min_free=$(root $((pages * 4 * 16)))
whole=$(zone_has Normal)
is "nothing is boosted at first" "$whole" "$(marks Normal 10)(0, 0, 0, 0, 0)"
all_of m4
do_ops a2
# By a pageblock, which is more than one and a half times the high mark.
is "a small steal raises low and high, and not min" "$(zone_has Normal)" \
	"$(echo "$whole" | awk '{ $1 += 512; $3 += 512; $4 += 512; $5 += 512; print }')"
do_ops F
is "until there is enough again" "$(zone_has Normal)" "$whole"
check "that can be switched off" mmbox set box0 watermark_boost_factor=0
steals=$(counter events steal)
all_of m4
all_of a2
matches "then pages are stolen" "$(($(counter events steal) - steals))" '^[1-9]'
is "and nothing is raised" "$(zone_has Normal)" "$whole"
rmmod mmbox_test_hold
check "unload" unload_module
finish
