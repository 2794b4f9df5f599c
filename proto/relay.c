/* SPDX-License-Identifier: BSD-2-Clause */
#include "relay.h"

const char *const relay_position_names[] = { "open", "shut", NULL };

const char *const relay_when_names[] = { "now", "top_of_hour", "at", NULL };

const char *const outcome_names[] = { "done", "not_seen", "interrupted",
	"running", NULL };

/* A row for a position of the relay. */
#define POSITION(s, member, name, key, presence, help) \
	FIELD_SHOWN(s, member, name, key, presence, RELAY_OPEN, RELAY_SHUT, \
	    SHOW_NAME, relay_position_names, "", help)

static const struct field relay_move_fields[] = {
	POSITION(struct relay_move, position, "position", RELAY_MOVE_POSITION,
	    REQUIRED, "where the relay is to go"),
	FIELD_SHOWN(struct relay_move, when, "when", RELAY_MOVE_WHEN, OPTIONAL,
	    WHEN_NOW, WHEN_AT, SHOW_NAME, relay_when_names, "",
	    "when; now if absent"),
	FIELD_SHOWN(struct relay_move, at, "at", RELAY_MOVE_AT, OPTIONAL, 0,
	    UINT32_MAX, SHOW_UTC, NULL, "s since 1970, UTC",
	    "the time, with `at`"),
	FIELD_PLAIN(struct relay_move, hold_s, "hold_s", RELAY_MOVE_HOLD,
	    OPTIONAL, 1, HOLD_MAX_S, "s",
	    "undone after that time unless confirmed"),
	FIELD_ROW(struct relay_move, tag, "tag", RELAY_MOVE_TAG, OPTIONAL, 1,
	    TAG_MAX, RULE_PRINTABLE, ROLE_NOBODY, SHOW_PLAIN, NULL, "",
	    "tag out in the same change"),
	POSITION(struct relay_move, expect, "expect", RELAY_MOVE_EXPECT,
	    OPTIONAL, "refused unless the relay stands so"),
	CHANGE_ROWS(struct relay_move),
};

static const struct field relay_confirm_fields[] = {
	FIELD_PLAIN(struct relay_confirm, move, "move", RELAY_CONFIRM_MOVE,
	    REQUIRED, CHANGE_ID_LEN, CHANGE_ID_LEN, "",
	    "id of the move with a hold"),
	CHANGE_ROWS(struct relay_confirm),
};

static const struct field relay_moved_fields[] = {
	FIELD_PLAIN(struct relay_moved, changed, "changed", RELAY_MOVED_CHANGED,
	    REQUIRED, 0, 1, "", "whether anything was not so before"),
	POSITION(struct relay_moved, state, "state", RELAY_MOVED_STATE,
	    REQUIRED, "position the relay was last driven to"),
	POSITION(struct relay_moved, feedback, "feedback", RELAY_MOVED_FEEDBACK,
	    REQUIRED, "what the contact says"),
	POSITION(struct relay_moved, pending_action, "pending.action",
	    RELAY_MOVED_PENDING_ACTION, OPTIONAL, "scheduled move"),
	FIELD_SHOWN(struct relay_moved, pending_at, "pending.at",
	    RELAY_MOVED_PENDING_AT, OPTIONAL, 0, UINT32_MAX, SHOW_UTC, NULL,
	    "s since 1970, UTC", "when it is due"),
	POSITION(struct relay_moved, hold_returns_to, "hold.returns_to",
	    RELAY_MOVED_HOLD_RETURNS_TO, OPTIONAL,
	    "where a running hold goes back to"),
	FIELD_SHOWN(struct relay_moved, hold_at, "hold.at", RELAY_MOVED_HOLD_AT,
	    OPTIONAL, 0, UINT32_MAX, SHOW_UTC, NULL, "s since 1970, UTC",
	    "when it does"),
	POSITION(struct relay_moved, feedback_other, "feedback_other",
	    RELAY_MOVED_FEEDBACK_OTHER, OPTIONAL,
	    "exercise: what the contact said in the other position"),
	FIELD_PLAIN(struct relay_moved, voltage_followed, "voltage_followed",
	    RELAY_MOVED_VOLTAGE_FOLLOWED, OPTIONAL, 0, 1, "",
	    "exercise: whether the DER side's voltage followed"),
};

