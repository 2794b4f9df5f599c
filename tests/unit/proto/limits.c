/* SPDX-License-Identifier: BSD-2-Clause */

/* Fields, blocks and frames beyond what a message could hold. */

#include "../../../proto/frame.h"
#include "../../../proto/interval.h"
#include "../../../proto/log.h"
#include "../../../proto/ops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct several {
	uint64_t has;
	struct texts texts;
	struct ranges ranges;
	char text[17];
	int8_t named;
};

static const char *const names[] = { "zero", "one", NULL };

#define ROW(member, key, min, max, show, names) \
	FIELD_ROW(struct several, member, #member, key, OPTIONAL, min, max, \
	    RULE_NONE, ROLE_NOBODY, show, names, "", "")

static const struct field texts_row = ROW(texts, 1, 0, 16, SHOW_PLAIN, NULL);
static const struct field ranges_row = ROW(ranges, 2, 0, 8, SHOW_PLAIN, NULL);
static const struct field text_row = ROW(text, 3, 2, 8, SHOW_PLAIN, NULL);
static const struct field named_row = ROW(named, 4, -9, 9, SHOW_NAME, names);

static struct several
all(void)
{
	return (struct several){ .has = 0x1e };
}

static void
assert_text(const struct field *field, const void *body, const char *want)
{
	char text[200];

	assert_int_equal(
	    field_text(field, body, text, sizeof(text)), strlen(want));
	assert_string_equal(text, want);
}

static void
a_text_is_as_long_as_its_row_allows(void **state)
{
	struct several body = all();

	(void)state;
	memcpy(body.text, "12345678", 9);
	assert_int_equal(field_check(&text_row, &body), E_OK);
	memcpy(body.text, "123456789", 10);
	assert_int_equal(field_check(&text_row, &body), E_BAD_VALUE);
	memcpy(body.text, "1", 2);
	assert_int_equal(field_check(&text_row, &body), E_BAD_VALUE);
}

static void
a_list_longer_than_its_room_is_refused(void **state)
{
	struct several body = all();

	(void)state;
	body.texts.count = TEXTS_MAX;
	body.ranges.count = RANGES_MAX;
	assert_int_equal(field_check(&texts_row, &body), E_OK);
	assert_int_equal(field_check(&ranges_row, &body), E_OK);
	body.texts.count++;
	body.ranges.count++;
	assert_int_equal(field_check(&texts_row, &body), E_BAD_VALUE);
	assert_int_equal(field_check(&ranges_row, &body), E_BAD_VALUE);
}

static void
a_range_that_falls_is_refused(void **state)
{
	struct several body = all();

	(void)state;
	body.ranges = (struct ranges){ 1, { { 5, 5 } } };
	assert_int_equal(field_check(&ranges_row, &body), E_OK);
	body.ranges.at[0].last = 4;
	assert_int_equal(field_check(&ranges_row, &body), E_BAD_VALUE);
}

static void
of_a_list_longer_than_its_room_only_that_is_looked_at(void **state)
{
	struct several body = all(), other;

	(void)state;
	body.texts.count = TEXTS_MAX + 1;
	body.ranges.count = RANGES_MAX + 1;
	for (unsigned i = 0; i < TEXTS_MAX; i++)
		memcpy(body.texts.at[i], "t", 2);
	other = body;
	assert_true(field_equal(&texts_row, &body, &other));
	assert_text(&texts_row, &body, "t,t,t,t,t,t,t,t");
	assert_text(&ranges_row, &body, "0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0");
}

static void
texts_of_two_lengths_differ(void **state)
{
	struct several body = all(), other = all();

	(void)state;
	memcpy(body.text, "ab", 3);
	memcpy(other.text, "abc", 4);
	assert_false(field_equal(&text_row, &body, &other));
	body.texts = (struct texts){ 1, { "ab" } };
	other.texts = (struct texts){ 1, { "abc" } };
	assert_false(field_equal(&texts_row, &body, &other));
}

static void
a_number_below_all_names_is_shown_as_it_is(void **state)
{
	struct several body = all();

	(void)state;
	assert_text(&named_row, &body, "zero");
	body.named = 2;
	assert_text(&named_row, &body, "2");
	body.named = -1;
	assert_text(&named_row, &body, "-1");
}

static void
bytes_and_a_no_are_shown(void **state)
{
	struct outcome outcome = { .result = { 2, { 0xa0, 0x0f } } };
	struct clock_state clock = { .trusted = false };

	(void)state;
	HAVE(&outcome, OUTCOME_RESULT);
	HAVE(&clock, CLOCK_TRUSTED);
	assert_text(
	    message_field(&msg_outcome, OUTCOME_RESULT), &outcome, "a00f");
	assert_text(
	    message_field(&msg_clock_state, CLOCK_TRUSTED), &clock, "false");
}

static void
a_character_is_shown_whole_or_not_at_all(void **state)
{
	struct several body = all();
	char text[4];

	(void)state;
	memcpy(body.text, "\xc3\xb1", 3);
	assert_int_equal(field_text(&text_row, &body, text, 2), 0);
	assert_string_equal(text, "");
	assert_int_equal(field_text(&text_row, &body, text, 3), 2);
	assert_string_equal(text, "\xc3\xb1");
}

