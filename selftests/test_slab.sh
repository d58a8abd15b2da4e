#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Caches and kmalloc, from inside the kernel: each case of mmbox_test_slab.ko
# loads. A refused free prints who called, which is no splat; a few in a burst
# are printed, the rest is counted only.

# shellcheck disable=SC2317	# check() calls functions

. "$(dirname "$0")/lib.sh"

require mmbox "$KO_DIR/mmbox_test_slab.ko"

run_case()
{
	load_test_module mmbox_test_slab run="$1" || {
		dmesg | tail -n 5
		return 1
	}
	rmmod mmbox_test_slab
}

plan 15

load_module pool=
check "objects are apart, aligned, and all back" run_case sizes
check "what cannot be is refused" run_case refused
check "constructors are called once for each object" run_case constructor
check "bulk calls serve all or none" run_case bulk
check "bulk calls of many sizes in turns" run_case bulk_turns
check "a box can be used up, and is whole afterwards" run_case exhaust
check "objects put by can be had when nothing else can" run_case prefill
check "kmalloc and its family" run_case kmalloc
check "a free that waits for RCU" run_case kfree_rcu
check "SLAB_TYPESAFE_BY_RCU keeps memory for its readers" run_case typesafe
check "wrong frees are refused and counted" run_case wrong
check "what is no object has no size, and is not cleared" run_case wrong_size
check "a cache with objects is not destroyed" run_case busy
matches "and how many there are is said" "$(dmesg)" \
	'busy: cache busy is not destroyed: 3 objects of 72 bytes are not freed'
is "all boxes are gone" "$(find /proc/mmbox -mindepth 1 -type d)" ""
finish
