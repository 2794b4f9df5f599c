/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Carries out what the relay's logic decides: commit, drive, log, answer, in
 * this order.  Test mode is here too, since it may exercise the relay.
 */

#include <string.h>

#include "kept.h"
#include "relay_parts.h"
#include "state.h"

/* Nothing makes the relay's logic take more steps at one instant than this. */
enum { STEPS_MAX = 8 };

static void
drive(struct collar *collar, const struct relay_effects *effects)
{
	const struct board *board = collar->board;

	if (effects->drive)
		board->ops->relay_drive(
		    board->self, effects->position == RELAY_SHUT);
}

/* Notes how a move has ended, unless newer changes have crowded it out. */
static void
finished_put(struct collar *collar, const struct relay_effects *effects,
    struct outcome *outcome)
{
	const uint8_t *id = effects->id.at;
	bool known = outcome_get(&collar->outcomes, id, outcome);
	struct cbor_out out =
	    cbor_writer(outcome->result.at, sizeof(outcome->result.at));

	outcome->outcome = OUTCOME_DONE;
	outcome->status = effects->status;
	if (effects->status == ST_OK)
		message_encode(&msg_relay_moved, &effects->moved, &out);
	else
		message_encode(&msg_error_detail, &effects->detail, &out);
	outcome->result.len = (uint8_t)cbor_len(&out, outcome->result.at);
	if (known)
		outcome_put(&collar->outcomes, id, outcome);
}

static bool
step_commit(struct collar *collar, const struct relay_effects *effects)
{
	uint8_t bytes[KEPT_MAX];
	struct store_item items[2];
	size_t count = 0;

	if (effects->commit)
		items[count++] = relay_item(&collar->relay.kept, bytes);
	if (effects->finished)
		items[count++] = outcomes_item(&collar->outcomes);
	return count == 0 || collar_commit(collar, items, count);
}

static void
step_carry_out(struct collar *collar, struct relay_effects *effects)
{
	struct unit_now unit = collar_now(collar);
	struct outcome outcome;

	if (effects->finished)
		finished_put(collar, effects, &outcome);
	if (!step_commit(collar, effects)) {
		relay_uncommitted(&collar->relay, &unit, effects);
		if (effects->status == ST_OK)
			effects->status = ST_MEMORY_FAULT;
		if (effects->finished)
			finished_put(collar, effects, &outcome);
	}
	drive(collar, effects);
	collar_log_relay(collar, effects);
	if (effects->finished)
		dispatch_finish(collar, effects->id.at, &outcome);
}

void
moves_step(struct collar *collar)
{
	struct relay_effects effects;

	for (unsigned i = 0; i < STEPS_MAX; i++) {
		struct unit_now unit = collar_now(collar);

		if (!relay_step(&collar->relay, &unit, &effects))
			return;
		step_carry_out(collar, &effects);
	}
}

static struct relay_asker
asker_of(const struct collar *collar)
{
	const struct request *request = &collar->request;

	return (struct relay_asker){
		.role = request->role,
		.holder = request->change.holder,
		.id = request->change.id,
	};
}

void
moves_forget(struct collar *collar, struct relay_effects *effects)
{
	struct unit_now unit = collar_now(collar);
	struct relay_asker asker = asker_of(collar);

	relay_forget(&collar->relay, &unit, &asker, effects);
}

/*
 * Commits relay and outcome as the request has left them, and test, if it is
 * not NULL.
 */
static int
request_commit(struct collar *collar, const struct relay_effects *effects,
    const struct store_item *test, bool done)
{
	uint8_t bytes[KEPT_MAX];
	struct store_item items[CHANGE_ITEMS_MAX];
	size_t count = 0;

	if (effects->finished) {
		struct outcome outcome;

		finished_put(collar, effects, &outcome);
	}
	if (effects->commit)
		items[count++] = relay_item(&collar->relay.kept, bytes);
	if (test != NULL)
		items[count++] = *test;
	return done ? change_commit(collar, items, count)
		    : change_begin(collar, items, count);
}

/*
 * An OPEN is made even when nothing can be saved, and ends what would SHUT by
 * itself: then it is answered with memory_fault, once the contact has followed.
 */
static bool
opens_regardless(
    const struct collar *collar, const struct relay_effects *effects)
{
	const struct relay_move *move = &collar->args.relay_move;

	if (collar->request.op == OP_RELAY_MOVE)
		return move->position == RELAY_OPEN && move->when == WHEN_NOW;
	return collar->request.op == OP_TAG && effects->drive;
}

