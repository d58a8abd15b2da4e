/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A simulated host: CPUs on nodes, page frames, preemption and interrupts.
 *
 * One thread plays all CPUs. What runs is a stack of activities: at a step in
 * the code of one, another may begin, on another CPU, or in an interrupt on the
 * same one, and runs to its end before the first goes on. So whatever the
 * module leaves half done is met by others, as far as preemption and interrupts
 * allow it there. A task that may be preempted may also wake up on another CPU.
 */
#ifndef SHIM_HOST_H
#define SHIM_HOST_H

#include <stdbool.h>

#include <unit_fail.h>

#include <host_step.h>

#define HOST_CPUS		4
#define HOST_NODES		2
#define HOST_FRAMES		(16 * 1024)
#define HOST_PERCPU_SIZE	8192UL
#define HOST_DEPTH		3

/**
 * struct host - the simulated host
 * @tracing:	all tracepoints are on
 * @quiet:	nothing happens at steps
 * @activity:	begins one; @atomic: it must not sleep
 * @nr_steps:	steps until now
 * @nr_interrupts: interrupts, likewise
 * @nr_others:	activities on other CPUs, or of other tasks
 * @nr_moves:	tasks that woke up on another CPU
 */
struct host {
	bool tracing;
	bool quiet;
	void (*activity)(bool atomic);
	unsigned long nr_steps;
	unsigned long nr_interrupts;
	unsigned long nr_others;
	unsigned long nr_moves;
};

extern struct host host;

void host_start(unsigned long long seed);
void host_run_on(unsigned int cpu);
bool host_may_sleep(void);
unsigned int host_depth(void);
void host_check_idle(void);
void host_set_online(unsigned int cpu, bool online);

unsigned int host_cpu(void);
int host_node(void);
bool host_cpu_is_online(unsigned int cpu);
int host_pfn_node(unsigned long pfn);

void host_preempt_disable(void);
void host_preempt_enable(void);
bool host_preempt_is_off(void);
bool host_in_interrupt(void);
void host_might_sleep(void);
unsigned long host_irq_save(void);
void host_irq_restore(unsigned long flags);

#endif /* SHIM_HOST_H */
