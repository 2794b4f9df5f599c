/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../../../devices/virtual/board.h"
#include "../../../devices/virtual/flash.h"
#include "../../../devices/virtual/virtual.h"
#include "../../../devices/virtual/world.h"
#include "../../../proto/errors.h"

/* 2026-06-21 and 2026-12-21, 0:00 UTC */
static const uint64_t june_ms = 1782000000000;
static const uint64_t december_ms = 1797811200000;
static const uint64_t minute_ms = 60000, hour_ms = 3600000;

static struct settings
settings_of(const char *keys)
{
	struct settings settings;
	char why[VIRTUAL_WHY_MAX];

	settings_init(&settings, "world");
	assert_int_equal(settings_parse(&settings, keys, ',', why), E_OK);

	return settings;
}

static double
power_at(const char *keys, uint64_t utc_ms)
{
	struct settings settings = settings_of(keys);
	struct world world;

	world_at(&world, &settings, SERVICE_2S_V, utc_ms);

	return world.der_w;
}

static double
day_wh(uint32_t seed, uint64_t midnight_ms)
{
	struct settings settings = settings_of("");
	struct world world;
	double wh = 0;

	settings.at[SETTING_SEED] = seed;
	for (unsigned minute = 0; minute < 1440; minute += 5) {
		world_at(&world, &settings, SERVICE_2S_V,
		    midnight_ms + minute * minute_ms);
		wh += world.der_w / 12;
	}

	return wh;
}

static void
the_same_seed_and_time_give_the_same_world(void **state)
{
	struct settings settings = settings_of("seed=7");
	struct world a, b, c;

	(void)state;
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	world_at(&a, &settings, SERVICE_2S_V, june_ms + 17 * hour_ms);
	world_at(&c, &settings, SERVICE_2S_V, june_ms);
	world_at(&b, &settings, SERVICE_2S_V, june_ms + 17 * hour_ms);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_true(a.der_w != c.der_w);
}

static void
another_seed_is_another_world(void **state)
{
	(void)state;
	assert_true(power_at("seed=1", june_ms + 17 * hour_ms) !=
	    power_at("seed=2", june_ms + 17 * hour_ms));
}

/* 40 N, 77 W: on 21 December the sun is down from 22:00 to 12:00 UTC. */
static void
night_is_night(void **state)
{
	(void)state;
	for (uint64_t ms = december_ms; ms < december_ms + 12 * hour_ms;
	     ms += 7 * minute_ms) {
		double w = power_at("seed=3", ms);

		assert_true(w < 0);
		assert_true(w > -6);
	}
}

static void
a_summer_day_gives_more_than_a_winter_day(void **state)
{
	double june = 0, december = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= 10; seed++) {
		june += day_wh(seed, june_ms + 5 * hour_ms);
		december += day_wh(seed, december_ms + 5 * hour_ms);
	}
	assert_true(june > 2 * december);
	assert_true(december > 0);
}

static void
noon_is_near_ten_past_seventeen_utc(void **state)
{
	double weight = 0, moment = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= 40; seed++) {
		struct settings settings = settings_of("");
		struct world world;

		settings.at[SETTING_SEED] = seed;
		for (unsigned minute = 0; minute < 1440; minute += 10) {
			world_at(&world, &settings, SERVICE_2S_V,
			    june_ms + (5 * 60 + minute) * minute_ms);
			if (world.der_w > 0) {
				weight += world.der_w;
				moment += world.der_w * (5 * 60 + minute);
			}
		}
	}
	assert_true(fabs(moment / weight - (17 * 60 + 10)) < 25);
}

static void
the_grid_keeps_to_its_limits(void **state)
{
	struct settings settings = settings_of("seed=11");
	struct world world;

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		world_at(&world, &settings, SERVICE_2S_V,
		    june_ms + i * 7 * minute_ms);
		assert_true(world.grid_v > 235 && world.grid_v < 247);
		assert_true(fabs(world.frequency_hz - 60) <= 0.03);
		assert_true(world.utility);
	}
	world_at(&world, &settings, SERVICE_12S_V, june_ms);
	assert_true(world.grid_v > 203 && world.grid_v < 214);
}

