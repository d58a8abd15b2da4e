# shellcheck shell=sh disable=SC3043
# SPDX-License-Identifier: GPL-2.0
#
# What a shell test uses: TAP output, and loading the module. Use:
#
#	. "$(dirname "$0")/lib.sh"
#	plan 2
#	load_module pool=dma=1M,normal=16M
#	check "buddyinfo is there" test -e "$BOX/buddyinfo"
#	is "it has two zones" "$(wc -l <"$BOX/buddyinfo")" 2
#	finish
#
# At the exit, however it comes about, the module is unloaded. finish gives
# the exit status: 0 for success, 1 for failure; 4 is a skip.

KO_DIR=${MMBOX_KO_DIR:-/lib/mmbox}
BOX=/proc/mmbox/box0
DEFAULT_POOL=dma=1M,dma32=16M,normal=64M
tests=0
failures=0

plan()
{
	echo "TAP version 13"
	echo "1..$1"
}

ok()
{
	tests=$((tests + 1))
	echo "ok $tests - $1"
}

# not_ok NAME [WHY...]
not_ok()
{
	local name="$1"

	shift
	tests=$((tests + 1))
	failures=$((failures + 1))
	echo "not ok $tests - $name"
	[ $# -eq 0 ] || comment "$@"
}

# skip NAME WHY
skip()
{
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

# Without a plan before it: the whole test does not apply here.
skip_all()
{
	echo "1..0 # SKIP $*"
	exit 4
}

comment()
{
	printf '%s\n' "$@" | sed 's/^/# /'
}

# check NAME COMMAND...: the command succeeds. Its output shows on failure.
check()
{
	local name="$1" output status

	shift
	output=$("$@" 2>&1)
	status=$?
	if [ $status -eq 0 ]; then
		ok "$name"
	else
		not_ok "$name" "$*: exit status $status" "$output"
	fi
}

# check_fails NAME COMMAND...: the command ends with an ordinary failure, not
# by a signal and not because it does not exist.
check_fails()
{
	local name="$1" output status

	shift
	output=$("$@" 2>&1)
	status=$?
	if [ $status -gt 0 ] && [ $status -lt 126 ]; then
		ok "$name"
	else
		not_ok "$name" "$*: exit status $status" "$output"
	fi
}

# is NAME GOT WANTED
is()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "     got: $2" "expected: $3"
	fi
}

# matches NAME TEXT REGEX: some line of the text matches.
matches()
{
	if printf '%s\n' "$2" | grep -qE -e "$3"; then
		ok "$1"
	else
		not_ok "$1" "    text: $2" "no match: $3"
	fi
}

# A kernel log line that this test causes on purpose.
allow_splat()
{
	echo "# allow-splat: $1"
}

# require THING...: programs, or paths; the test is skipped without them.
require()
{
	local thing

	for thing; do
		case $thing in
		/*) [ -e "$thing" ] || skip_all "no $thing" ;;
		*) command -v "$thing" >/dev/null || skip_all "no program $thing" ;;
		esac
	done
}

# is_loaded MODULE
is_loaded()
{
	grep -q "^$1 " /proc/modules
}

# load_module [PARAMETER...]: fails as insmod does. Without parameters the
# default pool is used.
load_module()
{
	[ $# -gt 0 ] || set -- "pool=$DEFAULT_POOL"
	insmod "$KO_DIR/mmbox.ko" "$@"
}

unload_module()
{
	rmmod mmbox
}

# A module out of selftests/mods; its init's result is the verdict.
load_test_module()
{
	local name="$1"

	shift
	insmod "$KO_DIR/$name.ko" "$@"
}

# A CPU goes and comes back for as long as a command runs; says how often, and
# what the command says.
with_hotplug()
{
	local job times=0

	"$@" >/tmp/case 2>&1 &
	job=$!
	while kill -0 $job 2>/dev/null; do
		echo 0 >/sys/devices/system/cpu/cpu1/online && times=$((times + 1))
		echo 1 >/sys/devices/system/cpu/cpu1/online
	done
	wait $job && echo "$times"
	cat /tmp/case
}

# The value of a counter: counter vmstat pgalloc_normal
counter()
{
	awk -v name="$2" '$1 == name { print $2 }' "$BOX/$1"
}

# Pages of a box that hold its descriptors: reserved_pages DIRECTORY
reserved_pages()
{
	awk '$1 == "present" { n += $2 } $1 == "managed" { n -= $2 }
	     END { print n }' "$1/zoneinfo"
}

finish()
{
	[ $failures -eq 0 ]
	exit
}

on_exit()
{
	local status=$?

	! is_loaded mmbox || unload_module >/dev/null 2>&1
	exit $status
}
trap on_exit EXIT
