/* SPDX-License-Identifier: BSD-2-Clause */

/* The interval log on flash that decays, or fails to be read or written. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/datalog.h"
#include "../../support/nor.h"

enum { FIRST_AT = 1792000800, STEP_S = 900, DATA_AT = 4 * 2048 };

/* Four slots, two in each sector. */
static const struct flash_geometry four = { 2048, 8, 2, 2, 2 };
static struct datalog_frame utc = { .boot = 7, .sample_minutes = 15 };

static struct nor nor;
static struct store store;
static struct datalog dlog;
static struct block_header header;
static struct interval records[BLOCK_RECORDS_MAX];

static bool
mount(void)
{
	return store_mount(&store, &nor.board) &&
	    datalog_mount(&dlog, &nor.board, &store);
}

/* Record n, which its registers name. */
static bool
append(uint32_t n)
{
	struct interval record = { .at = FIRST_AT + n * STEP_S,
		.energy_produced_wh = n };

	return datalog_append(&dlog, &nor.board, &utc, &record);
}

static void
begin(uint32_t count)
{
	nor_make(&nor, &four);
	assert_true(mount());
	for (uint32_t n = 0; n < count; n++)
		assert_true(append(n));
}

/* Appends a record as the only one of its block. */
static bool
append_alone(uint32_t n)
{
	bool ok = append(n);

	datalog_break(&dlog, BLOCK_RESTART);
	return ok;
}

/* Reads a block; the number of its records, or -1. */
static int
block_read(uint32_t index)
{
	uint8_t buf[BLOCK_MAX];
	size_t len = datalog_read(&dlog, &nor.board, index, false, buf);

	if (len == 0)
		return -1;
	assert_true(block_decode(&header, records, buf, len) >= 0);
	assert_int_equal(header.index, index);
	for (unsigned i = 0; i < header.count; i++)
		assert_int_equal(records[i].at,
		    FIRST_AT + records[i].energy_produced_wh * STEP_S);
	return header.count;
}

static uint8_t *
slot(unsigned number)
{
	return nor.bytes + DATA_AT + (size_t)number * BLOCK_MAX;
}

static void
read_all(void)
{
	struct log_info info;
	struct interval record;

	for (uint32_t i = dlog.oldest; i < dlog.next; i++)
		block_read(i);
	datalog_info(&dlog, &nor.board, &info);
	if (datalog_newest(&dlog, &nor.board, &record))
		assert_int_equal(
		    record.at, FIRST_AT + record.energy_produced_wh * STEP_S);
}

static void
a_read_that_fails_never_makes_a_wrong_record(void **state)
{
	struct nor written;
	unsigned reads;

	(void)state;
	begin(70);
	nor_power(&nor, 0, NOR_CUT_BEFORE);
	assert_true(mount());
	read_all();
	reads = nor.reads;
	written = nor;
	for (unsigned n = 1; n <= reads; n++) {
		nor = written;
		nor_power(&nor, 0, NOR_CUT_BEFORE);
		nor.fail_read_at = n;
		if (mount())
			read_all();
	}
}

static void
a_block_whose_header_decayed_is_lost_with_its_records(void **state)
{
	struct log_info info;

	(void)state;
	begin(0);
	assert_true(append_alone(0));
	assert_true(append_alone(1));
	assert_true(append_alone(2));
	slot(0)[4] ^= 1;
	slot(2)[4] ^= 1;
	assert_int_equal(block_read(0), -1);
	assert_int_equal(block_read(1), 1);
	assert_int_equal(block_read(2), -1);
	datalog_info(&dlog, &nor.board, &info);
	assert_int_equal(info.records, 1);
	assert_int_equal(info.first_at, FIRST_AT + STEP_S);
	assert_int_equal(info.last_at, FIRST_AT + STEP_S);
}

static void
blocks_without_a_sound_record_have_no_times(void **state)
{
	struct log_info info;

	(void)state;
	begin(0);
	assert_true(append_alone(0));
	assert_true(append_alone(1));
	assert_true(append_alone(2));
	slot(0)[BLOCK_HEADER_LEN] ^= 1;
	slot(2)[BLOCK_HEADER_LEN] ^= 1;
	assert_int_equal(block_read(0), 0);
	datalog_info(&dlog, &nor.board, &info);
	assert_int_equal(info.records, 1);
	assert_int_equal(info.first_at, FIRST_AT + STEP_S);
	assert_int_equal(info.last_at, FIRST_AT + STEP_S);
}

/* Stands the next program on its head: it fails half done. */
static void
fail_next(void)
{
	nor.fail_at = nor.ops + 1;
}

