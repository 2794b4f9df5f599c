/* SPDX-License-Identifier: BSD-2-Clause */
#include "../../../proto/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { LINE_MAX = FRAME_LINE_LEN(PAYLOAD_TO_HOST_MAX) };

struct receiver {
	struct frame_rx rx;
	uint8_t buf[PAYLOAD_TO_HOST_MAX + FRAME_CRC_LEN];
	size_t cap;
};

/* Feeds bytes; returns the length of the last payload that came of them. */
static size_t
feed(struct receiver *r, const uint8_t *bytes, size_t len)
{
	size_t got = 0;

	for (size_t i = 0; i < len; i++) {
		size_t payload = frame_rx_byte(&r->rx, r->buf,
		    r->cap > 0 ? r->cap : sizeof(r->buf), bytes[i]);

		got = payload > 0 ? payload : got;
	}

	return got;
}

static void
a_frame_is_what_the_document_says(void **state)
{
	/* CRC-32C of the nine digits: 83 92 06 e3 on the line */
	static const uint8_t expected[] = { 0x00, 0x0e, '1', '2', '3', '4', '5',
		'6', '7', '8', '9', 0x83, 0x92, 0x06, 0xe3, 0x00 };
	uint8_t line[LINE_MAX];

	(void)state;
	assert_int_equal(
	    frame_encode(line, sizeof(line), (const uint8_t *)"123456789", 9),
	    sizeof(expected));
	assert_memory_equal(line, expected, sizeof(expected));
}

static void
zeros_become_codes(void **state)
{
	static const uint8_t payload[32] = { 0 };
	static const uint8_t tail[] = { 0x01, 0x05, 0xaa, 0x36, 0x91, 0x8a,
		0x00 };
	uint8_t line[LINE_MAX];
	size_t len = frame_encode(line, sizeof(line), payload, sizeof(payload));

	(void)state;
	assert_int_equal(len, 1 + 32 + 6);
	assert_int_equal(line[0], 0);
	for (size_t i = 1; i <= 32; i++)
		assert_int_equal(line[i], 1);
	assert_memory_equal(&line[32], tail, sizeof(tail));
}

/* Fills len bytes so that no byte of them or of their CRC is zero. */
static void
fill_without_zero(uint8_t *payload, size_t len)
{
	uint32_t crc;
	uint8_t last = 0;

	memset(payload, 0x55, len);
	do {
		payload[len - 1] = ++last;
		crc = crc32c(0, payload, len);
	} while ((crc & 0xff) == 0 || (crc & 0xff00) == 0 ||
	    (crc & 0xff0000) == 0 || (crc & 0xff000000) == 0);
}

static void
runs_around_254_bytes_take_the_codes_of_cobs(void **state)
{
	/* bytes without zero, CRC included; codes at 1 and, if any, 256 */
	static const struct {
		size_t run;
		uint8_t first, second;
		size_t line_len;
	} rows[] = {
		{ 252, 0xfd, 0, 252 + 3 },
		{ 253, 0xfe, 0, 253 + 3 },
		{ 254, 0xff, 0, 254 + 3 },
		{ 255, 0xff, 2, 255 + 4 },
		{ 256, 0xff, 3, 256 + 4 },
		{ 508, 0xff, 0xff, 508 + 4 },
		{ 509, 0xff, 0xff, 509 + 5 },
	};
	uint8_t payload[600], line[LINE_MAX];
	struct receiver r = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = rows[i].run - FRAME_CRC_LEN, line_len;

		fill_without_zero(payload, len);
		line_len = frame_encode(line, sizeof(line), payload, len);
		assert_int_equal(line_len, rows[i].line_len);
		assert_int_equal(line[1], rows[i].first);
		if (rows[i].second > 0)
			assert_int_equal(line[256], rows[i].second);
		assert_int_equal(feed(&r, line, line_len), len);
		assert_memory_equal(r.buf, payload, len);
	}
	assert_int_equal(r.rx.broken, 0);
}

static void
every_length_comes_back_as_it_went(void **state)
{
	uint8_t payload[PAYLOAD_TO_HOST_MAX], line[LINE_MAX];
	struct receiver r = { 0 };
	uint32_t x = 1;

	(void)state;
	for (size_t len = 1; len <= sizeof(payload); len++) {
		size_t line_len;

		for (size_t i = 0; i < len; i++) {
			x = x * 1664525 + 1013904223;
			payload[i] = x >> 28 < 3 ? 0 : (uint8_t)(x >> 24);
		}
		line_len = frame_encode(line, sizeof(line), payload, len);
		assert_in_range(line_len, len + 7, FRAME_LINE_LEN(len));
		assert_null(memchr(line + 1, 0, line_len - 2));
		assert_int_equal(feed(&r, line, line_len), len);
		assert_memory_equal(r.buf, payload, len);
	}
	assert_int_equal(r.rx.good, sizeof(payload));
	assert_int_equal(r.rx.broken, 0);
}

static void
a_frame_is_written_whole_or_not_at_all(void **state)
{
	uint8_t payload[300], line[320];

	(void)state;
	fill_without_zero(payload, sizeof(payload));
	payload[100] = 0;
	for (size_t cap = 0; cap <= sizeof(line); cap++) {
		size_t len;

		memset(line, 0xa5, sizeof(line));
		len = frame_encode(line, cap, payload, sizeof(payload));
		assert_int_equal(len, cap >= 307 ? 307 : 0);
		for (size_t i = cap; i < sizeof(line); i++)
			assert_int_equal(line[i], 0xa5);
	}
}