static void
neighbouring_minutes_hardly_differ(void **state)
{
	struct settings settings = settings_of("seed=11");
	struct world now, then;

	(void)state;
	world_at(&then, &settings, SERVICE_2S_V, june_ms);
	for (unsigned i = 1; i < 3000; i++, then = now) {
		world_at(&now, &settings, SERVICE_2S_V, june_ms + i * 5000);
		assert_true(fabs(now.grid_v - then.grid_v) < 0.3);
		assert_true(fabs(now.temperature_f - then.temperature_f) < 1);
	}
}

static void
utility_settings_reach_the_terminals(void **state)
{
	struct settings off = settings_of("utility=off");
	struct settings leg = settings_of("utility=one-leg");
	struct settings flicker = settings_of("utility=flicker");
	unsigned present = 0;
	struct world world;

	(void)state;
	world_at(&world, &off, SERVICE_2S_V, june_ms);
	assert_false(world.utility);
	assert_true(world.grid_v == 0 && world.frequency_hz == 0);
	world_at(&world, &leg, SERVICE_2S_V, june_ms);
	assert_true(world.utility && world.grid_v < 125);
	for (unsigned second = 0; second < 200; second++) {
		world_at(
		    &world, &flicker, SERVICE_2S_V, june_ms + second * 1000);
		present += world.utility;
	}
	assert_in_range(present, 140, 192);
}

struct bench {
	struct fixture fixture;
	struct virtual_board wired;
	struct board board;
};

static void
bench_init(struct bench *bench, const char *keys, uint64_t utc_ms)
{
	memset(bench, 0, sizeof(*bench));
	bench->wired.settings = settings_of(keys);
	bench->wired.fixture = &bench->fixture;
	bench->wired.service_v = SERVICE_2S_V;
	bench->fixture.utc_ms = utc_ms;
	board_init(&bench->board, &bench->wired);
	board_power_up(&bench->wired);
}

static struct board_inputs
bench_inputs(struct bench *bench, uint64_t after_ms)
{
	struct board_inputs in;

	bench->fixture.utc_ms += after_ms;
	board_settle(&bench->wired);
	bench->board.ops->inputs(bench->board.self, &in);

	return in;
}

static void
power_is_voltage_times_current_times_power_factor(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, "seed=5", june_ms);
	bench.fixture.contact_shut = 1;
	bench_inputs(&bench, 0);
	for (unsigned i = 0; i < 1000; i++) {
		struct board_inputs in = bench_inputs(&bench, 5 * minute_ms);
		double p = in.active_power_cw / 100.0;
		double q = in.reactive_power_cvar / 100.0;
		double va = in.grid_dv / 10.0 * in.current_ca / 100.0;

		/* half a digit of the current and of the voltage */
		assert_true(fabs(sqrt(p * p + q * q) - va) <=
		    0.006 * in.grid_dv / 10.0 + 0.06 * in.current_ca / 100.0);
		assert_true(fabs(p) <= va + 2);
		assert_int_equal(in.der_dv, in.grid_dv);
	}
}

static void
an_open_relay_carries_nothing(void **state)
{
	struct bench bench;
	struct board_inputs in;

	(void)state;
	bench_init(&bench, "power_w=5000", june_ms);
	in = bench_inputs(&bench, hour_ms);
	assert_int_equal(in.active_power_cw, 0);
	assert_int_equal(in.reactive_power_cvar, 0);
	assert_int_equal(in.current_ca, 0);
	assert_int_equal(in.der_dv, 0);
	assert_in_range(in.grid_dv, 2350, 2470);
}

static void
the_contact_follows_thirty_ms_after_the_pulse(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, "power_w=5000", june_ms);
	bench.board.ops->relay_drive(bench.board.self, true);
	assert_int_equal(board_next_due_ms(&bench.wired, 1000), 30);
	assert_false(bench_inputs(&bench, 29).relay_shut);
	assert_true(bench_inputs(&bench, 1).relay_shut);
	assert_int_equal(bench_inputs(&bench, 1).active_power_cw, 500000);
}

static void
a_stuck_relay_does_not_follow(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, "relay=stuck", june_ms);
	bench.board.ops->relay_drive(bench.board.self, true);
	assert_false(bench_inputs(&bench, 1000).relay_shut);
}

static void
production_lifts_the_voltage(void **state)
{
	struct bench idle, busy;

	(void)state;
	bench_init(&idle, "power_w=0", june_ms);
	bench_init(&busy, "power_w=6000", june_ms);
	idle.fixture.contact_shut = busy.fixture.contact_shut = 1;
	assert_true(bench_inputs(&busy, 0).grid_dv >=
	    bench_inputs(&idle, 0).grid_dv + 20);
}

