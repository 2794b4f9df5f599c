/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * From the shop to operational and back: what a unit needs to be provisioned,
 * how it registers, how it fails, how it reports.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/state.h"
#include "../../support/talk.h"

/* {address "1 A", city "B", state "PA", zip "17101"} and the header */
#define SITE "09 63312041 0a 6142 0b 625041 0c 653137313031"
#define PROVISION(seq, id) "84 00" seq "11 a7" SITE HEADER(id)
#define CHANGED(seq, flag, status) "84 01" seq "00 a2 01" flag "02" status

enum { MINUTE_MS = 60000 };

static int
unit_operational_up(void **state)
{
	struct ram_board *board;

	unit_greeted(state);
	board = *state;
	ask(board, PROVISION("01", "0001"), CHANGED("01", "f5", "01"));
	ram_board_pass(board, 10000);
	assert_int_equal(board->collar->provision.stage, UNIT_OPERATIONAL);
	return 0;
}

static uint8_t
status_of(const struct ram_board *board)
{
	struct unit_now unit = collar_now(board->collar);

	return conditions_status(&unit);
}

/* How many events of a kind the log holds. */
static unsigned
events_of(struct ram_board *board, enum event_kind kind)
{
	struct eventlog *log = &board->collar->events;
	unsigned count = 0;

	for (uint32_t i = log->oldest; i < log->next; i++) {
		uint8_t bytes[EVENT_LEN_MAX];
		struct event event;
		struct cbor_in in = cbor_reader(
		    bytes, eventlog_read(log, &board->board, i, bytes));

		assert_int_equal(
		    message_decode(&msg_event, &in, &event, false, NULL), E_OK);
		count += event.kind == kind;
	}
	return count;
}

static void
identity_alone_leaves_a_unit_unprovisioned(void **state)
{
	struct ram_board *board = *state;

	/* serial "A1", model S-B-5-02-IH-10-60A */
	ask(board,
	    "84 00 01 11 a5 01 624131 03 72"
	    "532d422d352d30322d49482d31302d363041" HEADER("0001"),
	    CHANGED("01", "f5", "00"));
	ram_board_pass(board, 20 * MINUTE_MS);
	assert_int_equal(board->jobs, 0);
	assert_int_equal(status_of(board), UNIT_UNPROVISIONED);
	assert_string_equal(board->collar->record.serial, "A1");
	assert_int_equal(board->collar->breaker_a, 60);
	assert_int_equal(
	    board->collar->record.comms_type, COMMS_ETHERNET_CELLULAR);
}

static void
a_site_without_its_zip_is_refused_naming_it(void **state)
{
	ask(*state,
	    "84 00 01 11 a6 09 63312041 0a 6142 0b 625041" HEADER("0001"),
	    "84 01 01 05 a1 01 0c");
}

static void
provisioning_registers_and_becomes_operational(void **state)
{
	struct ram_board *board = *state;

	ask(board, PROVISION("01", "0001"), CHANGED("01", "f5", "01"));
	assert_int_equal(status_of(board), UNIT_PROVISIONING);
	assert_int_equal(board->job, UPLINK_REGISTER);
	assert_false(board->glass.thumbs_up);
	ram_board_pass(board, 4000);
	assert_int_equal(status_of(board), UNIT_OPERATIONAL);
	assert_true(board->glass.thumbs_up);
	assert_string_equal(board->collar->record.installer, "ann");
	assert_true(HAS(&board->collar->record, RECORD_INSTALLED_AT));
	assert_int_equal(events_of(board, EVENT_PROVISION_REQUESTED), 1);
	assert_int_equal(events_of(board, EVENT_PROVISIONED), 1);
	assert_int_equal(events_of(board, EVENT_BASELINE), 2);
	assert_int_equal(events_of(board, EVENT_FIELD_SET), 4);
	assert_int_equal(board->drives, 0);
}

static void
an_operational_unit_takes_the_same_values_but_no_others(void **state)
{
	struct ram_board *board = *state;

	ask(board, PROVISION("02", "0002"), CHANGED("02", "f4", "04"));
	ask(board, "84 00 03 11 a4 0a 6143" HEADER("0003"), "84 01 03 1819 a0");
	assert_string_equal(board->collar->record.city, "B");
}

static void
a_flipped_unit_refuses_to_be_provisioned(void **state)
{
	struct ram_board *board = *state;

	board->in.flipped = true;
	ask(board, PROVISION("01", "0001"), "84 01 01 10 a1 04 02");
	assert_int_equal(status_of(board), UNIT_FLIPPED);
	assert_false(HAS(&board->collar->record, RECORD_ADDRESS));
}

