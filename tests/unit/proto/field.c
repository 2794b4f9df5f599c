/* SPDX-License-Identifier: BSD-2-Clause */
#include "../../../proto/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "../../../proto/ops.h"

static int
check_text(const char *name, const char *value)
{
	struct unit_record record = { 0 };
	const struct field *field = message_find(&msg_record, name);

	assert_non_null(field);
	assert_true(strlen(value) < field->size);
	memcpy(field_in(field, &record), value, strlen(value));

	return field_check(field, &record);
}

static void
texts_obey_their_rules(void **state)
{
	(void)state;
	assert_int_equal(check_text("serial", "ZX-4711_a"), E_OK);
	assert_int_equal(check_text("serial", ""), E_BAD_VALUE);
	assert_int_equal(check_text("serial", "ZX/1"), E_BAD_VALUE);
	assert_int_equal(check_text("state", "OH"), E_OK);
	assert_int_equal(check_text("state", "PR"), E_OK);
	assert_int_equal(check_text("state", "oh"), E_BAD_VALUE);
	assert_int_equal(check_text("state", "XX"), E_BAD_VALUE);
	assert_int_equal(check_text("state", "O"), E_BAD_VALUE);
	assert_int_equal(check_text("zip", "02134"), E_OK);
	assert_int_equal(check_text("zip", "02134-1234"), E_OK);
	assert_int_equal(check_text("zip", "2134"), E_BAD_VALUE);
	assert_int_equal(check_text("zip", "02134-12"), E_BAD_VALUE);
	assert_int_equal(check_text("zip", "0213A"), E_BAD_VALUE);
	assert_int_equal(check_text("zip", "0213412345"), E_BAD_VALUE);
	assert_int_equal(check_text("model", "S-T-5-12-JC-22-80A"), E_OK);
	assert_int_equal(
	    check_text("model", "S-T-5-13-JC-22-80A"), E_BAD_VALUE);
	assert_int_equal(check_text("city",
			     "Do\xc3\xb1"
			     "a Ana"),
	    E_OK);
	assert_int_equal(check_text("city",
			     "Do\xf1"
			     "a Ana"),
	    E_BAD_VALUE);
	assert_int_equal(check_text("city", "a\tb"), E_BAD_VALUE);
	assert_int_equal(check_text("city", "a\x7f"), E_BAD_VALUE);
	assert_int_equal(check_text("location_notes", ""), E_OK);
}

static void
assert_shown(const char *name, int64_t value, const char *expected)
{
	struct unit_state unit = { 0 };
	const struct field *field = message_find(&msg_unit_state, name);
	char text[40];

	assert_non_null(field);
	field_set_number(field, &unit, value);
	assert_true(field_number(field, &unit) == value);
	assert_int_equal(
	    field_text(field, &unit, text, sizeof(text)), strlen(expected));
	assert_string_equal(text, expected);
}

static void
numbers_are_shown_as_people_write_them(void **state)
{
	(void)state;
	assert_shown("measured.voltage_v", 2405, "240.5");
	assert_shown("measured.current_a", 7, "0.07");
	assert_shown("measured.active_power_kw", -1, "-0.00001");
	assert_shown("measured.active_power_kw", 512345, "5.12345");
	assert_shown("measured.power_factor", -100, "-1.00");
	assert_shown("measured.power_factor", 0, "0.00");
	assert_shown("measured.temperature_f", -405, "-40.5");
	assert_shown("measured.energy_produced_kwh", UINT32_MAX, "4294967.295");
	assert_shown(
	    "test_registers.energy_consumed_kwh", 1234567890, "1234.567890");
	assert_shown("test_registers.energy_consumed_kwh", INT64_MAX,
	    "9223372036854.775807");
	assert_shown("uplink.failures", 0, "0");
	assert_shown("hex_status", 0x8000001f, "0x8000001f");
	assert_shown("sealed", 1, "true");
	assert_shown("relay.state", RELAY_SHUT, "shut");
	assert_shown("relay.state", 7, "7");
}

