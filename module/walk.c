// SPDX-License-Identifier: GPL-2.0
/*
 * Walks through page tables for user space: who may ask for which, and what
 * the answer leaves out.
 *
 * Anybody may look at the caller's own half of the address space, but physical
 * addresses are for CAP_SYS_ADMIN, as they are in /proc/PID/pagemap. So are
 * other processes and all that lies in the kernel.
 */
#include <linux/capability.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>

#include "internal.h"
#include "object.h"
#include "pgwalk.h"
#include "walk.h"

/* The address space of a process, held; NULL if there is none. */
static struct mm_struct *get_mm(u32 nr)
{
	struct task_struct *task;
	struct mm_struct *mm;
	struct pid *pid;

	if (!nr) {
		mm = current->mm;
		if (mm)
			mmget(mm);
		return mm;
	}
	if (nr > INT_MAX)
		return NULL;
	pid = find_get_pid(nr);
	task = get_pid_task(pid, PIDTYPE_PID);
	put_pid(pid);
	if (!task)
		return NULL;
	mm = get_task_mm(task);
	put_task_struct(task);
	return mm;
}

static bool request_ok(const struct mmbox_ioc_walk *req)
{
	switch (req->what) {
	case MMBOX_WALK_USER:
		return !req->id && mmbox_pgwalk_is_user(req->address);
	case MMBOX_WALK_KERNEL:
		return !req->id && !mmbox_pgwalk_is_user(req->address);
	case MMBOX_WALK_OBJECT:
		return !req->pid;
	default:
		return false;
	}
}

static int find_address(struct mmbox_file *file,
			const struct mmbox_ioc_walk *req, u64 *address)
{
	if (req->what == MMBOX_WALK_OBJECT)
		return mmbox_object_address(file, req->id, req->address,
					    address);
	*address = req->address;
	return 0;
}

/**
 * mmbox_walk - follow an address through page tables
 * @file: open file; bound to a box, if the address is that of an object
 * @req:  what is wanted; the out fields are filled in
 *
 * Context: process context, may sleep.
 * Return: 0 or the errno that docs/abi/ioctl.md names.
 */
int mmbox_walk(struct mmbox_file *file, struct mmbox_ioc_walk *req)
{
	bool admin = capable(CAP_SYS_ADMIN);
	struct mm_struct *mm;
	u64 address;
	int err;

	if (!request_ok(req))
		return -EINVAL;
	if (req->what == MMBOX_WALK_OBJECT && !READ_ONCE(file->box))
		return -EBADFD;
	if (!admin && (req->what != MMBOX_WALK_USER || req->pid))
		return -EPERM;
	err = find_address(file, req, &address);
	if (err)
		return err;
	mm = get_mm(req->pid);
	if (!mm)
		return -ESRCH;
	err = mmbox_pgwalk(mm, address, &req->walk);
	mmput(mm);
	if (!err && !admin)
		mmbox_pgwalk_hide(&req->walk);
	return err;
}
