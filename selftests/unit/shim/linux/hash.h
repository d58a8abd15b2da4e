/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_HASH_H
#define SHIM_LINUX_HASH_H

#define hash_long(x, bits) \
	((x) * 0x9e3779b97f4a7c15UL >> (64 - (bits)))

#endif /* SHIM_LINUX_HASH_H */
