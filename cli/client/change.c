/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A change is made at most once.  When its answer is lost the collar is asked
 * for the outcome of its id, which it keeps over restarts; only what it has not
 * seen is sent again, under the same id.
 */

#include "exchange.h"

#include <inttypes.h>
#include <string.h>

enum {
	TRIES = 3,
	ROUNDS = 3,        /* of asking for an outcome */
	RESTART_MS = 1000, /* that a unit takes to come back */
	PATIENCE_S = 15,   /* with too_soon */
};

static void
change_head(struct client *client, const struct op *op, void *args)
{
	const struct hello_answer *answer = &client->answer;
	struct change *change = change_in(op->args, args);
	struct plain_change *head = args; /* `has` is first in every one */

	LACK(head, CHANGE_UNIT);
	LACK(head, CHANGE_HARDWARE_ID);
	if (HAS(answer, HELLO_ANSWER_SERIAL)) {
		memcpy(change->unit, answer->serial, sizeof(change->unit));
		HAVE(head, CHANGE_UNIT);
	} else {
		change->hardware_id = answer->hardware_id;
		HAVE(head, CHANGE_HARDWARE_ID);
	}
	change->id.len = CHANGE_ID_LEN;
	memcpy(change->id.at, client->change_id, CHANGE_ID_LEN);
	HAVE(head, CHANGE_ID);
	memcpy(change->holder, client->holder, sizeof(change->holder));
	HAVE(head, CHANGE_HOLDER);
}

/*
 * A clock is set to the time of the sending: a repeat, or a wait between, would
 * set it back by its delay.
 */
static void
change_time(const struct client *client, const struct op *op, void *args)
{
	struct clock_set *set = args;

	if (op->code != OP_CLOCK_SET)
		return;
	set->utc_ms = link_now_utc_ms(client->link);
	HAVE(set, CLOCK_UTC);
}

static void
change_mark(const struct client *client, struct failure *failure)
{
	failure->outcome_unknown = true;
	for (size_t i = 0; i < CHANGE_ID_LEN; i++)
		snprintf(failure->change_id + 2 * i, 3, "%02x",
		    client->change_id[i]);
}

/* Marks a failure after which nobody knows what became of the change. */
static int
change_unsure(const struct client *client, struct failure *failure)
{
	change_mark(client, failure);

	return fail_hint(failure,
	    "ask with `collarctl outcome %s` before doing anything else",
	    failure->change_id);
}

/* The same, where an answer came and is not understood: for whoever asked,
 * that is not known. */
static int
change_unclear(const struct client *client, struct failure *failure)
{
	failure->err = E_UNKNOWN;

	return change_unsure(client, failure);
}

static int
change_lost(const struct client *client, const struct op *op, int err,
    struct failure *failure)
{
	if (err == E_INTERRUPTED)
		fail(failure, err, "%s: interrupted while it was under way",
		    op->name);
	else
		fail(failure, E_UNKNOWN,
		    "%s: sent to %s, but it is not known whether it was done",
		    op->name, client->link->port);

	return change_unsure(client, failure);
}

static int
change_cut(const struct client *client, const struct op *op,
    const struct outcome *outcome, struct failure *failure)
{
	const char *contact = "";

	if (HAS(outcome, OUTCOME_FEEDBACK))
		contact = outcome->feedback == RELAY_OPEN
		    ? ": its relay's contact says OPEN now"
		    : ": its relay's contact says SHUT now";
	fail(failure, E_UNKNOWN, "%s: the unit restarted in the middle of it%s",
	    op->name, contact);
	change_unsure(client, failure);

	return fail_hint(
	    failure, "see `collarctl status` for what the unit does now");
}

static int
outcome_ask(
    struct client *client, struct outcome *outcome, struct failure *failure)
{
	struct outcome_ask ask = { .id.len = CHANGE_ID_LEN };

	memcpy(ask.id.at, client->change_id, CHANGE_ID_LEN);
	HAVE(&ask, OUTCOME_ASK_ID);

	return client_call(client, OP_OUTCOME, &ask, outcome, failure);
}

/* After a lost answer: hello, since the unit may have restarted. */
static int
outcome_recover(struct client *client, struct outcome *outcome)
{
	int err = E_NO_ANSWER;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct failure failure = { .err = E_OK };

		if (i > 0 && link_wait(client->link, RESTART_MS) != E_OK)
			return E_INTERRUPTED;
		err = client_reconnect(client);
		if (err != E_OK)
			return err;
		err = client_hello(client, &failure);
		if (err == E_OK)
			err = outcome_ask(client, outcome, &failure);
		if (err == E_OK || err == E_INTERRUPTED || err == E_WRONG_UNIT)
			return err;
	}

	return err;
}

static int
outcome_poll(struct client *client, struct outcome *outcome)
{
	struct failure failure = { .err = E_OK };
	int err;

	if (link_wait(client->link, WORK_POLL_MS) != E_OK)
		return E_INTERRUPTED;
	err = outcome_ask(client, outcome, &failure);

	return err == E_NO_ANSWER ? outcome_recover(client, outcome) : err;
}

