/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

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