static const struct field tag_set_fields[] = {
	FIELD_ROW(struct tag_set, text, "text", TAG_SET_TEXT, REQUIRED, 1,
	    TAG_MAX, RULE_PRINTABLE, ROLE_NOBODY, SHOW_PLAIN, NULL, "",
	    "why the unit is tagged out"),
	CHANGE_ROWS(struct tag_set),
};

static const struct field test_start_fields[] = {
	FIELD_PLAIN(struct test_start, minutes, "minutes", TEST_START_MINUTES,
	    OPTIONAL, 1, TEST_MINUTES_MAX, "min",
	    "how long; the most there is if absent"),
	FIELD_PLAIN(struct test_start, relay, "relay", TEST_START_RELAY,
	    OPTIONAL, 0, 1, "", "exercise the relay and return it"),
	CHANGE_ROWS(struct test_start),
};

static const struct field test_state_fields[] = {
	FIELD_PLAIN(struct test_state, active, "active", TEST_STATE_ACTIVE,
	    REQUIRED, 0, 1, "", "whether the unit is in test mode"),
	FIELD_PLAIN(struct test_state, remaining_s, "remaining_s",
	    TEST_STATE_REMAINING, OPTIONAL, 0, (int64_t)TEST_MINUTES_MAX * 60,
	    "s", "time until it ends by itself"),
	FIELD_SHOWN(struct test_state, ends_at, "ends_at", TEST_STATE_ENDS_AT,
	    OPTIONAL, 0, UINT32_MAX, SHOW_UTC, NULL, "s since 1970, UTC",
	    "when it ends by itself"),
};

static const struct field outcome_ask_fields[] = {
	FIELD_PLAIN(struct outcome_ask, id, "id", OUTCOME_ASK_ID, REQUIRED,
	    CHANGE_ID_LEN, CHANGE_ID_LEN, "", "id of the change"),
};

static const struct field outcome_fields[] = {
	FIELD_SHOWN(struct outcome, outcome, "outcome", OUTCOME_OUTCOME,
	    REQUIRED, OUTCOME_DONE, OUTCOME_RUNNING, SHOW_NAME, outcome_names,
	    "", "what became of the change"),
	FIELD_PLAIN(struct outcome, op, "op", OUTCOME_OP, OPTIONAL, 0,
	    UINT8_MAX, "", "its op code, unless it was not seen"),
	FIELD_PLAIN(struct outcome, status, "status", OUTCOME_STATUS, OPTIONAL,
	    0, UINT8_MAX, "", "done: the status it was answered with"),
	FIELD_PLAIN(struct outcome, result, "result", OUTCOME_RESULT, OPTIONAL,
	    0, BLOB_MAX, "", "done: the result map it was answered with"),
	POSITION(struct outcome, feedback, "feedback", OUTCOME_FEEDBACK,
	    OPTIONAL, "interrupted: what the relay's contact says now"),
};

MESSAGE(msg_relay_move, "relay-move", struct relay_move, relay_move_fields,
    "move the DER relay, now or later");
MESSAGE(msg_relay_confirm, "relay-confirm", struct relay_confirm,
    relay_confirm_fields, "keep a move that was made with a hold");
MESSAGE(msg_relay_moved, "relay-moved", struct relay_moved, relay_moved_fields,
    "how the relay stands after a change");
MESSAGE(
    msg_tag_set, "tag-set", struct tag_set, tag_set_fields, "tag the unit out");
MESSAGE(msg_test_start, "test-start", struct test_start, test_start_fields,
    "begin test mode");
MESSAGE(msg_test_state, "test-state", struct test_state, test_state_fields,
    "how test mode stands");
MESSAGE(msg_outcome_ask, "outcome-ask", struct outcome_ask, outcome_ask_fields,
    "ask what became of a change");
MESSAGE(msg_outcome, "outcome", struct outcome, outcome_fields,
    "what became of a change");
