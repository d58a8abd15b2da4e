#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What goes through the CPUs' lists, from inside the kernel: each case of
# mmbox_test_pcp.ko loads. A refused free prints who called, which is no
# splat; a few in a burst are printed, then they are only counted.

# shellcheck disable=SC2317	# check() calls run_case

. "$(dirname "$0")/lib.sh"

require mmbox "$KO_DIR/mmbox_test_pcp.ko"

run_case()
{
	load_test_module mmbox_test_pcp run="$1" "${2:-rounds=2000}" || {
		dmesg | tail -n 5
		return 1
	}
	rmmod mmbox_test_pcp
}

# Shorter and longer lists, for as long as a case runs; says how often.
retune()
{
	run_case "$1" rounds=1000000 >/tmp/case 2>&1 &
	job=$!
	times=0
	while kill -0 $job 2>/dev/null; do
		for high in 1 0 16 2 64; do
			mmbox set pcp percpu_high=$high >/dev/null 2>&1 && times=$((times + 1))
		done
	done
	wait $job && echo "$times"
	cat /tmp/case
}

plan 7

load_module pool=
check "bulk calls fill empty places and leave others" run_case bulk
check "a bulk free takes pages of any boxes, and refuses what is not" run_case mixed
check "calls with addresses mean the pages there" run_case addresses
check "pages that nobody has cannot be freed, at any instant" run_case unowned
check "pages go from CPU to CPU" run_case cross
matches "while the lists get shorter and longer" "$(retune cross)" '^([5-9]|[1-9][0-9]+)$'
check "all boxes are gone" test ! -e /proc/mmbox/pcp
finish
