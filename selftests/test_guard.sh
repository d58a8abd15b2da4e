#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Guarded objects: each case of mmbox_test_guard.ko loads, and what it does wrong
# on purpose is reported.
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require mmbox "$KO_DIR/mmbox_test_guard.ko"

# Run one case, and keep what is said meanwhile in /tmp/said.
run_case()
{
	local lines result

	lines=$(dmesg | wc -l)
	load_test_module mmbox_test_guard run="$1" && rmmod mmbox_test_guard
	result=$?
	dmesg | tail -n +$((lines + 1)) >/tmp/said
	[ "$result" -eq 0 ] || tail -n 5 /tmp/said
	return "$result"
}

# said REGEX: how often
said()
{
	grep -cE "$1" /tmp/said
}

plan 15
allow_splat 'mmbox: BUG box0/guarded: (Left|Right) redzone overwritten'

load_module pool=
check "a box" mmbox create box0 16M
check "an object alone in its page" run_case guard
check "wrong frees of such" run_case wrong
is "two double frees are reported" "$(said 'box0/guarded: free of object .* refused: it is already free')" 2
is "one inside" "$(said 'box0/guarded: free of object .* refused: it points 8 bytes into object 0 of its slab')" 1
is "one of them after the free" "$(said 'box0/guarded: free of object .* refused: it points 1 bytes from an object that is free already')" 1
is "with who freed it" "$(said 'mmbox: Freed in .*mmbox_test_guard')" 3
check "bytes beside an object" run_case beside
is "are reported" "$(said 'BUG box0/guarded: (Left|Right) redzone overwritten')" 2
check "one in four of kmalloc's" mmbox set box0 guard_sample=4
check "is guarded" run_case sample
check "one cache is another" mmbox set box0 guard_sample=2:kmalloc-64
check_fails "a cache that is not there" mmbox set box0 guard_sample=2:no-such
check "none" mmbox set box0 guard_sample=0
check "many, one after the other" run_case many
finish
