#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What nobody has freed is named when a cache, a box or the module is to go: by
# who called for it, although that module has gone already.
#
# shellcheck disable=SC3043,SC2317	# busybox has "local"; check calls functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

require mmbox "$KO_DIR/mmbox_test_account.ko"

# Run a command, and keep what the kernel says meanwhile in /tmp/said.
listen()
{
	local lines

	lines=$(dmesg | wc -l)
	"$@" >/dev/null 2>&1
	dmesg | tail -n +$((lines + 1)) | sed 's/^\[ *[0-9.]*\] //' >/tmp/said
}

# What was said of a cache, or of "pages": said_of NAME
said_of()
{
	sed -n "s/^mmbox: box0: $1: //p" /tmp/said | sed 's/+0x[^ ]*//'
}

left='130 of them, 9360 bytes, from account_bulk [mmbox_test_account]
37 of them, 2664 bytes, from account_small [mmbox_test_account]
3 of them, 216 bytes, from account_prefilled [mmbox_test_account]'

# The places of a cache with less than these, which come in no order.
others()
{
	said_of left | grep -cxE '1 of them, 72 bytes, from account_place_[0-9]+ \[mmbox_test_account\]'
}

# Leave everything that mmbox_test_account.ko allocates in box0.
leave()
{
	load_test_module mmbox_test_account leak=1 cache_name=left &&
		rmmod mmbox_test_account
}

plan 24
load_module pool=
check "a box that counts" mmbox create box0 32M,allocinfo=1
listen leave
is "a cache with objects is not destroyed" "$(grep 'cache left' /tmp/said)" \
	'mmbox: box0: cache left is not destroyed: 182 objects of 72 bytes are not freed'
is "who has them, the most first" "$(said_of left | head -n 3)" "$left"
is "ten lines" "$(others)" 7
is "and how many there are besides" "$(said_of left | tail -n 1)" 'and from 5 places more'
listen mmbox destroy box0
check "the box stays" test -e "$BOX/meminfo"
is "it names its caches" "$(grep -c 'mmbox: box0: cache .* objects of .* bytes are not freed' /tmp/said)" 5
is "one by one" "$(said_of left | head -n 3)" "$left"
is "with those of kmalloc" "$(said_of kmalloc-128)" \
	'1 of them, 128 bytes, from account_kmalloc [mmbox_test_account]'
is "and pages" "$(said_of pages | grep account_)" \
'7 of them, 28672 bytes, from account_area [mmbox_test_account]
5 of them, 20480 bytes, from account_pages [mmbox_test_account]
1 of them, 16384 bytes, from account_large [mmbox_test_account]
1 of them, 16384 bytes, from account_block [mmbox_test_account]'
listen unload_module
is "unloading names its caches" "$(grep -c 'mmbox: box0: cache .* objects of .* bytes are not freed' /tmp/said)" 5
is "in the same way" "$(said_of left | head -n 3)" "$left"
is "and its pages" "$(said_of pages | grep -c account_)" 4

load_module pool=
check "a box with records of users" mmbox create box0 32M,slab_debug=U
listen leave
is "tells it by these" "$(said_of left | head -n 3)" "$left"
is "likewise" "$(others)" 7
listen unload_module
is "and as it is unloaded" "$(said_of left | head -n 3)" "$left"
is "not of pages" "$(said_of pages)" ""

load_module pool=
check "a box with neither" mmbox create box0 32M
listen leave
is "tells how many" "$(cat /tmp/said)" \
	'mmbox: box0: cache left is not destroyed: 182 objects of 72 bytes are not freed'
listen unload_module
is "for each cache" "$(grep -c 'mmbox: box0: cache .* objects of .* bytes are not freed' /tmp/said)" 5

load_module pool=
check "a box that nothing is left of" mmbox create box0 32M,allocinfo=1,page_owner=1
load_test_module mmbox_test_account && rmmod mmbox_test_account
listen mmbox destroy box0
check "goes" test ! -e "$BOX"
is "without a word of that" "$(grep -c 'not freed' /tmp/said)" 0
finish
