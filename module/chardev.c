// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/mmbox: open, bind, and the requests of user space.
 *
 * Every request is checked in one place before its handler sees it: that the
 * number is known, that the structure is long enough and not longer than can
 * be understood, and that it was written for this version of the interface.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "cache_request.h"
#include "chardev.h"
#include "inode.h"
#include "internal.h"
#include "mmap.h"
#include "object.h"
#include "tune.h"
#include "walk.h"

/* Every request begins with its version. */
union request {
	__u32 version;
	struct mmbox_ioc_info info;
	struct mmbox_ioc_box box;
	struct mmbox_ioc_create create;
	struct mmbox_ioc_alloc alloc;
	struct mmbox_ioc_free free;
	struct mmbox_ioc_set set;
	struct mmbox_ioc_walk walk;
	struct mmbox_ioc_cache_create cache_create;
	struct mmbox_ioc_cache cache;
	struct mmbox_ioc_cache_tune cache_tune;
	struct mmbox_ioc_slab_alloc slab_alloc;
	struct mmbox_ioc_cache_debug cache_debug;
};

/* Text from user space may lack its end. */
static bool text_ok(const char *text, size_t size)
{
	return *text && strnlen(text, size) < size;
}

static bool name_ok(const char *name)
{
	return text_ok(name, MMBOX_NAME_LEN) && mmbox_name_ok(name);
}

static int do_info(struct mmbox_file *mf, union request *req)
{
	struct mmbox *box = READ_ONCE(mf->box);

	req->info = (struct mmbox_ioc_info) {
		.version = MMBOX_ABI_VERSION,
		.abi_version = MMBOX_ABI_VERSION,
		.page_size = PAGE_SIZE,
		.max_order = MMBOX_MAX_ORDER,
		.release = MMBOX_RELEASE,
	};
	if (box)
		strscpy_pad(req->info.box, box->name, MMBOX_NAME_LEN);
	return 0;
}

static int do_bind(struct mmbox_file *mf, union request *req)
{
	struct mmbox *box;
	int err;

	if (req->box.reserved || !name_ok(req->box.name))
		return -EINVAL;
	box = mmbox_get(req->box.name);
	if (!box)
		return -ENOENT;
	err = mmbox_file_bind(mf, box);
	if (err)
		mmbox_put(box);
	return err;
}

static int do_create(struct mmbox_file *mf, union request *req)
{
	struct mmbox_config cfg;
	struct mmbox *box;
	int err;

	if (req->create.reserved || !name_ok(req->create.name) ||
	    !text_ok(req->create.config, MMBOX_CONFIG_LEN))
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = mmbox_config_parse(req->create.config, &cfg);
	if (err)
		return err;
	box = mmbox_create(req->create.name, &cfg);
	if (IS_ERR(box))
		return PTR_ERR(box);
	mmbox_put(box);
	return 0;
}

static int do_destroy(struct mmbox_file *mf, union request *req)
{
	if (req->box.reserved || !name_ok(req->box.name))
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	return mmbox_destroy_named(req->box.name);
}

static int do_alloc(struct mmbox_file *mf, union request *req)
{
	if (!READ_ONCE(mf->box))
		return -EBADFD;
	return mmbox_object_alloc(mf, &req->alloc);
}

/* User space never learned the handle: the allocation is undone. */
static void undo_alloc(struct mmbox_file *mf, const union request *req)
{
	mmbox_object_free(mf, req->alloc.id, false);
}

static int do_free(struct mmbox_file *mf, union request *req)
{
	if (!READ_ONCE(mf->box))
		return -EBADFD;
	if (req->free.flags & ~MMBOX_FREE_ALL || req->free.reserved)
		return -EINVAL;
	return mmbox_object_free(mf, req->free.id,
				 req->free.flags & MMBOX_FREE_REVOKE);
}

static int do_set(struct mmbox_file *mf, union request *req)
{
	struct mmbox *box;
	int err;

	memset(req->set.reason, 0, sizeof(req->set.reason));
	if (req->set.reserved || !name_ok(req->set.name) ||
	    !text_ok(req->set.setting, MMBOX_CONFIG_LEN))
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	box = mmbox_get(req->set.name);
	if (!box)
		return -ENOENT;
	err = mmbox_tune_set(box, req->set.setting, req->set.reason);
	mmbox_put(box);
	return err;
}

