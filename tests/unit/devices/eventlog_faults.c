/* SPDX-License-Identifier: BSD-2-Clause */

/* The event log on flash that decays, or fails to be read or written. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/eventlog.h"
#include "../../support/nor.h"

enum {
	STARTED = 1792000000,
	EVENTS_AT = 2 * 1024, /* behind the store */
	HEAD_LEN = 16,
	EVENT_LEN = 9,
	ENTRY_LEN = 24, /* with head and CRC, in whole units */
};

static const struct flash_geometry three = { 1024, 8, 2, 3, 2 };

static struct nor nor;
static struct store store;
static struct eventlog elog;

static bool
mount(void)
{
	return store_mount(&store, &nor.board) &&
	    eventlog_mount(&elog, &nor.board, &store);
}

static bool
append(uint32_t n)
{
	struct event event = { .at = STARTED + n, .kind = EVENT_RESTART };

	HAVE(&event, EVENT_KEY_AT);
	HAVE(&event, EVENT_KEY_KIND);
	return eventlog_append(&elog, &nor.board, &event);
}

/* A log of so many events. */
static void
begin(const struct flash_geometry *geometry, uint32_t count)
{
	nor_make(&nor, geometry);
	assert_true(mount());
	for (uint32_t n = 0; n < count; n++)
		assert_true(append(n));
}

/* The event of that index, as it was written, or none; is it there? */
static bool
reads(uint32_t index)
{
	uint8_t want[EVENT_LEN] = { 0xa2, 0x01, 0x1a, 0x6a, 0xcf, 0xc0,
		(uint8_t)index, 0x02, EVENT_RESTART };
	uint8_t buf[EVENT_LEN_MAX];
	size_t len = eventlog_read(&elog, &nor.board, index, buf);

	if (len == 0)
		return false;
	assert_int_equal(len, EVENT_LEN);
	assert_memory_equal(buf, want, EVENT_LEN);
	return true;
}

/* One that failed at power-up numbered the events of a sector anew once. */
static void
a_read_that_fails_never_makes_a_wrong_event(void **state)
{
	struct nor written;
	unsigned count;

	(void)state;
	begin(&three, 60);
	nor_power(&nor, 0, NOR_CUT_BEFORE);
	assert_true(mount());
	for (uint32_t i = elog.oldest; i < elog.next; i++)
		assert_true(reads(i));
	count = nor.reads;
	written = nor;
	for (unsigned n = 1; n <= count; n++) {
		nor = written;
		nor_power(&nor, 0, NOR_CUT_BEFORE);
		nor.fail_read_at = n;
		if (!mount())
			continue;
		for (uint32_t i = elog.oldest; i < elog.next; i++)
			reads(i);
	}
}

static void
an_event_that_decayed_is_lost_alone(void **state)
{
	(void)state;
	begin(&three, 5);
	nor.bytes[EVENTS_AT + HEAD_LEN + 2 * ENTRY_LEN + 6] ^= 1;
	assert_true(reads(1));
	assert_false(reads(2));
	assert_true(reads(3));
}

static void
behind_a_head_that_decayed_nothing_is_found_in_its_sector(void **state)
{
	struct log_info info;

	(void)state;
	begin(&three, 5);
	nor.bytes[EVENTS_AT + HEAD_LEN + 2 * ENTRY_LEN] ^= 1;
	assert_true(reads(1));
	assert_false(reads(2));
	assert_false(reads(3));
	eventlog_info(&elog, &nor.board, &info);
	assert_int_equal(info.records, 5);
	assert_int_equal(info.bytes, 2 * EVENT_LEN);
	assert_true(HAS(&info, LOG_INFO_FIRST_AT));
	assert_int_equal(info.first_at, STARTED);
	assert_false(HAS(&info, LOG_INFO_LAST_AT));
}

