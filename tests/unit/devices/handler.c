/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The conversation with a unit, byte for byte: hello, sequence numbers,
 * refusals, repeats.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/state.h"
#include "../../support/talk.h"

#define NONCE "50 000102030405060708090a0b0c0d0e0f"
#define HELLO(seq) "84 00" seq "00 a4 01" NONCE "02 01 03 01 04 190420"

static int
unit_up(void **state)
{
	struct ram_board *board = ram_board_new(8);

	ram_board_start(board);
	*state = board;
	return 0;
}

static void
hello_tells_who_is_there(void **state)
{
	ask(*state, HELLO("07"),
	    "84 01 07 00 ac 01" NONCE "02 50 ................................"
	    "03 01 04 01 05 01 06 1901c0 07 190420 08 00"
	    "09 48 c001020304050607 0c 65 312e302e30 0d f4 0e 07");
}

static void
a_repeated_hello_gets_the_same_nonce_and_a_new_one_another(void **state)
{
	uint8_t first[128], again[128], other[128];
	size_t len;

	tell(*state, HELLO("07"));
	len = ram_board_fetch(*state, first, sizeof(first));
	tell(*state, HELLO("07"));
	assert_int_equal(ram_board_fetch(*state, again, sizeof(again)), len);
	assert_memory_equal(first, again, len);
	tell(*state, HELLO("08"));
	assert_int_equal(ram_board_fetch(*state, other, sizeof(other)), len);
	assert_memory_not_equal(first + 24, other + 24, 16);
}

static void
a_restart_never_repeats_a_nonce(void **state)
{
	struct ram_board *board = *state;
	uint8_t first[128], later[128];

	tell(board, HELLO("07"));
	ram_board_fetch(board, first, sizeof(first));
	board->random = 1; /* even if the random source does */
	ram_board_start(board);
	tell(board, HELLO("07"));
	ram_board_fetch(board, later, sizeof(later));
	assert_memory_not_equal(first + 24, later + 24, 16);
}

static void
hello_without_a_common_version_names_the_units_range(void **state)
{
	ask(*state, "84 00 07 00 a4 01" NONCE "02 02 03 09 04 190420",
	    "84 01 07 02 a2 06 01 07 01");
}

static void
a_lower_number_is_old_and_other_bytes_conflict(void **state)
{
	ask(*state, "84 00 05 01 a0", "84 01 05 00 a0");
	ask(*state, "84 00 04 01 a0", "84 01 04 08 a0");
	ask(*state, "84 00 05 1850 a0", "84 01 05 07 a0");
	ask(*state, "84 00 05 01 a0", "84 01 05 00 a0");
}

static void
a_hello_begins_a_new_count(void **state)
{
	ask(*state, "84 00 18c8 01 a0", "84 01 18c8 00 a0");
	greet(*state);
	ask(*state, "84 00 01 01 a0", "84 01 01 00 a0");
}

static void
what_is_not_deterministic_is_malformed(void **state)
{
	/* a long head, keys out of order, one twice, bytes behind the end */
	ask(*state, "84 00 01 1850 a1 1801 00", "84 01 01 01 a0");
	ask(*state, "84 00 01 04 a2 02 00 01 00", "84 01 01 01 a0");
	ask(*state, "84 00 01 04 a2 01 00 01 00", "84 01 01 01 a0");
	ask(*state, "84 00 01 01 a0 00", "84 01 01 01 a0");
	ask(*state, "84 00 01 01 a0", "84 01 01 00 a0");
}

static void
what_cannot_be_answered_is_dropped(void **state)
{
	ask(*state, "a0", "");
	ask(*state, "84 00 3818 01 a0", "");
	ask(*state, "84 01 01 00 a0", ""); /* a response: an echo */
	ask(*state, "84 02 01 00 41 00", "");
	ask(*state, "84 00 01 01 a0", "84 01 01 00 a0");
}

static void
a_tag_without_a_session_is_refused(void **state)
{
	ask(*state, "85 00 01 01 a0 48 0000000000000000", "84 01 01 0a a0");
}

static void
an_unknown_request_is_unsupported(void **state)
{
	ask(*state, "84 00 01 18ff a0", "84 01 01 03 a0");
}

static void
an_unknown_critical_key_is_refused_an_elective_one_not(void **state)
{
	ask(*state, "84 00 01 01 a1 187f 00", "84 01 01 04 a1 01 187f");
	ask(*state, "84 00 02 01 a1 1880 00", "84 01 02 00 a0");
}

