/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests: check everything, then change struct relay and say what is to be
 * done.  A refusal leaves it untouched.
 */
#include <string.h>

#include "interlock.h"
#include "relay_parts.h"
#include "text.h"
#include "../../proto/errors.h"
#include "../../proto/status.h"

void
relay_start(struct relay *relay, const struct relay_kept *kept,
    const struct unit_now *unit)
{
	struct relay_hold *hold = &relay->kept.hold;

	memset(relay, 0, sizeof(*relay));
	relay->kept = *kept;
	relay->restarted = true;
	relay->grid = unit->in->utility;
	relay->grid_ms = unit->now_ms;
	relay->driven_ms = unit->now_ms;
	hold->deadline_ms = unit->now_ms;
	if (relay->kept.moving) {
		relay->kept.driven = relay_feedback(unit);
		relay->kept.moving = false;
	}
	if (relay->kept.exercising) {
		relay->kept.exercising = false;
		hold->set = true;
		hold->returns_to = RELAY_OPEN;
	}
}

static enum status
refuse_value(
    struct error_detail *detail, uint32_t field, int64_t min, int64_t max)
{
	detail->field = field;
	detail->min = min;
	detail->max = max;
	HAVE(detail, ERROR_FIELD);
	if (min <= max) {
		HAVE(detail, ERROR_MIN);
		HAVE(detail, ERROR_MAX);
	}
	return ST_BAD_VALUE;
}

/* A field that does not go with the others. */
static enum status
refuse_field(struct error_detail *detail, uint32_t field)
{
	return refuse_value(detail, field, 1, 0);
}

static enum status
check_fields(const struct relay_move *move, struct error_detail *detail)
{
	bool hold = HAS(move, RELAY_MOVE_HOLD);
	bool tag = HAS(move, RELAY_MOVE_TAG);
	uint32_t hold_max =
	    move->position == RELAY_SHUT ? HOLD_MAX_S : HOLD_OPEN_MAX_S;

	if (HAS(move, RELAY_MOVE_AT) != (move->when == WHEN_AT))
		return refuse_field(detail, RELAY_MOVE_AT);
	if (hold && (move->hold_s < 1 || move->hold_s > hold_max))
		return refuse_value(detail, RELAY_MOVE_HOLD, 1, hold_max);
	if (tag && (move->position != RELAY_OPEN || move->when != WHEN_NOW))
		return refuse_field(detail, RELAY_MOVE_TAG);
	if (tag && hold)
		return refuse_field(detail, RELAY_MOVE_HOLD);
	return ST_OK;
}

static bool
holds_tag(const struct relay *relay, const char *holder)
{
	return text_equal(relay->kept.tag.holder, holder);
}

/* Nobody's tag gives way to another's. */
static enum status
check_tag(const struct relay *relay, const struct relay_asker *asker,
    struct error_detail *detail)
{
	if (relay->kept.tag.set && !holds_tag(relay, asker->holder))
		return interlock_refuse(detail, ST_TAGGED_OUT, COND_TAGGED_OUT);
	return ST_OK;
}

static void
note_pending(
    struct relay *relay, enum event_kind kind, struct relay_effects *out)
{
	const struct relay_pending *pending = &relay->kept.pending;

	effects_note(out, kind, pending->action)->at = pending->at;
}

static bool
drop_pending(struct relay *relay, struct relay_effects *out)
{
	if (!relay->kept.pending.set)
		return false;
	note_pending(relay, EVENT_RELAY_CANCELLED, out);
	memset(&relay->kept.pending, 0, sizeof(relay->kept.pending));
	return true;
}

/* Does the tag differ from what it was? */
static bool
put_tag(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, const char *text,
    struct relay_effects *out)
{
	struct relay_tag *tag = &relay->kept.tag;

	if (tag->set && text_equal(tag->text, text))
		return false;
	memset(tag, 0, sizeof(*tag));
	tag->set = true;
	tag->at = (uint32_t)(unit->utc_ms / 1000);
	text_copy(tag->text, sizeof(tag->text), text);
	text_copy(tag->holder, sizeof(tag->holder), asker->holder);
	text_copy(out->text, sizeof(out->text), text);
	effects_note(out, EVENT_TAG_SET, relay->kept.driven);
	return true;
}

static enum status
answer(struct relay *relay, const struct unit_now *unit, bool changed,
    struct relay_effects *out)
{
	out->commit = changed;
	out->moved.changed = changed;
	relay_answer(relay, unit, &out->moved);
	return ST_OK;
}

