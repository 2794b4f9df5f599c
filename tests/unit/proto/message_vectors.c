/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every request and answer as another encoder writes it, at and beyond every
 * limit, through our own tables; see tests/vectors/messages.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../cli/cmd/diagnostic.h"
#include "../../../proto/frame.h"
#include "../../../proto/ops.h"
#include "../../support/vectors.h"

#define FOLDER "tests/vectors/messages/"

enum { KEYS = 64 };

static union {
	uint64_t has;
	struct record_change record_change;
	struct unit_state unit_state;
	uint8_t room[4096];
} body;

/* What the vectors of one map have shown of each of its fields. */
struct shown {
	int64_t low[KEYS], high[KEYS];
	bool there[KEYS], refused[KEYS];
	unsigned count;
};

/* One vector, and what it was read from. */
struct vector {
	const struct vectors *file;
	const char *verdict;
	struct bytes payload;
	struct envelope env;
	const struct message *msg; /* NULL: a part */
};

/* The map of the vector `least` of the direction at hand. */
static uint8_t least[PAYLOAD_TO_HOST_MAX];
static size_t least_len;

static unsigned vectors_count;

static bool
is(const struct vector *vector, size_t column, const char *word)
{
	return strcmp(vector->file->column[column], word) == 0;
}

static void
fault(const struct vector *vector, const char *what)
{
	fail_msg("%s:%u (%s %s): %s", vector->file->path, vector->file->line,
	    vector->file->column[0], vector->file->column[1], what);
}

/* A number, or the length of anything else: of the longest text of several. */
static int64_t
extent(const struct field *field, const void *map)
{
	const void *at = field_of(field, map);
	const struct texts *texts = at;
	size_t len = 0;

	switch (field->type) {
	case FIELD_TEXT:
		return (int64_t)strlen(at);
	case FIELD_TEXTS:
		for (size_t i = 0; i < texts->count; i++)
			if (strlen(texts->at[i]) > len)
				len = strlen(texts->at[i]);
		return (int64_t)len;
	case FIELD_OCTETS:
	case FIELD_BLOB:
	case FIELD_RANGES:
		return *(const uint8_t *)at; /* begin with their count */
	default:
		return field_number(field, map);
	}
}

static void
show_fields(struct shown *shown, const struct message *msg)
{
	shown->count++;
	for (size_t i = 0; i < msg->count; i++) {
		const struct field *field = &msg->fields[i];
		int64_t value = extent(field, &body);
		uint8_t key = field->key;

		if (!HAS(&body, key))
			continue;
		if (!shown->there[key] || value < shown->low[key])
			shown->low[key] = value;
		if (!shown->there[key] || value > shown->high[key])
			shown->high[key] = value;
		shown->there[key] = true;
	}
}

static void
notation_is_ours(const struct vector *vector)
{
	char *text = diagnostic_text(vector->payload.at, vector->payload.len);

	if (strcmp(text, vector->file->column[3]) != 0)
		fault(vector, text);
	free(text);
}

static void
envelope_is_ours(const struct vector *vector)
{
	const struct envelope *env = &vector->env;
	uint8_t again[PAYLOAD_TO_HOST_MAX + 16];
	struct cbor_out out = cbor_writer(again, sizeof(again));

	envelope_begin(
	    &out, env->direction, env->seq, env->what, env->tag != NULL);
	if (env->direction == DIR_PART)
		cbor_put_bytes(&out, env->body, env->body_len);
	else
		cbor_put_encoded(&out, env->body, env->body_len);
	if (env->tag != NULL)
		cbor_put_bytes(&out, env->tag, TAG_LEN);
	if (cbor_len(&out, again) != vector->payload.len ||
	    memcmp(again, vector->payload.at, vector->payload.len) != 0)
		fault(vector, "another envelope");
}

/* What was read into body, written, must be these bytes. */
static void
map_is(const struct vector *vector, const uint8_t *map, size_t len)
{
	uint8_t again[PAYLOAD_TO_HOST_MAX];
	struct cbor_out out = cbor_writer(again, sizeof(again));

	message_encode(vector->msg, &body, &out);
	if (cbor_len(&out, again) != len || memcmp(again, map, len) != 0)
		fault(vector, "written in another way");
}

/* "[1, seq, status, {1: key, ...}]" says what must have been found. */
static void
refusal_is(const struct vector *vector, int err,
    const struct message_fault *found, struct shown *shown)
{
	unsigned seq, status, key = UINT32_MAX;
	int got =
	    sscanf(vector->verdict, "[1, %u, %u, {1: %u", &seq, &status, &key);

	if (got < 2 || seq != vector->env.seq || (int)status != -err)
		fault(vector, "another status");
	if (got == 3 && key != found->key)
		fault(vector, "another field");
	if (got == 2 && found->field != NULL)
		fault(vector, "a field is named");
	if (key < KEYS)
		shown->refused[key] = true;
}

