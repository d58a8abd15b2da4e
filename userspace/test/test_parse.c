// SPDX-License-Identifier: GPL-2.0
/* The parsers on what a box writes, and on what it never should. */
#include "../lib/libmmbox.h"
#include "unit.h"

/* Each parser with its release, as the tests of wrong input need them. */
static int parse_buddyinfo(FILE *fp)
{
	struct mmbox_buddyinfo bi;
	int err = mmbox_buddyinfo_parse(fp, &bi);

	if (err)
		assert_null(bi.area);
	mmbox_buddyinfo_release(&bi);
	return err;
}

static int parse_zoneinfo(FILE *fp)
{
	struct mmbox_zoneinfo zi;
	int err = mmbox_zoneinfo_parse(fp, &zi);

	if (err)
		assert_null(zi.zone);
	mmbox_zoneinfo_release(&zi);
	return err;
}

static int parse_counters(FILE *fp)
{
	struct mmbox_counters c;
	int err = mmbox_counters_parse(fp, &c);

	if (err)
		assert_null(c.v);
	mmbox_counters_release(&c);
	return err;
}

static int parse_meminfo(FILE *fp)
{
	struct mmbox_counters c;
	int err = mmbox_meminfo_parse(fp, &c);

	if (err)
		assert_null(c.v);
	mmbox_counters_release(&c);
	return err;
}

static int parse_objects(FILE *fp)
{
	struct mmbox_objects o;
	int err = mmbox_objects_parse(fp, &o);

	if (err)
		assert_null(o.v);
	mmbox_objects_release(&o);
	return err;
}

static int parse_refusals(FILE *fp)
{
	struct mmbox_refusals r;
	int err = mmbox_refusals_parse(fp, &r);

	if (err)
		assert_null(r.v);
	mmbox_refusals_release(&r);
	return err;
}

static int parse_tunables(FILE *fp)
{
	struct mmbox_tunables t;
	int err = mmbox_tunables_parse(fp, &t);

	mmbox_tunables_release(&t);
	return err;
}

static int parse_refused_frees(FILE *fp)
{
	struct mmbox_refused_frees f;
	int err = mmbox_refused_frees_parse(fp, &f);

	if (err)
		assert_null(f.v);
	mmbox_refused_frees_release(&f);
	return err;
}

static int parse_pagetypeinfo(FILE *fp)
{
	struct mmbox_pagetypeinfo pti;
	int err = mmbox_pagetypeinfo_parse(fp, &pti);

	if (err)
		assert_null(pti.area);
	mmbox_pagetypeinfo_release(&pti);
	return err;
}

static int parse_steals(FILE *fp)
{
	struct mmbox_steals s;
	int err = mmbox_steals_parse(fp, &s);

	if (err)
		assert_null(s.v);
	mmbox_steals_release(&s);
	return err;
}

static int parse_regions(FILE *fp)
{
	struct mmbox_regions r;
	int err = mmbox_regions_parse(fp, &r);

	if (err)
		assert_null(r.v);
	/* Nothing may be reserved, but a box has memory. */
	else if (!r.nr)
		err = -EBADMSG;
	mmbox_regions_release(&r);
	return err;
}

static int parse_boot_log(FILE *fp)
{
	struct mmbox_boot_log log;
	int err = mmbox_boot_log_parse(fp, &log);

	if (err)
		assert_null(log.v);
	mmbox_boot_log_release(&log);
	return err;
}

static int parse_metadata(FILE *fp)
{
	struct mmbox_metadata m;
	int err = mmbox_metadata_parse(fp, &m);

	if (err)
		assert_null(m.zone);
	mmbox_metadata_release(&m);
	return err;
}

static const struct parser {
	const char *file;
	int (*parse)(FILE *fp);
} parsers[] = {
	{ "buddyinfo", parse_buddyinfo }, { "zoneinfo", parse_zoneinfo },
	{ "vmstat", parse_counters }, { "events", parse_counters },
	{ "meminfo", parse_meminfo }, { "objects", parse_objects },
	{ "refusals", parse_refusals }, { "refused_frees", parse_refused_frees },
	{ "pagetypeinfo", parse_pagetypeinfo }, { "steals", parse_steals },
	{ "memblock/memory", parse_regions }, { "memblock/log", parse_boot_log },
	{ "metadata", parse_metadata },
	{ "tunables", parse_tunables },
};

#define NR_PARSERS	(sizeof(parsers) / sizeof(*parsers))

static int parse_text(int (*parse)(FILE *fp), const char *text, size_t len)
{
	FILE *fp = text_stream(text, len);
	int err = parse(fp);

	fclose(fp);
	return err;
}

static void assert_bad(int (*parse)(FILE *fp), const char *text)
{
	assert_int_equal(parse_text(parse, text, strlen(text)), -EBADMSG);
}

