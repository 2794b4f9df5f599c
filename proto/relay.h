/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_RELAY_H
#define PROTO_RELAY_H

/*
 * Moves of the DER relay, tag-out and test mode.
 */

#include "change.h"
#include "message.h"

enum relay_position { RELAY_OPEN, RELAY_SHUT };

extern const char *const relay_position_names[]; /* "open", "shut" */

enum relay_when { WHEN_NOW, WHEN_TOP_OF_HOUR, WHEN_AT };

extern const char *const relay_when_names[]; /* "now", "top_of_hour", "at" */

enum {
	HOLD_MAX_S = 7 * 24 * 3600, /* on SHUT; back to OPEN */
	HOLD_OPEN_MAX_S = 600,      /* on OPEN; back to SHUT */
	RELAY_REST_MS = 5000,       /* between moves */
	GRID_RETURN_MS = 10000,     /* no SHUT for so long after its return */
	LATE_SHUT_MAX_S = 900,      /* a SHUT so late is dropped */
	EXERCISE_MAX_MS = 60000,    /* other position and back */
	TAG_MAX = 64,
	TEST_MINUTES_MAX = 10,
	TEST_STARTS_MAX = 6, /* in 24 h, on a sealed unit */
};

enum relay_move_key {
	RELAY_MOVE_POSITION = 1,
	RELAY_MOVE_WHEN = 2,
	RELAY_MOVE_AT = 3,
	RELAY_MOVE_HOLD = 4,
	RELAY_MOVE_TAG = 5,
	RELAY_MOVE_EXPECT = 6,
};

struct relay_move {
	uint64_t has;
	uint8_t position;      /* enum relay_position */
	uint8_t when;          /* enum relay_when */
	uint32_t at;           /* with WHEN_AT: UTC seconds */
	uint32_t hold_s;       /* undone by itself unless confirmed in time */
	char tag[TAG_MAX + 1]; /* with OPEN now: tag out in the same change */
	uint8_t expect; /* refused (interlock) unless the relay stands so */
	struct change change;
};

enum relay_confirm_key { RELAY_CONFIRM_MOVE = 1 };

struct relay_confirm {
	uint64_t has;
	struct octets move; /* id of the change that moved with a hold */
	struct change change;
};

enum relay_moved_key {
	RELAY_MOVED_CHANGED = 1,
	RELAY_MOVED_STATE = 2,
	RELAY_MOVED_FEEDBACK = 3,
	RELAY_MOVED_PENDING_ACTION = 4,
	RELAY_MOVED_PENDING_AT = 5,
	RELAY_MOVED_HOLD_RETURNS_TO = 6,
	RELAY_MOVED_HOLD_AT = 7,
	RELAY_MOVED_FEEDBACK_OTHER = 8,
	RELAY_MOVED_VOLTAGE_FOLLOWED = 9,
};

/* Answer to relay move, cancel, confirm, exercise, tag and untag. */
struct relay_moved {
	uint64_t has;
	bool changed;
	uint8_t state;          /* position the relay was last driven to */
	uint8_t feedback;       /* what the contact says */
	uint8_t pending_action; /* a scheduled move, if any */
	uint32_t pending_at;
	uint8_t hold_returns_to; /* a running hold, if any */
	uint32_t hold_at;
	uint8_t feedback_other; /* exercise: contact in the other position */
	bool voltage_followed;  /* exercise: the DER side's voltage too */
};

enum tag_set_key { TAG_SET_TEXT = 1 };

struct tag_set {
	uint64_t has;
	char text[TAG_MAX + 1];
	struct change change;
};

enum test_start_key { TEST_START_MINUTES = 1, TEST_START_RELAY = 2 };

struct test_start {
	uint64_t has;
	uint8_t minutes; /* 1 to TEST_MINUTES_MAX; absent: that */
	bool relay;      /* exercise the relay and return it */
	struct change change;
};

enum test_state_key {
	TEST_STATE_ACTIVE = 1,
	TEST_STATE_REMAINING = 2,
	TEST_STATE_ENDS_AT = 3,
};

/* Answer to test start and stop. */
struct test_state {
	uint64_t has;
	bool active;
	uint32_t remaining_s;
	uint32_t ends_at;
};

enum outcome_ask_key { OUTCOME_ASK_ID = 1 };

struct outcome_ask {
	uint64_t has;
	struct octets id;
};

enum outcome_kind {
	OUTCOME_DONE,
	OUTCOME_NOT_SEEN,
	OUTCOME_INTERRUPTED,
	OUTCOME_RUNNING,
};

extern const char *const outcome_names[];

enum outcome_key {
	OUTCOME_OUTCOME = 1,
	OUTCOME_OP = 2,
	OUTCOME_STATUS = 3,
	OUTCOME_RESULT = 4,
	OUTCOME_FEEDBACK = 5,
};

struct outcome {
	uint64_t has;
	uint8_t outcome;    /* enum outcome_kind */
	uint8_t op;         /* the change's op code, unless not seen */
	uint8_t status;     /* done: the status it was answered with */
	struct blob result; /* done: the encoded result map of that answer */
	uint8_t feedback;   /* interrupted: what the relay's contact says now */
};

extern const struct message msg_relay_move;    /* struct relay_move */
extern const struct message msg_relay_confirm; /* struct relay_confirm */
extern const struct message msg_relay_moved;   /* struct relay_moved */
extern const struct message msg_tag_set;       /* struct tag_set */
extern const struct message msg_test_start;    /* struct test_start */
extern const struct message msg_test_state;    /* struct test_state */
extern const struct message msg_outcome_ask;   /* struct outcome_ask */
extern const struct message msg_outcome;       /* struct outcome */

#endif
