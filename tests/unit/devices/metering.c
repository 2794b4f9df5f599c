/* SPDX-License-Identifier: BSD-2-Clause */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/meter.h"

static void
an_hour_of_sun_is_four_records_of_it(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	for (unsigned s = 0; s < 3600; s++)
		meter_pass(1000);
	log_load();
	assert_int_equal(log_count, 4);
	for (unsigned i = 0; i < 4; i++) {
		const struct interval *got = &log_records[i];

		assert_int_equal(got->at, NOON + (i + 1) * 900);
		assert_int_equal(got->flags, 0);
		assert_int_equal(got->power_factor_c, 100);
		assert_int_equal(got->frequency_chz, 6001);
		assert_int_equal(got->active_power_cw, 360000);
		assert_int_equal(got->temperature_df, 725);
		assert_int_equal(got->energy_produced_wh, (i + 1) * 900);
		assert_int_equal(got->energy_consumed_wh, 0);
		assert_int_equal(got->voltage_dv, 2400);
		assert_int_equal(got->current_ca, 1500);
	}
}

static void
one_long_tick_gives_the_same_records_as_many_short_ones(void **state)
{
	static struct interval want[LOG_MAX];
	unsigned count;

	(void)state;
	meter_begin(NOON * 1000ULL + 123456);
	for (unsigned s = 0; s < 9 * 3600; s += 7)
		meter_pass(7000);
	log_load();
	count = log_count;
	memcpy(want, log_records, sizeof(want));
	meter_begin(NOON * 1000ULL + 123456);
	meter_pass((9 * 3600 + 6) / 7 * 7000ULL);
	log_load();
	assert_int_equal(log_count, count);
	assert_int_equal(count, 36);
	for (unsigned i = 0; i < count; i++) {
		uint8_t a[RECORD_LEN], b[RECORD_LEN];

		interval_encode(&want[i], a);
		interval_encode(&log_records[i], b);
		assert_memory_equal(a, b, RECORD_LEN);
	}
}

static void
negative_power_counts_as_consumed(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	in.active_power_cw = -120000;
	in.current_ca = 500;
	meter_pass(HOUR_MS);
	assert_int_equal(log_newest()->energy_consumed_wh, 1200);
	assert_int_equal(log_newest()->energy_produced_wh, 0);
	assert_int_equal(log_newest()->power_factor_c, -100);
	assert_int_equal(log_newest()->active_power_cw, -120000);
}

static void
energy_is_exact_however_time_is_cut(void **state)
{
	uint64_t left = HOUR_MS;

	(void)state;
	meter_begin(NOON * 1000ULL);
	in.active_power_cw = 100;
	for (uint64_t ms = 1; left > 0; ms = ms * 7 % 1009 + 1) {
		ms = ms < left ? ms : left;
		meter_pass(ms);
		left -= ms;
	}
	assert_int_equal(metering.produced.wh, 1);
	assert_int_equal(metering.produced.rest, 0);
}

static void
nothing_flowing_has_a_power_factor_of_one(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	in.active_power_cw = 0;
	in.current_ca = 0;
	meter_pass(HOUR_MS);
	assert_int_equal(log_newest()->power_factor_c, 100);
	assert_int_equal(log_newest()->current_ca, 0);
	assert_int_equal(log_newest()->voltage_dv, 2400);
}

/* |P - V I pf| within half a hundredth of V I, in mW. */
static void
assert_power_is_volts_times_amperes(const struct interval *record)
{
	int64_t apparent = (int64_t)record->voltage_dv * record->current_ca;
	int64_t off = (int64_t)record->active_power_cw * 1000 -
	    apparent * record->power_factor_c;

	assert_true((off < 0 ? -off : off) <= apparent / 2 + 1000);
	assert_in_range(record->power_factor_c + 100, 0, 200);
}

static void
means_and_registers_agree_with_each_other(void **state)
{
	uint32_t random = 1;

	(void)state;
	meter_begin(NOON * 1000ULL);
	for (unsigned s = 0; s < 20 * 3600; s += 10) {
		random = random * 1664525 + 1013904223;
		in.grid_dv = (uint16_t)(2380 + (random >> 24) % 40);
		in.current_ca = 100 + (random >> 16) % 3000;
		in.active_power_cw =
		    (int32_t)(in.grid_dv * in.current_ca / 1000 * 93);
		meter_pass(10000);
	}
	log_load();
	assert_int_equal(log_count, 80);
	for (unsigned i = 0; i < log_count; i++) {
		const struct interval *got = &log_records[i];
		uint32_t before = i > 0 ? got[-1].energy_produced_wh : 0;
		int64_t mean_wh = (got->active_power_cw + 200) / 400;
		int64_t step_wh = got->energy_produced_wh - before;

		assert_power_is_volts_times_amperes(got);
		assert_int_equal(got->power_factor_c, 93);
		assert_in_range(step_wh - mean_wh + 1, 0, 2);
	}
}

