/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Headers, records and blocks of interval data.  The literal bytes were laid
 * out and their CRCs computed by another program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "../../../proto/errors.h"
#include "../../../proto/frame.h"
#include "../../../proto/interval.h"

static const struct block_header header = {
	.format = BLOCK_FORMAT_PLAIN,
	.cause = BLOCK_RESTART,
	.sample_minutes = 15,
	.count = 31,
	.index = 0x01020304,
	.boot = 7,
};

static const uint8_t header_bytes[BLOCK_HEADER_LEN] = {
	0x01, 0x02, 0x0f, 0x00, 0x04, 0x03, 0x02, 0x01, /* … index */
	0x07, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* boot */
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* reserved */
	0x00, 0x00, 0x00, 0x1f, 0xd6, 0xc9, 0x44, 0x42, /* count, CRC */
};

/* 2016-12-04 17:30 UTC, producing 1.63992 kW. */
static const struct interval afternoon = {
	.at = 1480872600,
	.power_factor_c = 100,
	.frequency_chz = 5998,
	.active_power_cw = 163992,
	.reactive_power_cvar = 8908,
	.temperature_df = 290,
	.energy_produced_wh = 1685000,
	.voltage_dv = 2478,
	.current_ca = 665,
};

static const uint8_t afternoon_bytes[RECORD_LEN] = {
	0x98, 0x52, 0x44, 0x58, 0x00, 0x00, 0x64, 0x6e, /* … frequency */
	0x17, 0x98, 0x80, 0x02, 0xcc, 0x22, 0x00, 0x22, /* P, Q, … */
	0x01, 0x00, 0x00, 0x00, 0x00, 0x08, 0xb6, 0x19, /* registers */
	0x00, 0xae, 0x09, 0x99, 0x02, 0x8b, 0xf2, 0xd4, /* V, I, CRC */
};

/* Every value at its limit, or negative. */
static const struct interval extreme = {
	.at = 1,
	.flags = 0x1ff,
	.power_factor_c = -100,
	.active_power_cw = -INTERVAL_POWER_MAX,
	.reactive_power_cvar = -1,
	.temperature_df = -400,
	.energy_consumed_wh = UINT32_MAX,
	.current_ca = UINT16_MAX,
};

static const uint8_t extreme_bytes[RECORD_LEN] = {
	0x01,
	0x00,
	0x00,
	0x00,
	0xff,
	0x01,
	0x9c,
	0x00,
	0x00,
	0x01,
	0x00,
	0x80,
	0xff,
	0xff,
	0xff,
	0x70,
	0xfe,
	0xff,
	0xff,
	0xff,
	0xff,
	0x00,
	0x00,
	0x00,
	0x00,
	0x00,
	0x00,
	0xff,
	0xff,
	0xcc,
	0xd8,
	0x99,
};

static void
assert_same(const struct interval *a, const struct interval *b)
{
	assert_int_equal(a->at, b->at);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->power_factor_c, b->power_factor_c);
	assert_int_equal(a->frequency_chz, b->frequency_chz);
	assert_int_equal(a->active_power_cw, b->active_power_cw);
	assert_int_equal(a->reactive_power_cvar, b->reactive_power_cvar);
	assert_int_equal(a->temperature_df, b->temperature_df);
	assert_int_equal(a->energy_consumed_wh, b->energy_consumed_wh);
	assert_int_equal(a->energy_produced_wh, b->energy_produced_wh);
	assert_int_equal(a->voltage_dv, b->voltage_dv);
	assert_int_equal(a->current_ca, b->current_ca);
}

/* Puts the right check at the end of bytes that were tampered with. */
static void
sign(uint8_t *bytes, size_t check_len)
{
	size_t len = 32 - check_len;
	uint32_t crc = crc32c(0, bytes, len);

	for (size_t i = 0; i < check_len; i++)
		bytes[len + i] = (uint8_t)(crc >> (8 * i));
}

static size_t
block_write(uint8_t *bytes, unsigned count, uint32_t step_s)
{
	struct block_header h = header;
	struct interval record = afternoon;

	h.count = (uint8_t)count;
	block_header_encode(&h, bytes);
	for (unsigned i = 0; i < count; i++) {
		interval_encode(
		    &record, bytes + BLOCK_HEADER_LEN + i * RECORD_LEN);
		record.at += step_s;
	}

	return BLOCK_HEADER_LEN + count * (size_t)RECORD_LEN;
}

