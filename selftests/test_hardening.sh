#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Hardening of a box. The host does not clear pages by itself here, else nobody
# could tell whether the box did.
#
# guest: --append init_on_alloc=0
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require mmbox "$KO_DIR/mmbox_test_hardening.ko"

# Run one case, and keep what is said meanwhile in /tmp/said.
run_case()
{
	local lines result

	lines=$(dmesg | wc -l)
	load_test_module mmbox_test_hardening run="$1" && rmmod mmbox_test_hardening
	result=$?
	dmesg | tail -n +$((lines + 1)) >/tmp/said
	[ "$result" -eq 0 ] || tail -n 5 /tmp/said
	return "$result"
}

# setting NAME: its value
setting()
{
	sed -n "s/^$1 \([^ ]*\) .*/\1/p" "$BOX/tunables"
}

plan 54
allow_splat 'mmbox: BUG box0/hard-checked: Poison overwritten'

load_module pool=
check "a box" mmbox create box0 24M
is "nothing is on" "$(setting init_on_alloc)$(setting init_on_free)" 00
check "memory is as it was left" run_case dirty
check "it is to be cleared when it is allocated" mmbox set box0 init_on_alloc=1
check "and is" run_case init-alloc
check "but for objects that keep their contents" run_case init-kept
check "poison gives way to it" run_case init-poison
check "no more of that" mmbox set box0 init_on_alloc=0
check "memory is as it was left again" run_case dirty
check "it is to be cleared when it is freed" mmbox set box0 init_on_free=1
check "and is, too" run_case init-free
check "but for the same objects" run_case init-kept
check "both at once" mmbox set box0 init_on_alloc=1
check "leave no dirt at all" run_case init-always
check_fails "there is no third way" mmbox set box0 init_on_free=2
is "what is on" "$(setting init_on_alloc)$(setting init_on_free)" 11
check "another box" eval 'mmbox destroy box0 && mmbox create box0 24M'
check "has what was left in its pages" run_case all-dirty
check "one that clears" eval 'mmbox destroy box0 && mmbox create box0 24M,init_on_free=1'
check "has not" run_case all-clear
check "and grows" mmbox set box0 normal=+8M
check "by clear pages" run_case all-clear
check "so that nobody finds anything" run_case init-always

check "objects lie side by side" run_case in-order
check "they are to be in random order" mmbox set box0 freelist_random=1
check "and are" run_case no-order
check "each one just once" run_case whole-slabs
check "no more of that" mmbox set box0 freelist_random=0
check "and they lie side by side again" run_case in-order

check "kmalloc has one cache for a size" run_case one-cache
check "it is to have 15 more" mmbox set box0 kmalloc_copies=15
is "which are there" "$(find "$BOX/slab" -name "kmalloc-rnd-*-64" | wc -l)" 15
check "and serve" run_case many-caches
check "all of the family works with them" run_case init-always
check_fails "16 are too many" mmbox set box0 kmalloc_copies=16
check "no more of that" mmbox set box0 kmalloc_copies=0
check "there is one again" run_case one-cache
check "objects are kept back" run_case quarantine
check "and looked at" run_case quarantine-checks
is "three writes are reported" "$(grep -c 'BUG box0/hard-checked: Poison overwritten' /tmp/said)" 3
is "two double frees" "$(grep -c 'box0/hard-checked: free of object .* refused: it is already free' /tmp/said)" 2
check "with who freed first" grep -q 'mmbox: Freed in .*mmbox_test_hardening' /tmp/said
check "those of kmalloc are to be kept back" mmbox set box0 quarantine=256 min_free_kbytes=0
check "and are not when pages are short" run_case quarantine-pressure
check "one cache is another" mmbox set box0 quarantine=1:kmalloc-64
is "that is no setting" "$(setting quarantine)" 256
check_fails "a cache that is not there" mmbox set box0 quarantine=1:no-such
check "no more of that" mmbox set box0 quarantine=0

check "a cache of somebody else" mmbox create box1 8M
check "has a name that is needed" mmbox cache create --box box1 kmalloc-rnd-02-8 --size 8
matches "that is said" "$(mmbox set box1 kmalloc_copies=3 2>&1)" 'File exists'
is "and there are no copies" "$(sed -n 's/^kmalloc_copies \([0-9]*\) .*/\1/p' /proc/mmbox/box1/tunables)" 0
check "a box with some from the beginning" eval 'mmbox destroy box1 && mmbox create box1 8M,kmalloc_copies=2'
is "has them" "$(find /proc/mmbox/box1/slab -name "kmalloc-rnd-*-64" | wc -l)" 2
finish