static void
map_is_read(const struct vector *vector, struct shown *shown)
{
	const struct envelope *env = &vector->env;
	struct cbor_in in = cbor_reader(env->body, env->body_len);
	struct message_fault found;
	int err = message_decode(vector->msg, &in, &body,
	    env->direction == DIR_REQUEST || env->direction == DIR_CREDIT,
	    &found);

	if (*vector->verdict == '[') {
		refusal_is(vector, err, &found, shown);
		return;
	}
	if (err != E_OK || !cbor_done(&in))
		fault(vector, "refused");
	show_fields(shown, vector->msg);
	if (is(vector, 1, "least")) {
		memcpy(least, env->body, env->body_len);
		least_len = env->body_len;
	}
	if (strcmp(vector->verdict, "least") == 0)
		map_is(vector, least, least_len);
	else
		map_is(vector, env->body, env->body_len);
}

/* An event is a map without an envelope. */
static void
open_vector(struct vector *vector)
{
	bool answerable;

	vectors_count++;
	if (!cbor_valid(vector->payload.at, vector->payload.len))
		fault(vector, "refused at the gate");
	notation_is_ours(vector);
	if (is(vector, 0, "event")) {
		vector->env = (struct envelope){
			.direction = DIR_RESPONSE,
			.body = vector->payload.at,
			.body_len = vector->payload.len,
		};
		return;
	}
	if (envelope_open(&vector->env, vector->payload.at, vector->payload.len,
		&answerable) != E_OK)
		fault(vector, "no envelope");
	envelope_is_ours(vector);
}

static const struct message *
message_of(const struct vector *vector, const struct op *op)
{
	if (is(vector, 0, "request")) {
		assert_int_equal(vector->env.what, op->code);
		return op->args;
	}
	if (is(vector, 0, "response")) {
		assert_int_equal(vector->env.what, ST_OK);
		return op->result;
	}
	if (is(vector, 0, "credit"))
		return &msg_credit;
	if (is(vector, 0, "part"))
		return NULL;

	return is(vector, 0, "event") ? &msg_event : &msg_error_detail;
}

/* Reads a file; shown[0] is for requests and credits, shown[1] for the rest. */
static void
read_file(const char *name, const struct op *op, struct shown shown[2])
{
	char path[100];
	struct vectors file;

	snprintf(path, sizeof(path), FOLDER "%s.txt", name);
	file = vectors_open(path);
	while (vectors_next(&file)) {
		struct vector vector = {
			.file = &file,
			.verdict = file.column[4],
			.payload = bytes_of_hex(file.column[2]),
		};

		open_vector(&vector);
		vector.msg = message_of(&vector, op);
		if (vector.msg != NULL)
			map_is_read(&vector,
			    &shown[vector.env.direction == DIR_RESPONSE]);
		bytes_free(&vector.payload);
	}
}

/* Bools have no limits, a range of texts is not that of a model's number. */
static void
limits_are_shown(const struct message *msg, const struct shown *shown)
{
	assert_in_range(shown->count, 2, 1000);
	for (size_t i = 0; i < msg->count; i++) {
		const struct field *field = &msg->fields[i];
		int64_t low = field->min, high = field->max;

		if (field->type == FIELD_RANGES)
			low = 0, high = RANGES_MAX;
		if (field->type == FIELD_TEXTS)
			low = 0;
		if (field->type == FIELD_BOOL)
			low = 0, high = 1;
		if (!shown->there[field->key])
			fail_msg("%s %s: no vector", msg->name, field->name);
		if (field->rule == RULE_MODEL)
			continue;
		if (shown->low[field->key] != low ||
		    shown->high[field->key] < high)
			fail_msg("%s %s: no vector at its limits", msg->name,
			    field->name);
	}
}

static void
every_field_is_refused_once(
    const struct message *msg, const struct shown *shown)
{
	for (size_t i = 0; i < msg->count; i++)
		if (!shown->refused[msg->fields[i].key])
			fail_msg("%s %s: no vector with a wrong value",
			    msg->name, msg->fields[i].name);
}

/* A host keeps a number that has no name yet. */
static void
newer_names_are_shown(const struct message *msg, const struct shown *shown)
{
	for (size_t i = 0; i < msg->count; i++) {
		const struct field *field = &msg->fields[i];

		if (field->show == SHOW_NAME &&
		    shown->high[field->key] <= field->max)
			fail_msg("%s %s: no vector without a name", msg->name,
			    field->name);
	}
}

static void
every_request_and_answer_is_read_as_another_encoder_writes_it(void **state)
{
	(void)state;
	for (const struct op *op = ops; op->name != NULL; op++) {
		struct shown shown[2] = { 0 };

		read_file(op->name, op, shown);
		limits_are_shown(op->args, &shown[0]);
		limits_are_shown(op->result, &shown[1]);
		every_field_is_refused_once(op->args, &shown[0]);
		newer_names_are_shown(op->result, &shown[1]);
	}
}

static void
so_are_refusals_streams_and_events(void **state)
{
	struct shown refusal[2] = { 0 }, stream[2] = { 0 }, event[2] = { 0 };

	(void)state;
	read_file("refusal", NULL, refusal);
	limits_are_shown(&msg_error_detail, &refusal[1]);
	read_file("stream", NULL, stream);
	limits_are_shown(&msg_credit, &stream[0]);
	read_file("event", NULL, event);
	limits_are_shown(&msg_event, &event[1]);
	printf("FIGURE message vectors: %u\n", vectors_count);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_request_and_answer_is_read_as_another_encoder_writes_it),
		cmocka_unit_test(so_are_refusals_streams_and_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
