// SPDX-License-Identifier: GPL-2.0
/*
 * Reading the files of a box in every way: in pieces of any size, from any
 * place, and while the box goes away.
 */
#include "mmbox_test.h"

static const char *const files[] = {
	"buddyinfo", "zoneinfo", "meminfo", "vmstat", "events", "objects",
	"version", "extfrag/extfrag_index", "extfrag/unusable_index", "pcp",
	"refusals", "refused_frees", "pagetypeinfo", "steals", "slabinfo",
	"allocinfo", "page_owner",
	"slab/kmalloc-64/objects", "slab/mmbox_sheaf/slabs",
};

#define NR_FILES	(sizeof(files) / sizeof(*files))

static const char *const dirs[] = { PROC_DIR, DEBUG_DIR };

static int open_file(int dir, const char *box, const char *file)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s/%s", dirs[dir], box, file);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* So many objects that their file is several pages long. */
static void make_objects(int fd, int n)
{
	struct mmbox_ioc_alloc alloc;

	while (n--)
		must(!dev_alloc(fd, PAGE, 0, 0, &alloc));
}

TEST_F(box, pieces_of_any_size_are_the_same_file)
{
	static const size_t chunk[] = { 1, 7, 64, 4095, 4096, 4097, 1 << 20 };
	size_t i, j, length, first_length;
	char *first, *text;
	int dir, fd;

	make_objects(self->fd, 300);
	for (dir = 0; dir < 2; dir++) {
		for (i = 0; i < NR_FILES; i++) {
			fd = open_file(dir, "box0", files[i]);
			ASSERT_LE(0, fd);
			first = slurp_fd(fd, 1 << 16, &first_length);
			for (j = 0; j < sizeof(chunk) / sizeof(*chunk); j++) {
				ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
				text = slurp_fd(fd, chunk[j], &length);
				EXPECT_EQ(first_length, length);
				EXPECT_EQ(0, strcmp(first, text)) {
					say("%s/%s in pieces of %zu", dirs[dir],
					    files[i], chunk[j]);
				}
				free(text);
			}
			free(first);
			close(fd);
		}
	}
}

TEST_F(box, objects_of_several_pages_are_complete)
{
	char *text, *line;
	unsigned int id, last = 0, n = 0;

	make_objects(self->fd, 300);
	text = box_file("box0", "objects");
	EXPECT_LT(3 * PAGE, strlen(text));
	for (line = strchr(text, '\n') + 1; *line; line = strchr(line, '\n') + 1) {
		ASSERT_EQ(1, sscanf(line, "%u", &id));
		EXPECT_EQ(last + 1, id);
		last = id;
		n++;
	}
	EXPECT_EQ(300, n);
	free(text);
}

TEST_F(box, any_place_reads_the_same)
{
	size_t i, at, length, want;
	char *text, piece[200];
	int dir, fd;

	make_objects(self->fd, 300);
	for (dir = 0; dir < 2; dir++) {
		for (i = 0; i < NR_FILES; i++) {
			fd = open_file(dir, "box0", files[i]);
			ASSERT_LE(0, fd);
			text = slurp_fd(fd, 1 << 20, &length);
			for (at = 0; at < length + 400; at += 149) {
				ssize_t n = pread(fd, piece, sizeof(piece), at);

				want = at < length ? length - at : 0;
				if (want > sizeof(piece))
					want = sizeof(piece);
				/* A piece may end with a row. */
				ASSERT_LE(0, n);
				ASSERT_LE((size_t)n, want);
				ASSERT_EQ(!want, !n);
				ASSERT_EQ(0, memcmp(piece, text + at, n));
			}
			free(text);
			close(fd);
		}
	}
}

TEST_F(box, lseek_goes_back_and_forth)
{
	char *text, byte;
	size_t length;
	int dir, fd, i;
	unsigned int seed = test_seed();

	make_objects(self->fd, 300);
	for (dir = 0; dir < 2; dir++) {
		fd = open_file(dir, "box0", "objects");
		ASSERT_LE(0, fd);
		text = slurp_fd(fd, 1 << 20, &length);
		for (i = 0; i < 200; i++) {
			off_t at = next_random(&seed) % length;

			ASSERT_EQ(at, lseek(fd, at, SEEK_SET));
			ASSERT_EQ(1, read(fd, &byte, 1));
			ASSERT_EQ(text[at], byte);
			ASSERT_EQ(at + 1, lseek(fd, 0, SEEK_CUR));
		}
		EXPECT_EQ(-1, lseek(fd, -1, SEEK_SET));
		lseek(fd, 1LL << 40, SEEK_SET);
		EXPECT_EQ(0, read(fd, &byte, 1));
		free(text);
		close(fd);
	}
}

