#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Loading and unloading: what is refused, with which error and which reason in
# the kernel log, and that a refusal leaves nothing behind.
#
# shellcheck disable=SC3043	# busybox has "local"

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

mark_log()
{
	log_lines=$(dmesg | wc -l)
}

# What the module has said since mark_log.
log()
{
	dmesg | tail -n +$((log_lines + 1)) | sed -n 's/^\[[^]]*\] mmbox: //p'
}

# Names of all that the module makes, as far as it is there.
traces()
{
	local path

	for path in /sys/module/mmbox /dev/mmbox /sys/class/misc/mmbox \
		    /proc/mmbox /sys/kernel/debug/mmbox; do
		[ ! -e $path ] || echo $path
	done
	grep -s ' mmbox$' /proc/misc
}

# loads NAME POOL PAGES: with that pool, box0 has so many pages.
loads()
{
	local pages

	mark_log
	check "$1: loads" load_module "pool=$2"
	pages=$(awk '/^MemTotal:/ { print $2 / 4 }' "$BOX"/meminfo)
	is "$1: has its pages" $((pages + $(reserved_pages "$BOX"))) "$3"
	check "$1: unloads" unload_module
	is "$1: says that all pages are back" "$(log | tail -n 1)" \
		"box0: all $3 pages are back with the host"
	is "$1: leaves no trace" "$(traces)" ""
}

# refuses NAME POOL ERROR REASON: insmod's error, and a line of the log.
refuses()
{
	local output status

	mark_log
	output=$(load_module "pool=$2" 2>&1)
	status=$?
	is "$1: insmod fails" $((status != 0)) 1
	matches "$1: error is $3" "$output" "$3\$"
	matches "$1: the log says why" "$(log)" "$4"
	is "$1: leaves no trace" "$(traces)" ""
	! is_loaded mmbox || unload_module
	# Pages that it took on the way are all back.
	is "$1: nothing is lost" "$(log | grep -E 'pages (are back|lost)' |
		grep -v ': all ')" ""
}

# In the words of kmod, and of busybox.
INVAL='Invalid (parameters|argument)'
NOMEM='Cannot allocate memory'
EXIST='File exists'
# So the log begins on a size that is none.
SIZE='the size of zone'

plan $((2 + 5 * 5 + 20 * 5 + 4 + 4 + 3 + 2))

is "no trace before" "$(traces)" ""
is "not loaded before" "$(is_loaded mmbox && echo loaded)" ""

loads "one zone" normal=4M 1024
loads "three zones" dma=64K,dma32=1M,normal=1M 528
loads "any zone" 2M 512
loads "one page" dma32=4K 1
loads "with settings" min_free_kbytes=0,1M,percpu_high=8,lowmem_reserve_ratio=9:9 256

refuses "unknown zone" high=1M "$INVAL" "no setting 'high'.* zones dma, dma32, normal, highmem and movable"
refuses "unknown boot allocator" 1M,boot=nonsense "$INVAL" \
	"boot is memblock or bitmap, not 'nonsense'"
refuses "boot allocator twice" boot=bitmap,1M,boot=bitmap "$INVAL" "boot is given twice"
refuses "zone in capitals" DMA=1M "$INVAL" "no setting 'DMA'"
refuses "no value" 1M,percpu_high= "$INVAL" "percpu_high is a number, and not ''"
refuses "a setting twice" 1M,percpu_high=1,percpu_high=1 "$INVAL" "percpu_high is given twice"
refuses "a setting out of range" 1M,min_free_kbytes=513 "$INVAL" \
	"min_free_kbytes=513 is out of range: it is auto or 0 to 512, in kB"
refuses "six numbers for five zones" 1M,lowmem_reserve_ratio=1:2:3:4:5:6 "$INVAL" \
	"lowmem_reserve_ratio is one number to five"
refuses "size 0" normal=0 "$INVAL" "$SIZE Normal is"
refuses "no size" normal= "$INVAL" "$SIZE Normal is"
refuses "half a page" 2K "$INVAL" "$SIZE any is"
refuses "one byte too many" dma=4097 "$INVAL" "$SIZE DMA is"
refuses "no number" lots "$INVAL" "$SIZE any is"
refuses "negative" dma=-4M "$INVAL" "$SIZE DMA is"
refuses "same zone twice" dma=1M,dma=1M "$INVAL" "zone DMA is given twice"
refuses "any zone twice" 1M,normal=1M,1M "$INVAL" "zone any is given twice"
refuses "a comma too many" dma=1M, "$INVAL" "$SIZE any is"
refuses "larger than memory" 1000G "$NOMEM" "pages wanted, but the host can spare only"
refuses "zones together larger than memory" dma=4M,normal=64G "$NOMEM" \
	"pages wanted, but the host can spare only"
refuses "larger than zone DMA" dma=17M "$NOMEM" \
	"the host gives only [0-9]+ of 4352 pages in zone DMA"

#
# No box at all
#

mark_log
check "empty pool: loads" load_module pool=
is "empty pool: no box" "$(ls /proc/mmbox /sys/kernel/debug/mmbox)" \
	"/proc/mmbox:

/sys/kernel/debug/mmbox:"
check "empty pool: unloads" unload_module
is "empty pool: leaves no trace" "$(traces)" ""

#
# Loaded twice
#

load_module pool=1M
mark_log
output=$(load_module pool=2M 2>&1)
matches "loaded twice: error is $EXIST" "$output" "$EXIST\$"
is "loaded twice: the first is as it was" \
	"$(($(awk '/^MemTotal:/ { print $2 }' "$BOX"/meminfo) +
	    4 * $(reserved_pages "$BOX")))" 1024
is "the parameter can be read" "$(cat /sys/module/mmbox/parameters/pool)" 1M
is "and not written" "$(stat -c %a /sys/module/mmbox/parameters/pool)" 444

#
# In use
#

exec 3</dev/mmbox
output=$(unload_module 2>&1)
matches "an open device keeps the module" "$output" 'in use|unavailable'
check "which works on" test -e "$BOX"/buddyinfo
exec 3<&-
check "until the device is closed" unload_module

#
# Default
#

check "loads without parameters" insmod "$KO_DIR/mmbox.ko"
is "and has the default pool" \
	"$(($(awk '/^MemTotal:/ { print $2 }' "$BOX"/meminfo) +
	    4 * $(reserved_pages "$BOX")))" 65536

finish
