#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Areas whose CPU goes, and areas that nobody gives back before the module goes:
# with page tables that mmbox writes and with the host's vmap().
# timeout: 600
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require "$KO_DIR/mmbox_test_vmap.ko" "$KO_DIR/mmbox_test_vmap_end.ko"
require /sys/devices/system/cpu/cpu1/online

log()
{
	dmesg | tail -n +$((log_lines + 1)) | sed -n 's/^\[[^]]*\] \(mmbox\)/\1/p'
}

# run_module MODULE PARAMETER...
run_module()
{
	local name="$1"

	shift
	load_test_module "$name" "$@" || {
		log
		return 1
	}
	rmmod "$name"
}

live_areas()
{
	grep -cv 'unpurged vm_area$' "$BOX/vmallocinfo"
}

# Lines of the log: said REGEX
said()
{
	log | grep -cE "$1"
}

# try_backend NAME MAPPED OPERATIONS: how many pages stay mapped that were freed,
# and random operations while a CPU comes and goes
try_backend()
{
	backend=$1
	load_module "pool=normal=64M,window=64M,remap=$backend"
	log_lines=$(dmesg | wc -l)
	matches "$backend: a CPU comes and goes, and areas, too" \
		"$(with_hotplug run_module mmbox_test_vmap run=churn ops="$3")" \
		'^([2-9]|[1-9][0-9]+)$'
	is "$backend: no area is left" "$(live_areas)" 0
	is "$backend: what was mapped came back" "$(counter events vmap_map)" \
		"$(counter events vmap_unmap)"

	log_lines=$(dmesg | wc -l)
	check "$backend: a module leaves areas" run_module mmbox_test_vmap_end run=leak
	is "$backend: five of them" "$(live_areas)" 5
	check_fails "$backend: the box is busy" mmbox destroy box0
	check "$backend: the module goes all the same" unload_module
	is "$backend: areas of one page are named" \
		"$(said 'box0: an area of 1 pages, of .*, is not given back')" 2
	is "$backend: those of others, too" \
		"$(said 'box0: an area of (2|3|300) pages, of .*, is not given back')" 3
	is "$backend: and their pages" "$(said 'pfn .* is still allocated')" 303
	# Mapped still, where only the host could take that away.
	is "$backend: a page that was freed is nobody else's while it is mapped" \
		"$(said 'pfn .* has not just the box.s reference')" "$2"
	is "$backend: it says what is lost" "$(log | sed -n 's/mmbox: \([0-9]* pages of the host are lost\)/\1/p')" \
		"303 pages of the host are lost"
}

plan $((2 * 12 + 3))
try_backend own 0 30000
try_backend vmap 1 10000

load_module pool=normal=16M,window=4M
log_lines=$(dmesg | wc -l)
check "a CPU goes that has areas" run_module mmbox_test_vmap_end run=dead
is "no area is left of it" "$(live_areas)" 0
check "unload" unload_module
finish
