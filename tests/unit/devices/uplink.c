/* SPDX-License-Identifier: BSD-2-Clause */

/* What the modem is asked to do, and when, by a unit on a site. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/state.h"
#include "../../support/talk.h"

/* {address "1 A", city "B", state "PA", zip "17101"} and the header */
#define PROVISION \
	"84 00 01 11 a7 09 63312041 0a 6142 0b 625041 0c 653137313031" HEADER( \
	    "0001")
#define CHANGED(seq, flag, status) "84 01" seq "00 a2 01" flag "02" status
#define UNPROVISION(seq, id) "84 00" seq "12 a3" HEADER(id)

enum { MINUTE_MS = 60000 };

/* Provisioned, but not registered yet. */
static int
unit_provisioning(void **state)
{
	unit_greeted(state);
	ask(*state, PROVISION, CHANGED("01", "f5", "01"));
	return 0;
}

/* Provisioned and reported a minute ago. */
static int
unit_reporting(void **state)
{
	struct ram_board *board;

	unit_provisioning(state);
	board = *state;
	ram_board_pass(board, MINUTE_MS);
	assert_true(board->collar->provision.reported);
	return 0;
}

static void
what_happens_without_a_clock_has_no_date(void **state)
{
	struct ram_board *board = *state;

	board->wall_lost = true;
	ram_board_pass(board, MINUTE_MS);
	assert_int_equal(board->collar->provision.stage, UNIT_OPERATIONAL);
	assert_false(HAS(&board->collar->record, RECORD_INSTALLED_AT));
	assert_false(board->collar->provision.reported);
	assert_int_equal(board->collar->provision.failures, 0);
}

static void
a_modem_without_power_is_asked_nothing(void **state)
{
	struct ram_board *board = *state;
	unsigned before = board->jobs;

	board->in.utility = false;
	ram_board_pass(board, 14 * MINUTE_MS + 30000);
	assert_int_equal(board->jobs, before);
	assert_int_equal(board->collar->provision.failures, 1);
	board->in.utility = true;
	board->in.modem_active = false;
	ram_board_pass(board, MINUTE_MS);
	assert_int_equal(board->jobs, before);
	assert_int_equal(board->collar->provision.failures, 2);
	board->in.modem_active = true;
	collar_tick(board->collar, board->now_ms);
	assert_int_equal(board->job, UPLINK_REPORT);
}

static void
after_five_minutes_it_registers_at_the_report_interval(void **state)
{
	struct ram_board *board = *state;
	unsigned before;

	board->uplink_fails = true;
	ram_board_pass(board, 6 * MINUTE_MS);
	assert_int_equal(
	    board->collar->provision.stage, UNIT_PROVISIONING_ERROR);
	before = board->jobs;
	ram_board_pass(board, 60 * MINUTE_MS);
	assert_in_range(board->jobs - before, 3, 4);
}

static void
failed_reports_are_counted_as_far_as_their_number_goes(void **state)
{
	struct ram_board *board = *state;

	board->uplink_fails = true;
	board->collar->provision.failures = UINT16_MAX - 1;
	ram_board_pass(board, 15 * MINUTE_MS);
	assert_int_equal(board->collar->provision.failures, UINT16_MAX);
	ram_board_pass(board, 15 * MINUTE_MS);
	assert_int_equal(board->collar->provision.failures, UINT16_MAX);
}

static void
a_report_every_minute_is_tried_again_no_sooner(void **state)
{
	struct ram_board *board = *state;
	unsigned before;

	ask(board, "84 00 02 10 a4 07 01" HEADER("0002"),
	    CHANGED("02", "f5", "04"));
	ram_board_pass(board, 15 * MINUTE_MS);
	board->uplink_fails = true;
	ram_board_pass(board, 5 * MINUTE_MS);
	before = board->jobs;
	ram_board_pass(board, 10 * MINUTE_MS);
	assert_in_range(board->jobs - before, 9, 10);
}

static void
unprovisioning_gives_up_what_the_modem_is_doing(void **state)
{
	struct ram_board *board = *state;

	assert_int_equal(board->job, UPLINK_REGISTER);
	ask(board, UNPROVISION("02", "0002"), CHANGED("02", "f5", "00"));
	assert_int_equal(board->job, UPLINK_NONE);
	ram_board_pass(board, 10 * MINUTE_MS);
	assert_int_equal(board->collar->provision.stage, UNIT_UNPROVISIONED);
}

static void
unprovisioning_clears_a_site_that_was_never_provisioned(void **state)
{
	struct ram_board *board = *state;

	/* set {city "B"} */
	ask(board, "84 00 01 10 a4 0a 6142" HEADER("0001"),
	    CHANGED("01", "f5", "00"));
	ask(board, UNPROVISION("02", "0002"), CHANGED("02", "f5", "00"));
	assert_false(HAS(&board->collar->record, RECORD_CITY));
	ask(board, UNPROVISION("03", "0003"), CHANGED("03", "f4", "00"));
}

static void
unprovisioning_cancels_what_was_scheduled_in_the_shop(void **state)
{
	struct ram_board *board = *state;

	/* relay-move {OPEN, at the next full hour} */
	ask(board, "84 00 01 1820 a5 01 00 02 01" HEADER("0001"),
	    "84 01 01 00 a5 01 f5 02 00 03 00 04 00 05 1a........");
	ask(board, UNPROVISION("02", "0002"), CHANGED("02", "f5", "00"));
	assert_false(board->collar->relay.kept.pending.set);
}

/* A hold that will OPEN goes on; it is no reason to say that all is clear. */
static void
unprovisioning_leaves_a_hold_that_will_open(void **state)
{
	struct ram_board *board = *state;

	ram_board_pass(board, 20000);
	/* relay-move {SHUT, now, hold 60 s} */
	tell(board, "84 00 01 1820 a6 01 01 02 00 04 183c" HEADER("0001"));
	ram_board_pass(board, 100);
	expect(board, "84 01 01 00 a5 01 f5 02 01 03 01 06 00 07 1a........");
	ask(board, UNPROVISION("02", "0002"), CHANGED("02", "f5", "00"));
	assert_true(board->collar->relay.kept.hold.set);
}

#define UNIT(test) \
	cmocka_unit_test_setup_teardown(test, unit_greeted, unit_down)
#define PROVISIONING(test) \
	cmocka_unit_test_setup_teardown(test, unit_provisioning, unit_down)
#define OPERATIONAL(test) \
	cmocka_unit_test_setup_teardown(test, unit_reporting, unit_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVISIONING(what_happens_without_a_clock_has_no_date),
		OPERATIONAL(a_modem_without_power_is_asked_nothing),
		PROVISIONING(
		    after_five_minutes_it_registers_at_the_report_interval),
		OPERATIONAL(
		    failed_reports_are_counted_as_far_as_their_number_goes),
		OPERATIONAL(a_report_every_minute_is_tried_again_no_sooner),
		PROVISIONING(unprovisioning_gives_up_what_the_modem_is_doing),
		UNIT(unprovisioning_clears_a_site_that_was_never_provisioned),
		UNIT(unprovisioning_cancels_what_was_scheduled_in_the_shop),
		UNIT(unprovisioning_leaves_a_hold_that_will_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
