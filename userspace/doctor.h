/* SPDX-License-Identifier: GPL-2.0 */
/* What the doctor's checks report to. */
#ifndef MMBOX_DOCTOR_H
#define MMBOX_DOCTOR_H

#include "cli.h"
#include "output.h"
#include "vermagic.h"

enum finding { FINE, NOTE, WARN, WRONG };

struct doctor {
	struct common common;
	const char *path;	/* of mmbox.ko, or NULL: look for it */
	bool file_only;
	struct running kernel;
	bool loaded;
	bool wrong;
	struct table *findings;
};

/* Add a finding: about @what, in words, and what to do (or NULL). */
void found(struct doctor *d, enum finding f, const char *what, const char *advice,
	   const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* doctor_file.c: find mmbox.ko, look at it, compare it with the kernel. */
void doctor_check_file(struct doctor *d);

#endif /* MMBOX_DOCTOR_H */
