/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_RELAY_H
#define COLLAR_RELAY_H

/*
 * The DER relay: who may move it, when, and what its contact says.  Nothing
 * here touches the world: every call changes struct relay only and leaves in
 * struct relay_effects what the caller is to do, in this order:
 *
 *   1. commit   save relay.kept, in one commit with what else the change
 *               brings.  If that fails after a request, the caller puts back
 *               the struct relay it copied before and answers memory_fault;
 *               after relay_step it calls relay_uncommitted and goes on;
 *   2. drive    pulse the contacts toward `position`;
 *   3. notes    append the events;
 *   4. finished a move begun earlier has ended: save and answer its outcome.
 *
 * Rest, dwell and holds run on monotonic time, schedules on UTC.
 */

#include "../../proto/hello.h"
#include "../../proto/log.h"
#include "../../proto/relay.h"
#include "unit.h"

enum {
	RELAY_FOLLOW_MS = 150,   /* for the contact to follow its drive */
	RELAY_ASTRAY_MS = 200,   /* for a contact to stand where not driven */
	RELAY_VOLTAGE_MS = 5000, /* for the DER side's voltage to follow */
	RELAY_SCHEDULE_MAX_S = 7 * 24 * 3600,
	RELAY_LATE_S = 5, /* a due move is late from here on */
	RELAY_NOTES_MAX = 4,
	RELAY_NO_CONDITION = 0xff,
};

struct relay_pending {
	bool set;
	uint8_t action;            /* enum relay_position */
	uint8_t role;              /* of who asked */
	uint32_t at, requested_at; /* UTC */
	uint32_t hold_s;           /* 0: none */
	struct octets id;
	char by[HOLDER_MAX + 1];
};

struct relay_hold {
	bool set;
	uint8_t returns_to; /* enum relay_position */
	uint8_t role;       /* of who moved */
	uint64_t deadline_ms;
	struct octets move; /* id that a confirmation names */
};

struct relay_tag {
	bool set;
	uint32_t at;
	char text[TAG_MAX + 1];
	char holder[HOLDER_MAX + 1];
};

/* What outlives a restart. */
struct relay_kept {
	uint8_t driven;  /* enum relay_position, the last drive */
	bool moving;     /* driven, outcome not yet known */
	bool fault;      /* until an OPEN is followed */
	bool exercising; /* from OPEN: may stand SHUT for a moment */
	struct relay_pending pending;
	struct relay_hold hold;
	struct relay_tag tag;
};

enum relay_phase { RELAY_IDLE, RELAY_MOVING, RELAY_FOLLOWING };

enum relay_cause {
	RELAY_BY_REQUEST,
	RELAY_BY_SCHEDULE,
	RELAY_BY_HOLD,
	RELAY_BY_EXERCISE,
	RELAY_BY_RETURN, /* an exercise's way back */
};

/* A move under way. */
struct relay_motion {
	uint8_t phase; /* enum relay_phase */
	uint8_t cause; /* enum relay_cause */
	uint8_t role;  /* of who asked */
	uint8_t start; /* position before */
	bool timing;   /* since_ms is set: the first step after the drive */
	bool late;
	bool voltage_followed;
	uint8_t feedback_other;
	uint64_t since_ms;
	uint32_t due;     /* of a schedule, UTC */
	struct octets id; /* empty: nobody waits for the outcome */
	char by[HOLDER_MAX + 1];
};

struct relay {
	struct relay_kept kept;
	struct relay_motion motion;
	bool restarted;     /* a hold that is set dates from before the start */
	bool grid;          /* utility was there at the last step */
	bool astray;        /* the contact stands where it was not driven */
	uint64_t driven_ms; /* last drive */
	uint64_t grid_ms;   /* utility unbroken since */
	uint64_t astray_ms;
};

/* Who asks for what under which id; id.len 0: nobody waits. */
struct relay_asker {
	uint8_t role; /* enum role */
	const char *holder;
	struct octets id;
};

/* What the event log is to say; who did it stands in the effects. */
struct relay_note {
	uint8_t kind;      /* enum event_kind */
	uint8_t position;  /* enum relay_position */
	uint8_t condition; /* that stood in the way, or RELAY_NO_CONDITION */
	uint32_t at;       /* of a schedule, UTC; 0: none */
};

struct relay_effects {
	bool commit;
	bool drive;
	uint8_t position; /* enum relay_position, to drive to */

	uint8_t notes_len;
	struct relay_note notes[RELAY_NOTES_MAX];
	uint8_t role; /* enum role, behind the notes; ROLE_NONE: the unit */
	char holder[HOLDER_MAX + 1];
	char text[TAG_MAX + 1]; /* of a tag set or taken off */

	bool finished;
	struct octets id;
	uint8_t status;             /* enum status of the finished move */
	struct error_detail detail; /* of a refusal, or of that status */
	struct relay_moved moved;   /* the answer, with ST_OK */
};

/* Power-up with what was kept (zeroes if nothing was); moves nothing yet. */
void relay_start(struct relay *relay, const struct relay_kept *kept,
    const struct unit_now *unit);

/*
 * Requests.  ST_OK: done, out->moved is the answer.  ST_ACCEPTED: a move began;
 * a later relay_step finishes it under the asker's id.  Anything else: refused,
 * out->detail says why, and *relay is untouched.  out is filled anew.  A
 * request may also finish an older move, which it overtakes.
 */
enum status relay_move(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, const struct relay_move *move,
    struct relay_effects *out);
enum status relay_cancel(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, struct relay_effects *out);
enum status relay_confirm(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, const struct octets *move,
    struct relay_effects *out);
enum status relay_exercise(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, struct relay_effects *out);
enum status relay_tag(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, const char *text,
    struct relay_effects *out);
enum status relay_untag(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, struct relay_effects *out);

/* Unprovisioning: a schedule and a hold toward SHUT are dropped, the relay
 * stays; a hold toward OPEN runs on, since somebody counts on it. */
void relay_forget(struct relay *relay, const struct unit_now *unit,
    const struct relay_asker *asker, struct relay_effects *out);

/*
 * Lets time pass.  Returns true if out holds something to do; the caller does
 * it and calls again, until false.
 */
bool relay_step(struct relay *relay, const struct unit_now *unit,
    struct relay_effects *out);

/*
 * The commit of what relay_step left in out has failed.  An OPEN goes on; a
 * SHUT is given up, and out changed so.
 */
void relay_uncommitted(struct relay *relay, const struct unit_now *unit,
    struct relay_effects *out);

/* Milliseconds, at least 1, until a step is wanted without other cause. */
uint32_t relay_next_due_ms(
    const struct relay *relay, const struct unit_now *unit);

/* Position to report: as driven, but as the contact says with a fault. */
uint8_t relay_state(const struct relay *relay, const struct unit_now *unit);

/* Seconds until hold or schedule will SHUT; UINT32_MAX: neither will. */
uint32_t relay_shuts_in_s(
    const struct relay *relay, const struct unit_now *unit);

/* Milliseconds until a hold runs out. */
uint64_t relay_hold_left_ms(
    const struct relay_hold *hold, const struct unit_now *unit);

/* The answer to a relay request, but for `changed`, as things stand. */
void relay_answer(const struct relay *relay, const struct unit_now *unit,
    struct relay_moved *moved);

/* The event of notes[i], but for its time. */
void relay_event(
    const struct relay_effects *effects, unsigned i, struct event *event);

#endif
