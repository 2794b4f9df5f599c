/* SPDX-License-Identifier: BSD-2-Clause */

/* Metering at the limits of its values, and of how a clock may move. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/meter.h"

enum { QUARTER_MS = 15 * MINUTE_MS };

static const uint64_t noon_ms = (uint64_t)NOON * 1000;

static int
setup(void **state)
{
	(void)state;
	meter_begin(noon_ms);
	return 0;
}

static void
what_is_consumed_in_test_mode_counts_in_its_own_register(void **state)
{
	(void)state;
	now.test_mode = true;
	in.active_power_cw = -360000;
	meter_pass(QUARTER_MS);
	assert_int_equal(metering.test_consumed.mwh, 900000);
	assert_int_equal(metering.test_produced.mwh, 0);
	assert_int_equal(metering.consumed.wh, 0);
}

static void
more_current_than_a_record_holds_is_held_to_its_most(void **state)
{
	(void)state;
	in.current_ca = 70000;
	meter_pass(QUARTER_MS);
	assert_int_equal(log_last().current_ca, 65535);
}

/* 240.0 V and 15.00 A are 3600 VA. */
static void
a_power_factor_is_never_beyond_one(void **state)
{
	(void)state;
	in.active_power_cw = 400000;
	meter_pass(QUARTER_MS);
	assert_int_equal(log_last().power_factor_c, 100);
	in.active_power_cw = -400000;
	meter_pass(QUARTER_MS);
	assert_int_equal(log_last().power_factor_c, -100);
}

/* Without a current or a voltage the sign is all that is known. */
static void
power_without_current_has_a_power_factor_of_its_sign(void **state)
{
	(void)state;
	in.current_ca = 0;
	in.active_power_cw = -1000;
	meter_pass(QUARTER_MS);
	assert_int_equal(log_last().power_factor_c, -100);
	in.active_power_cw = 1000;
	meter_pass(QUARTER_MS);
	assert_int_equal(log_last().power_factor_c, 100);
}

static void
a_correction_over_the_end_of_the_interval_ends_it(void **state)
{
	struct interval record;

	(void)state;
	meter_pass(QUARTER_MS - 400);
	now.utc_ms += 500;
	assert_true(meter_tick());
	record = log_last();
	assert_int_equal(record.at, NOON + 900);
	assert_int_equal(record.flags & INTERVAL_CLOCK_STEP, 0);
	assert_true(metering.start_ms == noon_ms + QUARTER_MS);
	assert_true(metering.clock_ms == noon_ms + QUARTER_MS + 100);
}

static void
a_correction_to_before_the_interval_waits_at_its_beginning(void **state)
{
	(void)state;
	meter_pass(QUARTER_MS + 300);
	now.utc_ms -= 700;
	assert_true(meter_tick());
	assert_true(metering.clock_ms == noon_ms + QUARTER_MS);
	assert_true(metering.start_ms == noon_ms + QUARTER_MS);
	log_load();
	assert_int_equal(log_count, 1);
}

/* The clock that stands in shows the very same time. */
static void
a_loss_of_trust_ends_the_interval_wherever_the_clock_stands(void **state)
{
	(void)state;
	meter_pass(5 * MINUTE_MS);
	now.now_ms = now.utc_ms;
	metering.last_ms = now.now_ms;
	now.trusted = false;
	assert_true(meter_tick());
	assert_true(log_last().flags & INTERVAL_CLOCK_STEP);
	assert_int_equal(log_last().at, NOON + 300);
	assert_false(metering.trusted);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    what_is_consumed_in_test_mode_counts_in_its_own_register,
		    setup),
		cmocka_unit_test_setup(
		    more_current_than_a_record_holds_is_held_to_its_most,
		    setup),
		cmocka_unit_test_setup(
		    a_power_factor_is_never_beyond_one, setup),
		cmocka_unit_test_setup(
		    power_without_current_has_a_power_factor_of_its_sign,
		    setup),
		cmocka_unit_test_setup(
		    a_correction_over_the_end_of_the_interval_ends_it, setup),
		cmocka_unit_test_setup(
		    a_correction_to_before_the_interval_waits_at_its_beginning,
		    setup),
		cmocka_unit_test_setup(
		    a_loss_of_trust_ends_the_interval_wherever_the_clock_stands,
		    setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
