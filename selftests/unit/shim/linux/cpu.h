/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_CPU_H
#define SHIM_LINUX_CPU_H

#include <linux/cpumask.h>

/* CPUs of the simulated host come and go between two calls only. */
#define cpus_read_lock()	host_might_sleep()
#define cpus_read_unlock()	do { } while (0)

#endif /* SHIM_LINUX_CPU_H */
