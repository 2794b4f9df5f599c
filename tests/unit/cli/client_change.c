/* SPDX-License-Identifier: BSD-2-Clause */

/* Changes, at most once, over a line that fails in every way. */

#include "../../support/caller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
assert_unknown(void)
{
	char id[17];

	for (size_t i = 0; i < CHANGE_ID_LEN; i++)
		snprintf(id + 2 * i, 3, "%02x", client_change_id(client)[i]);
	assert_true(failure.outcome_unknown);
	assert_string_equal(failure.change_id, id);
}

static void
a_change_names_the_unit_the_id_and_the_holder(void **state)
{
	const struct peer_seen *seen = &peer->seen[1];
	struct relay_moved result;

	(void)state;
	open_client();
	assert_int_equal(move(&result), E_OK);
	assert_true(result.changed);
	/* {…, 60: "SIM00001", 62: id, 63: "tester"} at the end */
	assert_memory_equal(
	    seen->payload + seen->len - 31, "\x18\x3c\x68SIM00001", 11);
	assert_memory_equal(seen->payload + seen->len - 20, "\x18\x3e\x48", 3);
	assert_memory_equal(seen->payload + seen->len - 17,
	    client_change_id(client), CHANGE_ID_LEN);
	assert_memory_equal(
	    seen->payload + seen->len - 9, "\x18\x3f\x66tester", 9);
}

static void
a_unit_without_serial_is_named_by_its_hardware_id(void **state)
{
	const struct peer_seen *seen = &peer->seen[1];
	struct relay_moved result;

	(void)state;
	peer->serial = NULL;
	open_client();
	assert_int_equal(move(&result), E_OK);
	assert_memory_equal(seen->payload + seen->len - 31,
	    "\x18\x3d\x48\x01\x02\x03\x04\x05\x06\x07\x08", 11);
}

static void
a_change_whose_answer_is_lost_is_asked_after_not_repeated(void **state)
{
	struct relay_moved result = { .changed = false };

	(void)state;
	peer->damage = damages_second_answer;
	open_client();
	assert_int_equal(move(&result), E_OK);
	assert_true(result.changed);
	assert_int_equal(peer->moves, 1);
	assert_int_equal(peer_count(peer, OP_RELAY_MOVE), 1);
	assert_int_equal(peer_count(peer, OP_OUTCOME), 1);
	assert_int_equal(peer_count(peer, OP_HELLO), 2);
}

/* The unit at hand is not the one that the change was sent to. */
static bool
damages_second_answer_and_is_replaced(bool to_host, unsigned n)
{
	peer->replaced |= damages_second_answer(to_host, n);

	return damages_second_answer(to_host, n);
}

static void
another_unit_is_not_asked_what_became_of_a_change(void **state)
{
	struct relay_moved result;

	(void)state;
	open_client();
	peer->damage = damages_second_answer_and_is_replaced;
	assert_int_equal(move(&result), E_UNKNOWN);
	assert_unknown();
	assert_int_equal(peer->moves, 1);
	assert_int_equal(peer_count(peer, OP_OUTCOME), 0);
}

static uint8_t first_id[CHANGE_ID_LEN];

static bool
damages_second_request_and_notes_its_id(bool to_host, unsigned n)
{
	if (damages_second_request(to_host, n))
		memcpy(first_id, client_change_id(client), CHANGE_ID_LEN);

	return damages_second_request(to_host, n);
}

static void
a_change_that_was_not_seen_is_sent_again_under_its_id(void **state)
{
	struct relay_moved result;

	(void)state;
	peer->damage = damages_second_request_and_notes_its_id;
	open_client();
	assert_int_equal(move(&result), E_OK);
	assert_int_equal(peer->moves, 1);
	assert_int_equal(peer_count(peer, OP_OUTCOME), 1);
	assert_memory_equal(peer->ids[0], first_id, CHANGE_ID_LEN);
}

/* It bore the time of the first sending, and so set the clock late. */
static void
a_clock_is_set_to_the_time_of_the_sending_that_arrives(void **state)
{
	struct clock_set set = { .has = 0 };
	struct clock_state result;

	(void)state;
	peer->damage = damages_second_request;
	open_client();
	assert_int_equal(
	    client_change(client, OP_CLOCK_SET, &set, &result, &failure), E_OK);
	assert_int_equal(peer_count(peer, OP_OUTCOME), 1);
	assert_int_equal(peer->clock_late_ms, 0);
	assert_int_equal(result.utc_ms, set.utc_ms);
}

