/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A place in the module's code where something else may happen: an interrupt,
 * another CPU, another task. Only in programs that simulate a host.
 */
#ifndef SHIM_HOST_STEP_H
#define SHIM_HOST_STEP_H

#ifdef SHIM_HOST
void host_step(void);
#else
static inline void host_step(void)
{
}
#endif

#endif /* SHIM_HOST_STEP_H */