static void buddyinfo(void **state)
{
	struct mmbox_buddyinfo bi, copy;

	(void)state;
	assert_int_equal(mmbox_buddyinfo_read("box0", &bi), 0);
	assert_int_equal(bi.nr, 3);
	assert_int_equal(bi.nr_orders, 11);
	assert_string_equal(bi.area[2].zone, "Normal");
	assert_int_equal(bi.area[2].free[10], 16);
	assert_int_equal(mmbox_area_pages(&bi.area[0], 11), 256);
	assert_int_equal(mmbox_buddyinfo_copy(&copy, &bi), 0);
	assert_true(mmbox_buddyinfo_equal(&copy, &bi));
	copy.area[1].free[3]++;
	assert_false(mmbox_buddyinfo_equal(&copy, &bi));
	mmbox_buddyinfo_release(&copy);
	mmbox_buddyinfo_release(&bi);

	assert_int_equal(mmbox_buddyinfo_read("numa", &bi), 0);
	assert_int_equal(bi.nr, 4);
	assert_int_equal(bi.area[3].node, 1);
	assert_int_equal(bi.area[3].free[0], 999999);
	mmbox_buddyinfo_release(&bi);
}

static void buddyinfo_bad(void **state)
{
	(void)state;
	assert_bad(parse_buddyinfo, "");
	assert_bad(parse_buddyinfo, "\n");
	assert_bad(parse_buddyinfo, "Node 0, zone Normal\n");
	assert_bad(parse_buddyinfo, "Node 0, zone Normal 1 2 3");
	assert_bad(parse_buddyinfo, "Node 0, zone Normal 1 -2 3\n");
	assert_bad(parse_buddyinfo, "Node 0, zone Normal 1 2 x\n");
	assert_bad(parse_buddyinfo, "Node 0, zone Normal 1 99999999999999999999\n");
	assert_bad(parse_buddyinfo, "Node 0, zone Normal 1 9999999999999999999\n");
	assert_bad(parse_buddyinfo, "Node 0, zone ANameThatIsTooLongForAZone 1 2\n");
	assert_bad(parse_buddyinfo, "Node 0, zone DMA 1 2\nNode 0, zone Normal 1 2 3\n");
	assert_bad(parse_buddyinfo, "Node -1, zone DMA 1 2\n");
	assert_bad(parse_buddyinfo, "Node 0, zone DMA 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 "
		   "1 1 1 1 1 1 1 1 1 1 1 1\n");
}

static void zoneinfo(void **state)
{
	const struct mmbox_zone *z;
	struct mmbox_zoneinfo zi;
	uint64_t v;

	(void)state;
	assert_int_equal(mmbox_zoneinfo_read("numa", &zi), 0);
	assert_int_equal(zi.nr, 8);
	z = mmbox_zoneinfo_find(&zi, 0, "DMA");
	assert_non_null(z);
	assert_int_equal(z->min, 1);
	assert_int_equal(z->low, 2);
	assert_int_equal(z->high, 3);
	assert_int_equal(z->spanned, 4095);
	assert_int_equal(z->present, 3998);
	assert_int_equal(z->managed, 1024);
	assert_int_equal(z->nr_protection, 4);
	assert_int_equal(z->protection[2], 2048);
	assert_int_equal(z->nr_pagesets, 64);
	assert_int_equal(z->pageset[63].cpu, 63);
	assert_int_equal(z->pageset[63].high_max, 1512);
	assert_int_equal(z->pageset[63].threshold, 24);
	assert_int_equal(z->start_pfn, 1);
	assert_int_equal(mmbox_counters_get(&z->node_stats, "nr_mapped", &v), 0);
	assert_int_equal(v, 7);
	assert_int_equal(mmbox_counters_get(&z->stats, "nr_free_pages", &v), 0);
	assert_int_equal(v, z->free);
	assert_int_equal(mmbox_counters_get(&z->stats, "nr_mapped", &v), -ENOENT);
	assert_int_equal(mmbox_zoneinfo_find(&zi, 1, "Movable")->managed, 0);
	assert_null(mmbox_zoneinfo_find(&zi, 2, "DMA"));
	assert_int_equal(mmbox_zone_listed(z), 0);
	assert_int_equal(mmbox_zone_listed(mmbox_zoneinfo_find(&zi, 1, "Normal")), 62 + 8);
	mmbox_zoneinfo_release(&zi);
}

