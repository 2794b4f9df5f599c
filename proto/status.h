/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_STATUS_H
#define PROTO_STATUS_H

/*
 * What a unit says of itself now: `status`, and the clock.
 */

#include "change.h"
#include "message.h"
#include "record.h"
#include "relay.h"

/* Bits of the hex status: COND_FLIPPED is the number of the bit. */
enum condition {
#define CONDITION(bit, NAME, ...) COND_##NAME = (bit),
#include "conditions.def"
#undef CONDITION
};

#define COND_BIT(bit) ((uint32_t)1 << (bit))
#define CONDITIONS_CRITICAL \
	(COND_BIT(COND_RELAY_FAULT) | COND_BIT(COND_METERING_FAULT) | \
	    COND_BIT(COND_MEMORY_FAULT))

struct condition_row {
	uint8_t bit;
	const char *name;
#ifndef COLLAR_FIRMWARE
	const char *meaning, *action;
#endif
};

extern const struct condition_row conditions[]; /* ascending, name NULL ends */

enum status_key {
	STATUS_STATUS = 1,
	STATUS_HEX_STATUS,
	STATUS_SEALED,
	STATUS_RELAY_STATE,
	STATUS_RELAY_FEEDBACK,
	STATUS_PENDING_ACTION,
	STATUS_PENDING_AT,
	STATUS_PENDING_REQUESTED_AT,
	STATUS_PENDING_BY,
	STATUS_HOLD_RETURNS_TO,
	STATUS_HOLD_AT,
	STATUS_HOLD_REMAINING,
	STATUS_HOLD_MOVE,
	STATUS_TAG_TEXT,
	STATUS_TAG_HOLDER,
	STATUS_TAG_AT,
	STATUS_LCD_TEXT,
	STATUS_LCD_BLANK,
	STATUS_LCD_THUMBS_UP,
	STATUS_LCD_ARROW,
	STATUS_LCD_SKULL,
	STATUS_LCD_PAGES,
	STATUS_VOLTAGE,
	STATUS_CURRENT,
	STATUS_ACTIVE_POWER,
	STATUS_REACTIVE_POWER,
	STATUS_POWER_FACTOR,
	STATUS_FREQUENCY,
	STATUS_TEMPERATURE,
	STATUS_ENERGY_CONSUMED,
	STATUS_ENERGY_PRODUCED,
	STATUS_TEST_ACTIVE,
	STATUS_TEST_REMAINING,
	STATUS_TEST_ENDS_AT,
	STATUS_TEST_ENERGY_CONSUMED,
	STATUS_TEST_ENERGY_PRODUCED,
	STATUS_CLOCK_UTC,
	STATUS_CLOCK_TRUSTED,
	STATUS_UPLINK_REGISTERED,
	STATUS_UPLINK_LAST_REPORT,
	STATUS_UPLINK_FAILURES,
};

struct unit_state {
	uint64_t has;
	uint8_t status; /* enum unit_status */
	uint32_t hex_status;
	bool sealed;

	uint8_t relay_state, relay_feedback; /* enum relay_position */
	uint8_t pending_action;
	uint32_t pending_at, pending_requested_at;
	char pending_by[HOLDER_MAX + 1];
	uint8_t hold_returns_to;
	uint32_t hold_at;
	uint32_t hold_remaining_s;
	struct octets hold_move; /* what a confirmation must name */
	char tag_text[TAG_MAX + 1];
	char tag_holder[HOLDER_MAX + 1];
	uint32_t tag_at;

	char lcd_text[17]; /* the page now on the glass, "" when blank */
	bool lcd_blank, lcd_thumbs_up, lcd_arrow, lcd_skull;
	struct texts lcd_pages; /* what scrolls, in order */

	/* measured now; absent with a metering fault */
	uint16_t voltage_dv;
	uint32_t current_ca;
	int32_t active_power_cw, reactive_power_cvar; /* 10 mW, 10 mvar */
	int8_t power_factor_c;
	uint16_t frequency_chz;
	int16_t temperature_df;
	uint32_t energy_consumed_wh, energy_produced_wh;

	bool test_active;
	uint32_t test_remaining_s;
	uint32_t test_ends_at;
	uint64_t test_energy_consumed_mwh; /* 0.001 Wh */
	uint64_t test_energy_produced_mwh; /* 0.001 Wh */

	uint64_t clock_utc_ms;
	bool clock_trusted;

	bool uplink_registered;
	uint32_t uplink_last_report_at; /* absent if there was none */
	uint16_t uplink_failures;       /* in a row */
};

enum clock_key { CLOCK_UTC = 1, CLOCK_TRUSTED = 2 };

struct clock_state {
	uint64_t has;
	uint64_t utc_ms;
	bool trusted;
};

struct clock_set {
	uint64_t has;
	uint64_t utc_ms;
	struct change change;
};

extern const struct message msg_unit_state;  /* struct unit_state */
extern const struct message msg_clock_state; /* struct clock_state */
extern const struct message msg_clock_set;   /* struct clock_set */

#endif
