/* SPDX-License-Identifier: BSD-2-Clause */

/* Moves that other requests meet, as hosts see them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/state.h"
#include "../../support/talk.h"

#define OUTCOME(seq, id) "84 00" seq "04 a1 01 48 000000000000" id

static void
a_schedule_is_cancelled_once(void **state)
{
	/* relay-move {OPEN, at the next full hour} */
	ask(*state, "84 00 01 1820 a5 01 00 02 01" HEADER("0001"),
	    "84 01 01 00 a5 01 f5 02 00 03 00 04 00 05 1a........");
	ask(*state, PLAIN("02", "1821", "0002"), MOVED("02", "f5", "00"));
	ask(*state, PLAIN("03", "1821", "0003"), "84 01 03 181f a0");
}

static void
an_open_overtakes_a_shut_whose_outcome_says_so(void **state)
{
	struct ram_board *board = *state;

	tell(board, MOVE("01", "01", "0001"));
	expect(board, "");
	tell(board, MOVE("02", "00", "0002"));
	ram_board_pass(board, 200);
	expect(board, MOVED("02", "f5", "00"));
	assert_false(board->in.relay_shut);
	/* {done, op 0x20, busy, {}} */
	ask(board, OUTCOME("03", "0001"),
	    "84 01 03 00 a4 01 00 02 1820 03 181e 04 41a0");
}

/* Eight changes later its id is forgotten, and so is how it ended. */
static void
an_exercise_that_was_crowded_out_ends_unseen(void **state)
{
	struct ram_board *board = *state;

	ask(board, PLAIN("02", "1823", "0002"), "84 01 02 0f a0");
	ram_board_pass(board, 100);
	board->in.der_dv = 0;
	for (unsigned i = 3; i < 11; i++) {
		char request[200], answer[40];

		/* set {report_minutes i} */
		snprintf(request, sizeof(request),
		    "84 00 %02x 10 a4 07 %02x" HEADER("00%02x"), i, i, i);
		snprintf(
		    answer, sizeof(answer), "84 01 %02x 00 a2 01 f5 02 00", i);
		ask(board, request, answer);
	}
	ram_board_pass(board, 20000);
	assert_true(board->in.relay_shut);
	assert_int_equal(board->drives, 3);
	/* {not seen} */
	ask(board, OUTCOME("0b", "0002"), "84 01 0b 00 a1 01 01");
}

/* Nobody waits for the exercise of a test, and it has nothing to commit. */
static void
an_exercise_of_a_test_that_stays_open_is_in_the_log(void **state)
{
	struct ram_board *board = *state;
	uint32_t before = board->collar->events.next;
	uint8_t bytes[EVENT_LEN_MAX];
	unsigned exercised = 0;

	/* test-start {minutes 5, relay true} */
	ask(board, "84 00 02 1830 a5 01 05 02 f5" HEADER("0002"),
	    "84 01 02 00 a3 01 f5 02 19012c 03 1a........");
	board->in.utility = false;
	ram_board_pass(board, 20000);
	assert_false(board->in.relay_shut);
	for (uint32_t i = before; i < board->collar->events.next; i++) {
		struct event event;
		struct cbor_in in = cbor_reader(bytes,
		    eventlog_read(
			&board->collar->events, &board->board, i, bytes));

		assert_int_equal(
		    message_decode(&msg_event, &in, &event, false, NULL), E_OK);
		exercised += event.kind == EVENT_RELAY_EXERCISED;
	}
	assert_int_equal(exercised, 1);
}

static void
a_test_whose_exercise_is_refused_does_not_begin(void **state)
{
	struct ram_board *board = *state;

	board->in.utility = false;
	/* no_utility, condition 0 */
	ask(board, "84 00 01 1830 a5 01 05 02 f5" HEADER("0001"),
	    "84 01 01 11 a1 04 00");
	assert_false(board->collar->test.kept.active);
}

#define UNIT(test) cmocka_unit_test_setup_teardown(test, unit_rested, unit_down)
#define SHUT(test) cmocka_unit_test_setup_teardown(test, unit_shut, unit_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT(a_schedule_is_cancelled_once),
		UNIT(an_open_overtakes_a_shut_whose_outcome_says_so),
		SHUT(an_exercise_that_was_crowded_out_ends_unseen),
		SHUT(an_exercise_of_a_test_that_stays_open_is_in_the_log),
		UNIT(a_test_whose_exercise_is_refused_does_not_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