static void
a_key_that_is_no_number_is_malformed_without_a_field(void **state)
{
	ask(*state, "84 00 01 01 a1 6161 00", "84 01 01 01 a0");
	ask(*state, "84 00 02 01 a1 20 00", "84 01 02 01 a0");
	ask(*state, "84 00 03 01 a1 1b0000000100000000 00", "84 01 03 01 a0");
}

/* Asks with an elective byte string of len zeros behind its head. */
static void
ask_filled(
    struct ram_board *board, const char *head, size_t len, const char *answer)
{
	char hex[2 * (PAYLOAD_TO_COLLAR_MAX + 1) + 1];
	size_t at = strlen(head);

	assert_true(at + 2 * len < sizeof(hex));
	memcpy(hex, head, at);
	memset(hex + at, '0', 2 * len);
	hex[at + 2 * len] = '\0';
	ask(board, hex, answer);
}

static void
a_payload_beyond_its_limit_is_dropped(void **state)
{
	ask_filled(*state, "84000101a1188058f7", 0xf7, "84 01 01 00 a0");
	ask_filled(*state, "84000201a1188058f8", 0xf8, "");
	greet(*state);
	ask_filled(*state, "84000101a118805901b6", 0x1b6, "84 01 01 00 a0");
	ask_filled(*state, "84000201a118805901b7", 0x1b7, "");
}

static void
a_value_out_of_range_names_field_and_limits(void **state)
{
	/* sample_minutes 61 */
	ask(*state, "84 00 01 10 a4 06 183d" HEADER("0001"),
	    "84 01 01 05 a3 01 06 02 01 03 183c");
	/* 7 does not divide an hour */
	ask(*state, "84 00 02 10 a4 06 07" HEADER("0002"),
	    "84 01 02 05 a1 01 06");
}

static void
a_change_for_another_unit_is_refused(void **state)
{
	/* another hardware id */
	ask(*state,
	    "84 00 01 10 a4 06 05 183d48ffffffffffffffff"
	    "183e480000000000000001 183f63616e6e",
	    "84 01 01 06 a0");
	/* a serial number, while it has none */
	ask(*state,
	    "84 00 02 10 a4 06 05 183c6141"
	    "183e480000000000000001 183f63616e6e",
	    "84 01 02 06 a0");
	/* nobody in particular */
	ask(*state,
	    "84 00 03 10 a3 06 05"
	    "183e480000000000000001 183f63616e6e",
	    "84 01 03 06 a0");
}

static void
a_serial_number_names_the_unit_once_it_is_set(void **state)
{
	ask(*state, "84 00 01 10 a4 01 6141" HEADER("0001"),
	    "84 01 01 00 a2 01 f5 02 00");
	ask(*state,
	    "84 00 02 10 a4 06 05 183c6141"
	    "183e480000000000000002 183f63616e6e",
	    "84 01 02 00 a2 01 f5 02 00");
	ask(*state,
	    "84 00 03 10 a4 06 0a 183c6142"
	    "183e480000000000000003 183f63616e6e",
	    "84 01 03 06 a0");
}

static void
a_field_of_the_units_own_is_nobodys_to_write(void **state)
{
	/* created_at */
	ask(*state, "84 00 01 10 a4 15 00" HEADER("0001"),
	    "84 01 01 09 a1 01 15");
}

static void
a_repeated_change_is_answered_again_and_not_done_again(void **state)
{
	struct ram_board *board = *state;
	unsigned before;

	ask(board, "84 00 01 10 a4 06 05" HEADER("0001"),
	    "84 01 01 00 a2 01 f5 02 00");
	before = board->flash_ops;
	ask(board, "84 00 01 10 a4 06 05" HEADER("0001"),
	    "84 01 01 00 a2 01 f5 02 00");
	assert_int_equal(board->flash_ops, before);
}

static void
a_known_id_is_answered_as_then_after_a_restart_too(void **state)
{
	struct ram_board *board = *state;

	ask(board, "84 00 01 10 a4 06 05" HEADER("0001"),
	    "84 01 01 00 a2 01 f5 02 00");
	ask(board, "84 00 02 10 a4 06 0a" HEADER("0002"),
	    "84 01 02 00 a2 01 f5 02 00");
	ask(board, "84 00 03 10 a4 06 05" HEADER("0001"),
	    "84 01 03 00 a2 01 f5 02 00");
	ram_board_start(board);
	greet(board);
	ask(board, "84 00 01 10 a4 06 05" HEADER("0001"),
	    "84 01 01 00 a2 01 f5 02 00");
	/* the later change still holds: 10 again changes nothing */
	ask(board, "84 00 02 10 a4 06 0a" HEADER("0003"),
	    "84 01 02 00 a2 01 f4 02 00");
}

