/* SPDX-License-Identifier: BSD-2-Clause */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/datalog.h"
#include "../../support/nor.h"

enum { RECORDS = 150, FIRST_AT = 1792000800, STEP_S = 900 };

static const struct flash_geometry geometries[] = {
	{ 1024, 1, 2, 2, 4 },
	{ 2048, 8, 2, 2, 2 },
	{ 4096, 32, 2, 2, 2 },
};

static const struct datalog_frame utc = { .boot = 7, .sample_minutes = 15 };

static struct nor nor;
static struct store store;
static struct datalog dlog;
static struct block_header header;
static struct interval records[BLOCK_RECORDS_MAX];

/* Record n of the script; its registers name it. */
static struct interval
record_nth(uint32_t n)
{
	return (struct interval){
		.at = FIRST_AT + n * STEP_S,
		.power_factor_c = -98,
		.frequency_chz = 5998,
		.active_power_cw = -(int32_t)n * 100,
		.temperature_df = 290,
		.energy_consumed_wh = n,
		.energy_produced_wh = 1685000 + n,
		.voltage_dv = 2478,
		.current_ca = 665,
	};
}

static bool
mount(void)
{
	return store_mount(&store, &nor.board) &&
	    datalog_mount(&dlog, &nor.board, &store);
}

static bool
append_nth(uint32_t n)
{
	struct interval record = record_nth(n);

	return datalog_append(&dlog, &nor.board, &utc, &record);
}

static uint32_t
append_up_to(uint32_t done, uint32_t n)
{
	while (done < n && append_nth(done))
		done++;
	return done;
}

/* Reads block `index` into header and records; the number of records. */
static int
block_read(uint32_t index)
{
	uint8_t buf[BLOCK_MAX];
	size_t len = datalog_read(&dlog, &nor.board, index, false, buf);

	assert_in_range(len, BLOCK_HEADER_LEN, BLOCK_MAX);
	assert_true(block_decode(&header, records, buf, len) >= 0);
	assert_int_equal(header.index, index);
	return header.count;
}

static void
assert_is_nth(const struct interval *record, uint32_t n)
{
	uint8_t want[RECORD_LEN], got[RECORD_LEN];
	struct interval nth = record_nth(n);

	interval_encode(&nth, want);
	interval_encode(record, got);
	assert_memory_equal(got, want, sizeof(want));
}

/* Reads the whole log, whose records must follow each other; the number of the
 * one after the last, or `empty`. */
static uint32_t
assert_unbroken(uint32_t empty)
{
	uint32_t next = empty;
	bool first = true;

	for (uint32_t i = dlog.oldest; i < dlog.next; i++) {
		int count = block_read(i);

		for (int r = 0; r < count; r++, next++, first = false) {
			if (first)
				next = records[r].energy_consumed_wh;
			assert_is_nth(&records[r], next);
		}
	}
	return next;
}

static void
nothing_is_in_a_new_log(void **state)
{
	struct log_info info;
	struct interval record;
	uint8_t buf[BLOCK_MAX];

	(void)state;
	nor_make(&nor, &geometries[0]);
	assert_true(mount());
	assert_false(datalog_newest(&dlog, &nor.board, &record));
	assert_int_equal(datalog_read(&dlog, &nor.board, 0, false, buf), 0);
	datalog_info(&dlog, &nor.board, &info);
	assert_int_equal(info.records, 0);
	assert_false(info.open);
	assert_true(HAS(&info, LOG_INFO_LOG_ID));
	assert_false(HAS(&info, LOG_INFO_OLDEST));
	assert_false(HAS(&info, LOG_INFO_LAST_AT));
}

static void
a_record_is_in_flash_when_append_returns(void **state)
{
	struct interval record = record_nth(0);
	uint8_t want[RECORD_LEN];

	(void)state;
	nor_make(&nor, &geometries[2]);
	assert_true(mount());
	assert_true(append_nth(0));
	interval_encode(&record, want);
	assert_memory_equal(
	    nor.bytes + (size_t)4 * 4096 + 32, want, sizeof(want));
}

static void
the_first_block_says_so_and_a_full_one_is_followed_without_gap(void **state)
{
	(void)state;
	nor_make(&nor, &geometries[0]);
	assert_true(mount());
	assert_int_equal(append_up_to(0, 40), 40);
	assert_int_equal(block_read(0), 31);
	assert_int_equal(header.cause, BLOCK_FIRST);
	assert_int_equal(header.boot, 7);
	assert_int_equal(header.sample_minutes, 15);
	assert_false(header.untrusted);
	assert_int_equal(block_read(1), 9);
	assert_int_equal(header.cause, BLOCK_FULL);
	assert_int_equal(records[0].energy_consumed_wh, 31);
}

