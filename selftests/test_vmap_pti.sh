#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The test of areas again, on four levels of page tables and with a table of
# its own for user mode, where kernel pages are not global.
#
# guest: --append no5lvl --append pti=on
# timeout: 600
#
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

grep -q no5lvl /proc/cmdline || skip_all "not in a guest with no5lvl"
grep -qw pti /proc/cpuinfo || skip_all "pti=on does nothing here"
exec "$(dirname "$0")/test_vmap.sh"
