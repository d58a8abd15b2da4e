#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Objects that no block of contiguous pages has room for lie in areas: each case
# of mmbox_test_area.ko loads.
#
# shellcheck disable=SC2317	# check() calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require "$KO_DIR/mmbox_test_area.ko"

run_case()
{
	load_test_module mmbox_test_area run="$1" || {
		dmesg | grep mmbox | tail -n 3
		return 1
	}
	rmmod mmbox_test_area
}

plan 6

load_module pool=
check "kvmalloc falls back to an area" run_case kvmalloc
check "both are freed after RCU's grace period" run_case kvfree_rcu
check "objects larger than any block" run_case huge
check "large objects in a fragmented box" run_case fragmented
check_fails "the runner fails when there is no such case" run_case nonsense
is "all pages are back with the host" \
	"$(dmesg | grep -c 'area: all [0-9]* pages are back')" 5

finish
