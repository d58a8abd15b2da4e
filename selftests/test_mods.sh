#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The calls for other modules: each case of mmbox_test_pages.ko loads, and
# leaves box0 as it was. Wrong frees are refused, counted and reported.
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require "$KO_DIR/mmbox_test_pages.ko"

mark_log()
{
	log_lines=$(dmesg | wc -l)
}

# What mmbox and the test module have said since mark_log.
log()
{
	dmesg | tail -n +$((log_lines + 1)) | sed -n 's/^\[[^]]*\] \(mmbox\)/\1/p'
}

# Without the marks of the per-CPU lists, which adapt to what was done.
state()
{
	cat "$BOX"/buddyinfo "$BOX"/zoneinfo "$BOX"/meminfo "$BOX"/objects |
		grep -vE '^ *(high|batch|high_min|high_max): '
}

# Run one case; its verdict is that of insmod.
run_case()
{
	load_test_module mmbox_test_pages run="$1" || {
		log
		return 1
	}
	rmmod mmbox_test_pages
}

# case_passes CASE WHAT
case_passes()
{
	mark_log
	check "$2" run_case "$1"
	is "$2: box0 is as it was" "$(state)" "$before"
}

plan $((10 * 2 + 1 + 4 + 2 + 7))

# Without marks and reserves, so that every page can be had.
load_module pool=dma=1M,dma32=4M,normal=8M,min_free_kbytes=0,watermark_scale_factor=1,lowmem_reserve_ratio=0:0
before=$(state)

case_passes alloc "blocks of all orders are whole, aligned and in their zone"
case_passes exhaust "every page can be had, and comes back"
case_passes objects "pages that caches keep at hand can be had"
case_passes zero "__GFP_ZERO clears pages that were used"
case_passes locked "allocation under a spinlock"
case_passes softirq "allocation in a softirq"
case_passes hardirq "allocation in a hard interrupt"
case_passes configurations "configurations are read"
case_passes create "a module's own box"

is "no free was refused so far" "$(counter events free_refused)" 0
case_passes wrong_frees "wrong frees are refused"
is "those of the box are counted" "$(counter events free_refused)" 6
is "each has its line in the log" "$(log | grep -c 'refused: it ')" 7
reasons=$(log | sed -n 's/.*order \([0-9]*\) refused: /\1: /p')
is "which tells the order and the reason" "$reasons" \
"2: it was allocated with another order
4: it was allocated with another order
0: it is not the first page of an allocated block
3: it is not the first page of an allocated block
0: it is not a page of any box
0: it is already free
4294967295: it is not the first page of an allocated block"
is "and the caller's stack" "$(dmesg | tail -n +$((log_lines + 1)) |
	grep -c '^[^?]*test_wrong_frees')" 7

mark_log
check_fails "the runner fails when there is no such case" run_case nonsense
matches "and says so" "$(log)" 'nonsense failed: no such case'

#
# Leaks
#

mark_log
check "a module that leaves pages allocated" load_test_module \
	mmbox_test_pages run=leak
matches "its box is busy" "$(log)" 'leaky: busy: .* 8 pages allocated'
check_fails "mmbox cannot go while its user is loaded" rmmod mmbox
rmmod mmbox_test_pages
mark_log
check "mmbox can go when its user is gone" rmmod mmbox
matches "and names what it cannot give back" "$(log)" \
	'leaky: pfn 0x[0-9a-f]+ order 3 is still allocated: not given back'
matches "and how much is lost" "$(log)" '8 pages of the host are lost'
is "all of the other box is back" "$(log | grep box0)" \
	"mmbox: box0: all 3328 pages are back with the host"

finish
