/* SPDX-License-Identifier: BSD-2-Clause */

#include "../../../cli/parse.h" /* before cmocka's macro fail() */
#include "../../../proto/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int
set(struct unit_record *record, const char *name, const char *text,
    struct failure *failure)
{
	const struct field *field = message_find(&msg_record, name);

	assert_non_null(field);
	*failure = (struct failure){ 0 };
	return parse_field(&msg_record, field, record, text, failure);
}

static void
assert_set(struct unit_record *record, const char *name, const char *text)
{
	struct failure failure;

	assert_int_equal(set(record, name, text, &failure), E_OK);
}

static void
a_good_value_lands_in_its_member(void **state)
{
	struct unit_record record = { 0 };

	(void)state;
	assert_set(&record, "city", "Springfield");
	assert_string_equal(record.city, "Springfield");
	assert_true(HAS(&record, RECORD_CITY));
	assert_set(&record, "premises_id", "0042-7715");
	assert_string_equal(record.premises_id, "0042-7715");
	assert_set(&record, "state", "IL");
	assert_set(&record, "zip", "62701-0042");
	assert_set(&record, "model", "S-B-5-02-IH-10-60A");
	assert_set(&record, "sample_minutes", "15");
	assert_int_equal(record.sample_minutes, 15);
	assert_set(&record, "der_type", "ev");
	assert_int_equal(record.der_type, 2);
	assert_set(&record, "comms.type", "cellular");
	assert_int_equal(record.comms_type, COMMS_CELLULAR);
	assert_set(&record, "location_notes", "");
	assert_true(HAS(&record, RECORD_LOCATION_NOTES));
}

static void
degrees_keep_six_decimals_exactly(void **state)
{
	static const struct {
		const char *text;
		int32_t latitude;
	} rows[] = { { "40.7128", 40712800 }, { "-33.865143", -33865143 },
		{ "0.000001", 1 }, { "-0.000001", -1 }, { "90", 90000000 },
		{ "+1.5", 1500000 }, { "-90.000000", -90000000 },
		{ "1.2345670000", 1234567 } };
	struct unit_record record = { 0 };

	(void)state;
	for (size_t i = 0; i < nitems(rows); i++) {
		assert_set(&record, "latitude", rows[i].text);
		assert_int_equal(record.latitude, rows[i].latitude);
	}
}

static void
tags_are_separated_by_commas(void **state)
{
	struct unit_record record = { 0 };

	(void)state;
	assert_set(&record, "tags", "roof,phase 2");
	assert_int_equal(record.tags.count, 2);
	assert_string_equal(record.tags.at[0], "roof");
	assert_string_equal(record.tags.at[1], "phase 2");
	assert_set(&record, "tags", "");
	assert_int_equal(record.tags.count, 0);
	assert_true(HAS(&record, RECORD_TAGS));
}

static void
a_bad_value_names_field_value_and_what_is_right(void **state)
{
	static const struct {
		const char *name, *text, *hint; /* hint: a part of it */
	} rows[] = {
		{ "zip", "627", "62701" },
		{ "zip", "6270a", "62701" },
		{ "zip", "62701-042", "62701" },
		{ "state", "ZZ", "IL" },
		{ "state", "il", "IL" },
		{ "state", "Illinois", "IL" },
		{ "city", "", "1 to 32 bytes" },
		{ "city", "Llanfairpwllgwyngyllgogerychwyrnd", "1 to 32" },
		{ "city", "a\nb", "control" },
		{ "city",
		    "a\xff"
		    "b",
		    "UTF-8" },
		{ "serial", "SIM 1", "letters" },
		{ "serial", "12345678901234567", "1 to 16" },
		{ "model", "S-B-5-03-IH-10-60A", "02 or 12" },
		{ "latitude", "91", "-90.000000 to 90.000000" },
		{ "latitude", "1.2345678", "-90.000000" },
		{ "latitude", "north", "-90.000000" },
		{ "latitude", "", "-90.000000" },
		{ "latitude", "-", "-90.000000" },
		{ "latitude", "1.", "-90.000000" },
		{ "latitude", "99999999999999999999", "-90.000000" },
		{ "latitude", "202022202022020.062220", "-90.000000" },
		{ "sample_minutes", "0", "1 to 60" },
		{ "sample_minutes", "61", "1 to 60" },
		{ "sample_minutes", "1.5", "1 to 60" },
		{ "sample_minutes", "15m", "1 to 60" },
		{ "der_type", "sun", "solar, storage, ev" },
		{ "der_type", "0", "solar, storage, ev" },
		{ "tags", "a,,b", "1 to 16" },
		{ "tags", "a,", "1 to 16" },
		{ "tags", "12345678901234567", "1 to 16" },
		{ "tags", "1,2,3,4,5,6,7,8,9", "at most 8" },
		{ "hardware_id", "0123", "16 to 32 hex" },
	};

	(void)state;
	for (size_t i = 0; i < nitems(rows); i++) {
		struct unit_record record = { 0 };
		struct failure failure;

		assert_int_equal(
		    set(&record, rows[i].name, rows[i].text, &failure),
		    E_BAD_VALUE);
		assert_int_equal(record.has, 0);
		assert_memory_equal(
		    failure.what, rows[i].name, strlen(rows[i].name));
		assert_non_null(strstr(failure.what, rows[i].text));
		if (strstr(failure.hint, rows[i].hint) == NULL)
			print_error("%s: %s\n", failure.what, failure.hint);
		assert_non_null(strstr(failure.hint, rows[i].hint));
		assert_string_equal(failure.field, rows[i].name);
		assert_true(HAS(&failure.detail, ERROR_FIELD));
	}
}

static void
a_time_needs_its_zone_in_a_field_too(void **state)
{
	struct unit_record record = { 0 };
	struct failure failure;

	(void)state;
	assert_set(&record, "installed_at", "2026-11-21T15:00:00Z");
	assert_int_equal(record.installed_at, 1795273200);
	assert_int_equal(
	    set(&record, "installed_at", "2026-11-21T15:00:00", &failure),
	    E_BAD_VALUE);
	assert_non_null(strstr(failure.what, "no zone"));
	assert_int_equal(
	    set(&record, "installed_at", "2200-01-01T00:00:00Z", &failure),
	    E_BAD_VALUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_value_lands_in_its_member),
		cmocka_unit_test(degrees_keep_six_decimals_exactly),
		cmocka_unit_test(tags_are_separated_by_commas),
		cmocka_unit_test(
		    a_bad_value_names_field_value_and_what_is_right),
		cmocka_unit_test(a_time_needs_its_zone_in_a_field_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
