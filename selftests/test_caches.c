// SPDX-License-Identifier: GPL-2.0
/*
 * Caches and objects by requests to the device: what they do shows in the files
 * of the box, to the object, and what is wrong is refused.
 */
#include "mmbox_test.h"

/* Caches keep pages at hand, so that the box is not as it was before each test. */
FIXTURE(cached)
{
	int fd;
	int kmsg;
};

FIXTURE_SETUP(cached)
{
	if (module_loaded())
		ASSERT_EQ(0, module_unload());
	self->kmsg = kmsg_open();
	ASSERT_EQ(0, module_load("pool=" MMBOX_TEST_POOL));
	self->fd = dev_open_bound("box0");
}

FIXTURE_TEARDOWN(cached)
{
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, module_unload());
	EXPECT_LE(1, kmsg_all_back(self->kmsg));
}

static int cache_create(int fd, const char *name, __u32 size, __u32 align,
			__u32 flags)
{
	struct mmbox_ioc_cache_create req = {
		.version = MMBOX_ABI_VERSION,
		.size = size, .align = align, .flags = flags,
	};

	put_text(req.name, sizeof(req.name), name);
	return neg(ioctl(fd, MMBOX_IOC_CACHE_CREATE, &req));
}

static int cache_do(int fd, unsigned long nr, const char *name)
{
	struct mmbox_ioc_cache req = { .version = MMBOX_ABI_VERSION };

	put_text(req.name, sizeof(req.name), name);
	return neg(ioctl(fd, nr, &req));
}

static int cache_destroy(int fd, const char *name)
{
	return cache_do(fd, MMBOX_IOC_CACHE_DESTROY, name);
}

static int cache_shrink(int fd, const char *name)
{
	return cache_do(fd, MMBOX_IOC_CACHE_SHRINK, name);
}

static int cache_tune(int fd, const char *name, __u32 capacity)
{
	struct mmbox_ioc_cache_tune req = {
		.version = MMBOX_ABI_VERSION,
		.capacity = capacity,
	};

	put_text(req.name, sizeof(req.name), name);
	return neg(ioctl(fd, MMBOX_IOC_CACHE_TUNE, &req));
}

/* Returns the handle, or -errno. */
static int slab_alloc(int fd, const char *name, __u64 size, __u32 nr,
		      __u32 flags)
{
	struct mmbox_ioc_slab_alloc req = {
		.version = MMBOX_ABI_VERSION,
		.size = size, .nr = nr, .flags = flags,
	};
	int err;

	put_text(req.name, sizeof(req.name), name);
	err = neg(ioctl(fd, MMBOX_IOC_SLAB_ALLOC, &req));
	return err ?: (int)req.id;
}

/* The numbers of a cache's row in slabinfo; false if it has none. */
struct row {
	unsigned long active, total, size, per_slab, pages, active_slabs, slabs;
};

static bool find_row(const char *text, const char *cache, struct row *row)
{
	char name[128];

	while ((text = strchr(text, '\n')) && *++text)
		if (sscanf(text, "%127s %lu %lu %lu %lu %lu : tunables 0 0 0 : slabdata %lu %lu 0",
			   name, &row->active, &row->total, &row->size,
			   &row->per_slab, &row->pages, &row->active_slabs,
			   &row->slabs) == 8 && !strcmp(name, cache))
			return true;
	return false;
}

static bool get_row(const char *cache, struct row *row)
{
	char *text = box_file("box0", "slabinfo");
	bool found = find_row(text, cache, row);

	free(text);
	return found;
}

static unsigned long active(const char *cache)
{
	struct row row;

	must(get_row(cache, &row));
	return row.active;
}

static unsigned long attribute(const char *cache, const char *name)
{
	char path[256], *text;
	unsigned long value;

	snprintf(path, sizeof(path), PROC_DIR "/box0/slab/%s/%s", cache, name);
	text = slurp(path);
	value = strtoul(text, NULL, 10);
	free(text);
	return value;
}

