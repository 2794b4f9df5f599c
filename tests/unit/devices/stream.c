/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A log as a stream: parts as far as the credit goes, gaps repeated, the
 * closing response.  The event log is used for most, its parts being short.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/state.h"
#include "../../../proto/interval.h"
#include "../../support/talk.h"

enum { MINUTE_MS = 60000, EVENTS = 9, HOUR_RECORDS = 4 };

/* A unit whose event log holds entries 0 to 8: a restart and eight sets. */
static int
unit_up(void **state)
{
	struct ram_board *board = ram_board_new(8);

	ram_board_start(board);
	greet(board);
	for (unsigned i = 1; i < EVENTS; i++) {
		char request[200], answer[40];

		/* report_minutes i */
		snprintf(request, sizeof(request),
		    "84 00 %02x 10 a4 07 %02x" HEADER("00%02x"), i, i, i);
		snprintf(
		    answer, sizeof(answer), "84 01 %02x 00 a2 01 f5 02 00", i);
		ask(board, request, answer);
	}
	assert_int_equal(board->collar->events.next, EVENTS);
	*state = board;
	return 0;
}

/* Appends key and value of a pair in deterministic hex. */
static void
pair_put(char *hex, size_t cap, unsigned key, unsigned value)
{
	size_t len = strlen(hex);
	const char *form = value < 24 ? "%02x%02x"
	    : value < 256             ? "%02x18%02x"
				      : "%02x19%04x";

	snprintf(hex + len, cap - len, form, key, value);
}

/* Asks for entries first to last under seq 0x10, with a first credit. */
static void
read_log(struct ram_board *board, unsigned op, const uint8_t *id,
    unsigned first, unsigned last, unsigned through)
{
	char request[100];
	size_t len = (size_t)snprintf(
	    request, sizeof(request), "84 00 10 18%02x a4 01 48", op);

	for (unsigned i = 0; i < LOG_ID_LEN; i++)
		len += (size_t)snprintf(
		    request + len, sizeof(request) - len, "%02x", id[i]);
	pair_put(request, sizeof(request), LOG_READ_FIRST, first);
	pair_put(request, sizeof(request), LOG_READ_LAST, last);
	pair_put(request, sizeof(request), LOG_READ_THROUGH, through);
	tell(board, request);
}

static void
read_events(
    struct ram_board *board, unsigned first, unsigned last, unsigned through)
{
	read_log(board, OP_EVENTS_READ, board->collar->events.id, first, last,
	    through);
}

/* The next frame must be the part with this index; returns its bytes. */
static size_t
expect_part(struct ram_board *board, unsigned index, uint8_t *bytes)
{
	uint8_t payload[PAYLOAD_TO_HOST_MAX];
	size_t len = ram_board_fetch(board, payload, sizeof(payload));
	struct envelope env;
	bool answerable;

	assert_true(cbor_valid(payload, len));
	assert_int_equal(envelope_open(&env, payload, len, &answerable), E_OK);
	assert_int_equal(env.direction, DIR_PART);
	assert_int_equal(env.seq, 0x10);
	assert_int_equal(env.what, index);
	if (bytes != NULL)
		memcpy(bytes, env.body, env.body_len);
	return env.body_len;
}

static void
expect_parts(struct ram_board *board, unsigned first, unsigned last)
{
	for (unsigned i = first; i <= last; i++)
		assert_true(expect_part(board, i, NULL) > 0);
}

/* Of the closing response: nothing lost, oldest 0. */
#define CLOSED "84 01 10 00 a1 01 00"

static void
a_whole_log_comes_in_order_and_is_closed(void **state)
{
	read_events(*state, 0, 8, 8);
	expect_parts(*state, 0, 8);
	expect(*state, CLOSED);
	expect(*state, "");
}

static void
an_event_reads_as_what_happened(void **state)
{
	struct ram_board *board = *state;
	static const char sent[] =
	    /* at 15:00:00, field_set, factory, ann, report_minutes 1 to 2 */
	    "\xa7\x01\x1a\x6b\x01\xb1\xf0\x02\x02\x03\x04\x04\x63"
	    "ann"
	    "\x05\x6e"
	    "report_minutes"
	    "\x06\x61"
	    "1"
	    "\x07\x61"
	    "2";
	uint8_t bytes[EVENT_LEN_MAX];

	read_events(board, 2, 2, 2);
	assert_int_equal(expect_part(board, 2, bytes), sizeof(sent) - 1);
	assert_memory_equal(bytes, sent, sizeof(sent) - 1);
}

