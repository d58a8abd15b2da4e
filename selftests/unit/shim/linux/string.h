/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_STRING_H
#define SHIM_LINUX_STRING_H

#include <stdio.h>
#include <string.h>

#define strscpy(to, from, size)		snprintf(to, size, "%s", from)
#define strscpy_pad(to, from, size)	strncpy(to, from, size)

#endif /* SHIM_LINUX_STRING_H */
