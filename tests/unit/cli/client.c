/* SPDX-License-Identifier: BSD-2-Clause */

/* Hello and calls over a line that fails in every way. */

#include "../../support/caller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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
	peer_say(peer, login, sizeof(login) - 1);
	peer->queue[1].at_ms = peer->now_ms + 2500; /* after the last hello */
	assert_int_equal(try_open(NULL), E_PROTOCOL);
}

/* A fault: a cable that went within the first answer was called another
 * device. */
static void
an_answer_that_breaks_off_is_no_answer(void **state)
{
	static const uint8_t begin[] = { 0x00, 0x16, 0x84, 0x01, 0x1a };

	(void)state;
	peer->deaf = true;
	peer_say(peer, begin, sizeof(begin));
	assert_int_equal(try_open(NULL), E_NO_ANSWER);
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

/* The client sent back whatever id it had been given, as no collar takes it. */
static void
an_id_of_another_form_is_not_sent_back(void **state)
{
	static const struct log_read none = { .log_id.len = LOG_ID_LEN - 1,
		.has = 1U << LOG_READ_LOG_ID };
	struct log_done done;
	unsigned seen;

	(void)state;
	open_client();
	seen = peer->nseen;
	assert_int_equal(client_stream(client, OP_EVENTS_READ, &none, NULL,
			     NULL, &done, &failure),
	    E_PROTOCOL);
	assert_int_equal(peer->nseen, seen);
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

/* Refuses noop, which is asked next, in an answer with this tail. */
static void
say_refusal(const uint8_t *tail, size_t len, bool tagged)
{
	uint8_t payload[PAYLOAD_FIRST_MAX];
	struct cbor_out out = cbor_writer(payload, sizeof(payload));
	size_t head;

	envelope_begin(&out, DIR_RESPONSE, peer->seen[0].env.seq + 1,
	    ST_MALFORMED, tagged);
	head = cbor_len(&out, payload);
	memcpy(payload + head, tail, len);
	peer_send(peer, payload, head + len);
}

static void
an_answer_with_a_tag_or_of_loose_form_is_dropped(void **state)
{
	static const uint8_t tag[] = { 0xa0, 0x48, 1, 2, 3, 4, 5, 6, 7, 8 };
	static const uint8_t twice[] = { 0xa2, 0x01, 0x00, 0x01, 0x00 };

	(void)state;
	open_client();
	say_refusal(tag, sizeof(tag), true);
	say_refusal(twice, sizeof(twice), false);
	assert_int_equal(noop(), E_OK);
}

static void
answers_to_others_without_end_are_given_up(void **state)
{
	static const uint8_t foreign[] = { 0x84, 0x01, 0x00, 0x00, 0xa0 };
	uint64_t begin_ms;

	(void)state;
	open_client();
	begin_ms = peer->now_ms;
	peer->deaf = true;
	for (size_t i = 0; i < 120; i++) { /* for 18 s */
		peer_send(peer, foreign, sizeof(foreign));
		peer->queue[(peer->head + i) % PEER_FRAMES].at_ms =
		    begin_ms + 150 * i;
	}
	assert_int_equal(noop(), E_NO_ANSWER);
	assert_true(peer->now_ms - begin_ms < 16000);
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
	assert_int_equal(move(&result), E_UNKNOWN);
	assert_non_null(strstr(failure.what, "98"));
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
	cmocka_unit_test_setup_teardown(name, caller_setup, caller_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hello_says_who_is_there),
		TEST(a_call_is_one_request_with_the_next_number),
		TEST(a_silent_port_is_no_answer_and_the_link_is_closed),
		TEST(chatter_is_not_a_collar),
		TEST(an_answer_that_breaks_off_is_no_answer),
		TEST(chatter_before_the_answer_does_no_harm),
		TEST(an_echo_of_the_own_frames_is_dropped),
		TEST(an_answer_to_somebody_elses_hello_is_refused),
		TEST(a_serial_number_of_another_form_is_refused),
		TEST(an_id_of_another_form_is_not_sent_back),
		TEST(a_collar_of_another_version_is_refused),
		TEST(
		    another_unit_than_the_one_meant_is_refused_before_anything_else),
		TEST(a_unit_is_meant_by_serial_or_by_hardware_id),
		TEST(a_lost_request_is_sent_again_as_it_was),
		TEST(a_damaged_answer_is_asked_for_again),
		TEST(a_late_answer_is_not_taken_for_the_next_ones),
		TEST(an_answer_with_a_tag_or_of_loose_form_is_dropped),
		TEST(answers_to_others_without_end_are_given_up),
		TEST(a_refusal_carries_its_status_and_detail),
		TEST(a_trace_has_one_line_a_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
