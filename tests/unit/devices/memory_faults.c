/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Changes while nothing can be saved: they are refused and change nothing, but
 * for an OPEN, which is made all the same.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/state.h"
#include "../../support/talk.h"

#define FAULT(seq) "84 01" seq "181c a0"
/* provision {address "1 A", city "B", state "PA", zip "17101"} */
#define PROVISION(seq, id) \
	"84 00" seq \
	"11 a7 09 63312041 0a 6142 0b 625041 0c 653137313031" HEADER(id)

static void
an_open_is_made_and_answered_as_a_memory_fault(void **state)
{
	struct ram_board *board = *state;

	board->flash_broken = true;
	tell(board, MOVE("02", "00", "0002"));
	expect(board, "");
	ram_board_pass(board, 100);
	expect(board, FAULT("02"));
	assert_false(board->in.relay_shut);
}

/* The exercise once went on, and its way back was a SHUT. */
static void
an_open_ends_an_exercise_even_if_that_cannot_be_saved(void **state)
{
	struct ram_board *board = *state;

	ask(board, PLAIN("02", "1823", "0002"), "84 01 02 0f a0");
	ram_board_pass(board, 100);
	board->in.der_dv = 0;
	assert_false(board->in.relay_shut);
	board->flash_broken = true;
	ask(board, MOVE("03", "00", "0003"), FAULT("03"));
	board->flash_broken = false;
	/* set {report_minutes 5}: the memory is sound again */
	ask(board, "84 00 04 10 a4 07 05" HEADER("0004"),
	    "84 01 04 00 a2 01 f5 02 00");
	ram_board_pass(board, 20000);
	assert_false(board->in.relay_shut);
	assert_int_equal(board->drives, 2);
}

/*
 * What an OPEN had ended unsaved once came back from flash where unprovisioning
 * failed as well: here a hold, whose end is a SHUT.
 */
static void
a_hold_that_an_open_ended_stays_so_if_nothing_can_be_saved(void **state)
{
	struct ram_board *board = *state;

	/* relay-move {OPEN, now, hold 60 s} */
	tell(board, "84 00 02 1820 a6 01 00 02 00 04 183c" HEADER("0002"));
	ram_board_pass(board, 100);
	expect(board, "84 01 02 00 a5 01 f5 02 00 03 00 06 01 07 1a........");
	board->in.der_dv = 0;
	board->flash_broken = true;
	ask(board, MOVE("03", "00", "0003"), FAULT("03"));
	assert_false(board->collar->relay.kept.hold.set);
	board->collar->provision.stage = UNIT_OPERATIONAL;
	ask(board, PLAIN("04", "12", "0004"), FAULT("04"));
	board->flash_broken = false;
	ask(board, "84 00 05 10 a4 07 05" HEADER("0005"),
	    "84 01 05 00 a2 01 f5 02 04");
	ram_board_pass(board, 90000);
	assert_false(board->in.relay_shut);
	assert_int_equal(board->drives, 2);
}

/* Its answer tells of the contact, which is worse. */
static void
an_open_that_does_not_follow_is_a_relay_fault_all_the_same(void **state)
{
	struct ram_board *board = *state;

	board->flash_broken = true;
	board->relay_stuck = true;
	tell(board, MOVE("02", "00", "0002"));
	ram_board_pass(board, 300);
	expect(board, "84 01 02 181b a1 04 09");
}

static void
an_exercise_moves_nothing(void **state)
{
	struct ram_board *board = *state;

	board->flash_broken = true;
	ask(board, PLAIN("02", "1823", "0002"), FAULT("02"));
	ram_board_pass(board, 10000);
	assert_true(board->in.relay_shut);
	assert_int_equal(board->drives, 1);
}

static void
a_shut_is_refused(void **state)
{
	struct ram_board *board = *state;

	board->flash_broken = true;
	ask(board, MOVE("01", "01", "0001"), FAULT("01"));
	assert_int_equal(board->drives, 0);
}

/* relay-move {SHUT, now, hold 60 s} */
static void
a_hold_that_runs_out_opens(void **state)
{
	struct ram_board *board = *state;

	tell(board, "84 00 01 1820 a6 01 01 02 00 04 183c" HEADER("0001"));
	ram_board_pass(board, 100);
	expect(board, "84 01 01 00 a5 01 f5 02 01 03 01 06 00 07 1a........");
	board->flash_broken = true;
	ram_board_pass(board, 61000);
	assert_false(board->in.relay_shut);
}

/* relay-move {SHUT, now, hold 60 s}; tag {"A"} */
static void
a_tag_out_that_ends_a_hold_opens_all_the_same(void **state)
{
	struct ram_board *board = *state;

	tell(board, "84 00 01 1820 a6 01 01 02 00 04 183c" HEADER("0001"));
	ram_board_pass(board, 100);
	expect(board, "84 01 01 00 a5 01 f5 02 01 03 01 06 00 07 1a........");
	board->flash_broken = true;
	tell(board, "84 00 02 1824 a4 01 6141" HEADER("0002"));
	ram_board_pass(board, 100);
	expect(board, FAULT("02"));
	assert_false(board->in.relay_shut);
}

/* relay-move {OPEN, top of the hour} */
static void
an_open_for_later_is_refused(void **state)
{
	struct ram_board *board = *state;

	board->flash_broken = true;
	ask(board, "84 00 02 1820 a5 01 00 02 01" HEADER("0002"), FAULT("02"));
	assert_true(board->in.relay_shut);
	assert_false(board->collar->relay.kept.pending.set);
}

static void
test_mode_does_not_begin(void **state)
{
	struct ram_board *board = *state;

	board->flash_broken = true;
	ask(board, "84 00 01 1830 a4 01 05" HEADER("0001"), FAULT("01"));
	assert_false(board->collar->test.kept.active);
}

