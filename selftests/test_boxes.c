// SPDX-License-Identifier: GPL-2.0
/*
 * Boxes through the device: bound to, created, destroyed, and told of.
 */
#include <sched.h>

#include "mmbox_test.h"

/* A word that could be an address in the kernel's half. */
static bool has_kernel_address(const void *data, size_t size)
{
	const unsigned char *byte = data;
	__u64 word;
	size_t i;

	for (i = 0; i + sizeof(word) <= size; i++) {
		memcpy(&word, byte + i, sizeof(word));
		if (word >= 0xffff800000000000)
			return true;
	}
	return false;
}

/*
 * INFO
 */

TEST_F(box, info_fills_every_byte)
{
	struct mmbox_ioc_info info, want = {
		.abi_version = MMBOX_ABI_VERSION,
		.page_size = sysconf(_SC_PAGESIZE),
		.max_order = NR_ORDERS - 1,
		.box = "box0",
	};
	char *version = box_file("box0", "version"), told[128];
	int fd = dev_open(O_RDWR);

	ASSERT_EQ(0, dev_info(self->fd, &info));
	/* What it says of its release must be what the file says. */
	snprintf(told, sizeof(told), "mmbox %.*s abi %u\n", MMBOX_RELEASE_LEN,
		 info.release, info.abi_version);
	EXPECT_STREQ(version, told);
	put_text(want.release, sizeof(want.release), info.release);
	want.version = info.version;
	EXPECT_EQ(0, memcmp(&want, &info, sizeof(want)));
	EXPECT_FALSE(has_kernel_address(&info, sizeof(info)));

	/* Unbound: no name, to the last byte. */
	ASSERT_EQ(0, dev_info(fd, &info));
	memset(want.box, 0, sizeof(want.box));
	want.version = info.version;
	EXPECT_EQ(0, memcmp(&want, &info, sizeof(want)));
	free(version);
	close(fd);
}

/*
 * BIND
 */

TEST_F(box, bind_unknown_is_enoent)
{
	int fd = dev_open(O_RDWR);

	EXPECT_EQ(-ENOENT, dev_bind(fd, "box1"));
	EXPECT_EQ(-ENOENT, dev_bind(fd, "box"));
	EXPECT_EQ(-ENOENT, dev_bind(fd, "box00"));
	EXPECT_EQ(-ENOENT, dev_bind(fd, "BOX0"));
	EXPECT_EQ(0, dev_bind(fd, "box0"));
	close(fd);
}

TEST_F(box, bind_twice_is_ebusy)
{
	struct mmbox_ioc_info info;

	ASSERT_EQ(0, dev_create(self->fd, "other", "1M"));
	EXPECT_EQ(-EBUSY, dev_bind(self->fd, "box0"));
	EXPECT_EQ(-EBUSY, dev_bind(self->fd, "other"));
	ASSERT_EQ(0, dev_info(self->fd, &info));
	EXPECT_STREQ("box0", info.box);
	/* The refusal took no hold of the other box. */
	EXPECT_EQ(0, dev_destroy(self->fd, "other"));
}

TEST_F(box, unbound_file_has_no_memory)
{
	struct mmbox_ioc_alloc alloc, kept;
	int fd = dev_open(O_RDWR);

	ASSERT_EQ(0, dev_alloc(self->fd, PAGE, 0, MMBOX_ALLOC_KEEP, &kept));
	EXPECT_EQ(-EBADFD, dev_alloc(fd, PAGE, 0, 0, &alloc));
	EXPECT_EQ(-EBADFD, dev_free(fd, kept.id));
	EXPECT_EQ(MAP_FAILED, dev_map(fd, kept.mmap_offset, PAGE));
	EXPECT_EQ(EBADFD, errno);
	EXPECT_EQ(MAP_FAILED, dev_map(fd, 0, PAGE));
	EXPECT_EQ(EBADFD, errno);
	EXPECT_EQ(0, dev_free(self->fd, kept.id));
	close(fd);
}

/*
 * CREATE
 */

