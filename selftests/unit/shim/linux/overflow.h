/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_OVERFLOW_H
#define SHIM_LINUX_OVERFLOW_H

#define check_mul_overflow(a, b, d)	__builtin_mul_overflow(a, b, d)

#define struct_size(p, member, nr) \
	(sizeof(*(p)) + (nr) * sizeof((p)->member[0]))
#define struct_size_t(type, member, nr)	struct_size((type *)NULL, member, nr)
#define flex_array_size(p, member, nr)	((nr) * sizeof((p)->member[0]))

#endif /* SHIM_LINUX_OVERFLOW_H */
