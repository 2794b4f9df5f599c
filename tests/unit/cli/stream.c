/* SPDX-License-Identifier: BSD-2-Clause */

/* Logs streamed over a line that fails in every way. */

#include "../../../cli/client/client.h"
#include "../../support/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { STOP_VALUE = -4711 };

struct got {
	uint32_t next;  /* the least index that may come now */
	uint32_t count; /* parts so far */
	uint32_t stop_at;
};

static struct peer *peer;
static struct client *client;
static struct failure failure;
static struct log_done done;
static struct got got;
static uint32_t noise; /* state of the line's noise */
static unsigned noise_percent;

static int
peer_setup(void **state)
{
	struct client_options options = { .holder = "tester" };

	(void)state;
	peer = peer_new();
	peer->oldest = 100;
	peer->newest = 299;
	failure = (struct failure){ .err = E_OK };
	got = (struct got){ .stop_at = UINT32_MAX };

	return client_open(&client, &peer->link, &options, &failure);
}

static int
peer_teardown(void **state)
{
	(void)state;
	client_close(&client);
	free(peer);

	return 0;
}

static int
take(void *ctx, uint32_t index, const uint8_t *bytes, size_t len)
{
	struct got *g = ctx;
	uint8_t expected[PEER_PART_LEN];

	assert_true(index >= g->next); /* ascending, none twice */
	memset(expected, (int)(index & 0xff), sizeof(expected));
	memcpy(expected, &index, sizeof(index));
	assert_int_equal(len, sizeof(expected));
	assert_memory_equal(bytes, expected, len);
	g->next = index + 1;
	g->count++;

	return index == g->stop_at ? STOP_VALUE : E_OK;
}

static int
stream(uint32_t first, uint32_t last)
{
	struct log_read range = {
		.log_id.len = LOG_ID_LEN, .first = first, .last = last
	};

	return client_stream(
	    client, OP_DATA_READ, &range, take, &got, &done, &failure);
}

static void
assert_whole(uint32_t first, uint32_t last)
{
	assert_int_equal(stream(first, last), E_OK);
	assert_int_equal(got.count, last - first + 1);
	assert_int_equal(got.next, last + 1);
	assert_int_equal(done.lost.count, 0);
}

static unsigned
credits_seen(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < peer->nseen && i < PEER_FRAMES; i++)
		count += peer->seen[i].env.direction == DIR_CREDIT;

	return count;
}

static void
a_clean_line_never_idles(void **state)
{
	uint64_t before_ms = peer->now_ms;

	(void)state;
	assert_whole(100, 299);
	assert_true(peer->now_ms - before_ms < 250);
	assert_int_equal(done.oldest, 100);
	assert_true(credits_seen() <= 200 / 8);
}

static void
a_single_entry_needs_no_credit(void **state)
{
	(void)state;
	assert_whole(299, 299);
	assert_int_equal(credits_seen(), 0);
}

static void
the_highest_indices_do_not_wrap(void **state)
{
	struct log_read range = { .log_id.len = LOG_ID_LEN,
		.first = UINT32_MAX - 40,
		.last = UINT32_MAX - 1 };

	(void)state;
	assert_int_equal(client_stream(client, OP_DATA_READ, &range, take, &got,
			     &done, &failure),
	    E_OK);
	assert_int_equal(got.count, 40);
}

static void
on_half_duplex_credit_waits_for_the_silence(void **state)
{
	(void)state;
	peer->link.baud = 9600;
	peer->link.half_duplex = true;
	assert_whole(100, 179);
	assert_int_equal(credits_seen(), 80 / 8 - 1);
}

static bool
damages_every_fifth_part(bool to_host, unsigned n)
{
	return to_host && n % 5 == 0;
}

static bool
damages_every_second_credit(bool to_host, unsigned n)
{
	return !to_host && n > 2 && n % 2 == 1;
}

static bool
damages_the_request(bool to_host, unsigned n)
{
	return !to_host && n == 2;
}

static bool
damages_the_closing(bool to_host, unsigned n)
{
	return to_host && n == 12; /* hello, ten parts, closing */
}

