#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The command line as a user without a module meets it: exit statuses, text,
# JSON and errors, on the files in test/data. Prints TAP.
#
# Usage: test/cli.sh PATH_OF_MMBOX
# shellcheck disable=SC2016	# the variables are perl's

mmbox=$1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export MMBOX_ROOT=test/data
number=0

# result NAME STATUS
result()
{
	number=$((number + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		sed 's/^/# /' "$tmp/out" "$tmp/err"
	fi
}

# run EXPECTED_STATUS ARGUMENT...: output in $tmp/out and $tmp/err
run()
{
	local expected=$1 status=0

	shift
	"$mmbox" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
	[ "$status" -eq "$expected" ]
}

says()
{
	grep -qF -- "$1" "$tmp/out"
}

complains()
{
	grep -qF -- "$1" "$tmp/err"
}

# The perl expression holds, with the output as $j.
json()
{
	perl -MJSON::PP -e 'local $/; my $j = decode_json(<STDIN>); exit(!('"$1"'))' \
		<"$tmp/out" >>"$tmp/err" 2>&1
}

silent()
{
	[ ! -s "$tmp/out" ]
}

# Usage
run 2 && complains 'Try: mmbox help' && silent
result 'no command is wrong usage' $?
run 2 nix && complains "'nix' is not a command" && silent
result 'an unknown command is wrong usage' $?
run 2 zon && complains 'not a command'
result 'a command must be written out' $?
run 0 help && says 'mmbox tour' && run 0 --help && says 'mmbox tour'
result 'help lists the commands' $?
run 0 --version && says ' abi 1'
result 'the release is told' $?
run 0 help alloc && says 'mmbox alloc [OPTION...] SIZE'
result 'help of a command' $?
run 2 help nix && silent
result 'there is no help of what is no command' $?
run 0 help --json && json '@{$j->{commands}} > 10'
result 'help as JSON' $?
run 2 buddy --nix && silent && run 2 buddy x && silent
result 'unknown options and arguments are wrong usage' $?
run 2 buddy --box ../x && complains 'no name of a box'
result 'a path is no name of a box' $?

# Files
run 0 list && says 'box0' && says 'DMA,DMA32,Normal' && says '20736'
result 'list' $?
run 0 list --json && json '$j->{boxes}[0]{box} eq "box0" && $j->{boxes}[0]{managed} == 20736'
result 'list as JSON' $?
run 0 buddy --box numa && says '999999' && says '20777220'
result 'buddy' $?
run 0 buddy --json && json '$j->{box} eq "box0" && $j->{zones}[2]{free}[10] == 16'
result 'buddy as JSON' $?

# Areas
run 0 areas && says 'page tables are written by mmbox; placement=first' &&
	says '         0  V---MMM...' && says '  512    301  vmap' && ! says '?'
result 'areas: a picture, and a list' $?
[ "$(grep -cE '^ +[0-9]+  [-~VM.]{64}$' "$tmp/out")" -eq 8 ]
result 'areas: the picture has a place for each 128 of 65536 pages' $?
run 0 areas --summary && says 'vmap          1    301      301' && ! says '  512    301  vmap'
result 'areas: sums for each kind' $?
run 0 areas --json && json '$j->{pages} == 65536 && $j->{areas}[1]{kind} eq "lazy"' &&
	run 0 areas --json --summary && json '$j->{kinds}[4]{pages} == 64723'
result 'areas as JSON' $?
run 1 areas --box numa && complains 'vmap/window'
result 'areas: a box without the file' $?
run 2 map && run 2 map 0 && run 2 map 4K 4K && run 2 map --vmap && silent
result 'map: a size, and one only' $?
run 0 zones && says 'managed' && ! says 'Movable'
result 'zones leaves empty ones out' $?
run 0 zones -v --box numa && says 'nr_free_pages' && says 'high_max' && says 'zone Movable: empty'
result 'zones in detail' $?
run 0 zones -v --box numa --json &&
	json '$j->{zones}[0]{protection}[1] == 512 && @{$j->{zones}[2]{pagesets}} == 64'
result 'zones in detail as JSON' $?
run 0 zones -v && says 'InOwnPages:                        394240 bytes' &&
	says 'PerPage:                            24.06 bytes' && says 'IndexLeaves:'
result 'zones tell what bookkeeping costs' $?
run 0 zones -v --json && json '$j->{metadata}{own_pages} == 517440 && $j->{metadata}{index} == 8192 &&
	$j->{zones}[2]{metadata}{reserved_pages} == 127 && !$j->{zones}[3]{metadata}'
result 'zones tell what bookkeeping costs as JSON' $?
run 0 objects && says 'my tool (x)' && ! grep -q "$(printf '\033')" "$tmp/out"
result 'objects, without control characters' $?
run 0 objects --json && json '$j->{objects}[2]{comm} eq "x\x1b[31mred"'
result 'objects as JSON' $?

run 0 boot --step && says 'given out by memblock' && says 'Step 15 of 15' &&
	says 'The host gave 4 blocks of order 10, 16 MB from 0x10000000 in zone DMA32' &&
	says '|===============================#|' && says 'a step that this tool does not know' &&
	says 'These are the arrays'
result 'boot: memblock, step by step, and without a terminal nobody is asked' $?
run 0 boot --box numa && says 'given out by a bitmap' && says 'more than an eighth' &&
	says '|#...............................|'
result 'boot: a bitmap' $?
run 0 boot --json && json '$j->{agrees} && $j->{kind} eq "memblock" && @{$j->{steps}} == 15 &&
	$j->{steps}[6]{for} eq "descriptors" && $j->{steps}[3]{memory}[2]{end} == 0x104000000 &&
	!defined $j->{steps}[5]{node} && @{$j->{steps}[14]{reserved}} == 1'
result 'boot as JSON' $?
mkdir -p "$tmp/boot" && cp -r test/data/box0 "$tmp/boot/box0" &&
	sed -i 's/81a00/81000/' "$tmp/boot/box0/memblock/reserved"
MMBOX_ROOT=$tmp/boot run 1 boot && says 'FAIL' && MMBOX_ROOT=$tmp/boot run 1 boot --json &&
	json '!$j->{agrees}'
result 'boot: other arrays than those replayed are a failure' $?
rm "$tmp/boot/box0/memblock/log"
MMBOX_ROOT=$tmp/boot run 1 boot && silent && complains 'memblock/log'
result 'boot: no record' $?
run 0 zones --box numa && grep -qE '^ *1  Normal +5194305 +70 ' "$tmp/out"
result 'zones: pages on lists of CPUs' $?
run 0 list --json && json '$j->{boxes}[1]{cpu_lists} == 70 &&
	$j->{boxes}[1]{used} == $j->{boxes}[1]{managed} - $j->{boxes}[1]{free} - 70'
result 'list: pages on lists are not used' $?

run 0 types --box numa && grep -qE '^ +0 +DMA32 +Unmovable +12 +3 .* 514 +2$' "$tmp/out" &&
	grep -qE '^ +0 +DMA +Movable' "$tmp/out" && ! says 'Isolate' && ! grep -q 'DMA  .*Unmov' "$tmp/out"
result 'types' $?
run 0 types --box numa --json && json '@{$j->{types}} == 20 && $j->{types}[5]{zone} eq "DMA32" &&
	$j->{types}[5]{type} eq "Unmovable" && $j->{types}[5]{free}[5] == 7 &&
	$j->{types}[5]{pages} == 514 && $j->{types}[5]{pageblocks} == 2'
result 'types as JSON' $?
run 0 types --steals && tr -s ' \n' ' ' <"$tmp/out" >"$tmp/flat" && ! says 'That was the last' &&
	grep -qF 'Zone DMA32 of node 0 had no Reclaimable block for order 0 (4 kB), so the Unmovable block of order 3 at pfn 0x1a208 was taken. The pageblock stays Unmovable' "$tmp/flat" &&
	grep -qF 'what was Movable is Unmovable now. It was fallback 128, for a process without a name (pid 99)' "$tmp/flat" &&
	grep -qF 'for my tool: \ (pid 101), 81.000345 s after boot, called from some_driver_open.' "$tmp/flat"
result 'types: fallbacks' $?
run 0 types --steals=1 && says 'fallback 130' && ! says 'fallback 129' &&
	says 'the last of 130 fallbacks. More: mmbox types --steals=3'
result 'types: the last fallback' $?
run 0 types --steals --box numa && says 'No allocation took'
result 'types: no fallback' $?
run 0 types -s2 --json && json '$j->{total} == 130 && @{$j->{steals}} == 2 &&
	$j->{steals}[0]{pfn} == 0x1a208 && !$j->{steals}[0]{converted} && $j->{steals}[1]{converted}'
result 'types: fallbacks as JSON' $?
run 2 types --steals=0 && run 2 types --steals=x && run 2 types x
result 'types wants a number' $?

run 0 why --last 2 && tr -s ' \n' ' ' <"$tmp/out" >"$tmp/flat" &&
	grep -qF 'Order 5 (128 kB) with GFP_KERNEL could not be served.' "$tmp/flat" &&
	grep -qF 'Zone Normal has 812 free pages, but the largest free block is of order 2 (fragmentation index 0.912: free memory is there, in pieces).' "$tmp/flat" &&
	grep -qF 'Zone DMA32 has no free page at all.' "$tmp/flat" &&
	grep -qF 'index -0.500: there is too little free memory' "$tmp/flat" &&
	grep -qF 'for my tool: \ (pid 101), 81.000345 s after boot, called from mmbox_object_alloc.' "$tmp/flat"
result 'why: a zone in pieces' $?
grep -qF 'Zone Normal was not asked: the request is for lower zones.' "$tmp/flat" &&
	grep -qF '62 more pages lay at hand' "$tmp/flat" && grep -qF 'not allowed to wait' "$tmp/flat" &&
	grep -qF 'in an interrupt that met swapper/1 (pid 0)' "$tmp/flat"
result 'why: a request from an interrupt' $?
grep -qF 'To free pfn 0x1a2b0 as a block of order 2 was refused 3 times: it was allocated with another order.' "$tmp/flat" &&
	grep -qF 'by a caller that has gone' "$tmp/flat" && grep -qF 'More: mmbox why --last 3' "$tmp/flat"
result 'why: wrong frees' $?
run 0 why && ! says 'Order 5' && says 'Order 3'
result 'why: the last one unless told' $?
run 0 why --box numa && says 'Nothing was refused'
result 'why: nothing' $?
run 0 why -n 64 --json && json '$j->{failed} == 70 && @{$j->{refusals}} == 3 &&
	$j->{refusals}[1]{zones}[0]{fragmentation_index_thousandths} == 912 &&
	!defined $j->{refusals}[1]{zones}[1]{largest_order} && $j->{refused_frees}[0]{count} == 3'
result 'why as JSON' $?
run 0 why --last 3 && tr -s ' \n' ' ' <"$tmp/out" >"$tmp/flat" &&
	grep -qF 'Zone DMA32 has 30 free pages, and must keep 32 from a request of this kind: that is its watermark.' "$tmp/flat" &&
	grep -qF 'Zone DMA has 81 free pages, and must keep 83 from a request of this kind: its watermark of 3, and 80 for requests that cannot use the zones above it.' "$tmp/flat"
result 'why: a watermark and a reserve' $?
run 0 why -n 64 --json && json '$j->{refusals}[0]{zones}[2]{reason} eq "reserve" &&
	$j->{refusals}[0]{zones}[2]{mark} == 3 && $j->{refusals}[0]{zones}[2]{reserve} == 80'
result 'why: mark and reserve as JSON' $?
run 2 why --last 0 && run 2 why --last x && run 2 why x
result 'why wants a number' $?

# Settings
run 0 set && says 'lowmem_reserve_ratio' && says '256:256:32:0:0' && says 'auto or 0 to 41472' &&
	run 0 set numa && says 'percpu_high'
result 'set shows the settings' $?
run 0 set --json && json '$j->{box} eq "box0" && $j->{settings}[0]{automatic} &&
	!$j->{settings}[1]{automatic} && $j->{settings}[1]{range} eq "1 to 3000"'
result 'set as JSON' $?
run 1 set nix && complains 'test/data/nix/tunables: No such file' &&
	run 2 set a=1 box0 && run 2 set box0 numa && run 2 set box0 =1 && run 2 set box0 a= &&
	run 2 set ../x a=1 && run 2 set "a=$(printf '%300s' x)"
result 'set wants settings' $?

# Errors
run 1 buddy --box nix && silent && complains 'test/data/nix/buddyinfo: No such file' &&
	complains 'Try: mmbox list'
result 'a box that is not there' $?
run 1 zones --box nix --json && json '$j->{error}{errno} eq "ENOENT" && $j->{error}{hint}'
result 'an error as JSON' $?
mkdir -p "$tmp/root/bad" && echo garbage >"$tmp/root/bad/zoneinfo"
MMBOX_ROOT=$tmp/root run 1 zones --box bad && silent && complains 'Bad message'
result 'a file in another format' $?
MMBOX_ROOT=$tmp/root run 1 list --json && json '$j->{error} && !$j->{boxes}'
result 'nothing half-printed' $?
MMBOX_ROOT=$tmp/none run 1 list && complains 'Is the module loaded? Try: mmbox doctor'
result 'no module' $?
mkdir "$tmp/empty" && MMBOX_ROOT=$tmp/empty run 0 list && says 'There is no box'
result 'no box' $?
if [ -e /dev/full ]; then
	! "$mmbox" list >/dev/full 2>"$tmp/err" && complains 'cannot write the output'
	result 'a full disk is noticed' $?
fi

# Arguments that are refused before the device is asked
run 2 alloc --keep && complains 'one of --order N, SIZE, --cache NAME and --kmalloc SIZE'
result 'alloc wants a size' $?
run 2 alloc 32K && complains 'give it to the box with --keep, or stay with --hold'
result 'alloc wants to know how long' $?
run 2 alloc 32K --keep --hold && run 2 alloc 32K --keep --dma --dma32 &&
	run 2 alloc 32K --order 3 --keep && run 2 alloc 3X --keep && run 2 alloc --order -1 --keep &&
	run 2 alloc --order 64 --keep && run 2 alloc 1K --keep --count 0
result 'alloc refuses what contradicts itself' $?
run 2 free && run 2 free x && run 2 free 4294967296 && run 2 free -- -1
result 'free wants handles' $?
run 2 create && run 2 create a && run 2 create 'a b' 16M && run 2 create a 16M c &&
	run 2 destroy && run 2 destroy ..
result 'create and destroy want names' $?
run 2 mmap --offset 0 && run 2 mmap 4K --order 1 && run 2 mmap 0 && run 2 tour x
result 'mmap and tour refuse what contradicts itself' $?
run 2 walk x && run 2 walk 1 2 && run 2 walk --pid 0 1 && run 2 walk --pid 1 && run 2 walk -- -1
result 'walk wants an address' $?
if [ -e /dev/mmbox ]; then
	result 'no device # SKIP this machine has one' 0
else
	run 1 set box0 percpu_high=0 && silent && complains 'cannot open /dev/mmbox' &&
		run 1 alloc 4K --keep && silent &&
		complains 'cannot open /dev/mmbox: No such file or directory. Is the module loaded?' &&
		run 1 tour --json && json '$j->{error}{message} eq "cannot open /dev/mmbox"'
	result 'no device' $?
fi

# Doctor, on module files made here
cat >"$tmp/mod.c" <<'EOF'
#define INFO(s) __attribute__((section(".modinfo"), used))
INFO() static const char a[] = "vermagic=" VERMAGIC " ";
INFO() static const char b[] = "name=mmbox";
INFO() static const char c[] = "license=GPL";
INFO() static const char d[] = "version=9.8.7";
INFO() static const char e[] = "depends=";
__attribute__((section(".gnu.linkonce.this_module"), used)) static int m = 1;
EOF
module()
{
	${CC:-cc} -c -o "$tmp/mmbox.ko" "-DVERMAGIC=\"$1\"" "$tmp/mod.c"
}

doctor()
{
	run "$1" doctor --file-only "${2:-$tmp/mmbox.ko}"
}

smp=$(uname -v | grep -o ' SMP')
preempt=$(uname -v | grep -q ' PREEMPT' && echo ' preempt')
module "1.2.3-other SMP preempt mod_unload modversions" && doctor 1 &&
	says 'built for kernel 1.2.3-other, but' && says 'release 9.8.7'
result 'doctor: another release' $?
some=$(find "/lib/modules/$(uname -r)/kernel" -name '*.ko' -print -quit 2>/dev/null)
if [ "$some" ] || [ -e "/boot/config-$(uname -r)" ] || uname -v | grep -q PREEMPT_RT; then
	result 'doctor: it fits # SKIP this kernel wants more than is known here' 0
else
	module "$(uname -r)$smp$preempt mod_unload" && doctor 0 && says 'Nothing is wrong'
	result 'doctor: it fits' $?
fi
if [ "$smp" ]; then
	module "$(uname -r)$preempt mod_unload" && doctor 1 && says 'without several processors (SMP)'
	result 'doctor: built for one processor' $?
fi
module "$(uname -r)" && head -c $(($(wc -c <"$tmp/mmbox.ko") - 100)) "$tmp/mmbox.ko" >"$tmp/cut" &&
	doctor 1 "$tmp/cut" && says 'it is cut off'
result 'doctor: a file cut off' $?
cuts=0
size=$(wc -c <"$tmp/mmbox.ko")
for n in $(seq 1 37 "$size"); do
	head -c "$n" "$tmp/mmbox.ko" >"$tmp/cut"
	doctor 1 "$tmp/cut" || cuts=1
done
result 'doctor: a file cut off anywhere' $cuts
: >"$tmp/empty.ko" && doctor 1 "$tmp/empty.ko" && says 'it is empty'
result 'doctor: an empty file' $?
echo hello >"$tmp/text.ko" && doctor 1 "$tmp/text.ko" && says 'not an ELF file'
result 'doctor: a text file' $?
doctor 1 "$mmbox" && says 'a program or a library'
result 'doctor: a program' $?
echo 'int x;' >"$tmp/o.c" && ${CC:-cc} -c -o "$tmp/o.o" "$tmp/o.c" && doctor 1 "$tmp/o.o" &&
	says 'it is an object file'
result 'doctor: an object file' $?
cp "$tmp/mmbox.ko" "$tmp/arm.ko"
machine='\267\0'
[ "$(uname -m)" != aarch64 ] || machine='\076\0'
# shellcheck disable=SC2059	# the bytes are the format
printf "$machine" | dd of="$tmp/arm.ko" bs=1 seek=18 conv=notrunc 2>/dev/null
doctor 1 "$tmp/arm.ko" && says 'it is code for'
result 'doctor: another machine' $?
printf '\375\067zXZ' >"$tmp/x.ko" && doctor 0 "$tmp/x.ko" && says 'it is compressed'
result 'doctor: a compressed file' $?
doctor 1 "$tmp/none.ko" && says 'No such file'
result 'doctor: no file' $?
run 1 doctor --file-only --json "$tmp/text.ko" && json '!$j->{ok} && $j->{findings}[-1]{advice}'
result 'doctor as JSON' $?

echo "1..$number"