TEST_F(cached, objects_of_a_cache_are_counted)
{
	struct row row;
	int id;

	EXPECT_FALSE(get_row("own", &row));
	ASSERT_EQ(0, cache_create(self->fd, "own", 100, 0, 0));
	ASSERT_TRUE(get_row("own", &row));
	EXPECT_EQ(0, row.active);
	EXPECT_EQ(0, row.slabs);
	EXPECT_EQ(104, row.size);
	EXPECT_EQ(row.pages * PAGE / 104, row.per_slab);

	id = slab_alloc(self->fd, "own", 0, 1000, 0);
	ASSERT_LT(0, id);
	ASSERT_TRUE(get_row("own", &row));
	EXPECT_EQ(1000, row.active);
	EXPECT_EQ(row.slabs * row.per_slab, row.total);
	EXPECT_LE(1000, row.total);
	EXPECT_EQ((1000 + row.per_slab - 1) / row.per_slab, row.slabs);
	EXPECT_EQ(row.active + attribute("own", "cpu_sheaves") +
		  attribute("own", "barn"), attribute("own", "objects"));
	EXPECT_EQ(row.total, attribute("own", "total_objects"));
	EXPECT_EQ(row.slabs * (row.pages * PAGE - row.per_slab * 100),
		  attribute("own", "waste"));
	EXPECT_EQ(1000, attribute("own", "alloc_fastpath") +
			attribute("own", "alloc_slowpath"));

	EXPECT_EQ(0, dev_free(self->fd, id));
	EXPECT_EQ(0, active("own"));
	EXPECT_EQ(1000, attribute("own", "free_fastpath") +
			attribute("own", "free_slowpath"));
	EXPECT_EQ(0, cache_shrink(self->fd, "own"));
	ASSERT_TRUE(get_row("own", &row));
	EXPECT_EQ(0, row.slabs);
	EXPECT_EQ(0, attribute("own", "objects"));
	EXPECT_EQ(0, cache_destroy(self->fd, "own"));
	EXPECT_FALSE(get_row("own", &row));
	EXPECT_NE(0, access(PROC_DIR "/box0/slab/own", F_OK));
	EXPECT_NE(0, access(DEBUG_DIR "/box0/slab/own", F_OK));
}

TEST_F(cached, memory_by_size_comes_from_its_class)
{
	int id, large;

	id = slab_alloc(self->fd, "", 100, 50, 0);
	ASSERT_LT(0, id);
	EXPECT_EQ(50, active("kmalloc-128"));
	large = slab_alloc(self->fd, "", 100000, 3, 0);
	ASSERT_LT(0, large);
	EXPECT_EQ(0, dev_free(self->fd, id));
	EXPECT_EQ(0, active("kmalloc-128"));
	EXPECT_EQ(0, dev_free(self->fd, large));
	EXPECT_EQ(-ENOENT, dev_free(self->fd, large));
}

TEST_F(cached, files_list_handles_of_objects)
{
	int id = slab_alloc(self->fd, "kmalloc-64", 0, 7, 0);
	char want[128], *text;

	ASSERT_LT(0, id);
	text = box_file("box0", "slab_objects");
	snprintf(want, sizeof(want), "%10u %8u %8u live   %8d kmalloc-64\n", id,
		 7, 64, getpid());
	EXPECT_STREQ(want, strchr(text, '\n') + 1);
	free(text);
	text = box_file("box0", "objects");
	snprintf(want, sizeof(want), "%10u     0        0        - slab    live       0 %8d ",
		 id, getpid());
	EXPECT_EQ(0, strncmp(want, strchr(text, '\n') + 1, strlen(want)));
	free(text);
}

TEST_F(cached, objects_die_with_the_file_unless_kept)
{
	int other = dev_open(O_RDWR), id;

	ASSERT_LE(0, other);
	ASSERT_EQ(0, dev_bind(other, "box0"));
	id = slab_alloc(other, "kmalloc-256", 0, 300, 0);
	ASSERT_LT(0, id);
	EXPECT_EQ(-ENOENT, dev_free(self->fd, id));
	id = slab_alloc(other, "kmalloc-256", 0, 20, MMBOX_ALLOC_KEEP);
	ASSERT_LT(0, id);
	EXPECT_EQ(320, active("kmalloc-256"));
	close(other);
	EXPECT_EQ(20, active("kmalloc-256"));
	EXPECT_EQ(0, dev_free(self->fd, id));
	EXPECT_EQ(0, active("kmalloc-256"));
}