static bool
damages_the_last_part(bool to_host, unsigned n)
{
	return to_host && n == 11;
}

static bool
damages_a_run_of_parts(bool to_host, unsigned n)
{
	return to_host && n >= 4 && n < 50;
}

static void
say_part(uint32_t seq, uint32_t index)
{
	static const uint8_t bytes[PEER_PART_LEN] = { 0xff };
	uint8_t payload[PAYLOAD_FIRST_MAX];
	struct cbor_out out = cbor_writer(payload, sizeof(payload));

	envelope_begin(&out, DIR_PART, seq, index, false);
	cbor_put_bytes(&out, bytes, sizeof(bytes));
	peer_send(peer, payload, cbor_len(&out, payload));
}

/* Those of a stream before, and those beyond the credit, whose slots are the
 * ones of entries to come. */
static void
parts_that_were_not_asked_for_are_dropped(void **state)
{
	uint32_t seq = peer->seen[0].env.seq + 1;

	(void)state;
	say_part(seq - 1, 100);
	for (uint32_t index = 132; index < 164; index++)
		say_part(seq, index);
	assert_whole(100, 299);
}

static void
lost_parts_are_repeated_and_come_in_order(void **state)
{
	(void)state;
	peer->damage = damages_every_fifth_part;
	assert_whole(100, 299);
}

static void
a_lost_credit_costs_time_only(void **state)
{
	(void)state;
	peer->link.baud = 115200;
	peer->damage = damages_every_second_credit;
	assert_whole(100, 299);
}

static void
a_lost_request_is_repeated(void **state)
{
	(void)state;
	peer->damage = damages_the_request;
	assert_whole(100, 120);
}

static void
a_lost_closing_is_asked_for_again(void **state)
{
	(void)state;
	peer->damage = damages_the_closing;
	assert_whole(100, 109);
	assert_int_equal(done.oldest, 100);
}

static void
the_last_part_is_repeated_too(void **state)
{
	(void)state;
	peer->damage = damages_the_last_part;
	assert_whole(100, 109);
}

static void
a_long_run_of_lost_parts_is_repaired(void **state)
{
	(void)state;
	peer->damage = damages_a_run_of_parts;
	assert_whole(100, 299);
}

static void
entries_that_the_unit_lost_are_told(void **state)
{
	(void)state;
	peer->gone_first = 150;
	peer->gone_last = 152;
	assert_int_equal(stream(100, 299), E_OK);
	assert_int_equal(got.count, 197);
	assert_int_equal(got.next, 300);
	assert_int_equal(done.lost.count, 1);
	assert_int_equal(done.lost.at[0].first, 150);
	assert_int_equal(done.lost.at[0].last, 152);
}

static void
entries_overwritten_before_they_were_sent_are_told(void **state)
{
	(void)state;
	assert_int_equal(stream(0, 299), E_OK);
	assert_int_equal(got.count, 200);
	assert_int_equal(done.oldest, 100);
	assert_true(done.lost.count >= 1);
	assert_int_equal(done.lost.at[0].first, 0);
	assert_int_equal(done.lost.at[done.lost.count - 1].last, 99);
}

static void
a_log_that_is_all_gone_ends_at_once(void **state)
{
	(void)state;
	assert_int_equal(stream(10, 19), E_OK);
	assert_int_equal(got.count, 0);
	assert_int_equal(done.lost.count, 1);
	assert_int_equal(done.lost.at[0].first, 10);
	assert_int_equal(done.lost.at[0].last, 19);
}

/* It once went through them one by one, for as long as that took. */
static void
four_billion_lost_entries_are_told_at_once(void **state)
{
	clock_t before = clock();

	(void)state;
	peer->empty = true;
	assert_int_equal(stream(0, UINT32_MAX - 1), E_OK);
	assert_int_equal(got.count, 0);
	assert_int_equal(done.lost.at[0].last, UINT32_MAX - 1);
	assert_true(clock() - before < 2 * CLOCKS_PER_SEC);
}

