/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests in C share: the module, the device, and the state of a box.
 *
 * The requests are issued raw, without libmmbox: what is under test is the
 * interface itself. Functions return 0 or a result, or -errno.
 *
 * Each test of the fixture "box" has a module of its own: it is loaded before
 * the test and unloaded after it. Then box0 must be as it was in the beginning,
 * and the module must say that all pages are back with the host.
 */
#ifndef MMBOX_TEST_H
#define MMBOX_TEST_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <linux/capability.h>
#include <linux/mmbox.h>

#include "kselftest_harness.h"

/* A debug kernel with others beside it takes ten times as long as a stock one. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	300

/* A box that gives away its last page, to whoever asks first. */
#define MMBOX_TEST_NO_MARKS	",min_free_kbytes=0,watermark_scale_factor=1," \
				"lowmem_reserve_ratio=0:0:0"

/* A test that wants other settings than the default ones says so beforehand. */
#ifndef MMBOX_TEST_SETTINGS
#define MMBOX_TEST_SETTINGS	""
#endif

#ifndef MMBOX_TEST_POOL
#define MMBOX_TEST_POOL	"dma=1M,dma32=8M,normal=16M" MMBOX_TEST_SETTINGS
#endif

#define PAGE		4096UL
#define NR_ORDERS	11
#define BLOCK(order)	(PAGE << (order))

#define DEVICE		"/dev/mmbox"
#define PROC_DIR	"/proc/mmbox"
#define DEBUG_DIR	"/sys/kernel/debug/mmbox"

#define say(fmt, ...)	printf("# " fmt "\n", ##__VA_ARGS__)

