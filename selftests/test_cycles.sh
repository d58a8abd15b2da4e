#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Many cycles of loading and unloading, and of creating and destroying a box,
# leave the host's memory as it was.
#
# The module counts its pages itself and says so each time. Besides that the
# host's own figures are compared, with its caches dropped: pages that are free,
# on the buddy's lists and on those of the CPUs, slab and per-CPU memory, and
# areas of vmalloc() but for those freed and not yet purged.
#
# Even where nothing else runs these move by some dozen pages, now and then by
# a hundred, as the slab allocator and others keep what they have once got. But
# that comes to an end, and a leak does not. So the cycles are done in batches,
# and what counts is the batch in which a figure grew least: a leak is in each
# of them. The bounds are half a page a cycle, two pages of slab and 256 bytes a
# cycle, nothing per CPU, and an area of vmalloc() in 20 cycles. The allocator of
# per-CPU memory has a reserve of some 28 kB, so there only a leak of more than
# 200 bytes in each cycle is sure to show.
#
# A debug kernel keeps freed objects in quarantine for a while, and records of
# all objects, so there slab and memory as a whole may grow by half a megabyte:
# kmemleak is the judge.
#
# timeout: 900
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

POOL=dma=256K,dma32=2M,normal=2M
PAGES=1088

settle()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	# Counters have a part in each CPU, too.
	[ ! -e /proc/sys/vm/stat_refresh ] || cat /proc/sys/vm/stat_refresh
}

# Memory in use, slab and per-CPU memory, in kB; areas of vmalloc().
figures()
{
	settle
	awk '/^  pages free/ { used -= $3 * 4 }
	     /^ *count:/ { used -= $2 * 4 }
	     /^Slab:/ { slab = $2 }
	     /^Percpu:/ { percpu = $2 }
	     FILENAME == "/proc/vmallocinfo" && !/unpurged/ { areas++ }
	     END { print used, slab, percpu, areas }' \
		/proc/zoneinfo /proc/meminfo /proc/vmallocinfo
}

load_and_unload()
{
	insmod "$KO_DIR/mmbox.ko" pool="$POOL" && rmmod mmbox
}

create_and_destroy()
{
	mmbox create second "$POOL" >/dev/null && mmbox destroy second >/dev/null
}

# cycle N COMMAND: counts in $wrong how many failed.
cycle()
{
	local n="$1"

	while [ "$n" -gt 0 ]; do
		"$2" || wrong=$((wrong + 1))
		n=$((n - 1))
	done
}

# How many times the module said that all its pages are back; ever.
all_back()
{
	dmesg | grep -c "mmbox: .*: all $PAGES pages are back with the host"
}

# Lines of the log that tell of pages that are not back.
lost()
{
	dmesg | grep -E 'mmbox: .*(lost|still allocated|[0-9] of [0-9]+ pages are back|references of others)'
}

# batches NUMBER SIZE COMMAND: leaves in $grew the figures by which memory grew
# in the batch in which it grew least, each figure by itself, and in $done how
# many batches there were. A leak grows in each of them; where the guest itself
# takes memory now and then, up to four more find one in which it does not.
batches()
{
	local size="$2" before after lines=''

	wrong=0
	done=0
	before=$(figures)
	while [ "$done" -lt "$1" ] || { [ "$done" -lt $(($1 + 4)) ] &&
			[ "${grew%% *}" -gt $((size * 2 + quarantine)) ]; }; do
		cycle "$size" "$3"
		done=$((done + 1))
		after=$(figures)
		comment "used, slab, per-CPU memory (kB), areas: $after"
		lines="$lines$before $after
"
		before=$after
		grew=$(printf %s "$lines" | awk '{
			for (i = 1; i <= 4; i++)
				if (NR == 1 || $(i + 4) - $i < least[i])
					least[i] = $(i + 4) - $i
		} END { print least[1], least[2], least[3], least[4] }')
	done
}

# at_most NAME GREW BOUND
at_most()
{
	if [ "$2" -le "$3" ]; then
		ok "$1 grows by $2, at most $3"
	else
		not_ok "$1 grows by $2, more than $3"
	fi
}

# judge WHAT SIZE
judge()
{
	local what="$1" size="$2"

	# shellcheck disable=SC2086	# four words
	set -- $grew
	at_most "$what: memory in kB" "$1" $((size * 2 + quarantine))
	at_most "$what: slab in kB" "$2" $((8 + size / 4 + quarantine))
	at_most "$what: per-CPU memory in kB" "$3" 0
	at_most "$what: number of vmalloc areas" "$4" $((size / 20))
}

quarantine=0
[ ! -e /sys/kernel/debug/kmemleak ] || quarantine=512

require mmbox
plan $((3 + 4 + 3 + 4 + 1))

# Where a cycle takes long, as in a debug kernel that finds leaks by itself,
# there are fewer.
wrong=0
start=$(cut -d . -f 1 /proc/uptime)
cycle 10 load_and_unload
size=50
boxes=20
if [ $(($(cut -d . -f 1 /proc/uptime) - start)) -ge 8 ]; then
	size=10
	boxes=5
fi
said=$(all_back)
batches 4 $size load_and_unload
is "loaded and unloaded again and again" $wrong 0
is "all pages are back each time" $(($(all_back) - said)) $((done * size))
is "no page is lost" "$(lost)" ""
judge "module" $size

load_module pool="$POOL"
state=$(cat "$BOX"/buddyinfo "$BOX"/zoneinfo)
cycle 10 create_and_destroy
said=$(all_back)
batches 3 $boxes create_and_destroy
is "a second box again and again" $wrong 0
is "all its pages are back each time" $(($(all_back) - said)) $((done * boxes))
is "the first box is as it was" "$(cat "$BOX"/buddyinfo "$BOX"/zoneinfo)" "$state"
judge "box" $boxes
is "no page is lost by boxes" "$(lost)" ""

finish
