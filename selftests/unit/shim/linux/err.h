/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_ERR_H
#define SHIM_LINUX_ERR_H

#include <errno.h>

#include <linux/types.h>

#define IS_ERR(ptr)	((unsigned long)(ptr) >= -4095UL)
#define PTR_ERR(ptr)	((long)(ptr))
#define ERR_PTR(err)	((void *)(long)(err))

#endif /* SHIM_LINUX_ERR_H */
