/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints are all there is of them, see linux/tracepoint.h. */