static void
parts_stop_at_the_credit_and_go_on_with_the_next(void **state)
{
	read_events(*state, 0, 8, 2);
	expect_parts(*state, 0, 2);
	expect(*state, "");
	tell(*state, "84 03 10 01 a1 01 04");
	expect_parts(*state, 3, 4);
	expect(*state, "");
	tell(*state, "84 03 10 02 a1 01 08");
	expect_parts(*state, 5, 8);
	expect(*state, CLOSED);
}

static void
an_old_credit_or_one_of_another_stream_is_dropped(void **state)
{
	read_events(*state, 0, 8, 2);
	expect_parts(*state, 0, 2);
	tell(*state, "84 03 11 01 a1 01 08");
	expect(*state, "");
	tell(*state, "84 03 10 02 a1 01 03");
	expect_parts(*state, 3, 3);
	tell(*state, "84 03 10 01 a1 01 08");
	expect(*state, "");
	tell(*state, "84 03 10 02 a1 01 08");
	expect(*state, "");
}

static void
gaps_are_repeated_before_what_follows(void **state)
{
	read_events(*state, 0, 8, 5);
	expect_parts(*state, 0, 5);
	/* through 6, gaps 1 to 1 and 3 to 4 */
	tell(*state, "84 03 10 01 a2 01 06 02 84 01 01 03 04");
	expect_parts(*state, 1, 1);
	expect_parts(*state, 3, 4);
	expect_parts(*state, 6, 6);
	expect(*state, "");
}

static void
a_credit_after_the_end_repeats_its_gaps_and_the_end(void **state)
{
	read_events(*state, 0, 8, 8);
	expect_parts(*state, 0, 8);
	expect(*state, CLOSED);
	tell(*state, "84 03 10 01 a2 01 08 02 82 07 07");
	expect_parts(*state, 7, 7);
	expect(*state, CLOSED);
	tell(*state, "84 03 10 02 a1 01 08");
	expect(*state, CLOSED);
}

static void
a_gap_that_has_not_been_sent_yet_is_none(void **state)
{
	read_events(*state, 0, 8, 2);
	expect_parts(*state, 0, 2);
	tell(*state, "84 03 10 01 a2 01 03 02 82 02 08");
	expect_parts(*state, 2, 2);
	expect_parts(*state, 3, 3);
	expect(*state, "");
	tell(*state, "84 03 10 02 a2 01 05 02 82 03 04");
	expect_parts(*state, 3, 5);
	expect(*state, "");
}

/* A gap below what was asked for was sent, too. */
static void
a_gap_outside_what_was_asked_for_is_none(void **state)
{
	read_events(*state, 3, 8, 5);
	expect_parts(*state, 3, 5);
	/* through 6, gaps 0 to 1 and 2 to 3 */
	tell(*state, "84 03 10 01 a2 01 06 02 84 00 01 02 03");
	expect_parts(*state, 3, 3);
	expect_parts(*state, 6, 6);
	expect(*state, "");
}

static void
another_request_ends_the_stream(void **state)
{
	struct ram_board *board = *state;

	read_events(board, 0, 8, 2);
	expect_parts(board, 0, 0);
	ask(board, "84 00 11 01 a0", "84 01 11 00 a0");
	expect(board, "");
	tell(board, "84 03 10 01 a1 01 08");
	expect(board, "");
}

static void
a_repeated_read_begins_anew(void **state)
{
	read_events(*state, 0, 8, 2);
	expect_parts(*state, 0, 1);
	read_events(*state, 0, 8, 2);
	expect_parts(*state, 0, 2);
	expect(*state, "");
}

static void
another_log_id_and_an_empty_range_are_refused(void **state)
{
	struct ram_board *board = *state;
	uint8_t other[LOG_ID_LEN];

	memcpy(other, board->collar->events.id, LOG_ID_LEN);
	other[LOG_ID_LEN - 1] ^= 1;
	read_log(board, OP_EVENTS_READ, other, 0, 8, 8);
	expect(board, "84 01 10 181d a0");
	ask(board, "84 00 18ff 01 a0", "84 01 18ff 00 a0");
	greet(board);
	read_events(board, 5, 4, 8);
	expect(board, "84 01 10 05 a2 01 03 02 05");
}