static void
a_lone_zero_is_nothing(void **state)
{
	static const uint8_t zeros[5] = { 0 };
	struct receiver r = { 0 };

	(void)state;
	assert_int_equal(feed(&r, zeros, sizeof(zeros)), 0);
	assert_int_equal(r.rx.good, 0);
	assert_int_equal(r.rx.broken, 0);
}

static void
after_any_garbage_the_next_frame_is_read(void **state)
{
	static const uint8_t payload[] = { 0x84, 0x00, 0x07, 0x01, 0xa0 };
	uint8_t line[64], garbage[40];
	size_t len = frame_encode(line, sizeof(line), payload, sizeof(payload));
	uint32_t x = 7;

	(void)state;
	for (unsigned round = 0; round < 1000; round++) {
		struct receiver r = { 0 };

		for (size_t i = 0; i < sizeof(garbage); i++) {
			x = x * 1664525 + 1013904223;
			garbage[i] = (uint8_t)(x >> 24);
		}
		assert_int_equal(feed(&r, garbage, sizeof(garbage)), 0);
		assert_int_equal(feed(&r, line, len), sizeof(payload));
		assert_memory_equal(r.buf, payload, sizeof(payload));
		assert_int_equal(r.rx.good, 1);
	}
}

static void
a_frame_cut_short_does_not_harm_the_next(void **state)
{
	static const uint8_t payload[] = { 1, 0, 2, 0, 0, 3 };
	uint8_t line[64];
	size_t len = frame_encode(line, sizeof(line), payload, sizeof(payload));

	(void)state;
	for (size_t cut = 2; cut < len; cut++) {
		struct receiver r = { 0 };

		assert_int_equal(feed(&r, line, cut), 0);
		assert_int_equal(feed(&r, line, len), sizeof(payload));
		assert_memory_equal(r.buf, payload, sizeof(payload));
		/* all but the closing zero was there: the next one's closes */
		assert_int_equal(r.rx.good + r.rx.broken, 2);
	}
}

static void
no_change_of_one_bit_gets_through(void **state)
{
	static const uint8_t payload[] = { 0x84, 0, 0x1a, 0, 0x12, 0xff, 9, 0 };
	uint8_t line[64];
	size_t len = frame_encode(line, sizeof(line), payload, sizeof(payload));

	(void)state;
	for (size_t bit = 8; bit < 8 * (len - 1); bit++) {
		struct receiver r = { 0 };

		line[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(feed(&r, line, len), 0);
		assert_int_equal(r.rx.good, 0);
		assert_in_range(r.rx.broken, 1, 2);
		line[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void
what_is_too_long_is_dropped_and_counted_once(void **state)
{
	uint8_t payload[40], line[64];
	size_t len;
	struct receiver r = { .cap = 32 };

	(void)state;
	fill_without_zero(payload, sizeof(payload));
	len = frame_encode(line, sizeof(line), payload, 29);
	assert_int_equal(feed(&r, line, len), 0);
	assert_int_equal(r.rx.broken, 1);
	len = frame_encode(line, sizeof(line), payload, sizeof(payload));
	assert_int_equal(feed(&r, line, len), 0);
	assert_int_equal(r.rx.broken, 2);
	len = frame_encode(line, sizeof(line), payload, 28);
	assert_int_equal(feed(&r, line, len), 28);
	assert_memory_equal(r.buf, payload, 28);
	assert_int_equal(r.rx.good, 1);
}

static void
a_crc_without_payload_is_no_frame(void **state)
{
	static const uint8_t line[] = { 0, 1, 1, 1, 1, 1, 0 };
	struct receiver r = { 0 };

	(void)state;
	assert_int_equal(feed(&r, line, sizeof(line)), 0);
	assert_int_equal(r.rx.broken, 1);
}

static void
a_run_may_also_end_in_a_code_of_one(void **state)
{
	/* as encoders write it that close a full run at once */
	uint8_t payload[250], line[LINE_MAX];
	size_t len;
	struct receiver r = { 0 };

	(void)state;
	fill_without_zero(payload, sizeof(payload));
	len = frame_encode(line, sizeof(line), payload, sizeof(payload));
	assert_int_equal(line[1], 0xff);
	line[len - 1] = 0x01;
	line[len++] = 0x00;
	assert_int_equal(feed(&r, line, len), sizeof(payload));
	assert_memory_equal(r.buf, payload, sizeof(payload));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_what_the_document_says),
		cmocka_unit_test(zeros_become_codes),
		cmocka_unit_test(runs_around_254_bytes_take_the_codes_of_cobs),
		cmocka_unit_test(every_length_comes_back_as_it_went),
		cmocka_unit_test(a_frame_is_written_whole_or_not_at_all),
		cmocka_unit_test(a_lone_zero_is_nothing),
		cmocka_unit_test(after_any_garbage_the_next_frame_is_read),
		cmocka_unit_test(a_frame_cut_short_does_not_harm_the_next),
		cmocka_unit_test(no_change_of_one_bit_gets_through),
		cmocka_unit_test(what_is_too_long_is_dropped_and_counted_once),
		cmocka_unit_test(a_crc_without_payload_is_no_frame),
		cmocka_unit_test(a_run_may_also_end_in_a_code_of_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