static void
a_receiver_that_has_enough_ends_the_stream(void **state)
{
	struct nothing args = { .has = 0 }, result;

	(void)state;
	got.stop_at = 130;
	assert_int_equal(stream(100, 299), STOP_VALUE);
	assert_int_equal(got.count, 31);
	assert_int_equal(
	    client_call(client, OP_NOOP, &args, &result, &failure), E_OK);
}

static void
a_refusal_ends_the_stream(void **state)
{
	struct log_read range = { .log_id.len = LOG_ID_LEN, .last = 9 };

	(void)state;
	assert_int_equal(client_stream(client, OP_EVENTS_READ, &range, take,
			     &got, &done, &failure),
	    E_UNSUPPORTED);
	assert_int_equal(failure.err, E_UNSUPPORTED);
	assert_int_equal(got.count, 0);
}

static void
a_collar_that_falls_silent_is_given_up(void **state)
{
	uint64_t before_ms = peer->now_ms;

	(void)state;
	peer->deaf = true;
	assert_int_equal(stream(100, 299), E_NO_ANSWER);
	assert_true(peer->now_ms - before_ms < 15000);
}

/* It once made the host listen for ever. */
static void
a_collar_that_repeats_one_part_is_given_up(void **state)
{
	uint64_t before_ms = peer->now_ms;

	(void)state;
	peer->stutters = true;
	assert_int_equal(stream(100, 299), E_NO_ANSWER);
	assert_int_equal(got.count, 1);
	assert_true(peer->now_ms - before_ms < 15000);
}

static void
a_cable_that_goes_at_any_byte_leaves_a_sound_beginning(void **state)
{
	int err = E_NO_ANSWER;

	for (long cut = 0; err == E_NO_ANSWER; cut += 7) {
		peer_teardown(state);
		assert_int_equal(peer_setup(state), 0);
		peer->dead_from = peer->bytes + cut;
		err = stream(100, 139);
		assert_int_equal(
		    err, got.count < 40 || err != E_OK ? E_NO_ANSWER : E_OK);
		assert_int_equal(
		    got.next, got.count == 0 ? 0 : 100 + got.count);
		assert_true(cut < 5000);
	}
	assert_int_equal(got.count, 40);
}

static bool
damages_at_random(bool to_host, unsigned n)
{
	(void)to_host;
	(void)n;
	noise = noise * 1664525 + 1013904223;

	return (noise >> 16) % 100 < noise_percent;
}

static void
noise_never_changes_what_arrives(void **state)
{
	for (uint32_t seed = 1; seed <= 300; seed++) {
		int err;

		peer_teardown(state);
		assert_int_equal(peer_setup(state), 0);
		noise = seed;
		noise_percent = seed % 15;
		peer->damage = damages_at_random;
		peer->link.baud = seed % 2 == 0 ? 0 : 115200;
		err = stream(100, 199);
		assert_int_equal(err, E_OK);
		assert_int_equal(got.count, 100);
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, peer_setup, peer_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_clean_line_never_idles),
		TEST(a_single_entry_needs_no_credit),
		TEST(the_highest_indices_do_not_wrap),
		TEST(on_half_duplex_credit_waits_for_the_silence),
		TEST(parts_that_were_not_asked_for_are_dropped),
		TEST(lost_parts_are_repeated_and_come_in_order),
		TEST(a_lost_credit_costs_time_only),
		TEST(a_lost_request_is_repeated),
		TEST(a_lost_closing_is_asked_for_again),
		TEST(the_last_part_is_repeated_too),
		TEST(a_long_run_of_lost_parts_is_repaired),
		TEST(entries_that_the_unit_lost_are_told),
		TEST(entries_overwritten_before_they_were_sent_are_told),
		TEST(a_log_that_is_all_gone_ends_at_once),
		TEST(four_billion_lost_entries_are_told_at_once),
		TEST(a_receiver_that_has_enough_ends_the_stream),
		TEST(a_refusal_ends_the_stream),
		TEST(a_collar_that_falls_silent_is_given_up),
		TEST(a_collar_that_repeats_one_part_is_given_up),
		TEST(a_cable_that_goes_at_any_byte_leaves_a_sound_beginning),
		TEST(noise_never_changes_what_arrives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
