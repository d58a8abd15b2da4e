/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_TRACE_EVENTS_MMFLAGS_H
#define SHIM_TRACE_EVENTS_MMFLAGS_H

/* Strings for people only. */

#endif /* SHIM_TRACE_EVENTS_MMFLAGS_H */