TEST_F(box, created_box_works)
{
	struct mmbox_ioc_alloc alloc;
	struct state before;
	unsigned long all;
	int fd;

	ASSERT_EQ(0, dev_create(self->fd, "a-B_9", "dma32=2M,64K"));
	all = 2 * 256 + 16 - reserved_pages("a-B_9");
	EXPECT_EQ(all, free_pages("a-B_9"));
	EXPECT_EQ(0, access(DEBUG_DIR "/a-B_9/buddyinfo", R_OK));
	EXPECT_SAME(&self->before);

	state_take("a-B_9", &before);
	fd = dev_open_bound("a-B_9");
	ASSERT_EQ(0, dev_alloc(fd, BLOCK(4), MMBOX_GFP_DMA32, 0, &alloc));
	EXPECT_EQ(all - 16, free_pages("a-B_9"));
	EXPECT_SAME(&self->before);
	/* The other box's file does not know this handle. */
	EXPECT_EQ(-ENOENT, dev_free(self->fd, alloc.id));
	EXPECT_EQ(0, dev_free(fd, alloc.id));
	EXPECT_EQ(0, state_changes("a-B_9", &before));
	close(fd);
	EXPECT_EQ(0, dev_destroy(self->fd, "a-B_9"));
	EXPECT_NE(0, access(PROC_DIR "/a-B_9", F_OK));
	EXPECT_NE(0, access(DEBUG_DIR "/a-B_9", F_OK));
	EXPECT_EQ(-ENOENT, dev_destroy(self->fd, "a-B_9"));
}

TEST_F(box, create_with_longest_name_and_configuration)
{
	struct mmbox_ioc_create req = { .version = MMBOX_ABI_VERSION };

	memset(req.name, 'n', MMBOX_NAME_LEN - 1);
	memset(req.config, '0', MMBOX_CONFIG_LEN - 1);
	/* Octal, as strtoull() has it: 64 KiB. */
	memcpy(req.config + MMBOX_CONFIG_LEN - 7, "200000", 6);
	ASSERT_EQ(0, neg(ioctl(self->fd, MMBOX_IOC_CREATE, &req)));
	EXPECT_EQ(16, free_pages(req.name));
	EXPECT_EQ(0, dev_destroy(self->fd, req.name));
}

TEST_F(box, create_taken_name_is_eexist)
{
	EXPECT_EQ(-EEXIST, dev_create(self->fd, "box0", "1M"));
}

TEST_F(box, create_unreadable_configuration_is_einval)
{
	static const char *const bad[] = {
		"", ",", "x", "1M,", ",1M", "1M,,dma=1M", "dma", "dma=", "=1M",
		"dma=0", "0", "normal=0K", "4095", "4097", "dma=1", "1K",
		"dma=1M,dma=1M", "1M,1M", "high=1M", "moveable=1M", "DMA=1M",
		"dma =1M", "dma= 1M", " 1M", "1M ", "1 M", "1MB", "1MM", "-1M",
		"+1M", "dma=-1M", "1.5M", "0x", "dma=1M;normal=1M", "1M\n",
		"dma=dma=1M", "1M,boot=nonsense", "1M,boot=", "1M,boot",
		"1M,boot=memblock,boot=memblock", "1M,Boot=bitmap",
		"1M,boot=Bitmap", "boot=bitmap",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		EXPECT_EQ(-EINVAL, dev_create(self->fd, "other", bad[i])) {
			say("configuration \"%s\"", bad[i]);
		}
	}
	EXPECT_NE(0, access(PROC_DIR "/other", F_OK));
	EXPECT_SAME(&self->before);
}

TEST_F(box, create_larger_than_host_is_enomem)
{
	static const char *const large[] = {
		"2G", "1T", "normal=1P", "dma32=1000G", "dma=1M,normal=2G",
		"2G,dma=1M", "15E",
		/* Larger than the zone, if not than the host. */
		"dma=20M", "dma32=600M",
	};
	size_t i;

	for (i = 0; i < sizeof(large) / sizeof(*large); i++) {
		EXPECT_EQ(-ENOMEM, dev_create(self->fd, "other", large[i])) {
			say("configuration \"%s\"", large[i]);
		}
	}
	EXPECT_NE(0, access(PROC_DIR "/other", F_OK));
	EXPECT_NE(0, access(DEBUG_DIR "/other", F_OK));
	EXPECT_SAME(&self->before);
}

