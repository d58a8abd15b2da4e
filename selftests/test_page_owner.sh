#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The file page_owner: who has the blocks that mmbox_test_account.ko allocates.
#
# shellcheck disable=SC3043	# busybox has "local"

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require mmbox "$KO_DIR/mmbox_test_account.ko"

# Blocks with a function in their stack, as orders and how many: blocks FUNCTION
blocks()
{
	awk -v RS="" -v name=" account_$1[+]0x" '$0 ~ name {
			sub(/,.*/, "", $5)
			nr[$5]++
		}
		END { for (order in nr) printf "%s:%d ", order, nr[order] }' \
		"$BOX/page_owner"
}

# Lines that are not as the kernel's are.
misshaped()
{
	grep -cvE -e '^Page allocated via order [0-9]+, mask 0x[0-9a-f]+\([A-Z_|0-9a-fx]+\), pid [0-9]+, tgid [0-9]+ \(.*\), ts [0-9]+ ns$' \
		-e '^PFN 0x[0-9a-f]+ type (Unmovable|Movable|Reclaimable) Block [0-9]+ type (Unmovable|Movable|Reclaimable) Flags 0x[0-9a-f]+\(.*\)$' \
		-e '^ [a-zA-Z_0-9.]+\+0x[0-9a-f]+/0x[0-9a-f]+( \[[a-z_]+\])?$' \
		-e '^ \?$' -e '^$' "$BOX/page_owner"
}

pfns()
{
	sed -n 's/^PFN \(0x[0-9a-f]*\) .*/\1/p' "$BOX/page_owner" |
		while read -r pfn; do echo $((pfn)); done
}

plan 20
load_module pool=
check "a box" mmbox create box0 32M
is "it keeps no owners" "$(sed -n 's/^page_owner \(.*\) on: .*/\1/p' "$BOX/tunables")" 0
is "so that there are none" "$(cat "$BOX/page_owner")" ""
is "and to nobody else" "$(stat -c %a "$BOX/page_owner")" 400
check "switching it on" mmbox set box0 page_owner=1
check "blocks of pages" load_test_module mmbox_test_account
is "one of four pages" "$(blocks block)" "2:1 "
is "five pages" "$(blocks pages)" "0:5 "
is "an area of seven" "$(blocks area)" "0:7 "
is "a large object" "$(blocks large)" "2:1 "
is "and what was freed is not there" \
	"$(tr '\n' ' ' <"$BOX/page_owner" | grep -c 'mmbox_alloc_pages+[^ ]* \[mmbox\]  account_nothing+')" 0
is "lines are as the kernel's" "$(misshaped)" 0
is "blocks ascend" "$(pfns)" "$(pfns | sort -n)"
matches "with who it was" "$(cat "$BOX/page_owner")" 'GFP_KERNEL\), pid [0-9]+, tgid [0-9]+ \(insmod\), ts [1-9][0-9]* ns'
is "objects are not counted for that" "$(wc -l <"$BOX/allocinfo")" 2
check "counting calls, too" mmbox set box0 allocinfo=1
check "and no more" mmbox set box0 allocinfo=0
is "leaves the owners" "$(blocks pages)" "0:5 "
check "freeing all" rmmod mmbox_test_account
is "leaves none" "$(blocks block)$(blocks pages)$(blocks area)$(blocks large)" ""
finish
