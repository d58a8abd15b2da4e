/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BUILD_BUG_H
#define SHIM_LINUX_BUILD_BUG_H

/* The message is optional here, and it is not in C11. */
#undef static_assert
#define static_assert(expr, ...) _Static_assert(expr, #expr)

#endif /* SHIM_LINUX_BUILD_BUG_H */
