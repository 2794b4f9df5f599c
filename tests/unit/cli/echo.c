/* SPDX-License-Identifier: BSD-2-Clause */

/* The echo of a probe: recognised whole and damaged, never an answer. */

#include "../../../cli/link/echo.h"
#include "../../../proto/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { FRAME_CAP = 600, LINE_CAP = 2048 };

struct bytes {
	uint8_t at[LINE_CAP];
	size_t len;
};

static void
add(struct bytes *to, const struct bytes *from)
{
	memcpy(to->at + to->len, from->at, from->len);
	to->len += from->len;
}

static struct bytes
framed(const uint8_t *payload, size_t len)
{
	struct bytes frame;

	frame.len = frame_encode(frame.at, sizeof(frame.at), payload, len);

	return frame;
}

/* noop under a seq of five bytes, its answer, and a status's. */
static const uint8_t noop[] = { 0x84, 0, 0x1a, 1, 2, 3, 4, 1, 0xa0 };
static const uint8_t answer[] = { 0x84, 1, 0x1a, 1, 2, 3, 4, 0, 0xa0 };

static void
say(struct echo *echo, const struct bytes *frame)
{
	echo_begin(echo);
	echo_sent(echo, frame->at, frame->len);
}

/* What is left of what arrives, in chunks of so many bytes, without its zeros:
 * they mean nothing, and may come or not. */
static struct bytes
heard(struct echo *echo, const struct bytes *line, size_t chunk)
{
	uint8_t out[LINE_CAP + ECHO_HELD_MAX];
	struct bytes left = { .len = 0 };

	for (size_t at = 0; at < line->len; at += chunk) {
		size_t len = line->len - at < chunk ? line->len - at : chunk;
		size_t n = echo_remove(echo, line->at + at, len, out);

		assert_true(n <= len + ECHO_HELD_MAX);
		for (size_t i = 0; i < n; i++)
			if (out[i] != 0)
				left.at[left.len++] = out[i];
	}

	return left;
}

static void
assert_only(const struct bytes *left, const struct bytes *frame)
{
	struct bytes wanted = { .len = 0 };

	for (size_t i = 0; i < frame->len; i++)
		if (frame->at[i] != 0)
			wanted.at[wanted.len++] = frame->at[i];
	assert_int_equal(left->len, wanted.len);
	assert_memory_equal(left->at, wanted.at, wanted.len);
}

/* The echo as `edited` it arrives, then the answer: only that is left, in
 * whatever pieces it comes. */
static void
assert_removed(const struct bytes *sent, const struct bytes *edited)
{
	static const size_t chunks[] = { 1, 5, LINE_CAP };
	struct bytes reply = framed(answer, sizeof(answer)), line = *edited;

	add(&line, &reply);
	for (size_t i = 0; i < sizeof(chunks) / sizeof(*chunks); i++) {
		struct echo echo = { .due = false };
		struct bytes left;

		say(&echo, sent);
		left = heard(&echo, &line, chunks[i]);
		assert_only(&left, &reply);
	}
}

static void
a_whole_echo_goes_and_the_answer_stays(void **state)
{
	struct bytes sent = framed(noop, sizeof(noop)), line = sent;
	struct bytes reply = framed(answer, sizeof(answer)), left;
	struct echo echo = { .due = false };

	(void)state;
	assert_removed(&sent, &sent);
	add(&line, &reply);
	for (unsigned turn = 1; turn < 4; turn++) {
		say(&echo, &sent);
		left = heard(&echo, &line, 7);
		assert_only(&left, &reply);
		assert_false(echo.due);
		assert_int_equal(echo.turns, turn);
		assert_int_equal(echo.whole, turn);
		assert_int_equal(echo.damaged, 0);
	}
}

static void
without_an_echo_the_answer_stays(void **state)
{
	struct bytes sent = framed(noop, sizeof(noop));
	struct bytes reply = framed(answer, sizeof(answer));
	struct echo echo = { .due = false };
	struct bytes left;

	(void)state;
	say(&echo, &sent);
	left = heard(&echo, &reply, 3);
	assert_only(&left, &reply);
	assert_int_equal(echo.turns, 1);
	assert_int_equal(echo.whole + echo.damaged, 0);
	left = heard(&echo, &sent, 3); /* not due any more */
	assert_only(&left, &sent);
}

/* Every byte changed into every other, lost, or with every byte behind it. */
static void
any_one_byte_changed_lost_or_added_leaves_it_an_echo(void **state)
{
	struct bytes sent = framed(noop, sizeof(noop)), edited;

	(void)state;
	for (size_t at = 0; at < sent.len; at++) {
		edited = sent;
		memmove(edited.at + at, edited.at + at + 1, --edited.len - at);
		assert_removed(&sent, &edited);
		for (unsigned byte = 0; byte < 256; byte++) {
			edited = sent;
			edited.at[at] = (uint8_t)byte;
			assert_removed(&sent, &edited);
			memmove(
			    edited.at + at + 1, sent.at + at, sent.len - at);
			edited.len++;
			assert_removed(&sent, &edited);
		}
	}
}

