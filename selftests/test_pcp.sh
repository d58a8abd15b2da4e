#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What goes through the CPUs' lists, from inside the kernel: each case of
# mmbox_test_pcp.ko loads. A refused free prints who called, which is no
# splat; a few in a burst are printed, then they are only counted.

# shellcheck disable=SC2317	# check() calls run_case

. "$(dirname "$0")/lib.sh"

require "$KO_DIR/mmbox_test_pcp.ko"

run_case()
{
	load_test_module mmbox_test_pcp run="$1" || {
		dmesg | tail -n 5
		return 1
	}
	rmmod mmbox_test_pcp
}

plan 6

load_module pool=
check "bulk calls fill empty places and leave others" run_case bulk
check "a bulk free takes pages of any boxes, and refuses what is not" run_case mixed
check "calls with addresses mean the pages there" run_case addresses
check "pages that nobody has cannot be freed, at any instant" run_case unowned
check "pages go from CPU to CPU" run_case cross
check "all boxes are gone" test ! -e /proc/mmbox/pcp
finish
