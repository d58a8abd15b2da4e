// SPDX-License-Identifier: GPL-2.0
/*
 * How requests are checked: number, length, version, pointers, flags, names.
 *
 * Every request here is valid but for the one thing that is tried, and each
 * refusal must leave two boxes, the list of boxes and an unbound file alone.
 */
#include <dirent.h>

#include "mmbox_test.h"

#define VICTIM	"victim"	/* a box that could be destroyed */

/* All requests by number. */
enum { INFO, BIND, CREATE, DESTROY, ALLOC, FREE, SET, WALK,
	CACHE_CREATE, CACHE_DESTROY, CACHE_SHRINK, CACHE_TUNE, SLAB_ALLOC, CACHE_DEBUG,
	NR_REQUESTS };

static const struct request {
	const char *name;
	unsigned long cmd;
} requests[NR_REQUESTS] = {
	[INFO]	  = { "INFO", MMBOX_IOC_INFO },
	[BIND]	  = { "BIND", MMBOX_IOC_BIND },
	[CREATE]  = { "CREATE", MMBOX_IOC_CREATE },
	[DESTROY] = { "DESTROY", MMBOX_IOC_DESTROY },
	[ALLOC]	  = { "ALLOC", MMBOX_IOC_ALLOC },
	[FREE]	  = { "FREE", MMBOX_IOC_FREE },
	[SET]	  = { "SET", MMBOX_IOC_SET },
	[WALK]	  = { "WALK", MMBOX_IOC_WALK },
	[CACHE_CREATE] = { "CACHE_CREATE", MMBOX_IOC_CACHE_CREATE },
	[CACHE_DESTROY] = { "CACHE_DESTROY", MMBOX_IOC_CACHE_DESTROY },
	[CACHE_SHRINK] = { "CACHE_SHRINK", MMBOX_IOC_CACHE_SHRINK },
	[CACHE_TUNE] = { "CACHE_TUNE", MMBOX_IOC_CACHE_TUNE },
	[CACHE_DEBUG] = { "CACHE_DEBUG", MMBOX_IOC_CACHE_DEBUG },
	[SLAB_ALLOC] = { "SLAB_ALLOC", MMBOX_IOC_SLAB_ALLOC },
};

/* The largest request that an ioctl number can tell. */
#define MAX_REQUEST	((1UL << _IOC_SIZEBITS) - 1)

union any {
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
	struct mmbox_ioc_cache_debug cache_debug;
	struct mmbox_ioc_slab_alloc slab_alloc;
	unsigned char byte[MAX_REQUEST + 1];
};

static unsigned long with_size(unsigned long cmd, size_t size)
{
	return _IOC(_IOC_DIR(cmd), _IOC_TYPE(cmd), _IOC_NR(cmd), size);
}

/* The names of all boxes, in one string. */
static char *box_names(void)
{
	struct dirent **list;
	char *names = calloc(1, 4096);
	int i, n = scandir(PROC_DIR, &list, NULL, alphasort);

	must(names && n >= 0);
	for (i = 0; i < n; i++) {
		strcat(strcat(names, list[i]->d_name), " ");
		free(list[i]);
	}
	free(list);
	return names;
}

FIXTURE(request)
{
	int fd;			/* bound to box0, has object @id */
	int unbound;
	__u32 id;
	int kmsg;
	struct state box0;
	struct state victim;
	char *names;
};

FIXTURE_SETUP(request)
{
	struct mmbox_ioc_alloc alloc;

	if (module_loaded())
		ASSERT_EQ(0, module_unload());
	self->kmsg = kmsg_open();
	ASSERT_EQ(0, module_load("pool=" MMBOX_TEST_POOL));
	self->fd = dev_open_bound("box0");
	self->unbound = dev_open(O_RDWR);
	ASSERT_LE(0, self->unbound);
	ASSERT_EQ(0, dev_create(self->unbound, VICTIM, "1M"));
	ASSERT_EQ(0, dev_alloc(self->fd, 3 * PAGE, 0, 0, &alloc));
	self->id = alloc.id;
	state_take("box0", &self->box0);
	state_take(VICTIM, &self->victim);
	self->names = box_names();
}