static void zoneinfo_bad(void **state)
{
	(void)state;
	assert_bad(parse_zoneinfo, "");
	assert_bad(parse_zoneinfo, "  pages free     1\n");
	assert_bad(parse_zoneinfo, "Node 0, zone DMA\n");
	assert_bad(parse_zoneinfo, "Node 0, zone DMA\n  pages free 1\n");
	assert_bad(parse_zoneinfo, "Node 0, zone DMA\n  pages free 1\nNode 0, zone DMA32\n");
	assert_bad(parse_zoneinfo, "Node 0, zone DMA x\n  pages free 1\n  protection: (0)\n");
	assert_bad(parse_zoneinfo, "Node 0, zone DMA\n  pages free 1\n  protection: (0\n");
	assert_bad(parse_zoneinfo, "Node 0, zone DMA\n  pages free 1\n  protection: ()\n");
	assert_bad(parse_zoneinfo, "Node 0, zone DMA\n  pages free 1\n  protection: (1,2,3,4,5,6,7,"
		   "8,9,10,11,12,13,14,15,16,17)\n");
	assert_bad(parse_zoneinfo, "Node 0, zone DMA\n  pages free 1\n  protection: (0)\n"
		   "  pagesets\n   count: 1\n");
	assert_bad(parse_zoneinfo, "Node 0, zone DMA\n  vm stats threshold: 1\n");
}

static void counters(void **state)
{
	struct mmbox_counters c;
	uint64_t v;

	(void)state;
	assert_int_equal(mmbox_vmstat_read("box0", &c), 0);
	assert_int_equal(mmbox_counters_get(&c, "pgfree", &v), 0);
	assert_int_equal(v, 5);
	mmbox_counters_release(&c);
	assert_int_equal(mmbox_events_read("box0", &c), 0);
	assert_int_equal(mmbox_counters_get(&c, "object_mmap", &v), 0);
	assert_int_equal(v, 7);
	mmbox_counters_release(&c);
	assert_int_equal(mmbox_meminfo_read("box0", &c), 0);
	assert_int_equal(mmbox_counters_get(&c, "MemTotal", &v), 0);
	assert_int_equal(v, 82944);
	assert_int_equal(mmbox_counters_get(&c, "HugePages_Total", &v), 0);
	mmbox_counters_release(&c);

	assert_bad(parse_counters, "");
	assert_bad(parse_counters, "pgfree\n");
	assert_bad(parse_counters, "pgfree 1 2\n");
	assert_bad(parse_counters, "pgfree 1\n\n");
	assert_bad(parse_counters, "pgfree 18446744073709551616\n");
	assert_bad(parse_meminfo, "MemTotal 1 kB\n");
	assert_bad(parse_meminfo, "MemTotal: 1 MB\n");
	assert_bad(parse_meminfo, ": 1 kB\n");
}

#define HEADER	"#       id order    pages     zone variant state   maps      pid comm\n"

static void objects(void **state)
{
	struct mmbox_objects o;

	(void)state;
	assert_int_equal(mmbox_objects_read("box0", &o), 0);
	assert_int_equal(o.nr, 3);
	assert_int_equal(mmbox_objects_find(&o, 1)->order, 3);
	assert_string_equal(mmbox_objects_find(&o, 2)->comm, "my tool (x)");
	assert_string_equal(mmbox_objects_find(&o, 7)->state, "freed");
	assert_int_equal(mmbox_objects_find(&o, 7)->maps, 2);
	assert_null(mmbox_objects_find(&o, 3));
	mmbox_objects_release(&o);
	assert_int_equal(mmbox_objects_read("numa", &o), 0);
	assert_int_equal(o.nr, 0);
	mmbox_objects_release(&o);
	assert_int_equal(parse_text(parse_objects, HEADER "1 0 1 DMA remap live 0 1 \n",
				    sizeof(HEADER "1 0 1 DMA remap live 0 1 \n") - 1), 0);

	assert_bad(parse_objects, "");
	assert_bad(parse_objects, "1 0 1 DMA remap live 0 1 x\n");
	assert_bad(parse_objects, HEADER "1 0 1 DMA remap live 0\n");
	assert_bad(parse_objects, HEADER "1 99 1 DMA remap live 0 1 x\n");
	assert_bad(parse_objects, HEADER "4294967296 0 1 DMA remap live 0 1 x\n");
	assert_bad(parse_objects, HEADER "1 0 1 DMA remap live 0 1 "
		   "0123456789012345678901234567890123456789012345678901234567890123456789\n");
}

#define REFUSALS	"# 1 allocations failed; the last 64 are kept; 0 could not be recorded\n"
#define ALLOC	"alloc 1 time=1.000002 order=3 gfp=0xcc0(GFP_KERNEL) wait=yes node=0 context=task " \
		"caller=f pid=7 comm=x\n"
#define ZONE	"zone 1 node=0 name=DMA reason=block free=3 largest=1 index=-0.250 pcp=0 mark=2 reserve=1: words\n"

