#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Tests of the kernel's own whose memory comes from a box: those of its calls for
# memory, and of structures whose nodes are allocated. What they say of themselves
# is the verdict, and that the box gets everything back.
#
# timeout: 600
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require "$KO_DIR/third_xarray.ko"

# What the kernel's log has since mark_log.
log()
{
	dmesg | tail -n +$((log_lines + 1))
}

mark_log()
{
	log_lines=$(dmesg | wc -l)
}

# Does the log say the same number twice, as $1 and $2 of an extended regular
# expression, and not 0?
passed()
{
	log | sed -nE "s/.*$1.*/\1 \2/p" |
		awk '$1 == $2 && $1 > 0 { n++ } END { exit n != 1 }'
}

# What the test's init returned, as run.h has it.
result()
{
	log | sed -n "s/.*third_$1: the test's result is //p"
}

# Every call of test $1 was right, and the box has everything back.
nothing_left()
{
	is "$1 left nothing in the box, and got nothing elsewhere" \
		"$(log | sed -n '/ refused: /p; s/.*\(all\) [0-9]* \(pages are back\).*/\1 \2/p')" \
		"all pages are back"
}

# Load test module $1 with the parameters $3..., on a box of its own. Its init
# returns $2.
run_test()
{
	local name="$1" wanted="$2" output

	shift 2
	mark_log
	load_module "pool=$pool"
	output=$(load_test_module "third_$name" "$@" 2>&1)
	is "$name ran to its end" "$(result "$name")" "$wanted"
	[ "$(result "$name")" = "$wanted" ] || comment "$output"
	! is_loaded "third_$name" || rmmod "third_$name"
	unload_module
	nothing_left "$name"
}

plan $((3 + 2 + 9 * 2 + 2 + 2 + 1 + 3 * 3 + 4))

pool=64M

# The two that take longest, at once and in the same box.
mark_log
load_module "pool=$pool"
load_test_module third_xarray >xarray.log 2>&1 &
case $(uname -r) in
6.1.*)
	skip "maple_tree" "one check of 6.1's fails with the kernel's own memory, too"
	longest=xarray ;;
*)
	load_test_module third_maple_tree >maple_tree.log 2>&1
	longest="xarray maple_tree" ;;
esac
wait
for name in $longest; do
	is "$name ran to its end" "$(result "$name")" 0
	[ "$(result "$name")" = 0 ] || comment "$(cat "$name.log")"
	! is_loaded "third_$name" || rmmod "third_$name"
done
unload_module
nothing_left "$longest"
check "xarray: all passed" passed 'XArray: ([0-9]+) of ([0-9]+) tests passed'
case $longest in
*maple_tree)
	check "maple_tree: all passed" passed \
		'maple_tree: ([0-9]+) of ([0-9]+) tests passed' ;;
*)
	skip "maple_tree: all passed" "likewise" ;;
esac
# It frees what is free, and its result is the wrong way around: -EINVAL when all passed.
allow_splat 'WARNING: .* ida_free\+'
run_test ida -22
check "ida: all passed" passed 'IDA: ([0-9]+) of ([0-9]+) tests passed'
run_test memcat_p 0
matches "memcat_p: passed" "$(log)" 'test passed'
run_test objagg 0
run_test parman 0

run_test rhashtable 0 parm_entries=4000 runs=1 tcount=2
matches "rhashtable: all threads passed" "$(log)" \
	'Started 2 threads, 0 failed, rhltable test returns 0'
matches "rhashtable: its limit holds" "$(log)" 'exceed max_size .*: no, ok'

# These have no other result than that no WARN_ON() fires.
eagain=-11
run_test rbtree $eagain perf_loops=10 check_loops=20
run_test interval_tree $eagain perf_loops=10 search_loops=10
matches "interval_tree: searched" "$(log)" '-> .* cycles'

#
# Memory that is cleared, as it is allocated or as it is freed; if neither, the
# test has to find that it is not.
#

for setting in init_on_alloc init_on_free; do
	pool=64M,$setting=1
	run_test meminit 0
	matches "meminit with $setting: all passed" "$(log)" 'all [0-9]+ tests passed!'
done
pool=64M
run_test meminit -22
matches "meminit: memory is not cleared" "$(log)" 'failures: [0-9]+ out of [0-9]+'

#
# vmalloc: each case that has a verdict but that of the kernel's per-CPU memory,
# by one worker in order, and by two at once at random.
#

# Sums of the cases that passed or failed.
cases()
{
	log | sed -nE 's/.*Summary: .* passed: ([0-9]+) failed: ([0-9]+) .*/\1 \2/p' |
		awk '{ passed += $1; failed += $2 } END { print passed + 0, failed + 0 }'
}

nr_of_cases()
{
	log | grep -c 'Summary: '
}

# Two workers have 65536 areas of a page at once, each with a guard page.
pool=400M,window=768M
pcpu_alloc=128
align_shift=64
all=2047

run_test vmalloc $eagain run_test_mask=$((all - pcpu_alloc - align_shift)) \
	test_loop_count=200 sequential_test_order=1
is "vmalloc: all passed" "$(cases)" "$(nr_of_cases) 0"
check "vmalloc: there were eight or nine cases" test "$(nr_of_cases)" -ge 8

run_test vmalloc $eagain run_test_mask=$((all - pcpu_alloc - align_shift)) \
	test_loop_count=100 nr_threads=2 nr_pages=4
is "vmalloc by two: all passed" "$(cases)" "$(nr_of_cases) 0"
check "vmalloc by two: there were as many cases twice" test "$(nr_of_cases)" -ge 16

finish
