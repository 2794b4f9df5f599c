/* SPDX-License-Identifier: BSD-2-Clause */

#include "conditions.h"

#include <string.h>

#include "text.h"

enum {
	NEAR_208_MIN_DV = 1976, /* 208 V, 5 % either way */
	NEAR_208_MAX_DV = 2184,
	NEAR_240_MIN_DV = 2280,
	NEAR_240_MAX_DV = 2520,
	CONTINUOUS_PERCENT = 80, /* of the breaker: NEC 210.20(A) */
	CONTINUOUS_MAX_CA = 6400,
};

/* Kept in flash: a restart finds them, they do not arise. */
static const uint32_t lasting = COND_BIT(COND_UNSEALED) |
    COND_BIT(COND_REPORTING_ERROR) | COND_BIT(COND_UPDATE_ERROR) |
    COND_BIT(COND_RELAY_FAULT);

/* Told by events of their own. */
static const uint32_t told = COND_BIT(COND_UNPROVISIONED) |
    COND_BIT(COND_PROVISIONING_ERROR) | COND_BIT(COND_TAGGED_OUT) |
    COND_BIT(COND_TEST_MODE) | COND_BIT(COND_CRITICAL);

static uint32_t
bit_if(bool holds, enum condition bit)
{
	return holds ? COND_BIT(bit) : 0;
}

static bool
between(uint32_t value, uint32_t min, uint32_t max)
{
	return value >= min && value <= max;
}

static bool
form_mismatched(const struct unit_now *unit)
{
	if (unit->meter_form == FORM_12S)
		return between(
		    unit->in->grid_dv, NEAR_240_MIN_DV, NEAR_240_MAX_DV);
	return between(unit->in->grid_dv, NEAR_208_MIN_DV, NEAR_208_MAX_DV);
}

static uint32_t
continuous_ca(const struct unit_now *unit)
{
	if (unit->breaker_a == 0)
		return CONTINUOUS_MAX_CA;
	return unit->breaker_a * (uint32_t)CONTINUOUS_PERCENT;
}

/* Judged while the service is there and its values are. */
static uint32_t
service_bits(const struct unit_now *unit)
{
	if (!unit->in->utility || !unit->in->metering_ok)
		return 0;
	return bit_if(!unit_voltage_sound(unit), COND_VOLTAGE_LIMIT) |
	    bit_if(!unit_frequency_sound(unit), COND_FREQUENCY_LIMIT) |
	    bit_if(form_mismatched(unit), COND_FORM_MISMATCH) |
	    bit_if(unit->in->current_ca > continuous_ca(unit), COND_OVERLOAD);
}

static uint32_t
input_bits(const struct unit_now *unit)
{
	const struct board_inputs *in = unit->in;

	return bit_if(!in->utility, COND_NO_UTILITY) |
	    bit_if(!in->breaker_shut, COND_BREAKER_OPEN) |
	    bit_if(in->flipped, COND_FLIPPED) |
	    bit_if(!in->modem_active, COND_MODEM_INACTIVE) |
	    bit_if(!in->modem_registered, COND_NOT_REGISTERED) |
	    bit_if(!in->metering_ok, COND_METERING_FAULT);
}

static uint32_t
state_bits(const struct unit_now *unit)
{
	uint8_t stage = unit->stage;

	return bit_if(!unit_operational(unit), COND_UNPROVISIONED) |
	    bit_if(stage == UNIT_PROVISIONING_ERROR, COND_PROVISIONING_ERROR) |
	    bit_if(stage == UNIT_REPORTING_ERROR, COND_REPORTING_ERROR) |
	    bit_if(stage == UNIT_UPDATE_ERROR, COND_UPDATE_ERROR) |
	    bit_if(unit->memory_fault, COND_MEMORY_FAULT) |
	    bit_if(!unit->clock_trusted, COND_CLOCK_UNTRUSTED) |
	    bit_if(!unit->sealed, COND_UNSEALED);
}

uint32_t
conditions_now(const struct unit_now *unit, const struct relay *relay,
    const struct testmode *test)
{
	uint32_t bits = input_bits(unit) | service_bits(unit) |
	    state_bits(unit) | bit_if(relay->kept.fault, COND_RELAY_FAULT) |
	    bit_if(relay->kept.tag.set, COND_TAGGED_OUT) |
	    bit_if(test->kept.active, COND_TEST_MODE);

	return bits | bit_if(bits & CONDITIONS_CRITICAL, COND_CRITICAL);
}

void
conditions_start(struct conditions *log, uint32_t hex_status)
{
	memset(log, 0, sizeof(*log));
	log->logged = hex_status & lasting;
}

static uint32_t
unlogged(const struct conditions *log, uint32_t hex_status)
{
	return (log->logged ^ hex_status) & ~told;
}

static void
tell(const struct condition_row *row, bool raised, struct event *event)
{
	memset(event, 0, sizeof(*event));
	event->kind = raised ? EVENT_CONDITION_RAISED : EVENT_CONDITION_CLEARED;
	text_copy(event->field, sizeof(event->field), row->name);
	HAVE(event, EVENT_KEY_KIND);
	HAVE(event, EVENT_KEY_FIELD);
}

bool
conditions_step(struct conditions *log, uint32_t hex_status, uint64_t now_ms,
    struct event *event)
{
	const struct condition_row *row;

	if (now_ms - log->quiet_ms >= CONDITIONS_QUIET_MS)
		log->quiet = 0;
	for (row = conditions; row->name != NULL; row++) {
		uint32_t bit = COND_BIT(row->bit);

		if ((unlogged(log, hex_status) & ~log->quiet & bit) == 0)
			continue;
		log->quiet_ms = log->quiet == 0 ? now_ms : log->quiet_ms;
		log->quiet |= bit;
		log->logged ^= bit;
		tell(row, (hex_status & bit) != 0, event);
		return true;
	}
	return false;
}

uint32_t
conditions_next_due_ms(
    const struct conditions *log, uint32_t hex_status, uint64_t now_ms)
{
	if (unlogged(log, hex_status) == 0)
		return UINT32_MAX;
	return due_in_ms(log->quiet_ms + CONDITIONS_QUIET_MS, now_ms);
}

uint8_t
conditions_status(const struct unit_now *unit)
{
	return unit->in->flipped ? UNIT_FLIPPED : unit->stage;
}