/* Whoever waits for the move under way learns that it was overtaken. */
static void
overtake(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, struct relay_effects *out)
{
	relay_finish(relay, unit, ST_BUSY, out);
	relay->motion.role = asker->role;
	relay->motion.id = asker->id;
	text_copy(relay->motion.by, sizeof(relay->motion.by), asker->holder);
}

static enum status
check_now(const struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, const struct relay_move *move,
    struct error_detail *detail)
{
	enum status status;

	if (HAS(move, RELAY_MOVE_TAG))
		return check_tag(relay, asker, detail);
	if (move->position == RELAY_OPEN)
		return ST_OK;
	status = interlock_standing(relay, unit, asker->role, detail);
	if (status != ST_OK)
		return status;
	if (relay->motion.phase != RELAY_IDLE)
		return ST_BUSY;
	if (relay_stands(relay, unit, RELAY_SHUT))
		return ST_OK;
	return interlock_passing(relay, unit, detail);
}

static bool
take_move_hold(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, const struct relay_move *move)
{
	bool had = relay->kept.hold.set;
	uint32_t hold_s = HAS(move, RELAY_MOVE_HOLD) ? move->hold_s : 0;

	relay_take_hold(
	    relay, unit, move->position, hold_s, asker->role, &asker->id);
	return had || relay->kept.hold.set;
}

static enum status
move_now(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, const struct relay_move *move,
    struct relay_effects *out)
{
	enum status status = check_now(relay, unit, asker, move, &out->detail);
	bool changed;

	if (status != ST_OK)
		return status;
	effects_by(out, asker->role, asker->holder);
	changed = drop_pending(relay, out);
	changed |= take_move_hold(relay, unit, asker, move);
	if (HAS(move, RELAY_MOVE_TAG))
		changed |= put_tag(relay, unit, asker, move->tag, out);
	overtake(relay, unit, asker, out);
	if (!relay_stands(relay, unit, move->position)) {
		relay_begin(relay, unit, RELAY_BY_REQUEST, move->position, out);
		return ST_ACCEPTED;
	}
	memset(&relay->motion, 0, sizeof(relay->motion));
	return answer(relay, unit, changed, out);
}

static enum status
choose_time(const struct relay_move *move, const struct unit_now *unit,
    uint32_t *at, struct error_detail *detail)
{
	uint32_t now = (uint32_t)(unit->utc_ms / 1000);

	*at = move->when == WHEN_AT ? move->at : (now / 3600 + 1) * 3600;
	if (*at <= now || *at - now > RELAY_SCHEDULE_MAX_S)
		return refuse_value(detail, RELAY_MOVE_AT, (int64_t)now + 1,
		    (int64_t)now + RELAY_SCHEDULE_MAX_S);
	return ST_OK;
}

static void
put_pending(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, const struct relay_move *move, uint32_t at)
{
	struct relay_pending *pending = &relay->kept.pending;

	memset(pending, 0, sizeof(*pending));
	pending->set = true;
	pending->action = move->position;
	pending->role = asker->role;
	pending->at = at;
	pending->requested_at = (uint32_t)(unit->utc_ms / 1000);
	pending->hold_s = HAS(move, RELAY_MOVE_HOLD) ? move->hold_s : 0;
	pending->id = asker->id;
	text_copy(pending->by, sizeof(pending->by), asker->holder);
}

static enum status
schedule(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, const struct relay_move *move,
    struct relay_effects *out)
{
	enum status status = ST_OK;
	uint32_t at;

	if (!unit->clock_trusted)
		return interlock_refuse(
		    &out->detail, ST_INTERLOCK, COND_CLOCK_UNTRUSTED);
	if (move->position == RELAY_SHUT)
		status =
		    interlock_standing(relay, unit, asker->role, &out->detail);
	if (status == ST_OK)
		status = choose_time(move, unit, &at, &out->detail);
	if (status != ST_OK)
		return status;
	put_pending(relay, unit, asker, move, at);
	effects_by(out, asker->role, asker->holder);
	note_pending(relay, EVENT_RELAY_SCHEDULED, out);
	return answer(relay, unit, true, out);
}

enum status
relay_move(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, const struct relay_move *move,
    struct relay_effects *out)
{
	enum status status;

