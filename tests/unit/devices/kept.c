/* SPDX-License-Identifier: BSD-2-Clause */

/* What a start makes of values that are not as this version keeps them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/kept.h"
#include "../../../devices/collar/state.h"
#include "../../support/talk.h"

/* Makes bytes the value of a key, and starts anew. */
static struct collar *
start_with(struct ram_board *board, enum store_key key, const void *bytes,
    uint16_t len)
{
	struct store_item item = { key, len, bytes };

	assert_true(
	    store_commit(&board->collar->store, &board->board, &item, 1));
	ram_board_start(board);
	return board->collar;
}

static void
a_value_longer_than_this_version_keeps_is_none(void **state)
{
	static const uint8_t bytes[KEPT_MAX + 1] = { 0xa0 };
	struct collar *collar =
	    start_with(*state, STORE_RELAY, bytes, sizeof(bytes));

	assert_int_equal(collar->relay.kept.driven, RELAY_OPEN);
	assert_false(collar->relay.kept.tag.set);
}

/* A tag-out that could not be read once was none, and a SHUT was made. */
static void
a_relay_of_which_nothing_can_be_read_may_not_shut_before_an_open(void **state)
{
	static const uint8_t bytes[KEPT_MAX + 1] = { 0xa0 };
	struct ram_board *board = *state;

	start_with(board, STORE_RELAY, bytes, sizeof(bytes));
	greet(board);
	ram_board_pass(board, 20000);
	/* relay-move {SHUT}: interlock, relay_fault; OPEN, SHUT: done */
	ask(board, "84 00 01 1820 a4 01 01" HEADER("0001"),
	    "84 01 01 12 a1 04 09");
	tell(board, "84 00 02 1820 a4 01 00" HEADER("0002"));
	ram_board_pass(board, 10000);
	expect(board, "84 01 02 00 a3 01 f5 02 00 03 00");
	tell(board, "84 00 03 1820 a4 01 01" HEADER("0003"));
	ram_board_pass(board, 100);
	expect(board, "84 01 03 00 a3 01 f5 02 01 03 01");
}

/* All of it once was lost: with one more row a tag-out would have been. */
static void
what_an_earlier_version_kept_is_taken_up(void **state)
{
	/* a tag-out, without anything else of the relay */
	static const uint8_t bytes[] = { 0xa3, 0x12, 0xf5, 0x14, 0x61, 'x',
		0x15, 0x63, 'a', 'n', 'n' };
	struct collar *collar =
	    start_with(*state, STORE_RELAY, bytes, sizeof(bytes));

	assert_true(collar->relay.kept.tag.set);
	assert_string_equal(collar->relay.kept.tag.text, "x");
	assert_string_equal(collar->relay.kept.tag.holder, "ann");
	assert_false(collar->relay.kept.hold.set);
}

static void
a_value_of_another_form_is_none(void **state)
{
	/* a day of limits that is a text */
	static const uint8_t bytes[] = { 0xa1, 1, 0x61, 'x' };
	struct collar *collar =
	    start_with(*state, STORE_CLOCK, bytes, sizeof(bytes));

	assert_int_equal(collar->clock.day_at, 0);
}

static void
a_record_that_cannot_be_understood_is_blank(void **state)
{
	/* sample_minutes -1 */
	static const uint8_t bytes[] = { 0xa1, 0x06, 0x20 };
	struct collar *collar =
	    start_with(*state, STORE_RECORD, bytes, sizeof(bytes));

	assert_int_equal(collar->record.sample_minutes, 15);
	assert_int_equal(collar->record.report_minutes, 15);
	assert_false(HAS(&collar->record, RECORD_SERIAL));
}

static void
a_record_longer_than_any_is_blank(void **state)
{
	static uint8_t bytes[PAYLOAD_TO_HOST_MAX + 1];
	struct collar *collar;

	/* report_minutes 30, then an elective byte string of 1048 */
	memcpy(bytes, "\xa2\x07\x18\x1e\x18\x80\x59\x04\x18", 9);
	collar = start_with(*state, STORE_RECORD, bytes, sizeof(bytes));
	assert_int_equal(collar->record.report_minutes, 15);
}

static void
a_model_that_tells_nothing_is_kept_as_it_is(void **state)
{
	static const uint8_t bytes[] = "\xa1\x03\x66Z-9-99";
	struct collar *collar =
	    start_with(*state, STORE_RECORD, bytes, sizeof(bytes) - 1);

	assert_string_equal(collar->record.model, "Z-9-99");
	assert_false(HAS(&collar->record, RECORD_METER_FORM));
	assert_int_equal(collar->breaker_a, 0);
}

static void
a_model_without_a_meter_form_leaves_none_on_record(void **state)
{
	static const uint8_t bytes[] = "\xa1\x03\x6b"
				       "C-B-5-22-60";
	struct collar *collar =
	    start_with(*state, STORE_RECORD, bytes, sizeof(bytes) - 1);

	assert_string_equal(collar->record.model, "C-B-5-22-60");
	assert_false(HAS(&collar->record, RECORD_METER_FORM));
	assert_int_equal(collar->breaker_a, 60);
}

static void
outcomes_longer_than_this_version_keeps_are_none(void **state)
{
	static uint8_t bytes[sizeof(((struct outcomes *)NULL)->bytes) + 1];

	start_with(*state, STORE_OUTCOMES, bytes, sizeof(bytes));
	greet(*state);
	ask(*state, "84 00 01 04 a1 01 48 0000000000000000",
	    "84 01 01 00 a1 01 01");
}

static void
a_relay_never_driven_stands_where_its_contact_says(void **state)
{
	struct ram_board *board = *state;

	board->relay_wants = true;
	ram_board_start(board);
	assert_int_equal(board->collar->relay.kept.driven, RELAY_SHUT);
	assert_int_equal(board->drives, 0);
	ram_board_pass(board, 60000);
	assert_false(board->collar->relay.kept.fault);
}

#define UNIT(test) \
	cmocka_unit_test_setup_teardown(test, unit_greeted, unit_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT(a_value_longer_than_this_version_keeps_is_none),
		UNIT(
		    a_relay_of_which_nothing_can_be_read_may_not_shut_before_an_open),
		UNIT(what_an_earlier_version_kept_is_taken_up),
		UNIT(a_value_of_another_form_is_none),
		UNIT(a_record_that_cannot_be_understood_is_blank),
		UNIT(a_record_longer_than_any_is_blank),
		UNIT(a_model_that_tells_nothing_is_kept_as_it_is),
		UNIT(a_model_without_a_meter_form_leaves_none_on_record),
		UNIT(outcomes_longer_than_this_version_keeps_are_none),
		UNIT(a_relay_never_driven_stands_where_its_contact_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
