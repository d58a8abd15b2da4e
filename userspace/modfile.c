// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a .ko with libelf. The file may be anything at all: every offset is
 * checked against its size before libelf is asked for what is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "modfile.h"

#define SIGNATURE	"~Module signature appended~\n"

static const struct {
	unsigned int machine;
	unsigned int bits;
	const char *name;	/* as uname has it */
	const char *like;	/* another prefix that uname uses */
} machines[] = {
	{ EM_X86_64, 64, "x86_64", NULL },
	{ EM_386, 32, "i686", "i" },
	{ EM_AARCH64, 64, "aarch64", NULL },
	{ EM_ARM, 32, "arm", "armv" },
	{ EM_RISCV, 64, "riscv64", NULL },
	{ EM_RISCV, 32, "riscv32", NULL },
	{ EM_PPC64, 64, "ppc64", NULL },
	{ EM_S390, 64, "s390x", NULL },
	{ 258, 64, "loongarch64", NULL },
	{ EM_MIPS, 64, "mips64", NULL },
	{ EM_MIPS, 32, "mips", NULL },
};

#define NR_MACHINES	(sizeof(machines) / sizeof(*machines))

const char *modfile_machine_name(unsigned int machine, unsigned int bits)
{
	for (size_t i = 0; i < NR_MACHINES; i++) {
		if (machines[i].machine == machine && machines[i].bits == bits)
			return machines[i].name;
	}
	return NULL;
}

bool modfile_machine_fits(unsigned int machine, unsigned int bits, const char *uname_machine)
{
	for (size_t i = 0; i < NR_MACHINES; i++) {
		const char *like = machines[i].like ?: machines[i].name;

		if (machines[i].machine == machine && machines[i].bits == bits)
			return !strncmp(uname_machine, like, strlen(like));
	}
	/* Never heard of: whoever has such a machine knows better. */
	return true;
}

const char *modfile_flaw_text(int flaw)
{
	switch (flaw) {
	case MODFILE_OK:
		return "it is a kernel module";
	case MODFILE_COMPRESSED:
		return "it is compressed";
	case MODFILE_EMPTY:
		return "it is empty";
	case MODFILE_NOT_ELF:
		return "it is not an ELF file, so it is no kernel module";
	case MODFILE_TRUNCATED:
		return "it is cut off: parts of it lie beyond its end";
	case MODFILE_NOT_RELOCATABLE:
		return "it is a program or a library, not a kernel module";
	case MODFILE_NOT_MODULE:
		return "it is an object file, but not a kernel module: it has no vermagic, or no "
		       "section .gnu.linkonce.this_module";
	default:
		return flaw < 0 ? strerror(-flaw) : "it is damaged";
	}
}

/* A kernel may load compressed modules itself, but nothing can be read here. */
static bool is_compressed(const unsigned char *magic)
{
	return !memcmp(magic, "\xfd\67zXZ", 5) || !memcmp(magic, "\x1f\x8b", 2) ||
	       !memcmp(magic, "\x28\xb5\x2f\xfd", 4);
}

static void put_info(struct modfile *m, const char *key, size_t key_len, const char *value)
{
	const struct {
		const char *key;
		char *to;
		size_t len;
	} fields[] = {
		{ "name", m->name, sizeof(m->name) },
		{ "vermagic", m->vermagic, sizeof(m->vermagic) },
		{ "version", m->version, sizeof(m->version) },
		{ "license", m->license, sizeof(m->license) },
		{ "depends", m->depends, sizeof(m->depends) },
		{ "srcversion", m->srcversion, sizeof(m->srcversion) },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (strlen(fields[i].key) == key_len && !strncmp(fields[i].key, key, key_len))
			snprintf(fields[i].to, fields[i].len, "%s", value);
	}
}

/* .modinfo is a row of "key=value" strings, each with its NUL. */
static void read_modinfo(struct modfile *m, const char *p, size_t len)
{
	const char *end = p + len, *eq;
	size_t n;

	while (p < end) {
		n = strnlen(p, (size_t)(end - p));
		if (p + n == end)
			return;
		eq = memchr(p, '=', n);
		if (eq)
			put_info(m, p, (size_t)(eq - p), eq + 1);
		p += n + 1;
	}
}

/* What a section adds to the memory that the module takes. */
static void count_section(struct modfile *m, const GElf_Shdr *sh, const char *name)
{
	if (!(sh->sh_flags & SHF_ALLOC))
		return;
	if (!strncmp(name, ".init", 5))
		m->init += sh->sh_size;
	else if (sh->sh_flags & SHF_EXECINSTR)
		m->text += sh->sh_size;
	else
		m->data += sh->sh_size;
}