static void
an_interval_that_began_late_is_partial(void **state)
{
	(void)state;
	meter_begin((NOON + 61) * 1000ULL);
	meter_pass(HOUR_MS);
	log_load();
	assert_int_equal(log_count, 4);
	assert_int_equal(log_records[0].at, NOON + 900);
	assert_int_equal(log_records[0].flags, INTERVAL_PARTIAL);
	assert_int_equal(log_records[0].active_power_cw, 360000);
	assert_int_equal(log_records[0].energy_produced_wh, 839);
	assert_int_equal(log_records[1].flags, 0);
}

static void
an_outage_is_flagged_and_physics_still_hold(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	meter_pass(5 * MINUTE_MS);
	in.utility = false;
	meter_pass(10 * MINUTE_MS);
	assert_int_equal(log_newest()->flags, INTERVAL_POWER_OUTAGE);
	assert_int_equal(log_newest()->voltage_dv, 2400);
	assert_int_equal(log_newest()->frequency_chz, 6001);
	assert_int_equal(log_newest()->active_power_cw, 120000);
	assert_int_equal(log_newest()->current_ca, 500);
	assert_int_equal(log_newest()->energy_produced_wh, 300);
	assert_power_is_volts_times_amperes(log_newest());
	meter_pass(15 * MINUTE_MS);
	assert_int_equal(log_newest()->flags, INTERVAL_POWER_OUTAGE);
	assert_int_equal(log_newest()->voltage_dv, 0);
	assert_int_equal(log_newest()->frequency_chz, 0);
	assert_int_equal(log_newest()->active_power_cw, 0);
	assert_int_equal(log_newest()->energy_produced_wh, 300);
	in.utility = true;
	meter_pass(15 * MINUTE_MS);
	assert_int_equal(log_newest()->flags, 0);
}

static void
a_metering_fault_loses_energy_and_says_so(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	in.metering_ok = false;
	meter_pass(15 * MINUTE_MS);
	assert_int_equal(log_newest()->flags,
	    INTERVAL_METERING_FAULT | INTERVAL_ENERGY_LOST);
	assert_int_equal(log_newest()->energy_produced_wh, 0);
	assert_int_equal(log_newest()->voltage_dv, 0);
}

static void
billing_registers_stand_still_in_test_mode(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	meter_pass(5 * MINUTE_MS);
	now.test_mode = true;
	meter_pass(3601);
	now.test_mode = false;
	meter_pass(10 * MINUTE_MS - 3601);
	assert_int_equal(log_newest()->flags, INTERVAL_TEST_MODE);
	assert_int_equal(log_newest()->active_power_cw, 360000);
	assert_int_equal(log_newest()->energy_produced_wh, 896);
	assert_int_equal(metering.test_produced.mwh, 3601);
	assert_int_equal(metering.test_consumed.mwh, 0);
	assert_true(meter_power_up());
	assert_int_equal(metering.test_produced.mwh, 3601);
	now.test_mode = true;
	meter_pass(1000);
	assert_int_equal(metering.test_produced.mwh, 4601);
}

static void
records_before_provisioning_say_so(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	now.before_install = true;
	meter_pass(15 * MINUTE_MS);
	now.before_install = false;
	meter_pass(15 * MINUTE_MS);
	log_load();
	assert_int_equal(log_records[0].flags, INTERVAL_BEFORE_INSTALL);
	assert_int_equal(log_records[1].flags, 0);
}

static void
a_restart_goes_on_from_the_last_record(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	meter_pass(HOUR_MS + 5 * MINUTE_MS);
	assert_int_equal(metering.produced.wh, 3900);
	now.utc_ms += 30 * 1000;
	assert_true(meter_power_up());
	assert_int_equal(metering.produced.wh, 3600);
	meter_pass(9 * MINUTE_MS + 30 * 1000);
	assert_int_equal(log_newest()->at, NOON + 4500);
	assert_int_equal(log_newest()->flags,
	    INTERVAL_RESTART | INTERVAL_PARTIAL | INTERVAL_ENERGY_LOST);
	assert_int_equal(log_newest()->energy_produced_wh, 3600 + 570);
	assert_int_equal(log_causes[log_count - 1], BLOCK_RESTART);
	meter_pass(15 * MINUTE_MS);
	assert_int_equal(log_newest()->flags, 0);
}

static void
registers_saved_as_power_failed_lose_nothing(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	meter_pass(HOUR_MS + 5 * MINUTE_MS + 1);
	in.power_fail = true;
	meter_pass(0);
	in.power_fail = false;
	assert_true(meter_power_up());
	assert_int_equal(metering.produced.wh, 3900);
	assert_int_equal(metering.produced.rest, 360000);
	meter_pass(10 * MINUTE_MS - 1);
	assert_int_equal(
	    log_newest()->flags, INTERVAL_RESTART | INTERVAL_PARTIAL);
	assert_int_equal(log_newest()->energy_produced_wh, 4500);
}

