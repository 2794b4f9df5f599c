/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/status.h"
#include "../../../devices/collar/conditions.h"
#include "../../../proto/errors.h"
#include "../../support/scene_set.h"

static struct conditions events;
static struct event event;

static int
setup(void **state)
{
	scene_set(state);
	memset(&events, 0, sizeof(events));
	return 0;
}

static uint32_t
hex(void)
{
	return conditions_now(&scene.unit, &scene.relay, &scene.test);
}

static void
no_utility(void)
{
	scene_cut_utility(&scene);
}

static void
breaker_open(void)
{
	scene.in.breaker_shut = false;
}

static void
flipped(void)
{
	scene.in.flipped = true;
}

static void
modem_inactive(void)
{
	scene.in.modem_active = false;
}

static void
not_registered(void)
{
	scene.in.modem_registered = false;
}

static void
unprovisioned(void)
{
	scene.unit.stage = UNIT_UNPROVISIONED;
}

static void
provisioning_error(void)
{
	scene.unit.stage = UNIT_PROVISIONING_ERROR;
}

static void
reporting_error(void)
{
	scene.unit.stage = UNIT_REPORTING_ERROR;
}

static void
update_error(void)
{
	scene.unit.stage = UNIT_UPDATE_ERROR;
}

static void
relay_fault(void)
{
	scene.relay.kept.fault = true;
}

static void
metering_fault(void)
{
	scene.in.metering_ok = false;
}

static void
memory_fault(void)
{
	scene.unit.memory_fault = true;
}

static void
clock_untrusted(void)
{
	scene.unit.clock_trusted = false;
}

static void
voltage_low(void)
{
	scene.in.grid_dv = 1900;
}

static void
frequency_high(void)
{
	scene.in.frequency_chz = 6301;
}

static void
form_2s_on_208_v(void)
{
	scene.in.grid_dv = 2150;
}

static void
form_12s_on_240_v(void)
{
	scene.unit.meter_form = FORM_12S;
	scene.in.grid_dv = 2400;
}

static void
unsealed(void)
{
	scene.unit.sealed = false;
}

static void
tagged_out(void)
{
	scene.relay.kept.tag.set = true;
}

static void
test_mode(void)
{
	scene.test.kept.active = true;
}

static void
overload(void)
{
	scene.in.current_ca = 4801;
}

static void
overload_without_a_model(void)
{
	scene.unit.breaker_a = 0;
	scene.in.current_ca = 6401;
}

static const struct {
	void (*arrange)(void);
	uint32_t bits;
} rows[] = {
	{ no_utility, 0x00000001 },
	{ breaker_open, 0x00000002 },
	{ flipped, 0x00000004 },
	{ modem_inactive, 0x00000008 },
	{ not_registered, 0x00000010 },
	{ unprovisioned, 0x00000020 },
	{ provisioning_error, 0x00000060 },
	{ reporting_error, 0x00000080 },
	{ update_error, 0x00000100 },
	{ relay_fault, 0x80000200 },
	{ metering_fault, 0x80000400 },
	{ memory_fault, 0x80000800 },
	{ clock_untrusted, 0x00001000 },
	{ voltage_low, 0x00002000 },
	{ frequency_high, 0x00004000 },
	{ form_2s_on_208_v, 0x00008000 },
	{ form_12s_on_240_v, 0x0000a000 },
	{ unsealed, 0x00010000 },
	{ tagged_out, 0x00020000 },
	{ test_mode, 0x00040000 },
	{ overload, 0x00200000 },
	{ overload_without_a_model, 0x00200000 },
};

static void
each_condition_sets_its_bit_and_31_if_it_is_critical(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < nitems(rows); i++) {
		scene_make(&scene);
		assert_int_equal(hex(), 0);
		rows[i].arrange();
		assert_int_equal(hex(), rows[i].bits);
	}
}

static void
the_service_is_not_judged_while_it_is_away(void **state)
{
	(void)state;
	scene_cut_utility(&scene);
	scene.in.frequency_chz = 0;
	assert_int_equal(hex(), COND_BIT(COND_NO_UTILITY));
}

static void
current_at_the_limit_is_no_overload(void **state)
{
	(void)state;
	scene.in.current_ca = 4800;
	assert_int_equal(hex(), 0);
}

static void
flipped_is_the_status_before_any_other(void **state)
{
	(void)state;
	scene.in.flipped = true;
	assert_int_equal(conditions_status(&scene.unit), UNIT_FLIPPED);
	scene.in.flipped = false;
	assert_int_equal(conditions_status(&scene.unit), UNIT_OPERATIONAL);
}