/* The number of things that are not as they were in the beginning. */
static int changes(FIXTURE_DATA(request) *self)
{
	char *names = box_names();
	struct mmbox_ioc_info info;
	int n = 0;

	n += state_changes("box0", &self->box0);
	n += state_changes(VICTIM, &self->victim);
	if (strcmp(names, self->names)) {
		say("boxes were: %s", self->names);
		say("boxes are:  %s", names);
		n++;
	}
	must(!dev_info(self->unbound, &info));
	if (*info.box) {
		say("the unbound file is bound to %s", info.box);
		n++;
	}
	free(names);
	return n;
}

FIXTURE_TEARDOWN(request)
{
	EXPECT_EQ(0, changes(self));
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, close(self->unbound));
	EXPECT_EQ(0, module_unload());
	EXPECT_LE(2, kmsg_all_back(self->kmsg));
}

/* Fill in a request that would succeed; returns the file to send it to. */
static int valid(FIXTURE_DATA(request) *self, int nr, union any *any)
{
	memset(any, 0, sizeof(*any));
	any->version = MMBOX_ABI_VERSION;
	switch (nr) {
	case BIND:
		strcpy(any->box.name, VICTIM);
		return self->unbound;
	case CREATE:
		strcpy(any->create.name, "other");
		strcpy(any->create.config, "64K");
		return self->unbound;
	case DESTROY:
		strcpy(any->box.name, VICTIM);
		return self->unbound;
	case ALLOC:
		any->alloc.size = PAGE;
		break;
	case FREE:
		any->free.id = self->id;
		break;
	case SET:
		strcpy(any->set.name, "box0");
		strcpy(any->set.setting, "watermark_scale_factor=10");
		return self->unbound;
	case CACHE_CREATE:
		strcpy(any->cache_create.name, "own");
		any->cache_create.size = 8;
		break;
	case CACHE_DESTROY:
		strcpy(any->cache.name, "own");
		break;
	case CACHE_SHRINK:
		strcpy(any->cache.name, "kmalloc-8");
		break;
	case CACHE_TUNE:
		strcpy(any->cache_tune.name, "kmalloc-8");
		break;
	case CACHE_DEBUG:
		strcpy(any->cache_debug.name, "kmalloc-8");
		strcpy(any->cache_debug.letters, "-");
		break;
	case SLAB_ALLOC:
		/* A block past the CPUs' lists. */
		any->slab_alloc.size = BLOCK(5);
		any->slab_alloc.nr = 1;
		break;
	case WALK:
		any->walk.address = (unsigned long)any;
		return self->unbound;
	}
	return self->fd;
}

static int send(int fd, unsigned long cmd, void *arg)
{
	return neg(ioctl(fd, cmd, arg));
}

/* Send a request; one that is not answered as expected is named. */
static int answer(int expected, int nr, int fd, unsigned long cmd, void *arg)
{
	int err = send(fd, cmd, arg);

	if (err != expected)
		say("%s, number %#lx, argument %p", requests[nr].name, cmd, arg);
	return err;
}

#define EXPECT_REFUSED(errno_, nr, fd, cmd, arg) \
	EXPECT_EQ(-(errno_), answer(-(errno_), nr, fd, cmd, arg))

/*
 * Numbers
 */

TEST_F(request, of_another_type_or_direction_is_enotty)
{
	union any any;
	int nr, fd, dir;

	for (nr = 0; nr < NR_REQUESTS; nr++) {
		unsigned long cmd = requests[nr].cmd;

		fd = valid(self, nr, &any);
		EXPECT_REFUSED(ENOTTY, nr, fd, _IOC(_IOC_DIR(cmd), 0xbc, nr,
						    _IOC_SIZE(cmd)), &any);
		for (dir = 0; dir < 4; dir++)
			if (dir != (int)_IOC_DIR(cmd))
				EXPECT_REFUSED(ENOTTY, nr, fd,
					       _IOC(dir, MMBOX_IOC_MAGIC, nr,
						    _IOC_SIZE(cmd)), &any);
		EXPECT_EQ(0, changes(self));
	}
}

TEST_F(request, of_unknown_number_is_enotty)
{
	union any any;
	int nr, fd, dir;

	fd = valid(self, INFO, &any);
	for (nr = NR_REQUESTS; nr < 256; nr++)
		for (dir = 0; dir < 4; dir++)
			EXPECT_EQ(-ENOTTY, send(fd, _IOC(dir, MMBOX_IOC_MAGIC,
							 nr, 64), &any));
	EXPECT_EQ(-ENOTTY, send(fd, 0, &any));
	EXPECT_EQ(-ENOTTY, send(fd, 0xffffffff, &any));
	EXPECT_EQ(-ENOTTY, send(fd, 0x5401 /* TCGETS */, &any));
}