static int do_walk(struct mmbox_file *mf, union request *req)
{
	return mmbox_walk(mf, &req->walk);
}

static int do_cache_create(struct mmbox_file *mf, union request *req)
{
	if (!READ_ONCE(mf->box))
		return -EBADFD;
	return mmbox_request_cache_create(mf, &req->cache_create);
}

static int do_cache_destroy(struct mmbox_file *mf, union request *req)
{
	if (!READ_ONCE(mf->box))
		return -EBADFD;
	return mmbox_request_cache_destroy(mf, &req->cache);
}

static int do_cache_shrink(struct mmbox_file *mf, union request *req)
{
	if (!READ_ONCE(mf->box))
		return -EBADFD;
	return mmbox_request_cache_shrink(mf, &req->cache);
}

static int do_cache_tune(struct mmbox_file *mf, union request *req)
{
	if (!READ_ONCE(mf->box))
		return -EBADFD;
	return mmbox_request_cache_tune(mf, &req->cache_tune);
}

static int do_cache_debug(struct mmbox_file *mf, union request *req)
{
	if (!READ_ONCE(mf->box))
		return -EBADFD;
	return mmbox_request_cache_debug(mf, &req->cache_debug);
}

static int do_slab_alloc(struct mmbox_file *mf, union request *req)
{
	if (!READ_ONCE(mf->box))
		return -EBADFD;
	return mmbox_request_slab_alloc(mf, &req->slab_alloc);
}

static void undo_slab_alloc(struct mmbox_file *mf, const union request *req)
{
	mmbox_object_free(mf, req->slab_alloc.id, false);
}

/**
 * struct handler - how one request is served
 * @cmd:      its number as of this release
 * @min_size: size of its structure in the release that introduced it
 * @any_version: served whatever version it was written for
 * @explains:  its answer tells why it failed, and there is none if it did not
 * @serve:    does it; changes nothing if it returns an error
 * @undo:     takes it back when the answer cannot be delivered
 */
struct handler {
	unsigned int cmd;
	unsigned int min_size;
	bool any_version;
	bool explains;
	int (*serve)(struct mmbox_file *mf, union request *req);
	void (*undo)(struct mmbox_file *mf, const union request *req);
};

static const struct handler handlers[] = {
	{
		.cmd = MMBOX_IOC_INFO,
		.min_size = sizeof(struct mmbox_ioc_info),
		.any_version = true,
		.serve = do_info,
	}, {
		.cmd = MMBOX_IOC_BIND,
		.min_size = sizeof(struct mmbox_ioc_box),
		.serve = do_bind,
	}, {
		.cmd = MMBOX_IOC_CREATE,
		.min_size = sizeof(struct mmbox_ioc_create),
		.serve = do_create,
	}, {
		.cmd = MMBOX_IOC_DESTROY,
		.min_size = sizeof(struct mmbox_ioc_box),
		.serve = do_destroy,
	}, {
		.cmd = MMBOX_IOC_ALLOC,
		.min_size = sizeof(struct mmbox_ioc_alloc),
		.serve = do_alloc,
		.undo = undo_alloc,
	}, {
		.cmd = MMBOX_IOC_FREE,
		.min_size = sizeof(struct mmbox_ioc_free),
		.serve = do_free,
	}, {
		.cmd = MMBOX_IOC_SET,
		.min_size = sizeof(struct mmbox_ioc_set),
		.explains = true,
		.serve = do_set,
	}, {
		.cmd = MMBOX_IOC_WALK,
		.min_size = sizeof(struct mmbox_ioc_walk),
		.serve = do_walk,
	}, {
		.cmd = MMBOX_IOC_CACHE_CREATE,
		.min_size = sizeof(struct mmbox_ioc_cache_create),
		.serve = do_cache_create,
	}, {
		.cmd = MMBOX_IOC_CACHE_DESTROY,
		.min_size = sizeof(struct mmbox_ioc_cache),
		.serve = do_cache_destroy,
	}, {
		.cmd = MMBOX_IOC_CACHE_SHRINK,
		.min_size = sizeof(struct mmbox_ioc_cache),
		.serve = do_cache_shrink,
	}, {
		.cmd = MMBOX_IOC_CACHE_TUNE,
		.min_size = sizeof(struct mmbox_ioc_cache_tune),
		.serve = do_cache_tune,
	}, {
		.cmd = MMBOX_IOC_SLAB_ALLOC,
		.min_size = sizeof(struct mmbox_ioc_slab_alloc),
		.serve = do_slab_alloc,
		.undo = undo_slab_alloc,
	}, {
		.cmd = MMBOX_IOC_CACHE_DEBUG,
		.min_size = sizeof(struct mmbox_ioc_cache_debug),
		.serve = do_cache_debug,
	},
};

