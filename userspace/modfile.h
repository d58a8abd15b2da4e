/* SPDX-License-Identifier: GPL-2.0 */
/* A module's file: what it is, and whether a kernel would take it. */
#ifndef MMBOX_MODFILE_H
#define MMBOX_MODFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct modfile - what a .ko file says of itself
 * @size:	 bytes in the file
 * @machine:	 ELF machine
 * @bits:	 32 or 64
 * @name:	 from .modinfo, as are the following; "" where it says nothing
 * @text:	 bytes of code, in sections that stay in memory
 * @data:	 bytes of data, zeroed data included, likewise
 * @init:	 bytes that are dropped after loading
 * @nr_sections: ELF sections
 * @has_crcs:	 it has versions of the symbols that it uses
 * @has_btf:	 it has type information for BPF and tracing
 * @has_debug:	 it has debugging information, which the kernel never loads
 * @is_signed:	 a signature is appended
 */
struct modfile {
	uint64_t size;
	unsigned int machine;
	unsigned int bits;
	char name[64];
	char vermagic[256];
	char version[64];
	char license[64];
	char depends[256];
	char srcversion[64];
	uint64_t text;
	uint64_t data;
	uint64_t init;
	size_t nr_sections;
	bool has_crcs;
	bool has_btf;
	bool has_debug;
	bool is_signed;
};

enum modfile_flaw {
	MODFILE_OK,
	MODFILE_COMPRESSED,
	MODFILE_EMPTY,
	MODFILE_NOT_ELF,
	MODFILE_TRUNCATED,
	MODFILE_NOT_RELOCATABLE,
	MODFILE_NOT_MODULE,
};

/*
 * Read a module's file. Returns an enum modfile_flaw, or -errno if it cannot be
 * read; what was found before the flaw is in @m.
 */
int modfile_read(const char *path, struct modfile *m);

const char *modfile_flaw_text(int flaw);

/* Name of an ELF machine; NULL for one that mmbox has not heard of. */
const char *modfile_machine_name(unsigned int machine, unsigned int bits);
/* Whether a kernel whose uname calls its machine so runs that code. */
bool modfile_machine_fits(unsigned int machine, unsigned int bits, const char *uname_machine);

#endif /* MMBOX_MODFILE_H */