static void
headers_only_brings_first_and_last_record(void **state)
{
	uint8_t buf[BLOCK_MAX];

	(void)state;
	nor_make(&nor, &geometries[0]);
	assert_true(mount());
	for (uint32_t n = 1; n <= 20; n++) {
		size_t len, want = n < 2 ? 1 : 2;
		struct interval first, last;

		assert_true(append_nth(n - 1));
		len = datalog_read(&dlog, &nor.board, 0, true, buf);
		assert_int_equal(len, BLOCK_HEADER_LEN + want * RECORD_LEN);
		assert_true(block_header_decode(&header, buf));
		assert_int_equal(header.count, n); /* of the whole block */
		assert_true(interval_decode(&first, buf + BLOCK_HEADER_LEN));
		assert_true(interval_decode(&last, buf + len - RECORD_LEN));
		assert_int_equal(first.at, FIRST_AT);
		assert_int_equal(last.at, FIRST_AT + (n - 1) * STEP_S);
	}
}

static void
info_counts_records_and_tells_the_span(void **state)
{
	struct log_info info;

	(void)state;
	nor_make(&nor, &geometries[1]);
	assert_true(mount());
	assert_int_equal(append_up_to(0, 33), 33);
	datalog_info(&dlog, &nor.board, &info);
	assert_int_equal(info.oldest, 0);
	assert_int_equal(info.newest, 1);
	assert_int_equal(info.records, 33);
	assert_int_equal(info.first_at, FIRST_AT);
	assert_int_equal(info.last_at, FIRST_AT + 32 * STEP_S);
	assert_int_equal(info.bytes, 2 * 32 + 33 * 32);
	assert_true(info.open);
	assert_true(HAS(&info, LOG_INFO_OPEN));
}

static void
a_restart_closes_the_block(void **state)
{
	struct interval record;
	struct log_info info;

	(void)state;
	nor_make(&nor, &geometries[0]);
	assert_true(mount());
	assert_int_equal(append_up_to(0, 3), 3);
	assert_true(mount());
	datalog_info(&dlog, &nor.board, &info);
	assert_false(info.open);
	assert_true(datalog_newest(&dlog, &nor.board, &record));
	assert_int_equal(record.energy_consumed_wh, 2);
	assert_true(append_nth(3));
	assert_int_equal(block_read(0), 3);
	assert_int_equal(block_read(1), 1);
	assert_int_equal(header.cause, BLOCK_RESTART);
}

static void
another_frame_begins_a_block_that_tells_why(void **state)
{
	struct datalog_frame frame = utc;
	struct interval record = record_nth(3);

	(void)state;
	nor_make(&nor, &geometries[0]);
	assert_true(mount());
	assert_int_equal(append_up_to(0, 3), 3);
	frame.sample_minutes = 5;
	assert_true(datalog_append(&dlog, &nor.board, &frame, &record));
	frame.untrusted = true;
	record.at = 60;
	assert_true(datalog_append(&dlog, &nor.board, &frame, &record));
	assert_true(datalog_append(&dlog, &nor.board, &frame, &record));
	assert_int_equal(block_read(1), 1);
	assert_int_equal(header.cause, BLOCK_INTERVAL);
	assert_int_equal(header.sample_minutes, 5);
	assert_int_equal(block_read(2), 1);
	assert_int_equal(header.cause, BLOCK_CLOCK);
	assert_true(header.untrusted);
	assert_int_equal(block_read(3), 1);
	assert_int_equal(header.cause, BLOCK_CLOCK);
}

static void
another_frame_behind_a_full_block_tells_why_too(void **state)
{
	struct datalog_frame frame = utc;
	struct interval record = record_nth(31);

	(void)state;
	nor_make(&nor, &geometries[0]);
	assert_true(mount());
	assert_int_equal(append_up_to(0, 31), 31);
	frame.sample_minutes = 5;
	assert_true(datalog_append(&dlog, &nor.board, &frame, &record));
	assert_int_equal(block_read(1), 1);
	assert_int_equal(header.cause, BLOCK_INTERVAL);
}

static void
times_without_utc_are_not_told_as_the_span(void **state)
{
	struct datalog_frame frame = utc;
	struct interval record = record_nth(0);
	struct log_info info;

	(void)state;
	nor_make(&nor, &geometries[0]);
	assert_true(mount());
	frame.untrusted = true;
	record.at = 900;
	assert_true(datalog_append(&dlog, &nor.board, &frame, &record));
	datalog_info(&dlog, &nor.board, &info);
	assert_int_equal(info.records, 1);
	assert_false(HAS(&info, LOG_INFO_FIRST_AT));
	assert_true(append_nth(1));
	datalog_info(&dlog, &nor.board, &info);
	assert_int_equal(info.first_at, FIRST_AT + STEP_S);
	assert_int_equal(info.last_at, FIRST_AT + STEP_S);
}

