// SPDX-License-Identifier: GPL-2.0
/* mmbox boot [--step]: how a box was filled, step by step, from its own record. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"
#include "replay.h"
#include "term.h"

#define KEY_STEP	0x100
#define BAR_WIDTH	32
#define MAX_ROWS	12

struct options {
	struct common common;
	bool step;
};

static const struct argp_option options[] = {
	{ "step", KEY_STEP, NULL, 0, "Wait for Enter after each step, on a terminal", 0 },
	{ 0 },
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case KEY_STEP:
		o->step = true;
		return 0;
	default:
		return parse_rest(key, arg, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_opt,
	.doc = "Tell how a box was filled: memory comes from the host, a boot allocator gives out "
	       "what descriptors need, and the rest goes to the buddies."
	       "\vA bar shows a region of memory: # is in use, = has been handed to the buddy, . is "
	       "still free. In the end the arrays must be those in memblock/memory and "
	       "memblock/reserved. Only root may read this.",
	.children = common_children,
};

/**
 * struct story - what is told
 * @log:      the steps
 * @memory:   what memory the box says it had in the end
 * @reserved: and what of it was in use
 * @state:    the arrays after the steps told so far
 */
struct story {
	struct mmbox_boot_log log;
	struct mmbox_regions memory;
	struct mmbox_regions reserved;
	struct replay state;
};

#define text(...) \
({ \
	char *text_; \
	if (asprintf(&text_, __VA_ARGS__) < 0) { \
		fputs("mmbox: out of memory\n", stderr); \
		exit(EXIT_FAILED); \
	} \
	text_; \
})

static char *size_text(uint64_t bytes)
{
	if (bytes >= 1ULL << 20)
		return text("%.4g MB", (double)bytes / (1 << 20));
	if (bytes >= 1ULL << 10)
		return text("%.4g kB", (double)bytes / (1 << 10));
	return text("%llu bytes", (unsigned long long)bytes);
}

/* "1 block", "3 blocks" */
static char *count_text(uint64_t n, const char *what)
{
	return text("%llu %s%s", (unsigned long long)n, what, n == 1 ? "" : "s");
}

static char *alloc_sentence(const struct story *story, const struct mmbox_boot_step *s,
			    const char *size, const char *zone)
{
	char *sections = count_text(s->count, "section"), *sentence;

	sentence = story->state.bitmap ?
		text("The descriptors of %s go into the first pages of zone %s that are free, "
		     "packed: %s from 0x%llx. The bits of these pages are set.", sections, zone,
		     size, (unsigned long long)s->base) :
		text("The descriptors of %s go into zone %s, from the top down, packed: %s from "
		     "0x%llx.", sections, zone, size, (unsigned long long)s->base);
	free(sections);
	return sentence;
}

static char *handover_sentence(const struct mmbox_boot_step *s, const char *size,
			       const char *zone)
{
	char *blocks = count_text(s->count, "free block"), *sentence;

	sentence = text("%s of order %u, %s from 0x%llx, went to the buddy of zone %s.", blocks,
			s->order, size, (unsigned long long)s->base, zone);
	free(blocks);
	return sentence;
}

static char *add_sentence(const struct mmbox_boot_step *s, const char *size, const char *zone)
{
	char *blocks = count_text(s->count, "block"), *sentence;

	sentence = text("The host gave %s of order %u, %s from 0x%llx in zone %s of node %d. They "
			"are entered in 'memory'.", blocks, s->order, size,
			(unsigned long long)s->base, zone, s->node);
	free(blocks);
	return sentence;
}

static char *publish_sentence(const struct mmbox_boot_step *s, const char *zone)
{
	char *sections = count_text(s->count, "section"), *sentence;

	sentence = text("%s of zone %s from 0x%llx can be found by the numbers of their pages from "
			"now on. All pages count as present and reserved: none can be allocated yet.",
			sections, zone, (unsigned long long)s->base);
	free(sections);
	return sentence;
}

static char *host_sentence(const struct mmbox_boot_step *s, const char *size)
{
	char *sections = count_text(s->count, "section"), *sentence;

	sentence = text("The descriptors of %s, %s, would take more than an eighth of what the box "
			"has on node %d, or found no piece of it large enough: memory of the host is "
			"taken instead.", sections, size, s->node);
	free(sections);
	return sentence;
}

