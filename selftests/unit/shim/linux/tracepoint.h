/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_TRACEPOINT_H
#define SHIM_LINUX_TRACEPOINT_H

#include <linux/types.h>

#include <host.h>

/* A tracepoint does nothing, but can be on: the module takes other ways then. */
#define TP_PROTO(...)		__VA_ARGS__
#define TP_ARGS(...)		__VA_ARGS__

#define TRACE_EVENT(name, proto, args, fields, assign, print)		\
	static inline void trace_##name(proto)				\
	{								\
		host_traced(0, args);					\
	}								\
									\
	static inline bool trace_##name##_enabled(void)			\
	{								\
		return host.tracing;					\
	}

static inline void host_traced(int unused, ...)
{
	(void)unused;
}

#endif /* SHIM_LINUX_TRACEPOINT_H */