/* A fault: whatever the collar said was done was taken for this change. */
static void
the_outcome_of_another_request_leaves_the_change_unknown(void **state)
{
	struct relay_moved result;

	(void)state;
	peer->damage = damages_second_answer;
	peer->other_op = true;
	open_client();
	assert_int_equal(move(&result), E_UNKNOWN);
	assert_unknown();
}

static void
work_that_was_accepted_is_followed_to_its_end(void **state)
{
	struct relay_moved result;
	uint64_t before_ms;

	(void)state;
	open_client();
	peer->working = 20;
	before_ms = peer->now_ms;
	assert_int_equal(move(&result), E_OK);
	assert_true(result.changed);
	assert_int_equal(peer->moves, 1);
	assert_true(peer->now_ms - before_ms >= 20 * 500);
}

static void
work_without_end_is_unknown_after_a_while(void **state)
{
	struct relay_moved result;
	uint64_t before_ms;

	(void)state;
	open_client();
	peer->working = UINT32_MAX;
	before_ms = peer->now_ms;
	assert_int_equal(move(&result), E_UNKNOWN);
	assert_unknown();
	assert_true(peer->now_ms - before_ms < 75000);
}

static void
a_change_cut_by_a_restart_is_unknown_and_tells_the_contact(void **state)
{
	struct relay_moved result;

	(void)state;
	open_client();
	peer->restarts = true;
	assert_int_equal(move(&result), E_UNKNOWN);
	assert_unknown();
	assert_non_null(strstr(failure.what, "OPEN"));
}

static void
what_cannot_be_learned_is_unknown_with_the_way_to_ask(void **state)
{
	struct relay_moved result;

	(void)state;
	open_client();
	peer->deaf = true;
	assert_int_equal(move(&result), E_UNKNOWN);
	assert_unknown();
	assert_non_null(strstr(failure.hint, "collarctl outcome "));
	assert_non_null(strstr(failure.hint, failure.change_id));
	assert_int_equal(peer_count(peer, OP_RELAY_MOVE), 1);
}

static void
too_soon_is_waited_for_up_to_fifteen_seconds(void **state)
{
	struct relay_moved result;

	(void)state;
	open_client();
	peer->retry_s = (uint32_t)(peer->now_ms / 1000) + 15;
	assert_int_equal(move(&result), E_OK);
	assert_int_equal(peer_count(peer, OP_RELAY_MOVE), 2);

	peer->retry_s = (uint32_t)(peer->now_ms / 1000) + 17;
	assert_int_equal(move(&result), E_TOO_SOON);
	assert_true(HAS(&failure.detail, ERROR_RETRY_AFTER));
	assert_true(failure.detail.retry_after_s >= 16);
	assert_int_equal(peer->moves, 1);
}

static void
a_cable_gone_before_sending_leaves_nothing_in_doubt(void **state)
{
	(void)state;
	open_client();
	peer->dead_from = peer->bytes;
	assert_int_equal(move(&(struct relay_moved){ .has = 0 }), E_NO_ANSWER);
	assert_false(failure.outcome_unknown);
	assert_int_equal(peer->moves, 0);
}

static void
an_interrupt_while_waiting_names_the_change(void **state)
{
	(void)state;
	open_client();
	link_interrupted = 1;
	assert_int_equal(
	    move(&(struct relay_moved){ .has = 0 }), E_INTERRUPTED);
	assert_unknown();
}

static void
a_line_that_fails_after_a_change_is_not_nothing_done(void **state)
{
	struct relay_moved result;

	(void)state;
	open_client();
	assert_int_equal(move(&result), E_OK);
	peer->deaf = true;
	assert_int_equal(noop(), E_NO_ANSWER);
	assert_int_equal(client_settle(client, &failure), E_UNKNOWN);
	assert_unknown();

	failure = (struct failure){ .err = E_OK };
	assert_int_equal(noop(), E_NO_ANSWER); /* of the next command */
	assert_int_equal(client_settle(client, &failure), E_NO_ANSWER);
	assert_false(failure.outcome_unknown);
}