static const struct handler *find_handler(unsigned int cmd)
{
	const unsigned int size_mask = _IOC_SIZEMASK << _IOC_SIZESHIFT;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(handlers); i++)
		if (!((handlers[i].cmd ^ cmd) & ~size_mask))
			return &handlers[i];
	return NULL;
}

static long mmbox_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	const struct handler *handler = find_handler(cmd);
	struct mmbox_file *mf = file->private_data;
	void __user *user = (void __user *)arg;
	size_t size = _IOC_SIZE(cmd);
	union request req;
	size_t known;
	int err;

	if (!handler)
		return -ENOTTY;
	known = _IOC_SIZE(handler->cmd);
	if (size < handler->min_size)
		return -EINVAL;
	err = copy_struct_from_user(&req, known, user, size);
	if (err)
		return err;
	if (!handler->any_version && req.version != MMBOX_ABI_VERSION)
		return -EPROTO;

	err = handler->serve(mf, &req);
	if (handler->explains ? !err : err)
		return err;
	if (_IOC_DIR(cmd) & _IOC_READ &&
	    copy_to_user(user, &req, min(size, known))) {
		if (handler->undo)
			handler->undo(mf, &req);
		return err ?: -EFAULT;
	}
	return err;
}

static int mmbox_open(struct inode *inode, struct file *file)
{
	struct mmbox_file *mf;

	mf = kzalloc(sizeof(*mf), GFP_KERNEL_ACCOUNT);
	if (!mf)
		return -ENOMEM;
	mf->inode = mmbox_inode_create();
	if (IS_ERR(mf->inode)) {
		int err = PTR_ERR(mf->inode);

		kfree(mf);
		return err;
	}
	INIT_LIST_HEAD(&mf->objects);
	file->private_data = mf;
	file->f_mapping = mf->inode->i_mapping;
	return nonseekable_open(inode, file);
}

static int mmbox_release(struct inode *inode, struct file *file)
{
	struct mmbox_file *mf = file->private_data;

	if (mf->box) {
		mmbox_file_unbind(mf);
		mmbox_put(mf->box);
	}
	/* Nothing maps the file any more. */
	file->f_mapping = inode->i_mapping;
	iput(mf->inode);
	kfree(mf);
	return 0;
}

static int mmbox_file_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct mmbox_file *mf = file->private_data;

	if (!READ_ONCE(mf->box))
		return -EBADFD;
	return mmbox_mmap(mf, vma);
}

static const struct file_operations mmbox_fops = {
	.owner = THIS_MODULE,
	.open = mmbox_open,
	.release = mmbox_release,
	.unlocked_ioctl = mmbox_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = mmbox_file_mmap,
	/* Memory is all there is: msync() has nothing to wait for. */
	.fsync = noop_fsync,
};

static struct miscdevice mmbox_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mmbox",
	.fops = &mmbox_fops,
	.mode = 0600,
};

/**
 * mmbox_chardev_init - create the device
 *
 * Context: module initialisation.
 * Return: 0 or -errno.
 */
int mmbox_chardev_init(void)
{
	return misc_register(&mmbox_misc);
}

/**
 * mmbox_chardev_exit - remove the device; no file of it is open
 */
void mmbox_chardev_exit(void)
{
	misc_deregister(&mmbox_misc);
}
