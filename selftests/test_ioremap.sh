#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Memory of devices: each case of mmbox_test_ioremap.ko loads and leaves no area
# behind, with page tables that mmbox writes and with the host's. What is
# refused is counted and reported.
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require "$KO_DIR/mmbox_test_ioremap.ko"

# What mmbox and the test module have said since the case began.
log()
{
	dmesg | tail -n +$((log_lines + 1)) | sed -n 's/^\[[^]]*\] \(mmbox\)/\1/p'
}

# Run one case; its verdict is that of insmod.
run_case()
{
	load_test_module mmbox_test_ioremap run="$1" || {
		log
		return 1
	}
	rmmod mmbox_test_ioremap
}

# Areas that are live, whatever their kind.
live_areas()
{
	grep -cv 'unpurged vm_area$' "$BOX/vmallocinfo"
}

# case_passes CASE WHAT
case_passes()
{
	log_lines=$(dmesg | wc -l)
	check "$backend: $2" run_case "$1"
	is "$backend: $2: no area is left" "$(live_areas)" 0
}

refusals()
{
	counter events vmap_refused
}

try_backend()
{
	local before

	backend=$1
	load_module "pool=dma=1M,normal=8M,remap=$backend"
	case_passes rom "what is read is what is there"
	case_passes guard "nothing is mapped behind it"
	before=$(refusals)
	case_passes refuse "what cannot be mapped is refused"
	is "$backend: six refusals" $(($(refusals) - before)) 6
	matches "$backend: RAM is named as the reason" "$(log)" 'ioremap refused: it is RAM'
	before=$(refusals)
	case_passes return "wrong returns are refused"
	matches "$backend: an area of another kind is named" "$(log)" \
		'iounmap refused: it is an area of another kind'
	case_passes page "registers have no page"
	check "$backend: unload" unload_module
}

plan $((2 * 14))
try_backend own
try_backend vmap
finish