/* Does what a relay request has decided, and returns its answer. */
static int
request_carry_out(struct collar *collar, const struct relay *before,
    const struct relay_effects *effects, int status)
{
	int saved;

	if (status != ST_OK && status != ST_ACCEPTED) {
		collar->detail = effects->detail;
		return status;
	}
	if (status == ST_OK)
		collar->result.moved = effects->moved;
	saved = request_commit(collar, effects, NULL, status == ST_OK);
	if (saved != ST_OK && !opens_regardless(collar, effects)) {
		collar->relay = *before;
		return saved;
	}
	drive(collar, effects);
	collar_log_relay(collar, effects);
	if (status == ST_OK)
		return saved;
	if (collar->request.op == OP_RELAY_EXERCISE)
		return status;
	dispatch_wait(collar);
	return ANSWER_LATER;
}

/* What the relay's logic says to the request at hand. */
static enum status
relay_decide(struct collar *collar, struct relay_effects *effects)
{
	struct relay *relay = &collar->relay;
	const union request_args *args = &collar->args;
	struct unit_now unit = collar_now(collar);
	struct relay_asker asker = asker_of(collar);

	switch (collar->request.op) {
	case OP_RELAY_MOVE:
		return relay_move(
		    relay, &unit, &asker, &args->relay_move, effects);
	case OP_RELAY_CANCEL:
		return relay_cancel(relay, &unit, &asker, effects);
	case OP_RELAY_CONFIRM:
		return relay_confirm(
		    relay, &unit, &asker, &args->relay_confirm.move, effects);
	case OP_RELAY_EXERCISE:
		return relay_exercise(relay, &unit, &asker, effects);
	case OP_TAG:
		return relay_tag(
		    relay, &unit, &asker, args->tag_set.text, effects);
	case OP_UNTAG:
		return relay_untag(relay, &unit, &asker, effects);
	default:
		effects_clear(effects);
		return ST_UNSUPPORTED;
	}
}

int
on_relay(struct collar *collar)
{
	struct relay before = collar->relay;
	struct relay_effects effects;
	int status = (int)relay_decide(collar, &effects);

	return request_carry_out(collar, &before, &effects, status);
}

static int
test_carry_out(struct collar *collar, const struct relay_effects *effects,
    enum event_kind kind)
{
	struct unit_now unit = collar_now(collar);
	uint8_t bytes[KEPT_SMALL_MAX];
	struct store_item test = test_item(&collar->test.kept, bytes);

	testmode_answer(&collar->test, &unit, &collar->result.test);
	if (request_commit(collar, effects, &test, true) != ST_OK)
		return ST_MEMORY_FAULT;
	drive(collar, effects);
	collar_log_request(collar, kind);
	collar_log_relay(collar, effects);
	return ST_OK;
}

/* The exercise that belongs to the test runs under nobody's id. */
static int
test_exercise(struct collar *collar, struct relay_effects *effects)
{
	struct unit_now unit = collar_now(collar);
	struct relay_asker asker = asker_of(collar);
	int status;

	effects_clear(effects);
	if (!collar->args.test_start.relay)
		return ST_OK;
	asker.id.len = 0;
	status = (int)relay_exercise(&collar->relay, &unit, &asker, effects);
	if (status == ST_ACCEPTED)
		return ST_OK;
	collar->detail = effects->detail;
	return status;
}

int
on_test_start(struct collar *collar)
{
	struct relay relay = collar->relay;
	struct testmode test = collar->test;
	struct unit_now unit = collar_now(collar);
	struct relay_effects effects;
	int status = (int)testmode_begin(&collar->test, &unit,
	    &collar->args.test_start, relay.kept.tag.set, &collar->detail);

	if (status == ST_OK)
		status = test_exercise(collar, &effects);
	if (status == ST_OK)
		status = test_carry_out(collar, &effects, EVENT_TEST_STARTED);
	if (status != ST_OK) {
		collar->relay = relay;
		collar->test = test;
	}
	return status;
}

int
on_test_stop(struct collar *collar)
{
	struct testmode before = collar->test;
	struct relay_effects effects;
	int status;

	effects_clear(&effects);
	if (!testmode_stop(&collar->test))
		return ST_NOTHING_PENDING;
	status = test_carry_out(collar, &effects, EVENT_TEST_ENDED);
	if (status != ST_OK)
		collar->test = before;
	return status;
}