/* What an outcome that is not `running` means for the change. */
static int
outcome_settle(struct client *client, const struct op *op,
    const struct outcome *outcome, void *result, struct failure *failure)
{
	int err;

	if (outcome->outcome == OUTCOME_INTERRUPTED)
		return change_cut(client, op, outcome, failure);
	if (outcome->outcome != OUTCOME_DONE || outcome->op != op->code)
		return change_lost(client, op, E_UNKNOWN, failure);
	err = result_read(op, outcome->status, outcome->result.at,
	    outcome->result.len, result, failure);

	return err == E_PROTOCOL ? change_unclear(client, failure) : err;
}

/* Work that the collar accepted: asked after until it is done. */
static int
change_follow(struct client *client, const struct op *op, void *result,
    struct failure *failure)
{
	uint64_t end_ms = link_now_ms(client->link) + WORK_MS;

	while (link_now_ms(client->link) < end_ms) {
		struct outcome outcome;
		int err = outcome_poll(client, &outcome);

		if (err != E_OK)
			return change_lost(client, op, err, failure);
		if (outcome.outcome != OUTCOME_RUNNING)
			return outcome_settle(
			    client, op, &outcome, result, failure);
	}

	return change_lost(client, op, E_UNKNOWN, failure);
}

static int
change_answered(struct client *client, const struct op *op,
    const struct envelope *env, void *result, struct failure *failure)
{
	int err;

	if (env->what == ST_ACCEPTED)
		return change_follow(client, op, result, failure);
	err = response_read(op, env, result, failure);

	return err == E_PROTOCOL ? change_unclear(client, failure) : err;
}

/* The change under one id, however often it has to be sent. */
static int
change_once(struct client *client, const struct op *op, void *args,
    void *result, struct failure *failure)
{
	struct request request;
	struct envelope env;
	struct outcome outcome;

	for (unsigned i = 0; i < TRIES; i++) {
		struct failure lost = { .err = E_OK };
		int err;

		change_time(client, op, args);
		err = request_make(client, &request, op->code, args, failure);
		if (err != E_OK)
			return err;
		err = request_ask(client, &request, 1, &env, &lost);
		if (err == E_OK)
			return change_answered(
			    client, op, &env, result, failure);
		if (!client->sent) {
			*failure = lost;
			return err;
		}
		if (err != E_INTERRUPTED)
			err = outcome_recover(client, &outcome);
		if (err != E_OK)
			return change_lost(client, op, err, failure);
		if (outcome.outcome == OUTCOME_RUNNING)
			return change_follow(client, op, result, failure);
		if (outcome.outcome != OUTCOME_NOT_SEEN)
			return outcome_settle(
			    client, op, &outcome, result, failure);
	}

	return fail(failure, E_NO_ANSWER,
	    "%s: the collar answers, but this did not get through", op->name);
}

static bool
may_wait(int err, const struct failure *failure, uint32_t left_s)
{
	return err == E_TOO_SOON && HAS(&failure->detail, ERROR_RETRY_AFTER) &&
	    failure->detail.retry_after_s > 0 &&
	    failure->detail.retry_after_s <= left_s;
}

/* A unit holds the identity that it took, and goes by it from here on. */
static void
identity_follow(struct client *client, const struct unit_record *taken)
{
	struct hello_answer *answer = &client->answer;

	if (HAS(taken, RECORD_SERIAL)) {
		memcpy(answer->serial, taken->serial, sizeof(answer->serial));
		HAVE(answer, HELLO_ANSWER_SERIAL);
	}
	if (HAS(taken, RECORD_MODEL)) {
		memcpy(answer->model, taken->model, sizeof(answer->model));
		HAVE(answer, HELLO_ANSWER_MODEL);
	}
}

int
client_change(struct client *client, enum op_code op, void *args, void *result,
    struct failure *failure)
{
	const struct op *row = op_find(op);
	uint32_t left_s = PATIENCE_S;

	for (;;) {
		struct failure refused = { .err = E_OK };
		int err =
		    random_bytes(client->change_id, CHANGE_ID_LEN, failure);

		if (err != E_OK)
			return err;
		change_head(client, row, args);
		err = change_once(client, row, args, result, &refused);
		if (err == E_OK) {
			client->changed = true;
			if (op == OP_SET || op == OP_PROVISION)
				identity_follow(client,
				    &((struct record_change *)args)->record);
			return E_OK;
		}
		if (!may_wait(err, &refused, left_s)) {
			*failure = refused;
			return err;
		}
		left_s -= refused.detail.retry_after_s;
		if (link_wait(client->link,
			refused.detail.retry_after_s * 1000) != E_OK)
			return fail(failure, E_INTERRUPTED,
			    "%s: interrupted, nothing was done", row->name);
	}
}

int
client_settle(struct client *client, struct failure *failure)
{
	bool line = failure->err == E_NO_ANSWER || failure->err == E_PROTOCOL ||
	    (client != NULL && client->untold);
	bool changed = client != NULL && client->changed;

	if (client != NULL)
		client->changed = client->untold = false;
	if (!changed || failure->err == E_OK || failure->outcome_unknown ||
	    (!line && failure->err != E_INTERRUPTED))
		return failure->err;
	if (line)
		failure->err = E_UNKNOWN;
	if (!line && failure->hint[0] != '\0')
		change_mark(client, failure); /* whoever waited knows more */
	else
		change_unsure(client, failure);

	return failure->err;
}