/* U+0085 is a control, U+00A0 and what follows is not. */
static void
what_follows_the_controls_of_latin_1_can_be_printed(void **state)
{
	struct unit_record record = { .city = "21 \xc2\xb0" };
	const struct field *city = message_field(&msg_record, RECORD_CITY);

	(void)state;
	assert_int_equal(field_check(city, &record), E_OK);
	memcpy(record.city, "21 \xc2\x85", 6);
	assert_int_equal(field_check(city, &record), E_BAD_VALUE);
}

static void
a_block_with_a_broken_header_is_refused(void **state)
{
	struct block_header header = { .format = BLOCK_FORMAT_PLAIN,
		.sample_minutes = 15 };
	struct interval records[BLOCK_RECORDS_MAX];
	uint8_t bytes[BLOCK_HEADER_LEN];

	(void)state;
	block_header_encode(&header, bytes);
	assert_int_equal(
	    block_decode(&header, records, bytes, sizeof(bytes)), 0);
	bytes[4] ^= 1;
	assert_int_equal(
	    block_decode(&header, records, bytes, sizeof(bytes)), E_BAD_DATA);
}

static void
no_reactive_power_beyond_its_most_is_decoded(void **state)
{
	static const struct interval zero = { .at = 1 };
	struct interval record;
	uint8_t bytes[RECORD_LEN];
	uint32_t crc;

	(void)state;
	interval_encode(&zero, bytes);
	assert_true(interval_decode(&record, bytes));
	memcpy(bytes + 12, "\x00\x00\x80", 3); /* -8388608 */
	crc = crc32c(0, bytes, RECORD_LEN - 3);
	for (unsigned i = 0; i < 3; i++)
		bytes[RECORD_LEN - 3 + i] = (uint8_t)(crc >> 8 * i);
	assert_false(interval_decode(&record, bytes));
}

static void
a_frame_longer_than_16_bits_count_is_none(void **state)
{
	static uint8_t buf[UINT16_MAX + 100];
	struct frame_rx rx = { 0 };

	(void)state;
	for (unsigned i = 0; i < UINT16_MAX + 400; i++)
		assert_int_equal(
		    frame_rx_byte(&rx, buf, sizeof(buf), 0x01 + i % 2), 0);
	assert_int_equal(frame_rx_byte(&rx, buf, sizeof(buf), 0), 0);
	assert_int_equal(rx.good, 0);
	assert_int_equal(rx.broken, 1);
}

/* A run of 254 bytes leaves nothing open but what it has brought. */
static void
a_full_run_without_its_crc_is_a_broken_frame(void **state)
{
	uint8_t buf[300];
	struct frame_rx rx = { 0 };

	(void)state;
	for (unsigned i = 0; i < 255; i++)
		assert_int_equal(frame_rx_byte(&rx, buf, sizeof(buf), 0xff), 0);
	assert_int_equal(frame_rx_byte(&rx, buf, sizeof(buf), 0), 0);
	assert_int_equal(rx.broken, 1);
	assert_int_equal(frame_rx_byte(&rx, buf, sizeof(buf), 0), 0);
	assert_int_equal(rx.broken, 1);
}

static void
a_number_of_more_than_31_bits_is_out_of_range(void **state)
{
	static const uint8_t most[] = { 0x1a, 0x7f, 0xff, 0xff, 0xff };
	static const uint8_t more[] = { 0x1a, 0x80, 0x00, 0x00, 0x00 };
	struct cbor_in in = cbor_reader(most, sizeof(most));

	(void)state;
	assert_int_equal(cbor_get_int(&in, INT32_MIN, INT32_MAX), INT32_MAX);
	assert_int_equal(in.err, CBOR_OK);
	in = cbor_reader(more, sizeof(more));
	cbor_get_int(&in, INT32_MIN, INT32_MAX);
	assert_int_equal(in.err, CBOR_RANGE);
}

static void
room_for_a_head_alone_is_no_room_for_its_bytes(void **state)
{
	uint8_t buf[5];
	struct cbor_out out = cbor_writer(buf, sizeof(buf));

	(void)state;
	assert_null(cbor_room_bytes(&out, 5));
	assert_int_equal(cbor_len(&out, buf), 0);
	out = cbor_writer(buf, sizeof(buf));
	assert_ptr_equal(cbor_room_bytes(&out, 4), buf + 1);
	assert_int_equal(cbor_len(&out, buf), 5);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_as_long_as_its_row_allows),
		cmocka_unit_test(a_list_longer_than_its_room_is_refused),
		cmocka_unit_test(a_range_that_falls_is_refused),
		cmocka_unit_test(
		    of_a_list_longer_than_its_room_only_that_is_looked_at),
		cmocka_unit_test(texts_of_two_lengths_differ),
		cmocka_unit_test(a_number_below_all_names_is_shown_as_it_is),
		cmocka_unit_test(bytes_and_a_no_are_shown),
		cmocka_unit_test(a_character_is_shown_whole_or_not_at_all),
		cmocka_unit_test(
		    what_follows_the_controls_of_latin_1_can_be_printed),
		cmocka_unit_test(a_block_with_a_broken_header_is_refused),
		cmocka_unit_test(no_reactive_power_beyond_its_most_is_decoded),
		cmocka_unit_test(a_frame_longer_than_16_bits_count_is_none),
		cmocka_unit_test(a_full_run_without_its_crc_is_a_broken_frame),
		cmocka_unit_test(a_number_of_more_than_31_bits_is_out_of_range),
		cmocka_unit_test(
		    room_for_a_head_alone_is_no_room_for_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
