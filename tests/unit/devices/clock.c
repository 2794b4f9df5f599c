/* SPDX-License-Identifier: BSD-2-Clause */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/state.h"
#include "../../support/talk.h"

enum { MINUTE_MS = 60000 };

/* The board's time begins at 2026-11-21T15:00:00Z, 0x1a1fe9f1180 ms. */
static void
the_clock_tells_milliseconds_and_trust(void **state)
{
	struct ram_board *board = *state;

	ask(board, "84 00 01 1850 a0",
	    "84 01 01 00 a2 01 1b 000001a1fe9f1180 02 f5");
	ram_board_pass(board, 1);
	ask(board, "84 00 02 1850 a0",
	    "84 01 02 00 a2 01 1b 000001a1fe9f1181 02 f5");
}

static void
a_clock_that_lost_power_counts_from_the_start_and_says_so(void **state)
{
	struct ram_board *board = *state;

	board->wall_lost = true;
	ram_board_pass(board, 99);
	ask(board, "84 00 01 1850 a0", "84 01 01 00 a2 01 1864 02 f4");
}

static void
a_set_clock_runs_from_there_and_the_log_tells_both_times(void **state)
{
	struct ram_board *board = *state;
	struct eventlog *log = &board->collar->events;
	uint8_t bytes[EVENT_LEN_MAX];
	struct event event;
	struct cbor_in in;

	ask(board, "84 00 01 1851 a4 01 1b 000001a1fee60080" HEADER("0001"),
	    "84 01 01 00 a2 01 1b 000001a1fee60080 02 f5");
	assert_true(board->utc_ms == 0x1a1fee60080);
	in = cbor_reader(
	    bytes, eventlog_read(log, &board->board, log->next - 1, bytes));
	assert_int_equal(
	    message_decode(&msg_event, &in, &event, false, NULL), E_OK);
	assert_int_equal(event.kind, EVENT_CLOCK_SET);
	assert_string_equal(event.old, "2026-11-21T15:00:00Z");
	assert_string_equal(event.new, "2026-11-21T16:17:28Z");
	assert_string_equal(event.holder, "ann");
}

static void
a_step_ends_the_interval_and_the_block(void **state)
{
	struct ram_board *board = *state;
	struct interval record;

	ram_board_pass(board, 20 * MINUTE_MS);
	assert_int_equal(board->collar->data.next, 1);
	/* back by twenty minutes */
	ask(board, "84 00 01 1851 a4 01 1b 000001a1fe9f0000" HEADER("0001"),
	    "84 01 01 00 a2 01 1b 000001a1fe9f0000 02 f5");
	assert_true(
	    datalog_newest(&board->collar->data, &board->board, &record));
	assert_true(record.flags & INTERVAL_CLOCK_STEP);
	assert_true(record.flags & INTERVAL_PARTIAL);
	ram_board_pass(board, 16 * MINUTE_MS);
	assert_int_equal(board->collar->data.next, 2);
	assert_int_equal(board->collar->data.header.cause, BLOCK_CLOCK);
}

static void
a_time_before_collars_were_made_is_refused(void **state)
{
	/* 1970 */
	ask(*state, "84 00 01 1851 a4 01 00" HEADER("0001"),
	    "84 01 01 05 a3 01 01 02 1b 00000151fa7bdc00"
	    "03 1b 000003e7fffffc18");
}

static void
setting_an_untrusted_clock_makes_it_trusted(void **state)
{
	struct ram_board *board = *state;

	board->wall_lost = true;
	collar_tick(board->collar, board->now_ms);
	assert_false(board->collar->clock.trusted);
	ask(board, "84 00 01 1851 a4 01 1b 000001a1fee60080" HEADER("0001"),
	    "84 01 01 00 a2 01 1b 000001a1fee60080 02 f5");
	assert_true(board->collar->clock.trusted);
}

/* The roles below the factory come with sessions: the handler's own rule. */
static void
an_installer_may_set_it_by_five_minutes_a_day(void **state)
{
	struct ram_board *board = *state;
	struct collar *collar = board->collar;

	collar->request.role = ROLE_INSTALLER;
	collar->request.op = OP_CLOCK_SET;
	collar->args.clock_set.utc_ms = board->utc_ms + 4 * MINUTE_MS;
	assert_int_equal(on_clock_set(collar), ST_OK);
	collar->args.clock_set.utc_ms = board->utc_ms - 2 * MINUTE_MS;
	assert_int_equal(on_clock_set(collar), ST_TOO_SOON);
	assert_in_range(collar->detail.retry_after_s, 86000, CLOCK_DAY_S);
	ram_board_pass(board, (uint64_t)CLOCK_DAY_S * 1000);
	collar->args.clock_set.utc_ms = board->utc_ms - 2 * MINUTE_MS;
	assert_int_equal(on_clock_set(collar), ST_OK);
	board->wall_lost = true;
	collar_tick(collar, board->now_ms);
	collar->args.clock_set.utc_ms = 1795273200000;
	assert_int_equal(on_clock_set(collar), ST_OK);
}

