/* SPDX-License-Identifier: BSD-2-Clause */

/* What a status leaves out, and its glass and due times at their limits. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/conditions.h"
#include "../../../devices/collar/lcd.h"
#include "../../../devices/collar/status.h"
#include "../../../proto/errors.h"
#include "../../support/scene_set.h"

enum { S = 1000 };

static struct unit_state told;

static void
look(void)
{
	status_fill(&scene.unit, &scene.relay, &scene.test, &told);
}

static void
begin_test(uint8_t minutes)
{
	struct test_start start = { .minutes = minutes };
	struct error_detail detail;

	HAVE(&start, TEST_START_MINUTES);
	assert_int_equal(
	    testmode_begin(&scene.test, &scene.unit, &start, false, &detail),
	    ST_OK);
}

static void
a_test_is_told_with_its_end(void **state)
{
	(void)state;
	begin_test(5);
	look();
	assert_true(told.test_active);
	assert_int_equal(told.test_remaining_s, 300);
	assert_true(HAS(&told, STATUS_TEST_REMAINING));
	assert_true(HAS(&told, STATUS_TEST_ENDS_AT));
	assert_int_equal(told.test_ends_at, scene.unit.utc_ms / 1000 + 300);
	scene.unit.clock_trusted = false;
	look();
	assert_true(HAS(&told, STATUS_TEST_REMAINING));
	assert_false(HAS(&told, STATUS_TEST_ENDS_AT));
}

static void
a_glass_that_lights_everything_shows_no_pages(void **state)
{
	(void)state;
	look();
	assert_int_equal(told.lcd_pages.count, LCD_PAGES);
	begin_test(5);
	look();
	assert_string_equal(told.lcd_text, "88888888");
	assert_int_equal(told.lcd_pages.count, 0);
}

static void
a_hold_without_a_move_or_a_clock_tells_neither(void **state)
{
	(void)state;
	scene.relay.kept.hold.set = true;
	scene.relay.kept.hold.returns_to = RELAY_OPEN;
	scene.relay.kept.hold.deadline_ms = scene.unit.now_ms + 60 * S;
	scene.unit.clock_trusted = false;
	look();
	assert_int_equal(told.hold_remaining_s, 60);
	assert_true(HAS(&told, STATUS_HOLD_RETURNS_TO));
	assert_false(HAS(&told, STATUS_HOLD_MOVE));
	assert_false(HAS(&told, STATUS_HOLD_AT));
}

static void
a_unit_that_has_reported_tells_when(void **state)
{
	(void)state;
	look();
	assert_false(HAS(&told, STATUS_UPLINK_LAST_REPORT));
	scene.unit.reported = true;
	scene.unit.last_report_at = SCENE_UTC_S;
	look();
	assert_true(HAS(&told, STATUS_UPLINK_LAST_REPORT));
	assert_int_equal(told.uplink_last_report_at, SCENE_UTC_S);
}

static void
power_beyond_volts_times_amperes_has_a_power_factor_of_one(void **state)
{
	(void)state;
	scene.in.current_ca = 1000;
	scene.in.active_power_cw = 300000;
	look();
	assert_int_equal(told.power_factor_c, 100);
	scene.in.active_power_cw = -300000;
	look();
	assert_int_equal(told.power_factor_c, -100);
	/* less than 0.01 A: the sign was lost, while the record kept it */
	scene.in.current_ca = 0;
	look();
	assert_int_equal(told.power_factor_c, -100);
}

/* A page turns every three seconds, the countdown every second. */
static void
the_glass_is_due_at_what_comes_first(void **state)
{
	(void)state;
	scene_at(&scene, RELAY_SHUT, (uint32_t)(scene.unit.utc_ms / 1000) + 30);
	scene.unit.now_ms = 600 * S;
	assert_int_equal(
	    lcd_next_due_ms(&scene.unit, &scene.relay, &scene.test), 1000);
	scene.unit.now_ms = 602 * S + 500;
	assert_int_equal(
	    lcd_next_due_ms(&scene.unit, &scene.relay, &scene.test), 500);
}

/* Nobody looked for a while: what was held back is due at once. */
static void
a_condition_whose_second_is_long_over_is_due_at_once(void **state)
{
	struct conditions log = { 0 };

	(void)state;
	assert_int_equal(
	    conditions_next_due_ms(&log, COND_BIT(COND_NO_UTILITY), 5 * S), 1);
}

static void
a_test_whose_end_has_come_is_due_at_once(void **state)
{
	(void)state;
	begin_test(1);
	scene.unit.now_ms += 60 * S;
	assert_int_equal(
	    testmode_remaining_s(&scene.test, scene.unit.now_ms), 0);
	assert_int_equal(
	    testmode_next_due_ms(&scene.test, scene.unit.now_ms), 1);
	assert_true(testmode_step(&scene.test, scene.unit.now_ms));
}

static void
a_test_of_no_minute_is_refused(void **state)
{
	struct test_start start = { .minutes = 0 };
	struct error_detail detail;

	(void)state;
	HAVE(&start, TEST_START_MINUTES);
	assert_int_equal(
	    testmode_begin(&scene.test, &scene.unit, &start, false, &detail),
	    ST_BAD_VALUE);
	assert_int_equal(detail.field, TEST_START_MINUTES);
	assert_int_equal(detail.min, 1);
}

static void
more_starts_than_a_day_allows_are_not_taken_up(void **state)
{
	struct testmode_kept kept = { .starts_len = TEST_STARTS_MAX + 1 };

	(void)state;
	assert_false(testmode_start_up(&scene.test, &kept));
	assert_int_equal(scene.test.kept.starts_len, TEST_STARTS_MAX);
}

#define SCENE(test) cmocka_unit_test_setup(test, scene_set)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		SCENE(a_test_is_told_with_its_end),
		SCENE(a_glass_that_lights_everything_shows_no_pages),
		SCENE(a_hold_without_a_move_or_a_clock_tells_neither),
		SCENE(a_unit_that_has_reported_tells_when),
		SCENE(
		    power_beyond_volts_times_amperes_has_a_power_factor_of_one),
		SCENE(the_glass_is_due_at_what_comes_first),
		SCENE(a_condition_whose_second_is_long_over_is_due_at_once),
		SCENE(a_test_whose_end_has_come_is_due_at_once),
		SCENE(a_test_of_no_minute_is_refused),
		SCENE(more_starts_than_a_day_allows_are_not_taken_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
