#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The Prometheus node exporter takes a box's folder for /proc, and exports the
# numbers that stand there.
#
# Usage: host_node_exporter.sh DIR	the files of a box
#
# NODE_EXPORTER names the program, unless it is in PATH.

set -euo pipefail

box=$(cd "${1:?Usage: host_node_exporter.sh DIR}" && pwd)
exporter=${NODE_EXPORTER:-prometheus-node-exporter}

if ! command -v "$exporter" >/dev/null; then
	echo "1..0 # SKIP no program $exporter"
	exit 4
fi

tests=0 failures=0 pid=''
work=$(mktemp -d)

cleanup()
{
	[[ -z $pid ]] || kill "$pid" 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT

# is_same NAME EXPECTED GOT: lines in any order, of which there must be some.
is_same()
{
	local expected got

	expected=$(sort <<<"$2") got=$(sort <<<"$3")
	tests=$((tests + 1))
	if [[ $expected && $expected == "$got" ]]; then
		echo "ok $tests - $1"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $tests - $1"
	diff -u --label expected --label exported \
		<(echo "$expected") <(echo "$got") | sed 's/^/# /' || true
}

# Start the exporter on a port that the kernel chooses; print the port.
start()
{
	local end=$((SECONDS + 20)) port=''

	# The first look may come before the program has made it.
	: >"$work/log"
	"$exporter" --path.procfs="$box" --collector.disable-defaults \
		--collector.buddyinfo --collector.zoneinfo --collector.meminfo \
		--collector.vmstat --collector.vmstat.fields='.*' \
		--collector.slabinfo \
		--web.listen-address=127.0.0.1:0 --web.disable-exporter-metrics \
		>"$work/log" 2>&1 &
	pid=$!
	while [[ ! $port ]] && kill -0 $pid 2>/dev/null && ((SECONDS < end)); do
		port=$(sed -n '/Listening on/s/.*address=127\.0\.0\.1:\([0-9]*\).*/\1/p' "$work/log")
		[[ $port ]] || sleep 0.05
	done
	if [[ ! $port ]]; then
		sed 's/^/# /' "$work/log"
		echo "Bail out! the exporter does not listen"
		exit 1
	fi
	fetch "$port" >"$work/metrics"
}

# Get the metrics, with their numbers written as in the files.
fetch()
{
	exec 3<>"/dev/tcp/127.0.0.1/$1"
	printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3
	sed '1,/^\r*$/d' <&3 |
		awk '!/^#/ { value = $NF; sub(/ [^ ]*$/, "")
			     printf "%s %.0f\n", $0, value }'
	exec 3<&-
}

# Metrics whose name matches $1.
metrics()
{
	grep -E "^$1" "$work/metrics" || true
}

start

is_same "all collectors succeed" \
	"$(printf 'node_scrape_collector_success{collector="%s"} 1\n' \
		buddyinfo meminfo slabinfo vmstat zoneinfo)" \
	"$(metrics node_scrape_collector_success)"

is_same "buddyinfo" \
	"$(awk '{ sub(",", "", $2)
		  for (i = 5; i <= NF; i++)
			printf "node_buddyinfo_blocks{node=\"%s\",size=\"%d\",zone=\"%s\"} %s\n", $2, i - 5, $4, $i }' \
		"$box/buddyinfo")" \
	"$(metrics node_buddyinfo_blocks)"

is_same "meminfo" \
	"$(awk -F '[: ]+' '{ printf "node_memory_%s_bytes %.0f\n", $1, $2 * 1024 }' "$box/meminfo")" \
	"$(metrics node_memory_)"

is_same "vmstat" \
	"$(sed 's/^/node_vmstat_/' "$box/vmstat")" \
	"$(metrics node_vmstat_)"

is_same "slabinfo" \
	"$(awk 'NR > 2 { slab = "{slab=\"" $1 "\"} "
			print "node_slabinfo_active_objects" slab $2
			print "node_slabinfo_objects" slab $3
			print "node_slabinfo_object_size_bytes" slab $4
			print "node_slabinfo_objects_per_slab" slab $5
			print "node_slabinfo_pages_per_slab" slab $6 }' "$box/slabinfo")" \
	"$(metrics node_slabinfo_)"

# What the exporter makes of zoneinfo: sizes and watermarks, protection, and
# the statistics that it knows.
zoneinfo()
{
	awk '
	function metric(name, value) {
		printf "node_zoneinfo_%s{node=\"%s\",zone=\"%s\"} %s\n", name, node, zone, value
	}
	/^Node/ { sub(",", "", $2); node = $2; zone = $4 }
	/^        (min|low|high|spanned|present|managed) / { metric($1 "_pages", $2) }
	/^      nr_(free_pages|mapped|slab_reclaimable|slab_unreclaimable) / { metric($1 ($1 ~ /pages/ ? "" : "_pages"), $2) }
	/protection:/ {
		gsub(/[(),]/, "")
		for (i = 2; i <= NF; i++) metric("protection_" i - 2, $i)
	}' "$box/zoneinfo"
}

is_same "zoneinfo" "$(zoneinfo)" "$(metrics node_zoneinfo_)"

echo "1..$tests"
((failures == 0))