static void
an_entry_longer_than_any_event_is_none(void **state)
{
	static const uint8_t bytes[EVENT_LEN_MAX + 1];
	struct flash_sink sink;
	uint8_t buf[EVENT_LEN_MAX];

	(void)state;
	begin(&three, 1);
	sink_begin(&sink, &nor.board, elog.next_at, 0x1de3, sizeof(bytes));
	sink_put(&sink, &nor.board, bytes, sizeof(bytes));
	assert_true(sink_end(&sink, &nor.board));
	assert_true(mount());
	assert_int_equal(elog.next, 2);
	assert_true(reads(0));
	assert_int_equal(eventlog_read(&elog, &nor.board, 1, buf), 0);
}

/* Its first event was answered for every index of it once. */
static void
a_sector_whose_header_decays_is_not_read(void **state)
{
	(void)state;
	begin(&three, 5);
	nor.bytes[EVENTS_AT + 8] ^= 1;
	assert_false(reads(0));
	assert_false(reads(4));
}

static void
a_log_that_has_lost_its_id_gets_a_new_one(void **state)
{
	uint8_t before[LOG_ID_LEN];

	(void)state;
	begin(&three, 5);
	memcpy(before, elog.id, LOG_ID_LEN);
	memset(nor.bytes, 0xff, EVENTS_AT);
	memset(nor.programmed, 0, EVENTS_AT);
	assert_true(mount());
	assert_memory_not_equal(elog.id, before, LOG_ID_LEN);
	assert_int_equal(elog.next, 5);
	memcpy(before, elog.id, LOG_ID_LEN);
	assert_true(mount());
	assert_memory_equal(elog.id, before, LOG_ID_LEN);
}

static void
a_log_whose_id_cannot_be_kept_is_not_taken_up(void **state)
{
	(void)state;
	begin(&three, 5);
	memset(nor.bytes, 0xff, EVENTS_AT);
	memset(nor.programmed, 0, EVENTS_AT);
	assert_true(store_mount(&store, &nor.board));
	nor.dead = true;
	assert_false(eventlog_mount(&elog, &nor.board, &store));
}

static void
a_log_that_could_not_be_made_begins_with_the_first_event(void **state)
{
	(void)state;
	nor_make(&nor, &three);
	assert_true(store_mount(&store, &nor.board));
	nor.dead = true;
	assert_false(eventlog_mount(&elog, &nor.board, &store));
	assert_false(append(0));
	nor.dead = false;
	assert_true(append(0));
	assert_true(reads(0));
}

/* Firmware that gives the log fewer sectors finds those of the longer row. */
static void
sectors_of_another_row_are_not_taken_up(void **state)
{
	static const struct flash_geometry fewer = { 1024, 8, 2, 2, 2 };
	uint32_t next, sectors = 0;

	(void)state;
	begin(&three, 0);
	for (uint32_t n = 0; sectors < 4; n++) { /* the fourth is the first */
		uint16_t head = elog.ring.head;

		assert_true(append(n));
		sectors += elog.ring.head != head || n == 0;
	}
	assert_int_equal(elog.ring.head, 0);
	next = elog.next;
	nor.board.flash = fewer;
	assert_true(mount());
	assert_int_equal(elog.next, next);
	assert_int_equal(elog.oldest, next - 1);
	assert_true(reads(elog.oldest));
	assert_true(append(next));
	assert_true(reads(next));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read_that_fails_never_makes_a_wrong_event),
		cmocka_unit_test(an_event_that_decayed_is_lost_alone),
		cmocka_unit_test(
		    behind_a_head_that_decayed_nothing_is_found_in_its_sector),
		cmocka_unit_test(an_entry_longer_than_any_event_is_none),
		cmocka_unit_test(a_sector_whose_header_decays_is_not_read),
		cmocka_unit_test(a_log_that_has_lost_its_id_gets_a_new_one),
		cmocka_unit_test(a_log_whose_id_cannot_be_kept_is_not_taken_up),
		cmocka_unit_test(
		    a_log_that_could_not_be_made_begins_with_the_first_event),
		cmocka_unit_test(sectors_of_another_row_are_not_taken_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