static void
saved_registers_serve_one_restart_only(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	meter_pass(HOUR_MS + 5 * MINUTE_MS);
	in.power_fail = true;
	meter_pass(0);
	in.power_fail = false;
	assert_true(meter_power_up());
	assert_true(meter_power_up());
	assert_int_equal(metering.produced.wh, 3900);
	meter_pass(10 * MINUTE_MS);
	assert_true((log_newest()->flags & INTERVAL_ENERGY_LOST) != 0);
}

static void
saved_registers_do_not_count_once_power_came_back(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	meter_pass(HOUR_MS);
	in.power_fail = true;
	meter_pass(MINUTE_MS);
	in.power_fail = false;
	meter_pass(MINUTE_MS);
	assert_true(meter_power_up());
	meter_pass(13 * MINUTE_MS);
	assert_true((log_newest()->flags & INTERVAL_ENERGY_LOST) != 0);
	assert_int_equal(log_newest()->energy_produced_wh, 3600 + 120 + 780);
}

static void
a_step_forward_ends_interval_and_block_at_the_old_time(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	meter_pass(20 * MINUTE_MS);
	now.utc_ms += HOUR_MS;
	meter_pass(0);
	log_load();
	assert_int_equal(log_count, 2);
	assert_int_equal(log_records[1].at, NOON + 1200);
	assert_int_equal(
	    log_records[1].flags, INTERVAL_PARTIAL | INTERVAL_CLOCK_STEP);
	meter_pass(10 * MINUTE_MS);
	log_load();
	assert_int_equal(log_records[2].at, NOON + 1800 + 3600);
	assert_int_equal(log_records[2].flags, INTERVAL_PARTIAL);
	assert_int_equal(log_causes[2], BLOCK_CLOCK);
	assert_int_equal(log_records[2].energy_produced_wh, 1800);
}

static void
a_step_back_lets_times_fall_between_blocks_only(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	meter_pass(20 * MINUTE_MS);
	now.utc_ms -= HOUR_MS;
	meter_pass(10 * MINUTE_MS);
	log_load();
	assert_int_equal(log_count, 2);
	assert_int_equal(log_records[1].at, NOON + 1800);
	assert_int_equal(log_records[1].flags, 0);
	meter_pass(15 * MINUTE_MS);
	log_load();
	assert_int_equal(log_count, 3);
	assert_int_equal(log_causes[2], BLOCK_CLOCK);
	assert_int_equal(log_records[2].at, NOON - 900);
	assert_int_equal(log_records[2].flags, INTERVAL_CLOCK_STEP);
	assert_int_equal(log_records[log_count - 1].energy_produced_wh, 2700);
}

static void
a_step_within_a_second_of_the_last_record_flags_the_next(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	meter_pass(15 * MINUTE_MS + 400);
	now.utc_ms += HOUR_MS;
	meter_pass(0);
	log_load();
	assert_int_equal(log_count, 1);
	meter_pass(15 * MINUTE_MS - 400);
	log_load();
	assert_int_equal(log_count, 2);
	assert_int_equal(
	    log_records[1].flags, INTERVAL_PARTIAL | INTERVAL_CLOCK_STEP);
	assert_int_equal(log_records[1].energy_produced_wh, 1800);
}

static void
a_correction_of_a_second_is_no_step(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	for (unsigned i = 0; i < 8 * 60; i++) {
		if (i % 5 == 0)
			now.utc_ms += i % 2 == 0 ? 999 : -999ULL;
		meter_pass(MINUTE_MS / 2);
	}
	log_load();
	assert_int_equal(log_count, 16);
	for (unsigned i = 0; i < log_count; i++) {
		assert_int_equal(log_records[i].flags, 0);
		assert_int_equal(log_records[i].at, NOON + (i + 1) * 900);
		assert_int_equal(log_causes[i], BLOCK_FIRST);
	}
}

static void
uptime_stands_in_for_a_clock_that_is_not_trusted(void **state)
{
	(void)state;
	meter_begin(0);
	now.trusted = false;
	assert_true(meter_power_up());
	meter_pass(20 * MINUTE_MS);
	assert_int_equal(log_newest()->at, 900);
	assert_int_equal(log_newest()->flags, INTERVAL_CLOCK_UNTRUSTED);
	now.trusted = true;
	now.utc_ms = NOON * 1000ULL;
	meter_pass(0);
	assert_int_equal(log_newest()->at, 1200);
	assert_int_equal(log_newest()->flags,
	    INTERVAL_CLOCK_UNTRUSTED | INTERVAL_PARTIAL | INTERVAL_CLOCK_STEP);
	meter_pass(15 * MINUTE_MS);
	assert_int_equal(log_newest()->at, NOON + 900);
	assert_int_equal(log_newest()->flags, 0);
	assert_int_equal(log_causes[log_count - 1], BLOCK_CLOCK);
}

