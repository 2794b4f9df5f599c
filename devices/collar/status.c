/* SPDX-License-Identifier: BSD-2-Clause */

#include "status.h"

#include <string.h>

#include "conditions.h"
#include "lcd.h"
#include "relay_parts.h"
#include "text.h"

static void
fill_pending(const struct relay_pending *pending, struct unit_state *state)
{
	if (!pending->set)
		return;
	state->pending_action = pending->action;
	state->pending_at = pending->at;
	state->pending_requested_at = pending->requested_at;
	text_copy(state->pending_by, sizeof(state->pending_by), pending->by);
	HAVE(state, STATUS_PENDING_ACTION);
	HAVE(state, STATUS_PENDING_AT);
	HAVE(state, STATUS_PENDING_REQUESTED_AT);
	HAVE(state, STATUS_PENDING_BY);
}

static void
fill_hold(const struct unit_now *unit, const struct relay_hold *hold,
    struct unit_state *state)
{
	uint64_t left_ms = relay_hold_left_ms(hold, unit);

	if (!hold->set)
		return;
	state->hold_returns_to = hold->returns_to;
	state->hold_remaining_s = (uint32_t)((left_ms + 999) / 1000);
	HAVE(state, STATUS_HOLD_RETURNS_TO);
	HAVE(state, STATUS_HOLD_REMAINING);
	if (hold->move.len > 0) {
		state->hold_move = hold->move;
		HAVE(state, STATUS_HOLD_MOVE);
	}
	if (unit->clock_trusted) {
		state->hold_at = (uint32_t)((unit->utc_ms + left_ms) / 1000);
		HAVE(state, STATUS_HOLD_AT);
	}
}

static void
fill_tag(const struct relay_tag *tag, struct unit_state *state)
{
	if (!tag->set)
		return;
	text_copy(state->tag_text, sizeof(state->tag_text), tag->text);
	text_copy(state->tag_holder, sizeof(state->tag_holder), tag->holder);
	state->tag_at = tag->at;
	HAVE(state, STATUS_TAG_TEXT);
	HAVE(state, STATUS_TAG_HOLDER);
	HAVE(state, STATUS_TAG_AT);
}

static void
fill_relay(const struct unit_now *unit, const struct relay *relay,
    struct unit_state *state)
{
	state->relay_state = relay_state(relay, unit);
	state->relay_feedback = relay_feedback(unit);
	HAVE(state, STATUS_RELAY_STATE);
	HAVE(state, STATUS_RELAY_FEEDBACK);
	fill_pending(&relay->kept.pending, state);
	fill_hold(unit, &relay->kept.hold, state);
	fill_tag(&relay->kept.tag, state);
}

static void
fill_glass(const struct unit_now *unit, const struct relay *relay,
    const struct testmode *test, struct unit_state *state)
{
	struct glass glass;

	lcd_glass(unit, relay, test, state->hex_status, &glass);
	memcpy(state->lcd_text, glass.text, sizeof(state->lcd_text));
	state->lcd_blank = glass.blank;
	state->lcd_thumbs_up = glass.thumbs_up;
	state->lcd_arrow = glass.arrow;
	state->lcd_skull = glass.skull;
	if (!glass.blank && glass.thumbs_up && !glass.all_segments)
		lcd_pages(unit, &state->lcd_pages);
	HAVE(state, STATUS_LCD_TEXT);
	HAVE(state, STATUS_LCD_BLANK);
	HAVE(state, STATUS_LCD_THUMBS_UP);
	HAVE(state, STATUS_LCD_ARROW);
	HAVE(state, STATUS_LCD_SKULL);
	HAVE(state, STATUS_LCD_PAGES);
}

/* Gives a value as it is, but within what its row allows on the wire. */
static void
value_hold(uint8_t key, struct unit_state *state)
{
	const struct field *field = message_field(&msg_unit_state, key);
	int64_t value = field_number(field, state);

	if (value < field->min)
		value = field->min;
	if (value > field->max)
		value = field->max;
	field_set_number(field, state, value);
}