/* Each step back once began a day of its own, with five minutes anew. */
static void
an_installer_may_not_set_it_back_again_and_again(void **state)
{
	struct ram_board *board = *state;
	struct collar *collar = board->collar;

	collar->request.role = ROLE_INSTALLER;
	collar->request.op = OP_CLOCK_SET;
	collar->args.clock_set.utc_ms = board->utc_ms - 4 * MINUTE_MS;
	assert_int_equal(on_clock_set(collar), ST_OK);
	collar->args.clock_set.utc_ms = board->utc_ms - 4 * MINUTE_MS;
	assert_int_equal(on_clock_set(collar), ST_TOO_SOON);
	assert_int_equal(collar->detail.retry_after_s, CLOCK_DAY_S);
	collar->args.clock_set.utc_ms = board->utc_ms - MINUTE_MS;
	assert_int_equal(on_clock_set(collar), ST_OK);
}

static void
a_time_beyond_what_32_bits_of_seconds_hold_is_refused(void **state)
{
	ask(*state, "84 00 01 1851 a4 01 1b 000003e7fffffc19" HEADER("0001"),
	    "84 01 01 05 a3 01 01 02 1b 00000151fa7bdc00"
	    "03 1b 000003e7fffffc18");
}

static void
a_clock_that_ran_out_of_32_bits_stands_at_the_last_second(void **state)
{
	struct ram_board *board = *state;

	board->utc_ms = (UINT32_MAX + UINT64_C(5)) * 1000;
	collar_tick(board->collar, board->now_ms);
	assert_int_equal(clock_s(&board->collar->clock), UINT32_MAX);
}

static void
a_clock_whose_setting_cannot_be_saved_is_not_set(void **state)
{
	struct ram_board *board = *state;

	board->flash_broken = true;
	ask(board, "84 00 01 1851 a4 01 1b 000001a1fee60080" HEADER("0001"),
	    "84 01 01 181c a0");
	assert_true(board->utc_ms == 1795273200000);
	board->flash_broken = false;
	ask(board, "84 00 02 1850 a0",
	    "84 01 02 00 a2 01 1b 000001a1fe9f1180 02 f5");
}

static void (*wall_set)(void *self, uint64_t utc_ms);

static void
wall_set_and_flash_breaks(void *self, uint64_t utc_ms)
{
	struct ram_board *board = self;

	wall_set(self, utc_ms);
	board->flash_broken = true;
}

/* Its outcome once was that it had not been seen. */
static void
a_clock_that_was_set_stays_so_if_only_that_cannot_be_saved(void **state)
{
	struct ram_board *board = *state;
	struct board_ops breaking = *board->board.ops;

	wall_set = breaking.wall_set;
	breaking.wall_set = wall_set_and_flash_breaks;
	board->board.ops = &breaking;
	ask(board, "84 00 01 1851 a4 01 1b 000001a1fee60080" HEADER("0001"),
	    "84 01 01 00 a2 01 1b 000001a1fee60080 02 f5");
	/* {done, op 0x51, ok, its answer} */
	ask(board, "84 00 02 04 a1 01 48 0000000000000001",
	    "84 01 02 00 a4 01 00 02 1851 03 00"
	    "04 4d a2 01 1b 000001a1fee60080 02 f5");
	board->flash_broken = false;
	ram_board_start(board);
	greet(board);
	/* {interrupted, op 0x51, contact open} */
	ask(board, "84 00 01 04 a1 01 48 0000000000000001",
	    "84 01 01 00 a3 01 02 02 1851 05 00");
	board->flash_broken = true;
	ask(board, "84 00 02 1851 a4 01 1b 000001a1fee60080" HEADER("0001"),
	    "84 01 02 181c a0");
	ask(board, "84 00 03 04 a1 01 48 0000000000000001",
	    "84 01 03 00 a3 01 02 02 1851 05 00");
}

#define UNIT(test) \
	cmocka_unit_test_setup_teardown(test, unit_greeted, unit_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT(the_clock_tells_milliseconds_and_trust),
		UNIT(a_clock_that_lost_power_counts_from_the_start_and_says_so),
		UNIT(a_set_clock_runs_from_there_and_the_log_tells_both_times),
		UNIT(a_step_ends_the_interval_and_the_block),
		UNIT(a_time_before_collars_were_made_is_refused),
		UNIT(setting_an_untrusted_clock_makes_it_trusted),
		UNIT(an_installer_may_set_it_by_five_minutes_a_day),
		UNIT(an_installer_may_not_set_it_back_again_and_again),
		UNIT(a_time_beyond_what_32_bits_of_seconds_hold_is_refused),
		UNIT(a_clock_that_ran_out_of_32_bits_stands_at_the_last_second),
		UNIT(a_clock_whose_setting_cannot_be_saved_is_not_set),
		UNIT(
		    a_clock_that_was_set_stays_so_if_only_that_cannot_be_saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