static void
a_slot_passed_over_reads_as_an_empty_block_like_its_neighbour(void **state)
{
	(void)state;
	begin(0);
	fail_next();
	assert_true(append_alone(0));
	assert_int_equal(dlog.next, 2);
	assert_int_equal(block_read(0), 0); /* none before it */
	assert_int_equal(header.cause, BLOCK_RESTART);
	assert_int_equal(header.boot, 7);
	utc.boot = 8;
	fail_next();
	assert_true(append_alone(1));
	utc.boot = 7;
	assert_int_equal(dlog.next, 4);
	assert_int_equal(block_read(2), 0);
	assert_int_equal(header.boot, 7);
}

/* Fails the header of a block, whatever goes before it. */
static bool
program_no_header(void *self, uint32_t at, const void *buf, size_t len)
{
	(void)self;
	(void)buf;
	(void)at;
	return len != BLOCK_HEADER_LEN;
}

static void
of_two_slots_passed_over_each_needs_a_neighbour(void **state)
{
	struct board_ops ops;
	const struct board_ops *sound;

	(void)state;
	begin(0);
	for (uint32_t n = 0; n < 6; n++)
		assert_true(append_alone(n));
	sound = nor.board.ops;
	ops = *sound;
	ops.flash_program = program_no_header;
	nor.board.ops = &ops;
	assert_false(append(6));
	nor.board.ops = sound;
	assert_int_equal(dlog.next, 8);
	assert_int_equal(block_read(6), 0);  /* as block 5 */
	assert_int_equal(block_read(7), -1); /* block 8 is still block 4 */
	assert_true(append_alone(6));
	assert_int_equal(block_read(8), 1);
	assert_int_equal(block_read(7), 0);  /* as block 8 */
	assert_int_equal(block_read(6), -1); /* block 5 is gone */
}

static void
a_log_that_has_lost_its_id_gets_a_new_one(void **state)
{
	uint8_t before[LOG_ID_LEN];

	(void)state;
	begin(5);
	memcpy(before, dlog.id, LOG_ID_LEN);
	memset(nor.bytes, 0xff, 4096);
	memset(nor.programmed, 0, 4096);
	assert_true(mount());
	assert_memory_not_equal(dlog.id, before, LOG_ID_LEN);
	assert_int_equal(block_read(0), 5);
}

/* Firmware that gives the log more slots finds blocks where none belong. */
static void
a_block_in_the_slot_of_another_is_not_taken_up(void **state)
{
	static const struct flash_geometry more = { 2048, 8, 2, 2, 3 };

	(void)state;
	begin(0);
	for (uint32_t n = 0; n < 6; n++)
		assert_true(append_alone(n));
	nor.board.flash =
	    more; /* 4 and 5 lie in slots 0 and 1, for 6 of them */
	assert_true(mount());
	assert_int_equal(dlog.next, 4);
	assert_int_equal(block_read(2), 1);
	assert_int_equal(block_read(3), 1);
}

static void
a_record_that_does_not_rise_is_left_out(void **state)
{
	uint8_t *second, bytes[RECORD_LEN];
	struct interval stale = { .at = FIRST_AT };

	(void)state;
	begin(3);
	second = slot(0) + BLOCK_HEADER_LEN + RECORD_LEN;
	interval_encode(&stale, bytes);
	memcpy(second, bytes, RECORD_LEN);
	assert_int_equal(block_read(0), 2);
	assert_int_equal(records[0].energy_produced_wh, 0);
	assert_int_equal(records[1].energy_produced_wh, 2);
}

static void
a_block_is_of_one_start(void **state)
{
	(void)state;
	begin(2);
	utc.boot = 8;
	assert_true(append(2));
	utc.boot = 7;
	assert_int_equal(block_read(0), 2);
	assert_int_equal(block_read(1), 1);
	assert_int_equal(header.cause, BLOCK_RESTART);
	assert_int_equal(header.boot, 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read_that_fails_never_makes_a_wrong_record),
		cmocka_unit_test(
		    a_block_whose_header_decayed_is_lost_with_its_records),
		cmocka_unit_test(blocks_without_a_sound_record_have_no_times),
		cmocka_unit_test(
		    a_slot_passed_over_reads_as_an_empty_block_like_its_neighbour),
		cmocka_unit_test(
		    of_two_slots_passed_over_each_needs_a_neighbour),
		cmocka_unit_test(a_log_that_has_lost_its_id_gets_a_new_one),
		cmocka_unit_test(
		    a_block_in_the_slot_of_another_is_not_taken_up),
		cmocka_unit_test(a_record_that_does_not_rise_is_left_out),
		cmocka_unit_test(a_block_is_of_one_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
