/* SPDX-License-Identifier: BSD-2-Clause */

#include "relay_parts.h"

#include <string.h>

#include "../../proto/errors.h"
#include "../../proto/status.h"
#include "text.h"

void
effects_clear(struct relay_effects *out)
{
	memset(out, 0, sizeof(*out));
}

void
effects_by(struct relay_effects *out, uint8_t role, const char *holder)
{
	out->role = role;
	text_copy(out->holder, sizeof(out->holder), holder);
}

struct relay_note *
effects_note(struct relay_effects *out, enum event_kind kind, uint8_t position)
{
	struct relay_note *note = &out->notes[out->notes_len];

	if (out->notes_len + 1 < RELAY_NOTES_MAX)
		out->notes_len++;
	note->kind = (uint8_t)kind;
	note->position = position;
	note->condition = RELAY_NO_CONDITION;
	note->at = 0;
	return note;
}

void
effects_moved(struct relay_effects *out, uint8_t position)
{
	effects_note(out,
	    position == RELAY_SHUT ? EVENT_RELAY_SHUT : EVENT_RELAY_OPENED,
	    position);
}

uint8_t
relay_feedback(const struct unit_now *unit)
{
	return unit->in->relay_shut ? RELAY_SHUT : RELAY_OPEN;
}

bool
relay_stands(
    const struct relay *relay, const struct unit_now *unit, uint8_t position)
{
	return relay->kept.driven == position && !relay->kept.moving &&
	    !relay->kept.fault && relay_feedback(unit) == position;
}

uint8_t
relay_state(const struct relay *relay, const struct unit_now *unit)
{
	return relay->kept.fault ? relay_feedback(unit) : relay->kept.driven;
}

void
relay_begin(struct relay *relay, const struct unit_now *unit,
    enum relay_cause cause, uint8_t position, struct relay_effects *out)
{
	relay->motion.phase = RELAY_MOVING;
	relay->motion.cause = (uint8_t)cause;
	relay->motion.timing = false;
	relay->kept.driven = position;
	relay->kept.moving = true;
	relay->driven_ms = unit->now_ms;
	relay->astray = false;
	out->commit = true;
	out->drive = true;
	out->position = position;
}

uint64_t
relay_hold_left_ms(const struct relay_hold *hold, const struct unit_now *unit)
{
	return hold->deadline_ms > unit->now_ms
	    ? hold->deadline_ms - unit->now_ms
	    : 0;
}

static void
answer_hold(const struct relay_hold *hold, const struct unit_now *unit,
    struct relay_moved *moved)
{
	uint64_t at_ms = unit->utc_ms + relay_hold_left_ms(hold, unit);

	moved->hold_returns_to = hold->returns_to;
	HAVE(moved, RELAY_MOVED_HOLD_RETURNS_TO);
	if (unit->clock_trusted) {
		moved->hold_at = (uint32_t)(at_ms / 1000);
		HAVE(moved, RELAY_MOVED_HOLD_AT);
	}
}

void
relay_answer(const struct relay *relay, const struct unit_now *unit,
    struct relay_moved *moved)
{
	moved->state = relay_state(relay, unit);
	moved->feedback = relay_feedback(unit);
	HAVE(moved, RELAY_MOVED_CHANGED);
	HAVE(moved, RELAY_MOVED_STATE);
	HAVE(moved, RELAY_MOVED_FEEDBACK);
	if (relay->kept.pending.set) {
		moved->pending_action = relay->kept.pending.action;
		moved->pending_at = relay->kept.pending.at;
		HAVE(moved, RELAY_MOVED_PENDING_ACTION);
		HAVE(moved, RELAY_MOVED_PENDING_AT);
	}
	if (relay->kept.hold.set)
		answer_hold(&relay->kept.hold, unit, moved);
}

static void
answer_exercise(const struct relay_motion *motion, struct relay_moved *moved)
{
	if (motion->cause != RELAY_BY_RETURN)
		return;
	moved->feedback_other = motion->feedback_other;
	moved->voltage_followed = motion->voltage_followed;
	HAVE(moved, RELAY_MOVED_FEEDBACK_OTHER);
	HAVE(moved, RELAY_MOVED_VOLTAGE_FOLLOWED);
}

