/* SPDX-License-Identifier: BSD-2-Clause */

/* Hello, calls and changes over a line that fails in every way. */

#include "../../../cli/client/client.h"
#include "../../support/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct peer *peer;
static struct client *client;
static struct failure failure;

static int
peer_setup(void **state)
{
	(void)state;
	peer = peer_new();
	client = NULL;
	failure = (struct failure){ .err = E_OK };
	link_interrupted = 0;

	return 0;
}

static int
peer_teardown(void **state)
{
	(void)state;
	client_close(&client);
	free(peer);
	link_interrupted = 0;

	return 0;
}

static int
try_open(const char *unit)
{
	struct client_options options = { .unit = unit, .holder = "tester" };

	return client_open(&client, &peer->link, &options, &failure);
}

static void
open_client(void)
{
	assert_int_equal(try_open(NULL), E_OK);
	assert_int_equal(failure.err, E_OK);
}

static int
noop(void)
{
	struct nothing args = { .has = 0 }, result;

	return client_call(client, OP_NOOP, &args, &result, &failure);
}

static int
move(struct relay_moved *result)
{
	struct relay_move args = { .position = RELAY_OPEN };

	HAVE(&args, RELAY_MOVE_POSITION);
	HAVE(&args, RELAY_MOVE_WHEN);

	return client_change(client, OP_RELAY_MOVE, &args, result, &failure);
}

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
hello_says_who_is_there(void **state)
{
	const struct peer_seen *hello = &peer->seen[0];

	(void)state;
	open_client();
	assert_string_equal(client_unit(client)->serial, "SIM00001");
	assert_int_equal(client_unit(client)->hardware_id.len, 8);
	assert_true(client_is_virtual(client));
	assert_ptr_equal(client_link(client), &peer->link);

	/* [0, seq, 0, {1: nonce, 2: 1, 3: 1, 4: 1056}] */
	assert_int_equal(hello->payload[0], 0x84);
	assert_int_equal(hello->payload[1], 0x00);
	assert_int_equal(hello->env.what, 0);
	assert_memory_equal(hello->env.body, "\xa4\x01\x50", 3);
	assert_memory_equal(
	    hello->env.body + 19, "\x02\x01\x03\x01\x04\x19\x04\x20", 8);
	assert_int_equal(hello->env.body_len, 27);
}

static void
a_call_is_one_request_with_the_next_number(void **state)
{
	const struct peer_seen *hello = &peer->seen[0];
	const struct peer_seen *seen = &peer->seen[1];

	(void)state;
	open_client();
	assert_int_equal(noop(), E_OK);
	assert_int_equal(peer->nseen, 2);
	assert_int_equal(seen->env.seq, hello->env.seq + 1);
	assert_memory_equal(seen->payload + seen->len - 2, "\x01\xa0", 2);
}

static void
a_silent_port_is_no_answer_and_the_link_is_closed(void **state)
{
	(void)state;
	peer->deaf = true;
	assert_int_equal(try_open(NULL), E_NO_ANSWER);
	assert_null(client);
	assert_true(peer->closed);
	assert_int_equal(peer_count(peer, OP_HELLO), 4);
	assert_true(peer->now_ms < 6000); /* nobody waits for ever */
}

static void
chatter_is_not_a_collar(void **state)
{
	static const uint8_t login[] = "Debian GNU/Linux 12 rack ttyS0 login: ";

	(void)state;
	peer->deaf = true;
	peer_say(peer, login, sizeof(login) - 1);
	assert_int_equal(try_open(NULL), E_PROTOCOL);
}

static void
chatter_before_the_answer_does_no_harm(void **state)
{
	static const uint8_t noise[] = { 0x55, 0x00, 0x03, 0x11, 0x00, 0xff };

	(void)state;
	peer_say(peer, noise, sizeof(noise));
	open_client();
}

static void
an_echo_of_the_own_frames_is_dropped(void **state)
{
	/* [0, 1, 0, {}]: a request, as an optical probe gives it back */
	static const uint8_t request[] = { 0x84, 0x00, 0x01, 0x00, 0xa0 };

	(void)state;
	peer_send(peer, request, sizeof(request));
	open_client();
	peer_send(peer, request, sizeof(request));
	assert_int_equal(noop(), E_OK);
}

static void
an_answer_to_somebody_elses_hello_is_refused(void **state)
{
	(void)state;
	peer->foreign_nonce = true;
	assert_int_equal(try_open(NULL), E_PROTOCOL);
}

/* It once went to a terminal, and into CSV, just as it came. */
static void
a_serial_number_of_another_form_is_refused(void **state)
{
	(void)state;
	peer->serial = "SIM\033[31m";
	assert_int_equal(try_open(NULL), E_PROTOCOL);
	peer->serial = "SIM1,2";
	assert_int_equal(try_open(NULL), E_PROTOCOL);
}

static void
a_collar_of_another_version_is_refused(void **state)
{
	(void)state;
	peer->version = 2;
	assert_int_equal(try_open(NULL), E_VERSION);
}

static void
another_unit_than_the_one_meant_is_refused_before_anything_else(void **state)
{
	(void)state;
	assert_int_equal(try_open("SIM00002"), E_WRONG_UNIT);
	assert_int_equal(peer->nseen, 1);
	assert_true(peer->closed);
}

static void
a_unit_is_meant_by_serial_or_by_hardware_id(void **state)
{
	(void)state;
	assert_int_equal(try_open("SIM00001"), E_OK);
	client_close(&client);
	assert_int_equal(try_open("hw:0102030405060708"), E_OK);
	client_close(&client);
	peer->serial = NULL;
	assert_int_equal(try_open("hw:0102030405060708"), E_OK);
	client_close(&client);
	assert_int_equal(try_open("hw:01020304050607"), E_WRONG_UNIT);
	failure.err = E_OK;
	assert_int_equal(try_open("SIM00001"), E_WRONG_UNIT);
}

