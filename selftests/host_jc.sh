#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# jc's parsers of the kernel's files read those of a box, and find the numbers
# that stand there.
#
# Usage: host_jc.sh DIR		the files of a box

set -euo pipefail

box=${1:?Usage: host_jc.sh DIR}

skip_all()
{
	echo "1..0 # SKIP $1"
	exit 4
}

command -v jc >/dev/null || skip_all "no program jc"
command -v python3 >/dev/null || skip_all "no program python3"

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
	diff -u --label expected --label "as jc has it" \
		<(echo "$2") <(echo "$3") | sed 's/^/# /' || true
}

# The box's file $1 as JSON by jc's parser of that name, through the Python
# statements $2 that print what is in "data".
by_jc()
{
	jc "--proc-$1" <"$box/$1" | python3 -c "
import json, sys
data = json.load(sys.stdin)
$2"
}

# Lines "node zone order blocks".
is_same "buddyinfo" \
	"$(awk '{ sub(",", "", $2)
		  for (i = 5; i <= NF; i++) print $2, $4, i - 5, $i }' "$box/buddyinfo")" \
	"$(by_jc buddyinfo '
for row in data:
    for order, blocks in enumerate(row["free_chunks"]):
        print(row["node"], row["zone"], order, blocks)')"

is_same "meminfo" \
	"$(awk -F '[: ]+' '{ print $1, $2 }' "$box/meminfo")" \
	"$(by_jc meminfo '
for name, value in data.items():
    print(name, value)')"

is_same "vmstat" \
	"$(cat "$box/vmstat")" \
	"$(by_jc vmstat '
for name, value in data.items():
    print(name, value)')"

is_same "slabinfo" \
	"$(awk 'NR > 2 { print $1, $2, $3, $4, $5, $6, $9, $10, $11, $14, $15, $16 }' "$box/slabinfo")" \
	"$(by_jc slabinfo '
for row in data:
    print(row["name"], *(row[name] for name in
          ("active_objs", "num_objs", "obj_size", "obj_per_slab",
           "pages_per_slab")), *(row["tunables"][name] for name in
          ("limit", "batch_count", "shared_factor")),
          *(row["slabdata"][name] for name in
          ("active_slabs", "num_slabs", "shared_avail")))')"

# Lines "node zone name value" of what comes before the lists of the CPUs.
is_same "zoneinfo, pages" \
	"$(awk '/^Node/ { sub(",", "", $2); node = $2; zone = $4; on = 0 }
		/^  pages free/ { on = 1; print node, zone, "free", $3; next }
		/^  pagesets/ { on = 0 }
		/protection:/ { gsub(/[(),]/, ""); $1 = "protection" }
		on { $1 = $1; print node, zone, $0 }' "$box/zoneinfo")" \
	"$(by_jc zoneinfo '
for node in data:
    for zone, parts in node.items():
        if not isinstance(parts, dict) or "pages" not in parts:
            continue
        for name, value in parts["pages"].items():
            if isinstance(value, list):
                value = " ".join(map(str, value))
            print(node["node"], zone, name, value)')"

# Lines "node zone cpu count high batch".
is_same "zoneinfo, per-CPU lists" \
	"$(awk '/^Node/ { sub(",", "", $2); node = $2; zone = $4 }
		/^ +cpu:/ { cpu = $2 }
		/^ +count:/ { count = $2 }
		/^ +high:/ { high = $2 }
		/^ +batch:/ { print node, zone, cpu, count, high, $2 }' "$box/zoneinfo")" \
	"$(by_jc zoneinfo '
for node in data:
    for zone, parts in node.items():
        if not isinstance(parts, dict):
            continue
        for cpu in parts.get("pagesets", []):
            print(node["node"], zone, *(cpu[name] for name in
                  ("cpu", "count", "high", "batch")))')"

echo "1..$tests"
((failures == 0))