/* What comes and goes between two reads shifts no row and doubles none. */
TEST_F(box, reader_keeps_its_place_while_objects_change)
{
	char text[8192] = "", row[61], *line;
	unsigned int id, last = 0, seen = 0, next = 2;
	int fd = open_file(0, "box0", "objects");
	size_t length = 0;
	ssize_t n;

	ASSERT_LE(0, fd);
	make_objects(self->fd, 100);
	while ((n = read(fd, row, sizeof(row) - 1)) > 0) {
		ASSERT_LT(length + n, sizeof(text));
		memcpy(text + length, row, n);
		length += n;
		/* Every second one goes, behind and before the reader. */
		if (next <= 100)
			EXPECT_EQ(0, dev_free(self->fd, next));
		next += 2;
	}
	EXPECT_EQ(0, n);
	for (line = strchr(text, '\n') + 1; *line; line = strchr(line, '\n') + 1) {
		ASSERT_EQ(1, sscanf(line, "%u", &id));
		EXPECT_LT(last, id);
		seen += id % 2;
		last = id;
	}
	/* Those that were there all the time are all seen. */
	EXPECT_EQ(50, seen);
	close(fd);
}

/*
 * Readers and the end of a box
 */

TEST_F(box, readers_of_a_destroyed_box_get_an_error)
{
	int fds[2][NR_FILES], dir;
	char byte;
	size_t i;

	ASSERT_EQ(0, dev_create(self->fd, "other", "1M"));
	for (dir = 0; dir < 2; dir++) {
		for (i = 0; i < NR_FILES; i++) {
			fds[dir][i] = open_file(dir, "other", files[i]);
			ASSERT_LE(0, fds[dir][i]);
			/* Half of them are in the midst of it. */
			if (i % 2)
				ASSERT_EQ(1, read(fds[dir][i], &byte, 1));
		}
	}
	ASSERT_EQ(0, dev_destroy(self->fd, "other"));
	/* A box of the same name is another one. */
	ASSERT_EQ(0, dev_create(self->fd, "other", "64K"));
	for (dir = 0; dir < 2; dir++) {
		for (i = 0; i < NR_FILES; i++) {
			ssize_t n = read(fds[dir][i], &byte, 1);

			EXPECT_EQ(-EIO, neg(n)) {
				say("%s/other/%s", dirs[dir], files[i]);
			}
			lseek(fds[dir][i], 0, SEEK_SET);
			n = read(fds[dir][i], &byte, 1);
			EXPECT_EQ(-EIO, neg(n));
			EXPECT_EQ(0, close(fds[dir][i]));
		}
	}
	EXPECT_EQ(0, dev_destroy(self->fd, "other"));
}

TEST_F(box, readers_do_not_outlive_the_module)
{
	int proc = open_file(0, "box0", "zoneinfo");
	int debug = open_file(1, "box0", "zoneinfo");
	char byte;
	int err;

	ASSERT_EQ(1, read(proc, &byte, 1));
	ASSERT_EQ(1, read(debug, &byte, 1));
	close(self->fd);
	self->fd = -1;
	/* An open file may hold the module, or be cut off, but not crash. */
	err = module_unload();
	EXPECT_TRUE(err == 0 || err == -EWOULDBLOCK);
	if (err) {
		close(debug);
		debug = -1;
		err = module_unload();
	}
	EXPECT_EQ(0, err);
	EXPECT_EQ(-EIO, neg(read(proc, &byte, 1)));
	if (debug >= 0) {
		EXPECT_EQ(-EIO, neg(read(debug, &byte, 1)));
		close(debug);
	}
	close(proc);
	/* For the fixture. */
	ASSERT_EQ(0, module_load("pool=" MMBOX_TEST_POOL));
	state_drop(&self->before);
	state_take("box0", &self->before);
}

/* Processes that read all they can find, while boxes come and go. */
static void read_all_the_time(const int *stop)
{
	char buf[512];
	size_t i;
	int dir, fd;

	while (!__atomic_load_n(stop, __ATOMIC_RELAXED)) {
		for (dir = 0; dir < 2; dir++) {
			for (i = 0; i < NR_FILES; i++) {
				fd = open_file(dir, "other", files[i]);
				if (fd < 0)
					continue;
				while (read(fd, buf, sizeof(buf)) > 0)
					;
				close(fd);
			}
		}
	}
	_exit(0);
}

TEST_F(box, readers_while_boxes_come_and_go)
{
	int *stop = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[2];
	int i;

	ASSERT_NE(MAP_FAILED, stop);
	for (i = 0; i < 2; i++) {
		pids[i] = fork_child();
		if (!pids[i])
			read_all_the_time(stop);
	}
	for (i = 0; i < 40; i++) {
		ASSERT_EQ(0, dev_create(self->fd, "other", "256K"));
		ASSERT_EQ(0, dev_destroy(self->fd, "other"));
	}
	__atomic_store_n(stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, wait_child(pids[i]));
}

TEST_HARNESS_MAIN
