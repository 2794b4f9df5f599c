/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The passing of time: contacts that follow or do not, the two ways of an
 * exercise, and what falls due.  A due OPEN stays on record until the contact
 * has followed, so that a power cut repeats it; a due SHUT is taken off before
 * the contacts move, so that nothing shuts twice.
 */
#include <string.h>

#include "interlock.h"
#include "relay_parts.h"
#include "text.h"
#include "../../proto/errors.h"
#include "../../proto/status.h"

/* How often to look at what has begun, and at what is due but must wait. */
enum { POLL_MS = 100, POLL_DUE_MS = 1000 };

static void
watch_grid(struct relay *relay, const struct unit_now *unit)
{
	if (unit->in->utility && !relay->grid)
		relay->grid_ms = unit->now_ms;
	relay->grid = unit->in->utility;
}

/* A contact that has left where it was driven, by itself, is a fault. */
static void
watch_contact(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	if (relay_feedback(unit) == relay->kept.driven) {
		relay->astray = false;
	} else if (!relay->astray) {
		relay->astray = true;
		relay->astray_ms = unit->now_ms;
	} else if (unit->now_ms - relay->astray_ms > RELAY_ASTRAY_MS &&
	    !relay->kept.fault) {
		relay->kept.fault = true;
		out->commit = true;
	}
}

static void
effects_by_motion(const struct relay *relay, struct relay_effects *out)
{
	effects_by(out, relay->motion.role, relay->motion.by);
}

static void
drop_hold(struct relay *relay)
{
	memset(&relay->kept.hold, 0, sizeof(relay->kept.hold));
}

static void
drop_pending(struct relay *relay)
{
	memset(&relay->kept.pending, 0, sizeof(relay->kept.pending));
}

/*
 * A schedule that was carried out is done with.  One made meanwhile is another:
 * it lies ahead, where the one that was due does not.
 */
static void
pending_ended(struct relay *relay)
{
	if (relay->motion.cause == RELAY_BY_SCHEDULE &&
	    relay->kept.pending.at == relay->motion.due)
		drop_pending(relay);
}

/* The contact did not follow: an unsure SHUT is taken back. */
static void
move_failed(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	relay->kept.fault = true;
	relay->kept.moving = false;
	relay->kept.exercising = false;
	drop_hold(relay);
	pending_ended(relay);
	out->commit = true;
	out->drive = relay->kept.driven == RELAY_SHUT;
	out->position = RELAY_OPEN;
	relay->kept.driven = RELAY_OPEN;
	relay->driven_ms = unit->now_ms;
	interlock_refuse(&out->detail, ST_RELAY_FAULT, COND_RELAY_FAULT);
	relay_finish(relay, unit, ST_RELAY_FAULT, out);
}

static void
exercise_follow(struct relay *relay, const struct unit_now *unit)
{
	relay->motion.phase = RELAY_FOLLOWING;
	relay->motion.since_ms = unit->now_ms;
	relay->motion.feedback_other = relay->kept.driven;
}

static void
exercise_ended(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	relay->kept.exercising = false;
	effects_by_motion(relay, out);
	effects_note(out, EVENT_RELAY_EXERCISED, relay->kept.driven);
	relay_finish(relay, unit, ST_OK, out);
}

static void
hold_undone(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	drop_hold(relay);
	effects_note(out, EVENT_HOLD_UNDONE, relay->kept.driven);
	relay_finish(relay, unit, ST_OK, out);
}

static void
move_ended(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	uint8_t position = relay->kept.driven;

	relay->kept.exercising = false;
	effects_by_motion(relay, out);
	effects_moved(out, position);
	if (relay->motion.late)
		effects_note(out, EVENT_RELAY_LATE, position)->at =
		    relay->motion.due;
	if (relay->kept.hold.set)
		effects_note(out, EVENT_HOLD_BEGUN, position);
	pending_ended(relay);
	relay_finish(relay, unit, ST_OK, out);
}

static void
move_followed(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	relay->kept.moving = false;
	if (relay->kept.driven == RELAY_OPEN)
		relay->kept.fault = false;
	out->commit = true;
	switch (relay->motion.cause) {
	case RELAY_BY_EXERCISE:
		exercise_follow(relay, unit);
		break;
	case RELAY_BY_RETURN:
		exercise_ended(relay, unit, out);
		break;
	case RELAY_BY_HOLD:
		hold_undone(relay, unit, out);
		break;
	default:
		move_ended(relay, unit, out);
		break;
	}
}

static void
moving_step(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	struct relay_motion *motion = &relay->motion;

	if (!motion->timing) {
		motion->timing = true;
		motion->since_ms = unit->now_ms;
		relay->driven_ms = unit->now_ms;
	}
	if (relay_feedback(unit) == relay->kept.driven)
		move_followed(relay, unit, out);
	else if (unit->now_ms - motion->since_ms >= RELAY_FOLLOW_MS)
		move_failed(relay, unit, out);
}

