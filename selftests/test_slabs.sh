#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The commands about caches: mmbox cache, mmbox slabs, mmbox alloc --cache.
#
# shellcheck disable=SC3043	# busybox has "local"

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# The value under a name in the row of a cache: column CACHE NUMBER
column()
{
	mmbox slabs --all | awk -v cache="$1" -v n="$2" '$1 == cache { print $n }'
}

# usage NAME ARGUMENT...: wrong usage, which ends with status 2
usage()
{
	local name="$1" status

	shift
	mmbox "$@" >/dev/null 2>&1
	status=$?
	is "usage: $name" "$status" 2
}

plan $((1 + 5 + 4 + 4 + 5 + 6 + 14))
load_module

is "caches without slabs are left out" "$(mmbox slabs | wc -l)" 1

check "a cache is made" mmbox cache create inodes --size 600 --hwcache-align
is "its objects are aligned" "$(column inodes 5)" 640
id=$(mmbox alloc --cache inodes --count 1000 --keep --json |
	sed -n 's/.*"id": *\([0-9]*\).*/\1/p')
is "all objects are active" "$(column inodes 3)" 1000
is "as in slabinfo" "$(awk '$1 == "inodes" { print $2 }' $BOX/slabinfo)" 1000
matches "JSON has them, too" "$(mmbox slabs --json | tr -d ' \n')" \
	'"name":"inodes","objects":[0-9]+,"active":1000,'

check_fails "a cache in use is not unmade" mmbox cache destroy inodes
check "its objects are freed" mmbox free "$id"
is "none is active" "$(column inodes 3)" 0
check "and it shrinks" mmbox cache shrink inodes

check "sheaves get smaller" mmbox cache tune inodes capacity=5
is "and say so" "$(column inodes 9)" 5
is "held objects end with the command" \
	"$(mmbox alloc --kmalloc 100 -n 10 --hold </dev/null | wc -l)" 2
is "none is left" "$(column kmalloc-128 3)" 0

check "checks are switched on" mmbox cache debug inodes fzpu
is "they are" "$(cat "$BOX/slab/inodes/poison")" 1
check_fails "letters that are none" mmbox cache debug inodes fx
check "and off" mmbox cache debug inodes -
is "as before" "$(cat "$BOX/slab/inodes/poison")" 0

check "a cache is unmade" mmbox cache destroy inodes
is "it is gone" "$(column inodes 1)" ""
check_fails "none of that name" mmbox cache shrink inodes
check_fails "one of the box's own stays" mmbox cache destroy kmalloc-64
check_fails "a name that no cache has" mmbox cache create a/b --size 8
check_fails "no objects of no cache" mmbox alloc --cache none --keep

usage "no action" cache
usage "no name" cache create
usage "an unknown action" cache make x
usage "no size" cache create x
usage "a size that is none" cache create x --size 0
usage "a size that is not for shrink" cache shrink x --size 8
usage "flags that are not for tune" cache tune x capacity=1 --dma
usage "no setting" cache tune x
usage "another setting" cache tune x limit=1
usage "no number" cache tune x capacity=-1
usage "no letters" cache debug x
usage "a word too much" cache destroy x y
usage "a cache and a size" alloc --cache x 4096 --keep
usage "too many objects" alloc --cache x -n 65537 --keep
finish
