#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The file allocinfo: what mmbox_test_account.ko allocates, function by function,
# while it is switched on and off.
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require mmbox "$KO_DIR/mmbox_test_account.ko"

# Bytes and calls of a function: by FUNCTION
by()
{
	awk -v func_name="func:$1" '
		NR > 2 && $NF == func_name { bytes += $1; calls += $2 }
		END { print bytes + 0, calls + 0 }' "$BOX/allocinfo"
}

# Lines that are not as the kernel's are.
misshaped()
{
	tail -n +3 "$BOX/allocinfo" | grep -cvE \
		'^ *[0-9]+ +[1-9][0-9]* [a-zA-Z_][^ ]*\+0x[0-9a-f]+/0x[0-9a-f]+( \[[a-z_]+\])? func:[a-zA-Z0-9_.]+$'
}

# Sizes that each function has: with the same sums as its callers know.
all_rows()
{
	for name in small bulk prefilled kmalloc kmemdup large block pages area nothing; do
		echo "$name $(by account_$name)"
	done
}

# Switch it on and off so many times, and end with it on: switch_at_work TIMES
switch_at_work()
{
	local i=0

	while [ "$i" -lt "$1" ]; do
		mmbox set box0 allocinfo=0 && mmbox set box0 allocinfo=1 || return
		i=$((i + 1))
	done
}

plan 38
load_module pool=
check "a box" mmbox create box0 32M
is "it counts nothing" "$(sed -n 's/^allocinfo \(.*\) on: .*/\1/p' "$BOX/tunables")" 0
is "the file has its head only" "$(cat "$BOX/allocinfo")" \
	"allocinfo - version: 1.0
#     <size>  <calls> <tag info>"
is "and its mode" "$(stat -c %a "$BOX/allocinfo")" 400

check "allocations before it is switched on" load_test_module mmbox_test_account
check "switching it on" mmbox set box0 allocinfo=1
is "counts none of them" "$(by account_small)" "0 0"
check "which are freed" rmmod mmbox_test_account
is "and nothing is less than nothing" "$(tail -n +3 "$BOX/allocinfo" | grep -c -- -)" 0

check "allocations while it is on" load_test_module mmbox_test_account
is "each call is counted" "$(all_rows)" "small $((37 * 72)) 37
bulk $((130 * 72)) 130
prefilled $((3 * 72)) 3
kmalloc $((128 + 8 + 8192)) 3
kmemdup 32 1
large $((4 * 4096)) 1
block $((4 * 4096)) 1
pages $((5 * 4096)) 5
area $((7 * 4096)) 7
nothing 0 0"
is "lines are as the kernel's" "$(misshaped)" 0
matches "with the module" "$(cat "$BOX/allocinfo")" \
	'^ +2664 +37 account_small\+0x[0-9a-f]+/0x[0-9a-f]+ \[mmbox_test_account\] func:account_small$'
is "nothing was lost" "$(counter events ledger_lost)" 0
check "switching it off" mmbox set box0 allocinfo=0
is "forgets" "$(wc -l <"$BOX/allocinfo")" 2
check "switching it on once more" mmbox set box0 allocinfo=1
check "frees of what it forgot" rmmod mmbox_test_account
is "leave nothing" "$(grep -c 'func:account_' "$BOX/allocinfo")" 0

check "allocations that are freed while it is on" load_test_module mmbox_test_account
check "and freed" rmmod mmbox_test_account
is "leave nothing, either" "$(grep -c 'func:account_' "$BOX/allocinfo")" 0
check_fails "a value that it does not have" mmbox set box0 allocinfo=2
check "pages of a user" mmbox alloc --order 3 --keep
matches "are the box's own calls" "$(cat "$BOX/allocinfo")" \
	'^ +32768 +1 .*\[mmbox\] func:'
check "they go" mmbox free 1
is "and leave nothing" "$(grep -c "^ *32768 *1 .*alloc" "$BOX/allocinfo")" 0
check "it works from the beginning, too" mmbox create box1 16M,allocinfo=1
is "and says so" "$(sed -n 's/^allocinfo \(.*\) on: .*/\1/p' /proc/mmbox/box1/tunables)" 1
check "a box that counts goes" mmbox destroy box1
check "and comes" mmbox create box1 16M,allocinfo=1
check "threads at work" load_test_module mmbox_test_account threads=2
check "while it is switched on and off" switch_at_work 30
matches "count" "$(cat "$BOX/allocinfo")" ' func:work$'
check "and end" rmmod mmbox_test_account
is "nothing is left to the last byte" "$(grep -c 'mmbox_test_account' "$BOX/allocinfo")" 0
is "and nothing was lost" "$(counter events ledger_lost)" 0
check "unload" unload_module
finish