static bool
voltage_follows(const struct relay *relay, const struct unit_now *unit)
{
	uint32_t grid = unit->in->grid_dv, der = unit->in->der_dv;
	uint32_t apart = grid > der ? grid - der : der - grid;
	uint32_t nominal = unit_nominal_dv(unit);

	if (!unit->in->metering_ok)
		return false;
	if (relay->kept.driven == RELAY_SHUT)
		return apart * 10 <= nominal;
	return der * 100 <= nominal * INTERLOCK_LIVE_PERCENT;
}

static uint8_t
condition_of(const struct error_detail *detail)
{
	return HAS(detail, ERROR_CONDITION) ? detail->condition
					    : RELAY_NO_CONDITION;
}

static void
exercise_kept_open(struct relay *relay, const struct unit_now *unit,
    enum status status, struct relay_effects *out)
{
	effects_by_motion(relay, out);
	effects_note(out, EVENT_RELAY_REFUSED, RELAY_SHUT)->condition =
	    condition_of(&out->detail);
	effects_note(out, EVENT_RELAY_EXERCISED, RELAY_OPEN);
	relay_finish(relay, unit, status, out);
}

/* Back to SHUT, if it still may; a grid that has just returned is awaited. */
static void
exercise_shut(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	uint64_t spent_ms = unit->now_ms - relay->motion.since_ms;
	enum status status =
	    interlock_shut(relay, unit, relay->motion.role, &out->detail);

	if (status == ST_OK)
		relay_begin(relay, unit, RELAY_BY_RETURN, RELAY_SHUT, out);
	else if (status != ST_TOO_SOON ||
	    spent_ms >= EXERCISE_MAX_MS - RELAY_REST_MS)
		exercise_kept_open(relay, unit, status, out);
}

static void
following_step(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	struct relay_motion *motion = &relay->motion;
	bool over = unit->now_ms - motion->since_ms >= RELAY_VOLTAGE_MS;

	motion->voltage_followed |= voltage_follows(relay, unit);
	if (relay->kept.driven == RELAY_OPEN && over)
		exercise_shut(relay, unit, out);
	else if (relay->kept.driven == RELAY_SHUT &&
	    (over || motion->voltage_followed))
		relay_begin(relay, unit, RELAY_BY_RETURN, RELAY_OPEN, out);
}

static void
hold_opens(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	out->commit = true;
	if (relay_stands(relay, unit, RELAY_OPEN))
		hold_undone(relay, unit, out);
	else
		relay_begin(relay, unit, RELAY_BY_HOLD, RELAY_OPEN, out);
}

static void
hold_keeps_open(
    struct relay *relay, uint8_t condition, struct relay_effects *out)
{
	drop_hold(relay);
	effects_note(out, EVENT_HOLD_KEPT_OPEN, RELAY_OPEN)->condition =
	    condition;
	out->commit = true;
}

static void
hold_shuts(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	uint8_t role = relay->kept.hold.role;

	if (relay->restarted) {
		hold_keeps_open(relay, RELAY_NO_CONDITION, out);
	} else if (interlock_rest_ms(relay, unit->now_ms) > 0) {
		return;
	} else if (interlock_shut(relay, unit, role, &out->detail) != ST_OK) {
		hold_keeps_open(relay, condition_of(&out->detail), out);
	} else {
		drop_hold(relay);
		relay_begin(relay, unit, RELAY_BY_HOLD, RELAY_SHUT, out);
	}
}

static bool
hold_due(const struct relay *relay, const struct unit_now *unit)
{
	return relay->kept.hold.set &&
	    unit->now_ms >= relay->kept.hold.deadline_ms;
}

static bool
pending_due(const struct relay *relay, const struct unit_now *unit)
{
	return relay->kept.pending.set && unit->clock_trusted &&
	    unit->utc_ms / 1000 >= relay->kept.pending.at;
}

static uint64_t
pending_late_s(const struct relay *relay, const struct unit_now *unit)
{
	return unit->utc_ms / 1000 - relay->kept.pending.at;
}

/* Due, but nothing to drive: only its hold, if any, counts. */
static void
pending_stands(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	struct relay_pending *pending = &relay->kept.pending;

	relay_take_hold(relay, unit, pending->action, pending->hold_s,
	    pending->role, &pending->id);
	drop_pending(relay);
	out->commit = true;
}

static void
pending_moves(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	struct relay_pending *pending = &relay->kept.pending;
	struct relay_motion *motion = &relay->motion;

	memset(motion, 0, sizeof(*motion));
	motion->role = pending->role;
	motion->late = pending_late_s(relay, unit) > RELAY_LATE_S;
	motion->due = pending->at;
	text_copy(motion->by, sizeof(motion->by), pending->by);
	relay_take_hold(relay, unit, pending->action, pending->hold_s,
	    pending->role, &pending->id);
	relay_begin(relay, unit, RELAY_BY_SCHEDULE, pending->action, out);
	if (pending->action == RELAY_SHUT)
		drop_pending(relay);
}

static void
pending_dropped(struct relay *relay, enum event_kind kind, uint8_t condition,
    struct relay_effects *out)
{
	const struct relay_pending *pending = &relay->kept.pending;
	struct relay_note *note = effects_note(out, kind, pending->action);

