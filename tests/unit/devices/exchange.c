/* SPDX-License-Identifier: BSD-2-Clause */

/* What is answered to whom: repeats, waiting requests, frames that queue. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/state.h"
#include "../../support/talk.h"

static void
an_equal_checksum_does_not_make_another_request_a_repeat(void **state)
{
	static const uint8_t plain[] = { 0x84, 0, 1, 1, 0xa0 };
	static const uint8_t longer[] = { 0x84, 0, 1, 1, 0xa1, 0x18, 0x80, 0x44,
		0x19, 0x18, 0x14, 0x94 };

	assert_int_equal(
	    crc32c(0, plain, sizeof(plain)), crc32c(0, longer, sizeof(longer)));
	ask(*state, "84 00 01 01 a0", "84 01 01 00 a0");
	ask(*state, "84 00 01 01 a1 1880 44 19181494", "84 01 01 07 a0");
	ask(*state, "84 00 01 01 a0", "84 01 01 00 a0");
}

static void
bytes_behind_a_request_that_waits_are_not_taken(void **state)
{
	static const uint8_t first[] = { 0x84, 0, 1, 1, 0xa0 };
	static const uint8_t second[] = { 0x84, 0, 2, 1, 0xa0 };
	struct ram_board *board = *state;
	uint8_t line[64];
	size_t one = frame_encode(line, sizeof(line), first, sizeof(first));
	size_t both = one +
	    frame_encode(
		line + one, sizeof(line) - one, second, sizeof(second));

	line[both] = 0;
	assert_int_equal(collar_receive(board->collar, line, both + 1), both);
	assert_int_equal(collar_receive(board->collar, line + both, 1), 0);
	expect(board, "84 01 01 00 a0");
	expect(board, "84 01 02 00 a0");
	assert_int_equal(collar_receive(board->collar, line + both, 1), 1);
}

static void
an_answer_too_long_to_keep_is_not_kept(void **state)
{
	struct ram_board *board = *state;
	struct error_detail detail = { .field = 1 };
	struct unit_record record = { 0 };

	HAVE(&detail, ERROR_FIELD);
	answer_message(
	    board->collar, 9, ST_BAD_VALUE, &msg_error_detail, &detail);
	answer_keep(board->collar);
	assert_int_equal(board->collar->exchange.kept_len, 7);
	board->collar->exchange.kept_len = 0;
	memset(record.location_notes, 'n', sizeof(record.location_notes) - 1);
	HAVE(&record, RECORD_LOCATION_NOTES);
	answer_message(board->collar, 9, ST_OK, &msg_record, &record);
	answer_keep(board->collar);
	assert_int_equal(board->collar->exchange.kept_len, 0);
}

/* relay-move {SHUT, now}; the grid has been there for long enough. */
static void
begin_move(struct ram_board *board)
{
	ram_board_pass(board, 20000);
	tell(board, "84 00 01 1820 a5 01 01 02 00" HEADER("0001"));
	expect(board, "");
	assert_true(dispatch_waits(board->collar));
}

static void
the_end_of_another_move_answers_nobody(void **state)
{
	static const uint8_t other[CHANGE_ID_LEN] = { 9 };
	struct ram_board *board = *state;
	struct outcome outcome = { .result = { .len = 1, .at = { 0xa0 } } };

	begin_move(board);
	dispatch_finish(board->collar, other, &outcome);
	expect(board, "");
	ram_board_pass(board, 100);
	expect(board, "84 01 01 00 a3 01 f5 02 01 03 01");
}

static void
who_would_wait_too_long_learns_that_it_is_accepted(void **state)
{
	struct ram_board *board = *state;

	/* status: nothing will ever finish this wait */
	ask(board, "84 00 01 01 a0", "84 01 01 00 a0");
	dispatch_wait(board->collar);
	assert_int_equal(collar_next_due_ms(board->collar), ANSWER_BY_MS);
	ram_board_pass(board, ANSWER_BY_MS - 1);
	expect(board, "");
	ram_board_pass(board, 1);
	expect(board, "84 01 01 0f a0");
	assert_false(dispatch_waits(board->collar));
}

static void
a_value_of_another_type_is_malformed_and_names_its_field(void **state)
{
	/* report_minutes as a text */
	ask(*state, "84 00 01 10 a4 07 6131" HEADER("0001"),
	    "84 01 01 01 a1 01 07");
}

static void
hello_names_serial_and_model_once_they_are_set(void **state)
{
	/* set {serial "A1", model "S-B-5-02-IH-10-60A"} */
	ask(*state,
	    "84 00 01 10 a5 01 624131 03 72"
	    "532d422d352d30322d49482d31302d363041" HEADER("0001"),
	    "84 01 01 00 a2 01 f5 02 00");
	ask(*state,
	    "84 00 02 00 a4 01 50 000102030405060708090a0b0c0d0e0f"
	    "02 01 03 01 04 190420",
	    "84 01 02 00 ae 01 50 000102030405060708090a0b0c0d0e0f"
	    "02 50 ................................ 03 01 04 01 05 01"
	    "06 1901c0 07 190420 08 00 09 48 c001020304050607 0a 624131"
	    "0b 72 532d422d352d30322d49482d31302d363041"
	    "0c 65 312e302e30 0d f4 0e 07");
}

#define UNIT(test) \
	cmocka_unit_test_setup_teardown(test, unit_greeted, unit_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT(an_equal_checksum_does_not_make_another_request_a_repeat),
		UNIT(bytes_behind_a_request_that_waits_are_not_taken),
		UNIT(an_answer_too_long_to_keep_is_not_kept),
		UNIT(the_end_of_another_move_answers_nobody),
		UNIT(who_would_wait_too_long_learns_that_it_is_accepted),
		UNIT(hello_names_serial_and_model_once_they_are_set),
		UNIT(a_value_of_another_type_is_malformed_and_names_its_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