/* Without this a test could go on with nonsense. */
#define must(what) \
	do { \
		if (!(what)) { \
			say("%s:%d: %s: %m", __FILE__, __LINE__, #what); \
			fflush(stdout); \
			abort(); \
		} \
	} while (0)

static inline int neg(long result)
{
	return result < 0 ? -errno : (int)result;
}

/*
 * The module
 */

static inline bool module_loaded(void)
{
	return !access("/sys/module/mmbox", F_OK);
}

/* Loads a module, mmbox itself or one out of mods/; the verdict of its init. */
static inline int load_test_module(const char *name, const char *parameters)
{
	const char *dir = getenv("MMBOX_KO_DIR");
	char path[256];
	int fd, err;

	snprintf(path, sizeof(path), "%s/%s.ko", dir ? dir : "/lib/mmbox",
		 name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	must(fd >= 0);
	err = neg(syscall(SYS_finit_module, fd, parameters, 0));
	close(fd);
	return err;
}

static inline int unload_test_module(const char *name)
{
	return neg(syscall(SYS_delete_module, name, O_NONBLOCK));
}

static inline int module_load(const char *parameters)
{
	return load_test_module("mmbox", parameters);
}

static inline int module_unload(void)
{
	return unload_test_module("mmbox");
}

/* Loads and unloads it. */
static inline int run_test_module(const char *name, const char *parameters)
{
	return load_test_module(name, parameters) ?: unload_test_module(name);
}

/*
 * The device
 */

static inline int dev_open(int flags)
{
	return neg(open(DEVICE, flags | O_CLOEXEC));
}

/* Into a cleared field; what is too long is cut off. */
static inline void put_text(char *field, size_t size, const char *text)
{
	size_t length = strlen(text);

	memcpy(field, text, length < size ? length : size - 1);
}

static inline int dev_bind(int fd, const char *box)
{
	struct mmbox_ioc_box req = { .version = MMBOX_ABI_VERSION };

	put_text(req.name, sizeof(req.name), box);
	return neg(ioctl(fd, MMBOX_IOC_BIND, &req));
}

static inline int dev_destroy(int fd, const char *box)
{
	struct mmbox_ioc_box req = { .version = MMBOX_ABI_VERSION };

	put_text(req.name, sizeof(req.name), box);
	return neg(ioctl(fd, MMBOX_IOC_DESTROY, &req));
}

static inline int dev_create(int fd, const char *box, const char *config)
{
	struct mmbox_ioc_create req = { .version = MMBOX_ABI_VERSION };

	put_text(req.name, sizeof(req.name), box);
	put_text(req.config, sizeof(req.config), config);
	return neg(ioctl(fd, MMBOX_IOC_CREATE, &req));
}

/* What was wrong with it stands in @reason then, of MMBOX_REASON_LEN bytes. */
static inline int dev_set(int fd, const char *box, const char *setting,
			  char *reason)
{
	struct mmbox_ioc_set req = { .version = MMBOX_ABI_VERSION };
	int err;

	put_text(req.name, sizeof(req.name), box);
	put_text(req.setting, sizeof(req.setting), setting);
	memset(req.reason, 'x', sizeof(req.reason));
	err = neg(ioctl(fd, MMBOX_IOC_SET, &req));
	if (err)
		memcpy(reason, req.reason, sizeof(req.reason));
	return err;
}

static inline int dev_info(int fd, struct mmbox_ioc_info *info)
{
	memset(info, 0xa5, sizeof(*info));
	return neg(ioctl(fd, MMBOX_IOC_INFO, info));
}

static inline int dev_alloc_as(int fd, __u32 variant, __u64 size, __u32 gfp,
			       __u32 flags, struct mmbox_ioc_alloc *alloc)
{
	*alloc = (struct mmbox_ioc_alloc) {
		.version = MMBOX_ABI_VERSION,
		.gfp = gfp,
		.flags = flags,
		.size = size,
		.variant = variant,
	};
	return neg(ioctl(fd, MMBOX_IOC_ALLOC, alloc));
}

static inline int dev_alloc(int fd, __u64 size, __u32 gfp, __u32 flags,
			    struct mmbox_ioc_alloc *alloc)
{
	return dev_alloc_as(fd, MMBOX_VARIANT_REMAP, size, gfp, flags, alloc);
}

static inline int dev_free_as(int fd, __u32 id, __u32 flags)
{
	struct mmbox_ioc_free req = {
		.version = MMBOX_ABI_VERSION,
		.id = id,
		.flags = flags,
	};

	return neg(ioctl(fd, MMBOX_IOC_FREE, &req));
}

static inline int dev_free(int fd, __u32 id)
{
	return dev_free_as(fd, id, 0);
}

/* A new open file, bound. */
static inline int dev_open_bound(const char *box)
{
	int fd = dev_open(O_RDWR);

	must(fd >= 0);
	must(!dev_bind(fd, box));
	return fd;
}

/* The mapping, or MAP_FAILED with errno. */
static inline void *dev_map(int fd, __u64 offset, size_t length)
{
	return mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    (off_t)offset);
}

/*
 * Files of a box
 */

/* The whole of an open file, in one go if the kernel gives it so. */
static inline char *slurp_fd(int fd, size_t chunk, size_t *length)
{
	size_t size = 0, room = 1 << 16;
	char *text = malloc(room + 1);
	ssize_t n;

	must(text);
	for (;;) {
		if (room - size < chunk) {
			room = 2 * room + chunk;
			text = realloc(text, room + 1);
			must(text);
		}
		n = read(fd, text + size, chunk);
		must(n >= 0);
		if (!n)
			break;
		size += n;
	}
	text[size] = '\0';
	if (length)
		*length = size;
	return text;
}

static inline char *slurp(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;

	if (fd < 0)
		say("%s: %m", path);
	must(fd >= 0);
	text = slurp_fd(fd, 1 << 20, NULL);
	close(fd);
	return text;
}

static inline char *box_file(const char *box, const char *file)
{
	char path[256];

	snprintf(path, sizeof(path), PROC_DIR "/%s/%s", box, file);
	return slurp(path);
}

/* The value of a line "name value", or -1. */
static inline long box_counter(const char *box, const char *file,
			       const char *name)
{
	char *text = box_file(box, file), *line = text;
	size_t len = strlen(name);
	long value = -1;

	for (; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, name, len) && line[len] == ' ')
			value = strtol(line + len, NULL, 10);
	}
	free(text);
	return value;
}

/**
 * struct zone_row - a row of buddyinfo
 * @node: number of the node
 * @name: name of the zone
 * @nr:	  free blocks of each order
 */