static void
without_coverage_it_fails_in_five_minutes_and_heals_alone(void **state)
{
	struct ram_board *board = *state;

	board->in.modem_registered = false;
	ask(board, PROVISION("01", "0001"), CHANGED("01", "f5", "01"));
	ram_board_pass(board, 5 * MINUTE_MS - 1);
	assert_int_equal(status_of(board), UNIT_PROVISIONING);
	ram_board_pass(board, 1);
	assert_int_equal(status_of(board), UNIT_PROVISIONING_ERROR);
	assert_string_equal(board->collar->record.city, "B");
	assert_int_equal(board->jobs, 0);
	assert_int_equal(events_of(board, EVENT_PROVISIONING_FAILED), 1);

	board->in.modem_registered = true;
	collar_tick(board->collar, board->now_ms);
	ram_board_pass(board, 4000);
	assert_int_equal(status_of(board), UNIT_OPERATIONAL);
}

static void
a_fresh_request_after_the_error_has_five_minutes_again(void **state)
{
	struct ram_board *board = *state;

	board->in.modem_registered = false;
	ask(board, PROVISION("01", "0001"), CHANGED("01", "f5", "01"));
	ram_board_pass(board, 6 * MINUTE_MS);
	ask(board, PROVISION("02", "0002"), CHANGED("02", "f5", "01"));
	ram_board_pass(board, 5 * MINUTE_MS - 1);
	assert_int_equal(status_of(board), UNIT_PROVISIONING);
	ram_board_pass(board, 1);
	assert_int_equal(status_of(board), UNIT_PROVISIONING_ERROR);
}

static void
while_provisioning_the_same_request_changes_nothing(void **state)
{
	struct ram_board *board = *state;

	board->in.modem_registered = false;
	ask(board, PROVISION("01", "0001"), CHANGED("01", "f5", "01"));
	ask(board, PROVISION("02", "0002"), CHANGED("02", "f4", "01"));
}

static void
a_head_end_that_refuses_is_tried_again_in_that_time(void **state)
{
	struct ram_board *board = *state;

	board->uplink_fails = true;
	ask(board, PROVISION("01", "0001"), CHANGED("01", "f5", "01"));
	ram_board_pass(board, MINUTE_MS);
	assert_in_range(board->jobs, 3, 6);
	board->uplink_fails = false;
	ram_board_pass(board, MINUTE_MS);
	assert_int_equal(status_of(board), UNIT_OPERATIONAL);
}

static void
provisioning_goes_on_after_a_power_cut(void **state)
{
	struct ram_board *board = *state;

	ask(board, PROVISION("01", "0001"), CHANGED("01", "f5", "01"));
	ram_board_start(board);
	assert_int_equal(status_of(board), UNIT_PROVISIONING);
	ram_board_pass(board, 5000);
	assert_int_equal(status_of(board), UNIT_OPERATIONAL);
	ram_board_start(board);
	assert_int_equal(status_of(board), UNIT_OPERATIONAL);
	assert_string_equal(board->collar->record.address, "1 A");
}

static void
an_operational_unit_reports_every_report_interval(void **state)
{
	struct ram_board *board = *state;
	unsigned before;

	ram_board_pass(board, MINUTE_MS);
	before = board->jobs;
	assert_true(board->collar->provision.reported);
	ram_board_pass(board, 60 * MINUTE_MS);
	/* a report and then an update, four times an hour */
	assert_int_equal(board->jobs - before, 8);
}

static void
three_failed_reports_are_an_error_until_one_succeeds(void **state)
{
	struct ram_board *board = *state;

	ram_board_pass(board, MINUTE_MS);
	board->uplink_fails = true;
	ram_board_pass(board, 17 * MINUTE_MS);
	assert_int_equal(status_of(board), UNIT_REPORTING_ERROR);
	assert_int_equal(events_of(board, EVENT_REPORT_FAILED), 3);
	ram_board_start(board);
	assert_int_equal(status_of(board), UNIT_REPORTING_ERROR);
	board->uplink_fails = false;
	ram_board_pass(board, 16 * MINUTE_MS);
	assert_int_equal(status_of(board), UNIT_OPERATIONAL);
	assert_int_equal(board->collar->provision.failures, 0);
}

