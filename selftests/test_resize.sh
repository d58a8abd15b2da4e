#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A live box grows and shrinks by whole sections: all or nothing, busy ones are
# refused and named. Told to, it gives free ones to a host that is short of
# memory.
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require mmbox "$KO_DIR/mmbox_test_hold.ko"

# A zone's number in zoneinfo: pages ZONE NAME
pages()
{
	awk -v zone="$1" -v name="$2" '
		$1 == "Node" { on = $4 == zone }
		on && $1 == name { print $2; exit }' "$BOX/zoneinfo"
}

blocks()	# ZONE ORDER
{
	awk -v zone="$1" -v order="$2" '$4 == zone { print $(5 + order) }' \
		"$BOX/buddyinfo"
}

# What a refused change says.
refusal()
{
	! mmbox set box0 "$1" 2>&1
}

do_ops()
{
	echo "$1" >/sys/module/mmbox_test_hold/parameters/ops
}

state()
{
	cat "$BOX"/buddyinfo "$BOX"/zoneinfo "$BOX"/pagetypeinfo "$BOX"/meminfo
}

# Until a counter has changed; fails after half a minute.
changed()
{
	local tries=300

	while [ "$(counter events "$1")" = "$2" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		usleep 100000
	done
}

plan 41
load_module pool=dma=1M,normal=16M,min_free_kbytes=0
present=$(pages Normal present)
managed=$(pages Normal managed)
whole=$(blocks Normal 10)

# Larger ...
check "two more sections" mmbox set box0 normal=+8M
is "they are present" "$(pages Normal present)" $((present + 2048))
is "managed" "$(pages Normal managed)" $((managed + 2048))
is "and free" "$(blocks Normal 10)" $((whole + 2))
is "meminfo has them" "$(awk '$1 == "MemTotal:" { print $2 }' "$BOX/meminfo")" \
	$(((managed + 2048 + $(pages DMA managed)) * 4))
is "events count them" "$(counter events section_add)" 2

# ... of use ...
load_test_module mmbox_test_hold
check "all large blocks can be had" do_ops "u10*$((whole + 2))"
is "the new ones too" "$(blocks Normal 10)" 0

# ... and in use.
before=$(state)
text=$(refusal normal=-8M)
check "none of them can go" test "$text"
matches "which are named" "$text" 'pfn 0x[0-9a-f]+: [0-9]+ pages in use, pfn 0x[0-9a-f]+: [0-9]+ pages in use'
matches "and counted" "$text" 'only 0 of 2 sections of 4096 kB are free'
is "nothing has changed" "$(state)" "$before"
check "one is freed" do_ops f1
before=$(state)
matches "one is not enough for two" "$(refusal normal=-8M)" 'only 1 of 2'
is "and stays" "$(state)" "$before"
check "but it can go itself" mmbox set box0 normal=-4M
is "then nothing is left of it" "$(blocks Normal 10)" 0
check "all are freed" do_ops F
check "the other can go" mmbox set box0 normal=-4M
is "the zone is as large as before" \
	"$(pages Normal present) $(pages Normal managed)" "$present $managed"
is "events count that" "$(counter events section_remove)" 2

# Pages on CPUs' lists are free ones; one page in use is enough to stay.
check "another" mmbox set box0 normal=+4M
check "pages are taken and freed" do_ops "u0*200 m0*200 r1*50 F"
check "what CPUs have at hand goes too" mmbox set box0 normal=-4M

# A zone that had no pages.
check "a zone comes to be" mmbox set box0 dma32=+4M
is "it has pages" "$(pages DMA32 present)" 1024
check "of use to the device" eval 'mmbox alloc --order 10 --dma32 --hold </dev/null'
check "and goes again" mmbox set box0 dma32=-4M
is "without a trace" "$(pages DMA32 present) $(pages DMA32 spanned)" "0 0"
check "and comes back" mmbox set box0 dma32=+4M
check "for good" mmbox set box0 dma32=-4M

# What cannot be.
matches "no part of a section" "$(refusal normal=+1M)" 'sections of 4096 kB'
matches "no size as such" "$(refusal normal=64M)" 'changes by \+SIZE or -SIZE'
matches "not more than the host can spare" "$(refusal normal=+100G)" 'the host can spare only'
matches "not more than there is" "$(refusal normal=-100G)" 'only [0-9]+ of 25600 sections'

# The host in need.
mmbox set box0 normal=+16M >/dev/null
check "the shrinker is off" eval 'mmbox set --json | grep -A1 "\"shrinker\"" | grep -q "\"0\""'
echo 2 >/proc/sys/vm/drop_caches
removed=$(counter events section_remove)
check "it is turned on" mmbox set box0 shrinker=1
echo 2 >/proc/sys/vm/drop_caches
check "the host asks, and gets sections" changed section_remove "$removed"
check "it is turned off" mmbox set box0 shrinker=0
rmmod mmbox_test_hold
dmesg -c >/dev/null
check "unload" unload_module
matches "every page is back" "$(dmesg)" 'box0: all [0-9]+ pages are back with the host'
finish
