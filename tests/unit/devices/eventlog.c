/* SPDX-License-Identifier: BSD-2-Clause */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/eventlog.h"
#include "../../support/nor.h"

enum { EVENTS = 60, STARTED = 1792000000 };

static const struct flash_geometry geometries[] = {
	{ 1024, 1, 2, 2, 2 },
	{ 1024, 8, 2, 3, 2 },
	{ 1024, 32, 2, 4, 2 },
};

static struct nor nor;
static struct store store;
static struct eventlog elog;

static struct event
event_nth(uint32_t n)
{
	struct event event = { .at = STARTED + n,
		.kind = (uint8_t)(1 + n % 28) };

	HAVE(&event, EVENT_KEY_AT);
	HAVE(&event, EVENT_KEY_KIND);
	if (n % 2 == 0)
		return event;
	memset(event.old, 'a' + (int)(n % 26), 1 + n * 7 % 128);
	memset(event.holder, 'H', 32);
	HAVE(&event, EVENT_KEY_HOLDER);
	HAVE(&event, EVENT_KEY_OLD);
	return event;
}

static bool
mount(void)
{
	return store_mount(&store, &nor.board) &&
	    eventlog_mount(&elog, &nor.board, &store);
}

static bool
append_nth(uint32_t n)
{
	struct event event = event_nth(n);

	return eventlog_append(&elog, &nor.board, &event);
}

/* Appends until the n'th; the number that were told to have succeeded. */
static uint32_t
append_up_to(uint32_t done, uint32_t n)
{
	while (done < n && append_nth(done))
		done++;
	return done;
}

static void
assert_reads_as_written(uint32_t index)
{
	uint8_t want[EVENT_LEN_MAX], got[EVENT_LEN_MAX];
	struct cbor_out out = cbor_writer(want, sizeof(want));
	struct event event = event_nth(index);

	message_encode(&msg_event, &event, &out);
	assert_int_equal(
	    eventlog_read(&elog, &nor.board, index, got), cbor_len(&out, want));
	assert_memory_equal(got, want, cbor_len(&out, want));
}

static void
assert_all_read_as_written(void)
{
	for (uint32_t i = elog.oldest; i < elog.next; i++)
		assert_reads_as_written(i);
}

static void
a_new_log_is_empty_and_has_an_id(void **state)
{
	static const uint8_t none[LOG_ID_LEN];
	struct log_info info;

	(void)state;
	nor_make(&nor, &geometries[0]);
	assert_true(mount());
	eventlog_info(&elog, &nor.board, &info);
	assert_true(HAS(&info, LOG_INFO_LOG_ID));
	assert_int_equal(info.log_id.len, LOG_ID_LEN);
	assert_memory_not_equal(info.log_id.at, none, LOG_ID_LEN);
	assert_true(HAS(&info, LOG_INFO_RECORDS));
	assert_int_equal(info.records, 0);
	assert_int_equal(info.bytes, 0);
	assert_false(HAS(&info, LOG_INFO_OLDEST));
	assert_false(HAS(&info, LOG_INFO_NEWEST));
	assert_false(HAS(&info, LOG_INFO_FIRST_AT));
}

static void
an_event_lies_in_flash_as_the_bytes_of_its_part(void **state)
{
	static const uint8_t want[] = { 0xa2, 0x01, 0x1a, 0x6a, 0xcf, 0xc0,
		0x00, 0x02, 0x01 };
	uint8_t got[EVENT_LEN_MAX];
	struct event event = event_nth(0);

	(void)state;
	nor_make(&nor, &geometries[1]);
	assert_true(mount());
	assert_true(eventlog_append(&elog, &nor.board, &event));
	assert_int_equal(
	    eventlog_read(&elog, &nor.board, 0, got), sizeof(want));
	assert_memory_equal(got, want, sizeof(want));
	assert_memory_equal(
	    nor.bytes + (size_t)2 * 1024 + 16 + 4, want, sizeof(want));
}

static void
info_tells_span_and_bytes(void **state)
{
	struct log_info info;

	(void)state;
	nor_make(&nor, &geometries[1]);
	assert_true(mount());
	assert_int_equal(append_up_to(0, 1), 1);
	assert_true(append_nth(2));
	assert_true(append_nth(4));
	eventlog_info(&elog, &nor.board, &info);
	assert_int_equal(info.records, 3);
	assert_int_equal(info.oldest, 0);
	assert_int_equal(info.newest, 2);
	assert_int_equal(info.bytes, 3 * 9);
	assert_int_equal(info.first_at, STARTED);
	assert_int_equal(info.last_at, STARTED + 4);
	assert_true(HAS(&info, LOG_INFO_FIRST_AT));
	assert_true(HAS(&info, LOG_INFO_LAST_AT));
}