struct zone_row {
	int node;
	char name[16];
	unsigned long nr[NR_ORDERS];
};

#define MAX_ROWS	32

static inline int parse_buddyinfo(const char *text, struct zone_row *rows)
{
	int n = 0;

	while (*text) {
		struct zone_row *row = &rows[n];
		int order, used;

		must(n < MAX_ROWS);
		must(sscanf(text, "Node %d, zone %15s%n", &row->node, row->name,
			    &used) == 2);
		text += used;
		for (order = 0; order < NR_ORDERS; order++) {
			must(sscanf(text, "%lu%n", &row->nr[order], &used) == 1);
			text += used;
		}
		text += strspn(text, " \n");
		n++;
	}
	return n;
}

static inline int read_buddyinfo(const char *box, struct zone_row *rows)
{
	char *text = box_file(box, "buddyinfo");
	int n = parse_buddyinfo(text, rows);

	free(text);
	return n;
}

static inline unsigned long row_pages(const struct zone_row *row)
{
	unsigned long pages = 0;
	int order;

	for (order = 0; order < NR_ORDERS; order++)
		pages += row->nr[order] << order;
	return pages;
}

/* Free pages of a box, by its buddyinfo. */
static inline unsigned long free_pages(const char *box)
{
	struct zone_row rows[MAX_ROWS];
	unsigned long pages = 0;
	int n = read_buddyinfo(box, rows);

	while (n--)
		pages += row_pages(&rows[n]);
	return pages;
}

/* A number behind a word, in a zone's part of zoneinfo. */
static inline unsigned long zone_number(const char *box, const char *zone,
					const char *word)
{
	char *text = box_file(box, "zoneinfo"), head[32], *at;
	unsigned long number;

	snprintf(head, sizeof(head), "zone %8s\n", zone);
	at = strstr(text, head);
	must(at);
	at = strstr(at, word);
	must(at);
	number = strtoul(at + strlen(word), NULL, 10);
	free(text);
	return number;
}

/* Pages of a box that hold its descriptors: present, but not managed. */
static inline unsigned long reserved_pages(const char *box)
{
	static const char *const names[] = { "DMA", "DMA32", "Normal" };
	unsigned long pages = 0;
	int i;

	for (i = 0; i < 3; i++)
		pages += zone_number(box, names[i], " present ") -
			 zone_number(box, names[i], " managed ");
	return pages;
}

/* The number of objects in state @state, or of all of them for NULL. */
static inline int nr_objects(const char *box, const char *state)
{
	char *text = box_file(box, "objects"), *line = text, word[16];
	int n = 0;

	for (; *line; line = strchr(line, '\n') + 1) {
		if (*line == '#')
			continue;
		must(sscanf(line, "%*u %*u %*u %*s %*s %15s", word) == 1);
		n += !state || !strcmp(word, state);
	}
	free(text);
	return n;
}

/*
 * The state of a box: all that a refused request must leave alone.
 */

static const char *const state_file[] = {
	"buddyinfo", "zoneinfo", "meminfo", "objects",
};

#define NR_STATE	(sizeof(state_file) / sizeof(*state_file))

struct state {
	char *text[NR_STATE];
};

static inline void state_take(const char *box, struct state *state)
{
	size_t i;

	for (i = 0; i < NR_STATE; i++)
		state->text[i] = box_file(box, state_file[i]);
}

static inline void state_drop(struct state *state)
{
	size_t i;

	for (i = 0; i < NR_STATE; i++)
		free(state->text[i]);
}

static inline void say_text(const char *title, const char *text)
{
	say("%s", title);
	while (*text) {
		int len = strcspn(text, "\n");

		printf("#   %.*s\n", len, text);
		text += len + (text[len] == '\n');
	}
}

/* The number of files that differ from @before; they are shown. */
static inline int state_changes(const char *box, const struct state *before)
{
	struct state now;
	int changes = 0;
	size_t i;

	state_take(box, &now);
	for (i = 0; i < NR_STATE; i++) {
		if (!strcmp(before->text[i], now.text[i]))
			continue;
		changes++;
		say("%s/%s has changed", box, state_file[i]);
		say_text("before:", before->text[i]);
		say_text("now:", now.text[i]);
	}
	state_drop(&now);
	return changes;
}