static void refusals(void **state)
{
	const struct mmbox_refused_alloc *a;
	struct mmbox_refusals r;

	(void)state;
	assert_int_equal(mmbox_refusals_read("box0", &r), 0);
	assert_int_equal(r.failed, 70);
	assert_int_equal(r.kept, 64);
	assert_int_equal(r.nr, 3);
	a = &r.v[1];
	assert_int_equal(a->nr, 69);
	assert_int_equal(a->order, 5);
	assert_int_equal(a->who.time_us, 81000345);
	assert_string_equal(a->gfp_names, "GFP_KERNEL");
	assert_true(a->may_wait);
	assert_string_equal(a->who.comm, "my tool: \\");
	assert_int_equal(a->who.pid, 101);
	assert_int_equal(a->nr_zones, 3);
	assert_int_equal(a->zone[0].free, 812);
	assert_int_equal(a->zone[0].largest, 2);
	assert_int_equal(a->zone[0].index, 912);
	assert_int_equal(a->zone[2].index, -500);
	assert_int_equal(a->zone[1].largest, -1);
	assert_string_equal(a->zone[1].text, "no free block is large enough");
	assert_false(r.v[2].may_wait);
	assert_string_equal(r.v[2].zone[0].reason, "gfp");
	assert_string_equal(r.v[0].zone[2].reason, "reserve");
	assert_int_equal(r.v[0].zone[2].mark, 3);
	assert_int_equal(r.v[0].zone[2].reserve, 80);
	mmbox_refusals_release(&r);
	assert_int_equal(parse_text(parse_refusals, REFUSALS ALLOC ZONE,
				    sizeof(REFUSALS ALLOC ZONE) - 1), 0);

	assert_bad(parse_refusals, "");
	assert_bad(parse_refusals, ALLOC ZONE);
	assert_bad(parse_refusals, REFUSALS ZONE);
	assert_bad(parse_refusals, REFUSALS ALLOC "zone 2 node=0 name=DMA reason=block free=3 "
		   "largest=1 index=0.250 pcp=0 mark=2 reserve=1: words\n");
	assert_bad(parse_refusals, REFUSALS ALLOC "zone 1 node=0 name=DMA reason=block free=3 "
		   "largest=99 index=0.250 pcp=0 mark=2 reserve=1: words\n");
	assert_bad(parse_refusals, REFUSALS ALLOC "zone 1 node=0 name=DMA reason=block free=3 "
		   "largest=1 index=0.25 pcp=0 mark=2 reserve=1: words\n");
	assert_bad(parse_refusals, REFUSALS ALLOC "zone 1 node=0 name=DMA reason=block free=3 "
		   "largest=1 index=0.250 pcp=0: words\n");
	assert_bad(parse_refusals, REFUSALS ALLOC "zone 1 node=0 name=DMA reason=block free=3 "
		   "largest=1 index=0.250 pcp=0 mark=-1 reserve=0: words\n");
	assert_bad(parse_refusals, REFUSALS "alloc 1 time=1.2 order=3 gfp=0xcc0(GFP_KERNEL) "
		   "wait=yes node=0 context=task caller=f pid=7 comm=x\n");
	assert_bad(parse_refusals, REFUSALS "alloc 1 time=1.000002 order=3 gfp=0xcc0(GFP_KERNEL "
		   "wait=yes node=0 context=task caller=f pid=7 comm=x\n");
	assert_bad(parse_refusals, REFUSALS "alloc 1 time=1.000002 order=3 gfp=0xcc0(GFP_KERNEL) "
		   "wait=maybe node=0 context=task caller=f pid=7 comm=x\n");
	assert_bad(parse_refusals, REFUSALS "alloc 1 time=1.000002 order=3 gfp=0xcc0(GFP_KERNEL) "
		   "wait=no node=0 context=task caller=f pid=7 comm=x\\9\n");
}

static void regions(void **state)
{
	struct mmbox_regions r;
	FILE *fp;

	(void)state;
	assert_int_equal(mmbox_memory_read("box0", &r), 0);
	assert_int_equal(r.nr, 3);
	assert_int_equal(r.v[2].base, 0x100000000);
	assert_int_equal(r.v[2].end, 0x104000000);
	assert_int_equal(r.v[2].node, 0);
	mmbox_regions_release(&r);
	assert_int_equal(mmbox_reserved_read("box0", &r), 0);
	assert_int_equal(r.nr, 1);
	assert_int_equal(r.v[0].node, -1);
	mmbox_regions_release(&r);
	assert_int_equal(mmbox_memory_read("numa", &r), 0);
	assert_string_equal(r.v[1].flags, "NOMAP");
	mmbox_regions_release(&r);

	fp = text_stream("", 0);
	assert_int_equal(mmbox_regions_parse(fp, &r), 0);
	assert_int_equal(r.nr, 0);
	fclose(fp);
	assert_bad(parse_regions, "   1: 0x00..0x0f    0 NONE\n");
	assert_bad(parse_regions, "   0: 0x10..0x0f    0 NONE\n");
	assert_bad(parse_regions, "   0: 0x10..0xffffffffffffffff    0 NONE\n");
	assert_bad(parse_regions, "   0: 0x10..0x1ffffffffffffffff    0 NONE\n");
	assert_bad(parse_regions, "   0: 10..20    0 NONE\n");
	assert_bad(parse_regions, "   0: 0x10..0x1f    y NONE\n");
	assert_bad(parse_regions, "   0: 0x10..0x1f    0\n");
	assert_bad(parse_regions, "   0: 0x10..0x1f    0 NONE\n   1: 0x1f..0x2f    0 NONE\n");
}

