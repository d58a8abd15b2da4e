#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Each row of the table in docs/design/gfp.md is true: mmbox_test_gfp.ko shows
# it. scripts/check-gfp sees that the rows here are those of the table.
#
# shellcheck disable=SC2317	# check() calls run_row

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require "$KO_DIR/mmbox_test_gfp.ko"

rows='GFP_KERNEL GFP_ATOMIC GFP_NOWAIT GFP_NOFS GFP_NOIO GFP_USER GFP_HIGHUSER
	GFP_HIGHUSER_MOVABLE GFP_DMA GFP_DMA32 __GFP_ZERO __GFP_NOWARN
	__GFP_NORETRY __GFP_RETRY_MAYFAIL __GFP_NOFAIL __GFP_HIGH __GFP_MEMALLOC
	__GFP_NOMEMALLOC __GFP_RECLAIMABLE __GFP_MOVABLE __GFP_THISNODE __GFP_COMP'

run_row()
{
	load_test_module mmbox_test_gfp run="$1" || {
		dmesg | grep mmbox_test_gfp | tail -n 2
		return 1
	}
	rmmod mmbox_test_gfp
}

# Pageblocks of a type, in all zones, while a page of a row is allocated.
blocks_of()
{
	load_test_module mmbox_test_gfp run="$1" hold=1
	awk -v type="$2" '/^Number of blocks/ { for (i = 5; i <= NF; i++) if ($i == type) at = i }
		at && /^Node/ && NF >= 8 { n += $at } END { print n + 0 }' /proc/mmbox/gfp/pagetypeinfo
	rmmod mmbox_test_gfp
}

# Lines of the log about a failed request of the row.
warnings()
{
	before=$(dmesg | grep -c 'gfp: no block of order')
	run_row "$1"
	echo $(($(dmesg | grep -c 'gfp: no block of order') - before))
}

# shellcheck disable=SC2086	# several
set -- $rows
plan $(($# + 1 + 3 + 2))

load_module pool=
for row; do
	check "$row" run_row "$row"
done
check_fails "a row that is not there" run_row __GFP_NONE

matches "__GFP_RECLAIMABLE takes a reclaimable pageblock" \
	"$(blocks_of __GFP_RECLAIMABLE Reclaimable)" '^[1-9]'
is "__GFP_MOVABLE does not" "$(blocks_of __GFP_MOVABLE Reclaimable)" 0
matches "GFP_KERNEL takes an unmovable one" "$(blocks_of GFP_KERNEL Unmovable)" '^[1-9]'
matches "GFP_KERNEL warns" "$(warnings GFP_KERNEL)" '^[1-9]'
is "__GFP_NOWARN does not" "$(warnings __GFP_NOWARN)" 0
finish
