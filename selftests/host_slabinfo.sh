#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Programs that look at the kernel's caches look at those of a box: slabtop,
# and the kernel's own tools/mm/slabinfo. Both have their paths built in, so the
# box's files are put there, in a mount namespace.
#
# Usage: host_slabinfo.sh DIR	the files of a box

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
box=$(cd "${1:?Usage: host_slabinfo.sh DIR}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

skip_all()
{
	echo "1..0 # SKIP $1"
	exit 4
}

command -v slabtop >/dev/null || skip_all "no program slabtop"
unshare -m true 2>/dev/null || skip_all "mount namespaces need root"
[[ -d /sys/kernel/slab ]] || skip_all "no /sys/kernel/slab to put files over"

tests=0 failures=0

# is_same NAME EXPECTED GOT: two texts, of which neither may be empty.
is_same()
{
	tests=$((tests + 1))
	if [[ $2 && $2 == "$3" ]]; then
		echo "ok $tests - $1"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $tests - $1"
	diff -u --label expected --label "as the program has it" \
		<(echo "$2") <(echo "$3") | sed 's/^/# /' || true
}

# with WHAT WHERE COMMAND...: run it with the box's WHAT at WHERE.
with()
{
	# shellcheck disable=SC2016	# for the inner shell
	unshare -m bash -c 'mount --bind "$1" "$2" && shift 2 && exec "$@"' \
		with "$box/$1" "$2" "${@:3}"
}

# Caches with their numbers of objects and slabs, active objects, and object
# sizes in units of 10 bytes.
is_same "slabtop has each cache's numbers" \
	"$(awk 'NR > 2 { printf "%s %d %d %.2f %d %d\n", $1, $3, $2, $4 / 1024, $15, $5 }' \
		"$box/slabinfo" | sort)" \
	"$(with slabinfo /proc/slabinfo slabtop --once --sort=n |
		awk 'seen { sub("K", "", $4); print $8, $1, $2, $4, $5, $6 }
		     /OBJS ACTIVE/ { seen = 1 }' | sort)"

make_slabinfo()
{
	local source

	source=$("$top/scripts/kernels" source)
	gcc -O1 -w -o "$work/slabinfo" "$source/tools/mm/slabinfo.c"
}

check_slabinfo()
{
	local name

	# Name, objects, object size, objects in a slab, order.
	is_same "the kernel's slabinfo has each cache's numbers" \
		"$(for dir in "$box"/slab/*; do
			name=${dir##*/}
			read -r objects _ <"$dir/objects"
			printf '%s %s %s %s %s\n' "${name:0:21}" "$objects" \
				"$(<"$dir/object_size")" \
				"$(<"$dir/objs_per_slab")" "$(<"$dir/order")"
		done | sort)" \
		"$(with slab /sys/kernel/slab "$work/slabinfo" -z |
			awk 'NR > 1 { print $1, $2, $3, $6, $7 }' | sort)"

	is_same "its totals count the caches" \
		"$(awk 'NR > 2' "$box/slabinfo" | wc -l)" \
		"$(with slab /sys/kernel/slab "$work/slabinfo" -T |
			sed -n 's/^Slabcaches *: *\([0-9]*\).*/\1/p')"

	# All that it reads of one cache.
	is_same "its report tells of debugging" \
		"Sanity Checks : $(on sanity_checks) Redzoning $(on red_zone) Poisoning $(on poison)" \
		"$(with slab /sys/kernel/slab "$work/slabinfo" -r '^kmalloc-64$' |
			sed -n 's/.*\(Sanity Checks : [A-Za-z]*\).*/\1/p;
				s/.*\(Redzoning\) *: \([A-Za-z]*\).*/\1 \2/p;
				s/.*\(Poisoning\) *: \([A-Za-z]*\).*/\1 \2/p' |
			paste -sd' ')"
}

# Is attribute $1 of kmalloc-64 on?
on()
{
	if (($(<"$box/slab/kmalloc-64/$1"))); then
		echo On
	else
		echo Off
	fi
}

if make_slabinfo 2>"$work/log"; then
	check_slabinfo
else
	echo "not ok $((++tests)) - tools/mm/slabinfo builds"
	sed 's/^/# /' "$work/log"
	failures=$((failures + 1))
fi

echo "1..$tests"
((failures == 0))
