/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_PREEMPT_H
#define SHIM_LINUX_PREEMPT_H

#include <host.h>

#define preempt_disable()	host_preempt_disable()
#define preempt_enable()	host_preempt_enable()
#define in_hardirq()		host_in_interrupt()
#define in_serving_softirq()	false
#define in_task()		(!host_in_interrupt())

#define cpu_relax()		host_step()

#endif /* SHIM_LINUX_PREEMPT_H */