/* What is told of a step; one of a kind not known here tells for itself. */
static char *sentence_of(const struct story *story, const struct mmbox_boot_step *s)
{
	char *size = size_text(s->size), *zone = safe_text(s->zone), *array = safe_text(s->array);
	unsigned long long n = s->count;
	char *sentence;

	if (!strcmp(s->what, "add"))
		sentence = add_sentence(s, size, zone);
	else if (!strcmp(s->what, "alloc"))
		sentence = alloc_sentence(story, s, size, zone);
	else if (!strcmp(s->what, "host"))
		sentence = host_sentence(s, size);
	else if (!strcmp(s->what, "publish"))
		sentence = publish_sentence(s, zone);
	else if (!strcmp(s->what, "handover"))
		sentence = handover_sentence(s, size, zone);
	else if (!strcmp(s->what, "reserve"))
		sentence = text("%s from 0x%llx are marked as in use: they are entered in '%s'.",
				size, (unsigned long long)s->base, array);
	else if (!strcmp(s->what, "merge"))
		sentence = text("%llu time%s a region of '%s' touches its neighbour and is like it: "
				"they become one.", n, n == 1 ? "" : "s", array);
	else if (!strcmp(s->what, "grow"))
		sentence = text("The array '%s' is full. It gets room for %llu regions.", array, n);
	else if (!strcmp(s->what, "bitmap"))
		sentence = text("Node %d gets a bitmap, a bit for each of %llu pages from 0x%llx. "
				"A bit is set where a page is in use or not there; those of pages that "
				"the host gave are cleared.", s->node, n,
				(unsigned long long)s->base);
	else
		sentence = safe_text(s->text);
	free(array);
	free(zone);
	free(size);
	return sentence;
}

static void print_state(const struct replay *r)
{
	char bar[BAR_WIDTH + 1];

	for (size_t i = 0; i < r->memory.nr && i < MAX_ROWS; i++) {
		const struct mmbox_region *region = &r->memory.v[i];
		char *size = size_text(region->end - region->base);

		replay_draw(r, region, bar, BAR_WIDTH);
		printf("    0x%010llx  |%s|  %s\n", (unsigned long long)region->base, bar, size);
		free(size);
	}
	if (r->memory.nr > MAX_ROWS)
		printf("    ... and %zu more regions\n", r->memory.nr - MAX_ROWS);
	printf("    %zu region%s in memory, %zu in reserved\n", r->memory.nr,
	       r->memory.nr == 1 ? "" : "s", r->reserved.nr);
}

static void wait_for_enter(void)
{
	int c;

	fputs("\n  (Enter) ", stdout);
	fflush(stdout);
	while ((c = getchar()) != '\n' && c != EOF)
		;
}

/* 0, or a negative errno; what was told until then stays told. */
static int tell(struct story *story, const struct options *o)
{
	bool stop = o->step && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	const struct mmbox_boot_log *log = &story->log;
	int width = term_width(stdout), err;
	char *sentence, *kind = safe_text(log->kind);

	printf("The boot stage of box %s, whose pages were given out by %s%s.\n", o->common.box,
	       story->state.bitmap ? "a " : "", kind);
	free(kind);
	for (size_t i = 0; i < log->nr; i++) {
		err = replay_step(&story->state, &log->v[i]);
		if (err)
			return err;
		sentence = sentence_of(story, &log->v[i]);
		printf("\nStep %zu of %zu:\n", i + 1, log->nr);
		term_wrap(stdout, width, 2, sentence);
		free(sentence);
		print_state(&story->state);
		if (stop && i + 1 < log->nr)
			wait_for_enter();
	}
	return 0;
}

/* Do the arrays at the end agree with those that the box shows? */
static bool agrees(const struct story *story)
{
	return replay_same(&story->state.memory, &story->memory) &&
	       replay_same(&story->state.reserved, &story->reserved);
}