static void
a_refusal_after_a_change_stays_a_refusal(void **state)
{
	struct relay_moved result;

	(void)state;
	open_client();
	assert_int_equal(move(&result), E_OK);
	peer->status = ST_FLIPPED;
	assert_int_equal(move(&result), E_FLIPPED);
	assert_int_equal(client_settle(client, &failure), E_FLIPPED);
	assert_false(failure.outcome_unknown);
}

/* What the technician is told and what the unit did must agree. */
static void
assert_no_lie(int err)
{
	if (err == E_OK)
		assert_int_equal(peer->moves, 1);
	else if (!failure.outcome_unknown)
		assert_int_equal(peer->moves, 0);
	assert_true(peer->moves <= 1);
}

static void
a_change_never_lies_when_the_cable_goes_at_any_byte(void **state)
{
	unsigned told = 0, unknown = 0;
	int err = E_NO_ANSWER;

	for (long cut = 0; err != E_OK; cut++) {
		struct relay_moved result;

		caller_teardown(state);
		caller_setup(state);
		open_client();
		peer->dead_from = peer->bytes + cut;
		err = move(&result);
		assert_no_lie(err);
		if (err != E_OK)
			assert_int_equal(err,
			    failure.outcome_unknown ? E_UNKNOWN : E_NO_ANSWER);
		told += err == E_NO_ANSWER;
		unknown += err == E_UNKNOWN;
		assert_true(cut < 200);
	}
	assert_true(told > 40); /* all of the request but its tail */
	assert_true(unknown > 10);
}

static void
a_change_survives_any_stretch_of_lost_bytes(void **state)
{
	for (long from = 0; from < 120; from++)
		for (long len = 1; len <= 64; len *= 4) {
			struct relay_moved result;
			int err;

			caller_teardown(state);
			caller_setup(state);
			open_client();
			peer->lost_from = peer->bytes + from;
			peer->lost_to = peer->lost_from + len;
			err = move(&result);
			assert_no_lie(err);
			assert_int_equal(err, E_OK);
		}
}

/* A read that was refused in between made it an unknown change. */
static void
what_went_well_in_the_end_stays_so(void **state)
{
	struct relay_moved result;
	struct unit_record record;
	struct nothing none = { .has = 0 };

	(void)state;
	open_client();
	assert_int_equal(move(&result), E_OK);
	assert_int_equal(client_call(client, OP_INFO, &none, &record, &failure),
	    E_UNSUPPORTED);
	failure = (struct failure){ .err = E_OK };
	assert_int_equal(move(&result), E_OK);
	assert_int_equal(client_settle(client, &failure), E_OK);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, caller_setup, caller_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_change_names_the_unit_the_id_and_the_holder),
		TEST(a_unit_without_serial_is_named_by_its_hardware_id),
		TEST(a_change_whose_answer_is_lost_is_asked_after_not_repeated),
		TEST(another_unit_is_not_asked_what_became_of_a_change),
		TEST(a_change_that_was_not_seen_is_sent_again_under_its_id),
		TEST(a_clock_is_set_to_the_time_of_the_sending_that_arrives),
		TEST(the_outcome_of_another_request_leaves_the_change_unknown),
		TEST(work_that_was_accepted_is_followed_to_its_end),
		TEST(work_without_end_is_unknown_after_a_while),
		TEST(
		    a_change_cut_by_a_restart_is_unknown_and_tells_the_contact),
		TEST(what_cannot_be_learned_is_unknown_with_the_way_to_ask),
		TEST(too_soon_is_waited_for_up_to_fifteen_seconds),
		TEST(a_cable_gone_before_sending_leaves_nothing_in_doubt),
		TEST(an_interrupt_while_waiting_names_the_change),
		TEST(a_line_that_fails_after_a_change_is_not_nothing_done),
		TEST(a_refusal_after_a_change_stays_a_refusal),
		TEST(what_went_well_in_the_end_stays_so),
		TEST(a_change_never_lies_when_the_cable_goes_at_any_byte),
		TEST(a_change_survives_any_stretch_of_lost_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