TEST_F(cached, objects_cannot_be_mapped)
{
	int id = slab_alloc(self->fd, "kmalloc-4k", 0, 1, 0);
	struct mmbox_ioc_alloc block;

	ASSERT_LT(0, id);
	ASSERT_EQ(0, dev_alloc(self->fd, PAGE, 0, 0, &block));
	/* Where the block would be if it had the objects' handle. */
	EXPECT_EQ(MAP_FAILED, dev_map(self->fd,
				      block.mmap_offset / block.id * id, PAGE));
}

static int walk(int fd, __u32 what, __u32 id, __u64 address,
		struct mmbox_walk *found)
{
	struct mmbox_ioc_walk req = {
		.version = MMBOX_ABI_VERSION, .what = what, .id = id,
		.address = address,
	};
	int err = neg(ioctl(fd, MMBOX_IOC_WALK, &req));

	*found = req.walk;
	return err;
}

TEST_F(cached, a_walk_names_the_object)
{
	int i, id = slab_alloc(self->fd, "", 100, 3, 0);
	struct mmbox_walk used, freed;

	ASSERT_LT(0, id);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, walk(self->fd, MMBOX_WALK_OBJECT, id, 100 * i + 17, &used));
		EXPECT_EQ(MMBOX_WALK_MAPPED | MMBOX_WALK_PAGE |
			  MMBOX_WALK_IN_CACHE, used.flags);
		EXPECT_STREQ("kmalloc-128", used.cache);
		EXPECT_STREQ("box0", used.box);
		EXPECT_EQ(128, used.object_size);
		EXPECT_EQ(1, used.object_used);
		EXPECT_EQ(used.address, used.object + 17);
		EXPECT_EQ(0, used.object % 128);
	}
	EXPECT_EQ(-EINVAL, walk(self->fd, MMBOX_WALK_OBJECT, id, 300, &freed));
	EXPECT_EQ(0, dev_free(self->fd, id));
	/* No page table was changed for it, nor is one now. */
	ASSERT_EQ(0, walk(self->fd, MMBOX_WALK_KERNEL, 0, used.address, &freed));
	EXPECT_EQ(used.object, freed.object);
	EXPECT_EQ(0, freed.object_used);
	EXPECT_EQ(used.nr_entries, freed.nr_entries);
	EXPECT_EQ(used.entry[used.nr_entries - 1].entry,
		  freed.entry[freed.nr_entries - 1].entry);
}

TEST_F(cached, capacity_is_tuned_live)
{
	int id;

	ASSERT_EQ(0, cache_create(self->fd, "own", 64, 0, 0));
	id = slab_alloc(self->fd, "own", 0, 500, 0);
	ASSERT_LT(0, id);
	EXPECT_NE(0, attribute("own", "sheaf_capacity"));
	ASSERT_EQ(0, cache_tune(self->fd, "own", 0));
	EXPECT_EQ(0, attribute("own", "sheaf_capacity"));
	EXPECT_EQ(0, attribute("own", "cpu_sheaves"));
	EXPECT_EQ(0, attribute("own", "barn"));
	EXPECT_EQ(500, active("own"));
	ASSERT_EQ(0, dev_free(self->fd, id));
	EXPECT_EQ(0, attribute("own", "cpu_sheaves"));
	EXPECT_EQ(0, attribute("own", "objects"));

	ASSERT_EQ(0, cache_tune(self->fd, "own", 3));
	id = slab_alloc(self->fd, "own", 0, 500, 0);
	ASSERT_LT(0, id);
	ASSERT_EQ(0, dev_free(self->fd, id));
	EXPECT_NE(0, attribute("own", "cpu_sheaves"));
	/* Two sheaves of each CPU that was at work. */
	EXPECT_GE(2 * 3 * sysconf(_SC_NPROCESSORS_CONF),
		  attribute("own", "cpu_sheaves"));
	EXPECT_EQ(0, cache_tune(self->fd, "kmalloc-64", 20));
	EXPECT_EQ(20, attribute("kmalloc-64", "sheaf_capacity"));
	EXPECT_EQ(-ERANGE, cache_tune(self->fd, "own", 1000));
	EXPECT_EQ(-ERANGE, cache_tune(self->fd, "own", -1));
	EXPECT_EQ(-EINVAL, cache_tune(self->fd, "mmbox_sheaf", 10));
	EXPECT_EQ(3, attribute("own", "sheaf_capacity"));
}

