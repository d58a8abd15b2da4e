// SPDX-License-Identifier: GPL-2.0
/* Walks through page tables: the words for what an answer has as bits. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "libmmbox.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

const char *mmbox_level_name(unsigned int level)
{
	static const char *const names[] = {
		[MMBOX_LEVEL_PTE] = "PTE", [MMBOX_LEVEL_PMD] = "PMD",
		[MMBOX_LEVEL_PUD] = "PUD", [MMBOX_LEVEL_P4D] = "P4D",
		[MMBOX_LEVEL_PGD] = "PGD",
	};

	return level < ARRAY_SIZE(names) && names[level] ? names[level] : "?";
}

const char *mmbox_memtype_name(unsigned int memtype)
{
	static const char *const names[] = {
		[MMBOX_MEMTYPE_UC] = "uncached", [MMBOX_MEMTYPE_WC] = "write-combining",
		[MMBOX_MEMTYPE_WT] = "write-through", [MMBOX_MEMTYPE_WP] = "write-protected",
		[MMBOX_MEMTYPE_WB] = "write-back", [MMBOX_MEMTYPE_UC_MINUS] = "uncached-minus",
	};

	return memtype < ARRAY_SIZE(names) && names[memtype] ? names[memtype] : "?";
}

const char *mmbox_page_state_name(unsigned int state)
{
	static const char *const names[] = {
		[MMBOX_WALK_ALLOCATED] = "allocated", [MMBOX_WALK_FREE] = "free",
		[MMBOX_WALK_PCP] = "pcp", [MMBOX_WALK_RESERVED] = "reserved",
	};

	return state < ARRAY_SIZE(names) && names[state] ? names[state] : "?";
}

const char *mmbox_area_kind_name(unsigned int kind)
{
	static const char *const names[] = {
		[MMBOX_AREA_OF_VMALLOC] = "vmalloc", [MMBOX_AREA_OF_VMAP] = "vmap",
		[MMBOX_AREA_OF_IOREMAP] = "ioremap", [MMBOX_AREA_OF_KMAP] = "kmap",
		[MMBOX_AREA_OF_GUARDED] = "guarded",
	};

	return kind < ARRAY_SIZE(names) && names[kind] ? names[kind] : "?";
}

static const struct {
	uint32_t flag;
	const char *name;
} flag_names[] = {
	{ MMBOX_ENTRY_BAD, "bad" },
	{ MMBOX_ENTRY_PROTNONE, "protnone" },
	{ MMBOX_ENTRY_OTHER, "other" },
	{ MMBOX_ENTRY_PRESENT, "present" },
	{ MMBOX_ENTRY_LEAF, "leaf" },
	{ MMBOX_ENTRY_WRITE, "write" },
	{ MMBOX_ENTRY_USER, "user" },
	{ MMBOX_ENTRY_NX, "nx" },
	{ MMBOX_ENTRY_ACCESSED, "accessed" },
	{ MMBOX_ENTRY_DIRTY, "dirty" },
	{ MMBOX_ENTRY_GLOBAL, "global" },
	{ MMBOX_ENTRY_PWT, "pwt" },
	{ MMBOX_ENTRY_PCD, "pcd" },
	{ MMBOX_ENTRY_PAT, "pat" },
};

void mmbox_entry_flags(uint32_t flags, char *text, size_t len)
{
	size_t used = 0;
	int n;

	snprintf(text, len, "none");
	for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++) {
		if (!(flags & flag_names[i].flag) || used >= len)
			continue;
		n = snprintf(text + used, len - used, "%s%s", used ? " " : "",
			     flag_names[i].name);
		used += (size_t)n;
	}
}