static void
fill_measured(const struct board_inputs *in, struct unit_state *state)
{
	static const uint8_t measured[] = { STATUS_VOLTAGE, STATUS_CURRENT,
		STATUS_ACTIVE_POWER, STATUS_REACTIVE_POWER, STATUS_POWER_FACTOR,
		STATUS_FREQUENCY, STATUS_TEMPERATURE };

	if (!in->metering_ok)
		return;
	state->voltage_dv = in->grid_dv;
	state->current_ca = in->current_ca;
	state->active_power_cw = in->active_power_cw;
	state->reactive_power_cvar = in->reactive_power_cvar;
	state->power_factor_c = unit_power_factor_c(
	    in->grid_dv, in->current_ca, in->active_power_cw);
	state->frequency_chz = in->frequency_chz;
	state->temperature_df = in->temperature_df;
	for (size_t i = 0; i < nitems(measured); i++)
		value_hold(measured[i], state);
}

static void
fill_energy(const struct unit_now *unit, struct unit_state *state)
{
	state->energy_consumed_wh = unit->energy_consumed_wh;
	state->energy_produced_wh = unit->energy_produced_wh;
	state->test_energy_consumed_mwh = unit->test_energy_consumed_mwh;
	state->test_energy_produced_mwh = unit->test_energy_produced_mwh;
	HAVE(state, STATUS_ENERGY_CONSUMED);
	HAVE(state, STATUS_ENERGY_PRODUCED);
	HAVE(state, STATUS_TEST_ENERGY_CONSUMED);
	HAVE(state, STATUS_TEST_ENERGY_PRODUCED);
}

static void
fill_test(const struct unit_now *unit, const struct testmode *test,
    struct unit_state *state)
{
	struct test_state now;

	testmode_answer(test, unit, &now);
	state->test_active = now.active;
	state->test_remaining_s = now.remaining_s;
	state->test_ends_at = now.ends_at;
	HAVE(state, STATUS_TEST_ACTIVE);
	if (HAS(&now, TEST_STATE_REMAINING))
		HAVE(state, STATUS_TEST_REMAINING);
	if (HAS(&now, TEST_STATE_ENDS_AT))
		HAVE(state, STATUS_TEST_ENDS_AT);
}

static void
fill_clock(const struct unit_now *unit, struct unit_state *state)
{
	state->clock_utc_ms = unit->utc_ms;
	state->clock_trusted = unit->clock_trusted;
	HAVE(state, STATUS_CLOCK_UTC);
	HAVE(state, STATUS_CLOCK_TRUSTED);
}

static void
fill_uplink(const struct unit_now *unit, struct unit_state *state)
{
	state->uplink_registered = unit->in->modem_registered;
	state->uplink_last_report_at = unit->last_report_at;
	state->uplink_failures = unit->report_failures;
	HAVE(state, STATUS_UPLINK_REGISTERED);
	HAVE(state, STATUS_UPLINK_FAILURES);
	if (unit->reported)
		HAVE(state, STATUS_UPLINK_LAST_REPORT);
}

void
status_fill(const struct unit_now *unit, const struct relay *relay,
    const struct testmode *test, struct unit_state *state)
{
	memset(state, 0, sizeof(*state));
	state->status = conditions_status(unit);
	state->hex_status = conditions_now(unit, relay, test);
	state->sealed = unit->sealed;
	HAVE(state, STATUS_STATUS);
	HAVE(state, STATUS_HEX_STATUS);
	HAVE(state, STATUS_SEALED);
	fill_relay(unit, relay, state);
	fill_glass(unit, relay, test, state);
	fill_measured(unit->in, state);
	fill_energy(unit, state);
	fill_test(unit, test, state);
	fill_clock(unit, state);
	fill_uplink(unit, state);
}
