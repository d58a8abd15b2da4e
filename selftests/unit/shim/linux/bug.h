/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BUG_H
#define SHIM_LINUX_BUG_H

#include <linux/types.h>

#include <unit_fail.h>

/* What the kernel would warn of ends the test. */
static inline bool shim_warn(bool condition)
{
	expect(!condition, "a warning");
	return condition;
}

#define WARN_ON_ONCE(condition)	shim_warn(condition)

#endif /* SHIM_LINUX_BUG_H */
