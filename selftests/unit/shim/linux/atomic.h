/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

#include <linux/compiler.h>
#include <linux/types.h>

/* Returns what was there: the old value means that the new one is now. */
#define cmpxchg(ptr, old, new)						\
({									\
	__typeof__(*(ptr)) was_ = (old);				\
									\
	__atomic_compare_exchange_n((ptr), &was_, (new), false,		\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);\
	was_;								\
})

#define smp_store_release(ptr, value)					\
	__atomic_store_n((ptr), (value), __ATOMIC_RELEASE)

#endif /* SHIM_LINUX_ATOMIC_H */
