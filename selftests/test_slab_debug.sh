#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Checks of objects: each case of mmbox_test_slab_debug.ko commits errors on
# purpose and counts those found. Here the reports are counted, and read.
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require mmbox "$KO_DIR/mmbox_test_slab_debug.ko"

# Run one case, and keep what is said meanwhile in /tmp/said.
run_case()
{
	local lines result

	counter events free_refused >/tmp/refused
	lines=$(dmesg | wc -l)
	load_test_module mmbox_test_slab_debug run="$1" && rmmod mmbox_test_slab_debug
	result=$?
	dmesg | tail -n +$((lines + 1)) >/tmp/said
	[ "$result" -eq 0 ] || tail -n 5 /tmp/said
	return "$result"
}

# Reports of the case that ran last: reports REGEX
reports()
{
	grep -cE "mmbox: (BUG|box0|no box).*($1)" /tmp/said
}

# Frees that were refused meanwhile.
refused()
{
	echo $(($(counter events free_refused) - $(cat /tmp/refused)))
}

says()
{
	grep -qE "$1" /tmp/said
}

# setting VALUE: what slab_debug is
setting()
{
	sed -n 's/^slab_debug \(.*\) checks: .*/\1/p' "$BOX/tunables"
}

plan 54
allow_splat 'mmbox: BUG box0/(debug|debug-ctor|debug-live|kmalloc-64): (Left redzone|Right redzone|Poison|Records of users) overwritten'

load_module pool=
check "a box" mmbox create box0 16M
is "it has no checks" "$(setting)" -
is "and no errors" "$(counter events slab_error)" 0

check "a byte behind an object" run_case right
is "two reports" "$(reports 'Right redzone overwritten')" 2
check "what was found" says 'Bytes 77 to 77 of the object: the first is 0xcd and should be 0xcc'
check "who allocated it" says 'mmbox: Allocated in .*mmbox_test_slab_debug.* cpu=[0-9]+ pid=[0-9]+'
check "a byte before an object" run_case left
is "two reports of that" "$(reports 'Left redzone overwritten')" 2
check "reading what is freed" run_case read-freed
is "nobody can tell" "$(reports .)" 0
check "writing to what is freed" run_case write-freed
is "two reports for two writes" "$(reports 'Poison overwritten')" 2
check "its end" says 'Bytes 76 to 76 of the object: the first is 0x00 and should be 0xa5'
check "its beginning" says 'Bytes 0 to 38 of the object: the first is 0x00 and should be 0x6b'
check "who freed it" says 'mmbox: Freed in .*mmbox_test_slab_debug'
is "all are counted" "$(counter events slab_error)" 6
check "a double free" run_case double
is "each is refused" "$(reports 'refused: it is already free')" 2
is "and counted" "$(refused)" 2
check "with who did the first" says 'mmbox: Freed in .*mmbox_test_slab_debug'
check "a free through the wrong cache" run_case wrong-cache
is "one report of that" "$(reports 'refused: it is an object of cache debug$')" 1
is "counted once" "$(refused)" 1
check "a free of an interior pointer" run_case interior
is "each is reported" "$(reports 'refused: it points (1|76) bytes into object')" 2
is "each is counted" "$(refused)" 2
check "a free of a foreign pointer" run_case foreign
is "one report of it" "$(reports 'refused: it is not an object of any box')" 1
is "counted with the cache" "$(refused)" 1
check "frees of large objects and pages, and where a slab was" run_case no-slab
check "are of that box" says 'mmbox: box0: free of object .* refused: no object begins there'
is "and counted" "$(refused)" 5
check "what would corrupt a list of free objects" run_case freelist
check "an overflow over the records" run_case far
is "is two errors" "$(reports 'Right redzone|Records of users')" 2
check "a constructor" run_case constructor
check "bulk calls and prefilled sheaves" run_case bulk
check "checks come and go" run_case live
check "while others are at work" run_case race
errors=$(counter events slab_error)
check "the setting of a box" mmbox set box0 slab_debug=fzpu
is "shows" "$(setting)" FZPU
is "and with each cache" "$(cat "$BOX/slab/kmalloc-64/red_zone" "$BOX/slab/kmalloc-64/trace" | tr -d '\n')" 10
check "and is in force for kmalloc" run_case kmalloc
is "with an error for each" "$(($(counter events slab_error) - errors))" 3
check_fails "unknown letters" mmbox set box0 slab_debug=FX
check_fails "no letters" mmbox set box0 slab_debug=
check_fails "an unknown cache" mmbox set box0 slab_debug=F:no-such
check_fails "the cache that all others stand on" mmbox set box0 slab_debug=Z:mmbox_sheaf
is "leave it as it was" "$(setting)" FZPU
check "one cache" mmbox set box0 slab_debug=-:kmalloc-64
is "has none any more" "$(cat "$BOX/slab/kmalloc-64/red_zone")" 0
check "a box with checks from the beginning" mmbox create box1 8M,slab_debug=ZP
check "has them" grep -q '^slab_debug ZP ' /proc/mmbox/box1/tunables
finish
