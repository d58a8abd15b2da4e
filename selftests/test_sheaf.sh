#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The objects that CPUs have at hand, used from all contexts and CPUs: each case
# of mmbox_test_sheaf.ko loads. A refused free prints who called, which is no
# splat; a few in a burst are printed, the rest is counted only.

# shellcheck disable=SC2317	# check() calls functions

. "$(dirname "$0")/lib.sh"

require mmbox "$KO_DIR/mmbox_test_sheaf.ko"

run_case()
{
	load_test_module mmbox_test_sheaf run="$1" || {
		dmesg | tail -n 5
		return 1
	}
	rmmod mmbox_test_sheaf
}

plan 7

load_module pool=
check "softirqs and tasks share a cache" run_case softirq
check "hard interrupts and tasks share a cache" run_case hardirq
check "interrupts at any instruction" run_case interrupts
check "one CPU allocates, another frees" run_case cross
check "two CPUs free the same object at once" run_case double
matches "CPUs come and go meanwhile" "$(with_hotplug run_case hotplug)" '^([3-9]|[1-9][0-9]+)$'
is "all boxes are gone" "$(find /proc/mmbox -mindepth 1 -type d)" ""
finish