#define EXPECT_SAME(before)	EXPECT_EQ(0, state_changes("box0", before))
#define ASSERT_SAME(before)	ASSERT_EQ(0, state_changes("box0", before))

/*
 * Processes
 */

/* fork(), and the child dies with its parent. */
static inline pid_t fork_child(void)
{
	pid_t parent = getpid(), pid;

	fflush(stdout);
	pid = fork();
	must(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* It may have died before that. */
		if (getppid() != parent)
			raise(SIGKILL);
	}
	return pid;
}

/* The exit status of a child (-1: any), or -signal that ended it. */
static inline int wait_child(pid_t pid)
{
	int status;

	must(waitpid(pid, &status, 0) > 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Drop or regain CAP_SYS_ADMIN in the effective set. */
static inline void set_admin(bool on)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	must(!syscall(SYS_capget, &head, data));
	if (on)
		data[0].effective |= 1U << CAP_SYS_ADMIN;
	else
		data[0].effective &= ~(1U << CAP_SYS_ADMIN);
	must(!syscall(SYS_capset, &head, data));
}

/* Random numbers that can be repeated: see test_seed(). */
static inline unsigned int next_random(unsigned int *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* $SEED, or a new one; it is printed. */
static inline unsigned int test_seed(void)
{
	const char *text = getenv("SEED");
	unsigned int seed;

	if (text)
		seed = strtoul(text, NULL, 0);
	else
		must(syscall(SYS_getrandom, &seed, sizeof(seed), 0) ==
		     sizeof(seed));
	say("SEED=%u", seed);
	return seed;
}

/*
 * The kernel log
 */

static inline int kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	must(fd >= 0);
	must(lseek(fd, 0, SEEK_END) >= 0);
	return fd;
}

/* The next message of the module, or NULL at the end of the log. */
static inline char *kmsg_next(int fd, char *buf, size_t size)
{
	for (;;) {
		ssize_t n = read(fd, buf, size - 1);
		char *text;

		if (n < 0 && errno == EPIPE)
			continue;
		if (n < 0)
			return NULL;
		buf[n] = '\0';
		text = strstr(buf, ";mmbox: ");
		if (text)
			return text + strlen(";mmbox: ");
	}
}

/* Does every box say that all its pages are back, and is nothing lost? */
static inline int kmsg_all_back(int fd)
{
	char buf[4096], *text;
	int back = 0, bad = 0;

	while ((text = kmsg_next(fd, buf, sizeof(buf)))) {
		if (strstr(text, ": all ") && strstr(text, "are back"))
			back++;
		else if (strstr(text, "back") || strstr(text, "lost"))
			bad++;
		else
			continue;
		if (bad)
			say("log: %s", text);
	}
	return bad ? -bad : back;
}

/*
 * The fixture
 */

FIXTURE(box)
{
	int fd;			/* open, bound to box0; the test may close it */
	int kmsg;
	struct state before;
};

FIXTURE_SETUP(box)
{
	if (module_loaded()) {
		say("left behind by the test before: unloading");
		ASSERT_EQ(0, module_unload());
	}
	self->kmsg = kmsg_open();
	ASSERT_EQ(0, module_load("pool=" MMBOX_TEST_POOL));
	self->fd = dev_open_bound("box0");
	state_take("box0", &self->before);
}

FIXTURE_TEARDOWN(box)
{
	if (self->fd >= 0)
		EXPECT_EQ(0, close(self->fd));
	EXPECT_SAME(&self->before);
	EXPECT_EQ(0, module_unload());
	EXPECT_LE(1, kmsg_all_back(self->kmsg));
	EXPECT_FALSE(module_loaded());
	EXPECT_NE(0, access(DEVICE, F_OK));
	EXPECT_NE(0, access(PROC_DIR, F_OK));
	EXPECT_NE(0, access(DEBUG_DIR, F_OK));
}

#endif /* MMBOX_TEST_H */