static void
beyond_the_newest_there_is_nothing(void **state)
{
	read_events(*state, 7, 23, 23);
	expect_parts(*state, 7, 8);
	expect(*state, CLOSED);
}

static void
what_was_overwritten_is_named_as_lost(void **state)
{
	struct ram_board *board = *state;
	struct eventlog *log = &board->collar->events;
	struct log_done done;
	uint8_t payload[PAYLOAD_TO_HOST_MAX];
	struct envelope env;
	struct cbor_in in;
	bool answerable;
	size_t len;

	while (log->oldest == 0)
		collar_log_unit(board->collar, EVENT_RESTART);
	read_events(board, 3, log->next - 1, log->next - 1);
	expect_parts(board, log->oldest, log->next - 1);
	len = ram_board_fetch(board, payload, sizeof(payload));
	assert_int_equal(envelope_open(&env, payload, len, &answerable), E_OK);
	assert_int_equal(env.direction, DIR_RESPONSE);
	in = cbor_reader(env.body, env.body_len);
	assert_int_equal(
	    message_decode(&msg_log_done, &in, &done, true, NULL), E_OK);
	assert_int_equal(done.oldest, log->oldest);
	assert_int_equal(done.lost.count, 1);
	assert_int_equal(done.lost.at[0].first, 3);
	assert_int_equal(done.lost.at[0].last, log->oldest - 1);
}

static void
a_block_comes_whole(void **state)
{
	struct ram_board *board = *state;
	struct block_header header;
	struct interval records[BLOCK_RECORDS_MAX];
	uint8_t bytes[BLOCK_MAX];
	size_t len;

	ram_board_pass(board, 60 * MINUTE_MS);
	read_log(board, OP_DATA_READ, board->collar->data.id, 0, 0, 0);
	len = expect_part(board, 0, bytes);
	assert_int_equal(
	    block_decode(&header, records, bytes, len), HOUR_RECORDS);
	assert_int_equal(records[HOUR_RECORDS - 1].at % 3600, 0);
	expect(board, CLOSED);
}

static void
data_info_tells_what_there_is(void **state)
{
	struct ram_board *board = *state;

	ram_board_pass(board, 60 * MINUTE_MS);
	/* four records in one open block, 15:15 to 16:00 */
	ask(board, "84 00 10 1840 a0",
	    "84 01 10 00 a9 01 48 ................ 02 00 03 00 04 04"
	    "05 1a6b01b574 06 1a6b01c000 07 0f 08 18a0 09 f5");
}

static void
a_host_that_takes_too_little_gets_no_blocks(void **state)
{
	struct ram_board *board = *state;

	ram_board_pass(board, 60 * MINUTE_MS);
	tell(board,
	    "84 00 00 00 a4 01 50 000102030405060708090a0b0c0d0e0f"
	    "02 01 03 01 04 190100");
	expect(board,
	    "84 01 00 00 ac 01 50 ................................"
	    "02 50 ................................ 03 01 04 01 05"
	    "01 06 1901c0 07 190420 08 00 09 48 c001020304050607"
	    "0c 65 312e302e30 0d f4 0e 07");
	read_log(board, OP_DATA_READ, board->collar->data.id, 0, 0, 0);
	expect(board, "84 01 10 03 a0");
}

#define UNIT(test) cmocka_unit_test_setup_teardown(test, unit_up, unit_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT(a_whole_log_comes_in_order_and_is_closed),
		UNIT(an_event_reads_as_what_happened),
		UNIT(parts_stop_at_the_credit_and_go_on_with_the_next),
		UNIT(an_old_credit_or_one_of_another_stream_is_dropped),
		UNIT(gaps_are_repeated_before_what_follows),
		UNIT(a_credit_after_the_end_repeats_its_gaps_and_the_end),
		UNIT(a_gap_that_has_not_been_sent_yet_is_none),
		UNIT(a_gap_outside_what_was_asked_for_is_none),
		UNIT(another_request_ends_the_stream),
		UNIT(a_repeated_read_begins_anew),
		UNIT(another_log_id_and_an_empty_range_are_refused),
		UNIT(beyond_the_newest_there_is_nothing),
		UNIT(what_was_overwritten_is_named_as_lost),
		UNIT(a_block_comes_whole),
		UNIT(data_info_tells_what_there_is),
		UNIT(a_host_that_takes_too_little_gets_no_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