static void
a_condition_is_logged_when_it_arises_and_when_it_ceases(void **state)
{
	(void)state;
	assert_true(conditions_step(&events, 0x00000002, 5000, &event));
	assert_int_equal(event.kind, EVENT_CONDITION_RAISED);
	assert_string_equal(event.field, "breaker_open");
	assert_false(conditions_step(&events, 0x00000002, 5000, &event));
	assert_true(conditions_step(&events, 0, 9000, &event));
	assert_int_equal(event.kind, EVENT_CONDITION_CLEARED);
	assert_string_equal(event.field, "breaker_open");
	assert_false(conditions_step(&events, 0, 9000, &event));
}

static void
changes_at_one_instant_are_logged_one_by_one(void **state)
{
	(void)state;
	assert_true(conditions_step(&events, 0x00000003, 5000, &event));
	assert_string_equal(event.field, "no_utility");
	assert_true(conditions_step(&events, 0x00000003, 5000, &event));
	assert_string_equal(event.field, "breaker_open");
	assert_false(conditions_step(&events, 0x00000003, 5000, &event));
}

static void
a_fluttering_condition_is_logged_at_most_once_a_second(void **state)
{
	unsigned logged = 0;
	uint64_t now;

	(void)state;
	for (now = 10000; now < 20000; now += 10) {
		uint32_t bits = now / 10 % 2 == 0 ? 0x00002000 : 0;

		while (conditions_step(&events, bits, now, &event))
			logged++;
	}
	assert_in_range(logged, 9, 10);
}

static void
what_is_held_back_is_logged_when_its_second_is_over(void **state)
{
	(void)state;
	conditions_step(&events, 0x00000001, 5000, &event);
	assert_int_equal(
	    conditions_next_due_ms(&events, 0x00000001, 5000), UINT32_MAX);
	assert_false(conditions_step(&events, 0, 5300, &event));
	assert_int_equal(conditions_next_due_ms(&events, 0, 5300), 700);
	assert_true(conditions_step(&events, 0, 6000, &event));
	assert_int_equal(event.kind, EVENT_CONDITION_CLEARED);
}

static void
what_has_an_event_of_its_own_is_not_logged_twice(void **state)
{
	(void)state;
	assert_false(conditions_step(&events, 0x80060060, 5000, &event));
}

static void
what_outlasted_a_restart_does_not_arise(void **state)
{
	(void)state;
	conditions_start(&events, 0x80010220);
	assert_false(conditions_step(&events, 0x80010220, 5000, &event));
	conditions_start(&events, 0x00000400);
	assert_true(conditions_step(&events, 0x00000400, 5000, &event));
	assert_string_equal(event.field, "metering_fault");
}

/* The answer to `status`. */
static struct unit_state
fill(void)
{
	struct unit_state answer;

	status_fill(&scene.unit, &scene.relay, &scene.test, &answer);
	return answer;
}

static void
a_plain_answer_has_what_there_is_and_lacks_what_there_is_not(void **state)
{
	struct unit_state answer;

	(void)state;
	scene.unit.energy_produced_wh = 1685123;
	answer = fill();
	assert_int_equal(answer.status, UNIT_OPERATIONAL);
	assert_int_equal(answer.hex_status, 0);
	assert_true(answer.sealed);
	assert_int_equal(answer.energy_produced_wh, 1685123);
	assert_int_equal(answer.lcd_pages.count, 4);
	assert_true(HAS(&answer, STATUS_VOLTAGE));
	assert_true(HAS(&answer, STATUS_CLOCK_UTC));
	assert_false(HAS(&answer, STATUS_PENDING_ACTION));
	assert_false(HAS(&answer, STATUS_HOLD_RETURNS_TO));
	assert_false(HAS(&answer, STATUS_TAG_TEXT));
	assert_false(HAS(&answer, STATUS_TEST_REMAINING));
	assert_false(HAS(&answer, STATUS_UPLINK_LAST_REPORT));
}

static void
a_metering_fault_withholds_the_measured_values_not_the_registers(void **state)
{
	struct unit_state answer;

	(void)state;
	scene.in.metering_ok = false;
	answer = fill();
	assert_false(HAS(&answer, STATUS_VOLTAGE));
	assert_false(HAS(&answer, STATUS_POWER_FACTOR));
	assert_true(HAS(&answer, STATUS_ENERGY_PRODUCED));
}

