/* SPDX-License-Identifier: BSD-2-Clause */

#include "../../../cli/parse.h" /* before cmocka's macro fail() */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* 2026-11-21T15:42:10.250Z */
static const uint64_t now_ms = 1795275730250;

static void
durations_are_seconds_or_units_from_large_to_small(void **state)
{
	static const struct {
		const char *text;
		uint32_t seconds;
	} rows[] = { { "90", 90 }, { "90s", 90 }, { "10m", 600 },
		{ "1h30m", 5400 }, { "7d", 604800 }, { "0", 0 },
		{ "1d2h3m4s", 93784 }, { "4294967295", UINT32_MAX } };
	struct failure failure = { 0 };
	uint32_t seconds;

	(void)state;
	for (size_t i = 0; i < nitems(rows); i++) {
		assert_int_equal(
		    parse_duration(rows[i].text, "--hold", &seconds, &failure),
		    E_OK);
		assert_int_equal(seconds, rows[i].seconds);
	}
}

static void
what_is_no_duration_is_refused_by_name(void **state)
{
	static const char *const rows[] = { "", "s", "1x", "-5", "1m1h", "1m1m",
		"1h30", "1.5h", "90 ", " 90", "4294967296", "49711d", "now",
		"99999999999999999999" };
	uint32_t seconds = 7;

	(void)state;
	for (size_t i = 0; i < nitems(rows); i++) {
		struct failure failure = { 0 };

		assert_int_equal(
		    parse_duration(rows[i], "--hold", &seconds, &failure),
		    E_BAD_VALUE);
		assert_non_null(strstr(failure.what, "--hold"));
		assert_non_null(strstr(failure.hint, "1h30m"));
		assert_int_equal(seconds, 7);
	}
}

static void
a_time_is_rfc_3339_with_its_zone(void **state)
{
	static const struct {
		const char *text;
		uint64_t utc_ms;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01T00:00:00.001Z", 1 },
		/* the examples of RFC 3339, section 5.8 */
		{ "1985-04-12T23:20:50.52Z", 482196050520 },
		{ "1996-12-19T16:39:57-08:00", 851042397000 },
		{ "1996-12-20T00:39:57Z", 851042397000 },
		{ "1937-01-01T12:00:27+00:20", UINT64_MAX },
		{ "2000-02-29T12:00:00z", 951825600000 },
		{ "2024-02-29t00:00:00+14:00", 1709114400000 },
		{ "2026-11-21 15:00:00Z", 1795273200000 },
		{ "2100-03-01T00:00:00Z", 4107542400000 },
		{ "9999-12-31T23:59:59.9999Z", 253402300799999 },
	};
	uint64_t utc_ms;

	(void)state;
	for (size_t i = 0; i < nitems(rows); i++) {
		struct failure failure = { 0 };
		int err =
		    parse_time(rows[i].text, "--at", now_ms, &utc_ms, &failure);

		if (rows[i].utc_ms == UINT64_MAX) { /* before 1970 */
			assert_int_equal(err, E_BAD_VALUE);
			continue;
		}
		assert_int_equal(err, E_OK);
		assert_int_equal(utc_ms, rows[i].utc_ms);
	}
}

static void
impossible_times_are_refused(void **state)
{
	static const char *const rows[] = { "2026-02-29T00:00:00Z",
		"2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
		"2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
		"2026-01-01T23:60:00Z", "2026-01-01T23:59:60Z",
		"2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60",
		"2026-01-01T00:00:00+0100", "2026-01-01T00:00:00.Z",
		"2026-01-01T00:00Z", "2026-1-1T00:00:00Z", "tomorrow", "",
		"2026-01-01T00:00:00ZZ", "1970-01-01T00:00:00+00:01", "15:00" };

	(void)state;
	for (size_t i = 0; i < nitems(rows); i++) {
		struct failure failure = { 0 };
		uint64_t utc_ms = 7;

		assert_int_equal(
		    parse_time(rows[i], "--at", now_ms, &utc_ms, &failure),
		    E_BAD_VALUE);
		assert_non_null(strstr(failure.what, "--at"));
		assert_int_equal(utc_ms, 7);
	}
}

static void
a_time_without_zone_is_refused_and_told_how_to_write_it(void **state)
{
	struct failure failure = { 0 };
	uint64_t utc_ms;

	(void)state;
	assert_int_equal(parse_time("2026-11-21T15:00:00", "--at", now_ms,
			     &utc_ms, &failure),
	    E_BAD_VALUE);
	assert_string_equal(
	    failure.what, "--at: '2026-11-21T15:00:00' has no zone");
	assert_non_null(strstr(failure.hint, "2026-11-21T15:00:00Z"));
}