static void
test_mode_goes_on(void **state)
{
	struct ram_board *board = *state;

	ask(board, "84 00 01 1830 a4 01 05" HEADER("0001"),
	    "84 01 01 00 a3 01 f5 02 19012c 03 1a........");
	board->flash_broken = true;
	ask(board, PLAIN("02", "1831", "0002"), FAULT("02"));
	assert_true(board->collar->test.kept.active);
	board->flash_broken = false;
	ask(board, PLAIN("03", "1831", "0003"), "84 01 03 00 a1 01 f4");
	assert_false(board->collar->test.kept.active);
	ask(board, PLAIN("04", "1831", "0004"), "84 01 04 181f a0");
}

static void
a_unit_is_not_provisioned(void **state)
{
	struct ram_board *board = *state;

	board->flash_broken = true;
	ask(board, PROVISION("01", "0001"), FAULT("01"));
	assert_int_equal(board->collar->provision.stage, UNIT_UNPROVISIONED);
	assert_false(HAS(&board->collar->record, RECORD_ZIP));
	ram_board_pass(board, 10000);
	assert_int_equal(board->jobs, 0);
}

static void
a_unit_stays_provisioned_with_what_was_scheduled(void **state)
{
	struct ram_board *board = *state;

	ask(board, PROVISION("01", "0001"), "84 01 01 00 a2 01 f5 02 01");
	ram_board_pass(board, 10000);
	/* relay-move {OPEN, at the next full hour} */
	ask(board, "84 00 02 1820 a5 01 00 02 01" HEADER("0002"),
	    "84 01 02 00 a5 01 f5 02 00 03 00 04 00 05 1a........");
	board->flash_broken = true;
	ask(board, PLAIN("03", "12", "0003"), FAULT("03"));
	assert_int_equal(board->collar->provision.stage, UNIT_OPERATIONAL);
	assert_true(board->collar->relay.kept.pending.set);
	assert_string_equal(board->collar->record.zip, "17101");
}

/* It is registered, which cannot be kept: it is tried again. */
static void
what_was_registered_is_registered_again(void **state)
{
	struct ram_board *board = *state;

	ask(board, PROVISION("01", "0001"), "84 01 01 00 a2 01 f5 02 01");
	board->flash_broken = true;
	ram_board_pass(board, 5000);
	assert_int_equal(board->collar->provision.stage, UNIT_PROVISIONING);
	board->flash_broken = false;
	ram_board_pass(board, 60000);
	assert_int_equal(board->collar->provision.stage, UNIT_OPERATIONAL);
	assert_int_equal(board->jobs, 4); /* twice registered, a report */
}

/* At the start nothing can be made of blank flash, and all of it says so. */
static void
a_unit_starts_and_says_that_its_memory_failed(void **state)
{
	struct ram_board *board = *state;
	struct unit_now unit;

	memset(board->flash, 0xff, sizeof(board->flash));
	memset(board->programmed, 0, sizeof(board->programmed));
	board->flash_broken = true;
	ram_board_start(board);
	assert_int_equal(board->collar->memory_faults,
	    MEMORY_STORE | MEMORY_EVENTS | MEMORY_DATA);
	unit = collar_now(board->collar);
	assert_true(conditions_now(
			&unit, &board->collar->relay, &board->collar->test) >>
		COND_MEMORY_FAULT &
	    1);
}

/* Registers saved as power failed are marked used; that must be saved too. */
static void
a_start_that_cannot_mark_its_registers_says_so(void **state)
{
	struct ram_board *board = *state;

	board->in.power_fail = true;
	collar_tick(board->collar, board->now_ms);
	board->in.power_fail = false;
	board->flash_broken = true;
	ram_board_start(board);
	assert_true(board->collar->memory_faults & MEMORY_DATA);
}

/* The tick after, which writes nothing, forgot it once. */
static void
a_record_that_was_lost_is_a_fault_until_one_is_written(void **state)
{
	struct ram_board *board = *state;

	board->flash_broken = true;
	ram_board_pass(board, 16 * 60000);
	assert_true(board->collar->memory_faults & MEMORY_DATA);
	board->flash_broken = false;
	ram_board_pass(board, 13 * 60000);
	assert_true(board->collar->memory_faults & MEMORY_DATA);
	ram_board_pass(board, 2 * 60000);
	assert_false(board->collar->memory_faults & MEMORY_DATA);
}

#define UNIT(test) cmocka_unit_test_setup_teardown(test, unit_rested, unit_down)
#define SHUT(test) cmocka_unit_test_setup_teardown(test, unit_shut, unit_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		SHUT(an_open_is_made_and_answered_as_a_memory_fault),
		SHUT(
		    an_open_that_does_not_follow_is_a_relay_fault_all_the_same),
		SHUT(an_open_ends_an_exercise_even_if_that_cannot_be_saved),
		SHUT(
		    a_hold_that_an_open_ended_stays_so_if_nothing_can_be_saved),
		SHUT(an_exercise_moves_nothing),
		UNIT(a_shut_is_refused),
		UNIT(a_hold_that_runs_out_opens),
		UNIT(a_tag_out_that_ends_a_hold_opens_all_the_same),
		SHUT(an_open_for_later_is_refused),
		UNIT(test_mode_does_not_begin),
		UNIT(test_mode_goes_on),
		UNIT(a_unit_is_not_provisioned),
		UNIT(a_unit_stays_provisioned_with_what_was_scheduled),
		UNIT(what_was_registered_is_registered_again),
		UNIT(a_unit_starts_and_says_that_its_memory_failed),
		UNIT(a_record_that_was_lost_is_a_fault_until_one_is_written),
		UNIT(a_start_that_cannot_mark_its_registers_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
