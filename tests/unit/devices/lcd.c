/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/conditions.h"
#include "../../../proto/errors.h"
#include "../../support/scene_set.h"

enum { S = 1000 };

static int
setup(void **state)
{
	scene_set(state);
	scene.unit.now_ms = 600 * S;
	scene.unit.energy_produced_wh = 1685999;
	scene.unit.energy_consumed_wh = 999;
	scene.in.current_ca = 665;
	return 0;
}

static struct glass
look(void)
{
	uint32_t hex = conditions_now(&scene.unit, &scene.relay, &scene.test);
	struct glass glass;

	lcd_glass(&scene.unit, &scene.relay, &scene.test, hex, &glass);
	return glass;
}

static void
begin_test(void)
{
	struct test_start start = { .minutes = 0 };
	struct error_detail detail;

	assert_int_equal(
	    testmode_begin(&scene.test, &scene.unit, &start, false, &detail),
	    ST_OK);
}

static void
an_operational_unit_scrolls_four_pages_three_seconds_each(void **state)
{
	static const char *const pages[] = { "247.8 V", "6.7 A", "P 1685 kWh",
		"C 0 kWh", "247.8 V" };
	size_t i;

	(void)state;
	for (i = 0; i < nitems(pages); i++) {
		assert_string_equal(look().text, pages[i]);
		scene.unit.now_ms += 2999;
		assert_string_equal(look().text, pages[i]);
		assert_int_equal(
		    lcd_next_due_ms(&scene.unit, &scene.relay, &scene.test), 1);
		scene.unit.now_ms += 1;
	}
}

static const struct {
	uint32_t current_ca;
	const char *text;
} currents[] = {
	{ 0, "0.0 A" },
	{ 4, "0.0 A" },
	{ 5, "0.1 A" },
	{ 664, "6.6 A" },
	{ 995, "10.0 A" },
	{ 6400, "64.0 A" },
};

static void
current_has_one_decimal_half_up(void **state)
{
	struct texts pages;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(currents); i++) {
		scene.in.current_ca = currents[i].current_ca;
		lcd_pages(&scene.unit, &pages);
		assert_string_equal(pages.at[1], currents[i].text);
	}
}

static void
energy_is_whole_kwh_truncated_and_fits_to_the_last_register(void **state)
{
	struct texts pages;

	(void)state;
	scene.unit.energy_consumed_wh = 1000;
	scene.unit.energy_produced_wh = UINT32_MAX;
	lcd_pages(&scene.unit, &pages);
	assert_int_equal(pages.count, 4);
	assert_string_equal(pages.at[2], "P 4294967 kWh");
	assert_string_equal(pages.at[3], "C 1 kWh");
}

static void
no_measured_value_is_invented(void **state)
{
	struct texts pages;

	(void)state;
	scene.in.metering_ok = false;
	lcd_pages(&scene.unit, &pages);
	assert_string_equal(pages.at[0], "---.- V");
	assert_string_equal(pages.at[1], "---.- A");
}