static void
a_header_is_these_bytes(void **state)
{
	uint8_t bytes[BLOCK_HEADER_LEN];
	struct block_header got;

	(void)state;
	block_header_encode(&header, bytes);
	assert_memory_equal(bytes, header_bytes, sizeof(bytes));
	assert_true(block_header_decode(&got, header_bytes));
	assert_int_equal(got.format, BLOCK_FORMAT_PLAIN);
	assert_int_equal(got.cause, BLOCK_RESTART);
	assert_int_equal(got.sample_minutes, 15);
	assert_int_equal(got.count, 31);
	assert_int_equal(got.index, 0x01020304);
	assert_int_equal(got.boot, 7);
	assert_false(got.untrusted);
}

static void
an_untrusted_clock_is_bit_0_of_byte_3(void **state)
{
	struct block_header h = header, got;
	uint8_t bytes[BLOCK_HEADER_LEN];

	(void)state;
	h.untrusted = true;
	block_header_encode(&h, bytes);
	assert_int_equal(bytes[3], 1);
	assert_true(block_header_decode(&got, bytes));
	assert_true(got.untrusted);
}

static void
a_record_is_these_bytes(void **state)
{
	uint8_t bytes[RECORD_LEN];
	struct interval got;

	(void)state;
	interval_encode(&afternoon, bytes);
	assert_memory_equal(bytes, afternoon_bytes, sizeof(bytes));
	assert_true(interval_decode(&got, afternoon_bytes));
	assert_same(&got, &afternoon);
}

static void
negative_and_largest_values_survive(void **state)
{
	uint8_t bytes[RECORD_LEN];
	struct interval got;

	(void)state;
	interval_encode(&extreme, bytes);
	assert_memory_equal(bytes, extreme_bytes, sizeof(bytes));
	assert_true(interval_decode(&got, extreme_bytes));
	assert_same(&got, &extreme);
}

static void
values_out_of_range_are_held_to_it(void **state)
{
	struct interval wild = afternoon, got;
	uint8_t bytes[RECORD_LEN];

	(void)state;
	wild.power_factor_c = 127;
	wild.frequency_chz = 60000;
	wild.active_power_cw = INT32_MAX;
	wild.reactive_power_cvar = INT32_MIN;
	interval_encode(&wild, bytes);
	assert_true(interval_decode(&got, bytes));
	assert_int_equal(got.power_factor_c, 100);
	assert_int_equal(got.frequency_chz, 10000);
	assert_int_equal(got.active_power_cw, INTERVAL_POWER_MAX);
	assert_int_equal(got.reactive_power_cvar, -INTERVAL_POWER_MAX);
}

static void
erased_and_cleared_flash_never_decodes(void **state)
{
	uint8_t blank[BLOCK_HEADER_LEN], zero[BLOCK_HEADER_LEN] = { 0 };
	struct block_header h;
	struct interval record;

	(void)state;
	memset(blank, 0xff, sizeof(blank));
	assert_false(block_header_decode(&h, blank));
	assert_false(interval_decode(&record, blank));
	assert_false(block_header_decode(&h, zero));
	assert_false(interval_decode(&record, zero));
}

