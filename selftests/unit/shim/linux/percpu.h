/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_PERCPU_H
#define SHIM_LINUX_PERCPU_H

#include <stdlib.h>

#include <linux/compiler.h>
#include <linux/cpumask.h>
#include <linux/string.h>
#include <linux/types.h>

/* One stretch for each CPU; the pointer is CPU 0's. */
#define alloc_percpu(type)						\
({									\
	expect(sizeof(type) <= HOST_PERCPU_SIZE, "too large a type");	\
	(type *)calloc(HOST_CPUS, HOST_PERCPU_SIZE);			\
})

#define free_percpu(ptr)	free(ptr)

#define per_cpu_ptr(ptr, cpu)						\
	((__typeof__(ptr))((char *)(ptr) + (cpu) * HOST_PERCPU_SIZE))

#define this_cpu_ptr(ptr)						\
({									\
	expect(host_preempt_is_off(),					\
	       "%s is found with preemption on", #ptr);			\
	per_cpu_ptr(ptr, host_cpu());					\
})

/* Whatever CPU this is: no need of preemption being off. */
#define this_cpu_add(lvalue, nr)					\
	(*per_cpu_ptr(&(lvalue), host_cpu()) += (nr))
#define this_cpu_inc(lvalue)	this_cpu_add(lvalue, 1)

#define this_cpu_dec(lvalue)	this_cpu_add(lvalue, -1)
#define this_cpu_sub(lvalue, nr)	this_cpu_add(lvalue, -(nr))
#define this_cpu_add_return(lvalue, nr)	this_cpu_add(lvalue, nr)
#define this_cpu_read(lvalue)	(*per_cpu_ptr(&(lvalue), host_cpu()))
#define this_cpu_inc_return(lvalue)	this_cpu_add(lvalue, 1)
#define raw_cpu_ptr(ptr)	this_cpu_ptr(ptr)
#define raw_cpu_read(lvalue)	(*this_cpu_ptr(&(lvalue)))
#define raw_cpu_write(lvalue, value)	(*this_cpu_ptr(&(lvalue)) = (value))
#define raw_cpu_inc(lvalue)	((void)(*this_cpu_ptr(&(lvalue)))++)

/* Another name for the first bytes of its stretches. */
#define DECLARE_PER_CPU(type, name)	extern type name
#define DEFINE_PER_CPU(type, name)					\
	char name##_of_cpus[HOST_CPUS][HOST_PERCPU_SIZE]		\
		__attribute__((aligned(64)));				\
	extern type name __attribute__((alias(#name "_of_cpus")))

#endif /* SHIM_LINUX_PERCPU_H */
