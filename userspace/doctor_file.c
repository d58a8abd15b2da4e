// SPDX-License-Identifier: GPL-2.0
/* The doctor looks at mmbox.ko. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "modfile.h"

#define REBUILD	"Build it for this kernel: make modules"

/* Put together the n-th usual place; false after the last. */
static bool usual_place(unsigned int n, const char *release, char *path, size_t len)
{
	static const char *const below_modules[] = {
		"extra", "updates", "updates/dkms", "misc", "kernel/mm", "kernel/extra",
	};
	static const char *const others[] = {
		"module/mmbox.ko", "mmbox.ko", "/lib/mmbox/mmbox.ko",
	};
	const unsigned int nr = sizeof(below_modules) / sizeof(*below_modules);
	char *slash;
	ssize_t got;

	if (n < nr) {
		snprintf(path, len, "/lib/modules/%s/%s/mmbox.ko", release, below_modules[n]);
		return true;
	}
	n -= nr;
	if (n < sizeof(others) / sizeof(*others)) {
		snprintf(path, len, "%s", others[n]);
		return true;
	}
	if (n > sizeof(others) / sizeof(*others))
		return false;
	/* In the source tree the tool is a neighbour of the module. */
	got = readlink("/proc/self/exe", path, len);
	if (got <= 0 || (size_t)got >= len)
		return false;
	path[got] = '\0';
	slash = strrchr(path, '/');
	if (!slash || (size_t)(slash - path) + sizeof("/../module/mmbox.ko") > len)
		return false;
	strcpy(slash, "/../module/mmbox.ko");
	return true;
}

static bool find_file(const char *release, char *path, size_t len)
{
	for (unsigned int n = 0; usual_place(n, release, path, len); n++) {
		if (!access(path, F_OK))
			return true;
	}
	return false;
}

static void tell_difference(void *arg, const char *text)
{
	found(arg, WRONG, "vermagic", REBUILD, "%s", text);
}

static void compare_kernel(struct doctor *d, const struct modfile *m)
{
	const char *name = modfile_machine_name(m->machine, m->bits);

	if (!modfile_machine_fits(m->machine, m->bits, d->kernel.machine)) {
		found(d, WRONG, "machine", REBUILD, "it is code for %s (%u bits), but this is %s",
		      name ?: "another machine", m->bits, d->kernel.machine);
		return;
	}
	if (!vermagic_compare(m->vermagic, &d->kernel, tell_difference, d))
		found(d, FINE, "vermagic", NULL, "it was built for the running kernel (%s)",
		      m->vermagic);
	else
		found(d, NOTE, "vermagic", NULL, "it says \"%s\"", m->vermagic);
}

static bool read_word(const char *path, char *word, size_t len)
{
	FILE *fp = fopen(path, "re");
	bool ok;

	if (!fp)
		return false;
	ok = fgets(word, (int)len, fp);
	fclose(fp);
	if (ok)
		word[strcspn(word, "\n")] = '\0';
	return ok;
}

/* The one that is loaded may have come from another file. */
static void compare_loaded(struct doctor *d, const struct modfile *m)
{
	char loaded[64];

	if (!d->loaded || !*m->srcversion ||
	    !read_word("/sys/module/mmbox/srcversion", loaded, sizeof(loaded)))
		return;
	if (strcmp(loaded, m->srcversion))
		found(d, WARN, "loaded", "To use this file: rmmod mmbox, then insmod it",
		      "the loaded module was built from other sources than this file");
	else
		found(d, FINE, "loaded", NULL, "the loaded module was built from the same sources");
}

static void check_signature(struct doctor *d, const struct modfile *m)
{
	char enforce[8] = "", lockdown[64] = "";

	read_word("/sys/module/module/parameters/sig_enforce", enforce, sizeof(enforce));
	read_word("/sys/kernel/security/lockdown", lockdown, sizeof(lockdown));
	if (m->is_signed)
		found(d, NOTE, "signature", NULL, "it is signed");
	else if (*enforce == 'Y' || (*lockdown && !strstr(lockdown, "[none]")))
		found(d, WRONG, "signature", "Sign it with a key that the kernel trusts, or turn "
		      "Secure Boot off", "it is not signed, and this kernel takes only signed "
		      "modules");
}

static void describe(struct doctor *d, const struct modfile *m)
{
	if (strcmp(m->name, "mmbox"))
		found(d, WRONG, "name", "Give the path of mmbox.ko", "it is the module '%s'",
		      m->name);
	found(d, NOTE, "contents", NULL, "release %s, license %s, %s%s%s", *m->version ?
	      m->version : "unknown", *m->license ? m->license : "none",
	      *m->depends ? "needs the modules " : "needs no other module", m->depends,
	      m->has_crcs ? ", has symbol versions" : "");
	found(d, NOTE, "sections", NULL, "%zu sections; in memory %llu bytes of code, %llu of data, "
	      "and %llu that are dropped after loading%s%s", m->nr_sections,
	      (unsigned long long)m->text, (unsigned long long)m->data,
	      (unsigned long long)m->init, m->has_btf ? "; with BTF" : "; without BTF",
	      m->has_debug ? "; with debugging information, which is not loaded" : "");
	if (strncmp(m->license, "GPL", 3) && strcmp(m->license, "Dual MIT/GPL"))
		found(d, WRONG, "license", REBUILD, "its license '%s' gives it no access to GPL "
		      "symbols", m->license);
}

static const char *flaw_advice(int flaw)
{
	switch (flaw) {
	case MODFILE_COMPRESSED:
		return "Unpack it (unxz -k, gunzip -k, unzstd), then: mmbox doctor FILE";
	case -ENOENT:
	case MODFILE_NOT_RELOCATABLE:
	case MODFILE_NOT_ELF:
	case -EISDIR:
	case -EINVAL:
		return "Give the path of mmbox.ko";
	case -EACCES:
		return "Try: sudo mmbox doctor";
	default:
		return "Copy or build it again: make modules";
	}
}

void doctor_check_file(struct doctor *d)
{
	char place[4096];
	struct modfile m;
	int flaw;

	if (!d->path) {
		if (!find_file(d->kernel.release, place, sizeof(place))) {
			/* A module that is loaded needs its file no more. */
			found(d, d->loaded ? NOTE : WRONG, "file", d->loaded ? NULL :
			      "Build it with 'make modules', or: mmbox doctor FILE",
			      "there is no mmbox.ko in the usual places");
			return;
		}
		d->path = place;
	}
	flaw = modfile_read(d->path, &m);
	if (flaw) {
		found(d, flaw == MODFILE_COMPRESSED ? WARN : WRONG, "file", flaw_advice(flaw),
		      "%s (%llu bytes): %s", d->path, (unsigned long long)m.size,
		      modfile_flaw_text(flaw));
		if (flaw == MODFILE_TRUNCATED && *m.vermagic)
			found(d, NOTE, "vermagic", NULL, "it says \"%s\"", m.vermagic);
	} else {
		found(d, FINE, "file", NULL, "%s, %llu bytes: %s", d->path,
		      (unsigned long long)m.size, modfile_flaw_text(flaw));
		describe(d, &m);
		compare_kernel(d, &m);
		compare_loaded(d, &m);
		check_signature(d, &m);
	}
	if (d->path == place)
		d->path = NULL;
}