#define BOOT	"# boot=memblock page=4096 steps=1 lost=0\n"
#define STEP	"step 1 what=add array=memory base=0x1000 size=4096 node=0 zone=DMA order=0 " \
		"count=1 for=-"

static void boot_log(void **state)
{
	struct mmbox_boot_log log;

	(void)state;
	assert_int_equal(mmbox_boot_log_read("box0", &log), 0);
	assert_string_equal(log.kind, "memblock");
	assert_int_equal(log.page_size, 4096);
	assert_int_equal(log.nr, 15);
	assert_string_equal(log.v[6].what, "alloc");
	assert_string_equal(log.v[6].zone, "Normal");
	assert_string_equal(log.v[6].purpose, "descriptors");
	assert_int_equal(log.v[6].size, 517632);
	assert_int_equal(log.v[6].count, 21);
	assert_int_equal(log.v[5].node, -1);
	mmbox_boot_log_release(&log);

	assert_int_equal(parse_text(parse_boot_log, BOOT STEP ": x\n", strlen(BOOT STEP ": x\n")),
			 0);
	assert_bad(parse_boot_log, "");
	assert_bad(parse_boot_log, BOOT);
	assert_bad(parse_boot_log, STEP ": x\n");
	assert_bad(parse_boot_log, BOOT STEP "\n");
	assert_bad(parse_boot_log, BOOT STEP ": x\n" STEP ": x\n");
	assert_bad(parse_boot_log, "# boot=memblock page=4095 steps=1 lost=0\n" STEP ": x\n");
	assert_bad(parse_boot_log, "# boot=memblock page=0 steps=1 lost=0\n" STEP ": x\n");
	assert_bad(parse_boot_log, BOOT "step 1 what=add array=memory base=0xffffffffffffffff "
		   "size=4096 node=0 zone=DMA order=0 count=1 for=-: x\n");
	assert_bad(parse_boot_log, BOOT "step 1 what=add array=memory base=0x1000 size=4096 "
		   "node=0 zone=DMA order=32 count=1 for=-: x\n");
	assert_bad(parse_boot_log, BOOT "step 1 what=add array=memory base=0x1000 size=4096 "
		   "node=- zone=DMA order=0 count=1 for=: x\n");
}

static void metadata(void **state)
{
	struct mmbox_metadata m;

	(void)state;
	assert_int_equal(mmbox_metadata_read("box0", &m), 0);
	assert_int_equal(m.nr, 3);
	assert_string_equal(m.zone[2].zone, "Normal");
	assert_int_equal(m.zone[2].descriptors, 16 * 24576);
	assert_int_equal(m.zone[2].reserved, 127);
	assert_int_equal(m.all.sections, 21);
	assert_int_equal(m.all.own_pages, 517440);
	assert_int_equal(m.all.host_memory, 0);
	assert_int_equal(m.all.per_page, 2406);
	assert_int_equal(m.slab_pages, 3);
	assert_int_equal(m.index_leaves, 2);
	mmbox_metadata_release(&m);

	assert_bad(parse_metadata, "");
	assert_bad(parse_metadata, "Node 0, zone   Normal\n");
	assert_bad(parse_metadata, "All zones\nSections: 1\n");
	assert_bad(parse_metadata, "Sections: 1\n");
}