static void
an_id_means_one_request_only(void **state)
{
	ask(*state, "84 00 01 10 a4 06 05" HEADER("0001"),
	    "84 01 01 00 a2 01 f5 02 00");
	ask(*state, "84 00 02 12 a3" HEADER("0001"), "84 01 02 07 a0");
}

static void
outcome_tells_what_was_done(void **state)
{
	ask(*state, "84 00 01 04 a1 01 480000000000000001",
	    "84 01 01 00 a1 01 01");
	ask(*state, "84 00 02 10 a4 06 05" HEADER("0001"),
	    "84 01 02 00 a2 01 f5 02 00");
	ask(*state, "84 00 03 04 a1 01 480000000000000001",
	    "84 01 03 00 a4 01 00 02 10 03 00 04 45 a2 01 f5 02 00");
}

static void
a_refusal_leaves_no_outcome(void **state)
{
	ask(*state, "84 00 01 10 a4 06 07" HEADER("0001"),
	    "84 01 01 05 a1 01 06");
	ask(*state, "84 00 02 04 a1 01 480000000000000001",
	    "84 01 02 00 a1 01 01");
}

static void
a_flash_that_fails_is_a_memory_fault_and_changes_nothing(void **state)
{
	struct ram_board *board = *state;

	board->flash_broken = true;
	ask(board, "84 00 01 10 a4 06 05" HEADER("0001"), "84 01 01 181c a0");
	board->flash_broken = false;
	/* and no outcome tells of it, so that the same id may try again */
	ask(board, "84 00 02 04 a1 01 480000000000000001",
	    "84 01 02 00 a1 01 01");
	ask(board, "84 00 03 10 a4 06 05" HEADER("0001"),
	    "84 01 03 00 a2 01 f5 02 00");
}

static void
as_many_outcomes_as_are_kept_outlive_a_restart(void **state)
{
	struct ram_board *board = *state;
	struct outcome outcome = { .result.len = BLOB_MAX };
	struct outcomes list = { 0 };
	struct store_item item;

	for (uint8_t n = 1; n <= OUTCOMES_KEPT; n++) {
		uint8_t id[CHANGE_ID_LEN] = { n };

		outcome.result.at[0] = n;
		outcome_put(&list, id, &outcome);
	}
	item = outcomes_item(&list);
	assert_true(collar_commit(board->collar, &item, 1));
	ram_board_start(board);
	assert_int_equal(board->collar->outcomes.len, OUTCOMES_MAX);
	assert_memory_equal(
	    board->collar->outcomes.bytes, list.bytes, OUTCOMES_MAX);
}

static void
an_answer_longer_than_the_host_takes_is_not_sent(void **state)
{
	ask(*state, "84 00 01 00 a4 01" NONCE "02 01 03 01 04 190100",
	    "84 01 01 00 ac 01" NONCE "02 50 ................................"
	    "03 01 04 01 05 01 06 1901c0 07 190420 08 00"
	    "09 48 c001020304050607 0c 65 312e302e30 0d f4 0e 07");
	/* location_notes and description, of 128 and 64 times "a" */
	ask(*state,
	    "84 00 02 10 a5 0f 7880"
	    "61616161616161616161616161616161616161616161616161616161616161"
	    "61616161616161616161616161616161616161616161616161616161616161"
	    "61616161616161616161616161616161616161616161616161616161616161"
	    "61616161616161616161616161616161616161616161616161616161616161"
	    "61616161"
	    "10 7840"
	    "61616161616161616161616161616161616161616161616161616161616161"
	    "61616161616161616161616161616161616161616161616161616161616161"
	    "6161" HEADER("0001"),
	    "84 01 02 00 a2 01 f5 02 00");
	ask(*state, "84 00 03 03 a0", "84 01 03 03 a0");
}

/* Keys come with sessions; here any value in their place will do. */
static void
a_sealed_unit_shows_label_and_glass_and_no_more(void **state)
{
	struct ram_board *board = *state;
	static const struct store_item keys = { STORE_KEYS, 1, "k" };

	assert_true(collar_commit(board->collar, &keys, 1));
	ask(board, "84 00 01 01 a0", "84 01 01 00 a0");
	ask(board, "84 00 02 02 a0",
	    "84 01 02 00 a9 01 00 02 18 20 03 f5"
	    "11 66 623420456e41 12 f4 13 f4 14 f4 15 f4 16 80");
	ask(board, "84 00 03 03 a0", "84 01 03 0a a0");
	ask(board, "84 00 04 12 a3" HEADER("0001"), "84 01 04 0a a0");
}

