/* SPDX-License-Identifier: BSD-2-Clause */

/* Streams of a log that has lost entries, or whose host asks amiss. */

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

enum { EVENTS = 24 };

/* A unit with EVENTS events, the first of them its restart. */
static int
unit_up(void **state)
{
	struct ram_board *board;

	unit_greeted(state);
	board = *state;
	while (board->collar->events.next < EVENTS)
		collar_log_unit(board->collar, EVENT_RESTART);
	return 0;
}

/* One whose log holds its start only, and to which nobody has said hello. */
static int
unit_new(void **state)
{
	struct ram_board *board = ram_board_new(8);

	ram_board_start(board);
	*state = board;
	return 0;
}

/* {log id, first, last, through} under seq 0x10. */
static void
read_log(
    struct ram_board *board, unsigned first, unsigned last, unsigned through)
{
	char request[100], id[2 * LOG_ID_LEN + 1];

	for (unsigned i = 0; i < LOG_ID_LEN; i++)
		sprintf(id + 2 * i, "%02x", board->collar->events.id[i]);
	snprintf(request, sizeof(request),
	    "84 00 10 1849 a4 01 48 %s 02 %02x 03 %02x 04 %02x", id, first,
	    last, through);
	tell(board, request);
}

static void
read_all(struct ram_board *board, unsigned through)
{
	read_log(board, 0, EVENTS - 1, through);
}

/* Flips a bit of an event, which does not read any more. */
static void
damage(struct ram_board *board, uint32_t index)
{
	struct eventlog *log = &board->collar->events;
	uint8_t buf[EVENT_LEN_MAX];

	assert_true(eventlog_read(log, &board->board, index, buf) > 0);
	board->flash[log->cursor_at + 6] ^= 1;
	assert_int_equal(eventlog_read(log, &board->board, index, buf), 0);
}

/* Fetches what there is: parts, and into done what closes them, if it does. */
static unsigned
fetch(struct ram_board *board, struct log_done *done)
{
	uint8_t payload[PAYLOAD_TO_HOST_MAX];
	struct envelope env;
	unsigned parts = 0;
	bool answerable;
	size_t len;

	while ((len = ram_board_fetch(board, payload, sizeof(payload))) > 0) {
		struct cbor_in in;

		assert_int_equal(
		    envelope_open(&env, payload, len, &answerable), E_OK);
		parts += env.direction == DIR_PART;
		if (env.direction != DIR_RESPONSE)
			continue;
		in = cbor_reader(env.body, env.body_len);
		assert_int_equal(
		    message_decode(&msg_log_done, &in, done, true, NULL), E_OK);
	}
	return parts;
}

static void
assert_lost(
    const struct log_done *done, size_t i, uint32_t first, uint32_t last)
{
	assert_true(i < done->lost.count);
	assert_int_equal(done->lost.at[i].first, first);
	assert_int_equal(done->lost.at[i].last, last);
}

static void
neighbours_that_are_lost_are_one_range(void **state)
{
	struct log_done done = { 0 };

	damage(*state, 3);
	damage(*state, 4);
	damage(*state, 9);
	read_all(*state, 23);
	assert_int_equal(fetch(*state, &done), EVENTS - 3);
	assert_int_equal(done.lost.count, 2);
	assert_lost(&done, 0, 3, 4);
	assert_lost(&done, 1, 9, 9);
}

static void
more_losses_than_there_are_ranges_make_the_last_one_wide(void **state)
{
	struct log_done done = { 0 };

	for (uint32_t i = 1; i < EVENTS; i += 2)
		damage(*state, i);
	read_all(*state, 23);
	assert_int_equal(fetch(*state, &done), EVENTS / 2);
	assert_int_equal(done.lost.count, RANGES_MAX);
	assert_lost(&done, 0, 1, 1);
	assert_lost(&done, RANGES_MAX - 1, 15, 23);
}

static void
what_is_asked_for_again_and_lost_again_is_told_once(void **state)
{
	struct log_done done = { 0 };

	damage(*state, 3);
	damage(*state, 4);
	read_all(*state, 23);
	fetch(*state, &done);
	/* through 23, gap 4 to 4 */
	tell(*state, "84 03 10 01 a2 01 17 02 82 04 04");
	assert_int_equal(fetch(*state, &done), 0);
	assert_int_equal(done.lost.count, 1);
	assert_lost(&done, 0, 3, 4);
}

/* It found no place in the list once, and was asked for again and again. */
static void
a_loss_before_a_full_list_is_joined_to_its_last_range(void **state)
{
	struct log_done done = { 0 };

	for (uint32_t i = 1; i < EVENTS; i += 2)
		damage(*state, i);
	read_all(*state, 23);
	fetch(*state, &done);
	damage(*state, 2);
	tell(*state, "84 03 10 01 a2 01 17 02 84 02 02 04 04");
	assert_int_equal(fetch(*state, &done), 1);
	assert_int_equal(done.lost.count, RANGES_MAX);
	assert_lost(&done, 1, 3, 3);
	assert_lost(&done, RANGES_MAX - 1, 2, 23);
}

