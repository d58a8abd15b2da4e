#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Two CPUs that allocate and free single pages at once do not meet: once their
# lists are warm, neither takes the zone's lock again. Counted, not timed.
# timeout: 900

. "$(dirname "$0")/lib.sh"

require "$KO_DIR/mmbox_bench.ko"

bench_cpus=/sys/kernel/debug/mmbox_bench/cpus
box=/proc/mmbox/bench

# sum COLUMN...: over the lists of order 0, by the names in the header; and with
# CPU= before it, of that CPU alone.
sum()
{
	awk -v names="$*" -v cpu="${CPU:-}" '
	NR == 1 {
		for (i = 1; i <= NF; i++)
			column[$i] = i
		n = split(names, name)
		next
	}
	$column["order"] == 0 && (cpu == "" || $column["cpu"] == cpu) {
		for (i = 1; i <= n; i++)
			sum += $column[name[i]]
	}
	END { print sum + 0 }' "$box/pcp"
}

# Pages that went through lists, of all orders: caches take larger blocks.
listed_pages()
{
	awk 'NR == 1 {
		for (i = 1; i <= NF; i++)
			column[$i] = i
		next
	}
	{
		pages = $column["alloc"] + $column["free"]
		for (i = $column["order"]; i > 0; i--)
			pages *= 2
		sum += pages
	}
	END { print sum + 0 }' "$box/pcp"
}

# Allocations and frees of the box, whichever way they went.
all_pages()
{
	awk '/^pg(alloc|free)_|^pgfree / { sum += $2 } END { print sum + 0 }' \
		"$box/vmstat"
}

plan 6

load_module pool=
# To be quick, a debug kernel does with the work that is counted here.
kinds=9 passes=1 only=
if [ -e /sys/kernel/debug/kmemleak ]; then
	kinds=3 passes=0 only=page
fi
insmod "$KO_DIR/mmbox_bench.ko" rounds=2 window=5 only=$only
cat "$bench_cpus" >/dev/null	# the lists grow as far as the work needs
locked=$(sum refill drain)
listed=$(listed_pages)
pages=$(all_pages)
rows=$(cat "$bench_cpus")

# 3 sides, 2 rounds; a debug kernel itself may get nothing done.
rows_of_all=$((kinds * 3 * 2))
is "rows of each CPU, both, and what is passed on" \
	"$(echo "$rows" | awk -F, 'NR > 1 && ($5 > 0 || $3 == "kernel") { n[$4]++ }
		END { print n["0"], n["1"], n["both"], n["pass"] + 0 }')" \
	"$rows_of_all $rows_of_all $rows_of_all $((passes * 3 * 2))"
check "the first CPU was at work" test "$(CPU=0 sum alloc free)" -gt 20000
check "so was the second" test "$(CPU=1 sum alloc free)" -gt 20000
is "no list was refilled or drained" "$(sum refill drain)" "$locked"
gone=$(($(listed_pages) - listed))
check "and many pages went through them" test "$gone" -gt 20000
is "none went another way" "$(($(all_pages) - pages))" "$gone"
rmmod mmbox_bench
finish