static void
thumbs_up_means_provisioned_whatever_became_of_its_reports(void **state)
{
	static const struct {
		uint8_t stage;
		bool thumbs_up;
	} rows[] = {
		{ UNIT_UNPROVISIONED, false },
		{ UNIT_PROVISIONING, false },
		{ UNIT_PROVISIONING_ERROR, false },
		{ UNIT_OPERATIONAL, true },
		{ UNIT_REPORTING_ERROR, true },
		{ UNIT_UPDATE_ERROR, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < nitems(rows); i++) {
		scene.unit.stage = rows[i].stage;
		assert_int_equal(look().thumbs_up, rows[i].thumbs_up);
		assert_string_equal(
		    look().text, rows[i].thumbs_up ? "247.8 V" : "b4 EnA");
	}
}

static void
the_arrow_is_the_contacts_feedback(void **state)
{
	(void)state;
	assert_false(look().arrow);
	scene.in.relay_shut = true;
	assert_true(look().arrow);
}

static void
the_skull_is_a_critical_failure(void **state)
{
	(void)state;
	assert_false(look().skull);
	scene.unit.memory_fault = true;
	assert_true(look().skull);
	scene.unit.memory_fault = false;
	scene.relay.kept.fault = true;
	assert_true(look().skull);
}

static void
no_cel_until_the_modem_registers_then_b4_ena(void **state)
{
	(void)state;
	scene.unit.stage = UNIT_UNPROVISIONED;
	scene.in.modem_registered = false;
	assert_string_equal(look().text, "no CEL");
	scene.in.modem_registered = true;
	assert_string_equal(look().text, "b4 EnA");
}

static void
coverage_lost_later_leaves_the_pages(void **state)
{
	(void)state;
	scene.in.modem_registered = false;
	assert_string_equal(look().text, "247.8 V");
}

static void
without_utility_or_breaker_nothing_is_lit(void **state)
{
	struct glass glass;

	(void)state;
	scene.in.relay_shut = true;
	scene.in.utility = false;
	glass = look();
	assert_true(glass.blank);
	assert_string_equal(glass.text, "");
	assert_false(glass.arrow || glass.thumbs_up || glass.skull);
	scene.in.utility = true;
	scene.in.breaker_shut = false;
	assert_true(look().blank);
}

static void
each_sign_gives_way_to_the_one_before_it(void **state)
{
	(void)state;
	scene.unit.stage = UNIT_UNPROVISIONED;
	assert_string_equal(look().text, "b4 EnA");
	scene.in.modem_registered = false;
	assert_string_equal(look().text, "no CEL");
	scene.asker.role = ROLE_FACTORY;
	scene_at(&scene, RELAY_SHUT, SCENE_UTC_S + 60 + 42);
	assert_string_equal(look().text, "SHUt 42");
	scene.in.flipped = true;
	assert_string_equal(look().text, "FLIPPED");
	scene.in.breaker_shut = false;
	assert_true(look().blank);
	assert_string_equal(look().text, "");
}

static void
flipped_is_never_thumbs_up(void **state)
{
	(void)state;
	scene.in.flipped = true;
	assert_false(look().thumbs_up);
}

static void
the_last_minute_before_a_shut_is_counted_down(void **state)
{
	(void)state;
	scene_at(&scene, RELAY_SHUT, SCENE_UTC_S + 60 + 61);
	assert_string_equal(look().text, "247.8 V");
	scene.unit.utc_ms += S;
	assert_string_equal(look().text, "SHUt 60");
	assert_int_equal(
	    lcd_next_due_ms(&scene.unit, &scene.relay, &scene.test), S);
	scene.unit.utc_ms += 59 * S;
	assert_string_equal(look().text, "SHUt 1");
}

static void
an_open_to_come_is_not_counted_down(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene_at(&scene, RELAY_OPEN, (uint32_t)(scene.unit.utc_ms / 1000) + 10);
	assert_null(strstr(look().text, "SHUt"));
}

static void
test_mode_lights_everything_for_ten_seconds(void **state)
{
	struct glass glass;

	(void)state;
	begin_test();
	glass = look();
	assert_true(glass.all_segments && glass.thumbs_up);
	assert_true(glass.arrow && glass.skull);
	scene.unit.now_ms += 10 * S;
	glass = look();
	assert_false(glass.all_segments || glass.skull || glass.arrow);
}

static void
test_mode_does_not_light_a_glass_without_power(void **state)
{
	(void)state;
	begin_test();
	scene.in.utility = false;
	assert_true(look().blank);
	assert_false(look().all_segments);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_operational_unit_scrolls_four_pages_three_seconds_each),
		TEST(current_has_one_decimal_half_up),
		TEST(
		    energy_is_whole_kwh_truncated_and_fits_to_the_last_register),
		TEST(no_measured_value_is_invented),
		TEST(
		    thumbs_up_means_provisioned_whatever_became_of_its_reports),
		TEST(the_arrow_is_the_contacts_feedback),
		TEST(the_skull_is_a_critical_failure),
		TEST(no_cel_until_the_modem_registers_then_b4_ena),
		TEST(coverage_lost_later_leaves_the_pages),
		TEST(without_utility_or_breaker_nothing_is_lit),
		TEST(each_sign_gives_way_to_the_one_before_it),
		TEST(flipped_is_never_thumbs_up),
		TEST(the_last_minute_before_a_shut_is_counted_down),
		TEST(an_open_to_come_is_not_counted_down),
		TEST(test_mode_lights_everything_for_ten_seconds),
		TEST(test_mode_does_not_light_a_glass_without_power),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