static void
a_gap_that_was_overwritten_meanwhile_is_lost_whole(void **state)
{
	struct ram_board *board = *state;
	struct log_done done = { 0 };

	read_all(board, 9);
	assert_int_equal(fetch(board, &done), 10);
	board->collar->events.oldest = 5;
	/* through 23, gap 1 to 2 */
	tell(board, "84 03 10 01 a2 01 17 02 82 01 02");
	assert_int_equal(fetch(board, &done), 14);
	assert_int_equal(done.lost.count, 1);
	assert_lost(&done, 0, 1, 2);
	assert_int_equal(done.oldest, 5);
}

static void
a_gap_wholly_ahead_is_none(void **state)
{
	struct log_done done = { 0 };

	read_all(*state, 2);
	assert_int_equal(fetch(*state, &done), 3);
	/* through 3, gap 5 to 6 */
	tell(*state, "84 03 10 01 a2 01 03 02 82 05 06");
	assert_int_equal(fetch(*state, &done), 1);
}

static void
a_credit_that_makes_no_sense_is_dropped(void **state)
{
	static const char *const credits[] = {
		"84 03 10 01 a1 01 6161", /* through "a" */
		"84 03 10 01 a0",         /* through nothing */
		"84 03 10 01 a1 01 1803", /* a longer head than need be */
		"85 03 10 01 a1 01 03 48 0000000000000000", /* tagged */
	};
	struct log_done done = { 0 };

	read_all(*state, 2);
	assert_int_equal(fetch(*state, &done), 3);
	for (size_t i = 0; i < nitems(credits); i++) {
		tell(*state, credits[i]);
		assert_int_equal(fetch(*state, &done), 0);
	}
	tell(*state, "84 03 10 01 a1 01 03");
	assert_int_equal(fetch(*state, &done), 1);
}

/* An event of two texts of 128 bytes, for a host that takes 256. */
static void
an_event_longer_than_the_host_takes_is_lost(void **state)
{
	struct ram_board *board = *state;
	struct event event = { .kind = EVENT_FIELD_SET };
	struct log_done done = { 0 };

	memset(event.old, 'o', sizeof(event.old) - 1);
	memset(event.new, 'n', sizeof(event.new) - 1);
	HAVE(&event, EVENT_KEY_OLD);
	HAVE(&event, EVENT_KEY_NEW);
	collar_log(board->collar, &event);
	collar_log_unit(board->collar, EVENT_RESTART);
	assert_int_equal(board->collar->exchange.receive_max, 256);
	read_log(board, 0, 2, 2);
	assert_int_equal(fetch(board, &done), 2);
	assert_int_equal(done.lost.count, 1);
	assert_lost(&done, 0, 1, 1);
}

static void
headers_come_even_to_a_host_that_takes_too_little_for_blocks(void **state)
{
	struct ram_board *board = *state;
	char request[100], id[2 * LOG_ID_LEN + 1];
	uint8_t payload[PAYLOAD_TO_HOST_MAX];
	struct envelope env;
	bool answerable;
	size_t len;

	ram_board_pass(board, 60 * 60000);
	board->collar->exchange.receive_max = PAYLOAD_FIRST_MAX;
	for (unsigned i = 0; i < LOG_ID_LEN; i++)
		sprintf(id + 2 * i, "%02x", board->collar->data.id[i]);
	snprintf(request, sizeof(request),
	    "84 00 10 1841 a5 01 48 %s 02 00 03 00 04 00 05 f5", id);
	tell(board, request);
	len = ram_board_fetch(board, payload, sizeof(payload));
	assert_int_equal(envelope_open(&env, payload, len, &answerable), E_OK);
	assert_int_equal(env.direction, DIR_PART);
	/* header, first and last record */
	assert_int_equal(env.body_len, BLOCK_HEADER_LEN + 2 * RECORD_LEN);
	expect(board, "84 01 10 00 a1 01 00");
}

#define UNIT(test) cmocka_unit_test_setup_teardown(test, unit_up, unit_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT(neighbours_that_are_lost_are_one_range),
		UNIT(more_losses_than_there_are_ranges_make_the_last_one_wide),
		UNIT(what_is_asked_for_again_and_lost_again_is_told_once),
		UNIT(a_loss_before_a_full_list_is_joined_to_its_last_range),
		UNIT(a_gap_that_was_overwritten_meanwhile_is_lost_whole),
		UNIT(a_gap_wholly_ahead_is_none),
		UNIT(a_credit_that_makes_no_sense_is_dropped),
		cmocka_unit_test_setup_teardown(
		    an_event_longer_than_the_host_takes_is_lost, unit_new,
		    unit_down),
		UNIT(
		    headers_come_even_to_a_host_that_takes_too_little_for_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