static void
schedule_hold_and_tag_are_told_in_full(void **state)
{
	struct unit_state answer;

	(void)state;
	scene_hold(&scene, RELAY_SHUT, 600);
	scene_pass(&scene, 1000);
	scene_at(&scene, RELAY_OPEN, SCENE_UTC_S + 3600);
	answer = fill();
	assert_int_equal(answer.relay_state, RELAY_SHUT);
	assert_int_equal(answer.pending_action, RELAY_OPEN);
	assert_int_equal(answer.pending_at, SCENE_UTC_S + 3600);
	assert_int_equal(answer.pending_requested_at, SCENE_UTC_S + 61);
	assert_string_equal(answer.pending_by, "ann");
	assert_int_equal(answer.hold_returns_to, RELAY_OPEN);
	assert_int_equal(answer.hold_at, SCENE_UTC_S + 660);
	assert_int_equal(answer.hold_remaining_s, 599);
	assert_int_equal(answer.hold_move.at[0], 1);
	scene_tag(&scene, "roof");
	scene_pass(&scene, 1000);
	answer = fill();
	assert_string_equal(answer.tag_text, "roof");
	assert_string_equal(answer.tag_holder, "ann");
	assert_int_equal(answer.tag_at, SCENE_UTC_S + 61);
}

static void
the_glass_and_the_answer_agree_while_blank(void **state)
{
	struct unit_state answer;

	(void)state;
	scene_cut_utility(&scene);
	answer = fill();
	assert_true(answer.lcd_blank);
	assert_string_equal(answer.lcd_text, "");
	assert_int_equal(answer.lcd_pages.count, 0);
}

static const struct {
	int32_t power_cw;
	uint32_t current_ca;
	int8_t factor_c;
} factors[] = {
	{ 0, 0, 100 },        /* nothing flows */
	{ 163992, 665, 100 }, /* 247.8 V, 6.65 A, 1.63992 kW */
	{ 82394, 665, 50 },
	{ -163992, 665, -100 },
	{ -82394, 665, -50 },
	{ 999999, 665, 100 }, /* never beyond 1 */
	{ 0, 665, 0 },
};

static void
power_factor_is_power_over_volts_times_amperes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < nitems(factors); i++) {
		scene.in.active_power_cw = factors[i].power_cw;
		scene.in.current_ca = factors[i].current_ca;
		assert_int_equal(fill().power_factor_c, factors[i].factor_c);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

/* Whatever the meter chip said was sent, though no host may take it. */
static void
measured_values_keep_to_what_the_wire_allows(void **state)
{
	struct unit_state answer;

	(void)state;
	scene.in.grid_dv = UINT16_MAX;
	scene.in.frequency_chz = UINT16_MAX;
	scene.in.current_ca = UINT32_MAX;
	scene.in.active_power_cw = INT32_MAX;
	scene.in.reactive_power_cvar = INT32_MIN;
	scene.in.temperature_df = INT16_MIN;
	status_fill(&scene.unit, &scene.relay, &scene.test, &answer);
	for (uint32_t key = STATUS_VOLTAGE; key <= STATUS_TEMPERATURE; key++) {
		const struct field *field = message_field(&msg_unit_state, key);

		assert_true(HAS(&answer, key));
		assert_int_equal(field_check(field, &answer), E_OK);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_condition_sets_its_bit_and_31_if_it_is_critical),
		TEST(the_service_is_not_judged_while_it_is_away),
		TEST(current_at_the_limit_is_no_overload),
		TEST(flipped_is_the_status_before_any_other),
		TEST(a_condition_is_logged_when_it_arises_and_when_it_ceases),
		TEST(changes_at_one_instant_are_logged_one_by_one),
		TEST(a_fluttering_condition_is_logged_at_most_once_a_second),
		TEST(what_is_held_back_is_logged_when_its_second_is_over),
		TEST(what_has_an_event_of_its_own_is_not_logged_twice),
		TEST(what_outlasted_a_restart_does_not_arise),
		TEST(
		    a_plain_answer_has_what_there_is_and_lacks_what_there_is_not),
		TEST(
		    a_metering_fault_withholds_the_measured_values_not_the_registers),
		TEST(schedule_hold_and_tag_are_told_in_full),
		TEST(the_glass_and_the_answer_agree_while_blank),
		TEST(power_factor_is_power_over_volts_times_amperes),
		TEST(measured_values_keep_to_what_the_wire_allows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
