/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_CONTAINER_OF_H
#define SHIM_LINUX_CONTAINER_OF_H

#include <stddef.h>

#define container_of(member_ptr, type, member) \
	((type *)((char *)(member_ptr) - offsetof(type, member)))

#endif /* SHIM_LINUX_CONTAINER_OF_H */
