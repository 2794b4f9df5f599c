/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include "../../proto/interval.h"

enum {
	NOMINAL_2S_DV = 2400,
	NOMINAL_12S_DV = 2080,
	SOUND_MIN_PERCENT = 88, /* IEEE 1547: continuous operation */
	SOUND_MAX_PERCENT = 110,
	SOUND_MIN_CHZ = 5700,
	SOUND_MAX_CHZ = 6300,
};

bool
unit_operational(const struct unit_now *unit)
{
	return unit->stage == UNIT_OPERATIONAL ||
	    unit->stage == UNIT_REPORTING_ERROR ||
	    unit->stage == UNIT_UPDATE_ERROR;
}

uint32_t
unit_nominal_dv(const struct unit_now *unit)
{
	return unit->meter_form == FORM_12S ? NOMINAL_12S_DV : NOMINAL_2S_DV;
}

uint32_t
due_in_ms(uint64_t due_ms, uint64_t now_ms)
{
	uint64_t left_ms = due_ms > now_ms ? due_ms - now_ms : 1;

	return left_ms < UINT32_MAX ? (uint32_t)left_ms : UINT32_MAX;
}

int8_t
unit_power_factor_c(uint32_t voltage_dv, uint32_t current_ca, int32_t power_cw)
{
	int64_t apparent = (int64_t)voltage_dv * current_ca; /* mVA */
	int64_t power = (int64_t)power_cw * 10 * POWER_FACTOR_MAX_C;
	int64_t half = power < 0 ? -apparent / 2 : apparent / 2;
	int64_t factor = power < 0 ? -POWER_FACTOR_MAX_C : POWER_FACTOR_MAX_C;

	if (apparent > 0)
		factor = (power + half) / apparent;
	if (factor > POWER_FACTOR_MAX_C)
		factor = POWER_FACTOR_MAX_C;
	if (factor < -POWER_FACTOR_MAX_C)
		factor = -POWER_FACTOR_MAX_C;
	return (int8_t)factor;
}

bool
unit_voltage_sound(const struct unit_now *unit)
{
	uint32_t nominal = unit_nominal_dv(unit);
	uint32_t percents = unit->in->grid_dv * (uint32_t)100;

	return percents >= nominal * SOUND_MIN_PERCENT &&
	    percents <= nominal * SOUND_MAX_PERCENT;
}

bool
unit_frequency_sound(const struct unit_now *unit)
{
	return unit->in->frequency_chz >= SOUND_MIN_CHZ &&
	    unit->in->frequency_chz <= SOUND_MAX_CHZ;
}
