/* SPDX-License-Identifier: BSD-2-Clause */
#include "../../../proto/cbor.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int
nibble(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* The bytes of a hex string, in a block of exactly their size, so that the
 * sanitizer sees a read past them. */
static uint8_t *
from_hex(const char *hex, size_t *len)
{
	uint8_t *bytes;

	*len = strlen(hex) / 2;
	bytes = malloc(*len + (*len == 0));
	assert_non_null(bytes);
	for (size_t i = 0; i < *len; i++)
		bytes[i] =
		    (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));

	return bytes;
}

static enum cbor_err
check_hex(const char *hex, size_t *offset)
{
	size_t len;
	uint8_t *item = from_hex(hex, &len);
	enum cbor_err err = cbor_check(item, len, offset);

	assert_int_equal(cbor_valid(item, len), err == CBOR_OK);
	free(item);

	return err;
}

static enum cbor_err
skip_hex(const char *hex)
{
	size_t len;
	uint8_t *item = from_hex(hex, &len);
	struct cbor_in in = cbor_reader(item, len);

	cbor_skip(&in);
	if (in.err == CBOR_OK)
		assert_int_equal(cbor_offset(&in, item), len);
	free(item);

	return in.err;
}

static void
the_gate_lets_eight_levels_through(void **state)
{
	(void)state;
	assert_int_equal(check_hex("8181818181818180", NULL), CBOR_OK);
	assert_int_equal(check_hex("818181818181818100", NULL), CBOR_OK);
	assert_int_equal(
	    check_hex("a100a100a100a100a100a100a100a0", NULL), CBOR_OK);
	assert_int_equal(check_hex("a2810100810200", NULL), CBOR_OK);
	assert_int_equal(check_hex("a3000120010"
				   "0",
			     NULL),
	    CBOR_SHORT);
	assert_int_equal(check_hex("a400010120810000610"
				   "000",
			     NULL),
	    CBOR_FORM);
}

static void
every_cut_of_a_message_is_refused(void **state)
{
	/* [0, 7, 32, {1: 1, 4: 3600, 60: "SIM0001", 62: h'0011…77'}] */
	static const char whole[] =
	    "84000718"
	    "20a4010104190e10183c6753494d30303031183e480011223344556677";
	char cut[sizeof(whole)];

	(void)state;
	assert_int_equal(check_hex(whole, NULL), CBOR_OK);
	for (size_t len = 0; len < sizeof(whole) - 1; len += 2) {
		memcpy(cut, whole, len);
		cut[len] = '\0';
		assert_int_equal(check_hex(cut, NULL), CBOR_SHORT);
		assert_int_equal(skip_hex(cut), CBOR_SHORT);
	}
}

/* Every value of every byte of a message: whatever the gate lets through
 * must be what the writer would have made of it. */
static void
what_passes_the_gate_is_skipped_to_its_end(void **state)
{
	uint8_t item[] = { 0x84, 0x00, 0x07, 0x02, 0xa3, 0x01, 0x63, 0x61, 0xc3,
		0xa9, 0x18, 0x3c, 0x82, 0x20, 0xf5, 0x20, 0x42, 0x01, 0x02 };
	unsigned accepted = 0;

	(void)state;
	assert_true(cbor_valid(item, sizeof(item)));
	for (size_t i = 0; i < sizeof(item); i++) {
		uint8_t kept = item[i];

		for (unsigned byte = 0; byte < 256; byte++) {
			struct cbor_in in = cbor_reader(item, sizeof(item));

			item[i] = (uint8_t)byte;
			if (!cbor_valid(item, sizeof(item)))
				continue;
			accepted++;
			cbor_skip(&in);
			assert_true(cbor_done(&in));
		}
		item[i] = kept;
	}
	assert_in_range(accepted, 500, 2000);
}

static void
assert_written(const struct cbor_out *out, const uint8_t *buf, const char *hex)
{
	size_t len;
	uint8_t *expected = from_hex(hex, &len);

	assert_int_equal(cbor_len(out, buf), len);
	assert_memory_equal(buf, expected, len);
	free(expected);
}

static const struct number {
	const char *hex;
	int64_t value;
} numbers[] = {
	{ "00", 0 },
	{ "01", 1 },
	{ "0a", 10 },
	{ "17", 23 },
	{ "1818", 24 },
	{ "1819", 25 },
	{ "1864", 100 },
	{ "18ff", 255 },
	{ "190100", 256 },
	{ "1903e8", 1000 },
	{ "19ffff", 65535 },
	{ "1a00010000", 65536 },
	{ "1a000f4240", 1000000 },
	{ "1affffffff", 4294967295 },
	{ "1b0000000100000000", 4294967296 },
	{ "1b000000e8d4a51000", 1000000000000 },
	{ "1b7fffffffffffffff", INT64_MAX },
	{ "20", -1 },
	{ "29", -10 },
	{ "37", -24 },
	{ "3818", -25 },
	{ "3863", -100 },
	{ "38ff", -256 },
	{ "390100", -257 },
	{ "3903e7", -1000 },
	{ "3a7fffffff", INT32_MIN },
	{ "3b7fffffffffffffff", INT64_MIN },
};