static void
garbage_on_the_line_does_not_disturb_what_follows(void **state)
{
	struct ram_board *board = *state;
	static const uint8_t garbage[] = { 0x00, 0x05, 0x01, 0xff, 0x00, 0x07,
		0x84, 0x13 };

	collar_receive(board->collar, garbage, sizeof(garbage));
	ask(board, "84 00 01 01 a0", "84 01 01 00 a0");
}

static void
a_request_behind_an_unfetched_answer_waits_for_it(void **state)
{
	struct ram_board *board = *state;

	tell(board, "84 00 01 01 a0");
	tell(board, "84 00 02 01 a0");
	expect(board, "84 01 01 00 a0");
	expect(board, "84 01 02 00 a0");
	expect(board, "");
}

/* A fault: a request cut just before its end was carried out when the next
 * host's first byte completed it, however long after. */
static void
a_request_broken_off_is_not_completed_by_the_next_host(void **state)
{
	struct ram_board *board = *state;
	static const uint8_t end = 0;
	uint8_t line[32];
	size_t len = frame_encode(
	    line, sizeof(line), (const uint8_t *)"\x84\x00\x01\x01\xa0", 5);

	collar_receive(board->collar, line, len - 1);
	ram_board_pass(board, 1100);
	collar_receive(board->collar, &end, 1);
	expect(board, "");
	collar_receive(board->collar, line, len - 1);
	ram_board_pass(board, 900);
	collar_receive(board->collar, &end, 1);
	expect(board, "84 01 01 00 a0");
}

static void
a_request_that_waited_too_long_for_its_turn_is_dropped(void **state)
{
	struct ram_board *board = *state;

	tell(board, "84 00 01 01 a0");
	tell(board, "84 00 02 01 a0");
	ram_board_pass(board, 11000);
	expect(board, "84 01 01 00 a0");
	expect(board, "");
	ask(board, "84 00 03 01 a0", "84 01 03 00 a0");
}

static void
a_ram_image_goes_on_where_it_was(void **state)
{
	struct ram_board *board = *state;

	ask(board, "84 00 05 01 a0", "84 01 05 00 a0");
	collar_resume(board->collar, &board->board);
	ask(board, "84 00 04 01 a0", "84 01 04 08 a0");
}

#define UNIT(test) cmocka_unit_test_setup_teardown(test, unit_up, unit_down)
#define GREETED(test) \
	cmocka_unit_test_setup_teardown(test, unit_greeted, unit_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT(hello_tells_who_is_there),
		UNIT(
		    a_repeated_hello_gets_the_same_nonce_and_a_new_one_another),
		UNIT(a_restart_never_repeats_a_nonce),
		UNIT(hello_without_a_common_version_names_the_units_range),
		GREETED(a_lower_number_is_old_and_other_bytes_conflict),
		GREETED(a_hello_begins_a_new_count),
		GREETED(what_is_not_deterministic_is_malformed),
		GREETED(what_cannot_be_answered_is_dropped),
		GREETED(a_tag_without_a_session_is_refused),
		GREETED(an_unknown_request_is_unsupported),
		GREETED(an_unknown_critical_key_is_refused_an_elective_one_not),
		GREETED(a_key_that_is_no_number_is_malformed_without_a_field),
		UNIT(a_payload_beyond_its_limit_is_dropped),
		GREETED(a_value_out_of_range_names_field_and_limits),
		GREETED(a_change_for_another_unit_is_refused),
		GREETED(a_serial_number_names_the_unit_once_it_is_set),
		GREETED(a_field_of_the_units_own_is_nobodys_to_write),
		GREETED(a_repeated_change_is_answered_again_and_not_done_again),
		GREETED(a_known_id_is_answered_as_then_after_a_restart_too),
		GREETED(an_id_means_one_request_only),
		GREETED(outcome_tells_what_was_done),
		GREETED(a_refusal_leaves_no_outcome),
		GREETED(
		    a_flash_that_fails_is_a_memory_fault_and_changes_nothing),
		UNIT(as_many_outcomes_as_are_kept_outlive_a_restart),
		GREETED(an_answer_longer_than_the_host_takes_is_not_sent),
		GREETED(a_sealed_unit_shows_label_and_glass_and_no_more),
		GREETED(garbage_on_the_line_does_not_disturb_what_follows),
		GREETED(a_request_behind_an_unfetched_answer_waits_for_it),
		GREETED(a_request_broken_off_is_not_completed_by_the_next_host),
		GREETED(a_request_that_waited_too_long_for_its_turn_is_dropped),
		GREETED(a_ram_image_goes_on_where_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