static void
an_inverter_waits_five_minutes_for_a_steady_grid(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, "seed=5", june_ms + 17 * hour_ms);
	bench.fixture.contact_shut = 1;
	bench_inputs(&bench, 0);
	assert_int_equal(bench_inputs(&bench, 299000).active_power_cw, 0);
	assert_true(bench_inputs(&bench, 1000).active_power_cw > 0);
}

static void
one_leg_stops_the_inverter(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, "utility=one-leg,power_w=3000", june_ms);
	bench.fixture.contact_shut = 1;
	assert_int_equal(bench_inputs(&bench, hour_ms).active_power_cw, 0);
}

static void
the_modem_needs_power_coverage_and_activation(void **state)
{
	static const char *const keys[] = { "utility=off", "coverage=off",
		"modem=inactive" };
	struct bench bench;

	(void)state;
	bench_init(&bench, "", june_ms);
	assert_false(bench_inputs(&bench, 9999).modem_registered);
	assert_true(bench_inputs(&bench, 1).modem_registered);
	for (unsigned i = 0; i < 3; i++) {
		bench_init(&bench, keys[i], june_ms);
		assert_false(bench_inputs(&bench, hour_ms).modem_registered);
	}
}

static enum uplink_result
job_after(const char *keys, enum uplink_job job, uint64_t ms)
{
	struct bench bench;

	bench_init(&bench, keys, june_ms);
	bench_inputs(&bench, 10000);
	bench.board.ops->uplink_start(bench.board.self, job);
	bench_inputs(&bench, ms);

	return bench.board.ops->uplink_poll(bench.board.self);
}

static void
uplink_jobs_take_their_time_and_fail_when_told_to(void **state)
{
	(void)state;
	assert_int_equal(job_after("", UPLINK_NONE, 1), UPLINK_IDLE);
	assert_int_equal(job_after("", UPLINK_REGISTER, 19999), UPLINK_BUSY);
	assert_int_equal(job_after("", UPLINK_REGISTER, 20000), UPLINK_DONE);
	assert_int_equal(job_after("", UPLINK_REPORT, 3000), UPLINK_DONE);
	assert_int_equal(
	    job_after("reports=fail", UPLINK_REPORT, 9999), UPLINK_BUSY);
	assert_int_equal(
	    job_after("reports=fail", UPLINK_REPORT, 10000), UPLINK_FAILED);
	assert_int_equal(
	    job_after("updates=fail", UPLINK_UPDATE, 10000), UPLINK_FAILED);
	assert_int_equal(
	    job_after("coverage=off", UPLINK_REGISTER, 20000), UPLINK_FAILED);
}

/* RFC 4231, test case 1, its key filled up with zeros to the block. */
static void
hmac_is_that_of_rfc_4231(void **state)
{
	static const uint8_t mac[SECRET_LEN] = { 0xb0, 0x34, 0x4c, 0x61, 0xd8,
		0xdb, 0x38, 0x53, 0x5c, 0xa8, 0xaf, 0xce, 0xaf, 0x0b, 0xf1,
		0x2b, 0x88, 0x1d, 0xc2, 0x00, 0xc9, 0x83, 0x3d, 0xa7, 0x26,
		0xe9, 0x37, 0x6c, 0x2e, 0x32, 0xcf, 0xf7 };
	uint8_t key[SECRET_LEN] = { 0 }, is[SECRET_LEN];
	struct bench bench;

	(void)state;
	memset(key, 0x0b, 20);
	bench_init(&bench, "", june_ms);
	bench.board.ops->hmac(
	    bench.board.self, key, (const uint8_t *)"Hi There", 8, is);
	assert_memory_equal(is, mac, sizeof(mac));
}