/*
 * Lengths
 */

TEST_F(request, that_is_too_short_is_einval)
{
	union any any;
	size_t size;
	int nr, fd;

	for (nr = 0; nr < NR_REQUESTS; nr++) {
		fd = valid(self, nr, &any);
		for (size = 0; size < _IOC_SIZE(requests[nr].cmd); size++)
			EXPECT_REFUSED(EINVAL, nr, fd,
				       with_size(requests[nr].cmd, size), &any);
	}
	EXPECT_EQ(0, changes(self));
}

TEST_F(request, that_is_longer_with_something_in_it_is_e2big)
{
	static const size_t more[] = { 1, 4, 8, 100 };
	union any any;
	size_t i, end;
	int nr, fd;

	for (nr = 0; nr < NR_REQUESTS; nr++) {
		size_t known = _IOC_SIZE(requests[nr].cmd);

		for (i = 0; i < sizeof(more) / sizeof(*more); i++) {
			end = known + more[i];
			fd = valid(self, nr, &any);
			any.byte[end - 1] = 1;
			EXPECT_REFUSED(E2BIG, nr, fd,
				       with_size(requests[nr].cmd, end), &any);
			any.byte[end - 1] = 0;
			any.byte[known] = 0x80;
			EXPECT_REFUSED(E2BIG, nr, fd,
				       with_size(requests[nr].cmd, end), &any);
		}
		EXPECT_EQ(0, changes(self));
	}
}

/* Longer requests with nothing in the rest do what the short ones do. */
static void try_longer(struct __test_metadata *_metadata,
		       FIXTURE_DATA(request) *self, size_t more)
{
	union any any;
	int nr, fd;

	for (nr = 0; nr < NR_REQUESTS; nr++) {
		size_t known = _IOC_SIZE(requests[nr].cmd);
		size_t size = known + more, i;

		if (size > MAX_REQUEST)
			size = MAX_REQUEST;
		fd = valid(self, nr, &any);
		if (nr == BIND)
			fd = dev_open(O_RDWR);
		if (nr == DESTROY)
			strcpy(any.box.name, "other");
		EXPECT_EQ(0, send(fd, with_size(requests[nr].cmd, size), &any)) {
			say("%s of %zu bytes", requests[nr].name, size);
		}
		for (i = known; i < sizeof(any.byte); i++)
			ASSERT_EQ(0, any.byte[i]);
		if (nr == BIND)
			close(fd);
		if (nr == ALLOC) {
			EXPECT_EQ(0, dev_free(self->fd, self->id));
			self->id = any.alloc.id;
		}
		if (nr == SLAB_ALLOC)
			EXPECT_EQ(0, dev_free(self->fd, any.slab_alloc.id));
	}
	/* FREE gave up what ALLOC had made. */
	EXPECT_EQ(0, nr_objects("box0", NULL));
	EXPECT_EQ(-ENOENT, dev_bind(self->unbound, "other"));
}

TEST_F(request, that_is_longer_with_nothing_in_it_is_served)
{
	static const size_t more[] = { 1, 8, 1000, MAX_REQUEST };
	struct mmbox_ioc_alloc alloc;
	size_t i;

	for (i = 0; i < sizeof(more) / sizeof(*more); i++) {
		try_longer(_metadata, self, more[i]);
		ASSERT_EQ(0, dev_alloc(self->fd, 3 * PAGE, 0, 0, &alloc));
		self->id = alloc.id;
	}
	/* Only the handle is another one now. */
	state_take("box0", &self->box0);
}

/*
 * Versions
 */

TEST_F(request, of_another_version_is_eproto)
{
	static const __u32 version[] = { 0, 2, 0x80000001, 0xffffffff };
	union any any;
	size_t i;
	int nr, fd;

	for (nr = 0; nr < NR_REQUESTS; nr++) {
		for (i = 0; i < sizeof(version) / sizeof(*version); i++) {
			fd = valid(self, nr, &any);
			any.version = version[i];
			EXPECT_EQ(nr == INFO ? 0 : -EPROTO,
				  send(fd, requests[nr].cmd, &any)) {
				say("%s, version %u", requests[nr].name,
				    version[i]);
			}
		}
	}
	EXPECT_EQ(0, changes(self));
}

