#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Slots for pages of zone HighMem: each case of mmbox_test_kmap.ko loads and
# leaves no slot in use, in a box with slots and in one that leaves it to the
# host. What is refused is counted and reported.
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require "$KO_DIR/mmbox_test_kmap.ko"

pool=normal=4M,highmem=4M

# What mmbox and the test module have said since the case began.
log()
{
	dmesg | tail -n +$((log_lines + 1)) | sed -n 's/^\[[^]]*\] \(mmbox\)/\1/p'
}

# Run one case; its verdict is that of insmod.
run_case()
{
	load_test_module mmbox_test_kmap run="$1" own="$own" || {
		log
		return 1
	}
	rmmod mmbox_test_kmap
}

busy_slots()
{
	grep -c ' state=busy ' "$BOX/kmap"
}

# case_passes CASE WHAT
case_passes()
{
	log_lines=$(dmesg | wc -l)
	refused=$(counter events vmap_refused)
	check "$backend: $2" run_case "$1"
	refused=$(($(counter events vmap_refused) - refused))
	is "$backend: $2: no slot is in use" "$(busy_slots)" 0
}

# refusals NUMBER
refusals()
{
	[ "$own" = 1 ] || set -- 0
	is "$backend: $1 refusals" "$refused" "$1"
}

try_backend()
{
	backend=$1
	own=$2
	load_module "pool=$pool,remap=$backend"
	case_passes same "a page has one address"
	case_passes others "pages of other zones keep theirs"
	case_passes reuse "slots are used again"
	case_passes wait "who finds none waits"
	case_passes wrong "wrong calls"
	refusals 6
	case_passes nest "slots of a CPU, one in the other"
	refusals 3
	case_passes local "slots of a CPU, of several tasks"
	case_passes irq "slots of a CPU, in interrupts"
	check "$backend: the box can be destroyed" mmbox destroy box0
	check "$backend: unload" unload_module
}

plan $((2 * (8 * 2 + 4) + 9))
try_backend own 1
try_backend vmap 0

# The file, and the counters.
own=1
load_module "pool=$pool"
is "slots are told of" "$(cat "$BOX/kmap")" "# shared=64 percpu=16"
load_test_module mmbox_test_kmap run=hold own=1
matches "a page in use twice" "$(cat "$BOX/kmap")" '^shared slot=0 state=busy users=2 pfn=[0-9]+$'
check_fails "the box is busy" mmbox destroy box0
rmmod mmbox_test_kmap
matches "and nobody's" "$(cat "$BOX/kmap")" '^shared slot=0 state=idle users=0 pfn=[0-9]+$'
run_case wait
is "waits are counted" $(($(counter events kmap_wait) >= 2)) 1
flushes=$(counter events kmap_flush)
run_case reuse
# The first pages may be in slots still.
matches "five times as many pages as slots are four flushes, or five" \
	$(($(counter events kmap_flush) - flushes)) '^[45]$'
check "slots that nobody uses do not keep the box" mmbox destroy box0
unload_module

# A box without HighMem has no slots before somebody wants one.
load_module pool=normal=4M
is "without HighMem there are no areas" "$(cat "$BOX/vmallocinfo")" ""
matches "but a file" "$(cat "$BOX/kmap")" '^# shared='
finish