/* Numbers that come out small when they overflow: EINVAL or ENOMEM will do. */
TEST_F(box, create_of_overflowing_size_is_refused)
{
	static const char *const large[] = {
		"18446744073709551616",		/* 2^64 */
		"18446744073709617152",		/* 2^64 + 64K */
		"18014398509482048K",		/* the same with suffixes */
		"17592186044417M", "17179869185G", "16777217T", "16385P",
		"17E", "dma=17592186044417M", "0x10000000000010000",
		"9223372036854775808,normal=9223372036854775808",
		"18446744073709551615", "18446744073709547520",
		"dma=18446744073709547520,normal=8K",
		"99999999999999999999999999999999",
	};
	size_t i;
	int err;

	for (i = 0; i < sizeof(large) / sizeof(*large); i++) {
		err = dev_create(self->fd, "other", large[i]);
		EXPECT_TRUE(err == -EINVAL || err == -ENOMEM) {
			say("configuration \"%s\": %d", large[i], err);
		}
		if (!err)
			EXPECT_EQ(0, dev_destroy(self->fd, "other"));
	}
	EXPECT_SAME(&self->before);
}

TEST_F(box, create_and_destroy_without_capability_are_eperm)
{
	ASSERT_EQ(0, dev_create(self->fd, "other", "64K"));
	set_admin(false);
	EXPECT_EQ(-EPERM, dev_create(self->fd, "third", "64K"));
	EXPECT_EQ(-EPERM, dev_destroy(self->fd, "other"));
	set_admin(true);
	EXPECT_NE(0, access(PROC_DIR "/third", F_OK));
	EXPECT_EQ(0, dev_destroy(self->fd, "other"));
}

/*
 * SET
 */

TEST_F(box, set_without_capability_or_box_is_refused)
{
	char reason[MMBOX_REASON_LEN];

	set_admin(false);
	EXPECT_EQ(-EPERM, dev_set(self->fd, "box0", "percpu_high=0", reason));
	set_admin(true);
	EXPECT_STREQ("", reason);
	EXPECT_EQ(-ENOENT, dev_set(self->fd, "other", "percpu_high=0", reason));
	EXPECT_STREQ("", reason);
	EXPECT_EQ(0, dev_set(self->fd, "box0", "percpu_high=0", reason));
	EXPECT_SAME(&self->before);
}

/* 25 MiB and some descriptors: at most half of it may be kept free. */
static const struct {
	const char *setting;
	int err;
	const char *reason;
} refused[] = {
	{ "nix=1", -EINVAL, "no setting 'nix': there are min_free_kbytes, "
	  "watermark_scale_factor, watermark_boost_factor, "
	  "lowmem_reserve_ratio, percpu_high" },
	{ "=1", -EINVAL, "no setting ''" },
	{ "min_free_kbytes", -EINVAL, "min_free_kbytes has no value" },
	{ "min_free_kbytes=", -EINVAL, "min_free_kbytes is a number, and not ''" },
	{ "min_free_kbytes=-1", -EINVAL, "a number, and not '-1'" },
	{ "min_free_kbytes=1k", -EINVAL, "a number, and not '1k'" },
	{ "min_free_kbytes=1 2", -EINVAL, "a number, and not '2'" },
	{ "min_free_kbytes=18446744073709551616", -EINVAL, "a number" },
	{ "min_free_kbytes=12801", -ERANGE, "min_free_kbytes=12801 is out of "
	  "range: it is auto or 0 to 12" },
	{ "watermark_scale_factor=0", -ERANGE, "1 to 3000" },
	{ "watermark_scale_factor=3001", -ERANGE, "1 to 3000" },
	{ "watermark_scale_factor=auto", -EINVAL, "not 'auto'" },
	{ "watermark_boost_factor=1000001", -ERANGE, "0 to 1000000" },
	{ "lowmem_reserve_ratio=1:2:3:4:5:6", -EINVAL, "not '6'" },
	{ "lowmem_reserve_ratio=1,2", -EINVAL, "not '1,2'" },
	{ "lowmem_reserve_ratio=1:2:2147483648", -ERANGE,
	  "lowmem_reserve_ratio=2147483648 is out of range: it is 0 to "
	  "2147483647 for each zone" },
	{ "percpu_high=2147483648", -ERANGE, "0 to 2147483647" },
	{ "percpu_high=a\n\x1b[31m", -EINVAL, "not 'a\\n\\e[31m'" },
};

TEST_F(box, set_that_is_refused_says_why_and_changes_nothing)
{
	char *before = box_file("box0", "tunables"), *after;
	char reason[MMBOX_REASON_LEN];
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		EXPECT_EQ(refused[i].err, dev_set(self->fd, "box0",
						  refused[i].setting, reason)) {
			say("%s", refused[i].setting);
		}
		EXPECT_NE(NULL, strstr(reason, refused[i].reason)) {
			say("%s: %s", refused[i].setting, reason);
		}
	}
	after = box_file("box0", "tunables");
	EXPECT_STREQ(before, after);
	EXPECT_SAME(&self->before);
	free(before);
	free(after);
}

