/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_LOCKDEP_H
#define SHIM_LINUX_LOCKDEP_H

#include <unit_fail.h>

#define lockdep_is_held(lock)	((lock)->held)
#define lockdep_assert_held(lock) \
	expect((lock)->held, "%s is not held", #lock)

#endif /* SHIM_LINUX_LOCKDEP_H */
