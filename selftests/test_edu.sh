#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A device on memory of a box: QEMU's "edu", its registers mapped by
# mmbox_ioremap(), its DMA from and to pages of zone DMA.
#
# guest: --device edu
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require /sys/bus/pci/devices mmbox

device=$(grep -l 0x11e8 /sys/bus/pci/devices/*/device 2>/dev/null)
[ "$device" ] || skip_all "this machine has no device edu"
device=${device%/device}
require "$KO_DIR/mmbox_edu.ko"

driver=/sys/bus/pci/drivers/mmbox_edu
regs=$(awk 'NR == 1 { print $1 }' "$device/resource")

# What the driver has said since the backend is tried.
edu_log()
{
	dmesg | tail -n +$((log_lines + 1)) | grep 'mmbox_edu .*:'
}

# The area of its registers, as root may see its address.
area()
{
	echo 1 >/proc/sys/kernel/kptr_restrict
	grep ioremap "$BOX/vmallocinfo"
	echo 0 >/proc/sys/kernel/kptr_restrict
}

try_backend()
{
	local address walk

	backend=$1
	log_lines=$(dmesg | wc -l)
	load_module "pool=dma=1M,normal=8M,remap=$backend"
	check "$backend: the driver loads" insmod "$KO_DIR/mmbox_edu.ko"
	check "$backend: and has the device" test -e "$driver/${device##*/}"
	matches "$backend: registers answer" "$(edu_log)" 'identification 0x10000ed, 12! is'
	matches "$backend: DMA comes back" "$(edu_log)" 'DMA of 2048 bytes there and back'
	is "$backend: from the first 16 MB" "$(edu_log | sed -n 's/.*zone DMA at 0x\([0-9a-f]*\)$/\1/p' |
		grep -cE '^0*[0-9a-f]{1,6}$')" 1

	address=0x$(area | sed 's/^0x//; s/-.*//')
	walk=$(mmbox walk --kernel "$address")
	matches "$backend: its registers are mapped" "$walk" "Physical address 0x$(printf %x "$regs"): "
	matches "$backend: uncached, not to be executed" "$(echo "$walk" | tr '\n' ' ')" \
		'uncached-minus, writable, for the kernel only, not executable'
	check_fails "$backend: the box is busy" mmbox destroy box0
	check "$backend: the driver unloads" rmmod mmbox_edu
	is "$backend: no area is left" "$(grep -cv 'unpurged vm_area$' "$BOX/vmallocinfo")" 0
	check "$backend: unload" unload_module
	matches "$backend: no page is left" "$(dmesg | tail -n 1)" 'box0: all 2304 pages are back'
}

plan $((2 * 12 + 2))
try_backend own
try_backend vmap

# Where there are no pages below 16 MB the device is left alone.
load_module pool=normal=8M
insmod "$KO_DIR/mmbox_edu.ko"
check "without zone DMA the device is refused" test ! -e "$driver/${device##*/}"
rmmod mmbox_edu
is "and no area is left" "$(grep -cv 'unpurged vm_area$' "$BOX/vmallocinfo")" 0
finish