static void refused_frees(void **state)
{
	struct mmbox_refused_frees f;

	(void)state;
	assert_int_equal(mmbox_refused_frees_read("box0", &f), 0);
	assert_int_equal(f.refused, 4);
	assert_int_equal(f.nr, 2);
	assert_int_equal(f.v[0].count, 3);
	assert_int_equal(f.v[0].pfn, 0x1a2b0);
	assert_int_equal(f.v[0].order, 2);
	assert_string_equal(f.v[1].reason, "free");
	assert_string_equal(f.v[1].who.context, "hardirq");
	mmbox_refused_frees_release(&f);
	assert_int_equal(mmbox_refused_frees_read("numa", &f), 0);
	assert_int_equal(f.nr, 0);
	mmbox_refused_frees_release(&f);

	assert_bad(parse_refused_frees, "");
	assert_bad(parse_refused_frees, "# 1 frees were refused; the last 32 kinds are kept\n"
		   "free 1 time=1.000000 count=1 pfn=12 order=0 reason=free context=task caller=f "
		   "pid=1 comm=x: words\n");
	assert_bad(parse_refused_frees, "# 1 frees were refused; the last 32 kinds are kept\n"
		   "free 1 time=1.000000 count=1 pfn=0x12 order=0 reason=free context=task caller=f "
		   "pid=1 comm=x words\n");
}

#define TYPES_HEAD	"Page block order: 1\nPages per block:  2\n\n" \
			"Free pages count per migrate type at order 0 1 2\n"
#define ROW		"Node 0, zone DMA, type "
#define TYPE_ROWS	"Node 0, zone DMA, type Unmovable 1 2 3\n" \
			"Node 0, zone DMA, type Movable 0 0 0\n" \
			"Node 0, zone DMA, type Reclaimable 0 0 0\n" \
			"Node 0, zone DMA, type HighAtomic 0 0 0\n" \
			"Node 0, zone DMA, type Isolate 0 0 0\n"
#define BLOCKS_HEAD	"\nNumber of blocks type Unmovable Movable Reclaimable HighAtomic Isolate\n"

static void pagetypeinfo(void **state)
{
	static const char good[] = TYPES_HEAD TYPE_ROWS BLOCKS_HEAD
				   "Node 0, zone DMA 1 2 3 4 5\n";
	struct mmbox_pagetypeinfo pti;
	struct mmbox_buddyinfo bi;

	(void)state;
	assert_int_equal(mmbox_pagetypeinfo_read("numa", &pti), 0);
	assert_int_equal(mmbox_buddyinfo_read("numa", &bi), 0);
	assert_int_equal(pti.nr, 4);
	assert_int_equal(pti.nr_orders, 11);
	assert_int_equal(pti.block_order, 9);
	assert_string_equal(pti.area[1].zone, "DMA32");
	assert_int_equal(pti.area[1].free[MMBOX_TYPE_UNMOVABLE][8], 1);
	assert_int_equal(pti.area[1].pageblocks[MMBOX_TYPE_MOVABLE], 62);
	assert_int_equal(pti.area[3].node, 1);
	for (size_t i = 0; i < pti.nr; i++) {
		for (unsigned int o = 0; o < 11; o++) {
			for (unsigned int type = 0; type < MMBOX_NR_TYPES; type++)
				bi.area[i].free[o] -= pti.area[i].free[type][o];
			assert_int_equal(bi.area[i].free[o], 0);
		}
	}
	mmbox_buddyinfo_release(&bi);
	mmbox_pagetypeinfo_release(&pti);
	assert_string_equal(mmbox_type_name(MMBOX_TYPE_HIGHATOMIC), "HighAtomic");
	assert_string_equal(mmbox_type_name(MMBOX_NR_TYPES), "?");
	assert_int_equal(parse_text(parse_pagetypeinfo, good, sizeof(good) - 1), 0);
}

static void pagetypeinfo_bad(void **state)
{
	(void)state;
	assert_bad(parse_pagetypeinfo, "");
	assert_bad(parse_pagetypeinfo, TYPES_HEAD);
	assert_bad(parse_pagetypeinfo, TYPES_HEAD BLOCKS_HEAD);
	assert_bad(parse_pagetypeinfo, TYPES_HEAD TYPE_ROWS);
	assert_bad(parse_pagetypeinfo, TYPES_HEAD TYPE_ROWS BLOCKS_HEAD);
	assert_bad(parse_pagetypeinfo, TYPES_HEAD TYPE_ROWS BLOCKS_HEAD
		   "Node 0, zone DMA32 1 2 3 4 5\n");
	assert_bad(parse_pagetypeinfo, TYPES_HEAD TYPE_ROWS BLOCKS_HEAD
		   "Node 0, zone DMA 1 2 3 4\n");
	assert_bad(parse_pagetypeinfo, TYPES_HEAD TYPE_ROWS BLOCKS_HEAD
		   "Node 0, zone DMA 1 2 3 4 5\nNode 0, zone DMA 1 2 3 4 5\n");
	assert_bad(parse_pagetypeinfo, TYPES_HEAD ROW "Unmovable 1 2 3\n" BLOCKS_HEAD
		   "Node 0, zone DMA 1 2 3 4 5\n");
	assert_bad(parse_pagetypeinfo, TYPES_HEAD ROW "Movable 1 2 3\n");
	assert_bad(parse_pagetypeinfo, TYPES_HEAD ROW "Unmovable 1 2\n");
	assert_bad(parse_pagetypeinfo, TYPES_HEAD ROW "Unmovable 1 2 3 4\n");
	assert_bad(parse_pagetypeinfo, "Page block order: 64\nPages per block:  2\n");
	assert_bad(parse_pagetypeinfo, "Page block order: 1\nPages per block:  3\n");
}

