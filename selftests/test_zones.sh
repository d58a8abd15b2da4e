#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# HighMem and Movable: zones whose pages may lie anywhere. Who asks for them gets
# them, and when they are empty what is below them; nobody else does.
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require mmbox

# Free pages of all zones, as "DMA 256 Normal 2000 ..."
free_pages()
{
	awk '$1 == "Node" { zone = $4 }
	     $1 == "present" { present = $2 }
	     $1 == "pages" && $2 == "free" { free = $3 }
	     $1 == "managed" && present { printf "%s %d ", zone, free }' \
		"$BOX/zoneinfo"
}

# The zone that an allocation of order 4 comes from.
zone_of()
{
	local id

	id=$(mmbox alloc --order 4 --keep --json "$@" |
		sed -n 's/.*"id": *\([0-9]*\).*/\1/p')
	awk -v id="$id" '$1 == id { print $4 }' "$BOX/objects"
	[ "$hold" ] || mmbox free "$id" >/dev/null
}

# Holds all blocks of order 4 in a zone: from there on one block at a time.
exhaust()
{
	local zone="$1" hold=yes

	shift
	while [ "$(zone_of "$@")" = "$zone" ]; do :; done
}

hold=''
for boot in memblock bitmap; do
	[ "$boot" != memblock ] || plan 30
	load_module "pool=dma=1M,normal=4M,highmem=1M,movable=1M,min_free_kbytes=0,lowmem_reserve_ratio=0:0:0:0:0,boot=$boot"
	free=$(free_pages)
	matches "$boot: four zones" "$free" '^DMA 256 Normal [0-9]+ HighMem 256 Movable 256 $'
	is "$boot: descriptors are in Normal" \
		"$(awk '$1 == "Node" { zone = $4 } $1 == "present" { present = $2 }
			$1 == "managed" && present > $2 { print zone }' "$BOX/zoneinfo")" Normal
	is "$boot: plain requests start at Normal" "$(zone_of)" Normal
	is "$boot: movable ones too" "$(zone_of --movable)" Normal
	is "$boot: DMA is DMA" "$(zone_of --dma)" DMA
	is "$boot: HighMem for who asks for it" "$(zone_of --highmem)" HighMem
	is "$boot: reclaimable or not" "$(zone_of --highmem --reclaimable)" HighMem
	is "$boot: Movable for movable ones" "$(zone_of --highmem --movable)" Movable
	is "$boot: all is as before" "$(free_pages)" "$free"

	exhaust Movable --highmem --movable
	is "$boot: an empty Movable falls back to HighMem" \
		"$(zone_of --highmem --movable)" HighMem
	exhaust HighMem --highmem
	is "$boot: an empty HighMem falls back to Normal" "$(zone_of --highmem)" Normal
	exhaust Normal
	is "$boot: an empty Normal falls back to DMA" "$(zone_of)" DMA
	is "$boot: and movable requests end there, too" "$(zone_of --highmem --movable)" DMA
	dmesg -c >/dev/null
	check "$boot: unload" unload_module
	matches "$boot: every page is back" "$(dmesg)" 'box0: all 1792 pages are back with the host'
done
finish
