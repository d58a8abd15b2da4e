/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_NODEMASK_H
#define SHIM_LINUX_NODEMASK_H

#include <host.h>

typedef unsigned long nodemask_t;

#define NUMA_NO_NODE		(-1)
#define node_possible_map	((nodemask_t)(1UL << HOST_NODES) - 1)
#define nr_node_ids		HOST_NODES
#define nodes_empty(mask)	(!(mask))
#define node_isset(nid, mask)	((mask) >> (nid) & 1)
#define node_clear(nid, mask)	((mask) &= ~(1UL << (nid)))
#define first_node(mask)	((int)__builtin_ctzl(mask))

#define for_each_node_mask(nid, mask)				\
	for ((nid) = 0; (nid) < HOST_NODES; (nid)++)		\
		if (node_isset(nid, mask))
#define for_each_node(nid)	for_each_node_mask(nid, node_possible_map)

/* Every node has memory. */
enum node_states { N_MEMORY };

#define node_state(nid, state)	((void)(state), node_isset(nid, node_possible_map))

#endif /* SHIM_LINUX_NODEMASK_H */