static void
numbers_are_written_and_read_in_their_shortest_form(void **state)
{
	uint8_t buf[9];

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		struct cbor_out out = cbor_writer(buf, sizeof(buf));
		struct cbor_in in;

		cbor_put_int(&out, numbers[i].value);
		assert_written(&out, buf, numbers[i].hex);
		in = cbor_reader(buf, cbor_len(&out, buf));
		assert_true(cbor_get_int64(&in, INT64_MIN, INT64_MAX) ==
		    numbers[i].value);
		assert_true(cbor_done(&in));
	}
}

static void
the_greatest_unsigned_number_has_its_getter(void **state)
{
	uint8_t buf[9];
	struct cbor_out out = cbor_writer(buf, sizeof(buf));
	struct cbor_in in = cbor_reader(buf, sizeof(buf));

	(void)state;
	cbor_put_uint(&out, UINT64_MAX);
	assert_written(&out, buf, "1bffffffffffffffff");
	assert_true(cbor_get_uint64(&in, UINT64_MAX) == UINT64_MAX);
	assert_true(cbor_done(&in));
	in = cbor_reader(buf, sizeof(buf));
	assert_int_equal(cbor_get_int64(&in, INT64_MIN, INT64_MAX), 0);
	assert_int_equal(in.err, CBOR_RANGE);
}

static void
every_kind_of_item_is_written_as_the_standard_says(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4 };
	static const uint8_t encoded[] = { 0x82, 0x02, 0x03 };
	uint8_t buf[64], *room;
	struct cbor_out out = cbor_writer(buf, sizeof(buf));

	(void)state;
	cbor_put_map(&out, 4);
	cbor_put_uint(&out, 1);
	cbor_put_array(&out, 4);
	cbor_put_bool(&out, false);
	cbor_put_bool(&out, true);
	cbor_put_null(&out);
	cbor_put_encoded(&out, encoded, sizeof(encoded));
	cbor_put_uint(&out, 2);
	cbor_put_text(&out, "\xc3\xbc", 2);
	cbor_put_uint(&out, 3);
	cbor_put_bytes(&out, bytes, sizeof(bytes));
	cbor_put_uint(&out, 4);
	room = cbor_room_bytes(&out, 2);
	assert_non_null(room);
	memcpy(room, "hi", 2);
	assert_written(&out, buf,
	    "a40184f4f5f6820203"
	    "0262c3bc"
	    "034401020304"
	    "04426869");
	assert_true(cbor_valid(buf, cbor_len(&out, buf)));
}

static void
a_writer_that_is_full_stays_full(void **state)
{
	uint8_t buf[4] = { 9, 9, 9, 9 };
	struct cbor_out out = cbor_writer(buf, 3);

	(void)state;
	cbor_put_uint(&out, 7);
	cbor_put_uint(&out, 1000); /* needs three bytes, two are left */
	assert_true(out.full);
	cbor_put_uint(&out, 1); /* would fit, but the message is broken */
	cbor_put_text(&out, "", 0);
	assert_null(cbor_room_bytes(&out, 0));
	assert_int_equal(cbor_len(&out, buf), 0);
	assert_int_equal(buf[1], 9);
	assert_int_equal(buf[3], 9);
}

static void
a_message_fits_its_exact_length_and_nothing_less(void **state)
{
	uint8_t buf[16];

	(void)state;
	for (size_t cap = 0; cap <= 8; cap++) {
		struct cbor_out out = cbor_writer(buf, cap);

		cbor_put_array(&out, 2);
		cbor_put_bytes(&out, (const uint8_t *)"abc", 3);
		cbor_put_uint(&out, 500);
		assert_int_equal(cbor_len(&out, buf), cap == 8 ? 8 : 0);
	}
}

static void
a_number_out_of_range_is_refused_where_it_stands(void **state)
{
	static const uint8_t item[] = { 0x00, 0x19, 0x01, 0x00 };
	struct cbor_in in = cbor_reader(item, sizeof(item));

	(void)state;
	assert_int_equal(cbor_get_uint(&in, 0), 0);
	assert_int_equal(cbor_get_uint(&in, UINT8_MAX), 0);
	assert_int_equal(in.err, CBOR_RANGE);
	assert_int_equal(cbor_offset(&in, item), 1);
	in = cbor_reader(item + 1, 3);
	assert_int_equal(cbor_get_int(&in, -1000, 255), 0);
	assert_int_equal(in.err, CBOR_RANGE);
	in = cbor_reader(item + 1, 3);
	assert_int_equal(cbor_get_int(&in, 256, 256), 256);
	in = cbor_reader(item + 1, 3);
	assert_int_equal(cbor_get_int(&in, 257, 1000), 0);
	assert_int_equal(in.err, CBOR_RANGE);
}

