/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_TOPOLOGY_H
#define SHIM_LINUX_TOPOLOGY_H

#include <linux/nodemask.h>

#define numa_mem_id()		host_node()
#define node_distance(a, b)	((a) == (b) ? 10 : 20)

#endif /* SHIM_LINUX_TOPOLOGY_H */
