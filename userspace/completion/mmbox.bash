# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Completion of mmbox(1) for bash. check-sync compares it with the program.

_mmbox_boxes()
{
	local root=${MMBOX_ROOT:-/proc/mmbox} box

	for box in "$root"/*/; do
		box=${box%/}
		[[ ! -e $box/buddyinfo ]] || echo "${box##*/}"
	done
}

# Of the box named behind "set", or the first one.
_mmbox_settings()
{
	local root=${MMBOX_ROOT:-/proc/mmbox} box=${COMP_WORDS[2]}

	[[ -e $root/$box/tunables ]] || box=box0
	sed 's/ .*/=/' "$root/$box/tunables" 2>/dev/null
}

_mmbox_kept()
{
	mmbox objects 2>/dev/null | awk '$6 == "kept" { print $1 }'
}

_mmbox()
{
	local commands='tour list create destroy alloc free objects buddy zones types slabs areas cache boot set why mmap map walk doctor help'
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} options='' words=''

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$cur")
		return
	fi

	case $command in
	tour) options='--box --json --pause' ;;
	list) options='--box --json' ;;
	create) options='--box --json' ;;
	destroy) options='--box --json' ;;
	alloc) options='--box --cache --count --dma --dma32 --highmem --hold --json --keep --kmalloc --movable --order --reclaimable --variant' ;;
	free) options='--box --json --revoke' ;;
	objects) options='--box --json' ;;
	buddy) options='--box --json' ;;
	zones) options='--box --json --verbose' ;;
	types) options='--box --json --steals' ;;
	slabs) options='--all --box --json --waste --watch' ;;
	areas) options='--box --json --summary' ;;
	cache) options='--align --box --dma --dma32 --hwcache-align --json --reclaim-account --size --typesafe-by-rcu' ;;
	boot) options='--box --json --step' ;;
	set) options='--box --json' ;;
	why) options='--box --json --last' ;;
	mmap) options='--box --compare --json --offset --order' ;;
	map) options='--box --hold --json --vmap' ;;
	walk) options='--box --json --kernel --pid' ;;
	doctor) options='--box --file-only --json' ;;
	help) options='--box --json' ;;
	esac

	case $prev in
	--box)
		words=$(_mmbox_boxes)
		;;
	--order | -o)
		words='0 1 2 3 4 5 6 7 8 9 10'
		;;
	--variant)
		words='remap fault batch insert vmalloc'
		;;
	*)
		case $command in
		destroy) words=$(_mmbox_boxes) ;;
		set)
			words=$(_mmbox_settings)
			((COMP_CWORD > 2)) || words="$words $(_mmbox_boxes)"
			;;
		free) words=$(_mmbox_kept) ;;
		cache)
			words='capacity='
			((COMP_CWORD > 2)) || words='create destroy shrink tune debug'
			;;
		help) words=$commands ;;
		doctor)
			if [[ $cur != -* ]]; then
				mapfile -t COMPREPLY < <(compgen -f -- "$cur")
				return
			fi
			;;
		esac
		words="$words $options --help"
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -o filenames -F _mmbox mmbox
