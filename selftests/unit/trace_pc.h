/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TRACE_PC_H
#define TRACE_PC_H

/* Code built with -fsanitize-coverage=trace-pc calls this in each basic block. */
void __sanitizer_cov_trace_pc(void);

#endif /* TRACE_PC_H */
