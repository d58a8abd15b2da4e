/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_WORKQUEUE_H
#define SHIM_LINUX_WORKQUEUE_H

#include <stdlib.h>

#include <linux/types.h>

#include <host.h>

#define WQ_MEM_RECLAIM	1
#define WQ_PERCPU	2

struct work_struct {
	void (*func)(struct work_struct *work);
	struct workqueue_struct *wq;
};

/* A member of structures that parts above use; nobody here sets it going. */
struct delayed_work {
	struct work_struct work;
};

/* What has been queued runs, each on its CPU, when somebody waits for it. */
struct workqueue_struct {
	struct work_struct *work[HOST_CPUS];
};

#define INIT_WORK(item, fn)						\
	do {								\
		(item)->func = (fn);					\
		(item)->wq = NULL;					\
	} while (0)

#define alloc_workqueue(name, flags, max) \
	((struct workqueue_struct *)calloc(1, sizeof(struct workqueue_struct)))
#define destroy_workqueue(wq)	free(wq)

static inline void queue_work_on(unsigned int cpu, struct workqueue_struct *wq,
				 struct work_struct *work)
{
	expect(host_cpu_is_online(cpu), "work for a CPU that is offline");
	expect(!wq->work[cpu], "two works for a CPU");
	wq->work[cpu] = work;
	work->wq = wq;
}

void flush_workqueue(struct workqueue_struct *wq);

/* Waits for the others as well. */
static inline void flush_work(struct work_struct *work)
{
	if (work->wq)
		flush_workqueue(work->wq);
}

#endif /* SHIM_LINUX_WORKQUEUE_H */
