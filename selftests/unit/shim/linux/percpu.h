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

#endif /* SHIM_LINUX_PERCPU_H */
