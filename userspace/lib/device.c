// SPDX-License-Identifier: GPL-2.0
/*
 * One function a request of /dev/mmbox, and nothing else: whoever wants to
 * know what a request does reads docs/abi/ioctl.md, not this file.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libmmbox.h"

static int request(int fd, unsigned long nr, void *arg)
{
	return ioctl(fd, nr, arg) < 0 ? -errno : 0;
}

/* A name that does not fit is refused here: the kernel would see it cut off. */
static int put_string(char *to, size_t len, const char *from)
{
	if (strlen(from) >= len)
		return -EINVAL;
	strcpy(to, from);
	return 0;
}

int mmbox_bind(int fd, const char *box)
{
	struct mmbox_ioc_box req = { .version = MMBOX_ABI_VERSION };
	int err = put_string(req.name, sizeof(req.name), box);

	return err ?: request(fd, MMBOX_IOC_BIND, &req);
}

int mmbox_open(const char *box)
{
	int fd = open(MMBOX_DEVICE, O_RDWR | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	if (!box)
		return fd;
	err = mmbox_bind(fd, box);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

void mmbox_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

int mmbox_info(int fd, struct mmbox_ioc_info *info)
{
	int err;

	memset(info, 0, sizeof(*info));
	info->version = MMBOX_ABI_VERSION;
	err = request(fd, MMBOX_IOC_INFO, info);
	/* Whoever answers may not be mmbox: end the strings here. */
	info->release[sizeof(info->release) - 1] = '\0';
	info->box[sizeof(info->box) - 1] = '\0';
	return err;
}

int mmbox_create(int fd, const char *name, const char *config)
{
	struct mmbox_ioc_create req = { .version = MMBOX_ABI_VERSION };
	int err = put_string(req.name, sizeof(req.name), name);

	err = err ?: put_string(req.config, sizeof(req.config), config);
	return err ?: request(fd, MMBOX_IOC_CREATE, &req);
}

int mmbox_destroy(int fd, const char *name)
{
	struct mmbox_ioc_box req = { .version = MMBOX_ABI_VERSION };
	int err = put_string(req.name, sizeof(req.name), name);

	return err ?: request(fd, MMBOX_IOC_DESTROY, &req);
}

int mmbox_set(int fd, const char *box, const char *setting, char *reason)
{
	struct mmbox_ioc_set req = { .version = MMBOX_ABI_VERSION };
	int err = put_string(req.name, sizeof(req.name), box);

	err = err ?: put_string(req.setting, sizeof(req.setting), setting);
	err = err ?: request(fd, MMBOX_IOC_SET, &req);
	req.reason[sizeof(req.reason) - 1] = '\0';
	strcpy(reason, req.reason);
	return err;
}

int mmbox_alloc_as(int fd, uint32_t variant, uint64_t size, uint32_t gfp, uint32_t flags,
		   struct mmbox_ioc_alloc *alloc)
{
	*alloc = (struct mmbox_ioc_alloc) {
		.version = MMBOX_ABI_VERSION,
		.gfp = gfp,
		.flags = flags,
		.size = size,
		.variant = variant,
	};
	return request(fd, MMBOX_IOC_ALLOC, alloc);
}

int mmbox_alloc(int fd, uint64_t size, uint32_t gfp, uint32_t flags,
		struct mmbox_ioc_alloc *alloc)
{
	return mmbox_alloc_as(fd, MMBOX_VARIANT_REMAP, size, gfp, flags, alloc);
}

int mmbox_free_as(int fd, uint32_t id, uint32_t flags)
{
	struct mmbox_ioc_free req = {
		.version = MMBOX_ABI_VERSION,
		.id = id,
		.flags = flags,
	};

	return request(fd, MMBOX_IOC_FREE, &req);
}

int mmbox_free(int fd, uint32_t id)
{
	return mmbox_free_as(fd, id, 0);
}

int mmbox_cache_create(int fd, const char *name, uint32_t size, uint32_t align, uint32_t flags)
{
	struct mmbox_ioc_cache_create req = {
		.version = MMBOX_ABI_VERSION,
		.size = size,
		.align = align,
		.flags = flags,
	};
	int err = put_string(req.name, sizeof(req.name), name);

	return err ?: request(fd, MMBOX_IOC_CACHE_CREATE, &req);
}

static int cache_request(int fd, unsigned long nr, const char *name)
{
	struct mmbox_ioc_cache req = { .version = MMBOX_ABI_VERSION };
	int err = put_string(req.name, sizeof(req.name), name);

	return err ?: request(fd, nr, &req);
}

int mmbox_cache_destroy(int fd, const char *name)
{
	return cache_request(fd, MMBOX_IOC_CACHE_DESTROY, name);
}

int mmbox_cache_shrink(int fd, const char *name)
{
	return cache_request(fd, MMBOX_IOC_CACHE_SHRINK, name);
}

int mmbox_cache_tune(int fd, const char *name, uint32_t capacity)
{
	struct mmbox_ioc_cache_tune req = { .version = MMBOX_ABI_VERSION, .capacity = capacity };
	int err = put_string(req.name, sizeof(req.name), name);

	return err ?: request(fd, MMBOX_IOC_CACHE_TUNE, &req);
}

int mmbox_cache_debug(int fd, const char *name, const char *letters)
{
	struct mmbox_ioc_cache_debug req = { .version = MMBOX_ABI_VERSION };
	int err = put_string(req.name, sizeof(req.name), name);

	err = err ?: put_string(req.letters, sizeof(req.letters), letters);
	return err ?: request(fd, MMBOX_IOC_CACHE_DEBUG, &req);
}

int mmbox_slab_alloc(int fd, const char *name, uint64_t size, uint32_t nr, uint32_t flags,
		     uint32_t *id)
{
	struct mmbox_ioc_slab_alloc req = {
		.version = MMBOX_ABI_VERSION,
		.flags = flags,
		.nr = nr,
		.size = name ? 0 : size,
	};
	int err = name ? put_string(req.name, sizeof(req.name), name) : 0;

	err = err ?: request(fd, MMBOX_IOC_SLAB_ALLOC, &req);
	*id = req.id;
	return err;
}

int mmbox_walk(int fd, uint32_t what, uint32_t whose, uint64_t address, struct mmbox_walk *walk)
{
	struct mmbox_ioc_walk req = {
		.version = MMBOX_ABI_VERSION,
		.what = what,
		.pid = what == MMBOX_WALK_OBJECT ? 0 : whose,
		.id = what == MMBOX_WALK_OBJECT ? whose : 0,
		.address = address,
	};
	int err = request(fd, MMBOX_IOC_WALK, &req);

	/* Whoever answers may not be mmbox. */
	if (!err && (!req.walk.nr_entries || req.walk.nr_entries > MMBOX_MAX_LEVELS))
		err = -EPROTO;
	*walk = req.walk;
	if (err)
		memset(walk, 0, sizeof(*walk));
	walk->zone[sizeof(walk->zone) - 1] = '\0';
	walk->box[sizeof(walk->box) - 1] = '\0';
	return err;
}

int mmbox_map(int fd, uint64_t offset, size_t length, int prot, void **addr)
{
	void *p;

	if ((off_t)offset < 0)
		return -EINVAL;
	p = mmap(NULL, length, prot, MAP_SHARED, fd, (off_t)offset);
	if (p == MAP_FAILED)
		return -errno;
	*addr = p;
	return 0;
}

int mmbox_unmap(void *addr, size_t length)
{
	return munmap(addr, length) ? -errno : 0;
}
