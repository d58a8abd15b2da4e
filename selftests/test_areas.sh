#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The addresses of a box looked at: vmap/window has each page once, mmbox areas
# shows them, mmbox map tells the entries.
#
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require mmbox

# Rows that do not begin where the one before ends, and the pages of all.
gaps()
{
	awk 'NR > 1 { bad += $1 != at; at = $1 + $2; sum += $2 }
	END { print bad + 0, sum + 0 }' "$BOX/vmap/window"
}

# Pieces of a kind, and their pages, as mmbox areas has them.
pieces()
{
	mmbox areas --summary | awk -v kind="$1" '$1 == kind { print $2, $3 }'
}

plan 17

load_module pool=normal=16M,window=8M
matches "nothing lies there at first" "$(mmbox areas)" '^No area has been asked for yet'

output=$(mmbox map --vmap 20K)
is "5 pages have an entry each" "$(echo "$output" |
	grep -cE '^ +[0-4]  0x[0-9a-f]+ +0x[0-9a-f]+  Normal  PTE .* present leaf write')" 5
matches "and are an area" "$output" '5 entries make one area of them'
is "which has gone with the command" "$(pieces vmap)" ""
is "but for its addresses" "$(pieces lazy)" "1 6"
output=$(mmbox map 16K)
matches "a block has one place in memory" "$output" '^In memory the pages lie in 1 place'
matches "and needs no entry" "$output" 'No entry was written for them'
is "nor addresses" "$(pieces lazy)" "1 6"

mkfifo hold
mmbox map --vmap --hold 20K <hold >held &
exec 3>hold
# Its output ends when it holds.
until grep -q 'make one area' held; do
	sleep 0.1
done
is "one that is held is there" "$(pieces vmap)" "1 6"
matches "in the picture, too" "$(mmbox areas)" '^ +[0-9]+  [~-]*M+[~-]'
matches "and in the list" "$(mmbox areas)" '^ +[0-9]+ +6  vmap$'
is "each page of the window is in one piece" "$(gaps)" "0 2048"
matches "as JSON" "$(mmbox areas --json | tr -d ' \n')" \
	'"areas":\[.*"pages":6,"kind":"vmap"\}'
exec 3>&-
wait
is "at end of input it goes" "$(pieces vmap)" ""

mmbox create other normal=4M,remap=vmap
matches "the host's addresses" "$(mmbox map --box other --vmap 8K)" '2 entries make one area'
matches "are told to be so" "$(mmbox areas --box other)" "written by the host's vmap"
check "unload" unload_module
finish