/*
 * DESTROY
 */

TEST_F(box, destroy_bound_is_ebusy)
{
	int fd = dev_open(O_RDWR), copy;

	/* box0: bound to this very file. */
	EXPECT_EQ(-EBUSY, dev_destroy(self->fd, "box0"));
	EXPECT_SAME(&self->before);

	ASSERT_EQ(0, dev_create(fd, "other", "64K"));
	ASSERT_EQ(0, dev_bind(fd, "other"));
	EXPECT_EQ(-EBUSY, dev_destroy(fd, "other"));
	EXPECT_EQ(-EBUSY, dev_destroy(self->fd, "other"));
	/* The file is closed when its last descriptor is. */
	copy = dup(fd);
	close(fd);
	EXPECT_EQ(-EBUSY, dev_destroy(self->fd, "other"));
	close(copy);
	EXPECT_EQ(0, dev_destroy(self->fd, "other"));
}

TEST_F(box, destroy_with_kept_allocation_is_ebusy)
{
	struct mmbox_ioc_alloc alloc;
	struct state full;
	int fd;

	ASSERT_EQ(0, dev_create(self->fd, "other", "64K"));
	fd = dev_open_bound("other");
	ASSERT_EQ(0, dev_alloc(fd, PAGE, 0, MMBOX_ALLOC_KEEP, &alloc));
	close(fd);
	state_take("other", &full);
	EXPECT_EQ(-EBUSY, dev_destroy(self->fd, "other"));
	EXPECT_EQ(0, state_changes("other", &full));

	fd = dev_open_bound("other");
	EXPECT_EQ(0, dev_free(fd, alloc.id));
	close(fd);
	EXPECT_EQ(0, dev_destroy(self->fd, "other"));
}

TEST_F(box, destroy_while_mapped_is_ebusy)
{
	struct mmbox_ioc_alloc alloc;
	char *map;
	int fd;

	ASSERT_EQ(0, dev_create(self->fd, "other", "64K"));
	fd = dev_open_bound("other");
	ASSERT_EQ(0, dev_alloc(fd, PAGE, 0, 0, &alloc));
	map = dev_map(fd, alloc.mmap_offset, PAGE);
	ASSERT_NE(MAP_FAILED, map);
	close(fd);
	EXPECT_EQ(-EBUSY, dev_destroy(self->fd, "other"));
	*map = 1;
	munmap(map, PAGE);
	EXPECT_EQ(0, dev_destroy(self->fd, "other"));
}

/* Two ask at the same time: one is served, and the other finds no box. */
TEST_F(box, destroy_by_two_succeeds_once)
{
	int round, *go, other;
	pid_t pid;

	go = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, go);
	for (round = 1; round <= 20; round++) {
		int mine;

		ASSERT_EQ(0, dev_create(self->fd, "other", "64K"));
		pid = fork_child();
		if (!pid) {
			__atomic_store_n(go, round, __ATOMIC_SEQ_CST);
			_exit(-dev_destroy(self->fd, "other"));
		}
		while (__atomic_load_n(go, __ATOMIC_SEQ_CST) != round)
			sched_yield();
		mine = dev_destroy(self->fd, "other");
		other = -wait_child(pid);
		EXPECT_EQ(1, !mine + !other);
		EXPECT_EQ(-ENOENT, mine + other) {
			say("round %d: %d and %d", round, mine, other);
		}
		if (mine && other)
			EXPECT_EQ(0, dev_destroy(self->fd, "other"));
	}
}

/*
 * The device
 */

TEST_F(box, device_is_roots_own)
{
	struct stat st;
	pid_t pid;

	ASSERT_EQ(0, stat(DEVICE, &st));
	EXPECT_EQ((mode_t)(S_IFCHR | 0600), st.st_mode);
	EXPECT_EQ(0, st.st_uid);

	pid = fork_child();
	if (!pid) {
		must(!setresuid(65534, 65534, 65534));
		_exit(-dev_open(O_RDWR));
	}
	EXPECT_EQ(EACCES, wait_child(pid));
}

TEST_F(box, module_stays_while_a_file_is_open)
{
	int fd = dev_open(O_RDONLY);

	close(self->fd);
	self->fd = -1;
	/* What rmmod calls "in use". */
	EXPECT_EQ(-EWOULDBLOCK, module_unload());
	EXPECT_SAME(&self->before);
	close(fd);
}

TEST_HARNESS_MAIN
