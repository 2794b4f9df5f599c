/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Moves as a host sees them: the answer is what the contact says, it comes in
 * time, and it comes once.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/state.h"
#include "../../support/talk.h"

static void
a_move_is_answered_when_the_contact_has_followed(void **state)
{
	struct ram_board *board = *state;

	tell(board, MOVE("01", "01", "0001"));
	expect(board, "");
	assert_int_equal(board->drives, 1);
	ram_board_pass(board, RAM_RELAY_MS - 1);
	expect(board, "");
	ram_board_pass(board, 100);
	expect(board, MOVED("01", "f5", "01"));
	assert_true(board->glass.arrow);
}

static void
a_repeat_while_the_contact_moves_is_not_another_move(void **state)
{
	struct ram_board *board = *state;

	tell(board, MOVE("01", "01", "0001"));
	tell(board, MOVE("01", "01", "0001"));
	ram_board_pass(board, 100);
	expect(board, MOVED("01", "f5", "01"));
	expect(board, "");
	tell(board, MOVE("01", "01", "0001"));
	expect(board, MOVED("01", "f5", "01"));
	assert_int_equal(board->drives, 1);
}

static void
an_answer_that_nobody_waited_for_is_found_by_its_id(void **state)
{
	struct ram_board *board = *state;

	tell(board, MOVE("01", "01", "0001"));
	greet(board);
	ask(board, "84 00 01 04 a1 01 480000000000000001",
	    "84 01 01 00 a2 01 03 02 1820"); /* running */
	ask(board, MOVE("02", "01", "0001"), "84 01 02 0f a0");
	ram_board_pass(board, 100);
	expect(board, "");
	ask(board, "84 00 03 04 a1 01 480000000000000001",
	    "84 01 03 00 a4 01 00 02 1820 03 00"
	    "04 47 a3 01 f5 02 01 03 01");
	ask(board, MOVE("04", "01", "0001"), MOVED("04", "f5", "01"));
	assert_int_equal(board->drives, 1);
}

static void
a_contact_that_does_not_follow_is_a_relay_fault(void **state)
{
	struct ram_board *board = *state;

	board->relay_stuck = true;
	tell(board, MOVE("01", "01", "0001"));
	ram_board_pass(board, 240);
	expect(board, "84 01 01 181b a1 04 09");
	ram_board_pass(board, 1000);
	assert_true(board->glass.skull);
	/* no further SHUT */
	ask(board, MOVE("02", "01", "0002"), "84 01 02 12 a1 04 09");
}

static void
a_move_to_where_it_stands_drives_nothing(void **state)
{
	struct ram_board *board = *state;

	ask(board, MOVE("01", "00", "0001"), MOVED("01", "f4", "00"));
	assert_int_equal(board->drives, 0);
}

static void
a_refused_shut_names_what_stands_in_the_way(void **state)
{
	struct ram_board *board = *state;

	board->in.flipped = true;
	ask(board, MOVE("01", "01", "0001"), "84 01 01 10 a1 04 02");
	board->in.flipped = false;
	board->in.frequency_chz = 6400;
	ask(board, MOVE("02", "01", "0002"), "84 01 02 12 a1 04 0e");
	assert_int_equal(board->drives, 0);
}

static void
a_shut_too_soon_says_when(void **state)
{
	struct ram_board *board = *state;

	tell(board, MOVE("02", "00", "0002"));
	ram_board_pass(board, 100);
	expect(board, MOVED("02", "f5", "00"));
	board->in.der_dv = 0;
	ask(board, MOVE("03", "01", "0003"), "84 01 03 14 a1 05 05");
	ram_board_pass(board, 5000);
	tell(board, MOVE("04", "01", "0004"));
	ram_board_pass(board, 100);
	expect(board, MOVED("04", "f5", "01"));
}

static void
a_memory_that_fails_moves_nothing(void **state)
{
	struct ram_board *board = *state;

	board->flash_broken = true;
	ask(board, MOVE("01", "01", "0001"), "84 01 01 181c a0");
	assert_int_equal(board->drives, 0);
	assert_int_equal(board->collar->relay.motion.phase, RELAY_IDLE);
}

static void
an_exercise_is_accepted_and_its_outcome_asked_for(void **state)
{
	struct ram_board *board = *state;

	ram_board_pass(board, 6000); /* the relay rests between moves */
	ask(board, "84 00 02 1823 a3" HEADER("0002"), "84 01 02 0f a0");
	ram_board_pass(board, 50);
	board->in.der_dv = 0;
	ram_board_pass(board, 100);
	assert_false(board->in.relay_shut);
	ram_board_pass(board, 20000);
	assert_true(board->in.relay_shut);
	ask(board, "84 00 03 04 a1 01 480000000000000002",
	    "84 01 03 00 a4 01 00 02 1823 03 00"
	    "04 4b a5 01 f5 02 01 03 01 08 00 09 f5");
}

static void
a_hold_survives_a_restart_as_an_open(void **state)
{
	struct ram_board *board = *state;

	/* SHUT, with a hold of 60 s: back to OPEN unless confirmed */
	tell(board, "84 00 01 1820 a6 01 01 02 00 04 183c" HEADER("0001"));
	ram_board_pass(board, 100);
	expect(board,
	    "84 01 01 00 a5 01 f5 02 01 03 01 06 00"
	    "07 1a6b01b240");
	assert_true(board->in.relay_shut);
	ram_board_start(board);
	ram_board_pass(board, 100);
	assert_false(board->in.relay_shut);
}

