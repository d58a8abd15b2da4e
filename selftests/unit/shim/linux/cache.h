/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_CACHE_H
#define SHIM_LINUX_CACHE_H

#define SMP_CACHE_BYTES	64

#define ____cacheline_aligned_in_smp __attribute__((aligned(64)))

#define cache_line_size()	SMP_CACHE_BYTES

#endif /* SHIM_LINUX_CACHE_H */
