#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The mmbox command on a real box: what each subcommand does, its exit status,
# and that what --json prints is JSON.
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require mmbox

# ends STATUS COMMAND...: the command ends so; its output is left in $output.
ends()
{
	local want="$1" status

	shift
	output=$("$@" 2>&1 </dev/null)
	status=$?
	if [ $status -eq "$want" ]; then
		ok "$* ends with $want"
	else
		not_ok "$* ends with $want" "exit status $status" "$output"
	fi
}

# Is standard input one JSON value? A token never goes over the end of a line.
is_json()
{
	awk '
	function fail(why) { print "line " NR ": " why; bad = 1; exit 1 }
	function done() { want = depth ? "more" : "end" }
	function open(token, then) { stack[++depth] = token; want = then }
	function close_with(token, opener) {
		if (stack[depth] != opener) fail("wrong " token)
		depth--
		done()
	}
	function step(token) {
		if (token == "string" && want ~ /key/) want = "colon"
		else if (token == ":" && want == "colon") want = "value"
		else if (token == "," && want == "more")
			want = stack[depth] == "{" ? "key" : "value"
		else if (token == "}" && want ~ /^(more|key or end)$/)
			close_with("}", "{")
		else if (token == "]" && want ~ /^(more|value or end)$/)
			close_with("]", "[")
		else if (want !~ /value/) fail(token " where " want " belongs")
		else if (token == "{") open("{", "key or end")
		else if (token == "[") open("[", "value or end")
		else if (token == "string" || token == "word") done()
		else fail(token " where " want " belongs")
	}
	BEGIN { want = "value" }
	{
		for (text = $0; ; text = substr(text, RLENGTH + 1)) {
			sub(/^[ \t]+/, "", text)
			if (text == "") break
			if (match(text, /^"([^"\\]|\\["\\\/bfnrt]|\\u[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F])*"/))
				step("string")
			else if (match(text, /^(true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?)/))
				step("word")
			else if (match(text, /^[]{}:,[]/))
				step(substr(text, 1, 1))
			else
				fail("no JSON: " text)
		}
	}
	END {
		if (!bad && want != "end") fail("it is not complete")
		exit(bad)
	}'
}

# gives_json STATUS COMMAND...: --json comes last.
gives_json()
{
	local want="$1" status problem

	shift
	output=$("$@" 2>/tmp/errors </dev/null)
	status=$?
	problem=$(printf '%s\n' "$output" | is_json) || problem="no JSON: $problem"
	if [ $status -eq "$want" ] && [ -z "$problem" ]; then
		ok "$* gives JSON"
	else
		not_ok "$* gives JSON" "exit status $status, expected $want" \
			"$problem" "$output" "$(cat /tmp/errors)"
	fi
}

state()
{
	cat "$BOX/buddyinfo" "$BOX/zoneinfo" "$BOX/meminfo" "$BOX/objects"
}

unchanged()
{
	is "$1 leaves the box as it was" "$(state)" "$before"
}

# The only id in the output of "mmbox alloc".
first_id()
{
	printf '%s\n' "$output" | awk 'NR == 2 { print $1 }'
}

plan 171

# The checker itself: what is no JSON does not pass.
for text in '' '{' '[1,]' '{"a":}' '{"a" 1}' '[1 2]' '{1:2}' '[01]' '"a' '[}' \
	    '{"a":1}{' "['a']" '[nul]'; do
	matches "no JSON: '$text'" "$(echo "$text" | is_json)" '^line'
done
is "JSON" "$(printf '%s\n' '{"a": [1, -2.5e3, true, {}, [], "x\n\"\u00e4"], "b": null}' |
	is_json)" ""

load_module
before=$(state)

#
# Tour
#

ends 0 mmbox tour
tour=$output
unchanged "the tour"
matches "the tour says that all held" "$tour" '9 of 9 steps held'
matches "the tour has seen entries written" "$tour" '^ *0 +0xff[0-9a-f]{14} +0x0 +0x[0-9a-f]+ +[1-9]'
is "no check of the tour fails" "$(printf '%s\n' "$tour" | grep -iE '^ *fail')" ""

# In step 3 eight pages are allocated: from the row before them follows the row
# after: in a box that nobody has used the largest block goes, for it is taken
# over from movable pages, and leaves its halves.
step_3()
{
	awk '
	/^Step 3 of/ { on = 1 }
	/^Step 4 of/ { on = 0 }
	on && $1 == "Normal" && $2 == "before" { for (i = 0; i <= 10; i++) row[i] = $(i + 3) }
	on && $1 == "after" && NF == 12 { for (i = 0; i <= 10; i++) after[i] = $(i + 2) }
	END {
		for (found = 10; found >= 3 && !row[found]; found--)
			;
		row[found]--
		while (found-- > 3)
			row[found]++
		for (i = 0; i <= 10; i++)
			if (row[i] != after[i])
				print "order " i ": " after[i] ", not " row[i]
		print (row[3] + row[10] ? "seen" : "not seen")
	}'
}