static bool
damages_second_request(bool to_host, unsigned n)
{
	return !to_host && n == 2;
}

static bool
damages_second_answer(bool to_host, unsigned n)
{
	return to_host && n == 2;
}

static void
a_lost_request_is_sent_again_as_it_was(void **state)
{
	(void)state;
	peer->damage = damages_second_request;
	open_client();
	assert_int_equal(noop(), E_OK);
	assert_int_equal(peer->nframes_in, 3);
	assert_int_equal(peer->nseen, 2);
}

static void
a_damaged_answer_is_asked_for_again(void **state)
{
	(void)state;
	peer->damage = damages_second_answer;
	open_client();
	assert_int_equal(noop(), E_OK);
	assert_int_equal(peer->nseen, 3);
	assert_int_equal(peer->seen[1].len, peer->seen[2].len);
	assert_memory_equal(
	    peer->seen[1].payload, peer->seen[2].payload, peer->seen[1].len);
}

static void
a_late_answer_is_not_taken_for_the_next_ones(void **state)
{
	(void)state;
	peer->late = 2;
	peer->late_ms = 700;
	open_client();
	assert_int_equal(noop(), E_OK); /* the late one, asked for twice */
	assert_int_equal(peer->nseen, 3);
	assert_int_equal(noop(), E_OK); /* first the second answer arrives */
	assert_int_equal(peer->nseen, 4);
}

static void
a_refusal_carries_its_status_and_detail(void **state)
{
	struct relay_moved result;

	(void)state;
	open_client();
	peer->status = ST_FLIPPED;
	assert_int_equal(move(&result), E_FLIPPED);
	assert_int_equal(failure.err, E_FLIPPED);
	assert_false(failure.outcome_unknown);
	failure = (struct failure){ .err = E_OK };
	peer->status = 98; /* none of this version's */
	assert_int_equal(move(&result), E_PROTOCOL);
	assert_non_null(strstr(failure.what, "98"));
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

static void
a_change_that_was_not_seen_is_sent_again_under_its_id(void **state)
{
	struct relay_moved result;

	(void)state;
	peer->damage = damages_second_request;
	open_client();
	assert_int_equal(move(&result), E_OK);
	assert_int_equal(peer->moves, 1);
	assert_int_equal(peer_count(peer, OP_OUTCOME), 1);
	assert_memory_equal(
	    peer->ids[0], client_change_id(client), CHANGE_ID_LEN);
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
	assert_int_equal(move(&(struct relay_moved){ .has = 0 }), E_IO);
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
	int err = E_IO;

	for (long cut = 0; err != E_OK; cut++) {
		struct relay_moved result;

		peer_teardown(state);
		peer_setup(state);
		open_client();
		peer->dead_from = peer->bytes + cut;
		err = move(&result);
		assert_no_lie(err);
		if (err != E_OK)
			assert_int_equal(
			    err, failure.outcome_unknown ? E_UNKNOWN : E_IO);
		told += err == E_IO;
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

			peer_teardown(state);
			peer_setup(state);
			open_client();
			peer->lost_from = peer->bytes + from;
			peer->lost_to = peer->lost_from + len;
			err = move(&result);
			assert_no_lie(err);
			assert_int_equal(err, E_OK);
		}
}

static void
a_trace_has_one_line_a_frame(void **state)
{
	char text[1024] = "";
	FILE *trace = fmemopen(text, sizeof(text), "w");
	struct client_options options = { .holder = "tester", .trace = trace };
	unsigned lines = 0;

	(void)state;
	assert_int_equal(
	    client_open(&client, &peer->link, &options, &failure), E_OK);
	assert_int_equal(noop(), E_OK);
	fclose(trace);
	assert_memory_equal(text, "0 > 8400", 8);
	for (const char *at = text; *at != '\0'; at++)
		lines += *at == '\n';
	assert_int_equal(lines, 4);
	assert_non_null(strstr(text, "\n1 < 8401"));
	assert_non_null(strstr(text, "01a0\n"));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, peer_setup, peer_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hello_says_who_is_there),
		TEST(a_call_is_one_request_with_the_next_number),
		TEST(a_silent_port_is_no_answer_and_the_link_is_closed),
		TEST(chatter_is_not_a_collar),
		TEST(chatter_before_the_answer_does_no_harm),
		TEST(an_echo_of_the_own_frames_is_dropped),
		TEST(an_answer_to_somebody_elses_hello_is_refused),
		TEST(a_serial_number_of_another_form_is_refused),
		TEST(a_collar_of_another_version_is_refused),
		TEST(
		    another_unit_than_the_one_meant_is_refused_before_anything_else),
		TEST(a_unit_is_meant_by_serial_or_by_hardware_id),
		TEST(a_lost_request_is_sent_again_as_it_was),
		TEST(a_damaged_answer_is_asked_for_again),
		TEST(a_late_answer_is_not_taken_for_the_next_ones),
		TEST(a_refusal_carries_its_status_and_detail),
		TEST(a_change_names_the_unit_the_id_and_the_holder),
		TEST(a_unit_without_serial_is_named_by_its_hardware_id),
		TEST(a_change_whose_answer_is_lost_is_asked_after_not_repeated),
		TEST(a_change_that_was_not_seen_is_sent_again_under_its_id),
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
		TEST(a_change_never_lies_when_the_cable_goes_at_any_byte),
		TEST(a_change_survives_any_stretch_of_lost_bytes),
		TEST(a_trace_has_one_line_a_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
