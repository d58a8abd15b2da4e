/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

#include <linux/compiler.h>
#include <linux/types.h>

/* Whether *@ptr was *@old, and is @new now; else *@old becomes what it is. */
#define try_cmpxchg(ptr, old, new)					\
({									\
	bool done_;							\
									\
	host_step();							\
	done_ = __atomic_compare_exchange_n((ptr), (old), (new), false,	\
					    __ATOMIC_SEQ_CST,		\
					    __ATOMIC_SEQ_CST);		\
	host_step();							\
	done_;								\
})

/* Returns what was there: the old value means that the new one is now. */
#define cmpxchg(ptr, old, new)						\
({									\
	__typeof__(*(ptr)) was_ = (old);				\
									\
	try_cmpxchg((ptr), &was_, (new));				\
	was_;								\
})

#define smp_store_release(ptr, value)					\
do {									\
	__atomic_store_n((ptr), (value), __ATOMIC_RELEASE);		\
	host_step();							\
} while (0)

#define smp_load_acquire(ptr)	__atomic_load_n(ptr, __ATOMIC_ACQUIRE)

#define smp_rmb()	__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()	__atomic_thread_fence(__ATOMIC_RELEASE)

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	long counter;
} atomic_long_t;

typedef struct {
	long long counter;
} atomic64_t;

#define atomic_read(v)		READ_ONCE((v)->counter)
#define atomic_set(v, i)	WRITE_ONCE((v)->counter, i)
#define atomic_inc_return(v)	__atomic_add_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST)
#define atomic_inc(v)		((void)atomic_inc_return(v))

#define atomic_read_acquire(v)	__atomic_load_n(&(v)->counter, __ATOMIC_ACQUIRE)
#define atomic_set_release(v, i) \
	__atomic_store_n(&(v)->counter, i, __ATOMIC_RELEASE)
#define atomic_try_cmpxchg(v, old, new)					\
	__atomic_compare_exchange_n(&(v)->counter, old, new, false,	\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

#define atomic_long_read(v)		atomic_read(v)
#define atomic_long_set(v, i)		atomic_set(v, i)
#define atomic_long_inc(v)		atomic_inc(v)
#define atomic_long_inc_return(v)	atomic_inc_return(v)
#define atomic64_read(v)		atomic_read(v)
#define atomic64_inc(v)			atomic_inc(v)
#define atomic64_inc_return(v)		atomic_inc_return(v)

#endif /* SHIM_LINUX_ATOMIC_H */