is "the order-3 step shows what the buddy does" "$(printf '%s\n' "$tour" | step_3)" seen
matches "the tour tells of migrate types" "$tour" '^ +after +Unmovable .* 2$'
matches "and what it leaves behind of them" "$tour" 'as it was found, but for the type'

mmbox create pieces normal=6M >/dev/null
ends 0 mmbox tour --box pieces
is "in a zone with blocks of two orders too" "$(printf '%s\n' "$output" | step_3)" seen
ends 0 mmbox tour --box pieces
matches "once there are unmovable blocks, one of them goes" "$output" '^ *Unmovable block there'
matches "and nothing is left behind" "$output" 'as it was found\.$'
mmbox destroy pieces >/dev/null

gives_json 0 mmbox tour --json
matches "the tour as JSON has the same steps" "$output" '"number": 8'
unchanged "the tour as JSON"
ends 1 mmbox tour --box nowhere

#
# Allocations
#

ends 0 mmbox alloc --keep 10K
id=$(first_id)
is "10K are a block of order 2" "$(printf '%s\n' "$output" | awk 'NR == 2 { print $2, $3, $4 }')" \
	"2 4 16384"
ends 0 mmbox objects
matches "objects lists it" "$output" "^ *$id +2 +4 +Normal +remap +kept"
ends 0 mmbox free "$id"
ends 1 mmbox free "$id"
is "a refused free is told in one line" "$(printf '%s\n' "$output" | wc -l)" 1
unchanged "alloc and free"

gives_json 0 mmbox alloc --keep --order 3 --count 3 --json
is "three blocks" "$(printf '%s\n' "$output" | grep -c '"order": 3')" 3
gives_json 0 mmbox objects --json
ids=$(awk '/^[^#]/ { print $1 }' "$BOX/objects")
# shellcheck disable=SC2086	# several
gives_json 0 mmbox free $ids --json
gives_json 1 mmbox free 99 --json
unchanged "alloc of three, and free"

ends 0 mmbox alloc --keep --dma 64K
id=$(first_id)
matches "--dma takes DMA" "$(cat "$BOX/objects")" "^ *$id .* DMA remap"
ends 0 mmbox free "$id"
ends 0 mmbox alloc --keep --dma32 64K
id=$(first_id)
matches "--dma32 takes DMA32" "$(cat "$BOX/objects")" "^ *$id .* DMA32 remap"
ends 0 mmbox free "$id"

for variant in remap fault batch insert vmalloc; do
	ends 0 mmbox alloc --keep --variant "$variant" 12K
	id=$(first_id)
	matches "--variant $variant" "$(cat "$BOX/objects")" "^ *$id .* $variant +kept"
	ends 0 mmbox free "$id"
done
ends 0 mmbox alloc --keep 12K
ends 0 mmbox free --revoke "$(first_id)"
ends 1 mmbox free --revoke 99
ends 2 mmbox alloc --keep --variant other 12K
ends 2 mmbox alloc --keep --variant fault --kmalloc 64
unchanged "alloc with a variant"

# A block that is held ends with its holder's input, or with the holder.
output=$(: | mmbox alloc --hold --order 4 2>&1)
is "alloc --hold ends at the end of its input" $? 0
unchanged "alloc --hold"

ends 1 mmbox alloc --keep 0
ends 1 mmbox alloc --keep 5M
ends 1 mmbox alloc --keep --order 11
matches "the largest order is told" "$output" 'largest order is 10: .* 4194304 bytes'
ends 1 mmbox alloc --keep --order 3 --count 100000
unchanged "a refused alloc"
ends 2 mmbox alloc
ends 2 mmbox alloc 1M
ends 2 mmbox alloc --keep lots
ends 2 mmbox alloc --keep -1
ends 2 mmbox free
ends 2 mmbox free lots
unchanged "wrong usage"

#
# Mappings
#

ends 0 mmbox mmap
matches "two processes share pages" "$output" "^ok .*second process read the first"
gives_json 0 mmbox mmap --order 0 --json
ends 0 mmbox mmap 4M
ends 0 mmbox mmap --compare 5M
is "each variant is compared, and the kernel beside them" \
	"$(printf '%s\n' "$output" | awk 'NR > 1 && NF == 7 { printf "%s ", $1 }')" \
	"remap fault batch insert vmalloc memfd memfd-populate "
is "with all pages" "$(printf '%s\n' "$output" | awk 'NR > 1 { print $2 }' | sort -u)" 1280
gives_json 0 mmbox mmap --compare --json
ends 1 mmbox mmap --compare 1G
ends 2 mmbox mmap --compare --order 1
ends 1 mmbox mmap 5M
unchanged "mmap"

#
# Page tables
#

ends 0 mmbox walk
matches "walk shows the entry of a page of the box" "$output" \
	'^PTE +[0-9]+ +0x[0-9a-f]+ +0x[0-9a-f]+ +present leaf write user nx accessed dirty'