	effects_clear(out);
	status = check_fields(move, &out->detail);
	if (status != ST_OK)
		return status;
	if (HAS(move, RELAY_MOVE_EXPECT) &&
	    move->expect != relay_state(relay, unit))
		return ST_INTERLOCK;
	if (move->when != WHEN_NOW)
		return schedule(relay, unit, asker, move, out);
	return move_now(relay, unit, asker, move, out);
}

static bool
carries_out(const struct relay *relay, enum relay_cause cause)
{
	return relay->motion.phase != RELAY_IDLE &&
	    relay->motion.cause == cause;
}

enum status
relay_cancel(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, struct relay_effects *out)
{
	effects_clear(out);
	if (carries_out(relay, RELAY_BY_SCHEDULE) || !drop_pending(relay, out))
		return ST_NOTHING_PENDING;
	effects_by(out, asker->role, asker->holder);
	return answer(relay, unit, true, out);
}

static bool
same_octets(const struct octets *a, const struct octets *b)
{
	return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

enum status
relay_confirm(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, const struct octets *move,
    struct relay_effects *out)
{
	struct relay_hold *hold = &relay->kept.hold;

	effects_clear(out);
	if (!hold->set || !same_octets(&hold->move, move) ||
	    carries_out(relay, RELAY_BY_HOLD))
		return ST_NOTHING_PENDING;
	memset(hold, 0, sizeof(*hold));
	effects_by(out, asker->role, asker->holder);
	effects_note(out, EVENT_HOLD_CONFIRMED, relay->kept.driven);
	return answer(relay, unit, true, out);
}

enum status
relay_exercise(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, struct relay_effects *out)
{
	uint8_t start = relay_feedback(unit);
	enum status status;

	effects_clear(out);
	if (relay->motion.phase != RELAY_IDLE || relay->kept.hold.set)
		return ST_BUSY;
	status = interlock_shut(relay, unit, asker->role, &out->detail);
	if (status != ST_OK)
		return status;
	overtake(relay, unit, asker, out);
	relay->motion.start = start;
	relay->kept.exercising = start == RELAY_OPEN;
	relay_begin(relay, unit, RELAY_BY_EXERCISE,
	    start == RELAY_OPEN ? RELAY_SHUT : RELAY_OPEN, out);
	return ST_ACCEPTED;
}

/*
 * A tag-out ends a hold on the safe side: one that would SHUT is forgotten, one
 * that would OPEN is undone at once.
 */
static bool
tag_opens(struct relay *relay, const struct unit_now *unit)
{
	struct relay_hold *hold = &relay->kept.hold;

	if (!hold->set)
		return false;
	if (hold->returns_to == RELAY_OPEN &&
	    !relay_stands(relay, unit, RELAY_OPEN))
		return true;
	memset(hold, 0, sizeof(*hold));
	return false;
}

enum status
relay_tag(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, const char *text,
    struct relay_effects *out)
{
	enum status status;
	bool changed;

	effects_clear(out);
	status = check_tag(relay, asker, &out->detail);
	if (status != ST_OK)
		return status;
	effects_by(out, asker->role, asker->holder);
	changed = put_tag(relay, unit, asker, text, out);
	if (!tag_opens(relay, unit))
		return answer(relay, unit, changed, out);
	overtake(relay, unit, asker, out);
	relay_begin(relay, unit, RELAY_BY_HOLD, RELAY_OPEN, out);
	return ST_ACCEPTED;
}

enum status
relay_untag(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, struct relay_effects *out)
{
	struct relay_tag *tag = &relay->kept.tag;

	effects_clear(out);
	if (!tag->set)
		return ST_NOTHING_PENDING;
	if (asker->role < ROLE_ADMIN && !holds_tag(relay, asker->holder))
		return ST_NOT_PERMITTED;
	effects_by(out, asker->role, asker->holder);
	effects_note(out, EVENT_TAG_CLEARED, relay->kept.driven);
	text_copy(out->text, sizeof(out->text), tag->text);
	memset(tag, 0, sizeof(*tag));
	return answer(relay, unit, true, out);
}

void
relay_forget(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, struct relay_effects *out)
{
	struct relay_hold *hold = &relay->kept.hold;
	bool held = hold->set && hold->returns_to == RELAY_SHUT;
	bool changed;

	effects_clear(out);
	effects_by(out, asker->role, asker->holder);
	changed = drop_pending(relay, out);
	if (held)
		memset(hold, 0, sizeof(*hold));
	answer(relay, unit, changed || held, out);
}