void
relay_finish(struct relay *relay, const struct unit_now *unit,
    enum status status, struct relay_effects *out)
{
	struct relay_motion *motion = &relay->motion;

	if (motion->id.len > 0) {
		out->finished = true;
		out->id = motion->id;
		out->status = (uint8_t)status;
		if (status == ST_OK) {
			out->moved.changed = true;
			relay_answer(relay, unit, &out->moved);
			answer_exercise(motion, &out->moved);
		}
	}
	memset(motion, 0, sizeof(*motion));
}

/* Where the relay stood before it was moved for a while. */
static uint8_t
origin_of(const struct relay *relay, const struct unit_now *unit)
{
	const struct relay_motion *motion = &relay->motion;

	if (relay->kept.hold.set)
		return relay->kept.hold.returns_to;
	if (motion->phase != RELAY_IDLE &&
	    (motion->cause == RELAY_BY_EXERCISE ||
		motion->cause == RELAY_BY_RETURN))
		return motion->start;
	return relay_feedback(unit);
}

void
relay_take_hold(struct relay *relay, const struct unit_now *unit,
    uint8_t position, uint32_t hold_s, uint8_t role, const struct octets *id)
{
	struct relay_hold *hold = &relay->kept.hold;
	uint8_t origin = origin_of(relay, unit);

	memset(hold, 0, sizeof(*hold));
	relay->restarted = false;
	if (hold_s == 0 || origin == position)
		return;
	hold->set = true;
	hold->returns_to = origin;
	hold->role = role;
	hold->deadline_ms = unit->now_ms + hold_s * (uint64_t)1000;
	hold->move = *id;
}

/* "shut", or "shut at 2026-11-21T15:00:00Z". */
static void
note_text(const struct relay_note *note, char *text, size_t cap)
{
	const struct field *at =
	    message_field(&msg_relay_moved, RELAY_MOVED_PENDING_AT);
	struct relay_moved moved = { .pending_at = note->at };
	size_t len;

	text_copy(text, cap, relay_position_names[note->position]);
	len = strlen(text);
	if (note->at == 0)
		return;
	HAVE(&moved, RELAY_MOVED_PENDING_AT);
	text_copy(text + len, cap - len, " at ");
	len = strlen(text);
	field_text(at, &moved, text + len, cap - len);
}

static void
note_condition(uint8_t bit, struct event *event)
{
	const struct condition_row *row;

	for (row = conditions; row->name != NULL; row++) {
		if (row->bit == bit) {
			text_copy(
			    event->field, sizeof(event->field), row->name);
			HAVE(event, EVENT_KEY_FIELD);
		}
	}
}

/* Events whose text is what was, not what is now. */
static bool
tells_of_old(uint8_t kind)
{
	return kind == EVENT_RELAY_CANCELLED || kind == EVENT_RELAY_MISSED ||
	    kind == EVENT_TAG_CLEARED;
}

static void
event_by(const struct relay_effects *effects, struct event *event)
{
	if (effects->role == ROLE_NONE)
		return;
	event->role = effects->role;
	text_copy(event->holder, sizeof(event->holder), effects->holder);
	HAVE(event, EVENT_KEY_ROLE);
	HAVE(event, EVENT_KEY_HOLDER);
}

void
relay_event(
    const struct relay_effects *effects, unsigned i, struct event *event)
{
	const struct relay_note *note = &effects->notes[i];
	bool tag =
	    note->kind == EVENT_TAG_SET || note->kind == EVENT_TAG_CLEARED;
	bool old = tells_of_old(note->kind);
	char *text = old ? event->old : event->new;
	size_t cap = old ? sizeof(event->old) : sizeof(event->new);

	memset(event, 0, sizeof(*event));
	event->kind = note->kind;
	HAVE(event, EVENT_KEY_KIND);
	event_by(effects, event);
	note_condition(note->condition, event);
	if (tag)
		text_copy(text, cap, effects->text);
	else
		note_text(note, text, cap);
	if (old)
		HAVE(event, EVENT_KEY_OLD);
	else
		HAVE(event, EVENT_KEY_NEW);
}