/*
 * Pointers
 */

TEST_F(request, at_a_bad_address_is_efault)
{
	static const unsigned long address[] = {
		0, 1, PAGE - 1, 0x00007ffffffff000, 0x0000800000000000,
		0xffff888000000000, 0xffffffff81000000, -1UL,
	};
	union any any;
	size_t i;
	int nr, fd;

	for (nr = 0; nr < NR_REQUESTS; nr++) {
		fd = valid(self, nr, &any);
		for (i = 0; i < sizeof(address) / sizeof(*address); i++)
			EXPECT_REFUSED(EFAULT, nr, fd, requests[nr].cmd,
				       (void *)address[i]);
	}
	EXPECT_EQ(0, changes(self));
}

TEST_F(request, that_reaches_into_nothing_is_efault)
{
	char *map = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	union any any;
	int nr, fd;

	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, munmap(map + PAGE, PAGE));
	for (nr = 0; nr < NR_REQUESTS; nr++) {
		size_t size = _IOC_SIZE(requests[nr].cmd);

		fd = valid(self, nr, &any);
		/* One byte is missing. */
		memcpy(map + PAGE - size + 1, &any, size - 1);
		EXPECT_REFUSED(EFAULT, nr, fd, requests[nr].cmd,
			       map + PAGE - size + 1);
		/* It is all there, but it says that there is more. */
		memcpy(map + PAGE - size, &any, size);
		EXPECT_REFUSED(EFAULT, nr, fd,
			       with_size(requests[nr].cmd, size + 8),
			       map + PAGE - size);
		EXPECT_EQ(0, changes(self));
	}
	/* The last byte of memory is good enough for one that is not. */
	valid(self, INFO, &any);
	EXPECT_EQ(0, send(self->fd, MMBOX_IOC_INFO,
			  map + PAGE - sizeof(any.info)));
}

TEST_F(request, whose_answer_cannot_be_written_is_undone)
{
	union any *any = mmap(NULL, sizeof(*any), PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	__u32 flags, order;

	ASSERT_NE(MAP_FAILED, any);
	valid(self, INFO, any);
	ASSERT_EQ(0, mprotect(any, sizeof(*any), PROT_READ));
	EXPECT_REFUSED(EFAULT, INFO, self->fd, MMBOX_IOC_INFO, any);

	for (flags = 0; flags <= MMBOX_ALLOC_KEEP; flags++) {
		for (order = 0; order < NR_ORDERS; order++) {
			ASSERT_EQ(0, mprotect(any, sizeof(*any),
					      PROT_READ | PROT_WRITE));
			valid(self, ALLOC, any);
			any->alloc.size = BLOCK(order);
			any->alloc.flags = flags;
			ASSERT_EQ(0, mprotect(any, sizeof(*any), PROT_READ));
			EXPECT_REFUSED(EFAULT, ALLOC, self->fd,
				       MMBOX_IOC_ALLOC, any);
			EXPECT_EQ(0, changes(self));
		}
	}
	munmap(any, sizeof(*any));
}

/*
 * Flags and reserved fields
 */

TEST_F(request, with_something_reserved_is_einval)
{
	union any any;
	int bit, fd;

	for (bit = 0; bit < 32; bit++) {
		fd = valid(self, BIND, &any);
		any.box.reserved = 1U << bit;
		EXPECT_REFUSED(EINVAL, BIND, fd, MMBOX_IOC_BIND, &any);
		fd = valid(self, CREATE, &any);
		any.create.reserved = 1U << bit;
		EXPECT_REFUSED(EINVAL, CREATE, fd, MMBOX_IOC_CREATE, &any);
		fd = valid(self, DESTROY, &any);
		any.box.reserved = 1U << bit;
		EXPECT_REFUSED(EINVAL, DESTROY, fd, MMBOX_IOC_DESTROY, &any);
		fd = valid(self, ALLOC, &any);
		any.alloc.variant = MMBOX_NR_VARIANTS | 1U << bit;
		EXPECT_REFUSED(EINVAL, ALLOC, fd, MMBOX_IOC_ALLOC, &any);
		fd = valid(self, FREE, &any);
		any.free.reserved = 1U << bit;
		EXPECT_REFUSED(EINVAL, FREE, fd, MMBOX_IOC_FREE, &any);
		fd = valid(self, SET, &any);
		any.set.reserved = 1U << bit;
		EXPECT_REFUSED(EINVAL, SET, fd, MMBOX_IOC_SET, &any);
	}
	EXPECT_EQ(0, changes(self));
}

TEST_F(request, with_an_unknown_flag_is_einval)
{
	union any any;
	int bit, fd;

	for (bit = 0; bit < 32; bit++) {
		if (!(MMBOX_ALLOC_ALL & 1U << bit)) {
			fd = valid(self, ALLOC, &any);
			any.alloc.flags = 1U << bit;
			EXPECT_REFUSED(EINVAL, ALLOC, fd, MMBOX_IOC_ALLOC, &any);
		}
		if (!(MMBOX_GFP_ALL & 1U << bit)) {
			fd = valid(self, ALLOC, &any);
			any.alloc.gfp = 1U << bit;
			EXPECT_REFUSED(EINVAL, ALLOC, fd, MMBOX_IOC_ALLOC, &any);
		}
		if (!(MMBOX_FREE_ALL & 1U << bit)) {
			fd = valid(self, FREE, &any);
			any.free.flags = 1U << bit;
			EXPECT_REFUSED(EINVAL, FREE, fd, MMBOX_IOC_FREE, &any);
		}
	}
	EXPECT_EQ(0, changes(self));
}

TEST_F(request, with_two_zones_or_types_is_einval)
{
	static const __u32 both[] = {
		MMBOX_GFP_DMA | MMBOX_GFP_DMA32,
		MMBOX_GFP_DMA | MMBOX_GFP_HIGHMEM,
		MMBOX_GFP_DMA32 | MMBOX_GFP_HIGHMEM,
		MMBOX_GFP_MOVABLE | MMBOX_GFP_RECLAIMABLE,
		MMBOX_GFP_ALL,
	};
	union any any;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(both) / sizeof(*both); i++) {
		fd = valid(self, ALLOC, &any);
		any.alloc.gfp = both[i];
		EXPECT_REFUSED(EINVAL, ALLOC, fd, MMBOX_IOC_ALLOC, &any);
	}
	EXPECT_EQ(0, changes(self));
}

