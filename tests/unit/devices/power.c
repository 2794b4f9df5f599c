/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The power goes in the middle of every flash operation of a change, one after
 * the other.  After the restart the change is there or not, its outcome says
 * which, and asking again under the same id does it once.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/state.h"
#include "../../support/talk.h"

enum { CUTS_MAX = 200 };

#define SITE "09 63312041 0a 6142 0b 625041 0c 653137313031"

static const char ask_outcome[] = "84 00 10 04 a1 01 480000000000000001";

/* One change, what it needs before, and what shows that it was made. */
struct change_case {
	const char *name;
	const char *request;
	bool (*made)(const struct ram_board *board);
};

static bool
set_made(const struct ram_board *board)
{
	return board->collar->record.report_minutes == 5;
}

static bool
provision_made(const struct ram_board *board)
{
	bool record = HAS(&board->collar->record, RECORD_ZIP);

	assert_int_equal(
	    record, board->collar->provision.stage != UNIT_UNPROVISIONED);
	return record;
}

static bool
shut_made(const struct ram_board *board)
{
	return board->in.relay_shut;
}

static bool
tag_made(const struct ram_board *board)
{
	return board->collar->relay.kept.tag.set;
}

static bool
test_made(const struct ram_board *board)
{
	/* a restart ends it, and the log tells */
	return board->collar->test.kept.active;
}

static const struct change_case cases[] = {
	{ "set", "84 00 01 10 a4 07 05" HEADER("0001"), set_made },
	{ "provision", "84 00 01 11 a7" SITE HEADER("0001"), provision_made },
	{ "relay shut", "84 00 01 1820 a5 01 01 02 00" HEADER("0001"),
	    shut_made },
	{ "tag", "84 00 01 1824 a4 01 6141" HEADER("0001"), tag_made },
};

static enum outcome_kind
outcome_now(const struct ram_board *board)
{
	static const uint8_t id[CHANGE_ID_LEN] = { 0, 0, 0, 0, 0, 0, 0, 1 };
	struct outcome outcome;

	outcome_get(&board->collar->outcomes, id, &outcome);
	return outcome.outcome;
}

static struct ram_board *
unit_new(uint32_t write_unit)
{
	struct ram_board *board = ram_board_new(write_unit);

	ram_board_start(board);
	ram_board_pass(board, 20000); /* the grid has been there for a while */
	greet(board);
	return board;
}

/* Makes the change with the power going in flash operation `cut`. */
static void
change_cut(struct ram_board *board, const struct change_case *c, unsigned cut)
{
	board->cut_at = board->flash_ops + cut;
	tell(board, c->request);
	ram_board_pass(board, 300);
}

static void
check_after(struct ram_board *board, const struct change_case *c)
{
	bool made = c->made(board);

	switch (outcome_now(board)) {
	case OUTCOME_DONE:
		assert_true(made);
		break;
	case OUTCOME_NOT_SEEN:
		assert_false(made);
		assert_int_equal(board->drives, 0);
		break;
	case OUTCOME_INTERRUPTED:
		assert_true(c->made == shut_made); /* contacts say */
		break;
	default:
		fail();
	}
}

/* Asked again under its id, it ends up made, and made once. */
static void
check_again(struct ram_board *board, const struct change_case *c)
{
	unsigned drives = board->drives;
	bool made = c->made(board);
	uint8_t answer[PAYLOAD_TO_HOST_MAX];

	ram_board_pass(board, 20000);
	greet(board);
	tell(board, c->request);
	ram_board_pass(board, 300);
	assert_true(ram_board_fetch(board, answer, sizeof(answer)) > 0);
	assert_int_equal(answer[3], ST_OK);
	assert_true(c->made(board));
	if (made)
		assert_int_equal(board->drives, drives);
	tell(board, ask_outcome);
	assert_true(ram_board_fetch(board, answer, sizeof(answer)) > 0);
	assert_int_equal(outcome_now(board), OUTCOME_DONE);
}

