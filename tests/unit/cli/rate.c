/* SPDX-License-Identifier: BSD-2-Clause */

/* The rate of a line, as client and handler agree on it: both ends are real,
 * the line between them is not, and neither is time. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* before cmocka.h, which has a macro called fail */
#include "../../../cli/client/client.h"
#include "../../../devices/collar/state.h"
#include "../../../proto/errors.h"
#include "../../support/board.h"

#include <cmocka.h>
#include <string.h>

enum { BEGIN = 9600, TOP = 115200, QUIET_MS = RATE_QUIET_MS };

static struct line {
	struct link link; /* first */
	struct ram_board *board;
	uint32_t spoils, lacks; /* rates: of the probe, and of our end */
	bool dead, silent;      /* nothing passes; nothing to the host */
	bool closed;
	unsigned turns; /* frames that the host has sent */
} line;

static struct client *client;
static struct failure failure;

/* Do both ends hear each other? */
static bool
carries(void)
{
	return !line.dead && line.link.baud == line.board->baud &&
	    line.link.baud != line.spoils;
}

static int
line_read(struct link *link, uint8_t *buf, size_t cap, int *ms)
{
	(void)link;
	for (;; --*ms) {
		bool heard = carries() && !line.silent; /* before it switches */
		size_t n = collar_transmit(line.board->collar, buf, cap);

		if (link_interrupted)
			return E_INTERRUPTED;
		if (n > 0 && heard)
			return (int)n;
		if (*ms <= 0)
			return 0;
		ram_board_pass(line.board, 1);
	}
}

static int
line_write(struct link *link, const uint8_t *buf, size_t len, int *ms)
{
	(void)link;
	(void)ms;
	line.turns += len > 2;
	for (size_t i = 0; i < len && carries(); i++)
		collar_receive(line.board->collar, buf + i, 1);

	return E_OK;
}

static int
line_wait(struct link *link, uint32_t ms)
{
	(void)link;
	ram_board_pass(line.board, ms);

	return link_interrupted ? E_INTERRUPTED : E_OK;
}

static uint64_t
line_now_ms(struct link *link)
{
	(void)link;

	return line.board->now_ms;
}

static int
line_set_baud(struct link *link, uint32_t baud)
{
	if (baud == line.lacks)
		return E_IO;
	link->baud = baud;

	return E_OK;
}

static void
line_close(struct link *link)
{
	(void)link;
	line.closed = true;
}

static const struct link_ops line_ops = {
	.transport = "line",
	.read = line_read,
	.write = line_write,
	.wait = line_wait,
	.now_ms = line_now_ms,
	.now_utc_ms = line_now_ms,
	.set_baud = line_set_baud,
	.close = line_close,
};

static int
up(void **state)
{
	(void)state;
	line = (struct line){ .link = { .ops = &line_ops,
				  .port = "line",
				  .baud = BEGIN,
				  .baud_top = TOP,
				  .half_duplex = true },
		.board = ram_board_new(8) };
	ram_board_wire(line.board);
	ram_board_start(line.board);
	failure = (struct failure){ .err = E_OK };
	link_interrupted = 0;

	return 0;
}

static int
down(void **state)
{
	(void)state;
	client_close(&client);
	ram_board_free(&line.board);
	link_interrupted = 0;

	return 0;
}

static int
try_open(int timeout_ms)
{
	struct client_options options = { .holder = "tester",
		.timeout_ms = timeout_ms };

	line.link.baud = BEGIN;

	return client_open(&client, &line.link, &options, &failure);
}

static void
open_at(uint32_t baud)
{
	assert_int_equal(try_open(0), E_OK);
	assert_int_equal(line.link.baud, baud);
	assert_int_equal(line.board->baud, baud);
}

static int
ask(enum op_code op)
{
	static union {
		struct unit_state state;
		struct nothing nothing;
	} result;
	struct nothing args = { .has = 0 };

	return client_call(client, op, &args, &result, &failure);
}

static void
a_line_is_raised_to_its_fastest_rate(void **state)
{
	(void)state;
	open_at(TOP);
	assert_int_equal(line.turns, 3); /* hello, link-baud, link-check */
	assert_int_equal(ask(OP_STATUS), E_OK);
}

static void
a_line_that_is_to_keep_its_rate_keeps_it(void **state)
{
	(void)state;
	line.link.baud_top = 0;
	open_at(BEGIN);
	assert_int_equal(line.turns, 1);
}

static void
a_rate_that_does_not_carry_is_given_up_for_the_next(void **state)
{
	(void)state;
	line.spoils = TOP;
	open_at(57600);
	assert_int_equal(ask(OP_STATUS), E_OK);
}

/* The unit of the test has neither 38400, nor is told to have it. */
static void
a_rate_that_the_unit_has_not_is_passed_over(void **state)
{
	(void)state;
	line.spoils = 57600;
	line.lacks = TOP;
	open_at(19200);
	assert_int_equal(ask(OP_STATUS), E_OK);
}

static void
a_refusal_tells_where_to_go_on(void **state)
{
	static const uint32_t slow[] = { BEGIN, 19200, 0 };

	(void)state;
	line.board->board.bauds = slow;
	ram_board_start(line.board);
	open_at(19200);
	assert_int_equal(line.turns, 4); /* hello, 115200, 19200, check */
}

static void
a_unit_without_a_rate_is_left_alone(void **state)
{
	(void)state;
	line.board->board.bauds = NULL;
	ram_board_start(line.board);
	line.board->baud = BEGIN; /* of the line, which the unit cannot set */
	assert_int_equal(try_open(0), E_OK);
	assert_int_equal(line.link.baud, BEGIN);
	assert_int_equal(line.turns, 2);
	assert_int_equal(ask(OP_NOOP), E_OK);
}