/*
 * Names
 */

static const int named[] = { BIND, CREATE, DESTROY, SET };

#define NR_NAMED	(sizeof(named) / sizeof(*named))

/* The name is at the same place in all of them. */
static char *name_of(union any *any)
{
	return any->box.name;
}

TEST_F(request, with_an_unterminated_name_is_einval)
{
	union any any;
	size_t i;
	int fd;

	for (i = 0; i < NR_NAMED; i++) {
		fd = valid(self, named[i], &any);
		memset(name_of(&any), 'x', MMBOX_NAME_LEN);
		EXPECT_REFUSED(EINVAL, named[i], fd, requests[named[i]].cmd,
			       &any);
	}
	fd = valid(self, CREATE, &any);
	memset(any.create.config, '1', MMBOX_CONFIG_LEN);
	EXPECT_REFUSED(EINVAL, CREATE, fd, MMBOX_IOC_CREATE, &any);
	fd = valid(self, SET, &any);
	memset(any.set.setting, '1', MMBOX_CONFIG_LEN);
	EXPECT_REFUSED(EINVAL, SET, fd, MMBOX_IOC_SET, &any);
	EXPECT_EQ(0, changes(self));
}

TEST_F(request, with_a_bad_name_is_einval)
{
	static const char *const bad[] = {
		"", ".", "..", "/", "/b", " ", " a", ".b", "\n", "\x01",
		"\x7f", "\xe4r", "\xc3\xa4", "%s", "=b", "*", "a/../b",
	};
	union any any;
	size_t i, j;
	int fd;

	for (i = 0; i < NR_NAMED; i++) {
		for (j = 0; j < sizeof(bad) / sizeof(*bad); j++) {
			fd = valid(self, named[i], &any);
			memset(name_of(&any), 0, MMBOX_NAME_LEN);
			strcpy(name_of(&any), bad[j]);
			EXPECT_EQ(-EINVAL, send(fd, requests[named[i]].cmd,
						&any)) {
				say("%s of a name that begins with \\x%02x",
				    requests[named[i]].name,
				    (unsigned char)*bad[j]);
			}
		}
	}
	EXPECT_EQ(0, changes(self));
}

TEST_HARNESS_MAIN