static int cache_debug(int fd, const char *name, const char *letters)
{
	struct mmbox_ioc_cache_debug req = { .version = MMBOX_ABI_VERSION };

	memcpy(req.name, name, strnlen(name, sizeof(req.name)));
	memcpy(req.letters, letters, strnlen(letters, sizeof(req.letters)));
	return neg(ioctl(fd, MMBOX_IOC_CACHE_DEBUG, &req));
}

TEST_F(cached, checks_are_switched)
{
	struct mmbox_ioc_cache_debug reserved = {
		.version = MMBOX_ABI_VERSION, .reserved = 1, .name = "kmalloc-8",
		.letters = "Z",
	};
	int fd = self->fd;

	ASSERT_EQ(0, cache_create(fd, "own", 64, 0, 0));
	EXPECT_EQ(0, attribute("own", "red_zone"));
	ASSERT_EQ(0, cache_debug(fd, "own", "zU"));
	EXPECT_EQ(1, attribute("own", "red_zone"));
	EXPECT_EQ(1, attribute("own", "store_user"));
	EXPECT_EQ(0, attribute("own", "poison"));
	EXPECT_EQ(-EINVAL, cache_debug(fd, "own", "X"));
	EXPECT_EQ(-EINVAL, cache_debug(fd, "own", ""));
	EXPECT_EQ(-EINVAL, cache_debug(fd, "own", "ZZZZZZZZZZZZZZZZ"));
	EXPECT_EQ(-EINVAL, cache_debug(fd, "", "Z"));
	EXPECT_EQ(-EINVAL, cache_debug(fd, "mmbox_sheaf", "Z"));
	EXPECT_EQ(-EINVAL, neg(ioctl(fd, MMBOX_IOC_CACHE_DEBUG, &reserved)));
	EXPECT_EQ(-ENOENT, cache_debug(fd, "none", "Z"));
	EXPECT_EQ(1, attribute("own", "red_zone"));
	ASSERT_EQ(0, cache_debug(fd, "own", "-"));
	EXPECT_EQ(0, attribute("own", "red_zone"));
	EXPECT_EQ(0, cache_debug(fd, "kmalloc-8", "FZPUT"));
	EXPECT_EQ(1, attribute("kmalloc-8", "trace"));
}

TEST_F(cached, shrinking_all_gives_back_every_page)
{
	char *before, *after;
	int id;

	ASSERT_EQ(0, cache_shrink(self->fd, ""));
	before = box_file("box0", "buddyinfo");
	id = slab_alloc(self->fd, "", 700, 500, 0);
	ASSERT_LT(0, id);
	EXPECT_EQ(0, dev_free(self->fd, id));
	after = box_file("box0", "buddyinfo");
	EXPECT_NE(0, strcmp(before, after));
	free(after);
	ASSERT_EQ(0, cache_shrink(self->fd, ""));
	after = box_file("box0", "buddyinfo");
	EXPECT_STREQ(before, after);
	free(before);
	free(after);
}

