/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hostile items in every place of real messages, and every wrong value of every
 * field, before a live handler; see tests/vectors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../cli/cmd/diagnostic.h"
#include "../../../proto/errors.h"
#include "../../../proto/frame.h"
#include "../../../proto/ops.h"
#include "../../support/talk.h"
#include "../../support/vectors.h"

enum { HOSTILE_MAX = 1000, PLACES_MAX = 100 };

/* Where in a message an item is hostile; see tests/vectors/hostile.py. */
enum place { ANYWHERE, MOVES, AT_END };

struct hostile {
	struct bytes item;
	enum cbor_err err;
	size_t offset;
	enum place place;
	unsigned line;
};

static struct hostile hostile[HOSTILE_MAX];
static size_t hostile_count;

/* An item of a message, keys and containers too. */
struct span {
	size_t begin, end;
};

static const char *const messages[] = {
	/* hello */
	"84 00 191001 00 a4 01 50 101112131415161718191a1b1c1d1e1f"
	"02 01 03 01 04 190420",
	/* set: description and tags */
	"84 00 191002 10 a5 10 6750696c6f742033"
	"12 82 6570696c6f74 656e6f727468" HEADER("0001"),
	/* relay-move: OPEN with a hold */
	"84 00 191003 1820 a7 01 00 02 00 04 190258 06 00" HEADER("0002"),
	/* clock-set */
	"84 00 191004 1851 a4 01 1b000001a1fe9f1180" HEADER("0003"),
	/* status, with what it does not know: {128: [1, [-2, {3: true}], null]}
	 */
	"84 00 191005 02 a1 1880 83 01 82 21 a1 03 f5 f6",
	/* noop, tagged */
	"85 00 191006 01 a0 48a1a2a3a4a5a6a7a8",
	/* data-read */
	"84 00 191007 1841 a5 01 48d4c3b2a190817263 02 02 03 03 04 02 05 f4",
	/* credit */
	"84 03 191007 01 a2 01 03 02 82 02 02",
};

static int
read_hostile(void **state)
{
	struct vectors vectors = vectors_open("tests/vectors/hostile.txt");

	(void)state;
	while (vectors_next(&vectors)) {
		struct hostile *one = &hostile[hostile_count++];
		const char *place = vectors.column[3];

		assert_in_range(hostile_count, 1, HOSTILE_MAX - 1);
		one->item = bytes_of_hex(vectors.column[0]);
		one->err = strcmp(vectors.column[1], "short") == 0 ? CBOR_SHORT
								   : CBOR_FORM;
		one->offset = strtoul(vectors.column[2], NULL, 10);
		one->place = strcmp(place, "any") == 0 ? ANYWHERE
		    : strcmp(place, "moves") == 0      ? MOVES
						       : AT_END;
		one->line = vectors.line;
	}

	return 0;
}

static int
free_hostile(void **state)
{
	(void)state;
	while (hostile_count > 0)
		bytes_free(&hostile[--hostile_count].item);

	return 0;
}

/* The items of a message that is good, in the order of their heads. */
static size_t
spans_of(const struct bytes *message, struct span spans[PLACES_MAX])
{
	struct cbor_in in = cbor_reader(message->at, message->len);
	size_t count = 0;

	while (!cbor_done(&in)) {
		struct cbor_in whole = in;
		struct span *span = &spans[count++];

		assert_in_range(count, 1, PLACES_MAX - 1);
		cbor_skip(&whole);
		span->begin = cbor_offset(&in, message->at);
		span->end = cbor_offset(&whole, message->at);
		switch (message->at[span->begin] >> 5) {
		case 4:
			cbor_get_array(&in);
			break;
		case 5:
			cbor_get_map(&in);
			break;
		default:
			in = whole;
		}
		assert_int_equal(in.err, CBOR_OK);
	}

	return count;
}

/* The message with the item in place of the span; what is hostile at the end
 * only is followed by nothing. */
static struct bytes
spliced(const struct bytes *message, const struct span *span,
    const struct hostile *one)
{
	uint8_t payload[2 * PAYLOAD_TO_COLLAR_MAX];
	size_t len = span->begin;

	memcpy(payload, message->at, len);
	if (one->item.len > 0)
		memcpy(payload + len, one->item.at, one->item.len);
	len += one->item.len;
	if (one->place != AT_END) {
		memcpy(payload + len, message->at + span->end,
		    message->len - span->end);
		len += message->len - span->end;
	}
	assert_in_range(len, 0, PAYLOAD_TO_COLLAR_MAX);

	return bytes_copy(payload, len);
}

static void
gate_refuses(const struct bytes *payload, const struct span *span,
    const struct hostile *one)
{
	struct cbor_in in = cbor_reader(payload->at, payload->len);
	size_t offset;
	enum cbor_err err = cbor_check(payload->at, payload->len, &offset);

	if (err == CBOR_OK)
		fail_msg("hostile.txt:%u at %zu is accepted", one->line,
		    span->begin);
	if (one->place == ANYWHERE &&
	    (err != one->err || offset != span->begin + one->offset))
		fail_msg("hostile.txt:%u at %zu: %d at %zu", one->line,
		    span->begin, err, offset);
	cbor_skip(&in);
	assert_in_range(cbor_offset(&in, payload->at), 0, payload->len);
}

/*
 * Must a payload that is malformed be answered?  By the text of PROTOCOL.md,
 * not by the codec: the head of an array of 4 or 5, the direction 0, and a seq
 * that can be read, which *len bytes of head say.
 */