static void
another_sample_interval_begins_a_block(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	meter_pass(20 * MINUTE_MS);
	now.sample_minutes = 5;
	meter_pass(0);
	meter_pass(11 * MINUTE_MS);
	log_load();
	assert_int_equal(log_count, 4);
	assert_int_equal(log_records[1].at, NOON + 1200);
	assert_int_equal(log_records[1].flags, INTERVAL_PARTIAL);
	assert_int_equal(log_records[2].at, NOON + 1500);
	assert_int_equal(log_records[2].flags, 0);
	assert_int_equal(log_causes[2], BLOCK_INTERVAL);
	assert_int_equal(log_records[3].at, NOON + 1800);
}

static void
the_next_record_is_due_at_the_end_of_the_interval(void **state)
{
	(void)state;
	meter_begin(NOON * 1000ULL);
	assert_int_equal(metering_due_ms(&metering), 15 * MINUTE_MS);
	meter_pass(15 * MINUTE_MS - 1);
	assert_int_equal(metering_due_ms(&metering), 1);
	meter_pass(1);
	assert_int_equal(metering_due_ms(&metering), 15 * MINUTE_MS);
	log_load();
	assert_int_equal(log_count, 1);
}

/* Runs half a day with a power-fail in it, and cuts the power in operation op;
 * false if the day ended before. */
static bool
registers_true_after_cut(unsigned op, enum nor_cut cut)
{
	uint32_t flowed, kept;

	meter_begin(NOON * 1000ULL);
	nor_power(&nor, op, cut);
	for (unsigned i = 0; i < 48; i++) {
		in.power_fail = i == 10 || i == 40;
		now.test_mode = i == 20;
		now.now_ms += 7 * MINUTE_MS;
		now.utc_ms += 7 * MINUTE_MS;
		if (!meter_tick())
			break;
	}
	if (!nor.dead)
		return false;
	flowed = metering.produced.wh;
	nor_power(&nor, 0, NOR_CUT_BEFORE);
	assert_true(meter_power_up());
	kept = metering.produced.wh;
	assert_in_range(kept, log_last().energy_produced_wh, flowed);
	assert_true(flowed - kept <= 22 * 60);
	meter_pass(HOUR_MS);
	assert_true(log_newest()->energy_produced_wh >= kept + 2700);
	return true;
}

static void
a_power_cut_never_sets_a_register_back(void **state)
{
	unsigned cuts = 0;

	(void)state;
	for (unsigned cut = 0; cut < NOR_CUTS; cut++) {
		unsigned op = 1;

		while (registers_true_after_cut(op, (enum nor_cut)cut))
			op++;
		assert_in_range(op, 25, 100);
		cuts += op - 1;
	}
	print_message("metering: %u power cuts\n", cuts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_hour_of_sun_is_four_records_of_it),
		cmocka_unit_test(
		    one_long_tick_gives_the_same_records_as_many_short_ones),
		cmocka_unit_test(negative_power_counts_as_consumed),
		cmocka_unit_test(energy_is_exact_however_time_is_cut),
		cmocka_unit_test(nothing_flowing_has_a_power_factor_of_one),
		cmocka_unit_test(means_and_registers_agree_with_each_other),
		cmocka_unit_test(an_interval_that_began_late_is_partial),
		cmocka_unit_test(an_outage_is_flagged_and_physics_still_hold),
		cmocka_unit_test(a_metering_fault_loses_energy_and_says_so),
		cmocka_unit_test(billing_registers_stand_still_in_test_mode),
		cmocka_unit_test(records_before_provisioning_say_so),
		cmocka_unit_test(a_restart_goes_on_from_the_last_record),
		cmocka_unit_test(registers_saved_as_power_failed_lose_nothing),
		cmocka_unit_test(saved_registers_serve_one_restart_only),
		cmocka_unit_test(
		    saved_registers_do_not_count_once_power_came_back),
		cmocka_unit_test(
		    a_step_forward_ends_interval_and_block_at_the_old_time),
		cmocka_unit_test(
		    a_step_back_lets_times_fall_between_blocks_only),
		cmocka_unit_test(
		    a_step_within_a_second_of_the_last_record_flags_the_next),
		cmocka_unit_test(a_correction_of_a_second_is_no_step),
		cmocka_unit_test(
		    uptime_stands_in_for_a_clock_that_is_not_trusted),
		cmocka_unit_test(another_sample_interval_begins_a_block),
		cmocka_unit_test(
		    the_next_record_is_due_at_the_end_of_the_interval),
		cmocka_unit_test(a_power_cut_never_sets_a_register_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
