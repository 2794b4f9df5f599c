/* SPDX-License-Identifier: BSD-2-Clause */

/* The rate of the line: agreed on, tried, kept alive, given up. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/state.h"
#include "../../support/talk.h"

/* link-baud to 115200 and its answer, noop and its answer; by seq. */
#define TO_115200(seq) "84 00" seq "1870 a1 01 1a0001c200"
#define AT_115200(seq) "84 01" seq "00 a1 01 1a0001c200"
#define TO_9600(seq) "84 00" seq "1870 a1 01 192580"
#define AT_9600(seq) "84 01" seq "00 a1 01 192580"
#define NOOP(seq) "84 00" seq "01 a0"
#define NOOPED(seq) "84 01" seq "00 a0"

static int
line_up(void **state)
{
	struct ram_board *board = ram_board_new(8);

	ram_board_wire(board);
	ram_board_start(board);
	greet(board);
	*state = board;
	return 0;
}

static int
raised_up(void **state)
{
	line_up(state);
	ask(*state, TO_115200("01"), AT_115200("01"));
	ask(*state, NOOP("02"), NOOPED("02"));
	return 0;
}

static void
is_at(void **state, uint32_t baud, unsigned sets)
{
	const struct ram_board *board = *state;

	assert_int_equal(board->baud, baud);
	assert_int_equal(board->baud_sets, sets);
	assert_int_equal(board->collar->rate.baud, baud);
}

static void
a_start_sets_the_rate_that_the_line_begins_with(void **state)
{
	is_at(state, 9600, 1);
	ram_board_start(*state);
	is_at(state, 9600, 2);
}

/* Nobody has heard that it would: the next host finds the old one. */
static void
an_answer_that_is_dropped_leaves_the_rate(void **state)
{
	struct ram_board *board = *state;

	tell(board, TO_115200("01"));
	collar_link_reset(board->collar);
	expect(board, "");
	ask(board, NOOP("02"), NOOPED("02"));
	is_at(state, 9600, 1);
}

static void
the_answer_goes_at_the_old_rate_to_its_last_byte(void **state)
{
	struct ram_board *board = *state;
	uint8_t byte = 1;

	tell(board, TO_115200("01"));
	is_at(state, 9600, 1);
	assert_int_equal(collar_transmit(board->collar, &byte, 1), 1);
	assert_int_equal(byte, 0);
	do {
		is_at(state, 9600, 1);
		assert_int_equal(collar_transmit(board->collar, &byte, 1), 1);
	} while (byte != 0);
	is_at(state, 115200, 2);
	assert_int_equal(collar_transmit(board->collar, &byte, 1), 0);
}

static void
what_waits_behind_the_answer_goes_at_the_new_rate(void **state)
{
	struct ram_board *board = *state;
	uint8_t bytes[64];
	size_t len;

	tell(board, TO_115200("01"));
	tell(board, NOOP("02"));
	len = collar_transmit(board->collar, bytes, sizeof(bytes));
	assert_true(len > 2);
	assert_null(memchr(bytes + 1, 0, len - 2)); /* one frame */
	is_at(state, 115200, 2);
	expect(board, NOOPED("02"));
}

static void
a_rate_at_which_nothing_arrives_is_given_up_after_a_second(void **state)
{
	ask(*state, TO_115200("01"), AT_115200("01"));
	assert_int_equal(
	    collar_next_due_ms(((struct ram_board *)*state)->collar),
	    RATE_TRIAL_MS);
	ram_board_pass(*state, RATE_TRIAL_MS - 1);
	is_at(state, 115200, 2);
	ram_board_pass(*state, 1);
	is_at(state, 9600, 3);
	ask(*state, TO_115200("01"), AT_115200("01")); /* a repeat */
	is_at(state, 115200, 4);
}

