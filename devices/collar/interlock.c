/* SPDX-License-Identifier: BSD-2-Clause */
#include "interlock.h"
#include "../../proto/errors.h"
#include "../../proto/status.h"

static uint64_t
left_ms(uint64_t since_ms, uint64_t wait_ms, uint64_t now_ms)
{
	return now_ms - since_ms < wait_ms ? wait_ms - (now_ms - since_ms) : 0;
}

uint64_t
interlock_rest_ms(const struct relay *relay, uint64_t now_ms)
{
	return left_ms(relay->driven_ms, RELAY_REST_MS, now_ms);
}

/* A grid that no step has seen yet has only just returned. */
static uint64_t
grid_ms(const struct relay *relay, uint64_t now_ms)
{
	uint64_t since_ms = relay->grid ? relay->grid_ms : now_ms;

	return left_ms(since_ms, GRID_RETURN_MS, now_ms);
}

enum status
interlock_refuse(
    struct error_detail *detail, enum status status, uint8_t condition)
{
	detail->condition = condition;
	HAVE(detail, ERROR_CONDITION);
	return status;
}

static enum status
refuse_too_soon(struct error_detail *detail, uint64_t wait_ms)
{
	detail->retry_after_s = (uint32_t)((wait_ms + 999) / 1000);
	HAVE(detail, ERROR_RETRY_AFTER);
	return ST_TOO_SOON;
}

static bool
der_side_live(const struct unit_now *unit)
{
	return !unit->in->relay_shut &&
	    unit->in->der_dv * (uint32_t)100 >
	    unit_nominal_dv(unit) * INTERLOCK_LIVE_PERCENT;
}

enum status
interlock_standing(const struct relay *relay, const struct unit_now *unit,
    uint8_t role, struct error_detail *detail)
{
	if (unit->in->flipped)
		return interlock_refuse(detail, ST_FLIPPED, COND_FLIPPED);
	if (relay->kept.tag.set)
		return interlock_refuse(detail, ST_TAGGED_OUT, COND_TAGGED_OUT);
	if (!unit_operational(unit) && role != ROLE_FACTORY)
		return interlock_refuse(
		    detail, ST_INTERLOCK, COND_UNPROVISIONED);
	if (relay->kept.fault)
		return interlock_refuse(detail, ST_INTERLOCK, COND_RELAY_FAULT);
	if (!unit->in->metering_ok)
		return interlock_refuse(
		    detail, ST_INTERLOCK, COND_METERING_FAULT);
	if (unit->memory_fault)
		return interlock_refuse(
		    detail, ST_INTERLOCK, COND_MEMORY_FAULT);
	return ST_OK;
}

enum status
interlock_passing(const struct relay *relay, const struct unit_now *unit,
    struct error_detail *detail)
{
	uint64_t rest = interlock_rest_ms(relay, unit->now_ms);
	uint64_t grid = grid_ms(relay, unit->now_ms);

	if (!unit->in->utility)
		return interlock_refuse(detail, ST_NO_UTILITY, COND_NO_UTILITY);
	if (!unit_voltage_sound(unit) || der_side_live(unit))
		return interlock_refuse(
		    detail, ST_INTERLOCK, COND_VOLTAGE_LIMIT);
	if (!unit_frequency_sound(unit))
		return interlock_refuse(
		    detail, ST_INTERLOCK, COND_FREQUENCY_LIMIT);
	if (rest > 0 || grid > 0)
		return refuse_too_soon(detail, rest > grid ? rest : grid);
	return ST_OK;
}

enum status
interlock_shut(const struct relay *relay, const struct unit_now *unit,
    uint8_t role, struct error_detail *detail)
{
	enum status status = interlock_standing(relay, unit, role, detail);

	return status != ST_OK ? status
			       : interlock_passing(relay, unit, detail);
}