static void
the_ring_drops_whole_sectors_and_reuses_no_index(void **state)
{
	uint8_t id[LOG_ID_LEN], buf[BLOCK_MAX];

	(void)state;
	for (size_t g = 0; g < sizeof(geometries) / sizeof(*geometries); g++) {
		nor_make(&nor, &geometries[g]);
		assert_true(mount());
		assert_true(append_nth(0));
		memcpy(id, dlog.id, sizeof(id));
		for (uint32_t n = 1; n < 900; n++) {
			assert_true(append_nth(n));
			if (n % 101 != 0)
				continue;
			assert_int_equal(assert_unbroken(0), n + 1);
			assert_true(mount());
			assert_int_equal(assert_unbroken(0), n + 1);
			assert_memory_equal(dlog.id, id, sizeof(id));
		}
		assert_in_range(dlog.next, 900 / 31, 900 / 31 + 12);
		assert_true(dlog.oldest > 0);
		assert_true(dlog.next - dlog.oldest <= dlog.slots);
		assert_true(dlog.next - dlog.oldest >
		    dlog.slots - dlog.slots_per_sector);
		assert_int_equal(datalog_read(&dlog, &nor.board,
				     dlog.oldest - 1, false, buf),
		    0);
	}
}

static void
a_slot_with_a_torn_header_reads_as_an_empty_block(void **state)
{
	(void)state;
	nor_make(&nor, &geometries[1]);
	assert_true(mount());
	assert_int_equal(append_up_to(0, 31), 31);
	nor_power(&nor, 1, NOR_CUT_HALF);
	assert_false(append_nth(31));
	nor_power(&nor, 0, NOR_CUT_BEFORE);
	assert_true(mount());
	assert_true(append_nth(31));
	assert_int_equal(dlog.next, 3);
	assert_int_equal(block_read(1), 0);
	assert_int_equal(header.cause, BLOCK_RESTART);
	assert_int_equal(header.sample_minutes, 15);
	assert_int_equal(block_read(2), 1);
}

static void
a_failing_operation_is_got_round_and_told(void **state)
{
	struct interval record = record_nth(1);

	(void)state;
	nor_make(&nor, &geometries[1]);
	assert_true(mount());
	assert_true(append_nth(0));
	nor.fail_at = nor.ops + 1;
	assert_true(datalog_append(&dlog, &nor.board, &utc, &record));
	assert_int_equal(block_read(0), 1);
	assert_int_equal(block_read(1), 1);
	assert_int_equal(header.cause, BLOCK_MEMORY);
	assert_int_equal(assert_unbroken(0), 2);
}

static bool
whole_records_after_cut(const struct flash_geometry *flash, unsigned op,
    enum nor_cut cut, unsigned again)
{
	uint32_t done = 0, next;

	nor_make(&nor, flash);
	nor_power(&nor, op, cut);
	if (mount())
		done = append_up_to(0, RECORDS);
	if (!nor.dead)
		return false;
	nor_power(&nor, again, NOR_CUT_HALF);
	if (mount()) {
		next = assert_unbroken(0);
		assert_in_range(next, done, done + 1);
		done = append_up_to(next, next + 3);
	}
	nor_power(&nor, 0, NOR_CUT_BEFORE);
	assert_true(mount());
	next = assert_unbroken(0);
	assert_in_range(next, done, done + 1);
	assert_int_equal(append_up_to(next, RECORDS + 40), RECORDS + 40);
	assert_int_equal(assert_unbroken(0), RECORDS + 40);
	return true;
}

static void
a_power_cut_loses_no_record_and_leaves_no_half_one(void **state)
{
	unsigned cuts = 0;

	(void)state;
	for (size_t g = 0; g < sizeof(geometries) / sizeof(*geometries); g++) {
		for (unsigned cut = 0; cut < NOR_CUTS; cut++) {
			unsigned op = 1;

			while (whole_records_after_cut(
			    &geometries[g], op, (enum nor_cut)cut, op % 5))
				op++;
			assert_in_range(op, RECORDS, 2 * RECORDS);
			cuts += op - 1;
		}
	}
	print_message("data log: %u power cuts\n", cuts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_in_a_new_log),
		cmocka_unit_test(a_record_is_in_flash_when_append_returns),
		cmocka_unit_test(
		    the_first_block_says_so_and_a_full_one_is_followed_without_gap),
		cmocka_unit_test(headers_only_brings_first_and_last_record),
		cmocka_unit_test(info_counts_records_and_tells_the_span),
		cmocka_unit_test(a_restart_closes_the_block),
		cmocka_unit_test(another_frame_begins_a_block_that_tells_why),
		cmocka_unit_test(
		    another_frame_behind_a_full_block_tells_why_too),
		cmocka_unit_test(times_without_utc_are_not_told_as_the_span),
		cmocka_unit_test(
		    the_ring_drops_whole_sectors_and_reuses_no_index),
		cmocka_unit_test(
		    a_slot_with_a_torn_header_reads_as_an_empty_block),
		cmocka_unit_test(a_failing_operation_is_got_round_and_told),
		cmocka_unit_test(
		    a_power_cut_loses_no_record_and_leaves_no_half_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