static void
own_frames_broken_ones_and_noise_do_not_keep_a_rate(void **state)
{
	static const uint8_t noise[] = { 3, 1, 4, 1, 5, 0 };
	struct ram_board *board = *state;

	ask(board, TO_115200("01"), AT_115200("01"));
	tell(board, AT_115200("01"));     /* an echo */
	tell(board, "84 02 01 00 41 00"); /* of a part */
	tell(board, "84 04 01 00 a0");    /* no message */
	collar_receive(board->collar, noise, sizeof(noise));
	expect(board, "");
	ram_board_pass(board, RATE_TRIAL_MS);
	is_at(state, 9600, 3);
}

static void
a_request_or_a_credit_keeps_the_rate(void **state)
{
	struct ram_board *board = *state;

	ask(board, TO_115200("01"), AT_115200("01"));
	tell(board, "84 03 01 01 a1 01 00");
	ram_board_pass(board, RATE_QUIET_MS - 1);
	is_at(state, 115200, 2);
	ask(board, NOOP("02"), NOOPED("02"));
	ram_board_pass(board, RATE_QUIET_MS - 1);
	is_at(state, 115200, 2);
}

static void
a_failed_trial_goes_back_to_the_rate_before_it(void **state)
{
	ask(*state, "84 00 03 1870 a1 01 19e100", "84 01 03 00 a1 01 19e100");
	is_at(state, 57600, 3);
	ram_board_pass(*state, RATE_TRIAL_MS);
	is_at(state, 115200, 4);
	ask(*state, NOOP("04"), NOOPED("04"));
}

static void
silence_takes_the_line_to_the_rate_it_begins_with(void **state)
{
	struct ram_board *board = *state;

	ram_board_pass(board, RATE_QUIET_MS - 1);
	is_at(state, 115200, 2);
	assert_int_equal(collar_next_due_ms(board->collar), 1);
	ram_board_pass(board, 1);
	is_at(state, 9600, 3);
	ram_board_pass(board, (uint64_t)2 * RATE_QUIET_MS);
	is_at(state, 9600, 3);
}

/* The silence of a failed trial counts from the answer that agreed to it. */
static void
silence_goes_on_behind_a_failed_trial(void **state)
{
	ask(*state, "84 00 03 1870 a1 01 19e100", "84 01 03 00 a1 01 19e100");
	ram_board_pass(*state, RATE_TRIAL_MS);
	is_at(state, 115200, 4);
	ram_board_pass(*state, RATE_QUIET_MS - RATE_TRIAL_MS - 1);
	is_at(state, 115200, 4);
	ram_board_pass(*state, 1);
	is_at(state, 9600, 5);
	ram_board_pass(*state, RATE_QUIET_MS);
	is_at(state, 9600, 5);
}

static void
who_is_sending_does_not_go_back(void **state)
{
	struct ram_board *board = *state;
	uint8_t byte;

	tell(board, "84 00 03 02 a0"); /* status: nobody fetches it */
	ram_board_pass(board, (uint64_t)2 * RATE_QUIET_MS);
	is_at(state, 115200, 2);
	while (collar_transmit(board->collar, &byte, 1) == 1)
		continue;
	ram_board_pass(board, RATE_QUIET_MS - 1);
	is_at(state, 115200, 2);
	ram_board_pass(board, 1);
	is_at(state, 9600, 3);
}

static void
the_rate_it_has_already_is_agreed_to_and_not_set(void **state)
{
	ask(*state, TO_9600("01"), AT_9600("01"));
	is_at(state, 9600, 1);
	ram_board_pass(*state, (uint64_t)2 * RATE_QUIET_MS);
	is_at(state, 9600, 1);
}

static void
a_rate_that_the_line_has_not_is_refused_with_its_limits(void **state)
{
	/* 38400 lies between them */
	ask(*state, "84 00 01 1870 a1 01 199600",
	    "84 01 01 05 a3 01 01 02 192580 03 1a0001c200");
	ask(*state, "84 00 02 1870 a1 01 1a00038400",
	    "84 01 02 05 a3 01 01 02 192580 03 1a0001c200");
	is_at(state, 9600, 1);
}

static void
a_link_without_a_rate_supports_none(void **state)
{
	ask(*state, TO_115200("01"), "84 01 01 03 a0");
	collar_resume(((struct ram_board *)*state)->collar,
	    &((struct ram_board *)*state)->board);
	is_at(state, 0, 0);
}