TEST_F(cached, wrong_requests_are_refused)
{
	char *before = box_file("box0", "slabinfo"), *after;
	struct mmbox_ioc_cache unended = { .version = MMBOX_ABI_VERSION };
	struct mmbox_ioc_cache reserved = {
		.version = MMBOX_ABI_VERSION, .reserved = 1, .name = "kmalloc-8",
	};
	int fd = self->fd, unbound = dev_open(O_RDWR);

	memset(unended.name, 'a', sizeof(unended.name));
	EXPECT_EQ(-EINVAL, neg(ioctl(fd, MMBOX_IOC_CACHE_SHRINK, &unended)));
	EXPECT_EQ(-EINVAL, neg(ioctl(fd, MMBOX_IOC_CACHE_DESTROY, &unended)));
	EXPECT_EQ(-EINVAL, neg(ioctl(fd, MMBOX_IOC_CACHE_SHRINK, &reserved)));
	EXPECT_EQ(-EFAULT, neg(ioctl(fd, MMBOX_IOC_CACHE_CREATE, NULL)));
	EXPECT_EQ(-EFAULT, neg(ioctl(fd, MMBOX_IOC_SLAB_ALLOC, NULL)));

	EXPECT_EQ(-EINVAL, cache_create(fd, "", 8, 0, 0));
	EXPECT_EQ(-EINVAL, cache_create(fd, "a/b", 8, 0, 0));
	EXPECT_EQ(-EINVAL, cache_create(fd, "..", 8, 0, 0));
	EXPECT_EQ(-EINVAL, cache_create(fd, "a b", 8, 0, 0));
	EXPECT_EQ(-EINVAL, cache_create(fd, "own", 0, 0, 0));
	EXPECT_EQ(-EINVAL, cache_create(fd, "own", 8, 3, 0));
	EXPECT_EQ(-EINVAL, cache_create(fd, "own", 8, 2 * PAGE, 0));
	EXPECT_EQ(-EINVAL, cache_create(fd, "own", 8, 0, MMBOX_CACHE_ALL + 1));
	EXPECT_EQ(-E2BIG, cache_create(fd, "own", (256U << 20) + 1, 0, 0));
	EXPECT_EQ(-E2BIG, cache_create(fd, "own", -1, 0, 0));
	EXPECT_EQ(-EEXIST, cache_create(fd, "kmalloc-8", 8, 0, 0));

	EXPECT_EQ(-EPERM, cache_destroy(fd, "kmalloc-8"));
	EXPECT_EQ(-EPERM, cache_destroy(fd, "mmbox_sheaf"));
	EXPECT_EQ(-ENOENT, cache_destroy(fd, "none"));
	EXPECT_EQ(-ENOENT, cache_shrink(fd, "none"));
	EXPECT_EQ(-ENOENT, cache_tune(fd, "none", 1));

	EXPECT_EQ(-EINVAL, slab_alloc(fd, "", 0, 1, 0));
	EXPECT_EQ(-EINVAL, slab_alloc(fd, "", 8, 0, 0));
	EXPECT_EQ(-EINVAL, slab_alloc(fd, "", BLOCK(10) + 1, 1, 0));
	EXPECT_EQ(-EINVAL, slab_alloc(fd, "", 8, MMBOX_SLAB_ALLOC_MAX + 1, 0));
	EXPECT_EQ(-EINVAL, slab_alloc(fd, "", 8, 1, MMBOX_ALLOC_ALL + 1));
	EXPECT_EQ(-EINVAL, slab_alloc(fd, "kmalloc-8", 8, 1, 0));
	EXPECT_EQ(-ENOENT, slab_alloc(fd, "none", 0, 1, 0));

	ASSERT_LE(0, unbound);
	EXPECT_EQ(-EBADFD, cache_create(unbound, "own", 8, 0, 0));
	EXPECT_EQ(-EBADFD, cache_destroy(unbound, "own"));
	EXPECT_EQ(-EBADFD, cache_shrink(unbound, "own"));
	EXPECT_EQ(-EBADFD, cache_tune(unbound, "own", 1));
	EXPECT_EQ(-EBADFD, slab_alloc(unbound, "own", 0, 1, 0));
	close(unbound);

	after = box_file("box0", "slabinfo");
	EXPECT_STREQ(before, after);
	free(before);
	free(after);
}

/* Larger than any block: the pages of a slab lie in an area. */
TEST_F(cached, slabs_in_areas_are_counted_by_their_pages)
{
	struct row row;
	int id;

	ASSERT_EQ(0, cache_create(self->fd, "own", 1025 * PAGE, 0, 0));
	ASSERT_TRUE(get_row("own", &row));
	EXPECT_EQ(1025, row.pages);
	EXPECT_EQ(1, row.per_slab);
	id = slab_alloc(self->fd, "own", 0, 2, 0);
	ASSERT_LT(0, id);
	ASSERT_TRUE(get_row("own", &row));
	EXPECT_EQ(2, row.active);
	EXPECT_EQ(2, row.slabs);
	EXPECT_EQ(0, attribute("own", "waste"));
	EXPECT_EQ(0, dev_free(self->fd, id));
	EXPECT_EQ(0, active("own"));
}