static void
times_are_shown_in_utc(void **state)
{
	(void)state;
	assert_shown("relay.hold.at", 0, "1970-01-01T00:00:00Z");
	assert_shown("relay.hold.at", 951782399, "2000-02-28T23:59:59Z");
	assert_shown("relay.hold.at", 951782400, "2000-02-29T00:00:00Z");
	assert_shown("relay.hold.at", 951868800, "2000-03-01T00:00:00Z");
	assert_shown("relay.hold.at", 978307199, "2000-12-31T23:59:59Z");
	assert_shown("relay.hold.at", 1078012799, "2004-02-28T23:59:59Z");
	assert_shown("relay.hold.at", 1795273200, "2026-11-21T15:00:00Z");
	assert_shown("relay.hold.at", UINT32_MAX, "2106-02-07T06:28:15Z");
	assert_shown("clock.utc", 1795273200999, "2026-11-21T15:00:00Z");
	assert_shown("clock.utc", 4107542400000, "2100-03-01T00:00:00Z");
	assert_shown("clock.utc", 253402300799000, "9999-12-31T23:59:59Z");
}

static void
bytes_and_ranges_are_shown_as_text(void **state)
{
	struct relay_move move = { .change.id = {
				       8, { 0, 1, 2, 3, 4, 5, 6, 7 } } };
	struct credit credit = { .gaps = { 2, { { 3, 5 }, { 9, 9 } } } };
	char text[40];

	(void)state;
	HAVE(&move, CHANGE_ID);
	field_text(message_field(&msg_relay_move, CHANGE_ID), &move, text,
	    sizeof(text));
	assert_string_equal(text, "0001020304050607");
	HAVE(&credit, CREDIT_GAPS);
	field_text(message_field(&msg_credit, CREDIT_GAPS), &credit, text,
	    sizeof(text));
	assert_string_equal(text, "3-5,9-9");
	LACK(&credit, CREDIT_GAPS);
	assert_int_equal(field_text(message_field(&msg_credit, CREDIT_GAPS),
			     &credit, text, sizeof(text)),
	    0);
	assert_string_equal(text, "");
}

static void
a_text_is_cut_between_characters(void **state)
{
	static const char *const cuts[] = { "", "", "a", "a", "a\xc3\xa9",
		"a\xc3\xa9", "a\xc3\xa9", "a\xc3\xa9\xe2\x82\xac",
		"a\xc3\xa9\xe2\x82\xacz", "a\xc3\xa9\xe2\x82\xacz" };
	struct unit_record record = { .city = "a\xc3\xa9\xe2\x82\xacz" };
	char text[12];

	(void)state;
	HAVE(&record, RECORD_CITY);
	for (size_t cap = 0; cap < nitems(cuts); cap++) {
		memset(text, '#', sizeof(text));
		assert_int_equal(
		    field_text(message_field(&msg_record, RECORD_CITY), &record,
			text, cap),
		    strlen(cuts[cap]));
		if (cap > 0)
			assert_string_equal(text, cuts[cap]);
		assert_int_equal(text[cap], '#');
	}
}

static void
fields_are_compared_and_copied_with_their_presence(void **state)
{
	struct unit_record a = { .city = "Troy", .zip = "12180" }, b = { 0 };
	const struct field *city = message_field(&msg_record, RECORD_CITY);
	const struct field *tags = message_field(&msg_record, RECORD_TAGS);

	(void)state;
	assert_true(field_equal(city, &a, &b)); /* in neither */
	HAVE(&a, RECORD_CITY);
	assert_false(field_equal(city, &a, &b));
	field_copy(city, &b, &a);
	assert_true(field_equal(city, &a, &b));
	assert_true(b.has == (uint64_t)1 << RECORD_CITY);
	assert_string_equal(b.city, "Troy");
	b.city[10] = 'x'; /* behind the end: no matter */
	assert_true(field_equal(city, &a, &b));
	memcpy(b.city, "Trou", 4);
	assert_false(field_equal(city, &a, &b));
	LACK(&a, RECORD_CITY);
	field_copy(city, &b, &a);
	assert_true(b.has == 0);

	HAVE(&a, RECORD_TAGS);
	HAVE(&b, RECORD_TAGS);
	a.tags = (struct texts){ 2, { "pv", "west" } };
	b.tags = (struct texts){ 2, { "pv", "east" } };
	assert_false(field_equal(tags, &a, &b));
	b.tags.count = 1;
	assert_false(field_equal(tags, &a, &b));
	a.tags.count = 1;
	assert_true(field_equal(tags, &a, &b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_obey_their_rules),
		cmocka_unit_test(numbers_are_shown_as_people_write_them),
		cmocka_unit_test(times_are_shown_in_utc),
		cmocka_unit_test(bytes_and_ranges_are_shown_as_text),
		cmocka_unit_test(a_text_is_cut_between_characters),
		cmocka_unit_test(
		    fields_are_compared_and_copied_with_their_presence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