#define STEALS	"# 1 allocations took from pageblocks of another type; the last 128 are kept\n"
#define STEAL	"steal 1 time=1.000002 node=0 zone=DMA pfn=0x12 order="
#define FROM_TO	" from=Movable to=Unmovable "
#define WHO	" context=task caller=f pid=7 comm=x: words\n"

static void steals(void **state)
{
	static const char good[] = STEALS STEAL "3" FROM_TO "wanted=3 converted=no" WHO;
	struct mmbox_steals s;

	(void)state;
	assert_int_equal(mmbox_steals_read("box0", &s), 0);
	assert_int_equal(s.total, 130);
	assert_int_equal(s.kept, 128);
	assert_int_equal(s.nr, 3);
	assert_int_equal(s.v[1].nr, 129);
	assert_int_equal(s.v[1].who.time_us, 81000345);
	assert_string_equal(s.v[1].zone, "DMA32");
	assert_int_equal(s.v[1].pfn, 0x1a208);
	assert_int_equal(s.v[1].order, 3);
	assert_int_equal(s.v[1].wanted, 0);
	assert_string_equal(s.v[1].from, "Unmovable");
	assert_string_equal(s.v[1].to, "Reclaimable");
	assert_false(s.v[1].converted);
	assert_true(s.v[2].converted);
	assert_int_equal(s.v[2].node, 1);
	assert_string_equal(s.v[2].who.context, "hardirq");
	assert_string_equal(s.v[1].who.comm, "my tool: \\");
	mmbox_steals_release(&s);
	assert_int_equal(mmbox_steals_read("numa", &s), 0);
	assert_int_equal(s.nr, 0);
	mmbox_steals_release(&s);
	assert_int_equal(parse_text(parse_steals, good, sizeof(good) - 1), 0);

	assert_bad(parse_steals, "");
	assert_bad(parse_steals, STEAL "3" FROM_TO "wanted=3 converted=no" WHO);
	assert_bad(parse_steals, STEALS STEAL "3" FROM_TO "wanted=4 converted=no" WHO);
	assert_bad(parse_steals, STEALS STEAL "32" FROM_TO "wanted=4 converted=no" WHO);
	assert_bad(parse_steals, STEALS STEAL "3" FROM_TO "wanted=2 converted=maybe" WHO);
	assert_bad(parse_steals, STEALS "steal 1\n");
}

static void tunables(void **state)
{
	struct mmbox_tunables t;

	(void)state;
	assert_int_equal(mmbox_tunables_read("box0", &t), 0);
	assert_int_equal(t.nr, 5);
	assert_string_equal(t.v[0].name, "min_free_kbytes");
	assert_string_equal(t.v[0].value, "1152");
	assert_string_equal(t.v[0].unit, "kB");
	assert_string_equal(t.v[0].range, "auto or 0 to 41472");
	assert_true(t.v[0].automatic);
	assert_string_equal(t.v[3].value, "256:256:32:0:0");
	assert_string_equal(t.v[3].range, "0 to 2147483647 for each zone");
	assert_false(t.v[3].automatic);
	mmbox_tunables_release(&t);

	assert_bad(parse_tunables, "");
	assert_bad(parse_tunables, "a 1 kB\n");
	assert_bad(parse_tunables, "a 1 :\n");
	assert_bad(parse_tunables, "a 1 kB:\n");
	assert_bad(parse_tunables, "a 1 kB: \n");
	assert_bad(parse_tunables, "a 1 kB 0 to 1\n");
	assert_bad(parse_tunables, "a 1 kB: 0 to 1\n\n");
	assert_bad(parse_tunables, "a 1 kB: 0123456789012345678901234567890123456789012345678901234"
		   "567890123456789012345678901234567890123456789012345678901234567890123456789012"
		   "3456789; automatic\n");
}

static void long_lines(void **state)
{
	char *text = malloc(100000);

	(void)state;
	assert_non_null(text);
	memset(text, '1', 100000);
	text[99999] = '\n';
	for (size_t i = 0; i < NR_PARSERS; i++)
		assert_int_equal(parse_text(parsers[i].parse, text, 100000), -EBADMSG);
	free(text);
}

static void nul_bytes(void **state)
{
	static const char text[] = "pgfree 1\0\nx 2\n";

	(void)state;
	assert_int_equal(parse_text(parse_counters, text, sizeof(text) - 1), -EBADMSG);
}