/* The first start keeps that it was interrupted; the next has no news. */
static void
an_interrupted_move_is_logged_by_one_start_only(void **state)
{
	struct ram_board *board = *state;
	uint32_t next = board->collar->events.next;

	tell(board, MOVE("01", "01", "0001"));
	ram_board_start(board);
	assert_true(board->collar->events.next > next + 1);
	next = board->collar->events.next;
	ram_board_start(board);
	assert_int_equal(board->collar->events.next, next + 1);
}

static void
a_confirmed_hold_lasts(void **state)
{
	struct ram_board *board = *state;

	tell(board, "84 00 01 1820 a6 01 01 02 00 04 183c" HEADER("0001"));
	ram_board_pass(board, 100);
	expect(board,
	    "84 01 01 00 a5 01 f5 02 01 03 01 06 00"
	    "07 1a6b01b240");
	ask(board, "84 00 02 1822 a4 01 480000000000000001" HEADER("0002"),
	    MOVED("02", "f5", "01"));
	ram_board_pass(board, 120000);
	assert_true(board->in.relay_shut);
}

static void
a_scheduled_move_fires_once_after_a_restart_too(void **state)
{
	struct ram_board *board = *state;

	/* OPEN at the top of the hour, 16:00 */
	ask(board, "84 00 02 1820 a5 01 00 02 01" HEADER("0002"),
	    "84 01 02 00 a5 01 f5 02 01 03 01 04 00 05 1a6b01c000");
	ram_board_start(board);
	board->relay_wants = true;
	ram_board_pass(board, 50 * 60000);
	assert_true(board->in.relay_shut);
	ram_board_pass(board, 11 * 60000);
	assert_false(board->in.relay_shut);
	assert_false(board->collar->relay.kept.pending.set);
	assert_int_equal(board->drives, 2);
}

static void
a_tag_outlasts_a_restart_and_refuses_every_shut(void **state)
{
	struct ram_board *board = *state;

	ask(board, "84 00 01 1824 a4 01 6141" HEADER("0001"),
	    MOVED("01", "f5", "00"));
	ram_board_start(board);
	ram_board_pass(board, 20000);
	greet(board);
	ask(board, MOVE("01", "01", "0002"), "84 01 01 13 a1 04 11");
	ask(board, "84 00 02 1825 a3" HEADER("0003"), MOVED("02", "f5", "00"));
	tell(board, MOVE("03", "01", "0004"));
	ram_board_pass(board, 100);
	expect(board, MOVED("03", "f5", "01"));
}

static void
test_mode_lights_the_glass_and_ends_by_itself(void **state)
{
	struct ram_board *board = *state;

	/* two minutes */
	ask(board, "84 00 01 1830 a4 01 02" HEADER("0001"),
	    "84 01 01 00 a3 01 f5 02 1878 03 1a6b01b27c");
	assert_true(board->glass.all_segments);
	ram_board_pass(board, 11000);
	assert_false(board->glass.all_segments);
	ask(board, "84 00 02 1830 a3" HEADER("0002"), "84 01 02 12 a1 04 12");
	ram_board_pass(board, 120000);
	assert_false(board->collar->test.kept.active);
	ask(board, "84 00 03 1831 a3" HEADER("0003"), "84 01 03 181f a0");
}

static void
test_mode_with_an_exercise_returns_the_relay(void **state)
{
	struct ram_board *board = *state;

	tell(board, "84 00 01 1830 a4 02 f5" HEADER("0001"));
	expect(board, "84 01 01 00 a3 01 f5 02 190258 03 ..........");
	assert_int_equal(board->drives, 1);
	ram_board_pass(board, 100);
	assert_true(board->in.relay_shut);
	ram_board_pass(board, 20000);
	assert_false(board->in.relay_shut);
	assert_int_equal(board->drives, 2);
}

#define UNIT(test) cmocka_unit_test_setup_teardown(test, unit_rested, unit_down)
#define SHUT(test) cmocka_unit_test_setup_teardown(test, unit_shut, unit_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT(a_move_is_answered_when_the_contact_has_followed),
		UNIT(a_repeat_while_the_contact_moves_is_not_another_move),
		UNIT(an_answer_that_nobody_waited_for_is_found_by_its_id),
		UNIT(a_contact_that_does_not_follow_is_a_relay_fault),
		UNIT(a_move_to_where_it_stands_drives_nothing),
		UNIT(a_refused_shut_names_what_stands_in_the_way),
		SHUT(a_shut_too_soon_says_when),
		UNIT(a_memory_that_fails_moves_nothing),
		SHUT(an_exercise_is_accepted_and_its_outcome_asked_for),
		UNIT(a_hold_survives_a_restart_as_an_open),
		UNIT(an_interrupted_move_is_logged_by_one_start_only),
		UNIT(a_confirmed_hold_lasts),
		SHUT(a_scheduled_move_fires_once_after_a_restart_too),
		UNIT(a_tag_outlasts_a_restart_and_refuses_every_shut),
		UNIT(test_mode_lights_the_glass_and_ends_by_itself),
		UNIT(test_mode_with_an_exercise_returns_the_relay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