static int say_verdict(const struct story *story)
{
	unsigned long long lost = story->log.lost;

	putchar('\n');
	if (lost) {
		printf("%llu more steps were not recorded.\n", lost);
		return EXIT_OK;
	}
	if (agrees(story)) {
		puts("These are the arrays in memblock/memory and memblock/reserved.");
		return EXIT_OK;
	}
	puts("These are not the arrays in memblock/memory and memblock/reserved: FAIL");
	return EXIT_FAILED;
}

/*
 * JSON
 */

static void add_u64(struct json_object *obj, const char *key, uint64_t value)
{
	json_object_object_add(obj, key, json_object_new_uint64(value));
}

static void add_text(struct json_object *obj, const char *key, const char *value)
{
	json_object_object_add(obj, key, json_text(value));
}

static void add_node(struct json_object *obj, int node)
{
	json_object_object_add(obj, "node", node < 0 ? NULL : json_object_new_int(node));
}

static struct json_object *regions_json(const struct mmbox_regions *regions)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < regions->nr; i++) {
		struct json_object *obj = json_object_new_object();

		add_u64(obj, "base", regions->v[i].base);
		add_u64(obj, "end", regions->v[i].end);
		add_node(obj, regions->v[i].node);
		json_object_array_add(list, obj);
	}
	return list;
}

static struct json_object *step_json(const struct story *story, size_t i)
{
	const struct mmbox_boot_step *s = &story->log.v[i];
	struct json_object *obj = json_object_new_object();
	char *sentence = sentence_of(story, s);

	add_u64(obj, "nr", i + 1);
	add_text(obj, "what", s->what);
	add_text(obj, "array", s->array);
	add_u64(obj, "base", s->base);
	add_u64(obj, "size", s->size);
	add_node(obj, s->node);
	add_text(obj, "zone", s->zone);
	add_u64(obj, "order", s->order);
	add_u64(obj, "count", s->count);
	add_text(obj, "for", s->purpose);
	add_text(obj, "text", sentence);
	json_object_object_add(obj, "memory", regions_json(&story->state.memory));
	json_object_object_add(obj, "reserved", regions_json(&story->state.reserved));
	free(sentence);
	return obj;
}

static int tell_json(struct story *story, const char *box)
{
	struct json_object *top = json_object_new_object(), *steps = json_object_new_array();
	bool ok;
	int err;

	for (size_t i = 0; i < story->log.nr; i++) {
		err = replay_step(&story->state, &story->log.v[i]);
		if (err) {
			json_object_put(steps);
			json_object_put(top);
			return err;
		}
		json_object_array_add(steps, step_json(story, i));
	}
	ok = agrees(story);
	add_text(top, "box", box);
	add_text(top, "kind", story->log.kind);
	add_u64(top, "page_size", story->log.page_size);
	add_u64(top, "lost", story->log.lost);
	json_object_object_add(top, "steps", steps);
	json_object_object_add(top, "agrees", json_object_new_boolean(ok));
	print_json(top);
	return ok || story->log.lost ? EXIT_OK : EXIT_FAILED;
}

static void release(struct story *story)
{
	replay_release(&story->state);
	mmbox_regions_release(&story->reserved);
	mmbox_regions_release(&story->memory);
	mmbox_boot_log_release(&story->log);
}

/* An exit status. */
static int run(struct story *story, const struct options *o)
{
	int err;

	err = mmbox_boot_log_read(o->common.box, &story->log);
	if (err)
		return fail_file(&o->common, err, "memblock/log");
	err = mmbox_memory_read(o->common.box, &story->memory);
	if (err)
		return fail_file(&o->common, err, "memblock/memory");
	err = mmbox_reserved_read(o->common.box, &story->reserved);
	if (err)
		return fail_file(&o->common, err, "memblock/reserved");
	replay_start(&story->state, &story->log);
	err = o->common.json ? tell_json(story, o->common.box) : tell(story, o);
	if (err < 0)
		return fail(&o->common, err, NULL, "cannot replay the steps");
	return o->common.json ? err : say_verdict(story);
}

int cmd_boot(int argc, char **argv)
{
	struct story story = { 0 };
	struct options o = { 0 };
	int status;

	parse_args(&argp, argc, argv, &o.common);
	status = run(&story, &o);
	release(&story);
	return status;
}