static void places(void **state)
{
	struct mmbox_names names;
	char path[128], tiny[8];
	FILE *fp;

	(void)state;
	assert_int_equal(mmbox_file_path("box0", "buddyinfo", path, sizeof(path)), 0);
	assert_string_equal(path, "test/data/box0/buddyinfo");
	assert_int_equal(mmbox_file_path("box0", "x", tiny, sizeof(tiny)), -ENAMETOOLONG);
	assert_int_equal(mmbox_file_path("../box0", "x", path, sizeof(path)), -EINVAL);
	assert_int_equal(mmbox_file_path("", "x", path, sizeof(path)), -EINVAL);
	assert_int_equal(mmbox_file_open("nix", "buddyinfo", &fp), -ENOENT);
	assert_int_equal(mmbox_boxes(&names), 0);
	assert_int_equal(names.nr, 2);
	assert_string_equal(names.name[0], "box0");
	assert_string_equal(names.name[1], "numa");
	mmbox_names_release(&names);
	assert_true(mmbox_name_valid("a-b_C9"));
	assert_false(mmbox_name_valid("a b"));
	assert_true(mmbox_name_valid("0123456789012345678901234567890"));
	assert_false(mmbox_name_valid("01234567890123456789012345678901"));
}

static char *slurp(const char *box, const char *file, size_t *len)
{
	char *text = malloc(1 << 20);
	FILE *fp;

	assert_non_null(text);
	if (mmbox_file_open(box, file, &fp)) {
		free(text);
		return NULL;
	}
	*len = fread(text, 1, 1 << 20, fp);
	fclose(fp);
	return text;
}

/* Cut off at every byte: a whole parse or a refusal, never anything else. */
static void cut_off(void **state)
{
	size_t len;

	(void)state;
	for (size_t i = 0; i < NR_PARSERS; i++) {
		char *text = slurp("box0", parsers[i].file, &len);

		assert_non_null(text);
		for (size_t n = 0; n < len; n++) {
			int err = parse_text(parsers[i].parse, text, n);

			assert_true(!err || err == -EBADMSG);
			if (!n || text[n - 1] != '\n')
				assert_int_equal(err, -EBADMSG);
		}
		free(text);
	}
}

static uint64_t seed;

static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Some bytes changed, copied or dropped; the sanitizers are the judges. */
static size_t garble(char *text, size_t len)
{
	static const char bytes[] = "0199 -\n\t:(),Nodezp\xff";

	for (int n = (int)(next_random() % 6); n >= 0; n--) {
		size_t at = next_random() % len, to = next_random() % len;
		size_t count = next_random() % 40;

		switch (next_random() % 3) {
		case 0:
			text[at] = bytes[next_random() % sizeof(bytes)];
			break;
		case 1:
			if (count > len - at)
				count = len - at;
			if (count > len - to)
				count = len - to;
			memmove(text + to, text + at, count);
			break;
		default:
			if (len > 100 + count && at + count < len) {
				memmove(text + at, text + at + count, len - at - count);
				len -= count;
			}
		}
	}
	return len;
}

static void garbled(void **state)
{
	const char *given = getenv("MMBOX_TEST_SEED");
	static char copy[1 << 20];
	size_t len;

	(void)state;
	seed = given ? strtoull(given, NULL, 0) : (uintptr_t)&given * 0x9e3779b97f4a7c15ULL;
	seed |= 1;
	print_message("# garbled: MMBOX_TEST_SEED=%llu\n", (unsigned long long)seed);
	for (size_t i = 0; i < NR_PARSERS; i++) {
		char *text = slurp("box0", parsers[i].file, &len);

		assert_non_null(text);
		for (int round = 0; round < 3000; round++) {
			memcpy(copy, text, len);
			parse_text(parsers[i].parse, copy, garble(copy, len));
		}
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buddyinfo), cmocka_unit_test(buddyinfo_bad),
		cmocka_unit_test(zoneinfo), cmocka_unit_test(zoneinfo_bad),
		cmocka_unit_test(counters), cmocka_unit_test(objects),
		cmocka_unit_test(refusals), cmocka_unit_test(refused_frees),
		cmocka_unit_test(pagetypeinfo), cmocka_unit_test(pagetypeinfo_bad),
		cmocka_unit_test(steals),
		cmocka_unit_test(regions), cmocka_unit_test(boot_log),
		cmocka_unit_test(metadata),
		cmocka_unit_test(tunables),
		cmocka_unit_test(long_lines), cmocka_unit_test(nul_bytes),
		cmocka_unit_test(places), cmocka_unit_test(cut_off),
		cmocka_unit_test(garbled),
	};

	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
