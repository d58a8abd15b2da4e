// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/kcore is read where areas of a box are, while areas come and go there,
 * and while registers of a device are mapped. A read gives what it gives, or an
 * errno; what matters is that the kernel takes no harm, which the log tells.
 */
#include "mmbox_test.h"
#include "kcore.h"

#define CHUNK	(1UL << 16)

/* Kernel addresses from a file of the box are what they are, not hashed. */
static void show_addresses(void)
{
	int fd = open("/proc/sys/kernel/kptr_restrict", O_WRONLY | O_CLOEXEC);

	must(fd >= 0);
	must(write(fd, "1", 1) == 1);
	close(fd);
}

/* Reads what is at some addresses; the bytes that there were, or -errno. */
static long read_range(const struct kcore *kcore, unsigned long start,
		       unsigned long end, char *buf)
{
	const Elf64_Phdr *s = kcore_segment_at(kcore, start);
	long total = 0;

	must(s);
	while (start < end) {
		size_t size = end - start < CHUNK ? end - start : CHUNK;
		ssize_t n = pread(kcore->fd, buf, size,
				  s->p_offset + start - s->p_vaddr);

		if (n < 0)
			return -errno;
		if (!n)
			break;
		start += n;
		total += n;
	}
	return total;
}

struct reads {
	unsigned long done, failed, bytes;
};

/* All areas of the box, their guard pages included, and the lazy ones. */
static void read_areas(const struct kcore *kcore, struct reads *reads)
{
	char *text = box_file("box0", "vmallocinfo"), *line;
	static char buf[CHUNK];
	unsigned long from, to;

	for (line = text; *line; line = strchr(line, '\n') + 1) {
		long n;

		must(sscanf(line, "0x%lx-0x%lx", &from, &to) == 2);
		n = read_range(kcore, from, to, buf);
		reads->done++;
		reads->failed += n < 0;
		reads->bytes += n < 0 ? 0 : n;
	}
	free(text);
}

/* Runs a case of a test module; false if there is none, or it fails. */
static bool module_case(const char *name, const char *parameters)
{
	int err = run_test_module(name, parameters);

	if (err)
		say("%s %s: %d", name, parameters, err);
	return !err;
}

/*
 * A module, by the name of what writes its page tables. The window is large
 * enough for what mmbox_test_vmap wants.
 */
FIXTURE(kcore)
{
	struct kcore kcore;
	int kmsg;
};

FIXTURE_VARIANT(kcore)
{
	const char *pool;
};

FIXTURE_VARIANT_ADD(kcore, own)
{
	.pool = "pool=normal=48M,window=32M,remap=own",
};

FIXTURE_VARIANT_ADD(kcore, vmap)
{
	.pool = "pool=normal=48M,window=128M,remap=vmap",
};

FIXTURE_SETUP(kcore)
{
	if (!kcore_open(&self->kcore))
		SKIP(return, "no /proc/kcore");
	show_addresses();
	self->kmsg = kmsg_open();
	ASSERT_EQ(0, module_load(variant->pool));
}

FIXTURE_TEARDOWN(kcore)
{
	if (self->kcore.fd < 0)
		return;
	close(self->kcore.fd);
	EXPECT_EQ(0, module_unload());
	EXPECT_EQ(1, kmsg_all_back(self->kmsg));
}

TEST_F(kcore, areas_come_and_go_while_they_are_read)
{
	struct reads reads = { 0 };
	pid_t child = fork_child();
	int status = 0;

	if (!child)
		_exit(!module_case("mmbox_test_vmap", "run=churn ops=5000"));
	while (!waitpid(child, &status, WNOHANG))
		read_areas(&self->kcore, &reads);
	EXPECT_EQ(0, status);
	say("%lu reads, %lu failed, %lu bytes", reads.done, reads.failed,
	    reads.bytes);
	EXPECT_LT(20, reads.done);
	EXPECT_LT(0, reads.bytes);
}

/* Registers have no memory behind them that could be read in their place. */
TEST_F(kcore, registers_are_not_read)
{
	unsigned long start, end, i;
	char buf[PAGE], *text;

	ASSERT_EQ(0, load_test_module("mmbox_test_ioremap", "run=hold"));
	text = box_file("box0", "vmallocinfo");
	ASSERT_EQ(2, sscanf(text, "0x%lx-0x%lx", &start, &end));
	free(text);
	memset(buf, 0xa5, PAGE);
	EXPECT_EQ(PAGE, read_range(&self->kcore, start, start + PAGE, buf));
	for (i = 0; i < PAGE && !buf[i]; i++)
		;
	EXPECT_EQ(PAGE, i);
	EXPECT_EQ(0, unload_test_module("mmbox_test_ioremap"));
}

TEST_HARNESS_MAIN
