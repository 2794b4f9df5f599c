/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_UNIT_H
#define COLLAR_UNIT_H

/*
 * Unit and world at one instant.  Made anew for every tick and request; what
 * decides about relay, glass and conditions reads this and its own state only.
 */

#include "../../proto/record.h"
#include "../board.h"

struct unit_now {
	const struct board_inputs *in;
	uint64_t now_ms; /* monotonic */
	uint64_t utc_ms; /* since start if the clock is not trusted */
	bool clock_trusted;
	bool sealed;
	bool memory_fault;
	uint8_t stage;      /* enum unit_status, never UNIT_FLIPPED */
	uint8_t meter_form; /* enum meter_form */
	uint8_t breaker_a;  /* 0: no model */

	uint32_t energy_consumed_wh, energy_produced_wh;
	uint64_t test_energy_consumed_mwh, test_energy_produced_mwh;

	bool reported; /* last_report_at holds */
	uint32_t last_report_at;
	uint16_t report_failures; /* in a row */
};

/* Is the unit provisioned, whatever became of its reports since? */
bool unit_operational(const struct unit_now *unit);

/* Nominal voltage of the meter form, in 0.1 V. */
uint32_t unit_nominal_dv(const struct unit_now *unit);

/*
 * Milliseconds from now until due: at least 1, also when that has passed, so
 * that nobody spins or sleeps for ever; at most UINT32_MAX.
 */
uint32_t due_in_ms(uint64_t due_ms, uint64_t now_ms);

/*
 * Power factor in hundredths, -100 to 100, of power in 10 mW at 0.1 V and
 * 0.01 A: nearest, halves away from zero; while nothing flows, one with the
 * sign of the power.
 */
int8_t unit_power_factor_c(
    uint32_t voltage_dv, uint32_t current_ca, int32_t power_cw);

/* Is the service within 88 to 110 % of nominal, and within 57 to 63 Hz? */
bool unit_voltage_sound(const struct unit_now *unit);
bool unit_frequency_sound(const struct unit_now *unit);

#endif