	note->at = pending->at;
	note->condition = condition;
	effects_by(out, pending->role, pending->by);
	drop_pending(relay);
	out->commit = true;
}

/* Grid gone or just back: wait for it as long as a SHUT may be late. */
static bool
passes(enum status status)
{
	return status == ST_TOO_SOON || status == ST_NO_UTILITY;
}

static void
pending_shuts(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	struct error_detail *detail = &out->detail;
	uint8_t role = relay->kept.pending.role;
	enum status status = interlock_standing(relay, unit, role, detail);

	if (status == ST_OK && relay_stands(relay, unit, RELAY_SHUT)) {
		pending_stands(relay, unit, out);
		return;
	}
	if (status == ST_OK)
		status = interlock_passing(relay, unit, detail);
	if (status == ST_OK)
		pending_moves(relay, unit, out);
	else if (!passes(status))
		pending_dropped(
		    relay, EVENT_RELAY_REFUSED, condition_of(detail), out);
}

static void
pending_step(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	if (relay->kept.pending.action == RELAY_SHUT &&
	    pending_late_s(relay, unit) > LATE_SHUT_MAX_S)
		pending_dropped(
		    relay, EVENT_RELAY_MISSED, RELAY_NO_CONDITION, out);
	else if (relay->kept.pending.action == RELAY_SHUT)
		pending_shuts(relay, unit, out);
	else if (relay_stands(relay, unit, RELAY_OPEN))
		pending_stands(relay, unit, out);
	else
		pending_moves(relay, unit, out);
}

static void
idle_step(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	watch_contact(relay, unit, out);
	if (hold_due(relay, unit) && relay->kept.hold.returns_to == RELAY_OPEN)
		hold_opens(relay, unit, out);
	else if (hold_due(relay, unit))
		hold_shuts(relay, unit, out);
	else if (pending_due(relay, unit))
		pending_step(relay, unit, out);
}

bool
relay_step(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	effects_clear(out);
	watch_grid(relay, unit);
	if (relay->motion.phase == RELAY_MOVING)
		moving_step(relay, unit, out);
	else if (relay->motion.phase == RELAY_FOLLOWING)
		following_step(relay, unit, out);
	else
		idle_step(relay, unit, out);
	return out->commit || out->finished || out->notes_len > 0;
}

void
relay_uncommitted(
    struct relay *relay, const struct unit_now *unit, struct relay_effects *out)
{
	if (!out->drive || out->position == RELAY_OPEN)
		return;
	out->drive = false;
	relay->kept.driven = RELAY_OPEN;
	relay->kept.moving = false;
	drop_hold(relay);
	relay_finish(relay, unit, ST_MEMORY_FAULT, out);
}

static uint32_t
sooner(uint32_t a_ms, uint64_t b_ms)
{
	return b_ms < a_ms ? (uint32_t)b_ms : a_ms;
}

static uint64_t
until(uint64_t due_ms, uint64_t now_ms, uint64_t overdue_ms)
{
	return due_ms > now_ms ? due_ms - now_ms : overdue_ms;
}

static uint32_t
motion_due_ms(const struct relay_motion *motion, uint64_t now_ms)
{
	if (motion->phase == RELAY_FOLLOWING)
		return POLL_MS;
	if (!motion->timing)
		return 1;
	return sooner(
	    POLL_MS, due_in_ms(motion->since_ms + RELAY_FOLLOW_MS, now_ms));
}

uint32_t
relay_next_due_ms(const struct relay *relay, const struct unit_now *unit)
{
	const struct relay_kept *kept = &relay->kept;
	uint64_t now_ms = unit->now_ms;
	uint32_t due = UINT32_MAX;

	if (relay->motion.phase != RELAY_IDLE)
		return motion_due_ms(&relay->motion, now_ms);
	if (relay->astray && !kept->fault)
		due = sooner(due,
		    due_in_ms(relay->astray_ms + RELAY_ASTRAY_MS + 1, now_ms));
	if (kept->hold.set)
		due =
		    sooner(due, until(kept->hold.deadline_ms, now_ms, POLL_MS));
	if (kept->pending.set && unit->clock_trusted)
		due = sooner(due,
		    until(kept->pending.at * (uint64_t)1000, unit->utc_ms,
			POLL_DUE_MS));
	return due;
}

uint32_t
relay_shuts_in_s(const struct relay *relay, const struct unit_now *unit)
{
	const struct relay_hold *hold = &relay->kept.hold;
	const struct relay_pending *pending = &relay->kept.pending;
	uint32_t due = UINT32_MAX;
	uint64_t ms;

	if (relay->kept.tag.set)
		return due;
	if (hold->set && hold->returns_to == RELAY_SHUT) {
		ms = until(hold->deadline_ms, unit->now_ms, 0);
		due = (uint32_t)((ms + 999) / 1000);
	}
	if (pending->set && pending->action == RELAY_SHUT &&
	    unit->clock_trusted) {
		ms = until(pending->at * (uint64_t)1000, unit->utc_ms, 0);
		ms = (ms + 999) / 1000;
		due = ms < due ? (uint32_t)ms : due;
	}
	return due;
}
