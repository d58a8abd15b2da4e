#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# HighAtomic pageblocks: kept when a request for several pages that cannot wait
# was served although pages are short, used for such requests alone, and given
# back when others would fail that can wait.
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require "$KO_DIR/mmbox_test_hold.ko"

do_ops()
{
	echo "$1" >/sys/module/mmbox_test_hold/parameters/ops
}

# As much as can be had: larger blocks first.
fill()
{
	! do_ops "u10*1000" 2>/dev/null
	! do_ops "u8*1000" 2>/dev/null
	! do_ops "u4*1000" 2>/dev/null
	! do_ops "u0*10000" 2>/dev/null
}

# Unmovable Movable Reclaimable HighAtomic Isolate
kept()
{
	awk '/^Number/ { on = 1; next } on && $4 == "Normal" { print $8 }' \
		"$BOX/pagetypeinfo"
}

last_steal()
{
	tail -n 1 "$BOX/steals" | sed -E 's/.* order/order/; s/ context=.*//'
}

plan 14

# A hundredth of a zone is kept at most: of this one two pageblocks.
load_module pool=normal=256M,min_free_kbytes=8192
load_test_module mmbox_test_hold
check "a request that cannot wait, while there is enough" do_ops a4
is "keeps nothing" "$(kept)" 0
check "all that ordinary requests get" fill
check "a request that cannot wait gets more" do_ops a4
is "and its pageblock is kept" "$(kept)" 1
is "as the steal log tells" "$(last_steal)" \
	"order=4 from=Unmovable to=HighAtomic wanted=4 converted=yes"
check "single pages are not for those who can wait" eval '! do_ops u0 2>/dev/null'
is "they get what was kept first" "$(kept)" 0
check "once more" do_ops a4
is "is kept again" "$(kept)" 1
check "all are freed" do_ops F
rmmod mmbox_test_hold
check "unload" unload_module

# Of this one it is less than a pageblock: none.
load_module pool=normal=16M,min_free_kbytes=2048
load_test_module mmbox_test_hold
fill
check "a request that cannot wait, in a small zone" do_ops a4
is "keeps nothing" "$(kept)" 0
rmmod mmbox_test_hold
finish
