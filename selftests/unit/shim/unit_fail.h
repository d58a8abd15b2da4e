/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one way out for a check that does not hold. A test program ends the
 * case, a fuzzer aborts: whoever links it says which.
 */
#ifndef SHIM_UNIT_FAIL_H
#define SHIM_UNIT_FAIL_H

_Noreturn __attribute__((format(printf, 3, 4)))
void unit_fail(const char *file, int line, const char *fmt, ...);

#define expect(cond, ...)						\
	do {								\
		if (!(cond))						\
			unit_fail(__FILE__, __LINE__, __VA_ARGS__);	\
	} while (0)

#endif /* SHIM_UNIT_FAIL_H */
