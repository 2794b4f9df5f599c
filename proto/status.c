/* SPDX-License-Identifier: BSD-2-Clause */
#include "status.h"

#include "interval.h"

const struct condition_row conditions[] = {
#define CONDITION(bit, NAME, name, meaning, action) \
	{ (bit), (name), FOR_PEOPLE((meaning), (action)) },
#include "conditions.def"
#undef CONDITION
	{ 0 },
};

/* Rows of unit_state, and the common kinds of them. */
#define PLAIN(member, name, key, presence, min, max, unit, help) \
	FIELD_PLAIN(struct unit_state, member, name, key, presence, min, max, \
	    unit, help)
#define SHOWN(member, name, key, min, max, show, unit, help) \
	FIELD_SHOWN(struct unit_state, member, name, key, OPTIONAL, min, max, \
	    show, NULL, unit, help)
#define FLAG(member, name, key, help) \
	PLAIN(member, name, key, OPTIONAL, 0, 1, "", help)
#define POSITION(member, name, key, help) \
	FIELD_SHOWN(struct unit_state, member, name, key, OPTIONAL, \
	    RELAY_OPEN, RELAY_SHUT, SHOW_NAME, relay_position_names, "", help)
#define UTC(member, name, key, help) \
	SHOWN(member, name, key, 0, UINT32_MAX, SHOW_UTC, "s since 1970, UTC", \
	    help)

enum {
	VOLTAGE_MAX_DV = 6000,
	CURRENT_MAX_CA = 100000,
	TEMPERATURE_MIN_DF = -1000,
	TEMPERATURE_MAX_DF = 3000,
};

