// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "modfile.h"
#include "vermagic.h"

/* A word of vermagic, and what its presence means. */
static const struct word {
	const char *word;
	const char *what;
	size_t known;	/* offset in struct running */
} words[] = {
	{ "SMP", "several processors (SMP)", offsetof(struct running, smp) },
	{ "preempt", "a preemptible kernel (PREEMPT)", offsetof(struct running, preempt) },
	{ "preempt_rt", "real time (PREEMPT_RT)", offsetof(struct running, preempt_rt) },
	{ "mod_unload", "unloading modules (MODULE_UNLOAD)",
	  offsetof(struct running, mod_unload) },
	{ "modversions", "versions of symbols (MODVERSIONS)",
	  offsetof(struct running, modversions) },
};

#define NR_WORDS	(sizeof(words) / sizeof(*words))

/* Whether @list, words between blanks, has @word after its first one. */
static bool has_word(const char *list, const char *word, size_t len)
{
	const char *p = list + strcspn(list, " ");
	size_t n;

	while (*(p += strspn(p, " "))) {
		n = strcspn(p, " ");
		if (n == len && !strncmp(p, word, n))
			return true;
		p += n;
	}
	return false;
}

static const struct word *find_word(const char *text, size_t len)
{
	for (size_t i = 0; i < NR_WORDS; i++) {
		if (strlen(words[i].word) == len && !strncmp(words[i].word, text, len))
			return &words[i];
	}
	return NULL;
}

static enum known kernel_has(const struct running *k, const struct word *w)
{
	if (*k->vermagic)
		return has_word(k->vermagic, w->word, strlen(w->word)) ? YES : NO;
	return *(const enum known *)((const char *)k + w->known);
}

/* Words of @a that are neither explained above nor in @b. */
static size_t other_words(const char *a, const char *b, const char *text,
			  void (*tell)(void *arg, const char *text), void *arg)
{
	const char *p = a + strcspn(a, " ");
	char buf[384];
	size_t n, found = 0;

	while (*(p += strspn(p, " "))) {
		n = strcspn(p, " ");
		if (!find_word(p, n) && !has_word(b, p, n)) {
			snprintf(buf, sizeof(buf), "%s: %.*s", text, (int)n, p);
			tell(arg, buf);
			found++;
		}
		p += n;
	}
	return found;
}

size_t vermagic_compare(const char *module, const struct running *k,
			void (*tell)(void *arg, const char *text), void *arg)
{
	size_t len = strcspn(module, " "), differences = 0;
	char text[512];

	if (strlen(k->release) != len || strncmp(module, k->release, len)) {
		snprintf(text, sizeof(text), "it was built for kernel %.*s, but %s is running",
			 (int)len, module, k->release);
		tell(arg, text);
		differences++;
	}
	for (size_t i = 0; i < NR_WORDS; i++) {
		bool has = has_word(module, words[i].word, strlen(words[i].word));
		enum known kernel = kernel_has(k, &words[i]);

		if (kernel == UNKNOWN || kernel == (has ? YES : NO))
			continue;
		snprintf(text, sizeof(text), "it was built %s %s, but the running kernel is %s",
			 has ? "for" : "without", words[i].what, has ? "without" : "with it");
		tell(arg, text);
		differences++;
	}
	if (!*k->vermagic)
		return differences;
	differences += other_words(module, k->vermagic,
				   "it has what the running kernel has not", tell, arg);
	differences += other_words(k->vermagic, module,
				   "it lacks what the running kernel has", tell, arg);
	return differences;
}

void running_from_version(struct running *k, const char *version)
{
	const char *preempt = strstr(version, " PREEMPT");

	k->smp = strstr(version, " SMP") ? YES : NO;
	/*
	 * Real time shows here in any case, but in vermagic only where the
	 * kernel was not made preemptible by other means.
	 */
	if (preempt && !strncmp(preempt, " PREEMPT_RT", 11)) {
		k->preempt = UNKNOWN;
		k->preempt_rt = UNKNOWN;
	} else {
		k->preempt = preempt ? YES : NO;
		k->preempt_rt = NO;
	}
}

void running_from_config(struct running *k, const char *line)
{
	static const struct {
		const char *option;
		size_t known;
	} options[] = {
		{ "CONFIG_SMP", offsetof(struct running, smp) },
		{ "CONFIG_PREEMPT_BUILD", offsetof(struct running, preempt) },
		{ "CONFIG_MODULE_UNLOAD", offsetof(struct running, mod_unload) },
		{ "CONFIG_MODVERSIONS", offsetof(struct running, modversions) },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		size_t len = strlen(options[i].option);
		enum known *known = (enum known *)((char *)k + options[i].known);

		if (!strncmp(line, options[i].option, len) && !strncmp(line + len, "=y", 2))
			*known = YES;
		if (!strncmp(line, "# ", 2) && !strncmp(line + 2, options[i].option, len) &&
		    !strncmp(line + 2 + len, " is not set", 11))
			*known = NO;
	}
}

static void read_config(struct running *k)
{
	char path[256], line[512];
	FILE *fp;

	snprintf(path, sizeof(path), "/boot/config-%s", k->release);
	fp = fopen(path, "re");
	if (!fp)
		return;
	while (fgets(line, sizeof(line), fp))
		running_from_config(k, line);
	fclose(fp);
}

/* Any module that came with the kernel tells exactly what it wants. */
static bool read_some_module(struct running *k, const char *dir, unsigned int depth)
{
	struct modfile m;
	struct dirent *e;
	char path[1024];
	bool found = false;
	DIR *d = opendir(dir);

	if (!d)
		return false;
	while (!found && (e = readdir(d))) {
		size_t len = strlen(e->d_name);

		if (e->d_name[0] == '.' ||
		    (size_t)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name) >= sizeof(path))
			continue;
		if (len <= 3 || strcmp(e->d_name + len - 3, ".ko")) {
			/* What is no folder cannot be opened as one. */
			found = depth && read_some_module(k, path, depth - 1);
		} else if (modfile_read(path, &m) == MODFILE_OK) {
			snprintf(k->vermagic, sizeof(k->vermagic), "%s", m.vermagic);
			found = true;
		}
	}
	closedir(d);
	return found;
}

void running_read(struct running *k)
{
	struct utsname u;
	char dir[256];

	memset(k, 0, sizeof(*k));
	k->mod_unload = UNKNOWN;
	k->modversions = UNKNOWN;
	if (uname(&u))
		return;
	snprintf(k->release, sizeof(k->release), "%s", u.release);
	snprintf(k->machine, sizeof(k->machine), "%s", u.machine);
	running_from_version(k, u.version);
	read_config(k);
	snprintf(dir, sizeof(dir), "/lib/modules/%s/kernel", k->release);
	read_some_module(k, dir, 5);
}
