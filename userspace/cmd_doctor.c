// SPDX-License-Identifier: GPL-2.0
/*
 * mmbox doctor: why does it not work? Everything that can be looked at without
 * being root is looked at, in the order in which things must be right.
 */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"
#include "term.h"

#define KEY_FILE_ONLY	0x100

static const struct argp_option options[] = {
	{ "file-only", KEY_FILE_ONLY, NULL, 0, "Look at the module's file and the running kernel, "
	  "not at what is loaded", 0 },
	{ 0 },
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct doctor *d = state->input;

	switch (key) {
	case KEY_FILE_ONLY:
		d->file_only = true;
		return 0;
	case ARGP_KEY_ARG:
		if (d->path)
			argp_error(state, "one file at most");
		d->path = arg;
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "[FILE]",
	.doc = "Find out why mmbox does not work: is the module loaded, is " MMBOX_DEVICE " there, "
	       "does mmbox.ko match the running kernel?"
	       "\vFILE is the module's file; unless told, it is looked for where modules are "
	       "installed and where they are built. No rights are needed. The exit status is 1 "
	       "if something is wrong.",
	.children = common_children,
};

static const struct column columns[] = {
	{ .key = "check", .type = COL_STR },
	{ .key = "status", .type = COL_STR },
	{ .key = "finding", .type = COL_STR },
	{ .key = "advice", .type = COL_STR },
};

static void print_finding(enum finding f, const char *what, const char *text, const char *advice)
{
	static const struct {
		const char *word;
		enum colour colour;
	} marks[] = {
		[FINE] = { "ok", GREEN }, [NOTE] = { "--", PLAIN },
		[WARN] = { "warn", YELLOW }, [WRONG] = { "FAIL", RED },
	};
	bool colour = term_has_colour(stdout) && f != NOTE;
	char *safe = safe_text(text);

	printf("%s%-4s%s  %-10s", term_colour(colour, marks[f].colour), marks[f].word,
	       term_colour(colour, PLAIN), what);
	term_hang(stdout, term_width(stdout), 16, safe);
	if (advice) {
		printf("%16s", "");
		fputs("=> ", stdout);
		term_hang(stdout, term_width(stdout), 19, advice);
	}
	free(safe);
}

void found(struct doctor *d, enum finding f, const char *what, const char *advice,
	   const char *fmt, ...)
{
	static const char *const words[] = { "ok", "note", "warning", "wrong" };
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->wrong |= f == WRONG;
	table_str(d->findings, what);
	table_str(d->findings, words[f]);
	table_str(d->findings, text);
	table_str(d->findings, advice ?: "");
	if (!d->common.json)
		print_finding(f, what, text, advice);
}

static void check_module(struct doctor *d)
{
	char state[32] = "";
	FILE *fp;

	d->loaded = !access("/sys/module/mmbox", F_OK);
	if (!d->loaded) {
		found(d, WRONG, "module", "Load it: insmod PATH/mmbox.ko, or make load in the source "
		      "tree", "the module is not loaded");
		fp = fopen("/proc/sys/kernel/modules_disabled", "re");
		if (fp && fgetc(fp) == '1')
			found(d, WRONG, "module", "Only a reboot changes this",
			      "this kernel loads no modules any more (kernel.modules_disabled)");
		if (fp)
			fclose(fp);
		return;
	}
	/* A module built into the kernel has no such file, and is always live. */
	fp = fopen("/sys/module/mmbox/initstate", "re");
	if (fp && fscanf(fp, "%31s", state) == 1 && strcmp(state, "live"))
		found(d, WRONG, "module", "Wait, then look into dmesg", "the module is %s", state);
	else
		found(d, FINE, "module", NULL, "the module is loaded");
	if (fp)
		fclose(fp);
}

static void check_abi(struct doctor *d, int fd)
{
	struct mmbox_ioc_info info;
	int err = mmbox_info(fd, &info);

	if (err)
		found(d, WRONG, "device", "Load the module that belongs to this tool",
		      MMBOX_DEVICE " does not answer: %s", strerror(-err));
	else if (info.abi_version != MMBOX_ABI_VERSION)
		found(d, WRONG, "device", "Build module and tool from the same sources",
		      "the module %s speaks version %u of the interface, this tool %s version %u",
		      info.release, info.abi_version, MMBOX_RELEASE, MMBOX_ABI_VERSION);
	else
		found(d, FINE, "device", NULL, MMBOX_DEVICE " answers: release %s, interface %u, "
		      "largest order %u", info.release, info.abi_version, info.max_order);
}

static void check_device(struct doctor *d)
{
	struct stat st;
	int fd;

	if (stat(MMBOX_DEVICE, &st)) {
		found(d, WRONG, "device", d->loaded ?
		      "Is /dev a devtmpfs, or does udev run? See: grep mmbox /proc/misc" :
		      "It comes with the module", MMBOX_DEVICE ": %s", strerror(errno));
		return;
	}
	if (!S_ISCHR(st.st_mode)) {
		found(d, WRONG, "device", "Remove it, and load the module again",
		      MMBOX_DEVICE " is no character device");
		return;
	}
	fd = mmbox_open(NULL);
	if (fd == -EACCES || fd == -EPERM) {
		found(d, WARN, "device", "Try: sudo mmbox ...", MMBOX_DEVICE " is there, but this "
		      "user may not open it (mode %04o, owner %u)", st.st_mode & 07777, st.st_uid);
		return;
	}
	if (fd < 0) {
		found(d, WRONG, "device", "A node left over from an earlier module? Remove it, and "
		      "load the module again", MMBOX_DEVICE " cannot be opened: %s",
		      strerror(-fd));
		return;
	}
	check_abi(d, fd);
	mmbox_close(fd);
}

static void check_boxes(struct doctor *d)
{
	struct mmbox_names names;
	int err = mmbox_boxes(&names);

	if (err)
		found(d, d->loaded ? WRONG : NOTE, "boxes", d->loaded ? "Look into dmesg" : NULL,
		      "there is no " MMBOX_PROC_ROOT);
	else if (!names.nr)
		found(d, WARN, "boxes", "Create one: mmbox create box0 normal=16M",
		      "there is no box");
	else
		found(d, FINE, "boxes", NULL, "%zu box%s, the first is %s", names.nr,
		      names.nr == 1 ? "" : "es", names.name[0]);
	mmbox_names_release(&names);
}

static int finish(struct doctor *d)
{
	struct json_object *top;

	if (d->common.json) {
		top = json_object_new_object();
		json_object_object_add(top, "findings", table_json(d->findings));
		json_object_object_add(top, "ok", json_object_new_boolean(!d->wrong));
		print_json(top);
	} else {
		puts(d->wrong ? "\nSomething is wrong: see the lines marked FAIL." :
		     "\nNothing is wrong. Go on with: mmbox tour");
	}
	table_free(d->findings);
	return d->wrong ? EXIT_FAILED : EXIT_OK;
}

int cmd_doctor(int argc, char **argv)
{
	struct doctor d = { 0 };

	parse_args(&argp, argc, argv, &d.common);
	d.findings = table_new("findings", columns, sizeof(columns) / sizeof(*columns));
	running_read(&d.kernel);
	found(&d, NOTE, "kernel", NULL, "%s on %s%s", d.kernel.release, d.kernel.machine,
	      d.kernel.smp == YES ? ", SMP" : "");
	if (!d.file_only) {
		check_module(&d);
		check_device(&d);
		check_boxes(&d);
	}
	doctor_check_file(&d);
	return finish(&d);
}