static void
any_flipped_bit_is_seen(void **state)
{
	struct block_header h;
	struct interval record;

	(void)state;
	for (unsigned bit = 0; bit < 8 * 32; bit++) {
		uint8_t a[32], b[32];

		memcpy(a, header_bytes, 32);
		memcpy(b, afternoon_bytes, 32);
		a[bit / 8] ^= (uint8_t)(1U << bit % 8);
		b[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_false(block_header_decode(&h, a));
		assert_false(interval_decode(&record, b));
	}
}

static void
a_right_crc_does_not_excuse_a_wrong_value(void **state)
{
	static const struct {
		uint8_t at, value;
	} in_header[] = { { 0, 0 }, { 0, 2 }, { 2, 0 }, { 2, 61 }, { 27, 32 } },
	  in_record[] = { { 6, 101 }, { 6, 0x9b }, { 8, 0x28 } };
	struct block_header h;
	struct interval record;
	uint8_t bytes[32];

	(void)state;
	for (size_t i = 0; i < sizeof(in_header) / sizeof(in_header[0]); i++) {
		memcpy(bytes, header_bytes, sizeof(bytes));
		bytes[in_header[i].at] = in_header[i].value;
		sign(bytes, 4);
		assert_false(block_header_decode(&h, bytes));
	}
	for (size_t i = 0; i < sizeof(in_record) / sizeof(in_record[0]); i++) {
		memcpy(bytes, afternoon_bytes, sizeof(bytes));
		bytes[in_record[i].at] = in_record[i].value;
		sign(bytes, 3);
		assert_false(interval_decode(&record, bytes));
	}
	memcpy(bytes, afternoon_bytes, sizeof(bytes));
	memcpy(bytes + 9, "\x00\x00\x80", 3); /* -8388608 */
	sign(bytes, 3);
	assert_false(interval_decode(&record, bytes));
}

static void
flags_and_causes_of_later_versions_are_kept(void **state)
{
	struct interval record = afternoon, got;
	struct block_header h = header, got_h;
	uint8_t bytes[32];

	(void)state;
	record.flags = 0x8000;
	interval_encode(&record, bytes);
	assert_true(interval_decode(&got, bytes));
	assert_int_equal(got.flags, 0x8000);
	h.cause = 200;
	block_header_encode(&h, bytes);
	assert_true(block_header_decode(&got_h, bytes));
	assert_int_equal(got_h.cause, 200);
}

static void
a_block_gives_its_records_in_order(void **state)
{
	struct interval records[BLOCK_RECORDS_MAX];
	uint8_t bytes[BLOCK_HEADER_LEN + BLOCK_RECORDS_MAX * RECORD_LEN];
	struct block_header h;
	size_t len = block_write(bytes, BLOCK_RECORDS_MAX, 900);

	(void)state;
	assert_int_equal(len, 1024);
	assert_int_equal(block_decode(&h, records, bytes, len), 31);
	for (unsigned i = 0; i < BLOCK_RECORDS_MAX; i++)
		assert_int_equal(records[i].at, afternoon.at + i * 900);
	len = block_write(bytes, 0, 900);
	assert_int_equal(block_decode(&h, records, bytes, len), 0);
}

static void
a_block_of_another_length_is_refused(void **state)
{
	struct interval records[BLOCK_RECORDS_MAX];
	uint8_t bytes[BLOCK_HEADER_LEN + BLOCK_RECORDS_MAX * RECORD_LEN];
	struct block_header h;
	size_t len = block_write(bytes, 2, 900);

	(void)state;
	assert_int_equal(block_decode(&h, records, bytes, len), 2);
	for (size_t other = 0; other < sizeof(bytes); other++)
		if (other != len)
			assert_int_equal(
			    block_decode(&h, records, bytes, other),
			    E_BAD_DATA);
}

static void
a_block_whose_times_do_not_rise_is_refused(void **state)
{
	struct interval records[BLOCK_RECORDS_MAX];
	uint8_t bytes[BLOCK_HEADER_LEN + 3 * RECORD_LEN];
	struct block_header h;
	size_t len = block_write(bytes, 3, 0);

	(void)state;
	assert_int_equal(block_decode(&h, records, bytes, len), E_BAD_DATA);
	len = block_write(bytes, 3, (uint32_t)-900);
	assert_int_equal(block_decode(&h, records, bytes, len), E_BAD_DATA);
}

static void
a_block_with_one_broken_record_is_refused(void **state)
{
	struct interval records[BLOCK_RECORDS_MAX];
	uint8_t bytes[BLOCK_HEADER_LEN + 3 * RECORD_LEN];
	struct block_header h;
	size_t len = block_write(bytes, 3, 900);

	(void)state;
	bytes[len - RECORD_LEN] ^= 1;
	assert_int_equal(block_decode(&h, records, bytes, len), E_BAD_DATA);
}

static void
every_flag_and_cause_has_its_name(void **state)
{
	(void)state;
	assert_string_equal(interval_flag_names[0], "before_install");
	assert_string_equal(interval_flag_names[5], "clock_untrusted");
	assert_string_equal(interval_flag_names[8], "energy_lost");
	assert_null(interval_flag_names[9]);
	assert_string_equal(block_cause_names[BLOCK_FIRST], "first");
	assert_string_equal(block_cause_names[BLOCK_MEMORY], "memory");
	assert_null(block_cause_names[BLOCK_MEMORY + 1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_these_bytes),
		cmocka_unit_test(an_untrusted_clock_is_bit_0_of_byte_3),
		cmocka_unit_test(a_record_is_these_bytes),
		cmocka_unit_test(negative_and_largest_values_survive),
		cmocka_unit_test(values_out_of_range_are_held_to_it),
		cmocka_unit_test(erased_and_cleared_flash_never_decodes),
		cmocka_unit_test(any_flipped_bit_is_seen),
		cmocka_unit_test(a_right_crc_does_not_excuse_a_wrong_value),
		cmocka_unit_test(flags_and_causes_of_later_versions_are_kept),
		cmocka_unit_test(a_block_gives_its_records_in_order),
		cmocka_unit_test(a_block_of_another_length_is_refused),
		cmocka_unit_test(a_block_whose_times_do_not_rise_is_refused),
		cmocka_unit_test(a_block_with_one_broken_record_is_refused),
		cmocka_unit_test(every_flag_and_cause_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
