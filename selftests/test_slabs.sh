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

# The value under a name with --waste: wasted CACHE NUMBER
wasted()
{
	mmbox slabs --waste | awk -v cache="$1" -v n="$2" '$1 == cache { print $n }'
}

plan $((1 + 5 + 4 + 4 + 5 + 6 + 5 + 5 + 17))
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

matches "and so do all, without a name" "$(mmbox cache shrink)" '^\* +shrink$'
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

# 100 bytes each, of 128: 12800 of what they get is theirs
check "requests are counted" mmbox set box0 allocinfo=1
id=$(mmbox alloc --kmalloc 100 --count 1000 --keep --json |
	sed -n 's/.*"id": *\([0-9]*\).*/\1/p')
is "what is asked for" "$(wasted kmalloc-128 4) $(wasted kmalloc-128 5)" "1000 100000"
is "and what is not" "$(wasted kmalloc-128 6)" 28000
is "part by part" "$(awk 'NR > 1 && $3 { print $1, $2, $3, $4 }' $BOX/slab/kmalloc-128/requests)" \
	"97 112 1000 100000"
is "no more than that" "$(awk 'NR > 1' $BOX/slab/kmalloc-128/requests | wc -l)" 8
mmbox free "$id"
is "and nothing when they are freed" "$(cat $BOX/slab/kmalloc-128/counted $BOX/slab/kmalloc-128/requested | tr '\n' ' ')" "0 0 "
id=$(mmbox alloc --kmalloc 128 --count 10 --keep --json |
	sed -n 's/.*"id": *\([0-9]*\).*/\1/p')
is "who asks for all wastes nothing" "$(wasted kmalloc-128 4) $(wasted kmalloc-128 6)" "10 0"
mmbox free "$id"
check "they are counted no more" mmbox set box0 allocinfo=0

# Two pictures, and then nobody listens any more.
mmbox cache create seen --size 64 >/dev/null
is "watching goes on" "$(mmbox slabs --all --watch=1 | awk '$1 == "name" { n++ } n == 3 { exit } $1 == "seen" { print $1 }' | tr '\n' ' ')" "seen seen "
is "with other columns, too" "$(mmbox slabs --all --waste -w1 | awk '$1 == "name" && ++n == 2 { print $3; exit }')" active

usage "a time that is none" slabs --watch=0
usage "JSON that never ends" slabs --watch --json
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