static bool within(uint64_t offset, uint64_t len, uint64_t size)
{
	return offset <= size && len <= size - offset;
}

static int read_section(struct modfile *m, Elf *elf, Elf_Scn *scn, size_t strings, bool *linkonce)
{
	const char *name;
	Elf_Data *data;
	GElf_Shdr sh;

	if (!gelf_getshdr(scn, &sh))
		return MODFILE_TRUNCATED;
	if (sh.sh_type != SHT_NOBITS && !within(sh.sh_offset, sh.sh_size, m->size))
		return MODFILE_TRUNCATED;
	name = elf_strptr(elf, strings, sh.sh_name);
	if (!name)
		return MODFILE_TRUNCATED;
	count_section(m, &sh, name);
	if (!strcmp(name, ".gnu.linkonce.this_module"))
		*linkonce = true;
	/* Releases from 6.14 on may have the longer names in a section beside. */
	if (!strcmp(name, "__versions") || !strcmp(name, "__version_ext_crcs"))
		m->has_crcs = true;
	if (!strcmp(name, ".BTF"))
		m->has_btf = true;
	if (!strcmp(name, ".debug_info"))
		m->has_debug = true;
	if (!strcmp(name, ".modinfo") && sh.sh_type != SHT_NOBITS) {
		data = elf_rawdata(scn, NULL);
		if (data && data->d_buf)
			read_modinfo(m, data->d_buf, data->d_size);
	}
	return MODFILE_OK;
}

static int read_sections(struct modfile *m, Elf *elf)
{
	size_t strings, nr;
	bool linkonce = false;
	Elf_Scn *scn = NULL;
	int flaw;

	if (elf_getshdrnum(elf, &nr) || elf_getshdrstrndx(elf, &strings))
		return MODFILE_TRUNCATED;
	m->nr_sections = nr;
	while ((scn = elf_nextscn(elf, scn))) {
		flaw = read_section(m, elf, scn, strings, &linkonce);
		if (flaw)
			return flaw;
	}
	/* vermagic ends in a blank, which nobody wants to see in a message. */
	m->vermagic[strcspn(m->vermagic, "\n")] = '\0';
	while (*m->vermagic && m->vermagic[strlen(m->vermagic) - 1] == ' ')
		m->vermagic[strlen(m->vermagic) - 1] = '\0';
	return linkonce && *m->vermagic ? MODFILE_OK : MODFILE_NOT_MODULE;
}

static int read_elf(struct modfile *m, int fd)
{
	int flaw = MODFILE_NOT_ELF;
	GElf_Ehdr eh;
	Elf *elf;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return -ENOTSUP;
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF)
		goto out;
	flaw = MODFILE_TRUNCATED;
	if (!gelf_getehdr(elf, &eh))
		goto out;
	m->machine = eh.e_machine;
	m->bits = gelf_getclass(elf) == ELFCLASS64 ? 64 : 32;
	flaw = MODFILE_NOT_RELOCATABLE;
	if (eh.e_type != ET_REL)
		goto out;
	flaw = MODFILE_TRUNCATED;
	if (!eh.e_shoff || !within(eh.e_shoff, (uint64_t)eh.e_shnum * eh.e_shentsize, m->size))
		goto out;
	flaw = read_sections(m, elf);
out:
	elf_end(elf);
	return flaw;
}

static bool has_signature(int fd, uint64_t size)
{
	char tail[sizeof(SIGNATURE) - 1];

	return size > sizeof(tail) &&
	       pread(fd, tail, sizeof(tail), (off_t)(size - sizeof(tail))) == sizeof(tail) &&
	       !memcmp(tail, SIGNATURE, sizeof(tail));
}

int modfile_read(const char *path, struct modfile *m)
{
	unsigned char magic[6] = { 0 };
	struct stat st;
	int fd, flaw;

	memset(m, 0, sizeof(*m));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		flaw = -errno;
	} else if (!S_ISREG(st.st_mode)) {
		flaw = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	} else if (!st.st_size) {
		flaw = MODFILE_EMPTY;
	} else {
		m->size = (uint64_t)st.st_size;
		m->is_signed = has_signature(fd, m->size);
		if (pread(fd, magic, sizeof(magic), 0) > 0 && is_compressed(magic))
			flaw = MODFILE_COMPRESSED;
		else
			flaw = read_elf(m, fd);
	}
	close(fd);
	return flaw;
}