static void
the_first_failure_is_the_one_that_is_kept(void **state)
{
	static const uint8_t item[] = { 0x61, 0x61, 0x01, 0x02 };
	struct cbor_in in = cbor_reader(item, sizeof(item));
	size_t len = 99;

	(void)state;
	assert_int_equal(cbor_get_uint(&in, UINT32_MAX), 0); /* a text */
	assert_int_equal(in.err, CBOR_TYPE);
	assert_null(cbor_get_text(&in, &len)); /* would have been right */
	assert_int_equal(len, 0);
	assert_int_equal(cbor_get_map(&in), 0);
	assert_int_equal(cbor_get_array(&in), 0);
	assert_false(cbor_get_null(&in));
	assert_false(cbor_get_bool(&in));
	cbor_skip(&in);
	cbor_refuse(&in, CBOR_RANGE);
	assert_int_equal(in.err, CBOR_TYPE);
	assert_int_equal(cbor_offset(&in, item), 0);
	assert_false(cbor_done(&in));
}

static void
a_getter_refuses_every_other_type(void **state)
{
	static const uint8_t items[] = { 0x00, 0x20, 0x40, 0x60, 0x80, 0xa0,
		0xf5 };
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(items); i++) {
		struct cbor_in in[7];

		for (size_t k = 0; k < COUNT(in); k++)
			in[k] = cbor_reader(&items[i], 1);
		cbor_get_uint(&in[0], 9);
		cbor_get_int(&in[1], -9, 9);
		cbor_get_bytes(&in[2], &len);
		cbor_get_text(&in[3], &len);
		cbor_get_array(&in[4]);
		cbor_get_map(&in[5]);
		cbor_get_bool(&in[6]);
		for (size_t k = 0; k < COUNT(in); k++) {
			bool fits = k == i || (k == 1 && i == 0);

			assert_int_equal(in[k].err, fits ? CBOR_OK : CBOR_TYPE);
			assert_int_equal(cbor_done(&in[k]), fits);
		}
	}
}

static void
only_true_and_false_are_truth_values(void **state)
{
	(void)state;
	for (unsigned byte = 0xe0; byte < 0x100; byte++) {
		uint8_t item = (uint8_t)byte;
		struct cbor_in in = cbor_reader(&item, 1);
		bool value = cbor_get_bool(&in);

		assert_int_equal(value, byte == 0xf5);
		assert_int_equal(cbor_done(&in), byte == 0xf4 || byte == 0xf5);
	}
}

static void
null_is_taken_only_where_it_stands(void **state)
{
	static const uint8_t item[] = { 0xf6, 0x05 };
	struct cbor_in in = cbor_reader(item, sizeof(item));

	(void)state;
	assert_true(cbor_get_null(&in));
	assert_false(cbor_get_null(&in));
	assert_int_equal(cbor_get_uint(&in, 9), 5);
	assert_false(cbor_get_null(&in));
	assert_true(cbor_done(&in));
}

static void
a_count_never_exceeds_what_is_left(void **state)
{
	static const uint8_t array[] = { 0x83, 0x00, 0x00 };
	static const uint8_t map[] = { 0xa2, 0x00, 0x00, 0x01 };
	struct cbor_in in = cbor_reader(array, sizeof(array));

	(void)state;
	assert_int_equal(cbor_get_array(&in), 0);
	assert_int_equal(in.err, CBOR_SHORT);
	in = cbor_reader(map, sizeof(map));
	assert_int_equal(cbor_get_map(&in), 0);
	assert_int_equal(in.err, CBOR_SHORT);
	assert_int_equal(cbor_offset(&in, map), 0);
}

static void
strings_are_borrowed_from_the_input(void **state)
{
	static const uint8_t item[] = { 0x63, 'a', 'b', 'c', 0x42, 7, 8, 0x60 };
	struct cbor_in in = cbor_reader(item, sizeof(item));
	size_t len;

	(void)state;
	assert_ptr_equal(cbor_get_text(&in, &len), item + 1);
	assert_int_equal(len, 3);
	assert_ptr_equal(cbor_get_bytes(&in, &len), item + 5);
	assert_int_equal(len, 2);
	assert_non_null(cbor_get_text(&in, &len));
	assert_int_equal(len, 0);
	assert_true(cbor_done(&in));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_gate_lets_eight_levels_through),
		cmocka_unit_test(every_cut_of_a_message_is_refused),
		cmocka_unit_test(what_passes_the_gate_is_skipped_to_its_end),
		cmocka_unit_test(
		    numbers_are_written_and_read_in_their_shortest_form),
		cmocka_unit_test(the_greatest_unsigned_number_has_its_getter),
		cmocka_unit_test(
		    every_kind_of_item_is_written_as_the_standard_says),
		cmocka_unit_test(a_writer_that_is_full_stays_full),
		cmocka_unit_test(
		    a_message_fits_its_exact_length_and_nothing_less),
		cmocka_unit_test(
		    a_number_out_of_range_is_refused_where_it_stands),
		cmocka_unit_test(the_first_failure_is_the_one_that_is_kept),
		cmocka_unit_test(a_getter_refuses_every_other_type),
		cmocka_unit_test(only_true_and_false_are_truth_values),
		cmocka_unit_test(null_is_taken_only_where_it_stands),
		cmocka_unit_test(a_count_never_exceeds_what_is_left),
		cmocka_unit_test(strings_are_borrowed_from_the_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