/* It was set after RATE_QUIET_MS, and its board need not be able to. */
static void
a_rate_that_cannot_change_is_never_set(void **state)
{
	struct ram_board *board = *state;

	board->board.baud = 9600;
	collar_resume(board->collar, &board->board);
	ram_board_pass(board, (uint64_t)2 * RATE_QUIET_MS);
	assert_int_equal(board->collar->rate.baud, 9600);
	assert_int_equal(board->baud_sets, 0);
	ask(board, TO_115200("01"), "84 01 01 03 a0");
}

static void
a_line_made_anew_is_at_the_rate_it_begins_with(void **state)
{
	struct ram_board *board = *state;

	collar_resume(board->collar, &board->board);
	is_at(state, 9600, 3);
	ram_board_pass(board, RATE_QUIET_MS);
	is_at(state, 9600, 3);
}

static void
a_change_of_the_rate_ends_no_wait_and_no_outcome(void **state)
{
	struct ram_board *board = *state;

	ram_board_pass(board, 20000);
	tell(board, MOVE("01", "01", "0001"));
	ram_board_pass(board, 100);
	expect(board, MOVED("01", "f5", "01"));
	ask(board, TO_115200("02"), AT_115200("02"));
	ram_board_pass(board, RATE_TRIAL_MS);
	is_at(state, 9600, 3);
	/* outcome of id 1: done, and the relay stands where it stood */
	ask(board, "84 00 03 04 a1 01 48 0000000000000001",
	    "84 01 03 00 a4 01 00 02 1820 03 00 04 47 a3 01f5 0201 0301");
}

/* The answer is as long as was asked for, and no longer than the host takes. */
static void
a_check_is_answered_as_long_as_was_asked_for(void **state)
{
	struct ram_board *board = *state;
	uint8_t payload[PAYLOAD_TO_HOST_MAX];

	ask(board, "84 00 01 1871 a2 01 40 02 00", "84 01 01 00 a1 01 40");
	ask(board, "84 00 02 1871 a2 01 43 112233 02 04",
	    "84 01 02 00 a1 01 44 009d3ad7");
	tell(board, "84 00 03 1871 a2 01 40 02 190400");
	assert_int_equal(
	    ram_board_fetch(board, payload, sizeof(payload)), 9 + 1024);
	ask(board, "84 00 04 1871 a2 01 40 02 190401",
	    "84 01 04 05 a3 01 02 02 00 03 190400");
}

#define LINE(test) cmocka_unit_test_setup_teardown(test, line_up, unit_down)
#define RAISED(test) cmocka_unit_test_setup_teardown(test, raised_up, unit_down)
#define UNIT(test) \
	cmocka_unit_test_setup_teardown(test, unit_greeted, unit_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		LINE(a_start_sets_the_rate_that_the_line_begins_with),
		LINE(an_answer_that_is_dropped_leaves_the_rate),
		LINE(the_answer_goes_at_the_old_rate_to_its_last_byte),
		LINE(what_waits_behind_the_answer_goes_at_the_new_rate),
		LINE(
		    a_rate_at_which_nothing_arrives_is_given_up_after_a_second),
		LINE(own_frames_broken_ones_and_noise_do_not_keep_a_rate),
		LINE(a_request_or_a_credit_keeps_the_rate),
		RAISED(a_failed_trial_goes_back_to_the_rate_before_it),
		RAISED(silence_takes_the_line_to_the_rate_it_begins_with),
		RAISED(silence_goes_on_behind_a_failed_trial),
		RAISED(who_is_sending_does_not_go_back),
		LINE(the_rate_it_has_already_is_agreed_to_and_not_set),
		LINE(a_rate_that_the_line_has_not_is_refused_with_its_limits),
		UNIT(a_link_without_a_rate_supports_none),
		UNIT(a_rate_that_cannot_change_is_never_set),
		RAISED(a_line_made_anew_is_at_the_rate_it_begins_with),
		LINE(a_change_of_the_rate_ends_no_wait_and_no_outcome),
		LINE(a_check_is_answered_as_long_as_was_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