static void
closing_takes_the_unit_back(void **state)
{
	(void)state;
	open_at(TOP);
	client_close(&client);
	assert_int_equal(line.board->baud, BEGIN);
	assert_true(line.closed);
}

static void
who_is_interrupted_does_not_wait_to_take_it_back(void **state)
{
	uint64_t now_ms;

	(void)state;
	open_at(TOP);
	link_interrupted = 1;
	now_ms = line.board->now_ms;
	client_close(&client);
	assert_int_equal(line.board->now_ms, now_ms);
	assert_int_equal(line.board->baud, TOP);
}

/* The host before was killed. */
static void
a_unit_that_was_left_at_another_rate_is_found(void **state)
{
	(void)state;
	open_at(TOP);
	link_interrupted = 1;
	client_close(&client);
	link_interrupted = 0;
	assert_int_equal(line.board->baud, TOP);
	open_at(TOP);
	client_close(&client);
	assert_int_equal(line.board->baud, BEGIN);
}

static void
silence_is_no_collar_and_leaves_the_line_as_it_was(void **state)
{
	(void)state;
	line.dead = true;
	assert_int_equal(try_open(0), E_NO_ANSWER);
	assert_int_equal(line.link.baud, BEGIN);
	assert_non_null(strstr(failure.what, "no collar answers"));
}

static void
after_a_long_silence_both_ends_are_back_where_they_began(void **state)
{
	(void)state;
	for (uint32_t ms = QUIET_MS - 1000; ms < QUIET_MS + 1000; ms += 100) {
		open_at(TOP);
		ram_board_pass(line.board, ms);
		line.turns = 0;
		assert_int_equal(ask(OP_STATUS), E_OK);
		assert_int_equal(line.turns, 1);
		client_close(&client);
	}
}

static void
a_rate_that_carries_no_longer_is_given_up(void **state)
{
	struct relay_move args = { .position = RELAY_OPEN };
	struct relay_moved moved;

	(void)state;
	open_at(TOP);
	line.spoils = TOP;
	assert_int_equal(ask(OP_STATUS), E_OK);
	assert_int_equal(line.link.baud, BEGIN);
	assert_int_equal(failure.err, E_OK);
	client_close(&client);

	line.spoils = 0;
	open_at(TOP);
	line.spoils = TOP;
	HAVE(&args, RELAY_MOVE_POSITION);
	assert_int_equal(
	    client_change(client, OP_RELAY_MOVE, &args, &moved, &failure),
	    E_OK);
	assert_int_equal(line.link.baud, BEGIN);
}

static void
nobody_waits_for_it_longer_than_the_user_does(void **state)
{
	(void)state;
	assert_int_equal(try_open(2000), E_OK);
	line.spoils = TOP;
	assert_int_equal(ask(OP_STATUS), E_NO_ANSWER);
	assert_int_equal(line.link.baud, TOP);
}

static void
who_waits_keeps_the_rate_alive(void **state)
{
	(void)state;
	open_at(TOP);
	line.turns = 0;
	for (uint32_t ms = 0; ms < 60000; ms += 100) {
		ram_board_pass(line.board, 100);
		client_keep_alive(client);
	}
	assert_int_equal(line.turns, 60000 / RATE_ALIVE_MS);
	assert_int_equal(line.board->baud, TOP);
	line.dead = true;
	line.turns = 0;
	for (uint32_t ms = 0; ms < 20000; ms += 100) {
		ram_board_pass(line.board, 100);
		client_keep_alive(client);
	}
	assert_in_range(line.turns, 1, 20000 / RATE_ALIVE_MS);
	assert_int_equal(line.link.baud, BEGIN);
	line.dead = false;
	assert_int_equal(ask(OP_STATUS), E_OK);
}

static void
a_link_without_a_rate_needs_nothing_to_live(void **state)
{
	(void)state;
	open_at(TOP);
	line.turns = 0;
	line.link.baud = 0;
	ram_board_pass(line.board, 10000);
	client_keep_alive(client);
	assert_int_equal(line.turns, 0);
	line.link.baud = TOP;
}

static void
an_interruption_ends_it_all(void **state)
{
	(void)state;
	line.silent = true;
	link_interrupted = 1;
	assert_int_equal(try_open(0), E_INTERRUPTED);
}

#define LINE(test) cmocka_unit_test_setup_teardown(test, up, down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LINE(a_line_is_raised_to_its_fastest_rate),
		LINE(a_line_that_is_to_keep_its_rate_keeps_it),
		LINE(a_rate_that_does_not_carry_is_given_up_for_the_next),
		LINE(a_rate_that_the_unit_has_not_is_passed_over),
		LINE(a_refusal_tells_where_to_go_on),
		LINE(a_unit_without_a_rate_is_left_alone),
		LINE(closing_takes_the_unit_back),
		LINE(who_is_interrupted_does_not_wait_to_take_it_back),
		LINE(a_unit_that_was_left_at_another_rate_is_found),
		LINE(silence_is_no_collar_and_leaves_the_line_as_it_was),
		LINE(after_a_long_silence_both_ends_are_back_where_they_began),
		LINE(a_rate_that_carries_no_longer_is_given_up),
		LINE(nobody_waits_for_it_longer_than_the_user_does),
		LINE(who_waits_keeps_the_rate_alive),
		LINE(a_link_without_a_rate_needs_nothing_to_live),
		LINE(an_interruption_ends_it_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
