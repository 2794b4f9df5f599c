/* SPDX-License-Identifier: BSD-2-Clause */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/datalog.h"
#include "../../../devices/collar/eventlog.h"
#include "../../support/nor.h"

static const struct flash_geometry sound = { 1024, 8, 2, 2, 2 };

static struct nor nor;
static struct store store;
static struct eventlog elog;
static struct datalog dlog;

static void
a_geometry_at_its_limits_is_sound(void **state)
{
	static const struct flash_geometry sounds[] = {
		{ 1024, 1, 2, 2, 2 },
		{ 1024, 32, 2, 2, 2 },
		{ 7 * 1024, 16, 3, 2, 2 },
	};

	(void)state;
	for (size_t i = 0; i < nitems(sounds); i++) {
		nor_make(&nor, &sounds[i]);
		assert_true(flash_geometry_ok(&nor.board));
	}
}

/* One rule of devices/board.h broken in each. */
static const struct flash_geometry broken[] = {
	{ 1024, 0, 2, 2, 2 },
	{ 1024, 64, 2, 2, 2 },
	{ 1024, 24, 2, 2, 2 },
	{ 512, 8, 2, 2, 2 },
	{ 1536, 8, 2, 2, 2 },
	{ 1024, 8, 1, 2, 2 },
	{ 1024, 8, 2, 1, 2 },
	{ 1024, 8, 2, 2, 1 },
};

static void
nothing_is_kept_on_flash_that_breaks_a_rule_of_its_geometry(void **state)
{
	static const struct datalog_frame frame = { .sample_minutes = 15 };
	struct event event = { .kind = EVENT_RESTART };
	struct interval record = { .at = 900 };
	struct store_item item = { STORE_RELAY, 3, "abc" };

	(void)state;
	for (size_t i = 0; i < nitems(broken); i++) {
		nor_make(&nor, &broken[i]);
		assert_false(flash_geometry_ok(&nor.board));
		assert_false(store_mount(&store, &nor.board));
		assert_false(eventlog_mount(&elog, &nor.board, &store));
		assert_false(datalog_mount(&dlog, &nor.board, &store));
		assert_false(store_commit(&store, &nor.board, &item, 1));
		assert_false(eventlog_append(&elog, &nor.board, &event));
		assert_false(
		    datalog_append(&dlog, &nor.board, &frame, &record));
		assert_int_equal(nor.ops, 0);
	}
}

static bool
erase_nothing(void *self, uint32_t sector)
{
	(void)self;
	(void)sector;
	return true;
}

static void
a_sector_that_does_not_come_out_blank_is_not_blank(void **state)
{
	struct board_ops worn;

	(void)state;
	nor_make(&nor, &sound);
	worn = *nor.board.ops;
	worn.flash_erase = erase_nothing;
	nor.bytes[1024 + 700] = 0x7f;
	nor.board.ops = &worn;
	assert_false(flash_make_blank(&nor.board, 1024));
	assert_true(flash_make_blank(&nor.board, 0));
}

static void
no_entry_can_be_where_its_end_lies_before_it(void **state)
{
	uint16_t len;

	(void)state;
	nor_make(&nor, &sound);
	assert_false(entry_len(&nor.board, 1024, 1000, 0xffff, &len));
	assert_false(entry_len(&nor.board, 1017, 1024, 0xffff, &len));
}

static void
an_entry_that_cannot_be_read_to_its_end_is_not_there(void **state)
{
	static const uint8_t bytes[300] = { 1, 2, 3 };
	struct flash_sink sink;
	uint16_t len = 0;
	unsigned reads;

	(void)state;
	nor_make(&nor, &sound);
	sink_begin(&sink, &nor.board, 0, 0x1234, sizeof(bytes));
	sink_put(&sink, &nor.board, bytes, sizeof(bytes));
	assert_true(sink_end(&sink, &nor.board));
	assert_true(entry_check(&nor.board, 0, 1024, 0x1234, &len));
	assert_int_equal(len, sizeof(bytes));
	reads = nor.reads;
	for (unsigned n = 1; n <= reads; n++) {
		nor_power(&nor, 0, NOR_CUT_BEFORE);
		nor.fail_read_at = n;
		assert_false(entry_check(&nor.board, 0, 1024, 0x1234, &len));
	}
}

static void
flash_that_cannot_be_read_is_not_blank(void **state)
{
	(void)state;
	nor_make(&nor, &sound);
	assert_true(flash_blank(&nor.board, 0, 1024));
	nor_power(&nor, 0, NOR_CUT_BEFORE);
	nor.fail_read_at = 3;
	assert_false(flash_blank(&nor.board, 0, 1024));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_geometry_at_its_limits_is_sound),
		cmocka_unit_test(
		    nothing_is_kept_on_flash_that_breaks_a_rule_of_its_geometry),
		cmocka_unit_test(
		    a_sector_that_does_not_come_out_blank_is_not_blank),
		cmocka_unit_test(no_entry_can_be_where_its_end_lies_before_it),
		cmocka_unit_test(
		    an_entry_that_cannot_be_read_to_its_end_is_not_there),
		cmocka_unit_test(flash_that_cannot_be_read_is_not_blank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
