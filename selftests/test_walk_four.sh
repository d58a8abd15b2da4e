#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The test of walks again, on four levels of page tables and with a table of
# its own for user mode, where all others see what the machine has.
#
# guest: --append no5lvl --append pti=on
#
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

grep -q no5lvl /proc/cmdline || skip_all "not in a guest with no5lvl"
! grep -qw la57 /proc/cpuinfo || skip_all "no5lvl does nothing here"
exec "$(dirname "$0")/test_walk"
