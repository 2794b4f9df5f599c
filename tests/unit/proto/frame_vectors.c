/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CRC and stuffing against published examples, frames against those of another
 * encoder; see tests/vectors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../proto/frame.h"
#include "../../support/vectors.h"

enum { LINE_MAX = FRAME_LINE_LEN(PAYLOAD_TO_HOST_MAX) };

struct receiver {
	struct frame_rx rx;
	uint8_t buf[PAYLOAD_TO_HOST_MAX + FRAME_CRC_LEN];
};

/* Feeds bytes; returns the length of the last payload that came of them. */
static size_t
feed(struct receiver *r, const struct bytes *bytes)
{
	size_t got = 0;

	for (size_t i = 0; i < bytes->len; i++) {
		size_t len =
		    frame_rx_byte(&r->rx, r->buf, sizeof(r->buf), bytes->at[i]);

		got = len > 0 ? len : got;
	}

	return got;
}

static void
the_crc_has_the_published_values(void **state)
{
	struct vectors vectors = vectors_open("tests/vectors/crc32c.txt");

	(void)state;
	while (vectors_next(&vectors)) {
		struct bytes data = bytes_of_hex(vectors.column[0]);
		uint32_t crc = (uint32_t)strtoul(vectors.column[1], NULL, 16);

		if (crc32c(0, data.at, data.len) != crc)
			fail_msg("crc32c.txt:%u", vectors.line);
		for (size_t cut = 0; cut <= data.len; cut++)
			assert_int_equal(crc32c(crc32c(0, data.at, cut),
					     data.at + cut, data.len - cut),
			    crc);
		bytes_free(&data);
	}
	assert_int_equal(vectors.count, 6);
}

/* All but the last piece stands in a frame as it is published: there the CRC
 * follows and makes that piece longer. */
static void
is_stuffed(const struct bytes *data, const struct bytes *stuffed)
{
	uint8_t line[LINE_MAX];
	size_t len = frame_encode(line, sizeof(line), data->at, data->len);
	size_t last = 0;

	while (last + stuffed->at[last] < stuffed->len)
		last += stuffed->at[last];
	assert_in_range(len, last + 2, sizeof(line));
	assert_memory_equal(line + 1, stuffed->at, last);
	assert_memory_equal(line + 1 + last + 1, stuffed->at + last + 1,
	    stuffed->len - last - 1);
}

static void
the_stuffing_is_that_of_the_published_examples(void **state)
{
	struct vectors vectors = vectors_open("tests/vectors/cobs.txt");

	(void)state;
	while (vectors_next(&vectors)) {
		struct bytes data = bytes_of_hex(vectors.column[0]);
		struct bytes stuffed = bytes_of_hex(vectors.column[1]);
		struct receiver r = { 0 };

		is_stuffed(&data, &stuffed);
		feed(&r, &stuffed); /* not closed: what it holds so far */
		assert_int_equal(r.rx.len, data.len);
		assert_memory_equal(r.buf, data.at, data.len);
		bytes_free(&stuffed);
		bytes_free(&data);
	}
	assert_int_equal(vectors.count, 12);
}

static void
is_written(const struct bytes *payload, const struct bytes *line)
{
	uint8_t ours[LINE_MAX];
	size_t len =
	    frame_encode(ours, sizeof(ours), payload->at, payload->len);

	assert_int_equal(len, line->len);
	assert_memory_equal(ours, line->at, len);
}

/* Whatever came before, a good frame is read afterwards. */
static void
next_is_read(struct receiver *r)
{
	static const uint8_t payload[] = { 0x84, 0x00, 0x08, 0x01, 0xa0 };
	uint8_t line[LINE_MAX];
	size_t len = frame_encode(line, sizeof(line), payload, sizeof(payload));
	struct bytes next = { line, len };

	assert_int_equal(feed(r, &next), sizeof(payload));
	assert_memory_equal(r->buf, payload, sizeof(payload));
}

static void
frames_are_written_and_read_as_another_encoder_does(void **state)
{
	struct vectors vectors = vectors_open("tests/vectors/frames.txt");

	(void)state;
	while (vectors_next(&vectors)) {
		struct bytes payload = bytes_of_hex(vectors.column[1]);
		struct bytes line = bytes_of_hex(vectors.column[2]);
		bool dropped = strcmp(vectors.column[0], "dropped") == 0;
		struct receiver r = { 0 };

		if (strcmp(vectors.column[0], "frame") == 0)
			is_written(&payload, &line);
		if (feed(&r, &line) != payload.len)
			fail_msg("frames.txt:%u: %s", vectors.line,
			    dropped ? "taken" : "dropped");
		assert_memory_equal(r.buf, payload.at, payload.len);
		assert_int_equal(r.rx.good, !dropped);
		assert_int_equal(r.rx.broken, dropped);
		next_is_read(&r);
		bytes_free(&line);
		bytes_free(&payload);
	}
	assert_in_range(vectors.count, 70, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_crc_has_the_published_values),
		cmocka_unit_test(
		    the_stuffing_is_that_of_the_published_examples),
		cmocka_unit_test(
		    frames_are_written_and_read_as_another_encoder_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
