#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A box on two nodes: its zones lie where the host's pages do, an allocation
# begins on the node of the CPU that asks, goes on to the other one when that
# has no more, and stays with __GFP_THISNODE.
#
# guest: --numa 2 --memory 1408M
# timeout: 400
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require "$KO_DIR/mmbox_test_hold.ko" mmbox

# A CPU of a node, as a mask. The node's own list of CPUs is of no use: that of an
# emulated node has them all.
cpu_mask()
{
	local cpu

	for cpu in 0 1 2 3 4 5 6 7; do
		[ ! -e "/sys/devices/system/cpu/cpu$cpu/node$1" ] || break
	done
	printf '%x' $((1 << cpu))
}

# on NODE COMMAND...
on()
{
	local node="$1"

	shift
	taskset "$(cpu_mask "$node")" "$@"
}

# do_ops NODE WORDS: see mods/mmbox_test_hold.c
do_ops()
{
	# shellcheck disable=SC2016	# for the inner shell
	on "$1" sh -c 'echo "$1" >/sys/module/mmbox_test_hold/parameters/ops' sh "$2"
}

# A node's blocks of all orders, with __GFP_THISNODE and from there.
empty_node()
{
	local order

	for order in 10 9 8 7 6 5 4 3 2 1 0; do
		do_ops "$1" "t$order*100000" 2>/dev/null
	done
}

# zone_field FILE NODE ZONE NAME: a line of that zone in a zoneinfo
zone_field()
{
	awk -v node="$2," -v zone="$3" -v name="$4" '
		$1 == "Node" { on = $2 == node && $4 == zone }
		on && $1 == name { print $2; exit }
		on && $1 == "pages" && name == "free" { print $3; exit }' "$1"
}

# Pages of a node that are free or on CPUs' lists.
free_pages()
{
	mmbox zones | awk -v node="$1" 'NR > 1 && $1 == node { n += $3 + $4 } END { print n + 0 }'
}

# took NAME NODE0 NODE1: so many pages went since $free0 and $free1 were set
took()
{
	is "$1" "$((free0 - $(free_pages 0))) $((free1 - $(free_pages 1)))" "$2 $3"
	look
}

look()
{
	free0=$(free_pages 0)
	free1=$(free_pages 1)
}

# Nodes and zones of a file's rows, once each, in their order.
rows()
{
	sed -nE 's/^Node +([0-9]+), zone +([A-Za-z0-9]+).*/\1 \2/p' "$BOX/$1" | uniq
}

# Does the box's zone lie within the host's of the same node and name?
lies_within()
{
	local start end host_start host_end

	start=$(zone_field "$BOX/zoneinfo" "$1" "$2" start_pfn:)
	end=$((start + $(zone_field "$BOX/zoneinfo" "$1" "$2" spanned)))
	host_start=$(zone_field /proc/zoneinfo "$1" "$2" start_pfn:)
	host_end=$((host_start + $(zone_field /proc/zoneinfo "$1" "$2" spanned)))
	echo "box $start-$end, host $host_start-$host_end"
	[ "$start" -ge "$host_start" ] && [ "$end" -le "$host_end" ]
}

# Zones of the last refusal, in the order in which they were asked.
asked()
{
	awk '/^alloc/ { list = "" }
	     /^zone/ { sub(/node=/, "", $3); sub(/name=/, "", $4); list = list $3 " " $4 ", " }
	     END { print list }' "$BOX/refusals"
}

# Nodes that the last refusal left out, of those it did ask none.
left_out()
{
	awk '/^alloc/ { list = "" }
	     /^zone/ && /reason=node/ { sub(/node=/, "", $3); list = list $3 " " }
	     END { print list }' "$BOX/refusals"
}

[ -e /sys/devices/system/node/node1 ] || skip_all "one node only"

plan 30

# More than node 0 has of Normal, so that node 1 has to give the rest.
normal=$(($(zone_field /proc/zoneinfo 0 Normal free) * 4 + 24 * 1024))
on 0 insmod "$KO_DIR/mmbox.ko" "pool=dma32=8M,normal=${normal}K"
on 0 insmod "$KO_DIR/mmbox_test_hold.ko"

all="0 DMA32
0 Normal
1 Normal"
is "a box of more than one node has: buddyinfo" "$(rows buddyinfo)" "$all"
is "pagetypeinfo has the same zones in both parts" "$(rows pagetypeinfo)" "$all
$all"
is "zoneinfo has all zones of both nodes" "$(rows zoneinfo | awk '{ print $1 }' | uniq -c |
	awk '{ printf "%s:%s ", $2, $1 }')" "0:5 1:5 "
is "mmbox zones shows both nodes" "$(mmbox zones | awk 'NR > 1 { print $1, $2 }')" "$all"
is "all of Normal is there" "$(($(zone_field "$BOX/zoneinfo" 0 Normal present) +
	$(zone_field "$BOX/zoneinfo" 1 Normal present)))" "$((normal / 4))"
check "node 0 gave what it has" test \
	"$(zone_field "$BOX/zoneinfo" 0 Normal present)" -ge $((normal / 4 / 8))
check "DMA32 lies where node 0's does" lies_within 0 DMA32
check "Normal of node 0 lies where node 0's does" lies_within 0 Normal
check "Normal of node 1 lies where node 1's does" lies_within 1 Normal

all0=$(free_pages 0)
all1=$(free_pages 1)
look
check "on node 0, a large block" do_ops 0 u10
took "comes from there" 1024 0
check "on node 1, a large block" do_ops 1 u10
took "comes from there" 0 1024
check "on node 0, pages of CPUs' lists" do_ops 0 u0*100
took "come from there" 100 0
check "on node 1, pages of CPUs' lists" do_ops 1 u0*100
took "come from there" 0 100
check "with __GFP_THISNODE" do_ops 1 "t10 t0"
took "they do, too" 0 1025

# Node 1 is emptied from there, and then nothing is left to take.
fallbacks=$(counter events alloc_fallback)
empty_node 1
is "__GFP_THISNODE never goes elsewhere" "$(free_pages 0)" "$free0"
is "it leaves out the other node" "$(left_out)" "0 0 "
is "from node 1, the nearest node is asked first, and its highest zone" "$(asked)" \
	"1 Normal, 0 Normal, 0 DMA32, "
is "that is no fallback" "$(counter events alloc_fallback)" "$fallbacks"
look
check "on node 1, which has no more" do_ops 1 "u9 u0"
took "blocks come from the other one" 513 0
is "that is a fallback" "$(($(counter events alloc_fallback) > fallbacks))" 1

empty_node 0
check "no node has any" eval '! do_ops 0 u0 2>/dev/null'
is "from node 0, the order is its own" "$(asked)" "0 Normal, 0 DMA32, 1 Normal, "

do_ops 0 F
is "all are back where they were" "$(free_pages 0) $(free_pages 1)" "$all0 $all1"
rmmod mmbox_test_hold
check "unload" unload_module
finish