static void
now_and_top_of_hour_follow_the_clock_given(void **state)
{
	struct failure failure = { 0 };
	uint64_t utc_ms;

	(void)state;
	assert_int_equal(
	    parse_time("now", "--at", now_ms, &utc_ms, &failure), E_OK);
	assert_int_equal(utc_ms, now_ms);
	assert_int_equal(
	    parse_time("top-of-hour", "--at", now_ms, &utc_ms, &failure), E_OK);
	assert_int_equal(utc_ms, 1795276800000); /* 16:00:00 */
	assert_int_equal(
	    parse_time("top-of-hour", "--at", 1795276800000, &utc_ms, &failure),
	    E_OK);
	assert_int_equal(utc_ms, 1795280400000); /* the next one: 17:00:00 */
}

static void
a_bound_is_a_time_a_date_or_a_duration_ago(void **state)
{
	static const struct {
		const char *text;
		uint64_t utc_ms;
	} rows[] = {
		{ "2026-11-21", 1795219200000 },
		{ "2026-11-21T15:00:00Z", 1795273200000 },
		{ "90m", 1795275730250 - 5400000 },
		{ "90", 1795275730250 - 90000 }, { "now", 1795275730250 },
		{ "49710d", 0 }, /* longer ago than there is time */
	};
	struct failure failure = { 0 };
	uint64_t utc_ms;

	(void)state;
	for (size_t i = 0; i < nitems(rows); i++) {
		uint64_t at_ms = rows[i].utc_ms == 0 ? 1000 : now_ms;

		assert_int_equal(parse_bound(rows[i].text, "--since", at_ms,
				     &utc_ms, &failure),
		    E_OK);
		assert_int_equal(utc_ms, rows[i].utc_ms);
	}
}

static void
a_bad_bound_names_all_that_it_may_be(void **state)
{
	struct failure failure = { 0 };
	uint64_t utc_ms;

	(void)state;
	assert_int_equal(
	    parse_bound("last week", "--since", now_ms, &utc_ms, &failure),
	    E_BAD_VALUE);
	assert_non_null(strstr(failure.hint, "date"));
	assert_non_null(strstr(failure.hint, "duration"));
	failure = (struct failure){ 0 };
	assert_int_equal(
	    parse_bound("2026-02-30", "--since", now_ms, &utc_ms, &failure),
	    E_BAD_VALUE);
	assert_non_null(strstr(failure.what, "no such day"));
}

static void
numbers_are_whole_and_within_their_limits(void **state)
{
	static const char *const bad[] = { "", "-", "1.5", "0x10", "11", "0",
		"1e1", " 5", "5 ", "99999999999999999999" };
	struct failure failure = { 0 };
	int64_t number;

	(void)state;
	assert_int_equal(
	    parse_number("10", "--minutes", 1, 10, &number, &failure), E_OK);
	assert_int_equal(number, 10);
	assert_int_equal(
	    parse_number("-7", "N", -10, 10, &number, &failure), E_OK);
	assert_int_equal(number, -7);
	for (size_t i = 0; i < nitems(bad); i++) {
		failure = (struct failure){ 0 };
		assert_int_equal(
		    parse_number(bad[i], "--minutes", 1, 10, &number, &failure),
		    E_BAD_VALUE);
		assert_string_equal(
		    failure.hint, "write a number from 1 to 10");
	}
}

/* Control characters once passed for digits: 0x10 for 0. */
static void
a_hex_digit_is_one_of_twenty_two_characters(void **state)
{
	static const char digits[] = "0123456789abcdef", upper[] = "ABCDEF";
	int others = 0;

	(void)state;
	for (int i = 0; i < 16; i++)
		assert_int_equal(hex_digit(digits[i]), i);
	for (int i = 0; i < 6; i++)
		assert_int_equal(hex_digit(upper[i]), 10 + i);
	for (int c = -128; c < 128; c++)
		others += hex_digit((char)c) < 0;
	assert_int_equal(others, 256 - 22);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    durations_are_seconds_or_units_from_large_to_small),
		cmocka_unit_test(what_is_no_duration_is_refused_by_name),
		cmocka_unit_test(a_time_is_rfc_3339_with_its_zone),
		cmocka_unit_test(impossible_times_are_refused),
		cmocka_unit_test(
		    a_time_without_zone_is_refused_and_told_how_to_write_it),
		cmocka_unit_test(now_and_top_of_hour_follow_the_clock_given),
		cmocka_unit_test(a_bound_is_a_time_a_date_or_a_duration_ago),
		cmocka_unit_test(a_bad_bound_names_all_that_it_may_be),
		cmocka_unit_test(a_hex_digit_is_one_of_twenty_two_characters),
		cmocka_unit_test(numbers_are_whole_and_within_their_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
