/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The worked examples of proto/PROTOCOL.md, which another encoder made, through
 * our own tables: read, and written again to the same bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../proto/frame.h"
#include "../../../proto/interval.h"
#include "../../../proto/ops.h"

enum { EXAMPLES_MAX = 96, TITLE_MAX = 100 };

struct example {
	char title[TITLE_MAX]; /* "`noop` request", "part", … */
	uint8_t bytes[PAYLOAD_TO_HOST_MAX];
	size_t len;
};

static struct example examples[EXAMPLES_MAX];
static size_t examples_count;
static uint8_t line_bytes[PAYLOAD_TO_HOST_MAX]; /* of the frame spelled out */
static size_t line_len;

/* Appends "84 00 …" to bytes; false if the line is something else. */
static bool
read_hex(const char *line, uint8_t *bytes, size_t *len)
{
	size_t got = 0;

	if (strncmp(line, "    ", 4) != 0)
		return false;
	for (line += 4; *line != '\n' && *line != '\0'; line += *line == ' ') {
		char *end;

		bytes[*len + got] = (uint8_t)strtoul(line, &end, 16);
		if (end != line + 2)
			return false;
		got++;
		line = end;
	}
	*len += got;

	return got > 0;
}

static void
read_line(const char *line)
{
	static bool frame;
	struct example *example = &examples[examples_count];

	if (strncmp(line, "Its frame:", 10) == 0) {
		frame = true;
	} else if (strncmp(line, "**", 2) == 0) {
		frame = false;
		assert_true(examples_count + 1 < EXAMPLES_MAX);
		example = &examples[++examples_count];
		snprintf(example->title, TITLE_MAX, "%.*s",
		    (int)strcspn(line + 2, "*"), line + 2);
	} else if (frame) {
		read_hex(line, line_bytes, &line_len);
	} else if (examples_count > 0) {
		read_hex(line, example->bytes, &example->len);
	}
}

static int
read_examples(void **state)
{
	FILE *file = fopen("proto/PROTOCOL.md", "r");
	char line[1000];
	bool begun = false;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		begun |= strcmp(line, "## Examples\n") == 0;
		if (begun)
			read_line(line);
	}
	fclose(file);

	return examples_count > 2 * 22 ? 0 : -1;
}

static union {
	uint64_t has;
	struct record_change record_change;
	struct unit_state unit_state;
	uint8_t room[4096];
} body;

/* Reads the map and writes it again. */
static void
map_survives(
    const struct message *msg, const uint8_t *map, size_t len, bool strict)
{
	uint8_t again[PAYLOAD_TO_HOST_MAX];
	struct cbor_in in = cbor_reader(map, len);
	struct cbor_out out = cbor_writer(again, sizeof(again));
	struct message_fault fault;

	assert_true(msg->size <= sizeof(body));
	assert_int_equal(message_decode(msg, &in, &body, strict, &fault), E_OK);
	assert_true(cbor_done(&in));
	message_encode(msg, &body, &out);
	assert_int_equal(cbor_len(&out, again), len);
	assert_memory_equal(again, map, len);
}

static const struct op *
op_titled(const char *title)
{
	char name[TITLE_MAX];

	if (sscanf(title, "`%[^`]`", name) != 1)
		return NULL;
	for (const struct op *op = ops; op->name != NULL; op++)
		if (strcmp(op->name, name) == 0)
			return op;

	return NULL;
}

static const struct message *
message_of(const struct envelope *env, const struct op *op)
{
	switch (env->direction) {
	case DIR_REQUEST:
		return op->args;
	case DIR_RESPONSE:
		return env->what == ST_OK ? op->result : &msg_error_detail;
	default:
		return &msg_credit;
	}
}

static void
envelope_survives(const struct example *example, const struct envelope *env)
{
	uint8_t again[PAYLOAD_TO_HOST_MAX];
	struct cbor_out out = cbor_writer(again, sizeof(again));

	envelope_begin(&out, env->direction, env->seq, env->what, false);
	if (env->direction == DIR_PART)
		cbor_put_bytes(&out, env->body, env->body_len);
	else
		cbor_put_encoded(&out, env->body, env->body_len);
	assert_int_equal(cbor_len(&out, again), example->len);
	assert_memory_equal(again, example->bytes, example->len);
}

static void
example_survives(const struct example *example)
{
	const struct op *op = op_titled(example->title);
	struct envelope env;
	bool answerable;

	assert_true(cbor_valid(example->bytes, example->len));
	if (strcmp(example->title, "event") == 0) {
		map_survives(&msg_event, example->bytes, example->len, false);
		return;
	}
	assert_int_equal(
	    envelope_open(&env, example->bytes, example->len, &answerable),
	    E_OK);
	assert_null(env.tag);
	if (op != NULL && env.direction == DIR_REQUEST)
		assert_int_equal(env.what, op->code);
	envelope_survives(example, &env);
	if (env.direction != DIR_PART)
		map_survives(message_of(&env, op), env.body, env.body_len,
		    env.direction == DIR_REQUEST);
}

static void
every_example_is_read_and_written_again_as_it_stands(void **state)
{
	(void)state;
	for (size_t i = 1; i <= examples_count; i++)
		example_survives(&examples[i]);
}

static void
the_frame_spelled_out_is_ours(void **state)
{
	uint8_t line[PAYLOAD_FIRST_MAX], buf[PAYLOAD_FIRST_MAX];
	struct frame_rx rx = { 0 };
	size_t len = frame_encode(
	    line, sizeof(line), examples[1].bytes, examples[1].len);
	size_t got = 0;

	(void)state;
	assert_int_equal(len, line_len);
	assert_memory_equal(line, line_bytes, len);
	for (size_t i = 0; i < line_len; i++)
		got += frame_rx_byte(&rx, buf, sizeof(buf), line_bytes[i]);
	assert_int_equal(got, examples[1].len);
	assert_memory_equal(buf, examples[1].bytes, got);
}

static void
the_block_in_a_part_holds_two_records(void **state)
{
	struct interval records[BLOCK_RECORDS_MAX];
	struct block_header header;
	struct envelope env;
	unsigned blocks = 0;
	bool answerable;

	(void)state;
	for (size_t i = 1; i <= examples_count; i++) {
		if (strcmp(examples[i].title, "part") != 0)
			continue;
		envelope_open(
		    &env, examples[i].bytes, examples[i].len, &answerable);
		if (env.body_len < BLOCK_HEADER_LEN + 2 * RECORD_LEN)
			continue;
		blocks++;
		assert_int_equal(
		    block_decode(&header, records, env.body, env.body_len), 2);
		assert_int_equal(header.index, env.what);
		assert_int_equal(records[1].at - records[0].at, 900);
	}
	assert_int_equal(blocks, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_example_is_read_and_written_again_as_it_stands),
		cmocka_unit_test(the_frame_spelled_out_is_ours),
		cmocka_unit_test(the_block_in_a_part_holds_two_records),
	};

	return cmocka_run_group_tests(tests, read_examples, NULL);
}