static void
an_update_that_fails_is_an_update_error(void **state)
{
	struct ram_board *board = *state;

	ram_board_pass(board, MINUTE_MS);
	while (board->job != UPLINK_REPORT)
		ram_board_pass(board, 1000);
	while (board->job != UPLINK_UPDATE)
		ram_board_pass(board, 1000);
	board->uplink_fails = true;
	ram_board_pass(board, 5000);
	assert_int_equal(status_of(board), UNIT_UPDATE_ERROR);
	board->uplink_fails = false;
	ram_board_pass(board, 16 * MINUTE_MS);
	assert_int_equal(status_of(board), UNIT_OPERATIONAL);
}

static void
unprovisioning_clears_the_site_and_keeps_the_identity(void **state)
{
	struct ram_board *board = *state;
	const struct unit_record *record = &board->collar->record;
	unsigned jobs;

	ask(board, "84 00 02 10 a4 01 6141" HEADER("0002"),
	    CHANGED("02", "f5", "04"));
	ask(board, "84 00 03 12 a3" HEADER("0003"), CHANGED("03", "f5", "00"));
	assert_string_equal(record->serial, "A");
	assert_false(HAS(record, RECORD_ADDRESS));
	assert_false(HAS(record, RECORD_INSTALLER));
	assert_false(HAS(record, RECORD_INSTALLED_AT));
	jobs = board->jobs;
	ram_board_pass(board, 60 * MINUTE_MS);
	assert_int_equal(status_of(board), UNIT_UNPROVISIONED);
	assert_int_equal(board->jobs, jobs);
	ram_board_start(board);
	assert_int_equal(status_of(board), UNIT_UNPROVISIONED);
	greet(board);
	ask(board, "84 00 01 12 a3" HEADER("0004"), CHANGED("01", "f4", "00"));
}

static void
unprovisioning_cancels_a_scheduled_move(void **state)
{
	struct ram_board *board = *state;

	/* relay-move {open, at the top of the hour} */
	ask(board, "84 00 02 1820 a5 01 00 02 01" HEADER("0002"),
	    "84 01 02 00 a5 01 f5 02 00 03 00 04 00 05 ..........");
	ask(board, "84 00 03 12 a3" HEADER("0003"), CHANGED("03", "f5", "00"));
	assert_false(board->collar->relay.kept.pending.set);
	ram_board_start(board);
	assert_false(board->collar->relay.kept.pending.set);
}

static void
records_carry_before_install_until_provisioned(void **state)
{
	struct ram_board *board = *state;
	struct interval record;

	ram_board_pass(board, 16 * MINUTE_MS);
	assert_true(
	    datalog_newest(&board->collar->data, &board->board, &record));
	assert_true(record.flags & INTERVAL_BEFORE_INSTALL);
	ask(board, PROVISION("01", "0001"), CHANGED("01", "f5", "01"));
	ram_board_pass(board, 30 * MINUTE_MS);
	assert_true(
	    datalog_newest(&board->collar->data, &board->board, &record));
	assert_false(record.flags & INTERVAL_BEFORE_INSTALL);
}

#define UNIT(test) \
	cmocka_unit_test_setup_teardown(test, unit_greeted, unit_down)
#define OPERATIONAL(test) \
	cmocka_unit_test_setup_teardown(test, unit_operational_up, unit_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT(identity_alone_leaves_a_unit_unprovisioned),
		UNIT(a_site_without_its_zip_is_refused_naming_it),
		UNIT(provisioning_registers_and_becomes_operational),
		OPERATIONAL(
		    an_operational_unit_takes_the_same_values_but_no_others),
		UNIT(a_flipped_unit_refuses_to_be_provisioned),
		UNIT(without_coverage_it_fails_in_five_minutes_and_heals_alone),
		UNIT(a_fresh_request_after_the_error_has_five_minutes_again),
		UNIT(while_provisioning_the_same_request_changes_nothing),
		UNIT(a_head_end_that_refuses_is_tried_again_in_that_time),
		UNIT(provisioning_goes_on_after_a_power_cut),
		OPERATIONAL(an_operational_unit_reports_every_report_interval),
		OPERATIONAL(
		    three_failed_reports_are_an_error_until_one_succeeds),
		OPERATIONAL(an_update_that_fails_is_an_update_error),
		OPERATIONAL(
		    unprovisioning_clears_the_site_and_keeps_the_identity),
		OPERATIONAL(unprovisioning_cancels_a_scheduled_move),
		UNIT(records_carry_before_install_until_provisioned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
