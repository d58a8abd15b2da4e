/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_HIGHMEM_H
#define SHIM_LINUX_HIGHMEM_H

#include <linux/mm.h>

#endif /* SHIM_LINUX_HIGHMEM_H */