/* Two changes at once, of every pair of bytes between its zeros. */
static void
any_two_bytes_changed_or_lost_leave_it_an_echo(void **state)
{
	struct bytes sent = framed(noop, sizeof(noop)), edited;

	(void)state;
	for (size_t a = 1; a + 1 < sent.len; a++)
		for (size_t b = a + 1; b + 1 < sent.len; b++) {
			edited = sent;
			edited.at[a] ^= 0x55;
			edited.at[b] ^= 0xaa;
			if (edited.at[a] == 0 || edited.at[b] == 0)
				continue;
			assert_removed(&sent, &edited);
			memmove(
			    edited.at + b, edited.at + b + 1, --edited.len - b);
			assert_removed(&sent, &edited);
		}
}

static void
a_damaged_echo_is_counted(void **state)
{
	struct bytes sent = framed(noop, sizeof(noop)), line = sent;
	struct bytes reply = framed(answer, sizeof(answer));
	struct echo echo = { .due = false };

	(void)state;
	line.at[5] ^= 3;
	add(&line, &reply);
	say(&echo, &sent);
	heard(&echo, &line, 1);
	assert_int_equal(echo.turns, 1);
	assert_int_equal(echo.whole, 0);
	assert_int_equal(echo.damaged, 1);
}

/* An echo that a zero has cut, once at every place, is still one. */
static void
pieces_of_an_echo_are_echo(void **state)
{
	uint8_t padded[300] = { 0x84, 0, 0x1a, 9, 9, 9, 9, 0x18, 0x71 };
	struct bytes sent, edited;

	(void)state;
	for (size_t i = 9; i < sizeof(padded); i++)
		padded[i] = (uint8_t)(i * 157);
	sent = framed(padded, sizeof(padded));
	for (size_t at = 1; at + 1 < sent.len; at++) {
		edited = sent;
		edited.at[at] = 0;
		assert_removed(&sent, &edited);
	}
}

/* Padding both ways, of the same length: what is like the request most. */
static void
the_answer_to_a_check_is_no_echo(void **state)
{
	uint8_t asked[230] = { 0x84, 0, 0x1a, 1, 2, 3, 4, 0x18, 0x71, 0xa2, 1,
		0x58, 200 };
	uint8_t told[230] = { 0x84, 1, 0x1a, 1, 2, 3, 4, 0, 0xa1, 1, 0x59, 4,
		0 };
	uint8_t longer[1040] = { 0x84, 1, 0x1a, 1, 2, 3, 4, 0, 0xa1, 1, 0x59, 4,
		0 };
	struct bytes sent, reply, left;
	struct echo echo = { .due = false };

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		asked[13 + i] = (uint8_t)(i * 157);
		told[13 + i] = (uint8_t)(i * 31 + 7);
	}
	for (size_t i = 0; i < 1024; i++)
		longer[13 + i] = (uint8_t)(i * 157);
	sent = framed(asked, sizeof(asked));
	reply = framed(told, sizeof(told));
	say(&echo, &sent);
	left = heard(&echo, &reply, 16);
	assert_only(&left, &reply);
	reply = framed(longer, sizeof(longer));
	say(&echo, &sent);
	left = heard(&echo, &reply, 16);
	assert_only(&left, &reply);
}

/* Something long is passed on as it comes, and not when it is complete. */
static void
what_is_longer_than_the_echo_is_not_held(void **state)
{
	struct bytes sent = framed(noop, sizeof(noop)), line = { .len = 40 };
	struct echo echo = { .due = false };
	struct bytes left;

	(void)state;
	memset(line.at, 7, line.len);
	say(&echo, &sent);
	left = heard(&echo, &line, 1);
	assert_int_equal(left.len, line.len);
	assert_int_equal(echo.held_len, 0);
}

static void
what_is_held_is_released_in_silence(void **state)
{
	struct bytes sent = framed(noop, sizeof(noop));
	struct echo echo = { .due = false };
	uint8_t out[LINE_CAP];

	(void)state;
	say(&echo, &sent);
	assert_int_equal(echo_remove(&echo, sent.at + 1, 9, out), 0);
	assert_int_equal(echo_release(&echo, out), 9);
	assert_memory_equal(out, sent.at + 1, 9);
	assert_int_equal(echo_release(&echo, out), 0);
}

static void
a_turn_longer_than_is_remembered_is_cut(void **state)
{
	static uint8_t many[ECHO_SENT_MAX + 100];
	struct bytes reply = framed(answer, sizeof(answer)), left;
	struct echo echo = { .due = false };

	(void)state;
	memset(many, 0x77, sizeof(many));
	echo_begin(&echo);
	echo_sent(&echo, many, sizeof(many));
	assert_int_equal(echo.sent_len, ECHO_SENT_MAX);
	left = heard(&echo, &reply, 1);
	assert_only(&left, &reply);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_echo_goes_and_the_answer_stays),
		cmocka_unit_test(without_an_echo_the_answer_stays),
		cmocka_unit_test(
		    any_one_byte_changed_lost_or_added_leaves_it_an_echo),
		cmocka_unit_test(
		    any_two_bytes_changed_or_lost_leave_it_an_echo),
		cmocka_unit_test(a_damaged_echo_is_counted),
		cmocka_unit_test(pieces_of_an_echo_are_echo),
		cmocka_unit_test(the_answer_to_a_check_is_no_echo),
		cmocka_unit_test(what_is_longer_than_the_echo_is_not_held),
		cmocka_unit_test(what_is_held_is_released_in_silence),
		cmocka_unit_test(a_turn_longer_than_is_remembered_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
