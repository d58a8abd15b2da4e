#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Areas: each case of mmbox_test_vmap.ko loads and leaves nothing behind, with
# page tables that mmbox writes and with the host's vmap().
# timeout: 600
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require "$KO_DIR/mmbox_test_vmap.ko"

pool=dma32=1M,normal=64M,window=32M

mark_log()
{
	log_lines=$(dmesg | wc -l)
}

log()
{
	dmesg | tail -n +$((log_lines + 1)) | sed -n 's/^\[[^]]*\] \(mmbox\)/\1/p'
}

# Run one case; its verdict is that of insmod.
run_case()
{
	local name="$1"

	shift
	load_test_module mmbox_test_vmap run="$name" "$@" || {
		log
		return 1
	}
	rmmod mmbox_test_vmap
}

# Areas that are live, whatever their kind.
live_areas()
{
	grep -cv 'unpurged vm_area$' "$BOX/vmallocinfo"
}

# case_passes CASE WHAT
case_passes()
{
	mark_log
	check "$backend: $2" run_case "$1" own="$own"
	is "$backend: $2: no area is left" "$(live_areas)" 0
}

backend_passes()
{
	backend=$1
	own=$2
	load_module "pool=$pool,remap=$backend"
	case_passes vmap "pages side by side, and a guard page behind them"
	case_passes readonly "a page that may only be read"
	case_passes vmalloc "pages of the box"
	case_passes double "an area given back twice"
	case_passes exhaust "a window runs out, and can be had again"
	case_passes interrupt "areas given back in interrupts"
	case_passes stale "an old translation is gone when the address is new"
	is "$backend: what was mapped came back" "$(counter events vmap_map)" \
		"$(counter events vmap_unmap)"
	case_passes churn "areas of all sizes, on all CPUs"
	check "$backend: unload" unload_module
}

# wrong_calls BACKEND CASE COUNTED LINES, each with a limit of its own in the log
wrong_calls()
{
	load_module "pool=$pool,remap=$1"
	mark_log
	check "$1: wrong $2 are refused" run_case "$2"
	is "$1: wrong $2 of the box are counted" \
		"$(counter events vmap_refused)" "$3"
	is "$1: each has its line in the log" \
		"$(log | grep -c '^mmbox: .* refused: ')" "$4"
	is "$1: and no area is left" "$(live_areas)" 0
	unload_module
}

plan $((2 * (8 * 2 + 2) + 4 * 4 + 3 + 3 + 1 + 3))

backend_passes own 1
backend_passes vmap 0

wrong_calls own requests 7 7
wrong_calls own returns 5 8
wrong_calls vmap requests 7 7
# An area that has gone is no longer in the box's addresses.
wrong_calls vmap returns 4 8

backend=vmap
own=0
load_module "pool=normal=64M,window=256M,remap=vmap"
case_passes reused "addresses that the host gives to others at once"
check "vmap: unload after that" unload_module

# The chunk of a CPU may have one of the places that are aligned most.
load_module "pool=${pool%,window=*},window=64M"
check "areas at aligned addresses" run_case align
is "a purge came about" "$([ "$(counter events vmap_purge)" -ge 0 ] && echo yes)" yes
check "unload" unload_module

# At random places what is free comes in pieces: there has to be more of it.
for placement in first best random; do
	load_module "pool=${pool%,window=*},window=128M,placement=$placement"
	mark_log
	check "areas placed $placement" run_case churn
	unload_module
done
check_fails "a placement that is none" load_module "pool=$pool,placement=last"
finish