/* More than the box has: none is left allocated. */
TEST_F(cached, all_objects_or_none)
{
	EXPECT_EQ(-ENOMEM, slab_alloc(self->fd, "kmalloc-8k", 0, 60000, 0));
	EXPECT_EQ(0, active("kmalloc-8k"));
}

TEST_F(cached, a_cache_in_use_stays_and_others_go_with_the_box)
{
	int fd = dev_open(O_RDWR), id;

	ASSERT_EQ(0, cache_create(self->fd, "own", 200, 64, MMBOX_CACHE_HWCACHE_ALIGN));
	EXPECT_EQ(-EEXIST, cache_create(self->fd, "own", 200, 0, 0));
	EXPECT_EQ(1, attribute("own", "hwcache_align"));
	EXPECT_EQ(64, attribute("own", "align"));
	id = slab_alloc(self->fd, "own", 0, 1, 0);
	ASSERT_LT(0, id);
	EXPECT_EQ(-EBUSY, cache_destroy(self->fd, "own"));
	EXPECT_EQ(1, active("own"));
	EXPECT_EQ(0, dev_free(self->fd, id));

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, dev_create(fd, "second", "normal=8M"));
	ASSERT_EQ(0, dev_bind(fd, "second"));
	ASSERT_EQ(0, cache_create(fd, "own", 200, 0, 0));
	close(fd);
	/* The file is gone: the box, with its cache, can go as well. */
	EXPECT_EQ(0, dev_destroy(self->fd, "second"));
}

/* Opens and reads, byte by byte, what is there of a cache that comes and goes. */
static void read_in_pieces(const char *dir, const char *file, size_t piece)
{
	char path[256], text[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while ((n = read(fd, text, piece)) > 0)
		;
	close(fd);
}

TEST_F(cached, caches_come_and_go_while_they_are_read)
{
	static const char *const dirs[] = { PROC_DIR "/box0", DEBUG_DIR "/box0" };
	pid_t readers[2];
	int i;

	for (i = 0; i < 2; i++) {
		readers[i] = fork_child();
		if (readers[i])
			continue;
		for (;;) {
			read_in_pieces(dirs[i], "slab/fleeting/objects", 1);
			read_in_pieces(dirs[i], "slab/fleeting/alloc_fastpath", 1);
			read_in_pieces(dirs[i], "slabinfo", 61);
		}
	}
	for (i = 0; i < 60; i++) {
		int id;

		ASSERT_EQ(0, cache_create(self->fd, "fleeting", 40 + i, 0, 0));
		id = slab_alloc(self->fd, "fleeting", 0, 100, 0);
		ASSERT_LT(0, id);
		EXPECT_EQ(100, active("fleeting"));
		ASSERT_EQ(0, dev_free(self->fd, id));
		ASSERT_EQ(0, cache_destroy(self->fd, "fleeting"));
	}
	for (i = 0; i < 2; i++) {
		kill(readers[i], SIGKILL);
		waitpid(readers[i], NULL, 0);
	}
}

/* A file that was opened before its cache went has nothing more to say. */
TEST_F(cached, open_files_of_a_cache_that_went_are_harmless)
{
	char byte;
	int proc, debug;

	ASSERT_EQ(0, cache_create(self->fd, "own", 40, 0, 0));
	proc = open(PROC_DIR "/box0/slab/own/slabs", O_RDONLY);
	debug = open(DEBUG_DIR "/box0/slab/own/slabs", O_RDONLY);
	ASSERT_LE(0, proc);
	ASSERT_LE(0, debug);
	EXPECT_EQ(1, read(proc, &byte, 1));
	EXPECT_EQ(1, read(debug, &byte, 1));
	ASSERT_EQ(0, cache_destroy(self->fd, "own"));
	ASSERT_EQ(0, cache_create(self->fd, "own", 80, 0, 0));
	EXPECT_GE(0, read(proc, &byte, 1));
	EXPECT_GE(0, read(debug, &byte, 1));
	EXPECT_EQ(80, attribute("own", "object_size"));
	close(proc);
	close(debug);
}

TEST_HARNESS_MAIN