static const struct field unit_state_fields[] = {
	FIELD_SHOWN(struct unit_state, status, "status", STATUS_STATUS,
	    REQUIRED, UNIT_UNPROVISIONED, UNIT_UPDATE_ERROR, SHOW_NAME,
	    unit_status_names, "", "operating status"),
	FIELD_SHOWN(struct unit_state, hex_status, "hex_status",
	    STATUS_HEX_STATUS, REQUIRED, 0, UINT32_MAX, SHOW_HEX32, NULL, "",
	    "conditions, a bit each"),
	PLAIN(sealed, "sealed", STATUS_SEALED, REQUIRED, 0, 1, "",
	    "whether the unit has keys"),

	POSITION(relay_state, "relay.state", STATUS_RELAY_STATE,
	    "position the relay was last driven to"),
	POSITION(relay_feedback, "relay.feedback", STATUS_RELAY_FEEDBACK,
	    "what the relay's contact says"),
	POSITION(pending_action, "relay.pending.action", STATUS_PENDING_ACTION,
	    "scheduled move"),
	UTC(pending_at, "relay.pending.at", STATUS_PENDING_AT,
	    "when it is due"),
	UTC(pending_requested_at, "relay.pending.requested_at",
	    STATUS_PENDING_REQUESTED_AT, "when it was asked for"),
	PLAIN(pending_by, "relay.pending.by", STATUS_PENDING_BY, OPTIONAL, 0,
	    HOLDER_MAX, "", "who asked for it"),
	POSITION(hold_returns_to, "relay.hold.returns_to",
	    STATUS_HOLD_RETURNS_TO, "where a running hold goes back to"),
	UTC(hold_at, "relay.hold.at", STATUS_HOLD_AT, "when it does"),
	PLAIN(hold_remaining_s, "relay.hold.remaining_s", STATUS_HOLD_REMAINING,
	    OPTIONAL, 0, HOLD_MAX_S, "s", "time until it does"),
	PLAIN(hold_move, "relay.hold.move", STATUS_HOLD_MOVE, OPTIONAL,
	    CHANGE_ID_LEN, CHANGE_ID_LEN, "",
	    "id of the move, which a confirmation names"),
	PLAIN(tag_text, "relay.tag.text", STATUS_TAG_TEXT, OPTIONAL, 1, TAG_MAX,
	    "", "why the unit is tagged out"),
	PLAIN(tag_holder, "relay.tag.holder", STATUS_TAG_HOLDER, OPTIONAL, 0,
	    HOLDER_MAX, "", "who tagged it out"),
	UTC(tag_at, "relay.tag.at", STATUS_TAG_AT, "when"),

	PLAIN(lcd_text, "lcd.text", STATUS_LCD_TEXT, OPTIONAL, 0, 16, "",
	    "page now on the glass"),
	FLAG(lcd_blank, "lcd.blank", STATUS_LCD_BLANK,
	    "whether the glass is blank"),
	FLAG(lcd_thumbs_up, "lcd.thumbs_up", STATUS_LCD_THUMBS_UP,
	    "thumbs-up icon"),
	FLAG(lcd_arrow, "lcd.arrow", STATUS_LCD_ARROW, "arrow icon"),
	FLAG(lcd_skull, "lcd.skull", STATUS_LCD_SKULL, "skull icon"),
	PLAIN(lcd_pages, "lcd.pages", STATUS_LCD_PAGES, OPTIONAL, 0, 16, "",
	    "pages that scroll, in order"),

	SHOWN(voltage_dv, "measured.voltage_v", STATUS_VOLTAGE, 0,
	    VOLTAGE_MAX_DV, SHOW_DEC1, "0.1 V", "voltage"),
	SHOWN(current_ca, "measured.current_a", STATUS_CURRENT, 0,
	    CURRENT_MAX_CA, SHOW_DEC2, "0.01 A", "current"),
	SHOWN(active_power_cw, "measured.active_power_kw", STATUS_ACTIVE_POWER,
	    -INTERVAL_POWER_MAX, INTERVAL_POWER_MAX, SHOW_DEC5, "0.01 W",
	    "active power, positive while producing"),
	SHOWN(reactive_power_cvar, "measured.reactive_power_kvar",
	    STATUS_REACTIVE_POWER, -INTERVAL_POWER_MAX, INTERVAL_POWER_MAX,
	    SHOW_DEC5, "0.01 var", "reactive power, positive while supplied"),
	SHOWN(power_factor_c, "measured.power_factor", STATUS_POWER_FACTOR,
	    -POWER_FACTOR_MAX_C, POWER_FACTOR_MAX_C, SHOW_DEC2, "0.01",
	    "power factor, positive while producing"),
	SHOWN(frequency_chz, "measured.frequency_hz", STATUS_FREQUENCY, 0,
	    FREQUENCY_MAX_CHZ, SHOW_DEC2, "0.01 Hz", "frequency"),
	SHOWN(temperature_df, "measured.temperature_f", STATUS_TEMPERATURE,
	    TEMPERATURE_MIN_DF, TEMPERATURE_MAX_DF, SHOW_DEC1,
	    "0.1 degree Fahrenheit", "temperature"),
	SHOWN(energy_consumed_wh, "measured.energy_consumed_kwh",
	    STATUS_ENERGY_CONSUMED, 0, UINT32_MAX, SHOW_DEC3, "Wh",
	    "register of energy consumed"),
	SHOWN(energy_produced_wh, "measured.energy_produced_kwh",
	    STATUS_ENERGY_PRODUCED, 0, UINT32_MAX, SHOW_DEC3, "Wh",
	    "register of energy produced"),

	FLAG(test_active, "test.active", STATUS_TEST_ACTIVE,
	    "whether the unit is in test mode"),
	PLAIN(test_remaining_s, "test.remaining_s", STATUS_TEST_REMAINING,
	    OPTIONAL, 0, (int64_t)TEST_MINUTES_MAX * 60, "s",
	    "time until it ends by itself"),
	UTC(test_ends_at, "test.ends_at", STATUS_TEST_ENDS_AT,
	    "when it ends by itself"),
	SHOWN(test_energy_consumed_mwh, "test_registers.energy_consumed_kwh",
	    STATUS_TEST_ENERGY_CONSUMED, 0, INT64_MAX, SHOW_DEC6, "0.001 Wh",
	    "energy consumed in test mode, ever"),
	SHOWN(test_energy_produced_mwh, "test_registers.energy_produced_kwh",
	    STATUS_TEST_ENERGY_PRODUCED, 0, INT64_MAX, SHOW_DEC6, "0.001 Wh",
	    "energy produced in test mode, ever"),

	SHOWN(clock_utc_ms, "clock.utc", STATUS_CLOCK_UTC, 0, INT64_MAX,
	    SHOW_UTC_MS, "ms since 1970, UTC", "the unit's clock"),
	FLAG(clock_trusted, "clock.trusted", STATUS_CLOCK_TRUSTED,
	    "whether it was set since it last lost power"),

	FLAG(uplink_registered, "uplink.registered", STATUS_UPLINK_REGISTERED,
	    "whether the modem is registered with the network"),
	UTC(uplink_last_report_at, "uplink.last_report_at",
	    STATUS_UPLINK_LAST_REPORT, "when a report last went through"),
	PLAIN(uplink_failures, "uplink.failures", STATUS_UPLINK_FAILURES,
	    OPTIONAL, 0, UINT16_MAX, "", "reports that failed since then"),
};

static const struct field clock_state_fields[] = {
	FIELD_SHOWN(struct clock_state, utc_ms, "utc", CLOCK_UTC, REQUIRED, 0,
	    INT64_MAX, SHOW_UTC_MS, NULL, "ms since 1970, UTC",
	    "the unit's clock"),
	FIELD_PLAIN(struct clock_state, trusted, "trusted", CLOCK_TRUSTED,
	    REQUIRED, 0, 1, "", "whether it was set since it last lost power"),
};

/* 2016-01-01 to the end of 32 bits of seconds, in 2106 */
#define CLOCK_SET_MIN INT64_C(1451606400000)
#define CLOCK_SET_MAX (INT64_C(1000) * UINT32_MAX)

static const struct field clock_set_fields[] = {
	FIELD_SHOWN(struct clock_set, utc_ms, "utc", CLOCK_UTC, REQUIRED,
	    CLOCK_SET_MIN, CLOCK_SET_MAX, SHOW_UTC_MS, NULL,
	    "ms since 1970, UTC", "the time it is"),
	CHANGE_ROWS(struct clock_set),
};

MESSAGE(msg_unit_state, "unit-state", struct unit_state, unit_state_fields,
    "what a unit says of itself now");
MESSAGE(msg_clock_state, "clock-state", struct clock_state, clock_state_fields,
    "the unit's clock");
MESSAGE(msg_clock_set, "clock-set", struct clock_set, clock_set_fields,
    "set the unit's clock");