static void
the_time_of_an_event_without_a_trusted_clock_is_not_told(void **state)
{
	struct event event = event_nth(0);
	struct log_info info;

	(void)state;
	event.untrusted = true;
	HAVE(&event, EVENT_KEY_UNTRUSTED);
	nor_make(&nor, &geometries[1]);
	assert_true(mount());
	assert_true(eventlog_append(&elog, &nor.board, &event));
	eventlog_info(&elog, &nor.board, &info);
	assert_int_equal(info.records, 1);
	assert_false(HAS(&info, LOG_INFO_FIRST_AT));
	assert_false(HAS(&info, LOG_INFO_LAST_AT));
}

static void
the_ring_forgets_the_oldest_and_reuses_no_index(void **state)
{
	uint8_t id[LOG_ID_LEN], buf[EVENT_LEN_MAX];

	(void)state;
	for (size_t g = 0; g < sizeof(geometries) / sizeof(*geometries); g++) {
		nor_make(&nor, &geometries[g]);
		assert_true(mount());
		memcpy(id, elog.id, sizeof(id));
		for (uint32_t n = 0; n < 400; n++) {
			if (n % 37 == 0)
				assert_true(mount());
			assert_int_equal(elog.next, n);
			assert_true(append_nth(n));
			assert_reads_as_written(n);
			assert_reads_as_written(elog.oldest);
		}
		assert_true(elog.oldest > 300);
		assert_all_read_as_written();
		assert_int_equal(
		    eventlog_read(&elog, &nor.board, elog.oldest - 1, buf), 0);
		assert_int_equal(eventlog_read(&elog, &nor.board, 400, buf), 0);
		assert_memory_equal(elog.id, id, sizeof(id));
	}
}

static void
events_can_be_read_in_any_order(void **state)
{
	(void)state;
	nor_make(&nor, &geometries[1]);
	assert_true(mount());
	assert_int_equal(append_up_to(0, 90), 90);
	for (uint32_t i = elog.next; i > elog.oldest; i--)
		assert_reads_as_written(i - 1);
	for (uint32_t i = 0; i < 200; i++)
		assert_reads_as_written(
		    elog.oldest + i * 31 % (elog.next - elog.oldest));
}

static void
a_failing_operation_is_got_round_or_told(void **state)
{
	(void)state;
	for (unsigned fail = 5; fail < 80; fail++) {
		uint32_t done;

		nor_make(&nor, &geometries[1]);
		assert_true(mount());
		nor.fail_at = fail;
		done = append_up_to(0, EVENTS);
		assert_int_equal(append_up_to(done, EVENTS), EVENTS);
		assert_all_read_as_written();
		assert_true(mount());
		assert_int_equal(elog.next, EVENTS);
		assert_all_read_as_written();
	}
}

/* As for the store: one cut in operation `op`, another in the recovery. */
static bool
whole_events_after_cut(const struct flash_geometry *flash, unsigned op,
    enum nor_cut cut, unsigned again)
{
	uint32_t done = 0;

	nor_make(&nor, flash);
	nor_power(&nor, op, cut);
	if (mount())
		done = append_up_to(0, EVENTS);
	if (!nor.dead)
		return false;
	nor_power(&nor, again, NOR_CUT_HALF);
	if (mount()) {
		assert_in_range(elog.next, done, done + 1);
		assert_all_read_as_written();
		done = append_up_to(elog.next, elog.next + 4);
	}
	nor_power(&nor, 0, NOR_CUT_BEFORE);
	assert_true(mount());
	assert_in_range(elog.next, done, done + 1);
	assert_all_read_as_written();
	assert_int_equal(append_up_to(elog.next, EVENTS + 9), EVENTS + 9);
	assert_all_read_as_written();
	return true;
}

static void
a_power_cut_loses_no_event_and_leaves_no_half_one(void **state)
{
	unsigned cuts = 0;

	(void)state;
	for (size_t g = 0; g < sizeof(geometries) / sizeof(*geometries); g++) {
		for (unsigned cut = 0; cut < NOR_CUTS; cut++) {
			unsigned op = 1;

			while (whole_events_after_cut(
			    &geometries[g], op, (enum nor_cut)cut, op % 7))
				op++;
			assert_in_range(op, 60, 500);
			cuts += op - 1;
		}
	}
	print_message("event log: %u power cuts\n", cuts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_log_is_empty_and_has_an_id),
		cmocka_unit_test(
		    an_event_lies_in_flash_as_the_bytes_of_its_part),
		cmocka_unit_test(info_tells_span_and_bytes),
		cmocka_unit_test(
		    the_time_of_an_event_without_a_trusted_clock_is_not_told),
		cmocka_unit_test(
		    the_ring_forgets_the_oldest_and_reuses_no_index),
		cmocka_unit_test(events_can_be_read_in_any_order),
		cmocka_unit_test(a_failing_operation_is_got_round_or_told),
		cmocka_unit_test(
		    a_power_cut_loses_no_event_and_leaves_no_half_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