matches "and which page it is" "$output" \
	'^It is page 0 of a block of order 0 of box box0, zone Normal, .*: allocated\.$'
gives_json 0 mmbox walk --json
ends 0 mmbox walk --kernel
matches "the kernel has it too" "$output" 'writable, for the kernel only, not executable'
gives_json 0 mmbox walk --kernel --json
ends 0 mmbox walk --pid 1 0x1000
matches "where nothing is mapped it ends" "$output" '^Nothing is mapped there: the P[A-Z4]+ entry is empty'
ends 1 mmbox walk --pid 2 0x1000
ends 1 mmbox walk --kernel 0x1000
gives_json 1 mmbox walk --kernel 0x1000 --json
unchanged "walk"

#
# Boxes
#

ends 0 mmbox create second dma32=1M,1M
ends 1 mmbox create second 1M
ends 1 mmbox create third lots
ends 1 mmbox create third 1000G
matches "what the host has is told" "$output" 'host has [1-9][0-9]* MB available'
ends 2 mmbox create third
ends 0 mmbox list
matches "list has both: box0" "$output" \
	"^box0 +DMA,DMA32,Normal +$((20736 - $(reserved_pages "$BOX"))) "
left=$((512 - $(reserved_pages /proc/mmbox/second)))
matches "list has both: second" "$output" "^second .* $left +$left +0 "
gives_json 0 mmbox list --json
ends 0 mmbox buddy --box second
ends 0 mmbox zones --box second
ends 0 mmbox alloc --box second --keep 4K
ends 1 mmbox destroy second
ends 0 mmbox free --box second 1
ends 0 mmbox destroy second
ends 1 mmbox destroy second
gives_json 0 mmbox create second 1M --json
gives_json 0 mmbox destroy second --json
ends 1 mmbox buddy --box second
ends 2 mmbox create a/b 1M
unchanged "creating and destroying boxes"

#
# Files
#

ends 0 mmbox buddy
is "buddy shows buddyinfo" "$(printf '%s\n' "$output" |
	awk 'NR > 1 { for (i = 2; i <= 13; i++) printf "%s ", $i; print "" }')" \
	"$(awk '{ for (i = 4; i <= NF; i++) printf "%s ", $i; print "" }' "$BOX/buddyinfo")"
gives_json 0 mmbox buddy --json
ends 0 mmbox zones
ends 0 mmbox zones --verbose
gives_json 0 mmbox zones --verbose --json
ends 0 mmbox types
is "types shows all pageblocks" \
	"$(printf '%s\n' "$output" | awk '$2 == "Normal" { n += $NF } END { print n }')" \
	"$(awk '/^Number/ { on = 1 } on && $4 == "Normal" { print $5 + $6 + $7 }' "$BOX/pagetypeinfo")"
ends 0 mmbox types --steals
matches "types tells the first fallback" "$output" 'had no Unmovable block'
gives_json 0 mmbox types --json
gives_json 0 mmbox types --steals --json

#
# Help and wrong usage
#

ends 0 mmbox help
ends 0 mmbox --help
ends 0 mmbox help alloc
ends 2 mmbox
ends 2 mmbox frobnicate
ends 2 mmbox help frobnicate
ends 2 mmbox buddy --frobnicate
ends 2 mmbox buddy surplus

#
# Doctor
#

ends 0 mmbox doctor "$KO_DIR/mmbox.ko"
gives_json 0 mmbox doctor "$KO_DIR/mmbox.ko" --json

head -c 5000 "$KO_DIR/mmbox.ko" >/tmp/cut.ko
ends 1 mmbox doctor /tmp/cut.ko
matches "doctor: a file that is cut off" "$output" 'FAIL.*cut off'
echo "not a module" >/tmp/text.ko
ends 1 mmbox doctor /tmp/text.ko
matches "doctor: a file that is no ELF file" "$output" 'FAIL.*not an ELF file'
: >/tmp/empty.ko
ends 1 mmbox doctor /tmp/empty.ko
matches "doctor: an empty file" "$output" 'FAIL.*empty'
ends 1 mmbox doctor /tmp/missing.ko
gives_json 1 mmbox doctor /tmp/text.ko --json

# The module of another kernel: this one's, with another vermagic.
cp "$KO_DIR/mmbox.ko" /tmp/other.ko
place=$(strings -t d /tmp/other.ko | awk '$2 ~ /^vermagic=/ { print $1; exit }')
printf 9.9 | dd of=/tmp/other.ko bs=1 seek=$((place + 9)) conv=notrunc 2>/dev/null
ends 1 mmbox doctor /tmp/other.ko
matches "doctor: the module of another kernel, and of which" "$output" \
	'FAIL.*built for kernel 9\.9'

unload_module
ends 1 mmbox doctor
matches "doctor: the module is not loaded" "$output" 'FAIL.*not loaded'
ends 1 mmbox list
ends 1 mmbox tour
ends 1 mmbox alloc --keep 4K

finish