static bool
is_answered(const struct bytes *payload, size_t *len)
{
	static const uint8_t widths[] = { 1, 2, 4 };
	uint64_t seq = 0;
	unsigned info;

	if (payload->len < 3 || (payload->at[0] & 0xfe) != 0x84 ||
	    payload->at[1] != 0 || payload->at[2] > 0x1a)
		return false;
	info = payload->at[2];
	*len = 1;
	if (info < 24)
		return true;
	*len += widths[info - 24];
	if (payload->len < 2 + *len)
		return false;
	for (size_t i = 3; i < 2 + *len; i++)
		seq = seq << 8 | payload->at[i];

	return seq >= (info == 24 ? 24 : 1U << 8 * widths[info - 25]);
}

static void
handler_refuses(struct ram_board *board, const struct bytes *payload,
    const struct span *span, const struct hostile *one)
{
	uint8_t wanted[16] = { 0x84, DIR_RESPONSE };
	uint8_t answer[PAYLOAD_TO_HOST_MAX];
	size_t seq_len = 0, len, wanted_len = 0;

	if (is_answered(payload, &seq_len)) {
		memcpy(wanted + 2, payload->at + 2, seq_len);
		wanted[2 + seq_len] = ST_MALFORMED;
		wanted[3 + seq_len] = 0xa0;
		wanted_len = 4 + seq_len;
	}
	ram_board_send(board, payload->at, payload->len);
	len = ram_board_fetch(board, answer, sizeof(answer));
	if (len != wanted_len || memcmp(answer, wanted, len) != 0)
		fail_msg("hostile.txt:%u at %zu: an answer of %zu bytes, not "
			 "of %zu",
		    one->line, span->begin, len, wanted_len);
}

/* Flash, relay and modem are as they were, and the message itself is taken: its
 * number was not used up. */
static void
nothing_was_changed(
    struct ram_board *board, unsigned ops_before, const struct bytes *message)
{
	uint8_t answer[PAYLOAD_TO_HOST_MAX];
	size_t len;

	assert_int_equal(board->flash_ops, ops_before);
	assert_int_equal(board->drives, 0);
	assert_int_equal(board->jobs, 0);
	ram_board_send(board, message->at, message->len);
	len = ram_board_fetch(board, answer, sizeof(answer));
	if (message->at[1] != DIR_REQUEST) {
		assert_int_equal(len, 0);
		return;
	}
	assert_in_range(len, 7, sizeof(answer));
	assert_memory_equal(answer + 2, message->at + 2, 3);
	assert_int_not_equal(answer[5], ST_MALFORMED);
	assert_int_not_equal(answer[5], ST_SEQ_OLD);
	assert_int_not_equal(answer[5], ST_SEQ_CONFLICT);
}

/* Returns the number of payloads tried. */
static size_t
message_is_refused_when_spoiled(const struct bytes *message)
{
	void *state;
	struct ram_board *board;
	struct span spans[PLACES_MAX];
	size_t places = spans_of(message, spans);
	unsigned ops_before;

	unit_greeted(&state);
	board = state;
	ops_before = board->flash_ops;
	for (size_t i = 0; i < places * hostile_count; i++) {
		const struct span *span = &spans[i / hostile_count];
		const struct hostile *one = &hostile[i % hostile_count];
		struct bytes payload = spliced(message, span, one);

		gate_refuses(&payload, span, one);
		if (payload.len > 0)
			handler_refuses(board, &payload, span, one);
		bytes_free(&payload);
	}
	nothing_was_changed(board, ops_before, message);
	unit_down(&state);

	return places * hostile_count;
}

static void
what_is_hostile_is_so_in_every_place_of_a_message(void **state)
{
	size_t tried = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct bytes message = bytes_of_hex(messages[i]);

		assert_true(cbor_valid(message.at, message.len));
		tried += message_is_refused_when_spoiled(&message);
		bytes_free(&message);
	}
	printf("FIGURE messages spoiled by a hostile item: %zu\n", tried);
}

/* Sends the requests of a file that are refused; each answer must be as the
 * file says, and none may do anything. */
static size_t
wrong_values_are_refused(struct ram_board *board, const char *path)
{
	struct vectors file = vectors_open(path);
	unsigned ops_before = board->flash_ops;
	size_t count = 0;

	while (vectors_next(&file)) {
		struct bytes payload = bytes_of_hex(file.column[2]);
		uint8_t answer[PAYLOAD_TO_HOST_MAX];
		size_t len;
		char *text;

		if (*file.column[4] == '[') {
			ram_board_send(board, payload.at, payload.len);
			len = ram_board_fetch(board, answer, sizeof(answer));
			assert_true(cbor_valid(answer, len));
			text = diagnostic_text(answer, len);
			if (strcmp(text, file.column[4]) != 0)
				fail_msg("%s:%u: %s", path, file.line, text);
			free(text);
			count++;
		}
		bytes_free(&payload);
	}
	assert_int_equal(board->flash_ops, ops_before);
	assert_int_equal(board->drives, 0);

	return count;
}

static void
a_wrong_value_is_refused_by_field_and_limits(void **state)
{
	size_t count = 0;

	(void)state;
	for (const struct op *op = ops; op->name != NULL; op++) {
		char path[100];
		void *unit;

		snprintf(path, sizeof(path), "tests/vectors/messages/%s.txt",
		    op->name);
		unit_greeted(&unit);
		count += wrong_values_are_refused(unit, path);
		unit_down(&unit);
	}
	printf("FIGURE wrong values refused by their fields: %zu\n", count);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_hostile_is_so_in_every_place_of_a_message),
		cmocka_unit_test(a_wrong_value_is_refused_by_field_and_limits),
	};

	return cmocka_run_group_tests(tests, read_hostile, free_hostile);
}