static void
random_never_repeats_itself(void **state)
{
	struct bench bench;
	uint8_t a[12], b[12];

	(void)state;
	bench_init(&bench, "", june_ms);
	bench.board.ops->random(bench.board.self, a, sizeof(a));
	board_power_up(&bench.wired);
	bench.board.ops->random(bench.board.self, b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
}

static void
flash_refuses_what_nor_flash_cannot_do(void **state)
{
	static uint8_t flash[FLASH_LEN];
	static const uint8_t zero[16];
	uint8_t is[8];

	(void)state;
	memset(flash, 0xff, sizeof(flash));
	assert_true(flash_put(flash, 8, zero, 8));
	assert_false(flash_put(flash, 8, zero, 8));
	assert_false(flash_put(flash, 0, zero, 16));
	assert_false(flash_put(flash, 20, zero, 8));
	assert_false(flash_put(flash, 24, zero, 7));
	assert_false(flash_put(flash, FLASH_LEN, zero, 8));
	assert_false(flash_wipe(flash, FLASH_SECTORS));
	assert_int_equal(flash[0], 0xff);
	assert_true(flash_wipe(flash, 0));
	assert_true(flash_get(flash, 8, is, 8));
	assert_int_equal(is[0], 0xff);
	assert_false(flash_get(flash, FLASH_LEN - 7, is, 8));
}

static void
settings_are_refused_with_what_is_wanted(void **state)
{
	static const struct {
		const char *keys, *why;
	} rows[] = {
		{ "kind=transfer",
		    "kind=transfer: this version has no "
		    "transfer collar; der is wanted" },
		{ "breaker=on", "breaker=on: shut|open is wanted" },
		{ "history=731d",
		    "history=731d: a duration of at most 730d, "
		    "such as 365d or 12h is wanted" },
		{ "history=1m1h",
		    "history=1m1h: a duration of at most 730d, "
		    "such as 365d or 12h is wanted" },
		{ "power_w=1e3",
		    "power_w=1e3: watts from -30000 to 30000, or "
		    "auto, is wanted" },
		{ "seed=-1",
		    "seed=-1: a number from 0 to 4294967295 is "
		    "wanted" },
		{ "generator=on",
		    "generator: only a transfer collar has "
		    "that" },
		{ "colour=red", "colour: there is no such key" },
		{ "breaker", "'breaker': KEY=VALUE is wanted" },
	};
	struct settings settings;
	char why[VIRTUAL_WHY_MAX];

	(void)state;
	settings_init(&settings, "x");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(
		    settings_parse(&settings, rows[i].keys, ',', why), E_USAGE);
		assert_string_equal(why, rows[i].why);
	}
}

static void
settings_written_are_settings_read(void **state)
{
	struct settings settings =
	    settings_of("seed=12,history=1d2h3m4s,breaker=open,power_w=-1500");
	struct settings again;
	char text[SETTINGS_TEXT_MAX], why[VIRTUAL_WHY_MAX];

	(void)state;
	assert_int_equal(settings.at[SETTING_HISTORY], 93784);
	settings_init(&again, "another");
	settings_text(&settings, text);
	assert_int_equal(settings_parse(&again, text, '\n', why), E_OK);
	assert_memory_equal(&again, &settings, sizeof(again));
	assert_non_null(strstr(text, "history=1d2h3m4s\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_and_time_give_the_same_world),
		cmocka_unit_test(another_seed_is_another_world),
		cmocka_unit_test(night_is_night),
		cmocka_unit_test(a_summer_day_gives_more_than_a_winter_day),
		cmocka_unit_test(noon_is_near_ten_past_seventeen_utc),
		cmocka_unit_test(the_grid_keeps_to_its_limits),
		cmocka_unit_test(neighbouring_minutes_hardly_differ),
		cmocka_unit_test(utility_settings_reach_the_terminals),
		cmocka_unit_test(
		    power_is_voltage_times_current_times_power_factor),
		cmocka_unit_test(an_open_relay_carries_nothing),
		cmocka_unit_test(the_contact_follows_thirty_ms_after_the_pulse),
		cmocka_unit_test(a_stuck_relay_does_not_follow),
		cmocka_unit_test(production_lifts_the_voltage),
		cmocka_unit_test(
		    an_inverter_waits_five_minutes_for_a_steady_grid),
		cmocka_unit_test(one_leg_stops_the_inverter),
		cmocka_unit_test(the_modem_needs_power_coverage_and_activation),
		cmocka_unit_test(
		    uplink_jobs_take_their_time_and_fail_when_told_to),
		cmocka_unit_test(hmac_is_that_of_rfc_4231),
		cmocka_unit_test(random_never_repeats_itself),
		cmocka_unit_test(flash_refuses_what_nor_flash_cannot_do),
		cmocka_unit_test(settings_are_refused_with_what_is_wanted),
		cmocka_unit_test(settings_written_are_settings_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