/* Returns how many operations there were to cut. */
static unsigned
change_cut_everywhere(const struct change_case *c, uint32_t write_unit)
{
	bool cut = true;
	unsigned n;

	for (n = 1; cut && n < CUTS_MAX; n++) {
		struct ram_board *board = unit_new(write_unit);

		change_cut(board, c, n);
		cut = board->dead;
		ram_board_start(board);
		check_after(board, c);
		check_again(board, c);
		ram_board_free(&board);
	}
	assert_in_range(n, 4, CUTS_MAX - 1);
	return n - 1;
}

static void
every_change_is_made_or_not_whenever_the_power_goes(void **state)
{
	static const uint32_t units[] = { 1, 8, 32 };
	unsigned cuts = 0;

	(void)state;
	for (size_t i = 0; i < nitems(cases); i++)
		for (size_t u = 0; u < nitems(units); u++)
			cuts += change_cut_everywhere(&cases[i], units[u]);
	printf("FIGURE power cuts in changes: %u\n", cuts);
}

static void
an_interrupted_move_tells_what_the_contact_says(void **state)
{
	struct ram_board *board = unit_new(8);

	(void)state;
	tell(board, cases[2].request);
	assert_int_equal(board->drives, 1);
	board->now_ms += RAM_RELAY_MS; /* it shuts while the power goes */
	board->board.ops->inputs(board, &(struct board_inputs){ 0 });
	ram_board_start(board);
	greet(board);
	ask(board, ask_outcome, "84 01 10 00 a3 01 02 02 1820 05 01");
	ram_board_free(&board);
}

static void
test_mode_ends_with_the_power(void **state)
{
	struct ram_board *board = unit_new(8);

	(void)state;
	ask(board, "84 00 01 1830 a3" HEADER("0001"),
	    "84 01 01 00 a3 01 f5 02 190258 03 1a6b01b45c");
	assert_true(test_made(board));
	ram_board_start(board);
	assert_false(test_made(board));
	ram_board_free(&board);
}

static void
the_sector_that_a_restart_finds_torn_is_made_good(void **state)
{
	struct ram_board *board = unit_new(8);

	(void)state;
	/* as many changes as it takes to go round the store twice */
	for (unsigned i = 1; i < 250; i++) {
		char request[200], answer[40];

		snprintf(request, sizeof(request),
		    "84 00 19%04x 10 a4 07 %s" HEADER("%04x"), 300 + i,
		    i % 2 ? "05" : "06", i);
		snprintf(answer, sizeof(answer),
		    "84 01 19%04x 00 a2 01 f5 02 00", 300 + i);
		ask(board, request, answer);
		if (i % 40 == 0) {
			board->cut_at = board->flash_ops + 1 + i / 40;
			ram_board_pass(board, 16 * 60000);
			ram_board_start(board);
			ram_board_pass(board, 1000);
			greet(board);
			assert_int_equal(
			    board->collar->record.report_minutes, 6);
			assert_int_equal(board->collar->memory_faults, 0);
		}
	}
	ram_board_free(&board);
}

/* A start writes too: counters, what it interrupted, the log. */
static void
a_start_that_is_cut_short_loses_nothing(void **state)
{
	bool cut = true;

	(void)state;
	for (unsigned n = 1; cut && n < CUTS_MAX; n++) {
		struct ram_board *board = unit_new(8);
		uint32_t boot = board->collar->boot;

		ask(board, cases[0].request, "84 01 01 00 a2 01 f5 02 00");
		tell(board, "84 00 02 1820 a5 01 01 02 00" HEADER("0002"));
		board->cut_at = board->flash_ops + n;
		collar_start(board->collar, &board->board, 1);
		cut = board->dead;
		ram_board_start(board);
		assert_true(set_made(board));
		assert_int_equal(outcome_now(board), OUTCOME_DONE);
		assert_true(board->collar->boot > boot);
		assert_int_equal(board->collar->memory_faults, 0);
		ram_board_free(&board);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_change_is_made_or_not_whenever_the_power_goes),
		cmocka_unit_test(
		    an_interrupted_move_tells_what_the_contact_says),
		cmocka_unit_test(a_start_that_is_cut_short_loses_nothing),
		cmocka_unit_test(test_mode_ends_with_the_power),
		cmocka_unit_test(
		    the_sector_that_a_restart_finds_torn_is_made_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
