/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_CPUMASK_H
#define SHIM_LINUX_CPUMASK_H

#include <host.h>

#define for_each_possible_cpu(cpu) \
	for ((cpu) = 0; (unsigned int)(cpu) < HOST_CPUS; (cpu)++)
#define for_each_online_cpu(cpu)	\
	for_each_possible_cpu(cpu)	\
		if (host_cpu_is_online(cpu))
#define cpu_online(cpu)		host_cpu_is_online(cpu)
#define num_possible_cpus()	((unsigned int)HOST_CPUS)

#endif /* SHIM_LINUX_CPUMASK_H */
